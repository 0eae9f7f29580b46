"""The record of what happened to a tree, kept as the shortest patch that is obviously the same.

An entry is *open* while its value is read from a live node (`node.operation`): whatever changes at or below
that node needs no entry of its own, it is *folded* into the open one. An entry can be *withdrawn* when a later
one makes it moot. Both are safe because nothing recorded in between may depend on what an open entry made:
copying it, or testing anything, freezes it first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..limit import CHARACTERS_PER_VALUE
from ..node import MAPPING, SCALAR, SEQUENCE, Node, path_of, plain, walk
from ..pointer import join
from ..value import Value, equal
from .operation import WITH_VALUE, Operation

if TYPE_CHECKING:
    from .growth import Growth

GONE: Any = object()
"""In place of data: there was nothing."""


class Entry:
    """An operation while it may still change: `node` is where its value is read, `old` the data it replaces."""

    __slots__ = ("node", "old", "op", "path", "rules", "source", "value", "withdrawn")

    def __init__(self, op: str, path: str, rule: str, node: Node | None = None, old: Value = GONE) -> None:
        self.op = op
        self.path = path
        self.rules = {rule: None}
        self.node = node
        self.old = old
        self.source: str | None = None
        self.value: Value = None
        self.withdrawn = False

    def data(self) -> Value:
        """The entry's value as it stands now."""
        return self.value if self.node is None else plain(self.node)


