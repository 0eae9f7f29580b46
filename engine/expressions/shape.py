"""What is known of rows of facts when a rule file is loaded: from which tables they come, and so their columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dataclass import replace
from ..jsonpath.selector import Name as NameStep
from ..suggest import listing, suggest
from .scope import ExpressionError, Frame, Scope, Shape
from .syntax import Constant, Syntax

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..jsonpath.path import Path
    from .expression import Code

_NO_NAMES = Frame({})
_SAME = frozenset({"list", "select", "reject", "selectattr", "rejectattr", "sort", "reverse", "unique"})
_ONE = frozenset({"first", "last", "min", "max"})


def row_of(table: str) -> Shape:
    """The shape of a row of `table`."""
    return Shape(frozenset({table}), many=False)


def rows_of(table: str) -> Shape:
    """The shape of a list of rows of `table`."""
    return Shape(frozenset({table}), many=True)


def one_of(shape: Shape | None) -> Shape | None:
    """The shape of an item, for that of a list; a row stands for itself."""
    return None if shape is None else replace(shape, many=False)


def union(*codes: Code) -> Shape | None:
    """The shape of a value that comes from one of some codes; null and empty constants have any shape."""
    shapes = [code.shape for code in codes if not (code.constant and not code.run(_NO_NAMES))]
    known = [shape for shape in shapes if shape is not None]
    if not known or len(known) < len(shapes) or len({shape.many for shape in known}) > 1:
        return None
    return Shape(frozenset().union(*(shape.tables for shape in known)), known[0].many)


def filtered(subject: Code, name: str, arguments: Sequence[Code]) -> Shape | None:
    """The shape of what the filter `name` makes of a value."""
    shape = subject.shape
    if name in {"default", "d"} and arguments:
        return union(subject, arguments[0])
    if shape is None or not shape.many:
        return None
    return shape if name in _SAME else one_of(shape) if name in _ONE else None


def item_shape(shape: Shape | None, key: Syntax) -> Shape | None:
    """The shape of `value[key]`, for the value's: an item of a list of rows is a row."""
    is_index = not (isinstance(key, Constant) and isinstance(key.value, str))
    return one_of(shape) if shape is not None and shape.many and is_index else None


def check_column(scope: Scope, shape: Shape | None, key: Syntax) -> None:
    """Refuse a column that none of the tables has which a row may come from."""
    if shape is None or shape.many or not isinstance(key, Constant) or not isinstance(key.value, str):
        return
    problem = missing_column(scope, shape, key.value)
    if problem:
        raise ExpressionError(problem, key.offset)


def missing_column(scope: Scope, shape: Shape, column: str) -> str:
    """The sentence that says that rows of this shape have no such column; "" if they have it."""
    columns = list(dict.fromkeys(each for table in sorted(shape.tables) for each in scope.tables[table].columns))
    if column in columns:
        return ""
    tables = listing(sorted(shape.tables))
    what = f"the table {tables} has" if len(shape.tables) == 1 else f"the tables {tables} have"
    return f"{what} no column `{column}`{suggest(column, columns) or f'; its columns are {listing(columns)}'}"


def enter_column(path: Path, scope: Scope) -> Path:
    """The path with its first step taken as a column, if it starts at a row. `ExpressionError` if there is none."""
    shape = scope.shapes.get(path.start)
    if shape is None or path.start in scope.captures:
        return path
    columns = listing(list(dict.fromkeys(each for name in sorted(shape.tables) for each in scope.tables[name].columns)))
    if shape.many:
        raise ExpressionError(f"`{path.start}` is a list of rows; capture them, and start the path at one", 0)
    if not path.steps or not isinstance(path.steps[0], NameStep):
        raise ExpressionError(
            f"`{path.start}` is a row; name the column in which the path starts, as in `{path.start}.node`; "
            f"columns: {columns}",
            0,
        )
    problem = missing_column(scope, shape, path.steps[0].name)
    if problem:
        raise ExpressionError(problem, len(path.start) + 1)
    return replace(path, column=path.steps[0].name, steps=path.steps[1:])
