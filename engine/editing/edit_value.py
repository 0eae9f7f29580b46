"""Edits of single values in block context: one scalar becomes another, or a value one of another kind."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from ..error import InputError
from ..node import SCALAR, Node
from .edit_block import end_of, ends_in_literal, lines_of
from .node_property import keeps_properties
from .pairing import entries_of, original
from .yaml_writer import Style, block_lines, is_block, literal_lines, member_value_lines, scalar_text, value_lines

if TYPE_CHECKING:
    from .edit import Editor

_DIGIT = re.compile("[1-9]")


def replace_value(editor: Editor, old: Node, new: Node) -> None:
    """Replaces the value of an entry, or the root. A comment on the line of its key or dash stays where it is."""
    layout = editor.layout
    block = original(old)[0] != SCALAR and not old.flow
    bottom = layout.extent_end(end_of(old), layout.home_column(old)) if block else layout.next_line(end_of(old))
    inline, below = _value_lines(editor, old, new, bottom)
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
        start, inline = _beside_properties(editor, old, new, inline)
        if not inline and layout.line_end(start) < old.start:
            _drop_lines(editor, old)
        else:
            _put_spaced(editor, start, old.end, inline)
        end = layout.line_end(old.end)
        editor.put(end, end, lines)


def _drop_lines(editor: Editor, old: Node) -> None:
    """Takes out a scalar that stands below its key or dash; what stands beside these, and beside itself, stays."""
    layout = editor.layout
    end = layout.line_end(old.end)
    if editor.text[old.end : end].strip():
        editor.put(old.start, old.end, "")
    else:
        editor.put(layout.before_break(layout.line_start(old.start)), end, "")


def _put_spaced(editor: Editor, start: int, end: int, text: str) -> None:
    """Puts `text`, set off from a comment that stands directly behind it."""
    editor.put(start, end, text + " " if editor.text[end : end + 1] == "#" else text)


def _beside_properties(editor: Editor, old: Node, new: Node, inline: str) -> tuple[int, str]:
    """From where the text of a scalar or flow collection is replaced, and by what: its tag may stay or go."""
    keeps = old.value_start == old.start or keeps_properties(editor, old, new)
    if not inline:
        return _behind_head(editor, old, keeps=keeps), ""
    if old.value_start == old.start:
        return old.start, inline
    if keeps:
        beside = editor.text[old.value_start - 1] in " \t\r\n"
        return old.value_start, inline if beside else f" {inline}"
    end = editor.layout.properties_end(old)
    if editor.layout.line_end(end) < old.value_start:
        start = old.start
        while editor.layout.inline(start) and editor.text[start - 1] in " \t":
            start -= 1
        editor.put(start, end, "")
        return old.value_start, inline
    return old.start, inline


def _behind_head(editor: Editor, old: Node, *, keeps: bool) -> int:
    """From where a value goes that gives way to a block below: comments on lines above it stay."""
    layout = editor.layout
    line = layout.line_start(old.value_start)
    if keeps and old.key_start >= 0 and line > layout.indicator_end(old):
        return layout.before_break(line)
    return layout.properties_end(old) if keeps and old.value_start > old.start else layout.indicator_end(old)


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
        _put_spaced(editor, head, head, f" {inline}")
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
    column = layout.column(old.value_start)
    for entry in entries_of(old):
        editor.put(*lines_of(editor, entry, column), "")


def _has_properties_below(editor: Editor, old: Node, behind: int) -> bool:
    """Whether a tag or an anchor stands on a line of its own before the value."""
    lines = editor.text[max(old.start, behind) : old.value_start].splitlines()
    return old.value_start > old.start and any(line.lstrip(" ")[:1] in ("&", "!") for line in lines)


def _replace_block_scalar(editor: Editor, old: Node, new: Node, inline: str, lines: str) -> None:
    header = editor.layout.header_end(old)
    start, inline = _beside_properties(editor, old, new, inline)
    _put_spaced(editor, start, header, inline)
    editor.put(editor.layout.line_end(header), max(old.end, editor.layout.line_end(header)), lines)


def _replace_root(editor: Editor, old: Node, new: Node, inline: str, lines: str) -> None:
    layout = editor.layout
    start, inline = _beside_properties(editor, old, new, inline)
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
    if not layout.has_room(bottom, parent + style.indent):
        style = replace(style, literals=False)
    if new.kind == SCALAR and original(old)[0] == SCALAR:
        inline, below = _scalar_like(editor, old, new, style, bottom)
        return editor.anchor_of(new) + inline, below
    if old.key_start < 0:
        return value_lines(new, 0 if layout.inline(old.start) else layout.column(old.start), 0, style)
    if layout.is_dash(old):
        beside = old.start > old.key_end and not layout.text[old.key_end : old.start].strip(" ")
        block = original(old)[0] != SCALAR and not old.flow
        stays = beside or (not block and layout.line_end(old.key_end) < old.start)
        column = layout.column(old.start) if stays else layout.column(old.key_end) + 1  # behind one blank
        if is_block(new, style) and old.value_start > old.start and keeps_properties(editor, old, new):
            first, *rest = block_lines(new, column, style)
            return "", [" " * column + first, *rest]
        return value_lines(new, column, parent, style)
    return member_value_lines(new, parent, style)


def _scalar_like(editor: Editor, old: Node, new: Node, style: Style, bottom: int) -> tuple[str, list[str]]:
    """The new scalar in the style of the old one where that can hold it."""
    value = new.value
    if not isinstance(value, str):
        return scalar_text(value, style), []
    parent = editor.layout.home_column(old)
    if old.style in ("|", ">"):
        step = _literal_step(editor, old, parent)
        lines = literal_lines(value, parent, step, like=old.style)
        if lines and editor.layout.has_room(bottom, parent + step):
            return lines[0], lines[1:]
        return scalar_text(value, style), []
    if "\n" in value and old.style != '"' and style.literals:
        lines = literal_lines(value, parent, style.indent)
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
