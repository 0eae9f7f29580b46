"""Finds what says nowhere what it is for: rule sets, rules, parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .check import define, finding

if TYPE_CHECKING:
    from ..error import Message
    from .subject import Subject


@define("missing-description")
def find_undescribed(subject: Subject) -> Iterator[Message]:
    """Rule sets, rules and parameters without a `description`."""
    rule_set = subject.rule_set
    if not rule_set.description:
        example = "`description: Pull images through the company mirror.`"
        yield finding(
            f"the rule set has no description, which `retouch rules list` shows; add {example}", rule_set.place
        )
    for name, schema in rule_set.parameters.items():
        for entry in subject.own("params"):
            if entry.name == name and not schema.get("description"):
                text = f"the parameter `{name}` has no description; say what it is, for whoever has to give a value"
                yield finding(text, entry.place)
    for rule, entry in subject.rules:
        if not rule.description:
            yield finding(f"the rule `{rule.id}` has no description; say what it is for", entry.place)
