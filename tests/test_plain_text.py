"""What is written plain is read back by kubectl, PyYAML and ruamel.yaml alike."""

from __future__ import annotations

import itertools
import json
import math
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kubectl_oracle import needs_kubectl, read_list
from other_reader import READERS

from retouch.reading.scalar import ScalarError, canonical_number, plain_safe, resolve_core, resolve_kubernetes
from retouch.value import Float, Integer, equal

TABLE = json.loads((Path(__file__).parent / "data" / "kubectl_scalars.json").read_text("utf-8"))

ANYWHERE = [
    "a", "artifact_data/x", "/tmp/a b", "--flag=x", "-x", "my-volume", "main.py", "10Mi", "100m", "1.2.3", "10.0.0.1",
    "v1", "argoproj.io/v1alpha1", "$(params.x)", "a=b", "a#b", "a|b", "50%", "~/x", "é", "日本", "😀", "it's",
    'say "x"', "a & b", "x!", "nan", "inf", "a  b", "nope", "yess", "none", "1a", "12 monkeys", "..x",
    "2024-01-01-backup",
]  # fmt: skip
BLOCK_ONLY = ["image:tag", "http://x/y?z=1", "a,b", "a {{x}}", "a[0]", "x {y}", "why?", "a::b", "a :b", "echo [x]"]
NOWHERE = [
    "", " ", " a", "a ", "a: b", "a:", "a #b", "# a", "a\tb", "a\nb", "\r", "a\u0085b", "a\u2028b", "a\u2029b",
    "\ufeffa", "a\ufeffb", "\x07", "\x7f", "\ud800", "\uffff", "a\x00", "---", "--- a",
    "...", "... a", "---x", "...x", "-", "- a", "?", "? a", ":", ":a", ",a", "[a", "]a", "{a", "}a",
    "&a", "*a", "!a", "|", ">", "'a", '"a"', "%a", "@a", "`a", "--",
    "~", "null", "NULL", "nUll", "true", "False", "yes", "YES", "yEs", "no", "on", "off", "y", "N", "=", "<<",
    "0", "1", "-1", "+1", "007", "08", "0o17", "0x1F", "0b11", "0b-11", "1_000", "1.", ".5", "-.5", "1e3",
    "1.5", ".1_0", "+_1", "-_", ".", "+", "._", "0x", "0x_", "0b_", "0o_", ".inf", "-.INF", ".nan", "12:30", "12:30:45",
    "1:1.5", "8080:80", "2024-01-01", "2024-1-1", "2024-01-01T00:00:00Z", "2024-01-01 10:00", "1e400", "9" * 400,
]  # fmt: skip


@pytest.mark.parametrize("text", ANYWHERE)
def test_plain_safe_everywhere(text: str) -> None:
    assert plain_safe(text, flow=False)
    assert plain_safe(text, flow=True)
    assert plain_safe(text, flow=False, key=True)
    assert_read_back(text)


@pytest.mark.parametrize("text", BLOCK_ONLY)
def test_plain_safe_in_block_style(text: str) -> None:
    assert plain_safe(text, flow=False)
    assert not plain_safe(text, flow=True)
    assert_read_back(text)


@pytest.mark.parametrize("text", NOWHERE, ids=lambda text: ascii(text)[1:20] or "empty")
def test_not_plain_safe(text: str) -> None:
    assert not plain_safe(text, flow=False)
    assert not plain_safe(text, flow=True)
    assert not plain_safe(text, flow=False, key=True)


def test_key_is_not_plain_where_a_parser_would_not_find_its_colon() -> None:
    assert plain_safe("k" * 2000, flow=False)
    assert not plain_safe("k" * 2000, flow=False, key=True)
    assert plain_safe("k" * 1000, flow=False, key=True)
    assert_read_back("k" * 1000)


def test_every_string_that_a_reader_takes_for_something_else_is_refused() -> None:
    for entry in TABLE["plain"]:
        if not isinstance(entry.get("value"), str):
            assert not plain_safe(entry["text"], flow=False), entry
        elif plain_safe(entry["text"], flow=False):
            assert_read_back(entry["text"])


PIECES = [
    *"abyNTeExXoO0179_+-.:,#?!&*|>'\"%@`=<~/$\\[]{}() ",
    "yes", "No", "null", "inf", "nan", "0x", "0b", "2024-01-01", "12:30", "1_0", ": ", " #",
    "é", "\x85", "\u2028", "\ufeff",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=7).map("".join) | st.text(max_size=12))
