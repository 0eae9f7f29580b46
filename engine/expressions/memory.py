"""Remembers what came of short texts: the same paths, tags and names come again and again in one run."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Final, TypeAlias

from ..value import Value
from .expression import Run
from .scope import Frame

Call: TypeAlias = Callable[[Frame, dict[str, Value]], Value]
"""Calls a function in a frame with these names."""

_MOST = 128  # texts that one place of an expression remembers
_LONGEST = 200  # characters of a text
_LONGEST_LIST = 20
_MISSING: Final = object()
_SHORT = frozenset({bool, type(None), int, float})


def remember(find: Run, apply: Callable[[Value], Value]) -> Run:
    """The code of `apply` to what `find` gives; `apply` must always give the same for the same text."""
    known: dict[str, Value] = {}

    def run(frame: Frame) -> Value:
        value = find(frame)
        if type(value) is not str:
            return apply(value)
        found = known.get(value, _MISSING)
        if found is _MISSING:
            found = apply(value)
            if len(value) <= _LONGEST:
                _keep(known, value, found)
        return found

    return run


def remember_calls(evaluate: Callable[[Frame], dict[str, Value]], call: Call, *, with_parameters: bool) -> Run:
    """The code of a function of a rule set that sees its arguments and maybe `params`, and nothing else.

    `evaluate` gives the arguments by name, always in the same order.
    """
    memory: list[tuple[Value, dict[Hashable, Value]]] = [(None, {})]

    def run(frame: Frame) -> Value:
        values = evaluate(frame)
        key = tuple(values.values())
        parameters = None
        if with_parameters:
            parameters = values["params"] = frame["params"]
        if not all(map(_is_short, key)):
            return call(frame, values)
        owner, known = memory[0]
        if owner is not parameters:  # a variant of the rule set, with other values
            known = {}
            memory[0] = (parameters, known)
        found = known.get(key, _MISSING)
        if found is _MISSING:
            found = call(frame, values)
            _keep(known, key, found)
        return found

    return run


def _keep(known: dict[str, Value] | dict[Hashable, Value], key: Hashable, value: Value) -> None:
    """Keep what came of `key`, if that is small."""
    kind = type(value)
    if (
        kind in _SHORT
        or (kind is str and len(value) <= _LONGEST)
        or (kind is list and len(value) <= _LONGEST_LIST and all(type(item) is str for item in value))
    ):
        if len(known) >= _MOST:
            known.clear()
        known[key] = value  # type: ignore[index]


def _is_short(value: Value) -> bool:
    """Whether something is to be remembered of this value."""
    return value is None or (type(value) is str and len(value) <= _LONGEST)
