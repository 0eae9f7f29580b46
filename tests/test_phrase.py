"""Expressions that are read without Jinja2: the same syntax as with it, and the same end of what stands in `${ }`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retouch.expressions import jinja
from retouch.expressions.expression import ExpressionError
from retouch.expressions.phrase import find_end_of_phrase, read_phrase
from retouch.expressions.syntax import Syntax

ROOT = Path(__file__).resolve().parents[1]
FILES = [*sorted((ROOT / "rules").rglob("*.yaml")), *sorted((ROOT / "docs").rglob("*.md"))]
WORDS = (
    "a b.c label d['e'] f[0] g[1:] h[:2] i[j:k] m(n) o(p,q=r) 'text' \"t\" 0 12 true none null (s) [t,u] [v,] and or "
    "not not in in is is+not if else |  . ~ + - == != < <= >= > ( ) [ ] , = : "
    "defined default('x') string { } {'a':b} * / 1.5 'a'+'b' \\ 'a\\'' 'b\\n' '\\ud800' '\\s\u00e4'"
)
PHRASES = st.lists(st.sampled_from(WORDS.split()), min_size=1, max_size=9).map(
    lambda words: " ".join(words).replace("+not", " not")
)


def _by_jinja(text: str) -> Syntax | None:
    try:
        return jinja.parse(text)
    except ExpressionError:
        return None


def _conditions(text: str) -> list[str]:
    inside = [found[1] for found in re.finditer(r"\$\{ (.*?) \}", text)]
    bare = [
        found[1] for found in re.finditer(r"^ *(?:- )?(?:when|\w+\([\w, ]*\)): +([^\s>|\"].*)$", text, re.MULTILINE)
    ]
    return [*inside, *bare]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_expressions_of_rule_sets_and_pages_are_read_the_same(file: Path) -> None:
    for text in _conditions(file.read_text(encoding="utf-8")):
        found = read_phrase(text)
        assert found is None or repr(found) == repr(_by_jinja(text)), text


def test_most_expressions_of_rule_sets_are_read_here() -> None:
    texts = [text for file in FILES if file.suffix == ".yaml" for text in _conditions(file.read_text(encoding="utf-8"))]
    read = [text for text in texts if read_phrase(text) is not None]
    assert len(read) > 0.9 * len(texts) > 500


@given(PHRASES)
def test_what_is_read_is_what_jinja_reads(text: str) -> None:
    found = read_phrase(text)
    assert found is None or repr(found) == repr(_by_jinja(text)), text


@given(PHRASES, st.sampled_from(["}", " }", "} and } more", "'}' }"]))
def test_the_end_is_where_jinja_finds_it(text: str, rest: str) -> None:
    found = find_end_of_phrase(f"${{ {text}{rest}", 3)
    if found is not None and _by_jinja(text + rest[: rest.rindex("}")] if rest == "'}' }" else text) is not None:
        assert found == jinja.find_end(f"${{ {text}{rest}", 3)


@pytest.mark.parametrize(
    "text", ["", "a b", "a is b is c", "x is defined if y", "'a' 'b'", "(a, b)", "f(a=1, b)", "a.0", "a\\"]
)
def test_what_is_left_to_jinja(text: str) -> None:
    assert read_phrase(text) is None


def test_long_and_deep_ones_are_left_to_jinja() -> None:
    assert read_phrase("a" + ".b" * 200) is None
    assert read_phrase("(" * 21 + "a" + ")" * 21) is None
    assert read_phrase("(" * 20 + "a" + ")" * 20) is not None
