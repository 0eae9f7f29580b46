"""Finds the items of a list by the value of some of their fields, without looking at all of them each time."""

from __future__ import annotations

from collections.abc import Hashable

from ..node import MAPPING, Node, plain
from ..value import identity

ITSELF = (".",)
"""The fields of a list of scalars: an item is known by its own value."""


class ItemIndex:
    """The items of `sequence` by the value of `fields`. Building it is linear; a look-up takes constant time."""

    __slots__ = ("_items", "fields", "sequence")

    def __init__(self, sequence: Node, fields: tuple[str, ...]) -> None:
        self.sequence = sequence
        self.fields = fields
        self._items: dict[Hashable, list[Node]] = {}
        for item in sequence.value:
            self.add(item)

    def add(self, item: Node) -> None:
        """Take in an item that has come to stand at the end of the list."""
        known = key_of(item, self.fields)
        if known is not None:
            self._items.setdefault(known, []).append(item)

    def find(self, key: Hashable) -> list[Node]:
        """The items whose fields have this key (see `key_of`), in list order."""
        return self._items.get(key, [])


def key_of(item: Node, fields: tuple[str, ...]) -> Hashable | None:
    """What the item is known by: equal for items whose `fields` are equal; None if it lacks one of them."""
    if fields == ITSELF:
        return identity(plain(item))
    if item.kind != MAPPING or any(name not in item.value for name in fields):
        return None
    return tuple(identity(plain(item.value[name])) for name in fields)
