"""An expression as the rest of the engine knows it: compiled once in a scope, evaluated often in frames."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..error import Place
from ..fact import Row
from ..stack import is_whole, on_whole_stack
from ..value import Absent, Float, Integer, Value
from .bound import begin
from .operand import settle, settle_rows, truth
from .scope import OMIT, RESERVED_NAMES, ExpressionError, Frame, Function, Omit, Scope, Shape
from .syntax import FunctionCall, Slice, Syntax

__all__ = [
    "OMIT",
    "RESERVED_NAMES",
    "Expression",
    "ExpressionError",
    "Frame",
    "Function",
    "Omit",
    "Scope",
    "both",
    "closing_brace",
    "compile_expression",
    "reserved_names",
]

Run = Callable[[Frame], Value]
"""What an expression is compiled to. It may give a mapping's or list's `Node`, an `Absent`, or `OMIT`."""


@dataclass(frozen=True, slots=True)
class Code:
    """What a part of an expression was compiled to, whether it has the same value in every frame, and its shape.

    `chain`, if any, says the same in two parts: what gives a value, and a function of nothing but that value.
    """

    run: Run
    constant: bool = False
    shape: Shape | None = None
    chain: tuple[Run, Callable[[Value], Value]] | None = None


_SCALARS = frozenset({str, int, float, bool, type(None), Integer, Float, Absent, Omit})
_KEPT = _SCALARS | {Row}
_TOO_DEEP = "the expression or its data is nested too deeply"


class Expression:
    """A compiled expression.

    `names` are the captures, lets and other names it uses, those of tables with `facts.` before them. `run` is the
    bare closure, which only the engine's own function calls use. `constant` says that the value is the same in every
    frame. `shape` says whether it yields rows of tables, `source` is the name and the keys behind it, if the expression
    is nothing else. `row` is the expression of a row and the column behind it, if it is a column of a row looked up
    (`facts.table[key].column`). `scope` is what it was compiled in, `tree` its syntax.
    """

    __slots__ = (
        "_gives_rows",
        "_metered",
        "constant",
        "locate",
        "names",
        "row",
        "run",
        "scope",
        "shape",
        "source",
        "text",
        "tree",
    )

    def __init__(
        self,
        text: str,
        code: Code,
        names: frozenset[str],
        *,
        metered: bool = True,
        source: tuple[str, ...] | None = None,
        scope: Scope | None = None,
        row: tuple[Expression, str] | None = None,
        tree: Syntax | None = None,
    ) -> None:
        self.text = text
        self.run = code.run
        self.constant = code.constant
        self.names = names
        self.shape = code.shape
        self.source = source
        self.tree = tree
        self.scope = scope
        self.row = row
        self.locate: Callable[[int], Place] | None = None
        rows = tree.base if isinstance(tree, Slice) else tree
        self._gives_rows = isinstance(rows, FunctionCall) and rows.name == "rows"  # and so nothing has to be settled
        self._metered = metered  # whether it does anything that takes from the meter

    def evaluate(self, frame: Frame) -> Value:
        """The value in `frame`: fresh plain data defined at every depth, an `Absent`, or `OMIT`.

        Raises `ExpressionError`.
        """
        value = self._run(frame)
        return value if type(value) in _SCALARS else self._settle(value, settle)

    def keep(self, frame: Frame) -> Value:
        """As `evaluate`, but rows of tables stay what they are, inside lists and mappings too."""
        value = self._run(frame)
        if type(value) in _KEPT or (self._gives_rows and type(value) is list):
            return value
        return self._settle(value, settle_rows)

    def test(self, frame: Frame) -> bool:
        """Whether the value in `frame` is true; absent, null, false, 0, '' and empty containers are not."""
        value = self._run(frame)
        if value is True or value is False:
            return value
        try:
            return truth(value)
        except ExpressionError as error:
            raise self._at(error) from None

    def _settle(self, value: Value, settle_it: Callable[[Value], Value]) -> Value:
        if not self._metered:
            begin()
        try:
            return settle_it(value)
        except RecursionError:
            raise self._at(ExpressionError(_TOO_DEEP)) from None
        except ExpressionError as error:
            raise self._at(error) from None

    def _run(self, frame: Frame) -> Value:
        if self._metered:
            begin()
        try:
            return self.run(frame)
        except RecursionError:
            if not is_whole():
                raise
            raise self._at(ExpressionError(_TOO_DEEP)) from None
        except ExpressionError as error:
            raise self._at(error) from None

    def _at(self, error: ExpressionError) -> ExpressionError:
        if error.place is None and self.locate is not None:
            error.place = self.locate(error.offset)
        return error


@on_whole_stack
def compile_expression(text: str, scope: Scope) -> Expression:
    """The expression that `text` is, all of it, with the names of `scope`.

    Raises `ExpressionError` for anything that is not an expression of the language (docs/expressions.md), a name that
    is unknown, or a wrong number of arguments.
    """
    from .closure import compile_text  # brings in Jinja2, which few rule files do not need

    return compile_text(text, scope)


def both(first: Expression, second: Expression) -> Expression:
    """The condition that both are true; the second is looked at only if the first is."""

    def run(frame: Frame) -> Value:
        return _test(first, frame) and _test(second, frame)

    text, names = f"({first.text}) and ({second.text})", first.names | second.names
    return Expression(text, Code(run), names, metered=False, scope=first.scope)


def _test(condition: Expression, frame: Frame) -> bool:
    try:
        return condition.test(frame)
    except ExpressionError as error:
        error.condition = error.condition or condition.text
        raise


def closing_brace(text: str, start: int) -> int:
    """Where the `}` stands that ends the `${ ` whose expression begins at `start`; braces and quotes nest.

    Raises `ExpressionError` if there is none.
    """
    from .phrase import find_end_of_phrase

    end = find_end_of_phrase(text, start)
    if end is not None:
        return end
    from .jinja import find_end

    return find_end(text, start)


def reserved_names() -> frozenset[str]:
    """The names that no capture, `let`, parameter of a function or function may have.

    They are those the language keeps for itself and those of its filters and functions, but for the short `d`.
    """
    from .closure_call import called_names

    return frozenset((*RESERVED_NAMES, *called_names())) - {"d"}
