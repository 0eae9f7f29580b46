"""The guard: the new text of every changed document must say what its patch says, or nothing is written."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..error import GuardError, InputError, RetouchError
from ..node import plain
from ..patch import apply
from ..pointer import join
from ..reading.document import Chunk, read_stream
from ..reading.kubernetes_scalar import fits_64_bits
from ..value import Value, equal
from .pairing import original_plain

_FLOAT_BITS = 1024
_READ_DIFFERENTLY = re.compile(r"(?P<tab>(?<![^\r\n]) *\t[ \t]*(?=[\r\n]|\Z))|[\x85\u2028\u2029]")


def check(chunk: Chunk, text: str, patches: Mapping[int | None, Sequence[Mapping[str, Any]]]) -> None:
    """Parse `text`, what became of the chunk, and compare it with what the patches make of the original data.

    `patches` holds the operations of the changed documents by their item number, None for the chunk's only
    document. Raises `GuardError` naming the document, the place and the operation. Linear in the chunk.
    """
    expected = _expected(chunk, patches)
    try:
        chunks = [one for one in read_stream(text, chunk.source.file) if one.root is not None]
    except InputError as error:
        message = error.messages[0].text
        if message.startswith("nested more than"):
            raise InputError(f"the result would be {message}", chunk.source.place(0)) from None
        raise _mistake(chunk, f"the new text cannot be read ({message})", patches, []) from None
    if len(chunks) != 1 or chunks[0].root is None:
        raise _mistake(chunk, "the new text is not one document any more", patches, [])
    found = plain(chunks[0].root)
    if not equal(found, expected) and not (chunk.kubernetes and equal(found, _held(expected))):
        place = _difference(expected, found)
        if chunks[0].kubernetes != chunk.kubernetes:
            raise _other_reader(chunk, place)
        raise _mistake(chunk, f"the new text differs from the patched data at `{join(place)}`", patches, place)


def _other_reader(chunk: Chunk, place: list[str | int]) -> InputError:
    """What is wrong where an edit of `apiVersion` or `kind` changes what other scalars say."""
    now = "is not read as kubectl reads it any more" if chunk.kubernetes else "would be read as kubectl reads it"
    return InputError(
        f"this change of `apiVersion` or `kind` would make `{join(place)}` say something else, as the document {now};"
        " quote that value first",
        chunk.source.place(max(chunk.root.start, 0) if chunk.root else 0),
    )


def _held(value: Value) -> Value:
    """`value` as the API server holds it: an integer that 64 bits do not hold is a float64 there."""
    if isinstance(value, dict):
        return {key: _held(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_held(item) for item in value]
    if isinstance(value, bool) or not isinstance(value, int) or fits_64_bits(value):
        return value
    return float(value) if value.bit_length() < _FLOAT_BITS else math.inf


def _expected(chunk: Chunk, patches: Mapping[int | None, Sequence[Mapping[str, Any]]]) -> Value:
    data: Value = None if chunk.root is None else original_plain(chunk.root)
    for item, operations in patches.items():
        if item is None:
            data = apply(data, operations)
        else:
            data["items"][item] = apply(data["items"][item], operations)
    return data


def _mistake(
    chunk: Chunk,
    what: str,
    patches: Mapping[int | None, Sequence[Mapping[str, Any]]],
    place: list[str | int],
) -> RetouchError:
    """The error for a wrong text: of the document's author if it holds what readers disagree on, else our own."""
    odd = _READ_DIFFERENTLY.search(chunk.source.text)
    if odd:
        what = "a tab on a blank line" if odd["tab"] else f"the character U+{ord(odd[0]):04X}"
        text = f"YAML readers take {what} for different things: this document cannot be edited safely with it"
        return InputError(text, chunk.source.place(odd.start()))
    operation = _operation_at(patches, place)
    named = f"; the operation there is {operation['op']} `{operation['path']}`" if operation else ""
    text = f"{what}{named}. Nothing was written. This is a mistake in retouch: please report it with the document"
    return GuardError(text, chunk.source.place(max(chunk.root.start, 0) if chunk.root else 0))


def _operation_at(
    patches: Mapping[int | None, Sequence[Mapping[str, Any]]], place: list[str | int]
) -> Mapping[str, Any] | None:
    """The last operation whose path leads to the place that differs."""
    best: Mapping[str, Any] | None = None
    for item, operations in patches.items():
        local = place if item is None else place[2:]
        for operation in operations:
            if join(local).startswith(operation["path"].removesuffix("/-")):
                best = operation
    return best


def _difference(expected: Value, found: Value) -> list[str | int]:
    """The way to the first place where two values differ."""
    way: list[str | int] = []
    while True:
        step = _step_to_difference(expected, found)
        if step is None:
            return way
        way.append(step)
        expected, found = expected[step], found[step]


def _step_to_difference(expected: Value, found: Value) -> str | int | None:
    if isinstance(expected, dict) and isinstance(found, dict):
        return next((key for key in expected if key in found and not equal(expected[key], found[key])), None)
    if isinstance(expected, list) and isinstance(found, list):
        pairs = enumerate(zip(expected, found, strict=False))
        return next((index for index, (left, right) in pairs if not equal(left, right)), None)
    return None
