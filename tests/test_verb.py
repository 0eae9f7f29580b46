"""Every verb: what it makes of a document, the patch it makes, that a second run makes none, and its errors."""

from __future__ import annotations

import copy
import re
import textwrap
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonpatch
import pytest

from retouch.error import RuleError
from retouch.evaluation.evaluate import evaluate
from retouch.evaluation.evaluation import Evaluation
from retouch.evaluation.verb import VERBS
from retouch.loader import load_text
from retouch.node import build, plain
from retouch.reading.document import read
from retouch.value import equal

PAGE = Path(__file__).resolve().parents[1] / "docs" / "verbs.md"
HEADER = "apiVersion: retouch/v1\nkind: RuleSet\nmetadata: {name: test}\nrules:\n"


def take(text: str, rules: str) -> Evaluation:
    """Run a rule file, or the actions of its only rule, over the first document of a text."""
    if not rules.lstrip().startswith("apiVersion:"):
        rules = HEADER + "- id: rule\n  actions:\n" + textwrap.indent(textwrap.dedent(rules), "  ")
    return evaluate(read(text, "input.yaml")[0], load_text(rules, "rules.yaml"))


def patch_of(evaluation: Evaluation) -> list[dict[str, Any]]:
    """The patch as plain data."""
    return [operation.as_dict() for operation in evaluation.tree.operations()]


def brief(patch: list[dict[str, Any]]) -> list[str]:
    """The patch in a form that is short to write down."""
    return [
        " ".join(str(part) for part in (each["op"], each.get("from"), each["path"]) if part is not None)
        + (f" {each['value']!r}" if "value" in each else "")
        for each in patch
    ]


