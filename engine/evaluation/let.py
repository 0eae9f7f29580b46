"""The values of `let`: evaluated when first asked for, in the frame of the combination that they belong to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..expressions.scope import ExpressionError, Frame
from ..rule import Let
from ..value import Value

if TYPE_CHECKING:
    from ..expressions.expression import Expression
    from ..expressions.scope import Evaluable


@dataclass(slots=True)
class _Deferred:
    """A `let` that is evaluated when first asked for; if that failed once, it fails again each time."""

    let: Let
    error: ExpressionError | None = None

    def evaluate(self, frame: Frame) -> Value:
        if self.error is None:
            try:
                return self.let.value.keep(frame)
            except ExpressionError as error:
                error.place = error.place or self.let.place
                self.error = error
        raise self.error


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    """A `let` of another frame, which evaluates it once for all frames that see it."""

    name: str
    frame: Frame

    def evaluate(self, _frame: Frame) -> Value:
        return self.frame[self.name]


def defer(lets: Iterable[Let]) -> dict[str, Evaluable]:
    """The values of `lets`, for one frame."""
    return {let.name: _Deferred(let) for let in lets}


def share(frame: Frame) -> Mapping[str, Evaluable]:
    """The values of the lets of `frame`, for frames that are not below it."""
    return {name: _Elsewhere(name, frame) for name in frame.lets}


def settle_lets(frame: Frame) -> None:
    """Evaluate the lets of a frame that nobody has asked for yet: the document is about to change."""
    for name in frame.lets:
        try:
            frame[name]
        except ExpressionError:
            continue  # whoever asks for it gets the error


def holds(condition: Expression | None, frame: Frame) -> bool:
    """Whether a `when` is true, or not there at all. Raises `ExpressionError` that shows it."""
    try:
        return condition is None or condition.test(frame)
    except ExpressionError as error:
        raise explain_failure(condition, error) from error


def explain_failure(condition: Expression | None, error: ExpressionError) -> ExpressionError:
    """The error that says in which `when` something failed."""
    text = error.condition or (condition.text if condition is not None else "")
    failure = ExpressionError(f"in `when: {text}`: {error.message}")
    failure.place = error.place
    return failure
