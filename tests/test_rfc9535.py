"""The dialect of RFC 9535: its compliance suite whole, both dialects against the library, every refusal, rule sets."""

from __future__ import annotations

import json
import re
import sys
import types
import warnings
from pathlib import Path as File
from typing import Any

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

import retouch
from retouch.expressions.bound import run
from retouch.expressions.scope import ExpressionError
from retouch.jsonpath import pattern
from retouch.jsonpath.iregexp import compile_iregexp
from retouch.jsonpath.path import PathError, compile_path, compile_standard_path
from retouch.jsonpath.pattern import PatternError
from retouch.jsonpath.selector import Descend, Filter, Index, Name, Slice, Union, Wildcard
from retouch.node import build, path_of, plain

library = pytest.importorskip("jsonpath_rfc9535", reason="the package jsonpath-rfc9535 is not installed")

pytestmark = pytest.mark.filterwarnings("error")

SAMPLE = File(__file__).parent / "data" / "jsonpath-cts-sample.json"
SUITE = File(__file__).resolve().parents[2] / "shared" / "corpus" / "jsonpath-cts" / "cts.json"


def find(compile_text: Any, text: str, data: object) -> tuple[list[Any], list[str]]:
    """Values and normalized paths of what a path finds."""
    root = build(data)
    nodes = compile_text(text).select(root, root)
    return [plain(node) for node in nodes], [normalized(path_of(node)) for node in nodes]


def normalized(steps: list[str | int]) -> str:
    """A normalized path (RFC 9535, section 2.7)."""
    escapes = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", "'": "\\'", "\\": "\\\\"}
    parts = []
    for step in steps:
        if isinstance(step, int):
            parts.append(f"[{step}]")
        else:
            text = "".join(escapes.get(c) or (f"\\u{ord(c):04x}" if c < " " else c) for c in step)
            parts.append(f"['{text}']")
    return "$" + "".join(parts)


def check(case: dict[str, Any]) -> str:
    """What is wrong with what becomes of a case of the suite, or nothing."""
    try:
        found = find(compile_standard_path, case["selector"], case.get("document"))
    except PathError as error:
        inside = 0 <= error.offset <= len(case["selector"])
        return "" if case.get("invalid_selector") and inside else f"refused at {error.offset}: {error.message}"
    if case.get("invalid_selector"):
        return "accepted, though invalid"
    results = case.get("results") or [case["result"]]
    places = case.get("results_paths") or [case["result_paths"]]
    return "" if found in list(zip(results, places, strict=True)) else f"found {found}"


def cases(file: File) -> list[dict[str, Any]]:
    tests: list[dict[str, Any]] = json.loads(file.read_bytes())["tests"]
    return tests


@pytest.mark.parametrize("case", cases(SAMPLE), ids=lambda case: case["name"])
def test_sample_of_the_compliance_suite(case: dict[str, Any]) -> None:
    assert check(case) == ""


@pytest.mark.skipif(not SUITE.exists(), reason="the compliance suite is not beside the repository")
def test_compliance_suite_passes_whole() -> None:
    tests = cases(SUITE)
    assert len(tests) > 700
    assert {case["name"]: problem for case in tests if (problem := check(case))} == {}


# Both dialects, and the library's own evaluator, on queries that both may take.

NAMES = st.sampled_from(["a", "b", "c", "日本", "x_1"])
LITERALS = st.sampled_from(["2", "-3", "2.5", "2.0", "1e1", "true", "false", "null", "'a'", "'b'", '""'])
VALUES = st.recursive(
    st.sampled_from([None, True, False, 2, -3, 2.5, 2.0, 10, "a", "b", ""]),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(NAMES, below, max_size=3),
    max_leaves=12,
)
BOUNDS = st.sampled_from(["", "0", "1", "-1", "2", "-2"])
SLICES = st.builds("{}:{}:{}".format, BOUNDS, BOUNDS, st.sampled_from(["", "1", "2", "-1", "0"]))
PLAIN = st.one_of(NAMES.map("'{}'".format), NAMES.map('"{}"'.format), st.sampled_from(["0", "1", "-1", "*"]), SLICES)
SINGULAR = st.lists(NAMES.map(".{}".format) | NAMES.map("['{}']".format) | st.sampled_from(["[0]", "[-1]"]), max_size=2)
OPERANDS = LITERALS | st.builds("{}{}".format, st.sampled_from("@$"), SINGULAR.map("".join))


