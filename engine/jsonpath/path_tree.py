"""Has the path library parse the pieces of a path, and turns its syntax tree into the steps of ours.

The tree has no columns and other versions of the library may read a text differently. So the tree is read in the
order of the text, and each leaf must be the next piece; a tree that says anything else is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate
from threading import Lock
from typing import Any

from jsonpath_ng import jsonpath as library
from jsonpath_ng.exceptions import JSONPathError
from jsonpath_ng.ext import filter as library_filter
from jsonpath_ng.ext.parser import ExtendedJsonPathLexer, ExtendedJsonPathParser

from ..node import SCALAR, Node
from .condition import OPERATORS, All, AnyOf, Comparison, Literal, Matches, Not, Query
from .path_piece import Piece
from .path_token import PathError
from .plain_step import pattern_of
from .selector import Condition, Descend, Filter, Index, Name, Slice, Step, Union, Wildcard

_FILTER = "a filter tests (`@.a`, `!@.a`) or compares (`@.a == 'x'`), joined by `&&` and `||`"
_PARSING = Lock()  # the one parser keeps its state while it parses


def steps_of(pieces: Sequence[Piece]) -> tuple[Step, ...]:
    """The steps that `pieces` say, the first of which is `$`.

    Raises PathError for what the library cannot parse, what is not evaluated, and where the two readings differ.
    """
    return _TreeReader(pieces).path(_parse(pieces))


class _Lexer(ExtendedJsonPathLexer):
    """The library's lexer, which here remembers how far the parser has read: its errors do not tell."""

    offset = 0

    def tokenize(self, string: str) -> Iterator[Any]:
        for token in super().tokenize(string):
            self.offset = token.lexpos
            yield token
        self.offset = len(string)


@cache
def _parser() -> ExtendedJsonPathParser:
    return ExtendedJsonPathParser()


def _parse(pieces: Sequence[Piece]) -> library.JSONPath:
    lexer = _Lexer()
    try:
        with _PARSING:
            return _parser().parse("".join(piece.spelling for piece in pieces), lexer)
    except JSONPathError as error:
        raise _unparsed(pieces, lexer.offset) from error


def _unparsed(pieces: Sequence[Piece], offset: int) -> PathError:
    ends = accumulate(len(piece.spelling) for piece in pieces)
    piece = next((piece for piece, end in zip(pieces, ends, strict=True) if end > offset), pieces[-1])
    if piece.spelling == "]":
        return PathError(f"the filter lacks a condition at its end: {_FILTER}", piece.offset)
    return PathError(f"`{piece.text}` cannot stand here: {_FILTER}", piece.offset)


def _leaves(tree: library.JSONPath) -> Iterator[tuple[library.JSONPath, bool]]:
    """The leaves of a path's tree in the order of its text, each with whether `..` stands before it.

    How `.` and `..` are grouped does not matter: they chain.
    """
    stack = [(tree, False)]
    while stack:
        node, descend = stack.pop()
        if isinstance(node, (library.Child, library.Descendants)):
            stack.append((node.right, isinstance(node, library.Descendants)))
            stack.append((node.left, descend))
        else:
            yield node, descend


def _spelling(leaf: library.JSONPath) -> str:
    """The piece that `leaf` was parsed from; its type's name if no piece is ever parsed to it."""
    if isinstance(leaf, library.Fields) and len(leaf.fields) == 1:
        return f"['{leaf.fields[0]}']"
    if isinstance(leaf, library.Index) and len(leaf.indices) == 1:
        return f"[{leaf.indices[0]}]"
    if isinstance(leaf, library.Slice):
        bounds = ["" if bound is None else str(bound) for bound in (leaf.start, leaf.end, leaf.step)]
        return f"[{':'.join(bounds)}]"
    fixed = {library.Root: "$", library.This: "@", library.Wildcard: "[*]", library_filter.Filter: "[?"}
    return fixed.get(type(leaf), type(leaf).__name__)


