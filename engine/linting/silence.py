"""Comments in rule files that silence findings: `# retouch: ignore[check-name] reason`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ..dataclass import dataclass
from ..error import Message
from ..reading.ignore import find_ignores
from ..suggest import listing, suggest
from .check import CHECKS, UNUSED_IGNORE, finding

if TYPE_CHECKING:
    from ..reading.ignore import Ignore
    from ..rulefile.form import Form


@dataclass(slots=True)
class _Comment:
    """A comment for one check, and the lines it is about; `used` once it has silenced something."""

    ignore: Ignore
    check: str
    first: int
    last: int
    used: bool = False

    def covers(self, message: Message) -> bool:
        """Whether a finding is one of those that it silences."""
        line = message.place.line
        return message.rule == self.check and line is not None and self.first <= line <= self.last


def silence(messages: Iterable[Message], forms: Sequence[Form], ran: Mapping[str, bool]) -> Iterator[Message]:
    """The findings that no comment in `forms` silences, and what is wrong with comments.

    A comment is about everything that begins on the lines of its node. `ran` says of each check whether it was run:
    comments for the others are not called unused.
    """
    comments: dict[str | None, list[_Comment]] = {}
    for form in forms:
        for ignore in find_ignores(form.source, form.document.root):
            if ignore.problem:
                yield _about(ignore.problem, ignore)
            else:
                comments.setdefault(form.source.file, []).extend(_comments(form, ignore))
    for message in messages:
        found = [each for each in comments.get(message.place.file, ()) if each.covers(message)]
        for each in found:
            each.used = True
        if not found:
            yield message
    for each in (one for found in comments.values() for one in found):
        if each.check not in CHECKS:
            hint = suggest(each.check, CHECKS) or f"; checks are {listing(CHECKS)}"
            yield _about(f"there is no check `{each.check}`{hint}", each.ignore)
        elif not each.used and ran[each.check]:
            yield _about(f"this comment silences nothing: `{each.check}` finds nothing here; remove it", each.ignore)


def _comments(form: Form, ignore: Ignore) -> Iterator[_Comment]:
    node = ignore.node
    assert node is not None
    start = node.key_start if node.key_start >= 0 else node.start
    first, last = form.source.place(start).line, form.source.place(max(node.end - 1, start)).line
    assert first is not None
    assert last is not None
    yield from (_Comment(ignore, check, first, last) for check in ignore.rules)


def _about(text: str, ignore: Ignore) -> Message:
    message = finding(text, ignore.place)
    return Message(message.severity, message.text, message.place, UNUSED_IGNORE)
