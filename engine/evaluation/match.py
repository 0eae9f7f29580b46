"""Finds the combinations of nodes and values that the captures of a rule or an action stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..expressions.operand import describe
from ..expressions.scope import OMIT, Frame
from ..jsonpath.path import Path
from ..node import Node
from ..rule import Capture
from ..value import Absent
from .tree import Tree


class CaptureError(Exception):
    """A capture cannot be found; `message` says why."""

    def __init__(self, capture: Capture, message: str) -> None:
        super().__init__(message)
        self.capture = capture
        self.message = message


class Matcher:
    """Runs through the combinations of some captures in one tree, which must not change meanwhile."""

    def __init__(self, captures: Sequence[Capture], frame: Frame, tree: Tree) -> None:
        self._captures = captures
        self._frame = frame
        self._tree = tree
        self._from_root: dict[int, list[Node]] = {}

    def combinations(self) -> Iterator[Mapping[str, Any]]:
        """What the captures stand for, by name, combination by combination: the last capture changes fastest.

        Nodes stand in document order, a union of paths in the order of its paths and without repeats. Each
        combination costs what its own paths pass; a path from `$` is followed once. Raises `CaptureError`,
        `ExpressionError`.
        """
        return self._extend(0, {})

    def _extend(self, number: int, found: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        if number == len(self._captures):
            yield found
            return
        capture = self._captures[number]
        for each in self._find(capture, found):
            yield from self._extend(number + 1, {**found, capture.name: each})

    def _find(self, capture: Capture, found: Mapping[str, Any]) -> Sequence[Any]:
        if capture.items is not None:
            return self._items(capture, found)
        if len(capture.paths) == 1:
            return self._select(capture, capture.paths[0], found)
        nodes = [node for path in capture.paths for node in self._select(capture, path, found)]
        return list(dict.fromkeys(nodes))

    def _items(self, capture: Capture, found: Mapping[str, Any]) -> Sequence[Any]:
        frame = self._frame.child(found) if found else self._frame
        value = capture.items.evaluate(frame) if capture.items is not None else None
        if value is None or value is OMIT or isinstance(value, Absent):
            return ()
        if not isinstance(value, list):
            text = f"the capture `{capture.name}` runs over the items of a list; the expression gives {describe(value)}"
            raise CaptureError(capture, text)
        return value

    def _select(self, capture: Capture, path: Path, found: Mapping[str, Any]) -> list[Node]:
        root = self._tree.root
        if path.start == "$":
            nodes = self._from_root.get(id(path))
            if nodes is None:
                nodes = self._from_root[id(path)] = path.select(root, root)
            return nodes
        start = found[path.start] if path.start in found else self._frame[path.start]
        if not isinstance(start, Node):
            text = f"`{path.start}` is a value without a place in the document, so `{path.text}` leads nowhere"
            raise CaptureError(capture, text)
        if path.start not in found and not self._tree.alive(start):
            text = f"`{path.start}` is not in the document any more: an earlier action removed or replaced it"
            raise CaptureError(capture, text)
        return path.select(start, root)
