"""The parts of the editor by themselves, and the guard against an editor that is broken on purpose."""

from __future__ import annotations

import importlib

import pytest

from retouch import apply_patch
from retouch.editing.edit_text import Edit, end_last_line, settle, shift_lines, splice, unend_last_line
from retouch.editing.layout import Layout
from retouch.editing.pairing import pair_items
from retouch.error import GuardError, InputError
from retouch.evaluation.tree import Tree
from retouch.node import build, plain
from retouch.reading.document import read

TEXT = "0123456789"


def test_edits_are_applied_in_one_pass():
    edits = settle([Edit(8, 9, "x"), Edit(0, 2, ""), Edit(4, 4, "a"), Edit(4, 4, "b"), Edit(3, 3, "")])
    assert splice(TEXT, edits) == "23ab4567x9"
    assert splice(TEXT[2:], [Edit(3, 5, "-")], offset=2) == "2-56789"


def test_overlapping_deletions_are_joined_with_their_rules():
    edits = settle([Edit(2, 5, "", ("r",)), Edit(1, 3, "", ("q", "r")), Edit(5, 5, "new")])
    assert edits == [Edit(1, 5, "", ("q", "r")), Edit(5, 5, "new")]


def test_edits_that_contradict_each_other_are_our_mistake():
    with pytest.raises(GuardError, match="two edits want the same characters"):
        settle([Edit(1, 4, "x"), Edit(2, 3, "")])


@pytest.mark.parametrize(
    ("text", "edits", "keep", "expected"),
    [
        ("a\nb", [Edit(4, 4, "c\n")], False, "a\nb\nc"),
        ("a\nb", [Edit(2, 4, "")], False, "a"),
        ("a\nb", [Edit(0, 1, "x")], False, "x\nb"),
        ("a\nb", [Edit(0, 1, "x")], True, "x\nb\n"),
        ("a\nb", [Edit(4, 4, "c\n")], True, "a\nb\nc\n"),
        ("a", [Edit(0, 2, "")], False, ""),
        ("a\r\nb", [Edit(6, 6, "c\r\n")], False, "a\r\nb\r\nc"),
        ("a\nb", [Edit(0, 2, "x\n"), Edit(2, 4, "")], False, "x"),
    ],
)
def test_a_missing_line_break_stays_missing(text, edits, keep, expected):
    ended, missing = end_last_line(text)
    assert ended == text + missing
    assert splice(text, unend_last_line(ended, edits, missing, keep=keep)) == expected


def test_lines_are_shifted():
    assert shift_lines("a\n  b\r\n\n c", 2) == ["a", "    b", "", "   c"]
    assert shift_lines("a\n  b\n c", -2) == ["a", "b", "c"]


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_layout_knows_lines(line_break):
    text = line_break.join(["# top", "", "# b", "  # c", "a: 1", ""])
    layout = Layout(text, top=True)
    at = text.index("a")
    assert text[layout.line_start(at) : layout.line_end(at)] == "a: 1"
    assert text[layout.line_above(at) : at] == "  # c" + line_break
    assert layout.head_start(at, 0) == at
    assert text[layout.head_start(text.index("  # c"), 0) :].startswith("# b")
    assert layout.next_line(at) == len(text)
    assert layout.newline(at) == line_break
    assert layout.blank_above(text.index("# b"))
    assert not layout.blank_above(at)


def test_comment_at_the_top_of_the_file_belongs_to_no_entry():
    text = "# top\na: 1\n"
    assert Layout(text, top=True).head_start(6, 0) == 6
    assert Layout(text, top=False).head_start(6, 0) == 0


@pytest.mark.parametrize(
    ("below", "room"),
    [("b: 1\n", True), ("\n\nb: 1\n", True), ("  \nb", True), ("   \nb", False), ("\t\nb", False), ("  # c\n", False)],
)
def test_room_for_a_block_scalar(below, room):
    assert Layout(below, top=False).has_room(0, 2) is room


def steps(old: str, *operations: dict[str, object]) -> list[tuple[object, object]]:
    (document,) = read(old)
    tree = Tree(document)
    for operation in operations:
        tree.apply(operation)
    found = pair_items(document.root, document.root)
    return [
        (step.old and document.source.text[step.old.start : step.old.end], step.new and plain(step.new))
        for step in found
    ]


def test_items_that_stay_are_found_by_identity():
    moved = {"op": "move", "from": "/0", "path": "/2"}
    assert steps("[a, b, c]", moved) == [("a", None), ("b", "b"), ("c", "c"), (None, "a")]


def test_items_of_a_replaced_list_are_found_by_value_then_by_name_then_by_place():
    new = [{"name": "z"}, {"name": "y", "n": 1}, "c", {"name": "w"}]
    found = steps("[{name: y}, {name: x}, c]", {"op": "replace", "path": "", "value": new})
    assert found == [
        (None, {"name": "z"}),
        ("{name: y}", {"name": "y", "n": 1}),
        ("{name: x}", None),
        ("c", "c"),
        (None, {"name": "w"}),
    ]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("x", "y", 1),
        lambda text: text[:-2] + text[-1:],
        lambda text: text.replace("new", "'new", 1),
        lambda text: text + "more: 1\n",
        lambda text: text + "---\nsecond: 1\n",
        lambda text: text.replace("- 1", "- true", 1),
        lambda text: text.replace(": new", ": !!binary new", 1) + "a: 1\n",
    ],
)
def test_the_guard_lets_no_wrong_edit_through(monkeypatch, spoil):
    module = importlib.import_module("retouch.passage")
    monkeypatch.setattr(module, "splice", lambda text, edits: spoil(splice(text, edits)))
    with pytest.raises(GuardError, match=r"Nothing was written"):
        apply_patch("a: x\nb:\n- 1\n", [{"op": "add", "path": "/c", "value": "new"}])


def test_the_guard_names_place_and_operation(monkeypatch):
    module = importlib.import_module("retouch.passage")
    monkeypatch.setattr(module, "splice", lambda text, edits: splice(text, edits).replace("new", "old"))
    with pytest.raises(GuardError, match=r"`/b/c`; the operation there is add `/b/c`") as caught:
        apply_patch("a: 1\n---\nb: {}\n", [{"op": "add", "path": "/b/c", "value": "new"}], 1)
    assert caught.value.line == 3


def test_documents_at_the_limit_of_depth_can_be_edited():
    text = "- " * 199 + "x\n"
    path = "/0" * 199
    assert apply_patch(text, [{"op": "replace", "path": path, "value": "y"}]) == "- " * 199 + "'y'\n"


def test_values_that_are_too_deep_are_refused():
    value: object = "x"
    for _level in range(220):
        value = [value]
    with pytest.raises(InputError, match="nested"):
        apply_patch("a: 1\n", [{"op": "add", "path": "/b", "value": value}])


def test_numbers_that_cannot_be_written_are_refused():
    with pytest.raises(InputError, match="too large to be written"):
        apply_patch("a: 1\n", [{"op": "add", "path": "/b", "value": 1 << 20_000}])


def test_new_nodes_have_no_place():
    assert build({"a": 1}).start == -1
