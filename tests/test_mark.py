"""Where values stand, whatever the marks of each parser say."""

from __future__ import annotations

import pytest
from parser_choice import PARSERS, only

from retouch import apply_patch
from retouch.error import InputError
from retouch.node import Node, walk
from retouch.reading.document import read


@pytest.fixture(autouse=True, params=PARSERS)
def parser(request):
    with only(request.param):
        yield


def nodes(text: str) -> list[Node]:
    return [node for document in read(text) for node in walk(document.root)]


def spans(text: str) -> list[str]:
    """The text of every value but the root."""
    return [text[node.start : node.end] for node in nodes(text)[1:] if node.start >= 0]


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_scalars_aliases_and_flow_collections(line_break, mark):
    lines = [f"{mark}é😀: &x [日, 'b 😀']", "k: *x", "? l", ': {m: "n\\"", o: p q, r: }', "s: t", "  u"]
    text = line_break.join([*lines, ""])
    values = ["&x [日, 'b 😀']", "日", "'b 😀'", "*x", '{m: "n\\""', "t" + line_break + "  u"]
    found = spans(text)
    assert found[:4] == values[:4]
    assert found[4] == '{m: "n\\"", o: p q, r: }'
    assert found[5:] == ['"n\\""', "p q", "", values[5]]


@pytest.mark.parametrize(
    ("scalar", "rest"),
    [
        ("|\n  x", "\n\n\n"),
        ("|-\n  x", "\n\n"),
        ("|+\n  x\n\n", "\n"),
        (">2\n   x\n\n  y", "\n\n"),
        ("|  # c\n  x\n   ", "\n\n"),
        ("|", "\n\n"),
        ("|+\n\n", "\n"),
    ],
)
def test_block_scalars_end_with_their_last_line(scalar, rest):
    assert spans(f"a: {scalar}{rest}b: c\n") == [scalar, "c"]
    assert spans(f"a: {scalar}{rest}# d\nb: c\n") == [scalar, "c"]


def test_block_collections_end_with_their_last_child():
    text = "a:\n  b:\n  - c\n    # d\n\n   # e\n\n# f\ng: h\n"
    assert spans(text) == ["b:\n  - c", "- c", "c", "h"]
    added = apply_patch(text, [{"op": "add", "path": "/a/i", "value": 1}])
    assert added == text.replace("   # e\n", "   # e\n  i: 1\n")


@pytest.mark.parametrize("character", ["\x85", "\u2028", "\u2029"])
def test_lines_end_at_line_breaks_of_the_text_only(character):
    text = f'a: "{character}"\nb: 1\n'
    (document,) = read(text)
    assert document.place(document.root.value["b"]).line == 2
    with pytest.raises(InputError) as caught:
        read(f"{text} c: 2\n")
    assert (caught.value.line, caught.value.column) == (3, 3)


@pytest.mark.parametrize(("text", "column"), [("é: \x01\n", 4), ("a: é\x7f\n", 5), ("é😀é\x00", 4), ("\ufeffé\x00", 3)])
def test_characters_that_cannot_be_read_are_found_by_their_place(text, column):
    with pytest.raises(InputError) as caught:
        read(text)
    assert (caught.value.line, caught.value.column) == (1, column)


@pytest.mark.parametrize(
    "properties",
    ["!!str &x", "&x !!str", "!!str # c\n  &x", "!local # !d\n  &x", "!<tag:example.org,2000:x> &x", "!l", "&x"],
)
def test_tags_and_anchors_belong_to_the_value(properties):
    text = f"a: {properties} b\nc: [{properties} d, e]\n{properties.splitlines()[0].partition(' #')[0]} f: g\n"
    assert spans(text) == [f"{properties} b", f"[{properties} d, e]", f"{properties} d", "e", "g"]
    assert [text[node.value_start : node.end] for node in nodes(text) if node.kind == 0] == ["b", "d", "e", "g"]
    assert text[nodes(text)[-1].key_start :].startswith(properties[0])


def test_empty_values_stand_behind_their_indicator():
    text = "a:\nb: # c\n? d\ne:\n-\n- # f\n- g\n"
    places = [(node.start, node.end) for node in nodes(text)[1:4]]
    assert places == [(2, 2), (5, 5), (13, 13)]
    items = [node.start for node in nodes(text)[5:7]]
    assert [text[at - 1] for at in items] == ["-", "-"]
