"""Edits of keys: one name becomes another, in the quotes it has where they can hold the new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..error import InputError
from ..late_pattern import late_pattern
from ..node import Node
from ..reading.yaml_mark import properties_end
from .yaml_writer import needs_question_mark, scalar_text

if TYPE_CHECKING:
    from .edit import Editor

_BLOCK_HEADER = late_pattern(r"[|>][-+0-9]*")
_TAG_THAT_STAYS = late_pattern(r"!!str|!(?![!<])[^ \t\r\n]*")


def rename_key(editor: Editor, node: Node, name: str, *, flow: bool) -> None:
    """Replaces the key of an entry, with its anchor if it has one; a local tag stays.

    Raises `InputError` for a name that needs a `?` which is not there.
    """
    text = editor.text
    start = begin = node.key_start
    while begin < node.key_end and text[begin] in "&!":
        begin = min(properties_end(text, begin, 1), node.key_end)
    like = text[begin : begin + 1]
    new = scalar_text(name, editor.style, flow=flow, like=like if like in ("'", '"') else None, key=True)
    if needs_question_mark(new, editor.style):
        raise InputError(f"a key of {len(name)} characters is too long to stand here", editor.source.place(start))
    header = _BLOCK_HEADER.match(text, begin)
    if header:
        editor.put(editor.layout.line_end(begin), node.key_end, "")
    end = header.end() if header else node.key_end
    properties, comment, _ = text[start:begin].partition("#")
    if _TAG_THAT_STAYS.fullmatch(properties.rstrip()):
        editor.put(begin, end, new if text[begin - 1] in " \t\r\n" else f" {new}")
    elif comment:
        editor.put(start, start + len(properties), "")
        editor.put(begin, end, new)
    else:
        editor.put(start, end, new)
