"""What is seen of a schema without the library for JSON Schema is what the library says."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from retouch.rulefile.plain_schema import fits, is_sound
from retouch.rulefile.schema import KEYWORDS, mismatches

Validator = jsonschema.Draft202012Validator

words = st.sampled_from(["a", "b", "ab", "", "10", "string", "object", "number"])
numbers = st.sampled_from([0, 1, -1, 2, 1.5, 2.0, 10])
scalars = st.none() | st.booleans() | numbers | words
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3), max_leaves=6
)
types = st.sampled_from(["string", "number", "integer", "boolean", "object", "array", "null"])


def schemas_with(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Mostly sound schemas."""
    keywords: dict[str, st.SearchStrategy[Any]] = {
        "type": types | st.lists(types, min_size=1, max_size=3, unique=True),
        "enum": st.lists(words, min_size=1, max_size=3, unique=True) | st.lists(scalars, max_size=2),
        "const": scalars,
        "pattern": st.sampled_from(["^a", "b$", "^[0-9]+$", "(?=a)"]),
        "minimum": numbers,
        "maximum": numbers,
        "minLength": numbers,
        "maxLength": st.integers(0, 2),
        "minItems": st.integers(0, 2),
        "maxItems": st.integers(-1, 2),
        "required": st.lists(words, max_size=2),
        "items": inner,
        "additionalProperties": inner,
        "properties": st.dictionaries(words, inner, max_size=2),
        "patternProperties": st.dictionaries(st.just("^a"), inner, max_size=1),
        "prefixItems": st.lists(inner, min_size=1, max_size=2),
        "allOf": st.lists(inner, max_size=2),
        "anyOf": st.lists(inner, max_size=2),
        "minProperties": st.integers(0, 2),
        "maxProperties": st.integers(0, 2),
        "propertyNames": inner,
        "not": inner,
        "if": inner,
        "then": inner,
        "else": inner,
        "title": scalars,
        "default": values,
        "deprecated": scalars,
    }
    return st.lists(st.sampled_from(sorted(keywords)), max_size=3, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: keywords[name] for name in names})
    )


schemas = st.recursive(st.booleans() | schemas_with(st.booleans()), schemas_with, max_leaves=4)


@given(schemas)
def test_what_is_seen_to_be_sound_is_sound(schema: Any) -> None:
    if is_sound(schema):
        assert list(Validator(Validator.META_SCHEMA).iter_errors(schema)) == []


@given(values, schemas)
def test_what_is_seen_to_fit_fits(value: Any, schema: Any) -> None:
    assume(is_sound(schema))
    if fits(value, schema):
        assert list(Validator(schema).iter_errors(value)) == []


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        ("a", {"type": "string", "enum": ["a", "b"], "description": "One of two."}),
        (["a"], {"type": "array", "items": {"pattern": "^a"}, "minItems": 1}),
        (
            {"a": {"b": 1}, "c": "x"},
            {"properties": {"a": {"type": "object"}}, "additionalProperties": {"minLength": 0}},
        ),
        ("a", {"allOf": [{"pattern": "a"}, {"maxLength": 3}], "not": {"enum": ["b"]}}),
        (5, {"type": ["integer", "null"], "minimum": 1, "maximum": 5}),
        ({"a": 1}, {"properties": {"b": {"not": {}}}, "if": {"required": ["b"]}, "else": {"maxProperties": 1}}),
        ({"a": 1}, {"if": {"propertyNames": {"not": {"enum": ["b"]}}}, "then": {"minProperties": 1}}),
    ],
)
def test_what_rule_sets_ask_for_is_seen(value: Any, schema: Any) -> None:
    assert is_sound(schema)
    assert fits(value, schema)
    assert mismatches(value, schema) == []


@pytest.mark.parametrize("keyword", KEYWORDS)
@pytest.mark.parametrize("said", [None, "x", -1, 1.5, True, [], ["x", "x"], {"x": 1}, [{"type": "wrong"}]], ids=repr)
def test_whatever_is_said_soundness_is_no_guess(keyword: str, said: Any) -> None:
    schema = {keyword: said}
    if is_sound(schema):
        assert list(Validator(Validator.META_SCHEMA).iter_errors(schema)) == []
