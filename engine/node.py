"""The tree of one document: what every node says, where it stands in the text, where it stands now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .error import InputError
from .limit import MAX_COPIES, MAX_DEPTH
from .value import Value

SCALAR, MAPPING, SEQUENCE = 0, 1, 2
KIND_NAMES = ("scalar", "mapping", "list")


class Node:
    """One value of a document.

    `value` is a scalar's plain data, a mapping's `dict[str, Node]` or a sequence's `list[Node]`.
    `parent` and `key` say where the node stands now (`key`: a member's name; for a list item a hint that
    `index_of` corrects); the root has neither. The spans say where it stood in the original text, in
    characters; a node that an operation made has `start == -1`.
    """

    # Most nodes have none of what stands here as None: the class says so for them, which costs a node no time and room.
    __slots__ = (
        "__dict__",
        "end",
        "flow",
        "key",
        "key_end",
        "key_start",
        "kind",
        "parent",
        "start",
        "style",
        "value",
        "value_start",
    )
    spelling: str | None = None  # of a boolean: the word it is written with, where that is another one
    tag: str | None = None
    anchor: str | None = None
    alias: str | None = None  # the anchor that an alias stands for
    opaque: list[Node] | None = None  # of a mapping: entries that are no members (`<<`, complex keys)
    merges: list[tuple[str, Node]] | None = None  # of a mapping with `<<`: what is left to merge in
    before: Any = None  # the children as they were, kept when an operation first changes them
    shifts: list[int] | None = None  # of a sequence: items added and removed so far
    origin: Node | None = None  # of a copy: what it was copied from
    operation: Any = None  # the operation that made this node, while later ones may fold into it
    comment_above: str | None = None
    comment_line: str | None = None

    def __init__(self, kind: int, value: Any, start: int = -1, end: int = -1) -> None:
        self.kind = kind
        self.value = value
        self.parent: Node | None = None
        self.key: Any = None
        self.start = start  # first character, tag and anchor included
        self.end = end
        self.value_start = start  # first character behind tag and anchor
        self.key_start = -1  # span of the key (or of the dash: its start) in the original text
        self.key_end = -1
        self.style: str | None = None  # of a scalar: None plain, ' " | >
        self.flow = False  # of a collection: written in flow style


def children(node: Node) -> Iterable[Node]:
    """The nodes directly below `node`, in document order."""
    if node.kind == MAPPING:
        return node.value.values()  # type: ignore[no-any-return]
    if node.kind == SEQUENCE:
        return node.value  # type: ignore[no-any-return]
    return ()


def walk(node: Node) -> Iterator[Node]:
    """`node` and every node below it, in document order, without recursion."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        if current.kind != SCALAR:
            stack.extend(reversed(list(children(current))))


def plain(node: Node) -> Value:
    """The data of `node` as fresh dicts and lists. Linear in the size of the node."""
    if node.kind == MAPPING:
        return {key: plain(child) if child.kind else child.value for key, child in node.value.items()}
    if node.kind == SEQUENCE:
        return [plain(child) if child.kind else child.value for child in node.value]
    return node.value


def build(value: Value) -> Node:
    """A new, unattached node for plain data. Raises `InputError` for what JSON cannot hold. Linear.

    A dict or list that stands in several places becomes a node for each of them, within a bound.
    """
    return _Builder().build(value, 1)


_SCALAR_TYPES = frozenset({str, int, float, bool, type(None)})


class _Builder:
    def __init__(self) -> None:
        self.seen: set[int] = set()
        self.copies = 0

    def build(self, value: Value, depth: int) -> Node:
        if isinstance(value, dict):
            return self._mapping(value, depth)
        if isinstance(value, (list, tuple)):
            return self._sequence(value, depth)
        if value is not None and not isinstance(value, (str, int, float)):
            found = type(value).__name__
            raise InputError(f"plain data is made of dict, list, str, int, float, bool and None; found {found}")
        return Node(SCALAR, value)

    def _mapping(self, value: dict[Any, Value], depth: int) -> Node:
        if depth > MAX_DEPTH or id(value) in self.seen:
            self._check(value, depth)
        self.seen.add(id(value))
        content: dict[str, Node] = {}
        node = Node(MAPPING, content)
        for key, item in value.items():
            if type(key) is not str and not isinstance(key, str):
                raise InputError(f"keys of plain data are strings; found {key!r} ({type(key).__name__})")
            child = Node(SCALAR, item) if type(item) in _SCALAR_TYPES else self.build(item, depth + 1)
            child.parent = node
            child.key = key
            content[key] = child
        return node

    def _sequence(self, value: Sequence[Value], depth: int) -> Node:
        if depth > MAX_DEPTH or id(value) in self.seen:
            self._check(value, depth)
        self.seen.add(id(value))
        content: list[Node] = []
        node = Node(SEQUENCE, content)
        for index, item in enumerate(value):
            child = Node(SCALAR, item) if type(item) in _SCALAR_TYPES else self.build(item, depth + 1)
            child.parent = node
            child.key = index
            content.append(child)
        return node

    def _check(self, value: Value, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise InputError(f"plain data is nested more than {MAX_DEPTH} deep")
        if id(value) in self.seen:
            self.copies += 1 + len(value)
            if self.copies > MAX_COPIES:
                text = f"plain data holds dicts and lists that stand in several places: more than {MAX_COPIES:,} values"
                raise InputError(text)


def index_of(node: Node) -> int:
    """The present place of a list item in its list.

    The hint in `node.key` is exact unless items came or went since; then the likely places are tried first
    (everything happened before it, or behind it) and the search is limited to where it can be.
    """
    items: list[Node] = node.parent.value  # type: ignore[union-attr]
    hint: int = node.key
    if hint < len(items) and items[hint] is node:
        return hint
    return _search(node, items, hint)


def _search(node: Node, items: list[Node], hint: int) -> int:
    added, removed = node.parent.shifts or (0, 0)  # type: ignore[union-attr]
    likely = hint + added - removed
    if 0 <= likely < len(items) and items[likely] is node:
        found = likely
    else:
        found = items.index(node, max(0, hint - removed), min(len(items), hint + added + 1))
    return found


def is_kubernetes(root: Node) -> bool:
    """Whether a document is read as kubectl reads it: a mapping with `apiVersion` and `kind`."""
    return root.kind == MAPPING and "apiVersion" in root.value and "kind" in root.value


def path_of(node: Node) -> list[str | int]:
    """The keys and indexes that lead from the root to `node` now. Cost grows with depth only."""
    steps: list[str | int] = []
    while node.parent is not None:
        steps.append(index_of(node) if node.parent.kind == SEQUENCE else node.key)
        node = node.parent
    steps.reverse()
    return steps


def along(node: Node, parts: Iterable[str]) -> list[Node]:
    """`node`, and the nodes to which the parts of a JSON Pointer lead from there, as far as there are any."""
    found = [node]
    for part in parts:
        if node.kind == MAPPING and part in node.value:
            node = node.value[part]
        elif node.kind == SEQUENCE and part.isascii() and part.isdecimal() and int(part) < len(node.value):
            node = node.value[int(part)]
        else:
            break
        found.append(node)
    return found


def below(node: Node, top: Node) -> bool:
    """Whether `node` is `top` or stands somewhere below it now; so also whether it is still in the document."""
    current: Node | None = node
    while current is not None:
        if current is top:
            return True
        current = current.parent
    return False