# name of the case: (document, actions, patch); a name that ends in "!" is not repeatable
ACTS: dict[str, tuple[str, str, list[str]]] = {
    "add a member": ("a: {}", "- add: $.a.b\n  value: 1", ["add /a/b 1"]),
    "add onto a member": ("a: 1", "- add: $.a\n  value: 2", ["replace /a 2"]),
    "add before an item!": ("a: [1, 2]", "- add: $.a[1]\n  value: x", ["add /a/1 'x'"]),
    "add at the end by pointer!": ("a: [1]", "- add: /a/-\n  value: x", ["add /a/- 'x'"]),
    "add at a computed pointer": ("a: {}", "- add: /a/${ 'b' }\n  value: 1", ["add /a/b 1"]),
    "replace": ("a: 1", "- replace: $.a\n  value: {b: 2}", ["replace /a {'b': 2}"]),
    "replace by pointer": ("a/b: 1", "- replace: /a~1b\n  value: 2", ["replace /a~1b 2"]),
    "replace by an equal number": ("a: 1", "- replace: $.a\n  value: 1.0", []),
    "replace a number by a boolean": ("a: 1", "- replace: $.a\n  value: true", ["replace /a True"]),
    "replace the document": ("a: 1", "- replace: $\n  value: [1]", ["replace  [1]"]),
    "test!": ("a: {b: 1, c: 2}", "- test: $.a\n  value: {c: 2, b: 1.0}", ["test /a {'c': 2, 'b': 1.0}"]),
    "move!": ("a: {b: 1}", "- move: $.a.b\n  to: $.c", ["move /a/b /c"]),
    "move by pointer!": ("a: [1, 2, 3]", "- move: /a/0\n  to: /a/-", ["move /a/0 /a/-"]),
    "move to an index!": ("a: [1, 2, 3]", "- move: $.a[0]\n  to: $.a[2]", ["move /a/0 /a/-"]),
    "copy": ("a: {b: 1}", "- copy: $.a\n  to: $.c", ["copy /a /c"]),
    "copy by pointer": ("a: {b: 1}", "- copy: /a\n  to: /c", ["copy /a /c"]),
    "copy over the document!": ("a: {a: {b: 1}}", "- copy: $.a\n  to: $", ["replace  {'a': {'b': 1}}"]),
    "remove many": (
        "a: [{x: 1}, {y: 2}, {x: 3}]",
        "- remove: $.a[?@.x]\n  missing: ok",
        ["remove /a/0", "remove /a/1"],
    ),
    "remove what is inside too": (
        "a: {b: {a: 1}}",
        "- remove: $..a\n  missing: ok",
        ["remove /a"],
    ),
    "remove what is not there": ("a: 1", "- remove: $.b\n  missing: ok", []),
    "remove and prune": (
        "a: {b: {c: [1, 2]}}\nd: 1",
        "- remove: $.a.b.c[*]\n  prune: true\n  missing: ok",
        ["remove /a"],
    ),
    "prune keeps what holds something": (
        "a: {b: {c: 1}, d: 2}",
        "- remove: $.a.b.c\n  prune: true\n  missing: ok",
        ["remove /a/b"],
    ),
    "prune keeps the document": ("a: 1", "- remove: $.a\n  prune: true\n  missing: ok", ["remove /a"]),
    "set": ("a: 1", "- set: $.a\n  value: 2", ["replace /a 2"]),
    "set with parents": ("a: {}", "- set: $.a.b.c\n  value: 1", ["add /a/b {'c': 1}"]),
    "set below null": ("a:", "- set: $.a.b.c\n  value: 1", ["replace /a {'b': {'c': 1}}"]),
    "set an equal value": ("a: {b: 1, c: [2]}", "- set: $.a\n  value: {c: [2.0], b: 1}", []),
    "set null": ("a: 1", "- set: $.b\n  value: null", ["add /b None"]),
    "set to omit": ("a: 1", "- set: $.b\n  value: ${ omit }", []),
    "set under a literal key": (
        "a: {}",
        "- set: $.a['${ 'x/y' ~ '.z' }']\n  value: 1",
        ["add /a/x~1y.z 1"],
    ),
    "set what stands under a literal key": (
        "a: {x.y: 1}",
        "- set: $.a['${ 'x.y' }']\n  value: 2",
        ["replace /a/x.y 2"],
    ),
    "default": ("a: {}", "- default: $.a.b.c\n  value: 1", ["add /a/b {'c': 1}"]),
    "default over null": ("a:", "- default: $.a\n  value: 1", ["replace /a 1"]),
    "default leaves false": ("a: false", "- default: $.a\n  value: ${ doc.nothing }", []),
    "merge": (
        "a: {b: 1, c: {d: 2}}",
        "- merge: $.a\n  value: {c: {e: 3}, f: {g: null, h: 1}}",
        ["replace /a {'b': 1, 'c': {'d': 2, 'e': 3}, 'f': {'h': 1}}"],
    ),
    "merge removes with null": ("a: {b: 1, c: 2}", "- merge: $.a\n  value: {b: null}", ["replace /a {'c': 2}"]),
    "merge what is there": ("a: {b: 1, c: {d: 2}}", "- merge: $.a\n  value: {c: {d: 2.0}, x: null}", []),
    "merge creates": ("a: {}", "- merge: $.a.b\n  value: {c: 1, d: null}", ["add /a/b {'c': 1}"]),
    "merge a mapping over a scalar": (
        "a: {b: 1}",
        "- merge: $.a\n  value: {b: {c: 1}}",
        ["replace /a {'b': {'c': 1}}"],
    ),
    "append!": ("a: [1]", "- append: $.a\n  value: 2", ["add /a/- 2"]),
    "append twice!": (
        "a: []",
        "- append: $.a\n  value: 1\n- append: $.a\n  value: 2",
        ["add /a/- 1", "add /a/- 2"],
    ),
    "append creates!": ("a: {}", "- append: $.a.b.c\n  value: {d: 1}", ["add /a/b {'c': [{'d': 1}]}"]),
    "append to null!": ("a:", "- append: $.a\n  value: 1", ["replace /a [1]"]),
    "prepend!": ("a: [1]", "- prepend: $.a\n  value: 0", ["add /a/0 0"]),
    "prepend creates!": ("a: {}", "- prepend: $.b\n  value: 0", ["add /b [0]"]),
    "insert before!": ("a: [{n: x}]", "- insert: $.a[?@.n == 'x']\n  at: before\n  value: 0", ["add /a/0 0"]),
    "insert after!": ("a: [1, 2]", "- insert: $.a[0]\n  at: after\n  value: 0", ["add /a/1 0"]),
    "insert after the last!": ("a: [1, 2]", "- insert: $.a[-1]\n  at: after\n  value: 0", ["add /a/- 0"]),
    "upsert": ("a: [{name: x}]", "- upsert: $.a\n  value: {name: new, v: 1}", ["add /a/- {'name': 'new', 'v': 1}"]),
    "upsert creates": ("{}", "- upsert: $.a.b\n  value: {name: new}", ["add /a {'b': [{'name': 'new'}]}"]),
    "upsert an equal item": ("a: [{name: x, v: 1}]", "- upsert: $.a\n  value: {v: 1.0, name: x}", []),
    "upsert of scalars": ("a: [x]", "- upsert: $.a\n  key: .\n  value: new", ["add /a/- 'new'"]),
    "upsert an equal scalar": ("a: [1, true]", "- upsert: $.a\n  key: .\n  value: 1.0", []),
    "upsert by two fields": (
        "a: [{host: h, port: 1}]",
        "- upsert: $.a\n  key: [host, port]\n  value: {host: h, port: 2}",
        ["add /a/- {'host': 'h', 'port': 2}"],
    ),
    "upsert replaces": (
        "a: [{name: x, v: 1, w: 2}]",
        "- upsert: $.a\n  onConflict: replace\n  value: {name: x, v: 2}",
        ["replace /a/0 {'name': 'x', 'v': 2}"],
    ),
    "upsert merges": (
        "a: [{name: x, v: 1, w: 2}]",
        "- upsert: $.a\n  onConflict: merge\n  value: {name: x, v: 2}",
        ["replace /a/0 {'name': 'x', 'v': 2, 'w': 2}"],
    ),
    "upsert keeps": ("a: [{name: x, v: 1}]", "- upsert: $.a\n  onConflict: keep\n  value: {name: x, v: 2}", []),
    "upsert finds what it added": (
        "a: [{name: x}]",
        "- {upsert: $.a, value: {name: new}}\n- {upsert: $.a, value: {name: new}}",
        ["add /a/- {'name': 'new'}"],
    ),
    "upsert after its key changed!": (
        "a: [{name: x}]",
        """
        - {upsert: $.a, value: {name: new}}
        - {set: '$.a[1].name', value: z}
        - {upsert: $.a, value: {name: z}}
        - {upsert: $.a, value: {name: x}}
        """,
        ["add /a/- {'name': 'z'}"],
    ),
    "rename": ("a: {b: 1, c: 2}", "- rename: $.a.b\n  to: d\n  missing: ok", ["move /a/b /a/d"]),
    "rename to the same": ("a: 1", "- rename: $.a\n  to: a", []),
    "rename what is not there": ("a: 1", "- rename: $.b\n  to: c\n  missing: ok", []),
    "sub!": (
        "a: {b: xx, c: [yxy, 1]}",
        "- sub: $.a..*\n  pattern: x\n  with: xz",
        ["replace /a/b 'xzxz'", "replace /a/c/0 'yxzy'"],
    ),
    "sub with groups!": ("a: k=v", "- sub: $.a\n  pattern: '(\\w)=(\\w)'\n  with: '\\2=\\1'", ["replace /a 'v=k'"]),
    "sub with an expression": (
        "a: img:1",
        "- sub: $.a\n  pattern: '^(\\w+):(\\w+)$'\n  with: \"${ match[1] | upper }-${ match[2] }\"",
        ["replace /a 'IMG-1'"],
    ),
    "sub with a count!": ("a: xxx", "- sub: $.a\n  pattern: x\n  with: new\n  count: 2", ["replace /a 'newnewx'"]),
    "sub except": (
        "a: {b: x, c: {d: x}}",
        "- sub: $..*\n  pattern: ^x$\n  with: new\n  except: $.a.c",
        ["replace /a/b 'new'"],
    ),
    "sub that matches nothing": ("a: x", "- sub: $..*\n  pattern: z\n  with: new", []),
    "sub where nothing is": ("a: x", "- sub: $.b\n  pattern: x\n  with: new", []),
    "map": ("a: [x, 1, y]", "- map: $.a[*]\n  value: ${ it | upper }", ["replace /a/0 'X'", "replace /a/2 'Y'"]),
    "map with omit": ("a: [x, y]", "- map: $.a[*]\n  value: \"${ 'z' if it == 'x' else omit }\"", ["replace /a/0 'z'"]),
    "comment": ("a: 1", "- comment: $.a\n  text: why", []),
    "when": ("a: 1", "- set: $.a\n  value: 2\n  when: doc.b is defined", []),
    "each!": (
        "a: [{n: 1}, {n: 2}]",
        "- append: $.b\n  each: {item: '$.a[*]'}\n  when: item.n != 1\n  value: ${ item.n }",
        ["add /b [2]"],
    ),
}


