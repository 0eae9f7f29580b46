"""Paths: RFC 9535's compliance suite, what goes beyond it, and every refusal with its place."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path as File
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retouch.jsonpath import pattern
from retouch.jsonpath.path import PathError, compile_path
from retouch.jsonpath.path_piece import Piece, pieces_of
from retouch.jsonpath.path_tree import steps_of
from retouch.jsonpath.plain_step import plain_steps
from retouch.jsonpath.selector import Descend, Filter, Index, Name, Slice, Union, Wildcard
from retouch.node import MAPPING, Node, build, path_of, plain

pytestmark = pytest.mark.filterwarnings("error")

SAMPLE = File(__file__).parent / "data" / "jsonpath-cts-sample.json"
SUITE = File(__file__).resolve().parents[2] / "shared" / "corpus" / "jsonpath-cts" / "cts.json"

# Valid queries of the suite that are refused, by what the message says, and how many at most: may only shrink.
REFUSED = {
    "function `length()`": 20,
    "function `count()`": 11,
    "function `match()`": 21,
    "function `search()`": 29,
    "function `value()`": 2,
    "is not an escape": 22,
}
ACCEPTED = 351  # may only grow

DOCUMENT = {
    "spec": {
        "templates": [
            {"name": "a", "inputs": {"artifacts": [{"name": "x", "path": "/tmp/x"}, {"name": "y"}]}, "null": 1},
            {"name": "b", "inputs": None, "my-key": {"x/y": True}},
            {"name": "c-1", "it's": 'say "no"', "back\\slash": 2, "items": [1, 1.0, "1", True]},
        ]
    }
}


def _normalized(steps: list[str | int]) -> str:
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


def _cases(file: File) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads(file.read_bytes())["tests"]
    return cases


def _verdict(case: dict[str, Any]) -> str:
    """What becomes of a case of the suite: "right", "refused: why", or what is wrong with it."""
    try:
        path = compile_path(case["selector"])
    except PathError as error:
        if not 0 <= error.offset <= len(case["selector"]):
            return f"refused at {error.offset}, outside of the text"
        return "right" if case.get("invalid_selector") else f"refused: {error.message}"
    if case.get("invalid_selector"):
        return "accepted, though invalid"
    root = build(case["document"])
    nodes = path.select(root, root)
    values, places = [plain(node) for node in nodes], [_normalized(path_of(node)) for node in nodes]
    expected = list(
        zip(case.get("results") or [case["result"]], case.get("results_paths") or [case["result_paths"]], strict=True)
    )
    return "right" if (values, places) in expected else f"found {places}, expected {expected}"


@pytest.mark.parametrize("case", _cases(SAMPLE), ids=lambda case: case["name"])
def test_sample_of_the_compliance_suite(case: dict[str, Any]) -> None:
    verdict = _verdict(case)
    allowed = [reason for reason in REFUSED if verdict.startswith("refused: ") and reason in verdict]
    assert verdict == "right" or allowed


@pytest.mark.skipif(not SUITE.exists(), reason="the compliance suite is not beside the repository")
def test_compliance_suite() -> None:
    cases = _cases(SUITE)
    verdicts = {case["name"]: _verdict(case) for case in cases}
    refused = Counter(
        next((reason for reason in REFUSED if reason in verdict), verdict)
        for verdict in verdicts.values()
        if verdict.startswith("refused: ")
    )
    wrong = {name: verdict for name, verdict in verdicts.items() if not verdict.startswith(("right", "refused: "))}
    valid = [case for case in cases if not case.get("invalid_selector")]
    assert len(cases) > 700
    assert not wrong
    assert {reason: count for reason, count in refused.items() if count > REFUSED.get(reason, 0)} == {}
    assert len(valid) - refused.total() >= ACCEPTED


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$.spec.templates.*.name", ["a", "b", "c-1"]),
        ("$.spec.templates[0].null", [1]),
        ("$.spec.templates[1].my-key['x/y']", [True]),
        ("$.spec.templates[1].my-key.*", [True]),
        ("$.spec.templates[2].items", [[1, 1.0, "1", True]]),
        (r"$..['it\'s']", ['say "no"']),
        (r'$.spec.templates[2]["back\\slash"]', [2]),
        ("$.spec.templates[*].inputs", [DOCUMENT["spec"]["templates"][0]["inputs"], None]),  # type: ignore[index]
        ("$.spec.templates[*].inputs.*.*.path", ["/tmp/x"]),
        ("$..artifacts[?(@.path)].name", ["x"]),
        ("$..artifacts[?!@.path].name", ["y"]),
        ("$.spec.templates[?!(@.name == 'a' || @.name == 'b')].name", ["c-1"]),
        ("$.spec.templates[?@.name =~ '[0-9]'].name", ["c-1"]),
        (r"$.spec.templates[?@.name =~ '^\\w$'].name", ["a", "b"]),
        ("$.spec.templates[?!(@.name =~ '^.$')].name", ["c-1"]),
        ("$.spec.templates[?@.inputs =~ 'a'].name", []),
        ("$..items[?@ == 1]", [1, 1.0]),
        ("$..items[?@ == true]", [True]),
        ("$..items[?1 < @ || @ >= '1']", ["1"]),
        ("$.spec.templates[?@.name == $.spec.templates[1].name].name", ["b"]),
        ("$.spec.templates[-1, 0, 'name', 1:2].name", ["c-1", "a", "b"]),
        ("$.spec.templates[?@.name == 'b', 0]['name', 'null']", ["b", "a", 1]),
        ("$ .spec\n.templates [0] .name", ["a"]),
        ("$..where", []),
    ],
)
def test_finds(text: str, found: list[Any]) -> None:
    root = build(DOCUMENT)
    nodes = compile_path(text).select(root, root)
    assert [(type(plain(node)), plain(node)) for node in nodes] == [(type(value), value) for value in found]


@pytest.mark.parametrize(
    ("text", "start", "found"),
    [
        ("t", "t", ["$['spec']['templates'][0]"]),
        ("t.inputs.artifacts.*", "t", [f"$['spec']['templates'][0]['inputs']['artifacts'][{i}]" for i in (0, 1)]),
        ("facts[?@ == $.spec.templates[0].name]", "facts", ["$['spec']['templates'][0]['name']"]),
        ("_1..path", "_1", ["$['spec']['templates'][0]['inputs']['artifacts'][0]['path']"]),
        ("true.name", "true", ["$['spec']['templates'][0]['name']"]),
    ],
)
def test_starts_at_a_capture(text: str, start: str, found: list[str]) -> None:
    root = build(DOCUMENT)
    (template,) = compile_path("$.spec.templates[0]").select(root, root)
    path = compile_path(text)
    assert (path.text, path.start) == (text, start)
    assert [_normalized(path_of(node)) for node in path.select(template, root)] == found


def test_steps_tell_what_they_are_and_how_they_were_written() -> None:
    steps = compile_path("$.a['b c'] [-1][1::2].*..d[ 'e', 0 ]..[?@.f == 1]").steps
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


@pytest.mark.parametrize(
    ("text", "nodes", "missing"),
    [
        ("$.spec.templates[0].name", ["$['spec']['templates'][0]['name']"], ()),
        ("$.metadata.labels.x", ["$"], ("metadata", "labels", "x")),
        ("$.spec['x/y'].z", ["$['spec']"], ("x/y", "z")),
        ("$.spec.templates[1].inputs.artifacts", ["$['spec']['templates'][1]['inputs']"], ("artifacts",)),
        ("$.spec.templates.*.a.b", [f"$['spec']['templates'][{i}]" for i in range(3)], ("a", "b")),
        ("$.spec.templates.*.null.b", ["$['spec']['templates'][0]['null']"], ("b",)),
        ("$.spec.templates[3].name", [], ()),
        ("$.metadata.labels[0]", [], ()),
        ("$.metadata..x", [], ()),
        ("$", ["$"], ()),
    ],
)
def test_reach(text: str, nodes: list[str], missing: tuple[str, ...]) -> None:
    root = build(DOCUMENT)
    found, names = compile_path(text).reach(root, root)
    assert ([_normalized(path_of(node)) for node in found], names) == (nodes, missing)


TESTS = "a filter tests (`@.a`, `!@.a`) or compares (`@.a == 'x'`), joined by `&&` and `||`"
SELECTORS = "`['name']`, `[0]`, `[1:3]`, `[*]` or `[?@.name]`"
GOES_ON = "a path goes on with `.name`, `..name` or `[...]`"
ARITHMETIC = "a path does not compute; write the computation in `when`, a number as `1`, `-1` or `1.5`"
SEVERAL = "may find several nodes and a comparison takes one: write `@.a[?@ == 1]` to ask whether any of them is equal"
FUNCTION = "is not part of paths: compute in `when`, where a capture has every filter of expressions"
REFUSALS = [
    # where a path starts and ends
    ("", 0, "the path is empty: write `$` for the document, or the name of a capture"),
    (" $", 0, "a path cannot start with a blank: remove it"),
    ("$.a ", 3, "a path cannot end with a blank: remove it"),
    (".a", 0, "a path cannot start with `.`: write `$` or the name of a capture before it"),
    ("@.a", 0, "`@` is known in filters only: start at `$` or at a capture"),
    ("*", 0, "a path cannot start with `*`: start at `$` or at a capture"),
    (
        "my-cap.x",
        0,
        "`my-cap` is not a name of a capture, which is letters, digits and `_`: start at `$` or at one",
    ),
    ("($.a)", 0, "paths are not grouped by parentheses: a list of paths is their union"),
    # names
    ("$.", 1, "the path ends after `.`: write a name or `*` behind it"),
    ("$.. a", 3, "a blank cannot stand after `..`: remove it"),
    ("$.1", 2, "a name after `.` cannot start with a digit: write `['1']`, or an item as `[0]`"),
    ("$.['a']", 2, "`.` cannot stand before `[`: remove it"),
    ("$.'a'", 2, "a name in quotes stands in brackets: write `['a']`"),
    ("$.<calls>", 2, "`<` cannot stand after `.`: write a name or `*`, other names as `['a b']`"),
    ("$.a#b", 3, "`#` cannot stand in a path: a name that holds it is written in quotes: `['a#b']`"),
    (
        "$.a/b",
        3,
        (
            "`/` cannot stand in a path: a path neither computes nor sorts; do it in an expression, "
            "or quote a name: `['a/b']`"
        ),
    ),
    # quotes
    ("$['a", 2, "the quote ' is not closed: end the text with '"),
    (r"$['a\']", 2, "the quote ' is not closed: end the text with '"),
    (
        r"$['a\.b']",
        4,
        (
            r"`\.` is not an escape here, only `\\` and `\'` are: write a character as itself, "
            r"`[.]` for a dot in a pattern, `\\.` for a pattern's `\.`"
        ),
    ),
    (
        r'$.b[?@ =~ "\\\d"]',
        13,
        (
            r"`\d` is not an escape here, only `\\` and `\"` are: write a character as itself, "
            r"`[.]` for a dot in a pattern, `\\d` for a pattern's `\d`"
        ),
    ),
    (r"""$["\'"]""", 3, r"""`\'` is not an escape between " quotes: write ' alone"""),
    ("$['a\tb']", 4, r"the character '\t' cannot be written in quotes: use `*`, or a JSON Pointer"),
    # brackets
    ("$[]", 2, f"a selector is missing before `]`: write {SELECTORS}"),
    ("$[0,]", 4, f"a selector is missing before `]`: write {SELECTORS}"),
    ("$[,0]", 2, f"`,` cannot stand here: brackets hold {SELECTORS}"),
    ("$[a]", 2, "`a` has no quotes: write `['a']`"),
    ("$[@.a]", 2, "`@` cannot stand in brackets by itself: a filter starts with `?`, as in `[?@.name]`"),
    (
        "$[(@.length-1)]",
        2,
        "a computation cannot stand in brackets: the last item is `[-1]`, a filter starts with `?`",
    ),
    ("$['a'", 5, "the bracket is not closed: add `]`"),
    ("$[0 2]", 4, "`2` cannot stand here: selectors are separated by `,`, and the bracket ends with `]`"),
    ("$[1:2:3:4]", 7, "`:` cannot stand here: selectors are separated by `,`, and the bracket ends with `]`"),
    ("$[01]", 2, "`01` is not an index: write a whole number as `0`, `10` or `-1`"),
    ("$[1:-0]", 4, "`-0` is not an index: write a whole number as `0`, `10` or `-1`"),
    ("$[9007199254740992]", 2, "`9007199254740992` is too large for an index: the limit is 9007199254740991"),
    ("$" + "[?@" * 65, 193, "brackets are nested more than 64 deep: split the path over captures"),
    # what jsonpath-ng knows and paths do not
    ("$.a|$.b", 3, "`|` cannot stand in a path: write `||` between conditions; a list of paths is their union"),
    ("$[?(@.i & @.n)]", 8, "`&` cannot stand in a path: write `&&` between conditions"),
    ("$.a,$.b", 3, "`,` stands outside of brackets: a list of paths is their union"),
    (
        "$.a.`parent`",
        4,
        (
            "a backtick cannot stand in a path: functions in backticks are not part of paths; "
            "compute in `when` or in a `${ ... }`"
        ),
    ),
    ("$.a where $.b", 4, "`where` is not part of paths: write a filter, `[?@.name]` or `[?!@.name]`"),
    ("$[\\a]", 2, "`\\` cannot stand in a path: a path does not sort; sort in an expression"),
    ("$.a~", 3, "`~` cannot stand in a path: for the name of a member write `key(capture)` in an expression"),
    ("$.a + 1", 4, f"`+` cannot stand in a path: {ARITHMETIC}"),
    ("$.a*2", 3, f"`*` cannot stand here: {GOES_ON}; a computation goes into `when`"),
    ("$[?@.a - 1 == 2]", 7, f"`-` cannot stand in a path: {ARITHMETIC}"),
    ("$[?@.a * 2 == 2]", 7, "`*` cannot stand here: a path does not compute; write the computation in `when`"),
    ("$.length()", 8, "paths have no functions and no groups: compute in `when`; a list of paths is their union"),
    # between steps
    ("$ a", 2, f"`a` cannot stand here: {GOES_ON}"),
    ("$.a]", 3, "`]` closes nothing: remove it"),
    ("$.a == 1", 4, "`==` stands outside of a filter: write `[?@.a == ...]`"),
    # filters
    ("$[?]", 3, f"the filter lacks a condition at its end: {TESTS}"),
    ("$[?@.a &&]", 9, f"the filter lacks a condition at its end: {TESTS}"),
    ("$[?@.a @.b]", 7, f"`@` cannot stand here: {TESTS}"),
    ("$[?@.a == 1 == 2]", 12, f"`==` cannot stand here: {TESTS}"),
    ("$[?!!@.a]", 4, f"`!` cannot stand here: {TESTS}"),
    ("$[?(@.a]", 3, "the parenthesis is not closed: add `)`"),
    ("$[?@.a)]", 6, "`)` closes nothing: remove it"),
    ("$[?@.a = 'b']", 7, "`=` cannot stand in a path: write `==`"),
    ("$[?@.a == b]", 10, "`b` has no quotes: write `'b'` for the text, `@.b` for the member"),
    ("$[?a]", 3, "`a` has no quotes: write `'a'` for the text, `@.a` for the member"),
    ("$[?@a]", 4, "a dot is missing: write `@.a`"),
    ("$[?@.a == True]", 10, "`True` is not a word of filters: write `true`"),
    ("$[?@.a and @.b]", 7, "`and` is not a word of filters: write `&&`"),
    ("$[??@.a]", 3, "`?` cannot stand here: write `@.name`, `$.name`, a number, or a text in quotes"),
    ("$[?'a']", 3, "`'a'` alone is not a condition: compare it, as in `@.a == 'a'`"),
    ("$[?@.a == 'b' || 'c']", 17, "`'c'` alone is not a condition: compare it, as in `@.a == 'c'`"),
    (
        "$[?@.a == 01]",
        10,
        "`01` is not a number: write it as JSON does (`1`, `-1.5`, `1e3`), and text in quotes",
    ),
    ("$[?@ == " + "1" * 1001 + "]", 8, "the number has more than 1000 characters: write a shorter one"),
    ("$[?@.a.* == 1]", 6, f"`.*` {SEVERAL}"),
    ("$[?1 == @..a]", 9, f"`..a` {SEVERAL}"),
    ("$[?@[?@.a].b == 1]", 4, f"`[?@.a]` {SEVERAL}"),
    (
        "$[?!@.a == 1]",
        3,
        "`!` stands before a test or parentheses, not a comparison: write `!(@.a == ...)`",
    ),
    ("$[?(@.a) == 1]", 3, "a condition in parentheses cannot be compared: join it with `&&` or `||`"),
    ("$[?@.a =~ 'b(']", 13, "the pattern is wrong: missing )"),
    (r"$[?@.a =~ '\\d(\'']", 17, "the pattern is wrong: missing )"),
    ("$[?@.a =~ @.b]", 10, "`=~` needs a pattern in quotes on its right"),
    ("$[?'a' =~ 'b']", 3, "`=~` searches in what a path finds: write `@.name` on its left"),
    ("$[?length(@.a) == 1]", 3, f"the function `length()` {FUNCTION}"),
    ("$[?@.a.length() == 1]", 7, f"the function `length()` {FUNCTION}"),
    ("$[?match(@.a, 'b')]", 3, "the function `match()` is not part of paths: write `@.a =~ '^(?:pattern)$'`"),
]


