"""What can become of a case: the outcomes by name, each with what there is to show."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from textwrap import indent
from typing import TYPE_CHECKING, Any

from ..dataclass import dataclass, replace
from ..error import Message, Place

if TYPE_CHECKING:
    from .case import Case, RuleTest


class Outcome(StrEnum):
    """What became of a case, or one of several things that are wrong with it."""

    PASSED = "passed"
    NOTHING_EXPECTED = "nothing expected"
    WRONG_OUTPUT = "wrong output"
    UNEXPECTED_CHANGE = "unexpected change"
    WRONG_PATCH = "wrong patch"
    MISSING_ERROR = "missing error"
    MISSING_WARNING = "missing warning"
    UNEXPECTED_ERROR = "unexpected error"
    UNEXPECTED_WARNING = "unexpected warning"
    NOT_STABLE = "not stable"
    PATCH_DIFFERS = "patch differs from text"
    NOT_REVERSED = "not reversed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a case: what, more of it in words, and the diff that shows it."""

    outcome: Outcome
    place: Place
    text: str = ""
    diff: str = ""

    def message(self, case: Case, *, whole: bool = True) -> Message:
        """As a message; with `whole` it holds the diff too."""
        parts = [f"{self.outcome}: {case.name}", indent(self.text, "  "), self.diff if whole else ""]
        return Message(
            "error", "\n".join(part.rstrip("\n") for part in parts if part), replace(self.place, excerpt=None)
        )


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a case.

    `texts` holds what each input is after the run, `patch` the operations of the document that changed (None where that
    is not one), `seconds` how long it took.
    """

    test: RuleTest
    case: Case
    findings: tuple[Finding, ...]
    texts: Mapping[str, str]
    patch: list[dict[str, Any]] | None
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings
