"""Runs the tests of rule sets only to see which rules they make apply."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ..error import RetouchError
from ..linting.check_test import Tested, place_key
from ..loader import read_rule_sets
from ..testing.coverage import Coverage, Kind
from ..testing.trial import try_case

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..error import Message
    from ..expressions.filter import Filter
    from .test_file import TestFile


def run_tests(files: Iterable[TestFile], filters: Mapping[str, Filter]) -> tuple[Tested, list[Message]]:
    """The rules that test files load, each with whether some case makes it apply; and what of the files is wrong.

    Rule files that do not load are left out. Costs what the cases cost.
    """
    coverage = Coverage()
    messages: list[Message] = []
    for file in files:
        try:
            tests = file.read()
        except RetouchError as error:
            messages += error.messages
            continue
        for test in tests:
            try:
                rule_sets = [
                    rule_set
                    for text in test.rule_texts
                    for rule_set in coverage.keep(text.identity, partial(read_rule_sets, [text], filters))
                ]
            except RetouchError:
                continue  # linting the rule file says why
            for case in test.cases:
                try_case(test, case, rule_sets, watch=coverage, verify=False)
    items = [item for loaded in coverage.rule_sets.values() for one in loaded for item in coverage.all_items(one)]
    found: dict[tuple[str, int | None, int | None], bool] = {}
    for item in items:
        if item.kind == Kind.RULES:
            key = place_key(item.place)
            found[key] = found.get(key, False) or item.gap is None
    return found, messages
