"""Derives the tables of a rule set from the documents as they are, to a fixpoint (rule language, section 9)."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from ..error import Message, RuleError
from ..fact import PREFIX, Row, Table, token
from ..node import Node
from ..rule import Capture, Derivation, DocumentFilter, FactTable, RuleSet
from .blame import Blame
from .component import components
from .derivation import Outset, Relation, Work
from .document_filter import sees

if TYPE_CHECKING:
    from ..expressions.scope import Frame
    from .forest import Forest
    from .match import Tell
    from .tree import Tree
    from .watch import Watch

ROUND_LIMIT = 100_000
"""Rounds of one table that runs over itself."""


class Facts:
    """The tables of one rule set, derived from `homes`, the documents that it sees.

    `frames` has what expressions see in each document, and under None what they see in none; it is given the tables.
    """

    def __init__(
        self,
        rule_set: RuleSet,
        forest: Forest,
        frames: Mapping[Tree | None, Frame],
        homes: Sequence[Tree],
        watch: Watch | None = None,
    ) -> None:
        self.relations: dict[str, Relation] = {}
        self.rule_set = rule_set
        self.forest = forest
        self.frames = frames
        self.homes = homes
        self.watch = watch
        for definition in rule_set.facts:
            owners: Sequence[Tree | None] = homes if definition.per_document else (None,)
            parts = {owner: Table(keyed="id" in definition.columns) for owner in owners}
            self.relations[definition.name] = Relation(definition, parts)
            for owner, part in parts.items():
                frames[owner][PREFIX + definition.name] = part

    def derive(self) -> None:
        """Compute all tables, in order. Raises `RuleError`.

        Cost is linear in the combinations that the derivations run over, with `until: stable` for each round.
        """
        for definition in self.rule_set.facts:
            self._compute(definition)

    def rows(self, capture: Capture, home: Tree | None, growing: Relation | None = None) -> Sequence[Row]:
        """The rows that a capture over a table runs over in `home`; of the table `growing` those that it says."""
        if growing is not None and capture.name in growing.sources:
            rows = growing.sources[capture.name]
            apart = growing.definition.per_document and home is not None
            return [row for row in rows if row.home is home] if apart else rows
        return self.relations[str(capture.table)].rows(home)

    def seen(self, definition: FactTable, *filters: DocumentFilter | None) -> dict[Tree, None]:
        """The documents that all of the filters of a table let through. Raises `RuleError`."""
        given = [each for each in filters if each is not None]
        return {home: None for home in self.homes if not given or self._lets_through(definition, given, home)}

    def messages(self) -> Iterator[tuple[Tree, Message]]:
        """What `fail` and `warn` said, in the order of the tables, each with the document it is about."""
        return chain.from_iterable(relation.messages for relation in self.relations.values())

    @property
    def refuses_run(self) -> bool:
        """Whether a table of the whole run said `fail`."""
        return any(
            message.severity == "error"
            for relation in self.relations.values()
            if not relation.definition.per_document
            for _, message in relation.messages
        )

    def _lets_through(self, definition: FactTable, filters: Iterable[DocumentFilter], home: Tree) -> bool:
        document = home.document

        def notes() -> list[Message]:
            return [Message("note", "in this document", document.place(home.root))]

        with Blame(self.name_of(definition), definition.place, notes):
            return all(sees(each, document, self.frames[home]) for each in filters)

    def _compute(self, definition: FactTable) -> None:
        relation = self.relations[definition.name]
        relation.clear()
        self._evaluate(relation)
        if not definition.stable:
            return
        again = _fed_by(definition, self.rule_set.facts)
        known = 0  # while it held nothing, the tables before it saw what they see now
        while again and known < len(relation.found):  # what feeds back only grows, so this ends
            known = len(relation.found)
            for each in again:
                self._compute(each)
            relation.messages = {}
            self._evaluate(relation)

    def _evaluate(self, relation: Relation) -> None:
        definition = relation.definition
        if definition.pairs is not None:
            self._group(relation, self.relations[definition.pairs])
            return
        outset = Outset(self, relation)
        works = [Work(self, relation, derivation, outset) for derivation in definition.derivations]
        for work in works:
            if not work.own:
                work.run()
        growing = [work for work in works if work.own]
        start, rounds = 0, 0
        while growing and start < len(relation.found):
            end, rounds = len(relation.found), rounds + 1
            if rounds > ROUND_LIMIT:
                text = (
                    f"the table `{definition.name}` still finds new rows after {ROUND_LIMIT:,} rounds: "
                    "what it makes of its own rows must not be new each time"
                )
                raise RuleError(text, definition.place, rule=self.name_of(definition))
            for work in growing:
                work.grow(start, end)
                relation.sources = {}
            start = end

    def _group(self, relation: Relation, pairs: Relation) -> None:
        vertices = relation.definition.vertices
        for owner, part in relation.parts.items():
            known = Members()
            for row in self.relations[vertices].rows(owner) if vertices is not None else ():
                known.add(row, "id")
            joined = [
                (known.add(row, "a"), known.add(row, "b")) for row in pairs.rows(owner) if {"a", "b"} <= row.keys()
            ]
            for members in components(known.values, joined):
                row = known.row(members, relation.definition.derivations[0])
                part.add_group(row, members)
                relation.found.append(row)

    def teller(self, derivation: Derivation) -> Tell | None:
        """What is to be told which nodes and rows the captures of a derivation find."""
        return None if self.watch is None else partial(self.watch.found, self.rule_set, derivation)

    def name_of(self, definition: FactTable) -> str:
        """How messages name a table, as they name a rule."""
        return f"{self.rule_set.name}/{PREFIX}{definition.name}"


class Members:
    """What is grouped into components: every value once, and the document of the first row that has it."""

    def __init__(self) -> None:
        self.values: dict[Hashable, Any] = {}
        self._homes: dict[Hashable, Tree | None] = {}

    def add(self, row: Row, column: str) -> Hashable:
        """Take in the value of a column; what it is known by."""
        value = row[column]
        key = token(value)
        if key not in self.values:
            self.values[key] = value if type(value) is not Node or value.kind else value.value
            self._homes[key] = row.home
        return key

    def row(self, members: Sequence[Hashable], derivation: Derivation) -> Row:
        """The row of a group; it comes from the document of its members, if that is one."""
        homes = {self._homes[member] for member in members}
        values = [self.values[member] for member in members]
        return Row({"id": values[0], "members": values}, homes.pop() if len(homes) == 1 else None, derivation)


def _fed_by(stable: FactTable, tables: Sequence[FactTable]) -> list[FactTable]:
    """The tables before `stable` that see it, and those that see these, in order."""
    found = {stable.name}
    again = []
    for each in tables[: tables.index(stable)]:
        if each.needs & found:
            found.add(each.name)
            again.append(each)
    return again
