"""The verbs that put items into lists: append, prepend, upsert, insert."""

from __future__ import annotations

from ..node import MAPPING, SEQUENCE, Node, index_of, plain
from ..suggest import listing
from .call import REQUIRED, VALUE, Call, Key, define
from .item_index import key_of
from .target import Spot, find_spot, name_of, need_one, own_target, put
from .tree import describe, same
from .verb_mapping import merge_at

CONFLICTS = ("replace", "merge", "keep", "fail")


@define("append", {"value": VALUE})
def append(call: Call) -> None:
    """Add an item at the end of a list, which is made if it is missing."""
    _grow(call, None)


@define("prepend", {"value": VALUE})
def prepend(call: Call) -> None:
    """Add an item at the start of a list, which is made if it is missing."""
    _grow(call, 0)


@define("insert", {"value": VALUE, "at": Key("choice", REQUIRED, ("before", "after"))})
def insert(call: Call) -> None:
    """Add an item beside the list item found."""
    new = call.new_node()
    if new is None:
        return
    node = need_one(call, own_target(call))
    if node.parent is None or node.parent.kind != SEQUENCE:
        raise call.error(f"{name_of(call, node)} is not an item of a list; `insert` puts an item beside one", node)
    call.tree.insert_item(node.parent, index_of(node) + (call.argument("at") == "after"), new)


@define(
    "upsert",
    {
        "value": VALUE,
        "key": Key("string list", default=("name",)),
        "onConflict": Key("choice", choices=CONFLICTS, default="fail"),
    },
)
def upsert(call: Call) -> None:
    """Put an item into a list, where it is known by the fields `key`; add it if no such item is there."""
    new = call.new_node()
    if new is None:
        return
    fields: tuple[str, ...] = tuple(call.argument("key"))
    known = key_of(new, fields)
    if known is None:
        wanted = f"expected a mapping with {listing(fields)}"
        raise call.error(f"the `value` of `upsert` is {_shown(new)}, {wanted}, by which the item is known (`key`)")
    spot = find_spot(call, own_target(call))
    sequence = _list_at(call, spot)
    items = call.tree.index(sequence, fields).find(known) if sequence is not None else []
    if sequence is None:
        put(call, spot, _list_of(new))
    elif not items:
        call.tree.insert_item(sequence, None, new)
    elif not any(same(item, new) for item in items):
        _settle_conflict(call, items[0], new, fields)


def _settle_conflict(call: Call, item: Node, new: Node, fields: tuple[str, ...]) -> None:
    way = call.argument("onConflict")
    if way == "fail":
        key = listing(f"{name}: {plain(new.value[name])}" for name in fields)
        choices = listing(f"onConflict: {each}" for each in CONFLICTS[:-1])
        text = f"{name_of(call, item)} is another item with {key}; say what to do with {choices}"
        raise call.error(text, item)
    if way == "keep":
        return
    index = call.tree.index(item.parent, fields)  # type: ignore[arg-type]  # an item has a parent
    if way == "merge":
        merge_at(call, Spot(item), new)
    else:
        call.tree.replace(item, new)
    call.tree.keep_index(index)


def _grow(call: Call, index: int | None) -> None:
    new = call.new_node()
    if new is None:
        return
    spot = find_spot(call, own_target(call))
    sequence = _list_at(call, spot)
    if sequence is None:
        put(call, spot, _list_of(new))
    else:
        call.tree.insert_item(sequence, index, new)


def _list_at(call: Call, spot: Spot) -> Node | None:
    """The list at `spot`; None if it is to be made."""
    if spot.empty:
        return None
    if spot.node.kind != SEQUENCE:
        verb = call.action.verb
        raise call.error(f"{name_of(call, spot.node)} is {describe(spot.node)}; `{verb}` needs a list", spot.node)
    return spot.node


def _list_of(item: Node) -> Node:
    sequence = Node(SEQUENCE, [item])
    item.parent, item.key = sequence, 0
    return sequence


def _shown(node: Node) -> str:
    if node.kind == MAPPING and node.value:
        return f"a mapping with {listing(node.value)}"
    return describe(node) + ("; for a list of scalars write `key: .`" if node.kind != MAPPING else "")
