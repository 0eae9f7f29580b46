"""Regular expressions of paths and rules: compiled once, searched with a time limit."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import islice
from time import perf_counter
from typing import TYPE_CHECKING

from ..dataclass import dataclass
from ..expressions.bound import SECONDS_PER_CALL, check_made, seconds_left, take_seconds, visit
from ..limit import MATCH_SECONDS, SLOW_SECONDS
from .pattern_size import too_large

if TYPE_CHECKING:
    import regex

TIMEOUT = MATCH_SECONDS
"""Seconds that one search, match or substitution may take."""

_SHOWN = 100  # characters of a pattern in a message
_STEPS_PER_CHARACTER = 20  # of a pattern that is compiled while rules run

_REFERENCE = re.compile(r"\\(?:([1-9][0-9]?)|g<(\w+)>|(.?))", re.DOTALL)
_ESCAPES = {"\\": "\\", "n": "\n", "t": "\t", "r": "\r"}


class PatternError(Exception):
    """A pattern or a replacement is wrong: `message` says why, `offset` is the character (from 0) in its text."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


class PatternTimeout(Exception):  # noqa: N818 - it is not the pattern's text that is wrong, as in PatternError
    """A pattern took longer than TIMEOUT on a text, or patterns longer than they may in a run; `message` says which."""

    def __init__(self, pattern: str, length: int, *, together: bool = False) -> None:
        shown = pattern if len(pattern) <= _SHOWN else pattern[:_SHOWN] + "..."
        self.message = f"the pattern `{shown}` took more than {TIMEOUT:g} s on a text of {length} characters"
        if together:
            self.message = (
                f"regular expressions took more than {SLOW_SECONDS:g} s beyond what is usual for the lengths of texts,"
                f" the last one `{shown}` on a text of {length} characters"
            )
        super().__init__(self.message)


@dataclass(frozen=True, slots=True)
class Match:
    """Where a pattern matched; `groups[0]` is all of it, a group that took no part is None."""

    start: int
    end: int
    groups: tuple[str | None, ...]
    named: Mapping[str, str | None]


Replacement = Callable[[Match], str]


