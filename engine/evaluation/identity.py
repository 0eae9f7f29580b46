"""Names the nodes of a document for `id()`: texts that are unique in a run and stay while rules act."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..node import MAPPING, SEQUENCE, Node
from ..pointer import escape

if TYPE_CHECKING:
    from ..reading.document import Document


class Identity:
    """The names of one document's nodes: the document and the pointer the node had in the original text.

    The first name costs one pass over the document. A node that an operation made gets a number for its pointer.
    """

    def __init__(self, document: Document) -> None:
        item = "" if document.item is None else f".{document.item}"
        self._document = f"{document.file or ''}#{document.index}{item}"
        self._root = document.root
        self._pointers: dict[Node, str] | None = None

    def name(self, node: Node) -> str:
        """The name of `node`, always the same."""
        if self._pointers is None:
            self._pointers = _original_pointers(self._root)
        pointer = self._pointers.setdefault(node, f"+{len(self._pointers)}")
        return f"{self._document}{pointer}"


def _original_pointers(root: Node) -> dict[Node, str]:
    found = {root: ""}
    for node, pointer in (waiting := list(found.items())):
        kind, content = node.before or (node.kind, node.value)
        entries = content.items() if kind == MAPPING else enumerate(content) if kind == SEQUENCE else ()
        for key, child in entries:
            found[child] = f"{pointer}/{escape(key)}"
            waiting.append((child, found[child]))
    return found
