"""The documents of a run together: which of them a node stands in, and a name for every node."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..expressions.bound import visit
from ..fact import Row
from ..node import MAPPING, SEQUENCE, Node, index_of
from ..pointer import escape

if TYPE_CHECKING:
    from ..error import Place
    from .tree import Tree

_CHARACTERS_PER_STEP = 16


class Forest:
    """The trees of some documents, in order.

    A node's name, what `id()` gives, is a text that is unique in the run and stays while rules act: the document and
    the pointer that the node had in the original text. The first name in a document that changed already costs one pass
    over it. A node that an operation made gets a number for its pointer.
    """

    def __init__(self, trees: Iterable[Tree]) -> None:
        self.trees = tuple(trees)
        self._by_root = {tree.root: tree for tree in self.trees}
        self._documents: dict[Tree, str] = {}
        self._names: dict[Node, str] = {}
        self._named: set[Tree] = set()

    def owner(self, node: Node) -> Tree | None:
        """The tree in which `node` stands now; None if it was removed. Costs the node's depth."""
        while node.parent is not None:
            node = node.parent
        return self._by_root.get(node)

    def above(self, node: Node) -> Node | None:
        """What `node` stands in: for the root of an item of a Kubernetes list that list's `items`."""
        tree = self._by_root.get(node) if node.parent is None else None
        return node.parent if tree is None else tree.document.above

    def home(self, value: object) -> Tree | None:
        """The document that a capture's value belongs to: that of the row, or of the node; None for plain values."""
        if type(value) is Row:
            return value.home
        return self.owner(value) if type(value) is Node else None

    def place(self, node: Node, otherwise: Tree) -> Place:
        """Where `node` stands in its text; for a node that was removed, in the text of `otherwise`."""
        return (self.owner(node) or otherwise).document.place(node)

    def name(self, node: Node) -> str:
        """The name of `node`, always the same."""
        if node not in self._names:
            tree = self.owner(node)
            if tree is not None and not tree.changed:
                return self._name_in(tree, node)
            for each in self.trees if tree is None else (tree,):
                if each not in self._named:
                    self._named.add(each)
                    self._names.update(_original_names(each, self._document(each)))
            if node not in self._names:
                self._names[node] = f"{'' if tree is None else self._document(tree)}+{len(self._names)}"
        return self._names[node]

    def _name_in(self, tree: Tree, node: Node) -> str:
        """The name of a node of a document that is as it was read; it costs what is above the node."""
        names, waiting = self._names, [node]
        while waiting[-1] not in names and waiting[-1].parent is not None:
            waiting.append(waiting[-1].parent)
        name = names.setdefault(waiting[-1], self._document(tree))
        for each in reversed(waiting[:-1]):
            key = each.key if each.parent is None or each.parent.kind == MAPPING else index_of(each)
            name = names[each] = f"{name}/{escape(key)}"
            visit(len(name) // _CHARACTERS_PER_STEP)
        return name

    def _document(self, tree: Tree) -> str:
        """The name of a document: its file and its place in it, and a number where two would have the same."""
        if not self._documents:
            taken: set[str] = set()
            for each in self.trees:
                document = each.document
                item = "" if document.item is None else f".{document.item}"
                name = plain = f"{document.file or ''}#{document.index}{item}"
                number = 1
                while name in taken:
                    number += 1
                    name = f"{plain}({number})"
                taken.add(name)
                self._documents[each] = name
        return self._documents[tree]


def _original_names(tree: Tree, document: str) -> dict[Node, str]:
    found = {tree.root: document}
    for node, name in (waiting := list(found.items())):
        kind, content = node.before or (node.kind, node.value)
        entries = content.items() if kind == MAPPING else enumerate(content) if kind == SEQUENCE else ()
        for key, child in entries:
            found[child] = f"{name}/{escape(key)}"
            visit(len(found[child]) // _CHARACTERS_PER_STEP)
            waiting.append((child, found[child]))
    return found
