"""Finds the parts of a text that stay when it becomes another: words and characters, in their order."""

from __future__ import annotations

import re
from collections import Counter

from ..dataclass import dataclass
from .pairing import longest_rising

_WORD = re.compile(r"\w+|\W")


@dataclass(frozen=True, slots=True)
class Run:
    """Characters that stay: where they begin in the old text and in the new one, and how many they are."""

    old: int
    new: int
    size: int


def unchanged_runs(old: str, new: str) -> list[Run]:
    """The parts of `old` that stand in `new` too, in one order in both. Linear but for the order of words.

    What both begin and end with stays; between them the words that each has once, with what is alike around them.
    """
    head = _common_start(old, new)
    tail = _common_start(old[head:][::-1], new[head:][::-1])
    runs = [Run(0, 0, head)]
    end = Run(len(old) - tail, len(new) - tail, tail)
    for word in _meeting_points(old[head : end.old], new[head : end.new]):
        met = Run(word.old + head, word.new + head, word.size)
        runs += [*_alike_ends(old, new, runs[-1], met), met]
    runs += [*_alike_ends(old, new, runs[-1], end), end]
    return [run for run in runs if run.size]


def _common_start(left: str, right: str) -> int:
    """How many characters both begin with: found by halves, each compared as a whole."""
    same, end = 0, min(len(left), len(right))
    while same < end:
        middle = (same + end + 1) // 2
        if left[same:middle] == right[same:middle]:
            same = middle
        else:
            end = middle - 1
    return same


def _alike_ends(old: str, new: str, before: Run, behind: Run) -> list[Run]:
    """What is alike at the start and at the end of the text between two runs."""
    start, place = before.old + before.size, before.new + before.size
    left, right = old[start : behind.old], new[place : behind.new]
    head = _common_start(left, right)
    tail = _common_start(left[head:][::-1], right[head:][::-1])
    return [Run(start, place, head), Run(behind.old - tail, behind.new - tail, tail)]


def _meeting_points(old: str, new: str) -> list[Run]:
    """Words that stand once in each text: as many as have one order in both."""
    left, right = _single_words(old), _single_words(new)
    pairs = longest_rising([(at, right[word]) for word, at in left.items() if word in right])
    sizes = {at: len(word) for word, at in left.items()}
    return [Run(at, place, sizes[at]) for at, place in pairs]


def _single_words(text: str) -> dict[str, int]:
    counts = Counter(_WORD.findall(text))
    return {match[0]: match.start() for match in _WORD.finditer(text) if counts[match[0]] == 1}
