"""Globs of `documents:`: `*` for any text, `?` for a character, `[abc]` for one of several, `!` to exclude."""

from __future__ import annotations

import re
from functools import lru_cache

from ..rule import Globs

_PART = re.compile(r"\*\*/|\*+|\?|\[!?\]?[^\]]*\]|.", re.DOTALL)


def matches(globs: Globs, text: str) -> bool:
    """Whether some pattern matches all of `text`, and none that starts with `!` does.

    Patterns that only exclude let everything else pass. `*` matches `/` too, as in `argoproj.io/*`.
    """
    return _decide(globs, text, by_segment=False)


def matches_path(globs: Globs, path: str) -> bool:
    """As `matches`, for a `/`-separated path: `*` and `?` stay within a segment, `**` does not."""
    return _decide(globs, path, by_segment=True)


def _decide(globs: Globs, text: str, *, by_segment: bool) -> bool:
    if len(globs.patterns) == 1 and not globs.patterns[0].startswith("!"):
        return _compile(globs.patterns[0], by_segment).fullmatch(text) is not None
    wanted = [each for each in globs.patterns if not each.startswith("!")]
    excluded = [each[1:] for each in globs.patterns if each.startswith("!")]
    if any(_compile(each, by_segment).fullmatch(text) for each in excluded):
        return False
    return not wanted or any(_compile(each, by_segment).fullmatch(text) for each in wanted)


@lru_cache(maxsize=1024)
def _compile(pattern: str, by_segment: bool) -> re.Pattern[str]:  # noqa: FBT001 - lru_cache keys are positional
    return re.compile("".join(_translate(part, by_segment=by_segment) for part in _PART.findall(pattern)), re.DOTALL)


def _translate(part: str, *, by_segment: bool) -> str:
    if part == "**/":
        return "(?:.*/)?"
    if part.startswith("*"):
        return "[^/]*" if by_segment and part == "*" else ".*"
    if part == "?":
        return "[^/]" if by_segment else "."
    if len(part) > 1:
        excluding = part.startswith("[!")
        members = part[2 if excluding else 1 : -1].replace("\\", "\\\\").replace("[", "\\[").replace("^", "\\^")
        return f"[{'^' if excluding else ''}{members.replace(']', chr(92) + ']')}]"
    return re.escape(part)
