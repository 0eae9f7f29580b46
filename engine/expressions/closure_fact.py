"""Compiles what expressions ask of tables of facts: `rows('call', target=id)`, `facts.call[id]`, `id in facts.call`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..fact import PREFIX, Row, Table, token
from ..node import Node
from ..suggest import listing, suggest
from ..value import Absent, Value
from .expression import Code, Run
from .operand import settle
from .scope import ExpressionError, Frame, KnownTable, Scope
from .shape import missing_column, row_of, rows_of
from .syntax import Comparison, Constant, FunctionCall, Item, Name, Syntax

if TYPE_CHECKING:
    from .closure import Compiler


def table_named(tree: Syntax) -> str:
    """The name of the table that `facts.NAME` means; "" for anything else."""
    if isinstance(tree, Item) and isinstance(tree.base, Name) and tree.base.name == "facts":
        return tree.key.value if isinstance(tree.key, Constant) and isinstance(tree.key.value, str) else ""
    return ""


def alone(table: str) -> str:
    """What is wrong with `facts.NAME` where nothing is looked up in it."""
    return (
        f"a table is no value: look a row up (`facts.{table}[key]`, `key in facts.{table}`), or take `rows('{table}')`"
    )


def compile_lookup(compiler: Compiler, tree: Item) -> Code:
    """The code of `facts.table[key]`: the row with that `id`, or absent."""
    table = table_named(tree.base)
    _use_key(compiler, table, tree.base.offset)
    if tree.dotted and isinstance(tree.key, Constant) and tree.key.value in compiler.scope.tables[table].columns:
        column = tree.key.value
        text = f"`facts.{table}` is a table: `{column}` is a column of its rows, so write `facts.{table}[key].{column}`"
        raise ExpressionError(text, tree.key.offset)
    name, key, missing = PREFIX + table, compile_place(compiler, tree.key), f"{PREFIX}{table}[...]"

    def run(frame: Frame) -> Value:
        wanted, found = key(frame), frame[name]
        if type(wanted) is str:
            row = found.keys.get(wanted)
        else:
            row = None if isinstance(wanted, Absent) else found.get(_comparable(wanted, found, "id"))
        return Absent(missing) if row is None else row

    compiler.metered = True
    return Code(run, shape=row_of(table))


def compile_membership(compiler: Compiler, tree: Comparison) -> Code:
    """The code of `key in facts.table` and of `key not in facts.table`."""
    operator, right = tree.steps[0]
    table = table_named(right)
    _use_key(compiler, table, right.offset)
    name, key, wanted = PREFIX + table, compile_place(compiler, tree.left), operator == "in"

    def run(frame: Frame) -> Value:
        value, found = key(frame), frame[name]
        if type(value) is str:
            return (value in found.keys) is wanted
        known = not isinstance(value, Absent) and found.get(_comparable(value, found, "id")) is not None
        return known is wanted

    compiler.metered = True
    return Code(run)


def compile_rows(compiler: Compiler, tree: FunctionCall) -> Code:
    """The code of `rows('table', column=value, ...)`: the rows that hold these values, in the order found."""
    given = tree.arguments.positional
    table = given[0] if len(given) == 1 else None
    if not isinstance(table, Constant) or not isinstance(table.value, str):
        raise ExpressionError("`rows` takes the name of a table, and columns by name: `rows('call', target=id)`")
    name = PREFIX + table.value
    use_table(compiler, table.value, table.offset)
    for column, value in tree.arguments.named:
        problem = missing_column(compiler.scope, row_of(table.value), column)
        if problem:
            raise ExpressionError(problem, max(0, value.offset - len(column) - 1))
    columns = tuple(column for column, _ in tree.arguments.named)
    parts = [(compile_place(compiler, value), column) for column, value in tree.arguments.named]

    def run(frame: Frame) -> Value:
        table = frame[name]
        values: list[Value] = []
        for part, column in parts:
            value = part(frame)
            if type(value) is not str:
                if isinstance(value, Absent):
                    return []
                value = token(_comparable(value, table, column))
            values.append(value)
        return table.find(columns, tuple(values)) if values else table.rows

    compiler.metered = True
    return Code(run, shape=rows_of(table.value))


def use_table(compiler: Compiler, name: str, offset: int) -> KnownTable:
    """Note that a table is used. `ExpressionError` if there is none, or if it cannot be used here."""
    tables = compiler.scope.tables
    if name not in tables:
        known = f"; tables: {listing(tables)}" if tables else "; the rule set has no `facts`"
        raise ExpressionError(f"unknown table `{name}`{suggest(name, tables) or known}", offset)
    if tables[name].problem:
        raise ExpressionError(tables[name].problem, offset)
    compiler.names.add(PREFIX + name)
    return tables[name]


def compile_place(compiler: Compiler, tree: Syntax) -> Run:
    """The code of `tree`; where it names a capture, or a column that holds one, that node and not its value."""
    code = compiler.compile(tree)
    find = locate(compiler, tree)
    if find is None:
        return code.run
    otherwise = code.run

    def run(frame: Frame) -> Value:
        found = find(frame)
        return otherwise(frame) if found is NOTHING else found

    return run


def locate(compiler: Compiler, tree: Syntax, *, surely: bool = False) -> Run | None:
    """What `finder` makes of `tree`, if it is a capture, or a column of what may be a row.

    With `surely` the row must be known to be one when the rule file is loaded.
    """
    scope = compiler.scope
    if isinstance(tree, Name) and tree.name in scope.captures | {"doc"}:
        return finder((tree.name,))
    if isinstance(tree, Item) and isinstance(tree.base, Name) and isinstance(tree.key, Constant):
        shape, name = scope.shapes.get(tree.base.name), tree.base.name
        is_row = not shape.many if shape is not None else not surely and is_value(scope, name)
        return finder((name, str(tree.key.value))) if is_row else None
    return None


def is_value(scope: Scope, name: str) -> bool:
    """Whether a name stands for a value of which nothing is known: it may be a row."""
    return name in scope.lets | scope.names and name not in {"params", "doc", "file"}


def finder(source: tuple[str, ...]) -> Run:
    """A function that gives the node behind a capture's name, or what a row of that name holds in a column.

    Nodes, of scalars too, are given as they are; NOTHING stands for what is neither.
    """
    name = source[0]
    if len(source) == 1:

        def find(frame: Frame) -> Value:
            value = frame[name]
            return value if type(value) is Node else NOTHING

        return find
    column = source[1]

    def find_in_row(frame: Frame) -> Value:
        row = frame[name]
        return row.get(column, NOTHING) if type(row) is Row else NOTHING

    return find_in_row


NOTHING: Final = object()
"""What `finder` finds where there is no node and no row with that column."""

_SCALARS = frozenset({str, int, float, bool, type(None)})


def _use_key(compiler: Compiler, table: str, offset: int) -> None:
    if "id" not in use_table(compiler, table, offset).columns:
        text = f"the table `{table}` has no column `id`, so its rows have no key: take `rows('{table}', column=value)`"
        raise ExpressionError(text, offset)


def _comparable(value: Value, table: Table, column: str) -> Value:
    """A value as the table compares it: a node only where the column holds nodes, else plain data."""
    if type(value) in _SCALARS or (type(value) is Node and (not value.kind or column in table.located)):
        return value
    return settle(value)
