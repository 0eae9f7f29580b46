"""Rewrites a text by an RFC 6902 patch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .error import InputError, PatchError, Place
from .evaluation.tree import Tree
from .passage import Outcome
from .reading.document import Document, read_stream
from .result import Rewrite
from .rewriter import collect
from .stack import on_whole_stack


def apply_patch(
    text: str,
    patch: Sequence[Mapping[str, Any]],
    document: int | None = None,
    *,
    item: int | None = None,
    file: str | None = None,
    verify: bool = True,
) -> str:
    r"""Apply an RFC 6902 patch to YAML or JSON text, all or nothing, keeping every byte that need not change.

    `document` is the place of the document in the stream, from 0 (None: the text holds only one), `item` that
    of an item of a Kubernetes list. Raises `PatchError` if an operation cannot be applied, `InputError` if the
    text cannot be read or there is no such document.

    >>> import retouch
    >>> retouch.apply_patch("a: 1 # one\nb: 2\n", [{"op": "replace", "path": "/a", "value": 3}])
    'a: 3 # one\nb: 2\n'
    """
    return patch_text(text, patch, document, item=item, file=file, verify=verify).text


@on_whole_stack
def patch_text(
    text: str,
    patch: Sequence[Mapping[str, Any]],
    document: int | None = None,
    *,
    item: int | None = None,
    file: str | None = None,
    verify: bool = True,
) -> Rewrite:
    """As `apply_patch`, with all there is to say about the result."""
    fitting: list[Document] = []

    def act(one: Document) -> Outcome:
        tree = Tree(one)
        if document in (None, one.index) and item in (None, one.item):
            fitting.append(one)
            if len(fitting) == 1:
                _apply_all(tree, patch)
        return Outcome(tree)

    try:
        result = collect(read_stream(text, file), text, file, act, verify=verify)
    except PatchError:
        if len(fitting) > 1:
            raise _ambiguous(len(fitting), file) from None
        raise
    if len(fitting) > 1:
        raise _ambiguous(len(fitting), file)
    if not fitting:
        wanted = f"document {document or 0}" + (f", item {item}" if item is not None else "")
        raise InputError(f"there is no {wanted} here: documents found: {len(result.documents)}", Place(file))
    return result


def _ambiguous(number: int, file: str | None) -> InputError:
    return InputError(f"there are {number} documents here: say which one the patch is for", Place(file))


def _apply_all(tree: Tree, patch: Sequence[Mapping[str, Any]]) -> None:
    for number, operation in enumerate(patch):
        try:
            tree.apply(operation)
        except PatchError as error:
            first = error.messages[0]
            raise PatchError(f"operation {number}: {first.text}", first.place, notes=first.notes) from None