class Journal:
    """What happened, in order. The tree tells it of every change; it never changes the tree.

    `_edits` holds, for containers whose every change since `node.before` was kept is recorded here and can still
    be withdrawn, those entries: by key for a mapping, by number for a list. As a list's entries move the indexes
    of everything behind them, an operation below it that cannot be withdrawn takes the list out of `_edits`.
    Every call costs the depth of the node, and the size of what is removed, replaced or copied.
    """

    def __init__(self, growth: Growth) -> None:
        self._growth = growth
        self._entries: list[Entry] = []
        self._open: list[Entry] = []
        self._edits: dict[Node, dict[Any, Entry]] = {}

    def fold(self, node: Node) -> Entry | None:
        """The open entry whose value holds `node`, if there is one."""
        current: Node | None = node
        while current is not None:
            if current.operation is not None:
                return current.operation  # type: ignore[no-any-return]  # the slot is declared Any
            current = current.parent
        return None

    def keep(self, container: Node) -> None:
        """Remember the children of `container` before they first change."""
        if container.before is None:
            container.before = (container.kind, container.value.copy())
            if self.fold(container) is None:
                self._edits[container] = {}

    def added(self, node: Node, rule: str, displaced: Value = GONE) -> None:
        """`node` has come to stand where it is now; `displaced` is the data of the member it displaced."""
        parent: Node = node.parent  # type: ignore[assignment]  # a root is never added
        outer = self.fold(parent)
        if outer is not None:
            outer.rules[rule] = None
            return
        edits = self._edits.get(parent)
        earlier = edits.get(node.key) if edits and parent.kind == MAPPING else None
        if earlier is not None and earlier.op == "remove":
            earlier.withdrawn = True
            displaced = earlier.old
        entry = Entry("add" if displaced is GONE else "replace", place_of(node), rule, node, displaced)
        if earlier is not None:
            entry.rules = {**earlier.rules, **entry.rules}
        self._record(entry)
        self._note(parent, node.key, entry)
        self._hold_open(entry, node)

    def removed(self, node: Node, rule: str) -> None:
        """`node`, still in its place, is about to be taken out."""
        entry = self.fold(node)
        if entry is not None and node.operation is not entry:
            entry.rules[rule] = None
            return
        if entry is not None and entry.op == "add" and self._cancel(entry, node):
            return
        removal = Entry("remove", join(path_of(node)), rule, old=self.withdraw(node))
        self._record(removal)
        removal.node = node
        self._note(node.parent, node.key, removal)  # type: ignore[arg-type]  # a root is never removed

    def replaced(self, node: Node, rule: str) -> None:
        """The content of `node`, still the old one, is about to change: from here on that is one `replace`."""
        entry = self.fold(node)
        if entry is None:
            entry = Entry("replace", join(path_of(node)), rule, node)
            entry.old = self._withdraw_below(node)
            self._record(entry)
            self._hold_open(entry, node)
        entry.rules[rule] = None

    def moved(self, source: str, node: Node, rule: str) -> None:
        """`node` has come from `source` to where it is now; neither place is folded."""
        entry = Entry("move", place_of(node), rule)
        entry.source = source
        self._record(entry)
        self.pin(node.parent)

    def copied(self, source: str, node: Node, rule: str) -> None:
        """`node` has been made from what stands at `source`; neither place is folded."""
        entry = Entry("copy", place_of(node), rule)
        entry.source = source
        self._record(entry)
        self.pin(node.parent)

    def tested(self, path: str, value: Value, rule: str) -> None:
        """A `test` has passed: nothing is folded across it."""
        for entry in self._open:
            if not entry.withdrawn:
                _freeze(entry)
        self._open.clear()
        self._edits.clear()
        entry = Entry("test", path, rule)
        entry.value = value
        self._record(entry)

    def freeze(self, node: Node) -> None:
        """What stands at and below `node` is about to be copied: entries made for it stay as they are."""
        for below in walk(node):
            self._edits.pop(below, None)
            if below.operation is not None:
                _freeze(below.operation)

    def pin(self, node: Node | None) -> None:
        """An entry that cannot be withdrawn passes through `node`: neither can what changed the way to it."""
        while node is not None:
            self._edits.pop(node, None)
            node = node.parent

    def withdraw(self, node: Node) -> Value:
        """Withdraw the open entries at and below `node`; the data it held before them, or GONE."""
        entry: Entry | None = node.operation
        if entry is None:
            return self._withdraw_below(node)
        if entry.op == "add" and _is_item(node):
            _freeze(entry)
            return entry.value
        node.operation = None
        entry.withdrawn = True
        return entry.old

    def operations(self) -> list[tuple[Operation, Node | None]]:
        """The patch as of now, each operation with its node, if one is known. Cost is linear in the patch."""
        found = []
        for entry in self._entries:
            if entry.withdrawn:
                continue
            value = entry.data() if entry.op in WITH_VALUE else None
            if entry.op == "replace" and equal(value, entry.old):
                continue
            found.append((Operation(entry.op, entry.path, entry.source, value, tuple(entry.rules)), entry.node))
        return found

    def _record(self, entry: Entry) -> None:
        self._growth.take(len(entry.path) // CHARACTERS_PER_VALUE)
        self._entries.append(entry)

    def _hold_open(self, entry: Entry, node: Node) -> None:
        node.operation = entry
        self._open.append(entry)

    def _note(self, parent: Node, key: Any, entry: Entry) -> None:
        edits = self._edits.get(parent)
        if edits is not None:
            edits[key if parent.kind == MAPPING else len(edits)] = entry
        elif parent.kind == SEQUENCE or entry.op == "remove":
            self.pin(parent)

    def _cancel(self, entry: Entry, node: Node) -> bool:
        """Withdraw the `add` of a node that goes again, where no index depends on it."""
        if _is_item(node):
            while self._entries[-1].withdrawn:
                self._entries.pop()
            if self._entries[-1] is not entry:
                return False
        else:
            edits = self._edits.get(node.parent)  # type: ignore[arg-type]  # a root is never added
            if edits is not None:
                del edits[node.key]
        entry.withdrawn = True
        node.operation = None
        return True

    def _withdraw_below(self, node: Node) -> Value:
        if node.kind == SCALAR:
            return node.value
        edits = self._edits.pop(node, None)
        if edits is not None:
            return self._withdraw_edits(node, edits)
        if node.kind == SEQUENCE:
            return [self.withdraw(child) for child in node.value]
        found = {key: self.withdraw(child) for key, child in node.value.items()}
        return {key: value for key, value in found.items() if value is not GONE}

    def _withdraw_edits(self, node: Node, edits: dict[Any, Entry]) -> Value:
        for entry in edits.values():
            entry.withdrawn = True
            _close(entry)
        before = node.before[1]
        if node.kind == MAPPING:
            return {key: edits[key].old if key in edits else self.withdraw(child) for key, child in before.items()}
        removed = {entry.node: entry.old for entry in edits.values() if entry.op == "remove"}
        return [removed[child] if child in removed else self.withdraw(child) for child in before]


def place_of(node: Node) -> str:
    """The pointer at which an `add` puts `node` where it stands; `-` for the last item of a list."""
    parent = node.parent
    if parent is not None and parent.kind == SEQUENCE and parent.value[-1] is node:
        return join(path_of(parent)) + "/-"
    return join(path_of(node))


def _is_item(node: Node) -> bool:
    return node.parent is not None and node.parent.kind == SEQUENCE


def _close(entry: Entry) -> None:
    if entry.node is not None and entry.node.operation is entry:
        entry.node.operation = None


def _freeze(entry: Entry) -> None:
    entry.value = entry.data()
    _close(entry)
    entry.node = None
