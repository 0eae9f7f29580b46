"""Compiles uses of filters, tests and functions: each is known, and called with arguments it takes, or refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ..dataclass import replace
from ..fact import PREFIX
from ..suggest import suggest
from ..value import Absent, Value

# The modules that declare filters and tests fill their tables when they are imported.
from . import filter_data, filter_list, filter_number, filter_path, filter_pattern, filter_tag, filter_text  # noqa: F401
from .bound import check_result
from .closure_fact import compile_rows, use_table
from .closure_function import Evaluate, Given, bind_call
from .closure_place import compile_locator, compile_select, compile_spelling
from .expression import Code, Run
from .filter import FILTERS, Filter, find_filter
from .function import (
    CAPTURE_FUNCTIONS,
    FUNCTION_NAMES,
    FUNCTIONS,
    REFUSED_FUNCTIONS,
    call_plain,
    check_call,
)
from .memory import remember
from .operand import items_of, truth
from .predicate import TYPE_TESTS, find_test
from .scope import NO_NAMES, ExpressionError, Frame, Function, Scope
from .shape import filtered
from .syntax import Arguments, Constant, FilterCall, FunctionCall, TestCall

if TYPE_CHECKING:
    from .closure import Compiler

_BY_TEST = {"select": 0, "reject": 0, "selectattr": 1, "rejectattr": 1}
_PATTERN_FILTERS = frozenset({"regex_replace", "regex_search", "regex_findall"})
_PATTERN_TESTS = frozenset({"match", "search"})


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
        return compile_locator(compiler, tree)
    if name == "select":
        return compile_select(compiler, tree)
    if name == "rows":
        return compile_rows(compiler, tree)
    if name == "spelling":
        return compile_spelling(compiler, tree)
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
        fixed = evaluate(NO_NAMES)
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
    positional, named = given(NO_NAMES)

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
