"""JSON as Go's encoding/json writes it; the expected texts were taken from Go."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retouch.encode import encode
from retouch.error import PatchError
from retouch.value import Float, Integer, equal

NUMBERS = [
    (0, "0"),
    (True, "true"),
    (100.0, "100"),
    (1.0, "1"),
    (-0.0, "-0"),
    (0.1, "0.1"),
    (12.5, "12.5"),
    (1e20, "100000000000000000000"),
    (1e21, "1e+21"),
    (1.5e21, "1.5e+21"),
    (123456789012345680000.0, "123456789012345680000"),
    (1e-6, "0.000001"),
    (1.5e-6, "0.0000015"),
    (1e-7, "1e-7"),
    (9.99e-7, "9.99e-7"),
    (1e-10, "1e-10"),
    (5e-324, "5e-324"),
    (1.7976931348623157e308, "1.7976931348623157e+308"),
    (2**63 - 1, "9223372036854775807"),
    (2**63, "9223372036854776000"),
    (-(2**63), "-9223372036854775808"),
    (-(2**63) - 1, "-9223372036854776000"),
    (Integer(420, "0644"), "420"),
    (Float(1.5, "1.50"), "1.5"),
]

EXACT = [
    (2**64, "18446744073709551616"),
    (Integer(31, "0x1F"), "31"),
    (Float(1.5, "1.50"), "1.50"),
    (Float(0.5, "+.5"), "0.5"),
    (Float(1.0, "1."), "1"),
    (Float(1000.0, "1e3"), "1e3"),
    (Float(1e5, "01.E+5"), "1e+5"),
    (Float(0.1, "0.1000000000000000055511151231257827"), "0.1000000000000000055511151231257827"),
    (1e21, "1e+21"),
    (0.1, "0.1"),
]

STRINGS = [
    ("a<b>c&d", r'"a\u003cb\u003ec\u0026d"'),
    ("\u2028\u2029", r'"\u2028\u2029"'),
    ("é€😀", '"é€😀"'),
    ("\x7f\x85\ufeff", r'"\u007f\u0085\ufeff"'),
    ("\b\f\n\r\t\x00\x1f", r'"\b\f\n\r\t\u0000\u001f"'),
    ("\"\\/'", '"\\"\\\\/\'"'),
]


@pytest.mark.parametrize(("value", "text"), NUMBERS)
def test_numbers_are_what_the_server_holds(value: Any, text: str) -> None:
    assert encode(value) == text


@pytest.mark.parametrize(("value", "text"), EXACT)
def test_numbers_of_other_documents_keep_their_digits(value: Any, text: str) -> None:
    assert encode(value, kubernetes=False) == text


@pytest.mark.parametrize(("value", "text"), STRINGS)
@pytest.mark.parametrize("kubernetes", [True, False])
def test_strings(value: str, text: str, kubernetes: bool) -> None:
    assert encode(value, kubernetes=kubernetes) == text
    assert encode({value: [value]}, kubernetes=kubernetes) == f"{{{text}:[{text}]}}"


def test_collections_keep_their_order_and_hold_no_blanks() -> None:
    value = {"b": [1, {"z": None, "a": False}], "a": {}, "c": []}
    assert encode(value) == '{"b":[1,{"z":null,"a":false}],"a":{},"c":[]}'


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, Float(math.inf, ".inf")])
@pytest.mark.parametrize("kubernetes", [True, False])
def test_what_json_cannot_say_is_an_error(value: float, kubernetes: bool) -> None:
    with pytest.raises(PatchError, match="JSON has no way"):
        encode({"a": [value]}, kubernetes=kubernetes)


def test_an_integer_beyond_float64_is_an_error_in_kubernetes_only() -> None:
    with pytest.raises(PatchError):
        encode(10**400)
    assert encode(10**400, kubernetes=False) == str(10**400)


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**63), 2**63 - 1))
def test_numbers_read_back_as_they_were(value: float) -> None:
    assert type(value)(json.loads(encode(value))) == value


@given(st.recursive(st.none() | st.booleans() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
def test_any_value_reads_back_as_it_was(value: Any) -> None:
    assert equal(json.loads(encode(value)), value)


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
def test_kubectl_reads_every_string_and_number_back(tmp_path: Path) -> None:
    texts = [text for text, _ in STRINGS] + ["\x80\x9f", "\ufffe\uffff\U0001fffe", "a: b # c", "- x", "~", "\u00a0 "]
    numbers = [value for value, _ in NUMBERS]
    (tmp_path / "in.yaml").write_text("apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: a}\n", "utf-8")
    patch = [{"op": "add", "path": "/spec", "value": {"texts": texts, "numbers": numbers}}]
    (tmp_path / "p.json").write_text(encode(patch), "utf-8")
    command = ["kubectl", "patch", "--local", "-f", "in.yaml", "--type=json", "--patch-file", "p.json", "-o", "json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    spec = json.loads(done.stdout)["spec"]
    assert spec["texts"] == texts
    assert [float(number) for number in spec["numbers"]] == [float(number) for number in numbers]
