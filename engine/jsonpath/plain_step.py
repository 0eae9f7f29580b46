"""Turns the pieces of a path with no or plain filters into steps; the path library would say the same, slowly."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from ..node import SCALAR, Node
from .path_token import PathError, quoted_offset
from .selector import Descend, Filter, Index, Name, Slice, Step, Union, Wildcard

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .path_piece import Piece
    from .pattern import Pattern
    from .selector import Condition


def plain_steps(pieces: Sequence[Piece]) -> tuple[Step, ...] | None:
    """The steps that `pieces` say, the first of which is `$`; None where a filter's structure is open.

    What each of these pieces means is settled by its spelling alone, so that there is nothing to parse. Raises
    PathError for a wrong pattern.
    """
    steps: list[Step] = []
    rest = iter(pieces[1:])
    for piece in rest:
        selector = _filter(piece, rest) if piece.spelling.endswith("[?") else _selector(piece)
        if selector is None:
            return None
        steps.append(Descend(selector, piece.text) if piece.spelling.startswith("..") else selector)
    return tuple(steps)


def _filter(piece: Piece, rest: Iterator[Piece]) -> Filter | None:
    """The filter that begins with `piece` and whose condition is next in `rest`, to its bracket, if it is plain."""
    inner = [*takewhile(lambda each: each.spelling != "]", rest)]
    condition = None if any(each.spelling.endswith("[?") for each in inner) else _condition(inner)
    return None if condition is None else Filter(condition, piece.text)


def pattern_of(piece: Piece) -> Pattern:
    """The pattern that a literal is. Raises PathError where it is wrong."""
    from .pattern import PatternError, compile_pattern  # brings in the package `regex`

    try:
        return compile_pattern(str(piece.value))
    except PatternError as error:
        offset = piece.offset + quoted_offset(piece.text, error.offset)
        raise PathError(f"the pattern is wrong: {error.message}", offset) from error


def _condition(pieces: Sequence[Piece]) -> Condition | None:
    """The condition that a filter's pieces say, if it is one comparison of a member or an item with a literal."""
    if len(pieces) == 1 and len(pieces[0].parts) == 1:  # in parentheses
        steps = plain_steps(pieces[0].parts[0])
        return steps[0].condition if steps and isinstance(steps[0], Filter) else None
    if len(pieces) < 3 or pieces[0].spelling != "@" or pieces[-1].parts or pieces[-1].spelling[0] != "'":
        return None
    *way, operator, literal = pieces
    steps = plain_steps(way)
    if steps is None or not all(isinstance(step, (Name, Index)) for step in steps):
        return None
    from .condition import OPERATORS, Comparison, Literal, Matches, Query  # few paths have filters

    if operator.spelling == "=~":
        return Matches(Query(relative=True, steps=steps), pattern_of(literal))
    if operator.spelling not in OPERATORS:
        return None
    return Comparison(Query(relative=True, steps=steps), operator.spelling, Literal(Node(SCALAR, literal.value)))


def _selector(piece: Piece) -> Step | None:
    inner = piece.spelling.removeprefix("..")[1:-1]  # of the brackets; nothing of `[?`
    if not piece.spelling.removeprefix("..").startswith("["):
        return None
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
