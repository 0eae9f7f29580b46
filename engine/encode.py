"""JSON as Go's encoding/json writes it, so that `test` operations compare equal in the Kubernetes API server."""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from typing import TYPE_CHECKING

from .error import PatchError
from .value import Float, Value
from .wide_pattern import WidePattern

if TYPE_CHECKING:
    from collections.abc import Callable

_INT64 = 2**63  # the first integer that 64 bits do not hold
_NUMBER = re.compile(r"([-+]?)(?=\.?[0-9])0*([0-9]*)(?:\.([0-9]*))?(?:[eE]([-+]?[0-9]+))?")

# Go escapes `<>&`, U+2028 and U+2029; what else is here kubectl, which reads a patch as YAML, refuses or folds raw.
_ESCAPED = WidePattern(lambda more: rf"[<>&\x7f{more}]", r"\u2028\u2029\x80-\x9f\ufeff\ufffe\uffff\ud800-\udfff")


def encode(value: Value, *, kubernetes: bool = True) -> str:
    """`value` as one line of JSON without blanks, its keys in their own order.

    Strings are written as Go 1.22 and later writes them: `<`, `>`, `&`, U+2028 and U+2029 escaped, all else that is
    not ASCII raw, except for the few characters that kubectl would misread. With `kubernetes`, numbers are what
    the API server holds: integers that fit 64 bits exactly, all others as a float64 in Go's form (`1e+21`, `100`).
    Without, every number keeps all its digits. Linear in the size of the value.

    Raises PatchError for infinity and not-a-number, which JSON cannot say.
    """
    parts: list[str] = []
    _write(value, parts.append, _kubernetes_number if kubernetes else _exact_number)
    return "".join(parts)


def _write(value: Value, put: Callable[[str], None], number: Callable[[Value], str]) -> None:
    if isinstance(value, str):
        put(_string(value))
    elif value is None:
        put("null")
    elif isinstance(value, bool):
        put("true" if value else "false")
    elif isinstance(value, (int, float)):
        put(number(value))
    elif isinstance(value, dict):
        _write_mapping(value, put, number)
    else:
        _write_sequence(value, put, number)


def _write_mapping(value: Value, put: Callable[[str], None], number: Callable[[Value], str]) -> None:
    before = "{"
    for key, item in value.items():
        put(before + _string(key) + ":")
        _write(item, put, number)
        before = ","
    put("}" if value else "{}")


def _write_sequence(value: Value, put: Callable[[str], None], number: Callable[[Value], str]) -> None:
    before = "["
    for item in value:
        put(before)
        _write(item, put, number)
        before = ","
    put("]" if value else "[]")


def _string(text: str) -> str:
    return _ESCAPED.fitting(text).sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(text, ensure_ascii=False))


def _kubernetes_number(value: float) -> str:
    if isinstance(value, int) and -_INT64 <= value < _INT64:
        return int.__repr__(value)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    return _go_float(number)


def _go_float(number: float) -> str:
    """The shortest decimal that reads back as `number`, with an exponent below 1e-6 and from 1e21 on."""
    _refuse_unwritable(number)
    negative, numerals, exponent = Decimal(float.__repr__(number)).as_tuple()
    sign = "-" if negative else ""
    digits = "".join(map(str, numerals)).rstrip("0")
    if not digits:
        return sign + "0"
    point = len(numerals) + int(exponent)  # the value is 0.DIGITS times ten to the power of `point`
    if -6 < point <= 21:
        return sign + _positional(digits, point)
    tail = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{tail}e{'-' if point < 1 else '+'}{abs(point - 1)}"


def _positional(digits: str, point: int) -> str:
    if point <= 0:
        return f"0.{'0' * -point}{digits}"
    if len(digits) <= point:
        return digits.ljust(point, "0")
    return f"{digits[:point]}.{digits[point:]}"


def _exact_number(value: float) -> str:
    if isinstance(value, int):
        return int.__repr__(value)
    _refuse_unwritable(value)
    digits = _json_digits(value.text) if isinstance(value, Float) else None
    return digits or float.__repr__(value)


def _json_digits(text: str) -> str | None:
    """A decimal number as JSON spells it, no digit lost (`+.50` is `0.50`); None if `text` is none."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    sign, whole, fraction, exponent = match.groups()
    return (
        ("-" if sign == "-" else "")
        + (whole or "0")
        + (f".{fraction}" if fraction else "")
        + (f"e{exponent}" if exponent else "")
    )


def _refuse_unwritable(number: float) -> None:
    if not math.isfinite(number):
        name = "not a number" if math.isnan(number) else "infinite"
        raise PatchError(f"a patch would have to hold a number that is {name}, and JSON has no way to write it")
