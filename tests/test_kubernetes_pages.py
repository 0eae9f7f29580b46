"""The pages of the rule sets for Kubernetes have every parameter and every rule, and name no other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
NAMES = ["registry-mirror", "pod-security"]


def page(name: str) -> str:
    return (ROOT / "docs" / "rule-sets" / f"{name}.md").read_text("utf-8")


def rule_set(name: str) -> Any:
    return yaml.safe_load((ROOT / "rules" / "kubernetes" / f"{name}.yaml").read_text("utf-8"))


def rows(name: str, heading: str) -> dict[str, list[str]]:
    """The table below a heading: the other cells of each row by its first."""
    section = page(name).partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    table = [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in re.findall(r"^\| `.*$", section, re.MULTILINE)
    ]
    return {first.strip("`| "): rest for first, *rest in table}


def shown(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(value)}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("name", NAMES)
def test_parameters_are_on_the_page(name: str) -> None:
    found = rows(name, "Parameters")
    assert list(found) == list(rule_set(name)["params"])
    for key, parameter in rule_set(name)["params"].items():
        default, meaning = found[key]
        if parameter.get("required"):
            assert default == "required"
        elif "default" in parameter:
            assert default == f"`{shown(parameter['default'])}`"
        else:
            assert default == "none"
        assert all(f"`{each}`" in default + meaning for each in parameter.get("enum", []))


@pytest.mark.parametrize("name", NAMES)
def test_rules_are_on_the_page_in_their_order(name: str) -> None:
    assert sorted(rows(name, "Rules")) == sorted(rule["id"] for rule in rule_set(name)["rules"])


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_says_what_it_is_for(name: str) -> None:
    assert all(rule["description"].endswith(".") for rule in rule_set(name)["rules"])


def test_what_can_be_fixed_is_on_the_page() -> None:
    fixed = {rule for rule, cells in rows("pod-security", "Rules").items() if cells[-1].strip("|- ")}
    assert {*rule_set("pod-security")["params"]["fix"]["items"]["enum"]} == fixed | {"all"}


def test_messages_are_on_the_page() -> None:
    said = [cells[-1] for cells in rows("registry-mirror", "Rules").values()]
    for rule in rule_set("registry-mirror")["rules"]:
        for action in rule["actions"]:
            for part in re.split(r"`?\$\{ .*? \}`?", action.get("fail", "")):
                words = part.replace("`", "").strip()
                assert any(words in each for each in said), words


def test_kinds_are_on_the_page() -> None:
    for name in NAMES:
        for kind in rule_set(name)["documents"]["kind"]:
            assert re.search(rf"\b{kind}\b", page(name)), (name, kind)
