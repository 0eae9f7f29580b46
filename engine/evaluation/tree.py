"""A document that changes: the one place where nodes are changed, each change recorded as RFC 6902 operations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..error import PatchError
from ..node import KIND_NAMES, MAPPING, SCALAR, SEQUENCE, Node, below, index_of, path_of
from ..pointer import join
from ..value import Value, equal
from .application import apply_operation
from .conflict import Authors
from .growth import Growth
from .item_index import ItemIndex
from .journal import GONE, Journal
from .members import Members
from .operation import Operation

if TYPE_CHECKING:
    from ..reading.document import Document


class Tree:
    """The nodes of one document, with everything that happens to them.

    A node keeps its identity while it is replaced, moved or renamed, so whoever holds it holds a place. Before
    the first change of a node's content or children, `node.before` keeps (kind, value) as they were. `changed`
    and `commented` say which nodes were changed and by which rules, both in order; `rule` names the rule at work.

    Each primitive costs the depth of the node plus the size of what it takes away or copies; changes at the end of
    a list and in a mapping cost no more as those grow. What would change nothing is neither done nor recorded.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.root = document.root
        self.rule = ""
        self.authors = Authors()
        self.changed: dict[Node, dict[str, None]] = {}
        self.commented: dict[Node, dict[str, None]] = {}
        self.touched: list[Node] | None = None  # kept for who looks on: every node changed, as often as it was
        self._growth = Growth(document)
        self._journal = Journal(self._growth)
        self._indexes: dict[Node, ItemIndex] = {}

    def alive(self, node: Node) -> bool:
        """Whether `node` still stands in the document."""
        return below(node, self.root)

    def pointer(self, node: Node) -> str:
        """The JSON Pointer of `node` now."""
        return join(path_of(node))

    def operations(self) -> list[Operation]:
        """The patch so far: applied in order to the original data it gives `plain(root)`. Linear in the patch."""
        return [operation for operation, _node in self._journal.operations()]

    def located_operations(self) -> list[tuple[Operation, Node | None]]:
        """As `operations`, each with the node that it put there or took away, where one is known."""
        return self._journal.operations()

    def add_member(self, mapping: Node, key: str, node: Node) -> Node:
        """Put the new `node` under `key`, or into the member that is there; the node that now stands there."""
        existing: Node | None = mapping.value.get(key)
        if existing is not None:
            self.replace(existing, node)
            return existing
        self._growth.add(node, mapping)
        self.authors.add(node)
        self._prepare(mapping)
        self._attach(node, mapping, key)
        self._journal.added(node, self.rule)
        return node

    def insert_item(self, sequence: Node, index: int | None, node: Node) -> Node:
        """Put the new `node` before the item at `index`; at the end for None or the list's length."""
        items = self._indexes.get(sequence)
        self._growth.add(node, sequence)
        self.authors.add(node)
        self._prepare(sequence)
        self._attach(node, sequence, index)
        self._journal.added(node, self.rule)
        if items is not None and sequence.value[-1] is node:
            items.add(node)
            self.keep_index(items)
        return node

    def replace(self, node: Node, new: Node) -> None:
        """Give `node` the kind and content of `new`, which is used up. What was inside counts as removed."""
        if same(node, new):
            return
        self._growth.add(new, node.parent)
        self.authors.replace(node, new)
        self.claim(node)
        for child in _children(node):
            child.parent = None
        node.kind, node.value, node.shifts, node.spelling = new.kind, new.value, None, None
        for child in _children(node):
            child.parent = node
        for text in ("comment_above", "comment_line"):
            if getattr(new, text) is not None:
                setattr(node, text, getattr(new, text))
                self.commented.setdefault(node, {})[self.rule] = None

    def claim(self, node: Node) -> None:
        """Record whatever changes at or below `node` from now on as one `replace` of it."""
        self._journal.replaced(node, self.rule)
        if node.before is None:
            node.before = (node.kind, node.value if node.kind == SCALAR else node.value.copy())
        self._mark(node)

    def remove(self, node: Node) -> None:
        """Take `node`, not the root, out of the document."""
        if node.parent is None:
            raise PatchError("the whole document cannot be removed", self.document.place(node))
        self._prepare(node.parent)
        if self.touched is not None:
            self.touched.append(node)
        self._journal.removed(node, self.rule)
        _detach(node)

    def move(self, node: Node, parent: Node, key: str | int | None) -> None:
        """Take `node` out and put it under `key` of `parent`, as an RFC 6902 `move` does.

        An index counts as the list is once `node` is out of it; None is the end. A member that stands there is
        displaced. Raises `PatchError` where `parent` is inside `node`.
        """
        source = node.parent
        if source is None or below(parent, node):
            text = f"`{self.pointer(node) or 'the whole document'}` cannot be moved into itself"
            raise PatchError(text, self.document.place(node))
        if _stands_at(node, parent, key):
            return
        self._growth.move(node, parent)
        self._prepare(source)
        self._prepare(parent)
        journal = self._journal
        alone = journal.fold(node) is None and journal.fold(parent) is None and not _seems_inside(parent, node)
        origin = self.pointer(node)
        if alone:
            journal.pin(source)
        else:
            journal.removed(node, self.rule)
        if source is parent and source.kind == MAPPING:
            displaced = self._displace(parent, key)
            _rename(node, key)
        else:
            _detach(node)
            displaced = self._displace(parent, key)
            self._attach(node, parent, key)
        if alone:
            journal.moved(origin, node, self.rule)
        else:
            journal.added(node, self.rule, displaced)

    def copy(self, node: Node, parent: Node, key: str | int | None) -> Node:
        """Put a new node with the data of `node` under `key` of `parent`, as an RFC 6902 `copy` does."""
        existing = parent.value.get(key) if parent.kind == MAPPING else None
        if existing is not None and same(existing, node):
            return existing  # type: ignore[no-any-return]  # `value` is declared Any
        self._growth.add(node, parent)
        fresh = _duplicate(node)
        self._prepare(parent)
        journal = self._journal
        alone = journal.fold(node) is None and journal.fold(parent) is None
        origin = self.pointer(node)
        if alone:
            journal.freeze(node)
            journal.pin(node.parent)
        displaced = self._displace(parent, key)
        self._attach(fresh, parent, key)
        if alone:
            journal.copied(origin, fresh, self.rule)
        else:
            journal.added(fresh, self.rule, displaced)
        return fresh

    def test(self, pointer: str, value: Value) -> None:
        """Record that `value` stands at `pointer`; `apply` checks it. Nothing is folded across this operation."""
        self._journal.tested(pointer, value, self.rule)

    def apply(self, operation: Mapping[str, Any]) -> None:
        """Do one RFC 6902 operation given as plain data.

        Raises `PatchError` for what RFC 6902 and RFC 6901 call an error; the tree must not be used any more then.
        """
        apply_operation(self, operation)

    def comment(self, node: Node, text: str, *, above: bool) -> None:
        """Set the YAML comment above `node`, or on its line. No operation: comments are not data."""
        if above:
            node.comment_above = text
        else:
            node.comment_line = text
        self.commented.setdefault(node, {})[self.rule] = None
        if self.touched is not None:
            self.touched.append(node)

    def index(self, sequence: Node, fields: tuple[str, ...]) -> ItemIndex:
        """The items of `sequence` by the value of `fields`.

        Built in linear time, and kept until something other than an append changes the items or those fields.
        """
        found = self._indexes.get(sequence)
        if found is None or found.fields != fields:
            found = self._indexes[sequence] = ItemIndex(sequence, fields)
        return found

    def keep_index(self, items: ItemIndex) -> None:
        """Say that `items` is still right although an item has changed: its fields hold what they held."""
        self._indexes[items.sequence] = items

    def _prepare(self, container: Node) -> None:
        self._journal.keep(container)
        self._mark(container)

    def _mark(self, node: Node) -> None:
        self.changed.setdefault(node, {})[self.rule] = None
        if self.touched is not None:
            self.touched.append(node)
        if self._indexes:
            self._drop_indexes(node)

    def _drop_indexes(self, node: Node) -> None:
        current: Node | None = node
        item: Node | None = None
        member: Node | None = None
        while current is not None:
            items = self._indexes.get(current)
            if items is not None and (member is None or member.key in items.fields):
                del self._indexes[current]
            current, item, member = current.parent, current, item

    def _displace(self, parent: Node, key: str | int | None) -> Value:
        existing = parent.value.get(key) if parent.kind == MAPPING else None
        if existing is None:
            return GONE
        data = self._journal.withdraw(existing)
        existing.parent = None
        return data

    def _attach(self, node: Node, parent: Node, key: Any) -> None:
        node.parent = parent
        if self.touched is not None:
            self.touched.append(node)
        if parent.kind == MAPPING:
            parent.value[key] = node
        else:
            key = len(parent.value) if key is None else key
            if key == len(parent.value):
                parent.value.append(node)
            else:
                parent.value.insert(key, node)
                parent.shifts = [(parent.shifts or [0, 0])[0] + 1, (parent.shifts or [0, 0])[1]]
        node.key = key


