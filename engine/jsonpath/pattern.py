"""Regular expressions of paths and rules: compiled once, searched with a time limit."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import regex

TIMEOUT = 1.0
"""Seconds that one search, match or substitution may take."""

_REFERENCE = re.compile(r"\\(?:([1-9][0-9]?)|g<(\w+)>|(.?))", re.DOTALL)
_ESCAPES = {"\\": "\\", "n": "\n", "t": "\t", "r": "\r"}


class PatternError(Exception):
    """A pattern or a replacement is wrong: `message` says why, `offset` is the character (from 0) in its text."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


class PatternTimeout(Exception):  # noqa: N818 - it is not the pattern's text that is wrong, as in PatternError
    """A pattern took longer than TIMEOUT on a text; `message` says which."""

    def __init__(self, pattern: str, length: int) -> None:
        self.message = f"the pattern `{pattern}` took more than {TIMEOUT:g} s on a text of {length} characters"
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
        try:
            self._compiled = regex.compile(text, regex.VERSION0)
        except regex.error as error:
            raise PatternError(getattr(error, "msg", str(error)), getattr(error, "pos", None) or 0) from error
        except (ValueError, OverflowError, RecursionError, MemoryError) as error:
            raise PatternError(f"cannot be compiled: {error or type(error).__name__}", 0) from error

    def search(self, text: str) -> Match | None:
        """The first match anywhere in `text`."""
        return self._one(self._compiled.search, text)

    def match(self, text: str) -> Match | None:
        """The match at the start of `text`."""
        return self._one(self._compiled.match, text)

    def fullmatch(self, text: str) -> Match | None:
        """The match of all of `text`."""
        return self._one(self._compiled.fullmatch, text)

    def finditer(self, text: str) -> list[Match]:
        """All matches that do not overlap, in order."""
        return self._all(text, 0)

    def findall(self, text: str) -> list[str | list[str]]:
        """What matched, as `re.findall` gives it: all of it, the one group, or a list of all groups."""
        return [_found(match) for match in self._all(text, 0)]

    def sub(self, replacement: str | Replacement, text: str, count: int = 0) -> str:
        """`text` with the first `count` matches (0: all) replaced, by a template or by what a function makes of each.

        The time limit is for finding the matches, not for the function. Raises PatternError for a bad template.
        """
        make = self.replacement(replacement) if isinstance(replacement, str) else replacement
        parts, end = [], 0
        for match in self._all(text, count):
            parts += [text[end : match.start], make(match)]
            end = match.end
        return "".join([*parts, text[end:]]) if parts else text

    def replacement(self, template: str) -> Replacement:
        r"""The function for `sub` that fills `template`: `\1`, `\g<1>`, `\g<name>`, `\g<0>` for all, `\\ \n \t \r`.

        A group that took no part gives nothing. Raises PatternError for an unknown group or another escape.
        """
        parts = _template(self, template)
        return lambda match: "".join(part if isinstance(part, str) else match.groups[part] or "" for part in parts)

    def group_number(self, name: str) -> int | None:
        """The number of the group that `name` (a name or digits) stands for; None if there is none."""
        if name.isdecimal():
            number = int(name)
            return number if number <= self._compiled.groups else None
        return self._compiled.groupindex.get(name)

    def _one(self, find: Callable[..., regex.Match[str] | None], text: str) -> Match | None:
        try:
            found = find(text, timeout=TIMEOUT)
        except TimeoutError as error:
            raise PatternTimeout(self.text, len(text)) from error
        return None if found is None else _match(found)

    def _all(self, text: str, count: int) -> list[Match]:
        matches: list[Match] = []
        try:
            for found in self._compiled.finditer(text, timeout=TIMEOUT):
                matches.append(_match(found))
                if len(matches) == count:
                    break
        except TimeoutError as error:
            raise PatternTimeout(self.text, len(text)) from error
        return matches


@lru_cache(maxsize=1024)
def compile_pattern(text: str) -> Pattern:
    """The pattern that `text` says; the same text gives the same pattern. Raises PatternError."""
    return Pattern(text)


def escape(text: str) -> str:
    """A pattern that matches exactly `text`."""
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
