"""Patterns: what they find and replace, and what is wrong with them."""

from __future__ import annotations

import re
from time import process_time

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from retouch.jsonpath import pattern
from retouch.jsonpath.pattern import Match, Pattern, PatternError, PatternTimeout, compile_pattern, escape
from retouch.jsonpath.pattern_size import quick_length

pytestmark = pytest.mark.filterwarnings("error")

TEXTS = ["", "a", "abxd", "key=value; other=1", "aaa\nb", "über straße"]
PATTERNS = ["x*", "a", "(a)(b)?", r"(\w+)=(?P<value>\w+)", "^.", r"\b", "(?i)A|B", "."]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("source", PATTERNS)
def test_finds_what_the_standard_library_finds(source: str, text: str) -> None:
    ours, theirs = compile_pattern(source), re.compile(source)
    expected = [(found.start(), found.end(), found.groups()) for found in theirs.finditer(text)]
    assert [(found.start, found.end, found.groups[1:]) for found in ours.finditer(text)] == expected
    assert [tuple(found) if isinstance(found, list) else found for found in ours.findall(text)] == theirs.findall(text)
    for name in ("search", "match", "fullmatch"):
        found, other = getattr(ours, name)(text), getattr(theirs, name)(text)
        assert (found and found.groups[0]) == (other and other.group())
    for count in (0, 1, 2):
        assert ours.sub(r"<\g<0>\\>", text, count) == theirs.sub(r"<\g<0>\\>", text, count=count)


def test_a_match_has_its_place_and_groups() -> None:
    assert compile_pattern(r"(?P<name>b)(c)?").search("abd") == Match(1, 2, ("b", "b", None), {"name": "b"})


@pytest.mark.parametrize(
    ("source", "template", "text", "result"),
    [
        (r"(\w+)@(\w+)", r"\2 at \1", "me@home", "home at me"),
        (r"(?P<user>\w+)@", r"\g<user>+\g<1>", "me@home", "me+mehome"),
        ("(a)|(b)", r"[\1\2]", "ab", "[a][b]"),
        ("a", r"\n\t\r\\n", "a", "\n\t\r\\n"),
        ("(a)", r"\10", "a", None),
        ("x", "never used", "a", "a"),
    ],
)
def test_templates(source: str, template: str, text: str, result: str | None) -> None:
    if result is None:
        with pytest.raises(PatternError):
            compile_pattern(source).sub(template, text)
    else:
        assert compile_pattern(source).sub(template, text) == result


def test_a_function_makes_the_replacement() -> None:
    found: list[tuple[int, str | None]] = []

    def replacement(match: Match) -> str:
        found.append((match.start, match.groups[1]))
        return r"\1"

    assert compile_pattern("(.)b").sub(replacement, "ab cb db", 2) == r"\1 \1 db"
    assert found == [(0, "a"), (3, "c")]


@pytest.mark.parametrize(
    ("source", "offset", "message"),
    [
        ("a(", 2, "missing )"),
        ("a**", 2, "multiple repeat"),
        (r"\p{Foo}", 7, "unknown property"),
        ("(" * 3000 + ")" * 3000, 49, "its groups are nested more than 50 deep"),
        ("((a{100}){100}){100}", 15, "its repeats stand for more than 100,000 pieces"),
        ("(?:" * 20 + "ab" + "|c)+" * 20, 117, "its repeats stand for more than 100,000 pieces"),
        ("(?x)(?:a # )\n b){1000}{200}", 22, "its repeats stand for more than 100,000 pieces"),
        ("x" * 100_001, 100_000, "it is longer than 100,000 characters"),
    ],
)
def test_wrong_patterns(source: str, offset: int, message: str) -> None:
    with pytest.raises(PatternError) as caught:
        compile_pattern(source)
    assert caught.value.message.startswith(message)
    assert caught.value.offset == offset


@pytest.mark.parametrize(
    ("template", "offset", "message"),
    [
        (r"x\2", 1, "the pattern `(a)` has no group `2`"),
        (r"\g<name>", 0, "the pattern `(a)` has no group `name`"),
        (r"a\d", 1, r"`\d` is not an escape of replacements: write `\\` for a backslash, `\g<0>` for the match"),
        (r"\0", 0, r"`\0` is not an escape of replacements: write `\\` for a backslash, `\g<0>` for the match"),
        ("a\\", 1, r"`\` is not an escape of replacements: write `\\` for a backslash, `\g<0>` for the match"),
    ],
)
def test_wrong_templates_are_refused_before_anything_matches(template: str, offset: int, message: str) -> None:
    with pytest.raises(PatternError) as caught:
        compile_pattern("(a)").replacement(template)
    assert (caught.value.message, caught.value.offset) == (message, offset)


@pytest.mark.parametrize("method", ["search", "match", "fullmatch", "finditer", "findall"])
def test_every_method_has_a_time_limit(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pattern, "TIMEOUT", 0.05)
    slow = compile_pattern("(?:(a+)+|(a|aa)+)$")
    with pytest.raises(PatternTimeout, match="took more than"):
        getattr(slow, method)("a" * 40 + "!")
    with pytest.raises(PatternTimeout):
        slow.sub("", "a" * 40 + "!")


def test_the_limit_is_one_second() -> None:
    assert pattern.TIMEOUT == 1.0


@pytest.mark.parametrize("text", [r"a.b*[c]\d{2}(x)|^$+?", "plain-text/with_things", "a b\tc\nd", "#~&-"])
def test_escape(text: str) -> None:
    assert compile_pattern(escape(text)).fullmatch(text)
    assert not compile_pattern(escape(text)).fullmatch(text + "x")


PIECES = st.sampled_from(
    [
        "a",
        "b",
        ".",
        "[ab]",
        "[^b]",
        r"\w",
        r"\s",
        "*",
        "+",
        "?",
        "*?",
        "|",
        "(",
        ")",
        "(?:",
        "(a|a)",
        "a*",
        "$",
        "^",
        "\\",
    ]
)


@given(st.lists(PIECES, min_size=1, max_size=14).map("".join))
def test_where_the_clock_is_not_looked_at_little_time_passes(text: str) -> None:
    longest = quick_length(text)
    if not longest:
        return
    try:
        pattern = Pattern(text)
    except PatternError:
        return
    for searched in ("a" * longest, "a" * (longest - 1) + "b", "ab" * (longest // 2), ""):
        before = process_time()
        found = pattern.search(searched)
        assert process_time() - before < 0.02
        with_limit = regex.compile(text, regex.VERSION0).search(searched, timeout=5)
        assert (found and (found.start, found.end)) == (with_limit and with_limit.span())


@pytest.mark.parametrize(
    ("text", "quick"),
    [
        (r"artifacts|puts[.]parameters\s*\}", True),
        (r"[-\w]+$", True),
        (r"^nginx(?::.*)?$", False),
        ("(a|a)*b", False),
        ("(a+)+", False),
        ("a{3}", False),
        ("(?i)a", False),
        (r"(a)\1", False),
        ("[[:alpha:]]", False),
        ("[]a]b*", False),
        ("a?a?a?a", False),
        (r"\p{L}", False),
        ("a|b|c|d|e", False),
        ("[ab]" * 16, False),
    ],
)
def test_which_patterns_are_sure_to_be_quick(text: str, quick: bool) -> None:
    assert (quick_length(text) > 0) is quick
