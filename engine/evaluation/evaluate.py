"""Runs rule sets over one document: which rules see it, what they match, and the actions they take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING

from ..error import Message, PatchError, Place, RuleError
from ..expressions.scope import ExpressionError, Frame
from ..node import Node
from ..rule import Action, Let, Rule, RuleSet
from ..value import Value
from .document_filter import sees
from .identity import Identity
from .match import CaptureError, Matcher
from .tree import Tree
from .verb import VERBS, Call

if TYPE_CHECKING:
    from ..expressions.expression import Expression
    from ..reading.document import Document


@dataclass(slots=True)
class Evaluation:
    """What became of one document.

    `messages` holds the warnings and refusals of its rules in the order made; `matches` counts by qualified rule id
    the combinations whose `when` held, with 0 for rules that matched nothing.
    """

    tree: Tree
    messages: list[Message] = field(default_factory=list)
    matches: dict[str, int] = field(default_factory=dict)

    @property
    def refusals(self) -> tuple[Message, ...]:
        """The messages of `fail`; if there are any, the document must stay as it was."""
        return tuple(message for message in self.messages if message.severity == "error")

    @property
    def warnings(self) -> tuple[Message, ...]:
        """The messages of `warn`."""
        return tuple(message for message in self.messages if message.severity == "warning")


def evaluate(document: Document, rule_sets: Iterable[RuleSet]) -> Evaluation:
    """Run rule sets over a document, in order; its nodes are changed.

    Raises `RuleError` where a rule fails on the document. On one that is refused already a failure only ends the
    evaluation: it may come of what was refused.
    """
    found = Evaluation(Tree(document))
    identity = Identity(document)
    for rule_set in rule_sets:
        try:
            _RuleSetRun(rule_set, found, identity).run()
        except RuleError:
            if not found.refusals:
                raise
            break
    return found


class _RuleSetRun:
    """One rule set at work on one document."""

    def __init__(self, rule_set: RuleSet, evaluation: Evaluation, identity: Identity) -> None:
        self.rule_set = rule_set
        self.evaluation = evaluation
        self.tree = evaluation.tree
        file = self.tree.document.file
        path = None if file is None else PurePath(file)
        self.frame = Frame(
            {
                "doc": self.tree.root,
                "params": rule_set.values,
                "file": {"path": path and path.as_posix(), "name": path and path.name},
            },
            _deferred(rule_set.lets),
            root=self.tree.root,
            identify=identity.name,
        )
        self.is_settled = False
        self.refusals = 0

    def run(self) -> None:
        """Run every rule that sees the document, in order."""
        self.tree.rule = self.rule_set.name
        matches = self.evaluation.matches
        names = {rule.id: f"{self.rule_set.name}/{rule.id}" for rule in self.rule_set.rules}
        for name in names.values():
            matches.setdefault(name, 0)
        with self.blame(self.rule_set.place):
            if not sees(self.rule_set.documents, self.tree.document, self.frame):
                return
        for rule in self.rule_set.rules:
            self.tree.rule = names[rule.id]
            with self.blame(rule.place):
                if not sees(rule.documents, self.tree.document, self.frame):
                    continue
            frames = self.match(rule)
            matches[names[rule.id]] += len(frames)
            self.act(rule, frames)

    def match(self, rule: Rule) -> list[Frame]:
        """The frames of all combinations whose `when` holds, in the document as it is now."""
        frames = []
        captures = tuple(capture.name for capture in rule.captures)
        with self.blame(rule.place):
            for values in Matcher(rule.captures, self.frame, self.tree).combinations():
                frame = self.frame.child(values, _deferred(rule.lets))
                with self.blame(rule.place, frame, captures):
                    if _holds(rule.when, frame):
                        frames.append(frame)
        return frames

    def act(self, rule: Rule, frames: list[Frame]) -> None:
        """Take the rule's actions combination by combination; what `let` names is settled before the first."""
        if frames and not self.is_settled:
            _settle(self.frame)
            self.is_settled = True
        for frame in frames:
            _settle(frame)
        captures = tuple(capture.name for capture in rule.captures)
        for frame in frames:
            refusals = self.refusals
            for action in rule.actions:
                # a refused combination goes on only to say what else is wrong with it
                if self.refusals == refusals or VERBS[action.verb].message:
                    self.take(action, frame, captures)

    def take(self, action: Action, frame: Frame, captures: tuple[str, ...]) -> None:
        """Take one action, once for every combination of its own captures."""
        if not action.each:
            self.perform(action, frame, captures)
            return
        names = (*captures, *(capture.name for capture in action.each))
        with self.blame(action.place, frame, captures):
            found = list(Matcher(action.each, frame, self.tree).combinations())
        for values in found:
            self.perform(action, frame.child(values), names)

    def perform(self, action: Action, frame: Frame, captures: tuple[str, ...]) -> None:
        """Do what the verb does, if the action's `when` holds."""
        with self.blame(action.place, frame, captures):
            if _holds(action.when, frame):
                VERBS[action.verb].act(Call(self.tree, action, frame, captures, self.report))

    def report(self, message: Message) -> None:
        """Keep a message of `fail` or `warn`."""
        self.evaluation.messages.append(message)
        self.refusals += message.severity == "error"

    @contextmanager
    def blame(self, place: Place, frame: Frame | None = None, captures: tuple[str, ...] = ()) -> Iterator[None]:
        """Turn what goes wrong inside into a `RuleError` with both places: in the rule file, in the document."""
        try:
            yield
        except RuleError:
            raise
        except PatchError as error:
            note = Message("note", "in this document", error.messages[0].place)
            raise RuleError(error.messages[0].text, place, rule=self.tree.rule, notes=[note]) from error
        except CaptureError as error:
            raise self.failure(error.message, error.capture.place, frame, captures) from error
        except ExpressionError as error:
            raise self.failure(error.message, error.place or place, frame, captures) from error
        except Exception as error:
            from ..jsonpath.pattern import PatternError, PatternTimeout  # brings in the package `regex`

            if not isinstance(error, (PatternError, PatternTimeout)):
                raise
            raise self.failure(error.message, place, frame, captures) from error

    def failure(self, text: str, place: Place, frame: Frame | None, captures: tuple[str, ...]) -> RuleError:
        """The error that says `text`, with the document's place of the last capture that has one."""
        nodes = [frame[name] for name in reversed(captures)] if frame is not None else []
        node = next((each for each in nodes if isinstance(each, Node)), self.tree.root)
        note = Message("note", "in this document", self.tree.document.place(node))
        return RuleError(text, place, rule=self.tree.rule or None, notes=[note])


@dataclass(slots=True)
class _Deferred:
    """A `let` that is evaluated when first asked for; if that failed once, it fails again each time."""

    let: Let
    error: ExpressionError | None = None

    def evaluate(self, frame: Frame) -> Value:
        if self.error is None:
            try:
                return self.let.value.evaluate(frame)
            except ExpressionError as error:
                error.place = error.place or self.let.place
                self.error = error
        raise self.error


def _holds(condition: Expression | None, frame: Frame) -> bool:
    try:
        return condition is None or condition.test(frame)
    except ExpressionError as error:
        text = condition.text if condition is not None else ""
        failure = ExpressionError(f"in `when: {text}`: {error.message}")
        failure.place = error.place
        raise failure from error


def _deferred(lets: Iterable[Let]) -> Mapping[str, _Deferred]:
    return {let.name: _Deferred(let) for let in lets}


def _settle(frame: Frame) -> None:
    """Evaluate the lets of a frame that nobody has asked for yet: the document is about to change."""
    for name in frame.lets:
        try:
            frame[name]
        except ExpressionError:
            continue  # whoever asks for it gets the error
