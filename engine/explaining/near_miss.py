"""Why a path finds nothing: the step at which it gets stuck, what is there, and what is near."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from itertools import islice

from ..dataclass import dataclass
from ..error import shorten
from ..jsonpath.condition import Query
from ..jsonpath.selector import Condition, Descend, Filter, Index, Name, Slice, Step, Union
from ..node import MAPPING, SCALAR, SEQUENCE, Node, children, path_of, walk
from ..pointer import join
from ..suggest import listing, nearest
from .trace import kind_of, show

_SHOWN_KEYS = 12
_SHOWN_VALUES = 4
_SEARCHED = 20_000  # nodes that are looked at for a key that stands elsewhere


@dataclass(frozen=True, slots=True)
class Stuck:
    """Where a path got stuck: the nodes that it reached (at least one), the step that found nothing, and why.

    `text` is a sentence whose subject is the step.
    """

    nodes: tuple[Node, ...]
    step: str
    text: str


def find_stuck(steps: Sequence[Step], start: Node, root: Node) -> Stuck | None:
    """Where `steps` from `start` come to nothing; None if they find something."""
    nodes = [start]
    for number, step in enumerate(steps):
        found = step.find(nodes, root)
        if not found:
            return Stuck(tuple(dict.fromkeys(nodes)), step.text, _explain(step, nodes, steps[number + 1 :], root))
        nodes = found
    return None


def _explain(step: Step, nodes: Sequence[Node], rest: Sequence[Step], root: Node) -> str:
    """What is the matter with a step at the first of `nodes`; a sentence whose subject is the step."""
    node = nodes[0]
    if isinstance(step, Descend):
        return _explain_descend(step, node)
    if isinstance(step, Name):
        return _explain_name(step, node, rest)
    if isinstance(step, Filter) and node.kind != SCALAR and node.value:
        return _explain_filter(step.condition, list(children(node)), root)
    if isinstance(step, Union) and node.kind == MAPPING and node.value:
        return f"is not there{_keys(node)}"
    if isinstance(step, (Index, Slice)):
        wrong = node.kind != SEQUENCE
        return f"takes items of a list, and here is {kind_of(node)}" if wrong else f"is not in {kind_of(node)}"
    takes = "takes the items of a list and the values of a mapping, and here is " if node.kind == SCALAR else "finds "
    return takes + kind_of(node)


def _explain_name(step: Name, node: Node, rest: Sequence[Step]) -> str:
    if node.kind == SEQUENCE:
        inside = any(each.kind == MAPPING and step.name in each.value for each in node.value)
        advice = f"; did you mean `[*]{step.text}`?" if inside else "; its items are taken by `[*]`"
        return f"takes a key of a mapping, and here is {kind_of(node)}{advice if node.value else ''}"
    if node.kind == SCALAR:
        return f"takes a key of a mapping, and here is {kind_of(node)}"
    if not node.value:
        return f"is not in {kind_of(node)}"
    near = nearest(step.name, node.value)
    if near is not None:
        return f"is not there{_keys(node)}; did you mean `{near}`?"
    return f"is not there{_keys(node)}{_elsewhere(step.name, node, rest)}"


def _keys(node: Node) -> str:
    keys = list(node.value)
    return f"; keys there: {listing(keys[:_SHOWN_KEYS])}" + (", ..." if len(keys) > _SHOWN_KEYS else "")


def _elsewhere(name: str, node: Node, rest: Sequence[Step]) -> str:
    """Where a key stands instead: below the node, else anywhere in the document."""
    top = node
    while top.parent is not None:
        top = top.parent
    for start, where in ((node, "below"), (top, "elsewhere")):
        for each in islice(walk(start), _SEARCHED):
            if each.kind == MAPPING and name in each.value and _fits(each.value[name], rest):
                return f"; {where} there is `{shorten(join(path_of(each.value[name])))}`"
    return ""


def _fits(node: Node, rest: Sequence[Step]) -> bool:
    return not rest or isinstance(rest[0], Descend) or bool(rest[0].find([node], node))


def _explain_descend(step: Descend, node: Node) -> str:
    inner = step.selector
    if not isinstance(inner, Name):
        return f"finds nothing in {kind_of(node)}"
    keys: dict[str, None] = {}
    for each in islice(walk(node), _SEARCHED):
        if each.kind == MAPPING:
            keys.update(dict.fromkeys(each.value))
    near = nearest(inner.name, keys)
    return "is nowhere below" + (f"; did you mean `{near}`?" if near is not None else "")


def _explain_filter(condition: Condition, items: Sequence[Node], root: Node) -> str:
    lines = []
    for query in dict.fromkeys(_queries(condition)):
        text = "@" + "".join(each.text for each in query.steps) if query.relative else "$..."
        seen = [query.read(item, root) for item in items]
        values = dict.fromkeys("absent" if each is None else show(each) for each in seen)
        shown = ", ".join(islice(values, _SHOWN_VALUES)) + (", ..." if len(values) > _SHOWN_VALUES else "")
        lines.append(f"`{text}` is {shown}")
    tested = f"is true of none of {len(items)}" if len(items) > 1 else "is not true of the one there"
    return f"{tested}: {'; '.join(lines)}" if lines else tested


def _queries(condition: object) -> Iterator[Query]:
    """The paths from the node in question that a condition asks, or whatever is inside of one."""
    if isinstance(condition, Query):
        yield condition
    elif isinstance(condition, tuple):
        for each in condition:
            yield from _queries(each)
    elif is_dataclass(condition) and not isinstance(condition, type):
        for part in fields(condition):
            yield from _queries(getattr(condition, part.name))