class Pattern:
    """A compiled regular expression. Every method raises PatternTimeout if it takes more than TIMEOUT."""

    __slots__ = ("_compiled", "text")

    def __init__(self, text: str) -> None:
        """Raises PatternError if `text` is no regular expression of the `regex` package (version 0 behaviour)."""
        self.text = text
        problem = too_large(text)
        if problem is not None:
            raise PatternError(*problem)
        visit(_STEPS_PER_CHARACTER * len(text))
        import regex  # loads slowly, and rules without patterns do not need it

        try:
            self._compiled = regex.compile(text, regex.VERSION0)
        except regex.error as error:
            raise PatternError(getattr(error, "msg", str(error)), getattr(error, "pos", None) or 0) from error
        except (ValueError, OverflowError, MemoryError) as error:
            raise PatternError(f"cannot be compiled: {error or type(error).__name__}", 0) from error

    def search(self, text: str) -> Match | None:
        """The first match anywhere in `text`."""
        return self._one(self._compiled.search, text)

    def is_in(self, text: str) -> bool:
        """Whether it matches anywhere in `text`."""
        return self._find(self._compiled.search, text) is not None

    def starts(self, text: str) -> bool:
        """Whether it matches at the start of `text`."""
        return self._find(self._compiled.match, text) is not None

    def match(self, text: str) -> Match | None:
        """The match at the start of `text`."""
        return self._one(self._compiled.match, text)

    def fullmatch(self, text: str) -> Match | None:
        """The match of all of `text`."""
        return self._one(self._compiled.fullmatch, text)

    def finditer(self, text: str) -> list[Match]:
        """All matches that do not overlap, in order."""
        return [_match(found) for found in self._all(text, 0)]

    def findall(self, text: str) -> list[str | list[str]]:
        """What matched, as `re.findall` gives it: all of it, the one group, or a list of all groups."""
        return [_found(_match(found)) for found in self._all(text, 0)]

    def sub(self, replacement: str | Replacement, text: str, count: int = 0) -> str:
        """`text` with the first `count` matches (0: all) replaced, by a template or by what a function makes of each.

        The time limit is for finding the matches, not for the function. Raises PatternError for a bad template, and
        ExpressionError if what is put in becomes too long.
        """
        make = self.replacement(replacement) if isinstance(replacement, str) else replacement
        parts: list[str] = []
        end = made = 0
        for found in self._all(text, count):
            parts += [text[end : found.start()], make(_match(found))]
            end = found.end()
            made += len(parts[-1])
            check_made(made)
        return "".join([*parts, text[end:]]) if parts else text

    def replacement(self, template: str) -> Replacement:
        r"""The function for `sub` that fills `template`: `\1`, `\g<1>`, `\g<name>`, `\g<0>` for all, `\\ \n \t \r`.

        A group that took no part gives nothing. Raises PatternError for an unknown group or another escape; the
        function raises ExpressionError if what it makes is too long.
        """
        parts = _template(self, template)

        def fill(match: Match) -> str:
            filled = [part if isinstance(part, str) else match.groups[part] or "" for part in parts]
            check_made(sum(map(len, filled)))
            return "".join(filled)

        return fill

    def group_number(self, name: str) -> int | None:
        """The number of the group that `name` (a name or digits) stands for; None if there is none."""
        if name.isdecimal():
            number = int(name)
            return number if number <= self._compiled.groups else None
        return self._compiled.groupindex.get(name)

    def _one(self, find: Callable[..., regex.Match[str] | None], text: str) -> Match | None:
        found = self._find(find, text)
        return None if found is None else _match(found)

    def _find(self, find: Callable[..., regex.Match[str] | None], text: str) -> regex.Match[str] | None:
        left = seconds_left()
        start = perf_counter()
        try:
            found = find(text, timeout=min(TIMEOUT, left))
        except TimeoutError:
            raise PatternTimeout(self.text, len(text), together=left < TIMEOUT) from None
        seconds = perf_counter() - start
        if seconds > SECONDS_PER_CALL:
            self._pay(seconds, text)
        return found

    def _all(self, text: str, count: int) -> list[regex.Match[str]]:
        left = seconds_left()
        start = perf_counter()
        try:
            found = list(islice(self._compiled.finditer(text, timeout=min(TIMEOUT, left)), count or None))
        except TimeoutError:
            raise PatternTimeout(self.text, len(text), together=left < TIMEOUT) from None
        self._pay(perf_counter() - start, text)
        return found

    def _pay(self, seconds: float, text: str) -> None:
        if not take_seconds(seconds, len(text)):
            raise PatternTimeout(self.text, len(text), together=True)


@lru_cache(maxsize=1024)
def compile_pattern(text: str) -> Pattern:
    """The pattern that `text` says; the same text gives the same pattern. Raises PatternError."""
    return Pattern(text)


def escape(text: str) -> str:
    """A pattern that matches exactly `text`."""
    import regex

    return regex.escape(text)


def _match(found: regex.Match[str]) -> Match:
    return Match(found.start(), found.end(), (found.group(), *found.groups()), found.groupdict())


def _found(match: Match) -> str | list[str]:
    groups = [group or "" for group in match.groups]
    return groups[-1] if len(groups) <= 2 else groups[1:]


@lru_cache(maxsize=1024)
def _template(pattern: Pattern, template: str) -> tuple[str | int, ...]:
    """The texts and group numbers of a replacement, in order."""
    parts: list[str | int] = []
    end = 0
    for match in _REFERENCE.finditer(template):
        parts += [template[end : match.start()], _reference(pattern, match)]
        end = match.end()
    return (*parts, template[end:])


def _reference(pattern: Pattern, match: re.Match[str]) -> str | int:
    name, escaped = match[1] or match[2], match[3]
    if name is None:
        if escaped in _ESCAPES:
            return _ESCAPES[escaped]
        message = f"`{match[0]}` is not an escape of replacements: write `\\\\` for a backslash, `\\g<0>` for the match"
        raise PatternError(message, match.start())
    number = pattern.group_number(name)
    if number is None:
        raise PatternError(f"the pattern `{pattern.text}` has no group `{name}`", match.start())
    return number
