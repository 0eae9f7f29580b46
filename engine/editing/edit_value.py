"""Edits of single values in block context: one scalar becomes another, or a value one of another kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dataclass import replace
from ..error import InputError
from ..late_pattern import late_pattern
from ..node import SCALAR, Node
from .edit_block import drop_all, end_of, ends_in_literal
from .edit_comment import with_comment
from .node_property import keeps_properties
from .pairing import original
from .yaml_writer import Style, is_block, literal_lines, member_value_lines, scalar_text, value_lines

if TYPE_CHECKING:
    from .edit import Editor

_BLANKS = late_pattern(r"[ \t]*")
_DIGIT = late_pattern("[1-9]")


def replace_value(editor: Editor, old: Node, new: Node) -> None:
    """Replaces the value of an entry, or the root. A comment on the line of its key or dash stays where it is."""
    layout = editor.layout
    block = original(old)[0] != SCALAR and not old.flow
    bottom = layout.extent_end(end_of(old), layout.home_column(old)) if block else layout.next_line(end_of(old))
    inline, below = _value_lines(editor, old, new, bottom)
    if inline.startswith("#") and not layout.inline(old.key_start):
        inline, below = _lift_comments(editor, old, inline, below)
    inline = with_comment(editor, old, new, inline)
    lines = "".join(layout.newline(max(old.start, 0)) + line for line in below)
    if bottom == len(editor.text):
        editor.needs_line_break |= ends_in_literal(new)
    if old.key_start < 0:
        _replace_root(editor, old, new, inline, lines)
    elif old.start == old.end:
        _fill_empty(editor, old, inline, lines)
    elif block:
        _replace_block(editor, old, new, inline, lines)
    elif old.style in ("|", ">"):
        _replace_block_scalar(editor, old, new, inline, lines)
    else:
        _put_value(editor, old, new, old.end, inline)
        end = layout.line_end(old.end)
        editor.put(end, end, lines)


def _lift_comments(editor: Editor, old: Node, inline: str, below: list[str]) -> tuple[str, list[str]]:
    """Puts the comments above the first member of an item above its dash; what is left."""
    layout = editor.layout
    start = layout.line_start(old.key_start)
    while inline.startswith("#"):
        editor.put(start, start, editor.text[start : old.key_start] + inline + layout.newline(start))
        inline, below = below[0].lstrip(" "), below[1:]
    return inline, below


def _put_spaced(editor: Editor, start: int, end: int, text: str) -> None:
    """Puts `text`, set off from what stands directly before it, and from a comment directly behind it."""
    before = "" if editor.text[max(start - 1, 0)] in " \t\r\n\ufeff" or start == 0 else " "
    after = " " if editor.text[end : end + 1] == "#" else ""
    editor.put(start, end, before + text + after if text else text)


def _put_value(editor: Editor, old: Node, new: Node, end: int, inline: str) -> None:
    """Puts `inline` in the place of a scalar or flow collection that ends at `end`.

    With nothing to put there (the value goes below) what stands between the key or dash and the old value goes
    too, but for comments.
    """
    layout, text = editor.layout, editor.text
    behind, start = _find_place(editor, old, new)
    if inline and not _is_too_far_left(editor, old, inline):
        _put_spaced(editor, start, end, inline)
        return
    if "#" not in text[behind:start]:
        editor.put(behind, end, f" {inline}" if inline or text[end] == "#" else "")
        return
    if inline:
        editor.put(behind, behind, f" {inline}")
    comment = _BLANKS.match(text, end).end()  # type: ignore[union-attr]  # it matches everywhere
    if text[comment] == "#":
        editor.put(start, comment, "")
    else:
        editor.put(layout.before_break(layout.line_start(start)), end, "")


def _find_place(editor: Editor, old: Node, new: Node) -> tuple[int, int]:
    """Behind what stays before a value (its key, dash or tag), and where the value begins; a tag that goes is taken."""
    layout = editor.layout
    properties = layout.properties_end(old)
    if old.value_start > old.start and keeps_properties(editor, old, new):
        return properties, old.value_start
    if old.value_start > old.start and layout.line_end(properties) < old.value_start:
        _drop_properties(editor, old.start, properties)
        return layout.indicator_end(old), old.value_start
    return layout.indicator_end(old), old.start


def _drop_properties(editor: Editor, start: int, end: int) -> None:
    """Takes out a tag and an anchor that stand on a line above their value; the line too if there is nothing else."""
    layout, text = editor.layout, editor.text
    if not layout.inline(start) and not text[end : layout.line_end(end)].strip():
        editor.put(layout.line_start(start), layout.next_line(end), "")
        return
    while text[start - 1 : start] in (" ", "\t"):
        start -= 1
    editor.put(start, end, "")


def _is_too_far_left(editor: Editor, old: Node, inline: str) -> bool:
    """Whether `inline` cannot stand where a block scalar does: its header may be no deeper than its key."""
    if old.style not in ("|", ">") or inline[0] in "|>" or old.key_start < 0 or editor.layout.inline(old.start):
        return False
    return editor.layout.column(old.start) <= editor.layout.home_column(old)


def _fill_empty(editor: Editor, old: Node, inline: str, lines: str) -> None:
    """Gives a value to a key or dash that has none."""
    layout = editor.layout
    head = layout.indicator_end(old)
    if head == old.key_end and not layout.is_dash(old):  # `? key`
        mark = old.key_start - 1
        while editor.text[mark] in " \t":
            mark -= 1
        if editor.text[mark] != "?":
            raise InputError("a key on lines of its own cannot be given a value", editor.place(old))
        pad = " " * layout.column(mark)
        end = layout.line_end(head)
        editor.put(end, end, f"{layout.newline(head)}{pad}:{' ' if inline else ''}{inline}{lines}")
        return
    if inline:
        _put_spaced(editor, head, head, inline)
    end = layout.line_end(head)
    editor.put(end, end, lines)


def _replace_block(editor: Editor, old: Node, new: Node, inline: str, lines: str) -> None:
    """Replaces a block collection: in the place of its lines, or on the line of its key or dash."""
    layout, text = editor.layout, editor.text
    home = layout.home_column(old)
    head = layout.indicator_end(old)
    end = layout.before_break(layout.extent_end(old.end, home))
    if layout.line_end(head) >= old.value_start:  # `- a: b`
        editor.put(old.start, end, inline + lines)
        return
    properties = layout.properties_end(old)
    stays = keeps_properties(editor, old, new) and properties > old.start
    beside = layout.line_end(head) > old.start  # whether the tag and anchor stand on the line of the key or dash
    if properties > old.start and beside:
        if not stays:
            editor.put(head, properties, "")
        head = properties
    elif stays:
        inline = f"{text[old.start : properties]} {inline}"
    if inline:
        editor.put(head, head, f" {inline}")
    below = layout.line_end(head)
    emptied = new.kind == original(old)[0] and not new.value
    if not emptied or _has_properties_below(editor, old, properties):
        editor.put(below, end, lines)
        return
    if properties > old.start and not beside:
        editor.put(layout.line_start(old.start), layout.next_line(properties), "")
    drop_all(editor, old)


def _has_properties_below(editor: Editor, old: Node, behind: int) -> bool:
    """Whether a tag or an anchor stands on a line of its own before the value."""
    lines = editor.text[max(old.start, behind) : old.value_start].splitlines()
    return old.value_start > old.start and any(line.lstrip(" ")[:1] in ("&", "!") for line in lines)


def _replace_block_scalar(editor: Editor, old: Node, new: Node, inline: str, lines: str) -> None:
    header = editor.layout.header_end(old)
    _put_value(editor, old, new, header, inline)
    editor.put(editor.layout.line_end(header), max(old.end, editor.layout.line_end(header)), lines)


def _replace_root(editor: Editor, old: Node, new: Node, inline: str, lines: str) -> None:
    layout = editor.layout
    start = _find_place(editor, old, new)[1]
    end = old.end
    if old.style in ("|", ">"):
        end = layout.header_end(old)
        editor.put(layout.line_end(end), max(old.end, layout.line_end(end)), lines)
        lines = ""
    elif original(old)[0] != SCALAR and not old.flow:
        end = layout.line_end(old.end)
    if is_block(new, editor.style) and layout.inline(start):
        while editor.text[start - 1] in " \t":
            start -= 1
        lines = layout.newline(start) + inline + lines
        inline = ""
    _put_spaced(editor, start, end, inline)
    end = layout.line_end(end)
    editor.put(end, end, lines)


def _value_lines(editor: Editor, old: Node, new: Node, bottom: int) -> tuple[str, list[str]]:
    """The new value: what stands on the line of the key or dash, and the lines below, down to `bottom`."""
    layout = editor.layout
    style = editor.style
    parent = layout.home_column(old)
    style = replace(
        style, literals=layout.has_room(bottom, parent + style.indent), keeps=layout.blanks_end(bottom) == bottom
    )
    if new.kind == SCALAR and original(old)[0] == SCALAR:
        inline, below = _scalar_like(editor, old, new, style, bottom)
        return editor.anchor_of(new) + inline, below
    if old.key_start < 0:
        return value_lines(new, 0 if layout.inline(old.start) else layout.column(old.start), 0, style)
    if not layout.is_dash(old):
        return member_value_lines(new, parent, style)
    inline, below = value_lines(new, _item_column(editor, old), parent, style)
    if is_block(new, style) and old.value_start > old.start and keeps_properties(editor, old, new):
        return "", [" " * _item_column(editor, old) + inline, *below]
    return inline, below


def _item_column(editor: Editor, old: Node) -> int:
    """The column of what comes in the place of a list item."""
    layout = editor.layout
    if old.flow or original(old)[0] == SCALAR:
        for start in (old.value_start, old.start):
            if start != old.end and not layout.inline(start):
                return layout.column(start)
    beside = old.start > old.key_end and not layout.text[old.key_end : old.start].strip(" ")
    return layout.column(old.start) if beside else layout.column(old.key_end) + 1  # behind one blank


def _scalar_like(editor: Editor, old: Node, new: Node, style: Style, bottom: int) -> tuple[str, list[str]]:
    """The new scalar in the style of the old one where that can hold it."""
    value = new.value
    if not isinstance(value, str):
        return scalar_text(value, style), []
    parent = editor.layout.home_column(old)
    if old.style in ("|", ">"):
        step = _literal_step(editor, old, parent)
        lines = literal_lines(value, parent, step, like=old.style, keeps=style.keeps)
        if lines and editor.layout.has_room(bottom, parent + step):
            return lines[0], lines[1:]
        return scalar_text(value, style), []
    if "\n" in value and old.style != '"' and style.literals:
        lines = literal_lines(value, parent, style.indent, keeps=style.keeps)
        if lines:
            return lines[0], lines[1:]
    return scalar_text(value, style, like=old.style if old.alias is None else new.style), []


def _literal_step(editor: Editor, old: Node, parent: int) -> int:
    text = editor.text
    given = _DIGIT.search(text, old.value_start, editor.layout.header_end(old))
    if given:
        return int(given[0])
    for line in text[editor.layout.next_line(old.value_start) : old.end].splitlines():
        if line.strip(" "):
            return max(len(line) - len(line.lstrip(" ")) - parent, 1)
    return editor.style.indent
