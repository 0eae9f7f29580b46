"""Notices where two rules write different values to one place: the later one wins, which somebody should know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..dataclass import dataclass
from ..error import Message, Place
from ..expressions.template import Template
from ..fact import nodes_in
from ..node import MAPPING, SCALAR, SEQUENCE, Node, below, index_of, path_of, walk
from ..pointer import join

if TYPE_CHECKING:
    from ..rule import Action, Rule, RuleSet
    from .evaluation import Match

_LONGEST = 60  # characters of a value in a message


@dataclass(frozen=True, slots=True)
class Writing:
    """An action at work, its rule, and how messages call that."""

    name: str
    action: Action
    rule: Rule
    rule_set: RuleSet

    def transforms(self, node: Node, one: Match) -> bool:
        """Whether it makes its value of what stands at `node`: then it means to change what others wrote.

        `one` is the combination that it acts for. A value counts as made of a node if it reads a capture that is the
        node, is around it or stands in it.
        """
        if self.action.target is None or self.action.target.path is None or "value" not in self.action.arguments:
            return True
        names = self._names()
        read = [one.frame[name] for name in one.captures if name in names]
        read += [one.home.root] if "doc" in names else []
        return "it" in names or any(
            below(node, each) or below(each, node) for value in read for each in nodes_in(value)
        )

    def _names(self) -> set[str]:
        """The names that the value uses, and those behind its lets."""
        value = self.action.arguments["value"]
        names = set(value.names) if isinstance(value, Template) else set()
        for let in reversed((*self.rule_set.lets, *self.rule.lets)):
            if let.name in names:
                names |= let.value.names
        return names


@dataclass(frozen=True, slots=True)
class Conflict:
    """What stands at `pointer`, at or below `node`, is of the writing `earlier` and changes with `node`."""

    node: Node
    pointer: str
    earlier: Writing
    was: str
    becomes: str


class Authors:
    """Which writing the values in a tree come from; the tree tells of every write before it happens.

    `at_work` is the action that writes now; while it is None, nothing is kept. A write costs the depth of its node,
    and the size of what it replaces.
    """

    __slots__ = ("_wrote", "at_work", "conflicts")

    def __init__(self) -> None:
        self.at_work: Writing | None = None
        self.conflicts: list[Conflict] = []
        self._wrote: dict[Node, Writing] = {}

    def add(self, node: Node) -> None:
        """A new node comes into the tree."""
        if self.at_work is not None:
            self._wrote[node] = self.at_work

    def replace(self, node: Node, new: Node) -> None:
        """The content of `node` gives way to the different one of `new`."""
        writing = self.at_work
        if writing is None:
            return
        if self._wrote:
            self.conflicts += self._find(node, new, writing)
        self._wrote[node] = writing

    def _find(self, node: Node, new: Node, writing: Writing) -> Iterator[Conflict]:
        earlier = self._author(node)
        if earlier is not None:
            if earlier.name != writing.name:
                yield Conflict(node, join(path_of(node)), earlier, _show(node), _show(new))
            return
        if node.kind == SCALAR:
            return
        for inner in walk(node):
            written = self._wrote.get(inner)
            if written is not None and written.name != writing.name:
                counterpart = _counterpart(inner, node, new)
                if counterpart is None or not _same(inner, counterpart):
                    becomes = _show(counterpart) if counterpart is not None else "nothing"
                    yield Conflict(node, join(path_of(inner)), written, _show(inner), becomes)

    def _author(self, node: Node) -> Writing | None:
        current: Node | None = node
        while current is not None:
            if current in self._wrote:
                return self._wrote[current]
            current = current.parent
        return None


def warn_of(conflict: Conflict, later: Writing, place: Place) -> Message:
    """The warning about a conflict at `place`."""
    texts = f"`{conflict.earlier.name}` wrote {conflict.was}, `{later.name}` writes {conflict.becomes}"
    notes = (
        Message("note", "written by this action", conflict.earlier.action.place),
        Message("note", "and by this one, whose value stays", later.action.place),
    )
    text = f"two rules write different values to `{conflict.pointer}`: {texts}"
    return Message("warning", text, place, later.name, notes)


def _counterpart(node: Node, top: Node, new: Node) -> Node | None:
    """What stands in `new` where `node` stands below `top`."""
    way = []
    while node is not top:
        parent: Node = node.parent  # type: ignore[assignment]  # it is below `top`
        way.append(index_of(node) if parent.kind == SEQUENCE else node.key)
        node = parent
    found: Node | None = new
    for step in reversed(way):
        if found is None or found.kind == SCALAR or (found.kind == MAPPING) != isinstance(step, str):
            return None
        if found.kind == MAPPING:
            found = found.value.get(step)
        else:
            found = found.value[step] if step < len(found.value) else None
    return found


def _same(left: Node, right: Node) -> bool:
    from .tree import same  # which tells us of its writes

    return same(left, right)


def _show(node: Node) -> str:
    if node.kind != SCALAR:
        return f"a {'mapping' if node.kind == MAPPING else 'list'} of {len(node.value)}"
    text = repr(node.value) if not isinstance(node.value, str) else f"`{node.value}`"
    text = {"None": "null", "True": "true", "False": "false"}.get(text, text)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
