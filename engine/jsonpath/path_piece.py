"""Reads the tokens of a path into pieces: each one a word of the plain JSONPath that the path library gets to parse.

The library has no columns, drops backslashes, and knows neither all names nor all literals of RFC 9535. So what it
sees is always in one form - `$['n2'][0]..[*][?@['n9']=='n12']` - with a placeholder for each name, literal,
bracket of several selectors, and condition in parentheses.
"""

from __future__ import annotations

from ..dataclass import dataclass, replace
from ..late_pattern import late_pattern
from .path_token import PathError, Token, tokenise, unquote

_START = late_pattern(r"[A-Za-z_][A-Za-z0-9_]*")
_INTEGER = late_pattern(r"0|-?[1-9][0-9]*")
_NUMBER = late_pattern(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_LARGEST_INDEX = 2**53 - 1  # RFC 9535, section 2.1
_LONGEST_NUMBER = 1000

_CONSTANTS = {"true": True, "false": False, "null": None}
_WORDS = {
    "and": "&&",
    "or": "||",
    "not": "!",
    "in": "@.a == 'x' || @.a == 'y'",
    "True": "true",
    "False": "false",
    "None": "null",
    "Null": "null",
}
_FUNCTIONS = {
    "match": "write `@.a =~ '^(?:pattern)$'`",
    "search": "write `@.a =~ 'pattern'`",
    "value": "compare the node itself, as in `@.a == 1`",
}
_CONDITION_ENDS = frozenset({"]", ")", ",", "end"})
_CONNECTIVES = frozenset({"&&", "||", "!"})
_GOES_ON = "a path goes on with `.name`, `..name` or `[...]`"
_SELECTORS = "`['name']`, `[0]`, `[1:3]`, `[*]` or `[?@.name]`"


@dataclass(frozen=True, slots=True)
class Piece:
    """One word of the plain path, with the text it stands for.

    `value` is what a placeholder for a name or a literal says; `parts` are the pieces of what a placeholder for
    several selectors (each a path of one step) or for a condition in parentheses (a path of one filter) stands for.
    """

    spelling: str
    text: str
    offset: int
    value: object = None
    parts: tuple[tuple[Piece, ...], ...] = ()
    singular: bool = False  # a segment that finds one node at most


def pieces_of(text: str) -> tuple[str, tuple[Piece, ...]]:
    """What the path starts at (`$` or a name), and its pieces, the first of which is `$` in either case.

    Raises PathError for whatever is no path, at the place and with what to write instead. The structure of filters
    is left to the library.
    """
    return PieceReader(text).path()


class PieceReader:
    """Reads one path in the default dialect; what other dialects do in another way they override."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokenise(text)
        self._at = 0

    def path(self) -> tuple[str, tuple[Piece, ...]]:
        start = self._take()
        if start.kind != "$" and not (start.kind == "word" and _START.fullmatch(start.text)):
            raise _wrong_start(start)
        pieces = (Piece("$", start.text, start.offset), *self._segments())
        if self._next.kind != "end":
            raise _stray(self._next)
        return start.text, pieces

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._tokens[self._at]
        self._at += token.kind != "end"
        return token

    def _since(self, offset: int) -> str:
        return self._text[offset : self._tokens[self._at - 1].end]

    def _segments(self) -> list[Piece]:
        pieces: list[Piece] = []
        while True:
            token = self._next
            if token.kind == "[":
                pieces += self._bracket("", token.offset)
            elif token.kind in {".", ".."}:
                pieces += self._dotted()
            else:
                return pieces

    def _dotted(self) -> list[Piece]:
        dot = self._take()
        descend = ".." if dot.kind == ".." else ""
        token = self._next
        if token.kind == "[" and descend and token.offset == dot.end:
            return self._bracket(descend, dot.offset)
        if token.offset != dot.end or token.kind not in {"word", "*"}:
            raise _wrong_member(dot, token)
        self._take()
        text = dot.text + token.text
        if token.kind == "*":
            return [Piece(f"{descend}[*]", text, dot.offset)]
        return [Piece(f"{descend}['n{dot.offset}']", text, dot.offset, token.text, singular=not descend)]

    def _bracket(self, descend: str, start: int) -> list[Piece]:
        self._take()
        selectors = [self._selector()]
        while self._next.kind == ",":
            self._take()
            selectors.append(self._selector())
        if self._next.kind != "]":
            raise _wrong_bracket_end(self._next)
        self._take()
        text = self._since(start)
        if len(selectors) > 1:
            parts = tuple((Piece("$", "", start), *selector) for selector in selectors)
            return [Piece(f"{descend}['n{start}']", text, start, parts=parts)]
        first, *more = selectors[0]
        singular = first.singular and not descend
        return [replace(first, spelling=descend + first.spelling, text=text, offset=start, singular=singular), *more]

    def _selector(self) -> list[Piece]:
        token = self._next
        if token.kind == "?":
            return self._filter()
        if token.kind in {"number", ":"}:
            return [self._index_or_slice()]
        if token.kind not in {"quoted", "*"}:
            raise _wrong_selector(token)
        self._take()
        if token.kind == "*":
            return [Piece("[*]", token.text, token.offset)]
        return [Piece(f"['n{token.offset}']", token.text, token.offset, self._unquote(token), singular=True)]

    def _index_or_slice(self) -> Piece:
        start = self._next.offset
        bounds = [self._integer()]
        while self._next.kind == ":" and len(bounds) < 3:
            self._take()
            bounds.append(self._integer())
        if len(bounds) == 1:
            return Piece(f"[{bounds[0]}]", self._since(start), start, singular=True)
        bounds += [""] * (3 - len(bounds))
        return Piece(f"[{':'.join(bounds)}]", self._since(start), start)

    def _integer(self) -> str:
        if self._next.kind != "number":
            return ""
        token = self._take()
        if not _INTEGER.fullmatch(token.text):
            raise PathError(f"`{token.text}` is not an index: write a whole number as `0`, `10` or `-1`", token.offset)
        if len(token.text) > len(str(-_LARGEST_INDEX)) or abs(int(token.text)) > _LARGEST_INDEX:
            raise PathError(f"`{token.text}` is too large for an index: the limit is {_LARGEST_INDEX}", token.offset)
        return token.text

    def _filter(self) -> list[Piece]:
        mark = self._take()
        condition = self._condition()
        return [Piece("[?", self._since(mark.offset), mark.offset), *condition, Piece("]", "", self._next.offset)]

    def _condition(self) -> list[Piece]:
        pieces: list[Piece] = []
        operand: list[Piece] = []
        operator = ""
        while self._next.kind not in _CONDITION_ENDS:
            token = self._next
            if token.kind in _CONNECTIVES or token.kind == "operator":
                operator = token.text if token.kind == "operator" else ""
                if operator:
                    _check_left(pieces, operand, operator)
                operand = []
                self._take()
                pieces.append(Piece(token.text, token.text, token.offset))
            else:
                operand = self._operand()
                if operator:
                    _check_right(operand, operator)
                pieces += operand
        return pieces

    def _operand(self) -> list[Piece]:
        token = self._take()
        if token.kind in {"@", "$"}:
            if self._next.kind == "word" and self._next.offset == token.end:
                raise PathError(f"a dot is missing: write `{token.text}.{self._next.text}`", token.end)
            return [Piece(token.text, token.text, token.offset), *self._segments()]
        if token.kind == "(":
            return [self._group(token)]
        return [Piece(f"'n{token.offset}'", token.text, token.offset, self._literal(token))]

    def _group(self, opening: Token) -> Piece:
        before = self._tokens[self._at - 2]
        if before.kind == "word" and before.end == opening.offset:
            raise self._wrong_call(before)
        condition = self._condition()
        if self._next.kind != ")":
            raise PathError("the parenthesis is not closed: add `)`", opening.offset)
        closing = self._take()
        begin = (Piece("$", "", opening.offset), Piece("[?", "", opening.offset))
        part = (*begin, *condition, Piece("]", ")", closing.offset))
        return Piece(f"'n{opening.offset}'", self._since(opening.offset), opening.offset, parts=(part,))

    def _literal(self, token: Token) -> object:
        if token.kind == "quoted":
            return self._unquote(token)
        if token.kind == "number":
            return number_of(token)
        if token.kind == "word" and self._next.kind == "(":
            raise self._wrong_call(token)
        if token.kind == "word" and token.text in _CONSTANTS:
            return _CONSTANTS[token.text]
        raise _wrong_operand(token)

    def _unquote(self, token: Token) -> str:
        return unquote(token)

    def _wrong_call(self, token: Token) -> PathError:
        advice = _FUNCTIONS.get(token.text, "compute in `when`, where a capture has every filter of expressions")
        return PathError(f"the function `{token.text}()` is not part of paths: {advice}", token.offset)


def number_of(token: Token) -> int | float:
    match = _NUMBER.fullmatch(token.text)
    if match is None:
        message = f"`{token.text}` is not a number: write it as JSON does (`1`, `-1.5`, `1e3`), and text in quotes"
        raise PathError(message, token.offset)
    if len(token.text) > _LONGEST_NUMBER:
        raise PathError(f"the number has more than {_LONGEST_NUMBER} characters: write a shorter one", token.offset)
    return float(token.text) if match[1] or match[2] else int(token.text)


def _check_left(pieces: list[Piece], operand: list[Piece], operator: str) -> None:
    before = pieces[: len(pieces) - len(operand)]
    if operand and before and before[-1].spelling == "!":
        message = f"`!` stands before a test or parentheses, not a comparison: write `!(@.a {operator} ...)`"
        raise PathError(message, before[-1].offset)
    if operand and operator == "=~" and operand[0].spelling not in {"@", "$"}:
        raise PathError("`=~` searches in what a path finds: write `@.name` on its left", operand[0].offset)
    _check_comparable(operand)


def _check_right(operand: list[Piece], operator: str) -> None:
    if operator == "=~" and not isinstance(operand[0].value, str):
        raise PathError("`=~` needs a pattern in quotes on its right", operand[0].offset)
    _check_comparable(operand)


def _check_comparable(operand: list[Piece]) -> None:
    """RFC 9535, section 2.3.5.1: only singular queries and literals are compared."""
    if operand and operand[0].parts:
        raise PathError("a condition in parentheses cannot be compared: join it with `&&` or `||`", operand[0].offset)
    plural = next((piece for piece in operand[1:] if not piece.singular), None)
    if plural is not None:
        raise PathError(
            f"`{plural.text}` may find several nodes and a comparison takes one: "
            "write `@.a[?@ == 1]` to ask whether any of them is equal",
            plural.offset,
        )


def _wrong_start(token: Token) -> PathError:
    if token.kind == "@":
        message = "`@` is known in filters only: start at `$` or at a capture"
    elif token.kind in {".", "..", "["}:
        message = f"a path cannot start with `{token.text}`: write `$` or the name of a capture before it"
    elif token.kind == "word":
        message = f"`{token.text}` is not a name of a capture, which is letters, digits and `_`: start at `$` or at one"
    elif token.kind == "(":
        message = "paths are not grouped by parentheses: a list of paths is their union"
    else:
        message = f"a path cannot start with `{token.text}`: start at `$` or at a capture"
    return PathError(message, token.offset)


def _stray(token: Token) -> PathError:
    if token.kind == "word" and token.text in {"where", "wherenot"}:
        message = f"`{token.text}` is not part of paths: write a filter, `[?@.name]` or `[?!@.name]`"
    elif token.kind in {"]", ")"}:
        message = f"`{token.text}` closes nothing: remove it"
    elif token.kind == "(":
        message = "paths have no functions and no groups: compute in `when`; a list of paths is their union"
    elif token.kind in {"number", "*"}:
        message = f"`{token.text}` cannot stand here: {_GOES_ON}; a computation goes into `when`"
    elif token.kind in {"operator", "&&", "||"}:
        message = f"`{token.text}` stands outside of a filter: write `[?@.a {token.text} ...]`"
    elif token.kind == ",":
        message = "`,` stands outside of brackets: a list of paths is their union"
    else:
        message = f"`{token.text}` cannot stand here: {_GOES_ON}"
    return PathError(message, token.offset)


def _wrong_member(dot: Token, token: Token) -> PathError:
    if token.kind == "end":
        return PathError(f"the path ends after `{dot.text}`: write a name or `*` behind it", dot.offset)
    if token.offset != dot.end:
        return PathError(f"a blank cannot stand after `{dot.text}`: remove it", dot.end)
    if token.kind == "number":
        message = f"a name after `{dot.text}` cannot start with a digit: write `['{token.text}']`, or an item as `[0]`"
    elif token.kind == "[":
        message = "`.` cannot stand before `[`: remove it"
    elif token.kind == "quoted":
        message = f"a name in quotes stands in brackets: write `[{token.text}]`"
    else:
        message = f"`{token.text}` cannot stand after `{dot.text}`: write a name or `*`, other names as `['a b']`"
    return PathError(message, token.offset)


def _wrong_selector(token: Token) -> PathError:
    if token.kind == "word":
        message = f"`{token.text}` has no quotes: write `['{token.text}']`"
    elif token.kind in {"@", "$"}:
        message = f"`{token.text}` cannot stand in brackets by itself: a filter starts with `?`, as in `[?@.name]`"
    elif token.kind == "(":
        message = "a computation cannot stand in brackets: the last item is `[-1]`, a filter starts with `?`"
    elif token.kind == "end":
        message = "the bracket is not closed: add `]`"
    elif token.kind == "]":
        message = f"a selector is missing before `]`: write {_SELECTORS}"
    else:
        message = f"`{token.text}` cannot stand here: brackets hold {_SELECTORS}"
    return PathError(message, token.offset)


def _wrong_bracket_end(token: Token) -> PathError:
    if token.kind == "end":
        return PathError("the bracket is not closed: add `]`", token.offset)
    if token.kind == ")":
        return PathError("`)` closes nothing: remove it", token.offset)
    message = f"`{token.text}` cannot stand here: selectors are separated by `,`, and the bracket ends with `]`"
    return PathError(message, token.offset)


def _wrong_operand(token: Token) -> PathError:
    if token.kind == "word" and token.text in _WORDS:
        message = f"`{token.text}` is not a word of filters: write `{_WORDS[token.text]}`"
    elif token.kind == "word":
        message = f"`{token.text}` has no quotes: write `'{token.text}'` for the text, `@.{token.text}` for the member"
    elif token.kind == "*":
        message = "`*` cannot stand here: a path does not compute; write the computation in `when`"
    else:
        message = f"`{token.text}` cannot stand here: write `@.name`, `$.name`, a number, or a text in quotes"
    return PathError(message, token.offset)
