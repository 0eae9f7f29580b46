"""Switches on single rules that a configuration sets: off, milder, under one more condition, with another bound."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..dataclass import dataclass, field, replace
from ..error import Place
from ..expressions.expression import both
from ..rule import Expect, Rule, RuleSet, RuleSeverity
from .form import Fields, Form
from .rule_form import read_expect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..node import Node

SWITCH = Fields("a switch of a rule", optional=("enabled", "severity", "expect", "when"))
SEVERITIES: tuple[RuleSeverity, ...] = ("error", "warning")


@dataclass(frozen=True, slots=True)
class Switch:
    """What a configuration says of the rule `rule`: of the rule set `only`, or of every one that has such a rule.

    What it leaves open is None. `when` is not compiled yet: it is read in the names of the rule. `places` has the
    place of each key that is given.
    """

    rule: str
    only: str | None
    form: Form = field(repr=False)
    enabled: bool | None = None
    severity: RuleSeverity | None = None
    expect: Expect | None = None
    when: Node | None = None
    place: Place = field(default_factory=Place)
    places: Mapping[str, Place] = field(default_factory=dict)

    def fits(self, rule_set: str, rule: str) -> bool:
        """Whether it is about that rule of that rule set."""
        return self.rule == rule and self.only in (None, rule_set)


def read_switch(form: Form, key: str, node: Node, fields: Fields = SWITCH) -> Switch:
    """The switch under `key`, which is `ID` or `RULESET/ID`; mistakes go to `form`."""
    only, _, rule = key.rpartition("/")
    found = form.fields(node, fields)
    severity = form.choice(found["severity"], "`severity`", SEVERITIES) if "severity" in found else None
    return Switch(
        rule,
        only or None,
        form,
        enabled=form.flag(found["enabled"], "`enabled`") if "enabled" in found else None,
        severity=next((each for each in SEVERITIES if each == severity), None),
        expect=read_expect(form, found["expect"]) if "expect" in found else None,
        when=found.get("when"),
        place=form.key_place(node),
        places={name: form.key_place(child) for name, child in found.items()},
    )


def switch(rule_set: RuleSet, switches: Iterable[Switch]) -> RuleSet:
    """The rule set with `switches` set, a later one before an earlier one; their conditions must all hold.

    A mistake in a condition goes to its form. Costs what compiling the conditions costs.
    """
    given = tuple(switches)
    on: list[Rule] = []
    off: list[Rule] = []
    for rule in (*rule_set.rules, *rule_set.off):
        enabled = rule in rule_set.rules
        changed = rule
        for each in given:
            if each.fits(rule_set.name, rule.id):
                enabled = enabled if each.enabled is None else each.enabled
                changed = _set(changed, each)
        (on if enabled else off).append(changed)
    return replace(rule_set, rules=tuple(on), off=tuple(off))


def _set(rule: Rule, switch: Switch) -> Rule:
    when = rule.when
    if switch.when is not None and rule.compile_when is not None:
        further = rule.compile_when(switch.form, switch.when)
        when = further if when is None or further is None else both(when, further)
    severity = switch.severity or rule.severity
    return replace(rule, when=when, severity=severity, expect=switch.expect or rule.expect)
