"""Sees at once that a plain schema is sound and that a value fits it: the library for JSON Schema loads slowly.

What is not seen here may be sound and fit all the same; the library is asked then, and it says what is wrong.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..value import Value, is_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

NOTES = frozenset(("title", "description", "default", "examples", "deprecated", "$comment"))
"""Keywords that allow and forbid nothing."""

_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "number": is_number,
    "integer": lambda value: is_number(value) and (isinstance(value, int) or value.is_integer()),
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "null": lambda value: value is None,
}


def is_type(value: Value, name: str) -> bool:
    """Whether a value is of a type of JSON Schema."""
    return _TYPES[name](value)


def is_sound(schema: object) -> bool:
    """Whether `schema` is seen to be what JSON Schema 2020-12 takes for a schema."""
    if not isinstance(schema, dict):
        return isinstance(schema, bool)
    return all(key in _SOUND and _SOUND[key](said) for key, said in schema.items())


def fits(value: Value, schema: object) -> bool:
    """Whether `value` is seen to be what `schema`, which must be sound, asks for."""
    return _judge(value, schema) is True


def _judge(value: Value, schema: object) -> bool | None:
    """Whether `value` fits `schema`; None if that is not seen."""
    if not isinstance(schema, dict):
        return schema is True
    return _all(
        _FITS[key](value, said, schema) if key in _FITS else None for key, said in schema.items() if key not in _SILENT
    )


def _all(verdicts: Iterable[bool | None]) -> bool | None:
    found = list(verdicts)
    return False if False in found else None if None in found else True


def _any(verdicts: Iterable[bool | None]) -> bool | None:
    return _not(_all(map(_not, verdicts)))


def _not(verdict: bool | None, /) -> bool | None:  # noqa: FBT001 - what it turns round
    return None if verdict is None else not verdict


def _listed(said: Any) -> Any:
    return [said] if isinstance(said, str) else said


def _is_text(said: object) -> bool:
    return isinstance(said, str)


def _is_size(said: object) -> bool:
    return isinstance(said, int) and not isinstance(said, bool) and said >= 0


def _are_texts(said: object) -> bool:
    return isinstance(said, list) and bool(said) and all(map(_is_text, said)) and len(set(said)) == len(said)


def _are_schemas(said: object) -> bool:
    return isinstance(said, list) and bool(said) and all(map(is_sound, said))


def _are_named_schemas(said: object) -> bool:
    return isinstance(said, dict) and all(map(is_sound, said.values()))


_SOUND: Mapping[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("title", "description", "$comment", "pattern"), _is_text),
    **dict.fromkeys(("minimum", "maximum"), is_number),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), _is_size),
    **dict.fromkeys(("minProperties", "maxProperties"), _is_size),
    **dict.fromkeys(("items", "additionalProperties", "propertyNames", "not", "if", "then", "else"), is_sound),
    **dict.fromkeys(("enum", "required"), _are_texts),
    "type": lambda said: _are_texts(_listed(said)) and _TYPES.keys() >= set(_listed(said)),
    "default": lambda _said: True,
    "examples": lambda said: isinstance(said, list),
    "deprecated": lambda said: isinstance(said, bool),
    "properties": _are_named_schemas,
    "allOf": _are_schemas,
    "anyOf": _are_schemas,
}


def _judge_others(value: Value, said: object, schema: Mapping[str, Any]) -> bool | None:
    """`additionalProperties`: what is no property fits."""
    if not isinstance(value, dict):
        return True
    return _all(_judge(each, said) for key, each in value.items() if key not in schema.get("properties", ()))


def _judge_choice(value: Value, said: object, schema: Mapping[str, Any]) -> bool | None:
    """`if`: what fits it fits `then`, and what does not fits `else`."""
    chosen = _judge(value, said)
    return None if chosen is None else _judge(value, schema.get("then" if chosen else "else", True))


_SILENT = NOTES | {"then", "else"}
"""Keywords that say nothing by themselves."""

_FITS: Mapping[str, Callable[[Any, Any, Mapping[str, Any]], bool | None]] = {
    "type": lambda value, said, _: any(is_type(value, name) for name in _listed(said)),
    "enum": lambda value, said, _: isinstance(value, str) and value in said,
    "pattern": lambda value, said, _: not isinstance(value, str) or re.search(said, value) is not None,
    "minimum": lambda value, said, _: not is_number(value) or value >= said,
    "maximum": lambda value, said, _: not is_number(value) or value <= said,
    "minLength": lambda value, said, _: not isinstance(value, str) or len(value) >= said,
    "maxLength": lambda value, said, _: not isinstance(value, str) or len(value) <= said,
    "minItems": lambda value, said, _: not isinstance(value, list) or len(value) >= said,
    "maxItems": lambda value, said, _: not isinstance(value, list) or len(value) <= said,
    "minProperties": lambda value, said, _: not isinstance(value, dict) or len(value) >= said,
    "maxProperties": lambda value, said, _: not isinstance(value, dict) or len(value) <= said,
    "required": lambda value, said, _: not isinstance(value, dict) or all(key in value for key in said),
    "items": lambda value, said, _: not isinstance(value, list) or _all(_judge(each, said) for each in value),
    "properties": lambda value, said, _: (
        not isinstance(value, dict) or _all(_judge(value[key], each) for key, each in said.items() if key in value)
    ),
    "propertyNames": lambda value, said, _: not isinstance(value, dict) or _all(_judge(key, said) for key in value),
    "additionalProperties": _judge_others,
    "allOf": lambda value, said, _: _all(_judge(value, each) for each in said),
    "anyOf": lambda value, said, _: _any(_judge(value, each) for each in said),
    "not": lambda value, said, _: _not(_judge(value, said)),
    "if": _judge_choice,
}