@pytest.mark.parametrize("case", ACTS)
def test_verb(case: str) -> None:
    text, actions, expected = ACTS[case]
    original = plain(read(text)[0].root)
    evaluation = take(text, actions)
    patch = patch_of(evaluation)
    assert brief(patch) == expected
    result = plain(evaluation.tree.root)
    assert equal(jsonpatch.apply_patch(copy.deepcopy(original), patch) if patch else original, result)
    if not case.endswith("!"):
        again = load_text(HEADER + "- id: rule\n  actions:\n" + textwrap.indent(actions, "  "), "rules.yaml")
        document = replace(evaluation.tree.document, root=build(result))
        assert patch_of(evaluate(document, again)) == []


FAILURES: dict[str, tuple[str, str, str]] = {
    "add without a parent": (
        "a: {}",
        "- add: $.a.b.c\n  value: 1",
        "`.b` is not there, `/a` is a mapping without keys",
    ),
    "add into a scalar": ("a: 1", "- add: $.a.b\n  value: 1", "`/a` is a number; `b` can only be put into a mapping"),
    "replace what is missing": (
        "image: 1\nname: 2",
        "- replace: $.imgae\n  value: 1",
        "`.imgae` is not there, the document is a mapping; keys there: `image`, `name`; did you mean `image`?",
    ),
    "replace by pointer what is missing": ("a: 1", "- replace: /b\n  value: 1", "there is no `b` in the document"),
    "a test that fails": ("a: 1", "- test: $.a\n  value: true", "the test failed: `/a` is 1, expected True"),
    "move into itself": ("a: {b: {}}", "- move: $.a\n  to: $.a.b.c", "`/a` cannot be moved into itself"),
    "remove what is missing": ("a: [1]", "- remove: $.a[3]", "`[3]` is not there, `/a` is a list of 1"),
    "remove the document": ("a: 1", "- remove: $", "the whole document cannot be removed"),
    "set at several places": (
        "a: [{b: 1}, {b: 2}]",
        "- set: $.a[*].b\n  value: 3",
        "`$.a[*].b` finds 2 nodes (`/a/0/b`, `/a/1/b`); `set` acts on one",
    ),
    "set below a scalar": ("a: text", "- set: $.a.b\n  value: 1", "`/a` is a string; `b` can only be put"),
    "set through what cannot be made": (
        "a: {}",
        "- set: $.a[0].b\n  value: 1",
        "`[0]` is not there, `/a` is a mapping",
    ),
    "merge with a list": ("a: [1]", "- merge: $.a\n  value: {b: 1}", "`/a` is a list; only a mapping can be merged"),
    "merge of a scalar": (
        "a: {}",
        "- merge: $.a\n  value: 1",
        "the `value` of `merge` is a number, expected a mapping",
    ),
    "append to a mapping": ("a: {b: 1}", "- append: $.a\n  value: 1", "`/a` is a mapping; `append` needs a list"),
    "insert beside a member": ("a: 1", "- insert: $.a\n  at: after\n  value: 1", "`/a` is not an item of a list"),
    "upsert conflict": (
        "a: [{name: x, v: 1}]",
        "- upsert: $.a\n  value: {name: x, v: 2}",
        "`/a/0` is another item with `name: x`; say what to do with `onConflict: replace`",
    ),
    "upsert without the key": (
        "a: []",
        "- upsert: $.a\n  value: {v: 2}",
        "is a mapping with `v`, expected a mapping with `name`",
    ),
    "upsert of a scalar": ("a: []", "- upsert: $.a\n  value: x", "for a list of scalars write `key: .`"),
    "rename over another": ("a: 1\nb: 2", "- rename: $.a\n  to: b", "`/a` cannot be renamed: there is a `b` already"),
    "rename an item": ("a: [1]", "- rename: $.a[0]\n  to: b", "`/a/0` has no key to rename"),
    "rename what is missing": ("a: 1", "- rename: $.b\n  to: c", "`$.b` finds nothing"),
    "sub with an unknown group": ("a: x", "- sub: $.a\n  pattern: x\n  with: \\1", "has no group `1`"),
    "sub with a group beside an expression": (
        "a: x",
        "- sub: $.a\n  pattern: (x)\n  with: ${ match[0] }\\1",
        "write `${ match[1] }`",
    ),
    "sub that runs away": (
        f"a: {'a' * 40}!",
        "- sub: $.a\n  pattern: ^(a|aa)+$\n  with: x",
        "took more than 1 s",
    ),
    "comment on what is missing": ("a: 1", "- comment: $.b\n  text: x", "`$.b` finds nothing"),
    "comment of two lines on a line": ("a: 1", '- comment: $.a\n  text: "x\\ny"', "write `at: above`"),
    "value of nothing": ("a: 1", "- set: $.a\n  value: ${ doc.b }", "`a`"),
    "action on what was removed": (
        "a: {b: 1}",
        "- {remove: outer, each: {outer: $.a, inner: outer.b}}\n- remove: $.a",
        "`$.a` finds nothing",
    ),
}


