"""Runs rule sets over documents: what rules see, their facts, what they match, and the actions they take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from ..error import Message, Place, RuleError
from ..expressions.bound import run
from ..expressions.scope import ExpressionError, Frame
from ..fact import PREFIX, Row
from ..node import Node, walk
from ..project_path import project_path
from ..rule import Action, Capture, Rule, RuleSet
from .blame import Blame
from .conflict import Writing, warn_of
from .document_filter import sees
from .forest import Forest
from .let import defer, holds, settle_lets
from .match import Matcher, Tell, location
from .suppression import Suppressions, reached
from .target import first_node
from .tree import Tree
from .verb import VERBS, Call

if TYPE_CHECKING:
    from ..reading.document import Document
    from .derive import Facts
    from .watch import Watch

_TOO_LATE = "with `severity: warning` this would skip the combination, but an action before it was taken already"


@dataclass(slots=True)
class Evaluation:
    """What became of one document.

    `messages` holds the warnings and refusals of its rules in the order made; `matches` counts by qualified rule id
    the combinations whose `when` held, with 0 for rules that matched nothing; `suppressed` those among the rest from
    which a comment kept the rule away. `error` is what failed. A document that
    is `held` must stay as it was although nothing is wrong with it: the run was refused because of another one.
    """

    tree: Tree
    messages: list[Message] = field(default_factory=list)
    matches: dict[str, int] = field(default_factory=dict)
    suppressed: Counter[str] = field(default_factory=Counter)
    error: RuleError | None = None
    held: bool = False
    ended: bool = False  # after a failure, no rule looks at it any more

    @property
    def refusals(self) -> tuple[Message, ...]:
        """The messages of `fail`; if there are any, the document must stay as it was."""
        return tuple(message for message in self.messages if message.severity == "error")

    @property
    def warnings(self) -> tuple[Message, ...]:
        """The messages of `warn`."""
        return tuple(message for message in self.messages if message.severity == "warning")

    def fail(self, error: RuleError) -> None:
        """Record a failure, but on a document that is refused already: it may come of what was refused."""
        self.ended = True
        if not self.refusals:
            self.error = error


def evaluate(document: Document, rule_sets: Iterable[RuleSet]) -> Evaluation:
    """Run rule sets over a document, in order; its nodes are changed.

    Raises `RuleError` where a rule fails on the document.
    """
    (found,) = evaluate_all([document], rule_sets)
    if found.error is not None:
        raise found.error
    return found


def evaluate_all(
    documents: Iterable[Document], rule_sets: Iterable[RuleSet], watch: Watch | None = None
) -> list[Evaluation]:
    """Run rule sets over the documents of a run, in order; their nodes are changed.

    A failure ends the evaluation of its document only, unless it is one of a table of the whole run. `watch` is told
    what happens.
    """
    found = [Evaluation(Tree(document)) for document in documents]
    forest = Forest(each.tree for each in found)
    at_work = tuple(rule_sets)
    evaluations = {each.tree: each for each in found}
    suppressions = {tree: Suppressions(tree.document.ignores) for tree in evaluations if tree.document.ignores}
    with run(lambda: _size(found), sum(rule_set.parts for rule_set in at_work)):
        for rule_set in at_work:
            _RuleSetRun(rule_set, forest, evaluations, suppressions, watch).run()
    for tree, own in suppressions.items():
        if not evaluations[tree].ended:
            evaluations[tree].messages += own.messages(at_work)
    return found


def _size(evaluations: Iterable[Evaluation]) -> int:
    """The characters of the texts that documents stand in, or the nodes of those that have none."""
    documents = [each.tree.document for each in evaluations]
    texts = {id(each.source): len(each.source.text) for each in documents}
    return sum(texts.values()) or sum(1 for each in documents for _node in walk(each.root))


@dataclass(slots=True)
class Match:
    """A combination for which a rule holds: its frame, its document, its captures, and the documents it acts on."""

    frame: Frame
    home: Tree
    captures: tuple[str, ...]
    touched: dict[Tree, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.touched.setdefault(self.home)


class _RuleSetRun:
    """One rule set at work on the documents of a run."""

    def __init__(
        self,
        rule_set: RuleSet,
        forest: Forest,
        evaluations: dict[Tree, Evaluation],
        suppressions: Mapping[Tree, Suppressions],
        watch: Watch | None,
    ) -> None:
        self.rule_set = rule_set
        self.forest = forest
        self.evaluations = evaluations
        self.suppressions = suppressions
        outside = Frame({"params": rule_set.values}, identify=forest.name)
        self.frames: dict[Tree | None, Frame] = {None: outside}
        for tree in forest.trees:
            self.frames[tree] = Frame(
                {"doc": tree.root, "file": _describe_file(rule_set.root, tree.document.file)},
                defer(rule_set.lets),
                root=tree.root,
                identify=forest.name,
                parent=outside,
            )
        self.facts: Facts | None = None
        self.watch = watch
        self.homes: list[Tree] = []
        self.is_settled = False
        self.refusals = 0
        self.is_mild = False  # whether the rule at work only warns where it would refuse
        self.has_acted = False  # whether something was done for the combination at work
        self.is_skipped = False  # whether nothing more is done for it
        self.rule = rule_set.name

    def run(self) -> None:
        """Derive the facts, and run every rule on the documents that it sees, in order."""
        names = {rule.id: f"{self.rule_set.name}/{rule.id}" for rule in self.rule_set.rules}
        for evaluation in self.evaluations.values():
            for name in names.values():
                evaluation.matches.setdefault(name, 0)
        self.at_work(self.rule_set.name)
        self.homes = list(self.seen(self.evaluations, self.rule_set))
        if not self.homes or (self.rule_set.facts and not self.derive()):
            return
        for rule in self.rule_set.rules:
            self.at_work(names[rule.id])
            found = self.match(rule, dict.fromkeys(self.seen(self.homes, rule)))
            for one in found:
                self.evaluations[one.home].matches[names[rule.id]] += 1
            self.act(rule, found)

    def at_work(self, rule: str) -> None:
        """Say which rule is at work from now on."""
        self.rule = rule
        for tree in self.evaluations:
            tree.rule = rule

    def seen(self, trees: Iterable[Tree], chooser: RuleSet | Rule) -> Iterator[Tree]:
        """Those of the documents that a rule set or a rule sees."""
        for tree in trees:
            evaluation = self.evaluations[tree]
            try:
                with self.blame(chooser.place, tree):
                    seen = not evaluation.ended and sees(chooser.documents, tree.document, self.frames[tree])
            except RuleError as error:
                evaluation.fail(error)
                continue
            if self.watch is not None and not evaluation.ended:
                rule = chooser if isinstance(chooser, Rule) else None
                self.watch.saw(self.rule_set, rule, tree, seen=seen)
                if not seen:
                    self.watch.excluded(self.rule_set, rule, tree, self.frames[tree])
            if seen:
                yield tree

    def derive(self) -> bool:
        """Compute the tables of facts; False if that failed."""
        from .derive import Facts  # few rule sets have facts

        self.facts = Facts(self.rule_set, self.forest, self.frames, self.homes, self.watch)
        failure = None
        try:
            self.facts.derive()
        except RuleError as error:
            failure = error
        if self.watch is not None:
            self.watch.derived(self.facts)
        for tree, message in sorted(self.facts.messages(), key=lambda said: said[1].place.position):
            self.evaluations[tree].messages.append(message)
        if self.facts.refuses_run:
            self.hold()
        if failure is not None:
            self.end(failure)
        return failure is None

    def hold(self) -> None:
        """Keep every document of the run as it is."""
        for evaluation in self.evaluations.values():
            evaluation.held = True

    def end(self, error: RuleError) -> None:
        """End the run because of a failure that is no single document's."""
        self.hold()
        if not any(each.refusals or each.error for each in self.evaluations.values()):
            self.evaluations[self.homes[0]].error = error
        for evaluation in self.evaluations.values():
            evaluation.ended = True

    def match(self, rule: Rule, homes: dict[Tree, None]) -> list[Match]:
        """All combinations of a rule whose `when` holds, in the documents as they are now."""
        if _is_over_tables(rule.captures):
            return self.match_together(rule, homes)
        found: list[Match] = []
        matcher = self.matcher(rule, homes)
        for home in homes:
            try:
                self.collect(rule, matcher, homes, home, found)
            except RuleError as error:
                self.evaluations[home].fail(error)
        return found

    def match_together(self, rule: Rule, homes: dict[Tree, None]) -> list[Match]:
        """As `match`, for a rule whose combinations say themselves to which document they belong."""
        found: list[Match] = []
        try:
            self.collect(rule, self.matcher(rule, homes), homes, None, found)
        except RuleError as error:
            self.end(error)
            return []
        return found

    def collect(
        self, rule: Rule, matcher: Matcher, homes: dict[Tree, None], start: Tree | None, found: list[Match]
    ) -> None:
        """Add to `found` the combinations of a rule in the document `start`, or in all of `homes`."""
        captures = tuple(capture.name for capture in rule.captures)

        def take(frame: Frame, belongs: Tree | None) -> None:
            values = {name: frame[name] for name in captures}
            for home in homes if belongs is None else (belongs,):
                if home in homes:
                    one = Match(self.frames[home].child(values, defer(rule.lets)), home, captures)
                    if self.holds(rule, one):
                        found.append(one)

        with self.blame(rule.place, start, matcher):
            matcher.run(take, home=start)

    def holds(self, rule: Rule, one: Match) -> bool:
        """Whether the rule's `when` is true of a combination; if it fails, the document's evaluation ends."""
        try:
            with self.blame(rule.place, one.home, one.frame, one.captures):
                held = holds(rule.when, one.frame)
        except RuleError as error:
            if not self.suppress(rule, one, (one.frame[name] for name in one.captures)):
                self.evaluations[one.home].fail(error)
            return False
        if self.watch is not None:
            self.watch.judged(self.rule_set, rule, one, held=held)
        return held and not self.suppress(rule, one, (one.frame[name] for name in one.captures))

    def suppress(self, rule: Rule, one: Match, values: Iterable[object]) -> bool:
        """Whether a comment keeps the rule away from one of the places that a combination is about."""
        if not self.suppressions:
            return False
        for value in (one.home.root, *values):
            tree = self.forest.home(value)
            own = self.suppressions.get(tree) if tree is not None else None
            ignore = own.find(self.rule, value, self.forest) if own is not None else None
            if ignore is not None:
                self.evaluations[one.home].suppressed[self.rule] += 1
                if self.watch is not None:
                    self.watch.suppressed(self.rule_set, rule, one, ignore)
                return True
        return False

    def suppress_targets(self, rule: Rule, one: Match) -> bool:
        """Whether a comment keeps the rule away from where one of its actions would act, as things are."""
        if not self.suppressions:
            return False
        targets: list[Node] = []
        for action in rule.actions:
            for frame in self.frames_of(action, one):
                # what is wrong with the condition or the target is told when the action is taken
                with suppress(RuleError), self.blame(action.place, one.home):
                    if holds(action.when, frame):
                        targets += reached(action, frame, one.home)
        return self.suppress(rule, one, targets)

    def frames_of(self, action: Action, one: Match) -> list[Frame]:
        """What an action sees each time it is taken for a combination: once, or for all that its `each` finds."""
        if not action.each:
            return [one.frame]
        with suppress(RuleError), self.blame(action.place, one.home):
            return [one.frame.child(values) for values in self.own_combinations(action, one)]
        return []

    def matcher(self, rule: Rule, homes: Iterable[Tree]) -> Matcher:
        """What finds the combinations of a rule's captures."""
        frame_of = lambda home: self.frames[home].child({})  # noqa: E731 - it has no name of its own
        return Matcher(rule.captures, self.forest, frame_of, homes, self.rows, self.teller(rule))

    def teller(self, part: Rule | Action) -> Tell | None:
        """What is to be told which nodes the captures of a part find."""
        return None if self.watch is None else partial(self.watch.found, self.rule_set, part)

    def rows(self, capture: Capture, home: Tree | None) -> Sequence[Row]:
        """The rows that a capture over a table runs over."""
        return self.facts.rows(capture, home) if self.facts is not None else ()

    def act(self, rule: Rule, found: list[Match]) -> None:
        """Take the rule's actions combination by combination; what `let` names is settled before the first."""
        if found and not self.is_settled:
            for tree in self.homes:
                settle_lets(self.frames[tree])
            self.is_settled = True
        for one in found:
            settle_lets(one.frame)
        for one in found:
            if self.evaluations[one.home].ended:
                continue
            if self.suppress_targets(rule, one):
                self.evaluations[one.home].matches[self.rule] -= 1
            else:
                self.take_all(rule, one)

    def take_all(self, rule: Rule, one: Match) -> None:
        """Take the actions of a rule for one combination. If one fails, nothing is written of what they changed."""
        refusals = self.refusals
        self.is_mild, self.has_acted, self.is_skipped = rule.severity == "warning", False, False
        try:
            for action in rule.actions:
                # a refused combination goes on only to say what else is wrong with it
                if (self.refusals == refusals and not self.is_skipped) or VERBS[action.verb].message:
                    self.take(rule, action, one)
        except RuleError as error:
            self.evaluations[one.home].fail(error)
            for tree in one.touched:
                self.evaluations[tree].held = self.evaluations[tree].ended = True
        if self.refusals != refusals:
            for tree in one.touched:
                self.evaluations[tree].held = True

    def take(self, rule: Rule, action: Action, one: Match) -> None:
        """Take one action, once for every combination of its own captures."""
        if not action.each:
            self.perform(rule, action, one)
            return
        names = (*one.captures, *(capture.name for capture in action.each))
        with self.blame(action.place, one.home, one.frame, one.captures):
            found = self.own_combinations(action, one, self.teller(action))
        for values in found:
            self.perform(rule, action, Match(one.frame.child(values), one.home, names, one.touched))

    def own_combinations(self, action: Action, one: Match, tell: Tell | None = None) -> list[Mapping[str, Any]]:
        """What the captures of an action's `each` stand for."""
        names = [capture.name for capture in action.each]
        found: list[Mapping[str, Any]] = []
        matcher = Matcher(action.each, self.forest, lambda _: one.frame.child({}), (one.home,), self.rows, tell)
        matcher.run(lambda frame, _: found.append({name: frame[name] for name in names}), home=one.home)
        return found

    def perform(self, rule: Rule, action: Action, one: Match) -> None:
        """Do what the verb does, if the action's `when` holds, in the document in which its target is."""
        with self.blame(action.place, one.home, one.frame, one.captures):
            held = holds(action.when, one.frame)
            if self.watch is not None:
                self.watch.judged(self.rule_set, action, one, held=held)
            if not held:
                return
            tree = self.target_tree(action, one.frame, one.home)
            one.touched[tree] = None
            if not self.evaluations[tree].ended:
                if self.watch is not None:
                    self.watch.acted(self.rule_set, rule, action, one)
                if self.suppressions and self.suppress(rule, one, reached(action, one.frame, one.home)):
                    text = "a comment keeps this rule away from its target, which shows only after its earlier actions"
                    raise ExpressionError(text)
                self.has_acted = self.has_acted or not VERBS[action.verb].message
                self.write(rule, action, tree, one)
                if self.watch is not None:
                    self.watch.done(self.rule_set, rule, action, one)

    def write(self, rule: Rule, action: Action, tree: Tree, one: Match) -> None:
        """Let the verb act on a document; where it changes what another rule wrote, that is a warning."""
        authors = tree.authors
        authors.at_work = writing = Writing(self.rule, action, rule, self.rule_set)
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
        if self.is_mild and message.severity == "error":
            if self.has_acted:
                message = replace(message, notes=(*message.notes, Message("note", _TOO_LATE)))
            else:
                message = replace(message, severity="warning")
                self.is_skipped = True
        self.evaluations[owner].messages.append(message)
        self.refusals += message.severity == "error"

    def blame(
        self,
        place: Place,
        home: Tree | None,
        frame: Frame | Matcher | None = None,
        captures: tuple[str, ...] = (),
    ) -> Blame:
        """What goes wrong inside is an error at `place`, with the place in the document of the last capture."""

        def notes() -> list[Message]:
            values: Iterable[object] = ()
            tree = home
            if isinstance(frame, Matcher):
                found, tree = frame.position
                values = reversed(list(found.values()))
            elif frame is not None:
                values = (frame[name] for name in reversed(captures))
            node = location(values)
            tree = (self.forest.owner(node) if node is not None else None) or tree
            if tree is None:
                return []
            return [Message("note", "in this document", tree.document.place(node or tree.root))]

        return Blame(self.rule, place, notes)


def _describe_file(root: str | None, file: str | None) -> dict[str, str | None]:
    if file is None:
        return {"path": None, "name": None}
    path = project_path(root, file)
    return {"path": path, "name": PurePath(path).name}


def _is_over_tables(captures: Iterable[Capture]) -> bool:
    """Whether the first capture that can say in which document it is is one over rows."""
    for capture in captures:
        if capture.document:
            return False
        names = capture.items.names if capture.items is not None else ()
        if capture.table is not None or any(name.startswith(PREFIX) for name in names):
            return True
    return False
