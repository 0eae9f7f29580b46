"""Follows every node of the text to what stands in its place now, where anchors and aliases make that matter."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..dataclass import dataclass, field
from ..node import Node, children
from .pairing import Step, walk_text

Pairing = Callable[[Node, Node], "list[Step] | None"]


@dataclass(slots=True)
class Trace:
    """Where the nodes of a text are.

    `partners` says what stands in the place of each node whose text stays; a node without a partner is gone or was
    moved. `regions` names, for nodes that go along with moved text, the top of that text. `above` is the node whose
    text holds a node. `renamed` are entries with a new key, `strays` aliases that were moved by themselves.
    """

    partners: dict[Node, Node] = field(default_factory=dict)
    regions: dict[Node, Node] = field(default_factory=dict)
    above: dict[Node, Node] = field(default_factory=dict)
    renamed: set[Node] = field(default_factory=set)
    strays: list[Node] = field(default_factory=list)
    twice: set[Node] = field(default_factory=set)


def follow(root: Node, pair: Pairing) -> Trace:
    """The trace of the document below `root`. `pair` gives the steps between two collections. Linear."""
    trace = Trace()
    _Follower(trace, pair).follow(root, root, None)
    return trace


class _Follower:
    def __init__(self, trace: Trace, pair: Pairing) -> None:
        self.trace = trace
        self.pair = pair

    def follow(self, old: Node, new: Node, region: Node | None) -> None:
        trace = self.trace
        if old in trace.partners:
            self.trace.twice.update(walk_text(old))
            trace.regions.pop(old, None)
        trace.partners[old] = new
        if region is not None:
            trace.regions[old] = region
        steps = self.pair(old, new)
        if steps is None:
            self._search(children(new))
            return
        if old.merges is not None:
            paired = {step.new for step in steps}
            self._search(child for child in children(new) if child not in paired)  # what `<<` brought
        for step in steps:
            if step.old is None or step.new is None:
                self._search([step.new] if step.new is not None else ())
                continue
            trace.above[step.old] = old
            if step.key is not None:
                trace.renamed.add(step.old)
            self.follow(step.old, step.new, region)

    def _search(self, nodes: Iterable[Node]) -> None:
        """Looks in new text for what was moved there with text of its own."""
        for node in nodes:
            if node.alias is not None:
                self.trace.strays.append(node)
            elif node in self.trace.partners:
                self.trace.twice.update(walk_text(node))
            elif node.start >= 0:
                self.follow(node, node, node)
            else:
                self._search(children(node))
