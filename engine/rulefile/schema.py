"""Checks values against JSON Schema fragments; the only importer of `jsonschema`, and only where types do not do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..node import MAPPING, SEQUENCE, Node
from ..suggest import listing, suggest
from ..value import Value
from .form import Form, describe_value
from .plain_schema import NOTES, fits, is_sound, is_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_TYPES = ("string", "number", "integer", "boolean", "object", "array", "null")
_TYPE_WORDS = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "`true` or `false`",
    "object": "a mapping",
    "array": "a list",
    "null": "null",
}
_CHECKED_HERE = NOTES | {"type", "items"}
_ONE = tuple(
    "items contains additionalProperties propertyNames not if then else"  # noqa: SIM905 - a word a line is no table
    " unevaluatedItems unevaluatedProperties contentSchema".split()
)
_SEVERAL = ("allOf", "anyOf", "oneOf", "prefixItems", "properties", "patternProperties", "dependentSchemas", "$defs")
_OTHER = tuple(
    "type enum const required dependentRequired format pattern minimum maximum"  # noqa: SIM905 - as above
    " exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength minItems maxItems uniqueItems minContains"
    " maxContains minProperties maxProperties readOnly writeOnly contentEncoding contentMediaType"
    " $ref $anchor $id $dynamicRef $dynamicAnchor $schema".split()
)
KEYWORDS = (*sorted(NOTES), *_OTHER, *_ONE, *_SEVERAL)
"""What a schema may say: the keywords of JSON Schema 2020-12."""


def check_schema(form: Form, node: Node, schema: Mapping[str, Any]) -> None:
    """Record what is wrong with the schema at `node`, whose data is `schema`: unknown keywords, wrong values."""
    before = len(form.messages)
    _check_keywords(form, node)
    if len(form.messages) > before or _only_types(schema) or is_sound(schema):
        return
    for path, text in _library_schema_errors(schema):
        form.wrong(_at(node, path), text)


def mismatches(value: Value, schema: Mapping[str, Any]) -> list[str]:
    """What keeps `value` from being what `schema` asks for, one sentence each; nothing if it fits."""
    if _only_types(schema):
        return list(_type_mismatches(value, schema, ""))
    if is_sound(schema) and fits(value, schema):
        return []
    return list(_library_mismatches(value, schema))


def type_names(schema: Mapping[str, Any]) -> list[str]:
    """The JSON types that `schema` allows at its top level; empty if it names none."""
    names = schema.get("type", [])
    return [names] if isinstance(names, str) else list(names)


def type_words(schema: Mapping[str, Any]) -> str:
    """The types that `schema` allows as a sentence says them: "text or null"; "" if it names none."""
    return " or ".join(_TYPE_WORDS[name] for name in type_names(schema))


def _check_keywords(form: Form, node: Node) -> None:
    if node.kind != MAPPING:
        if not isinstance(node.value, bool):  # true and false are schemas too
            form.wrong(node, f"a schema must be a mapping such as `type: string`; found {describe_value(node.value)}")
        return
    for key, child in node.value.items():
        if key not in KEYWORDS:
            form.unknown_key(child, key, "a JSON Schema", KEYWORDS)
        elif key == "type":
            _check_type(form, child)
        elif key in _ONE:
            _check_keywords(form, child)
        elif key in _SEVERAL and child.kind in (MAPPING, SEQUENCE):
            for each in child.value.values() if child.kind == MAPPING else child.value:
                _check_keywords(form, each)


def _check_type(form: Form, node: Node) -> None:
    for each in form.one_or_more(node, "`type`"):
        name = form.text(each, "`type`")
        if name and name not in _TYPES:
            hint = suggest(name, _TYPES) or f"; types are {listing(_TYPES)}"
            form.wrong(each, f"there is no type `{name}`{hint}")


def _at(node: Node, path: list[str | int]) -> Node:
    for step in path:
        if (node.kind == MAPPING and step in node.value) or (node.kind == SEQUENCE and isinstance(step, int)):
            node = node.value[step]
    return node


def _only_types(schema: Mapping[str, Any]) -> bool:
    items = schema.get("items")
    return schema.keys() <= _CHECKED_HERE and (items is None or (isinstance(items, dict) and _only_types(items)))


def _type_mismatches(value: Value, schema: Mapping[str, Any], where: str) -> Iterator[str]:
    names = type_names(schema)
    if names and not any(is_type(value, name) for name in names):
        yield f"{where}must be {type_words(schema)}; found {describe_value(value)}"
    elif isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            yield from _type_mismatches(item, schema["items"], f"{where}item {index} ")


def _library_schema_errors(schema: Mapping[str, Any]) -> Iterator[tuple[list[str | int], str]]:
    from jsonschema import Draft202012Validator as Validator  # 0.15 s, and most runs need none of it

    for error in Validator(Validator.META_SCHEMA).iter_errors(schema):
        yield list(error.absolute_path), f"this is no JSON Schema: {_sentence(error)}"


def _library_mismatches(value: Value, schema: Mapping[str, Any]) -> Iterator[str]:
    from jsonschema import Draft202012Validator as Validator
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    registry: Registry[Any] = Registry()  # an empty one: the library's own would fetch what `$ref` names
    try:
        yield from dict.fromkeys(map(_sentence, Validator(dict(schema), registry=registry).iter_errors(value)))
    except Unresolvable as error:
        yield f"cannot be checked: its schema refers to `{error.ref}`, which is not in it"


def _sentence(error: Any) -> str:
    where = "".join(f"item {step} " if isinstance(step, int) else f"`{step}` " for step in error.absolute_path)
    write = _SENTENCES.get(error.validator)
    if error.validator == "not" and not error.validator_value and "description" in error.schema:
        text = f"is not allowed: {error.schema['description']}"  # `not: {}` fits nothing, and this says why
    else:
        text = write(error.instance, error.validator_value) if write else error.message  # the library's own words
    return f"{where}{text}"


_SENTENCES: dict[str, Callable[[Any, Any], str]] = {
    "type": lambda value, types: f"must be {type_words({'type': types})}; found {describe_value(value)}",
    "required": lambda value, keys: f"needs the key {listing(key for key in keys if key not in value)}",
    "enum": lambda value, choices: f"must be one of {listing(map(str, choices))}; found {describe_value(value)}",
    "const": lambda value, only: f"must be {describe_value(only)}; found {describe_value(value)}",
    "pattern": lambda value, pattern: f"must match the pattern `{pattern}`; found {describe_value(value)}",
    "not": lambda value, schema: (
        f"must not be one of {listing(map(str, schema['enum']))}; found {describe_value(value)}"
        if "enum" in schema
        else f"is one of the values that its schema excludes: {describe_value(value)}"
    ),
    "minimum": lambda value, least: f"must be {least} or more; found {describe_value(value)}",
    "maximum": lambda value, most: f"must be {most} or less; found {describe_value(value)}",
    "minLength": lambda value, least: f"must have {least} or more characters; found {describe_value(value)}",
    "maxLength": lambda value, most: f"must have {most} or fewer characters; found {describe_value(value)}",
    "minItems": lambda value, least: f"must have {least} or more items; found {len(value)}",
    "maxItems": lambda value, most: f"must have {most} or fewer items; found {len(value)}",
}
