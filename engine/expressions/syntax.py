"""The syntax tree of an expression, free of the library that parsed it; every node knows its offset in the text."""

from __future__ import annotations

from typing import TypeAlias

from ..dataclass import dataclass
from ..value import Value


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal."""

    offset: int
    value: Value


@dataclass(frozen=True, slots=True)
class Name:
    """A name's value."""

    offset: int
    name: str


@dataclass(frozen=True, slots=True)
class Item:
    """`base.key` (then it is `dotted`) or `base[key]`."""

    offset: int
    base: Syntax
    key: Syntax
    dotted: bool = False


@dataclass(frozen=True, slots=True)
class Slice:
    """`base[start:stop:step]`."""

    offset: int
    base: Syntax
    start: Syntax | None
    stop: Syntax | None
    step: Syntax | None


@dataclass(frozen=True, slots=True)
class ListOf:
    """`[a, b]` or `(a, b)`."""

    offset: int
    items: tuple[Syntax, ...]


@dataclass(frozen=True, slots=True)
class MappingOf:
    """`{a: b}`."""

    offset: int
    pairs: tuple[tuple[Syntax, Syntax], ...]


@dataclass(frozen=True, slots=True)
class Unary:
    """`-a`, `+a`, `not a`."""

    offset: int
    operator: str
    operand: Syntax


@dataclass(frozen=True, slots=True)
class Binary:
    """Arithmetic, `and`, `or`."""

    offset: int
    operator: str
    left: Syntax
    right: Syntax


@dataclass(frozen=True, slots=True)
class Concatenation:
    """`a ~ b ~ c`."""

    offset: int
    parts: tuple[Syntax, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`a < b <= c`, with each operator and what stands on its right."""

    offset: int
    left: Syntax
    steps: tuple[tuple[str, Syntax], ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """`then if condition else otherwise`."""

    offset: int
    condition: Syntax
    then: Syntax
    otherwise: Syntax | None


@dataclass(frozen=True, slots=True)
class Arguments:
    """What stands between the parentheses of a call."""

    positional: tuple[Syntax, ...]
    named: tuple[tuple[str, Syntax], ...]


@dataclass(frozen=True, slots=True)
class FilterCall:
    """`subject | name(arguments)`."""

    offset: int
    subject: Syntax
    name: str
    arguments: Arguments


@dataclass(frozen=True, slots=True)
class TestCall:
    """`subject is name(arguments)`."""

    offset: int
    subject: Syntax
    name: str
    arguments: Arguments


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """`name(arguments)`."""

    offset: int
    name: str
    arguments: Arguments


Syntax: TypeAlias = (
    Constant
    | Name
    | Item
    | Slice
    | ListOf
    | MappingOf
    | Unary
    | Binary
    | Concatenation
    | Comparison
    | Choice
    | FilterCall
    | TestCall
    | FunctionCall
)


def source_of(tree: Syntax) -> tuple[str, ...] | None:
    """The name and the keys behind it that an expression is made of, if it is nothing else."""
    keys: list[str] = []
    while isinstance(tree, Item) and isinstance(tree.key, Constant) and isinstance(tree.key.value, str):
        keys.insert(0, tree.key.value)
        tree = tree.base
    return (tree.name, *keys) if isinstance(tree, Name) else None
