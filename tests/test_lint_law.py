"""What `retouch lint` says of rules is so for every document: random rules over random documents."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from random_document import values
from random_rules import rule_sets

from retouch import load_text, rewrite
from retouch.error import RetouchError
from retouch.linting.lint import lint
from retouch.node import plain
from retouch.reading.document import read
from retouch.rule_text import RuleText

KEYS = ("a", "b", "c")
STEPS = [
    ".a",
    ".b",
    ".c",
    ".a",
    ".b",
    "[0]",
    "[*]",
    ".*",
    "..a",
    "[?(@.a == 'x')]",
    "[?(@.b)]",
    "[?(@.a == 'x' && @.b.c)]",
]
CONDITIONS = [
    *("{n}.a == 'x'", "'y' == {n}.a", "{n} == 'x'", "{n}.a in ['x', 'y']", "{n} is mapping", "{n} is string"),
    *("doc.kind == 'A'", "doc.kind == 'B'", "{n}.a.b == 1", "{n}.a is number", "true"),
]
DOCUMENTS = [{"kind": "A"}, {"kind": ["B", "C"]}, {"kind": "A*"}, {"kind": "!A"}, {"when": "doc.a == 'x'"}]

data = st.recursive(
    st.sampled_from(["x", "y", 1, True, None]),
    lambda inner: st.one_of(
        st.dictionaries(st.sampled_from(KEYS), inner, max_size=3), st.lists(inner, min_size=1, max_size=2)
    ),
    max_leaves=12,
)
texts = st.builds(
    lambda kind, members: json.dumps({"kind": kind, **members}),
    st.sampled_from("AB"),
    st.dictionaries(st.sampled_from(KEYS), data, min_size=2, max_size=3),
)


@st.composite
def rules(draw: st.DrawFn, number: int, gone: list[str]) -> dict[str, Any]:
    """A rule, which may look for what an earlier one took away (`gone`)."""
    names = ["$"]
    captures = {}
    bare = number == 0 and draw(st.booleans())
    for place in range(0 if bare else draw(st.integers(0, 3))):
        captures[f"n{place}"] = draw(paths(names))
        names.append(f"n{place}")
    if gone and draw(st.booleans()):
        captures["old"] = draw(st.sampled_from(gone)) + draw(st.sampled_from(["", ".a", "[*]"]))
        names.append("old")
    rule: dict[str, Any] = {"id": f"r{number}", "match": captures}
    if not bare and draw(st.integers(0, 3)) == 0:
        rule["documents"] = draw(st.sampled_from(DOCUMENTS))
    if not bare and draw(st.integers(0, 2)) == 0:
        forms = draw(st.lists(st.sampled_from(CONDITIONS), min_size=1, max_size=2))
        rule["when"] = " and ".join(f.format(n=draw(st.sampled_from(["doc", *names[1:]]))) for f in forms)
    rule["actions"] = [draw(actions(names)) for _ in range(draw(st.integers(1, 2)))]
    taken = [str(each.get("remove", each.get("rename"))) for each in rule["actions"]]
    gone += [each for each in taken if each.startswith("$")]
    return rule


def paths(names: list[str], least: int = 1) -> st.SearchStrategy[str]:
    return st.builds(
        lambda start, steps: start + "".join(steps),
        st.sampled_from(names),
        st.lists(st.sampled_from(STEPS), min_size=least, max_size=3),
    )


def actions(names: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    targets = st.builds(lambda start, key: f"{start}.{key}", st.sampled_from(names), st.sampled_from(KEYS))
    value = st.sampled_from(["x", "y", 1, {"a": "x"}, {"b": {"c": 1}}, ["x"], "${ doc.a | default(omit) }"])
    return st.one_of(
        st.builds(lambda target, value: {"set": target, "value": value}, targets, value),
        st.builds(lambda target, value: {"default": target, "value": value}, targets, value),
        st.builds(lambda target: {"remove": target, "missing": "ok"}, paths(names)),
        st.builds(lambda target, to: {"rename": target, "to": to, "missing": "ok"}, targets, st.sampled_from(KEYS)),
        st.builds(lambda value: {"set": "$.kind", "value": value}, st.sampled_from("AB")),
    )


@st.composite
def sets(draw: st.DrawFn) -> dict[str, Any]:
    gone: list[str] = []
    whole = {
        "apiVersion": "retouch/v1",
        "kind": "RuleSet",
        "metadata": {"name": "fuzz"},
        "rules": [draw(rules(number, gone)) for number in range(draw(st.integers(1, 3)))],
    }
    return {**whole, "documents": draw(st.sampled_from(DOCUMENTS))} if draw(st.booleans()) else whole


def findings(whole: dict[str, Any]) -> list[tuple[str, str]]:
    """The name of each check that finds something, and where: the rule and the place of the action in it."""
    text = json.dumps(whole, indent=1)
    lines = text.split("\n")
    found = []
    for message in lint(RuleText(text, "rules.json")):
        before = "\n".join(lines[: message.place.line])
        found.append((str(message.rule), before))
    return found


def rule_at(before: str) -> str:
    return before.rpartition('"id": "')[2].partition('"')[0]


def test_what_cannot_match_does_not() -> None:
    seen: Counter[str] = Counter()

    @given(sets(), texts)
    @examples(200)
    def check(whole: dict[str, Any], text: str) -> None:
        try:
            said = findings(whole)
            result = rewrite(text, load_text(json.dumps(whole), "rules.json"), file="x.json")
        except RetouchError:
            return
        for name, before in said:
            in_action = '"actions"' in before.rpartition('"id": "')[2]
            if name in {"impossible-match", "moot-rule"} and '"id": "' in before and not in_action:
                seen[name] += 1
                assert result.matches[f"fuzz/{rule_at(before)}"] == 0, f"{name} of {rule_at(before)}"

    check()
    assert seen["impossible-match"] > 10
    assert seen["moot-rule"] > 2


def test_what_is_overwritten_may_be_left_out() -> None:
    seen: Counter[str] = Counter()

    @given(sets(), texts)
    @examples(200)
    def check(whole: dict[str, Any], text: str) -> None:
        try:
            said = findings(whole)
            with_it = rewrite(text, load_text(json.dumps(whole), "rules.json"), file="x.json")
        except RetouchError:
            return
        for name, before in said:
            changed = without(whole, before) if name == "overwritten-value" else None
            if changed is not None:
                seen[name] += 1
                less = rewrite(text, load_text(json.dumps(changed), "rules.json"), file="x.json")
                assert data_of(with_it.text) == data_of(less.text)

    check()
    assert seen["overwritten-value"] > 2


def without(whole: dict[str, Any], before: str) -> dict[str, Any] | None:
    """The rule set without the action that begins where `before` ends; None if its rule has no other one."""
    rule = next(each for each in whole["rules"] if each["id"] == rule_at(before))
    place = before.rpartition('"actions"')[2].count("\n    {")
    less = [each for number, each in enumerate(rule["actions"], 1) if number != place]
    if not less:
        return None
    return {**whole, "rules": [{**each, "actions": less} if each is rule else each for each in whole["rules"]]}


def data_of(text: str) -> list[Any]:
    return [plain(each.root) for chunk in [read(text, "x.json")] for each in chunk]


@given(values.flatmap(rule_sets))
@examples(80)
def test_rules_that_load_can_be_linted(whole: dict[str, Any]) -> None:
    text = json.dumps(whole)
    try:
        load_text(text, "rules.json")
    except RetouchError:
        return
    lint(RuleText(text, "rules.json"))
