"""How much one evaluation of an expression may produce, how much all of them may do, and the meters that tell."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ..limit import MAX_BITS, MAX_COMBINATIONS, MAX_ITEMS, MAX_STEPS, MAX_TEXT, MAX_WORK, STEPS_PER_CHARACTER
from ..value import Value
from .scope import ExpressionError

_CHARACTERS_PER_STEP = 16


class _Meter(threading.local):
    left = MAX_WORK  # steps of the evaluation at hand
    run: float = math.inf  # steps of all that rules still do to one text
    size: float = math.inf  # of that text, in characters


_meter = _Meter()


@contextmanager
def run(size: int, rules: int) -> Iterator[None]:
    """A run of so many rules over a text of so many characters, in this thread: what they do is bounded."""
    outer = _meter.left, _meter.run, _meter.size
    _meter.left = MAX_WORK
    _meter.run = MAX_STEPS + STEPS_PER_CHARACTER * size * max(rules, 1)
    _meter.size = size
    try:
        yield
    finally:
        _meter.left, _meter.run, _meter.size = outer


def begin() -> None:
    """Start the meter of one evaluation in this thread."""
    done = MAX_WORK - _meter.left
    _meter.left = MAX_WORK
    visit(done)


def spend(steps: int) -> None:
    """Take `steps` off the meter of the evaluation; an `ExpressionError` if nothing is left."""
    _meter.left -= steps
    if _meter.left < 0:
        raise ExpressionError(f"the expression takes more than {MAX_WORK:,} steps")


def visit(steps: int) -> None:
    """Take `steps` off the meter of the run; an `ExpressionError` if nothing is left."""
    _meter.run -= steps
    if _meter.run < 0:
        size = f"more than {MAX_STEPS:,} steps, and {STEPS_PER_CHARACTER} for each rule and character of the text"
        raise ExpressionError(f"the rules take too much work on this text: {size}")


def check_combinations(number: int) -> None:
    """Refuse that the captures of a rule have so many combinations in one text."""
    if number > MAX_COMBINATIONS + _meter.size:
        bound = f"more than {MAX_COMBINATIONS:,}, and more than the text has characters"
        raise ExpressionError(f"the captures have too many combinations: {bound}")


def look(text: str) -> None:
    """Take off the meter what it costs to read all of `text`, which may be long."""
    spend(len(text) // _CHARACTERS_PER_STEP)


def check_length(length: float) -> None:
    """Refuse to make a text of more than `MAX_TEXT` characters; to be asked before it is made."""
    if length > MAX_TEXT:
        raise ExpressionError(f"the text would be longer than {MAX_TEXT:,} characters")
    spend(int(length) // _CHARACTERS_PER_STEP if length > 0 else 0)


def check_count(count: float) -> None:
    """Refuse to make a list of more than `MAX_ITEMS` items; to be asked before it is made."""
    if count > MAX_ITEMS:
        raise ExpressionError(f"the list would be longer than {MAX_ITEMS:,} items")
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
        if value.bit_length() > MAX_BITS:
            raise ExpressionError(f"the number would be longer than {MAX_BITS:,} bits")
        return value
    if isinstance(value, complex) or not math.isfinite(value):
        raise ExpressionError("the result is not a finite real number")
    return value