@pytest.mark.parametrize(("text", "offset", "message"), REFUSALS, ids=[case[0][:30] for case in REFUSALS])
def test_refuses(text: str, offset: int, message: str) -> None:
    with pytest.raises(PathError) as caught:
        compile_path(text)
    assert (caught.value.message, caught.value.offset) == (message, offset)


@pytest.mark.parametrize(
    "spellings",
    [
        ("$", "['n1'][0]"),  # one piece, two leaves
        ("$['n1']",),
        ("$", "['n1','n2']"),
        ("$", "[0,1]"),
        ("$", "+", "$"),
        ("$", "[?", "(", "@", ")", "]"),
        ("$", "[?", "@", "=", "'n1'", "]"),
        ("$", "[?", "@", "['n1']", "]", "['n2']", "[?'n3']"),
        ("$", ".`parent`"),
    ],
    ids="".join,
)
def test_a_tree_that_is_not_the_text_is_refused(spellings: tuple[str, ...]) -> None:
    pieces = [Piece(spelling, spelling, offset, "x") for offset, spelling in enumerate(spellings)]
    with pytest.raises(PathError, match="understood in two ways"):
        steps_of(pieces)


SELECTORS = st.sampled_from(
    ["'a'", '"x y"', "'it\\'s'", "'é'", "''", "0", "-1", "12", ":", "1:", ":-2", "1:5:2", "::-1", "::0", "*"]
)
SEGMENTS = st.one_of(
    st.lists(SELECTORS, min_size=1, max_size=3)
    .map(", ".join)
    .flatmap(lambda inner: st.sampled_from([f"[{inner}]", f"..[{inner}]", f"[ {inner} ]"])),
    st.sampled_from([".a", "..a", ".*", "..*", ".a-b", ".日本", " .a", "._", ".true"]),
)


