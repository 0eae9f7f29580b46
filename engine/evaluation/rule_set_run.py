"""One rule set at work: what its rules see, its facts, and what they match."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from pathlib import PurePath
from typing import TYPE_CHECKING

from ..error import Message, Place, RuleError
from ..expressions.scope import Frame
from ..fact import PREFIX, Row
from ..project_path import project_path
from ..rule import Action, Capture, Rule, RuleSet
from .action_run import ActionRun
from .blame import Blame
from .document_filter import sees
from .evaluation import Evaluation, Match
from .forest import Forest
from .let import defer, holds, settle_lets
from .match import Matcher, Tell, location
from .suppression import Suppressions
from .tree import Tree

if TYPE_CHECKING:
    from .derive import Facts
    from .watch import Watch


class RuleSetRun:
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
            if found:
                ActionRun(self, rule, names[rule.id]).act(found)

    def at_work(self, rule: str) -> None:
        """Say which rule is at work from now on."""
        self.rule = rule
        for tree in self.evaluations:
            tree.rule = rule

    def seen(self, trees: Iterable[Tree], chooser: RuleSet | Rule) -> Iterator[Tree]:
        """Those of the documents that a rule set or a rule sees."""
        for tree in trees:
            evaluation = self.evaluations[tree]
            if chooser.documents is None and self.watch is None:
                if not evaluation.ended:
                    yield tree
                continue
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
                counts = self.evaluations[one.home].suppressed
                counts[self.rule] = counts.get(self.rule, 0) + 1
                if self.watch is not None:
                    self.watch.suppressed(self.rule_set, rule, one, ignore)
                return True
        return False

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

    def settle(self) -> None:
        """Settle what `let` of the rule set names, before the first action in its documents."""
        if not self.is_settled:
            for tree in self.homes:
                settle_lets(self.frames[tree])
            self.is_settled = True

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
    return _describe_path(None if file is None else project_path(root, file))


@lru_cache(maxsize=64)  # nobody changes what stands in a frame, and all documents of a stream have one file
def _describe_path(path: str | None) -> dict[str, str | None]:
    return {"path": path, "name": None if path is None else PurePath(path).name}


def _is_over_tables(captures: Iterable[Capture]) -> bool:
    """Whether the first capture that can say in which document it is is one over rows."""
    for capture in captures:
        if capture.document:
            return False
        names = capture.items.names if capture.items is not None else ()
        if capture.table is not None or any(name.startswith(PREFIX) for name in names):
            return True
    return False
