"""Scalars taken apart, and edited inside: what of the text stays, whatever the style and the change."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retouch import apply_patch
from retouch.editing.text_difference import unchanged_runs
from retouch.error import InputError
from retouch.node import MAPPING, path_of, plain, walk
from retouch.patch import apply
from retouch.pointer import join
from retouch.reading.document import read
from retouch.reading.scalar_text import character, read_pieces, value_of
from retouch.value import equal

BOUNDED = settings(max_examples=300, deadline=None)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("plain", ["plain"]),
        ("a b\n\n c d\n e", ["a b", "\n", "c d", " ", "e"]),
        ("'it''s \n  so'", ["it", "'", "s", " ", "so"]),
        (r'"a\u00e9\tb"', ["a", "é", "\t", "b"]),
        ('"a \\\n   b\n\n c"', ["a ", "", "b", "\n", "c"]),
        ('"a\\\n\n  b"', ["a", "\n", "b"]),
        ("|\n  a\n   b\n", ["a", "\n", " b"]),
        ("|2\n\n   a\r\n  b\n\n", ["", "\n", " a", "\n", "b"]),
        (">\n  a\n  b\n\n  c\n   d\n  e\n", ["", "a", " ", "b", "\n", "c", "\n", " d", "\n", "e"]),
        (">-\n\n  a\n\n\n  b", ["\n", "a", "\n\n", "b"]),
    ],
)
def test_pieces(text, parts):
    text = "k: " + text
    (document,) = read(text)
    node = document.root.value["k"]
    pieces = read_pieces(text, node, node.value)
    assert [piece.value for piece in pieces] == parts
    assert all(text[piece.start : piece.end] == piece.value for piece in pieces if piece.exact)


@pytest.mark.parametrize(
    "text",
    ["a b\n c", "'it''s'", r'"\x41bc d"', '"a\\\n  bc"', "|1\n  a\n bc\n", "|\n  a\n\n  bc\n", ">\n  a\n  bc"],
)
def test_the_place_of_a_character(text):
    text = "k: " + text
    (document,) = read(text)
    node = document.root.value["k"]
    for index, wanted in enumerate(node.value):
        if wanted not in " \nA'":
            assert text[character(text, node, index)] == wanted
    assert character(text, node, 99) == node.value_start


short = st.text(st.sampled_from("ab \n."), max_size=12)


@BOUNDED
@given(short, short)
def test_runs_stand_in_both_texts_in_order(old, new):
    end = place = 0
    for run in unchanged_runs(old, new):
        assert run.old >= end
        assert run.new >= place
        end, place = run.old + run.size, run.new + run.size
        assert old[run.old : end] == new[run.new : place]


words = st.lists(st.sampled_from(["a", "docker.io", "é", "it's", "#", "x: y", "- z", '"', "\\", " "]), max_size=4)
lines = st.lists(words.map(" ".join), min_size=1, max_size=4)
folds = st.sampled_from(["\n  ", "\n\n  ", " \n \n  ", "\\\n  "])


@st.composite
def scalars(draw: st.DrawFn) -> str:
    """The text of a scalar, in any style, for lines that are indented by two blanks."""
    style = draw(st.sampled_from(["|", ">", "'", '"', ""]))
    content = draw(lines)
    if style in ("|", ">"):
        return f"{style}{draw(st.sampled_from(['', '-', '+', '  # c']))}\n" + "\n".join("  " + line for line in content)
    if style == '"':
        escaped = "é", draw(st.sampled_from(["é", r"\u00e9", r"\xe9"]))
        content = [line.replace("\\", r"\\").replace('"', r"\"").replace(*escaped) for line in content]
    fold = draw(folds) if style == '"' else draw(folds).replace("\\", "")
    return style + fold.join(line.replace("'", "''") if style == "'" else line for line in content) + style


@st.composite
def changes(draw: st.DrawFn, value: str) -> str:
    """Another value, in which much of `value` is left."""
    start = draw(st.integers(0, len(value)))
    end = draw(st.integers(start, min(len(value), start + 4)))
    value = value[:start] + draw(st.sampled_from(["", "new", " ", "\n", "\n\nx", "'", "\\", "# c", ": "])) + value[end:]
    return value.replace(*draw(st.sampled_from([("docker", "quay"), (" ", "\n"), ("a", "")])))


@BOUNDED
@given(st.data())
def test_a_scalar_says_its_new_value(data):
    form = data.draw(st.sampled_from(["k: {}\nz: 1\n", "k: {}", "- &a x\n- k: {}\n\n- z\n", "z: [1, k: {}]\n"]))
    text = form.format(data.draw(scalars()))
    try:
        (document,) = read(text)
    except (InputError, ValueError):
        return
    holder = next(node for node in walk(document.root) if node.kind == MAPPING and "k" in node.value)
    value = holder.value["k"].value
    if isinstance(value, str) and value_of(read_pieces(text, holder.value["k"], value) or []):
        new = data.draw(changes(value))
        patch = [{"op": "replace", "path": join([*path_of(holder), "k"]), "value": new}]
        try:
            result = apply_patch(text, patch)
        except InputError as error:
            assert "stands twice" in str(error)  # noqa: PT017 - what is tested is that no other error comes out
        else:
            assert equal(plain(read(result)[0].root), apply(plain(document.root), patch))
