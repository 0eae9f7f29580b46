"""The verbs that are RFC 6902 operations: add, replace, move, copy, test, remove; and rename, which is a move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..expressions.operand import text_of
from ..expressions.scope import OMIT
from ..node import MAPPING, SEQUENCE, Node, index_of, plain
from ..rule import Target
from ..suggest import listing
from ..value import equal
from .call import REQUIRED, VALUE, Call, Key, define
from .target import (
    Spot,
    find_all,
    find_one,
    find_spot,
    first_node,
    name_of,
    need_mapping,
    need_one,
    not_found,
    own_target,
    pointer_text,
)

TO = Key("target", REQUIRED)
MISSING = Key("flag", default=False)
_MOST_LISTED = 12


@define("add", {"value": VALUE}, pointer=True)
def add(call: Call) -> None:
    """`add` of RFC 6902, section 4.1."""
    node = call.new_node()
    if node is None:
        return
    target = own_target(call)
    if target.pointer is not None:
        call.tree.apply({"op": "add", "path": pointer_text(call, target), "value": plain(node)})
        return
    spot = _existing_parent(call, target)
    parent, key = _place(call, spot)
    if parent is None:
        call.tree.replace(spot.node, node)
    elif isinstance(key, int):
        call.tree.insert_item(parent, key, node)
    else:
        call.tree.add_member(parent, key, node)


@define("replace", {"value": VALUE}, pointer=True)
def replace(call: Call) -> None:
    """`replace` of RFC 6902, section 4.3."""
    new = call.new_node()
    if new is not None:
        call.tree.replace(need_one(call, own_target(call)), new)


@define("test", {"value": VALUE}, pointer=True)
def test(call: Call) -> None:
    """`test` of RFC 6902, section 4.6."""
    value = call.value()
    if value is OMIT:
        return
    node = need_one(call, own_target(call))
    found = plain(node)
    if not equal(found, value):
        raise call.error(
            f"the test failed: {name_of(call, node)} is {_shorten(found)}, expected {_shorten(value)}", node
        )
    call.tree.test(call.tree.pointer(node), value)


@define("move", {"to": TO}, pointer=True)
def move(call: Call) -> None:
    """`move` of RFC 6902, section 4.4."""
    _transfer(call, "move")


@define("copy", {"to": TO}, pointer=True)
def copy(call: Call) -> None:
    """`copy` of RFC 6902, section 4.5."""
    _transfer(call, "copy")


@define("remove", {"missing": MISSING, "prune": Key("flag", default=False)}, many=True)
def remove(call: Call) -> None:
    """Remove every node found; with `prune`, also the mappings and lists above that are empty then."""
    target = own_target(call)
    if call.argument("missing") and _start_is_gone(call, target):
        return
    nodes = find_all(call, target)
    if not nodes and not call.argument("missing"):
        raise not_found(call, target)
    if call.tree.root in nodes:
        raise call.error("the whole document cannot be removed")
    for node in _outermost(_with_emptied(nodes) if call.argument("prune") else nodes):
        call.tree.remove(node)


@define("rename", {"to": Key("text", REQUIRED), "missing": MISSING})
def rename(call: Call) -> None:
    """Give the member found another key, in its place."""
    target = own_target(call)
    node = find_one(call, target)
    if node is None:
        if call.argument("missing"):
            return
        raise not_found(call, target)
    mapping = node.parent
    if mapping is None or mapping.kind != MAPPING:
        raise call.error(f"{name_of(call, node)} has no key to rename: it is not the member of a mapping", node)
    key = text_of(call.value("to"))
    if key != node.key and key in mapping.value:
        keys = listing(list(mapping.value)[:_MOST_LISTED])
        text = f"{name_of(call, node)} cannot be renamed: there is a `{key}` already; keys here: {keys}"
        raise call.error(text, mapping.value[key])
    call.tree.move(node, mapping, key)


def _existing_parent(call: Call, target: Target) -> Spot:
    """The spot of a target whose parent must exist: RFC 6902 creates none."""
    spot = find_spot(call, target)
    if len(spot.missing) > 1:
        raise not_found(call, target)
    if spot.missing:
        need_mapping(call, spot.node, spot.missing[0])
    return spot


def _place(call: Call, spot: Spot) -> tuple[Node | None, Any]:
    """The container and the key of a spot; no container for the whole document."""
    if spot.missing:
        return spot.node, spot.missing[0]
    node = spot.node
    if node.parent is not None and node.parent.kind == SEQUENCE:
        return node.parent, index_of(node)
    return node.parent if node is not call.tree.root else None, node.key


def _transfer(call: Call, op: str) -> None:
    node = need_one(call, own_target(call))
    target: Target = call.argument("to")
    tree = call.tree
    if target.pointer is not None:
        tree.apply(_operation(op, tree.pointer(node), pointer_text(call, target)))
        return
    parent, key = _place(call, _existing_parent(call, target))
    if parent is None:
        tree.apply(_operation(op, tree.pointer(node), ""))
    elif op == "copy":
        tree.copy(node, parent, key)
    else:
        if parent is node.parent and isinstance(key, int):
            key = min(key, len(parent.value) - 1)
        tree.move(node, parent, key)


def _operation(op: str, source: str, path: str) -> Mapping[str, Any]:
    return {"op": op, "from": source, "path": path}


def _start_is_gone(call: Call, target: Target) -> bool:
    path = target.path
    start = first_node(call.frame, path) if path is not None and path.start != "$" else call.tree.root
    return isinstance(start, Node) and not call.tree.alive(start)


def _with_emptied(nodes: Iterable[Node]) -> list[Node]:
    """`nodes` and what stands above them and holds nothing else; never the root."""
    going = dict.fromkeys(nodes)
    left: dict[Node, int] = {}
    for node in (waiting := list(going)):
        parent = node.parent
        if parent is None or parent.parent is None or parent.opaque:
            continue
        left[parent] = left.get(parent, len(parent.value)) - 1
        if not left[parent] and parent not in going:
            going[parent] = None
            waiting.append(parent)
    return list(going)


def _outermost(nodes: Iterable[Node]) -> list[Node]:
    """Those of `nodes` that are not inside another."""
    chosen = dict.fromkeys(nodes)
    return [node for node in chosen if not _is_inside(node, chosen)]


def _is_inside(node: Node, chosen: Mapping[Node, None]) -> bool:
    current = node.parent
    while current is not None:
        if current in chosen:
            return True
        current = current.parent
    return False


def _shorten(value: Any) -> str:
    text = f"`{value}`" if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
