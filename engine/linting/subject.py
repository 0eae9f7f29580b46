"""What checks look at: one rule set, as its files say it and as it was compiled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass  # noqa: TID251 - one without slots, for cached properties
from functools import cached_property
from typing import TYPE_CHECKING

from .use import Uses, names_used, uses_of

if TYPE_CHECKING:
    from ..rule import FactTable, Rule, RuleSet
    from ..rulefile.entry import Entry
    from ..rulefile.extension import Whole
    from .check_test import Tested


@dataclass(frozen=True)
class Subject:
    """A rule set: `whole` is what its files say, `rule_set` what that was compiled to.

    `tested` says which of its rules tests make apply; None if nobody ran them.
    """

    whole: Whole
    rule_set: RuleSet
    tested: Tested | None = None

    @cached_property
    def files(self) -> frozenset[str | None]:
        """The files that it is written in itself: what it extends is looked at where it stands."""
        return frozenset(piece.form.source.file for piece in self.whole.pieces)

    @property
    def rules(self) -> Iterator[tuple[Rule, Entry]]:
        """Its rules in order, each with its entry; those that it extends too."""
        return zip(self.rule_set.rules, self.whole.sections["rules"], strict=True)

    @property
    def tables(self) -> Iterator[tuple[FactTable, Entry]]:
        """Its tables in order, each with its entry; those that it extends too."""
        return zip(self.rule_set.facts, self.whole.sections["facts"], strict=True)

    def own(self, section: str) -> Iterator[Entry]:
        """The entries of a section that its own files say."""
        return (each for each in self.whole.sections[section] if each.piece.form.source.file in self.files)

    @cached_property
    def names(self) -> frozenset[str]:
        """The names that its paths and expressions use, those of tables with `facts.` before them."""
        return names_used(self.rule_set)

    @cached_property
    def uses(self) -> Uses:
        """What its expressions and functions use besides names."""
        functions = (str(each.node.value) for each in self.whole.sections["functions"])
        return uses_of(self.rule_set, functions)
