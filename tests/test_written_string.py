"""Any string, written into any place in any style, is the same string to every reader of YAML."""

from __future__ import annotations

import random
from typing import Any

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from kubectl_oracle import needs_kubectl, read_list
from other_reader import READERS

from retouch import apply_patch

PIECES = [
    *"abyN019_+-.:,#?!&*|>'\"%@`=<~/\\[]{} \n\t", "yes", "null", "0x", "1_0", "12:30", ": ", " #", "\n\n", "\n ", " \n",
    "é", "😀", "\x85", "\u2028", "\ufeff", "\x00", "\x7f", "\xa0", "\uffff", "---", "...",
]  # fmt: skip
strings = st.lists(st.sampled_from(PIECES), max_size=7).map("".join) | st.text(max_size=10)
strings = strings.filter(lambda text: not any("\ud800" <= character <= "\udfff" for character in text))

BEFORE = """\
plain: x
single: 'x'
double: "x"
literal: |
  x
folded: >-
  x
block: {}
items:
- x
flow: [x, {a: x}]
keys:
  a: x
flow keys: {a: x}
last: x
"""


def patch_of(text: str) -> list[dict[str, Any]]:
    """Operations that put `text` as a value and as a key into every kind of place."""
    key = text.replace("~", "~0").replace("/", "~1")
    values = ["/plain", "/single", "/double", "/literal", "/folded", "/items/0", "/flow/0", "/flow/1/a", "/last"]
    new = ["/block/a", "/block/b", "/items/-", "/flow/-", "/flow/1/b"]
    return [
        *({"op": "replace", "path": path, "value": text} for path in values),
        *({"op": "add", "path": path, "value": text} for path in new),
        {"op": "add", "path": "/nested", "value": {"a": [text, {"b": text}], text: {text: text}}},
        {"op": "add", "path": f"/keys/{key}", "value": 1},
        {"op": "move", "from": "/flow keys/a", "path": f"/flow keys/{key}"},
    ]


def expected(text: str) -> dict[str, Any]:
    return {
        **dict.fromkeys(["plain", "single", "double", "literal", "folded", "last"], text),
        "block": {"a": text, "b": text},
        "items": [text, text],
        "flow": [text, {"a": text, "b": text}, text],
        "keys": {"a": "x", text: 1} if text != "a" else {"a": 1},
        "flow keys": {text: "x"},
        "nested": {"a": [text, {"b": text}], text: {text: text}},
    }


@examples(80)
@given(strings)
def test_every_reader_reads_the_string_back(text: str) -> None:
    written = apply_patch(BEFORE, patch_of(text))
    for reader, read in READERS.items():
        assert read(written) == expected(text), reader


@pytest.mark.parametrize(
    "text", ["a\nb\n", "a\n\nb", "\n a\n", " a\n  b", "a\n\n", "\n", "a \nb\t\n", "# a\n- b\n", "\tx\n"]
)
def test_texts_of_many_lines(text: str) -> None:
    written = apply_patch(BEFORE, patch_of(text))
    for reader, read in READERS.items():
        assert read(written) == expected(text), reader


@needs_kubectl
def test_kubectl_reads_the_strings_back() -> None:
    choose = random.Random(1)
    texts = ["".join(choose.choices(PIECES, k=choose.randint(0, 6))) for _ in range(150)]
    written = "".join("- " + apply_patch(BEFORE, patch_of(text)).replace("\n", "\n  ")[:-2] for text in texts)
    assert read_list(written) == [expected(text) for text in texts]
