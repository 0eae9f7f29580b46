"""Makes a filter of a Python function that is not ours: plain data goes in, and nothing but plain data comes out."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from ..limit import MAX_DEPTH
from ..value import Float, Integer, Value
from .bound import check_number, check_result, spend
from .filter import Filter
from .scope import ExpressionError

_POSITIONAL = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    inspect.Parameter.VAR_POSITIONAL,
)


def custom_filter(name: str, function: Callable[..., Any]) -> Filter:
    """The filter that applies `function` to its input and arguments, all of them copies of their own.

    Whatever the function raises is an `ExpressionError` of the expression, and so is a result that is no plain data.
    Raises `ExpressionError` if no value can be given to it.
    """
    try:
        given = inspect.signature(function)
    except (TypeError, ValueError):
        raise ExpressionError("has no signature that Python can tell; wrap it in a function that has one") from None
    parameters = [each.replace(annotation="Value") for each in given.parameters.values()]
    if not parameters or parameters[0].kind not in _POSITIONAL:
        raise ExpressionError("takes no value; its first parameter is what stands before the `|`")

    def apply(*arguments: Value, **named: Value) -> Value:
        try:
            result = function(*arguments, **named)
        except RecursionError:
            raise  # of whoever called, who knows whether there is more stack to be had
        except (Exception, SystemExit) as error:
            raise ExpressionError(f"the filter `{name}` failed: {_named(error)}") from error
        return _plain(result, name, 0)

    return Filter(name, apply, inspect.Signature(parameters))


def _plain(value: Any, name: str, depth: int) -> Value:
    """A copy of what a function returned, made of the types that plain data is made of."""
    if depth > MAX_DEPTH:
        raise ExpressionError(f"the filter `{name}` gave data that is nested more than {MAX_DEPTH} deep")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return check_result(str.__str__(value))
    if isinstance(value, (int, float)):
        return check_number(value if type(value) in (Integer, Float) else _number(value))
    if isinstance(value, (list, tuple)):
        check_result(list(value))
        return [_plain(item, name, depth + 1) for item in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        check_result(dict(value))
        return {str.__str__(key): _plain(item, name, depth + 1) for key, item in value.items()}
    spend(1)
    what = "a mapping with keys that are no text" if isinstance(value, dict) else f"a `{type(value).__name__}`"
    raise ExpressionError(
        f"the filter `{name}` gave {what}; plain data is made of dict, list, str, int, float, bool and None"
    )


def _number(value: float) -> float:
    return int(value) if isinstance(value, int) else float(value)


def _named(error: BaseException) -> str:
    said = str(error)
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
