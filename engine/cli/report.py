"""Says on standard error what a run has to say: messages, notices, the summary line."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TextIO

from ..dataclass import dataclass, field, replace
from ..release import version
from .message import FORMS, as_text
from .progress import Progress
from .terminal import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..error import Message, Place


@dataclass(slots=True)
class Tally:
    """What a run counted."""

    files: int = 0
    documents: int = 0
    unread: int = 0  # of these
    rewritten: int = 0
    charts: int = 0
    rules: set[str] = field(default_factory=set)  # that changed something
    matches: Counter[str] = field(default_factory=Counter)  # combinations per rule
    suppressed: Counter[str] = field(default_factory=Counter)  # those from which a comment kept the rule away


class Report:
    """Prints messages as they come, or with a `form` for programs gathers them and prints them at the end.

    With `quiet` only errors are printed. `errors` and `warnings` count what was given, printed or not.
    """

    def __init__(
        self,
        stream: TextIO,
        *,
        form: str | None = None,
        colour: bool = False,
        quiet: bool = False,
        verbose: bool = False,
    ) -> None:
        self.errors = 0
        self.warnings = 0
        self.progress = Progress(stream, 0, enabled=False)
        self._stream = stream
        self._form = form
        self._colour = colour
        self._quiet = quiet
        self._verbose = verbose
        self._kept: list[Message] = []
        self._noted: set[tuple[str, str, Place]] = set()

    def add(self, messages: Iterable[Message]) -> None:
        """Take messages in; equal ones may come again and are told again."""
        for message in messages:
            self.errors += message.severity == "error"
            self.warnings += message.severity == "warning"
            if message.severity != "error" and self._quiet:
                continue
            if self._form is not None:
                self._kept.append(message)
            else:
                self.progress.write(as_text(self._without_known(message), colour=self._colour))

    def _without_known(self, message: Message) -> Message:
        """A message of a rule without the notes that an earlier one of that rule had: where in its file it says so."""
        if message.rule is None or self._verbose:
            return message
        new = tuple(note for note in message.notes if (message.rule, note.text, note.place) not in self._noted)
        self._noted.update((message.rule, note.text, note.place) for note in new)
        return replace(message, notes=new)

    def say(self, text: str) -> None:
        """A notice for people; left out with `quiet` and where a program reads."""
        if not self._quiet and self._form is None:
            self.progress.write(printable(text, keep="\n\t"))

    @property
    def shows_progress(self) -> bool:
        """Whether a progress bar may stand between the messages."""
        return not self._quiet and self._form is None

    def detail(self, text: str) -> None:
        """A notice that only `verbose` shows."""
        if self._verbose:
            self.say(text)

    def close(self) -> None:
        """Print what was kept for the end."""
        if self._form is not None:
            text = FORMS[self._form](self._kept, version())
            if text:
                self.progress.write(text)

    def summary(self, tally: Tally) -> str:
        """The line that ends a run over many files: `12 files, 30 documents, 4 rewritten by 2 rules, 1 warning`."""
        parts = [count(tally.files, "file"), count(tally.documents, "document")]
        parts.append(f"{tally.rewritten} rewritten" + (f" by {count(len(tally.rules), 'rule')}" if tally.rules else ""))
        if tally.unread:
            parts.append(f"{tally.unread} unread")
        if tally.charts:
            parts.append(f"{count(tally.charts, 'Helm template')} skipped")
        if tally.suppressed:
            parts.append(f"{sum(tally.suppressed.values())} suppressed")
        problems = ((self.warnings, "warning"), (self.errors, "error"))
        parts += [count(number, noun) for number, noun in problems if number]
        return ", ".join(parts)


def count(number: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun: `1 file`, `3 files`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