@pytest.mark.parametrize("case", FAILURES)
def test_failure(case: str) -> None:
    text, actions, message = FAILURES[case]
    with pytest.raises(RuleError) as caught:
        take(text, actions)
    found = caught.value.messages[0]
    assert message in found.text
    assert found.place.file == "rules.yaml"
    assert found.place.line is not None
    assert found.rule == "test/rule"
    assert [(note.severity, note.place.file) for note in found.notes] == [("note", "input.yaml")]


REMOVED = (
    HEADER
    + """
- id: rule
  match: {item: "$.a[*]"}
  actions:
  - remove: item
  - %s
"""
)


def test_acting_on_a_removed_node_is_an_error() -> None:
    with pytest.raises(RuleError, match="`item` is not in the document any more"):
        take("a: [1]", REMOVED % "set: item\n    value: 2")
    evaluation = take("a: [1, 2]", REMOVED % "{remove: item, missing: ok}")
    assert brief(patch_of(evaluation)) == ["remove /a/0", "remove /a/0"]


def test_captures_inside_a_merged_mapping_stay() -> None:
    rules = (
        HEADER
        + """
- id: rule
  match: {outer: $.a, inner: $.a.b}
  actions:
  - {merge: outer, value: {c: 1}}
  - {set: inner, value: 2}
"""
    )
    assert brief(patch_of(take("a: {b: 1}", rules))) == ["replace /a {'b': 2, 'c': 1}"]


