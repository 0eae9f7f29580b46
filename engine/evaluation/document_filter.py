"""Decides which documents a rule set or a rule sees (rule language, section 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..expressions.scope import Frame
from ..node import MAPPING, SCALAR, Node
from ..rule import DocumentFilter
from .glob import matches, matches_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..reading.document import Document


def sees(chosen: DocumentFilter | None, document: Document, frame: Frame) -> bool:
    """Whether everything that the filter asks for holds of the document as it is now.

    `frame` has `doc`, `params` and `file` for the filter's `when`. Raises `ExpressionError`.
    """
    if chosen is None:
        return True
    for name, globs in chosen.fields.items():
        text = read_field(document, name, frame)
        if text is None or not (matches_path if name == "file" else matches)(globs, text):
            return False
    for place, wanted in (("labels", chosen.labels), ("annotations", chosen.annotations)):
        for key, globs in wanted.items():
            text = read_text(document.root, "metadata", place, key)
            if text is None or not matches(globs, text):
                return False
    return chosen.when is None or chosen.when.test(frame)


def read_field(document: Document, name: str, frame: Frame) -> str | None:
    """What a document has for one of the keys `apiVersion`, `kind`, `name`, `namespace`, `file` of a filter."""
    if name == "file":
        path: str | None = frame["file"]["path"]
        return path
    if name in ("name", "namespace"):
        return read_text(document.root, "metadata", name)
    found = read_text(document.root, name)
    if found is None and document.resource is not None:
        # an item of a list may leave out what the list says
        return document.resource.kind if name == "kind" else document.resource.apiVersion
    return found


def read_text(root: Node, *keys: str) -> str | None:
    """The text that stands below some keys; None for everything else."""
    node = reach(root, keys)
    return node.value if node is not None and node.kind == SCALAR and isinstance(node.value, str) else None


def reach(node: Node, keys: Sequence[str]) -> Node | None:
    """What stands below some keys, if there is anything."""
    for key in keys:
        if node.kind != MAPPING or key not in node.value:
            return None
        node = node.value[key]
    return node
