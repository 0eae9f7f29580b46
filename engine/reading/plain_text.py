"""Which strings may be written without quotes, and how a number is written, so that all readers read the same."""

from __future__ import annotations

import math
import re

from ..late_pattern import late_pattern
from ..wide_pattern import WidePattern
from .core_scalar import NUMBER_STARTS
from .kubernetes_scalar import OLD_WORDS, ScalarError, fits_64_bits

_SIMPLE_WORD = late_pattern(r"[A-Za-z_/][A-Za-z0-9_./-]*")
_RESERVED = frozenset([*(word.lower() for word in OLD_WORDS), "=", "<<"])
_NUMBER_LIKE = late_pattern(  # of a text without its underscores
    r"[-+]?(?:[0-9]*\.?[0-9]*(?:e[-+]?[0-9]*)?|0x[0-9a-f]*|0o[0-7]*|0b[-+]?[01]*|[0-9]+(?::[0-9]+)+(?:\.[0-9]*)?"
    r"|\.(?:inf|nan))",
    re.IGNORECASE,
)
_TIMESTAMP_LIKE = late_pattern(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?![^Tt ])")

# No control characters, nothing that is a line break or a byte-order mark to some reader.
_BEYOND_ASCII = "\u00a1-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff"
_BLOCK = WidePattern(lambda more: rf"{_start(more)}(?:[ !\"$-9;-~{more}]|:(?! |\Z)|(?<! )#)*", _BEYOND_ASCII)
# In flow style libyaml 0.1 ends a scalar at `:` and `?` too.
_FLOW = WidePattern(lambda more: rf"{_start(more)}(?:[ !\"$-+\--9;->@-Z\\^-z|~{more}]|(?<! )#)*", _BEYOND_ASCII)
LONGEST_KEY = 1000
"""Of the 1024 characters in which a parser must find the colon of a key."""

_LARGEST_EXPONENT = 1023  # of two, in a float64
_MOST_BITS = 14_000  # of an integer that Python turns into text: 4300 digits unless told otherwise


def plain_safe(text: str, *, flow: bool, key: bool = False) -> bool:
    """Whether a string can be written without quotes so that every reader takes it for that very string.

    The readers are PyYAML, ruamel.yaml as YAML 1.1 and 1.2 (both with and without libyaml) and kubectl. `flow`:
    it goes into `[...]` or `{...}`; `key`: it becomes a key. Some strings that would pass are refused: what a
    human may take for a number or a word such as `yEs`, any `:` in flow style. Linear in the length.
    """
    if key and len(text) > LONGEST_KEY:
        return False
    if _SIMPLE_WORD.fullmatch(text):
        return text.lower() not in _RESERVED
    if not (_FLOW if flow else _BLOCK).fitting(text).fullmatch(text) or text[-1] == " " or text.startswith("..."):
        return False
    if text[0] in NUMBER_STARTS:
        return not _NUMBER_LIKE.fullmatch(text.replace("_", "")) and not _TIMESTAMP_LIKE.match(text)
    return text not in _RESERVED


def _start(more: str) -> str:
    return rf"(?:[$()+./0-9;<=A-Z\\^_a-z~{more}]|--?(?=[A-Za-z0-9]))"


def canonical_number(value: float, kubernetes: bool) -> str:  # noqa: FBT001 - which of two readers it is for
    """The text of a number in YAML or JSON that all readers take for that number, however it was spelled.

    With `kubernetes` it is the number that the API server holds: digits if that is an integer of 64 bits, else
    a float64. Floats have a dot and a signed exponent, which YAML 1.1 demands. Infinity and not-a-number are
    written as YAML does. Raises ScalarError for an integer that cannot be written.
    """
    if isinstance(value, int):
        limit = _LARGEST_EXPONENT if kubernetes else _MOST_BITS
        if value.bit_length() > limit:
            raise ScalarError(f"an integer of {value.bit_length()} bits is too large to be written: at most {limit}")
        if not kubernetes or fits_64_bits(value):
            return int.__repr__(value)
    elif kubernetes and value.is_integer() and fits_64_bits(value):
        return int.__repr__(int(value))
    return _float_text(float(value))


def _float_text(number: float) -> str:
    if not math.isfinite(number):
        return ".nan" if math.isnan(number) else ".inf" if number > 0 else "-.inf"
    mantissa, mark, exponent = float.__repr__(number).partition("e")
    return mantissa + ("" if "." in mantissa else ".0") + mark + exponent
