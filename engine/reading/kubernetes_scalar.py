"""What a scalar says to kubectl, which reads YAML with its own fork of goyaml.v2 and passes it on as JSON."""

from __future__ import annotations

import binascii
import math
import re
import struct
from typing import TYPE_CHECKING

from ..late_pattern import late_pattern
from .core_scalar import FLOAT, NOT_FINITE, NUMBER_STARTS, SHORT_INTEGER, WORDS, spelled, type_name

if TYPE_CHECKING:
    from ..value import Value

OLD_WORDS = (
    WORDS
    | dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "on", "On", "ON"), True)
    | dict.fromkeys(("n", "N", "no", "No", "NO", "off", "Off", "OFF"), False)
)
"""The words of YAML 1.1."""

UNUSUAL_KEYS = frozenset([*OLD_WORDS, "<<"])
"""Plain keys, besides numbers, that may stand for something else than their text."""

_STARTS = NUMBER_STARTS | frozenset(["", *"~yYnNtTfFoO"])
MAY_BE_NO_STRING = _STARTS
"""What a plain scalar starts with that is no string to some reader; "" for an empty one."""

_INTEGER = late_pattern(
    r"(?P<octal>[-+]?0[0-7]+)|(?P<signed_inside>0b[-+][01]+)"
    r"|[-+]?(?:0|[1-9][0-9]{0,19}|0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+)"
)
_DOT_FLOAT = late_pattern(r"\.[0-9](?:_?[0-9])*(?:[eE][-+]?[0-9](?:_?[0-9])*)?")
_INVALID_BYTE = late_pattern("[\udc80-\udcff]")


class ScalarError(Exception):
    """A scalar that its reader refuses, or a number that cannot be written; `message` says which and why."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def resolve_kubernetes(text: str) -> Value:
    """The data of a plain scalar as kubectl reads it: integers that fit 64 bits exactly, other numbers as float64.

    A number comes with its spelling (`Integer`, `Float`) unless `text` is how Python writes it. Infinity and
    not-a-number, which kubectl refuses, are returned as floats.
    """
    first = text[:1]
    if first not in _STARTS:
        return text
    if first not in NUMBER_STARTS:
        return OLD_WORDS.get(text, text)
    if SHORT_INTEGER.fullmatch(text):
        return int(text)
    number = _number(text)
    return text if number is None else spelled(_held(number), text)


def resolve_kubernetes_tagged(text: str, name: str) -> Value:
    """The data of a scalar, quoted or not, whose tag has this short name (`int`), as kubectl reads it.

    Content counts for `int`, `float`, `bool` and `null`, and must fit (else ScalarError); `binary` is decoded;
    with any other tag a scalar is a string.
    """
    value = _read_tagged(text, name)
    return value if value is None or isinstance(value, (bool, str)) else spelled(_held(value), text)


def key_kubernetes(text: str, tag: str | None = None) -> str | None:
    """The name of the member that kubectl makes from a key; a plain one unless it has a `tag`.

    Floats are named by their float32 digits, as there. None where kubectl has no name and refuses the document:
    null, and integers from 2**63 to 2**64-1. Raises ScalarError where the key does not fit its tag.
    """
    if tag is None and text[:1] not in _STARTS:
        return text
    found = _read(text) if tag is None else _read_tagged(text, short_name(tag))
    if found is None or isinstance(found, str):
        return found
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, float):
        return _float_key(found)
    return str(found) if fits_64_bits(found) else None


def short_name(tag: str) -> str:
    """`int` for `!!int` and for `tag:yaml.org,2002:int`; a tag outside YAML's own keeps its text."""
    return tag.removeprefix("!!" if tag.startswith("!!") else "tag:yaml.org,2002:")


def fits_64_bits(number: float) -> bool:
    """Whether a whole number fits int64."""
    return -(2**63) <= number < 2**63


def _held(number: float) -> int | float:
    """A number as the API server holds it: an int64 if its JSON digits are one, else a float64."""
    if isinstance(number, int):
        return number if fits_64_bits(number) else float(number)
    if number.is_integer() and fits_64_bits(number):
        whole = _shortest_integer(number)
        return whole if fits_64_bits(whole) else number
    return number


def _shortest_integer(number: float) -> int:
    """The integer that the shortest digits of a whole float spell, filled up with zeros as Go does."""
    mantissa, _, exponent = repr(number).partition("e")
    whole, _, fraction = mantissa.partition(".")
    if not exponent:
        return int(whole)
    zeros = int(exponent) - len(fraction)
    return int(whole + fraction + "0" * zeros)


def _read(text: str) -> bool | int | float | str | None:
    """What goyaml.v2 makes of a plain scalar; an integer that int64 cannot hold is its uint64."""
    if text[:1] in NUMBER_STARTS:
        number = _number(text)
        return text if number is None else number
    return OLD_WORDS.get(text, text)


def _number(text: str) -> int | float | None:
    """The number in a text that starts with a digit, a sign or a dot, by `resolve` of goyaml.v2; None if it is none."""
    if text in NOT_FINITE:
        return float(NOT_FINITE[text])
    if text[0] == ".":
        return _finite(text) if _DOT_FLOAT.fullmatch(text) else None
    digits = text.replace("_", "")
    match = _INTEGER.fullmatch(digits)
    if match:
        # `0b-11`: what follows the prefix is parsed by itself, and is -3
        number = int(digits[2:] if match["signed_inside"] else digits, _base(match))
        if fits_64_bits(number) or (0 < number < 2**64 and "+" not in digits):
            return number
    return _finite(digits) if FLOAT.fullmatch(digits) else None


def _base(match: re.Match[str]) -> int:
    if match["signed_inside"]:
        return 2
    return 8 if match["octal"] else 0


def _finite(text: str) -> float | None:
    number = float(text)
    return None if math.isinf(number) else number


def _read_tagged(text: str, name: str) -> bool | int | float | str | None:
    if name == "binary":
        return _decode(text)
    if name not in ("null", "bool", "int", "float"):
        return text
    value = _read(text)
    found = type_name(value)
    if name == "float" and found == "int" and isinstance(value, int) and fits_64_bits(value):
        return float(value)
    if found != name:
        raise ScalarError(f"`{text}` is tagged !!{name}, but kubectl reads it as !!{found} and refuses that")
    return value


def _decode(text: str) -> str:
    try:
        data = binascii.a2b_base64(text.replace("\r", "").replace("\n", ""), strict_mode=True)
    except ValueError as error:
        raise ScalarError(f"`{text}` is tagged !!binary, but is no base64, so kubectl refuses it") from error
    return _INVALID_BYTE.sub("\ufffd", data.decode(errors="surrogateescape"))


def _float_key(number: float) -> str:
    """strconv.FormatFloat(number, 'g', -1, 32): the shortest digits that tell it from every other float32."""
    single = _to_single(number)
    if not math.isfinite(single):
        return ".nan" if math.isnan(single) else f"{single}".replace("inf", ".inf")
    digits = next(count for count in range(9) if _to_single(float(f"{single:.{count}e}")) == single)
    text = f"{single:.{digits}e}"
    exponent = int(text.partition("e")[2])
    return f"{float(text):.{max(0, digits - exponent)}f}" if -4 <= exponent < 6 else text


def _to_single(number: float) -> float:
    try:
        return float(struct.unpack("f", struct.pack("f", number))[0])
    except OverflowError:
        return math.copysign(math.inf, number)
