"""The tree: every primitive changes the nodes and the patch alike, and the patch holds nothing moot."""

from __future__ import annotations

import copy
import json
import time
from pathlib import Path
from typing import Any

import jsonpatch
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retouch.error import PatchError
from retouch.evaluation.tree import Tree
from retouch.node import MAPPING, SCALAR, SEQUENCE, Node, build, children, path_of, plain, walk
from retouch.pointer import join, parse
from retouch.reading.document import Document
from retouch.source import Source
from retouch.value import equal

SPECIFICATION = Path(__file__).resolve().parents[2] / "shared" / "corpus" / "json-patch-tests"


def grow(data: Any) -> Tree:
    """A tree over plain data, with no text behind it."""
    source = Source("", "input.yaml")
    tree = Tree(Document(build(data), source, index=0, item=None, kubernetes=False, resource=None))
    tree.rule = "set/first"
    return tree


def at(tree: Tree, pointer: str) -> Node:
    """The node at a pointer."""
    node = tree.root
    for part in parse(pointer):
        node = node.value[int(part)] if node.kind == SEQUENCE else node.value[part]
    return node


def patch_of(tree: Tree) -> list[dict[str, Any]]:
    """The patch as plain data."""
    return [operation.as_dict() for operation in tree.operations()]


def run(tree: Tree, steps: list[list[Any]]) -> None:
    """Do primitives given as [name, pointer, ...]."""
    for name, pointer, *rest in steps:
        node = at(tree, pointer)
        if name in ("add", "insert"):
            key, value = rest
            (tree.add_member if name == "add" else tree.insert_item)(node, key, build(value))
        elif name == "replace":
            tree.replace(node, build(rest[0]))
        elif name in ("move", "copy"):
            getattr(tree, name)(node, at(tree, rest[0]), rest[1])
        elif name == "test":
            tree.test(pointer, plain(node))
        else:
            getattr(tree, name)(node)