def segments(selectors: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    bracket = st.lists(selectors, min_size=1, max_size=3).map(", ".join).map("[{}]".format)
    one = bracket | bracket.map("..{}".format) | NAMES.map(".{}".format) | NAMES.map("..{}".format)
    return st.lists(one | st.sampled_from([".*", "..*"]), max_size=3).map("".join)


def conditions(below: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    start = st.sampled_from(["@.a", "@[0]", "@.*", "$"])  # the library takes `@` alone for false where it is ""
    test = st.builds("{}{}{}".format, st.sampled_from(["", "!"]), start, below)
    compare = st.builds("{} {} {}".format, OPERANDS, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), OPERANDS)
    return st.recursive(
        test | compare,
        lambda inner: (
            st.builds("{} {} {}".format, inner, st.sampled_from(["&&", "||"]), inner)
            | st.builds("{}({})".format, st.sampled_from(["", "!"]), inner)
        ),
        max_leaves=4,
    )


FILTERS = conditions(segments(PLAIN)).map("?{}".format)
QUERIES = segments(PLAIN | FILTERS).map("${}".format)


def reference(text: str, data: Any) -> tuple[list[Any], list[str]]:
    nodes = list(library.finditer(text, data))
    return [node.value for node in nodes], [normalized(list(node.location)) for node in nodes]


@examples(300)
@given(QUERIES, VALUES)
def test_both_dialects_find_what_the_library_finds(text: str, data: Any) -> None:
    found = find(compile_standard_path, text, data)
    assert found == find(compile_path, text, data)
    if "日本" not in text:  # the library does not know all characters of names
        assert found == reference(text, data)


CALLS = st.one_of(
    st.builds("length({}{})".format, st.sampled_from("@$"), SINGULAR.map("".join)),
    st.builds("count({}{})".format, st.sampled_from(["@.*", "$"]), segments(PLAIN | FILTERS)),  # it fails on `count(@)`
    st.builds("value({}{})".format, st.sampled_from(["@.*", "$"]), segments(PLAIN | FILTERS)),
)
TESTS = st.builds(
    "{}({}{}, '{}')".format,
    st.sampled_from(["match", "search", "!match", "!search"]),
    st.sampled_from("@$"),
    SINGULAR.map("".join),
    st.sampled_from(["a", "[^a]?", "(a|b)+", ".*", "a{0,1}b", "\\\\p{Ll}", "a|"]),
)
WITH_FUNCTIONS = TESTS | st.builds("{} {} {}".format, CALLS, st.sampled_from(["==", "!=", "<", ">="]), CALLS | OPERANDS)
STANDARD_QUERIES = st.builds(
    "${}[?{} {} {}]".format, segments(PLAIN), WITH_FUNCTIONS, st.sampled_from(["&&", "||"]), WITH_FUNCTIONS
)


@examples(200)
@given(STANDARD_QUERIES, VALUES)
def test_functions_give_what_those_of_the_library_give(text: str, data: Any) -> None:
    found = find(compile_standard_path, text, data)
    try:
        expected = reference(text, data)
    except library.JSONPathSyntaxError:  # it mistakes some commas and characters
        assert "日本" in text or "," in text
    else:
        assert found == expected


TESTS_TEXT = "a filter tests (`@.a`, `!@.a`) or compares (`@.a == 'x'`), joined by `&&` and `||`"
SEVERAL = "may find several nodes and a comparison takes one: write `@.a[?@ == 1]` to ask whether any of them is equal"
ESCAPES = (
    "is not an escape, those are `\\\\`, `\\'`, `\\/`, `\\b`, `\\f`, `\\n`, `\\r`, `\\t` and `\\u0000`"
    ": for a backslash write"
)
REFUSALS = [
    (
        r"$[?match(@.a, '\\p{Letter}')]",
        15,
        r"the pattern is wrong: I-Regexp has no `\p`: a category of characters is written as in `\p{Lu}`",
    ),
    (r"$[?match(@.a, 'x\\bz')]", 16, r"the pattern is wrong: I-Regexp has no `\b`: there are no word boundaries"),
    ("$[?@.a == 1 == 2]", 12, f"`==` cannot stand here: {TESTS_TEXT}"),
    ("$[?@.a == (1 == 2)]", 10, "a condition in parentheses cannot be compared: join it with `&&` or `||`"),
    ("$[?@.a @.b]", 7, f"`@` cannot stand here: {TESTS_TEXT}"),
    ("$[?]", 3, f"the filter lacks a condition at its end: {TESTS_TEXT}"),
    ("$[?@.a &&]", 9, f"the filter lacks a condition at its end: {TESTS_TEXT}"),
    ("$[?&& @.a]", 3, f"`&&` cannot stand here: {TESTS_TEXT}"),
    ("$[?!!@.a]", 4, "`!` cannot stand before `!`: remove both, or write `!(!@.a)`"),
    ("$[?(@.a) == 1]", 3, "a condition in parentheses cannot be compared: join it with `&&` or `||`"),
    ("$[?!@.a == 1]", 3, "`!` stands before a test or parentheses, not a comparison: write `!(@.a == ...)`"),
    ("$[?@.a == !@.b]", 10, f"`!` cannot stand here: {TESTS_TEXT}"),
    ("$[?count(@.a)]", 3, "`count()` gives a number, no condition: compare it, as in `count(@.a) == 1`"),
    ("$[?!count(@.a)]", 4, "`count()` gives a number, no condition: compare it, as in `count(@.a) == 1`"),
    ("$[?@.b && length(@.a)]", 10, "`length()` gives a number, no condition: compare it, as in `length(@.a) == 1`"),
    ("$[?value(@.*)]", 3, "`value()` gives a value, no condition: compare it, as in `value(@.a) == 1`"),
    (
        "$[?match(@.a, 'x') == true]",
        3,
        "`match()` is a condition by itself and has no value: remove what stands around it",
    ),
    ("$[?count(@.*,) > 1]", 12, "an argument of `count()` is missing behind `,`"),
    ("$[?count(,@.*) > 1]", 9, "`,` cannot stand here: write `@.name`, `$.name`, a number, or a text in quotes"),
    ("$[?count() > 1]", 3, "`count()` takes one path; arguments found: 0"),
    ("$[?count(1) > 1]", 9, "`count()` takes a path: write `count(@.a)`"),
    ("$[?count(length(@.a)) > 1]", 9, "`count()` takes a path: write `count(@.a)`"),
    (
        "$[?length(@.*) > 1]",
        10,
        "`length()` takes one value and this path may find several: write `value(...)` around it",
    ),
    (
        "$[?length(match(@.a,'b')) > 1]",
        10,
        "`match()` is a condition by itself and has no value: remove what stands around it",
    ),
    ("$[?length(@.a > 1)]", 14, "`length()` takes paths and values, not conditions: write `>` behind the `)`"),
    ("$[?length(@.a && @.b)]", 14, "`length()` takes paths and values, not conditions: write `&&` behind the `)`"),
    ("$[?length((@.a)) > 1]", 10, "`length()` takes paths and values, not conditions: remove `(`"),
    ("$[?length(!@.a) > 1]", 10, "`length()` takes paths and values, not conditions: remove `!`"),
    ("$[?lenght(@.a) > 1]", 3, "there is no function `lenght()`; did you mean `length`?"),
    (
        "$[?size(@.a) > 1]",
        3,
        "there is no function `size()`; the functions of RFC 9535 are `length`, `count`, `match`, `search`, `value`",
    ),
    ("$[?@.a.length() > 1]", 13, f"`(` cannot stand here: {TESTS_TEXT}"),
    ("$.length()", 8, "paths have no functions and no groups: compute in `when`; a list of paths is their union"),
    ("$[?length (@.a) > 1]", 9, "a blank cannot stand between `length` and `(`: remove it"),
    ("$[?length(@.a > 1]", 14, "`length()` takes paths and values, not conditions: write `>` behind the `)`"),
    ("$[?length(@.a @.b) > 1]", 14, "`@` cannot stand here: arguments are separated by `,`"),
    ("$[?match(@.a) ]", 3, "`match()` takes a text and a pattern; arguments found: 1"),
    ("$[?match(@.a, 'b', 'c')]", 3, "`match()` takes a text and a pattern; arguments found: 3"),
    ("$[?match(@.a, '\\\\d+')]", 15, "the pattern is wrong: I-Regexp has no `\\d`: write `[0-9]`"),
    ("$[?match(@.a, '(ab')]", 15, "the pattern is wrong: the parenthesis is not closed: add `)`, or write `\\(`"),
    ("$[?match(@.a, 'ab)')]", 17, "the pattern is wrong: `)` closes nothing: remove it, or write `\\)`"),
    ("$[?match(@.a, 'a**')]", 17, "the pattern is wrong: `*` repeats nothing: remove it, or write `\\*`"),
    ("$[?match(@.a, '*a')]", 15, "the pattern is wrong: `*` repeats nothing: remove it, or write `\\*`"),
    (
        "$[?match(@.a, '(?:a)')]",
        15,
        "the pattern is wrong: I-Regexp has no `(?`: a group is `(...)`, nothing can stand before it",
    ),
    (
        "$[?match(@.a, '[a[b]')]",
        15,
        "the pattern is wrong: the brackets are not closed, or hold a `[`, `]` or `-` that lacks its backslash",
    ),
    ("$[?match(@.a, '[z-a]')]", 19, "the pattern is wrong: bad character range"),
    ("$[?match(@.a, 'a{2,1}')]", 17, "the pattern is wrong: min repeat greater than max repeat"),
    ("$[?match(@.a, '\\\\$a')]", 15, "the pattern is wrong: I-Regexp has no `\\$`: write `[$]`"),
    ("$[?match(@.a, '\\\\x')]", 15, "the pattern is wrong: I-Regexp has no `\\x`: write `x` for the character itself"),
    (
        "$[?match(@.a, 'a\\\\')]",
        16,
        "the pattern is wrong: I-Regexp has no `\\`: write `\\\\` for the character itself",
    ),
    ("$[?match(@.a, '\\u005cd')]", 15, "the pattern is wrong: I-Regexp has no `\\d`: write `[0-9]`"),
    ("$[?match(@.a, 'a{')]", 16, "the pattern is wrong: I-Regexp has no `{`: write `\\{` for the character itself"),
    ("$[?@.a =~ 'x']", 7, "`=~` is not part of RFC 9535: write `search(@.a, 'pattern')`"),
    ("$.my-key", 2, "a name with `-` stands in quotes in RFC 9535: write `['my-key']`"),
    ("$..my-key", 3, "a name with `-` stands in quotes in RFC 9535: write `..['my-key']`"),
    ("$[?@.my-key]", 5, "a name with `-` stands in quotes in RFC 9535: write `['my-key']`"),
    (
        "$['\\d']",
        3,
        f"`\\d` {ESCAPES} `\\\\d`",
    ),
    ('$["\\\'"]', 3, "`\\'` is not an escape between \" quotes: write ' alone"),
    (
        "$['\\u12']",
        3,
        "`\\u` takes four hexadecimal digits, and characters beyond `\\uffff` two of them (`\\ud83d\\ude00`)",
    ),
    (
        "$['\\ud800']",
        3,
        "`\\u` takes four hexadecimal digits, and characters beyond `\\uffff` two of them (`\\ud83d\\ude00`)",
    ),
    (
        "$['\\udc00\\ud800']",
        3,
        "`\\u` takes four hexadecimal digits, and characters beyond `\\uffff` two of them (`\\ud83d\\ude00`)",
    ),
    ("$[?@ == 1e400]", 8, "`1e400` is too large for a number: write a smaller one"),
    ("$[?@ == -01]", 8, "`-01` is not a number: write it as JSON does (`1`, `-1.5`, `1e3`), and text in quotes"),
    ("$[1:2 3]", 6, "`3` cannot stand here: selectors are separated by `,`, and the bracket ends with `]`"),
    ("$[01]", 2, "`01` is not an index: write a whole number as `0`, `10` or `-1`"),
    ("$.日本語-x", 2, "a name with `-` stands in quotes in RFC 9535: write `['日本語-x']`"),
    ("$[?@.a == 'b' || 'c']", 17, "`'c'` alone is not a condition: compare it, as in `@.a == 'c'`"),
    ("$[?'a']", 3, "`'a'` alone is not a condition: compare it, as in `@.a == 'a'`"),
    (
        "$[?@.* == 1]",
        4,
        f"`.*` {SEVERAL}",
    ),
    (
        "$[?@..a == 1]",
        4,
        f"`..a` {SEVERAL}",
    ),
    (
        "$[?count(@.*) == @.*]",
        18,
        f"`.*` {SEVERAL}",
    ),
    ("$[?true]", 3, "`true` alone is not a condition: compare it, as in `@.a == true`"),
    ("$[?@.a == true && false]", 18, "`false` alone is not a condition: compare it, as in `@.a == false`"),
    ("$[?@.a = 1]", 7, "`=` cannot stand in a path: write `==`"),
    ("$[?@.a == b]", 10, "`b` has no quotes: write `'b'` for the text, `@.b` for the member"),
    ("$[?@.a and @.b]", 7, f"`and` cannot stand here: {TESTS_TEXT}"),
    ("$[?()]", 4, f"the filter lacks a condition at its end: {TESTS_TEXT}"),
    ("$[?length()]", 3, "`length()` gives a number, no condition: compare it, as in `length(@.a) == 1`"),
    (
        "$[?a(]",
        3,
        "there is no function `a()`; the functions of RFC 9535 are `length`, `count`, `match`, `search`, `value`",
    ),
    ("$[?length(@.a))]", 14, "`)` closes nothing: remove it"),
    ("$[?count(@[?@.a, 1]) > 0", 24, "the bracket is not closed: add `]`"),
    ("e.my-key", 2, "a name with `-` stands in quotes in RFC 9535: write `['my-key']`"),
    ("env[?@.a == 1 == 2]", 14, f"`==` cannot stand here: {TESTS_TEXT}"),
    ("env[?count(@.a)]", 5, "`count()` gives a number, no condition: compare it, as in `count(@.a) == 1`"),
    (
        "env['\\q']",
        5,
        f"`\\q` {ESCAPES} `\\\\q`",
    ),
    ("$[?@.a ! @.b]", 7, f"`!` cannot stand here: {TESTS_TEXT}"),
    ("$[?@.a 1]", 7, f"`1` cannot stand here: {TESTS_TEXT}"),
    ("$[?1 == 1 2]", 10, f"`2` cannot stand here: {TESTS_TEXT}"),
    ("$[?@.a 'x']", 7, f"`'x'` cannot stand here: {TESTS_TEXT}"),
    ("$[?(@.a @.b)]", 8, f"`@` cannot stand here: {TESTS_TEXT}"),
    ("$['\x01']", 3, "the character '\\x01' cannot stand in quotes: write `\\u0001`"),
    ("$[?length(@.a,,@.b)>1]", 13, "an argument of `length()` is missing behind `,`"),
    (
        "$[?match(@.a, '[a')]",
        15,
        "the pattern is wrong: the brackets are not closed, or hold a `[`, `]` or `-` that lacks its backslash",
    ),
    (
        "$[?@['\\ud83d\\ude00', 'a'] == 1]",
        4,
        f"`['\\ud83d\\ude00', 'a']` {SEVERAL}",
    ),
    ("$[?search(@.a, '\\u0061(')]", 22, "the pattern is wrong: the parenthesis is not closed: add `)`, or write `\\(`"),
    ("$[?count($)]", 3, "`count()` gives a number, no condition: compare it, as in `count(@.a) == 1`"),
]


@pytest.mark.parametrize(("text", "offset", "message"), REFUSALS, ids=[case[0][:30] for case in REFUSALS])
def test_refuses(text: str, offset: int, message: str) -> None:
    with pytest.raises(PathError) as caught:
        compile_standard_path(text)
    assert (caught.value.message, caught.value.offset) == (message, offset)


@pytest.mark.parametrize(
    ("text", "offset", "message"),
    [
        (
            "$[?" + "&&".join(["@"] * 202) + "]",
            604,
            "there are more than 200 `&&` and `||`: split the path over captures",
        ),
        ("$[?@ == " + "1" * 400 + "]", 8, "the number is too large: write a smaller one"),
        ("$" + "[?@" * 65, 193, "brackets are nested more than 64 deep: split the path over captures"),
        ("$[?" + "!" * 500 + "@.a]", 4, "`!` cannot stand before `!`: remove both, or write `!(!@.a)`"),
    ],
    ids=["connectives", "number", "brackets", "negations"],
)
def test_refuses_what_is_too_large(text: str, offset: int, message: str) -> None:
    with pytest.raises(PathError) as caught:
        compile_standard_path(text)
    assert (caught.value.message, caught.value.offset) == (message, offset)


@pytest.mark.parametrize(
    "text",
    [
        "$[?" + "!(" * 60 + " && ".join(["@.a"] * 201) + ")" * 60 + "]",
        "$" + "[?@" * 63 + "]" * 63,
        "$[?count(" + "@[?count(" * 20 + "@.*" + ")>1]" * 20 + ") > 1]",
        "$" + ".a" * 3_000,
        "$[" + ", ".join(["0"] * 3_000) + "]",
    ],
    ids=["connectives", "filters", "functions", "steps", "selectors"],
)
def test_takes_what_is_large(text: str) -> None:
    assert compile_standard_path(text).select(build({}), build({})) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$.日本語", [1]),
        ("$..[?@.日本語 == 2]", [{"日本語": 2}]),
        ("$.list[?count(@[?@.日本語, 1]) == 2]", [[{"日本語": 2}, 3]]),
        ("$.list[?count(@[?(@.a && (@.b || @.c)), 1]) == 1]", [[{"日本語": 2}, 3]]),
        (r"$['\u65e5本\u8a9e']", [1]),
        (r"$['\ud83d\ude00', '\'\\\/\b\f\n\r\t\u0000']", ["smile", "all"]),
        ("$.texts[?length(@) == 1]", ["é", "😀"]),
        ("$.texts[?match(@, '.')]", ["é", "😀"]),
        ("$.texts[?match(@, '[^a-z]*')]", ["é", "😀"]),
        ("$.texts[?search(@, 'b$|^c')]", ["ab", "cd"]),
        ("$.texts[?match(@, $.wrong)]", []),
        ("$.texts[?!match(@, $.wrong) && length(@) > 1]", ["ab", "cd"]),
        ("$.flags[?@ == true]", [True]),
        ("$.flags[?@ == 1]", [1, 1.0]),
    ],
)
def test_finds(text: str, found: list[Any]) -> None:
    document = {
        "日本語": 1,
        "list": [[{"日本語": 2}, 3]],
        "😀": "smile",
        "'\\/\b\f\n\r\t\0": "all",
        "texts": ["é", "😀", "ab", "cd"],
        "wrong": "(a",
        "flags": [True, 1, 1.0, "1"],
    }
    values, _ = find(compile_standard_path, text, document)
    assert [(type(value), value) for value in values] == [(type(value), value) for value in found]


