"""Writes the syntax tree of an expression, or of a part of it, as text again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .syntax import (
    Arguments,
    Binary,
    Choice,
    Comparison,
    Concatenation,
    Constant,
    FilterCall,
    FunctionCall,
    Item,
    ListOf,
    MappingOf,
    Name,
    Slice,
    Syntax,
    TestCall,
    Unary,
)

_OPERATORS = {"eq": "==", "ne": "!=", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">=", "in": "in", "notin": "not in"}
_CONSTANTS = {None: "null", True: "true", False: "false"}
_LOOSE = (Binary, Choice, Comparison, Concatenation, FilterCall, TestCall, Unary)  # in parentheses inside of others


def spell(tree: Syntax) -> str:
    """The text of `tree`: the same expression, with blanks and quotes of our own. Linear."""
    return _SPELLERS[type(tree)](tree)


def _tight(tree: Syntax) -> str:
    return f"({spell(tree)})" if isinstance(tree, _LOOSE) else spell(tree)


def _operand(tree: Syntax) -> str:
    """A part beside an operator, where a filter needs no parentheses."""
    return spell(tree) if isinstance(tree, FilterCall) else _tight(tree)


def _constant(tree: Constant) -> str:
    value = tree.value
    if value is None or isinstance(value, bool):
        return _CONSTANTS[value]
    return repr(value) if isinstance(value, (str, int, float)) else "..."


def _item(tree: Item) -> str:
    key = tree.key
    if isinstance(key, Constant) and isinstance(key.value, str) and key.value.isidentifier():
        return f"{_tight(tree.base)}.{key.value}"
    return f"{_tight(tree.base)}[{spell(key)}]"


def _slice(tree: Slice) -> str:
    parts = ["" if part is None else spell(part) for part in (tree.start, tree.stop)]
    step = "" if tree.step is None else f":{spell(tree.step)}"
    return f"{_tight(tree.base)}[{':'.join(parts)}{step}]"


def _mapping(tree: MappingOf) -> str:
    return "{" + ", ".join(f"{spell(key)}: {spell(value)}" for key, value in tree.pairs) + "}"


def _comparison(tree: Comparison) -> str:
    return _operand(tree.left) + "".join(f" {_OPERATORS[name]} {_operand(right)}" for name, right in tree.steps)


def _choice(tree: Choice) -> str:
    otherwise = "" if tree.otherwise is None else f" else {_tight(tree.otherwise)}"
    return f"{_tight(tree.then)} if {_tight(tree.condition)}{otherwise}"


def _test(tree: TestCall) -> str:
    return f"{_operand(tree.subject)} is {tree.name}{_called(tree.arguments)}"


def _unary(tree: Unary) -> str:
    if tree.operator != "not":
        return tree.operator + _operand(tree.operand)
    inner = tree.operand
    if isinstance(inner, TestCall):
        return f"{_operand(inner.subject)} is not {inner.name}{_called(inner.arguments)}"
    return f"not {spell(inner) if isinstance(inner, Comparison) else _operand(inner)}"


def _arguments(arguments: Arguments) -> str:
    named = [f"{name}={spell(value)}" for name, value in arguments.named]
    return ", ".join([*map(spell, arguments.positional), *named])


def _called(arguments: Arguments) -> str:
    return f"({_arguments(arguments)})" if arguments.positional or arguments.named else ""


_SPELLERS: dict[type[Any], Callable[[Any], str]] = {
    Constant: _constant,
    Name: lambda tree: str(tree.name),
    Item: _item,
    Slice: _slice,
    ListOf: lambda tree: "[" + ", ".join(map(spell, tree.items)) + "]",
    MappingOf: _mapping,
    Unary: _unary,
    Binary: lambda tree: f"{_operand(tree.left)} {tree.operator} {_operand(tree.right)}",
    Concatenation: lambda tree: " ~ ".join(map(_operand, tree.parts)),
    Comparison: _comparison,
    Choice: _choice,
    FilterCall: lambda tree: f"{_subject(tree.subject)} | {tree.name}{_called(tree.arguments)}",
    TestCall: _test,
    FunctionCall: lambda tree: f"{tree.name}({_arguments(tree.arguments)})",
}


def _subject(tree: Syntax) -> str:
    return spell(tree) if isinstance(tree, FilterCall) else _tight(tree)
