"""Rows of facts and the tables that hold them, found by key and by columns at a cost that does not grow with them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from .node import Node
from .value import Value, identity

if TYPE_CHECKING:
    from .evaluation.tree import Tree
    from .rule import Derivation

PREFIX: Final = "facts."
"""What the name of a table begins with where expressions and frames name it: `facts.call`."""

_PLAIN = frozenset({str, int, float, type(None)})
_MARKS = _PLAIN | {Node}


class Row(dict[str, Any]):
    """A row: plain data, or the node of a capture, by column.

    `home` is the document that it comes from (None if that is no single one); `derivation` and `captures` say how it
    was derived.
    """

    __slots__ = ("captures", "derivation", "home", "scalars")

    def __init__(
        self,
        columns: Mapping[str, Any] | tuple[()] = (),
        home: Tree | None = None,
        derivation: Derivation | None = None,
        captures: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(columns)
        self.home = home
        self.derivation = derivation
        self.captures = captures or {}
        self.scalars: dict[str, Value] | None = None  # what the nodes of scalars held when the row was found

    @property
    def node(self) -> Node | None:
        """The first column that holds a node: the place that messages about the row show."""
        return next((value for value in self.values() if type(value) is Node), None)


def nodes_in(value: object) -> Iterator[Node]:
    """The nodes that a capture's value is: itself, or those in the columns of a row; none of a plain value."""
    if type(value) is Node:
        yield value
    elif type(value) is Row:
        yield from (column for column in value.values() if type(column) is Node)


class Table:
    """Rows in the order found, no two of them equal. With `keyed`, no two have the same `id`.

    What is looked up is compared as `token` says: scalars by value, also those that are captures, at the time when
    their row was found. `located` are the columns that hold nodes of mappings and lists.
    """

    __slots__ = ("_indexes", "keyed", "keys", "located", "rows")

    def __init__(self, *, keyed: bool) -> None:
        self.keyed = keyed
        self.clear()

    def clear(self) -> None:
        """Forget all rows."""
        self.rows: list[Row] = []
        self.keys: dict[Hashable, Row] = {}
        self.located: set[str] = set()
        self._indexes: dict[tuple[str, ...], dict[Hashable, list[Row]]] = {}

    def add(self, row: Row) -> Row | None:
        """Put `row` at the end, unless a row with its key is there: then that one is returned. Constant time."""
        key = token(row.get("id")) if self.keyed else same(row)
        known = self.keys.setdefault(key, row)
        if known is not row:
            return known
        self._place(row)
        return None

    def add_group(self, row: Row, members: Iterable[Hashable]) -> None:
        """Put a group at the end, to be found by every one of its members (as `token` makes them)."""
        self.keys.update(dict.fromkeys(members, row))
        self._place(row)

    def get(self, key: Value) -> Row | None:
        """The row whose `id` is `key` (plain data or a node), or the group it is a member of. Constant time."""
        return self.keys.get(token(key))

    def find(self, columns: tuple[str, ...], tokens: tuple[Hashable, ...]) -> list[Row]:
        """The rows that hold values with these tokens in these columns, in order; not to be changed.

        The first call for some columns costs one pass over the table, later ones constant time.
        """
        index = self._indexes.get(columns)
        if index is None:
            index = self._indexes[columns] = {}
            for row in self.rows:
                _enter(index, columns, row)
        return index.get(tokens, _NONE)

    def _place(self, row: Row) -> None:
        self.rows.append(row)
        for column, value in row.items():
            if type(value) is Node:
                if value.kind:
                    self.located.add(column)
                else:
                    row.scalars = {**(row.scalars or {}), column: value.value}
        for columns, index in self._indexes.items():
            _enter(index, columns, row)


_NONE: list[Row] = []


def token(value: Value) -> Hashable:
    """What a value is looked up by: a scalar by its value (1 is 1.0, true is not 1), any other node by itself."""
    if type(value) in _PLAIN:
        return value  # type: ignore[no-any-return]
    if type(value) is Node:
        return value if value.kind else token(value.value)
    return identity(value)


def mark(value: Value) -> Hashable:
    """What tells a row's value from another's: a node is itself, whatever it holds; data is what it says."""
    return value if type(value) is Node else token(value)


def same(row: Row) -> Hashable:
    """A key that two rows share if and only if they hold the same data and nodes in the same columns."""
    if _MARKS.issuperset(map(type, row.values())):  # what is its own mark, which is nearly everything
        return frozenset(row.items())
    return frozenset((column, mark(value)) for column, value in row.items())


def _enter(index: dict[Hashable, list[Row]], columns: tuple[str, ...], row: Row) -> None:
    scalars, tokens = row.scalars, []
    for column in columns:
        if column not in row:
            return
        value = scalars[column] if scalars is not None and column in scalars else row[column]
        tokens.append(value if type(value) is str else token(value))
    index.setdefault(tuple(tokens), []).append(row)
