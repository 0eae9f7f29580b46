"""Documents, captures, combinations, values of `let`: what a rule sees, and when."""

from __future__ import annotations

from typing import Any

import pytest

from retouch.error import RuleError
from retouch.evaluation.evaluate import evaluate
from retouch.evaluation.evaluation import Evaluation
from retouch.evaluation.glob import matches, matches_path
from retouch.loader import load_text
from retouch.node import plain
from retouch.reading.document import read
from retouch.rule import Globs

HEADER = "apiVersion: retouch/v1\nkind: RuleSet\nmetadata: {name: test}\n"


def run(text: str, rules: str, file: str | None = "deploy/web.yaml", **params: Any) -> Evaluation:
    """Run what a rule file says below its header over the last document of a text."""
    return evaluate(read(text, file)[-1], load_text(HEADER + rules, "rules.yaml", params=params))


def said(evaluation: Evaluation) -> list[str]:
    """The texts of all messages."""
    return [message.text for message in evaluation.messages]


POD = """
apiVersion: v1
kind: Pod
metadata: {name: web-1, namespace: shop, labels: {app: web, tier: front/a}, annotations: {note: x}}
"""

FILTERS: dict[str, tuple[str, bool]] = {
    "kind": ("kind: Pod", True),
    "one of several": ("kind: [Job, Po?]", True),
    "another kind": ("kind: Job", False),
    "excluded": ("kind: ['*', '!Pod']", False),
    "only excluding": ("kind: '!Job'", True),
    "group": ("apiVersion: apps/*", False),
    "every key must hold": ("{kind: Pod, name: 'db-*'}", False),
    "name and namespace": ("{name: 'web-[0-9]', namespace: sh*}", True),
    "labels": ("labels: {app: w*, tier: 'front*'}", True),
    "a label that is not there": ("labels: {zone: '*'}", False),
    "annotations": ("annotations: {note: '!y'}", True),
    "file": ("file: deploy/*.yaml", True),
    "file in another folder": ("file: '*.yaml'", False),
    "file anywhere": ("file: '**/web.yaml'", True),
    "when": ("when: doc.metadata.name | length == 5 and file.name == 'web.yaml'", True),
    "when it is absent": ("when: doc.spec.x", False),
}


@pytest.mark.parametrize("case", FILTERS)
def test_document_filter(case: str) -> None:
    chosen, expected = FILTERS[case]
    chosen = chosen if chosen.startswith("{") else "{" + chosen + "}"
    actions = "rules:\n- id: rule\n  actions: [{warn: seen}]\n"
    assert said(run(POD, f"documents: {chosen}\n{actions}")) == ["seen"] * expected
    narrowed = f"rules:\n- id: rule\n  documents: {chosen}\n  actions: [{{warn: seen}}]\n"
    evaluation = run(POD, narrowed)
    assert said(evaluation) == ["seen"] * expected
    assert evaluation.matches == {"test/rule": int(expected)}


def test_a_filter_sees_what_earlier_rules_did() -> None:
    rules = """
rules:
- id: first
  actions: [{set: $.kind, value: Job}]
- id: second
  documents: {kind: Job}
  actions: [{warn: seen}]
"""
    assert said(run(POD, rules)) == ["seen"]


def test_an_item_of_a_list_has_the_kind_of_the_list() -> None:
    text = "apiVersion: apps/v1\nkind: DeploymentList\nitems: [{metadata: {name: a}}]\n"
    rules = "documents: {kind: Deployment, apiVersion: apps/v1}\nrules:\n- id: rule\n  actions: [{warn: seen}]\n"
    assert said(run(text, rules)) == ["seen"]


GLOBS = [
    ("*", "a/b", True, False),
    ("**", "a/b", True, True),
    ("a/*", "a/b", True, True),
    ("a/**/c", "a/c", True, True),
    ("a/**/c", "a/b/b/c", True, True),
    ("**/*.yaml", "x.yaml", True, True),
    ("a?c", "a/c", True, False),
    ("[!a]b", "cb", True, True),
    ("[!a]b", "ab", False, False),
    ("[]]", "]", True, True),
    ("[", "[", True, True),
    ("a.b", "axb", False, False),
    ("[a-c]", "b", True, True),
    ("[^a]", "b", False, False),
]


@pytest.mark.parametrize(("pattern", "text", "as_text", "as_path"), GLOBS)
def test_glob(pattern: str, text: str, *, as_text: bool, as_path: bool) -> None:
    assert matches(Globs((pattern,)), text) is as_text
    assert matches_path(Globs((pattern,)), text) is as_path


COMBINATIONS: dict[str, tuple[str, str, list[str]]] = {
    "none at all": ("{}", "${ 'once' }", ["once"]),
    "short form": ("$.a[*].n", "${ node }", ["1", "2"]),
    "nested loops": ("{x: '$.a[*]', y: '$.b[*]'}", "${ x.n }${ y }", ["1p", "1q", "2p", "2q"]),
    "a path that finds nothing": ("{x: '$.a[*]', z: x.none}", "${ x.n }", []),
    "from an earlier capture": ("{x: '$.a[*]', w: 'x.w[*]'}", "${ x.n }${ w }", ["1u", "1v"]),
    "a union": ("{x: ['$.a[1].n', '$.a[*].n']}", "${ x }", ["2", "1"]),
    "items of an expression": ("{x: '${ doc.b + [3] }'}", "${ x }", ["p", "q", "3"]),
    "items that depend on a capture": ("{x: '$.a[*]', w: '${ x.w }'}", "${ x.n }${ w }", ["1u", "1v"]),
    "values of a mapping": ("{x: '$.a[0].*'}", "${ key(x) }", ["n", "w"]),
}


