"""Edits of flow collections and of JSON: entries between commas, on one line or on many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..late_pattern import late_pattern
from ..node import SCALAR, Node
from ..reading.yaml_mark import colon_end
from .edit_key import rename_key
from .edit_text import Edit
from .node_property import keeps_properties
from .pairing import Step, deepest_last, original
from .removal import Span, with_blank_lines
from .style import at_flow
from .yaml_writer import Style, flow_entry, flow_text, scalar_text

if TYPE_CHECKING:
    from .edit import Editor

_COMMA = late_pattern(r"(?:#[^\r\n]*+)?+(?:[ \t\r\n]|(?<=[ \t\r\n])#[^\r\n]*+)*+,")
_BLANKS = late_pattern(r"[ \t]*")
_LINE_BREAK = late_pattern(r"[\r\n]")
_WHITE_SPACE = late_pattern(r"[ \t\r\n]*")


def replace_value(editor: Editor, old: Node, new: Node) -> None:
    """Replaces one value inside a flow collection, or the whole of a JSON text."""
    if new.kind == SCALAR:
        like = old.style if original(old)[0] == SCALAR else None
        text = editor.anchor_of(new) + scalar_text(new.value, editor.style, flow=True, like=like)
    else:
        text = flow_text(new, editor.style, _line_indent(editor, old.start))
    if old.start == old.end:
        text = _behind_colon(editor, old, text)
    keeps = old.value_start > old.start and keeps_properties(editor, old, new)
    if keeps and old.value_start == old.end:
        text = f" {text}"
    if editor.text[old.end : old.end + 1] == "#":
        text = f"{text} "
    editor.put(old.value_start if keeps else old.start, old.end, text)


def _behind_colon(editor: Editor, old: Node, text: str) -> str:
    """The text of a value for a key that has none; a key on several lines needs its `?` then."""
    if old.key_start < 0 or colon_end(editor.text, old.key_end) is not None:
        return f" {text}"
    if _LINE_BREAK.search(editor.text, old.key_start, old.key_end) and _start(editor, old) == old.key_start:
        editor.put(old.key_start, old.key_start, "? ")
    return f": {text}"


def change_entries(editor: Editor, old: Node, steps: Sequence[Step]) -> None:
    """Drops, adds and renames entries of the flow collection `old`, of which at least one stays or comes."""
    kept = [step for step in steps if step.old is not None and step.new is not None]
    style = at_flow(editor.style, old, editor.layout)
    if not kept:
        _rewrite_inside(editor, steps, style)
        return
    for step in kept:
        if step.old is not None and step.key is not None:
            rename_key(editor, step.old, step.key, flow=True)
    standing = [step for step in steps if step.old is not None]
    behind = len(standing) - next(number for number, step in enumerate(reversed(standing)) if step.new is not None)
    ends = _drop_last(editor, standing[behind - 1 :])
    for step in standing[:behind]:
        if step.old is not None and step.new is None:
            _drop(editor, step.old)
    olds = [step.old for step in steps if step.old is not None and editor.layout.has_brackets(old)]
    previous: Node | None = None
    added: list[Step] = []
    for step in steps:
        if step.old is None:
            added.append(step)
        elif step.new is not None:
            _add(editor, olds, added, previous, step.old, style, ends=False)
            previous, added = step.old, []
    _add(editor, olds, added, previous, None, style, ends=ends)


def _rewrite_inside(editor: Editor, steps: Sequence[Step], style: Style) -> None:
    """Every entry goes and others come: the brackets stay, and the way the entries are laid out."""
    olds = [step.old for step in steps if step.old is not None]
    start = _start(editor, olds[0])
    texts = [_entry(step, style, editor, start) for step in steps if step.old is None]
    editor.put(start, max(olds[-1].end, olds[-1].key_end), _separator(editor, olds, olds[0], style).join(texts))


def _start(editor: Editor, node: Node) -> int:
    """Where an entry begins: at its `?` where it has one."""
    start = node.key_start if node.key_start >= 0 else node.start
    at = start
    while editor.text[at - 1 : at] in (" ", "\t", "\r", "\n"):
        at -= 1
    explicit = at < start and editor.text[at - 1 : at] == "?" and editor.text[at - 2 : at - 1] in tuple("{[, \t\r\n")
    return at - 1 if explicit else start


def _end(node: Node) -> int:
    return max(node.end, node.key_end)


def _line_indent(editor: Editor, offset: int) -> str:
    return _BLANKS.match(editor.text, editor.layout.line_start(offset), offset)[0]  # type: ignore[index]  # it matches everywhere


def _separator(editor: Editor, olds: Sequence[Node], node: Node, style: Style) -> str:
    """What stands between entries laid out as `node` is, one of `olds`; the first as the second, if that has a line.

    `olds` are none in a mapping without brackets, which has to stay on its line.
    """
    layout, start = editor.layout, _start(editor, node)
    if not olds:
        return style.comma
    if node is olds[0] and len(olds) > 1 and not layout.inline(_start(editor, olds[1])):
        start = _start(editor, olds[1])
    if layout.inline(start):
        return style.comma
    return "," + layout.newline(node.start) + _line_indent(editor, start)


def _entry(step: Step, style: Style, editor: Editor, beside: int) -> str:
    depth = _line_indent(editor, beside)
    node: Node = step.new  # type: ignore[assignment]  # a step that adds has a new node
    return flow_text(node, style, depth) if step.key is None else flow_entry(step.key, node, style, depth)


def _drop(editor: Editor, node: Node) -> None:
    """Takes out an entry and the comma behind it: whole lines with their comments, or its part of a line."""
    text, layout = editor.text, editor.layout
    start = _start(editor, node)
    comma = _COMMA.match(text, _end(node))
    end = comma.end() if comma else _end(node)
    blanks = _BLANKS.match(text, end).end()  # type: ignore[union-attr]  # it matches everywhere
    line_end = layout.line_end(end)
    closes_line = blanks == line_end or text[blanks] == "#"
    if closes_line and not layout.inline(start):
        lines = Span(layout.head_start(start, layout.column(start)), layout.next_line(end))
        lines = with_blank_lines(layout, lines, top=layout.begin, first=False, last=False)
        editor.put(lines.start, lines.end, "")
    elif not closes_line and text[blanks] in "]}" and text[start - 1] not in "[{":
        while text[start - 1] in " \t":
            start -= 1
        editor.put(start, end, "")
    elif not closes_line:
        editor.put(start, blanks, "")
    elif text[start - 1] in "[{":
        following = _WHITE_SPACE.match(text, end).end()  # type: ignore[union-attr]  # it matches everywhere
        editor.put(start, following if blanks == line_end and comma else end, "")
    else:
        while text[start - 1] in " \t":
            start -= 1
        editor.put(start, line_end if blanks < line_end else end, "")


def _drop_last(editor: Editor, steps: Sequence[Step]) -> bool:
    """Takes out the last entries, all but the first of `steps`, which stays.

    If no comma stands behind the last one, that behind the one that stays goes too. Returns whether it did.
    """
    staying, *dropped = [step.old for step in steps if step.old is not None]
    if not dropped:
        return False
    begin, end = _end(staying), _end(dropped[-1])
    ends = _COMMA.match(editor.text, end) is None
    if ends and "#" not in editor.text[begin:end]:
        editor.put(begin, end, "")
        _set_off(editor, staying)
        return True
    for node in dropped:
        _drop(editor, node)
    comma = _COMMA.match(editor.text, begin)
    if ends and comma:
        editor.put(comma.end() - 1, comma.end(), "")
    return ends


def _set_off(editor: Editor, node: Node) -> None:
    """Puts a blank behind the colon of a member without a value: in `{a:}` it would be part of the key to some."""
    last = deepest_last(node)
    node = last if last.end == node.end else node  # `[a: ]`
    if node.key_end < node.start == node.end and editor.text[node.end - 1] == ":":
        editor.put(node.end, node.end, " ")


def _add(
    editor: Editor,
    olds: Sequence[Node],
    added: Sequence[Step],
    kept: Node | None,
    following: Node | None,
    style: Style,
    *,
    ends: bool,
) -> None:
    """Writes new entries behind `kept`, or before `following` where they come first, beside `olds`.

    `ends`: the comma behind `kept` is taken out.
    """
    if not added:
        return
    if kept is None:
        if following is not None:
            separator = _separator(editor, olds, following, style)
            start = _start(editor, following)
            text = "".join(_entry(step, style, editor, start) + separator for step in added)
            editor.edits.insert(0, Edit(start, start, text, editor.rules))  # before a bracket that `following` gets
        return
    separator = _separator(editor, olds, kept, style)
    entries = separator.join(_entry(step, style, editor, _start(editor, kept)) for step in added)
    end = _end(kept)
    _set_off(editor, kept)
    comma = _COMMA.match(editor.text, end)
    line_end = editor.layout.line_end(end)
    if separator == style.comma or "#" not in editor.text[comma.end() if comma else end : line_end]:
        editor.put(end, end, separator + entries + (" " if editor.text[end] == "#" else ""))
        return
    # the comment behind `kept` stays with it: the comma goes before it, the new lines below
    own_comma = comma is not None and comma.end() <= line_end and not ends
    if not own_comma:
        editor.put(end, end, ",")
    editor.put(line_end, line_end, separator.removeprefix(",") + entries + ("," if own_comma else ""))
