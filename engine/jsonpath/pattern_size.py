"""Measures a regular expression before it is compiled, which takes time and memory for every repeat written out."""

from __future__ import annotations

import re

from ..dataclass import dataclass
from ..limit import MAX_EXPANSION, MAX_GROUPS, MAX_PATTERN

_PIECE = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|(?P<open>\((?:\?#[^)]*)?)|(?P<close>\))"
    r"|\{(?P<least>\d+)(?:,\d*)?\}|(?P<once>\+)|[*?]|.",
    re.DOTALL,
)
_REMARKS = re.compile(r"\(\?[a-zA-Z0-9]*x")
_REMARK = re.compile(r"(\\.|\[\^?\]?(?:\\.|[^\]\\])*\])|#[^\n]*", re.DOTALL)
_MOST_DIGITS = 9


@dataclass(slots=True)
class _Group:
    """What stands in a group so far, and the last piece of it, in pieces that the library makes."""

    size: int = 1
    last: int = 0
    is_group: bool = False  # the last piece


def too_large(text: str) -> tuple[str, int] | None:
    """Why the pattern `text` is too large to be compiled, and the offset that it is about; None if it is not.

    The library writes each repeat out as often as its least count says, groups once more: nested repeats multiply.
    """
    if len(text) > MAX_PATTERN:
        return f"it is longer than {MAX_PATTERN:,} characters", MAX_PATTERN
    if _REMARKS.search(text):
        text = _REMARK.sub(lambda match: match[1] or " " * len(match[0]), text)
    open_groups = [_Group()]
    for piece in _PIECE.finditer(text):
        if piece["open"]:
            open_groups.append(_Group())
        elif piece["close"] and len(open_groups) > 1:
            inner = open_groups.pop()
            _take(open_groups[-1], inner.size, is_group=True)
        else:
            _read(open_groups[-1], piece)
        if len(open_groups) > MAX_GROUPS:
            return f"its groups are nested more than {MAX_GROUPS} deep", piece.start()
        if open_groups[-1].size > MAX_EXPANSION:
            return f"its repeats stand for more than {MAX_EXPANSION:,} pieces", piece.start()
    return None


def _read(group: _Group, piece: re.Match[str]) -> None:
    least = piece["least"]
    if least or piece["once"]:
        count = 1 if piece["once"] else int(least) if len(least) <= _MOST_DIGITS else MAX_EXPANSION
        times = count + 1 if group.is_group else max(count, 1)
        group.size += group.last * (times - 1)
        group.last *= times
    elif piece[0] not in "*?|":
        _take(group, 1, is_group=False)


def _take(group: _Group, size: int, *, is_group: bool) -> None:
    group.size += size
    group.last, group.is_group = size, is_group


def quick_length(pattern: str) -> int:
    """The length of the longest texts on which a search is sure to take no time worth a look at the clock; 0: none.

    That is so for short patterns whose few repetitions are of one character each: a search tries fewer ways than the
    text's length to the power of one more than the repetitions, times the choices. Linear in the pattern.
    """
    plain = _CLASS.sub("x", _ESCAPE.sub("x", pattern)).replace("(?:", "(")
    repeated = len(_REPEATED.findall(plain))
    uncertain = _UNCERTAIN.search(plain) or plain.count("|") > _MOST_CHOICES or len(pattern) > _LONGEST
    return 0 if uncertain or repeated >= len(_QUICK_LENGTHS) else _QUICK_LENGTHS[repeated]


_ESCAPE = re.compile(r"\\[^0-9gkKLNRXpP]", re.DOTALL)  # of what stands for one character or none
_CLASS = re.compile(r"\[\^?[^\[\]\\]+\]", re.DOTALL)
_REPEATED = re.compile(r"[*+?]")
_UNCERTAIN = re.compile(r"[\[\]{}\\]|\)[*+?]|\(\?")
_MOST_CHOICES = 3
_LONGEST = 60
_QUICK_LENGTHS = (1000, 64, 24)  # by the number of repetitions
