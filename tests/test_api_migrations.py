"""What kubernetes/api-migrations makes of an object means the same to the server, once, and is on its page."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from api_maker import AUTOSCALERS, BUDGETS, DEFINITIONS, INGRESSES, LEVELS, SLICES, WEBHOOKS, WORKLOADS
from api_model import meaning
from hypothesis import given
from hypothesis import strategies as st

import retouch

ROOT = Path(__file__).resolve().parents[1]
NAME = "kubernetes/api-migrations"
RULES = retouch.load(NAME)
PAGE = (ROOT / "docs" / "rule-sets" / "kubernetes-api-migrations.md").read_text("utf-8")
PARTS = [yaml.safe_load(path.read_text("utf-8")) for path in sorted((ROOT / "rules" / NAME).glob("*.yaml"))]
WRITTEN = [rule for part in PARTS if part["kind"] == "RuleSetPart" for rule in part["rules"]]


MIGRATED = {"apps/v1", "networking.k8s.io/v1", "autoscaling/v2", "policy/v1"} | {
    f"{group}.k8s.io/v1" for group in ("admissionregistration", "apiextensions", "flowcontrol.apiserver", "discovery")
}


def check(thing: dict[str, Any]) -> None:
    text = yaml.safe_dump(thing, sort_keys=False)
    result = retouch.rewrite(text, RULES)
    after = yaml.safe_load(result.text)
    assert after["apiVersion"] in MIGRATED
    assert meaning(after) == meaning(thing)
    assert retouch.rewrite(result.text, RULES).text == result.text


@given(WORKLOADS)
def test_workloads_mean_the_same(thing: dict[str, Any]) -> None:
    check(thing)


@given(INGRESSES)
def test_ingresses_mean_the_same(thing: dict[str, Any]) -> None:
    check(thing)


@given(AUTOSCALERS)
def test_autoscalers_mean_the_same(thing: dict[str, Any]) -> None:
    check(thing)


@given(WEBHOOKS)
def test_webhooks_mean_the_same(thing: dict[str, Any]) -> None:
    check(thing)


@given(DEFINITIONS)
def test_definitions_mean_the_same(thing: dict[str, Any]) -> None:
    check(thing)


@given(st.one_of(BUDGETS, LEVELS, SLICES))
def test_others_mean_the_same(thing: dict[str, Any]) -> None:
    check(thing)


@given(st.one_of(WORKLOADS, INGRESSES, AUTOSCALERS, WEBHOOKS, DEFINITIONS, BUDGETS, LEVELS, SLICES))
def test_results_fit_the_schemas_of_kubernetes(thing: dict[str, Any]) -> None:
    schemas = pytest.importorskip("kubernetes_validate", reason="kubernetes-validate is not installed")
    schemas.validate(retouch.rewrite_object(thing, RULES), "1.32", strict=True)


MOVES = re.findall(
    r"^\| (`[^|]+`) \| ([^|]+) \| ([^|]+) \| 1\.(\d+) \| \[.*\]\((https://kubernetes\.io/.*)\) \| `([a-z0-9-]+)` \|$",
    PAGE.partition("## What moves where\n")[2].partition("\n## ")[0],
    re.MULTILINE,
)
MOVE = [
    (api, kind, becomes, int(minor), rule)
    for apis, kinds, becomes, minor, _, rule in MOVES
    for api in re.findall(r"`([^`]+)`", apis)
    for kind in kinds.split(", ")
]
LEAST: dict[str, dict[str, Any]] = {
    "CertificateSigningRequest": {"spec": {"signerName": "example.com/people"}},
    "Event": {
        "eventTime": "2024-01-01T00:00:00Z",
        "action": "a",
        "reason": "b",
        "reportingController": "c",
        "reportingInstance": "d",
    },
    **{
        kind: {"spec": {"selector": {"matchLabels": {"app": "a"}}, "template": {"metadata": {"labels": {"app": "a"}}}}}
        for kind in ("Deployment", "DaemonSet", "StatefulSet", "ReplicaSet")
    },
}


@cache
def rules_for(target: str) -> retouch.Rules:
    return retouch.load(NAME, params={"targetVersion": target})


def moved(api: str, kind: str, target: str) -> str:
    text = yaml.safe_dump({"apiVersion": api, "kind": kind, "metadata": {"name": "a"}, **LEAST.get(kind, {})})
    try:
        result = retouch.rewrite(text, rules_for(target))
    except retouch.RetouchError as error:
        return "refused by " + str(error.rule)
    assert result.changed == (result.text != text)
    return str(yaml.safe_load(result.text)["apiVersion"])


def test_the_page_has_every_move() -> None:
    listed = {(api, kind) for api, kind, *_ in MOVE}
    wanted = {
        (api, kind)
        for rule in WRITTEN
        if any(action.get("set") == "$.apiVersion" for action in rule["actions"]) or rule["id"] == "pod-security-policy"
        for api in _list(rule["documents"]["apiVersion"])
        for kind in _list(rule["documents"]["kind"])
    }
    unserved = {("apps/v1beta1", "DaemonSet"), ("extensions/v1beta1", "StatefulSet")}  # were never there
    assert len(MOVE) == len(listed) > 40
    assert listed == wanted - unserved


def _list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize(("api", "kind", "becomes", "minor", "rule"), MOVE, ids=str)
def test_what_is_removed_by_the_target_moves(api: str, kind: str, becomes: str, minor: int, rule: str) -> None:
    assert moved(api, kind, f"1.{minor - 1}") == api
    now, later = moved(api, kind, f"1.{minor}"), moved(api, kind, "all")
    if (api, kind) == ("extensions/v1beta1", "PodSecurityPolicy"):
        assert (now, later) == ("policy/v1beta1", f"refused by {NAME}/{rule}")
    elif becomes == "refused":
        assert now == later == f"refused by {NAME}/{rule}"
    elif (api, minor) == ("flowcontrol.apiserver.k8s.io/v1beta1", 26):
        assert (now, later) == ("flowcontrol.apiserver.k8s.io/v1beta3", becomes.strip("`"))
    else:
        assert now == later == becomes.strip("`")


def test_the_page_has_every_rule() -> None:
    section = PAGE.partition("## What each rule does\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([a-z0-9-]+)` \| ([a-z ]+) \| (?:[^|]+) \| (\[.*\))* \|$", section, re.MULTILINE)
    loaded = [rule.id for each in RULES for rule in each.rules]
    assert [row[0] for row in rows] == loaded
    verbs = {rule["id"]: {next(iter(action)) for action in rule["actions"]} for rule in WRITTEN}
    for rule, outcome, source in rows:
        words = {"fail": "refused", "warn": "warning"}
        assert set(outcome.split(" and ")) == {words.get(verb, "change") for verb in verbs[rule]}, rule
        assert source


def test_every_rule_says_what_it_is_for() -> None:
    assert all(rule["description"] for rule in WRITTEN)
    assert {rule["id"] for rule in WRITTEN} == {rule.id for each in RULES for rule in each.rules}


@pytest.mark.parametrize("name", ["targetVersion", "webhookSideEffects", "crdUnknownFields"])
def test_every_parameter_is_on_the_page(name: str) -> None:
    (parameters,) = (each.parameters for each in RULES)
    assert set(parameters) == {"targetVersion", "webhookSideEffects", "crdUnknownFields"}
    assert f"| `{name}` |" in PAGE
