"""Edits of YAML comments: the one on the line of a value, and the block above its entry."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from ..error import InputError
from ..node import SCALAR, Node
from .pairing import entries_of, original
from .yaml_writer import set_off

if TYPE_CHECKING:
    from .edit import Editor


def edit_comments(editor: Editor, old: Node, new: Node, *, written: bool) -> None:
    """Sets or replaces the comments that rules gave to `new`, which is what `old` is in the text.

    `written`: the value has been written anew, its comment on the line with it.
    Raises `InputError` where no comment can stand: in JSON, and inside a flow collection.
    """
    if editor.json:
        raise InputError("JSON has no comments", editor.place(old))
    if old.key_start < 0 and old is not editor.root:
        raise InputError(
            "a comment cannot stand inside a flow collection (`{...}`, `[...]`): comment the entry that holds it",
            editor.place(old),
        )
    if new.comment_above is not None:
        _edit_above(editor, old, new.comment_above)
    if new.comment_line is not None and not written:
        _edit_line(editor, old, new.comment_line)


def with_comment(editor: Editor, old: Node, new: Node, inline: str) -> str:
    """`inline`, the first line of the new value of an entry, with the comment that a rule gave it.

    Where a comment stands behind the old value, which stays, that one becomes the new one.
    """
    text = _comment_of(editor, old, new)
    if text is None or old.key_start < 0:
        return inline
    comment = f"# {text}"
    layout = editor.layout
    if original(old)[0] == SCALAR or old.flow or not layout.inline(old.value_start):
        start, behind = _find_comment(editor, old)
        if start > behind:
            _put(editor, old, start, layout.line_end(behind), comment)
            return inline
    if not inline:
        return set_off(comment, layout.column(layout.indicator_end(old)), editor.style)[1:]
    return inline + set_off(comment, layout.column(old.start) + len(inline), editor.style)


def _comment_of(editor: Editor, old: Node, new: Node) -> str | None:
    """The comment for the line of `new`: its own, or that of an item which begins on this line."""
    text = new.comment_line
    while text is None and old.parent is not None and _first_entry(editor, old.parent) is old:
        old = old.parent
        text = old.comment_line
    return text


def _first_entry(editor: Editor, node: Node) -> Node | None:
    """The entry that stands on the line where the block collection `node` begins, behind a dash."""
    if node.start < 0 or node.key_start < 0 or node.flow or original(node)[0] == SCALAR:
        return None
    if not editor.layout.inline(node.value_start):
        return None
    return editor.first_entries.get(node, entries_of(node)[0])


def _edit_line(editor: Editor, node: Node, text: str) -> None:
    first = _first_entry(editor, node)
    while first is not None and node not in editor.replaced:
        node, first = first, _first_entry(editor, first)
    if node in editor.replaced or editor.first_entries.get(node, node) is None:
        return  # it was written anew, with this comment
    start, behind = _find_comment(editor, node)
    comment = f"# {text}"
    if start == behind:
        comment = set_off(comment, editor.layout.column(behind), editor.style)
    _put(editor, node, start, editor.layout.line_end(behind), comment)


def _edit_above(editor: Editor, node: Node, text: str) -> None:
    layout = editor.layout
    begin = node.key_start if node.key_start >= 0 else node.start
    if node.parent is not None and editor.first_entries.get(node.parent) is node:
        begin = node.parent.value_start  # it comes to the line of the dash
    start, column = layout.line_start(begin), layout.column(begin)
    before = editor.text[start : start + column]
    if before.strip(" -?") or before.startswith("---"):
        raise InputError("a comment cannot stand above something inside a line", editor.place(node))
    indent = " " * (len(before) - len(before.lstrip(" ")))
    newline = layout.newline(start)
    block = "".join(f"{indent}# {line}".rstrip() + newline for line in text.split("\n"))
    head = layout.head_start(start, len(indent))
    if editor.text.endswith(block, 0, start):  # at the top of a file it may stand among the file's own comments
        block = editor.text[head:start]
    _put(editor, node, head, start, block)


def _find_comment(editor: Editor, node: Node) -> tuple[int, int]:
    """Where the comment on the line of `node` begins, and behind what it stands; the latter twice if there is none."""
    layout = editor.layout
    scalar = original(node)[0] == SCALAR
    if scalar and node.style in ("|", ">"):
        behind = layout.header_end(node)
    else:
        behind = node.end if scalar or node.flow else layout.indicator_end(node)
    rest = editor.text[behind : layout.line_end(behind)]
    comment = rest.lstrip()
    if comment and not comment.startswith("#"):
        raise InputError("a comment cannot stand inside a line: write `at: above`", editor.place(node))
    return (behind + len(rest) - len(comment) if comment else behind), behind


def _put(editor: Editor, node: Node, start: int, end: int, text: str) -> None:
    """Notes one edit; where an item and its first member share a place, the first one noted stays."""
    if (start, end) in editor.comment_places:
        return
    behind = bisect_left(editor.taken, (end, end))
    if behind and editor.taken[behind - 1][1] > start:
        message = "this comment stands where another rule changes the text: set it in a run of its own"
        raise InputError(message, editor.place(node))
    editor.comment_places.add((start, end))
    editor.put(start, end, text)
