"""Compiles uses of filters, tests and functions: each is known, and called with arguments it takes, or refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from ..fact import PREFIX, Row
from ..node import MAPPING, Node, build
from ..suggest import suggest
from ..value import Absent, Value

# The modules that declare filters and tests fill their tables when they are imported.
from . import filter_data, filter_list, filter_number, filter_path, filter_pattern, filter_tag, filter_text  # noqa: F401
from .bound import check_result, spend
from .closure_fact import compile_place, compile_rows, locate, use_table
from .closure_function import bind_call
from .expression import Code, Run
from .filter import FILTERS, Filter, find_filter
from .function import (
    CAPTURE_FUNCTIONS,
    FUNCTION_NAMES,
    FUNCTIONS,
    REFUSED_FUNCTIONS,
    call_plain,
    check_call,
    key_of,
    pointer_of,
)
from .memory import remember
from .operand import describe, items_of, settle, truth, unwrap
from .predicate import TYPE_TESTS, find_test
from .scope import ExpressionError, Frame, Function, Scope
from .shape import enter_column, filtered
from .syntax import Arguments, Constant, FilterCall, FunctionCall, Item, Name, Syntax, TestCall, source_of

if TYPE_CHECKING:
    from ..jsonpath.path import Path
    from .closure import Compiler

_BY_TEST = {"select": 0, "reject": 0, "selectattr": 1, "rejectattr": 1}
_PATTERN_FILTERS = frozenset({"regex_replace", "regex_search", "regex_findall"})
_PATTERN_TESTS = frozenset({"match", "search"})

Given: TypeAlias = tuple[list[Value], dict[str, Value]]
Evaluate: TypeAlias = Callable[[Frame], Given]
_NO_NAMES = Frame({})


def called_names() -> set[str]:
    """The names of the language's filters and functions."""
    return {*FILTERS, *FUNCTION_NAMES}


def function_names(scope: Scope) -> set[str]:
    """The names that can be called: the language's functions and the rule set's."""
    return {*FUNCTION_NAMES, *scope.functions}


def compile_filter(compiler: Compiler, tree: FilterCall) -> Code:
    """The code of `subject | name(arguments)`."""
    subject = compiler.compile(tree.subject)
    own = compiler.scope.filters
    found = find_filter(tree.name, own)
    codes, given = _arguments(compiler, tree.arguments)
    apply = found.bind(len(tree.arguments.positional), [name for name, _ in tree.arguments.named])
    always_same = tree.name not in own and _first_text(tree.arguments) not in own
    if tree.name == "map" and _first_text(tree.arguments) in own:
        apply = _mapping(own, tree.arguments)
    else:
        _check_literals(tree)
    if tree.name in {"default", "d"}:
        code = compiler.fold(_default(subject.run, apply, given, _flag(tree.arguments, codes)), (subject, *codes))
    else:
        code = _application(compiler, subject, apply, (codes, given), tree, always_same=always_same)
    return replace(code, shape=filtered(subject, tree.name, codes)) if subject.shape else code


def compile_test(compiler: Compiler, tree: TestCall) -> Code:
    """The code of `subject is name(arguments)`."""
    subject = compiler.compile(tree.subject)
    given = _arguments(compiler, tree.arguments)
    function = find_test(tree.name).bind(len(tree.arguments.positional), [name for name, _ in tree.arguments.named])
    if tree.name in _PATTERN_TESTS:
        _check_pattern(tree.arguments)
    return _application(compiler, subject, function, given, tree, always_same=tree.name in _PATTERN_TESTS)


