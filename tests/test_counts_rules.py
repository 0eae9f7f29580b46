"""How much is done for a small workflow: a count that grows says that an optimisation was lost, whatever the machine.

Where a rule set or the evaluation changes on purpose, the bounds here change with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

import retouch
from retouch.evaluation.derivation import Work
from retouch.expressions import jinja
from retouch.expressions.expression import Expression
from retouch.jsonpath.path import Path
from retouch.jsonpath.pattern import Pattern

RULES = retouch.load("argo/artifacts-to-volume", params={"volume": {"persistentVolumeClaim": {"claimName": "data"}}})
BOUNDS = {"combinations": 900, "expressions": 2400, "patterns": 100, "paths": 360}
"""For the workflow of ten steps; they are a little above what is counted."""


def workflow(steps: int) -> str:
    """A chain: each step reads the file of the one before."""
    lines = ["apiVersion: argoproj.io/v1alpha1", "kind: Workflow", "metadata: {generateName: chain-}", "spec:"]
    lines += ["  entrypoint: main", "  templates:", "  - name: main", "    dag:", "      tasks:"]
    for number in range(steps):
        lines.append(f"      - {{name: step-{number}, template: step-{number}")
        if number:
            source = f"{{{{tasks.step-{number - 1}.outputs.artifacts.out}}}}"
            lines[-1] += f", arguments: {{artifacts: [{{name: in, from: '{source}'}}]}}"
        lines[-1] += "}"
    for number in range(steps):
        lines += [f"  - name: step-{number}", "    container: {image: busybox}"]
        lines += ["    inputs: {artifacts: [{name: in, path: /mnt/in/data}]}"] if number else []
        lines += ["    outputs: {artifacts: [{name: out, path: /mnt/out/data}]}"]
    return "\n".join([*lines, ""])


def count(monkeypatch: pytest.MonkeyPatch, text: str) -> Counter[str]:
    """What is done to rewrite `text`, once everything that is remembered is."""
    found: Counter[str] = Counter()
    retouch.rewrite(text, RULES)
    with monkeypatch.context() as patch:
        for owner, name, what in (
            (Work, "_make", "combinations"),
            (Expression, "_run", "expressions"),
            (Pattern, "_find", "patterns"),
            (Path, "select", "paths"),
        ):
            patch.setattr(owner, name, counted(getattr(owner, name), what, found))
        result = retouch.rewrite(text, RULES)
    assert result.changed
    return found


def counted(function: Callable[..., Any], what: str, found: Counter[str]) -> Callable[..., Any]:
    def call(*args: Any, **named: Any) -> Any:
        found[what] += 1
        return function(*args, **named)

    return call


def test_a_small_workflow_takes_so_much(monkeypatch: pytest.MonkeyPatch) -> None:
    found = count(monkeypatch, workflow(10))
    assert {what: number for what, number in found.items() if number > BOUNDS[what]} == {}
    assert {what: number for what, number in found.items() if number < 0.8 * BOUNDS[what]} == {}, "lower the bounds"


def test_twice_the_steps_take_twice_as_much(monkeypatch: pytest.MonkeyPatch) -> None:
    small, large = count(monkeypatch, workflow(20)), count(monkeypatch, workflow(40))
    assert {what: (small[what], large[what]) for what in BOUNDS if large[what] > 2.1 * small[what]} == {}


def test_rule_sets_with_the_usual_expressions_do_not_need_jinja(monkeypatch: pytest.MonkeyPatch) -> None:
    found: Counter[str] = Counter()
    monkeypatch.setattr(jinja, "parse", counted(jinja.parse, "parsed", found))
    monkeypatch.setattr(jinja, "find_end", counted(jinja.find_end, "ends", found))
    retouch.load("argo/artifacts-to-volume", params={"volume": {"persistentVolumeClaim": {"claimName": "data"}}})
    retouch.load("kubernetes/pod-security")
    assert not found
