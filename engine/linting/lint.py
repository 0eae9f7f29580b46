"""Runs the checks over rule files that load, and leaves out what comments in them silence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ..error import Place, RuleError, in_order
from ..expressions.scope import NO_FILTERS
from ..rulefile.rule_file import read_whole
from ..stack import on_whole_stack
from . import (
    check_condition,
    check_description,
    check_match,
    check_moot,
    check_name,
    check_repeat,
    check_test,
    check_unused,
)
from .check import CHECKS
from .silence import silence
from .subject import Subject

if TYPE_CHECKING:
    from ..error import Message
    from ..expressions.filter import Filter
    from ..rulefile.library import RuleFile
    from .check_test import Tested

MODULES = (
    check_unused,
    check_name,
    check_match,
    check_repeat,
    check_moot,
    check_condition,
    check_description,
    check_test,
)
"""Where checks are defined; a new file of checks is entered here."""


@on_whole_stack
def lint(file: RuleFile, filters: Mapping[str, Filter] = NO_FILTERS, tested: Tested | None = None) -> list[Message]:
    """What the checks find in the rule sets of a file and in their parts, in the order of the places.

    With `tested` also rules that no test exercises are found. Raises `RuleError` where the file does not
    load, or holds parts only.
    """
    found: list[Message] = []
    read = read_whole(file, filters)
    if not read:
        text = "there is no rule set here, only a part of one; name the rule set that brings it in"
        raise RuleError(text, Place(file.file, 1, 1))
    for whole, rule_set in read:
        subject = Subject(whole, rule_set, tested)
        own = [piece.form for piece in whole.pieces]
        ran = {name: tested is not None or name != check_test.NAME for name in CHECKS}
        found += silence(_findings(subject), own, ran)
    return in_order(found)


def _findings(subject: Subject) -> Iterator[Message]:
    for name, check in CHECKS.items():
        for message in check(subject):
            if message.place.file in subject.files:
                yield replace(message, rule=name)