def test_captures_follow_moves_and_renames() -> None:
    rules = (
        HEADER
        + """
- id: rule
  match: {node: $.a.b, inner: $.a.b.c}
  actions:
  - {rename: node, to: d}
  - {move: node, to: $.e}
  - {set: inner, value: "${ pointer(inner) }"}
"""
    )
    patch = brief(patch_of(take("a: {b: {c: 1}}", rules)))
    assert patch == ["move /a/b /a/d", "move /a/d /e", "replace /e/c '/e/c'"]


def test_comments_are_set_on_the_nodes_and_are_no_operations() -> None:
    evaluation = take(
        "a: 1\nb: {c: 2}", "- comment: $..*\n  text: ${ 'x' }\n  at: above\n- comment: $.a\n  text: other"
    )
    root = evaluation.tree.root
    above = {node.key: (node.comment_above, node.comment_line) for node in evaluation.tree.commented}
    assert above == {"a": ("x", "other"), "b": ("x", None), "c": ("x", None)}
    assert evaluation.tree.operations() == []
    assert evaluation.tree.changed == {}
    assert plain(root) == {"a": 1, "b": {"c": 2}}


def test_messages_stand_at_their_node() -> None:
    rules = (
        HEADER
        + """
- id: rule
  match: {item: "$.a[*]", word: "${ ['w'] }"}
  actions:
  - fail: "bad ${ item }"
    when: item > 1
  - {set: item, value: 5}
  - {warn: first, node: "$.a[0]"}
  - fail: worse
    when: item == 3
"""
    )
    evaluation = take("a:\n- 1\n- 2\n- 3\n", rules)
    assert [(message.text, message.place.line) for message in evaluation.refusals] == [
        ("bad 2", 3),
        ("bad 3", 4),
        ("worse", 4),
    ]
    assert [message.place.line for message in evaluation.warnings] == [2, 2, 2]
    assert {message.rule for message in evaluation.messages} == {"test/rule"}
    assert brief(patch_of(evaluation)) == ["replace /a/0 5"]


