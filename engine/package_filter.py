"""Filters that installed packages bring: found by name when someone asks for them, and made fit for expressions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

from .entry_point import find_point
from .error import Message, Place, UsageError
from .expressions.custom_filter import custom_filter
from .expressions.scope import ExpressionError
from .rulefile.form import IDENTIFIER
from .rulefile.reserved import meaning
from .suggest import listing, suggest

if TYPE_CHECKING:
    from .expressions.filter import Filter

GROUP = "retouch.filters"
"""The entry points of installed packages that bring filters; the value of each names a module with the functions."""

CustomFilter: TypeAlias = str | Callable[..., Any]
"""A filter as it is asked for: `PACKAGE:NAME`, or the function itself."""

_IN_PACKAGE = re.compile(r"(?P<point>[\w.-]+):(?P<name>\w+)", re.ASCII)


def find_filters(asked: Iterable[tuple[CustomFilter, Place]]) -> dict[str, Filter]:
    """The filters that are asked for, by the names that expressions use: those of the functions.

    `PACKAGE:NAME` is the function NAME of the module that the entry point PACKAGE of the group `retouch.filters` names;
    that module is imported. Each comes with the place where it is asked for. Raises `UsageError` with all that is
    wrong.
    """
    found: dict[str, Filter] = {}
    messages: list[Message] = []
    for each, place in asked:
        try:
            function, origin = _from_package(each, place) if isinstance(each, str) else (each, "a Python function")
            name = each.partition(":")[2] if isinstance(each, str) else getattr(each, "__name__", "")
            _check_name(name, origin, found, place)
            found[name] = custom_filter(name, function)
        except UsageError as error:
            messages += error.messages
        except ExpressionError as error:
            messages += UsageError(f"the filter {_called(each)} {error.message}", place).messages
    if messages:
        raise UsageError.of(messages)
    return found


def _from_package(asked: str, place: Place) -> tuple[Callable[..., Any], str]:
    match = _IN_PACKAGE.fullmatch(asked)
    if match is None:
        raise UsageError(f"a filter of a package is named PACKAGE:NAME; found `{asked}`", place)
    value = find_point(GROUP, match["point"], "filters", place)
    try:
        module = import_module(value)
    except Exception as error:  # noqa: BLE001 - importing a module runs its code, which may raise anything
        text = f"the entry point `{match['point']}` of the group `{GROUP}` must name a Python module"
        raise UsageError(f"{text}; `{value}` cannot be imported: {error}", place) from None
    function = getattr(module, match["name"], None)
    if not callable(function) or isinstance(function, type):
        names = [name for name, each in vars(module).items() if _is_own_function(each, module.__name__)]
        hint = suggest(match["name"], names) or (f"; its functions are {listing(names)}" if names else "")
        raise UsageError(f"the module `{value}` has no function `{match['name']}`{hint}", place)
    return function, f"`{value}`"


def _is_own_function(value: Any, module: str) -> bool:
    return callable(value) and not isinstance(value, type) and getattr(value, "__module__", None) == module


def _check_name(name: str, origin: str, found: dict[str, Filter], place: Place) -> None:
    if not IDENTIFIER.fullmatch(name):
        raise UsageError(f"`{name}` cannot name a filter: use letters, digits and `_`, no digit first", place)
    meant = meaning(name)
    if meant is not None:
        raise UsageError(f"{origin} cannot bring a filter `{name}`: {meant}", place)
    if name in found:
        raise UsageError(
            f"the filter `{name}` is asked for twice; expressions tell filters apart by their names", place
        )


def _called(asked: CustomFilter) -> str:
    return f"`{asked if isinstance(asked, str) else getattr(asked, '__name__', asked)}`"
