"""A unified diff as a terminal shows it: lines coloured, and in lines that were changed the words that differ."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from .terminal import BOLD, CYAN, GREEN, RED, REVERSE, paint

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORD = re.compile(r"\w+|\s+|.", re.DOTALL)
_ALIKE = 0.4  # of 1: lines that share less are other lines, and single words would mislead
_LONGEST = 2_000  # characters of a line that is still compared word by word


def highlight(diff: str) -> str:
    """`diff` with colours; without its escape sequences it is `diff` again."""
    lines = re.findall(r"[^\n]*\n|[^\n]+", diff)
    painted: list[str] = []
    removed: list[str] = []
    for kind, group in groupby(lines, _kind):
        run = list(group)
        if kind == "-":
            removed = run
            continue
        painted += _replacement(removed, run) if kind == "+" else _plain(removed, RED)
        removed = []
        if kind != "+":
            painted += _plain(run, *{"@": (CYAN,), "header": (BOLD,)}.get(kind, ()))
    return "".join(painted + _plain(removed, RED))


def _kind(line: str) -> str:
    if line.startswith(("--- ", "+++ ")):
        return "header"
    return line[0] if line[0] in "-+@" else " "


def _plain(lines: list[str], *codes: str) -> list[str]:
    return [paint(line.rstrip("\r\n"), *codes, enabled=bool(codes)) + _end(line) for line in lines]


def _replacement(removed: list[str], added: list[str]) -> list[str]:
    if len(removed) != len(added):
        return _plain(removed, RED) + _plain(added, GREEN)
    pairs = [_emphasis(old, new) for old, new in zip(removed, added, strict=True)]
    return [old for old, _ in pairs] + [new for _, new in pairs]


def _emphasis(old: str, new: str) -> tuple[str, str]:
    if max(len(old), len(new)) > _LONGEST:
        return _plain([old], RED)[0], _plain([new], GREEN)[0]
    before, after = _WORD.findall(old[1:].rstrip("\r\n")), _WORD.findall(new[1:].rstrip("\r\n"))
    from difflib import SequenceMatcher  # slow to import, and few runs colour lines

    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return _plain([old], RED)[0], _plain([new], GREEN)[0]
    codes = matcher.get_opcodes()
    left = paint("-", RED) + "".join(_words(before, ((start, end, kind) for kind, start, end, _, _ in codes), RED))
    right = paint("+", GREEN) + "".join(_words(after, ((start, end, kind) for kind, _, _, start, end in codes), GREEN))
    return left + _end(old), right + _end(new)


def _words(words: list[str], spans: Iterator[tuple[int, int, str]], colour: str) -> Iterator[str]:
    for start, end, kind in spans:
        text = "".join(words[start:end])
        yield paint(text, colour) if kind == "equal" else paint(text, colour, REVERSE)


def _end(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :]
