"""The members of a mapping whose keys change: they are put in order again only when someone goes through them."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView

from ..node import Node


class Members(dict[str, Node]):
    """A dict in which a member can take another key and keep its place, at a cost that does not grow with the dict.

    Between changes of keys and the next look at the order, `_order` holds the nodes as they are to stand.
    """

    __slots__ = ("_order",)

    def __init__(self, members: Mapping[str, Node]) -> None:
        super().__init__(members)
        self._order: dict[Node, None] | None = None

    def rename(self, node: Node, key: str) -> None:
        """Give the member `node` the key `key`; a member that has it goes."""
        if self._order is None:
            self._order = dict.fromkeys(super().values())
        displaced = self.get(key)
        if displaced is not None and displaced is not node:
            del self._order[displaced]
        super().__delitem__(node.key)
        super().__setitem__(key, node)
        node.key = key

    def _settle(self) -> None:
        if self._order is not None:
            nodes, self._order = self._order, None
            super().clear()
            super().update((node.key, node) for node in nodes)

    def __setitem__(self, key: str, node: Node) -> None:
        self._settle()
        super().__setitem__(key, node)

    def __delitem__(self, key: str) -> None:
        if self._order is not None:
            del self._order[self[key]]
        super().__delitem__(key)

    def __iter__(self) -> Iterator[str]:
        self._settle()
        return super().__iter__()

    def __reversed__(self) -> Iterator[str]:
        self._settle()
        return super().__reversed__()

    def keys(self) -> KeysView[str]:  # type: ignore[override]  # the views of dict are these
        """The keys, in order."""
        self._settle()
        return super().keys()

    def values(self) -> ValuesView[Node]:  # type: ignore[override]
        """The nodes, in order."""
        self._settle()
        return super().values()

    def items(self) -> ItemsView[str, Node]:  # type: ignore[override]
        """Keys and nodes, in order."""
        self._settle()
        return super().items()

    def copy(self) -> dict[str, Node]:
        """A plain dict with the same members, in order."""
        return dict(self.items())
