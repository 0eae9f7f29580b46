"""Finds the combinations of nodes, rows and values that the captures of a rule, a derivation or an action stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from ..expressions.bound import check_combinations, visit
from ..expressions.operand import describe
from ..expressions.scope import OMIT, Frame
from ..fact import Row
from ..jsonpath.path import Path
from ..node import Node
from ..rule import Capture
from ..value import Absent

if TYPE_CHECKING:
    from .forest import Forest
    from .tree import Tree

Combination: TypeAlias = tuple[Mapping[str, Any], "Tree | None"]
"""What captures stand for, by name, and the document that the combination belongs to, if it is one."""


Tell: TypeAlias = Callable[[Capture, Frame, "Tree | None", Sequence[Any]], None]
"""Is told of a capture, the frame with the captures before it, the document, and the values it was found to have."""


class CaptureError(Exception):
    """A capture cannot be found; `message` says why."""

    def __init__(self, capture: Capture, message: str) -> None:
        super().__init__(message)
        self.capture = capture
        self.message = message


class Matcher:
    """Runs through the combinations of some captures in documents that must not change meanwhile.

    `frame_of` gives the frame of a document, or for None that of no document, which a combination builds on; `homes`
    are the documents that captures look at; `rows` gives the rows that a capture over a table runs over in a document.
    A combination belongs to the document of its first capture that has one. `position` is how far it has come. `tell`
    is told what each capture finds, each time it is looked for.
    """

    def __init__(
        self,
        captures: Sequence[Capture],
        forest: Forest,
        frame_of: Callable[[Tree | None], Frame],
        homes: Iterable[Tree],
        rows: Callable[[Capture, Tree | None], Iterable[Row]],
        tell: Tell | None = None,
    ) -> None:
        self._captures = captures
        self._forest = forest
        self._frame_of = frame_of
        self._homes = tuple(homes)
        self._rows = rows
        self._tell = tell
        self.position: Combination = ({}, None)
        self._from_root: dict[tuple[int, Tree], list[Node]] = {}
        self._number = 0  # of combinations so far

    def combinations(
        self, found: Mapping[str, Any] | None = None, home: Tree | None = None, bound: Mapping[str, Row] | None = None
    ) -> Iterator[Combination]:
        """What the captures stand for, combination by combination: the last capture changes fastest.

        They go on from what is `found` already, in the document `home`; captures in `bound` are those rows and no
        others. Nodes stand in document order, a union of paths in the order of its paths and without repeats. Each
        combination costs what its own paths pass; a path from `$` is followed once. Raises `CaptureError`, and
        `ExpressionError` also if there are too many.
        """
        return self._extend(0, found or {}, home, bound or {})

    def _extend(
        self, number: int, found: Mapping[str, Any], home: Tree | None, bound: Mapping[str, Row]
    ) -> Iterator[Combination]:
        self.position = (found, home)
        if number == len(self._captures):
            self._number += 1
            check_combinations(self._number)
            yield found, home
            return
        capture = self._captures[number]
        if home is None and capture.document:
            for each in self._homes:
                yield from self._extend(number, found, each, bound)
            return
        values = (bound[capture.name],) if capture.name in bound else self._find(capture, found, home)
        if self._tell is not None:
            values = tuple(values)
            self._tell(capture, self._frame_of(home).child(found), home, values)
        for value in values:
            visit(1)
            belongs = self._forest.home(value) if home is None else home
            yield from self._extend(number + 1, {**found, capture.name: value}, belongs, bound)

    def _find(self, capture: Capture, found: Mapping[str, Any], home: Tree | None) -> Iterable[Any]:
        if capture.table is not None:
            return self._rows(capture, home)
        if capture.items is not None:
            return self._items(capture, found, home)
        if len(capture.paths) == 1:
            return self._select(capture, capture.paths[0], found, home)
        nodes = [node for path in capture.paths for node in self._select(capture, path, found, home)]
        return list(dict.fromkeys(nodes))

    def _items(self, capture: Capture, found: Mapping[str, Any], home: Tree | None) -> Sequence[Any]:
        frame = self._frame_of(home)
        value = capture.items.keep(frame.child(found) if found else frame) if capture.items is not None else None
        if value is None or value is OMIT or isinstance(value, Absent):
            return ()
        if type(value) is Row:
            return (value,)
        if not isinstance(value, list):
            text = f"the capture `{capture.name}` runs over the items of a list; the expression gives {describe(value)}"
            raise CaptureError(capture, text)
        return value

    def _select(self, capture: Capture, path: Path, found: Mapping[str, Any], home: Tree | None) -> list[Node]:
        if path.start == "$":
            assert home is not None
            nodes = self._from_root.get((id(path), home))
            if nodes is None:
                nodes = self._from_root[id(path), home] = path.select(home.root, home.root)
            return nodes
        start = found[path.start] if path.start in found else self._frame_of(home)[path.start]
        if path.column is not None and type(start) is Row:
            start = start.get(path.column)
            if isinstance(start, Node) and self._forest.owner(start) is None:
                return []  # an earlier rule removed it, and what was below it
        if not isinstance(start, Node):
            text = f"`{start_text(path)}` is a value without a place in the document, so `{path.text}` leads nowhere"
            raise CaptureError(capture, text)
        if path.start not in found and self._forest.owner(start) is None:
            text = f"`{start_text(path)}` is not in the document any more: an earlier action removed or replaced it"
            raise CaptureError(capture, text)
        return path.select(start, home.root if home is not None else start)


def location(values: Iterable[object]) -> Node | None:
    """The first of some captures' values that is a place: a node, or a row that holds one."""
    for value in values:
        node = value.node if type(value) is Row else value
        if isinstance(node, Node):
            return node
    return None


def start_text(path: Path) -> str:
    """What a path starts at, as messages name it."""
    return path.start if path.column is None else f"{path.start}.{path.column}"
