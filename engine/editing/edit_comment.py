"""Edits of YAML comments: the one on a node's line, and the block above its entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..error import InputError
from ..node import SCALAR, Node
from .pairing import entries_of, original
from .yaml_writer import set_off

if TYPE_CHECKING:
    from .edit import Editor


def edit_comment(editor: Editor, node: Node) -> None:
    """Sets or replaces the comments that rules gave to `node`, which stands in the text.

    Raises `InputError` where no comment can stand: in JSON, and inside a flow collection.
    """
    if editor.json:
        raise InputError("JSON has no comments", editor.place(node))
    if node.key_start < 0 and node.parent is not None:
        raise InputError(
            "a comment cannot stand inside a flow collection (`{...}`, `[...]`): comment the entry that holds it",
            editor.place(node),
        )
    if node.comment_above is not None:
        _edit_above(editor, node, node.comment_above)
    if node.comment_line is not None:
        _edit_line(editor, node, node.comment_line)


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
    if not editor.text.endswith(block, 0, start):  # at the top of a file it may stand among the file's own comments
        editor.put(layout.head_start(start, len(indent)), start, block)


def _edit_line(editor: Editor, node: Node, text: str) -> None:
    layout = editor.layout
    while node.key_start >= 0 and not node.flow and original(node)[0] != SCALAR and layout.inline(node.value_start):
        node = entries_of(node)[0]  # `- a: 1`: the line is that of its first entry
    scalar = original(node)[0] == SCALAR
    if scalar and node.style in ("|", ">"):
        behind = layout.header_end(node)
    else:
        behind = node.end if scalar or node.flow else layout.indicator_end(node)
    end = layout.line_end(behind)
    rest = editor.text[behind:end]
    if rest.strip() and not rest.lstrip().startswith("#"):
        raise InputError("a comment cannot stand inside a line: write `at: above`", editor.place(node))
    comment = f"# {text}"
    if rest.strip():
        editor.put(end - len(rest.lstrip()), end, comment)
    else:
        editor.put(behind, end, set_off(comment, layout.column(behind), editor.style))
