"""Regular expressions that are compiled when they are first used: a run needs few of all that there are."""

from __future__ import annotations

import re

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any


def late_pattern(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """What `re.compile` gives, later."""
    return _LatePattern(pattern, flags)  # type: ignore[return-value]  # it has all that a pattern has


class _LatePattern:
    def __init__(self, pattern: str, flags: int) -> None:
        self._given = pattern, flags

    def __getattr__(self, name: str) -> Any:
        """A method of the pattern, which is found here without detour from then on."""
        found = self.__dict__[name] = getattr(re.compile(*self._given), name)
        return found
