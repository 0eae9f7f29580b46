"""Comments that keep rules away, in random documents: what they are about stays, all else is as without them."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

import retouch

RULES = retouch.load_text("""
apiVersion: retouch/v1
kind: RuleSet
metadata: {name: t}
rules:
- id: new
  match: {value: $..*}
  when: value is string and value is startswith('old')
  actions:
  - sub: value
    pattern: ^old
    with: new
""")
IGNORE = "# retouch: ignore[new] as it is"

TEXTS = st.sampled_from(["old", "other", "old\ntext\n", "old # retouch: ignore[new]"])
VALUES = st.recursive(
    TEXTS,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.dictionaries(st.sampled_from("abcde"), inner, min_size=1, max_size=3)
    ),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(st.sampled_from("pqrst"), VALUES, min_size=2, max_size=5)


class Dumper(yaml.SafeDumper):
    """Writes items of lists deeper than their key, and texts of several lines as blocks."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, indentless=False)


def write(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


Dumper.add_representer(str, write)


def lines_of(document: dict[str, Any]) -> list[str]:
    return yaml.dump(document, Dumper=Dumper, sort_keys=False).splitlines()


def joined(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def column(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def starts_here(lines: list[str], number: int) -> bool:
    """Whether a member or an item begins on a line, and not the text of a block."""
    above = [each for each in range(number) if column(lines[each]) < column(lines[number])]
    return not above or not lines[above[-1]].endswith("|")


@given(st.data())
@examples(120)
def test_a_comment_keeps_its_rule_from_the_lines_of_its_node_and_from_no_others(data: st.DataObject) -> None:
    lines = lines_of(data.draw(DOCUMENTS))
    starts = [number for number in range(1, len(lines)) if starts_here(lines, number)]
    if not starts:
        return
    at = data.draw(st.sampled_from(starts))
    end = next((each for each in range(at + 1, len(lines)) if column(lines[each]) <= column(lines[at])), len(lines))
    above = data.draw(st.booleans())
    first = [" " * column(lines[at]) + IGNORE, lines[at]] if above else [f"{lines[at]}  {IGNORE}"]
    made = retouch.rewrite(joined(lines), RULES).text.splitlines()
    kept = [*first, *lines[at + 1 : end]]
    text = joined([*lines[:at], *kept, *lines[end:]])
    assert retouch.rewrite(text, RULES).text == joined([*made[:at], *kept, *made[end:]])


@pytest.mark.parametrize("start", ["", "\ufeff", "%YAML 1.2\n---\n", "--- "])
def test_above_the_first_line_it_is_about_the_whole_document(start: str) -> None:
    text = f"{start}{IGNORE}\na: old\nb: [old]\n---\na: old\n"
    assert retouch.rewrite(text, RULES).text == text.removesuffix("old\n") + "new\n"
