"""Reads a patch that someone wrote: a list of RFC 6902 operations, as JSON or YAML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..error import InputError, Place
from ..node import KIND_NAMES, MAPPING, SEQUENCE, plain
from ..reading.document import read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..node import Node


def read_patch(text: str, file: str | None = None) -> tuple[Mapping[str, Any], ...]:
    """The operations in `text`; whether each can be applied shows when it is.

    Raises InputError, with the place, for anything but one list of mappings.
    """
    documents = read(text, file)
    if not documents:
        raise InputError("there is no patch here, the text is empty", Place(file))
    first, *others = documents
    if first.root.kind == MAPPING and "patch" in first.root.value:
        problem = "this is a patch beside the document it is for; --patch takes the list alone, as --format json prints"
        raise InputError(problem, first.place(first.root))
    if others:
        problem = "a patch is one list of operations, and here something else begins"
        raise InputError(problem, others[0].place(others[0].root))
    if first.root.kind != SEQUENCE:
        problem = f"a patch is a list of operations (RFC 6902), found a {KIND_NAMES[first.root.kind]}"
        raise InputError(problem, first.place(first.root))
    items: list[Node] = first.root.value
    for item in items:
        if item.kind != MAPPING:
            problem = f"an operation is a mapping with `op` and `path`, found a {KIND_NAMES[item.kind]}"
            raise InputError(problem, first.place(item))
    return tuple(plain(item) for item in items)
