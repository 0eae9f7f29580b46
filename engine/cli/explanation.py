"""What rules looked at and what came of it, as a terminal shows it: for each rule a verdict, then its documents."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ..dataclass import dataclass
from ..error import NOWHERE, shorten
from .report import count
from .terminal import BOLD, CYAN, GREEN, RED, YELLOW, paint, printable
from .verdict import times, verdict_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from ..error import Place
    from ..evaluation.tree import Tree
    from ..explaining.account import (
        Account,
        ActionAccount,
        CaptureAccount,
        Exclusion,
        Judgement,
        Look,
        RuleAccount,
        RuleSetAccount,
    )
    from ..explaining.filter_check import Unmet
    from ..explaining.trace import Clause, Reading
    from ..rule import Expect, Rule

_FEW = 3  # documents and combinations that are shown where nothing was asked for
_COMBINATIONS = 5
_MANY = 6  # rules, beyond which those that did what they should are told in one line each
_OPERATIONS = 8


@dataclass(frozen=True, slots=True)
class Writer:
    """How to write: with colours or not, everything (`whole`) or what fits on a screen."""

    colour: bool = False
    whole: bool = False

    def write(self, account: Account) -> str:
        """The text of an account."""
        if not any(each.seen or each.excluded or each.messages for each in account.sets):
            return "no document was read\n"
        lines: list[str] = []
        single = False
        brief = not self.whole and sum(1 for _ in account.rules()) > _MANY
        for rule_set in account.sets:
            if not rule_set.rules and not rule_set.off:
                continue
            parts = [list(self._rule_set(rule_set))]
            if brief and rule_set.excluded and not rule_set.seen:
                parts[0].append(f"  its rules are not run: {len(rule_set.rules)} (-v names them)")
            else:
                unseen = _many_unseen(rule_set) if brief else []
                told = [rule for rule in rule_set.rules.values() if rule not in unseen]
                parts += [list(self._rule(rule_set, rule, brief=brief)) for rule in told]
                parts += [[self._unseen(rule_set, unseen)]] if unseen else []
            parts += [[self._off(rule_set, rule)] for rule in rule_set.off]
            for part in parts:
                if lines and part and not (single and len(part) == 1):
                    lines.append("")
                single = len(part) == 1
                lines += part
        if brief:
            lines += ["", "of rules that changed something only the first line is shown: --rule ID shows one, -v all"]
        return "".join(f"{line}".rstrip() + "\n" for line in lines)

    def _rule_set(self, account: RuleSetAccount) -> Iterator[str]:
        """What keeps documents from all rules of the set."""
        if not account.excluded and not account.messages:
            return
        name = self._paint(account.rule_set.name, BOLD)
        total = len(account.seen) + len(account.excluded)
        if account.excluded:
            seen = f"{len(account.seen)} of {count(total, 'document')}" if account.seen else "no document"
            yield f"{name} ({at(account.rule_set.place)}) sees {seen}"
            yield from self._exclusions(account.excluded, near=not account.seen)
        elif account.messages:
            yield f"{name} ({at(account.rule_set.place)})"
        for message in account.messages:
            severity = self._paint(f"{message.severity}:", RED if message.severity == "error" else YELLOW)
            part = (message.rule or "").removeprefix(f"{account.rule_set.name}/")
            yield f"  {at(message.place)}: {severity} {printable(message.text)} [{part}]"

    def _unseen(self, account: RuleSetAccount, rules: Sequence[RuleAccount]) -> str:
        names = ", ".join(each.rule.id for each in rules[:_FEW])
        name = self._paint(account.rule_set.name, BOLD)
        said = self._paint(f"{count(len(rules), 'rule')} see no document", YELLOW)
        return f"{name}: {said}: {names}, ... (--rule ID shows one, -v all)"

    def _off(self, account: RuleSetAccount, rule: Rule) -> str:
        name = self._paint(f"{account.rule_set.name}/{rule.id}", BOLD)
        return f"{name} ({at(rule.place)}) {self._paint('is switched off by the configuration', YELLOW)}"

    def _rule(self, rule_set: RuleSetAccount, account: RuleAccount, *, brief: bool) -> Iterator[str]:
        said, code = verdict_of(rule_set, account)
        name = self._paint(account.name, BOLD)
        yield f"{name} ({at(account.rule.place)}) {self._paint(said, code)}"
        yield from _broken_expectation(account.rule.expect, sum(each.matched for each in account.looks.values()))
        looks = sorted(
            (each for each in account.looks.values() if not each.is_empty), key=lambda each: each.tree is not None
        )
        if brief and any(each.operations for each in looks):
            return
        yield from self._exclusions(account.excluded, near=not looks)
        missed = len(set(rule_set.seen) - account.looks.keys()) - len(account.excluded)
        if missed > 0:
            yield f"  not looked at, as an earlier rule failed there: {count(missed, 'document')}"
        groups = _group(looks, whole=self.whole)
        shown = groups if self.whole else groups[:_FEW]
        for group in shown:
            yield from self._look(account, group)
        rest = sum(len(group) for group in groups[len(shown) :])
        if rest:
            yield f"  and {count(rest, 'more document')} (-v shows them)"

    def _exclusions(self, excluded: Sequence[Exclusion], *, near: bool) -> Iterator[str]:
        if not excluded:
            return
        if not near and not self.whole:
            reasons = Counter(f"{first.key} {first.found or 'absent'}" for each in excluded for first in each.unmet[:1])
            listed = ", ".join(f"{number} with {printable(reason)}" for reason, number in reasons.most_common(_FEW))
            more = ", ..." if len(reasons) > _FEW else ""
            yield f"  left out by `documents:`: {count(len(excluded), 'document')} ({listed}{more})"
            return
        ordered = excluded if self.whole else sorted(excluded, key=lambda each: len(each.unmet))[:_FEW]
        for each in ordered:
            yield f"  {self._title(each.tree)}: left out by `documents:`"
            for unmet in each.unmet:
                yield from self.unmet(unmet)
        if len(excluded) > len(ordered):
            yield f"  and {count(len(excluded) - len(ordered), 'more document')} left out (-v shows them)"

    def unmet(self, unmet: Unmet) -> Iterator[str]:
        """A part of a filter that does not hold."""
        if unmet.clauses:
            yield f"    when  {self._outcome(outcome=False)}: {printable(unmet.wanted[0])}"
            if len(unmet.clauses) == 1:
                yield f"      {_said(unmet.clauses[0])}"
            yield from self._clauses(unmet.clauses, "      ")
            return
        wanted = " or ".join(f"`{printable(each)}`" for each in unmet.wanted)
        found = "is absent" if unmet.found is None else f"is {printable(unmet.found)}"
        where = f"{at(unmet.place)}: " if unmet.place.line is not None else ""
        hint = f"; {printable(unmet.hint)}" if unmet.hint else ""
        yield f"    {where}`{printable(unmet.key)}` {self._paint(found, YELLOW)}, wanted {wanted}{hint}"

    def _look(self, rule: RuleAccount, group: Sequence[Look]) -> Iterator[str]:
        look = group[0]
        yield f"  {self._title(look.tree)}"
        labels = [*look.captures, "when", *(each.action.verb for each in look.actions.values())]
        width = min(14, max(map(len, labels)))
        for capture in look.captures.values():
            yield from self.capture(capture, width)
        yield from self._judgements(rule, look, width)
        yield from self._ignored(look, width)
        for action in look.actions.values():
            yield from self.action(action, width)
        yield from self._outcome_of(look)
        if len(group) > 1:
            others = ", ".join(_short(each.tree) for each in group[1 : 1 + _FEW])
            more = ", ..." if len(group) > 1 + _FEW else ""
            yield f"  and the same in {count(len(group) - 1, 'more document')}: {others}{more}"

    def capture(self, account: CaptureAccount, width: int) -> Iterator[str]:
        """What a capture found; where that is nothing, why."""
        found = f"{account.found} found" if account.found else self._paint("nothing found", YELLOW)
        often = f", looked for {times(account.tried)}" if account.tried > 1 else ""
        yield f"    {account.capture.name:{width}}  {found} by `{printable(account.text)}`{often}"
        if account.found:
            return
        for miss in account.misses.values():
            path = f" of `{printable(miss.path)}`" if len(account.capture.paths) > 1 else ""
            yield f"      {at(miss.place)}: `{printable(miss.step)}`{path} {printable(miss.text)}"
        for reading in account.readings:
            yield f"      {printable(str(reading))}"
        if account.capture.table is not None:
            yield f"      the table has no rows; `retouch explain --facts {account.capture.table}` shows it"

    def _judgements(self, rule: RuleAccount, look: Look, width: int) -> Iterator[str]:
        condition = rule.rule.when
        if condition is None or not look.judgements:
            return
        text = printable(" ".join(condition.text.split()))
        total = len(look.judgements)
        if total == 1 and not look.judgements[0].bindings:
            yield from self.condition(condition.text, look.judgements[0], width)
            return
        number = sum(each.held for each in look.judgements)
        held = f"true for {number} of {total}"
        yield f"    {'when':{width}}  {held if number else self._paint(held, YELLOW)}: {text}"
        yield from self._combinations(look.judgements)

    def _ignored(self, look: Look, width: int) -> Iterator[str]:
        """The combinations that comments keep away."""
        ignored = [each for each in look.judgements if each.ignored is not None]
        for each in ignored[: None if self.whole else _COMBINATIONS]:
            place = "" if each.place is None else f" from {at(each.place)}"
            said = f"kept away{place} by the comment at {at(each.ignored or NOWHERE)}"
            yield f"    {'ignore':{width}}  {self._paint(said, YELLOW)}"

    def condition(self, text: str, judgement: Judgement, width: int) -> Iterator[str]:
        """What a `when` was for one combination."""
        yield f"    {'when':{width}}  {self._outcome(outcome=judgement.held)}: {printable(' '.join(text.split()))}"
        if len(judgement.clauses) > 1 and not judgement.held:
            yield from self._clauses(judgement.clauses, "      ")
        elif said := _said(*judgement.clauses):
            yield f"      {said}"

    def _combinations(self, judgements: Sequence[Judgement]) -> Iterator[str]:
        alike: dict[object, list[Judgement]] = {}
        for each in judgements:
            where = at(each.place) if each.place is not None else _values(each)
            alike.setdefault((where, each.held, each.clauses), []).append(each)
        groups = list(alike.values())
        shown = groups if self.whole else _choose(groups)
        for group in shown:
            first, often = group[0], f" ({times(len(group))})" if len(group) > 1 else ""
            where = at(first.place) if first.place is not None else _values(first)
            said = "" if len(first.clauses) > 1 and not first.held else _said(*first.clauses)
            yield f"      {where}: {self._outcome(outcome=first.held)}{often}{': ' if said else ''}{said}"
            if not first.held:
                yield from self._clauses(first.clauses, "        ")
        if len(groups) > len(shown):
            rest = len(judgements) - sum(map(len, shown))
            yield f"      and {rest} more (-v shows them)"

    def _clauses(self, clauses: Sequence[Clause], indent: str) -> Iterator[str]:
        """The clauses of a condition that has several."""
        if len(clauses) < 2:
            return
        told: set[Reading] = set()
        for clause in clauses:
            outcome = "not asked" if clause.outcome is None else str(clause.outcome).lower()
            padding = " " * (len("not asked") - len(outcome))
            yield f"{indent}{self._outcome(outcome=clause.outcome)}{padding}  {printable(clause.text)}"
            if said := _said(clause, told=told):
                yield f"{indent}{'':{len('not asked')}}    {said}"
            told.update(clause.readings)

    def action(self, account: ActionAccount, width: int) -> Iterator[str]:
        """What came of an action."""
        said = [_done(account)] if account.acts else []
        if account.withheld:
            withheld = f"not taken {times(len(account.withheld))}, as its `when` is false"
            said.append(withheld if account.acts else self._paint(withheld, YELLOW))
        place = at(account.action.place)
        yield f"    {account.action.verb:{width}}  {target_of(account)}{'; '.join(said) or 'not reached'} ({place})"
        for capture in account.captures.values():
            if not capture.found:
                yield from (f"  {line}" for line in self.capture(capture, len(capture.capture.name)))
        yield from self._combinations(account.withheld)

    def _outcome_of(self, look: Look) -> Iterator[str]:
        for operation, place in look.operations[: None if self.whole else _OPERATIONS]:
            source = f" from {printable(shorten(operation.source))}" if operation.source is not None else ""
            kind = self._paint(operation.op, GREEN)
            yield f"      {at(place)}: {kind} {printable(shorten(operation.path))}{source}"
        if not self.whole and len(look.operations) > _OPERATIONS:
            yield f"      and {count(len(look.operations) - _OPERATIONS, 'more operation')} (-v shows them)"
        for message in (*look.messages, *look.errors):
            severity = self._paint(f"{message.severity}:", RED if message.severity == "error" else YELLOW)
            yield f"      {at(message.place)}: {severity} {printable(message.text)}"
            if message in look.errors:
                yield from (f"        {at(note.place)}: {printable(note.text)}" for note in message.notes)
        if look.kept and (look.operations or look.matched):
            yield "    nothing of this is written: a rule refused the document, or failed on it"

    def _title(self, tree: Tree | None) -> str:
        return self._paint(_title(tree), CYAN)

    def _outcome(self, *, outcome: bool | None) -> str:
        if outcome is None:
            return "not asked"
        return self._paint("true", GREEN) if outcome else self._paint("false", YELLOW)

    def _paint(self, text: str, *codes: str) -> str:
        return paint(text, *(code for code in codes if code), enabled=self.colour and any(codes))


def _broken_expectation(expect: Expect | None, matched: int) -> Iterator[str]:
    """What a rule's `expect` wants, where that is not met."""
    if expect is not None and not expect.allows(matched):
        yield f"  `expect` wants {expect} in a run ({at(expect.place)})"


