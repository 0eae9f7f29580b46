"""Takes a scalar's text apart: which part of its value stands where, in every style."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..dataclass import dataclass
from ..late_pattern import late_pattern
from ..node import Node

_BREAK = late_pattern(r"\r\n|\r|\n")
_FOLD = r"(?P<fold>[ \t]*+(?:\r\n|\r|\n)[ \t\r\n]*+)"  # line breaks with the blanks around them
_BLANKS = r"|[ \t]++(?![\r\n]))++)"  # blanks inside a line
_PLAIN = late_pattern(_FOLD + r"|(?P<text>(?:[^ \t\r\n]++" + _BLANKS)
_SINGLE = late_pattern(_FOLD + r"|(?P<quote>'')|(?P<text>(?:[^ \t\r\n']++" + _BLANKS)
_DOUBLE = late_pattern(
    _FOLD + r"|\\(?P<joint>(?:\r\n|\r|\n)[ \t\r\n]*+)"
    r"|(?P<pair>\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|\\x(?P<two>[0-9a-fA-F]{2})|\\u(?P<four>[0-9a-fA-F]{4})|\\U(?P<eight>[0-9a-fA-F]{8})|\\(?P<one>[^\r\n])"
    r'|(?P<text>(?:[^ \t\r\n\\"]++' + _BLANKS
)
_ESCAPES = dict(zip('0abtnvfre "/\\N_LP\t', '\0\a\b\t\n\v\f\r\x1b "/\\\x85\xa0\u2028\u2029\t', strict=True))
_LAST_CHARACTER = 0x10FFFF


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a scalar's value and the span of its text: `exact` if it is written as itself, else it is one whole."""

    value: str
    start: int
    end: int
    exact: bool


def read_pieces(text: str, node: Node, value: str) -> list[Piece] | None:
    """The pieces of the scalar `node`, which says `value`, in their order; offsets are those of `text`.

    A block scalar's line breaks at its end have none. None if the text is not understood. Linear.
    """
    raw = text[node.value_start : node.end]
    indent = find_indent(raw, value) if node.style in ("|", ">") else 0
    pieces = None if indent is None else take_apart(raw, node.style, indent, node.value_start)
    if pieces is None or value_of(pieces) != (value.rstrip("\n") if node.style in ("|", ">") else value):
        return None
    return pieces


def value_of(pieces: list[Piece]) -> str:
    """What the pieces say together."""
    return "".join(piece.value for piece in pieces)


def character(text: str, node: Node, index: int) -> int:
    """The offset in `text` of the character `index` of a scalar's value; the scalar's start if that is not known."""
    end = node.value_start
    for piece in read_pieces(text, node, str(node.value)) or ():
        if index < len(piece.value):
            return piece.start + (index if piece.exact else 0)
        index -= len(piece.value)
        end = piece.end
    return node.value_start if index else end


def find_indent(raw: str, value: str) -> int | None:
    """How far the lines of a block scalar are indented, by what its first line with something on it says."""
    written = next((line for line in _BREAK.split(raw)[1:] if line.strip(" \t")), None)
    said = next((line for line in value.split("\n") if line.strip(" \t")), None)
    return None if written is None or said is None else _blanks(written) - _blanks(said)


def take_apart(raw: str, style: str | None, indent: int, offset: int = 0) -> list[Piece] | None:
    """The pieces of a scalar's text, quotes included, which begins at `offset`; None if it is not well-formed.

    In a block scalar the lines are indented by `indent`.
    """
    if style in ("|", ">"):
        return _block_pieces(raw, style, indent, offset)
    if style is None:
        return _flow_pieces(_PLAIN, raw, 0, len(raw), offset)
    return _flow_pieces(_SINGLE if style == "'" else _DOUBLE, raw, 1, len(raw) - 1, offset)


def _flow_pieces(pattern: re.Pattern[str], raw: str, start: int, end: int, offset: int) -> list[Piece] | None:
    pieces: list[Piece] = []
    while start < end:
        match = pattern.match(raw, start, end)
        said = None if match is None else _said(match)
        if match is None or said is None:
            return None
        start = match.end()
        pieces.append(Piece(said, match.start() + offset, start + offset, match.lastgroup == "text"))
    return pieces


def _said(match: re.Match[str]) -> str | None:
    """What one element of a plain or quoted scalar says; None for an escape that YAML does not have."""
    kind, text = match.lastgroup, match[match.lastgroup or 0]
    if kind == "text":
        return text
    if kind == "quote":
        return "'"
    if kind == "one":
        return _ESCAPES.get(text)
    if kind == "pair":
        return text.encode().decode("unicode-escape").encode("utf-16", "surrogatepass").decode("utf-16")
    if kind in ("fold", "joint"):
        breaks = len(_BREAK.findall(text)) - 1
        return "\n" * breaks if breaks or kind == "joint" else " "
    code = int(text, 16)
    return chr(code) if code <= _LAST_CHARACTER else None


def _block_pieces(raw: str, style: str, indent: int, offset: int) -> list[Piece] | None:
    """The lines of a block scalar, and between them what their line breaks say; indentation says nothing."""
    lines = list(_contents(raw, indent))
    while lines and lines[-1][0] == lines[-1][1]:
        lines.pop()
    pieces: list[Piece] = []
    if style == "|":
        for number, (start, end) in enumerate(lines):
            pieces.append(Piece(raw[start:end], start + offset, end + offset, exact=True))
            if number + 1 < len(lines):
                match = _BREAK.match(raw, end)
                pieces.append(Piece("\n", end + offset, (match.end() if match else end) + offset, exact=False))
        return pieces
    before: tuple[int, int] | None = None
    blank = 0
    for start, end in lines:
        if start == end:
            blank += 1
            continue
        at = start if before is None else before[1]
        pieces.append(Piece(_folded(raw, before, start, blank), at + offset, start + offset, exact=False))
        pieces.append(Piece(raw[start:end], start + offset, end + offset, exact=True))
        before, blank = (start, end), 0
    return pieces


def _contents(raw: str, indent: int) -> Iterator[tuple[int, int]]:
    """Where the content of each line below the header begins and ends."""
    first = _BREAK.search(raw)
    start = first.end() if first else len(raw)
    while start < len(raw):
        found = _BREAK.search(raw, start)
        end = found.start() if found else len(raw)
        yield min(start + indent, end), end
        start = found.end() if found else len(raw)


def _folded(raw: str, before: tuple[int, int] | None, start: int, blank: int) -> str:
    """What the line breaks above a line say in a folded scalar: `blank` lines are empty, `before` is the one above."""
    if before is None:
        return "\n" * blank
    if raw[before[0]] in " \t" or raw[start] in " \t":
        return "\n" * (blank + 1)
    return "\n" * blank or " "


def _blanks(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