@given(st.lists(SEGMENTS, max_size=5).map("".join))
def test_steps_of_a_path_without_filters_are_those_of_the_tree_of_the_library(rest: str) -> None:
    _, pieces = pieces_of("$" + rest)
    assert plain_steps(pieces) == steps_of(pieces)


OPERANDS = st.sampled_from(["@", "@.a", "@['x y']", "@[0].b", "@[-1]", "@.a.b", "$.a", "@.*", "@..a", "5", "'x'"])
OPERATORS = st.sampled_from(["==", "!=", "<", ">=", "=~", " == ", " =~ "])
LITERALS = st.sampled_from(["1", "-1.5e3", "'x'", '"it\'s"', "null", "true", "'^a|b$'", "@.c"])
COMPARISONS = st.builds("{}{}{}".format, OPERANDS, OPERATORS, LITERALS)
FILTERS = st.one_of(
    COMPARISONS, COMPARISONS.map("({})".format), COMPARISONS.map("!({})".format), COMPARISONS.map("@.a && {}".format)
)


def spelled(part: Any) -> Any:
    """Steps and conditions as plain tuples; a literal is told by its value and type."""
    if isinstance(part, Node):
        return type(part.value).__name__, part.value
    if isinstance(part, tuple):
        return tuple(map(spelled, part))
    names = getattr(part, "__match_args__", ())
    return (type(part).__name__, *(spelled(getattr(part, name)) for name in names)) if names else part


