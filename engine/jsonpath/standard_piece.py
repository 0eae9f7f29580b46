"""Reads a path of RFC 9535 for what the library does not tell: columns, the text of each step, and what is wrong."""

from __future__ import annotations

import math
import re

from ..limit import MAX_OPERATIONS
from ..suggest import listing, suggest
from .path_piece import Piece, PieceReader
from .path_token import PathError, Token

_FILTER = "a filter tests (`@.a`, `!@.a`) or compares (`@.a == 'x'`), joined by `&&` and `||`"
_BEFORE_OPERANDS = frozenset({"?", "(", ",", "!", "&&", "||", "operator"})

_MOST_BITS = 1_000  # of a number: the library makes a float of it

FUNCTIONS = ("length", "count", "match", "search", "value")
"""The function extensions of RFC 9535, section 2.4."""

_ESCAPE = re.compile(
    r"\\(?:[bfnrt/\\]|(?P<quote>['\"])|u(?:(?![Dd][89A-Fa-f])[0-9A-Fa-f]{4}"
    r"|[Dd][89ABab][0-9A-Fa-f]{2}\\u[Dd][C-Fc-f][0-9A-Fa-f]{2}))"
)
_CHARACTER = re.compile(_ESCAPE.pattern.replace("(?P<quote>", "(?:") + r"|\\.|.", re.DOTALL)


