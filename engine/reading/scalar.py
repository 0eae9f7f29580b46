"""What a scalar says to each of its readers, and where they disagree: the names that other modules use."""

from __future__ import annotations

from ..late_pattern import late_pattern
from ..value import Value, equal
from .core_scalar import NOT_FINITE, NUMBER_STARTS, resolve_core, resolve_core_tagged, spelled, to_number
from .kubernetes_scalar import (
    OLD_WORDS,
    ScalarError,
    key_kubernetes,
    resolve_kubernetes,
    resolve_kubernetes_tagged,
    short_name,
)
from .plain_text import canonical_number, plain_safe

__all__ = [
    "ScalarError",
    "ambiguous",
    "canonical_number",
    "key_kubernetes",
    "plain_safe",
    "resolve_core",
    "resolve_kubernetes",
    "resolve_tagged",
]

# As PyYAML has them, but for those that hold no digit at all, on which it fails.
_INTEGER = late_pattern(r"(?P<octal>[-+]?0[0-7_]+)|[-+]?(?:0|[1-9][0-9_]*|0b_*[01][01_]*|0x_*[0-9a-fA-F][0-9a-fA-F_]*)")
_FLOAT = late_pattern(r"[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?")
_BASE_60 = late_pattern(  # bounded, so that the number can be shown in a message
    r"[-+]?(?:[1-9][0-9_]{0,30}(?::[0-5]?[0-9]){1,30}|[0-9][0-9_]{0,30}(?::[0-5]?[0-9]){1,30}\.[0-9_]{0,30})"
)
_TIMESTAMP = late_pattern(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?"
    r"(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?"
)


def resolve_tagged(text: str, tag: str, kubernetes: bool, *, plain: bool = True) -> Value:  # noqa: FBT001 - which reader
    """The data of a scalar that has a tag, written short (`!!int`, `!local`) or in full (`tag:yaml.org,2002:int`).

    kubectl reads `!!int`, `!!float`, `!!bool` and `!!null` by their content, quoted or not, and refuses what does
    not fit (`ScalarError`); it decodes `!!binary`, and takes a scalar with any other tag for a string. In other
    documents content that does not fit its tag is a string, binary stays encoded, and a local or unknown tag
    says nothing: a `plain` scalar is then read as if it had none.
    """
    name = short_name(tag)
    return resolve_kubernetes_tagged(text, name) if kubernetes else resolve_core_tagged(text, name, plain=plain)


def ambiguous(text: str) -> tuple[Value, Value] | None:
    """What YAML 1.1 and YAML 1.2 read in a plain scalar, where they differ; None where they agree.

    YAML 1.1 is PyYAML's, with `y` and `n` as its specification has them. A timestamp, for which JSON has no type,
    is given as the string `timestamp TEXT`.
    """
    old, new = _resolve_old(text), resolve_core(text)
    return None if equal(old, new) else (old, new)


def _resolve_old(text: str) -> Value:
    """The data of a plain scalar by YAML 1.1."""
    if text in OLD_WORDS:
        return OLD_WORDS[text]
    if text[0] not in NUMBER_STARTS:
        return text
    digits = text.replace("_", "")
    match = _INTEGER.fullmatch(text)
    if match:
        prefixed = digits.lstrip("+-")[:2] in ("0b", "0x")
        return spelled(to_number(digits, 8 if match["octal"] else 0 if prefixed else 10), text)
    if _FLOAT.fullmatch(text):
        return spelled(float(digits), text)
    if _BASE_60.fullmatch(text):
        return spelled(_base_60(digits), text)
    return f"timestamp {text}" if _TIMESTAMP.fullmatch(text) else NOT_FINITE.get(text, text)


def _base_60(digits: str) -> int | float:
    total: int | float = 0
    for part in digits.lstrip("+-").split(":"):
        total = total * 60 + (float(part) if "." in part else int(part))
    return -total if digits[0] == "-" else total
