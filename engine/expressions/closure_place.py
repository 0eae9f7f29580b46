"""Compiles the functions that need to know where their argument stands: pointer, id, key, spelling, select."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ..fact import Row
from ..node import MAPPING, Node, build
from ..value import Absent, Value
from .bound import check_result, spend
from .closure_fact import compile_place, locate
from .expression import Code, Run
from .function import key_of, pointer_of
from .operand import describe, settle, unwrap
from .scope import ExpressionError, Frame, Scope
from .shape import enter_column
from .syntax import Constant, FunctionCall, Item, Name, Syntax, source_of

if TYPE_CHECKING:
    from ..jsonpath.path import Path
    from .closure import Compiler


def compile_locator(compiler: Compiler, tree: FunctionCall) -> Code:
    """The code of `pointer`, `id` or `key`, which take the bare name of a capture."""
    function, given = tree.name, tree.arguments.positional
    argument = given[0] if len(given) == 1 and not tree.arguments.named else None
    find = locate(compiler, argument, surely=True) if argument is not None else None
    if argument is None or find is None:
        _refuse_argument(compiler, function, argument)
        raise ExpressionError(f"`{function}` takes one argument, the bare name of a capture")
    value = compiler.compile(argument).run
    written = argument.name if isinstance(argument, Name) else "the column"

    def run(frame: Frame) -> Value:
        node = find(frame)
        if type(node) is not Node:
            found = describe(value(frame))
            raise ExpressionError(f"`{written}` is {found} without a location in the document", tree.offset)
        try:
            return check_result(frame.identify(node) if function == "id" else _LOCATIONS[function](node))
        except ExpressionError as error:
            error.at(tree.offset)
            raise

    return Code(run)


def _refuse_argument(compiler: Compiler, function: str, argument: Syntax | None) -> None:
    """Say of a name why it is no capture: it is unknown, a value, or a row."""
    if not isinstance(argument, Name):
        return
    name = argument.name
    compiler.use(name, argument.offset)
    shape = compiler.scope.shapes.get(name)
    what = "a value" if shape is None else "a list of rows" if shape.many else "a row"
    hint = f"; name a column that holds a capture: `{function}({name}.node)`" if what == "a row" else ""
    raise ExpressionError(
        f"`{function}` takes a capture, and `{name}` is {what} without a location{hint}", argument.offset
    )


_LOCATIONS: dict[str, Callable[[Node], Value]] = {"pointer": pointer_of, "key": key_of}


def compile_spelling(compiler: Compiler, tree: FunctionCall) -> Code:
    """What its argument is; but where that is a boolean of a document, the word that it is written with."""
    given = tree.arguments.positional
    if len(given) != 1 or tree.arguments.named:
        raise ExpressionError("`spelling` takes one argument", tree.offset)
    code = compiler.compile(given[0])
    find = _finder(compiler, given[0])
    path = source_of(given[0])
    if path is not None and len(path) == 2:
        return Code(_spelled_member(*path, code.run))

    def run(frame: Frame) -> Value:
        node = find(frame)
        spelled = node.spelling if type(node) is Node and isinstance(node.value, bool) else None
        return code.run(frame) if spelled is None else spelled

    return Code(run)


def _spelled_member(name: str, key: str, otherwise: Run) -> Run:
    def run(frame: Frame) -> Value:
        node = frame[name]
        if type(node) is not Node or node.kind != MAPPING or (child := node.value.get(key)) is None:
            return otherwise(frame)
        if child.kind:
            return child
        return child.value if child.spelling is None or not isinstance(child.value, bool) else child.spelling

    return run


def _finder(compiler: Compiler, tree: Syntax) -> Callable[[Frame], Value]:
    """Finds the node that `tree` stands for, where it is a capture or a member of one."""
    if not isinstance(tree, Item):
        return compile_place(compiler, tree)
    base, key = compile_place(compiler, tree.base), compiler.compile(tree.key).run

    def find(frame: Frame) -> Value:
        above = base(frame)
        return above.value.get(key(frame)) if type(above) is Node and above.kind == MAPPING else None

    return find


def compile_select(compiler: Compiler, tree: FunctionCall) -> Code:
    """The code of `select(path, start=doc)`, whose path is a literal."""
    given, named = tree.arguments.positional, dict(tree.arguments.named)
    text = given[0] if given else None
    start = given[1] if len(given) > 1 else named.pop("start", Name(tree.offset, "doc"))
    if not isinstance(text, Constant) or not isinstance(text.value, str) or named or len(given) > 2:
        raise ExpressionError("`select` takes a path as a literal text, and where it starts: `select('$.a', doc)`")
    paths = _paths(compiler.scope, text)
    for path in paths:
        if path.start != "$":
            compiler.use(path.start, text.offset)
    needs_start = len(given) > 1 or bool(tree.arguments.named) or any(path.start == "$" for path in paths)
    begin_at = _start(compiler, start if needs_start else Constant(tree.offset, None))

    def run(frame: Frame) -> Value:
        found: dict[int, Node] = {}
        for path in paths:
            node = begin_at(frame) if path.start == "$" else frame[path.start]
            if path.column is not None and type(node) is Row:
                node = node.get(path.column)
            if isinstance(node, Node):
                found.update((id(each), each) for each in _follow(path, node, tree.offset))
        spend(len(found))
        return [unwrap(node) for node in found.values()]

    compiler.metered = True
    return Code(run)


def _paths(scope: Scope, text: Constant) -> Sequence[Path]:
    from ..jsonpath.path import PathError, compile_path  # paths bring in libraries that few expressions need

    try:
        found = scope.paths(text.value) if scope.paths is not None else [compile_path(text.value)]
        return [enter_column(path, scope) for path in found]
    except (PathError, ExpressionError) as error:
        raise ExpressionError(f"in the path `{text.value}`: {error.message}", text.offset + 1 + error.offset) from None


def _follow(path: Path, node: Node, offset: int) -> list[Node]:
    from ..jsonpath.pattern import PatternTimeout

    try:
        return path.select(node, node)
    except PatternTimeout as error:
        raise ExpressionError(error.message, offset) from None


def _start(compiler: Compiler, tree: Syntax) -> Callable[[Frame], Node | None]:
    """Where `select` starts: a capture's own node, or a new one for a value without a location; None if absent."""
    run = compile_place(compiler, tree)

    def start(frame: Frame) -> Node | None:
        value = run(frame)
        if isinstance(value, Absent):
            return None
        return value if isinstance(value, Node) else build(settle(value))

    return start
