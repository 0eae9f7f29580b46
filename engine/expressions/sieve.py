"""What a condition rules out before its combinations are made: by `params`, by tables without rows, by columns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from ..value import Value
from .operand import truth
from .predicate import TYPE_TESTS
from .syntax import Arguments, Binary, Comparison, Constant, FunctionCall, Item, Name, Slice, Syntax, TestCall, Unary

Guard: TypeAlias = Callable[[Mapping[str, Any], Collection[str]], bool]
"""Whether a part of a condition may be true with these parameters, and where these tables have no rows."""


@dataclass(frozen=True, slots=True)
class Sieve:
    """What must be true for a condition to be true, as far as it can be told without evaluating it.

    `columns` are the texts that columns must hold, by the name of the row. Only such parts of the condition are in it
    as are evaluated for every combination and cannot fail, so that leaving combinations out changes nothing.
    """

    guards: tuple[Guard, ...] = ()
    columns: Mapping[str, Mapping[str, str]] | None = None

    def lets_through(self, parameters: Mapping[str, Any], empty: Collection[str]) -> bool:
        """Whether the condition may be true with these parameters, where these tables are `empty`."""
        return all(guard(parameters, empty) for guard in self.guards)


def sift(tree: Syntax, lets: frozenset[str]) -> Sieve:
    """The sieve of the condition `tree`; what uses one of `lets` may fail."""
    guards: list[Guard] = []
    columns: dict[str, dict[str, str]] = {}
    for part in _conjuncts(tree):
        if not is_safe(part, lets):
            break
        guard = _guard(part)
        if guard is not None:
            guards.append(guard)
        elif isinstance(part, Comparison) and part.steps[0][0] == "eq":
            path, text = _path(part.left), part.steps[0][1]
            if len(path) == 2 and isinstance(text, Constant) and type(text.value) is str:
                columns.setdefault(path[0], {}).setdefault(path[1], text.value)
    return Sieve(tuple(guards), columns)


def is_safe(tree: Syntax, lets: frozenset[str]) -> bool:
    """Whether evaluating `tree` cannot fail, whatever captures are; for many that cannot this is not known."""
    parts = _safe_parts(tree)
    if parts is None:
        return isinstance(tree, Name) and tree.name not in lets and tree.name != "omit"
    return all(is_safe(part, lets) for part in parts)


def _safe_parts(tree: Syntax) -> Sequence[Syntax] | None:  # noqa: PLR0911 - a table of forms
    """The parts that must be safe for `tree` to be; None if that is not enough."""
    match tree:
        case Constant():
            return ()
        case Item(key=Constant(value=str())) if _path(tree)[:1] != ("facts",):
            return (tree.base,)
        case Unary(operator="not"):
            return (tree.operand,)
        case Binary(operator="and" | "or"):
            return (tree.left, tree.right)
        case Comparison(steps=(("eq" | "ne", Constant(value=str())),)):
            return (tree.left,)
        case Comparison(steps=(("in" | "notin", Item() as table),)) if _path(table)[:1] == ("facts",):
            return (tree.left,)
        case TestCall(arguments=Arguments(positional=())) if tree.name in TYPE_TESTS:
            return (tree.subject,)
        case FunctionCall(name="rows"):
            return [value for _, value in tree.arguments.named]
        case Slice(base=FunctionCall(name="rows"), start=None, stop=Constant(value=int()), step=None):
            return (tree.base,)
    return None


def _conjuncts(tree: Syntax) -> list[Syntax]:
    if isinstance(tree, Binary) and tree.operator == "and":
        return [*_conjuncts(tree.left), *_conjuncts(tree.right)]
    return [tree]


def _path(tree: Syntax) -> tuple[str, ...]:
    """The name and the keys behind it that `tree` is made of; nothing if it is something else."""
    keys: list[str] = []
    while isinstance(tree, Item) and isinstance(tree.key, Constant) and type(tree.key.value) is str:
        keys.append(tree.key.value)
        tree = tree.base
    return (tree.name, *reversed(keys)) if isinstance(tree, Name) else ()


def _guard(tree: Syntax) -> Guard | None:
    """What a part of a condition asks of `params`, or whether there are rows that it asks for; None for all else."""
    table = _table_asked(tree)
    if table is not None:
        return lambda _, empty: table not in empty
    match tree:
        case Binary(operator="or"):
            return _either(_guard(tree.left), _guard(tree.right))
        case Binary(operator="and"):
            guards = [guard for guard in map(_guard, _conjuncts(tree)) if guard is not None]
            return (lambda parameters, empty: all(guard(parameters, empty) for guard in guards)) if guards else None
        case Unary(operand=inner):
            keys = _parameter(inner)
            return (lambda parameters, _: not truth(_reach(parameters, keys))) if keys else None
        case Comparison(left=left, steps=((("eq" | "ne") as operator, Constant(value=text)),)):
            keys, wanted = _parameter(left), operator == "eq"
            return (lambda parameters, _: (_reach(parameters, keys) == text) is wanted) if keys else None
    keys = _parameter(tree)
    return (lambda parameters, _: truth(_reach(parameters, keys))) if keys else None


def _either(left: Guard | None, right: Guard | None) -> Guard | None:
    if left is None or right is None:
        return None
    return lambda parameters, empty: left(parameters, empty) or right(parameters, empty)


def gives_rows(tree: Syntax) -> bool:
    """Whether `tree` is `rows(...)`, or a slice of it."""
    rows = tree.base if isinstance(tree, Slice) else tree
    return isinstance(rows, FunctionCall) and rows.name == "rows"


def _table_asked(tree: Syntax) -> str | None:
    """The table of `rows('table', ...)`, also with a slice, and of `key in facts.table`; None for all else."""
    match tree:
        case FunctionCall(name="rows", arguments=Arguments(positional=(Constant(value=str() as name),))):
            return name
        case Slice(base=FunctionCall() as base):
            return _table_asked(base)
        case Comparison(steps=(("in", Item(base=Name(name="facts"), key=Constant(value=str() as name))),)):
            return name
    return None


def _parameter(tree: Syntax) -> tuple[str, ...]:
    """The keys of a parameter below `params`; nothing if `tree` is something else."""
    path = _path(tree)
    return path[1:] if path[:1] == ("params",) else ()


def _reach(parameters: Mapping[str, Any], keys: tuple[str, ...]) -> Value:
    value: Value = parameters
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
