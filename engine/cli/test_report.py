"""Says what became of rule tests: on standard output, for people or in a form for programs."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from ..dataclass import replace
from ..release import version
from .highlight import highlight
from .message import FORMS, as_text
from .output import write_output
from .report import count
from .terminal import BOLD, paint, printable, wants_colour

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Sequence

    from ..error import Message
    from ..testing.coverage import Account, Item
    from ..testing.outcome import Result
    from .report import Report


class TestReport:
    """Prints results as they come, or with a `form` for programs gathers messages and prints them at the end."""

    def __init__(self, options: argparse.Namespace, report: Report) -> None:
        self.counts: Counter[str] = Counter()
        self.errors: list[Message] = []
        self.results: list[Result] = []
        self._form: str | None = options.format
        self._quiet: bool = options.quiet
        self._verbose: bool = options.verbose
        self._colour = wants_colour(sys.stdout, options.color)
        self._report = report
        self._kept: list[Message] = []

    def add(self, messages: Iterable[Message]) -> None:
        """Tell what keeps tests from being run at all, once for all files that meet with it."""
        for message in messages:
            if message not in self.errors:
                self.errors.append(message)
                self._tell(message)

    def take(self, result: Result, *, updated: bool = False) -> None:
        """Tell what became of a case; `updated` says that its expectations were written anew."""
        self.results.append(result)
        self.counts["updated" if updated else "passed" if result.passed else "failed"] += 1
        for finding in result.findings:
            message = finding.message(result.case, whole=self._form is not None)
            self._tell(message)
            if self._form is None and finding.diff:
                shown = finding.diff if finding.diff.endswith("\n") else finding.diff + "\n"
                write_output(highlight(shown) if self._colour else shown, self._report)
        if result.passed and (updated or self._verbose) and not self._quiet and self._form is None:
            what = "updated" if updated else "passed"
            write_output(printable(f"{result.case.place}: {what}: {result.case.name}") + "\n", self._report)

    def show_coverage(self, accounts: Sequence[Account], *, most: int | None, required: Sequence[str]) -> bool:
        """Tell what no case exercised; whether what is `required` is met.

        All that is required and missing is told, as errors; of the rest, `most` gaps of each rule set (None: all).
        """
        met = True
        for one in accounts:
            gaps = [_gap(item, required) for item in one.gaps]
            missing = sum(each.severity == "error" for each in gaps)
            rest = None if most is None else max(0, most - missing)
            others = [each for each in gaps if each.severity != "error"][:rest]
            listed = [each for each in gaps if each.severity == "error" or each in others]
            met = met and not missing
            if self._form is not None:
                self._kept += listed
                continue
            if not self._quiet:
                write_output(paint(f"coverage of {one}", BOLD, enabled=self._colour) + "\n", self._report)
            for each in listed:
                self._tell(replace(each, place=replace(each.place, excerpt=None)))
            if len(gaps) > len(listed) and most and not self._quiet:
                write_output(f"  and {len(gaps) - len(listed)} more: --coverage lists them\n", self._report)
        return met

    def close(self, files: int) -> None:
        """Print what was kept for the end, and the line that sums up."""
        if self._form is not None:
            text = FORMS[self._form](self._kept, version())
            write_output(text + "\n" if text else "", self._report)
        total = sum(self.counts.values())
        parts = [f"{self.counts[each]} {each}" for each in ("passed", "failed", "updated") if self.counts[each]]
        if self.errors:
            parts.append(count(len(self.errors), "error"))
        self._report.say(f"{count(files, 'file')}, {count(total, 'case')}: {', '.join(parts) or 'nothing run'}")

    def _tell(self, message: Message) -> None:
        message = _relative(message)
        if self._form is not None:
            self._kept.append(message)
        elif message.severity == "error" or not self._quiet:
            write_output(as_text(message, colour=self._colour) + "\n", self._report)


def _gap(item: Item, required: Sequence[str]) -> Message:
    message = item.message()
    return replace(message, severity="error") if item.kind in required else message


def _relative(message: Message) -> Message:
    """The message with places as the working directory shows them, where they are in it."""
    place, notes = message.place, tuple(_relative(each) for each in message.notes)
    if place.file is not None and not place.file.startswith("<"):
        file = Path(place.file)
        if file.is_absolute() and file.is_relative_to(Path.cwd()):
            file = file.relative_to(Path.cwd())
        place = replace(place, file=str(file))
    return replace(message, place=place, notes=notes)
