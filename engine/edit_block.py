"""Edits of block collections, line by line: entries dropped, added and renamed, values replaced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from .error import InputError
from .node import MAPPING, SCALAR, SEQUENCE, Node
from .pairing import Step, original
from .style import at_sibling_values
from .yaml_writer import (
    Style,
    entry_lines,
    flow_text,
    literal_lines,
    member_value_lines,
    scalar_text,
    value_lines,
)

if TYPE_CHECKING:
    from .edit import Editor

_GAPS_LOOKED_AT = 20


def change_entries(editor: Editor, old: Node, steps: Sequence[Step]) -> None:
    """Drops, adds and renames entries of the block collection `old`, of which at least one stays or comes."""
    column = editor.layout.column(old.value_start)
    steps = _fill_first_line(editor, old, steps, column)
    added: list[Step] = []
    previous: Step | None = None
    for step in steps:
        if step.old is None:
            added.append(step)
            continue
        _add(editor, old, added, previous, step.old, column)
        added = []
        previous = step
        if step.new is None:
            editor.put(*_lines_of(editor, step.old, column), "")
        elif step.key is not None:
            rename_key(editor, step.old, step.key)
    _add(editor, old, added, previous, None, column)


def rename_key(editor: Editor, node: Node, name: str) -> None:
    """Replaces the key of an entry, in the quotes it has where they can hold the new name."""
    quote = editor.text[node.key_start]
    if quote in "&!|>*" or "\n" in editor.text[node.key_start : node.key_end]:
        raise InputError("a key with a tag or an anchor, or on several lines, cannot be renamed", editor.place(node))
    like = quote if quote in "\"'" else None
    editor.put(node.key_start, node.key_end, scalar_text(name, editor.style, like=like, key=True))


def _lines_of(editor: Editor, node: Node, column: int) -> tuple[int, int]:
    """The span of an entry's lines, with the comments that belong to it."""
    layout = editor.layout
    start = layout.head_start(layout.entry_start(node, column), column)
    return start, layout.extent_end(_end(node), column)


def _end(node: Node) -> int:
    return max(node.end, node.key_end)


def _fill_first_line(editor: Editor, old: Node, steps: Sequence[Step], column: int) -> Sequence[Step]:
    """Where the first entry shares its line with a dash and goes, the next one takes its place there.

    Returns the steps that are left to do.
    """
    first = next(step for step in steps if step.old is not None)
    if first.new is not None or not editor.layout.inline(old.value_start):
        return steps
    assert first.old is not None
    begin = editor.layout.entry_start(first.old, column)
    staying = next((number for number, step in enumerate(steps) if step.old and step.new), len(steps))
    coming = [step for step in steps[:staying] if step.old is None]
    if coming:
        lines = _new_lines(editor, old, coming, column)
        end = _last_of(editor, editor.layout.extent_end(_end(first.old), column))
        editor.put(begin, end, _joined(editor, lines, column).removeprefix(" " * column))
        return [step for step in steps if step is not first and step not in coming]
    end = editor.layout.extent_end(_end(first.old), column)
    for step in steps[1:staying]:
        assert step.old is not None
        start, after = _lines_of(editor, step.old, column)
        if editor.text[end:start].strip():
            break
        end = after
        steps = [one for one in steps if one is not step]
    while editor.text[end : end + 1] in (" ", "\t", "\r", "\n"):
        end += 1
    editor.put(begin, end, "")
    return steps[1:]


def _last_of(editor: Editor, extent: int) -> int:
    """The place of the line break that ends the line before `extent`."""
    text = editor.text
    if text[extent - 2 : extent] == "\r\n":
        return extent - 2
    return extent - 1 if text[extent - 1 : extent] in ("\n", "\r") else extent


