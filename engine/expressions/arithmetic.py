"""The operators `+ - * / // % **`, unary minus and plus, and ordering, each bounded."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable

from ..limit import MAX_BITS
from ..value import Absent, Value, is_number
from .bound import check_count, check_length, check_number, look
from .filter_text import format_text
from .operand import describe, explain, settle, settle_rows
from .scope import ExpressionError


def add(left: Value, right: Value) -> Value:
    """The sum of two numbers, or two texts or two lists one after the other."""
    left, right = settle_rows(left), settle_rows(right)
    if is_number(left) and is_number(right):
        return _SUM(left, right)
    if isinstance(left, str) and isinstance(right, str):
        check_length(len(left) + len(right))
        return left + right
    if isinstance(left, list) and isinstance(right, list):
        check_count(len(left) + len(right))
        return left + right
    raise _misfit("+", "two numbers, two texts or two lists", left, right)


def multiply(left: Value, right: Value) -> Value:
    """The product of two numbers, or a text or list repeated."""
    left, right = settle(left), settle(right)
    if is_number(left) and is_number(right):
        return _PRODUCT(left, right)
    if isinstance(right, (str, list)):
        left, right = right, left
    if is_number(right) and isinstance(right, int):
        if isinstance(left, str):
            check_length(len(left) * right)
            return left * right
        if isinstance(left, list):
            check_count(len(left) * right)
            return left * right
    raise _misfit("*", "two numbers, or a text or list and an integer", left, right)


def remainder(left: Value, right: Value) -> Value:
    """The remainder of a division (its sign is the divisor's), or a text with `%s` and the like filled in."""
    left, right = settle(left), settle(right)
    if isinstance(left, str):
        return format_text(left, right if isinstance(right, (list, dict)) else [right])
    return _numeric("%", operator.mod)(left, right)


def power(left: Value, right: Value) -> Value:
    """`left` to the power of `right`."""
    left, right = settle(left), settle(right)
    if isinstance(left, int) and isinstance(right, int) and abs(left) > 1 and left.bit_length() * right > 2 * MAX_BITS:
        raise ExpressionError(f"the number would be longer than {MAX_BITS:,} bits")
    return _numeric("**", operator.pow)(left, right)


def negate(value: Value) -> Value:
    """The number with the other sign."""
    return -_number(value, "-")


def affirm(value: Value) -> Value:
    """The number."""
    return +_number(value, "+")


def _number(value: Value, symbol: str) -> float:
    value = settle(value)
    if not is_number(value):
        raise ExpressionError(f"`{symbol}` needs a number; found {describe(value)}")
    return value  # type: ignore[no-any-return] # is_number has told


def _numeric(symbol: str, function: Callable[[Value, Value], Value]) -> Callable[[Value, Value], Value]:
    def run(left: Value, right: Value) -> Value:
        left, right = settle(left), settle(right)
        if not (is_number(left) and is_number(right)):
            raise _misfit(symbol, "two numbers", left, right)
        try:
            return check_number(function(left, right))
        except ZeroDivisionError:
            raise ExpressionError("division by zero") from None
        except OverflowError:
            raise ExpressionError("the result is not a finite real number") from None

    return run


def _misfit(symbol: str, needed: str, left: Value, right: Value) -> ExpressionError:
    return ExpressionError(f"`{symbol}` needs {needed}; found {describe(left)} and {describe(right)}")


def _ordering(symbol: str, function: Callable[[Value, Value], bool]) -> Callable[[Value, Value], bool]:
    def run(left: Value, right: Value) -> bool:
        for side in (left, right):
            if isinstance(side, Absent):
                raise ExpressionError(explain(side))
        if isinstance(left, str) and isinstance(right, str):
            look(left)
            return function(left, right)
        if is_number(left) and is_number(right):
            return function(left, right)
        raise _misfit(symbol, "two numbers or two texts", left, right)

    return run


def sort_key(value: Value) -> tuple[int, Value]:
    """A key that sorts numbers and texts (false and true before them, null first); other values cannot be sorted."""
    value = settle(value)
    if value is None:
        return (0, 0)
    if isinstance(value, bool):
        return (1, value)
    if is_number(value) and not math.isnan(value):
        return (2, value)
    if isinstance(value, str):
        return (3, value)
    raise ExpressionError(f"only numbers, texts, booleans and null can be sorted; found {describe(value)}")


_SUM = _numeric("+", operator.add)
_PRODUCT = _numeric("*", operator.mul)

ARITHMETIC: dict[str, Callable[[Value, Value], Value]] = {
    "+": add,
    "-": _numeric("-", operator.sub),
    "*": multiply,
    "/": _numeric("/", operator.truediv),
    "//": _numeric("//", operator.floordiv),
    "%": remainder,
    "**": power,
}
SIGNS: dict[str, Callable[[Value], Value]] = {"-": negate, "+": affirm}
ORDERING: dict[str, Callable[[Value, Value], bool]] = {
    "lt": _ordering("<", operator.lt),
    "lteq": _ordering("<=", operator.le),
    "gt": _ordering(">", operator.gt),
    "gteq": _ordering(">=", operator.ge),
}