class _TreeReader:
    """Reads one tree beside the pieces it was parsed from."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = pieces
        self._at = 0

    def path(self, tree: library.JSONPath) -> tuple[Step, ...]:
        leaves = _leaves(tree)
        self._take(_spelling(next(leaves)[0]))
        steps = tuple(self._step(leaf, descend=descend) for leaf, descend in leaves)
        if self._at < len(self._pieces):
            raise _disagreement(self._pieces[self._at])
        return steps

    def _take(self, spelling: str) -> Piece:
        piece = self._pieces[min(self._at, len(self._pieces) - 1)]
        if self._at == len(self._pieces) or piece.spelling != spelling:
            raise _disagreement(piece)
        self._at += 1
        return piece

    def _step(self, leaf: library.JSONPath, *, descend: bool) -> Step:
        piece = self._take((".." if descend else "") + _spelling(leaf))
        selector = self._selector(leaf, piece)
        return Descend(selector, piece.text) if descend else selector

    def _selector(self, leaf: library.JSONPath, piece: Piece) -> Step:
        if isinstance(leaf, library.Fields):
            if piece.parts:
                return Union(tuple(steps_of(part)[0] for part in piece.parts), piece.text)
            return Name(str(piece.value), piece.text)
        if isinstance(leaf, library.Index):
            return Index(leaf.indices[0], piece.text)
        if isinstance(leaf, library.Slice):
            return Slice(leaf.start, leaf.end, leaf.step, piece.text)
        if isinstance(leaf, library.Wildcard):
            return Wildcard(piece.text)
        if isinstance(leaf, library_filter.Filter):
            first = leaf.expressions[0]
            either = isinstance(first, library_filter.Or) and len(leaf.expressions) == 1
            condition = self._any(first.operands) if either else self._all(leaf.expressions)
            self._take("]")
            return Filter(condition, piece.text)
        raise _disagreement(piece)

    def _any(self, operands: Sequence[library.JSONPath]) -> Condition:
        conditions: list[Condition] = []
        for operand in operands:
            if conditions:
                self._take("||")
            conditions.append(self._all(operand.operands if isinstance(operand, library_filter.And) else [operand]))
        return AnyOf(tuple(conditions))

    def _all(self, operands: Sequence[library.JSONPath]) -> Condition:
        conditions: list[Condition] = []
        for operand in operands:
            if conditions:
                self._take("&&")
            conditions.append(self._test(operand))
        return conditions[0] if len(conditions) == 1 else All(tuple(conditions))

    def _test(self, tree: library.JSONPath) -> Condition:
        if not isinstance(tree, library_filter.Expression):
            raise _disagreement(self._pieces[self._at])
        if tree.op is None:
            return self._existence(tree.target)
        if tree.op == "!":
            self._take("!")
            return Not(self._existence(tree.target))
        _, left = self._operand(tree.target)
        operator = self._take(tree.op)
        piece, right = self._operand(tree.value)
        if tree.op == "=~" and isinstance(left, Query) and isinstance(right, Literal):
            return Matches(left, pattern_of(piece))
        if tree.op in OPERATORS and isinstance(left, (Query, Literal)) and isinstance(right, (Query, Literal)):
            return Comparison(left, tree.op, right)
        raise _disagreement(operator)

    def _existence(self, tree: library.JSONPath) -> Condition:
        piece, operand = self._operand(tree)
        if isinstance(operand, Literal):
            message = f"`{piece.text}` alone is not a condition: compare it, as in `@.a == {piece.text}`"
            raise PathError(message, piece.offset)
        return operand

    def _operand(self, tree: library.JSONPath | str) -> tuple[Piece, Query | Literal | Condition]:
        """What stands beside an operator; of a condition in parentheses and of a literal the tree has a name."""
        if isinstance(tree, (str, library.Fields)):
            piece = self._take(f"'{tree if isinstance(tree, str) else ','.join(tree.fields)}'")
            return piece, _grouped(piece) if piece.parts else Literal(Node(SCALAR, piece.value))
        leaves = _leaves(tree)
        piece = self._take(_spelling(next(leaves)[0]))
        return piece, Query(piece.spelling == "@", tuple(self._step(leaf, descend=descend) for leaf, descend in leaves))


def _grouped(piece: Piece) -> Condition:
    (step,) = steps_of(piece.parts[0])
    if not isinstance(step, Filter):
        raise _disagreement(piece)
    return step.condition


def _disagreement(piece: Piece) -> PathError:
    return PathError(f"`{piece.text}` is understood in two ways: write the path in several captures", piece.offset)
