"""What the literal texts of expressions say, escapes and all."""

from __future__ import annotations

import re

from .scope import ExpressionError

_ESCAPE = re.compile(r"""\\(?:([ntr\\'"])|x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4}))""")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}


def unescape(body: str, offset: int) -> str:
    """The text that is written as `body` between quotes; `offset` is where it stands.

    A backslash before anything that is no escape stands for itself. Raises `ExpressionError` for half of a character.
    """
    text = _ESCAPE.sub(_escaped, body) if "\\" in body else body
    if text.isascii():
        return text
    try:
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        raise ExpressionError("the text holds half of a surrogate pair (`\\ud800` to `\\udfff`)", offset) from None


def _escaped(match: re.Match[str]) -> str:
    letter, short, long = match.groups()
    return _ESCAPED.get(letter, letter) if letter else chr(int(short or long, 16))
