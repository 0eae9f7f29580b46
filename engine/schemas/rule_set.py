"""Makes the JSON Schema of rule files: rule sets and their parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..evaluation.verb import VERBS
from ..rule import API_VERSION
from ..rulefile.action_form import COMMON_KEYS
from ..rulefile.dialect import STANDARD
from ..rulefile.fact_form import COMPONENTS, DERIVATION, TABLE
from ..rulefile.library import KIND, RULE_SET, WITHOUT_RULES
from ..rulefile.part import PART, PART_KIND
from ..rulefile.rule_file import METADATA, NAME
from ..rulefile.rule_form import EXPECT, FILTER, RULE
from .piece import (
    ANY,
    DESCRIPTION,
    EXPRESSION,
    GLOBS,
    MATCHES,
    TEXT,
    Schema,
    choice,
    defined,
    described,
    file_of,
    has,
    list_of,
    made_of,
    mapping_of,
    one_or_more,
    strict,
    switch,
)

if TYPE_CHECKING:
    from ..evaluation.call import Kind, Verb

_ID = "^[a-z0-9-]+$"
_SIGNATURE = r"^[A-Za-z_]\w*\([\w\s,]*\)$"


_PATHS = described(one_or_more(TEXT), "A path from `$` or a capture, or a list of paths, their union.")
_CAPTURES = described(
    mapping_of(_PATHS), "Names and where they look: paths, `facts.TABLE`, or one `${ }` that gives a list."
)
_MATCH = {"anyOf": [_CAPTURES, _PATHS]}
_LETS = described(mapping_of(ANY), "Names for values, each computed when first used.")

_KEYS: Mapping[str, Schema] = {
    "apiVersion": choice(API_VERSION),
    "description": DESCRIPTION,
    "documents": described(defined("documents"), "Which documents are seen; all that is given must hold."),
    "match": described(_MATCH, "Captures; the rule runs once for each combination."),
    "let": _LETS,
    "when": described(EXPRESSION, "The condition, an expression without `${ }`."),
    "each": _CAPTURES,
    "define": described(mapping_of(one_or_more(TEXT)), "Fragments of paths, used as `.<name>`."),
    "functions": described(
        mapping_of({"type": ["string", "boolean", "number"]}, _SIGNATURE), "Expressions by signature."
    ),
    "facts": described(mapping_of(defined("table")), "Tables of rows, derived before rules act."),
    "rules": described(list_of(defined("rule")), "What is done, in this order."),
    "is": described(mapping_of(ANY), "The columns of a row."),
    "fail": described(ANY, "A message; the documents are refused."),
    "warn": described(ANY, "A message."),
    "node": described(TEXT, "The path of what a message is about."),
}

_FILTER: Mapping[str, Schema] = {
    **dict.fromkeys(("apiVersion", "kind", "name", "namespace", "file"), GLOBS),
    **dict.fromkeys(("labels", "annotations"), mapping_of(GLOBS, None)),
    "when": described(EXPRESSION, "Sees `doc`, `params` and `file`."),
}

_ARGUMENTS: Mapping[Kind, Schema] = {
    "template": ANY,
    "text": TEXT,
    "target": TEXT,
    "path": TEXT,
    "paths": _PATHS,
    "flag": {"enum": [True, False, "ok"]},
    "pattern": described(TEXT, "A regular expression."),
    "integer": {"type": "integer", "minimum": 0},
    "replacement": ANY,
    "map-value": ANY,
    "string list": one_or_more(TEXT),
}


def rule_set() -> Schema:
    """The schema of a rule file's documents: rule sets and their parts."""
    keys = {
        **_KEYS,
        "kind": choice(KIND),
        "metadata": made_of(METADATA, {"name": {**TEXT, "pattern": f"^{NAME.pattern}$"}, "version": TEXT}),
        "params": described(mapping_of(defined("parameter")), "Parameters: JSON Schema, with `default` or `required`."),
        "atomic": choice("run"),
        "jsonpath": described(choice(STANDARD), "The dialect of its paths, where it is not the usual one."),
        "parts": described(list_of(TEXT, 1), "Files beside this one that are part of the rule set."),
        "extends": described(
            list_of(TEXT, 1), "Rule sets that this one builds on: built-in names, paths, `PACKAGE:NAME`."
        ),
        "disable": described(list_of(TEXT), "The ids of rules of the extended rule sets that are dropped."),
    }
    whole, open_set = made_of(RULE_SET, keys), made_of(WITHOUT_RULES, keys)
    elsewhere = ("parts", "extends")
    whole = {**whole, "properties": {key: each for key, each in whole["properties"].items() if key not in elsewhere}}
    part = made_of(PART, {**_KEYS, "kind": choice(PART_KIND)})
    kinds = [
        (has({"kind": choice(PART_KIND)}), part),
        ({"anyOf": [{"required": [key]} for key in elsewhere]}, open_set),
    ]
    return file_of("retouch rule set", switch(kinds, whole), _rule_definitions())


def _rule_definitions() -> dict[str, Schema]:
    rule_keys = {
        **_KEYS,
        "id": {**TEXT, "pattern": _ID},
        "actions": list_of(defined("action"), 1),
        "expect": made_of(EXPECT, {"matches": MATCHES}),
    }
    table_keys = {
        **_KEYS,
        "from": described(list_of(defined("derivation"), 1), "Ways to rows, in order."),
        "scope": choice("run", "document"),
        "unique": choice("first"),
        "until": choice("stable"),
    }
    components = {**_KEYS, "components": TEXT, "of": TEXT, "scope": table_keys["scope"]}
    return {
        "documents": made_of(FILTER, _FILTER),
        "parameter": {"type": "object", "properties": {"required": {"type": ["boolean", "array"]}}},
        "rule": made_of(RULE, rule_keys),
        "action": _action(),
        "table": switch([({"required": ["components"]}, made_of(COMPONENTS, components))], made_of(TABLE, table_keys)),
        "derivation": made_of(DERIVATION, _KEYS),
    }


def _action() -> Schema:
    """An action: a mapping with one verb, and the keys of that verb."""
    verbs = [({"required": [verb.name]}, _verb(verb)) for verb in sorted(VERBS.values(), key=_rank)]
    return switch(verbs, {"anyOf": [{"required": [name]} for name in VERBS]})


def _rank(verb: Verb) -> bool:
    """Verbs that are also a key of others are asked for last."""
    return any(verb.name in other.keys for other in VERBS.values())


def _verb(verb: Verb) -> Schema:
    target = TEXT if verb.pointer or verb.message else {**TEXT, "pattern": "^[^/]"}
    keys = {
        verb.name: described(target, (verb.act.__doc__ or "").strip()),
        **{
            name: choice(*key.choices) if key.kind == "choice" else _ARGUMENTS[key.kind]
            for name, key in verb.keys.items()
        },
        **{key: _KEYS[key] for key in COMMON_KEYS},
    }
    needed = [verb.name, *(name for name, key in verb.keys.items() if key.required)]
    return strict(keys, needed)
