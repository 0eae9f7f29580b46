"""Edits of YAML comments: the one on the line of a value, and the block above its entry."""

from __future__ import annotations

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
        start, behind = _find_comment(editor, old)
        comment = f"# {new.comment_line}"
        if start == behind:
            comment = set_off(comment, editor.layout.column(behind), editor.style)
        _put(editor, start, editor.layout.line_end(behind), comment)


def with_comment(editor: Editor, old: Node, new: Node, inline: str) -> str:
    """`inline`, the first line of the new value of an entry, with the comment that a rule gave it.

    Where a comment stands behind the old value, which stays, that one becomes the new one.
    """
    if new.comment_line is None or old.key_start < 0:
        return inline
    comment = f"# {new.comment_line}"
    layout = editor.layout
    if original(old)[0] == SCALAR or old.flow or not layout.inline(old.value_start):
        start, behind = _find_comment(editor, old)
        if start > behind:
            _put(editor, start, layout.line_end(behind), comment)
            return inline
    if not inline:
        return set_off(comment, layout.column(layout.indicator_end(old)), editor.style)[1:]
    return inline + set_off(comment, layout.column(old.start) + len(inline), editor.style)


def _edit_above(editor: Editor, node: Node, text: str) -> None:
    layout = editor.layout
    start = layout.line_start(node.key_start if node.key_start >= 0 else node.start)
    column = layout.column(node.key_start if node.key_start >= 0 else node.start)
    first = editor.text[start : start + column].strip(" -?")
    if first:
        raise InputError("a comment cannot stand above something inside a line", editor.place(node))
    indent = " " * (len(editor.text[start : start + column]) - len(editor.text[start : start + column].lstrip(" ")))
    newline = layout.newline(start)
    block = "".join(f"{indent}# {line}".rstrip() + newline for line in text.split("\n"))
    head = layout.head_start(start, len(indent))
    if editor.text.endswith(block, 0, start):  # at the top of a file it may stand among the file's own comments
        block = editor.text[head:start]
    _put(editor, head, start, block)


def _find_comment(editor: Editor, node: Node) -> tuple[int, int]:
    """Where the comment on the line of `node` begins, and behind what it stands; the latter twice if there is none."""
    layout = editor.layout
    while node.key_start >= 0 and not node.flow and original(node)[0] != SCALAR and layout.inline(node.value_start):
        node = entries_of(node)[0]  # `- a: 1`: the line is that of its first entry
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


def _put(editor: Editor, start: int, end: int, text: str) -> None:
    """Notes one edit; where an item and its first member share a place, the first one noted stays."""
    if (start, end) not in editor.comment_places:
        editor.comment_places.add((start, end))
        editor.put(start, end, text)