def test_a_path_may_start_at_a_capture() -> None:
    root = build({"limit": 2, "pods": [{"env": [{"name": "X", "n": 1}, {"name": "X", "n": 3}]}]})
    pod = root.value["pods"].value[0]
    path = compile_standard_path("container.env[?@.name=='X' && @.n < $.limit]['n']")
    assert (path.start, path.column) == ("container", None)
    assert [normalized(path_of(node)) for node in path.select(pod, root)] == ["$['pods'][0]['env'][0]['n']"]


def test_steps_tell_what_they_are_and_how_they_were_written() -> None:
    steps = compile_standard_path("c.a['b c'] [-1][1::2].*..d[ 'e', 0 ]..[?@.f == 1] . *"[:-4]).steps
    assert [step.text for step in steps] == [
        ".a", "['b c']", "[-1]", "[1::2]", ".*", "..d", "[ 'e', 0 ]", "..[?@.f == 1]",
    ]  # fmt: skip
    descent, several, descent_to_filter = steps[5:]
    assert steps[:5] == (
        Name("a", ".a"),
        Name("b c", "['b c']"),
        Index(-1, "[-1]"),
        Slice(1, None, 2, "[1::2]"),
        Wildcard(".*"),
    )
    assert descent == Descend(Name("d", "..d"), "..d")
    assert several == Union((Name("e", "'e'"), Index(0, "0")), "[ 'e', 0 ]")
    assert isinstance(descent_to_filter, Descend)
    assert isinstance(descent_to_filter.selector, Filter)


