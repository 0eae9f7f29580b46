"""The functions that expressions may call on plain values: `range` and `dict`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..node import SEQUENCE, Node, index_of, path_of
from ..pointer import join
from ..value import Value, is_number
from .bound import check_count
from .operand import describe, settle
from .scope import ExpressionError
from .syntax import Arguments


def make_range(start: Value, stop: Value = None, step: Value = 1) -> Value:
    """The integers from `start` (0 if only one argument is given) up to, not including, `stop`."""
    first, end = (0, start) if stop is None else (start, stop)
    for number in (first, end, step):
        if not is_number(number) or not isinstance(number, int):
            raise ExpressionError(f"`range` needs integers; found {describe(number)}")
    if step == 0:
        raise ExpressionError("the step of a range cannot be 0")
    numbers = range(int(first), int(end), int(step))
    check_count(max(0, -((numbers.start - numbers.stop) // numbers.step)))
    return list(numbers)


def make_dict(value: Value = None, /, **members: Value) -> Value:
    """A mapping from a mapping or a list of pairs, and from named arguments."""
    value = {} if value is None else value
    if isinstance(value, list):
        value = dict(_pair(item) for item in value)
    if not isinstance(value, dict):
        raise ExpressionError(f"`dict` needs a mapping or a list of pairs; found {describe(value)}")
    return {**value, **members}


def _pair(item: Value) -> tuple[str, Value]:
    if isinstance(item, list) and len(item) == 2 and isinstance(item[0], str):
        return item[0], item[1]
    raise ExpressionError(f"`dict` needs pairs of a text and a value; found {describe(item)}")


def pointer_of(node: Node) -> str:
    """The JSON Pointer of where `node` stands now."""
    return join(path_of(node))


def key_of(node: Node) -> str | int:
    """The key of a mapping's member, or the index of a list's item, now."""
    if node.parent is None:
        raise ExpressionError("the document itself has no key")
    return index_of(node) if node.parent.kind == SEQUENCE else str(node.key)


FUNCTIONS: Mapping[str, Callable[..., Value]] = {"range": make_range, "dict": make_dict}
"""Functions of plain values by name."""

CAPTURE_FUNCTIONS = ("pointer", "id", "key")
"""Functions whose one argument is the bare name of a capture."""

FUNCTION_NAMES = frozenset((*FUNCTIONS, *CAPTURE_FUNCTIONS, "select", "rows", "spelling"))
"""Every function that the language has of its own."""

REFUSED_FUNCTIONS: Mapping[str, str] = {
    "lipsum": "a rule has no use for filler text",
    "cycler": "expressions keep no state",
    "joiner": "expressions keep no state; use the filter `join`",
    "namespace": "expressions keep no state",
}
"""Jinja2's functions that the language leaves out, and why."""


def call_plain(name: str, arguments: list[Value], named: dict[str, Value]) -> Value:
    """What the function `name` of `FUNCTIONS` makes of its arguments."""
    return FUNCTIONS[name](*map(settle, arguments), **{key: settle(value) for key, value in named.items()})


def check_call(name: str, function: Callable[..., Value], arguments: Arguments) -> None:
    """Raise an `ExpressionError` if `function` does not take these arguments."""
    from inspect import signature  # slow to import, and most expressions call nothing

    try:
        signature(function).bind(*arguments.positional, **dict(arguments.named))
    except TypeError as error:
        raise ExpressionError(f"the function `{name}` cannot be called so: {error}") from None
