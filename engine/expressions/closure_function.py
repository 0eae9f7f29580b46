"""Calls of a rule set's own functions: a frame of their own, and errors that say which call they happened in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from ..value import Value
from .bound import spend
from .expression import Code, Run
from .memory import remember_calls
from .scope import ExpressionError, Frame, Function
from .syntax import FunctionCall

Given: TypeAlias = tuple[list[Value], dict[str, Value]]
"""The values of arguments, in their order and by name."""

Evaluate: TypeAlias = Callable[[Frame], Given]

_STEPS = 10  # what a call costs
_SHOWN_CALLS = 3  # of calls in calls, that an error message names


def bind_call(
    tree: FunctionCall,
    function: Function,
    outer: Sequence[str],
    arguments: tuple[Sequence[Code], Evaluate],
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

    evaluate = _evaluator(parameters, codes, given)
    if {"params"}.issuperset(outer):  # and so it gives the same for the same arguments, as long as those are the same
        return remember_calls(evaluate, call, with_parameters=bool(outer))

    def run(frame: Frame) -> Value:
        values = evaluate(frame)
        for name in outer:
            values[name] = frame[name]
        return call(frame, values)

    return run


def _evaluator(
    parameters: Sequence[str], codes: Sequence[Code], given: Evaluate
) -> Callable[[Frame], dict[str, Value]]:
    """A function that gives the values of parameters."""
    if len(codes) == 1:
        argument, parameter = codes[0].run, parameters[0]
        return lambda frame: {parameter: argument(frame)}

    def evaluate(frame: Frame) -> dict[str, Value]:
        positional, named = given(frame)
        return dict(zip(parameters, positional, strict=False)) | named

    return evaluate
