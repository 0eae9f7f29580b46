"""Finds conditions that are always true or always false, and patterns that match where nothing is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..expressions.operand import truth
from ..expressions.scope import Frame
from ..rule import Action, Derivation, DocumentFilter, Rule
from .check import define, finding
from .use import find_all

if TYPE_CHECKING:
    from ..error import Message
    from ..jsonpath.pattern import Pattern
    from .subject import Subject

_UNLIKE_ANYTHING = "\u2603\u2603"  # two characters that no sensible pattern is about


@define("constant-when")
def find_constant(subject: Subject) -> Iterator[Message]:
    """Conditions that do not depend on anything."""
    for part in find_all(subject.rule_set, object):
        if not isinstance(part, (Rule, Action, Derivation, DocumentFilter)):
            continue
        when = part.when
        if when is not None and when.constant and when.locate is not None:
            holds = truth(when.run(Frame({})))
            result = "true; leave it out" if holds else "false, so this never acts; remove it"
            yield finding(f"this `when` is always {result}", when.locate(0))


@define("empty-pattern")
def find_empty(subject: Subject) -> Iterator[Message]:
    """Patterns of `sub` that match the empty text between any two characters, or behind all of them."""
    for action in find_all(subject.rule_set.rules, Action):
        if (
            action.verb == "sub"
            and action.arguments.get("count") != 1
            and _matches_nothing(action.arguments["pattern"])
        ):
            text = f"the pattern `{action.arguments['pattern'].text}` also matches where nothing is"
            hint = "so `with` is put in there too; write `+` for `*`, or `^` and `$` around it"
            yield finding(f"{text}, {hint}", action.place)


def _matches_nothing(pattern: Pattern) -> bool:
    found = pattern.finditer(_UNLIKE_ANYTHING)
    return len(found) > 1 and any(each.start == each.end for each in found)
