"""The steps of paths without filters and slices, for which no library is needed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .path_piece import Piece
from .selector import Descend, Index, Name, Step, Union, Wildcard

_INDEX = re.compile(r"\[(-?[0-9]+)\]")


def plain_steps(pieces: Sequence[Piece]) -> tuple[Step, ...] | None:
    """The steps that `pieces` say, the first of which is `$`; None if they hold more than names, indices and `*`."""
    steps = [_step(piece) for piece in pieces[1:]]
    found = tuple(step for step in steps if step is not None)
    return found if len(found) == len(steps) and pieces[0].spelling == "$" else None


def _step(piece: Piece) -> Step | None:
    spelling = piece.spelling.removeprefix("..")
    selector = _selector(piece, spelling)
    return Descend(selector, piece.text) if selector is not None and spelling != piece.spelling else selector


def _selector(piece: Piece, spelling: str) -> Step | None:
    if spelling == "[*]":
        return Wildcard(piece.text)
    index = _INDEX.fullmatch(spelling)
    if index is not None:
        return Index(int(index[1]), piece.text)
    if not spelling.startswith("['"):
        return None
    if not piece.parts:
        return Name(str(piece.value), piece.text)
    parts = [plain_steps(part) for part in piece.parts]
    known = tuple(part[0] for part in parts if part)
    return Union(known, piece.text) if len(known) == len(parts) else None
