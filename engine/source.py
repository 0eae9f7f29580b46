"""The text of one YAML or JSON document and where it stands in its file."""

from __future__ import annotations

import re
from bisect import bisect_right

from .error import Place

_LINE_END = re.compile(r"\r\n|\r|\n")
_SHORT = 100  # characters of a line that need not be held once for all places in it
_NEAR = 1000  # characters that are looked through anew for every place among them


class Source:
    """A piece of text with the name of its file and the line it starts on.

    Offsets are characters from the start of `text`. Lines end at LF, CR LF or CR and nowhere else.
    """

    __slots__ = ("_line", "_starts", "file", "first_line", "text")

    def __init__(self, text: str, file: str | None = None, first_line: int = 1) -> None:
        self.text = text
        self.file = file
        self.first_line = first_line
        self._starts: list[int] | None = None
        self._line = (-1, "")  # the row told last, and its text

    def place(self, offset: int) -> Place:
        """File, line and column of `offset`. The first call costs one pass over the text, later ones log n; near the
        beginning it costs the way there.

        Data that came without a text has no lines.
        """
        text = self.text
        if not text:
            return Place(self.file)
        if self._starts is None and offset < _NEAR and "\r" not in text:
            start, end = text.rfind("\n", 0, offset) + 1, text.find("\n", offset, offset + _SHORT)
            if end >= 0:  # a longer line is held once, below
                row = self.first_line + text.count("\n", 0, start)
                return Place(self.file, row, offset - start + 1, text[start:end])
        starts = self._line_starts()
        row = bisect_right(starts, offset) - 1
        return Place(self.file, self.first_line + row, offset - starts[row] + 1, self._excerpt(row))

    def _excerpt(self, row: int) -> str:
        """The text of a row; one string for all places in it, as a line may hold a whole document."""
        known, line = self._line
        if row != known:
            starts = self._line_starts()
            end = starts[row + 1] if row + 1 < len(starts) else len(self.text)
            line = self.text[starts[row] : end].rstrip("\r\n")
            self._line = (row, line)
        return line

    def _line_starts(self) -> list[int]:
        if self._starts is None:
            self._starts = line_starts(self.text)
        return self._starts


def line_starts(text: str) -> list[int]:
    """The offsets at which lines begin, that behind the last line break included. Linear."""
    return [0, *(match.end() for match in _LINE_END.finditer(text))]