# what is done, and the one patch that says it
FOLDS: dict[str, tuple[Any, list[list[Any]], list[dict[str, Any]]]] = {
    "a member added and filled": (
        {},
        [["add", "", "a", {}], ["add", "/a", "b", 1], ["add", "/a", "c", [1]], ["insert", "/a/c", None, 2]],
        [{"op": "add", "path": "/a", "value": {"b": 1, "c": [1, 2]}}],
    ),
    "an append and a change of it": (
        {"a": [1]},
        [["insert", "/a", None, {}], ["add", "/a/1", "b", 2]],
        [{"op": "add", "path": "/a/-", "value": {"b": 2}}],
    ),
    "added and removed": ({}, [["add", "", "a", 1], ["remove", "/a"]], []),
    "appended and removed": ({"a": []}, [["insert", "/a", None, 1], ["remove", "/a/0"]], []),
    "appended and later removed": (
        {"a": []},
        [["insert", "/a", None, 1], ["insert", "/a", None, 2], ["remove", "/a/0"]],
        [
            {"op": "add", "path": "/a/-", "value": 1},
            {"op": "add", "path": "/a/-", "value": 2},
            {"op": "remove", "path": "/a/0"},
        ],
    ),
    "replaced twice": (
        {"a": 1},
        [["replace", "/a", 2], ["replace", "/a", 3]],
        [{"op": "replace", "path": "/a", "value": 3}],
    ),
    "replaced and put back": ({"a": 1}, [["replace", "/a", 2], ["replace", "/a", 1.0]], []),
    "replaced by a boolean": (
        {"a": 1},
        [["replace", "/a", True]],
        [{"op": "replace", "path": "/a", "value": True}],
    ),
    "replaced by an equal value": ({"a": {"b": 1, "c": 2}}, [["replace", "/a", {"c": 2.0, "b": 1}]], []),
    "replaced and removed": ({"a": 1}, [["replace", "/a", 2], ["remove", "/a"]], [{"op": "remove", "path": "/a"}]),
    "removed and added": (
        {"a": 1},
        [["remove", "/a"], ["add", "", "a", 2]],
        [{"op": "replace", "path": "/a", "value": 2}],
    ),
    "removed and added the same": ({"a": 1}, [["remove", "/a"], ["add", "", "a", 1]], []),
    "removed, added and removed": (
        {"a": 1},
        [["remove", "/a"], ["add", "", "a", 2], ["remove", "/a"]],
        [{"op": "remove", "path": "/a"}],
    ),
    "items removed one by one, then the list": (
        {"a": [1, 2, {"b": 3}]},
        [["replace", "/a/2/b", 4], ["remove", "/a/0"], ["remove", "/a/0"], ["remove", "/a/0"], ["remove", "/a"]],
        [{"op": "remove", "path": "/a"}],
    ),
    "changes inside something replaced": (
        {"a": {"b": 1, "c": [1]}},
        [
            ["replace", "/a/b", 2],
            ["insert", "/a/c", 0, 0],
            ["remove", "/a/c/1"],
            ["add", "/a", "d", 1],
            ["replace", "/a", {"b": 1, "c": [1]}],
        ],
        [],
    ),
    "a claimed mapping is one replace": (
        {"a": {"b": 1, "c": 2}},
        [["replace", "/a/b", 5], ["claim", "/a"], ["remove", "/a/c"], ["add", "/a", "d", 3]],
        [{"op": "replace", "path": "/a", "value": {"b": 5, "d": 3}}],
    ),
    "moved out of something added": (
        {},
        [["add", "", "a", {"b": 1, "c": 2}], ["move", "/a/b", "", "b"]],
        [{"op": "add", "path": "/a", "value": {"c": 2}}, {"op": "add", "path": "/b", "value": 1}],
    ),
    "moved into something added": (
        {"x": {"y": 1}},
        [["add", "", "a", {}], ["replace", "/x/y", 2], ["move", "/x", "/a", "x"]],
        [{"op": "add", "path": "/a", "value": {"x": {"y": 2}}}, {"op": "remove", "path": "/x"}],
    ),
    "added and moved": ({}, [["add", "", "a", 1], ["move", "/a", "", "b"]], [{"op": "add", "path": "/b", "value": 1}]),
    "moved onto its parent": (
        {"a": {"b": 1}},
        [["replace", "/a/b", 2], ["move", "/a/b", "", "a"]],
        [{"op": "replace", "path": "/a", "value": 2}],
    ),
    "moved to where it stands": ({"a": [1]}, [["move", "/a", "", "a"], ["move", "/a/0", "/a", None]], []),
    "moved within a list": (
        {"a": [1, 2, 3]},
        [["move", "/a/0", "/a", None], ["move", "/a/2", "/a", 1]],
        [{"op": "move", "from": "/a/0", "path": "/a/-"}, {"op": "move", "from": "/a/2", "path": "/a/1"}],
    ),
    "moved into the item behind it": (
        {"a": [1, {}]},
        [["move", "/a/0", "/a/1", "b"]],
        [{"op": "remove", "path": "/a/0"}, {"op": "add", "path": "/a/0/b", "value": 1}],
    ),
    "copied, then the source changes": (
        {"a": {"b": 1}},
        [["replace", "/a/b", 2], ["copy", "/a", "", "c"], ["replace", "/a/b", 1]],
        [
            {"op": "replace", "path": "/a/b", "value": 2},
            {"op": "copy", "from": "/a", "path": "/c"},
            {"op": "replace", "path": "/a/b", "value": 1},
        ],
    ),
    "copied out of something added": (
        {},
        [["add", "", "a", {"b": 1}], ["copy", "/a/b", "", "c"], ["replace", "/a/b", 2]],
        [{"op": "add", "path": "/a", "value": {"b": 2}}, {"op": "add", "path": "/c", "value": 1}],
    ),
    "nothing is folded across a test": (
        {"a": 1},
        [["replace", "/a", 2], ["test", "/a"], ["replace", "/a", 1]],
        [
            {"op": "replace", "path": "/a", "value": 2},
            {"op": "test", "path": "/a", "value": 2},
            {"op": "replace", "path": "/a", "value": 1},
        ],
    ),
    "a change of the whole document": ({"a": 1}, [["replace", "", [1]]], [{"op": "replace", "path": "", "value": [1]}]),
    "keys that need escaping": (
        {},
        [["add", "", "a/b~c", 1]],
        [{"op": "add", "path": "/a~1b~0c", "value": 1}],
    ),
}


@pytest.mark.parametrize("case", FOLDS)
def test_patch_is_short(case: str) -> None:
    data, steps, expected = FOLDS[case]
    tree = grow(data)
    run(tree, steps)
    assert patch_of(tree) == expected
    assert equal(jsonpatch.apply_patch(copy.deepcopy(data), expected), plain(tree.root))


