"""The conditions of filters: tests and comparisons as RFC 9535, section 2.3.5, defines them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from ..dataclass import dataclass
from ..expressions.bound import visit
from ..node import MAPPING, SCALAR, SEQUENCE, Node
from ..value import equal, is_number
from .selector import Condition, Step, follow

if TYPE_CHECKING:
    from .pattern import Pattern


class Operand(Protocol):
    """What can be compared: a path, a literal, what a function gives."""

    def read(self, node: Node, root: Node, /) -> Node | None:
        """The node it stands for where `node` is in question (`@`) and `root` is the document (`$`), or None."""


@dataclass(frozen=True, slots=True)
class Query:
    """A path inside a filter, from the node in question (`@`) or from the document (`$`)."""

    relative: bool
    steps: tuple[Step, ...]

    def find(self, node: Node, root: Node) -> list[Node]:
        """All nodes found."""
        return follow(self.steps, node if self.relative else root, root)

    def read(self, node: Node, root: Node) -> Node | None:
        """The node found first, None if there is none."""
        found = self.find(node, root)
        return found[0] if found else None

    def holds(self, node: Node, root: Node) -> bool:
        """The existence test: whether the query finds anything, null included."""
        return self.read(node, root) is not None


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, text, true, false or null, held as a scalar node."""

    value: Node

    def read(self, _node: Node, _root: Node) -> Node | None:
        """The literal, whatever the node in question."""
        return self.value


@dataclass(frozen=True, slots=True)
class Not:
    """True where `condition` is not."""

    condition: Condition

    def holds(self, node: Node, root: Node) -> bool:
        """Whether the condition is false of `node`."""
        return not self.condition.holds(node, root)


@dataclass(frozen=True, slots=True)
class All:
    """True where all `conditions` are (`&&`)."""

    conditions: tuple[Condition, ...]

    def holds(self, node: Node, root: Node) -> bool:
        """Stops at the first condition that is false."""
        return all(condition.holds(node, root) for condition in self.conditions)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True where one of `conditions` is (`||`)."""

    conditions: tuple[Condition, ...]

    def holds(self, node: Node, root: Node) -> bool:
        """Stops at the first condition that is true."""
        return any(condition.holds(node, root) for condition in self.conditions)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two operands compared; the queries among them find one node at most."""

    left: Operand
    operator: str
    right: Operand

    def holds(self, node: Node, root: Node) -> bool:
        """Absent equals absent and nothing else; only numbers with numbers and texts with texts have an order."""
        return OPERATORS[self.operator](self.left.read(node, root), self.right.read(node, root))


@dataclass(frozen=True, slots=True)
class Matches:
    """A text in which a pattern is found (`=~`, not part of RFC 9535)."""

    query: Query
    pattern: Pattern

    def holds(self, node: Node, root: Node) -> bool:
        """False for what is not a text. Raises PatternTimeout."""
        found = self.query.read(node, root) if self.query.steps or not self.query.relative else node
        return found is not None and isinstance(found.value, str) and self.pattern.is_in(found.value)


def _equal(left: Node | None, right: Node | None) -> bool:
    if left is None or right is None:
        return left is right
    pairs = [(left, right)]
    while pairs:
        one, other = pairs.pop()
        if one is other:
            continue
        if one.kind != other.kind or not _alike(one, other):
            return False
        if one.kind != SCALAR:
            visit(len(one.value))
        if one.kind == SEQUENCE:
            pairs.extend(zip(one.value, other.value, strict=True))
        elif one.kind == MAPPING:
            pairs.extend((child, other.value[key]) for key, child in one.value.items())
    return True


def _alike(one: Node, other: Node) -> bool:
    """Whether two nodes of one kind are equal apart from their children."""
    if one.kind == SCALAR:
        return equal(one.value, other.value)
    if one.kind == SEQUENCE:
        return len(one.value) == len(other.value)
    return bool(one.value.keys() == other.value.keys())


def _less(left: Node | None, right: Node | None) -> bool:
    if left is None or right is None:
        return False
    one, other = left.value, right.value
    if (isinstance(one, str) and isinstance(other, str)) or (is_number(one) and is_number(other)):
        return bool(one < other)
    return False


OPERATORS: dict[str, Callable[[Node | None, Node | None], bool]] = {
    "==": _equal,
    "!=": lambda left, right: not _equal(left, right),
    "<": _less,
    ">": lambda left, right: _less(right, left),
    "<=": lambda left, right: _less(left, right) or _equal(left, right),
    ">=": lambda left, right: _less(right, left) or _equal(left, right),
}
"""What the comparison operators say of two nodes, None being an absent one."""
