"""Who changed a line and why, or who looked at it and left it alone, as a terminal shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dataclass import dataclass
from ..error import shorten
from .explanation import Writer, at, target_of
from .report import count
from .terminal import BOLD, GREEN, RED, YELLOW, paint, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..explaining.account import Binding
    from ..explaining.line import Cause, Glance, LineAccount

_COMBINATIONS = 3
_WIDTH = 120  # characters of a line that are shown


@dataclass(frozen=True, slots=True)
class LineWriter:
    """How to write: as `writer` does."""

    writer: Writer

    def write(self, account: LineAccount) -> str:
        """The text of an account of a line."""
        return "".join(f"{line.rstrip()}\n" for line in self._lines(account))

    def _lines(self, account: LineAccount) -> Iterator[str]:
        line = account.line
        side = "+" if line.side == "+" else ""
        file = printable(line.file)
        name = self._paint(f"{file}:{side}{line.number}", BOLD)
        if account.text is None:
            yield f"{name}: there is no such line{' in the result' if side else ''}"
            return
        if account.errors:
            yield f"{name}: {self._paint('nothing of this file is written', RED)}"
            yield from (f"  {at(each.place)}: {each.severity}: {printable(each.text)}" for each in account.errors)
        elif not account.changed:
            yield f"{name}: {self._paint('no rule changes this line', YELLOW)}"
        else:
            by = f"by {', '.join(account.rules)}" if account.rules else "as follows from other changes"
            yield f"{name}: {self._paint(f'changed {by}', GREEN)}"
        yield f"  | {printable(account.text[:_WIDTH])}{'…' if len(account.text) > _WIDTH else ''}"
        if account.other is not None:
            yield f"  for line {account.other} of the result, which is changed, ask {file}:+{account.other}"
        shown = account.causes if self.writer.whole else account.causes[:_COMBINATIONS]
        for cause in shown:
            yield from self._cause(cause)
        if len(account.causes) > len(shown):
            yield f"  and for {count(len(account.causes) - len(shown), 'more combination')} (-v shows them)"
        for glance in account.glances:
            yield from self._glance(glance)
        if not account.changed and not account.glances:
            yield "  no rule looks at what stands there"

    def _cause(self, cause: Cause) -> Iterator[str]:
        action = cause.action.action
        yield f"  {self._paint(cause.rule.name, BOLD)} ({at(cause.rule.rule.place)})"
        names = [*(each.name for each in cause.act.bindings), "when", action.verb]
        width = min(14, max(map(len, names)))
        yield from self._bindings(cause.act.bindings, width)
        if cause.rule.rule.when is not None and cause.judgement is not None:
            yield from self.writer.condition(cause.rule.rule.when.text, cause.judgement, width)
        yield f"    {action.verb:{width}}  {target_of(cause.action).replace(':', '')}({at(action.place)})"
        for operation, place in cause.operations:
            source = f" from {printable(shorten(operation.source))}" if operation.source is not None else ""
            kind = self._paint(operation.op, GREEN)
            yield f"      {at(place)}: {kind} {printable(shorten(operation.path))}{source}"

    def _bindings(self, bindings: Sequence[Binding], width: int) -> Iterator[str]:
        for each in bindings:
            where = f"{at(each.place)}: {printable(each.pointer or '/')}: " if each.place is not None else ""
            yield f"    {each.name:{width}}  {where}{printable(each.value)}"

    def _glance(self, glance: Glance) -> Iterator[str]:
        name = f"  {self._paint(glance.rule.name, BOLD)} ({at(glance.rule.rule.place)})"
        if glance.exclusion is not None:
            yield f"{name} does not see the document"
            for unmet in glance.exclusion.unmet:
                yield from self.writer.unmet(unmet)
            return
        if glance.capture is not None:
            yield f"{name} matches nothing: `{glance.capture.capture.name}` finds nothing"
            yield from self.writer.capture(glance.capture, len(glance.capture.capture.name))
            return
        judgement = glance.judgement
        if judgement is None or glance.look is None:
            return
        what = "matches here, but does not change this line" if judgement.held else "does not match here"
        if judgement.ignored is not None:
            what = f"is kept away by the comment at {at(judgement.ignored)}"
        yield f"{name} {what}"
        width = min(14, max(map(len, [*(each.name for each in judgement.bindings), "when"])))
        yield from self._bindings(judgement.bindings, width)
        if glance.rule.rule.when is not None:
            yield from self.writer.condition(glance.rule.rule.when.text, judgement, width)
        if judgement.held and judgement.ignored is None:
            for action in glance.look.actions.values():
                yield from self.writer.action(action, width)

    def _paint(self, text: str, *codes: str) -> str:
        return paint(text, *codes, enabled=self.writer.colour)
