"""JSON Schemas of the files that people write, for editors: made from the definitions by which the loader reads them.

Which keys a mapping may have is said once, by the `Fields` of its reader and the keys of the verbs; here stands what a
key holds. A key without an entry here fails the first time that a schema is made, so no key can be forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from .evaluation.verb import VERBS
from .rulefile.action_form import COMMON_KEYS
from .rulefile.dialect import STANDARD
from .rulefile.fact_form import COMPONENTS, DERIVATION, TABLE
from .rulefile.library import API_VERSION, KIND, RULE_SET, WITHOUT_RULES
from .rulefile.part import PART, PART_KIND
from .rulefile.rule_file import METADATA, NAME
from .rulefile.rule_form import EXPECT, FILTER, RULE

if TYPE_CHECKING:
    from .evaluation.call import Kind, Verb
    from .rulefile.form import Fields

Schema = Mapping[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_IDENTIFIER = "^[A-Za-z_][A-Za-z0-9_]*$"
_ID = "^[a-z0-9-]+$"
_SIGNATURE = r"^[A-Za-z_]\w*\([\w\s,]*\)$"
_TEXT: Schema = {"type": "string", "minLength": 1}
_ANY: Schema = {}


def _described(schema: Schema, description: str) -> Schema:
    return {**schema, "description": description}


def _one_or_more(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "array", "items": schema, "minItems": 1}]}


def _map(values: Schema, names: str | None = _IDENTIFIER) -> Schema:
    limits = {"propertyNames": {"pattern": names}} if names else {}
    return {"type": "object", "additionalProperties": values, **limits}


def _list(items: Schema, least: int = 0) -> Schema:
    return {"type": "array", "items": items, **({"minItems": least} if least else {})}


def _choice(*values: Any) -> Schema:
    return {"enum": list(values)}


def _defined(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


_EXPRESSION = _described({"type": ["string", "boolean", "number"]}, "An expression, without `${ }`.")
_PATHS = _described(_one_or_more(_TEXT), "A path from `$` or a capture, or a list of paths, their union.")
_GLOBS = _described(_one_or_more(_TEXT), "A glob, or several of which one must match; `!glob` excludes.")
_DESCRIPTION = _described({"type": "string"}, "What it is for.")
_CAPTURES = _described(
    _map(_PATHS), "Names and where they look: paths, `facts.TABLE`, or one `${ }` that gives a list."
)
_MATCH = {"anyOf": [_CAPTURES, _PATHS]}
_LETS = _described(_map(_ANY), "Names for values, each computed when first used.")

_KEYS: Mapping[str, Schema] = {
    "apiVersion": _choice(API_VERSION),
    "description": _DESCRIPTION,
    "documents": _described(_defined("documents"), "Which documents are seen; all that is given must hold."),
    "match": _described(_MATCH, "Captures; the rule runs once for each combination."),
    "let": _LETS,
    "when": _described(_EXPRESSION, "The condition, an expression without `${ }`."),
    "each": _CAPTURES,
    "define": _described(_map(_one_or_more(_TEXT)), "Fragments of paths, used as `.<name>`."),
    "functions": _described(_map({"type": ["string", "boolean", "number"]}, _SIGNATURE), "Expressions by signature."),
    "facts": _described(_map(_defined("table")), "Tables of rows, derived before rules act."),
    "rules": _described(_list(_defined("rule")), "What is done, in this order."),
    "is": _described(_map(_ANY), "The columns of a row."),
    "fail": _described(_ANY, "A message; the documents are refused."),
    "warn": _described(_ANY, "A message."),
    "node": _described(_TEXT, "The path of what a message is about."),
}

_FILTER: Mapping[str, Schema] = {
    **dict.fromkeys(("apiVersion", "kind", "name", "namespace", "file"), _GLOBS),
    **dict.fromkeys(("labels", "annotations"), _map(_GLOBS, None)),
    "when": _described(_EXPRESSION, "Sees `doc`, `params` and `file`."),
}

_ARGUMENTS: Mapping[Kind, Schema] = {
    "template": _ANY,
    "text": _TEXT,
    "target": _TEXT,
    "path": _TEXT,
    "paths": _PATHS,
    "flag": {"enum": [True, False, "ok"]},
    "pattern": _described(_TEXT, "A regular expression."),
    "integer": {"type": "integer", "minimum": 0},
    "replacement": _ANY,
    "map-value": _ANY,
    "string list": _one_or_more(_TEXT),
}


def rule_set() -> Schema:
    """The schema of a rule file's documents: rule sets and their parts."""
    keys = {
        **_KEYS,
        "kind": _choice(KIND),
        "metadata": _object(METADATA, {"name": {**_TEXT, "pattern": f"^{NAME.pattern}$"}, "version": _TEXT}),
        "params": _described(_map(_defined("parameter")), "Parameters: JSON Schema, with `default` or `required`."),
        "atomic": _choice("run"),
        "jsonpath": _described(_choice(STANDARD), "The dialect of its paths, where it is not the usual one."),
        "parts": _described(_list(_TEXT, 1), "Files beside this one that are part of the rule set."),
        "extends": _described(
            _list(_TEXT, 1), "Rule sets that this one builds on: built-in names, paths, `PACKAGE:NAME`."
        ),
        "disable": _described(_list(_TEXT), "The ids of rules of the extended rule sets that are dropped."),
    }
    whole, open_set = _object(RULE_SET, keys), _object(WITHOUT_RULES, keys)
    elsewhere = ("parts", "extends")
    whole = {**whole, "properties": {key: each for key, each in whole["properties"].items() if key not in elsewhere}}
    part = _object(PART, {**_KEYS, "kind": _choice(PART_KIND)})
    kinds = [
        (_has({"kind": _choice(PART_KIND)}), part),
        ({"anyOf": [{"required": [key]} for key in elsewhere]}, open_set),
    ]
    return _file("retouch rule set", _switch(kinds, whole), _rule_definitions())


