"""The pieces that JSON Schemas are built of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from ..rulefile.form import Fields

Schema: TypeAlias = Mapping[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"

IDENTIFIER = "^[A-Za-z_][A-Za-z0-9_]*$"
TEXT: Schema = {"type": "string", "minLength": 1}
ANY: Schema = {}


def described(schema: Schema, description: str) -> Schema:
    """A schema with the words that editors show."""
    return {**schema, "description": description}


def one_or_more(schema: Schema) -> Schema:
    """One value, or a list of at least one."""
    return {"anyOf": [schema, {"type": "array", "items": schema, "minItems": 1}]}


def mapping_of(values: Schema, names: str | None = IDENTIFIER) -> Schema:
    """A mapping with any keys that match the pattern `names`."""
    limits = {"propertyNames": {"pattern": names}} if names else {}
    return {"type": "object", "additionalProperties": values, **limits}


def list_of(items: Schema, least: int = 0) -> Schema:
    """A list of at least so many items."""
    return {"type": "array", "items": items, **({"minItems": least} if least else {})}


def choice(*values: Any) -> Schema:
    """One of some values."""
    return {"enum": list(values)}


def defined(name: str) -> Schema:
    """What the file defines under a name."""
    return {"$ref": f"#/$defs/{name}"}


def made_of(fields: Fields, keys: Mapping[str, Schema]) -> dict[str, Any]:
    """A mapping with the keys that the loader allows, each with its schema."""
    return strict({key: keys[key] for key in fields.all}, fields.needed)


def strict(properties: Mapping[str, Schema], required: Iterable[str]) -> dict[str, Any]:
    """A mapping with these keys and no others."""
    found: dict[str, Any] = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    needed = list(required)
    return {**found, "required": needed} if needed else found


def has(properties: Mapping[str, Schema]) -> Schema:
    """The condition that a mapping has these keys with such values."""
    return {"properties": properties, "required": list(properties)}


def switch(cases: Iterable[tuple[Schema, Schema]], otherwise: Schema) -> Schema:
    """The schema behind the first condition that holds: editors then show the mistakes of that one only."""
    found: Schema = otherwise
    for condition, schema in reversed(list(cases)):
        found = {"if": condition, "then": schema, "else": found}
    return {"type": "object", **found}


def at_most_one(*keys: str) -> list[Schema]:
    """The conditions that of some keys one may be there, and not two."""
    pairs = [(key, other) for place, key in enumerate(keys) for other in keys[place + 1 :]]
    return [{"not": {"required": list(pair)}} for pair in pairs]


def file_of(title: str, content: Schema, definitions: Mapping[str, Schema]) -> dict[str, Any]:
    """The schema of a whole file."""
    return {"$schema": DIALECT, "title": title, **content, "$defs": dict(definitions)}


GLOBS = described(one_or_more(TEXT), "A glob, or several of which one must match; `!glob` excludes.")
DESCRIPTION = described({"type": "string"}, "What it is for.")
EXPRESSION = described({"type": ["string", "boolean", "number"]}, "An expression, without `${ }`.")
MATCHES = described(
    {"type": ["string", "integer"], "pattern": r"^(\d+(\.\.\d*)?|\.\.\d+)$", "minimum": 0},
    'A count or a range: `"1.."`.',
)
PARAMS = described(mapping_of(ANY, None), "Values of parameters, by `NAME` or `RULESET:NAME`.")
