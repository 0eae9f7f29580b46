"""Finds the combinations of nodes, rows and values that the captures of a rule, a derivation or an action stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
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

Take: TypeAlias = Callable[[Frame, "Tree | None"], None]
"""Is given a combination: a frame with its captures, and the document that it belongs to."""

_NOTHING: Mapping[str, Any] = MappingProxyType({})


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

    `frame_of` makes a frame on top of that of a document, or for None of no document, into which captures are put;
    `homes` are the documents that captures look at; `rows` gives the rows that a capture over a table runs over in a
    document. A combination belongs to the document of its first capture that has one. `tell` is
    told what each capture finds, each time it is looked for.

    There is one frame a document, and combination after combination stands in it: to make one for each of them would
    cost more than most combinations do.
    """

    def __init__(
        self,
        captures: Sequence[Capture],
        forest: Forest,
        frame_of: Callable[[Tree | None], Frame],
        homes: Iterable[Tree],
        rows: Callable[[Capture, Tree | None], Sequence[Row]],
        tell: Tell | None = None,
    ) -> None:
        self._captures = captures
        self._forest = forest
        self._frame_of = frame_of
        self._homes = tuple(homes)
        self._rows = rows
        self._names = [capture.name for capture in captures]
        self._frames: dict[Tree | None, Frame] = {}
        self._tell = tell
        self._from_root: dict[tuple[int, Tree], list[Node]] = {}
        self._number = 0  # of combinations so far
        self._take: Take = _take_nothing
        self._outer: Mapping[str, Any] = _NOTHING
        self._bound: Mapping[str, Row] = _NOTHING
        self._frame = Frame(_NOTHING)  # where it is: the frame, how many captures stand in it, the document
        self._depth = 0
        self._home: Tree | None = None

    @property
    def position(self) -> Combination:
        """What is captured at present."""
        names = (*self._outer, *self._names[: self._depth])
        return {name: self._frame[name] for name in names}, self._home

    def run(
        self,
        take: Take,
        found: Mapping[str, Any] = _NOTHING,
        home: Tree | None = None,
        bound: Mapping[str, Row] = _NOTHING,
    ) -> None:
        """Call `take` with every combination of what the captures stand for: the last capture changes fastest.

        They go on from what is `found` already, in the document `home`; captures in `bound` are those rows and no
        others. Nodes stand in document order, a union of paths in the order of its paths and without repeats. `take` is
        given a frame that the next combination changes. Each combination costs what its own paths pass; a path from
        `$` is followed once. Raises `CaptureError`, and `ExpressionError` also if there are too many.
        """
        self._take, self._outer, self._bound = take, found, bound
        self._depth = 0
        frame = self.enter(home)
        if self._captures:
            self._extend(0, frame, home)
        else:
            self._frame, self._home = frame, home
            self._number += 1
            check_combinations(self._number, 1)
            take(frame, home)

    def enter(self, home: Tree | None) -> Frame:
        """The frame of a document, with what is captured at present in it."""
        frame = self._frames.get(home)
        if frame is None:
            frame = self._frames[home] = self._frame_of(home)
        if self._outer:
            frame.update(self._outer)
        if self._depth:
            for name in self._names[: self._depth]:
                frame[name] = self._frame[name]
        return frame

    def _extend(self, number: int, frame: Frame, home: Tree | None) -> None:
        self._depth, self._frame, self._home = number, frame, home
        capture = self._captures[number]
        if home is None and capture.document:
            for each in self._homes:
                self._depth, self._frame = number, frame
                self._extend(number, self.enter(each), each)
            return
        values = (self._bound[capture.name],) if capture.name in self._bound else self._find(capture, frame, home)
        if self._tell is not None:
            self._tell(capture, frame.child({}), home, values)
        if not values:
            return
        visit(len(values))
        if number + 1 == len(self._captures):
            self._finish(capture.name, values)
            return
        name = capture.name
        for value in values:
            inner, belongs = frame, home
            if home is None and (belongs := self._forest.home(value)) is not None:
                self._depth, self._frame = number, frame
                inner = self.enter(belongs)
            inner[name] = value
            self._extend(number + 1, inner, belongs)

    def _finish(self, name: str, values: Sequence[Any]) -> None:
        """Take the combinations that the values of the last capture end."""
        self._number += len(values)
        check_combinations(self._number, len(values))
        take, frame, home = self._take, self._frame, self._home
        if home is not None:
            self._depth += 1
            for value in values:
                frame[name] = value
                take(frame, home)
            return
        depth, outer = self._depth, frame
        for value in values:
            belongs = value.home if type(value) is Row else self._forest.home(value)
            if belongs is not self._home:
                self._depth, self._frame = depth, outer
                self._frame, self._home = self.enter(belongs), belongs
            frame = self._frame
            frame[name] = value
            self._depth = depth + 1
            take(frame, belongs)

    def _find(self, capture: Capture, frame: Frame, home: Tree | None) -> Sequence[Any]:
        if capture.table is not None:
            return self._rows(capture, home)
        if capture.items is not None:
            return self._items(capture, frame)
        if len(capture.paths) == 1:
            return self._select(capture, capture.paths[0], frame, home)
        nodes = [node for path in capture.paths for node in self._select(capture, path, frame, home)]
        return list(dict.fromkeys(nodes))

    def _items(self, capture: Capture, frame: Frame) -> Sequence[Any]:
        value = capture.items.keep(frame) if capture.items is not None else None
        if type(value) is list:
            return value
        if value is None or value is OMIT or isinstance(value, Absent):
            return ()
        if type(value) is Row:
            return (value,)
        text = f"the capture `{capture.name}` runs over the items of a list; the expression gives {describe(value)}"
        raise CaptureError(capture, text)

    def _select(self, capture: Capture, path: Path, frame: Frame, home: Tree | None) -> list[Node]:
        if path.start == "$":
            assert home is not None
            nodes = self._from_root.get((id(path), home))
            if nodes is None:
                nodes = self._from_root[id(path), home] = path.select(home.root, home.root)
            return nodes
        start = frame[path.start]
        if path.column is not None and type(start) is Row:
            start = start.get(path.column)
            if isinstance(start, Node) and self._forest.owner(start) is None:
                return []  # an earlier rule removed it, and what was below it
        if not isinstance(start, Node):
            text = f"`{start_text(path)}` is a value without a place in the document, so `{path.text}` leads nowhere"
            raise CaptureError(capture, text)
        is_own = path.start in self._names or path.start in self._outer
        if not is_own and self._forest.owner(start) is None:
            text = f"`{start_text(path)}` is not in the document any more: an earlier action removed or replaced it"
            raise CaptureError(capture, text)
        return path.select(start, home.root if home is not None else start)


def _take_nothing(_frame: Frame, _home: Tree | None) -> None:
    """Before the first run."""


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