def _group(looks: Iterable[Look], *, whole: bool) -> list[list[Look]]:
    """Looks that tell the same story; all apart if `whole`."""
    groups: dict[object, list[Look]] = {}
    for number, look in enumerate(looks):
        groups.setdefault(number if whole else _story(look), []).append(look)
    return list(groups.values())


def _story(look: Look) -> object:
    captures = tuple((name, each.found > 0, *each.misses) for name, each in look.captures.items())
    seen = {(each.held, each.clauses, each.ignored) for each in look.judgements}
    actions = tuple((key, bool(each.withheld), bool(each.acts)) for key, each in look.actions.items())
    operations = tuple((each.op, each.path) for each, _ in look.operations)
    said = tuple(each.text for each in (*look.messages, *look.errors))
    return captures, frozenset(seen), actions, operations, said, look.changes > 0


def _choose(groups: Sequence[list[Judgement]]) -> Sequence[list[Judgement]]:
    """Some of the combinations, those for which the condition was false before the others; in their order."""
    most = _COMBINATIONS if all(len(group[0].clauses) < 2 for group in groups) else _FEW
    if len(groups) <= most:
        return groups
    numbered = sorted(enumerate(groups), key=lambda each: (each[1][0].held, each[0]))[:most]
    return [group for _, group in sorted(numbered, key=lambda each: each[0])]


