"""The unified diff of a rewrite, made from its edits, and how a terminal shows it."""

from __future__ import annotations

import re
from bisect import bisect_right
from posixpath import normpath
from typing import TYPE_CHECKING

from .dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .editing.edit import Edit

_CONTEXT = 3
_REFINED = 250_000  # pairs of lines that are compared one by one at most; larger blocks are shown whole
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_QUOTED = re.compile(r'["\\\x00-\x1f\x7f\udc80-\udcff]')  # the last: bytes of a name that are no text (PEP 383)
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


@dataclass(frozen=True, slots=True)
class Change:
    """Lines `start` to `end` of the old text become `lines`; `rules` made the change."""

    start: int
    end: int
    lines: tuple[str, ...]
    rules: tuple[str, ...]


def unified(old: str, edits: Sequence[Edit], name: str, *, annotate: bool = False) -> str:
    """The unified diff of `old` and what `edits` make of it, as `git apply` and `patch -p1` take it; "" without edits.

    `edits` must not overlap and stand in order. Lines end at LF only, so a CR stays part of its line. With
    `annotate` the ids of the rules behind a hunk follow its header. Cost is linear in the length of the text.
    """
    lines = _LINE.findall(old)
    hunks = list(_hunks(_changes(old, lines, edits), lines, annotate=annotate))
    return "".join([*_header(name), *hunks]) if hunks else ""


def changes(old: str, edits: Sequence[Edit]) -> list[Change]:
    """What `edits` make of the lines of `old`, as the unified diff shows it, in order. Linear in the text."""
    return list(_changes(old, _LINE.findall(old), edits))


def compare(old: str, new: str, names: tuple[str, str] = ("expected", "actual")) -> str:
    """The unified diff of two texts under these names; "" if they are equal. No diff for `git apply`.

    Cost is linear in the texts, but for the lines between the first and the last that differ: these are compared.
    """
    lines = _LINE.findall(old)
    hunks = list(_hunks(_refine(lines, _LINE.findall(new), 0, ()), lines, annotate=False))
    return "".join([f"--- {names[0]}\n+++ {names[1]}\n", *hunks]) if hunks else ""


def count(diff: str) -> tuple[int, int]:
    """How many lines a diff of one file adds and how many it removes."""
    body = diff.split("\n")[2:]
    return sum(line.startswith("+") for line in body), sum(line.startswith("-") for line in body)


def _header(name: str) -> Iterator[str]:
    path = normpath(name).lstrip("/")  # git refuses `./`
    for mark, side in (("---", "a"), ("+++", "b")):
        label = f"{side}/{path}"
        if _QUOTED.search(label):
            label = f'"{_QUOTED.sub(_escape, label)}"'
        elif " " in label:
            label += "\t"  # where the name ends: git writes and reads it so
        yield f"{mark} {label}\n"


def _escape(match: re.Match[str]) -> str:
    return _ESCAPES.get(match[0], f"\\{ord(match[0]) & 0xFF:03o}")


def _changes(old: str, lines: list[str], edits: Sequence[Edit]) -> Iterator[Change]:
    """The edits as changes of whole lines, in order, each as small as it can be."""
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    final = len(lines) if not lines or lines[-1].endswith("\n") else len(lines) - 1

    def line_of(offset: int) -> int:
        return min(bisect_right(starts, offset) - 1, final)

    group: list[Edit] = []
    first = last = 0
    for edit in edits:
        if group and line_of(edit.start) >= last:
            yield from _change(old, lines, starts, (first, last), group)
            group = []
        if not group:
            first = line_of(edit.start)
        last = min(line_of(edit.end) + 1, len(lines))
        group.append(edit)
    if group:
        yield from _change(old, lines, starts, (first, last), group)


def _change(
    old: str, lines: list[str], starts: list[int], span: tuple[int, int], edits: Sequence[Edit]
) -> Iterator[Change]:
    parts = []
    at = starts[span[0]]
    for edit in edits:
        parts += [old[at : edit.start], edit.text]
        at = edit.end
    parts.append(old[at : starts[span[1]]])
    new = _LINE.findall("".join(parts))
    rules = tuple(dict.fromkeys(rule for edit in edits for rule in edit.rules))
    yield from _refine(lines[span[0] : span[1]], new, span[0], rules)


def _refine(before: list[str], after: list[str], at: int, rules: tuple[str, ...]) -> Iterator[Change]:
    """Only the lines that differ, of lines of which some may be equal."""
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    at += head
    if len(old) * len(new) > _REFINED:
        yield Change(at, at + len(old), tuple(new), rules)
        return
    from difflib import SequenceMatcher  # slow to import, and many runs compare nothing

    for kind, old_start, old_end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            yield Change(at + old_start, at + old_end, tuple(new[new_start:new_end]), rules)


def _hunks(changes: Iterable[Change], lines: list[str], *, annotate: bool) -> Iterator[str]:
    group: list[Change] = []
    grown = 0  # lines added, less those removed, by the hunks before
    for change in changes:
        if group and change.start - group[-1].end > 2 * _CONTEXT:
            yield _hunk(group, lines, grown, annotate=annotate)
            grown += _growth(group)
            group = []
        group.append(change)
    if group:
        yield _hunk(group, lines, grown, annotate=annotate)


def _growth(changes: Sequence[Change]) -> int:
    return sum(len(change.lines) - (change.end - change.start) for change in changes)


def _hunk(changes: Sequence[Change], lines: list[str], grown: int, *, annotate: bool) -> str:
    start = max(0, changes[0].start - _CONTEXT)
    end = min(len(lines), changes[-1].end + _CONTEXT)
    old, new = _range(start, end - start), _range(start + grown, end - start + _growth(changes))
    rules = ", ".join(dict.fromkeys(rule for change in changes for rule in change.rules)) if annotate else ""
    parts = [f"@@ -{old} +{new} @@{' ' if rules else ''}{rules}\n"]
    at = start
    for change in changes:
        parts += [_marked(" ", line) for line in lines[at : change.start]]
        parts += [_marked("-", line) for line in lines[change.start : change.end]]
        parts += [_marked("+", line) for line in change.lines]
        at = change.end
    parts += [_marked(" ", line) for line in lines[at:end]]
    return "".join(parts)


def _range(start: int, length: int) -> str:
    first = start + 1 if length else start
    return f"{first}" if length == 1 else f"{first},{length}"


def _marked(mark: str, line: str) -> str:
    return f"{mark}{line}" if line.endswith("\n") else f"{mark}{line}\n\\ No newline at end of file\n"
