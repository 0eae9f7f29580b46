"""The steps of a compiled path: each finds, for some nodes, the nodes that a segment of RFC 9535 selects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ..dataclass import dataclass
from ..expressions.bound import visit
from ..node import MAPPING, SCALAR, SEQUENCE, Node, children


class Step(Protocol):
    """One step of a path."""

    @property
    def text(self) -> str:
        """The step as the path's author wrote it."""

    def find(self, nodes: Sequence[Node], root: Node, /) -> list[Node]:
        """What the step selects from each of `nodes`, in order; `root` is what `$` means in a filter."""


class Condition(Protocol):
    """What a filter asks of a node."""

    def holds(self, node: Node, root: Node) -> bool:
        """Whether the condition is true of `node` (`@`); `root` is what `$` means."""


def follow(steps: Sequence[Step], start: Node, root: Node) -> list[Node]:
    """The nodes found by taking all `steps` from `start`."""
    nodes = [start]
    for step in steps:
        nodes = step.find(nodes, root)
        if not nodes:
            break
    return nodes


@dataclass(frozen=True, slots=True)
class Name:
    """The member `name` of a mapping (section 2.3.1)."""

    name: str
    text: str

    def find(self, nodes: Sequence[Node], _root: Node) -> list[Node]:
        """At most one node per node, at a cost that does not depend on the mapping's size."""
        name = self.name
        return [node.value[name] for node in nodes if node.kind == MAPPING and name in node.value]


@dataclass(frozen=True, slots=True)
class Index:
    """The item of a list at a place, from the end if negative (section 2.3.3)."""

    index: int
    text: str

    def find(self, nodes: Sequence[Node], _root: Node) -> list[Node]:
        """At most one node per node, at a cost that does not depend on the list's size."""
        index = self.index
        return [
            node.value[index] for node in nodes if node.kind == SEQUENCE and -len(node.value) <= index < len(node.value)
        ]


@dataclass(frozen=True, slots=True)
class Slice:
    """The items of a list from `start` to before `end`, each `step`-th (section 2.3.4)."""

    start: int | None
    end: int | None
    step: int | None
    text: str

    def find(self, nodes: Sequence[Node], _root: Node) -> list[Node]:
        """The items in the slice's own order, which a negative step turns round; none if the step is 0."""
        if self.step == 0:
            return []
        part = slice(self.start, self.end, self.step)
        visit(sum(len(range(*part.indices(len(node.value)))) for node in nodes if node.kind == SEQUENCE))
        return [item for node in nodes if node.kind == SEQUENCE for item in node.value[part]]


@dataclass(frozen=True, slots=True)
class Wildcard:
    """Every item of a list, every value of a mapping (section 2.3.2)."""

    text: str

    def find(self, nodes: Sequence[Node], _root: Node) -> list[Node]:
        """The children of each node, in document order."""
        _visit_children(nodes)
        if len(nodes) == 1:
            return list(children(nodes[0]))
        return [child for node in nodes for child in children(node)]


@dataclass(frozen=True, slots=True)
class Filter:
    """The items or values of which a condition is true (section 2.3.5)."""

    condition: Condition
    text: str

    def find(self, nodes: Sequence[Node], root: Node) -> list[Node]:
        """The children of which the condition holds, in document order."""
        holds = self.condition.holds
        _visit_children(nodes)
        return [child for node in nodes for child in children(node) if holds(child, root)]


@dataclass(frozen=True, slots=True)
class Union:
    """What each of several selectors selects, one selector after the other (section 2.5.1)."""

    selectors: tuple[Step, ...]
    text: str

    def find(self, nodes: Sequence[Node], root: Node) -> list[Node]:
        """A node is found as often as selectors select it."""
        return [found for node in nodes for selector in self.selectors for found in selector.find((node,), root)]


@dataclass(frozen=True, slots=True)
class Descend:
    """What a selector selects from a node and everything below it (section 2.5.2)."""

    selector: Step
    text: str

    def find(self, nodes: Sequence[Node], root: Node) -> list[Node]:
        """Linear in the number of nodes below; parents come before children, without recursion."""
        return self.selector.find(_containers(nodes), root)


def _visit_children(nodes: Sequence[Node]) -> None:
    if len(nodes) == 1:
        if nodes[0].kind != SCALAR:
            visit(len(nodes[0].value))
        return
    visit(sum(len(node.value) for node in nodes if node.kind != SCALAR))


def _containers(nodes: Sequence[Node]) -> list[Node]:
    """The mappings and lists at and below each of `nodes`; scalars have nothing to select from."""
    found: list[Node] = []
    stack = list(reversed(nodes))
    while stack:
        node = stack.pop()
        if node.kind == SCALAR:
            continue
        found.append(node)
        visit(len(node.value) + 1)
        below = node.value.values() if node.kind == MAPPING else node.value
        stack.extend(child for child in reversed(below) if child.kind != SCALAR)
    return found