def _add(
    editor: Editor, old: Node, added: Sequence[Step], before: Step | None, following: Node | None, column: int
) -> None:
    """Writes new entries behind the entry of the step `before`, or before `following` where they come first."""
    if not added:
        return
    previous = before.old if before else None
    layout = editor.layout
    newline = editor.style.newline
    block = _joined(editor, _new_lines(editor, old, added, column), column)
    blank = newline if _blank_between(editor, old, column) else ""
    if previous is not None:
        place = layout.extent_end(_end(previous), column)
        newline = layout.newline(_end(previous))
        if place == len(editor.text):
            if before and before.new is before.old:
                editor.end_literal(previous)
            editor.needs_line_break |= _ends_in_literal(added[-1].new)
        editor.put(place, place, blank + block + newline)
        return
    assert following is not None
    start = layout.entry_start(following, column)
    if layout.inline(start):
        editor.put(start, start, block.removeprefix(" " * column) + newline + blank + " " * column)
    else:
        place = layout.head_start(start, column)
        editor.put(place, place, block + newline + blank)


def _ends_in_literal(node: Node | None) -> bool:
    """Whether the last line of `node`, written anew, is one of a block scalar that needs its line break."""
    while node is not None and node.kind != SCALAR:
        node = next(reversed(node.value.values() if node.kind == MAPPING else node.value), None)
    return node is not None and isinstance(node.value, str) and node.value.endswith("\n")


def _joined(editor: Editor, entries: list[list[str]], column: int) -> str:
    newline = editor.style.newline
    return newline.join(" " * column + newline.join(lines) for lines in entries)


def _new_lines(editor: Editor, old: Node, added: Sequence[Step], column: int) -> list[list[str]]:
    siblings = _siblings(old)
    style = at_sibling_values(editor.style, siblings[-_GAPS_LOOKED_AT:], editor.layout)
    if original(old)[0] == SEQUENCE:
        style = _with_gap(editor, style, siblings)
    blank = _blank_between(editor, old, column)
    entries: list[list[str]] = []
    for step in added:
        assert step.new is not None
        lines = _flow_like(siblings, step, style) or entry_lines(step.key, step.new, column, style)
        entries.append(["", *_padded(lines, column)] if blank and entries else lines)
    return [lines if lines[0] else lines for lines in entries]


def _padded(lines: list[str], column: int) -> list[str]:
    return [" " * column + lines[0], *lines[1:]]


def _siblings(old: Node) -> list[Node]:
    content = original(old)[1]
    children: list[Node] = list(content.values()) if isinstance(content, dict) else content
    return [child for child in children if child.start >= 0]


def _with_gap(editor: Editor, style: Style, siblings: Sequence[Node]) -> Style:
    for item in siblings[:_GAPS_LOOKED_AT]:
        if item.start > item.key_end and not editor.text[item.key_end : item.start].strip(" "):
            return replace(style, gap=item.start - item.key_start)
    return style


def _flow_like(siblings: Sequence[Node], step: Step, style: Style) -> list[str] | None:
    """The entry in flow style, where all its siblings of the same kind are written so."""
    node = step.new
    assert node is not None
    if node.kind == SCALAR or not node.value or node.comment_line or node.comment_above:
        return None
    alike = [child for child in siblings if original(child)[0] == node.kind and original(child)[1]]
    if not alike or not all(child.flow for child in alike):
        return None
    text = flow_text(node, style)
    if step.key is None:
        return ["-" + " " * (style.gap - 1) + text]
    return [f"{scalar_text(step.key, style, key=True)}: {text}"]


def _blank_between(editor: Editor, old: Node, column: int) -> bool:
    """Whether the entries are set apart by blank lines."""
    layout = editor.layout
    siblings = sorted(_siblings(old)[-_GAPS_LOOKED_AT:], key=lambda child: child.start)
    return len(siblings) > 1 and all(
        layout.blank_above(layout.head_start(layout.entry_start(child, column), column)) for child in siblings[1:]
    )


def replace_value(editor: Editor, old: Node, new: Node) -> None:
    """Replaces a value in block context by one of another kind, or one scalar by another.

    A comment on the line of its key or dash stays where it is.
    """
    layout = editor.layout
    inline, below = _value_lines(editor, old, new)
    newline = layout.newline(max(old.start, 0))
    lines = "".join(newline + line for line in below)
    if layout.next_line(_end(old)) == len(editor.text):
        editor.needs_line_break |= _ends_in_literal(new)
    if old.key_start < 0:
        _replace_root(editor, old, inline + lines if inline else lines.removeprefix(newline))
        return
    head = layout.indicator_end(old)
    start = old.value_start if _keeps_tag(old, new) else old.start
    if old.start == old.end:
        if head == old.key_end:  # `? key` without a value
            column = layout.column(old.key_start) - 2
            editor.put(head, head, f"{newline}{' ' * column}:")
        _write_behind(editor, head, head, inline, lines)
    elif original(old)[0] != SCALAR and not old.flow:
        _replace_block(editor, old, start, inline, lines)
    elif old.style in ("|", ">"):
        header = layout.header_end(old)
        editor.put(start if inline else head, header, inline)
        editor.put(layout.line_end(header), old.end, lines)
    else:
        editor.put(start if inline else head, old.end, inline)
        end = layout.line_end(old.end)
        editor.put(end, end, lines)


