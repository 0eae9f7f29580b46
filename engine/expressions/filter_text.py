"""Filters that take a text: Jinja2's own, bounded before they make anything long, and `split` and its kin."""

# ruff: noqa: FBT001, FBT002 - the arguments of filters and their order are those of Jinja2 and Ansible

from __future__ import annotations

import re
from typing import Any

from ..late_pattern import late_pattern
from ..value import Value, is_number
from .bound import check_count, check_length
from .filter import declare
from .operand import check_written, text_of
from .scope import ExpressionError

_DIRECTIVE = late_pattern(
    r"%(?:\((?P<name>[^()]*)\))?(?P<flags>[-#0 +]*)(?P<width>\*|\d*)(?:\.(?P<precision>\*|\d*))?.?"
)
_WIDEST = 1_000
_MOST_WRAPPED = 100_000  # characters: the time for one long word grows with the square of its length
_MOST_TRIMMED = 100  # different characters


def borrow(name: str, *arguments: Any) -> Any:
    """What Jinja2's own filter `name` makes of plain arguments."""
    from .jinja import lend  # only expressions need Jinja2, not the table of filters

    return lend(name)(*arguments)


@declare()
def capitalize(value: str) -> Value:
    return value.capitalize()


@declare()
def lower(value: str) -> Value:
    return value.lower()


@declare()
def upper(value: str) -> Value:
    return value.upper()


@declare()
def title(value: str) -> Value:
    return borrow("title", value)


@declare()
def trim(value: str, chars: str | None = None) -> Value:
    if chars is None:
        return value.strip()
    different = set(chars)
    if len(different) > _MOST_TRIMMED:
        raise ExpressionError(f"`trim` takes up to {_MOST_TRIMMED} different characters; found {len(different):,}")
    return value.strip("".join(different))


@declare()
def center(value: str, width: int = 80) -> Value:
    check_length(width)
    return value.center(width)


@declare()
def truncate(value: str, length: int = 255, killwords: bool = False, end: str = "...", leeway: int = 5) -> Value:
    if length < len(end) or leeway < 0:
        raise ExpressionError(f"`truncate` needs a length of {len(end)} or more and a leeway of 0 or more")
    return borrow("truncate", value, length, killwords, end, leeway)


@declare()
def wordwrap(
    value: str,
    width: int = 79,
    break_long_words: bool = True,
    wrapstring: str = "\n",
    break_on_hyphens: bool = True,
) -> Value:
    if len(value) > _MOST_WRAPPED:
        raise ExpressionError(f"`wordwrap` takes a text of up to {_MOST_WRAPPED:,} characters; found {len(value):,}")
    check_length(len(value) * (len(wrapstring) + 1))
    return borrow("wordwrap", value, width, break_long_words, wrapstring, break_on_hyphens)


@declare()
def wordcount(value: str) -> Value:
    return borrow("wordcount", value)


@declare()
def urlencode(value: Value) -> Value:
    if not isinstance(value, (dict, list)):
        value = text_of(value)
    check_written(value)
    return borrow("urlencode", value)


@declare()
def indent(value: str, width: Value = 4, first: bool = False, blank: bool = False) -> Value:
    if isinstance(width, str):
        padding = width
    elif isinstance(width, int) and not isinstance(width, bool):
        check_length(width)
        padding = " " * width
    else:
        raise ExpressionError("the width is a number of blanks, or the text to put before each line")
    check_length(len(value) + len(padding) * (len(value.splitlines()) + 1))
    return borrow("indent", value, padding, first, blank)


@declare()
def replace(value: str, old: str, new: str, count: int = -1) -> Value:
    found = value.count(old)
    check_length(len(value) + (found if count < 0 else min(found, count)) * len(new))
    return value.replace(old, new, count)


@declare("format")
def format_filter(value: str, *values: Value, **named: Value) -> Value:
    if values and named:
        raise ExpressionError("values are given in order or by name, not both")
    return format_text(value, named or list(values))


def format_text(template: str, values: list[Value] | dict[str, Value]) -> str:
    """`template` with its `%` directives (as in C) filled in from `values`, by place or by name."""
    prepared: tuple[Value, ...] | dict[str, Value]
    if isinstance(values, dict):
        prepared = {key: _printable(value) for key, value in values.items()}
        longest = max(map(_width, prepared.values()), default=0)
    else:
        prepared = tuple(map(_printable, values))
        longest = max(map(_width, prepared), default=0)
    check_length(len(template) + sum(_most(directive) + longest for directive in _DIRECTIVE.finditer(template)))
    try:
        return template % prepared
    except (TypeError, ValueError, KeyError, OverflowError) as error:
        raise ExpressionError(f"the text cannot be filled in: {error}") from None


def _printable(value: Value) -> Value:
    """Numbers stay numbers for `%d` and `%f`; what prints differently in Python becomes our text first."""
    return value if is_number(value) else text_of(value)


def _width(value: Value) -> int:
    return len(value) if isinstance(value, str) else _WIDEST


def _most(directive: re.Match[str]) -> int:
    """How many characters the width and precision of one directive can make."""
    total = 0
    for size in directive.group("width", "precision"):
        if size == "*" or (size and (len(size) > len(str(_WIDEST)) or int(size) > _WIDEST)):
            raise ExpressionError(f"a width or precision in `{directive[0][:20]}` is not a number up to {_WIDEST:,}")
        total += int(size or 0)
    return total


@declare()
def string(value: str) -> Value:
    return value


@declare()
def split(value: str, separator: str | None = None, maxsplit: int = -1) -> Value:
    if separator == "":
        raise ExpressionError("the separator is empty")
    parts = value.split(separator, maxsplit)
    check_count(len(parts))
    return parts


@declare()
def startswith(value: str, start: str) -> Value:
    return value.startswith(start)


@declare()
def endswith(value: str, end: str) -> Value:
    return value.endswith(end)