def test_rules_of_an_operation_are_all_that_made_it() -> None:
    tree = grow({"x": 1})
    tree.add_member(tree.root, "a", build({}))
    tree.rule = "set/second"
    tree.add_member(at(tree, "/a"), "b", build(1))
    tree.remove(at(tree, "/x"))
    assert [operation.rules for operation in tree.operations()] == [("set/first", "set/second"), ("set/second",)]
    assert list(tree.changed) == [tree.root, at(tree, "/a")]
    assert list(tree.changed[tree.root]) == ["set/first", "set/second"]


def test_before_holds_what_was_there_first() -> None:
    tree = grow({"a": {"b": 1}, "l": [1, 2]})
    mapping, sequence, scalar = at(tree, "/a"), at(tree, "/l"), at(tree, "/a/b")
    first = list(sequence.value)
    tree.remove(first[0])
    tree.insert_item(sequence, None, build(3))
    tree.replace(scalar, build(2))
    tree.replace(scalar, build(3))
    tree.replace(mapping, build("text"))
    assert sequence.before == (SEQUENCE, first)
    assert scalar.before == (SCALAR, 1)
    assert mapping.before == (MAPPING, {"b": scalar})
    assert tree.root.before is None
    assert not tree.alive(scalar)
    assert tree.alive(mapping)


def test_a_move_within_a_mapping_keeps_the_place_of_the_entry() -> None:
    tree = grow({"a": 1, "b": 2, "c": 3})
    tree.move(at(tree, "/b"), tree.root, "z")
    assert list(plain(tree.root)) == ["a", "z", "c"]
    tree.move(at(tree, "/c"), tree.root, "a")
    assert list(plain(tree.root).items()) == [("z", 2), ("a", 3)]


def test_a_node_cannot_be_moved_into_itself() -> None:
    tree = grow({"a": {"b": {}}})
    with pytest.raises(PatchError, match="cannot be moved into itself"):
        tree.move(at(tree, "/a"), at(tree, "/a/b"), "c")


def apply(tree: Tree, patch: list[dict[str, Any]]) -> None:
    """Apply a patch."""
    for operation in patch:
        tree.apply(operation)


def specification() -> list[Any]:
    """The enabled cases of json-patch-tests."""
    cases = []
    for name in ("tests.json", "spec_tests.json"):
        file = SPECIFICATION / name
        for number, case in enumerate(json.loads(file.read_text()) if file.exists() else []):
            if not case.get("disabled") and "patch" in case:
                cases.append(pytest.param(case, id=f"{name}-{number}"))
    return cases


@pytest.mark.skipif(not SPECIFICATION.exists(), reason="json-patch-tests are not here")
@pytest.mark.parametrize("case", specification())
def test_json_patch_tests(case: dict[str, Any]) -> None:
    tree = grow(case["doc"])
    if "error" in case:
        with pytest.raises(PatchError):
            apply(tree, case["patch"])
        return
    apply(tree, case["patch"])
    assert equal(plain(tree.root), case.get("expected", case["doc"]))
    assert equal(jsonpatch.apply_patch(copy.deepcopy(case["doc"]), patch_of(tree)), plain(tree.root))


WRONG: dict[str, tuple[Any, dict[str, Any], str]] = {
    "unknown op": ({}, {"op": "ad", "path": "/a"}, "found `ad`; did you mean `add`?"),
    "no path": ({}, {"op": "remove"}, "`path` of operation `remove` must be a JSON Pointer: it is missing"),
    "no value": ({}, {"op": "add", "path": "/a"}, "operation add `/a` has no `value`"),
    "no slash": ({}, {"op": "remove", "path": "a"}, "did you mean `/a`?"),
    "missing member": (
        {"image": 1, "name": 2},
        {"op": "remove", "path": "/imgae"},
        "remove `/imgae`: there is no `imgae` in the document; keys here: `image`, `name`; did you mean `image`?",
    ),
    "leading zero": ({"a": [1]}, {"op": "remove", "path": "/a/00"}, "expected an index"),
    "behind the end": ({"a": [1]}, {"op": "add", "path": "/a/2", "value": 1}, "behind the end of `/a`, a list of 1"),
    "nothing at -": ({"a": [1]}, {"op": "remove", "path": "/a/-"}, "nothing stands there"),
    "below a scalar": ({"a": "text"}, {"op": "add", "path": "/a/b", "value": 1}, "`/a` is `text`, neither"),
    "the root": ({}, {"op": "remove", "path": ""}, "whole document cannot be removed"),
    "into itself": ({"a": {}}, {"op": "move", "from": "/a", "path": "/a/b"}, "`/a` cannot be moved into itself"),
    "test": ({"a": 1}, {"op": "test", "path": "/a", "value": True}, "test `/a`: the value is 1, expected True"),
    "moved behind the end": (
        {"a": [1, 2]},
        {"op": "move", "from": "/a/0", "path": "/a/2"},
        "behind the end of `/a`, a list of 1",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_operation(case: str) -> None:
    data, operation, message = WRONG[case]
    with pytest.raises(PatchError) as caught:
        grow(data).apply(operation)
    assert message in caught.value.messages[0].text


scalars = st.sampled_from([0, 1, 1.0, True, None, "a", ""])
data = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=4),
    max_leaves=12,
)
containers = data.filter(lambda value: isinstance(value, (dict, list)))


