"""Finds rules that no test makes apply."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

from .check import define, finding

if TYPE_CHECKING:
    from ..error import Message, Place
    from .subject import Subject

Tested: TypeAlias = Mapping[tuple[str, int | None, int | None], bool]
"""The rules that tests load, by the key of their places, and whether some case makes them apply."""

NAME = "untested-rule"


@define(NAME)
def find_untested(subject: Subject) -> Iterator[Message]:
    """Rule sets without a test, and rules that no case of a test makes apply."""
    if subject.tested is None:
        return
    rules = [(rule, entry) for rule, entry in subject.rules if rule.place.file in subject.files]
    if rules and not any(place_key(rule.place) in subject.tested for rule, _ in rules):
        text = "no test loads this rule set; write one in a file NAME.test.yaml beside it, with `ruleset: ./NAME.yaml`"
        yield finding(f"{text} (`retouch rules new` writes an example)", subject.rule_set.place)
        return
    for rule, entry in rules:
        if not subject.tested.get(place_key(rule.place), False):
            yield finding(f"no case of a test makes the rule `{rule.id}` apply", entry.place)


def place_key(place: Place) -> tuple[str, int | None, int | None]:
    """What two places share only if they are one, however their files are named."""
    return os.path.realpath(place.file or ""), place.line, place.column
