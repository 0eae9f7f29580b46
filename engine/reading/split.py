"""Cuts a stream of YAML at its document markers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..late_pattern import late_pattern

_MARKER = late_pattern(r"(?<![^\r\n])(?:---|\.\.\.)(?=[ \t\r\n]|\Z)")
# Possessive: to fail on thousands of comment lines must cost no more than to pass them.
_NO_CONTENT = late_pattern(r"\ufeff?(?:(?:[ \t]*+(?:#[^\r\n]*+)?+|%[^\r\n]*+)(?:\r\n?+|\n|\Z))*+\Z")
_BEHIND_MARKER = frozenset(["", " ", "\t", "\r", "\n"])
_DOTS = late_pattern(r"\n\.\.\.")  # which takes half the time that `in` takes
_LINE_END = late_pattern(r"\r\n|\r|\n")


def split(text: str) -> Iterator[str]:
    """`text` cut at its document markers, each piece one document with its directives, markers and comments.

    `---` and `...` at the start of a line are markers wherever they stand (YAML 1.2.2, 9.1.2), so no parser
    is needed. Joined, the pieces are `text`.
    """
    start = 0
    for at in _markers(text):
        if text[at] == "-":
            if at > start and _is_border(text, start, at):
                yield text[start:at]
                start = at
        else:
            line_end = _LINE_END.search(text, at)
            end = line_end.end() if line_end else len(text)
            yield text[start:end]
            start = end
    if start < len(text) or start == 0:
        yield text[start:]


def is_one_piece(text: str) -> bool:
    """Whether `split` leaves a text whole. Linear, and fast where nothing looks like a marker."""
    if "\n---" in text or "\n..." in text or "\r" in text or text.startswith("..."):
        return [*split(text)] == [text]
    return True


def split_blocks(blocks: Iterable[str]) -> Iterator[str]:
    """A text that comes in blocks, in parts that each end with a document: what `split` makes of them is the same.

    Holds a block and the document that it ends in.
    """
    rest, least = "", 0
    for block in blocks:
        rest = rest + block if rest else block
        end = rest.rfind("\n") + 1 if len(rest) >= least else 0  # a marker is one only if its line has come
        border = _last_border(rest, end)
        if border:
            yield rest[:border]
            rest, least = rest[border:], 0
        elif end:
            least = 2 * len(rest)  # of a long document, not every block is to be looked through from its beginning
    yield rest


def _last_border(text: str, end: int) -> int:
    """Where the last document of `text[:end]` begins."""
    last = marker_before(text, 0, end)
    before = marker_before(text, 0, last - 1) if last > 0 else -1
    if before >= 0 and text.find("\n...", before, last) < 0 and text.find("\r...", before, last) < 0:
        return last
    *_, piece = split(text[:end])
    return end - len(piece)


def has_plain_markers(text: str) -> bool:
    """Whether only `---` behind a line feed cuts a text."""
    only_line_feeds = "\r" not in text or text.count("\r") == text.count("\r\n")
    return only_line_feeds and not text.startswith("...") and _DOTS.search(text) is None


def first_border(text: str) -> int:
    """Where the second document of a text with plain markers begins, or its end."""
    marker = marker_behind(text, 0)
    return marker if _is_border(text, 0, marker) else marker_behind(text, marker)


def marker_before(text: str, start: int, end: int) -> int:
    """Where the last `---` between two places begins that is a marker behind a line feed; -1 if there is none."""
    at = text.rfind("\n---", start, end)
    while at >= 0 and text[at + 4 : at + 5] not in _BEHIND_MARKER:
        at = text.rfind("\n---", start, at)
    return at + 1 if at >= 0 else -1


def marker_behind(text: str, start: int) -> int:
    """Where the next `---` behind `start` begins that is a marker behind a line feed, or the end of the text."""
    at = text.find("\n---", start)
    while at >= 0 and text[at + 4 : at + 5] not in _BEHIND_MARKER:
        at = text.find("\n---", at + 4)
    return at + 1 if at >= 0 else len(text)


def _is_border(text: str, start: int, marker: int) -> bool:
    """Whether a document that begins at `start` ends at a `---`: comments and directives alone belong to the next."""
    return text.startswith("---", start) or not _NO_CONTENT.match(text, start, marker)


def _markers(text: str) -> Iterator[int]:
    """Where the lines begin that are document markers."""
    if _MARKER.match(text):
        yield 0
    if not has_plain_markers(text):
        yield from (marker.start() for marker in _MARKER.finditer(text, 1))
        return
    at = marker_behind(text, 0)  # many times faster than the regular expression
    while at < len(text):
        yield at
        at = marker_behind(text, at)
