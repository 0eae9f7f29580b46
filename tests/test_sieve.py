"""What a condition rules out beforehand: results and errors are those of looking at every combination."""

from __future__ import annotations

import pytest

import retouch
from retouch.error import RuleError
from retouch.expressions.closure import parse
from retouch.expressions.sieve import is_safe, sift

HEAD = """\
apiVersion: retouch/v1
kind: RuleSet
metadata: {name: sieve}
params: {mode: {type: string, default: strict}}
facts:
  thing:
    match: {t: "$.things.*"}
    is: {name: "${ t.name }", side: "${ t.side }", node: "${ t }"}
  none:
    match: {t: facts.thing}
    when: t.name == 'nobody'
    is: {id: "${ t.name }"}
"""
RULES = """\
rules:
- id: mark
  match: {f: facts.found}
  actions: [{set: f.node.seen, value: "${ f.text }"}]
"""
DATA = {
    "things": [
        {"name": "a", "side": "in"},
        {"name": "b", "side": "out"},
        {"name": "c", "side": "in"},
        {"name": 1, "side": "at"},
    ]
}


def run(derivation: str) -> object:
    rules = retouch.load_text(f"{HEAD}  found: {derivation}\n{RULES}")
    return retouch.rewrite_object(DATA, rules)


def seen(result: object) -> list[str]:
    assert isinstance(result, dict)
    return [thing["name"] for thing in result["things"] if "seen" in thing]


@pytest.mark.parametrize(
    ("when", "names"),
    [
        ("t.side == 'in'", ["a", "c"]),
        ("'in' == t.side", ["a", "c"]),
        ("t.side == 'in' and t.name != 'a'", ["c"]),
        ("t.side == 'in' and t.side == 'out'", []),
        ("t.side == 'in' or t.name == 'b'", ["a", "b", "c"]),
        ("params.mode == 'strict' and t.name == 'b'", ["b"]),
        ("params.mode != 'strict' and t.name == 'b'", []),
        ("not params.mode", []),
        ("params.mode and t.name == 'a'", ["a"]),
        ("t.name in facts.none", []),
        ("t.name not in facts.none and t.side == 'out'", ["b"]),
        ("rows('none') or t.side == 'out'", ["b"]),
        ("rows('none') or t.name in facts.none", []),
        ("not (params.mode == 'mild' or t.name in facts.none) and t.side == 'out'", ["b"]),
    ],
)
def test_the_same_combinations_are_found(when: str, names: list[str]) -> None:
    derivation = f'{{match: {{t: facts.thing}}, when: "{when}", is: {{node: "${{ t.node }}", text: x}}}}'
    assert seen(run(derivation)) == names


@pytest.mark.parametrize(
    ("derivation", "message"),
    [
        # a capture that fails is not skipped because of a condition that is false anyway
        ("match: {t: facts.thing, x: '${ t.name }'}, when: t.side == 'no'", "runs over the items of a list"),
        ("match: {t: facts.thing, x: t.name.*}, when: params.mode == 'mild'", "without a place"),
        # nor is what stands before it
        ("match: {t: facts.thing}, when: t.name - 1 and t.side == 'no'", "in `when"),
        ("match: {t: facts.thing}, let: {n: '${ t.name - 1 }'}, when: n and t.side == 'no'", "in `when"),
    ],
)
def test_what_fails_still_fails(derivation: str, message: str) -> None:
    with pytest.raises(RuleError, match=message):
        run(f"{{{derivation}, is: {{node: '${{ t.node }}', text: x}}}}")


@pytest.mark.parametrize(
    "text", ["a.b", "a.b == 'x'", "not a and b.c != 'y'", "a in facts.t", "a.b is string", "rows('t', x=a.b)[:1]"]
)
def test_safe(text: str) -> None:
    assert is_safe(parse(text), frozenset())


@pytest.mark.parametrize(
    "text", ["n", "n.x", "a + 1", "a | first", "f(a)", "a == b", "a in b", "a is match('(')", "a[b]", "rows('t', x=n)"]
)
def test_not_known_to_be_safe(text: str) -> None:
    assert not is_safe(parse(text), frozenset({"n"}))


def test_only_what_stands_before_anything_that_may_fail_is_used() -> None:
    sieve = sift(parse("a.b == 'x' and f(a) and a.c == 'y' and params.d"), frozenset())
    assert sieve.columns == {"a": {"b": "x"}}
    assert not sieve.guards
