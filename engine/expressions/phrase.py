"""Reads the expressions that rule files are full of without Jinja2, to the syntax that Jinja2's parser gives.

Names, members, indices and slices, lists, mappings, texts, whole numbers, calls, filters, tests, comparisons, `and`,
`or`, `not`, `+`, `-`, `~`, `if` and `else`. Whatever else there is, mistakes included, is left to `jinja.py`.
"""

from __future__ import annotations

import re

from .literal import unescape
from .scope import ExpressionError
from .syntax import (
    Arguments,
    Binary,
    Choice,
    Comparison,
    Concatenation,
    Constant,
    FilterCall,
    FunctionCall,
    Item,
    ListOf,
    MappingOf,
    Name,
    Slice,
    Syntax,
    TestCall,
    Unary,
)

_TOKEN = re.compile(
    r"[ \t\n]*(?:(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<text>'(?:[^'\\\r]|\\[^\r])*'|\"(?:[^\"\\\r]|\\[^\r])*\")"
    r"|(?P<number>(?:0|[1-9][0-9]{0,15})(?![\w.]))"
    r"|(?P<sign>==|!=|<=|>=|[.,|~()\[\]{}:<>=+-])|(?P<end>\Z))",
    re.ASCII,
)
_BEFORE_END = re.compile(
    r"""(?:[A-Za-z0-9_ \t\n.,|~()\[\]:=<>+-]|!=|'(?:[^'\\\r]|\\[^\r])*'|"(?:[^"\\\r]|\\[^\r])*")*\}"""
)
_TEXT = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
_MOST_SIGNS = 190  # signs and keywords; so what stands inside each other, or behind each other, is within the limits
_MOST_BRACKETS = 20
_CONSTANTS = {"true": True, "True": True, "false": False, "False": False, "none": None, "None": None, "null": None}
_KEYWORDS = frozenset({"and", "or", "not", "if", "else", "elif", "in", "is"})
_COMPARISONS = {"==": "eq", "!=": "ne", "<": "lt", "<=": "lteq", ">": "gt", ">=": "gteq"}


def read_phrase(text: str) -> Syntax | None:
    """The syntax tree of `text`, or None for Jinja2 to read it. Linear."""
    try:
        reader = _Reader(text)
        tree = reader.choice()
    except (_UnknownError, ExpressionError):
        return None
    return tree if reader.kind == "end" else None


def find_end_of_phrase(text: str, start: int) -> int | None:
    """Where the `}` stands that ends the expression that begins at `start`; None for Jinja2 to find it."""
    found = _BEFORE_END.match(text, start)
    if found is None:
        return None
    bare = _TEXT.sub("", found[0])
    is_balanced = bare.count("(") == bare.count(")") and bare.count("[") == bare.count("]")
    return found.end() - 1 if is_balanced else None


class _UnknownError(Exception):
    """Something that is left to Jinja2."""