class StandardReader(PieceReader):
    """Checks one path; `texts` has the text of each step and selector by the offset of its first token's content.

    What it takes is a path but for the structure of its filters, which the library checks.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.texts: dict[int, str] = {}
        self.tokens = {token.offset: token for token in self._tokens}
        for before, token in zip(self._tokens, self._tokens[1:], strict=False):
            if token.text == "=~":
                raise PathError("`=~` is not part of RFC 9535: write `search(@.a, 'pattern')`", token.offset)
            if before.kind == token.kind == "!":
                raise PathError("`!` cannot stand before `!`: remove both, or write `!(!@.a)`", token.offset)
        connectives = [token for token in self._tokens if token.kind in {"&&", "||"}]
        if len(connectives) > MAX_OPERATIONS:
            message = f"there are more than {MAX_OPERATIONS} `&&` and `||`: split the path over captures"
            raise PathError(message, connectives[MAX_OPERATIONS].offset)

    def _dotted(self) -> list[Piece]:
        dot = self._next
        pieces = super()._dotted()
        last = self._tokens[self._at - 1]
        if last.kind == "word" and "-" in last.text:
            better = f"{'..' if dot.kind == '..' else ''}['{last.text}']"
            raise PathError(f"a name with `-` stands in quotes in RFC 9535: write `{better}`", last.offset)
        self.texts[dot.offset if dot.kind == ".." else dot.end] = pieces[0].text
        return pieces

    def _bracket(self, descend: str, start: int) -> list[Piece]:
        pieces = super()._bracket(descend, start)
        self.texts[start] = pieces[0].text
        return pieces

    def _selector(self) -> list[Piece]:
        first = self._next
        pieces = super()._selector()
        self.texts[first.offset + (first.kind == "quoted")] = self._since(first.offset)
        return pieces

    def _operand(self) -> list[Piece]:
        token, follower = self._next, self._tokens[min(self._at + 1, len(self._tokens) - 1)]
        if self._tokens[self._at - 1].kind not in _BEFORE_OPERANDS:
            raise misplaced(token)
        if token.kind == "word" and follower.kind == "(":
            return [self._call()]
        return super()._operand()

    def _call(self) -> Piece:
        name, opening = self._take(), self._take()
        if name.text not in FUNCTIONS:
            known = suggest(name.text, FUNCTIONS) or f"; the functions of RFC 9535 are {listing(FUNCTIONS)}"
            raise PathError(f"there is no function `{name.text}()`{known}", name.offset)
        if name.end != opening.offset:
            raise PathError(f"a blank cannot stand between `{name.text}` and `(`: remove it", name.end)
        while self._next.kind != ")":
            if self._next.kind in {"end", "]"}:
                raise PathError("the parenthesis is not closed: add `)`", opening.offset)
            self._argument(name.text)
        self._take()
        return Piece(f"{name.text}(", self._since(name.offset), name.offset)

    def _argument(self, name: str) -> None:
        token = self._next
        if token.kind in {"(", "!"}:
            raise PathError(f"`{name}()` takes paths and values, not conditions: remove `{token.text}`", token.offset)
        self._operand()
        token = self._next
        if token.kind in {"operator", "&&", "||"}:
            message = f"`{name}()` takes paths and values, not conditions: write `{token.text}` behind the `)`"
            raise PathError(message, token.offset)
        if token.kind == ",":
            self._take()
            if self._next.kind in {")", ","}:
                raise PathError(f"an argument of `{name}()` is missing behind `,`", token.offset)
        elif token.kind not in {")", "end", "]"}:
            raise PathError(f"`{token.text}` cannot stand here: arguments are separated by `,`", token.offset)

    def _literal(self, token: Token) -> object:
        value = super()._literal(token)
        if isinstance(value, float) and math.isinf(value):
            raise PathError(f"`{token.text}` is too large for a number: write a smaller one", token.offset)
        if isinstance(value, int) and value.bit_length() > _MOST_BITS:
            raise PathError("the number is too large: write a smaller one", token.offset)
        return value

    def _unquote(self, token: Token) -> str:
        quote = token.text[0]
        for match in _CHARACTER.finditer(token.text, 1, len(token.text) - 1):
            character, offset = match[0], token.offset + match.start()
            if character < " " or "\ud800" <= character <= "\udfff":
                escape = f"\\u{ord(character):04x}" if character < " " else "the character it is half of"
                raise PathError(f"the character {character!a} cannot stand in quotes: write `{escape}`", offset)
            escaped = _ESCAPE.fullmatch(character)
            if character[0] == "\\" and (escaped is None or escaped["quote"] not in {None, quote}):
                raise _wrong_escape(token, match.start())
        return token.text[1:-1]

    def _wrong_call(self, token: Token) -> PathError:
        message = f"a function stands before what it is about: write `{token.text}(@.a)`"
        if token.text not in FUNCTIONS:
            message = f"`{token.text}()` is not part of paths: the functions of RFC 9535 are {listing(FUNCTIONS)}"
        return PathError(message, token.offset)


def misplaced(token: Token, before: Token | None = None) -> PathError:
    """The error for a token of a filter at which it has no right to stand, with the token before it."""
    if token.kind in {"]", ")", "end", ","}:
        return PathError(f"the filter lacks a condition at its end: {_FILTER}", token.offset)
    if token.kind in {"quoted", "number", "word"} and before is not None and before.kind in _BEFORE_OPERANDS:
        message = f"`{token.text}` alone is not a condition: compare it, as in `@.a == {token.text}`"
        return PathError(message, token.offset)
    return PathError(f"`{token.text}` cannot stand here: {_FILTER}", token.offset)


def offset_in(token: Token, index: int) -> int:
    """Where in the path the character number `index` of what the quoted `token` says stands."""
    starts = [match.start() for match in _CHARACTER.finditer(token.text, 1, len(token.text) - 1)]
    return token.offset + (starts[index] if index < len(starts) else len(token.text) - 1)


def _wrong_escape(token: Token, start: int) -> PathError:
    quote, escape = token.text[0], token.text[start : start + 2]
    if escape[1] in "'\"":
        message = f"`{escape}` is not an escape between {quote} quotes: write {escape[1]} alone"
    elif escape[1] == "u":
        message = "`\\u` takes four hexadecimal digits, and characters beyond `\\uffff` two of them (`\\ud83d\\ude00`)"
    else:
        known = f"`\\\\`, `\\{quote}`, `\\/`, `\\b`, `\\f`, `\\n`, `\\r`, `\\t` and `\\u0000`"
        message = f"`{escape}` is not an escape, those are {known}: for a backslash write `\\{escape}`"
    return PathError(message, token.offset + start)
