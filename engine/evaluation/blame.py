"""Turns what goes wrong while rules and tables are evaluated into errors with both places: rule file, document."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

from ..error import Message, PatchError, Place, RuleError
from ..expressions.scope import ExpressionError
from .match import CaptureError


class Blame:
    """A context in which every failure is a `RuleError` of `rule`, at `place` unless the failure knows better.

    `notes` is asked only then; an error of RFC 6902 brings the place in the document with it. A class, because
    contexts made by generators cost too much for one a combination.
    """

    __slots__ = ("_notes", "_place", "_rule")

    def __init__(self, rule: str, place: Place, notes: Callable[[], list[Message]]) -> None:
        self._rule = rule
        self._place = place
        self._notes = notes

    def __enter__(self) -> None:
        """Enter the context."""

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        """Leave it; a failure that is the rule's is raised as a `RuleError`."""
        if error is None or isinstance(error, RuleError):
            return
        if isinstance(error, PatchError):
            note = Message("note", "in this document", error.messages[0].place)
            raise RuleError(error.messages[0].text, self._place, rule=self._rule, notes=[note]) from error
        place = self._place
        if isinstance(error, CaptureError):
            place = error.capture.place
        elif isinstance(error, ExpressionError):
            place = error.place or place
        elif not _is_of_pattern(error):
            return
        message = getattr(error, "message", str(error))
        raise RuleError(message, place, rule=self._rule, notes=self._notes()) from error


def _is_of_pattern(error: BaseException) -> bool:
    from ..jsonpath.pattern import PatternError, PatternTimeout  # brings in the package `regex`

    return isinstance(error, (PatternError, PatternTimeout))
