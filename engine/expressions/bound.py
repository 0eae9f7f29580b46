"""How much one evaluation of an expression may produce, how much all of them may do, and the meters that tell."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import thread_time

from ..limit import (
    MAX_BITS,
    MAX_COMBINATIONS,
    MAX_ITEMS,
    MAX_STEPS,
    MAX_TEXT,
    MAX_WORK,
    SLOW_SECONDS,
    STEPS_PER_CHARACTER,
)
from ..value import Value
from .scope import ExpressionError

_CHARACTERS_PER_STEP = 16
_STEPS_PER_COMBINATION = 20
SECONDS_PER_CALL = 1e-5
"""What a search usually takes at most, however short the text."""
_SECONDS_PER_CHARACTER = 1e-6


class _Meter:
    """What is left; a run has one of its own, and so does every thread."""

    __slots__ = ("clock", "left", "measure", "rules", "run", "seconds", "size")

    def __init__(self, run: float = math.inf, size: float = math.inf, seconds: float = math.inf) -> None:
        self.left = MAX_WORK  # steps of the evaluation at hand
        self.run = run  # steps of all that rules still do to one text
        self.size = size  # of that text, in characters
        self.measure: Callable[[], int] | None = None  # what tells the size, while nobody has asked for it
        self.rules = 0
        self.seconds = seconds  # for patterns that are slow
        self.clock = 0.0  # when some of them were last taken, in seconds that the thread has worked

    def take_measure(self) -> None:
        """Add what the size of the text allows, unless that was done."""
        if self.measure is not None:
            self.size, self.measure = self.measure(), None
            self.run += STEPS_PER_CHARACTER * self.size * self.rules


_METER: ContextVar[_Meter] = ContextVar("meter")  # read in a tenth of the time that a `threading.local` takes


_now = _METER.get


def _meter() -> _Meter:
    """The meter of this thread."""
    meter = _now(None)
    if meter is None:
        meter = _Meter()
        _METER.set(meter)
    return meter


@contextmanager
def run(measure: Callable[[], int], rules: int) -> Iterator[None]:
    """A run of so many rules over texts, in this thread: what they do is bounded.

    `measure` tells how many characters the texts have; it is asked only if there is much to do. Within another run
    nothing changes.
    """
    if _meter().run < math.inf:
        yield
        return
    meter = _Meter(MAX_STEPS, 0, SLOW_SECONDS)
    meter.measure, meter.rules = measure, max(rules, 1)
    outer = _METER.get()
    _METER.set(meter)
    try:
        yield
    finally:
        _METER.set(outer)


def begin() -> None:
    """Start the meter of one evaluation in this thread."""
    meter = _now(None) or _meter()
    done = MAX_WORK - meter.left
    if done:
        meter.left = MAX_WORK
        visit(done)


def spend(steps: int) -> None:
    """Take `steps` off the meter of the evaluation; an `ExpressionError` if nothing is left."""
    meter = _now(None) or _meter()
    meter.left -= steps
    if meter.left < 0:
        raise ExpressionError(f"the expression takes more than {MAX_WORK:,} steps")


def visit(steps: int) -> None:
    """Take `steps` off the meter of the run; an `ExpressionError` if nothing is left."""
    meter = _now(None) or _meter()
    meter.run -= steps
    if meter.run < 0:
        meter.take_measure()
    if meter.run < 0:
        size = f"more than {MAX_STEPS:,} steps, and {STEPS_PER_CHARACTER} for each rule and character of the text"
        raise ExpressionError(f"the rules take too much work on this text: {size}")


def check_combinations(number: int, more: int) -> None:
    """Refuse that the captures of a rule have so many combinations in one text; the last `more` of them are new."""
    visit(_STEPS_PER_COMBINATION * more)
    if number > MAX_COMBINATIONS and number > MAX_COMBINATIONS + _size():
        bound = f"more than {MAX_COMBINATIONS:,}, and more than the text has characters"
        raise ExpressionError(f"the captures have too many combinations: {bound}")


def steps_to_read(text: str) -> int:
    """What it costs to read all of `text`."""
    return len(text) // _CHARACTERS_PER_STEP


def _size() -> float:
    meter = _meter()
    meter.take_measure()
    return meter.size


def look(text: str) -> None:
    """Take off the meter what it costs to read all of `text`, which may be long."""
    if len(text) >= _CHARACTERS_PER_STEP:
        spend(len(text) // _CHARACTERS_PER_STEP)


def seconds_left() -> float:
    """The seconds that slow patterns still have in the run, but never none."""
    meter = _now(None) or _meter()
    return max(meter.seconds, SECONDS_PER_CALL)


def take_seconds(seconds: float, characters: int) -> bool:
    """Take off the meter of the run what a pattern took beyond the usual for so many characters; False if it is empty.

    The `seconds` are those that passed; no more are taken than this thread has worked since some were taken last. What
    is usual grows with the text, so that a run of ordinary patterns never comes to an end.
    """
    beyond = seconds - SECONDS_PER_CALL - characters * _SECONDS_PER_CHARACTER
    if beyond <= 0:
        return True
    meter = _meter()
    clock = thread_time()  # asked for here only: it costs more than most searches
    meter.seconds -= min(beyond, clock - meter.clock)
    meter.clock = clock
    return meter.seconds >= 0


def check_made(length: int) -> None:
    """Refuse to put more than `MAX_TEXT` characters into a text."""
    if length > MAX_TEXT:
        raise ExpressionError(f"what is put into the text would be longer than {MAX_TEXT:,} characters")


def check_length(length: float) -> None:
    """Refuse to make a text of more than `MAX_TEXT` characters; to be asked before it is made."""
    if length > MAX_TEXT:
        raise ExpressionError(f"the text would be longer than {MAX_TEXT:,} characters")
    if length >= _CHARACTERS_PER_STEP:
        spend(int(length) // _CHARACTERS_PER_STEP)


def check_count(count: float) -> None:
    """Refuse to make a list of more than `MAX_ITEMS` items; to be asked before it is made."""
    if count > MAX_ITEMS:
        raise ExpressionError(f"the list would be longer than {MAX_ITEMS:,} items")
    spend(int(count) if count > 0 else 0)


def check_result(value: Value) -> Value:
    """`value` as it is, once it is sure that it is a text, list or number within the limits."""
    if value is True or value is False or value is None:
        return value
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
