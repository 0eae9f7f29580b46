"""Takes down what happens while rules run, as it was at the time: nodes change as rules act."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..dataclass import replace
from ..error import Message, Place
from ..evaluation.watch import Watch
from ..fact import PREFIX, Row
from ..node import Node, along
from ..pointer import parse
from ..rule import Action, Capture, Derivation, Rule, RuleSet
from .account import (
    Account,
    Act,
    ActionAccount,
    Binding,
    CaptureAccount,
    Exclusion,
    Judgement,
    Look,
    Miss,
    RuleAccount,
    RuleSetAccount,
)
from .filter_check import find_unmet
from .near_miss import find_stuck
from .trace import Clause, Tracer, show

if TYPE_CHECKING:
    from ..evaluation.evaluation import Evaluation, Match
    from ..evaluation.tree import Tree
    from ..expressions.expression import Expression
    from ..expressions.scope import Frame
    from ..jsonpath.path import Path
    from ..reading.ignore import Ignore

_MISSES = 3  # near misses of one capture that are kept
_SEARCHES = 20  # for near misses of one capture; each may look at the whole document


class Recorder(Watch):
    """Builds the account of a run over some rule sets; `is_meant` says which of their rules are of interest."""

    def __init__(self, rule_sets: Iterable[RuleSet], is_meant: Callable[[RuleSet, Rule], bool]) -> None:
        self.account = Account()
        self._sets: dict[int, RuleSetAccount] = {}
        self._rules: dict[int, RuleAccount] = {}  # by the identity of the rule, and of each of its actions
        for rule_set in rule_sets:
            found = self._sets[id(rule_set)] = RuleSetAccount(rule_set)
            self.account.sets.append(found)
            found.off += (rule for rule in rule_set.off if is_meant(rule_set, rule))
            for rule in rule_set.rules:
                if is_meant(rule_set, rule):
                    self._add(found, rule)
        self._touched: list[Node] = []
        self._act: Act | None = None
        self._tracers: dict[int, Tracer] = {}

    def _add(self, found: RuleSetAccount, rule: Rule) -> None:
        account = found.rules[rule.id] = RuleAccount(found.rule_set, rule)
        for part in (rule, *rule.actions):
            self._rules[id(part)] = account

    def saw(self, rule_set: RuleSet, rule: Rule | None, tree: Tree, *, seen: bool) -> None:
        """Take down which documents a rule set and a rule look at."""
        tree.touched = self._touched
        if rule is None and seen:
            self._sets[id(rule_set)].seen.append(tree)
        elif rule is not None and seen and id(rule) in self._rules:
            self._rules[id(rule)].look(tree)

    def excluded(self, rule_set: RuleSet, rule: Rule | None, tree: Tree, frame: Frame) -> None:
        """Take down what of a filter a document does not fulfil."""
        chosen = (rule or rule_set).documents
        account = self._sets[id(rule_set)] if rule is None else self._rules.get(id(rule))
        if chosen is not None and account is not None:
            account.excluded.append(Exclusion(tree, find_unmet(chosen, tree.document, frame)))

    def found(
        self,
        rule_set: RuleSet,  # noqa: ARG002 - the rule says which
        part: Rule | Action | Derivation,
        capture: Capture,
        frame: Frame,
        tree: Tree | None,
        values: Sequence[Any],
    ) -> None:
        """Count what a capture finds; where that is nothing, find out why."""
        rule = self._rules.get(id(part))
        if rule is None or isinstance(part, Derivation):
            return
        look = rule.look(tree)
        captures = look.captures if isinstance(part, Rule) else self._action(look, part).captures
        count_found(captures, capture, frame, tree, values)

    def judged(
        self,
        rule_set: RuleSet,  # noqa: ARG002 - the rule says which
        part: Rule | Action | Derivation,
        one: Match | None,
        *,
        held: bool,
    ) -> None:
        """Take down what a condition saw."""
        self._settle()
        rule = self._rules.get(id(part))
        if rule is None or one is None or isinstance(part, Derivation):
            return
        look = rule.look(one.home)
        if isinstance(part, Rule):
            look.judgements.append(Judgement(_bind(one), held, self._trace(rule, part.when, one.frame)))
        elif not held:
            judgement = Judgement(_bind(one), held, self._trace(rule, part.when, one.frame))
            self._action(look, part).withheld.append(judgement)

    def suppressed(self, rule_set: RuleSet, rule: Rule, one: Match, ignore: Ignore) -> None:  # noqa: ARG002 - as above
        """Take down that a comment keeps a rule away."""
        account = self._rules.get(id(rule))
        if account is None:
            return
        judgements, bindings = account.look(one.home).judgements, _bind(one)
        for number, each in enumerate(judgements):
            if [bound.node for bound in each.bindings] == [bound.node for bound in bindings] and each.held:
                judgements[number] = replace(each, ignored=ignore.place)
                return
        judgements.append(Judgement(bindings, held=False, ignored=ignore.place))

    def acted(self, rule_set: RuleSet, rule: Rule, action: Action, one: Match) -> None:  # noqa: ARG002 - as above
        """Take down that an action is taken; what changes from here on, it changes."""
        self._settle()
        account = self._rules.get(id(rule))
        if account is not None:
            self._act = Act(_bind(one))
            self._action(account.look(one.home), action).acts.append(self._act)

    def done(self, rule_set: RuleSet, rule: Rule, action: Action, one: Match) -> None:  # noqa: ARG002 - as above
        """Take down that the action that was taken last has not failed."""
        if self._act is not None:
            self._act.failed = False

    def finish(self, evaluations: Iterable[Evaluation]) -> None:
        """Take down what came of it all: operations, messages, failures."""
        self._settle()
        for evaluation in evaluations:
            self._finish(evaluation)

    def _finish(self, evaluation: Evaluation) -> None:
        tree = evaluation.tree
        by_name = {each.name: each for each in self.account.rules()}
        kept = bool(evaluation.held or evaluation.error or evaluation.refusals)
        for operation, node in tree.located_operations():
            place = _place_of(tree, operation.path, node)
            for name in operation.rules:
                if name in by_name:
                    by_name[name].look(tree).operations.append((operation, place))
        for message in evaluation.messages:
            self._blame(message, by_name, lambda rule: rule.look(tree).messages)
        for message in evaluation.error.messages if evaluation.error is not None else ():
            self._blame(message, by_name, lambda rule: rule.look(tree).errors)
        for rule in by_name.values():
            if tree in rule.looks:
                rule.looks[tree].kept = kept

    def _blame(
        self, message: Message, by_name: Mapping[str, RuleAccount], place: Callable[[RuleAccount], list[Message]]
    ) -> None:
        """Take down a message where it belongs: in a `place` of its rule, or with the rule set whose facts it is of."""
        name = message.rule or ""
        if name in by_name:
            place(by_name[name]).append(message)
        for each in self.account.sets:
            if name == each.rule_set.name or name.startswith(f"{each.rule_set.name}/{PREFIX}"):
                each.messages.append(message)

    def _settle(self) -> None:
        """What was changed since the last action was taken, it changed."""
        if self._act is not None:
            self._act.touched += self._touched
        self._touched.clear()
        self._act = None

    def _action(self, look: Look, action: Action) -> ActionAccount:
        return look.actions.setdefault(id(action), ActionAccount(action, _target_text(action)))

    def _trace(self, rule: RuleAccount, condition: Expression | None, frame: Frame) -> tuple[Clause, ...]:
        if condition is None:
            return ()
        if id(condition) not in self._tracers:
            lets = {let.name: let.value.expression for let in (*rule.rule_set.lets, *rule.rule.lets)}
            known = {name: expression for name, expression in lets.items() if expression is not None}
            self._tracers[id(condition)] = Tracer(condition, known)
        return self._tracers[id(condition)].trace(frame)


def count_found(
    captures: dict[str, CaptureAccount], capture: Capture, frame: Frame, tree: Tree | None, values: Sequence[Any]
) -> None:
    """Count what a capture finds in its account among `captures`; where that is nothing, find out why."""
    account = captures.setdefault(capture.name, CaptureAccount(capture, _looked_in(capture)))
    account.tried += 1
    account.found += len(values)
    if values or account.found or account.tried > _SEARCHES or len(account.misses) >= _MISSES:
        return
    for path in capture.paths:
        miss = _find_miss(path, frame, tree)
        if miss is not None:
            account.misses.setdefault((path.text, miss.text), miss)
    if capture.items is not None and not account.readings:
        account.readings = Tracer(capture.items).read(frame)


def _looked_in(capture: Capture) -> str:
    if capture.table is not None:
        return f"facts.{capture.table}"
    if capture.items is not None:
        return f"${{ {capture.items.text.strip()} }}"
    return ", ".join(path.text for path in capture.paths)


def _target_text(action: Action) -> str:
    target = action.target
    if target is None:
        return ""
    if target.path is not None:
        return target.path.text + ("['...']" if target.key is not None else "")
    return "a JSON Pointer"


def _find_miss(path: Path, frame: Frame, tree: Tree | None) -> Miss | None:
    start = tree.root if path.start == "$" and tree is not None else frame[path.start]
    if path.column is not None and type(start) is Row:
        start = start.get(path.column)
    if not isinstance(start, Node):
        return None
    root = tree.root if tree is not None else start
    stuck = find_stuck(path.steps, start, root)
    if stuck is None or tree is None:
        return None
    return Miss(path.text, stuck.step, tree.document.place(stuck.nodes[0]), stuck.text, stuck.nodes)


def _bind(one: Match) -> tuple[Binding, ...]:
    bindings = []
    for name in one.captures:
        value = one.frame[name]
        node = value if isinstance(value, Node) else value.node if type(value) is Row else None
        if node is not None and one.home.alive(node):
            place, pointer = one.home.document.place(node), one.home.pointer(node)
            bindings.append(Binding(name, show(value), node, place, pointer))
        else:
            bindings.append(Binding(name, show(value)))
    return tuple(bindings)


def _place_of(tree: Tree, pointer: str, node: Node | None) -> Place:
    """Where an operation acts in the text: at its node, else at the last node that its pointer still passes."""
    if node is not None and (node.start >= 0 or tree.alive(node)):
        return tree.document.place(node)
    return tree.document.place(along(tree.root, parse(pointer))[-1])
