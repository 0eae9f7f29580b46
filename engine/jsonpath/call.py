"""The function extensions of RFC 9535, section 2.4, over nodes."""

from __future__ import annotations

from functools import lru_cache

from ..dataclass import dataclass
from ..node import SCALAR, Node
from .condition import Operand, Query
from .iregexp import compile_iregexp
from .pattern import Pattern, PatternError


@dataclass(frozen=True, slots=True)
class Length:
    """The characters of a text, the items of a list, the members of a mapping; nothing of anything else."""

    operand: Operand

    def read(self, node: Node, root: Node) -> Node | None:
        """The number, as a scalar without a place."""
        found = self.operand.read(node, root)
        if found is None or (found.kind == SCALAR and not isinstance(found.value, str)):
            return None
        return Node(SCALAR, len(found.value))


@dataclass(frozen=True, slots=True)
class Count:
    """How many nodes a query finds."""

    query: Query

    def read(self, node: Node, root: Node) -> Node | None:
        """The number, as a scalar without a place."""
        return Node(SCALAR, len(self.query.find(node, root)))


@dataclass(frozen=True, slots=True)
class Value:
    """The one node that a query finds."""

    query: Query

    def read(self, node: Node, root: Node) -> Node | None:
        """The node; None where there are none or several."""
        nodes = self.query.find(node, root)
        return nodes[0] if len(nodes) == 1 else None


@dataclass(frozen=True, slots=True)
class Fits:
    """Whether all of a text matches a pattern (`match`), or some part of it does (`search`)."""

    text: Operand
    pattern: Operand
    whole: bool

    def holds(self, node: Node, root: Node) -> bool:
        """False where one of the two is no text, or the pattern no I-Regexp. Raises PatternTimeout."""
        text, pattern = self.text.read(node, root), self.pattern.read(node, root)
        if text is None or pattern is None or not (isinstance(text.value, str) and isinstance(pattern.value, str)):
            return False
        compiled = _compiled(pattern.value)
        if compiled is None:
            return False
        return (compiled.fullmatch if self.whole else compiled.search)(text.value) is not None


@lru_cache(maxsize=1024)
def _compiled(text: str) -> Pattern | None:
    try:
        return compile_iregexp(text)
    except PatternError:
        return None
