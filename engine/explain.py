"""Says what the tables of facts hold for some texts, and where every row comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from .dataclass import dataclass
from .error import Message, Place
from .evaluation.evaluate import evaluate_all
from .evaluation.watch import Watch
from .fact import Row
from .node import Node, plain
from .reading.document import read
from .stack import on_whole_stack
from .value import Value

if TYPE_CHECKING:
    from .evaluation.derivation import Relation
    from .evaluation.derive import Facts
    from .evaluation.forest import Forest
    from .rule import RuleSet


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a document that a column or a capture stands for: the document's file and place in it, a pointer."""

    file: str | None
    document: int
    item: int | None
    pointer: str
    place: Place


@dataclass(frozen=True, slots=True)
class RowReference:
    """A row of another table: `index` is its place among the `rows` of `table`, from 0."""

    table: str
    index: int


Origin: TypeAlias = Value | Location | RowReference
"""What a capture stood for: plain data, a place in a document, a row of a table."""


@dataclass(frozen=True, slots=True)
class DerivedRow:
    """A row of a table: its columns (plain data, or the `Location` of a capture), and where it comes from.

    `derivation` is the place in the rule file of what made it (in a decision table: the line that decided), `number`
    that derivation's place under `from`, from 1; `captures` are what its captures stood for.
    """

    columns: Mapping[str, Value | Location]
    derivation: Place
    number: int
    captures: Mapping[str, Origin]


@dataclass(frozen=True, slots=True)
class DerivedTable:
    """A table of facts as its rule set saw it before its first rule acted, and what its `fail` and `warn` said."""

    ruleset: str
    name: str
    columns: tuple[str, ...]
    rows: tuple[DerivedRow, ...]
    messages: tuple[Message, ...]


@on_whole_stack
def derive_facts(texts: Iterable[tuple[str | None, str]], rules: Iterable[RuleSet]) -> list[DerivedTable]:
    r"""The tables of facts that rules derive from texts, each given as (file, text), in the order of the rule files.

    Rule sets run in order, so that the facts of a later one are those of what earlier ones left. What rules refuse is
    no error here. Raises `InputError` for a text that cannot be read, `RuleError` if a table or a rule fails.

    >>> import retouch
    >>> rules = retouch.load_text('''
    ... apiVersion: retouch/v1
    ... kind: RuleSet
    ... metadata: {name: example}
    ... facts:
    ...   word:
    ...     match: {w: $.words.*}
    ...     is: {id: "${ w }", node: "${ w }"}
    ... rules: []
    ... ''')
    >>> (table,) = retouch.derive_facts([("a.yaml", "words: [one, two]\n")], rules)
    >>> [(row.columns["id"], row.columns["node"].pointer) for row in table.rows]
    [('one', '/words/0'), ('two', '/words/1')]
    """
    documents = [document for file, text in texts for document in read(text, file)]
    watch = TableWatch()
    for evaluation in evaluate_all(documents, rules, watch):
        if evaluation.error is not None:
            raise evaluation.error
    return watch.tables


class TableWatch(Watch):
    """Keeps what the tables hold, described as it was before rules acted."""

    def __init__(self) -> None:
        self.tables: list[DerivedTable] = []

    def derived(self, facts: Facts) -> None:
        """Describe the tables of a rule set."""
        self.tables.extend(_describe(facts))


def _describe(facts: Facts) -> Iterable[DerivedTable]:
    indexes = {
        id(row): RowReference(name, index)
        for name, relation in facts.relations.items()
        for index, row in enumerate(relation.found)
    }
    for relation in facts.relations.values():
        yield _describe_table(facts, relation, indexes)


def _describe_table(facts: Facts, relation: Relation, indexes: Mapping[int, RowReference]) -> DerivedTable:
    definition = relation.definition
    rows = []
    for row in relation.found:
        columns = {column: _origin(value, facts.forest, {}) for column, value in row.items()}
        captures = {name: _origin(value, facts.forest, indexes) for name, value in row.captures.items()}
        derivation = row.derivation or definition.derivations[0]
        rows.append(DerivedRow(columns, derivation.place, derivation.number, captures))
    messages = tuple(message for _, message in relation.messages)
    return DerivedTable(facts.rule_set.name, definition.name, definition.columns, tuple(rows), messages)


def _origin(value: Any, forest: Forest, indexes: Mapping[int, RowReference]) -> Origin:
    if type(value) is Row and id(value) in indexes:
        return indexes[id(value)]
    if type(value) is Node:
        tree = forest.owner(value)
        if tree is None:
            return plain(value)
        document = tree.document
        return Location(document.file, document.index, document.item, tree.pointer(value), document.place(value))
    if isinstance(value, list):
        return [_origin(item, forest, indexes) for item in value]
    return value
