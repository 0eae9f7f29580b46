"""Calls of a rule set's own functions: a frame of their own, and errors that say which call they happened in."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..value import Value
from .bound import spend
from .expression import Code, Run
from .memory import remember_calls
from .scope import ExpressionError, Frame, Function
from .syntax import FunctionCall

_STEPS = 10  # what a call costs
_SHOWN_CALLS = 3  # of calls in calls, that an error message names


def bind_call(
    tree: FunctionCall,
    function: Function,
    outer: Sequence[str],
    arguments: tuple[Sequence[Code], Callable[[Frame], tuple[list[Value], dict[str, Value]]]],
) -> Run:
    """The code of a call: `outer` are the names that the function sees besides its parameters."""
    parameters, inner = function.parameters, function.expression.run
    codes, given = arguments

    def call(frame: Frame, values: dict[str, Value]) -> Value:
        try:
            spend(_STEPS)
            return inner(frame.apart(values))
        except ExpressionError as error:
            text = error.message
            if text.count("in `") < _SHOWN_CALLS:
                text = f"in `{tree.name}`: {text}"
            raise ExpressionError(text, tree.offset) from None

    if {"params"}.issuperset(outer):  # and so it gives the same for the same arguments, as long as those are the same
        return remember_calls(parameters, given, call, with_parameters=bool(outer))

    def run(frame: Frame) -> Value:
        positional, named = given(frame)
        values = dict(zip(parameters, positional, strict=False)) | named
        for name in outer:
            values[name] = frame[name]
        return call(frame, values)

    if len(codes) != 1:
        return run
    argument, parameter = codes[0].run, parameters[0]

    def run_with_one(frame: Frame) -> Value:
        values = {parameter: argument(frame)}
        for name in outer:
            values[name] = frame[name]
        return call(frame, values)

    return run_with_one
