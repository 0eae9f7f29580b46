"""JSON Pointer (RFC 6901): a place in a document as text, and as the list of its parts."""

from __future__ import annotations

from collections.abc import Iterable

from .late_pattern import late_pattern

_WRONG_ESCAPE = late_pattern(r"~(?![01])")


def parse(text: str) -> list[str]:
    """The unescaped parts of a pointer; `""` is the whole document and has none.

    Raises ValueError, with a sentence, for text that RFC 6901 section 3 does not allow.
    """
    if not text:
        return []
    if not text.startswith("/"):
        raise ValueError(f"a JSON Pointer is empty or starts with `/`: found `{text}`, did you mean `/{text}`?")
    if "~" in text and _WRONG_ESCAPE.search(text):
        raise ValueError(f"in a JSON Pointer `~` is written `~0` and `/` is written `~1`: found `{text}`")
    parts = text[1:].split("/")
    return [part.replace("~1", "/").replace("~0", "~") for part in parts] if "~" in text else parts


def join(parts: Iterable[str | int]) -> str:
    """The pointer with these parts, escaped."""
    return "".join([f"/{escape(part)}" for part in parts])


def escape(part: str | int) -> str:
    """One part as it stands in a pointer: `~` as `~0`, `/` as `~1`."""
    if isinstance(part, int):
        return str(part)
    return part.replace("~", "~0").replace("/", "~1")
