"""The rows of tables of facts and where each comes from, as a terminal shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dataclass import dataclass
from ..explain import Location, RowReference
from ..explaining.trace import show
from .explanation import Writer, at
from .report import count
from .terminal import BOLD, CYAN, RED, YELLOW, paint, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..explain import DerivedRow, Origin
    from ..explaining.derivation_account import DerivationAccount, TableAccount

_ROWS = 20


@dataclass(frozen=True, slots=True)
class FactWriter:
    """How to write: as `writer` does, with all rows if that writes the whole."""

    writer: Writer

    def write(self, tables: Iterable[TableAccount]) -> str:
        """The text of some tables."""
        parts = ["".join(f"{line.rstrip()}\n" for line in self._table(each)) for each in tables]
        return "\n".join(parts)

    def _table(self, account: TableAccount) -> Iterator[str]:
        table = account.table
        name = self._paint(f"{table.ruleset}/facts.{table.name}", BOLD)
        yield f"{name} has {count(len(table.rows), 'row')}"
        shown = table.rows if self.writer.whole else table.rows[:_ROWS]
        for number, row in enumerate(shown):
            yield from self._row(number, row)
        if len(table.rows) > len(shown):
            yield f"  and {count(len(table.rows) - len(shown), 'more row')} (-v shows them)"
        if not table.rows:
            for each in account.derivations:
                yield from self._derivation(each)
        for message in table.messages:
            severity = self._paint(f"{message.severity}:", RED if message.severity == "error" else YELLOW)
            yield f"  {printable(str(message.place))}: {severity} {printable(message.text)}"

    def _derivation(self, account: DerivationAccount) -> Iterator[str]:
        """Why a derivation gave no rows."""
        derivation = account.derivation
        if not account.captures and not account.tried:
            return
        name = f"derivation {derivation.number}" if derivation.number else "beside `from`"
        yield f"  {name} ({at(derivation.place)})"
        width = min(14, max(map(len, [*account.captures, "when"])))
        for capture in account.captures.values():
            yield from self.writer.capture(capture, width)
        if derivation.when is not None and account.tried:
            text = printable(" ".join(derivation.when.text.split()))
            yield f"    {'when':{width}}  true for {account.held} of {account.tried}: {text}"

    def _row(self, number: int, row: DerivedRow) -> Iterator[str]:
        columns = ", ".join(f"{name} = {_written(value)}" for name, value in row.columns.items())
        yield f"  {self._paint(str(number), CYAN)}: {columns}"
        captures = ", ".join(f"{name} = {_written(value)}" for name, value in row.captures.items())
        place = printable(str(row.derivation))
        yield f"      by derivation {row.number} ({place}){' from ' if captures else ''}{captures}"

    def _paint(self, text: str, *codes: str) -> str:
        return paint(text, *codes, enabled=self.writer.colour)


def _written(value: Origin) -> str:
    if isinstance(value, Location):
        return printable(f"{value.pointer or '/'} ({value.place})")
    if isinstance(value, RowReference):
        return f"row {value.index} of {value.table}"
    if isinstance(value, list) and any(isinstance(each, (Location, RowReference)) for each in value):
        return "[" + ", ".join(map(_written, value)) + "]"
    return printable(show(value))
