"""Plain data as retouch compares and holds it: JSON's types, numbers with their digits, absence."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any, Self

Value = Any
"""JSON data: dict with str keys, list, str, int, float, bool, None."""


class Integer(int):
    """An int that remembers how it was spelled (`0x1F`, `+5`)."""

    text: str

    def __new__(cls, value: int, text: str) -> Self:
        self = super().__new__(cls, value)
        self.text = text
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return (Integer, (int(self), self.text))


class Float(float):
    """A float that remembers how it was spelled (`1.50`, `1e3`)."""

    text: str

    def __new__(cls, value: float, text: str) -> Self:
        self = super().__new__(cls, value)
        self.text = text
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return (Float, (float(self), self.text))


class Absent:
    """What an expression gets when it reaches into something that is not there."""

    __slots__ = ("keys", "name")

    def __init__(self, name: str, keys: Iterable[str] = ()) -> None:
        self.name = name
        self.keys = keys


def is_number(value: Value) -> bool:
    """Whether `value` is a number; a boolean is not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def equal(left: Value, right: Value) -> bool:
    """Whether two values are the same data: numbers by value, a boolean equals no number, key order is nothing.

    `.nan`, which YAML has beside JSON's data, is the same as `.nan`. Cost is linear in the smaller value.
    """
    if left is right:
        return True
    if isinstance(left, dict):
        return (
            isinstance(right, dict)
            and len(left) == len(right)
            and all(key in right and equal(value, right[key]) for key, value in left.items())
        )
    if isinstance(left, (list, tuple)):
        return isinstance(right, (list, tuple)) and len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, bool) or isinstance(right, bool):
        return False
    return bool(left == right or (left != left and right != right))  # noqa: PLR0124 - `.nan` alone differs from itself


def identity(value: Value) -> Hashable:
    """A hashable key such that two values have the same key if and only if they are `equal`."""
    if isinstance(value, dict):
        return ("mapping", frozenset((key, identity(item)) for key, item in value.items()))
    if isinstance(value, (list, tuple)):
        return ("sequence", tuple(identity(item) for item in value))
    if isinstance(value, bool):
        return ("boolean", value)
    if value != value:  # noqa: PLR0124 - `.nan`, of which Python takes every one for another
        return ("not a number",)
    scalar: Hashable = value
    return scalar
