"""How much one evaluation of an expression may produce, and the meter that stops it."""

from __future__ import annotations

import math
import threading

from ..value import Value
from .scope import ExpressionError

TEXT_LIMIT = 10_000_000  # characters of one text
ITEM_LIMIT = 1_000_000  # items of one list
BIT_LIMIT = 4_096  # bits of one integer: 1,233 digits, well below what Python refuses to print
WORK_LIMIT = 5_000_000  # items visited, filters applied and 16 characters made, in one evaluation
_CHARACTERS_PER_UNIT = 16


class _Meter(threading.local):
    left = WORK_LIMIT


_meter = _Meter()


def begin() -> None:
    """Start the meter of one evaluation in this thread."""
    _meter.left = WORK_LIMIT


def spend(units: int) -> None:
    """Take `units` off the meter; an `ExpressionError` if nothing is left."""
    _meter.left -= units
    if _meter.left < 0:
        raise ExpressionError(f"the expression takes more than {WORK_LIMIT:,} steps")


def check_length(length: float) -> None:
    """Refuse to make a text of more than `TEXT_LIMIT` characters; to be asked before it is made."""
    if length > TEXT_LIMIT:
        raise ExpressionError(f"the text would be longer than {TEXT_LIMIT:,} characters")
    spend(int(length) // _CHARACTERS_PER_UNIT if length > 0 else 0)


def check_count(count: float) -> None:
    """Refuse to make a list of more than `ITEM_LIMIT` items; to be asked before it is made."""
    if count > ITEM_LIMIT:
        raise ExpressionError(f"the list would be longer than {ITEM_LIMIT:,} items")
    spend(int(count) if count > 0 else 0)


def check_result(value: Value) -> Value:
    """`value` as it is, once it is sure that it is a text, list or number within the limits."""
    if isinstance(value, str):
        check_length(len(value))
    elif isinstance(value, (list, dict)):
        check_count(len(value))
    elif isinstance(value, (int, float, complex)):
        return check_number(value)
    return value


def check_number(value: complex) -> float:
    """`value` if it is an integer of bounded size or a finite float; booleans pass as they are."""
    if isinstance(value, int):
        if value.bit_length() > BIT_LIMIT:
            raise ExpressionError(f"the number would be longer than {BIT_LIMIT:,} bits")
        return value
    if isinstance(value, complex) or not math.isfinite(value):
        raise ExpressionError("the result is not a finite real number")
    return value