def compile_function(compiler: Compiler, tree: FunctionCall) -> Code:
    """The code of `name(arguments)`."""
    name = tree.name
    if name in compiler.scope.functions:
        return _rule_function(compiler, tree, compiler.scope.functions[name])
    if name in CAPTURE_FUNCTIONS:
        return _capture_function(compiler, tree)
    if name == "select":
        return _select(compiler, tree)
    if name == "rows":
        return compile_rows(compiler, tree)
    if name == "spelling":
        return _spelling(compiler, tree)
    if name in FUNCTIONS:
        return _plain_function(compiler, tree)
    if name in REFUSED_FUNCTIONS:
        raise ExpressionError(f"the function `{name}` is not part of the language: {REFUSED_FUNCTIONS[name]}")
    hint = suggest(name, function_names(compiler.scope))
    if name in FILTERS:
        hint = f"; `{name}` is a filter: write `... | {name}`"
    raise ExpressionError(f"unknown function `{name}`{hint}")


def _arguments(compiler: Compiler, arguments: Arguments) -> tuple[list[Code], Evaluate]:
    """The codes of all arguments, and the function that evaluates them."""
    positional = compiler.compile_all(arguments.positional)
    named = {name: compiler.compile(tree) for name, tree in arguments.named}
    runs = [code.run for code in positional]
    keywords = [(name, code.run) for name, code in named.items()]

    def evaluate(frame: Frame) -> Given:
        return [run(frame) for run in runs], {name: run(frame) for name, run in keywords}

    codes = [*positional, *named.values()]
    if all(code.constant for code in codes):
        fixed = evaluate(_NO_NAMES)
        return codes, lambda _frame: fixed
    if not keywords:
        return codes, lambda frame: ([run(frame) for run in runs], {})
    return codes, evaluate


def _application(
    compiler: Compiler,
    subject: Code,
    function: Callable[..., Value],
    arguments: tuple[list[Code], Evaluate],
    tree: FilterCall | TestCall,
    *,
    always_same: bool,
) -> Code:
    """A filter or test at work; an error that is about its subject shows that.

    What it gives is remembered if it is `always_same` for the same subject and arguments, and these are constant.
    """
    offset, subject_offset = tree.offset, tree.subject.offset
    codes, given = arguments
    find = subject.run

    def blame(error: ExpressionError, value: Value) -> None:
        error.at(subject_offset if isinstance(value, Absent) else offset)

    if not all(code.constant for code in codes):

        def run(frame: Frame) -> Value:
            value = find(frame)
            positional, named = given(frame)
            try:
                return function(value, *positional, **named)
            except ExpressionError as error:
                blame(error, value)
                raise

        return compiler.fold(run, (subject, *codes))
    positional, named = given(_NO_NAMES)

    def apply(value: Value) -> Value:
        try:
            return function(value, *positional, **named) if named else function(value, *positional)
        except ExpressionError as error:
            blame(error, value)
            raise

    if not always_same:
        if isinstance(tree, TestCall) and tree.name in TYPE_TESTS:
            apply = function  # it cannot fail
        return compiler.fold(lambda frame: apply(find(frame)), (subject, *codes))
    chain = (find, apply)
    if subject.chain is not None:
        find, before = subject.chain
        chain = (find, lambda value: apply(before(value)))
    return replace(compiler.fold(remember(*chain), (subject, *codes)), chain=chain)


def _default(subject: Run, apply: Callable[..., Value], given: Evaluate, flag: Run | None) -> Run:
    """`default` looks at its arguments only if it needs them: what it falls back on may itself fail."""

    def run(frame: Frame) -> Value:
        value = subject(frame)
        if isinstance(value, Absent) or (flag is not None and not truth(value)):
            positional, named = given(frame)
            return apply(value, *positional, **named)
        return value

    return run


def _flag(arguments: Arguments, codes: list[Code]) -> Run | None:
    """The second argument of `default`, if it is given."""
    names = [name for name, _ in arguments.named]
    if "boolean" in names:
        return codes[len(arguments.positional) + names.index("boolean")].run
    return codes[1].run if len(arguments.positional) > 1 else None


def _first_text(arguments: Arguments) -> str:
    """The first argument, if it is a literal text."""
    first = arguments.positional[0] if arguments.positional else None
    return first.value if isinstance(first, Constant) and isinstance(first.value, str) else ""


