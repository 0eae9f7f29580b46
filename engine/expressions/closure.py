"""Turns the syntax tree of an expression into closures of a frame, with names resolved and constants folded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..dataclass import dataclass, field, replace
from ..fact import Row
from ..node import MAPPING, Node
from ..stack import is_whole
from ..suggest import listing, suggest
from ..value import Absent, Value, is_number
from .bound import begin, check_result
from .closure_call import compile_filter, compile_function, compile_test, function_names
from .closure_fact import alone, compile_lookup, table_named
from .closure_operator import compile_binary, compile_comparison, compile_concatenation, compile_unary
from .expression import Code, Expression, Run
from .operand import describe, items_of, reach, settle, truth
from .phrase import read_phrase
from .scope import NO_NAMES, OMIT, ExpressionError, Frame, Scope
from .shape import check_column, item_shape, union
from .syntax import (
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
    source_of,
)

_SHOWN_NAMES = 20


def parse(text: str) -> Syntax:
    """The syntax tree of `text`, which is one expression. `ExpressionError` if it is not."""
    tree = read_phrase(text)
    if tree is not None:
        return tree
    from . import jinja  # loads slowly, and few rule files need it

    return jinja.parse(text)


def compile_text(text: str, scope: Scope) -> Expression:
    """The expression `text`; see `expression.compile_expression`, which this is the working part of."""
    tree = parse(text)
    compiler = Compiler(scope)
    try:
        code = compiler.compile(tree)
    except RecursionError:
        if not is_whole():
            raise
        raise ExpressionError("the expression is nested too deeply", 0) from None
    names = frozenset(compiler.names)
    row = _row(compiler, tree, text, names)
    source = source_of(tree)
    return Expression(text, code, names, metered=compiler.metered, source=source, row=row, scope=scope, tree=tree)


def _row(compiler: Compiler, tree: Syntax, text: str, names: frozenset[str]) -> tuple[Expression, str] | None:
    """The expression of a row and the column behind it, if `tree` is a column of a row that is looked up."""
    source = source_of(tree)
    if not isinstance(tree, Item) or not isinstance(tree.key, Constant) or (source and source[0] != "facts"):
        return None
    code = compiler.compile(tree.base)
    if code.shape is None or code.shape.many:
        return None
    return Expression(text, code, names), str(tree.key.value)


@dataclass(slots=True)
class Compiler:
    """Compiles in one scope; collects the `names` used, and whether anything done takes from the meter."""

    scope: Scope
    names: set[str] = field(default_factory=set)
    metered: bool = False

    def compile(self, tree: Syntax) -> Code:
        """The code for `tree`. Raises `ExpressionError` with an offset for what cannot be known or called."""
        try:
            return _HANDLERS[type(tree)](self, tree)
        except ExpressionError as error:
            error.at(tree.offset)
            raise

    def compile_all(self, trees: Sequence[Syntax]) -> list[Code]:
        """The codes of several trees."""
        return [self.compile(tree) for tree in trees]

    def fold(self, run: Run, parts: Sequence[Code], *, metered: bool = True) -> Code:
        """The code for `run`, computed now if all its `parts` are constant and it does not fail."""
        self.metered |= metered
        if not all(part.constant for part in parts):
            return Code(run)
        try:
            begin()
            value = run(NO_NAMES)
        except ExpressionError:
            return Code(run)  # fails when it is evaluated, if it ever is
        return Code(lambda _frame: value, constant=True)

    def use(self, name: str, offset: int) -> None:
        """Note that `name` is used. Raises `ExpressionError` if it is not known here."""
        known = self.scope.known
        if name not in known:
            near = suggest(name, known)
            if name in function_names(self.scope):
                raise ExpressionError(f"`{name}` is a function: write `{name}(...)`", offset)
            if name in self.scope.unready:
                raise ExpressionError(f"`{name}` is not known here: {self.scope.unready[name]}", offset)
            if name == "facts" and self.scope.tables:
                raise ExpressionError(f"`facts` is no value; its tables are {listing(self.scope.tables)}", offset)
            names = "" if near else f"; names here: {listing(sorted(known)[:_SHOWN_NAMES])}"
            raise ExpressionError(f"unknown name `{name}`{near}{names}", offset)
        self.names.add(name)


def _constant(_: Compiler, tree: Constant) -> Code:
    value = tree.value
    return Code(lambda _frame: value, constant=True)


def _name(compiler: Compiler, tree: Name) -> Code:
    name = tree.name
    if name == "omit":
        return Code(lambda _frame: OMIT, constant=True)
    compiler.use(name, tree.offset)

    def run(frame: Frame) -> Value:
        value = frame[name]
        return value.value if type(value) is Node and not value.kind else value

    return Code(run, shape=compiler.scope.shapes.get(name))


def _item(compiler: Compiler, tree: Item) -> Code:
    if table_named(tree):
        raise ExpressionError(alone(table_named(tree)), tree.offset)
    if table_named(tree.base):
        return compile_lookup(compiler, tree)
    keys: list[Constant] = []
    base: Syntax = tree
    while isinstance(base, Item) and isinstance(base.key, Constant):
        keys.append(base.key)
        base = base.base
    keys.reverse()
    if isinstance(base, Name) and keys and base.name not in {"omit", "facts"}:
        compiler.use(base.name, base.offset)
        _check_parameter(compiler.scope, base.name, keys[0])
        check_column(compiler.scope, compiler.scope.shapes.get(base.name), keys[0])
        return Code(_path(base.name, [key.value for key in keys]))
    return _dynamic_item(compiler, tree)


def _check_parameter(scope: Scope, base: str, key: Constant) -> None:
    known, name = scope.parameters, str(key.value)
    if base == "params" and known is not None and name not in known:
        names = f"; parameters: {listing(sorted(known))}" if known else "; the rule set has no parameters"
        raise ExpressionError(f"unknown parameter `{name}`{suggest(name, known) or names}", key.offset)


def _path(name: str, keys: list[Value]) -> Run:
    """A name and constant keys in one closure: the commonest expression by far, so it is kept flat."""
    steps = [(key, name + "".join(map(_step_text, keys[: place + 1]))) for place, key in enumerate(keys)]
    if len(steps) == 1 and type(keys[0]) is str:
        return _member(name, *steps[0])

    def run(frame: Frame) -> Value:
        value = frame[name]
        for key, label in steps:
            kind = type(value)
            if kind is Node and value.kind == MAPPING:
                child = value.value.get(key)
                if child is None:
                    return Absent(label, value.value)
                value = child if child.kind else child.value
            elif kind is Row and key in value:
                value = value[key]
                if type(value) is Node and not value.kind:
                    value = value.value
            elif kind is Absent:
                return value
            else:
                value = reach(value, key, label)
        return value

    return run


def _member(name: str, key: str, label: str) -> Run:
    def run(frame: Frame) -> Value:
        value = frame[name]
        if type(value) is Row and key in value:
            child = value[key]
            return child if type(child) is not Node or child.kind else child.value
        if type(value) is Node and value.kind == MAPPING:
            child = value.value.get(key)
            return Absent(label, value.value) if child is None else child if child.kind else child.value
        return reach(value, key, label)

    return run


def _step_text(key: Value) -> str:
    return f".{key}" if isinstance(key, str) and key.isidentifier() else f"[{key!r}]"


def _written(tree: Syntax) -> str:
    """A part of an expression as an error message names it."""
    if isinstance(tree, Name):
        return tree.name
    if isinstance(tree, Item):
        return _written(tree.base) + (_step_text(tree.key.value) if isinstance(tree.key, Constant) else "[...]")
    return "(...)"


def _dynamic_item(compiler: Compiler, tree: Item) -> Code:
    base, key = compiler.compile(tree.base), compiler.compile(tree.key)
    check_column(compiler.scope, base.shape, tree.key)
    label = _written(tree.base)
    if key.constant and base.shape is not None and not base.shape.many:
        return replace(Code(_column(base.run, key.run(NO_NAMES), label)), shape=item_shape(base.shape, tree.key))
    find, find_key = base.run, key.run

    def run(frame: Frame) -> Value:
        value, index = find(frame), find_key(frame)
        if isinstance(value, Absent) or isinstance(index, Absent):
            return value if isinstance(value, Absent) else index
        return reach(value, index, label + _step_text(index))

    return replace(compiler.fold(run, (base, key), metered=False), shape=item_shape(base.shape, tree.key))


def _column(find: Run, key: Value, base: str) -> Run:
    """A column of what is a row, if it is there."""
    label = base + _step_text(key)

    def run(frame: Frame) -> Value:
        row = find(frame)
        if type(row) is Row and key in row:
            value = row[key]
            return value if type(value) is not Node or value.kind else value.value
        return row if isinstance(row, Absent) else reach(row, key, label)

    return run


def _slice(compiler: Compiler, tree: Slice) -> Code:
    base = compiler.compile(tree.base)
    parts = [compiler.compile(part or Constant(tree.offset, None)) for part in (tree.start, tree.stop, tree.step)]
    label, offset = f"{_written(tree.base)}[...]", tree.offset
    fixed = _known_bounds(parts)

    def run(frame: Frame) -> Value:
        value = base.run(frame)
        if value is None or isinstance(value, Absent):
            return value or Absent(label)
        try:
            bounds = fixed or _bounds([part.run(frame) for part in parts])
            return check_result(value[bounds] if isinstance(value, (str, list)) else _sequence(value)[bounds])
        except ExpressionError as error:
            error.at(offset)
            raise

    return compiler.fold(run, (base, *parts))


def _known_bounds(parts: Sequence[Code]) -> slice | None:
    """The bounds of a slice that are the same each time, and as they should be."""
    if not all(part.constant for part in parts):
        return None
    try:
        return _bounds([part.run(NO_NAMES) for part in parts])
    except ExpressionError:
        return None  # which is told when it is evaluated


def _bounds(values: list[Value]) -> slice:
    for value in map(settle, values):
        if value is not None and not (is_number(value) and isinstance(value, int)):
            raise ExpressionError(f"the bounds of a slice are integers; found {describe(value)}")
    if values[-1] == 0:
        raise ExpressionError("the step of a slice cannot be 0")
    return slice(*values)


def _sequence(value: Value) -> list[Any]:
    if isinstance(value.value if isinstance(value, Node) else value, list):
        return items_of(value)
    raise ExpressionError(f"only lists and texts have slices; found {describe(value)}")


def _list(compiler: Compiler, tree: ListOf) -> Code:
    parts = compiler.compile_all(tree.items)
    runs = [part.run for part in parts]
    return compiler.fold(lambda frame: [value for run in runs if (value := run(frame)) is not OMIT], parts)


def _mapping(compiler: Compiler, tree: MappingOf) -> Code:
    parts = [(compiler.compile(key), compiler.compile(value)) for key, value in tree.pairs]
    offsets = [key.offset for key, _ in tree.pairs]

    def run(frame: Frame) -> Value:
        found = {}
        for (key, item), offset in zip(parts, offsets, strict=True):
            name, value = key.run(frame), item.run(frame)
            if not isinstance(name, str):
                raise ExpressionError(f"a mapping's key is a text; found {describe(name)}", offset)
            if value is not OMIT:
                found[name] = value
        return found

    return compiler.fold(run, [part for pair in parts for part in pair])


def _choice(compiler: Compiler, tree: Choice) -> Code:
    otherwise = tree.otherwise or Constant(tree.offset, Absent("the value of an `if` without `else`"))
    parts = compiler.compile_all((tree.condition, tree.then, otherwise))
    condition, then, other = (part.run for part in parts)
    run: Run = lambda frame: then(frame) if truth(condition(frame)) else other(frame)  # noqa: E731 - as above
    shape = union(*parts[1:]) if tree.otherwise else parts[1].shape
    return replace(compiler.fold(run, parts, metered=False), shape=shape)


_HANDLERS: dict[type, Callable[[Compiler, Any], Code]] = {
    Constant: _constant,
    Name: _name,
    Item: _item,
    Slice: _slice,
    ListOf: _list,
    MappingOf: _mapping,
    Unary: compile_unary,
    Binary: compile_binary,
    Concatenation: compile_concatenation,
    Comparison: compile_comparison,
    Choice: _choice,
    FilterCall: compile_filter,
    TestCall: compile_test,
    FunctionCall: compile_function,
}
