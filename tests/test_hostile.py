"""Hostile input ends at a limit with an error of ours; docs/security.md has the limits that the code has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from retouch import RetouchError, limit, load_text, rewrite
from retouch.error import InputError, RuleError
from retouch.evaluation.derivation import ROW_LIMIT
from retouch.evaluation.derive import ROUND_LIMIT

PAGE = Path(__file__).resolve().parents[1] / "docs" / "security.md"
ROW = re.compile(r"^\| `([A-Z_]+)` \| ([0-9,]+) \|", re.MULTILINE)
HEAD = "apiVersion: retouch/v1\nkind: RuleSet\nmetadata: {name: hostile}\nrules:\n- id: one\n  actions:\n"
RULES = load_text(f"{HEAD}  - set: $.new\n    value: 1\n")

LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + level)}: &{chr(98 + level)} [{','.join(['*' + chr(97 + level)] * 9)}]\n" for level in range(9)
)
MERGES = (
    "a: &a {"
    + ", ".join(f"k{number}: 1" for number in range(1000))
    + "}\n"
    + "".join(f"m{number}: {{<<: *a}}\n" for number in range(1000))
)


def test_the_page_has_the_limits_of_the_code() -> None:
    written = {name: int(value.replace(",", "")) for name, value in ROW.findall(PAGE.read_text("utf-8"))}
    ours = {name: int(value) for name, value in vars(limit).items() if name.isupper()}
    assert written == {**ours, "ROW_LIMIT": ROW_LIMIT, "ROUND_LIMIT": ROUND_LIMIT}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(LAUGHS, "the aliases of this document expand to more than 200,000 values", id="billion-laughs"),
        pytest.param(MERGES, "the aliases of this document expand to more than 200,000 values", id="merge-keys"),
        pytest.param("[" * 100_000, "nested more than 200 deep", id="open-brackets"),
        pytest.param("[" * 100_000 + "]" * 100_000, "nested more than 200 deep", id="deep-json"),
        pytest.param('{"a":' * 100_000 + "1" + "}" * 100_000, "nested more than 200 deep", id="deep-json-mappings"),
        pytest.param("- " * 100_000 + "x\n", "nested more than 200 deep", id="deep-dashes"),
        pytest.param("\n".join(" " * n + "a:" for n in range(1000)), "nested more than 200 deep", id="deep-block"),
        pytest.param('a: "\0"\n', "unacceptable character #x0000", id="nul"),
        pytest.param("a: \ud800\n", "half of a surrogate pair", id="surrogate"),
        pytest.param("a: *a\n", "has no anchor before it", id="no-anchor"),
        pytest.param("a: &a [*a]\n", "stands inside what it refers to", id="cycle"),
    ],
)
def test_a_document_is_refused_at_its_place(text: str, message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        rewrite(text, RULES, file="hostile.yaml")
    assert caught.value.line is not None
    assert caught.value.column is not None


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("'a' * 10**9", "the text would be longer than 10,000,000 characters"),
        ("'a' | center(10**9)", "the text would be longer than 10,000,000 characters"),
        ("'aa' | replace('a', 'b' * 10**7)", "the text would be longer than 10,000,000 characters"),
        ("[1] | batch(10**8, 0) | list", "the list would be longer than 1,000,000 items"),
        ("range(10**9) | list", "the list would be longer than 1,000,000 items"),
        ("[[[[1]*999]*999]*999]*999", "the expression takes more than 5,000,000 steps"),
        ("'%1000000000d' % 1", "a width or precision in `%1000000000d` is not a number up to 1,000"),
        ("9 ** (9 ** 9)", "the number would be longer than 4,096 bits"),
    ],
)
def test_an_expression_is_bounded(expression: str, message: str) -> None:
    with pytest.raises(RuleError, match=re.escape(message)):
        rewrite("x: 1\n", load_text(f'{HEAD}  - set: $.new\n    value: "${{ {expression} }}"\n'))


def test_a_tag_constructs_nothing() -> None:
    text = "a: !!python/object/apply:os.system [echo hi]\n"
    assert rewrite(text, RULES).text == f"{text}new: 1\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a: " + "x" * 2_000_000 + "\n", id="long-plain-scalar"),
        pytest.param('a: "' + "x\\n" * 300_000 + '"\n', id="long-quoted-scalar"),
        pytest.param("a: |\n" + "  x\n" * 100_000, id="long-block-scalar"),
        pytest.param("".join(f"k{number}: 1\n" for number in range(20_000)), id="many-keys"),
        pytest.param("a: [" + "x, " * 20_000 + "x]\n", id="many-items"),
        pytest.param("# x\n" * 50_000 + "a: 1\n", id="many-comments"),
    ],
)
def test_large_documents_are_rewritten(text: str) -> None:
    assert rewrite(text, RULES).text == f"{text}new: 1\n"


def test_a_part_of_a_rule_set_stands_below_its_folder(tmp_path: Path) -> None:
    from retouch import load

    (tmp_path / "outside.yaml").write_text("apiVersion: retouch/v1\nkind: RuleSetPart\n")
    inside = tmp_path / "inside"
    inside.mkdir()
    rules = inside / "rules.yaml"
    rules.write_text("apiVersion: retouch/v1\nkind: RuleSet\nmetadata: {name: x}\nparts: [../outside.yaml]\n")
    with pytest.raises(RetouchError, match="a part is a YAML file in the rule file's folder or below it"):
        load(str(rules))
