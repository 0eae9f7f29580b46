"""Filters and tests that take a regular expression, with Ansible's names and arguments."""

# ruff: noqa: FBT001, FBT002, PLR0917 - the arguments of filters and their order are those of Jinja2 and Ansible
from __future__ import annotations

import re
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from ..value import Value
from . import predicate
from .bound import look
from .filter import declare
from .operand import text_of
from .scope import ExpressionError

if TYPE_CHECKING:
    from ..jsonpath.pattern import Match, Pattern

_GROUP = re.compile(r"\\(?:g<(\w+)>|(\d+))")


class _Failures:
    """A context in which what is wrong with a pattern, or with the time it takes, is an `ExpressionError`."""

    __slots__ = ()

    def __enter__(self) -> None:
        """Enter the context."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        """Leave it."""
        if kind is None:
            return
        from ..jsonpath.pattern import PatternError, PatternTimeout  # brings in a library that few expressions need

        if isinstance(error, PatternError):
            where = f"the regular expression is wrong at its character {error.offset + 1}"
            raise ExpressionError(f"{where}: {error.message}") from None
        if isinstance(error, PatternTimeout):
            raise ExpressionError(error.message) from None


def compile_flagged(pattern: str, ignorecase: bool = False, multiline: bool = False) -> Pattern:
    """The compiled pattern. Raises `ExpressionError` if it is wrong."""
    from ..jsonpath.pattern import compile_pattern

    if not ignorecase and not multiline:
        with _Failures():
            return compile_pattern(pattern)
    flags = ("i" if ignorecase else "") + ("m" if multiline else "")
    with _Failures():
        compile_pattern(pattern)  # so that offsets in errors are those of the author's text
        return compile_pattern(f"(?{flags}){pattern}")


@declare()
def regex_replace(
    value: str,
    pattern: str = "",
    replacement: str = "",
    ignorecase: bool = False,
    multiline: bool = False,
    count: int = 0,
    mandatory_count: int = 0,
) -> Value:
    compiled = compile_flagged(pattern, ignorecase, multiline)
    with _Failures():
        make = _Counted(compiled.replacement(replacement))
        result = compiled.sub(make, value, count)
    if mandatory_count and make.calls != mandatory_count:
        raise ExpressionError(f"`{pattern}` should match {mandatory_count} times, but matches {make.calls} times")
    return result


class _Counted:
    """A replacement that counts its calls."""

    def __init__(self, make: Callable[[Match], str]) -> None:
        self.make = make
        self.calls = 0

    def __call__(self, match: Match) -> str:
        self.calls += 1
        return self.make(match)


@declare()
def regex_search(value: str, pattern: str, *groups: str, ignorecase: bool = False, multiline: bool = False) -> Value:
    compiled = compile_flagged(pattern, ignorecase, multiline)
    numbers = [_group(compiled, group) for group in groups]
    with _Failures():
        found = compiled.search(value)
    if found is None:
        return None
    return [found.groups[number] for number in numbers] if groups else found.groups[0]


def _group(pattern: Pattern, reference: str) -> int:
    name = _GROUP.fullmatch(reference)
    number = pattern.group_number(name[1] or name[2]) if name else None
    if number is None:
        raise ExpressionError(f"`{reference}` is no group of `{pattern.text}`; write a group as '\\1' or '\\g<name>'")
    return number


@declare()
def regex_findall(value: str, pattern: str, multiline: bool = False, ignorecase: bool = False) -> Value:
    compiled = compile_flagged(pattern, ignorecase, multiline)
    with _Failures():
        return compiled.findall(value)


@declare()
def regex_escape(value: str) -> Value:
    from ..jsonpath.pattern import escape

    return escape(value)


@predicate.declare()
def match(value: Value, pattern: Value, ignorecase: bool = False, multiline: bool = False) -> bool:
    compiled = compile_flagged(text_of(pattern), ignorecase, multiline)
    text = text_of(value)
    look(text)
    with _Failures():
        return compiled.starts(text)


@predicate.declare()
def search(value: Value, pattern: Value, ignorecase: bool = False, multiline: bool = False) -> bool:
    compiled = compile_flagged(text_of(pattern), ignorecase, multiline)
    text = text_of(value)
    look(text)
    with _Failures():
        return compiled.is_in(text)
