"""Makes the JSON Schema of files of rule tests."""

from __future__ import annotations

from collections.abc import Mapping

from ..rule import API_VERSION
from ..testing.case_form import CASE, INPUTS, KIND, RULE_TEST, TEXTS
from .piece import (
    DESCRIPTION,
    PARAMS,
    TEXT,
    Schema,
    at_most_one,
    choice,
    defined,
    described,
    file_of,
    list_of,
    made_of,
    mapping_of,
    one_or_more,
    switch,
)

_DOCUMENT: Schema = {"type": "string"}
_DOCUMENTS = mapping_of(_DOCUMENT, None)
_MESSAGES = one_or_more(TEXT)
_OPERATION: Schema = {
    "type": "object",
    "required": ["op", "path"],
    "properties": {"op": TEXT, "path": {"type": "string"}},
}

_CASE: Mapping[str, Schema] = {
    "name": described(TEXT, "What it shows; no two cases of a document have the same."),
    "description": DESCRIPTION,
    "params": PARAMS,
    "file": described(TEXT, "What the input is called, for rules that ask."),
    "input": described(_DOCUMENT, "The text to rewrite."),
    "inputFile": described(TEXT, "A file with the text to rewrite."),
    "inputs": described({**_DOCUMENTS, "minProperties": 1}, "Texts to rewrite, by file name."),
    "output": described(_DOCUMENT, "The text that comes out."),
    "outputFile": described(TEXT, "A file with the text that comes out."),
    "outputs": described(_DOCUMENTS, "The texts that come out, by file name."),
    "unchanged": described({"const": True}, "Nothing changes."),
    "error": described(_MESSAGES, "A text that an error contains, or several."),
    "warning": described(_MESSAGES, "A text that a warning contains, or several."),
    "patch": described(list_of(_OPERATION), "The operations for the one document that changes."),
    "stable": described({"const": False}, "A second run may change the text again."),
}


def rule_test() -> Schema:
    """The schema of a file of rule tests."""
    keys = {
        "apiVersion": choice(API_VERSION),
        "kind": choice(KIND),
        "description": DESCRIPTION,
        "ruleset": described(one_or_more(TEXT), "The rule set: a path from here, a built-in name, `PACKAGE:NAME`."),
        "params": PARAMS,
        "cases": described(list_of(defined("case"), 1), "What is to be shown."),
    }
    return file_of("retouch rule test", made_of(RULE_TEST, keys), {"case": _case()})


def _case() -> Schema:
    """A case: one kind of input, and expectations that go together."""
    whole = made_of(CASE, _CASE)
    without = [
        ({"required": ["inputs"]}, _none_of("file", "output", "outputFile", "patch")),
        ({"required": ["error"]}, _none_of("output", "outputFile", "outputs", "patch")),
    ]
    return {
        **whole,
        "anyOf": [{"required": [key]} for key in INPUTS],
        "allOf": [*at_most_one(*INPUTS), *at_most_one(*TEXTS), switch(without, _none_of("outputs"))],
    }


def _none_of(*keys: str) -> Schema:
    return {"not": {"anyOf": [{"required": [key]} for key in keys]}}
