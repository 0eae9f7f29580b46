"""What an evaluation shows to whoever looks on: what rules see, what their conditions say, which actions are taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..expressions.scope import Frame
    from ..reading.ignore import Ignore
    from ..rule import Action, Capture, Derivation, Rule, RuleSet
    from .derive import Facts
    from .evaluation import Match
    from .tree import Tree


class Watch:
    """Is told what happens while rule sets run; here it does nothing with it. It must not change anything.

    What it is given holds only until the method returns: nodes change as rules act.
    """

    def saw(self, rule_set: RuleSet, rule: Rule | None, tree: Tree, *, seen: bool) -> None:
        """Whether the `documents:` of the rule set (`rule` is None) or of one of its rules let a document through."""

    def excluded(self, rule_set: RuleSet, rule: Rule | None, tree: Tree, frame: Frame) -> None:
        """A document was not let through (after `saw`); `frame` is what the filter's `when` sees."""

    def found(
        self,
        rule_set: RuleSet,
        part: Rule | Action | Derivation,
        capture: Capture,
        frame: Frame,
        tree: Tree | None,
        values: Sequence[Any],
    ) -> None:
        """What a capture stands for, each time it is looked for; `frame` has the captures before it."""

    def derived(self, facts: Facts) -> None:
        """The tables of facts of a rule set, before its rules act."""

    def judged(self, rule_set: RuleSet, part: Rule | Action | Derivation, one: Match | None, *, held: bool) -> None:
        """What the `when` of a part was for a combination; parts without one always hold. None for derivations."""

    def suppressed(self, rule_set: RuleSet, rule: Rule, one: Match, ignore: Ignore) -> None:
        """A comment in the document keeps the rule away from a combination whose `when` held or could not be told."""

    def acted(self, rule_set: RuleSet, rule: Rule, action: Action, one: Match) -> None:
        """An action is about to be taken for a combination: its `when` held."""

    def done(self, rule_set: RuleSet, rule: Rule, action: Action, one: Match) -> None:
        """The action that was taken last has not failed."""
