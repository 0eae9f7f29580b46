"""Turns what goes wrong while rules and tables are evaluated into errors with both places: rule file, document."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..error import Message, PatchError, Place, RuleError
from ..expressions.scope import ExpressionError
from .match import CaptureError


@contextmanager
def blame(rule: str, place: Place, notes: Callable[[], list[Message]]) -> Iterator[None]:
    """Raise a `RuleError` of `rule` for whatever fails inside: at `place` unless the error knows better.

    `notes` is asked only then; an error of RFC 6902 brings the place in the document with it.
    """
    try:
        yield
    except RuleError:
        raise
    except PatchError as error:
        note = Message("note", "in this document", error.messages[0].place)
        raise RuleError(error.messages[0].text, place, rule=rule, notes=[note]) from error
    except CaptureError as error:
        raise RuleError(error.message, error.capture.place, rule=rule, notes=notes()) from error
    except ExpressionError as error:
        raise RuleError(error.message, error.place or place, rule=rule, notes=notes()) from error
    except Exception as error:
        from ..jsonpath.pattern import PatternError, PatternTimeout  # brings in the package `regex`

        if not isinstance(error, (PatternError, PatternTimeout)):
            raise
        raise RuleError(error.message, place, rule=rule, notes=notes()) from error