@settings(max_examples=300, deadline=None)
def test_plain_safe_string_is_read_back_by_every_reader(text: str) -> None:
    assert_read_back(text)


def assert_read_back(text: str) -> None:
    """Every reader finds `text` in all places of one document where `plain_safe` lets it stand."""
    document, expected = placed(text)
    for reader, read in READERS.items():
        assert read(document) == expected, reader


def placed(text: str) -> tuple[str, dict[str, Any]]:
    lines = ["start: x"]
    expected: dict[str, Any] = {"start": "x"}
    if plain_safe(text, flow=False):
        lines += [f"value: {text}", f"list:\n- {text}\n- - {text}"]
        expected |= {"value": text, "list": [text, [text]]}
    if plain_safe(text, flow=True):
        lines += [f"flow: [{text}, {text},{text}]", f"member: {{x: {text}, z: {text}}}"]
        expected |= {"flow": [text] * 3, "member": {"x": text, "z": text}}
    if plain_safe(text, flow=True, key=True):
        lines += [f"flow key: {{{text}: x}}"]
        expected |= {"flow key": {text: "x"}}
    if plain_safe(text, flow=False, key=True):
        lines += [f"key:\n  {text}: x"]
        expected |= {"key": {text: "x"}}
    return "\n".join(lines) + "\n", expected


@needs_kubectl
def test_plain_safe_strings_are_read_back_by_kubectl() -> None:
    made = ["".join(pair) for pair in itertools.product(PIECES, repeat=2)]
    made += random.Random(1).sample(["".join(three) for three in itertools.product(PIECES, repeat=3)], 6000)
    block = [text for text in [*ANYWHERE, *BLOCK_ONLY, *dict.fromkeys(made)] if plain_safe(text, flow=False)]
    flow = [text for text in block if plain_safe(text, flow=True)]
    assert len(flow) > 1000
    spec = "".join(f"- {text}\n" for text in block) + "".join(f"- {text}: x\n" for text in block)
    spec += "".join(f"- [{text}]\n- {{{text}: {text}}}\n" for text in flow)
    expected: list[Any] = [*block, *({text: "x"} for text in block)]
    expected += itertools.chain.from_iterable(([text], {text: text}) for text in flow)
    assert read_list(spec) == expected


@pytest.mark.parametrize(
    ("number", "kubernetes", "text"),
    [
        (5, True, "5"),
        (Integer(31, "0x1F"), True, "31"),
        (Integer(31, "0x1F"), False, "31"),
        (2**63, True, "9.223372036854776e+18"),
        (2**63, False, "9223372036854775808"),
        (1.5, True, "1.5"),
        (Float(1.5, "1.50"), False, "1.5"),
        (1.0, True, "1"),
        (1.0, False, "1.0"),
        (1e21, True, "1.0e+21"),
        (1e21, False, "1.0e+21"),
        (1e-7, True, "1.0e-07"),
        (-1.5e300, True, "-1.5e+300"),
        (9e18, True, "9000000000000000000"),
        (math.inf, False, ".inf"),
        (-math.inf, True, "-.inf"),
        (math.nan, True, ".nan"),
    ],
)
def test_canonical_number(number: float, kubernetes: bool, text: str) -> None:
    assert canonical_number(number, kubernetes) == text


NUMBERS = st.integers() | st.floats() | st.integers(-(2**70), 2**70) | st.integers(-(2**70), 2**70).map(float)


@given(NUMBERS, st.booleans())
@settings(max_examples=300, deadline=None)
def test_canonical_number_is_read_back_by_every_reader(number: float, kubernetes: bool) -> None:
    text = canonical_number(number, kubernetes)
    held = float(number) if kubernetes and not -(2**63) <= number < 2**63 else number
    for read in (*READERS.values(), lambda document: {"x": resolve_core(document.removeprefix("x: "))}):
        found = read("x: " + text)["x"]
        assert same_number(float(found) if isinstance(held, float) else found, held)
    if kubernetes:
        assert same_number(float(resolve_kubernetes(text)), float(held))


def same_number(left: float, right: float) -> bool:
    return equal(left, right) or (math.isnan(left) and math.isnan(right))


@pytest.mark.parametrize(("power", "kubernetes"), [(1024, True), (20_000, False)])
def test_canonical_number_refuses_what_cannot_be_written(power: int, kubernetes: bool) -> None:
    for number in (2**power, -(2**power)):
        with pytest.raises(ScalarError, match="too large"):
            canonical_number(number, kubernetes)
