"""Edits inside the text of a scalar: what its old and its new value share stays as it is written."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from ..dataclass import dataclass
from ..late_pattern import late_pattern
from ..node import SCALAR, Node
from ..reading.plain_text import plain_safe
from ..reading.scalar_text import Piece, find_indent, read_pieces, take_apart, value_of
from .edit_text import Edit, splice
from .pairing import original
from .text_difference import Run, unchanged_runs
from .yaml_writer import Style, escape, needs_escapes, scalar_text

if TYPE_CHECKING:
    from ..value import Value
    from .edit import Editor

_BREAK = late_pattern(r"[\r\n]")
_BREAK_TO_SOME = late_pattern(r"[\x85\u2028\u2029\ufeff]")
_LINE_BREAKS = late_pattern(r"\n+")
_MARKER = late_pattern(r"[\r\n](?:---|\.\.\.)(?=[ \t\r\n]|\Z)")
_DIGIT = late_pattern(r"[|>][-+]?[1-9]")


def change_scalar(editor: Editor, old: Node, new: Node, *, in_flow: bool) -> bool:
    """Edits the text of the string `old` where the string `new` differs, and says whether it could.

    It can where the style may hold the new value and both values are alike; a scalar on one line without escapes
    is as well written anew. Linear in the scalar.
    """
    was, now = original(old)[1], new.value
    if new.kind != SCALAR or not isinstance(was, str) or not isinstance(now, str) or not was or not now:
        return False
    scalar = _read(editor, old, was, now)
    runs = unchanged_runs(scalar.was, scalar.now) if scalar else []
    if scalar is None or not scalar.is_alike(runs):
        return False
    for wide in (False, True):
        edits = scalar.edits(runs, wide=wide)
        if scalar.reads_well(splice(scalar.raw, edits, old.value_start), in_flow=in_flow):
            for edit in edits:
                editor.put(edit.start, edit.end, edit.text)
            return True
    return False


def swap_scalar(editor: Editor, old: Node, new: Node, *, in_flow: bool) -> bool:
    """Puts the scalar `new` where `old` stands on one line, and says whether that could be done so simply.

    It can where nothing but the two says how the new text looks: nothing refers to anything in this document, no
    comment is set, and the quotes stay as they are. Constant but for the text of the scalars.
    """
    text, value = editor.text, new.value
    alone = old.start == old.value_start < old.end and (old.key_start >= 0 or in_flow) and text[old.end] != "#"
    if not alone or editor.commented or editor.has_references or (old.style and old.style in "|>"):
        return False
    if new.kind != SCALAR or original(old)[0] != SCALAR or _BREAK.search(text, old.start, old.end):
        return False
    if not in_flow and text[old.start - 1] not in " \t\r\n":
        return False
    written = _on_one_line(editor, value, old.style, in_flow=in_flow)
    if written is None:
        return False
    editor.put(old.start, old.end, written)
    return True


def _on_one_line(editor: Editor, value: Value, like: str | None, *, in_flow: bool) -> str | None:
    """The text of a scalar in a style; None for a string that a line does not hold, or not without new quotes."""
    if isinstance(value, str):
        if "\n" in value:
            return None
        if like is None and not editor.json and not needs_escapes(value):
            return value if plain_safe(value, flow=in_flow) else None
    return scalar_text(value, Style(json=editor.json, kubernetes=editor.kubernetes), flow=in_flow, like=like)


def _read(editor: Editor, node: Node, was: str, now: str) -> _Scalar | None:
    """The scalar, which is to say `now`; None where that is to be written anew, or would end otherwise."""
    text = editor.text
    raw = text[node.value_start : node.end]
    escaped = node.style == '"' and "\\" in raw
    if not (escaped or _BREAK.search(raw)) or (_BREAK_TO_SOME.search(raw) and not editor.json):
        return None
    pieces = read_pieces(text, node, was)
    if not pieces:
        return None
    begin, indent, newline = pieces[0].start, 0, editor.layout.newline(node.start)
    fold = next((piece for piece in pieces if not piece.exact and piece.value.isspace()), None)
    pad = _BREAK.split(text[fold.start : fold.end])[-1] if fold else ""
    if node.style in ("|", ">"):
        body, wanted = was.rstrip("\n"), now.rstrip("\n")
        indent = find_indent(raw, body) or 0
        unended = node.end == len(editor.source.text)
        if was[len(body) :] != now[len(wanted) :] or not wanted or not indent or unended:
            return None
        was, now = body, wanted
        begin, pad = editor.layout.next_line(node.value_start), " " * indent
    starts = list(accumulate((len(piece.value) for piece in pieces), initial=0))[:-1]
    return _Scalar(was, now, node.style, raw, begin, pieces, starts, indent, pad, newline)


@dataclass(frozen=True, slots=True)
class _Scalar:
    """A scalar's text and values: of a block scalar without the line breaks at its end, which stay."""

    was: str
    now: str
    style: str | None
    raw: str
    begin: int  # where the first line of a block scalar begins, else the first piece
    pieces: Sequence[Piece]
    starts: Sequence[int]  # where each piece's value begins in `was`
    indent: int  # of the lines of a block scalar
    pad: str  # what a new line begins with
    newline: str

    def is_alike(self, runs: list[Run]) -> bool:
        """Whether enough stays to keep the lines as they are laid out."""
        kept = sum(run.size for run in runs)
        return self.style == "|" or not _BREAK.search(self.raw) or 2 * kept >= min(len(self.was), len(self.now))

    def edits(self, runs: list[Run], *, wide: bool) -> list[Edit]:
        """What replaces the text between `runs`; with `wide` also the line folds at their ends."""
        kept = [self._whole_lines(run) if self.style == "|" else self._whole_pieces(run, wide=wide) for run in runs]
        edits: list[Edit] = []
        at = place = 0
        for run in [*(one for one in kept if one.size > 0), Run(len(self.was), len(self.now), 0)]:
            if run.old > at or run.new > place:
                start, end = self._span(at, run.old, wide=wide)
                edits.append(Edit(start, end, self._written(self.now[place : run.new])))
            at, place = run.old + run.size, run.new + run.size
        return edits

    def reads_well(self, raw: str, *, in_flow: bool) -> bool:
        """Whether the new text says the new value, to every reader."""
        pieces = take_apart(raw, self.style, self.indent)
        if pieces is None or value_of(pieces) != self.now or _MARKER.search(raw):
            return False
        if self.style == '"':
            return True
        if needs_escapes(self.now):
            return False
        if self.style is None:
            return plain_safe(self.now.replace("\n", " "), flow=in_flow)
        if self.style == "'":
            return True
        detected = _DIGIT.match(raw) or self.now.lstrip("\n")[0] not in " \t"
        return bool(detected and self.now.rpartition("\n")[2].strip(" \t"))

    def _piece(self, index: int) -> tuple[Piece, int]:
        """The piece that holds the character `index` of the old value, and where it begins there."""
        number = bisect_right(self.starts, index) - 1
        return self.pieces[number], self.starts[number]

    def _whole_pieces(self, run: Run, *, wide: bool) -> Run:
        """`run` without the parts of pieces at its ends that are one whole, with `wide` also without folds there."""
        start, end = run.old, run.old + run.size
        while 0 < start < end:
            piece, begin = self._piece(start)
            if piece.exact or (start == begin and not (wide and piece.value.isspace())):
                break
            start = begin + len(piece.value)
        while start < end < len(self.was):
            piece, begin = self._piece(end - 1)
            behind = begin + len(piece.value)
            if piece.exact or (end == behind and not (wide and piece.value.isspace())):
                break
            end = begin
        return Run(start, run.new + start - run.old, end - start)

    def _whole_lines(self, run: Run) -> Run:
        """`run` without the lines at its ends that it holds in part."""
        size = run.size
        if (run.old + size, run.new + size) != (len(self.was), len(self.now)):
            size = self.was.rfind("\n", run.old, run.old + size) + 1 - run.old
        skip = 0
        if self.was[run.old - 1 : run.old] not in ("", "\n") or self.now[run.new - 1 : run.new] not in ("", "\n"):
            skip = self.was.find("\n", run.old, run.old + max(size, 0)) + 1 - run.old
            skip = skip if skip > 0 else size
        return Run(run.old + skip, run.new + skip, size - skip)

    def _span(self, start: int, end: int, *, wide: bool) -> tuple[int, int]:
        """Where the text of the characters from `start` to `end` of the old value stands."""
        if self.style == "|":
            return self._behind(start), self._behind(end)
        if start == end:
            return self._behind(start), self._behind(start)
        first, begin = self._piece(start)
        opening = first.start + (start - begin if first.exact else 0)
        closing = self._behind(end)
        if wide:
            opening = self._behind(start)
            following, begin = self._piece(end)
            closing = following.start + (end - begin if following.exact else 0) if end < len(self.was) else closing
        return opening, closing

    def _behind(self, index: int) -> int:
        """Where the text of the character before `index` of the old value ends."""
        if index == 0:
            return self.begin
        piece, begin = self._piece(index - 1)
        return piece.start + index - begin if piece.exact else piece.end

    def _written(self, text: str) -> str:
        """A part of the new value, as it is written in this style."""
        if self.style == '"':
            return escape(text)
        if self.style == "|":
            return self.newline.join(self.pad + line if line else "" for line in text.split("\n"))
        if self.style == "'":
            text = text.replace("'", "''")
        return _LINE_BREAKS.sub(lambda match: self.newline * (len(match[0]) + 1) + self.pad, text)