def test_a_pattern_that_takes_too_long_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pattern, "TIMEOUT", 0.05)
    root = build(["a" * 40 + "!"])
    path = compile_standard_path("$[?match(@, '(a+)+|(a|aa)+')]")
    with pytest.raises(pattern.PatternTimeout, match=r"took more than 0\.05 s on a text of 41 characters"):
        path.select(root, root)


ALPHABET = [
    *[
        "a",
        "b",
        "é",
        ".",
        "^",
        "$",
        "-",
        "[",
        "]",
        "[^",
        "(",
        ")",
        "|",
        "*",
        "+",
        "?",
        "{2}",
        "{1,}",
        "{0,2}",
        "{",
        "}",
    ],
    *["\\", "\\.", "\\-", "\\n", "\\d", "\\p{Lu}", "\\P{L}", ",", "&&", "~~", ":", "#", " "],
]


@examples(300)
@given(st.lists(st.sampled_from(ALPHABET), max_size=8).map("".join))
def test_a_pattern_is_taken_if_it_is_an_iregexp(text: str) -> None:
    iregexp_check = pytest.importorskip("iregexp_check")
    right = iregexp_check.check(text)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        wrong = problem(text)
    assert (wrong is None) == right or "range" in str(wrong)
    assert wrong is None or 0 <= wrong.offset <= len(text)


