"""Finds how new text should look at a place: by its siblings, else by the document, else the usual way."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from ..dataclass import dataclass, field, replace
from ..late_pattern import late_pattern
from ..node import MAPPING, SCALAR, SEQUENCE, Node
from .layout import Layout
from .pairing import original
from .yaml_writer import Style

_ENOUGH = 500  # nodes with something to say that are looked at before the document's habits count as known
_AFTER_COMMA = late_pattern(r",([ \t]*)(?=[^ \t\r\n])")
_WIDEST_GAP = 4  # blanks before a comment that no column asks for
_COMMENT = late_pattern(r" +#")
_PADDING = late_pattern(r" *(?=[^ \t\r\n#])")
_AFTER_COLON = late_pattern(r"[ \t]*:[ \t]*")
_INDENT = late_pattern(r"[\r\n]([ \t]+)(?=[^ \t\r\n])")

_QUOTES = ("'", '"')

_Habit = TypeVar("_Habit")


def find_habits(root: Node, layout: Layout, *, json: bool, kubernetes: bool) -> Style:
    """The style that most of the document uses. Looks at a bounded number of nodes."""
    newline = layout.newline(max(root.start, 0))
    if json:
        return _json_style(root, layout, Style(json=True, kubernetes=kubernetes, newline=newline))
    habits = _Habits()
    for node in _originals(root):
        if habits.seen > _ENOUGH:
            break
        habits.look_at(node, layout)
    return Style(
        kubernetes=kubernetes,
        indent=_most(habits.indents, 2),
        dashes=_most(habits.dashes, 0),
        gap=_most(habits.gaps, 2),
        quote=_most(habits.quotes, "'"),
        newline=newline,
        flow_lists=_most(habits.flow_lists, default=False),
        list_padding=_most(habits.list_padding, ""),
        mapping_padding=_most(habits.mapping_padding, ""),
        comment_gap=habits.comment_gap(),
        comment_column=habits.comment_column(),
    )


@dataclass(slots=True)
class _Habits:
    """How often each way of writing was met, in the order in which they were."""

    indents: Counter[int] = field(default_factory=Counter)
    dashes: Counter[int] = field(default_factory=Counter)
    gaps: Counter[int] = field(default_factory=Counter)
    quotes: Counter[str] = field(default_factory=Counter)
    flow_lists: Counter[bool] = field(default_factory=Counter)
    list_padding: Counter[str] = field(default_factory=Counter)
    mapping_padding: Counter[str] = field(default_factory=Counter)
    comment_gaps: set[int] = field(default_factory=set)
    comment_columns: set[int] = field(default_factory=set)
    seen: int = 0

    def comment_gap(self) -> int:
        gap = min(self.comment_gaps, default=1)
        return gap if gap <= _WIDEST_GAP else 1

    def comment_column(self) -> int:
        in_column = len(self.comment_columns) == 1 and len(self.comment_gaps) > 1
        return max(self.comment_columns) if in_column else 0

    def look_at(self, node: Node, layout: Layout) -> None:
        kind, content = original(node)
        children = _children(kind, content)
        comment = (
            _COMMENT.match(layout.text, node.end) if node.key_start >= 0 and node.style not in ("|", ">") else None
        )
        if comment:
            self.comment_gaps.add(comment.end() - node.end - 1)
            self.comment_columns.add(layout.column(comment.end()) - 1)
            self.seen += 1
        if kind == SCALAR and node.style in ("'", '"'):
            self.quotes[node.style] += 1
            self.seen += 1
        if not children or node.alias is not None:
            return
        self.seen += 1
        if kind == SEQUENCE and all(original(child)[0] == SCALAR for child in children):
            self.flow_lists[node.flow] += 1
        if node.flow:
            (self.list_padding if kind == SEQUENCE else self.mapping_padding)[_padding(node, layout)] += 1
            return
        if kind == SEQUENCE:
            self._look_at_dash(children[0], layout)
        else:
            self._look_below(children, layout.column(node.value_start), layout)

    def _look_at_dash(self, first: Node, layout: Layout) -> None:
        between = layout.text[first.key_end : first.start] if first.key_start >= 0 else ""
        if between and not between.strip(" "):
            self.gaps[first.start - first.key_start] += 1

    def _look_below(self, members: list[Node], column: int, layout: Layout) -> None:
        for member in members:
            kind, content = original(member)
            if kind == SCALAR or member.flow or not content or layout.inline(member.value_start):
                continue
            step = layout.column(member.value_start) - column
            if kind == MAPPING and step > 0:
                self.indents[step] += 1
            elif kind == SEQUENCE and step >= 0:
                self.dashes[step] += 1


def at_sibling_values(style: Style, siblings: Sequence[Node], layout: Layout) -> Style:
    """`style` as the values beside the new one suggest: their quotes, and where their lists have dashes."""
    quotes: list[str] = []
    dashes: list[int] = []
    nulls: list[str] = []
    for sibling in siblings:
        kind, content = original(sibling)
        if kind == SCALAR:
            if sibling.style in _QUOTES:
                quotes.append(sibling.style)
            elif content is None and sibling.alias is None:
                nulls.append(layout.text[sibling.value_start : sibling.end])
            continue
        near = _children(kind, content)[:8]
        quotes += [node.style for node in near if node.style in _QUOTES and original(node)[0] == SCALAR]
        if kind == SEQUENCE and not sibling.flow and content and not layout.inline(sibling.value_start):
            dashes.append(layout.column(sibling.value_start) - layout.home_column(sibling))
    return restyle(
        style,
        quote=_most(Counter(quotes), style.quote) if quotes else style.quote,
        dashes=_most(Counter(dashes), style.dashes) if dashes else style.dashes,
        align=_alignment(siblings, layout),
        null=_most(Counter(nulls), "null") if nulls else "null",
    )


def restyle(style: Style, **changes: Any) -> Style:
    """`style` with some fields changed; itself if they are as they were, as mostly."""
    if all(getattr(style, name) == value for name, value in changes.items()):
        return style
    return replace(style, **changes)


def _alignment(siblings: Sequence[Node], layout: Layout) -> int:
    """How far from their keys the values begin that stand in one column behind keys of different length; else 0."""
    lengths = {child.key_end - child.key_start for child in siblings if child.key_end < child.start}
    if len(lengths) < 2:
        return 0
    beside = [
        child for child in siblings if child.key_end < child.start < min(child.end, layout.line_end(child.key_end))
    ]
    far = {child.start - child.key_start for child in beside}
    return far.pop() if len(far) == 1 and len({child.key_end - child.key_start for child in beside}) > 1 else 0


def at_flow(style: Style, node: Node, layout: Layout) -> Style:
    """`style` as in the flow collection `node`: its blanks, and whether it has one line or many."""
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
    style = replace(style, comma=comma, colon=colon if style.json else ": ", unit=unit)
    if not children:
        return style
    padding = _padding(node, layout)
    if original(node)[0] == MAPPING:
        return replace(style, mapping_padding=padding)
    return replace(style, list_padding=padding)


def _padding(node: Node, layout: Layout) -> str:
    """The blanks behind the opening bracket of a flow collection with entries; none where a line ends there."""
    blanks = _PADDING.match(layout.text, node.value_start + 1) if layout.has_brackets(node) else None
    return blanks[0] if blanks else ""


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


def _originals(root: Node) -> Iterable[Node]:
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        if node.alias is None:
            stack.extend(child for child in reversed(_children(*original(node))) if child.start >= 0)


def _children(kind: int, content: object) -> list[Node]:
    if kind == MAPPING:
        return list(content.values())  # type: ignore[attr-defined]  # the content of a mapping is a dict
    if kind == SEQUENCE:
        return content  # type: ignore[return-value]  # the content of a sequence is a list
    return []


def _most(counter: Counter[_Habit], default: _Habit) -> _Habit:
    return counter.most_common(1)[0][0] if counter else default
