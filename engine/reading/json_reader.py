"""Reads one JSON value into nodes with exact spans, by RFC 8259 (YAML parsers refuse or misread some of it)."""

from __future__ import annotations

import re
from json.decoder import scanstring  # type: ignore[attr-defined]  # in every Python, but not in the stubs

from ..error import InputError
from ..late_pattern import late_pattern
from ..limit import MAX_DEPTH
from ..node import MAPPING, SCALAR, SEQUENCE, Node
from ..source import Source
from ..value import Float, Integer, Value

_SPACE = late_pattern(r"[ \t\r\n]*")
_NUMBER = late_pattern(r"(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORDS: dict[str, Value] = {"true": True, "false": False, "null": None}
_WORD = late_pattern(r"true|false|null")


class JsonReading:
    """One value and where it ended; `duplicates` are (key, offset of the first, offset of the later one)."""

    __slots__ = ("duplicates", "end", "root")

    def __init__(self, root: Node, end: int, duplicates: list[tuple[str, int, int]]) -> None:
        self.root, self.end, self.duplicates = root, end, duplicates


def read_json(source: Source, start: int = 0) -> JsonReading:
    """The JSON value that begins at `start` (blanks allowed). Raises `InputError` with the place. Linear."""
    reader = _Reader(source)
    root = reader.value(skip_blanks(source.text, start))
    return JsonReading(root, root.end, reader.duplicates)


def skip_blanks(text: str, offset: int) -> int:
    """The first offset at or behind `offset` that holds no JSON white space."""
    return _SPACE.match(text, offset).end()  # type: ignore[union-attr]  # the pattern matches everywhere


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.depth = 0
        self.duplicates: list[tuple[str, int, int]] = []

    def value(self, at: int) -> Node:
        character = self.text[at : at + 1]
        if character == '"':
            text, end = self._string(at)
            node = Node(SCALAR, text, at, end)
            node.style = '"'
            return node
        if character and character in "{[":
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise InputError(f"nested more than {MAX_DEPTH} deep", self.source.place(at))
            node = self._mapping(at) if character == "{" else self._sequence(at)
            self.depth -= 1
            return node
        return self._literal(at)

    def _literal(self, at: int) -> Node:
        word = _WORD.match(self.text, at)
        if word:
            return Node(SCALAR, _WORDS[word[0]], at, word.end())
        number = _NUMBER.match(self.text, at)
        if not number:
            raise self._expected("a JSON value", at)
        return Node(SCALAR, _number(number), at, number.end())

    def _string(self, at: int) -> tuple[str, int]:
        try:
            text, end = scanstring(self.text, at + 1, True)  # noqa: FBT003 - the standard library's own signature
        except ValueError as error:
            position = getattr(error, "pos", at)
            raise InputError(f"this is no JSON: {getattr(error, 'msg', error)}", self.source.place(position)) from None
        return text, end

    def _mapping(self, at: int) -> Node:
        node = Node(MAPPING, {}, at)
        node.flow = True
        at = skip_blanks(self.text, at + 1)
        while self.text[at : at + 1] != "}":
            if node.value or node.opaque:
                at = self._comma(at, "}")
            if self.text[at : at + 1] != '"':
                raise self._expected("a member name in double quotes", at)
            name, key_end = self._string(at)
            colon = skip_blanks(self.text, key_end)
            if self.text[colon : colon + 1] != ":":
                raise self._expected("`:`", colon)
            child = self.value(skip_blanks(self.text, colon + 1))
            child.parent, child.key, child.key_start, child.key_end = node, name, at, key_end
            self._put(node, name, child)
            at = skip_blanks(self.text, child.end)
        node.end = at + 1
        return node

    def _put(self, node: Node, name: str, child: Node) -> None:
        earlier = node.value.pop(name, None)
        if earlier is not None:
            self.duplicates.append((name, earlier.key_start, child.key_start))
            if node.opaque is None:
                node.opaque = []
            node.opaque.append(earlier)
        node.value[name] = child

    def _sequence(self, at: int) -> Node:
        node = Node(SEQUENCE, [], at)
        node.flow = True
        at = skip_blanks(self.text, at + 1)
        while self.text[at : at + 1] != "]":
            if node.value:
                at = self._comma(at, "]")
            child = self.value(at)
            child.parent, child.key = node, len(node.value)
            node.value.append(child)
            at = skip_blanks(self.text, child.end)
        node.end = at + 1
        return node

    def _comma(self, at: int, closing: str) -> int:
        if self.text[at : at + 1] != ",":
            raise self._expected(f"`,` or `{closing}`", at)
        return skip_blanks(self.text, at + 1)

    def _expected(self, what: str, at: int) -> InputError:
        found = f"`{self.text[at]}`" if at < len(self.text) else "the end of the text"
        return InputError(f"this is no JSON: expected {what}, found {found}", self.source.place(at))


def _number(match: re.Match[str]) -> Value:
    text = match[0]
    if match[2] or match[3]:
        number = float(text)
        return number if repr(number) == text else Float(number, text)
    if len(text) > 4000:  # int() refuses longer ones, and no reader of JSON holds them
        return Float(float(text), text)
    return Integer(0, text) if text == "-0" else int(text)
