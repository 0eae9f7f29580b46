"""Rule sets that must do the same: one and an empty one that extends it, one in both dialects of paths."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import retouch
from retouch.cli.test_file import built_in_tests
from retouch.loader import give, read_rule_sets
from retouch.result import Rewrite
from retouch.rewriter import rewrite_together
from retouch.rule_text import built_in, locate

if TYPE_CHECKING:
    from retouch.rule import RuleSet
    from retouch.testing.case import Case

BUILT_IN = [each.name for each in read_rule_sets(built_in().values())]
RULES = Path(__file__).resolve().parents[1] / "rules"
WITH_PATTERNS = {"argo/artifacts-to-volume"}  # in filters, which the standard writes otherwise


def outcomes(case: Case, rule_set: RuleSet) -> list[object]:
    """The texts and patches, or the mistakes, that come of a case."""
    try:
        results = rewrite_together(case.inputs.items(), give([rule_set], case.params))
    except retouch.RetouchError as error:
        return [message.text for message in error.messages]
    return [
        (each.text, [(one.patch, one.rules) for one in each.documents], [message.text for message in each.warnings])
        if isinstance(each, Rewrite)
        else [message.text for message in each.messages]
        if each is not None
        else None
        for each in results
    ]


def compare(name: str, other: RuleSet) -> None:
    (rule_set,) = read_rule_sets([built_in()[name]])
    cases = [case for file in built_in_tests(name) for test in file.read() for case in test.cases]
    assert cases
    for case in cases:
        assert outcomes(case, other) == outcomes(case, rule_set), case.name


@pytest.mark.parametrize("name", BUILT_IN)
def test_an_empty_rule_set_does_what_the_one_does_that_it_extends(name: str, tmp_path: Path) -> None:
    path = tmp_path / "child.yaml"
    path.write_text(f"apiVersion: retouch/v1\nkind: RuleSet\nmetadata: {{name: {name}}}\nextends: [{name}]\n")
    (child,) = read_rule_sets(locate(str(path), folder=tmp_path))
    compare(name, child)


@pytest.mark.parametrize("name", [name for name in BUILT_IN if name not in WITH_PATTERNS])
def test_paths_that_both_dialects_know_find_the_same(name: str, tmp_path: Path) -> None:
    shutil.copytree(RULES, tmp_path / "rules")
    path = tmp_path / "rules" / f"{name}.yaml"
    path.write_text(path.read_text("utf-8").replace("\nmetadata:", "\njsonpath: rfc9535\nmetadata:", 1), "utf-8")
    (standard,) = read_rule_sets(locate(str(path), folder=tmp_path))
    compare(name, standard)
