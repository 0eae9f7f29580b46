"""One rule at work: takes its actions for the combinations that it matches."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ..dataclass import replace
from ..error import Message, RuleError
from ..expressions.scope import ExpressionError, Frame
from ..node import Node
from ..rule import Action, Rule
from .conflict import Writing, warn_of
from .evaluation import Match
from .let import holds, settle_lets
from .match import Matcher, Tell
from .suppression import reached
from .target import first_node
from .tree import Tree
from .verb import VERBS, Call

if TYPE_CHECKING:
    from .rule_set_run import RuleSetRun

_TOO_LATE = "with `severity: warning` this would skip the combination, but an action before it was taken already"


class ActionRun:
    """The actions of one rule, which messages call `name`, in a run of its rule set."""

    def __init__(self, run: RuleSetRun, rule: Rule, name: str) -> None:
        self.run = run
        self.rule = rule
        self.name = name
        self.rule_set = run.rule_set
        self.forest = run.forest
        self.evaluations = run.evaluations
        self.watch = run.watch
        self.refusals = 0  # so far
        self.has_acted = False  # whether something was done for the combination at work
        self.is_skipped = False  # whether nothing more is done for it

    def act(self, found: list[Match]) -> None:
        """Take the actions combination by combination, of which there is one at least.

        What `let` names is settled before the first.
        """
        self.run.settle()
        for one in found:
            settle_lets(one.frame)
        for one in found:
            if self.evaluations[one.home].ended:
                continue
            if self.suppress_targets(one):
                self.evaluations[one.home].matches[self.name] -= 1
            else:
                self.take_all(one)

    def suppress_targets(self, one: Match) -> bool:
        """Whether a comment keeps the rule away from where one of its actions would act, as things are."""
        if not self.run.suppressions:
            return False
        targets: list[Node] = []
        for action in self.rule.actions:
            for frame in self.frames_of(action, one):
                # what is wrong with the condition or the target is told when the action is taken
                with suppress(RuleError), self.run.blame(action.place, one.home):
                    if holds(action.when, frame):
                        targets += reached(action, frame, one.home)
        return self.run.suppress(self.rule, one, targets)

    def frames_of(self, action: Action, one: Match) -> list[Frame]:
        """What an action sees each time it is taken for a combination: once, or for all that its `each` finds."""
        if not action.each:
            return [one.frame]
        with suppress(RuleError), self.run.blame(action.place, one.home):
            return [one.frame.child(values) for values in self.own_combinations(action, one)]
        return []

    def take_all(self, one: Match) -> None:
        """Take the actions for one combination. If one fails, nothing is written of what they changed."""
        refusals = self.refusals
        self.has_acted, self.is_skipped = False, False
        try:
            for action in self.rule.actions:
                # a refused combination goes on only to say what else is wrong with it
                if (self.refusals == refusals and not self.is_skipped) or VERBS[action.verb].message:
                    self.take(action, one)
        except RuleError as error:
            self.evaluations[one.home].fail(error)
            for tree in one.touched:
                self.evaluations[tree].held = self.evaluations[tree].ended = True
        if self.refusals != refusals:
            for tree in one.touched:
                self.evaluations[tree].held = True

    def take(self, action: Action, one: Match) -> None:
        """Take one action, once for every combination of its own captures."""
        if not action.each:
            self.perform(action, one)
            return
        names = (*one.captures, *(capture.name for capture in action.each))
        with self.run.blame(action.place, one.home, one.frame, one.captures):
            found = self.own_combinations(action, one, self.run.teller(action))
        for values in found:
            self.perform(action, Match(one.frame.child(values), one.home, names, one.touched))

    def own_combinations(self, action: Action, one: Match, tell: Tell | None = None) -> list[Mapping[str, Any]]:
        """What the captures of an action's `each` stand for."""
        names = [capture.name for capture in action.each]
        found: list[Mapping[str, Any]] = []
        matcher = Matcher(action.each, self.forest, lambda _: one.frame.child({}), (one.home,), self.run.rows, tell)
        matcher.run(lambda frame, _: found.append({name: frame[name] for name in names}), home=one.home)
        return found

    def perform(self, action: Action, one: Match) -> None:
        """Do what the verb does, if the action's `when` holds, in the document in which its target is."""
        with self.run.blame(action.place, one.home, one.frame, one.captures):
            held = holds(action.when, one.frame)
            if self.watch is not None:
                self.watch.judged(self.rule_set, action, one, held=held)
            if not held:
                return
            tree = self.target_tree(action, one.frame, one.home)
            one.touched[tree] = None
            if not self.evaluations[tree].ended:
                if self.watch is not None:
                    self.watch.acted(self.rule_set, self.rule, action, one)
                if self.run.suppressions and self.run.suppress(self.rule, one, reached(action, one.frame, one.home)):
                    text = "a comment keeps this rule away from its target, which shows only after its earlier actions"
                    raise ExpressionError(text)
                self.has_acted = self.has_acted or not VERBS[action.verb].message
                self.write(action, tree, one)
                if self.watch is not None:
                    self.watch.done(self.rule_set, self.rule, action, one)

    def write(self, action: Action, tree: Tree, one: Match) -> None:
        """Let the verb act on a document; where it changes what another rule wrote, that is a warning."""
        authors = tree.authors
        authors.at_work = writing = Writing(self.name, action, self.rule, self.rule_set)
        VERBS[action.verb].act(Call(self.forest, one.home, tree, action, one.frame, one.captures, self.report))
        if authors.conflicts:
            for conflict in authors.conflicts:
                if not writing.transforms(conflict.node, one):
                    self.report(warn_of(conflict, writing, tree.document.place(conflict.node)), tree)
            authors.conflicts.clear()

    def target_tree(self, action: Action, frame: Frame, home: Tree) -> Tree:
        """The document that an action changes: that of the node at which its target starts, else the rule's own."""
        path = action.target.path if action.target is not None else action.arguments.get("node")
        node = first_node(frame, path) if path is not None and path.start != "$" else None
        return (self.forest.owner(node) if isinstance(node, Node) else None) or home

    def report(self, message: Message, owner: Tree) -> None:
        """Keep a message of `fail` or `warn`; the `fail` of a mild rule warns, and its combination is skipped."""
        if self.rule.severity == "warning" and message.severity == "error":
            if self.has_acted:
                message = replace(message, notes=(*message.notes, Message("note", _TOO_LATE)))
            else:
                message = replace(message, severity="warning")
                self.is_skipped = True
        self.evaluations[owner].messages.append(message)
        self.refusals += message.severity == "error"
