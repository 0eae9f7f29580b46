"""Turns the pieces of a path without filters into steps; the path library would say the same, and loads slowly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .selector import Descend, Index, Name, Slice, Step, Union, Wildcard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .path_piece import Piece


def plain_steps(pieces: Sequence[Piece]) -> tuple[Step, ...] | None:
    """The steps that `pieces` say, the first of which is `$`; None where there are filters, whose structure is open.

    What each of these pieces means is settled by its spelling alone, so that there is nothing to parse.
    """
    steps = []
    for piece in pieces[1:]:
        selector = _selector(piece)
        if selector is None:
            return None
        steps.append(Descend(selector, piece.text) if piece.spelling.startswith("..") else selector)
    return tuple(steps)


def _selector(piece: Piece) -> Step | None:
    inner = piece.spelling.removeprefix("..")[1:-1]  # of the brackets; nothing of `[?`
    if inner.startswith("'"):
        return _union(piece) if piece.parts else Name(str(piece.value), piece.text)
    if inner == "*":
        return Wildcard(piece.text)
    if ":" in inner:
        start, end, step = (int(bound) if bound else None for bound in inner.split(":"))
        return Slice(start, end, step, piece.text)
    return Index(int(inner), piece.text) if inner else None


def _union(piece: Piece) -> Step | None:
    selectors: list[Step] = []
    for part in piece.parts:
        steps = plain_steps(part)
        if steps is None:
            return None
        selectors += steps
    return Union(tuple(selectors), piece.text)
