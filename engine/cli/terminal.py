"""What a terminal can show: colours or none."""

from __future__ import annotations

import os
from typing import IO, Any, Literal

ColourChoice = Literal["auto", "always", "never"]

BOLD, REVERSE = "1", "7"
RED, GREEN, YELLOW, CYAN = "31", "32", "33", "36"


def is_terminal(stream: IO[Any]) -> bool:
    """Whether a person reads or writes at the other end of `stream`."""
    try:
        return stream.isatty()
    except ValueError:  # closed
        return False


def wants_colour(stream: IO[Any], choice: ColourChoice) -> bool:
    """Whether to colour what goes to `stream`; `auto` is yes on a terminal, NO_COLOR and TERM=dumb aside."""
    if choice != "auto":
        return choice == "always"
    return is_terminal(stream) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def paint(text: str, *codes: str, enabled: bool = True) -> str:
    """`text` between the escape sequences of `codes`, or as it is."""
    return f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if enabled and text else text
