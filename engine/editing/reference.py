"""Refuses edits that anchors, aliases or merge keys would carry to other places of the document."""

from __future__ import annotations

from collections.abc import Iterator

from ..error import InputError
from ..evaluation.tree import Tree
from ..node import MAPPING, SCALAR, Node
from .pairing import entries_of, original, pair_items, pair_members, same, walk_text


def check_references(tree: Tree) -> None:
    """Raises `InputError` if a change touches text that stands for more than one place, or that others refer to.

    Costs the depth of every changed node, and the size of what was taken out of it.
    """
    for node in tree.changed:
        for shared in (*_around(node), *_taken_out(node)):
            raise InputError(_explain(shared), tree.document.source.place(max(shared.start, node.start, 0)))


def _around(node: Node) -> Iterator[Node]:
    """What `node` is or stands in that is the text of several places."""
    current: Node | None = node
    while current is not None:
        if current.anchor is not None or current.alias is not None:
            yield current
        parent = current.parent
        if parent is not None and parent.merges is not None and _is_merged_in(current, parent):
            yield parent
        current = parent


def _is_merged_in(node: Node, parent: Node) -> bool:
    return node.start < 0 and any(child is node for child in original(parent)[1].values())


def _taken_out(node: Node) -> Iterator[Node]:
    """What stood in the text of a changed node and does no more, or no more there, and that others refer to."""
    kind, content = original(node)
    if kind == SCALAR:
        return
    if node.merges is not None and not _keeps_merged(node, content):
        yield node
    for child in _lost(node, kind):
        yield from (below for below in walk_text(child) if below.anchor is not None)


def _keeps_merged(node: Node, content: dict[str, Node]) -> bool:
    """Whether the members that `<<` brings are still those of the mapping."""
    merged = ((key, child) for key, child in content.items() if child.start < 0)
    return node.kind == MAPPING and all(node.value.get(key) is child for key, child in merged)


def _lost(node: Node, kind: int) -> list[Node]:
    if node.kind != kind:
        return entries_of(node)
    steps = pair_members(node, node) if kind == MAPPING else pair_items(node, node)
    return [
        step.old
        for step in steps
        if step.old is not None and step.old is not step.new and (step.new is None or not same(step.old, step.new))
    ]


def _explain(node: Node) -> str:
    if node.alias is not None:
        what = f"this is an alias (`*{node.alias}`) of text that stands elsewhere"
    elif node.anchor is not None:
        what = f"this text has an anchor (`&{node.anchor}`) that aliases refer to"
    else:
        what = "this comes from another mapping, merged in by `<<`"
    return f"{what}; editing it here is not supported yet: write the value out first"
