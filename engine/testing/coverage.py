"""Which rules, actions and conditions the cases of a run exercised, and which none did."""

from __future__ import annotations

from enum import StrEnum
from os.path import pardir, relpath
from pathlib import PurePath
from typing import TYPE_CHECKING

from ..dataclass import dataclass, field
from ..error import Message, Place
from ..evaluation.watch import Watch
from ..rule_text import in_package

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from ..evaluation.evaluation import Match
    from ..expressions.expression import Expression
    from ..rule import Action, Derivation, Rule, RuleSet


class Kind(StrEnum):
    """What is covered or not, from what matters most."""

    RULES = "rules"
    ACTIONS = "actions"
    CONDITIONS = "conditions"


@dataclass(frozen=True, slots=True)
class Item:
    """Something that cases should exercise: its kind, its place, its rule or table; and what is said if none did.

    `implied` says that another item, not covered either, says it already.
    """

    kind: Kind
    place: Place
    owner: str
    gap: str | None = None
    implied: bool = False

    def message(self) -> Message:
        """What is not covered, as a warning."""
        return Message("warning", str(self.gap), self.place, self.owner)


@dataclass(slots=True)
class Seen:
    """Whether a part held for some combination so far, whether it did not for some, and whether it was acted on."""

    held: bool = False
    failed: bool = False
    acted: bool = False


class Coverage(Watch):
    """Takes note of what happens while cases run, of the rule sets that were loaded by `keep`."""

    def __init__(self) -> None:
        self.rule_sets: dict[str, tuple[RuleSet, ...]] = {}
        self._parts: dict[int, Seen] = {}  # by the identity of a part, of which several may stand in one place
        self._places: dict[Hashable, Seen] = {}

    def keep(self, identity: str, load: Callable[[], tuple[RuleSet, ...]]) -> tuple[RuleSet, ...]:
        """The rule sets of a rule file, loaded once: cases should exercise them."""
        if identity not in self.rule_sets:
            self.rule_sets[identity] = load()
        return self.rule_sets[identity]

    def judged(self, _rule_set: RuleSet, part: Rule | Action | Derivation, _one: Match | None, *, held: bool) -> None:
        """Note what the `when` of a part was."""
        seen = self._parts.get(id(part)) or self._seen(part)
        if held:
            seen.held = True
        else:
            seen.failed = True

    def acted(self, _rule_set: RuleSet, _rule: Rule, action: Action, _one: Match) -> None:
        """Note that an action was taken."""
        self._seen(action).acted = True

    def items(self, rule_set: RuleSet) -> Iterator[Item]:
        """Everything in a rule set that cases should exercise. What it takes from elsewhere is tested there."""
        package, path = in_package(rule_set.place.file or "")
        folder = PurePath(path).parent
        for item in self.all_items(rule_set):
            other, path = in_package(item.place.file or "")
            if other == package and not relpath(path, folder).startswith(pardir):
                yield item

    def all_items(self, rule_set: RuleSet) -> Iterator[Item]:
        """Everything in a rule set that can be exercised, with what it takes from elsewhere."""
        for rule in rule_set.rules:
            owner = f"{rule_set.name}/{rule.id}"
            applied, refused = self._seen(rule).held, self._seen(rule).failed
            gap = None if applied else f"no case makes the rule `{rule.id}` apply"
            yield Item(Kind.RULES, rule.place, owner, gap)
            yield from self._condition(rule, rule.place, owner, implied=not (applied or refused))
            for action in rule.actions:
                gap = None if self._seen(action).acted else f"no case takes this action, `{action.verb}`"
                yield Item(Kind.ACTIONS, action.place, owner, gap, not applied)
                yield from self._condition(action, action.place, owner, implied=not applied)
        for table in rule_set.facts:
            for derivation in (table.shared, *table.derivations):
                owner = f"{rule_set.name}/facts.{table.name}"
                yield from self._condition(derivation, derivation.place, owner, implied=False)

    def _seen(self, part: Rule | Action | Derivation) -> Seen:
        """What is known of a part. Parts of one place are one: rule sets that extend another all have its rules."""
        known = self._parts.get(id(part))
        if known is None:
            place = (type(part), part.place.file, part.place.line, part.place.column, getattr(part, "number", None))
            known = self._parts[id(part)] = self._places.setdefault(place, Seen())
        return known

    def _condition(
        self, part: Rule | Action | Derivation, place: Place, owner: str, *, implied: bool
    ) -> Iterator[Item]:
        if part.when is None or part.when.constant:
            return
        seen = self._seen(part)
        gap = None
        if not (seen.held or seen.failed):
            gap = "no case comes to this `when`"
        elif not seen.held:
            gap = "this `when` holds in no case"
        elif not seen.failed:
            gap = "this `when` holds in every case"
        yield Item(Kind.CONDITIONS, _place(part.when, place), owner, gap, implied)


def _place(condition: Expression, place: Place) -> Place:
    return condition.locate(0) if condition.locate is not None else place


@dataclass(slots=True)
class Count:
    """How many items of a kind there are, and how many of them are covered."""

    covered: int = 0
    total: int = 0


@dataclass(slots=True)
class Account:
    """The coverage of one rule set: counts by kind, and what is not covered in the order of the file."""

    name: str
    counts: dict[Kind, Count] = field(default_factory=lambda: {kind: Count() for kind in Kind})
    gaps: list[Item] = field(default_factory=list)

    def __str__(self) -> str:
        parts = [f"{one.covered}/{one.total} {kind}" for kind, one in self.counts.items() if one.total]
        return f"{self.name}: {', '.join(parts)}"


def account(coverage: Coverage) -> list[Account]:
    """The coverage of every rule set that says something of its own, by name. Linear in their rules."""
    found = []
    rule_sets = [each for loaded in coverage.rule_sets.values() for each in loaded]
    for rule_set in sorted(rule_sets, key=lambda each: each.name):
        one = Account(rule_set.name)
        for item in coverage.items(rule_set):
            one.counts[item.kind].total += 1
            one.counts[item.kind].covered += item.gap is None
            if item.gap is not None and not item.implied:
                one.gaps.append(item)
        one.gaps.sort(key=lambda item: item.place.position)
        if any(each.total for each in one.counts.values()):
            found.append(one)
    return found
