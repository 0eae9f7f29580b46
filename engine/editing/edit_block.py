"""Edits of block collections, line by line: entries dropped, added and renamed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING

from ..dataclass import replace
from ..node import MAPPING, SCALAR, SEQUENCE, Node, walk
from .edit_key import rename_key
from .pairing import Step, deepest_last, entries_of, original
from .removal import Span, join_spans, with_blank_lines
from .style import at_flow, at_sibling_values, restyle
from .yaml_writer import Style, entry_lines, flow_text, has_lines, needs_question_mark, scalar_text

if TYPE_CHECKING:
    from .edit import Editor

_SIBLINGS_LOOKED_AT = 20


def change_entries(editor: Editor, old: Node, steps: Sequence[Step]) -> None:
    """Drops, adds and renames entries of the block collection `old`, of which at least one stays or comes."""
    column = editor.layout.column(old.value_start)
    left = _fill_first_line(editor, old, steps, column)
    added: list[Step] = []
    dropped: list[Node] = []
    previous: Step | None = None
    kept: Step | None = None
    above = _last_taken(steps, left)
    head = next(step.old for step in steps if step.old is not None)
    top = editor.layout.begin if left is steps else editor.layout.extent_end(end_of(head), column)
    first = head if original(old)[0] == SEQUENCE else None
    for step in left:
        if step.old is None:
            added.append(step)
            continue
        _add(editor, old, added, previous, step.old, column)
        if step.new is not None or added:
            _drop(editor, dropped, above, column, first, top, replaced=bool(added), last=False)
            dropped = []
        above = added[-1] if added else above
        added = []
        previous = step
        if step.new is None:
            dropped.append(step.old)
            continue
        kept = above = step
        if step.key is not None:
            rename_key(editor, step.old, step.key, flow=False)
    _add(editor, old, added, previous, None, column)
    _drop(editor, dropped, above, column, first, top, replaced=bool(added), last=True)
    if kept is not None and previous is not kept and previous is not None and not added:
        _become_last(editor, kept, previous.old, column)


def _last_taken(steps: Sequence[Step], left: Sequence[Step]) -> Step | None:
    """The last of the new entries that are not `left` to be added."""
    if left is steps:
        return None
    waiting = {id(step) for step in left}
    return next((step for step in reversed(steps) if step.old is None and id(step) not in waiting), None)


def _become_last(editor: Editor, kept: Step, dropped: Node | None, column: int) -> None:
    """Keeps the line break that a block scalar needs which comes to stand last, as `dropped` goes."""
    if kept.old is None or dropped is None:
        return
    if editor.layout.extent_end(end_of(dropped), column) == len(editor.text):
        literal = kept.new is not kept.old or deepest_last(kept.old).style in ("|", ">")
        editor.needs_line_break |= (literal or editor.is_touched(kept.old)) and ends_in_literal(kept.new)


def lines_of(editor: Editor, node: Node, column: int) -> Span:
    """The span of an entry's lines in a collection at `column`, with the comments that belong to it."""
    layout = editor.layout
    start = layout.head_start(layout.entry_start(node, column), column)
    return Span(start, layout.extent_end(end_of(node), column))


def end_of(node: Node) -> int:
    """Where an entry ends; a key without a value ends it."""
    return max(node.end, node.key_end)


def ends_in_literal(node: Node | None) -> bool:
    """Whether the last line of `node`, written anew, is one of a block scalar that needs its line break."""
    return _last_text(node).endswith("\n")


def ends_kept(node: Node | None) -> bool:
    """Whether `node`, written anew, may end with a block scalar that takes the blank lines below it for its own."""
    return _last_text(node).endswith("\n\n")


def _last_text(node: Node | None) -> str:
    while node is not None and node.kind != SCALAR:
        node = next(reversed(node.value.values() if node.kind == MAPPING else node.value), None)
    return node.value if node is not None and isinstance(node.value, str) else ""


def drop_all(editor: Editor, old: Node) -> None:
    """Takes out the lines of all entries of the block collection `old`."""
    _drop(editor, entries_of(old), None, editor.layout.column(old.value_start), None, 0, replaced=False, last=True)


def _drop(
    editor: Editor,
    nodes: Sequence[Node],
    above: Step | None,
    column: int,
    first: Node | None,
    top: int,
    *,
    replaced: bool,
    last: bool,
) -> None:
    """Takes out the lines of entries that stand one after the other, below `top` and what the step `above` left.

    Blank lines that set them apart go too, if they are not `replaced`; also those below which a block scalar in
    `above` would take for its own. `first` is the first item of a list; `last`: no entry follows.
    """
    if not nodes:
        return
    layout = editor.layout
    scalar = None if above is None or above.old is None else deepest_last(above.old)
    keeps = (scalar is not None and layout.keeps_blank_lines(scalar)) or (above is not None and ends_kept(above.new))
    top = top if scalar is None else layout.next_line(scalar.end)
    for span in join_spans(layout, [lines_of(editor, node, column) for node in nodes]):
        wide = span
        literal = scalar is not None and scalar.style in ("|", ">")
        if keeps or (literal and not layout.has_room(span.end, column + 1)):
            wide = Span(span.start, layout.blanks_end(span.end))
        elif not replaced:
            wide = with_blank_lines(layout, span, top=top, first=nodes[0] is first and not last, last=last)
        editor.put(wide.start, span.start, "")
        editor.put(span.start, span.end, "")
        editor.put(span.end, wide.end, "")  # apart: a new entry of an outer collection may come to stand between


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
        editor.first_entries[old] = None
        _pass_on_comment(old, coming[0].new)
        lines = _joined(editor, _new_lines(editor, old, coming, column, end), column)
        editor.put(begin, editor.layout.before_break(end), lines.removeprefix(" " * column))
        return [step for step in steps if step is not first and step not in coming]
    left = list(steps[1:])
    while left[0].old is not None and left[0].new is None:
        span = lines_of(editor, left[0].old, column)
        if editor.text[end : span.start].strip():
            break
        end = span.end
        del left[0]
    while editor.text[end : end + 1] in (" ", "\t", "\r", "\n"):
        end += 1
    editor.put(begin, end, "")
    editor.first_entries[old] = left[0].old
    return left