def _write_behind(editor: Editor, start: int, end: int, inline: str, lines: str) -> None:
    editor.put(start, end, f" {inline}" if inline else "")
    line = editor.layout.line_end(end)
    editor.put(line, line, lines)


def _replace_block(editor: Editor, old: Node, start: int, inline: str, lines: str) -> None:
    layout, text = editor.layout, editor.text
    home = layout.column(old.key_start)
    end = _last_of(editor, layout.extent_end(old.end, home))
    if text[layout.indicator_end(old) : old.value_start].count("\n") == 0:
        editor.put(start, end, inline + lines)
        return
    head = layout.indicator_end(old)
    if start > old.start or old.value_start > old.start:
        head = old.start + len(text[old.start : old.value_start].rstrip())
    if inline:
        editor.put(head, head, f" {inline}")
    editor.put(layout.line_end(head), end, lines)


def _replace_root(editor: Editor, old: Node, text: str) -> None:
    layout = editor.layout
    end = old.end if original(old)[0] == SCALAR or old.flow else layout.line_end(old.end)
    if layout.inline(old.start) and "\n" in text:
        text = layout.newline(old.start) + text
    editor.put(old.start, end, text)


def _keeps_tag(old: Node, new: Node) -> bool:
    """A local tag (`!Ref`) stays on a scalar; a core tag (`!!int`) goes with the value that needed it."""
    core = old.tag is None or old.tag.startswith("tag:yaml.org,2002:") or old.tag == "!"
    return not core and new.kind == SCALAR


def _value_lines(editor: Editor, old: Node, new: Node) -> tuple[str, list[str]]:
    """The new value: what stands on the line of the key or dash, and the lines below."""
    layout = editor.layout
    style = editor.style
    parent = _home_column(editor, old)
    if new.kind == SCALAR and original(old)[0] == SCALAR:
        made = _scalar_like(editor, old, new, parent)
        if made is not None:
            return made
    if old.key_start < 0:
        return value_lines(new, 0, 0, style)
    if editor.text[old.key_start : old.key_end] == "-":
        beside = old.start > old.key_end and not layout.text[old.key_end : old.start].strip(" ")
        return value_lines(new, layout.column(old.start) if beside else parent + style.gap, parent, style)
    return member_value_lines(new, parent, style)


def _home_column(editor: Editor, old: Node) -> int:
    if old.key_start < 0:
        return 0
    colon = editor.layout.indicator_end(old) - 1
    if editor.text[colon] == ":" and not editor.layout.inline(colon):
        return editor.layout.column(colon)  # the value of an explicit key
    return editor.layout.column(old.key_start)


def _scalar_like(editor: Editor, old: Node, new: Node, parent: int) -> tuple[str, list[str]] | None:
    """The new scalar in the style of the old one, or None where that cannot hold it."""
    value = new.value
    if not isinstance(value, str):
        return scalar_text(value, editor.style), []
    if old.style in ("|", ">"):
        lines = literal_lines(value, parent, _literal_step(editor, old, parent), like=old.style)
        return (lines[0], lines[1:]) if lines else (scalar_text(value, editor.style), [])
    if "\n" in value and old.style != '"':
        lines = literal_lines(value, parent, editor.style.indent)
        if lines:
            return lines[0], lines[1:]
    return scalar_text(value, editor.style, like=old.style), []


def _literal_step(editor: Editor, old: Node, parent: int) -> int:
    for line in editor.text[editor.layout.next_line(old.value_start) : old.end].splitlines():
        if line.strip(" "):
            return max(len(line) - len(line.lstrip(" ")) - parent, 1)
    return editor.style.indent


