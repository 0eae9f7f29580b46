"""Refuses edits that anchors, aliases or merge keys would carry to other places of the document."""

from __future__ import annotations

from collections.abc import Iterator

from .error import InputError
from .node import MAPPING, SCALAR, Node, walk
from .pairing import original
from .tree import Tree


def check_references(tree: Tree) -> None:
    """Raises `InputError` if a change touches text that stands for more than one place, or that others refer to.

    Costs the depth of every changed node and the size of what was taken out.
    """
    for node in tree.changed:
        for shared in (*_around(node), *_taken_out(node)):
            raise InputError(_explain(shared), tree.document.source.place(max(shared.start, node.start, 0)))


def _around(node: Node) -> Iterator[Node]:
    current: Node | None = node
    while current is not None:
        if current.anchor is not None or current.alias is not None or current.merges is not None:
            yield current
        current = current.parent


def _taken_out(node: Node) -> Iterator[Node]:
    """What a changed node held before and holds no more, where others may refer to it."""
    kind, content = original(node)
    if kind == SCALAR:
        return
    for child in content.values() if kind == MAPPING else content:
        if child.parent is not node:
            yield from (below for below in walk(child) if below.anchor is not None)


def _explain(node: Node) -> str:
    if node.alias is not None:
        what = f"this is an alias (`*{node.alias}`) of text that stands elsewhere"
    elif node.anchor is not None:
        what = f"this text has an anchor (`&{node.anchor}`) that aliases refer to"
    else:
        what = "this mapping merges another (`<<`)"
    return f"{what}; editing it here is not supported yet: write the value out first"
