"""Does one RFC 6902 operation, given as plain data, to a tree, and says what is wrong with those it cannot do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..error import PatchError, shorten
from ..node import MAPPING, SCALAR, SEQUENCE, Node, build, plain
from ..pointer import join, parse
from ..suggest import listing, suggest
from ..value import equal
from .operation import NAMES, WITH_SOURCE, WITH_VALUE

if TYPE_CHECKING:
    from .tree import Tree

_INDEX = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)
_MOST_KEYS = 12  # as many keys as a message lists


def apply_operation(tree: Tree, operation: Mapping[str, Any]) -> None:
    """Apply `operation` as RFC 6902 section 4 says; members it does not define are ignored.

    Raises `PatchError` that names the operation, its pointer and what stands there.
    """
    name = _check(operation)
    path: str = operation["path"]
    work = _Work(tree, f"{name} `{shorten(path)}`")
    if name in WITH_SOURCE:
        work.transfer(name, operation["from"], path)
    elif name in ("remove", "replace"):
        node = work.find(path)
        if name == "replace":
            tree.replace(node, build(operation["value"]))
        else:
            tree.remove(node)
    elif name == "test":
        work.test(path, operation["value"])
    else:
        work.add(path, build(operation["value"]))


def find_node(tree: Tree, pointer: str, name: str) -> Node:
    """The node at `pointer`. Raises `PatchError`, which calls the operation `name`, if there is none."""
    return _Work(tree, f"{name} `{shorten(pointer)}`").find(pointer)


def _check(operation: Mapping[str, Any]) -> str:
    if not isinstance(operation, Mapping):
        raise PatchError(f"an operation is a mapping with `op` and `path`, found {operation!r}")
    name = operation.get("op")
    if not isinstance(name, str) or name not in NAMES:
        hint = suggest(name, NAMES) if isinstance(name, str) else ""
        found = f"found `{name}`" if "op" in operation else "it is missing"
        raise PatchError(f"`op` is one of {listing(NAMES)}: {found}{hint}")
    for key in ("path", "from") if name in WITH_SOURCE else ("path",):
        if not isinstance(operation.get(key), str):
            found = f"found {operation[key]!r}" if key in operation else "it is missing"
            raise PatchError(f"`{key}` of operation `{name}` must be a JSON Pointer: {found}")
    if name in WITH_VALUE and "value" not in operation:
        raise PatchError(f"operation {name} `{operation['path']}` has no `value`")
    return name


class _Work:
    """One operation on a tree, by the name its errors give it."""

    def __init__(self, tree: Tree, name: str) -> None:
        self.tree = tree
        self.name = name

    def find(self, pointer: str) -> Node:
        """The node at `pointer`, which must exist."""
        node = self.tree.root
        for depth, part in enumerate(parts := self.parts(pointer)):
            node = self._step(node, part, parts[:depth])
        return node

    def parts(self, pointer: str) -> list[str]:
        """The parts of a pointer that the operation names."""
        try:
            return parse(pointer)
        except ValueError as error:
            raise self.error(str(error), self.tree.root) from None

    def add(self, pointer: str, node: Node) -> None:
        """`add` as RFC 6902 section 4.1 says."""
        if not pointer:
            self.tree.replace(self.tree.root, node)
            return
        parent, key = self._spot(pointer)
        if isinstance(key, str):
            self.tree.add_member(parent, key, node)
        else:
            self.tree.insert_item(parent, key, node)

    def transfer(self, name: str, source: str, pointer: str) -> None:
        """`move` and `copy`, sections 4.4 and 4.5."""
        node = self.find(source)
        tree = self.tree
        if name == "move" and source != pointer and pointer.startswith(source + "/"):
            raise self.error(f"`{source}` cannot be moved into itself", node)
        if not pointer:
            tree.replace(tree.root, build(plain(node)))
        elif name == "copy":
            tree.copy(node, *self._spot(pointer))
        elif source != pointer:
            tree.move(node, *self._spot(pointer, without=node))

    def test(self, pointer: str, value: Any) -> None:
        """`test`, section 4.6."""
        node = self.find(pointer)
        found = plain(node)
        if not equal(found, value):
            raise self.error(f"the value is {_shorten(found)}, expected {_shorten(value)}", node)
        self.tree.test(pointer, value)

    def error(self, text: str, node: Node) -> PatchError:
        """The error that says `text` of `node`."""
        return PatchError(f"{self.name}: {text}", self.tree.document.place(node))

    def _spot(self, pointer: str, without: Node | None = None) -> tuple[Node, str | int | None]:
        """The container and the key that `pointer` names, as if `without` had been taken out before."""
        *way, last = self.parts(pointer)
        node = self.tree.root
        for depth, part in enumerate(way):
            node = self._step(node, part, way[:depth], without)
        if node.kind == MAPPING:
            return node, last
        if node.kind == SCALAR:
            raise self._scalar(node, way)
        if last == "-":
            return node, None
        length = len(node.value) - (without is not None and without.parent is node)
        index = self._index(node, last, way)
        if index > length:
            raise self.error(f"index {last} is behind the end of `{shorten(join(way))}`, a list of {length}", node)
        return node, index

    def _step(self, node: Node, part: str, way: list[str], without: Node | None = None) -> Node:
        if node.kind == SCALAR:
            raise self._scalar(node, way)
        if node.kind == SEQUENCE:
            return self._item(node, part, way, without)
        found: Node | None = node.value.get(part)
        if found is None or found is without:
            keys = [key for key, child in node.value.items() if child is not without]
            known = f"; keys here: {listing(keys[:_MOST_KEYS])}" if keys else ", which is empty"
            where = f"`{shorten(join(way))}`" if way else "the document"
            raise self.error(f"there is no `{part}` in {where}{known}{suggest(part, keys)}", node)
        return found

    def _item(self, node: Node, part: str, way: list[str], without: Node | None) -> Node:
        items: list[Node] = node.value
        if part == "-":
            raise self.error(f"`-` is behind the last item of `{shorten(join(way))}`: nothing stands there", node)
        index = self._index(node, part, way)
        if without is not None and without.parent is node and index >= items.index(without):
            index += 1
        if index >= len(items):
            length = len(items) - (without is not None and without.parent is node)
            raise self.error(f"there is no item {part} in `{shorten(join(way))}`, a list of {length}", node)
        return items[index]

    def _index(self, node: Node, part: str, way: list[str]) -> int:
        if not _INDEX.fullmatch(part):
            expected = "expected an index (0, 1, ... without leading zeros)"
            raise self.error(f"`{shorten(join(way))}` is a list: {expected}, found `{part}`", node)
        return int(part)

    def _scalar(self, node: Node, way: list[str]) -> PatchError:
        where = f"`{shorten(join(way))}`" if way else "the document"
        return self.error(f"{where} is {_shorten(plain(node))}, neither a mapping nor a list", node)


def _shorten(value: Any) -> str:
    text = repr(value) if not isinstance(value, str) else f"`{value}`"
    return text if len(text) <= 60 else text[:57] + "..."