@pytest.mark.parametrize("case", COMBINATIONS)
def test_combinations(case: str) -> None:
    match, message, expected = COMBINATIONS[case]
    text = "a: [{n: 1, w: [u, v]}, {n: 2}]\nb: [p, q]\n"
    rules = f"rules:\n- id: rule\n  match: {match}\n  actions:\n  - warn: {message}\n"
    evaluation = run(text, rules)
    assert said(evaluation) == expected
    assert evaluation.matches == {"test/rule": len(expected)}


def test_matches_count_only_where_when_holds() -> None:
    rules = "rules:\n- id: rule\n  match: $.a[*]\n  when: node > 1\n  actions: [{set: $.b, value: 1}]\n"
    assert run("a: [1, 2, 3]", rules).matches == {"test/rule": 2}
    assert run("a: []", rules).matches == {"test/rule": 0}


def test_match_when_and_let_see_the_document_as_the_rule_found_it() -> None:
    rules = """
let: {sum: "${ doc.a | sum }"}
rules:
- id: first
  match: {x: "$.a[*]"}
  let: {count: "${ doc.a | length }"}
  when: x > 0 and doc.a[0] == 1
  actions:
  - {append: $.a, value: 7}
  - {set: "$.a[0]", value: 5}
  - {warn: "${ x } ${ count } ${ sum }"}
- id: second
  let: {count: "${ doc.a | length }"}
  actions:
  - {warn: "${ count } ${ sum }"}
"""
    assert said(run("a: [1, 2]", rules)) == ["5 2 3", "2 2 3", "4 3"]


def test_a_later_rule_set_computes_its_lets_anew() -> None:
    rules = """
let: {sum: "${ doc.a | sum }"}
rules:
- id: rule
  actions:
  - {append: $.a, value: 1}
  - {warn: "${ sum }"}
"""
    document = read("a: [1]")[0]
    sets = [*load_text(HEADER + rules), *load_text(HEADER + rules)]
    evaluation = evaluate(document, sets)
    assert said(evaluation) == ["1", "2"]
    assert evaluation.matches == {"test/rule": 2}


def test_a_let_that_nobody_needs_never_fails() -> None:
    rules = """
let: {wrong: "${ doc.a.b + 1 }"}
rules:
- id: rule
  let: {worse: "${ wrong * 2 }"}
  actions:
  - {set: $.a, value: {b: 1}}
  - {warn: done}
  - {warn: "${ worse }", when: doc.c is defined}
"""
    assert said(run("a: {}", rules)) == ["done"]
    with pytest.raises(RuleError) as caught:
        run("a: {}\nc: 1", rules)
    assert caught.value.line == 5


def test_parameters_and_file_are_known() -> None:
    rules = """
params: {word: {type: string}}
rules:
- id: rule
  actions: [{warn: "${ params.word } ${ file.path } ${ file.name }"}]
"""
    assert said(run("a: 1", rules, word="w")) == ["w deploy/web.yaml web.yaml"]


def test_a_node_keeps_its_id_while_it_moves() -> None:
    rules = """
rules:
- id: rule
  match: {x: "$.a[*]"}
  let: {before: "${ id(x) }"}
  actions:
  - {prepend: $.a, value: 0}
  - {move: x, to: "$.b['${ before }']"}
  - {warn: "${ before == id(x) } ${ id(x) }"}
"""
    evaluation = run("a: [1, 2]\nb: {}", rules)
    assert said(evaluation) == ["true deploy/web.yaml#0/a/0", "true deploy/web.yaml#0/a/1"]
    assert plain(evaluation.tree.root)["b"] == {"deploy/web.yaml#0/a/0": 1, "deploy/web.yaml#0/a/1": 2}


WRONG: dict[str, tuple[str, str, int, int]] = {
    "no list": (
        "- id: rule\n  match: {x: '${ doc.a }'}\n  actions: [{warn: x}]",
        "the capture `x` runs over the items of a list; the expression gives the number 1",
        6,
        1,
    ),
    "when": ("- id: rule\n  when: doc.a + 'x'\n  actions: [{warn: x}]", "in `when: doc.a + 'x'`: ", 6, 1),
    "value": (
        "- id: rule\n  match: {b: $.b}\n  actions:\n  - set: $.c\n    value: ${ b.c.d + 1 }",
        "b.c is absent; keys here: `x`",
        9,
        2,
    ),
    "action's when": ("- id: rule\n  actions:\n  - warn: x\n    when: doc.a < 'x'", "in `when: doc.a < 'x'`: ", 8, 1),
    "message": ("- id: rule\n  match: {b: $.b}\n  actions:\n  - warn: ${ b }", "text", 8, 2),
    "removed start of each": (
        "- id: rule\n  match: {b: $.b}\n  actions:\n  - remove: b\n  - set: x\n    each: {x: b.*}\n    value: 1",
        "`b` is not in the document any more",
        10,
        2,
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_goes_wrong_is_told_with_both_places(case: str) -> None:
    rules, message, rule_line, document_line = WRONG[case]
    with pytest.raises(RuleError) as caught:
        run("a: 1\nb: {x: 1}", "rules:\n" + rules)
    found = caught.value.messages[0]
    assert message in found.text
    assert (found.place.file, found.place.line, found.rule) == ("rules.yaml", rule_line, "test/rule")
    assert [(note.place.file, note.place.line) for note in found.notes] == [("deploy/web.yaml", document_line)]


def test_a_failure_after_a_refusal_only_ends_the_evaluation() -> None:
    failing = "- id: b\n  actions: [{remove: $.x}]\n"
    rules = f"rules:\n- id: a\n  actions: [{{fail: first}}]\n{failing}- id: c\n  actions: [{{fail: last}}]\n"
    assert [message.rule for message in run("a: 1", rules).refusals] == ["test/a"]
