"""Gives deep data the whole of Python's stack, so that what can be done does not depend on who calls."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from .error import InputError

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class _Stack(threading.local):
    is_whole = False


_stack = _Stack()


def on_whole_stack(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Decorator of functions without side effects: one that runs out of stack is run again in a thread of its own.

    A `RecursionError` there is an `InputError`. What is nested within the bounds of retouch fits.
    """

    @wraps(function)
    def run(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        given = [tuple(each) if isinstance(each, Iterator) else each for each in args]  # they are read twice, maybe
        try:
            return function(*given, **kwargs)  # type: ignore[arg-type]
        except RecursionError:
            if _stack.is_whole:
                raise
        return _run_in_thread(lambda: function(*given, **kwargs))  # type: ignore[arg-type]

    return run


def is_whole() -> bool:
    """Whether a `RecursionError` here tells something of the data: there is no more stack than there was."""
    return _stack.is_whole


def _run_in_thread(function: Callable[[], Result]) -> Result:
    outcome: list[Any] = []

    def work() -> None:
        _stack.is_whole = True
        try:
            outcome.extend((True, function()))
        except BaseException as error:  # noqa: BLE001 - it is raised where it belongs
            outcome.extend((False, error))

    thread = threading.Thread(target=work, name="retouch", daemon=True)
    thread.start()
    thread.join()
    done, result = outcome
    if done:
        return result  # type: ignore[no-any-return]  # what the function returned
    if isinstance(result, RecursionError):
        raise InputError("this is nested deeper than Python's stack allows")
    raise result