def _mapping(own: Mapping[str, Filter], arguments: Arguments) -> Callable[..., Value]:
    """`map('name', ...)` for a filter that is not one of the language."""
    named = [name for name, _ in arguments.named]
    try:
        apply = own[_first_text(arguments)].bind(len(arguments.positional) - 1, named)
    except ExpressionError as error:
        raise error.at(arguments.positional[0].offset) from None
    return lambda value, _name, *given, **named: [apply(item, *given, **named) for item in items_of(value)]


def _check_literals(tree: FilterCall) -> None:
    """Refuse at load what a literal argument gets wrong: the name of a filter or test, or a regular expression."""
    if tree.name in _PATTERN_FILTERS:
        _check_pattern(tree.arguments)
    given = tree.arguments.positional
    place = 0 if tree.name == "map" else _BY_TEST.get(tree.name)
    if place is None or len(given) <= place:
        return
    name, count = given[place], len(given) - place - 1
    if isinstance(name, Constant) and isinstance(name.value, str):
        named = [each for each, _ in tree.arguments.named]
        try:
            if tree.name == "map":
                find_filter(name.value).bind(count, named)
            else:
                find_test(name.value).bind(count, named)
        except ExpressionError as error:
            raise error.at(name.offset) from None


def _check_pattern(arguments: Arguments) -> None:
    given = [*arguments.positional[:1], *(value for name, value in arguments.named if name == "pattern")]
    for pattern in given:
        if isinstance(pattern, Constant) and isinstance(pattern.value, str):
            try:
                filter_pattern.compile_flagged(pattern.value)
            except ExpressionError as error:
                raise error.at(pattern.offset) from None


def _plain_function(compiler: Compiler, tree: FunctionCall) -> Code:
    codes, given = _arguments(compiler, tree.arguments)
    check_call(tree.name, FUNCTIONS[tree.name], tree.arguments)

    def run(frame: Frame) -> Value:
        positional, named = given(frame)
        try:
            return check_result(call_plain(tree.name, positional, named))
        except ExpressionError as error:
            error.at(tree.offset)
            raise

    return compiler.fold(run, codes)


def _misfit(parameters: tuple[str, ...], arguments: Arguments) -> str | None:
    """What is wrong with the arguments of a function of the rule set, if anything is."""
    if len(arguments.positional) > len(parameters):
        return "too many positional arguments"
    given = [*parameters[: len(arguments.positional)], *(name for name, _ in arguments.named)]
    for name in given:
        if name not in parameters:
            return f"got an unexpected argument '{name}'"
        if given.count(name) > 1:
            return f"multiple values for argument '{name}'"
    missing = next((name for name in parameters if name not in given), None)
    return f"missing a required argument: '{missing}'" if missing else None


def _rule_function(compiler: Compiler, tree: FunctionCall, function: Function) -> Code:
    """A call of one of the rule set's functions, which sees its parameters and no captures."""
    codes, given = _arguments(compiler, tree.arguments)
    problem = _misfit(function.parameters, tree.arguments)
    if problem:
        wanted = ", ".join(function.parameters)
        raise ExpressionError(f"`{tree.name}({wanted})` cannot be called so: {problem}")
    outer = function.expression.names - set(function.parameters)
    for each in sorted(outer):
        if each.startswith(PREFIX):
            _use_inside(compiler, tree, each.removeprefix(PREFIX))
    compiler.names.update(outer)
    compiler.metered = True

    return Code(bind_call(tree, function, sorted(outer), (codes, given)), shape=function.expression.shape)


def _use_inside(compiler: Compiler, tree: FunctionCall, table: str) -> None:
    try:
        use_table(compiler, table, tree.offset)
    except ExpressionError as error:
        raise ExpressionError(f"`{tree.name}` reads a table: {error.message}", tree.offset) from None


def _capture_function(compiler: Compiler, tree: FunctionCall) -> Code:
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


def _spelling(compiler: Compiler, tree: FunctionCall) -> Code:
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


def _select(compiler: Compiler, tree: FunctionCall) -> Code:
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