@given(st.sampled_from(["$", "$.a", "$.."]), FILTERS, st.sampled_from(["", ".b", "[?@.c == 1]"]))
def test_steps_of_plain_filters_are_those_of_the_tree_of_the_library(start: str, inner: str, rest: str) -> None:
    try:
        _, pieces = pieces_of(f"{start}[?{inner}]{rest}")
        steps = plain_steps(pieces)
    except PathError:
        return
    assert steps is None or spelled(steps) == spelled(steps_of(pieces))


@pytest.mark.parametrize(
    "text", ["$..[?@.a == 1]", "$.a[?(@.b =~ 'x')].c", "$[?@ != null]", "$[?(@['a'][0] < 'b')]", "$.a[?@.b=='x'][0]"]
)
def test_plain_filters_need_no_library(text: str) -> None:
    pieces = pieces_of(text)[1]
    assert spelled(plain_steps(pieces)) == spelled(steps_of(pieces))


@pytest.mark.parametrize(
    "text", ["$[?@]", "$[0, ?@]", "$.a[?(@.b)].c", "$..[?@.a, 'b']", "$[?@.a == 1 && @.b == 2]", "$[?1 == @.a]"]
)
def test_other_filters_are_left_to_the_library(text: str) -> None:
    assert plain_steps(pieces_of(text)[1]) is None


