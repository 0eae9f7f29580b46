"""The page docs/text.md is true: its actions do to a document what the diff below them shows, byte for byte."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from retouch import load_text, rewrite

PAGE = Path(__file__).resolve().parents[1] / "docs" / "text.md"
HEAD = "apiVersion: retouch/v1\nkind: RuleSet\nmetadata: {name: page}\nrules:\n- id: page\n  actions:\n"
EXAMPLE = re.compile(r"^```yaml\n(?P<actions>.*?)^```\n\n```diff\n(?P<diff>.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLES = list(EXAMPLE.finditer(PAGE.read_text("utf-8")))


def side(diff: str, sign: str) -> str:
    """The text on one side of a diff that shows it whole."""
    lines = [line if line.strip() else " \n" for line in diff.splitlines(keepends=True)]
    assert all(line[0] in " +-" for line in lines)
    return "".join(line[1:] for line in lines if line[0] in (" ", sign))


def test_every_block_of_the_page_is_an_example():
    assert len(EXAMPLES) >= 15
    assert PAGE.read_text("utf-8").count("```") == 4 * len(EXAMPLES)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["actions"].split("\n")[0])
def test_example(example):
    rules = load_text(HEAD + textwrap.indent(example["actions"], "  "))
    assert rewrite(side(example["diff"], "-"), rules).text == side(example["diff"], "+")
