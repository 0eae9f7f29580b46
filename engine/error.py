"""What retouch says when something is wrong: messages with a place, and one family of errors."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file: `line` and `column` count from 1, in characters; `excerpt` is that line's text.

    Every part but `file` may be unknown (None).
    """

    file: str | None = None
    line: int | None = None
    column: int | None = None
    excerpt: str | None = None

    @property
    def position(self) -> tuple[str, int, int]:
        """What places are sorted by: file, line, column, with what is unknown first."""
        return self.file or "", self.line or 0, self.column or 0

    def __str__(self) -> str:
        parts = [self.file or "<input>"]
        if self.line is not None:
            parts.append(str(self.line))
            if self.column is not None:
                parts.append(str(self.column))
        return ":".join(parts)


NOWHERE = Place()
_LONGEST = 200  # characters of a name or a pointer in a message


def shorten(text: str) -> str:
    """A name or a pointer as a message repeats it: whole, or the start of a very long one."""
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to tell: where, how bad, what, from which rule, and the other places it is about."""

    severity: Severity
    text: str
    place: Place = NOWHERE
    rule: str | None = None
    notes: tuple[Message, ...] = ()

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place.file or self.place.line else ""
        rule = f" [{self.rule}]" if self.rule else ""
        return f"{where}{self.severity}: {self.text}{rule}"


def in_order(messages: Iterable[Message]) -> list[Message]:
    """Messages in the order of their places, each text once a place."""
    found = {(each.place, each.text): each for each in messages}
    return sorted(found.values(), key=lambda each: each.place.position)


class RetouchError(Exception):
    """Base of every error that retouch raises on purpose.

    Holds one or more `messages` (all that was found in one go); `file`, `line`, `column` and `rule` are
    those of the first.
    """

    def __init__(
        self,
        text: str,
        place: Place = NOWHERE,
        *,
        rule: str | None = None,
        notes: Iterable[Message] = (),
    ) -> None:
        super().__init__(text)
        self.messages: tuple[Message, ...] = (Message("error", text, place, rule, tuple(notes)),)

    @classmethod
    def of(cls, messages: Iterable[Message]) -> RetouchError:
        """The error that carries all of `messages` (at least one)."""
        found = tuple(messages)
        error = cls(found[0].text)
        error.messages = found
        return error

    @property
    def file(self) -> str | None:
        """The file of the first message, if known."""
        return self.messages[0].place.file

    @property
    def line(self) -> int | None:
        """The line of the first message, from 1, if known."""
        return self.messages[0].place.line

    @property
    def column(self) -> int | None:
        """The column of the first message, from 1, in characters, if known."""
        return self.messages[0].place.column

    @property
    def rule(self) -> str | None:
        """The `ruleset/rule-id` of the first message, if a rule was at work."""
        return self.messages[0].rule

    def __str__(self) -> str:
        return "\n".join(str(message) for message in self.messages)


class UsageError(RetouchError):
    """The caller has to act: an unknown rule set, a wrong parameter, a bad option."""


class ConfigError(RetouchError):
    """The author of the configuration has to act: `retouch.yaml` is wrong, or does not fit the rule sets it names."""


class InputError(RetouchError):
    """The author of the document has to act: it cannot be read, or not be edited there."""


class RuleError(RetouchError):
    """The author of the rule has to act: the rule file is wrong, or a rule failed on a document."""


class RefusedError(RetouchError):
    """A rule refused the document with its verb `fail`."""


class PatchError(RetouchError):
    """The author of the patch has to act: an operation cannot be applied (RFC 6902)."""


class FileError(RetouchError):
    """A file could not be read or written; nothing of it was changed."""


class GuardError(RetouchError):
    """We have to act: the new text does not say what the patch says, so nothing was written."""
