"""Finds names that mean two things in one rule set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..expressions.function import FUNCTION_NAMES
from ..rule import Capture, Let
from .check import define, finding
from .use import find_all

if TYPE_CHECKING:
    from ..error import Message
    from .subject import Subject


@define("shadowed-name")
def find_shadowed(subject: Subject) -> Iterator[Message]:
    """Values called like a function, and names in tables that the rule set's `let` has too."""
    lets = {let.name: let for let in subject.rule_set.lets}
    for let in find_all(subject.rule_set, Let):
        if let.name in FUNCTION_NAMES:
            yield finding(f"the value `{let.name}` is called like a function; call it otherwise", let.place)
    for table in subject.rule_set.facts:
        named = [(each.name, each.place) for each in find_all(table, Capture)]
        named += [(each.name, each.place) for each in find_all(table, Let)]
        for name, place in named:
            if name in lets:
                text = f"`{name}` is one thing here and another in the rule set's `let`; call one of them otherwise"
                yield finding(text, place, ("the other one", lets[name].place))
