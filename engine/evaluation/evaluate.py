"""Runs rule sets over documents: what rules see, their facts, what they match, and the actions they take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING

from ..error import Message, Place, RuleError
from ..expressions.scope import Frame
from ..fact import PREFIX, Row
from ..node import Node
from ..rule import Action, Capture, Rule, RuleSet
from .blame import Blame
from .document_filter import sees
from .forest import Forest
from .let import defer, holds, settle_lets
from .match import Matcher, location
from .target import first_node
from .tree import Tree
from .verb import VERBS, Call

if TYPE_CHECKING:
    from ..reading.document import Document
    from .derive import Facts


@dataclass(slots=True)
class Evaluation:
    """What became of one document.

    `messages` holds the warnings and refusals of its rules in the order made; `matches` counts by qualified rule id
    the combinations whose `when` held, with 0 for rules that matched nothing. `error` is what failed. A document that
    is `held` must stay as it was although nothing is wrong with it: the run was refused because of another one.
    """

    tree: Tree
    messages: list[Message] = field(default_factory=list)
    matches: dict[str, int] = field(default_factory=dict)
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
    documents: Iterable[Document], rule_sets: Iterable[RuleSet], watch: Callable[[Facts], None] | None = None
) -> list[Evaluation]:
    """Run rule sets over the documents of a run, in order; their nodes are changed.

    A failure ends the evaluation of its document only, unless it is one of a table of the whole run. `watch` is shown
    the facts of each rule set before its rules act.
    """
    found = [Evaluation(Tree(document)) for document in documents]
    forest = Forest(each.tree for each in found)
    for rule_set in rule_sets:
        _RuleSetRun(rule_set, forest, {each.tree: each for each in found}, watch).run()
    return found


class _RuleSetRun:
    """One rule set at work on the documents of a run."""

    def __init__(
        self,
        rule_set: RuleSet,
        forest: Forest,
        evaluations: dict[Tree, Evaluation],
        watch: Callable[[Facts], None] | None,
    ) -> None:
        self.rule_set = rule_set
        self.forest = forest
        self.evaluations = evaluations
        outside = Frame({"params": rule_set.values}, identify=forest.name)
        self.frames: dict[Tree | None, Frame] = {None: outside}
        for tree in forest.trees:
            self.frames[tree] = Frame(
                {"doc": tree.root, "file": _describe_file(tree.document.file)},
                defer(rule_set.lets),
                root=tree.root,
                identify=forest.name,
                parent=outside,
            )
        self.facts: Facts | None = None
        self.watch = watch
        self.is_settled = False
        self.refusals = 0
        self.rule = rule_set.name

    def run(self) -> None:
        """Derive the facts, and run every rule on the documents that it sees, in order."""
        names = {rule.id: f"{self.rule_set.name}/{rule.id}" for rule in self.rule_set.rules}
        for evaluation in self.evaluations.values():
            for name in names.values():
                evaluation.matches.setdefault(name, 0)
        self.at_work(self.rule_set.name)
        homes = list(self.seen(self.evaluations, self.rule_set))
        if not homes or (self.rule_set.facts and not self.derive(homes)):
            return
        for rule in self.rule_set.rules:
            self.at_work(names[rule.id])
            found = self.match(rule, dict.fromkeys(self.seen(homes, rule)))
            for _, home in found:
                self.evaluations[home].matches[names[rule.id]] += 1
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
                    if not evaluation.ended and sees(chooser.documents, tree.document, self.frames[tree]):
                        yield tree
            except RuleError as error:
                evaluation.fail(error)

    def derive(self, homes: Sequence[Tree]) -> bool:
        """Compute the tables of facts; False if that failed."""
        from .derive import Facts  # few rule sets have facts

        self.facts = Facts(self.rule_set, self.forest, self.frames, homes)
        failure = None
        try:
            self.facts.derive()
        except RuleError as error:
            failure = error
        if self.watch is not None:
            self.watch(self.facts)
        for tree, message in self.facts.messages():
            self.evaluations[tree].messages.append(message)
        if self.facts.refuses_run:
            self.hold()
        if failure is not None:
            self.end(failure, homes)
        return failure is None

    def hold(self) -> None:
        """Keep every document of the run as it is."""
        for evaluation in self.evaluations.values():
            evaluation.held = True

    def end(self, error: RuleError, homes: Sequence[Tree]) -> None:
        """End the run because of a failure that is no single document's."""
        self.hold()
        if not any(each.refusals or each.error for each in self.evaluations.values()):
            self.evaluations[homes[0]].error = error
        for evaluation in self.evaluations.values():
            evaluation.ended = True

    def match(self, rule: Rule, homes: dict[Tree, None]) -> list[tuple[Frame, Tree]]:
        """The frames of all combinations whose `when` holds, in the documents as they are now, each with its own."""
        if _is_over_tables(rule.captures):
            return self.match_together(rule, homes)
        found: list[tuple[Frame, Tree]] = []
        matcher = self.matcher(rule.captures, homes)
        for home in homes:
            try:
                found += self.frames_of(rule, matcher, homes, home)
            except RuleError as error:
                self.evaluations[home].fail(error)
        return [(frame, home) for frame, home in found if not self.evaluations[home].ended]

    def match_together(self, rule: Rule, homes: dict[Tree, None]) -> list[tuple[Frame, Tree]]:
        """As `match`, for a rule whose combinations say themselves to which document they belong."""
        if not homes:
            return []
        try:
            return list(self.frames_of(rule, self.matcher(rule.captures, homes), homes, None))
        except RuleError as error:
            self.end(error, list(homes))
            return []

    def frames_of(
        self, rule: Rule, matcher: Matcher, homes: dict[Tree, None], start: Tree | None
    ) -> Iterator[tuple[Frame, Tree]]:
        """The frames of a rule's combinations in the document `start`, or in all of `homes`."""
        captures = tuple(capture.name for capture in rule.captures)
        with self.blame(rule.place, start, matcher):
            for values, belongs in matcher.combinations(home=start):
                for home in homes if belongs is None else (belongs,):
                    if home not in homes:
                        continue
                    frame = self.frames[home].child(values, defer(rule.lets))
                    with self.blame(rule.place, home, frame, captures):
                        if holds(rule.when, frame):
                            yield frame, home

    def matcher(self, captures: Sequence[Capture], homes: Iterable[Tree]) -> Matcher:
        """What finds the combinations of captures."""
        return Matcher(captures, self.forest, self.frames.__getitem__, homes, self.rows)

    def rows(self, capture: Capture, home: Tree | None) -> Iterable[Row]:
        """The rows that a capture over a table runs over."""
        return self.facts.rows(capture, home) if self.facts is not None else ()

    def act(self, rule: Rule, found: list[tuple[Frame, Tree]]) -> None:
        """Take the rule's actions combination by combination; what `let` names is settled before the first."""
        if found and not self.is_settled:
            for frame in self.frames.values():
                settle_lets(frame)
            self.is_settled = True
        for frame, _ in found:
            settle_lets(frame)
        captures = tuple(capture.name for capture in rule.captures)
        for frame, home in found:
            if not self.evaluations[home].ended:
                self.take_all(rule, frame, home, captures)

    def take_all(self, rule: Rule, frame: Frame, home: Tree, captures: tuple[str, ...]) -> None:
        """Take the actions of a rule for one combination. If one fails, nothing is written of what they changed."""
        refusals = self.refusals
        touched: dict[Tree, None] = {home: None}
        try:
            for action in rule.actions:
                # a refused combination goes on only to say what else is wrong with it
                if self.refusals == refusals or VERBS[action.verb].message:
                    self.take(action, frame, home, captures, touched)
        except RuleError as error:
            self.evaluations[home].fail(error)
            for tree in touched:
                self.evaluations[tree].held = self.evaluations[tree].ended = True
        if self.refusals != refusals:
            for tree in touched:
                self.evaluations[tree].held = True

    def take(
        self, action: Action, frame: Frame, home: Tree, captures: tuple[str, ...], touched: dict[Tree, None]
    ) -> None:
        """Take one action, once for every combination of its own captures."""
        if not action.each:
            self.perform(action, frame, home, captures, touched)
            return
        names = (*captures, *(capture.name for capture in action.each))
        with self.blame(action.place, home, frame, captures):
            matcher = Matcher(action.each, self.forest, lambda _: frame, (home,), self.rows)
            found = [values for values, _ in matcher.combinations(home=home)]
        for values in found:
            self.perform(action, frame.child(values), home, names, touched)

    def perform(
        self, action: Action, frame: Frame, home: Tree, captures: tuple[str, ...], touched: dict[Tree, None]
    ) -> None:
        """Do what the verb does, if the action's `when` holds, in the document in which its target is."""
        with self.blame(action.place, home, frame, captures):
            if not holds(action.when, frame):
                return
            tree = self.target_tree(action, frame, home)
            touched[tree] = None
            if not self.evaluations[tree].ended:
                VERBS[action.verb].act(Call(self.forest, home, tree, action, frame, captures, self.report))

    def target_tree(self, action: Action, frame: Frame, home: Tree) -> Tree:
        """The document that an action changes: that of the node at which its target starts, else the rule's own."""
        path = action.target.path if action.target is not None else action.arguments.get("node")
        node = first_node(frame, path) if path is not None and path.start != "$" else None
        return (self.forest.owner(node) if isinstance(node, Node) else None) or home

    def report(self, message: Message, owner: Tree) -> None:
        """Keep a message of `fail` or `warn`."""
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


def _describe_file(file: str | None) -> dict[str, str | None]:
    if file is None:
        return {"path": None, "name": None}
    path = PurePath(file)
    return {"path": path.as_posix(), "name": path.name}


def _is_over_tables(captures: Iterable[Capture]) -> bool:
    """Whether the first capture that can say in which document it is is one over rows."""
    for capture in captures:
        if capture.document:
            return False
        names = capture.items.names if capture.items is not None else ()
        if capture.table is not None or any(name.startswith(PREFIX) for name in names):
            return True
    return False
