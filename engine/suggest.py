"""The nearest known word to one that is not known, for error messages."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from .error import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST = 1_000
_LONGEST = 100  # characters
_LIKENESS = 0.6  # of 1: `nmae` and `name` are 0.75 alike, `kind` and `file` 0.5


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The one of `words` that `word` most likely means, upper and lower case aside; None if all are too different.

    Only the first thousand are looked at, and none that is very long: comparing costs the product of the lengths.
    """
    if len(word) > _LONGEST:
        return None
    from difflib import get_close_matches  # slow to import, and most words are known

    known = {each.lower(): each for each in islice(words, _MOST) if len(each) <= _LONGEST}
    found = get_close_matches(word.lower(), known, n=1, cutoff=_LIKENESS)
    return known[found[0]] if found else None


def suggest(word: str, words: Iterable[str]) -> str:
    """The end of a sentence that says `word` is unknown: "; did you mean `x`?", or "" if nothing is near."""
    found = nearest(word, words)
    return f"; did you mean `{found}`?" if found else ""


def listing(words: Iterable[str]) -> str:
    """Words as a sentence lists them: "`a`, `b`, `c`", in the order given."""
    return ", ".join(f"`{shorten(word)}`" for word in words)
