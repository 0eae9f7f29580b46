"""Finds how new text should look at a place: by its siblings, else by the document, else the usual way."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from .layout import Layout
from .node import MAPPING, SCALAR, SEQUENCE, Node
from .pairing import original
from .yaml_writer import Style

_ENOUGH = 500  # nodes with something to say that are looked at before the document's habits count as known
_AFTER_COMMA = re.compile(r",([ \t]*)(?=[^ \t\r\n])")
_AFTER_COLON = re.compile(r"[ \t]*:[ \t]*")
_INDENT = re.compile(r"[\r\n]([ \t]+)(?=[^ \t\r\n])")

_Habit = TypeVar("_Habit")


def find_habits(root: Node, layout: Layout, *, json: bool, kubernetes: bool) -> Style:
    """The style that most of the document uses. Looks at a bounded number of nodes."""
    newline = layout.newline(max(root.start, 0))
    if json:
        return _json_style(root, layout, Style(json=True, kubernetes=kubernetes, newline=newline))
    indents: Counter[int] = Counter()
    dashes: Counter[int] = Counter()
    gaps: Counter[int] = Counter()
    quotes: Counter[str] = Counter()
    lists: Counter[bool] = Counter()
    seen = 0
    for node in _originals(root):
        kind, content = original(node)
        if kind == SCALAR:
            if node.style in ("'", '"'):
                quotes[node.style] += 1
                seen += 1
            continue
        if seen > _ENOUGH:
            break
        children = _children(kind, content)
        if not children:
            continue
        seen += 1
        if kind == SEQUENCE and all(original(child)[0] == SCALAR for child in children):
            lists[node.flow] += 1
        if node.flow:
            continue
        _count_indents(node, kind, children, layout, indents, dashes, gaps)
    return Style(
        kubernetes=kubernetes,
        indent=_most(indents, 2),
        dashes=_most(dashes, 0),
        gap=_most(gaps, 2),
        quote=_most(quotes, "'"),
        newline=newline,
        flow_lists=_most(lists, default=False),
    )


def at_sibling_values(style: Style, siblings: Iterable[Node], layout: Layout) -> Style:
    """`style` as the values beside the new one suggest: their quotes, and where their lists have dashes."""
    quotes: Counter[str] = Counter()
    dashes: Counter[int] = Counter()
    for sibling in siblings:
        kind, content = original(sibling)
        near = [sibling] if kind == SCALAR else _children(kind, content)[:8]
        quotes.update(node.style for node in near if node.style in ("'", '"') and original(node)[0] == SCALAR)
        if kind == SEQUENCE and not sibling.flow and content and sibling.key_start >= 0:
            dashes[layout.column(sibling.value_start) - layout.column(sibling.key_start)] += 1
    return replace(style, quote=_most(quotes, style.quote), dashes=_most(dashes, style.dashes))


def at_flow(style: Style, node: Node, layout: Layout) -> Style:
    """`style` for text inside the flow collection `node`: its blanks behind comma and colon, one line or many."""
    text = layout.text[node.start : node.end]
    children = [child for child in _children(*original(node)) if child.start >= 0]
    comma = style.comma
    if len(children) > 1:
        between = layout.text[children[0].end : _entry_start(children[1])]
        found = _AFTER_COMMA.search(between + "x")
        comma = "," + found[1] if found else comma
    colon = style.colon
    if original(node)[0] == MAPPING and children:
        found = _AFTER_COLON.match(layout.text, children[0].key_end)
        colon = found[0] if found and "\n" not in found[0] else colon
    unit = style.unit
    if unit is not None and children and not re.search(r"[\r\n]", text):
        unit = None
    return replace(style, comma=comma, colon=colon if style.json else ": ", unit=unit)


def _entry_start(node: Node) -> int:
    return node.key_start if node.key_start >= 0 else node.start


def _json_style(root: Node, layout: Layout, style: Style) -> Style:
    text = layout.text[root.start : root.end]
    indent = _INDENT.search(text)
    unit = None
    if indent:
        base = layout.text[layout.line_start(root.start) : root.start]
        unit = indent[1][len(base) :] if indent[1].startswith(base) and base.strip() == "" else indent[1]
    return replace(at_flow(replace(style, unit=unit), root, layout), unit=unit)


def _count_indents(
    node: Node,
    kind: int,
    children: list[Node],
    layout: Layout,
    indents: Counter[int],
    dashes: Counter[int],
    gaps: Counter[int],
) -> None:
    column = layout.column(node.value_start)
    if kind == SEQUENCE:
        first = children[0]
        if first.key_start >= 0 and first.start > first.key_end and not layout.text[first.key_end : first.start].strip(" "):
            gaps[first.start - first.key_start] += 1
        return
    for child in children:
        below, content = original(child)
        if below == SCALAR or child.flow or not content or layout.inline(child.value_start):
            continue
        step = layout.column(child.value_start) - column
        if below == MAPPING and step > 0:
            indents[step] += 1
        elif below == SEQUENCE and step >= 0:
            dashes[step] += 1


def _originals(root: Node) -> Iterable[Node]:
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(_children(*original(node))))


def _children(kind: int, content: object) -> list[Node]:
    if kind == MAPPING:
        return list(content.values())  # type: ignore[attr-defined]  # the content of a mapping is a dict
    if kind == SEQUENCE:
        return content  # type: ignore[return-value]  # the content of a sequence is a list
    return []


def _most(counter: Counter[_Habit], default: _Habit) -> _Habit:
    return counter.most_common(1)[0][0] if counter else default