def test_many_upserts_into_a_long_list_are_not_quadratic() -> None:
    text = "names: [" + ", ".join(f"n{number}" for number in range(5_000)) + "]\nitems:\n"
    text += "".join(f"- {{name: n{number}, v: 0}}\n" for number in range(0, 5_000, 2))
    rules = (
        HEADER
        + """
- id: rule
  match: {name: "$.names[*]"}
  actions:
  - upsert: $.items
    onConflict: merge
    value: {name: "${ name }", v: 1}
  - {set: $.last, value: "${ name }"}
"""
    )
    began = time.perf_counter()
    evaluation = take(text, rules)
    assert len(patch_of(evaluation)) == 5_001
    assert time.perf_counter() - began < 20


def test_the_page_has_a_section_for_every_verb() -> None:
    sections = re.findall(r"^## `(\w+)`", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(sections) == sorted(VERBS)


def test_the_page_names_every_key() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for verb in VERBS.values():
        section = page.split(f"## `{verb.name}`")[1].split("\n## ")[0]
        missing = [key for key in verb.keys if f"`{key}`" not in section]
        assert not missing, f"{verb.name}: {missing}"


EXAMPLE = re.compile(
    r"```yaml\n(?P<before>.*?)```\n\n```yaml\n(?P<rule>.*?)```\n\n```yaml\n(?P<after>.*?)```", re.DOTALL
)


@pytest.mark.parametrize("verb", VERBS)
def test_the_example_of_the_page_is_true(verb: str) -> None:
    section = PAGE.read_text(encoding="utf-8").split(f"## `{verb}`")[1].split("\n## ")[0]
    example = EXAMPLE.search(section)
    assert example is not None
    rules = HEADER + "- id: rule\n" + textwrap.indent(example["rule"], "  ")
    evaluation = take(example["before"], rules)
    assert verb in example["rule"]
    assert equal(plain(evaluation.tree.root), plain(read(example["after"])[0].root))