def same(left: Node, right: Node) -> bool:
    """Whether two nodes hold equal data. Linear in the smaller one."""
    if left.kind != right.kind:
        return False
    if left.kind == SCALAR:
        return equal(left.value, right.value)
    if len(left.value) != len(right.value):
        return False
    if left.kind == MAPPING:
        return all(key in right.value and same(child, right.value[key]) for key, child in left.value.items())
    return all(map(same, left.value, right.value))


def describe(node: Node) -> str:
    """What kind of value a node holds, as a message says it: `a mapping`, `a list`, `a string`, `null`."""
    if node.kind != SCALAR:
        return f"a {KIND_NAMES[node.kind]}"
    if node.value is None:
        return "null"
    if isinstance(node.value, bool):
        return "a boolean"
    return "a string" if isinstance(node.value, str) else "a number"


def _children(node: Node) -> list[Node]:
    if node.kind == SCALAR:
        return []
    return list(node.value.values() if node.kind == MAPPING else node.value)


def _stands_at(node: Node, parent: Node, key: str | int | None) -> bool:
    if node.parent is not parent:
        return False
    if parent.kind == MAPPING:
        return bool(node.key == key)
    last = len(parent.value) - 1
    return index_of(node) == (last if key is None else key)


def _seems_inside(parent: Node, node: Node) -> bool:
    """Whether `parent` is in the item behind `node`, whose index it will take.

    The pointers of such a move look like one of a node into itself, which RFC 6902 section 4.4 refuses.
    """
    source: Node = node.parent  # type: ignore[assignment]  # a root is never moved
    behind = index_of(node) + 1 if source.kind == SEQUENCE else 0
    return 0 < behind < len(source.value) and below(parent, source.value[behind])


