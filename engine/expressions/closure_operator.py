"""Compiles operators: `not`, signs, `and`, `or`, arithmetic, `~`, comparisons."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..dataclass import replace
from ..value import Absent, Value
from .arithmetic import ARITHMETIC, ORDERING, SIGNS
from .closure_fact import compile_membership, table_named
from .expression import Code, Run
from .operand import contains, equal, join_text, text_of, truth
from .scope import NO_NAMES, ExpressionError, Frame
from .shape import union
from .syntax import Binary, Comparison, Concatenation, Unary

if TYPE_CHECKING:
    from .closure import Compiler


def compile_unary(compiler: Compiler, tree: Unary) -> Code:
    """The code of `not`, and of a sign before a number."""
    operand = compiler.compile(tree.operand)
    inner = operand.run
    if tree.operator == "not":
        run: Run = lambda frame: (value := inner(frame)) is False or (value is not True and not truth(value))  # noqa: E731 - a closure among closures
        return compiler.fold(run, [operand], metered=False)
    return compiler.fold(_guarded(lambda frame, sign=SIGNS[tree.operator]: sign(inner(frame)), tree.offset), [operand])


def _guarded(run: Callable[..., Value], offset: int) -> Run:
    """`run`, whose errors are about `offset` unless they know better."""

    def guarded(frame: Frame) -> Value:
        try:
            return run(frame)
        except ExpressionError as error:
            error.at(offset)
            raise

    return guarded


def compile_binary(compiler: Compiler, tree: Binary) -> Code:
    """The code of `and`, `or` and arithmetic."""
    left, right = compiler.compile(tree.left), compiler.compile(tree.right)
    if tree.operator in {"and", "or"}:
        run = _logic(left.run, right.run, ends_at=tree.operator == "or")
        return replace(compiler.fold(run, (left, right), metered=False), shape=union(left, right))
    offsets = (tree.left.offset, tree.right.offset)
    code = compiler.fold(_operation(ARITHMETIC[tree.operator], left.run, right.run, offsets), (left, right))
    return replace(code, shape=union(left, right)) if tree.operator == "+" else code


def _logic(left: Run, right: Run, *, ends_at: bool) -> Run:
    def run(frame: Frame) -> Value:
        value = left(frame)
        if value is True or value is False:
            return value if value is ends_at else right(frame)
        return value if truth(value) is ends_at else right(frame)

    return run


def _operation(function: Callable[[Value, Value], Value], left: Run, right: Run, offsets: tuple[int, int]) -> Run:
    def run(frame: Frame) -> Value:
        first, second = left(frame), right(frame)
        try:
            return function(first, second)
        except ExpressionError as error:
            error.at(offsets[isinstance(second, Absent) and not isinstance(first, Absent)])
            raise

    return run


def compile_concatenation(compiler: Compiler, tree: Concatenation) -> Code:
    """The code of `~`."""
    parts = compiler.compile_all(tree.parts)
    runs = [(part.run, piece.offset) for part, piece in zip(parts, tree.parts, strict=True)]
    offset = tree.offset

    def run(frame: Frame) -> Value:
        texts = []
        for part, at in runs:
            try:
                value = part(frame)
                texts.append(value if type(value) is str else text_of(value))
            except ExpressionError as error:
                error.at(at)
                raise
        try:
            return join_text(texts)
        except ExpressionError as error:
            error.at(offset)
            raise

    return compiler.fold(run, parts)


def compile_comparison(compiler: Compiler, tree: Comparison) -> Code:
    """The code of comparisons, several in a row too, and of `in`."""
    if len(tree.steps) == 1 and tree.steps[0][0] in {"in", "notin"} and table_named(tree.steps[0][1]):
        return compile_membership(compiler, tree)
    left = compiler.compile(tree.left)
    rights = [compiler.compile(right) for _, right in tree.steps]
    operators = [operator for operator, _ in tree.steps]
    if len(operators) == 1 and rights[0].constant and not left.constant:
        shortcut = _with_constant(operators[0], left.run, rights[0].run(NO_NAMES))
        if shortcut is not None:
            return Code(shortcut)
    functions = [_COMPARISONS[operator] for operator in operators]
    if len(functions) == 1:
        run = _operation(functions[0], left.run, rights[0].run, (tree.left.offset, tree.steps[0][1].offset))
        if operators[0] in {"eq", "ne"} and rights[0].constant:
            run = _with_texts(left.run, rights[0].run(NO_NAMES), run, wanted=operators[0] == "eq")
    else:
        run = _guarded(_chain(left.run, functions, [right.run for right in rights]), tree.offset)
    return compiler.fold(run, (left, *rights))


def _chain(left: Run, functions: list[Callable[[Value, Value], Value]], rights: list[Run]) -> Run:
    def run(frame: Frame) -> bool:
        first = left(frame)
        for function, right in zip(functions, rights, strict=True):
            second = right(frame)
            if not function(first, second):
                return False
            first = second
        return True

    return run


def _with_constant(operator: str, left: Run, constant: Value) -> Run | None:
    """A shortcut for the comparisons that rules are full of; it gives what the long way gives."""
    if operator in {"eq", "ne"} and type(constant) is str:
        if operator == "eq":
            return lambda frame: bool(left(frame) == constant)
        return lambda frame: bool(left(frame) != constant)
    if operator in {"in", "notin"} and isinstance(constant, list) and all(type(item) is str for item in constant):
        texts, wanted = frozenset(constant), operator == "in"

        def run(frame: Frame) -> bool:
            value = left(frame)
            return (type(value) is str and value in texts) is wanted

        return run
    return None


def _with_texts(left: Run, constant: Value, otherwise: Run, *, wanted: bool) -> Run:
    """A shortcut for lists that are compared with a list of texts; `otherwise` for all else."""
    if type(constant) is not list or not all(type(item) is str for item in constant):
        return otherwise

    def run(frame: Frame) -> Value:
        value = left(frame)
        return (value == constant) is wanted if type(value) is list else otherwise(frame)

    return run


_COMPARISONS: dict[str, Callable[[Value, Value], Value]] = {
    "eq": equal,
    "ne": lambda left, right: not equal(left, right),
    "in": lambda left, right: contains(right, left),
    "notin": lambda left, right: not contains(right, left),
    **ORDERING,
}