def _rule_definitions() -> dict[str, Schema]:
    match_count = {"type": ["string", "integer"], "pattern": r"^(\d+(\.\.\d*)?|\.\.\d+)$", "minimum": 0}
    rule_keys = {
        **_KEYS,
        "id": {**_TEXT, "pattern": _ID},
        "actions": _list(_defined("action"), 1),
        "expect": _object(EXPECT, {"matches": _described(match_count, 'A count or a range: `"1.."`.')}),
    }
    table_keys = {
        **_KEYS,
        "from": _described(_list(_defined("derivation"), 1), "Ways to rows, in order."),
        "scope": _choice("run", "document"),
        "unique": _choice("first"),
        "until": _choice("stable"),
    }
    components = {**_KEYS, "components": _TEXT, "of": _TEXT, "scope": table_keys["scope"]}
    return {
        "documents": _object(FILTER, _FILTER),
        "parameter": {"type": "object", "properties": {"required": {"type": ["boolean", "array"]}}},
        "rule": _object(RULE, rule_keys),
        "action": _action(),
        "table": _switch([({"required": ["components"]}, _object(COMPONENTS, components))], _object(TABLE, table_keys)),
        "derivation": _object(DERIVATION, _KEYS),
    }


def _action() -> Schema:
    """An action: a mapping with one verb, and the keys of that verb."""
    verbs = [({"required": [verb.name]}, _verb(verb)) for verb in sorted(VERBS.values(), key=_rank)]
    return _switch(verbs, {"anyOf": [{"required": [name]} for name in VERBS]})


def _rank(verb: Verb) -> bool:
    """Verbs that are also a key of others are asked for last."""
    return any(verb.name in other.keys for other in VERBS.values())


def _verb(verb: Verb) -> Schema:
    target = _TEXT if verb.pointer or verb.message else {**_TEXT, "pattern": "^[^/]"}
    keys = {
        verb.name: _described(target, (verb.act.__doc__ or "").strip()),
        **{
            name: _choice(*key.choices) if key.kind == "choice" else _ARGUMENTS[key.kind]
            for name, key in verb.keys.items()
        },
        **{key: _KEYS[key] for key in COMMON_KEYS},
    }
    needed = [verb.name, *(name for name, key in verb.keys.items() if key.required)]
    return _strict(keys, needed)


def _object(fields: Fields, keys: Mapping[str, Schema]) -> dict[str, Any]:
    """A mapping with the keys that the loader allows, each with its schema."""
    return _strict({key: keys[key] for key in fields.all}, fields.needed)


def _strict(properties: Mapping[str, Schema], required: Iterable[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    needed = list(required)
    return {**found, "required": needed} if needed else found


def _has(properties: Mapping[str, Schema]) -> Schema:
    return {"properties": properties, "required": list(properties)}


def _switch(cases: Iterable[tuple[Schema, Schema]], otherwise: Schema) -> Schema:
    """The schema behind the first condition that holds: editors then show the mistakes of that one only."""
    found: Schema = otherwise
    for condition, schema in reversed(list(cases)):
        found = {"if": condition, "then": schema, "else": found}
    return {"type": "object", **found}


def _file(title: str, content: Schema, definitions: Mapping[str, Schema]) -> dict[str, Any]:
    return {"$schema": DIALECT, "title": title, **content, "$defs": dict(definitions)}


SCHEMAS: Mapping[str, Callable[[], Schema]] = {"ruleset": rule_set}
"""What makes each schema, by the name that `retouch schema` gives it."""
