"""Has the library for RFC 9535 parse a path, and turns its syntax tree into our steps; the only importer of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from jsonpath_rfc9535 import JSONPathEnvironment, JSONPathError, JSONPathQuery, Lexer
from jsonpath_rfc9535 import filter_expressions as library
from jsonpath_rfc9535 import selectors as library_selectors
from jsonpath_rfc9535.segments import JSONPathRecursiveDescentSegment, JSONPathSegment
from jsonpath_rfc9535.tokens import TokenStream, TokenType

from ..node import SCALAR, Node
from .call import Count, Fits, Length, Value
from .condition import All, AnyOf, Comparison, Literal, Not, Operand, Query
from .iregexp import compile_iregexp
from .path_piece import number_of
from .path_token import PathError, Token
from .pattern import PatternError
from .selector import Condition, Descend, Filter, Index, Name, Slice, Step, Union, Wildcard
from .standard_piece import StandardReader, misplaced, offset_in

_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_TAKES = {"length": 1, "count": 1, "value": 1, "match": 2, "search": 2}
_OF_PATHS = frozenset({"count", "value"})


def read_standard(text: str) -> tuple[str, tuple[Step, ...]]:
    """What a path of RFC 9535 starts at (`$` or a name), and its steps.

    Raises PathError, at the place and with what to write instead, for what is neither.
    """
    reader = StandardReader(text)
    start, _ = reader.path()
    return start, _TreeReader(reader, len(start) - 1).steps(_parse(reader, text, start))


class _Lexer(Lexer):
    """The library's lexer, which here keeps the commas of brackets and those of the function around them apart."""

    def __init__(self, query: str) -> None:
        super().__init__(query)
        self._outer: list[list[int]] = []

    def emit(self, t: TokenType) -> None:
        super().emit(t)
        if t is TokenType.LBRACKET:
            self._outer.append(self.func_call_stack)
            self.func_call_stack = []
        elif t is TokenType.RBRACKET and self._outer:
            self.func_call_stack = self._outer.pop()


class _Environment(JSONPathEnvironment):
    """Takes every function and argument: which fit is said by `_TreeReader`, with their columns."""

    def setup_function_extensions(self) -> None:
        """None of the library's, whose results are never asked for."""

    def validate_function_extension_signature(self, token: object, args: list[object]) -> list[object]:  # noqa: ARG002
        return args


@cache
def _environment() -> _Environment:
    return _Environment()


def _parse(reader: StandardReader, text: str, start: str) -> Sequence[JSONPathSegment]:
    """The segments behind `start`; their tokens are `len(start) - 1` characters before their place in the text."""
    plain = list(text)
    for token in reader.tokens.values():
        if token.kind == "word":  # the library does not know all characters of names
            plain[token.offset : token.end] = _BEYOND_ASCII.sub("x", token.text)
    lexer = _Lexer("$" + "".join(plain[len(start) :]))
    try:
        lexer.run()
        last = lexer.tokens[-1]
        if last.type_ is TokenType.ERROR:
            raise _unparsed(reader, last.index + len(start) - 1)
        return tuple(_environment().parser.parse(TokenStream(lexer.tokens)))
    except JSONPathError as error:
        index = error.token.index if error.token is not None and error.token.index >= 0 else len(text)
        raise _unparsed(reader, index + len(start) - 1) from error


def _unparsed(reader: StandardReader, offset: int) -> PathError:
    """The error for what stands at `offset`, or for the token before: quotes are not part of the library's tokens."""
    token = reader.tokens.get(offset) or reader.tokens.get(offset - 1) or Token("end", "", offset)
    before = max((each for each in reader.tokens if each < token.offset), default=None)
    return misplaced(token, None if before is None else reader.tokens[before])


