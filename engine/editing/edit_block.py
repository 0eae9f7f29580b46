"""Edits of block collections, line by line: entries dropped, added and renamed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..node import MAPPING, SCALAR, SEQUENCE, Node
from .edit_key import rename_key
from .pairing import Step, deepest_last, original
from .style import at_sibling_values
from .yaml_writer import Style, entry_lines, flow_text, needs_question_mark, scalar_text

if TYPE_CHECKING:
    from .edit import Editor

_SIBLINGS_LOOKED_AT = 20


def change_entries(editor: Editor, old: Node, steps: Sequence[Step]) -> None:
    """Drops, adds and renames entries of the block collection `old`, of which at least one stays or comes."""
    column = editor.layout.column(old.value_start)
    steps = _fill_first_line(editor, old, steps, column)
    added: list[Step] = []
    previous: Step | None = None
    kept: Step | None = None
    for step in steps:
        if step.old is None:
            added.append(step)
            continue
        _add(editor, old, added, previous, step.old, column)
        added = []
        previous = step
        if step.new is None:
            _drop(editor, step.old, kept, column)
            continue
        kept = step
        if step.key is not None:
            rename_key(editor, step.old, step.key, flow=False)
    _add(editor, old, added, previous, None, column)
    if kept is not None and previous is not kept and previous is not None and not added:
        _become_last(editor, kept, previous.old, column)


def _become_last(editor: Editor, kept: Step, dropped: Node | None, column: int) -> None:
    """Keeps the line break that a block scalar needs which comes to stand last, as `dropped` goes."""
    if kept.old is None or dropped is None:
        return
    if editor.layout.extent_end(end_of(dropped), column) == len(editor.text):
        last = deepest_last(kept.old)
        literal = kept.new is not kept.old or last in editor.changed or last.style in ("|", ">")
        editor.needs_line_break |= literal and ends_in_literal(kept.new)


def lines_of(editor: Editor, node: Node, column: int) -> tuple[int, int]:
    """The span of an entry's lines in a collection at `column`, with the comments that belong to it."""
    layout = editor.layout
    start = layout.head_start(layout.entry_start(node, column), column)
    return start, layout.extent_end(end_of(node), column)


def end_of(node: Node) -> int:
    """Where an entry ends; a key without a value ends it."""
    return max(node.end, node.key_end)


def ends_in_literal(node: Node | None) -> bool:
    """Whether the last line of `node`, written anew, is one of a block scalar that needs its line break."""
    while node is not None and node.kind != SCALAR:
        node = next(reversed(node.value.values() if node.kind == MAPPING else node.value), None)
    return node is not None and isinstance(node.value, str) and node.value.endswith("\n")


def _drop(editor: Editor, node: Node, kept: Step | None, column: int) -> None:
    """Takes out the lines of an entry; also the blank lines below, if `kept` above would take them for its own."""
    start, end = lines_of(editor, node, column)
    last = None if kept is None or kept.old is None else deepest_last(kept.old)
    if last is not None and last.style in ("|", ">"):
        keeps = editor.layout.keeps_blank_lines(last)
        if keeps or not editor.layout.has_room(end, column + 1):
            end = editor.layout.blanks_end(end)
    editor.put(start, end, "")


def _fill_first_line(editor: Editor, old: Node, steps: Sequence[Step], column: int) -> Sequence[Step]:
    """Where the first entry shares its line with a dash and goes, the next one takes its place there.

    Returns the steps that are left to do.
    """
    first = next(step for step in steps if step.old is not None)
    if first.old is None or first.new is not None or not editor.layout.inline(old.value_start):
        return steps
    begin = editor.layout.entry_start(first.old, column)
    end = editor.layout.extent_end(end_of(first.old), column)
    staying = next((number for number, step in enumerate(steps) if step.old and step.new), len(steps))
    coming = [step for step in steps[:staying] if step.old is None]
    if coming:
        lines = _joined(editor, _new_lines(editor, old, coming, column, end), column)
        editor.put(begin, editor.layout.before_break(end), lines.removeprefix(" " * column))
        return [step for step in steps if step is not first and step not in coming]
    left = list(steps[1:])
    while left[0].old is not None and left[0].new is None:
        start, after = lines_of(editor, left[0].old, column)
        if editor.text[end:start].strip():
            break
        end = after
        del left[0]
    while editor.text[end : end + 1] in (" ", "\t", "\r", "\n"):
        end += 1
    editor.put(begin, end, "")
    return left


