"""The table of filters: how each is declared, how its arguments are checked, and how it is applied."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..dataclass import dataclass
from ..suggest import suggest
from ..value import Absent, Value, is_number
from .bound import check_result, spend, steps_to_read
from .operand import describe, explain, items_of, settle, text_of
from .scope import NO_FILTERS, ExpressionError

if TYPE_CHECKING:
    from inspect import Signature

REFUSED_FILTERS: Mapping[str, str] = {
    "attr": "write `value.name` or `value['name']`",
    "e": "expressions make data, not HTML",
    "escape": "expressions make data, not HTML",
    "forceescape": "expressions make data, not HTML",
    "pprint": "use `to_json`",
    "random": "a result must be the same in every run",
    "safe": "expressions make data, not HTML",
    "striptags": "expressions make data, not HTML",
    "tojson": "use `to_json`",
    "urlize": "expressions make data, not HTML",
    "xmlattr": "expressions make data, not HTML",
}
"""Jinja2's filters that the language leaves out, and what to do instead."""

_FAILURES = (TypeError, ValueError, ArithmeticError, LookupError)


def _any(value: Value) -> Value:
    return settle(value)


def _raw(value: Value) -> Value:
    return value


def _boolean(value: Value) -> Value:
    return _checked(value, "true or false", right=isinstance(value, bool))


def _integer(value: Value) -> Value:
    return _checked(value, "an integer", right=is_number(value) and isinstance(value, int))


def _number(value: Value) -> Value:
    return _checked(value, "a number", right=is_number(value))


def _mapping(value: Value) -> Value:
    value = settle(value)
    return _checked(value, "a mapping", right=isinstance(value, dict))


def _list(value: Value) -> list[Value]:
    return [settle(item) for item in items_of(value)]


def _items(value: Value) -> list[Value]:
    return items_of(value)


def _checked(value: Value, wanted: str, *, right: bool) -> Value:
    if right:
        return value
    if isinstance(value, Absent):
        raise ExpressionError(explain(value))
    raise ExpressionError(f"{wanted} is needed here; found {describe(value)}")


def _optional(convert: Callable[[Value], Value]) -> Callable[[Value], Value]:
    return lambda value: None if value is None else convert(value)


_BY_ANNOTATION: dict[str, Callable[[Value], Value]] = {
    "Value": _any,
    "Raw": _raw,
    "Items": _items,
    "str": text_of,
    "bool": _boolean,
    "int": _integer,
    "float": _number,
    "Mapping": _mapping,
    "list[Value]": _list,
    "str | None": _optional(text_of),
    "int | None": _optional(_integer),
}

Raw = Any
"""Annotation of a filter's parameter that takes a value as it comes: a `Node`, plain data, or an `Absent`."""
Items = list[Any]
"""Annotation of a filter's input that is a list whose items come as they are: nodes, plain data or `Absent`."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter: a function of its input and arguments, each converted as its parameter's annotation says.

    These are the parameters of `given`, where the function's own are not the ones.
    """

    name: str
    function: Callable[..., Value]
    given: Signature | None = None

    @property
    def signature(self) -> Signature:
        """The parameters."""
        from inspect import signature  # slow to import, and most expressions have no filters

        return self.given or signature(self.function)

    def bind(self, count: int, names: Sequence[str]) -> Callable[..., Value]:
        """The filter for calls with `count` positional arguments and these named ones.

        Raises `ExpressionError` if it does not take them.
        """
        signature = self.signature
        try:
            signature.bind(None, *[None] * count, **dict.fromkeys(names))
        except TypeError as error:
            raise ExpressionError(f"the filter `{self.name}` cannot be called so: {error}") from None
        parameters = list(signature.parameters.values())
        converted = _BY_ANNOTATION[parameters[0].annotation]
        run = self._run
        if not count and not names:
            return lambda value: run(converted(value))
        positional = [each for each in parameters if each.kind <= each.VAR_POSITIONAL]
        by_place = [_BY_ANNOTATION[positional[min(i, len(positional) - 1)].annotation] for i in range(1, count + 1)]
        last = parameters[-1]  # takes what no other parameter does, where the call is right
        by_name = {name: _BY_ANNOTATION[signature.parameters.get(name, last).annotation] for name in names}
        if not names and count == 1:
            convert_first = by_place[0]
            return lambda value, argument: run(converted(value), convert_first(argument))
        return lambda value, *arguments, **named: run(
            converted(value),
            *[convert(argument) for convert, argument in zip(by_place, arguments, strict=True)],
            **{name: by_name[name](argument) for name, argument in named.items()},
        )

    def _run(self, *arguments: Value, **named: Value) -> Value:
        steps = 1
        for each in (*arguments, *named.values()) if named else arguments:
            if type(each) is str:
                steps += steps_to_read(each)
        spend(steps)
        try:
            return check_result(self.function(*arguments, **named))
        except _FAILURES as error:
            raise ExpressionError(f"the filter `{self.name}` failed: {error or type(error).__name__}") from None


FILTERS: dict[str, Filter] = {}
"""Every filter by its name, once `compile` has brought in the modules that declare them."""


def declare(*names: str) -> Callable[[Callable[..., Value]], Callable[..., Value]]:
    """Decorator: make a function a filter under `names`, or under its own name.

    Its first parameter is the input. Every parameter has one of the annotations of this module's table.
    """

    def add(function: Callable[..., Value]) -> Callable[..., Value]:
        for name in names or (function.__name__,):
            FILTERS[name] = Filter(name, function)
        return function

    return add


def find_filter(name: str, own: Mapping[str, Filter] = NO_FILTERS) -> Filter:
    """The filter of that name, one of the language or of `own`.

    Raises `ExpressionError` with what is near, or what to use instead.
    """
    found = FILTERS.get(name) or own.get(name)
    if found is not None:
        return found
    if name in REFUSED_FILTERS:
        raise ExpressionError(f"the filter `{name}` is not part of the language: {REFUSED_FILTERS[name]}")
    hint = suggest(name, [*own, *FILTERS]) or "; those of packages are named under `filters:` in retouch.yaml"
    raise ExpressionError(f"unknown filter `{name}`{hint}")