class _TreeReader:
    """Turns the library's tree into steps; `shift` is how much further on in the path its tokens stand."""

    def __init__(self, reader: StandardReader, shift: int) -> None:
        self._texts = reader.texts
        self._tokens = reader.tokens
        self._shift = shift

    def steps(self, segments: Sequence[JSONPathSegment]) -> tuple[Step, ...]:
        return tuple(self._step(segment) for segment in segments)

    def _step(self, segment: JSONPathSegment) -> Step:
        text = self._texts[segment.token.index + self._shift]
        several = len(segment.selectors) > 1
        selectors = tuple(self._selector(each, None if several else text) for each in segment.selectors)
        step = Union(selectors, text) if several else selectors[0]
        return Descend(step, text) if isinstance(segment, JSONPathRecursiveDescentSegment) else step

    def _selector(self, selector: library_selectors.JSONPathSelector, text: str | None) -> Step:
        offset = selector.token.index + self._shift
        text = text if text is not None else self._texts[offset]
        if isinstance(selector, library_selectors.NameSelector):
            word = self._tokens.get(offset) if selector.token.type_ is TokenType.PROPERTY else None
            return Name(selector.name if word is None else word.text, text)
        if isinstance(selector, library_selectors.IndexSelector):
            return Index(selector.index, text)
        if isinstance(selector, library_selectors.SliceSelector):
            return Slice(selector.slice.start, selector.slice.stop, selector.slice.step, text)
        if isinstance(selector, library_selectors.FilterSelector):
            return Filter(self._condition(selector.expression.expression), text)
        return Wildcard(text)

    def _condition(self, tree: library.Expression) -> Condition:
        if isinstance(tree, library.LogicalExpression):
            conditions = tuple(self._condition(each) for each in _operands(tree))
            return All(conditions) if tree.operator == "&&" else AnyOf(conditions)
        if isinstance(tree, library.PrefixExpression):
            return Not(self._condition(tree.right))
        if isinstance(tree, library.ComparisonExpression):
            return Comparison(self._operand(tree.left), tree.operator, self._operand(tree.right))
        if isinstance(tree, library.FilterQuery):
            return self._query(tree)
        token = self._token(tree)
        if not isinstance(tree, library.FunctionExtension):
            raise misplaced(token, Token("?", "?", 0))
        if tree.name in {"match", "search"}:
            return self._fits(tree)
        what = "a number" if tree.name != "value" else "a value"
        message = f"`{tree.name}()` gives {what}, no condition: compare it, as in `{tree.name}(@.a) == 1`"
        raise PathError(message, token.offset)

    def _operand(self, tree: library.Expression) -> Operand:
        """What is compared, or the argument of a function that takes a value."""
        if isinstance(tree, library.FilterQuery) and tree.query.singular_query():
            return self._query(tree)
        token = self._token(tree)
        if isinstance(tree, (library.IntegerLiteral, library.FloatLiteral)):
            return Literal(Node(SCALAR, number_of(token)))
        if isinstance(tree, library.FilterExpressionLiteral):
            return Literal(Node(SCALAR, tree.value))
        if isinstance(tree, library.FunctionExtension):
            if tree.name in {"match", "search"}:
                message = f"`{tree.name}()` is a condition by itself and has no value: remove what stands around it"
                raise PathError(message, token.offset)
            return self._call(tree)
        raise misplaced(token)

    def _query(self, tree: library.FilterQuery) -> Query:
        query: JSONPathQuery = tree.query
        return Query(isinstance(tree, library.RelativeFilterQuery), self.steps(query.segments))

    def _call(self, tree: library.FunctionExtension) -> Operand:
        (argument,) = self._arguments(tree)
        if isinstance(argument, library.FilterQuery) and tree.name != "length":
            return (Count if tree.name == "count" else Value)(self._query(argument))
        return Length(self._operand(argument))

    def _fits(self, tree: library.FunctionExtension) -> Condition:
        text, pattern = self._arguments(tree)
        if isinstance(pattern, library.StringLiteral):
            token = self._token(pattern)
            try:
                compile_iregexp(pattern.value)
            except PatternError as error:
                message = f"the pattern is wrong: {error.message}"
                raise PathError(message, offset_in(token, error.offset)) from error
        return Fits(self._operand(text), self._operand(pattern), whole=tree.name == "match")

    def _arguments(self, tree: library.FunctionExtension) -> list[library.Expression]:
        """The arguments of a call, as many as the function takes and of the kinds it takes."""
        takes = _TAKES[tree.name]
        token = self._token(tree)
        if len(tree.args) != takes:
            needs = "a text and a pattern" if takes == 2 else "one path" if tree.name in _OF_PATHS else "one value"
            raise PathError(f"`{tree.name}()` takes {needs}; arguments found: {len(tree.args)}", token.offset)
        for argument in tree.args:
            found = self._token(argument)
            query = argument.query if isinstance(argument, library.FilterQuery) else None
            if tree.name in _OF_PATHS and query is None:
                raise PathError(f"`{tree.name}()` takes a path: write `{tree.name}(@.a)`", found.offset)
            if tree.name not in _OF_PATHS and query is not None and not query.singular_query():
                message = (
                    f"`{tree.name}()` takes one value and this path may find several: write `value(...)` around it"
                )
                raise PathError(message, found.offset)
        return list(tree.args)

    def _token(self, tree: library.Expression) -> Token:
        """Our token where `tree` begins; its operator for what has one."""
        offset = tree.token.index + self._shift
        return self._tokens.get(offset) or self._tokens[offset - 1]


def _operands(tree: library.Expression) -> list[library.Expression]:
    """What the same connective joins; the library groups it to the right."""
    found: list[library.Expression] = []
    operator = getattr(tree, "operator", "")
    while isinstance(tree, library.LogicalExpression) and tree.operator == operator:
        found.append(tree.left)
        tree = tree.right
    return [*found, tree]
