"""RFC 6902 on plain data: the conformance suite, undoing, guarding, and what a patch would overwrite."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retouch.error import PatchError
from retouch.patch import apply, apply_to, created_mappings, guard, reverse
from retouch.pointer import parse
from retouch.value import equal

SUITE = Path(__file__).resolve().parents[2] / "shared" / "corpus" / "json-patch-tests"


def cases() -> list[Any]:
    found = []
    for name in ("spec_tests.json", "tests.json"):
        path = SUITE / name
        for number, case in enumerate(json.loads(path.read_text("utf-8")) if path.exists() else []):
            if "patch" in case and not case.get("disabled"):
                found.append(pytest.param(case, id=f"{path.stem}-{number}"))
    return found or [pytest.param({}, marks=pytest.mark.skip(reason="the conformance suite is not on this machine"))]


def apply_leniently(data: Any, operations: list[dict[str, Any]]) -> Any:
    """Apply as the API server does: an absent member passes a test for null."""
    result = data
    for operation in operations:
        if operation["op"] == "test" and operation["value"] is None:
            *above, key = parse(operation["path"]) or [""]
            parent = result
            for step in above:
                parent = parent[int(step)] if isinstance(parent, list) else parent[step]
            if isinstance(parent, dict) and key not in parent:
                continue
        result = apply(result, [operation])
    return result


@pytest.mark.parametrize("case", cases())
def test_conformance(case: dict[str, Any]) -> None:
    before = copy.deepcopy(case["doc"])
    if "error" in case:
        with pytest.raises(PatchError):
            apply(case["doc"], case["patch"])
        return
    result = apply(case["doc"], case["patch"])
    assert equal(result, case.get("expected", result))
    assert equal(case["doc"], before)


@pytest.mark.parametrize("case", [each for each in cases() if not each.values[0].get("error")])
def test_a_patch_of_the_suite_is_undone_and_guarded(case: dict[str, Any]) -> None:
    document, operations = case["doc"], case["patch"]
    result = apply(document, operations)
    undo = reverse(document, operations)
    assert equal(apply(result, undo), document)
    assert not any(operation["op"] == "test" for operation in undo)
    guarded = guard(document, operations)
    assert equal(apply_leniently(document, guarded), result)
    assert [each for each in guarded if each["op"] != "test"] == [each for each in operations if each["op"] != "test"]


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        ({}, "op"),
        ("add", "operation 0"),
        ({"op": "add", "path": "/a"}, "no `value`"),
        ({"op": "move", "path": "/a"}, "no `from`"),
        ({"op": "move", "path": "/a", "from": "b"}, "JSON Pointer"),
        ({"op": "replace", "path": "/b", "value": 1}, "replace /b"),
        ({"op": "test", "path": "/a", "value": True}, "test /a"),
        ({"op": "remove", "path": "/l/2"}, "remove /l/2"),
        ({"op": "add", "path": "/l/x", "value": 1}, "add /l/x"),
    ],
)
@pytest.mark.parametrize("act", [apply, reverse, guard])
def test_what_cannot_be_applied_is_our_error_naming_the_operation(act: Any, operation: Any, said: str) -> None:
    with pytest.raises(PatchError, match="operation 0") as caught:
        act({"a": 1, "l": [1, 2]}, [operation])
    assert said in str(caught.value)


POD = {
    "metadata": {"name": "p", "annotations": None},
    "spec": {"containers": [{"name": "main", "image": "a:1", "env": [["x"], "y"]}, {"image": "b:1"}]},
}


@pytest.mark.parametrize(
    ("operation", "tests"),
    [
        ({"op": "replace", "path": "/metadata/name", "value": "q"}, [("/metadata/name", "p")]),
        ({"op": "add", "path": "/metadata/labels", "value": {}}, [("/metadata/labels", None)]),
        ({"op": "add", "path": "/metadata/name", "value": "q"}, [("/metadata/name", "p")]),
        (
            {"op": "replace", "path": "/spec/containers/0/image", "value": "x"},
            [("/spec/containers/0/name", "main"), ("/spec/containers/0/image", "a:1")],
        ),
        (
            {"op": "remove", "path": "/spec/containers/1/image"},
            [("/spec/containers/1", {"image": "b:1"}), ("/spec/containers/1/image", "b:1")],
        ),
        (
            {"op": "replace", "path": "/spec/containers/0/env/0/0", "value": "z"},
            [
                ("/spec/containers/0/name", "main"),
                ("/spec/containers/0/env/0", ["x"]),
                ("/spec/containers/0/env/0/0", "x"),
            ],
        ),
        ({"op": "add", "path": "/spec/containers/-", "value": {}}, []),
        ({"op": "add", "path": "/spec/containers/0", "value": {}}, [("/spec/containers/0/name", "main")]),
        ({"op": "add", "path": "/spec/containers/2", "value": {}}, [("/spec/containers/1", {"image": "b:1"})]),
        (
            {"op": "move", "from": "/metadata/name", "path": "/metadata/title"},
            [("/metadata/name", "p"), ("/metadata/title", None)],
        ),
        (
            {"op": "copy", "from": "/metadata/name", "path": "/spec/name"},
            [("/metadata/name", "p"), ("/spec/name", None)],
        ),
        ({"op": "test", "path": "/metadata/name", "value": "p"}, []),
    ],
)
def test_guards_prove_what_the_operation_takes_from_the_file(operation: Any, tests: Any) -> None:
    found = guard(POD, [operation])
    assert found[-1] == operation
    assert [(each["path"], each["value"]) for each in found[:-1]] == tests


def test_guard_of_a_move_counts_its_target_while_the_item_is_still_there() -> None:
    data = {"l": [{"name": "a"}, {"name": "b"}]}
    found = guard(data, [{"op": "move", "from": "/l/0/name", "path": "/l/1/title"}])
    assert {"op": "test", "path": "/l/1/name", "value": "b"} in found
    found = guard(data, [{"op": "move", "from": "/l/0", "path": "/l/0"}])
    assert [each["path"] for each in found] == ["/l/0", "/l/0"]
    later = {"l": [1, {"name": "b"}, {"name": "c", "x": {}}]}
    found = guard(later, [{"op": "move", "from": "/l/0", "path": "/l/1/x/y"}])
    assert [each["path"] for each in found] == ["/l/0", "/l/2/name", "/l/2/x/y", "/l/1/x/y"]


def test_a_name_is_tested_again_only_after_items_moved() -> None:
    data = {"l": [{"name": "a", "x": 1, "y": 1}, {"name": "b"}]}
    change = [{"op": "replace", "path": "/l/0/x", "value": 2}, {"op": "replace", "path": "/l/0/y", "value": 2}]
    assert [each["path"] for each in guard(data, change)].count("/l/0/name") == 1
    moved = [change[0], {"op": "remove", "path": "/l/1"}, change[1]]
    assert [each["path"] for each in guard(data, moved)].count("/l/0/name") == 2


@pytest.mark.parametrize("name", ["p", "q"])
def test_a_guarded_patch_is_refused_by_an_object_that_drifted(name: str) -> None:
    guarded = guard(POD, [{"op": "add", "path": "/metadata/labels", "value": {"a": "b"}}])
    drifted = copy.deepcopy(POD)
    drifted["metadata"]["labels"] = {"name": name}
    with pytest.raises(PatchError, match="test /metadata/labels"):
        apply_leniently(drifted, guarded)


def test_mappings_that_a_patch_creates_whole() -> None:
    operations = [
        {"op": "add", "path": "/metadata/labels", "value": {"a": "b"}},
        {"op": "add", "path": "/metadata/labels/c", "value": "d"},
        {"op": "add", "path": "/metadata/annotations", "value": {}},
        {"op": "add", "path": "/spec/containers/-", "value": {"name": "c"}},
        {"op": "copy", "from": "/metadata/labels", "path": "/spec/selector"},
        {"op": "add", "path": "/spec/list", "value": []},
    ]
    assert created_mappings(POD, operations) == ["/metadata/labels", "/spec/selector"]


scalars = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-2, 2) | st.sampled_from(["", "a", "name", "é/~"])
keys = st.sampled_from(["a", "b", "name", "x/y", "~", "0", "-", ""])
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=12
)


@st.composite
def patched(draw: Any) -> tuple[Any, list[dict[str, Any]]]:
    """Data and a patch that applies to it."""
    data = current = draw(values)
    operations: list[dict[str, Any]] = []
    for _ in range(draw(st.integers(1, 5))):
        places = list(locations(current))
        kind = draw(st.sampled_from(["add", "remove", "replace", "move", "copy", "test"]))
        operation = {"op": kind, "path": draw(st.sampled_from(places))[0]}
        if kind in ("add", "replace"):
            operation["value"] = draw(values)
        elif kind in ("move", "copy"):
            operation["from"] = draw(st.sampled_from(places))[0]
        elif kind == "test":
            operation["value"] = None
        try:
            current = apply(current, [operation])
        except PatchError:
            continue
        operations.append(operation)
    return data, operations


def locations(data: Any, path: str = "") -> Any:
    yield path, data
    if isinstance(data, dict):
        for key in {*data, "a", "new"}:
            below = f"{path}/{key.replace('~', '~0').replace('/', '~1')}"
            yield from locations(data[key], below) if key in data else [(below, None)]
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from locations(item, f"{path}/{index}")
        yield from [(f"{path}/{len(data)}", None), (f"{path}/-", None)]


@settings(max_examples=300, deadline=None)
@given(patched())
def test_any_patch_is_undone_and_passes_its_own_guard(case: tuple[Any, list[dict[str, Any]]]) -> None:
    data, operations = case
    before = copy.deepcopy(data)
    result = apply(data, operations)
    undo = reverse(data, operations)
    assert equal(apply(result, undo), data)
    assert equal(apply_leniently(data, guard(data, operations)), result)
    assert equal(apply_leniently(result, guard(result, undo)), data)
    assert equal(data, before)


_PATHS = (
    " / /a /a/0 /a/1 /a/01 /a/- /a/2 /a/-1 /a/x /a/\u0661 /a/1/b /s~1t /s~0t /none /a/0/b /n /n/x /a/1/b/c /a/00 /a/+1"
)


@pytest.mark.parametrize("path", _PATHS.split(" "))
def test_what_is_replaced_without_the_library_is_what_the_library_replaces(path):
    data = {"a": [1, {"b": None}], "s/t": 2, "s~t": 3, "n": None, "": 4}
    before = copy.deepcopy(data)
    operations = [{"op": "replace", "path": path, "value": {"new": [5]}}] * 2

    def outcome(work: Any) -> Any:
        try:
            return work(data, operations)
        except PatchError as error:
            return [message.text for message in error.messages]

    assert equal(outcome(apply_to), outcome(apply))
    assert equal(data, before)