def problem(text: str) -> PatternError | None:
    try:
        compile_iregexp(text)
    except PatternError as error:
        return error
    return None


RULES = """\
apiVersion: retouch/v1
kind: RuleSet
metadata: {name: example/dialect}
jsonpath: rfc9535
rules:
- id: one
  match: $.a[?length(@) == 1]
  actions:
  - set: node
    value: x
"""


def messages(text: str) -> list[str]:
    with pytest.raises(retouch.RuleError) as caught:
        retouch.load_text(text, "rules.yaml")
    return str(caught.value).splitlines()


def test_a_rule_set_asks_for_the_dialect() -> None:
    assert retouch.rewrite("a: [b, cd]\n", retouch.load_text(RULES)).text == "a: [x, cd]\n"
    assert "not part of paths" in messages(RULES.replace("jsonpath: rfc9535\n", ""))[0]


@pytest.mark.parametrize("stand_in", [None, types.ModuleType("jsonpath_rfc9535")], ids=["missing", "another version"])
def test_the_missing_package_is_the_one_mistake(
    stand_in: types.ModuleType | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "retouch.jsonpath.standard_tree", raising=False)
    monkeypatch.delattr(sys.modules["retouch.jsonpath"], "standard_tree", raising=False)
    monkeypatch.setitem(sys.modules, "jsonpath_rfc9535", stand_in)
    need = "`jsonpath: rfc9535` needs version 1 of the package `jsonpath-rfc9535`: run `pip install 'retouch[rfc9535]'`"
    assert messages(RULES) == [f"rules.yaml:4:11: error: {need}"]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("rfc9353", "the text `rfc9353`; did you mean `rfc9535`?"),
        ("RFC-9535", "the text `RFC-9535`; did you mean `rfc9535`?"),
        ("9535", "the number 9535; did you mean `rfc9535`?"),
        ("null", "nothing (null)"),
    ],
)
def test_another_dialect_is_a_mistake(value: str, found: str) -> None:
    expected = "`jsonpath` must be `rfc9535`, or be left out for the default dialect"
    text = RULES.replace("jsonpath: rfc9535", f"jsonpath: {value}")
    assert messages(text)[0] == f"rules.yaml:4:11: error: {expected}; found {found}"


