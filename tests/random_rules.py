"""Random rules: every verb of the language's own table, with targets, captures, conditions and values that fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from corpus import pointers
from hypothesis import strategies as st
from random_document import values, words

from retouch.evaluation.call import Key, Verb
from retouch.evaluation.verb import VERBS
from retouch.expressions.filter import FILTERS
from retouch.expressions.function import FUNCTION_NAMES
from retouch.expressions.predicate import TESTS
from retouch.pointer import join

SAME_AGAIN = ("set", "default", "merge", "upsert", "comment")
"""Verbs that find nothing to do the second time, if their value is a constant."""

_PATTERNS = ["a", "^.", "(\\w+) (\\w+)", "[a-z]+$", "", "(", "(a+)+$", ".*", "\\d", "(?i)X|b"]
_STARTS = ["$", "$", "$", "other", "unknown"]
_STEPS = [
    *(".a", ".b", ".name", "['x y']", "['é']", "[0]", "[-1]", "[1:]", "[::2]", ".*", "[*]", "..a", "..*", "['a','b']"),
    *("[?(@.a)]", "[?@.name == 'a']", "[?(!@.a && @.b != 1)]", '[?@.* =~ "^a"]', "[0,1]", "..[?@.a > 1]", ".a-b"),
]
_ODD = ["", ".", "..", "[", "]", "'", "@", "`parent`", "[?]", " ", "[99999999999999999999]", ".a + 1", "|", "&", "\\"]

paths = st.builds(
    lambda start, steps, odd, at: start + "".join([*steps[:at], odd, *steps[at:]]),
    st.sampled_from(_STARTS),
    st.lists(st.sampled_from(_STEPS), max_size=3),
    st.sampled_from([*[""] * 40, *_ODD]),
    st.integers(0, 3),
)
"""Paths that mostly can be read."""

_ATOMS = [
    *("null", "true", "1", "0", "-1", "2.5", "1e3", "'a'", '"x y"', "''", "[]", "{}", "[1, 'a', null]", "{'a': 1}"),
    *("doc", "node", "params.p", "file.name", "it", "match[0]", "omit", "let_a", "nothing", "facts.t", "loop"),
]
_FORMS = [
    *("{a}.a", "{a}['x y']", "{a}[0]", "{a}[-1:]", "{a}[{b}]", "[{a}, {b}]", "{{'k': {a}, 'l': {b}}}", "({a})"),
    *("{a} + {b}", "{a} - {b}", "{a} * {b}", "{a} / {b}", "{a} // {b}", "{a} % {b}", "{a} ** {b}", "{a} ~ {b}", "-{a}"),
    *("{a} == {b}", "{a} != {b}", "{a} < {b}", "{a} >= {b}", "{a} in {b}", "{a} not in {b}", "not {a}"),
    *("{a} and {b}", "{a} or {b}", "{a} if {b} else {c}", "{a} if {b}"),
    *(f"{{a}} | {name}" for name in sorted(FILTERS)),
    *(f"{{a}} | {name}({{b}})" for name in sorted(FILTERS)),
    *(f"{{a}} | {name}({{b}}, {{c}})" for name in sorted(FILTERS)),
    *("{a} | map(attribute={b}) | list", "{a} | selectattr('a') | list", "{a} | map('upper') | list", "{a} | sort"),
    *(f"{{a}} is {name}" for name in sorted(TESTS)),
    *(f"{{a}} is {name}({{b}})" for name in sorted(TESTS)),
    *(f"{name}({{a}})" for name in sorted(FUNCTION_NAMES)),
    *("select('$.a')", "select('$..b', node)", "pointer(node)", "range({a}, {b})", "rows('t', a={a})", "f({a})"),
    *("{a}.{b}", "{a} {b}", "{a} |", "({a}", "{a}.upper()", "{{% if {a} %}}", "{a} is not", "'{a}", "{a}, {b}"),
]

expressions = st.recursive(
    st.sampled_from(_ATOMS),
    lambda inner: st.builds(
        lambda form, a, b, c: form.format(a=a, b=b, c=c), st.sampled_from(_FORMS), inner, inner, inner
    ),
    max_leaves=6,
)
"""Expressions of every operator, filter, test and function; some cannot be parsed, many fail."""


@st.composite
def rule_sets(draw: st.DrawFn, data: Any, verbs: Sequence[str] = tuple(VERBS)) -> dict[str, Any]:
    """A rule set for a document that holds `data`, as the plain data of its file."""
    rules = [draw(_rules(data, verbs, number)) for number in range(draw(st.integers(1, 2)))]
    return {
        "apiVersion": "retouch/v1",
        "kind": "RuleSet",
        "metadata": {"name": "fuzz"},
        "params": {"p": {"default": 1}},
        "rules": rules,
    }


@st.composite
def _rules(draw: st.DrawFn, data: Any, verbs: Sequence[str], number: int) -> dict[str, Any]:
    rule: dict[str, Any] = {"id": f"rule-{number}"}
    captured = draw(st.none() | st.sampled_from(list(pointers(data))))
    starts: list[tuple[str, Any]] = [("$", data)]
    if captured is not None:
        way, value = captured
        rule["match"] = {"node": draw(_path_text("$", way))}
        starts.append(("node", value))
    if draw(st.integers(0, 5)) == 5:
        rule["when"] = draw(expressions)
    rule["actions"] = [draw(_actions(starts, verbs)) for _ in range(draw(st.integers(1, 3)))]
    return rule


@st.composite
def _actions(draw: st.DrawFn, starts: Sequence[tuple[str, Any]], verbs: Sequence[str]) -> dict[str, Any]:
    verb = VERBS[draw(st.sampled_from(verbs))]
    action: dict[str, Any] = {verb.name: draw(words) if verb.message else draw(_targets(starts, verb))}
    for name, key in verb.keys.items():
        if key.required or draw(st.booleans()):
            action[name] = draw(_arguments(starts, verb, key))
    if draw(st.integers(0, 9)) == 9:
        action["when"] = draw(expressions)
    return action


@st.composite
def _targets(draw: st.DrawFn, starts: Sequence[tuple[str, Any]], verb: Verb) -> str:
    start, value = draw(st.sampled_from(starts))
    way, found = draw(st.sampled_from(list(pointers(value))))
    if draw(st.integers(0, 2)) == 2 and isinstance(found, dict):
        way = (*way, draw(words))
    elif draw(st.integers(0, 5)) == 5 and isinstance(found, list):
        way = (*way, "-")
    if start == "$" and verb.pointer and draw(st.booleans()):
        return join(list(way))
    return draw(_path_text(start, way))


@st.composite
def _path_text(draw: st.DrawFn, start: str, way: Sequence[str | int]) -> str:
    """The path to a place; now and then to others too."""
    text = start
    for step in way:
        kind = draw(st.sampled_from([0] * 12 + [1, 2]))
        quoted = "['" + str(step).replace("\\", "\\\\").replace("'", "\\'") + "']"
        exact = f"[{step}]" if isinstance(step, int) else quoted
        text += exact if kind == 0 else ".*" if kind == 1 else f"..{step}" if str(step).isalpha() else exact
    return text


def _arguments(starts: Sequence[tuple[str, Any]], verb: Verb, key: Key) -> st.SearchStrategy[Any]:
    """What may stand under a key of a verb, by the kind that the table gives."""
    expression = expressions.map(lambda text: f"${{ {text} }}")
    value = values | values | st.dictionaries(words, values, max_size=3)
    kinds: Mapping[str, st.SearchStrategy[Any]] = {
        "template": value | value | expression,
        "text": words | words | expression,
        "target": _targets(starts, verb),
        "path": _targets(starts, verb) | paths,
        "paths": st.lists(_targets(starts, verb), max_size=2) | paths,
        "flag": st.booleans() | st.just("ok"),
        "choice": st.sampled_from(key.choices or ("",)),
        "pattern": st.sampled_from(_PATTERNS),
        "integer": st.integers(0, 3),
        "replacement": st.sampled_from(["", "x", "\\1", "\\2-\\1", "${ match[0] | upper }", "${ match[1] }", "\\g<0>"]),
        "map-value": st.sampled_from(["", "x", "${ it ~ 'x' }", "${ it | upper }", "${ it }", "${ [it] }"]),
        "string list": words | st.lists(words, max_size=2) | st.just("."),
    }
    return kinds[key.kind]