def test_a_deep_tree_and_a_long_path_need_no_recursion() -> None:
    root = node = Node(MAPPING, {})
    for _ in range(20_000):
        child = Node(MAPPING, {})
        child.parent, child.key = node, "a"
        node.value["a"] = child
        node = child
    assert len(compile_path("$..a").select(root, root)) == 20_000
    assert len(compile_path("$[?@ == $.a]").select(root, root)) == 1
    assert compile_path("$" + ".a" * 3_000).select(root, root)


class _Untouched(list[Node]):
    """A list that only gives single items: whoever copies or walks it fails."""

    def __iter__(self) -> Any:
        raise AssertionError

    def __getitem__(self, index: Any) -> Any:
        assert isinstance(index, int)
        return super().__getitem__(index)


@pytest.mark.parametrize("text", ["$.items[1].a", "$.items[-1].a", "$['items', 'x'][1].a", "$[?@[1].a == 2][1].a"])
def test_an_index_neither_copies_nor_walks_the_list(text: str) -> None:
    root = build({"items": [{"a": 1}, {"a": 2}]})
    root.value["items"].value = _Untouched(root.value["items"].value)
    assert [plain(node) for node in compile_path(text).select(root, root)] == [2]


def test_a_pattern_that_takes_too_long_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pattern, "TIMEOUT", 0.05)
    root = build(["a" * 40 + "!"])
    path = compile_path("$[?@ =~ '(a+)+$|(a|aa)+$']")
    with pytest.raises(pattern.PatternTimeout, match=r"took more than 0\.05 s on a text of 41 characters"):
        path.select(root, root)


def test_the_same_text_is_compiled_once() -> None:
    assert compile_path("$.compiled.once") is compile_path("$.compiled.once")


def test_the_path_library_is_loaded_by_the_first_filter() -> None:
    code = (
        "import sys, retouch.jsonpath.path as path\n"
        "before = 'jsonpath_ng' in sys.modules\n"
        "path.compile_path('$.a[0, 1]..*')\n"
        "plain = 'jsonpath_ng' in sys.modules\n"
        "path.compile_path('$[?@.a]')\n"
        "print(before, plain, 'jsonpath_ng' in sys.modules, 'jsonpath_rfc9535' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    output = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert output.stdout.split() == ["False", "False", "True", "False"]
