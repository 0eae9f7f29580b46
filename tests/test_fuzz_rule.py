"""Random rules over random documents, and rule files that are mutated or made up: laws hold, or an error of ours."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from examples import examples
from hypothesis import assume, event, given
from hypothesis import strategies as st
from law import check_bytes, check_data, check_reverse
from mutation import mutations
from random_document import streams, values
from random_rules import SAME_AGAIN, expressions, paths, rule_sets

from retouch import Rewrite, Rules, load_text, rewrite
from retouch.error import GuardError, RetouchError, RuleError
from retouch.evaluation.verb import VERBS
from retouch.node import plain
from retouch.reading.document import read

HERE = Path(__file__).resolve().parent
RULE_FILES = sorted(HERE.glob("cases/**/rules.yaml"))
HEAD = "apiVersion: retouch/v1\nkind: RuleSet\nmetadata: {name: fuzz}\nrules:\n- id: one\n"
DOCUMENT = "a: {a: 1, b: [x y, {a: 2}], name: a}\nb: [1, 2.5, null, a]\nx y: text of many words\n"

KEYS = [
    *("apiVersion", "kind", "metadata", "name", "params", "documents", "define", "functions", "facts", "let", "rules"),
    *("id", "match", "when", "actions", "expect", "matches", "each", "value", "to", "type", "default", "f(x)", "is"),
    *("from", "components", "unique", "atomic", "parts", "extends", "description", "labels", *VERBS),
]
LEAVES = [
    "retouch/v1",
    "RuleSet",
    "$.a",
    "$..*",
    "${ doc.a }",
    "doc.a",
    "facts.t",
    "a",
    "1..",
    "run",
    1,
    True,
    None,
    "",
]


def load(data: Any) -> Rules:
    """The rules in plain data, or None if they are wrong: then every message has a place."""
    return load_rules(json.dumps(data, ensure_ascii=False))


def load_rules(text: str) -> Rules:
    try:
        return load_text(text, "rules.yaml")
    except RuleError as error:
        event("the rules are wrong")
        for message in error.messages:
            assert (message.place.line and message.place.column) or not text, message
        raise


def run(text: str, rules: Rules) -> Rewrite | None:
    """The result, or None for an error that is not a mistake of ours."""
    try:
        result = rewrite(text, rules, file="before.yaml")
    except GuardError:
        raise
    except RetouchError as error:
        event(f"rewriting raises {type(error).__name__}")
        return None
    event("rewritten" if result.changed else "nothing to do")
    return result


@examples(250)
@given(st.data())
def test_random_rules_over_a_random_document(data):
    text = data.draw(streams()).text
    documents = read(text)
    assume(documents)
    drawn = data.draw(rule_sets(plain(documents[0].root)))
    try:
        rules = load(drawn)
    except RuleError:
        return
    result = run(text, rules)
    if result is not None:
        check_bytes(text, result)
        check_data(text, result)
        check_reverse(text, result)


@examples(150)
@given(st.data())
def test_rules_that_say_what_shall_be_find_nothing_the_second_time(data):
    text = data.draw(streams()).text
    documents = read(text)
    assume(documents)
    drawn = data.draw(rule_sets(plain(documents[0].root), SAME_AGAIN))
    rule = drawn["rules"][0]
    rule["actions"] = rule["actions"][:1]
    assume(".." not in str(rule.get("match")))
    drawn["rules"] = [rule]
    try:
        rules = load(drawn)
    except RuleError:
        return
    result = run(text, rules)
    if result is None:
        return
    assume([document.kubernetes for document in read(result.text)] == [document.kubernetes for document in documents])
    again = rewrite(result.text, rules)
    assert again.text == result.text
    assert not any(one.patch for one in again.documents)


@examples(300)
@given(expressions)
def test_random_expression(expression):
    text = (
        f"{HEAD}  match: {{node: $.a}}\n  actions:\n  - set: $.new\n    value: {json.dumps(f'${{ {expression} }}')}\n"
    )
    try:
        rules = load_rules(text)
    except RuleError:
        return
    run(DOCUMENT, rules)


@examples(200)
@given(paths, st.text(max_size=3))
def test_random_path(path, odd):
    for each in (path, path + odd):
        match = f"{{other: $.a, node: {json.dumps(each)}}}"
        text = f"{HEAD}  match: {match}\n  actions:\n  - set: node\n    value: found\n"
        try:
            rules = load_rules(text)
        except RuleError:
            continue
        run(DOCUMENT, rules)


@examples(200)
@given(st.sampled_from(RULE_FILES), st.data())
def test_mutated_rule_file(path, data):
    text = data.draw(mutations(path.read_text("utf-8")))
    try:
        rules = load_rules(text)
    except RuleError:
        return
    run(DOCUMENT, rules)


shapes = st.recursive(
    st.sampled_from(LEAVES) | values,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=15,
)


@examples(200)
@given(st.dictionaries(st.sampled_from(KEYS), shapes, max_size=4), st.booleans())
def test_something_in_the_shape_of_a_rule_file(data, headed):
    head = {"apiVersion": "retouch/v1", "kind": "RuleSet", "metadata": {"name": "fuzz"}} if headed else {}
    try:
        rules = load({**head, **data})
    except RuleError:
        return
    run(DOCUMENT, rules)


def test_there_are_rule_files():
    assert len(RULE_FILES) >= 190