def test_parts_have_the_dialect_of_their_rule_set(tmp_path: File) -> None:
    head, _, rules = RULES.partition("rules:")
    (tmp_path / "rules.yaml").write_text(f"{head}parts: [part.yaml]\n")
    part = head.replace("RuleSet", "RuleSetPart").replace("metadata: {name: example/dialect}\n", "")
    (tmp_path / "part.yaml").write_text(f"{part}rules:{rules}")
    with pytest.raises(retouch.RuleError, match=r"part\.yaml:3:1: error: a part of a rule set has no key `jsonpath`"):
        retouch.load(tmp_path / "rules.yaml")
    (tmp_path / "part.yaml").write_text(f"{part.replace('jsonpath: rfc9535', '')}rules:{rules}")
    assert retouch.rewrite("a: [b, cd]\n", retouch.load(tmp_path / "rules.yaml")).text == "a: [x, cd]\n"


def test_each_file_of_what_is_extended_has_its_own_dialect(tmp_path: File) -> None:
    base = RULES.replace("$.a[?", "$.<list>[?").replace("rules:", "define: {list: .a}\nrules:")
    (tmp_path / "base.yaml").write_text(base)
    own = RULES.replace("jsonpath: rfc9535\n", "extends: [./base.yaml]\n").replace("id: one", "id: two")
    own = own.replace("$.a[?length(@) == 1]", "$.<list>[?@ =~ '^c']").replace("value: x", "value: z")
    (tmp_path / "rules.yaml").write_text(own)
    text = "a: [b, cd]\n"
    assert retouch.rewrite(text, retouch.load(tmp_path / "rules.yaml")).text == "a: [x, z]\n"
    (tmp_path / "rules.yaml").write_text(own.replace("=~ '^c'", "== length(@)"))
    with pytest.raises(retouch.RuleError, match=r"rules\.yaml:7:25: error: the function `length\(\)` is not part"):
        retouch.load(tmp_path / "rules.yaml")
    (tmp_path / "base.yaml").write_text(base.replace("length(@) == 1", "@ =~ 'b'"))
    with pytest.raises(retouch.RuleError, match=r"base\.yaml:8:22: error: `=~` is not part of RFC 9535"):
        retouch.load(tmp_path / "rules.yaml")


