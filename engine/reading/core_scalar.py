"""What a scalar says by the core schema of YAML 1.2."""

from __future__ import annotations

import math

from ..late_pattern import late_pattern
from ..value import Float, Integer, Value

NUMBER_STARTS = frozenset("+-.0123456789")
"""What a scalar that is a number, to any reader, starts with."""

WORDS: dict[str, bool | None] = (
    dict.fromkeys(("", "~", "null", "Null", "NULL"))
    | dict.fromkeys(("true", "True", "TRUE"), True)
    | dict.fromkeys(("false", "False", "FALSE"), False)
)

NOT_FINITE = {
    sign + word: Float(float(sign + word[1:]), sign + word)
    for signs, words in ((("", "+", "-"), (".inf", ".Inf", ".INF")), (("",), (".nan", ".NaN", ".NAN")))
    for sign in signs
    for word in words
}
"""Infinity and not-a-number, which all schemas spell alike."""

FLOAT = late_pattern(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
SHORT_INTEGER = late_pattern(r"0|[1-9][0-9]{0,17}")
"""The integers that every reader takes for the same, in 64 bits."""

_INTEGER = late_pattern(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_STARTS = NUMBER_STARTS | frozenset(["", *"~nNtTfF"])
_LARGEST_EXPONENT = 1023  # of two, in a float
_MOST_DIGITS = 3_500  # of a number in base 8 or 16: Python turns what it makes of them into decimal digits


def resolve_core(text: str) -> Value:
    """The data of a plain scalar by the core schema of YAML 1.2.2 (section 10.3.2).

    A number comes with its spelling (`Integer`, `Float`) unless `text` is how Python writes it. One too large
    for a float is infinite, and so is an integer of more digits than Python converts.
    """
    first = text[:1]
    if first not in _STARTS:
        return text
    if first not in NUMBER_STARTS:
        return WORDS.get(text, text)
    if SHORT_INTEGER.fullmatch(text):
        return int(text)
    if _INTEGER.fullmatch(text):
        return spelled(to_number(text, 0 if text[:2] in ("0o", "0x") else 10), text)
    if FLOAT.fullmatch(text):
        return spelled(float(text), text)
    return NOT_FINITE.get(text, text)


def resolve_core_tagged(text: str, name: str, *, plain: bool) -> Value:
    """The data of a scalar whose tag has this short name (`int`), by the core schema.

    Content that does not fit its tag is a string. A tag that the schema does not know says nothing.
    """
    if name in ("!", "str", "binary", "timestamp"):
        return text
    if name not in ("null", "bool", "int", "float"):
        return resolve_core(text) if plain else text
    value = resolve_core(text)
    if name == "float" and isinstance(value, int) and not isinstance(value, bool):
        return Float(value, text) if value.bit_length() <= _LARGEST_EXPONENT else text
    return value if type_name(value) == name else text


def type_name(value: Value) -> str:
    """The short name of the tag that a scalar's data has."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int"
    return "float" if isinstance(value, float) else "str"


def to_number(text: str, base: int) -> int | float:
    """The integer that `text` spells in `base` (0: as its prefix says), or infinity if it has too many digits."""
    if base != 10 and len(text) > _MOST_DIGITS:
        return -math.inf if text[0] == "-" else math.inf
    try:
        return int(text, base)
    except ValueError:
        return float(text)


def spelled(number: float, text: str) -> int | float:
    """`number` with its spelling, unless `text` is how Python writes it anyway."""
    if repr(number) == text:
        return number
    return Integer(number, text) if isinstance(number, int) else Float(number, text)
