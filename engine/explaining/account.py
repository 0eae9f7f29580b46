"""What there is to tell of a run: for each rule what it saw, what its captures found, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ..dataclass import dataclass, field
from ..error import Message, Place

if TYPE_CHECKING:
    from ..evaluation.operation import Operation
    from ..evaluation.tree import Tree
    from ..node import Node
    from ..rule import Action, Capture, Rule, RuleSet
    from .filter_check import Unmet
    from .trace import Clause, Reading


@dataclass(frozen=True, slots=True)
class Miss:
    """A path that came to nothing: the step that found nothing, where and at which nodes, and why.

    `text` is a sentence whose subject is the step.
    """

    path: str
    step: str
    place: Place
    text: str
    nodes: tuple[Node, ...] = ()


@dataclass(slots=True)
class CaptureAccount:
    """What a capture found in all: `tried` times it was looked for, from the captures before it."""

    capture: Capture
    text: str
    found: int = 0
    tried: int = 0
    misses: dict[tuple[str, str], Miss] = field(default_factory=dict)
    readings: tuple[Reading, ...] = ()  # of a capture that runs over the items of an expression


@dataclass(frozen=True, slots=True)
class Binding:
    """What a capture stood for when it was looked at: its value as text and, if it is a node, where that stands."""

    name: str
    value: str
    node: Node | None = None
    place: Place | None = None
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A combination: its captures, whether its condition held, and what that saw (nothing, if there is none).

    `ignored` is the comment in the document that keeps the rule away from it.
    """

    bindings: tuple[Binding, ...]
    held: bool
    clauses: tuple[Clause, ...] = ()
    ignored: Place | None = None

    @property
    def place(self) -> Place | None:
        """Where the last capture stands that is a place."""
        return next((each.place for each in reversed(self.bindings) if each.place is not None), None)


@dataclass(slots=True)
class Act:
    """An action that was taken for a combination: the nodes that it changed, as often as it did; whether it failed."""

    bindings: tuple[Binding, ...]
    touched: list[Node] = field(default_factory=list)
    failed: bool = True


@dataclass(slots=True)
class ActionAccount:
    """What became of an action of a rule: the combinations for which its own `when` was false, the others."""

    action: Action
    text: str
    withheld: list[Judgement] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    captures: dict[str, CaptureAccount] = field(default_factory=dict)

    @property
    def changed(self) -> list[Act]:
        """Those of the actions that changed something."""
        return [each for each in self.acts if each.touched]


@dataclass(slots=True)
class Look:
    """A rule at one document (`tree` None: at the tables of all): all that happened there."""

    tree: Tree | None
    captures: dict[str, CaptureAccount] = field(default_factory=dict)
    judgements: list[Judgement] = field(default_factory=list)
    actions: dict[int, ActionAccount] = field(default_factory=dict)
    operations: list[tuple[Operation, Place]] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    errors: list[Message] = field(default_factory=list)
    kept: bool = False  # whatever it did, the document stays as it was

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell of it."""
        return not (self.captures or self.judgements or self.actions or self.operations or self.messages or self.errors)

    @property
    def matched(self) -> int:
        """How many combinations the condition held for, but for those that comments keep away."""
        return sum(each.held and each.ignored is None for each in self.judgements)

    @property
    def suppressed(self) -> int:
        """How many combinations comments keep away."""
        return sum(each.ignored is not None for each in self.judgements)

    @property
    def changes(self) -> int:
        """How many actions changed something."""
        return sum(len(action.changed) for action in self.actions.values())


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A document that a filter kept from a rule set or a rule."""

    tree: Tree
    unmet: tuple[Unmet, ...]


@dataclass(slots=True)
class RuleAccount:
    """A rule, the documents it looked at, those kept from it, and those that had failed before."""

    rule_set: RuleSet
    rule: Rule
    looks: dict[Tree | None, Look] = field(default_factory=dict)
    excluded: list[Exclusion] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The rule's qualified id."""
        return f"{self.rule_set.name}/{self.rule.id}"

    def look(self, tree: Tree | None) -> Look:
        """Its look at a document."""
        return self.looks.setdefault(tree, Look(tree))


@dataclass(slots=True)
class RuleSetAccount:
    """A rule set, the documents that it saw and those it did not see, its rules; `messages` are those of its facts.

    `off` are rules that the configuration switches off.
    """

    rule_set: RuleSet
    off: list[Rule] = field(default_factory=list)
    seen: list[Tree] = field(default_factory=list)
    excluded: list[Exclusion] = field(default_factory=list)
    rules: dict[str, RuleAccount] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)


@dataclass(slots=True)
class Account:
    """All rule sets of a run, in order."""

    sets: list[RuleSetAccount] = field(default_factory=list)

    def limit(self, is_meant: Callable[[Tree], bool]) -> None:
        """Forget all about documents that are not meant."""
        for each in self.sets:
            each.seen = [tree for tree in each.seen if is_meant(tree)]
            each.excluded = [one for one in each.excluded if is_meant(one.tree)]
        for rule in self.rules():
            rule.looks = {tree: look for tree, look in rule.looks.items() if tree is None or is_meant(tree)}
            rule.excluded = [one for one in rule.excluded if is_meant(one.tree)]

    def trees(self) -> Iterator[Tree]:
        """All documents, as often as a rule set was asked whether it sees them."""
        for each in self.sets:
            yield from each.seen
            yield from (one.tree for one in each.excluded)

    def rules(self) -> Iterator[RuleAccount]:
        """All rules, in order."""
        for each in self.sets:
            yield from each.rules.values()
