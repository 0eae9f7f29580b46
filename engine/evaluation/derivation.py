"""One derivation at work: the combinations it runs over, and the row or the message that each of them makes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from ..dataclass import dataclass, field
from ..error import Message, RuleError
from ..expressions.closure_fact import NOTHING, finder
from ..expressions.operand import describe, text_of
from ..expressions.scope import OMIT, ExpressionError, Frame
from ..expressions.sieve import Sieve, gives_rows, is_safe, sift
from ..fact import Row, Table, mark, same
from ..node import Node
from ..rule import Capture, Column, Derivation, FactTable
from ..suggest import listing
from .blame import Blame
from .let import defer, explain_failure, holds, share
from .match import Matcher, location, start_text

if TYPE_CHECKING:
    from ..expressions.scope import Evaluable
    from .derive import Facts
    from .tree import Tree

Start: TypeAlias = "tuple[Mapping[str, Any], Tree | None, Mapping[str, Evaluable]]"
"""A combination of what stands beside `from`: its captures, its document, the values of its `let`."""

ROW_LIMIT = 1_000_000
"""Rows of one table."""

_NOWHERE: list[Start] = [({}, None, {})]


@dataclass(slots=True)
class Relation:
    """A table at work: its rows, apart for each document if that is its scope, and what it said.

    `found` holds all rows in the order found; `sources` says for captures over the table itself which of them count.
    """

    definition: FactTable
    parts: dict[Tree | None, Table]
    found: list[Row] = field(default_factory=list)
    messages: dict[tuple[Tree, Message], None] = field(default_factory=dict)
    sources: Mapping[str, Sequence[Row]] = field(default_factory=dict)

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


class Outset:
    """What stands beside `from`: the combinations that all derivations of a table go on from."""

    def __init__(self, facts: Facts, relation: Relation) -> None:
        shared = relation.definition.shared
        self._facts = facts
        self._shared = shared
        self._homes = facts.seen(relation.definition, shared.documents)
        self._is_nothing = not (shared.captures or shared.lets or shared.when or shared.documents)
        self._sees_itself = any(capture.table == relation.definition.name for capture in shared.captures)
        self._kept: list[Start] | None = None
        rows = partial(facts.rows, growing=relation)
        self.matcher = Matcher(shared.captures, facts.forest, self._frame, self._homes, rows, facts.teller(shared))

    def starts(self, bound: Mapping[str, Row]) -> Iterable[Start]:
        """The combinations, with what `let` makes of each; found once, unless the table itself is among them."""
        if self._is_nothing:
            return _NOWHERE
        if self._sees_itself:
            return self._find(bound)
        if self._kept is None:
            self._kept = self._find({})
        return self._kept

    def _find(self, bound: Mapping[str, Row]) -> list[Start]:
        shared = self._shared
        found: list[Start] = []
        names = [capture.name for capture in shared.captures]

        def take(frame: Frame, belongs: Tree | None) -> None:
            values = {name: frame[name] for name in names}
            for home in _homes(belongs, self._homes, local=shared.document):
                own = self._facts.frames[home].child(values, defer(shared.lets))
                held = holds(shared.when, own)
                if self._facts.watch is not None:
                    self._facts.watch.judged(self._facts.rule_set, shared, None, held=held)
                if held:
                    found.append((values, home, share(own)))

        self.matcher.run(take, bound=bound)
        return found

    def _frame(self, home: Tree | None) -> Frame:
        return self._facts.frames[home].child({})


class Work:
    """A derivation at work for its table. `own` are its captures over the table that it adds to."""

    def __init__(self, facts: Facts, relation: Relation, derivation: Derivation, outset: Outset) -> None:
        definition = relation.definition
        shared = definition.shared
        captures = (*shared.captures, *derivation.captures)
        self.own = [capture.name for capture in captures if capture.table == definition.name]
        self._facts = facts
        self._watch = facts.watch
        self._relation = relation
        self._derivation = derivation
        self._outset = outset
        self._names = [capture.name for capture in captures]
        self._local = derivation.document or shared.document or definition.per_document
        self._columns = [(each.name, _reader(each)) for each in (*shared.columns, *derivation.columns)]
        self._own_lets = [let.name for let in derivation.lets]
        self._lets = defer(derivation.lets)
        self._frames: list[Frame] = []
        self._home: Tree | None = None
        self._homes = facts.seen(definition, shared.documents, derivation.documents)
        tell = facts.teller(derivation)
        self._sieve = self._sift() if facts.watch is None else Sieve()
        self._matcher = Matcher(derivation.captures, facts.forest, self._frame, self._homes, self._rows, tell)

    def _sift(self) -> Sieve:
        """What the condition rules out without a look at the combinations, provided that they cannot fail either."""
        derivation, shared = self._derivation, self._relation.definition.shared
        if derivation.when is None or shared.lets or shared.when is not None:
            return Sieve()
        lets = frozenset(let.name for let in derivation.lets)
        if not all(_cannot_fail(capture, lets) for capture in (*shared.captures, *derivation.captures)):
            return Sieve()
        return sift(derivation.when.tree, lets) if derivation.when.tree is not None else Sieve()

    def _may_make_any(self) -> bool:
        """Whether it may make something: nothing that it needs is known to be missing."""
        empty = {name for name, relation in self._facts.relations.items() if not relation.found}
        return self._sieve.lets_through(self._facts.rule_set.values, empty)

    def _rows(self, capture: Capture, home: Tree | None) -> Sequence[Row]:
        """The rows that a capture over a table runs over: where the condition says what they hold, only those."""
        wanted = self._sieve.columns.get(capture.name) if self._sieve.columns else None
        relation = self._facts.relations[str(capture.table)]
        if not wanted or relation is self._relation or relation.definition.per_document:
            return self._facts.rows(capture, home, self._relation)
        return relation.parts[None].find(tuple(wanted), tuple(wanted.values()))

    def run(self) -> None:
        """Add what the derivation makes of all combinations."""
        if self._may_make_any():
            with self._blame():
                self._run({})

    def grow(self, start: int, end: int) -> None:
        """Add what it makes of the combinations with a row of the own table from `start` to `end`: one that is new."""
        found = self._relation.found
        with self._blame():
            for place, name in enumerate(self.own):
                if len(self.own) > 1:  # of several, those before this one are old, so that no combination comes twice
                    limits = {each: start if number < place else end for number, each in enumerate(self.own)}
                    self._relation.sources = {each: found[:limit] for each, limit in limits.items()}
                for row in found[start:end]:
                    self._run({name: row})

    def _run(self, bound: Mapping[str, Row]) -> None:
        run, take = self._matcher.run, self._take
        for values, start, lets in self._outset.starts(bound):
            if lets:
                self._see(lets)
            run(take, values, start, bound)

    def _see(self, lets: Mapping[str, Evaluable]) -> None:
        """Let expressions see other values of the lets that stand beside `from`."""
        self._lets.update(lets)
        for frame in self._frames:
            for name in lets:
                frame.pop(name, None)

    def _take(self, frame: Frame, belongs: Tree | None) -> None:
        if belongs is not None:
            if belongs in self._homes:
                self._make(frame, belongs)
        elif not self._local:
            self._make(frame, None)
        else:
            for home in self._homes:
                self._make(self._matcher.enter(home), home)

    def _make(self, frame: Frame, home: Tree | None) -> None:
        self._home = home
        for name in self._own_lets:
            frame.pop(name, None)
        derivation = self._derivation
        when = derivation.when
        try:
            held = when is None or when.test(frame)
        except ExpressionError as error:
            raise explain_failure(when, error) from error
        if self._watch is not None:
            self._watch.judged(self._facts.rule_set, derivation, None, held=held)
        if not held:
            return
        if derivation.severity is not None:
            self._tell(frame)
            return
        row = Row((), home, derivation, {name: frame[name] for name in self._names})
        for name, read in self._columns:
            value = read(frame)
            if value is not OMIT:
                row[name] = value
            elif name == "id":
                raise ExpressionError("the column `id` is the row's key, so it cannot be left out")
        self._add(row)

    def _add(self, row: Row) -> None:
        if row.home is None and row.node is not None:
            row.home = self._facts.forest.owner(row.node)
        definition = self._relation.definition
        known = self._relation.part(row.home).add(row)
        if known is None:
            self._relation.found.append(row)
            if len(self._relation.found) > ROW_LIMIT:
                text = f"the table `{definition.name}` has more than {ROW_LIMIT:,} rows"
                raise RuleError(text, definition.place, rule=self._facts.name_of(definition))
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

    def _frame(self, home: Tree | None) -> Frame:
        frame = self._facts.frames[home].child({}, self._lets)
        self._frames.append(frame)
        return frame

    def _blame(self) -> Blame:
        derivation = self._derivation
        return Blame(self._facts.name_of(self._relation.definition), derivation.place, self._notes)

    def _notes(self) -> list[Message]:
        """Where things went wrong: in which derivation, and with what in the document."""
        definition = self._relation.definition
        number = f"derivation {self._derivation.number} of " if len(definition.derivations) > 1 else ""
        where = f"in {number}the table `{definition.name}`"
        outer, inner = self._outset.matcher.position, self._matcher.position
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


def _cannot_fail(capture: Capture, lets: frozenset[str]) -> bool:
    if capture.table is not None:
        return True
    tree = capture.items.tree if capture.items is not None else None
    return tree is not None and gives_rows(tree) and is_safe(tree, lets)


def _homes(belongs: Tree | None, homes: Collection[Tree], *, local: bool) -> Collection[Tree | None]:
    """The documents in which a combination counts: its own; without one, none or, where it asks for one, each."""
    if belongs is None:
        return homes if local else (None,)
    return (belongs,) if belongs in homes else ()


def _reader(column: Column) -> Callable[[Frame], Any]:
    """What gives a column its value: the node, if it stands for one, else plain data. The key is no scalar's node."""
    render, is_key = column.value.renderer(), column.name == "id"
    if column.source is None and column.row is None:
        return render
    find = finder(column.source) if column.source is not None else _row_finder(column)

    def read(frame: Frame) -> Any:
        found = find(frame)
        if found is NOTHING or (is_key and type(found) is Node and not found.kind):
            return render(frame)
        return found

    return read


def _row_finder(column: Column) -> Callable[[Frame], Any]:
    """As `finder`, for a column of a row that is looked up."""
    assert column.row is not None
    expression, name = column.row

    def find(frame: Frame) -> Any:
        try:
            row = expression.keep(frame)
        except ExpressionError:
            return NOTHING  # and what it is that fails is told where the whole is rendered
        return row.get(name, NOTHING) if type(row) is Row else NOTHING

    return find


def _alike(one: Row, other: Row, column: str) -> bool:
    if column not in one or column not in other:
        return column not in one and column not in other
    return mark(one[column]) == mark(other[column])


def _origin(row: Row) -> list[Message]:
    return [Message("note", "the first one comes from here", row.derivation.place)] if row.derivation else []
