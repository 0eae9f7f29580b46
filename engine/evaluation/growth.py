"""Keeps a document within bounds while operations add to it: how deep it is nested, and how much was added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..error import PatchError
from ..limit import CHARACTERS_PER_VALUE, MAX_DEPTH, MAX_NEW_VALUES
from ..node import MAPPING, SCALAR, Node

if TYPE_CHECKING:
    from ..reading.document import Document


class Growth:
    """What operations add to one document, counted in values; nothing is taken back when values go again.

    Heights of what is moved are remembered, as bounds from above: moving a large value again costs its depth only.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._room = MAX_NEW_VALUES + len(document.source.text)
        self._is_counted = bool(document.source.text)
        self._heights: dict[Node, int] = {}

    def add(self, node: Node, parent: Node | None) -> None:
        """Count `node`, which is about to come below `parent`, or to be copied there.

        Linear in `node`. Raises `PatchError` if it is too much or stands too deep then.
        """
        height, size = _measure(node)
        if not height:  # it stands no deeper than its parent's other scalars could
            self.take(size, parent)
            return
        self._check_depth(_depth(parent) + height, parent)
        self._raise_heights(parent, height)
        self.take(size, parent)

    def move(self, node: Node, parent: Node) -> None:
        """Take note that `node` comes below `parent`. Raises `PatchError` if it would stand too deep."""
        height = self._heights.get(node)
        depth = _depth(parent)
        if height is None or depth + height > MAX_DEPTH:
            height = self._heights[node] = _measure(node)[0]
        self._check_depth(depth + height, parent)
        self._raise_heights(parent, height)

    def take(self, values: int, node: Node | None = None) -> None:
        """Count so many values, added at `node`. Raises `PatchError` if there is no room for them."""
        self._room -= values
        if self._room < 0 and not self._is_counted:  # plain data has no text
            self._is_counted = True
            self._room += _measure(self._document.root)[1] - MAX_NEW_VALUES
        if self._room < 0:
            text = f"the operations add more than {MAX_NEW_VALUES:,} values, and more than the document's own size"
            raise PatchError(text, self._document.place(node or self._document.root))

    def _check_depth(self, depth: int, parent: Node | None) -> None:
        if depth > MAX_DEPTH:
            text = f"the result would be nested more than {MAX_DEPTH} deep"
            raise PatchError(text, self._document.place(parent or self._document.root))

    def _raise_heights(self, parent: Node | None, height: int) -> None:
        while parent is not None and self._heights:
            height += 1
            if parent in self._heights:
                self._heights[parent] = max(height, self._heights[parent])
            parent = parent.parent


def _depth(node: Node | None) -> int:
    """How many mappings and lists stand from the root to `node`, itself included."""
    depth = 0
    while node is not None:
        node, depth = node.parent, depth + 1
    return depth


def _measure(node: Node) -> tuple[int, int]:
    """How many mappings and lists are inside each other at most, and how much there is, counted in values."""
    height = size = 0
    waiting = [(node, 0)]
    while waiting:
        current, depth = waiting.pop()
        size += 1
        if current.kind == SCALAR:
            if isinstance(current.value, str):
                size += len(current.value) // CHARACTERS_PER_VALUE
            continue
        depth += 1
        height = max(height, depth)
        if current.kind == MAPPING:
            size += sum(map(len, current.value)) // CHARACTERS_PER_VALUE
            waiting.extend((child, depth) for child in current.value.values())
        else:
            waiting.extend((child, depth) for child in current.value)
    return height, size
