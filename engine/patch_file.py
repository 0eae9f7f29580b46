"""Reads a patch that someone wrote: a list of RFC 6902 operations, as JSON or YAML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .document import read
from .error import InputError, Place
from .node import KIND_NAMES, MAPPING, SEQUENCE, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .node import Node


def read_patch(text: str, file: str | None = None) -> tuple[Mapping[str, Any], ...]:
    """The operations in `text`; whether each can be applied shows when it is.

    Raises InputError, with the place, for anything but one list of mappings.
    """
    documents = read(text, file)
    if not documents:
        raise InputError("there is no patch here, the text is empty", Place(file))
    root = documents[0].root
    if root.kind == MAPPING and "patch" in root.value:
        text = (
            "this is a patch with the document it is for; --patch takes the list alone (`retouch patch --format json`)"
        )
        raise InputError(text, documents[0].place(root))
    if len(documents) > 1:
        raise InputError(
            "a patch is one list of operations, and here a second begins", documents[1].place(documents[1].root)
        )
    if root.kind != SEQUENCE:
        found = KIND_NAMES[root.kind]
        raise InputError(f"a patch is a list of operations (RFC 6902), found a {found}", documents[0].place(root))
    items: list[Node] = root.value
    for item in items:
        if item.kind != MAPPING:
            found = KIND_NAMES[item.kind]
            raise InputError(
                f"an operation is a mapping with `op` and `path`, found a {found}", documents[0].place(item)
            )
    return tuple(plain(item) for item in items)
