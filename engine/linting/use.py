"""What compiled rules use: names, parameters, functions, and the words by which columns are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

from ..dataclass import dataclass, field
from ..expressions.closure_fact import table_named
from ..expressions.expression import Expression
from ..expressions.jinja import parse
from ..expressions.syntax import Arguments, Constant, FilterCall, FunctionCall, Item, Name
from ..jsonpath.path import Path

Kind = TypeVar("Kind")

_WHOLE_ROWS = frozenset({"to_json", "to_yaml", "dictsort", "items", "combine"})


@dataclass(slots=True)
class Uses:
    """What expressions use: parameters (`every_parameter` where they take `params` as a whole), functions, and words:
    texts, keys and names of arguments. `takes_whole_rows` says that something may look
    at any column.
    """

    parameters: set[str] = field(default_factory=set)
    every_parameter: bool = False
    functions: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    takes_whole_rows: bool = False


def find_all(value: Any, kind: type[Kind]) -> Iterator[Kind]:
    """Everything of a class in a compiled rule set or a part of it, in the order of its fields."""
    if isinstance(value, kind):
        yield value
    if isinstance(value, (Expression, Path)):
        return
    if isinstance(value, Mapping):
        value = tuple(value.values())
    if isinstance(value, tuple):
        for each in value:
            yield from find_all(each, kind)
    elif is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            yield from find_all(getattr(value, each.name), kind)


def names_used(value: Any) -> frozenset[str]:
    """The names that the paths and expressions of a compiled rule set, or a part of it, use."""
    starts = {path.start for path in find_all(value, Path)}
    return frozenset(starts.union(*(each.names for each in find_all(value, Expression))))


def uses_of(value: Any, texts: Iterable[str] = ()) -> Uses:
    """What the expressions of a compiled rule set, and those of `texts`, use."""
    found = Uses()
    written = {each.text for each in find_all(value, Expression)}
    for text in (*written, *texts):
        _gather(found, parse(text))
    for path in find_all(value, Path):
        found.words |= {path.column} if path.column is not None else set()
    return found


def trees_in(tree: Any) -> Iterator[Any]:
    """A syntax tree and all trees in it."""
    if isinstance(tree, tuple):
        for each in tree:
            yield from trees_in(each)
    elif is_dataclass(tree) and not isinstance(tree, type):
        yield tree
        for each in fields(tree):
            yield from trees_in(getattr(tree, each.name))


def _gather(found: Uses, tree: Any) -> None:
    members: set[int] = set()
    for each in trees_in(tree):
        if isinstance(each, Item) and isinstance(each.key, Constant):
            found.words.add(str(each.key.value))
            if isinstance(each.base, Name) and each.base.name == "params":
                found.parameters.add(str(each.key.value))
                members.add(id(each.base))
        elif isinstance(each, Item):
            found.takes_whole_rows |= not table_named(each.base)
        elif isinstance(each, Name) and each.name == "params" and id(each) not in members:
            found.every_parameter = True
        elif isinstance(each, FunctionCall):
            found.functions.add(each.name)
        elif isinstance(each, FilterCall):
            found.takes_whole_rows |= each.name in _WHOLE_ROWS
        elif isinstance(each, Constant) and isinstance(each.value, str):
            found.words.add(each.value)
        elif isinstance(each, Arguments):
            found.words |= {name for name, _ in each.named}
