"""An expression as the rest of the engine knows it: compiled once in a scope, evaluated often in frames."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..error import Place
from ..stack import is_whole, on_whole_stack
from ..value import Absent, Float, Integer, Value
from .bound import begin
from .operand import settle, truth
from .scope import OMIT, RESERVED_NAMES, ExpressionError, Frame, Function, Omit, Scope

__all__ = [
    "OMIT",
    "RESERVED_NAMES",
    "Expression",
    "ExpressionError",
    "Frame",
    "Function",
    "Omit",
    "Scope",
    "closing_brace",
    "compile_expression",
    "reserved_names",
]

Run = Callable[[Frame], Value]
"""What an expression is compiled to. It may give a mapping's or list's `Node`, an `Absent`, or `OMIT`."""


@dataclass(frozen=True, slots=True)
class Code:
    """What a part of an expression was compiled to, and whether it has the same value in every frame."""

    run: Run
    constant: bool = False


_SCALARS = frozenset({str, int, float, bool, type(None), Integer, Float, Absent, Omit})
_TOO_DEEP = "the expression or its data is nested too deeply"


class Expression:
    """A compiled expression.

    `names` are the captures, lets and other names it uses. `run` is the bare closure, which only the engine's own
    function calls use. `variable` is the name, if the expression is nothing but a name.
    """

    __slots__ = ("_metered", "locate", "names", "run", "text")

    def __init__(self, text: str, run: Run, names: frozenset[str], *, metered: bool = True) -> None:
        self.text = text
        self.run = run
        self.names = names
        self.locate: Callable[[int], Place] | None = None
        self._metered = metered  # whether it does anything that takes from the meter

    def evaluate(self, frame: Frame) -> Value:
        """The value in `frame`: fresh plain data defined at every depth, an `Absent`, or `OMIT`.

        Raises `ExpressionError`.
        """
        value = self._run(frame)
        if type(value) in _SCALARS:
            return value
        if not self._metered:
            begin()
        try:
            return settle(value)
        except RecursionError:
            if not is_whole():
                raise
            raise self._at(ExpressionError(_TOO_DEEP)) from None
        except ExpressionError as error:
            raise self._at(error) from None

    def test(self, frame: Frame) -> bool:
        """Whether the value in `frame` is true; absent, null, false, 0, '' and empty containers are not."""
        value = self._run(frame)
        if value is True or value is False:
            return value
        try:
            return truth(value)
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


def closing_brace(text: str, start: int) -> int:
    """Where the `}` stands that ends the `${ ` whose expression begins at `start`; braces and quotes nest.

    Raises `ExpressionError` if there is none.
    """
    from .jinja import find_end

    return find_end(text, start)


def reserved_names() -> frozenset[str]:
    """The names that no capture, `let`, parameter of a function or function may have.

    They are those the language keeps for itself and those of its filters and functions, but for the short `d`.
    """
    from .closure_call import called_names

    return frozenset((*RESERVED_NAMES, *called_names())) - {"d"}
