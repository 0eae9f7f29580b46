"""Names that no capture may have, because paths or expressions give them a meaning of their own."""

from __future__ import annotations

from ..expressions.function import FUNCTION_NAMES
from ..expressions.scope import RESERVED_NAMES

KEYWORDS = frozenset(
    ("and", "or", "not", "in", "is", "if", "else", "true", "false", "none", "null", "parent", "where", "wherenot")
)
"""The words of expressions and paths."""

FILTER_NAMES = frozenset(
    "abs ancestors b64decode b64encode basename batch capitalize center combine contains count d default"  # noqa: SIM905 - a list to read
    " dictsort dirname endswith filesizeformat first float format from_json groupby image indent int items"
    " join last length list lower map max min normpath quantity regex_escape regex_findall regex_replace"
    " regex_search reject rejectattr relpath replace reverse round select selectattr sha256 slice sort split"
    " splitext startswith string sum tag_mask tag_names tag_replace tag_unmask title to_json to_yaml trim"
    " truncate unique upper urlencode wordcount wordwrap".split()
)
"""Every filter of expressions. They are named here too so that a rule file without expressions needs no Jinja2."""


def meaning(name: str) -> str | None:
    """What `name` means already, as the end of a sentence; None if it is free to be a capture."""
    if name in RESERVED_NAMES or name in KEYWORDS:
        return "the language keeps this name for itself"
    if name in FUNCTION_NAMES:
        return "it is the name of a function"
    return "it is the name of a filter" if name in FILTER_NAMES else None