def target_of(account: ActionAccount) -> str:
    """The target of an action, with what parts it from what follows; "" for a verb without one."""
    return f"`{printable(account.text)}`: " if account.text else ""


def _done(account: ActionAccount) -> str:
    """What came of an action that was taken."""
    taken, changed = len(account.acts), len(account.changed)
    if account.action.verb in {"fail", "warn", "test"}:
        return f"taken {times(taken)}"
    if any(each.failed for each in account.acts):
        return "failed"
    if not changed:
        return "nothing to do, what it asks for is there"
    return f"changed {changed} of {taken}" if taken > 1 else "changed"


def _said(*clauses: Clause, told: Collection[Reading] = ()) -> str:
    """The values that clauses read, but for those that are told already, and what is near."""
    readings = dict.fromkeys(each for clause in clauses for each in clause.readings if each not in told)
    hints = [clause.hint for clause in clauses if clause.hint]
    return printable("; ".join([*map(str, readings), *hints]))


def _values(judgement: Judgement) -> str:
    return ", ".join(f"{each.name} = {printable(each.value)}" for each in judgement.bindings)


def _title(tree: Tree | None) -> str:
    if tree is None:
        return "in the tables of the run"
    resource = tree.document.resource
    if resource is None:
        return _short(tree)
    namespace = f"{resource.namespace}/" if resource.namespace else ""
    name = resource.name or (f"{resource.generate_name}*" if resource.generate_name else "(no name)")
    return printable(f"{_short(tree)}: {resource.kind} {namespace}{name}")


def _short(tree: Tree | None) -> str:
    if tree is None:
        return "the tables of the run"
    place = tree.document.place(tree.root)
    return printable(f"{place.file or '<input>'}:{place.line}" if place.line is not None else str(place))


def at(place: Place) -> str:
    """A place as explanations show it."""
    return printable(str(place))


def _many_unseen(account: RuleSetAccount) -> list[RuleAccount]:
    """The rules of a rule set that see no document, if they are too many to be told of one by one."""
    rules = [each for each in account.rules.values() if each.excluded and not each.looks]
    return rules if len(rules) > _MANY else []
