"""Edits of flow collections and of JSON: entries between commas, on one line or on many."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .node import MAPPING, SCALAR, SEQUENCE, Node
from .pairing import Step, original
from .style import at_flow
from .yaml_writer import Style, flow_entry, flow_text, scalar_text

if TYPE_CHECKING:
    from .edit import Editor

_COMMA = re.compile(r"(?:[ \t\r\n]|(?<=[ \t\r\n])#[^\r\n]*)*,")
_COLON = re.compile(r"[ \t\r\n]*:")


def replace_value(editor: Editor, old: Node, new: Node) -> None:
    """Replaces one value inside a flow collection, or the whole of a JSON text."""
    if new.kind == SCALAR:
        like = old.style if original(old)[0] == SCALAR else None
        text = scalar_text(new.value, editor.style, flow=True, like=like)
    else:
        text = flow_text(new, editor.style, _line_indent(editor, old.start))
    if old.start == old.end:
        colon = old.key_start >= 0 and not _COLON.match(editor.text, old.key_end)
        text = f": {text}" if colon else f" {text}"
    keeps_tag = old.tag is not None and not old.tag.startswith("tag:yaml.org,2002:") and new.kind == SCALAR
    editor.put(old.value_start if keeps_tag else old.start, old.end, text)


def change_entries(editor: Editor, old: Node, new: Node, steps: Sequence[Step]) -> None:
    """Drops, adds and renames entries of the flow collection `old`, of which at least one stays or comes."""
    if not any(step.old is not None and step.new is not None for step in steps):
        _rewrite_inside(editor, old, new, steps)
        return
    style = at_flow(editor.style, old, editor.layout)
    previous: Node | None = None  # the entry before in the text
    kept: Node | None = None  # the entry before that stays
    added: list[Step] = []
    for number, step in enumerate(steps):
        if step.old is None:
            added.append(step)
            continue
        if step.new is None:
            _drop(editor, step.old, previous if kept else None, _next_old(steps, number))
        else:
            _add(editor, added, kept, step.old, style)
            added = []
            kept = step.old
            if step.key is not None:
                rename_key(editor, step.old, step.key)
        previous = step.old
    _add(editor, added, kept, None, style)


def rename_key(editor: Editor, node: Node, name: str) -> None:
    """Replaces the key of a member, in the quotes it has where they can hold the new name."""
    quote = editor.text[node.key_start]
    like = quote if quote in "\"'" else None
    editor.put(node.key_start, node.key_end, scalar_text(name, editor.style, flow=True, like=like, key=True))


def _next_old(steps: Sequence[Step], number: int) -> Node | None:
    return next((step.old for step in steps[number + 1 :] if step.old is not None), None)


def _rewrite_inside(editor: Editor, old: Node, new: Node, steps: Sequence[Step]) -> None:
    """Every entry goes and others come: the brackets stay, and the way the entries are laid out."""
    olds = [step.old for step in steps if step.old is not None]
    if editor.text[old.value_start] not in "[{":  # `[a: b]`: a mapping without brackets
        editor.put(old.start, old.end, flow_text(new, editor.style))
        return
    style = at_flow(editor.style, old, editor.layout)
    start, end = _start(olds[0]), olds[-1].end
    texts = [_entry(step, style, editor, start) for step in steps if step.old is None]
    editor.put(start, end, _separator(editor, olds[0], style).join(texts))


def _start(node: Node) -> int:
    return node.key_start if node.key_start >= 0 else node.start


def _line_indent(editor: Editor, offset: int) -> str:
    line = editor.text[editor.layout.line_start(offset) : offset]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _on_own_line(editor: Editor, node: Node) -> bool:
    return not editor.layout.inline(_start(node))


def _separator(editor: Editor, node: Node, style: Style) -> str:
    """What stands between entries laid out as `node` is."""
    if not _on_own_line(editor, node):
        return style.comma
    return "," + editor.layout.newline(node.start) + _line_indent(editor, _start(node))


def _entry(step: Step, style: Style, editor: Editor, beside: int) -> str:
    assert step.new is not None
    depth = _line_indent(editor, beside)
    if step.key is None:
        return flow_text(step.new, style, depth)
    return flow_entry(step.key, step.new, style, depth)


def _drop(editor: Editor, node: Node, previous: Node | None, following: Node | None) -> None:
    """Takes an entry out with one comma; comments that are not on its own line stay."""
    text = editor.text
    if previous is not None:
        between = text[previous.end : _start(node)]
        if "#" not in between:
            editor.put(previous.end, node.end, "")
            return
        comma = _COMMA.match(text, previous.end)
        if comma:
            editor.put(comma.end() - 1, comma.end(), "")
        line = editor.layout.line_start(_start(node))
        begin = line if text[line : _start(node)].strip() else _before_line_break(text, line)
        editor.put(max(begin, comma.end() if comma else begin), node.end, "")
        return
    assert following is not None
    comma = _COMMA.match(text, node.end)
    end = comma.end() if comma else node.end
    rest = text[end : _start(following)]
    if "#" in rest:
        first_line = rest.splitlines(keepends=True)[0]
        own = first_line if first_line.lstrip(" \t").startswith("#") else ""
        rest = own + rest[len(own) :][: len(rest[len(own) :]) - len(rest[len(own) :].lstrip())]
    editor.put(_start(node), end + len(rest), "")


def _before_line_break(text: str, line: int) -> int:
    return line - 2 if text[line - 2 : line] == "\r\n" else line - 1


def _add(editor: Editor, added: Sequence[Step], kept: Node | None, following: Node | None, style: Style) -> None:
    """Writes new entries behind `kept`, or before `following` where they come first."""
    if not added:
        return
    if kept is None:
        assert following is not None
        separator = _separator(editor, following, style)
        start = _start(following)
        editor.put(start, start, "".join(_entry(step, style, editor, start) + separator for step in added))
        return
    separator = _separator(editor, kept, style)
    entries = separator.join(_entry(step, style, editor, _start(kept)) for step in added)
    comma = _COMMA.match(editor.text, kept.end)
    line_end = editor.layout.line_end(kept.end)
    rest = editor.text[comma.end() if comma else kept.end : line_end]
    if separator == style.comma or "#" not in rest:
        editor.put(kept.end, kept.end, separator + entries)
        return
    # the comment behind `kept` stays with it: the comma goes before it, the new lines below
    if comma is None or comma.end() > line_end:
        editor.put(kept.end, kept.end, ",")
        editor.put(line_end, line_end, separator.removeprefix(",") + entries)
    else:
        editor.put(line_end, line_end, separator.removeprefix(",") + entries + ",")