def _add(
    editor: Editor, old: Node, added: Sequence[Step], before: Step | None, following: Node | None, column: int
) -> None:
    """Writes new entries behind the entry of the step `before`, or before `following` where they come first."""
    if not added:
        return
    blank = editor.style.newline if _blank_between(editor, old, column) else ""
    if before is not None and before.old is not None:
        _add_behind(editor, old, added, before, blank, column)
    elif following is not None:
        layout = editor.layout
        start = layout.entry_start(following, column)
        pad = " " * column
        if layout.inline(start):
            block = _joined(editor, _new_lines(editor, old, added, column, layout.next_line(start)), column)
            editor.put(start, start, block.removeprefix(pad) + editor.style.newline + blank + pad)
        else:
            place = layout.head_start(start, column)
            block = _joined(editor, _new_lines(editor, old, added, column, place), column)
            editor.put(place, place, block + editor.style.newline + blank)


def _add_behind(editor: Editor, old: Node, added: Sequence[Step], before: Step, blank: str, column: int) -> None:
    previous: Node = before.old  # type: ignore[assignment]  # the caller saw that it is one
    layout = editor.layout
    place = layout.extent_end(end_of(previous), column)
    if before.new is None or layout.keeps_blank_lines(deepest_last(previous)):
        blank = ""
    block = _joined(editor, _new_lines(editor, old, added, column, place), column)
    if place == len(editor.text):
        if before.new is before.old:
            editor.end_literal(previous)
        editor.needs_line_break |= ends_in_literal(added[-1].new)
    editor.put(place, place, blank + block + layout.newline(end_of(previous)))


def _joined(editor: Editor, entries: list[list[str]], column: int) -> str:
    newline = editor.style.newline
    return newline.join(" " * column + newline.join(lines) if lines[0] else newline.join(lines) for lines in entries)


def _new_lines(editor: Editor, old: Node, added: Sequence[Step], column: int, below: int) -> list[list[str]]:
    """The lines of new entries, each entry's first without indentation; `below` is what the last one stands above."""
    siblings = _siblings(old)
    style = at_sibling_values(editor.style, siblings[-_SIBLINGS_LOOKED_AT:], editor.layout)
    if original(old)[0] == SEQUENCE:
        style = _with_gap(editor, style, siblings)
    if not editor.layout.has_room(below, column + style.indent):
        style = replace(style, literals=False)
    blank = _blank_between(editor, old, column)
    entries: list[list[str]] = []
    for step in added:
        node: Node = step.new  # type: ignore[assignment]  # a step that adds has a new node
        lines = _flow_like(siblings, step.key, node, style) or entry_lines(step.key, node, column, style)
        entries.append(["", " " * column + lines[0], *lines[1:]] if blank and entries else lines)
    return entries


def _siblings(old: Node) -> list[Node]:
    content = original(old)[1]
    children: list[Node] = list(content.values()) if isinstance(content, dict) else content
    return [child for child in children if child.start >= 0]


def _with_gap(editor: Editor, style: Style, siblings: Sequence[Node]) -> Style:
    for item in siblings[:_SIBLINGS_LOOKED_AT]:
        if item.start > item.key_end and not editor.text[item.key_end : item.start].strip(" "):
            return replace(style, gap=item.start - item.key_start)
    return style


def _flow_like(siblings: Sequence[Node], key: str | None, node: Node, style: Style) -> list[str] | None:
    """The entry in flow style, where all its siblings of the same kind are written so.

    A list of collections follows lists of collections only: `[sh, -c]` says nothing about it.
    """
    if node.kind == SCALAR or not node.value or node.comment_line or node.comment_above or node.start >= 0:
        return None
    alike = [child for child in siblings if original(child)[0] == node.kind and original(child)[1]]
    if node.kind == SEQUENCE:
        alike = [child for child in alike if _is_deep(original(child)[1]) == _is_deep(node.value)]
    if not alike or not all(child.flow for child in alike):
        return None
    text = flow_text(node, style)
    if key is None:
        return ["-" + " " * (style.gap - 1) + text]
    name = scalar_text(key, style, key=True)
    return None if needs_question_mark(name, style) else [f"{name}: {text}"]


def _is_deep(items: Sequence[Node]) -> bool:
    return any(original(item)[0] != SCALAR for item in items)


def _blank_between(editor: Editor, old: Node, column: int) -> bool:
    """Whether the entries are set apart by blank lines."""
    layout = editor.layout
    siblings = sorted(_siblings(old)[-_SIBLINGS_LOOKED_AT:], key=lambda child: child.start)
    return len(siblings) > 1 and all(
        layout.blank_above(layout.head_start(layout.entry_start(child, column), column)) for child in siblings[1:]
    )
