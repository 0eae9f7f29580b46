"""The page of argo/artifacts-to-volume has every parameter, and every refusal and warning that its rules can give."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from retouch.compat import kfp

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "rule-sets" / "artifacts-to-volume.md").read_text("utf-8")
FILES = sorted((ROOT / "rules" / "argo").rglob("artifacts-to-volume*/*.yaml"))
SECTION = PAGE.partition("## Parameters\n")[2].partition("\n## ")[0]
PARAMETERS = yaml.safe_load((ROOT / "rules" / "argo" / "artifacts-to-volume.yaml").read_text("utf-8"))["params"]

_SPOKEN = ("text", "says", "fail", "warn")  # where rules and tables say what people read
_EXPRESSION = re.compile(r"\$\{(.*?) ?\}(?!\})", re.DOTALL)
_LITERAL = re.compile(r"'([^']*)'|\"([^\"]*)\"")


def spoken(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, child in value.items():
            if key in _SPOKEN and isinstance(child, str):
                yield child
            else:
                yield from spoken(child)
    elif isinstance(value, list):
        for child in value:
            yield from spoken(child)


def phrases(text: str) -> Iterator[list[str]]:
    """The fixed parts of a message, in order; for each phrase in its expressions that of its own."""
    fixed = [part.strip(" :,.;()'") for part in _EXPRESSION.split(text)[::2]]
    if any(fixed):
        yield [part for part in fixed if part]
    for expression in _EXPRESSION.findall(text):
        for single, double in _LITERAL.findall(expression):
            if (single + double).count(" ") > 1:  # words, not a name or a separator
                yield [(single + double).strip(" :,'")]


def texts() -> list[list[str]]:
    found = [
        parts
        for file in FILES
        for text in spoken(yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader))
        for parts in phrases(" ".join(text.split()))
    ]
    return [parts for number, parts in enumerate(found) if parts not in found[:number]]


def test_texts_are_found() -> None:
    assert len(texts()) > 40


@pytest.mark.parametrize("parts", texts(), ids=" ... ".join)
def test_every_message_is_on_the_page(parts: list[str]) -> None:
    wanted = re.compile(".*".join(map(re.escape, parts)))
    assert any(wanted.search(line) for line in PAGE.splitlines())


@pytest.mark.parametrize("name", PARAMETERS)
def test_every_parameter_is_on_the_page(name: str) -> None:
    (row,) = re.findall(rf"^\| `{name}` \| (.*?) \| ", SECTION, re.MULTILINE)
    parameter = PARAMETERS[name]
    if parameter.get("required"):
        assert row == "required"
    elif name != "protectedDirs":
        default = parameter["default"]
        assert row == f"`{shown(default)}`"
        assert all(f"`{shown(each)}`" in SECTION for each in parameter.get("enum", []))


def test_protected_directories_are_on_the_page() -> None:
    for path in PARAMETERS["protectedDirs"]["default"]:
        assert f"`{path}`" in SECTION, path


def test_the_parameters_for_kfp_are_on_the_page() -> None:
    for name, value in kfp.PARAMETERS.items():
        assert f"`{name}: {shown(value)}`" in PAGE.replace("\n", " ")


def shown(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(value)}]"
    return str(value).lower() if isinstance(value, bool) else value