class Editor:
    """Draws primitives for a tree from a source of random numbers."""

    def __init__(self, tree: Tree, draw: Any) -> None:
        self.tree = tree
        self.draw = draw

    def choose(self, nodes: list[Node]) -> Node:
        """One of `nodes`."""
        return nodes[self.draw(st.integers(0, len(nodes) - 1))]

    def act(self) -> None:
        """Do one random primitive."""
        nodes = list(walk(self.tree.root))
        node = self.choose(nodes)
        name = self.draw(st.sampled_from(["add", "replace", "claim", "remove", "move", "copy", "add", "move", "test"]))
        if name == "add":
            self.place(nodes, self.add)
        elif name == "replace":
            self.tree.replace(node, build(self.draw(data)))
        elif name == "claim":
            self.tree.claim(node)
        elif name == "remove" and node.parent is not None:
            self.tree.remove(node)
        elif name == "copy":
            self.place(nodes, lambda parent, key: self.tree.copy(node, parent, key))
        elif name == "move" and node.parent is not None:
            inside = set(walk(node))
            self.place([each for each in nodes if each not in inside], lambda parent, key: self.move(node, parent, key))
        elif name == "test" and self.draw(st.booleans()):
            self.tree.test(self.tree.pointer(node), plain(node))

    def place(self, nodes: list[Node], act: Any) -> None:
        """Call `act` with a container and a key to put something."""
        parents = [node for node in nodes if node.kind != SCALAR]
        if not parents:
            return
        parent = self.choose(parents)
        if parent.kind == MAPPING:
            act(parent, self.draw(st.sampled_from("abcd")))
        else:
            act(parent, self.draw(st.none() | st.integers(0, len(parent.value))))

    def add(self, parent: Node, key: Any) -> None:
        """Put random data."""
        add = self.tree.add_member if parent.kind == MAPPING else self.tree.insert_item
        add(parent, key, build(self.draw(data)))

    def move(self, node: Node, parent: Node, key: Any) -> None:
        """Move, minding that an index counts without the node."""
        if node.parent is parent and isinstance(key, int):
            key = min(key, len(parent.value) - 1)
        self.tree.move(node, parent, key)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(start=containers, draws=st.data())
def test_patch_gives_the_tree(start: Any, draws: st.DataObject) -> None:
    original = copy.deepcopy(start)
    tree = grow(start)
    editor = Editor(tree, draws.draw)
    for _ in range(draws.draw(st.integers(1, 12))):
        editor.act()
    operations = patch_of(tree)
    result = jsonpatch.apply_patch(copy.deepcopy(original), operations) if operations else original
    assert equal(result, plain(tree.root)), operations
    state = copy.deepcopy(original)
    for operation in operations:
        later = jsonpatch.apply_patch(state, [operation])
        moot = operation["op"] in ("add", "replace", "remove") and equal(later, state)
        assert not moot, f"{operation} has no effect"
        state = later
    for node in walk(tree.root):
        assert at(tree, join(path_of(node))) is node
        assert all(child.parent is node for child in children(node))


def test_many_changes_of_a_long_list_are_not_quadratic() -> None:
    tree = grow({"items": [{"n": number} for number in range(100_000)]})
    items = at(tree, "/items")
    captured = list(items.value)
    began = time.perf_counter()
    for node in captured[5_000:15_000]:
        tree.remove(node)
    for number in range(10_000):
        tree.insert_item(items, None, build(number))
    for node in captured[20_000:30_000]:
        tree.replace(node.value["n"], build("new"))
    assert len(tree.operations()) == 30_000
    assert time.perf_counter() - began < 10
    assert tree.pointer(captured[50_000]) == "/items/40000"
