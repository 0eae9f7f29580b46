"""Regular expressions of RFC 9485 (I-Regexp), which `match()` and `search()` take: checked and turned into patterns."""

from __future__ import annotations

import re
from functools import lru_cache

from ..expressions.bound import visit
from ..limit import MAX_PATTERN
from .pattern import Pattern, PatternError, compile_pattern

_STEPS_PER_CHARACTER = 20  # of a pattern that is read while rules run
_ESCAPE = r"\\[()*+\-.?\[\\\]^nrt{|}]"
_CATEGORY = (
    r"\\[pP]\{(?:L[lmotu]?|M[cen]?|N[dlo]?|P[cdefios]?|Z[lps]?|S[ckmo]?|C[cfno]?)\}"  # section 5.1, without blocks
)
_IN_CLASS = rf"(?:{_CATEGORY}|(?:{_ESCAPE}|[^\-\[\]\\])(?:-(?:{_ESCAPE}|[^\-\[\]\\]))?)"
_PIECE = re.compile(
    rf"""
      (?P<atom> {_ESCAPE} | {_CATEGORY} | \[\^?(?:-|{_IN_CLASS}){_IN_CLASS}*-?\] | [^()*+?\[\]\\{{|}}] )
    | (?P<quantifier> [*+?] | \{{[0-9]+(?:,[0-9]*)?\}} )
    | (?P<mark> [(|)] )
    """,
    re.VERBOSE,
)
_MEANING = {".": r"[^\n\r]", "(": "(?:", "$": r"\Z", "[^]": r"\^"}  # in the package `regex`; see section 5.3
_ADVICE = {
    "\\d": "write `[0-9]`",
    "\\D": "write `[^0-9]`",
    "\\w": "write `[A-Za-z0-9_]`",
    "\\W": "write `[^A-Za-z0-9_]`",
    "\\s": "write `[ \\t\\n\\r]`",
    "\\S": "write `[^ \\t\\n\\r]`",
    "\\$": "write `[$]`",
    "\\p": "a category of characters is written as in `\\p{Lu}`",
    "\\P": "what is not of a category is written as in `\\P{Lu}`",
    "\\b": "there are no word boundaries",
    "(?": "a group is `(...)`, nothing can stand before it",
}


@lru_cache(maxsize=1024)
def compile_iregexp(text: str) -> Pattern:
    """The pattern that `text` says. `^` and `$` are anchors, as in the compliance suite.

    Raises PatternError, with the offset in `text`, for what is no I-Regexp.
    """
    visit(_STEPS_PER_CHARACTER * len(text))
    if len(text) > MAX_PATTERN:
        raise PatternError(f"it is longer than {MAX_PATTERN:,} characters", MAX_PATTERN)
    made: list[str] = []
    depth: list[int] = []
    repeatable = False
    offset = 0
    while offset < len(text):
        piece = _PIECE.match(text, offset)
        if piece is None or (piece["quantifier"] and not repeatable):
            raise _wrong(text, offset)
        mark = piece["mark"]
        if mark == "(":
            depth.append(offset)
        elif mark == ")":
            if not depth:
                raise PatternError("`)` closes nothing: remove it, or write `\\)`", offset)
            depth.pop()
        made.append(_MEANING.get(piece[0], piece[0]))
        repeatable = not piece["quantifier"] and mark not in {"(", "|"}
        offset = piece.end()
    if depth:
        raise PatternError("the parenthesis is not closed: add `)`, or write `\\(`", depth[-1])
    return compile_pattern("".join(made))


def _wrong(text: str, offset: int) -> PatternError:
    found = text[offset : offset + 2]
    if found[0] in "*+?{" and text[offset - 1 : offset + 1] == "(?":
        return PatternError(f"I-Regexp has no `(?`: {_ADVICE['(?']}", offset - 1)
    if found[0] in "*+?":
        return PatternError(f"`{found[0]}` repeats nothing: remove it, or write `\\{found[0]}`", offset)
    if found[0] == "[":
        message = "the brackets are not closed, or hold a `[`, `]` or `-` that lacks its backslash"
        return PatternError(message, offset)
    shown = found if found[0] == "\\" else found[0]
    itself = shown[1:] or f"\\{shown}"
    advice = _ADVICE.get(shown, f"write `{itself}` for the character itself")
    return PatternError(f"I-Regexp has no `{shown}`: {advice}", offset)
