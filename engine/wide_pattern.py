"""Patterns with sets that reach beyond ASCII: milliseconds to compile, and most texts need none."""

from __future__ import annotations

import re

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Callable


class WidePattern:
    """A pattern that is compiled when a text first needs it, for texts in ASCII without what is `beyond` ASCII.

    `write` is given what stands in sets for characters beyond ASCII (`""` for none) and returns the pattern.
    """

    __slots__ = ("_beyond", "_flags", "_narrow", "_wide", "_write")

    def __init__(self, write: Callable[[str], str], beyond: str, flags: int = 0) -> None:
        self._write = write
        self._beyond = beyond
        self._flags = flags
        self._narrow: re.Pattern[str] | None = None
        self._wide: re.Pattern[str] | None = None

    def fitting(self, text: str) -> re.Pattern[str]:
        """The pattern to use for `text`."""
        if text.isascii():
            if self._narrow is None:
                self._narrow = re.compile(self._write(""), self._flags)
            return self._narrow
        if self._wide is None:
            self._wide = re.compile(self._write(self._beyond), self._flags)
        return self._wide