class _Reader:
    """Reads by the grammar of Jinja2, one method a level of it; the token at hand is `kind`, `word`, `offset`."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._depth = 0
        self._signs = 0
        self.kind: str | None = None
        self.word = ""
        self.offset = 0
        self._next()

    def _next(self) -> None:
        found = _TOKEN.match(self._text, self._position)
        if found is None:
            raise _UnknownError
        self.kind = found.lastgroup
        self.word = found[self.kind or 0]
        if self.kind == "sign" or self.word in _KEYWORDS:
            self._signs += 1
            if self._signs > _MOST_SIGNS:
                raise _UnknownError
        self._position = found.end()
        self.offset = self._position - len(self.word)

    def _skip(self, word: str) -> bool:
        """Go on if the token is `word`, a keyword or a sign."""
        if self.word != word or self.kind == "text":
            return False
        self._next()
        return True

    def _expect(self, word: str) -> None:
        if not self._skip(word):
            raise _UnknownError

    def _name(self) -> str:
        name = self.word
        if self.kind != "name":
            raise _UnknownError
        self._next()
        return name

    def choice(self) -> Syntax:
        """`then if condition else otherwise`."""
        found = self._either()
        while self._skip("if"):
            condition = self._either()
            otherwise = self.choice() if self._skip("else") else None
            found = Choice(_start(found), condition, found, otherwise)
        return found

    def _either(self) -> Syntax:
        found = self._both()
        while self._skip("or"):
            found = Binary(_start(found), "or", found, self._both())
        return found

    def _both(self) -> Syntax:
        found = self._negation()
        while self._skip("and"):
            found = Binary(_start(found), "and", found, self._negation())
        return found

    def _negation(self) -> Syntax:
        offset = self.offset
        if self._skip("not"):
            return Unary(offset, "not", self._negation())
        return self._comparison()

    def _comparison(self) -> Syntax:
        found = self._sum()
        steps: list[tuple[str, Syntax]] = []
        while True:
            operator = _COMPARISONS.get(self.word) if self.kind == "sign" else None
            if operator is not None:
                self._next()
            elif self._skip("in"):
                operator = "in"
            elif self._skip("not"):
                self._expect("in")
                operator = "notin"
            else:
                return Comparison(_start(found), found, tuple(steps)) if steps else found
            steps.append((operator, self._sum()))

    def _sum(self) -> Syntax:
        found = self._concatenation()
        while self.kind == "sign" and self.word in {"+", "-"}:
            operator = self.word
            self._next()
            found = Binary(_start(found), operator, found, self._concatenation())
        return found

    def _concatenation(self) -> Syntax:
        parts = [self._filtered()]
        while self._skip("~"):
            parts.append(self._filtered())
        return Concatenation(_start(parts[0]), tuple(parts)) if len(parts) > 1 else parts[0]

    def _filtered(self) -> Syntax:
        found = self._postfix(self._primary())
        while True:
            if self._skip("|"):
                offset, name = self.offset, self._name()
                found = FilterCall(offset, found, name, self._arguments())
            elif self.kind == "name" and self.word == "is":
                found = self._test(found)
            elif self.word == "(" and self.kind == "sign":
                raise _UnknownError
            else:
                return found

    def _test(self, subject: Syntax) -> Syntax:
        offset = self.offset
        self._next()
        is_negated = self._skip("not")
        name = self._name()
        has_value = self.kind in {"text", "number"} or self.word in {"[", "{"}
        has_name = self.kind == "name" and self.word not in _KEYWORDS
        if self.word == "(" and self.kind == "sign":
            arguments = self._arguments()
        elif has_value or has_name:
            arguments = Arguments((self._postfix(self._primary()),), ())
        elif self.kind == "name" and self.word not in {"and", "or", "else"}:
            raise _UnknownError
        else:
            arguments = Arguments((), ())
        found = TestCall(_start(subject), subject, name, arguments)
        return Unary(offset, "not", found) if is_negated else found

    def _primary(self) -> Syntax:
        offset, word, kind = self.offset, self.word, self.kind
        if kind == "name" and word not in _KEYWORDS:
            self._next()
            return Constant(offset, _CONSTANTS[word]) if word in _CONSTANTS else Name(offset, word)
        if kind == "text":
            self._next()
            if self.kind == "text":
                raise _UnknownError  # texts side by side are one
            return Constant(offset, unescape(word[1:-1], offset))
        if kind == "number":
            self._next()
            return Constant(offset, int(word))
        return self._enclosed()

    def _enclosed(self) -> Syntax:
        """What a sign begins."""
        offset, word = self.offset, self.word
        if self._skip("("):
            self._enter()
            found = self.choice()
            self._expect(")")
            self._depth -= 1
            return found
        if self._skip("["):
            return ListOf(offset, self._items())
        if self._skip("{"):
            return MappingOf(offset, self._pairs())
        if self._skip("-") or self._skip("+"):
            return Unary(offset, word, self._postfix(self._primary()))
        raise _UnknownError

    def _items(self) -> tuple[Syntax, ...]:
        self._enter()
        items: list[Syntax] = []
        while not self._skip("]"):
            if items:
                self._expect(",")
                if self._skip("]"):
                    break
            items.append(self.choice())
        self._depth -= 1
        return tuple(items)

    def _pairs(self) -> tuple[tuple[Syntax, Syntax], ...]:
        self._enter()
        pairs: list[tuple[Syntax, Syntax]] = []
        while not self._skip("}"):
            if pairs:
                self._expect(",")
                if self._skip("}"):
                    break
            key = self.choice()
            self._expect(":")
            pairs.append((key, self.choice()))
        self._depth -= 1
        return tuple(pairs)

    def _postfix(self, found: Syntax) -> Syntax:
        while self.kind == "sign":
            offset = self.offset
            if self._skip("."):
                key = self._name()
                found = Item(_start(found), found, Constant(offset + 1, key), dotted=True)
            elif self._skip("["):
                found = self._index(found)
            elif self.word == "(" and isinstance(found, Name):
                found = FunctionCall(found.offset, found.name, self._arguments())
            else:
                break
        return found

    def _index(self, base: Syntax) -> Syntax:
        self._enter()
        start = None if self.word == ":" and self.kind == "sign" else self.choice()
        if self._skip(":"):
            stop = None if self.word == "]" and self.kind == "sign" else self.choice()
            found: Syntax = Slice(_start(base), base, start, stop, None)
        elif start is not None:
            found = Item(_start(base), base, start)
        else:
            raise _UnknownError
        self._expect("]")
        self._depth -= 1
        return found

    def _arguments(self) -> Arguments:
        """What stands in parentheses, if there are any."""
        positional: list[Syntax] = []
        named: list[tuple[str, Syntax]] = []
        if not self._skip("("):
            return Arguments((), ())
        self._enter()
        while not self._skip(")"):
            if positional or named:
                self._expect(",")
                if self._skip(")"):
                    break
            value = self.choice()
            if isinstance(value, Name) and self._skip("="):
                named.append((value.name, self.choice()))
            elif named:
                raise _UnknownError
            else:
                positional.append(value)
        self._depth -= 1
        if len({name for name, _ in named}) < len(named):
            raise _UnknownError
        return Arguments(tuple(positional), tuple(named))

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > _MOST_BRACKETS:
            raise _UnknownError


def _start(tree: Syntax) -> int:
    """The offset of the first character of `tree`: a filter's own is that of its name."""
    while isinstance(tree, FilterCall):
        tree = tree.subject
    return tree.offset
