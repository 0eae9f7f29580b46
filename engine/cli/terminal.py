"""What a terminal can show: colours or none, and no characters that it would obey."""

from __future__ import annotations

import os
from typing import IO, Any, Literal

ColourChoice = Literal["auto", "always", "never"]

BOLD, REVERSE = "1", "7"
RED, GREEN, YELLOW, CYAN = "31", "32", "33", "36"

_FIRST_BYTE, _LAST_BYTE = 0xDC80, 0xDCFF  # what the bytes 0x80 to 0xff of an undecodable name become


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


def printable(text: str, keep: str = "") -> str:
    r"""`text` with every character that is not for showing, `keep` aside, written as an escape: `\x1b`, `\u202e`.

    Bytes of a file name that are no text (PEP 383) are written as bytes: `\xff`.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char in keep else _escape(char) for char in text)


def _escape(char: str) -> str:
    number = ord(char)
    if _FIRST_BYTE <= number <= _LAST_BYTE:
        return f"\\x{number - _FIRST_BYTE + 0x80:02x}"
    return char.encode("unicode_escape").decode("ascii")
