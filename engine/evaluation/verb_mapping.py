"""The verbs that make a value be there: set, default, merge."""

from __future__ import annotations

from ..node import MAPPING, Node
from .call import VALUE, Call, define
from .target import Spot, find_spot, is_null, name_of, own_target, put
from .tree import Tree, describe, same


@define("set", {"value": VALUE})
def set_value(call: Call) -> None:
    """Make the value be there, with its missing parents."""
    new = call.new_node()
    if new is not None:
        put(call, find_spot(call, own_target(call)), new)


@define("default", {"value": VALUE})
def set_default(call: Call) -> None:
    """Fill in the value where nothing is, or null; it is not even evaluated otherwise."""
    spot = find_spot(call, own_target(call))
    if spot.empty:
        new = call.new_node()
        if new is not None:
            put(call, spot, new)


@define("merge", {"value": VALUE})
def merge(call: Call) -> None:
    """Merge a mapping as RFC 7396 says: one `replace` of the mapping, whose untouched members stay the same nodes."""
    patch = call.new_node()
    if patch is None:
        return
    if patch.kind != MAPPING:
        raise call.error(f"the `value` of `merge` is {describe(patch)}, expected a mapping")
    spot = find_spot(call, own_target(call))
    merge_at(call, spot, patch)


def merge_at(call: Call, spot: Spot, patch: Node) -> None:
    """Merge the mapping `patch` into what stands at `spot`."""
    if spot.empty:
        put(call, spot, _without_nulls(patch))
        return
    if spot.node.kind != MAPPING:
        where = name_of(call, spot.node)
        raise call.error(f"{where} is {describe(spot.node)}; only a mapping can be merged with", spot.node)
    if not _holds(spot.node, patch):
        call.tree.claim(spot.node)
        _merge(call.tree, spot.node, patch)


def _holds(node: Node, patch: Node) -> bool:
    """Whether merging would change nothing."""
    if patch.kind != MAPPING or node.kind != MAPPING:
        return patch.kind != MAPPING and same(node, patch)
    return all(
        key not in node.value if is_null(child) else key in node.value and _holds(node.value[key], child)
        for key, child in patch.value.items()
    )


def _merge(tree: Tree, mapping: Node, patch: Node) -> None:
    for key, child in patch.value.items():
        existing: Node | None = mapping.value.get(key)
        if is_null(child):
            if existing is not None:
                tree.remove(existing)
        elif existing is None:
            tree.add_member(mapping, key, _without_nulls(child))
        elif child.kind == MAPPING and existing.kind == MAPPING:
            _merge(tree, existing, child)
        else:
            tree.replace(existing, _without_nulls(child))


def _without_nulls(node: Node) -> Node:
    """`node`, still unattached, without the members that are null: they ask for absence, and nothing is there yet."""
    if node.kind == MAPPING:
        node.value = {key: _without_nulls(child) for key, child in node.value.items() if not is_null(child)}
    return node