def _detach(node: Node) -> None:
    parent: Node = node.parent  # type: ignore[assignment]  # a root is never detached
    if parent.kind == MAPPING:
        del parent.value[node.key]
    else:
        index = index_of(node)
        del parent.value[index]
        if index < len(parent.value):
            parent.shifts = [(parent.shifts or [0, 0])[0], (parent.shifts or [0, 0])[1] + 1]
    node.parent = None


def _rename(node: Node, key: Any) -> None:
    mapping: Node = node.parent  # type: ignore[assignment]  # a root is never renamed
    if type(mapping.value) is not Members:
        mapping.value = Members(mapping.value)
    mapping.value.rename(node, key)


def _duplicate(node: Node) -> Node:
    """New nodes with the same data and style; they have no place, no anchor and no tag."""
    new = Node(node.kind, node.value)
    new.origin = node.origin or node
    new.style, new.flow = node.style, node.flow and node.alias is None  # the text of an alias is always inline
    if node.kind == MAPPING:
        new.value = {key: _duplicate(child) for key, child in node.value.items()}
        for key, child in new.value.items():
            child.parent, child.key = new, key
    elif node.kind == SEQUENCE:
        new.value = [_duplicate(child) for child in node.value]
        for key, child in enumerate(new.value):
            child.parent, child.key = new, key
    return new
