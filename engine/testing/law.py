"""What must hold for every rewrite, whatever the rules: the patch says what the text says, and can be undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..editing.guard import held
from ..error import RetouchError
from ..node import plain
from ..patch import apply, reverse
from ..reading.document import read
from ..value import equal

if TYPE_CHECKING:
    from ..reading.document import Document
    from ..result import DocumentResult, Rewrite
    from ..value import Value


def broken_patch(result: Rewrite) -> str | None:
    """What is wrong with the patches: applied to the data of the documents they must give that of the new text.

    None too where there are other documents afterwards, such as the items of what has become a list. Linear.
    """
    after = _after(result)
    for one in result.documents:
        if one.changed and after:
            try:
                made = apply(one.data, one.patch)
            except RetouchError as error:
                return f"{_name(one)}: {error}"
            if not _same(plain(after[one.index, one.item].root), made, kubernetes=one.kubernetes):
                return f"{_name(one)}: the patch makes other data of it than the new text has"
    return None


def broken_reverse(result: Rewrite) -> str | None:
    """What is wrong with the reverse patches: applied to the data of the new text they must give that of the old."""
    after = _after(result)
    for one in result.documents:
        if one.changed and after:
            try:
                back = apply(plain(after[one.index, one.item].root), reverse(one.data, one.patch))
            except RetouchError as error:
                return f"{_name(one)}: {error}"
            if not _same(one.data, back, kubernetes=one.kubernetes):
                return f"{_name(one)}: the reverse patch does not give the data of the input"
    return None


def _after(result: Rewrite) -> dict[tuple[int, int | None], Document]:
    """The documents of the new text; none if they are not those of the old one."""
    found = {(each.index, each.item): each for each in read(result.text, result.file)}
    return found if found.keys() == {(each.index, each.item) for each in result.documents} else {}


def _name(one: DocumentResult) -> str:
    item = f", item {one.item}" if one.item is not None else ""
    return f"document {one.index}{item} ({one.place})"


def _same(left: Value, right: Value, *, kubernetes: bool) -> bool:
    return equal(left, right) or (kubernetes and equal(held(left), held(right)))