def test_a_pattern_of_the_document_is_read_once_and_measured() -> None:
    data = {"pattern": "a" * 90_000 + "(", "longer": "a" * 100_001, "texts": [f"a{number}" for number in range(2_000)]}
    for name in ("pattern", "longer"):
        assert find(compile_standard_path, f"$.texts[?search(@, $.{name})]", data) == ([], [])
    wide = {"patterns": [f"{number}" + "a" * 5_000 + "(" for number in range(1_500)], "texts": ["a"] * 1_500}
    with run(lambda: 1_000, 1), pytest.raises(ExpressionError, match="too much work"):
        find(compile_standard_path, "$.texts[?$.patterns[?match('a', @)]]", wide)


def test_the_page_says_what_each_dialect_takes() -> None:
    page = (File(__file__).parents[1] / "docs" / "rule-language.md").read_text("utf-8")
    table = page.partition("| path | default dialect |")[2].partition("\n\n")[0]
    rows = [re.split(r" \| ", line.strip("| ")) for line in table.splitlines()[2:]]
    assert len(rows) == 10
    for path, *said in rows:
        text = path.strip("`")
        for compile_text, words in zip((compile_path, compile_standard_path), said, strict=True):
            taken, _, instead = words.partition(": ")
            assert is_path(compile_text, text) == (taken == "taken"), path
            assert not instead.startswith("`$") or is_path(compile_text, instead.strip("`")), instead


def is_path(compile_text: Any, text: str) -> bool:
    try:
        compile_text(text)
    except PathError:
        return False
    return True
