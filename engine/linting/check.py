"""What a check is: a function that finds something in a rule set, under the name by which comments can silence it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from ..error import Message

if TYPE_CHECKING:
    from ..error import Place
    from .subject import Subject

Check: TypeAlias = "Callable[[Subject], Iterator[Message]]"
"""Gives a message for everything that it finds; its name goes with them later."""

CHECKS: dict[str, Check] = {}
"""Every check by name, filled where the check is defined; `lint.py` sees to it that all are."""

UNUSED_IGNORE = "unused-ignore"
"""The name of what is said of comments that silence nothing; no function finds that."""


def define(name: str) -> Callable[[Check], Check]:
    """Make the decorated function the check `name`."""

    def register(check: Check) -> Check:
        CHECKS[name] = check
        return check

    return register


def finding(text: str, place: Place, *notes: tuple[str, Place]) -> Message:
    """What a check found at `place`, and the other places that it is about, each with a few words."""
    return Message("warning", text, place, notes=tuple(Message("note", words, where) for words, where in notes))
