"""Where things stand in the text: lines, columns, indicators, and the comments that belong to an entry."""

from __future__ import annotations

from bisect import bisect_right

from ..late_pattern import late_pattern
from ..node import SEQUENCE, Node
from ..reading.yaml_mark import colon_end
from ..source import line_starts
from .pairing import entries_of

_LINE = late_pattern(r"([ \t]*)(#?)[^\r\n]*(?:\r\n|\r|\n|\Z)")
_BLOCK_HEADER = late_pattern(r"[|>][-+0-9]*")
_PROPERTIES = late_pattern(r"(?:!<[^>]*>|[&!][^ \t\r\n,\[\]{}]*)(?:[ \t]+(?:!<[^>]*>|[&!][^ \t\r\n,\[\]{}]*))?")


class Layout:
    """Questions about one text. Offsets are characters.

    The first answer costs one pass over the text, a later one log n and the lines that it looks into, no more.
    """

    __slots__ = ("_starts", "begin", "text", "top")

    def __init__(self, text: str, *, top: bool) -> None:
        self.text = text
        self.begin = 1 if text.startswith("\ufeff") else 0  # a byte-order mark is no part of the first line
        self.top = top  # whether the text begins at the very top of its file
        self._starts: list[int] | None = None

    def line_start(self, offset: int) -> int:
        """The first character of the line that `offset` is on."""
        starts = self._line_starts()
        return max(starts[bisect_right(starts, offset) - 1], self.begin)

    def line_end(self, offset: int) -> int:
        """The place of the line break that ends the line of `offset`, or the end of the text."""
        return max(self.before_break(self.next_line(offset)), offset)

    def next_line(self, offset: int) -> int:
        """The start of the line below that of `offset`, or the end of the text."""
        starts = self._line_starts()
        row = bisect_right(starts, offset)
        return starts[row] if row < len(starts) else len(self.text)

    def before_break(self, offset: int) -> int:
        """The place of the line break that ends the line above the one that begins at `offset`."""
        text = self.text
        if text[offset - 2 : offset] == "\r\n":
            return offset - 2
        return offset - 1 if text[offset - 1 : offset] in ("\n", "\r") else offset

    def line_above(self, offset: int) -> int:
        """The start of the line above the one that begins at `offset`."""
        return self.line_start(self.before_break(offset))

    def column(self, offset: int) -> int:
        """How many characters stand before `offset` on its line."""
        return offset - self.line_start(offset)

    def inline(self, offset: int) -> bool:
        """Whether something other than blanks stands before `offset` on its line."""
        start = self.line_start(offset)
        while offset > start and self.text[offset - 1] in " \t":
            offset -= 1
        return offset > start

    def newline(self, offset: int) -> str:
        """The line break in use around `offset`: that of its line, else of the line above, else LF."""
        end = self.next_line(offset)
        found = self.text[self.before_break(end) : end]
        if found:
            return found
        start = self.line_start(offset)
        return self.text[self.before_break(start) : start] or "\n"

    def _line_starts(self) -> list[int]:
        if self._starts is None:
            self._starts = line_starts(self.text)
        return self._starts

    def is_dash(self, node: Node) -> bool:
        """Whether `node` stands behind a dash: it is an item of a block sequence."""
        return self.text[node.key_start : node.key_end] == "-"

    def indicator_end(self, node: Node) -> int:
        """Behind the `:` or `-` that introduces `node`; for a root, the offset where its line begins."""
        if node.key_start < 0:
            return self.line_start(node.start)
        if self.is_dash(node):
            return node.key_end
        return colon_end(self.text, node.key_end) or node.key_end

    def home_column(self, node: Node) -> int:
        """The column of the entry that `node` is the value of; of its `:` where its key has a `?`."""
        if node.key_start < 0:
            return 0
        colon = self.indicator_end(node) - 1
        explicit = self.text[colon] == ":" and not self.inline(colon)
        return self.column(colon if explicit else node.key_start)

    def header_end(self, node: Node) -> int:
        """Behind the `|` or `>` of a block scalar and its indicators."""
        match = _BLOCK_HEADER.match(self.text, node.value_start)
        return match.end() if match else node.value_start

    def properties_end(self, node: Node) -> int:
        """Behind the tag and the anchor that stand on one line before a value; its start if it has none."""
        match = _PROPERTIES.match(self.text, node.start, node.value_start) if node.value_start > node.start else None
        return match.end() if match else node.start

    def has_brackets(self, node: Node) -> bool:
        """Whether a flow collection stands in brackets; the mapping in `[a: b]` does not."""
        if node.kind == SEQUENCE:
            return True
        entries = entries_of(node)
        return self.text[node.value_start] == "{" and not (entries and entries[0].key_start == node.value_start)

    def keeps_blank_lines(self, node: Node) -> bool:
        """Whether `node` is a block scalar to which the blank lines that follow it belong (`|+`)."""
        return node.style in ("|", ">") and "+" in self.text[node.value_start : self.header_end(node)]

    def entry_start(self, node: Node, column: int) -> int:
        """Where the entry of a block collection begins: at its key, its dash, or its `?`."""
        start = node.key_start
        if self.column(start) == column:
            return start
        line = self.line_start(start)
        while self.text[line + column : line + column + 1] != "?" and line > self.begin:
            line = self.line_above(line)
        return line + column

    def extent_end(self, end: int, column: int) -> int:
        """The start of the line below an entry that ends at `end`, its deeper-indented comments included."""
        position = after = self.next_line(end)
        while position < len(self.text):
            line = _LINE.match(self.text, position)
            if line is None or line.end() == position:
                break
            if line[2]:
                if len(line[1]) <= column:
                    break
                after = line.end()
            elif line[0].strip(" \t\r\n"):
                break
            position = line.end()
        return after

    def head_start(self, start: int, column: int) -> int:
        """The start of the comment block directly above the line of `start`, or of that line itself.

        A block at the very top of a file belongs to the file, not to the entry.
        """
        head = position = self.line_start(start)
        while position > self.begin:
            above = self.line_above(position)
            line = _LINE.match(self.text, above)
            if line is None or not line[2] or len(line[1]) != column:
                break
            head = position = above
        if head == self.begin and self.top:
            return self.line_start(start)
        return head

    def blank_above(self, offset: int) -> bool:
        """Whether the line above that of `offset` is blank."""
        start = self.line_start(offset)
        if start == self.begin:
            return False
        return self.text[self.line_above(start) : start].strip() == ""

    def blanks_end(self, offset: int) -> int:
        """Behind the blank lines that begin at `offset`, the start of a line."""
        while offset < len(self.text):
            line = _LINE.match(self.text, offset)
            if line is None or line[0].strip(" \t\r\n") or line.end() == offset:
                break
            offset = line.end()
        return offset

    def blanks_start(self, offset: int) -> int:
        """The start of the blank lines directly above the line that begins at `offset`."""
        while self.blank_above(offset):
            offset = self.line_above(offset)
        return offset

    def is_comment(self, offset: int) -> bool:
        """Whether the line that begins at `offset` holds a comment and nothing else."""
        line = _LINE.match(self.text, offset)
        return line is not None and line[2] == "#"

    def has_room(self, offset: int, column: int) -> bool:
        """Whether a block scalar with its text at `column` can stand before the line that begins at `offset`.

        Blank lines with more blanks than that, and comments behind them, would become part of it.
        """
        position = offset
        while position < len(self.text):
            line = self.text[position : self.line_end(position)]
            content = line.lstrip(" ")
            if content.strip("\t"):
                return len(line) - len(content) < column
            if content or len(line) > column:
                return False
            position = self.next_line(position)
        return True
