"""Finds the comments that keep rules away: `# retouch: ignore[rule-id] reason`."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..node import MAPPING, SCALAR, Node
from ..source import line_starts

if TYPE_CHECKING:
    from ..error import Place
    from ..source import Source

WORD = "retouch:"
"""What stands in every text that has such a comment."""

_COMMENT = re.compile(r"(?<![^ \t\r\n\ufeff])#[ \t]*retouch:[ \t]*ignore\b(?=(?P<rest>[^\r\n]*))")
_RULES = re.compile(r"[ \t]*\[(?P<rules>[^\]]*)\]")
_RULE = re.compile(r"[a-z0-9-]+(?:/[a-z0-9-]+)*")
_PASSED = re.compile(r"[ \t]*(?:#|---[ \t]*(?:#|\Z))")  # lines between a comment and the node it is about
_ALONE = re.compile(r"\ufeff?(?:---)?[ \t]*")  # what stands before a comment that is about what follows
_BODY = re.compile(r"[\r\n]|\Z")  # of a block scalar, behind its header


@dataclass(frozen=True, slots=True)
class Ignore:
    """A comment that keeps `rules` (ids, with or without the rule set's name) away from `node` and what is inside it.

    `place` is where the comment stands. Where something is wrong with it, `problem` says what, and it has no effect.
    `shared` says that it is about several documents, the items of a Kubernetes list.
    """

    place: Place
    rules: tuple[str, ...]
    node: Node | None
    problem: str = ""
    shared: bool = False


def find_ignores(source: Source, root: Node) -> list[Ignore]:
    """The comments of a text, in order; `root` is what was read from it.

    Such a comment is about the outermost node that starts on its line, or, alone on its line or behind `---`, on the
    next line that is no comment. A member starts at its key, an item at its dash. Costs one search, and where it finds
    something a walk.
    """
    found = list(_COMMENT.finditer(source.text)) if WORD in source.text else []
    if not found:
        return []
    lines = _Lines(source.text)
    outermost, spans = _starts(root, lines, source.text)
    comments = [each for each in found if not _inside(each.start(), spans)]
    return [_read(each, source, lines, outermost) for each in comments]


class _Lines:
    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = line_starts(text)

    def row(self, offset: int) -> int:
        return bisect_right(self._starts, offset) - 1

    def text(self, row: int) -> str:
        if row >= len(self._starts):
            return ""
        end = self._starts[row + 1] if row + 1 < len(self._starts) else len(self._text)
        return self._text[self._starts[row] : end].rstrip("\r\n")

    def before(self, offset: int) -> str:
        return self._text[self._starts[self.row(offset)] : offset]


def _starts(root: Node, lines: _Lines, text: str) -> tuple[dict[int, Node], list[tuple[int, int]]]:
    """The outermost node that starts on each line, and the spans of scalars and keys, in order.

    That of a block scalar begins behind its header, where a comment may stand.
    """
    outermost: dict[int, Node] = {}
    spans: list[tuple[int, int]] = []
    for node in _walk(root):
        start = node.key_start if node.key_start >= 0 else node.start
        if start < 0:
            continue
        outermost.setdefault(lines.row(start), node)
        if node.key_end > node.key_start >= 0:
            spans.append((node.key_start, node.key_end))
        if node.kind == SCALAR:
            body = _BODY.search(text, node.value_start) if node.style in ("|", ">") else None
            spans.append((body.start() if body else node.start, node.end))
    return outermost, sorted(spans)


def _walk(root: Node) -> Iterator[Node]:
    """Outer nodes before what is in them; what stands twice through an alias has its place where it was written."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        if node.kind != SCALAR and node.alias is None:
            waiting.extend(reversed(list(node.value.values() if node.kind == MAPPING else node.value)))


def _inside(offset: int, spans: list[tuple[int, int]]) -> bool:
    number = bisect_right(spans, (offset, offset)) - 1
    return number >= 0 and spans[number][0] < offset < spans[number][1]


def _read(comment: re.Match[str], source: Source, lines: _Lines, outermost: dict[int, Node]) -> Ignore:
    place = source.place(comment.start())
    given = _RULES.match(comment["rest"])
    rules = tuple(each.strip() for each in given["rules"].split(",")) if given else ()
    if not rules or not all(map(_RULE.fullmatch, rules)):
        expected = "expected `# retouch: ignore[rule-id] reason` (several ids with commas between them)"
        found = (comment[0] + comment["rest"]).strip()
        return Ignore(place, (), None, f"{expected}; found `{found}`, which keeps nothing away")
    row = lines.row(comment.start())
    if _ALONE.fullmatch(lines.before(comment.start())):
        row += 1
        while _PASSED.match(lines.text(row)):
            row += 1
    node = outermost.get(row)
    problem = "" if node is not None else "nothing starts on the line that this comment is about: it keeps nothing away"
    return Ignore(place, rules, node, problem)
