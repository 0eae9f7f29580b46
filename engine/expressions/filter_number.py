"""Filters that take or make numbers: Jinja2's own and Kubernetes quantities."""

# ruff: noqa: FBT001, FBT002 - the arguments of filters and their order are those of Jinja2 and Ansible

from __future__ import annotations

import math

from ..late_pattern import late_pattern
from ..value import Value, is_number
from .bound import check_number
from .filter import declare
from .filter_text import borrow
from .operand import describe
from .scope import ExpressionError

_MOST_DIGITS = 300  # of `round`: a float has no more behind the point
_LONGEST_QUANTITY = 1_000
_METHODS = ("common", "ceil", "floor")
_QUANTITY = late_pattern(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d+))?")
_DECIMAL = ("n", "u", "m", "", "k", "M", "G", "T", "P", "E")
_BINARY = ("Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_SUFFIXES = {  # base and exponent
    **{suffix: (1000, place - 3) for place, suffix in enumerate(_DECIMAL)},
    **{suffix: (1024, place + 1) for place, suffix in enumerate(_BINARY)},
}


@declare("abs")
def absolute(value: float) -> Value:
    return abs(value)


@declare("round")
def round_number(value: float, precision: int = 0, method: str = "common") -> Value:
    if abs(precision) > _MOST_DIGITS:
        raise ExpressionError(f"the precision is not between -{_MOST_DIGITS} and {_MOST_DIGITS}")
    if method not in _METHODS:
        raise ExpressionError(f"the method is one of {', '.join(_METHODS)}; found {describe(method)}")
    return borrow("round", value, precision, method)


@declare("int")
def to_integer(value: Value, default: Value = 0, base: int = 10) -> Value:
    try:
        return check_number(int(value, base) if isinstance(value, str) else int(value))
    except (TypeError, ValueError, OverflowError):
        number = _float_or(value, None)
        return default if number is None else int(number)


@declare("float")
def to_float(value: Value, default: Value = 0.0) -> Value:
    return _float_or(value, default)


def _float_or(value: Value, default: Value) -> Value:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return default
    return number if math.isfinite(number) else default


@declare()
def filesizeformat(value: float, binary: bool = False) -> Value:
    return borrow("filesizeformat", value, binary)


@declare()
def quantity(value: Value) -> Value:
    if is_number(value):
        return value
    found = _QUANTITY.fullmatch(value) if isinstance(value, str) and len(value) <= _LONGEST_QUANTITY else None
    if found is None or (found[3] and len(found[3]) > len(str(_MOST_DIGITS))):
        raise ExpressionError(f"a Kubernetes quantity such as `500m`, `1Gi` or `2` is needed; found {describe(value)}")
    from fractions import Fraction  # slow to import

    base, exponent = _SUFFIXES[found[2]] if found[2] else (10, int(found[3] or 0))
    exact = Fraction(found[1]) * Fraction(base) ** exponent
    return exact.numerator if exact.denominator == 1 else float(exact)