def _pass_on_comment(old: Node, first: Node | None) -> None:
    """Gives a new first entry on the line of a dash the comment that a rule set on that line."""
    if first is not None and first.comment_line is None:
        first.comment_line = old.comment_line


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
    if before.new is None or layout.keeps_blank_lines(deepest_last(previous)) or ends_kept(before.new):
        blank = ""
    block = _joined(editor, _new_lines(editor, old, added, column, place), column)
    if place == len(editor.text):
        same_text = original(previous)[0] == SCALAR and previous not in editor.replaced
        if before.new is before.old or (before.new is not None and same_text):
            editor.end_literal(previous)
        editor.needs_line_break |= ends_in_literal(added[-1].new)
    editor.put(place, place, blank + block + layout.newline(end_of(previous)))


def _joined(editor: Editor, entries: list[list[str]], column: int) -> str:
    newline = editor.style.newline
    return newline.join(" " * column + newline.join(lines) if lines[0] else newline.join(lines) for lines in entries)


def _new_lines(editor: Editor, old: Node, added: Sequence[Step], column: int, below: int) -> list[list[str]]:
    """The lines of new entries, each entry's first without indentation; `below` is what the last one stands above."""
    siblings = _siblings(old)
    style = at_sibling_values(editor.style, siblings, editor.layout)
    if original(old)[0] == SEQUENCE:
        style = _with_gap(editor, style, siblings)
    blank = _blank_between(editor, old, column)
    style = restyle(
        style,
        literals=editor.layout.has_room(below, column + style.indent),
        keeps=not blank and editor.layout.blanks_end(below) == below,
    )
    entries: list[list[str]] = []
    for step in added:
        node: Node = step.new  # type: ignore[assignment]  # a step that adds has a new node
        like = _flow_sibling(siblings, node)
        flow = None if like is None else _flow_entry(step.key, node, at_flow(style, like, editor.layout))
        lines = flow or entry_lines(step.key, node, column, style)
        entries.append(["", " " * column + lines[0], *lines[1:]] if blank and entries else lines)
    return entries


def _siblings(old: Node) -> list[Node]:
    """The last entries of a collection, as many as are worth a look, in their order."""
    content = original(old)[1]
    children = reversed(content.values() if isinstance(content, dict) else content)
    return [*islice((child for child in children if child.start >= 0), _SIBLINGS_LOOKED_AT)][::-1]


def _with_gap(editor: Editor, style: Style, siblings: Sequence[Node]) -> Style:
    for item in siblings:
        if item.start > item.key_end and not editor.text[item.key_end : item.start].strip(" "):
            return replace(style, gap=item.start - item.key_start)
    return style


def _flow_sibling(siblings: Sequence[Node], node: Node) -> Node | None:
    """The last of the siblings of the same kind as the new `node`, where they are all in flow style, and it may be.

    A list of collections follows lists of collections only: `[sh, -c]` says nothing about it. Text of many lines is
    easier to read in block style.
    """
    if node.kind == SCALAR or not node.value or node.comment_line or node.comment_above or node.start >= 0:
        return None
    written = (child for child in siblings if child.alias is None)
    alike = [child for child in written if original(child)[0] == node.kind and original(child)[1]]
    if node.kind == SEQUENCE:
        alike = [child for child in alike if _is_deep(original(child)[1]) == _is_deep(node.value)]
    if not alike or not all(child.flow for child in alike):
        return None
    return None if any(has_lines(below) for below in walk(node)) else alike[-1]


def _flow_entry(key: str | None, node: Node, style: Style) -> list[str] | None:
    """The line of an entry with its value in flow style; None where its key has to stand on a line of its own."""
    text = flow_text(node, style)
    if key is None:
        return ["-" + " " * (style.gap - 1) + text]
    name = scalar_text(key, style, key=True)
    return None if needs_question_mark(name, style) else [f"{name}: {text}"]


def _is_deep(items: Sequence[Node]) -> bool:
    return any(original(item)[0] != SCALAR for item in items)


def _blank_between(editor: Editor, old: Node, column: int) -> bool:
    """Whether most of the entries are set apart by blank lines."""
    if old not in editor.apart:
        editor.apart[old] = _are_apart(editor, old, column)
    return editor.apart[old]


def _are_apart(editor: Editor, old: Node, column: int) -> bool:
    layout = editor.layout
    siblings = sorted(_siblings(old), key=lambda child: child.start)[1:]
    apart = sum(layout.blank_above(layout.head_start(layout.entry_start(child, column), column)) for child in siblings)
    return 2 * apart > len(siblings)
