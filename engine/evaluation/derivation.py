"""One derivation at work: the combinations it runs over, and the row or the message that each of them makes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..error import Message, RuleError
from ..expressions.closure_fact import NOTHING, finder
from ..expressions.operand import describe, text_of
from ..expressions.scope import OMIT, ExpressionError, Frame
from ..fact import Row, Table, mark, same
from ..node import Node
from ..rule import Capture, Column, Derivation, FactTable
from ..suggest import listing
from .blame import Blame
from .document_filter import sees
from .let import defer, holds, share
from .match import Matcher, location, start_text

if TYPE_CHECKING:
    from ..expressions.scope import Evaluable
    from .derive import Facts
    from .tree import Tree

ROW_LIMIT = 1_000_000
"""Rows of one table."""


@dataclass(slots=True)
class Relation:
    """A table at work: its rows, apart for each document if that is its scope, and what it said.

    `found` holds all rows in the order found.
    """

    definition: FactTable
    parts: dict[Tree | None, Table]
    found: list[Row] = field(default_factory=list)
    messages: dict[tuple[Tree, Message], None] = field(default_factory=dict)

    def part(self, home: Tree | None) -> Table:
        """The table that holds the rows of `home`."""
        return self.parts[home if self.definition.per_document else None]

    def rows(self, home: Tree | None) -> Sequence[Row]:
        """The rows that count in `home`."""
        if home is None or not self.definition.per_document:
            return self.found
        return self.parts[home].rows

    def clear(self) -> None:
        """Forget everything."""
        self.found = []
        self.messages = {}
        for part in self.parts.values():
            part.clear()


class Work:
    """A derivation at work for its table. `own` are its captures over the table that it adds to."""

    def __init__(self, facts: Facts, relation: Relation, derivation: Derivation) -> None:
        definition = relation.definition
        shared = definition.shared
        self.own = [each.name for each in (*shared.captures, *derivation.captures) if each.table == definition.name]
        self._facts = facts
        self._relation = relation
        self._derivation = derivation
        self._names = [capture.name for capture in (*shared.captures, *derivation.captures)]
        self._local = derivation.document or shared.document or definition.per_document
        self._columns = [(each.name, _reader(each)) for each in (*shared.columns, *derivation.columns)]
        self._sources: Mapping[str, Sequence[Row]] = {}
        self._lets: Mapping[str, Evaluable] = {}
        self._found: Mapping[str, Any] = {}
        self._home: Tree | None = None
        with self._blame():
            self._homes = {home: None for home in facts.homes if self._sees(home)}
        self._outer = self._matcher(shared.captures)
        self._inner = self._matcher(derivation.captures)
        self._kept: list[tuple[Mapping[str, Any], Tree | None, Mapping[str, Evaluable]]] | None = None

    def run(self) -> None:
        """Add what the derivation makes of all combinations."""
        with self._blame():
            self._run({})

    def grow(self, start: int, end: int) -> None:
        """Add what it makes of the combinations with a row of the own table from `start` to `end`: one that is new."""
        found = self._relation.found
        with self._blame():
            for place, name in enumerate(self.own):
                if len(self.own) > 1:
                    limits = {each: start if number < place else end for number, each in enumerate(self.own)}
                    self._sources = {each: found[:limit] for each, limit in limits.items()}
                for row in found[start:end]:
                    self._run({name: row})

    def _run(self, bound: Mapping[str, Row]) -> None:
        for values, home, lets in self._outer_combinations(bound):
            self._lets = lets
            for found, belongs in self._inner.combinations(values, home, bound):
                if belongs is not None:
                    if belongs in self._homes:
                        self._make(found, belongs)
                elif self._local:
                    for each in self._homes:
                        self._make(found, each)
                else:
                    self._make(found, None)

    def _outer_combinations(
        self, bound: Mapping[str, Row]
    ) -> Iterable[tuple[Mapping[str, Any], Tree | None, Mapping[str, Evaluable]]]:
        """The combinations of what stands beside `from`, found once unless the table itself is among it."""
        shared = self._relation.definition.shared
        if not shared.captures and not shared.lets:
            return [({}, None, {})]
        if any(capture.name in self.own for capture in shared.captures):
            return self._find_outer(bound)
        if self._kept is None:
            self._kept = list(self._find_outer({}))
        return self._kept

    def _find_outer(
        self, bound: Mapping[str, Row]
    ) -> Iterator[tuple[Mapping[str, Any], Tree | None, Mapping[str, Evaluable]]]:
        shared = self._relation.definition.shared
        self._lets = {}
        for values, home in self._outer.combinations({}, None, bound):
            for each in (home,) if home is not None or not (shared.document and shared.lets) else self._homes:
                yield values, each, share(self._frame(each).child(values, defer(shared.lets))) if shared.lets else {}

    def _make(self, found: Mapping[str, Any], home: Tree | None) -> None:
        self._found, self._home = found, home
        derivation, shared = self._derivation, self._relation.definition.shared
        frame = self._facts.frames[home].child(found, {**self._lets, **defer(derivation.lets)})
        if not (holds(shared.when, frame) and holds(derivation.when, frame)):
            return
        if derivation.severity is not None:
            self._tell(frame)
            return
        columns = {}
        for name, read in self._columns:
            value = read(frame)
            if value is not OMIT:
                columns[name] = value
            elif name == "id":
                raise ExpressionError("the column `id` is the row's key, so it cannot be left out")
        self._add(Row(columns, home, derivation, found))

    def _add(self, row: Row) -> None:
        if row.home is None and row.node is not None:
            row.home = self._facts.forest.owner(row.node)
        definition = self._relation.definition
        known = self._relation.part(row.home).add(row)
        if known is None:
            self._relation.found.append(row)
            if len(self._relation.found) > ROW_LIMIT:
                raise endless(self._facts, definition, f"{ROW_LIMIT:,} rows")
        elif not (definition.first or definition.stable) and "id" in definition.columns and same(known) != same(row):
            raise self._refuse_second(known, row)

    def _refuse_second(self, known: Row, row: Row) -> RuleError:
        definition = self._relation.definition
        differing = [column for column in definition.columns if not _alike(known, row, column)]
        text = (
            f"the table `{definition.name}` gets two rows for one key ({describe(row['id'])}), which differ in "
            f"{listing(differing)}; with `unique: first` the first one counts"
        )
        notes = [*self._places(row), *_origin(known), *self._places(known)]
        return RuleError(text, self._derivation.place, rule=self._facts.name_of(definition), notes=notes)

    def _tell(self, frame: Frame) -> None:
        derivation = self._derivation
        value = derivation.message.render(frame) if derivation.message is not None else OMIT
        if value is OMIT or derivation.severity is None:
            return
        node = self._subject(frame)
        owner = (None if node is None else self._facts.forest.owner(node)) or self._home or self._facts.homes[0]
        note = Message("note", "by this derivation", derivation.place)
        name = self._facts.name_of(self._relation.definition)
        place = owner.document.place(owner.root if node is None else node)
        self._relation.messages[owner, Message(derivation.severity, text_of(value), place, name, (note,))] = None

    def _subject(self, frame: Frame) -> Node | None:
        """What a message is about: what `node` finds, or where it starts, or the last capture that is a place."""
        path = self._derivation.node
        if path is None:
            return location([frame[name] for name in reversed(self._names)])
        root = self._home.root if self._home is not None else None
        start = root if path.start == "$" else frame[path.start]
        if path.column is not None and type(start) is Row:
            start = start.get(path.column)
        if not isinstance(start, Node):
            raise ExpressionError(f"`{start_text(path)}` is a value without a place in the document")
        found = path.select(start, root or start)
        return found[0] if found else start

    def _sees(self, home: Tree) -> bool:
        frame = self._facts.frames[home]
        filters = (self._relation.definition.shared.documents, self._derivation.documents)
        return all(sees(each, home.document, frame) for each in filters)

    def _matcher(self, captures: Sequence[Capture]) -> Matcher:
        return Matcher(captures, self._facts.forest, self._frame, self._homes, self._rows)

    def _frame(self, home: Tree | None) -> Frame:
        frame = self._facts.frames[home]
        return frame.child({}, self._lets) if self._lets else frame

    def _rows(self, capture: Capture, home: Tree | None) -> Iterable[Row]:
        rows = self._sources.get(capture.name)
        if rows is None:
            return self._facts.rows(capture, home)
        per_document = self._relation.definition.per_document and home is not None
        return [row for row in rows if row.home is home] if per_document else rows

    def _blame(self) -> Blame:
        derivation = self._derivation
        return Blame(self._facts.name_of(self._relation.definition), derivation.place, self._notes)

    def _notes(self) -> list[Message]:
        """Where things went wrong: in which derivation, and with what in the document."""
        definition = self._relation.definition
        number = f"derivation {self._derivation.number} of " if len(definition.derivations) > 1 else ""
        where = f"in {number}the table `{definition.name}`"
        outer, inner = self._outer.position, self._inner.position
        found, home = inner if inner[0] else outer
        row = Row({}, home, self._derivation, found)
        return [Message("note", where, self._derivation.place), *self._places(row)]

    def _places(self, row: Row) -> list[Message]:
        """The place in a document that a row comes from."""
        node = location(reversed(list(row.captures.values()))) or row.node
        if node is None and row.home is not None:
            node = row.home.root
        owner = self._facts.forest.owner(node) if node is not None else None
        return [Message("note", "in this document", owner.document.place(node))] if node and owner else []


def endless(facts: Facts, definition: FactTable, limit: str) -> RuleError:
    """The error for a table that does not come to an end."""
    text = (
        f"the table `{definition.name}` still finds new rows after {limit}: "
        "a row that is made of a row of the same table must not hold a new value each time"
    )
    return RuleError(text, definition.place, rule=facts.name_of(definition))


def _reader(column: Column) -> Callable[[Frame], Any]:
    """What gives a column its value: the node, if it stands for one, else plain data. The key is no scalar's node."""
    render, is_key = column.value.render, column.name == "id"
    if column.source is None:
        return render
    find = finder(column.source)

    def read(frame: Frame) -> Any:
        found = find(frame)
        if found is NOTHING or (is_key and type(found) is Node and not found.kind):
            return render(frame)
        return found

    return read


def _alike(one: Row, other: Row, column: str) -> bool:
    if column not in one or column not in other:
        return column not in one and column not in other
    return mark(one[column]) == mark(other[column])


def _origin(row: Row) -> list[Message]:
    return [Message("note", "the first one comes from here", row.derivation.place)] if row.derivation else []
