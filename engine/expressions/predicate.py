"""The tests that stand behind `is`: Jinja2's own by our equality and absence, and those for texts and lists."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..node import MAPPING, SEQUENCE, Node
from ..suggest import suggest
from ..value import Absent, Value, is_number
from . import operand
from .arithmetic import ORDERING, remainder
from .bound import look
from .operand import equal, text_of
from .scope import ExpressionError


@dataclass(frozen=True, slots=True)
class Predicate:
    """A test: a function of a value as it comes (a node, plain data, or something absent) and its arguments."""

    name: str
    function: Callable[..., bool]
    signature: inspect.Signature

    def bind(self, count: int, names: Iterable[str] = ()) -> Callable[..., bool]:
        """The test for uses with so many arguments and these named ones; `ExpressionError` if it takes others."""
        try:
            self.signature.bind(None, *[None] * count, **dict.fromkeys(names))
        except TypeError as error:
            raise ExpressionError(f"the test `{self.name}` cannot be used so: {error}") from None
        return self.function


TESTS: dict[str, Predicate] = {}
"""Every test by its name."""


TYPE_TESTS = frozenset(
    {"defined", "undefined", "none", "boolean", "number", "string", "mapping", "sequence", "iterable"}
)
"""Those that take no arguments and cannot fail."""


def declare(*names: str) -> Callable[[Callable[..., bool]], Callable[..., bool]]:
    """Decorator: make a function a test under `names`, or under its own name."""

    def add(function: Callable[..., bool]) -> Callable[..., bool]:
        for name in names or (function.__name__,):
            TESTS[name] = Predicate(name, function, inspect.signature(function))
        return function

    return add


def find_test(name: str) -> Predicate:
    """The test of that name. Raises `ExpressionError` with what is near."""
    found = TESTS.get(name)
    if found is None:
        raise ExpressionError(f"unknown test `{name}`{suggest(name, TESTS)}")
    return found


@declare()
def defined(value: Value) -> bool:
    return not isinstance(value, Absent)


@declare()
def undefined(value: Value) -> bool:
    return isinstance(value, Absent)


@declare()
def none(value: Value) -> bool:
    return value is None


@declare()
def boolean(value: Value) -> bool:
    return isinstance(value, bool)


@declare()
def true(value: Value) -> bool:
    return value is True


@declare()
def false(value: Value) -> bool:
    return value is False


@declare()
def number(value: Value) -> bool:
    return is_number(value)


@declare()
def integer(value: Value) -> bool:
    return is_number(value) and isinstance(value, int)


@declare("float")
def floating(value: Value) -> bool:
    return isinstance(value, float)


@declare()
def string(value: Value) -> bool:
    return isinstance(value, str)


@declare()
def mapping(value: Value) -> bool:
    return value.kind == MAPPING if isinstance(value, Node) else isinstance(value, dict)


@declare("sequence", "iterable")
def sequence(value: Value) -> bool:
    return value.kind in {MAPPING, SEQUENCE} if isinstance(value, Node) else isinstance(value, (str, list, dict))


@declare("callable", "escaped")
def never(value: Value) -> bool:  # noqa: ARG001 - plain data is neither
    return False


@declare()
def lower(value: Value) -> bool:
    return _looked_at(value).islower()


@declare()
def upper(value: Value) -> bool:
    return _looked_at(value).isupper()


@declare()
def odd(value: Value) -> bool:
    return bool(remainder(_number(value), 2) == 1)


@declare()
def even(value: Value) -> bool:
    return bool(remainder(_number(value), 2) == 0)


@declare()
def divisibleby(value: Value, divisor: Value) -> bool:
    return bool(remainder(_number(value), divisor) == 0)


def _number(value: Value) -> Value:
    if isinstance(value, Absent) or is_number(value):
        return value
    raise ExpressionError(f"a number is needed here; found {operand.describe(value)}")


@declare("eq", "equalto", "==", "sameas")
def eq(value: Value, other: Value) -> bool:
    return equal(value, other)


@declare("ne", "!=")
def ne(value: Value, other: Value) -> bool:
    return not equal(value, other)


@declare("in")
def is_in(value: Value, container: Value) -> bool:
    return operand.contains(container, value)


@declare()
def contains(value: Value, item: Value) -> bool:
    return operand.contains(value, item)


@declare()
def startswith(value: Value, start: Value) -> bool:
    return text_of(value).startswith(_looked_at(start))


@declare()
def endswith(value: Value, end: Value) -> bool:
    return text_of(value).endswith(_looked_at(end))


def _looked_at(value: Value) -> str:
    text = text_of(value)
    look(text)
    return text


for _operator, _names in {
    "lt": ("lt", "lessthan", "<"),
    "lteq": ("le", "<="),
    "gt": ("gt", "greaterthan", ">"),
    "gteq": ("ge", ">="),
}.items():
    declare(*_names)(ORDERING[_operator])
