"""What the derivations of tables of facts found, so that a table without rows can say why it has none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ..dataclass import dataclass, field
from ..evaluation.evaluate import evaluate_all
from ..explain import DerivedTable, TableWatch
from ..reading.document import read
from ..rule import Capture, Derivation, Rule, RuleSet
from ..stack import on_whole_stack
from .account import CaptureAccount
from .recorder import count_found

if TYPE_CHECKING:
    from ..evaluation.evaluation import Match
    from ..evaluation.tree import Tree
    from ..expressions.scope import Frame
    from ..rule import Action


@dataclass(slots=True)
class DerivationAccount:
    """A derivation: what its captures found, and for how many combinations its `when` held."""

    derivation: Derivation
    captures: dict[str, CaptureAccount] = field(default_factory=dict)
    tried: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class TableAccount:
    """A table of facts, and what its derivations found (with number 0, what they have in common)."""

    table: DerivedTable
    derivations: tuple[DerivationAccount, ...]


@on_whole_stack
def explain_tables(texts: Iterable[tuple[str | None, str]], rule_sets: Iterable[RuleSet]) -> list[TableAccount]:
    """The tables that rules derive from texts, as `derive_facts` gives them and raises, and why they are empty."""
    sets = tuple(rule_sets)
    documents = [document for file, text in texts for document in read(text, file)]
    watch = _Derivations(sets)
    for evaluation in evaluate_all(documents, sets, watch):
        if evaluation.error is not None:
            raise evaluation.error
    return [TableAccount(table, watch.of(table)) for table in watch.tables]


class _Derivations(TableWatch):
    def __init__(self, rule_sets: Sequence[RuleSet]) -> None:
        super().__init__()
        self._by_table: dict[tuple[str, str], list[DerivationAccount]] = {}
        self._accounts: dict[int, DerivationAccount] = {}
        for rule_set in rule_sets:
            for table in rule_set.facts:
                found = [DerivationAccount(each) for each in (table.shared, *table.derivations)]
                self._by_table[rule_set.name, table.name] = found
                self._accounts.update((id(each.derivation), each) for each in found)

    def of(self, table: DerivedTable) -> tuple[DerivationAccount, ...]:
        """The accounts of the derivations of a table."""
        return tuple(self._by_table[table.ruleset, table.name])

    def found(
        self,
        rule_set: RuleSet,  # noqa: ARG002 - the derivation says which
        part: Rule | Action | Derivation,
        capture: Capture,
        frame: Frame,
        tree: Tree | None,
        values: Sequence[Any],
    ) -> None:
        """Count what a capture finds."""
        account = self._accounts.get(id(part))
        if account is not None:
            count_found(account.captures, capture, frame, tree, values)

    def judged(
        self,
        rule_set: RuleSet,  # noqa: ARG002 - as above
        part: Rule | Action | Derivation,
        one: Match | None,  # noqa: ARG002 - derivations have none
        *,
        held: bool,
    ) -> None:
        """Count how often a `when` held."""
        account = self._accounts.get(id(part))
        if account is not None:
            account.tried += 1
            account.held += held
