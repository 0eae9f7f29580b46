"""The line reader reads plain documents exactly as the parser does, and leaves all others to it."""

from __future__ import annotations

from typing import Any

import pytest
from corpus import files, needs_corpus
from examples import examples
from hypothesis import event, given
from hypothesis import strategies as st
from random_document import streams

from retouch.node import MAPPING, SCALAR, Node, walk
from retouch.reading.line_reader import read_lines
from retouch.reading.split import split
from retouch.reading.yaml_reader import read_yaml
from retouch.source import Source

FIELDS = ("kind", "key", "start", "end", "value_start", "key_start", "key_end", "style", "flow", "spelling", "tag")
PLAIN = [
    "a: |\n  b\n   c # d\n\n  e\n\n# f\ng:\n- |-\n  h: [i\n- [j, 'k, l', \"m\", 1.5, n o, no]\nq: []\n",
    "a: 1\nb:\n- x\n- k: 2\n  z: 'q'\nc:\n  - d: {}\n    e: \"f\"\n",
    "# b\n---\n# c\nkind: X\napiVersion: v1\nspec:\n  l:\n  - name: a # b\n    o: yes\n  other: -5\n  e:\n  f: a b c\n",
    "- a: 1\n  b: 2.50\n- c\n-   d: x:y\n    e: []\n",
    "a:\n  b:\n    c:\n    - d:\n        e: 1\n  # x\n\nf: é\ng: ~\nh:",
    "a: [sh, -c]\nb: [--in, -1, -0x1, -.5, -a-, -.inf, --, ---, -_]\n",
    "kind: A\nspec:\n  x:\n  - p: 0x1F\n    q:\n    - r\n  z: on\n",
]
OTHER = [
    *(
        "a: >\n  b\n",
        "a: b\n  c\n",
        "a: [b: c]\n",
        "a: &x 1\n",
        "a: !t 1\n",
        "? a\n: b\n",
        "1: a\n",
        "on: a\n",
        "a: 1\na: 2\n",
    ),
    *(
        "<<: a\n",
        "a:\tb\n",
        "- - a\n",
        "-\n  a\n",
        "a: 'it''s'\n",
        'a: "\\n"\n',
        "a: b: c\n",
        "a\n",
        "%YAML 1.2\n---\na: 1\n",
    ),
    *(
        "a: 1\n...\n",
        "a:\n  b: 1\n c: 2\n",
        "a: 1\n- b\n",
        "- a\nb: 1\n",
        "\ufeffa: 1\n",
        "a: 1\r\n",
        "",
        "# a\n",
        "--- a\n",
    ),
    *("a: b #c\n d", "a:#b\n", "a: 'b'#c\n", "a: @b\n", "a: - b\n", "'a': b\n", "a: \x85\n", "a: {b: 1}\n", "a : b\n"),
    *("a: |+\n  b\n", "a: |2\n   b\n", "a: |\n", "a: |\n  b", "a: [&x 1]\n", "a: [[b]]\n", "a: |\n   b\n  c\n"),
    *("a: [-]\n", "a: [b, -]\n", "a: [- b]\n", "a: [-, b]\n", "a: [-{}]\n"),
]
INSERTS = [
    *(
        " ",
        "  ",
        "\n",
        "- ",
        ": ",
        ":",
        "#",
        " #",
        "'",
        '"',
        "{}",
        "[]",
        "{",
        "-",
        "a",
        "a: b\n",
        "? ",
        "|",
        "&a ",
        "*a",
    ),
    *(
        "!t ",
        "\t",
        "é",
        "\x85",
        "\u2028",
        "\x07",
        "~",
        "yes",
        "1.5",
        "...",
        "---\n",
        "%",
        "@",
        "`",
        ",",
        "[-",
        ", -",
        "on: 1\n",
        "<<: ",
    ),
]


def facts(root: Node) -> list[Any]:
    """All there is to know of a tree."""
    found: list[Any] = []
    for node in walk(root):
        own = node.value if node.kind == SCALAR else list(node.value) if node.kind == MAPPING else None
        parent = None if node.parent is None else node.parent.start
        rest = (parent, node.opaque, node.merges, node.anchor, node.alias, getattr(node.value, "text", None))
        found.append((*(getattr(node, name) for name in FIELDS), type(own), repr(own), *rest))
    return found


def check(text: str) -> bool:
    """Whether the reader took the text; then it read it right."""
    reading = read_lines(text)
    if reading is None:
        return False
    parsed = read_yaml(Source(text))
    assert parsed is not None
    assert reading[1] == parsed.kubernetes
    assert facts(reading[0]) == facts(parsed.root)
    assert parsed.is_usual
    assert (parsed.duplicates, parsed.renamed, parsed.references.anchors, bool(parsed.references)) == (
        [],
        [],
        [],
        False,
    )
    return True


@pytest.mark.parametrize("text", PLAIN)
def test_plain_documents_are_read(text):
    assert check(text)


@pytest.mark.parametrize("text", OTHER)
def test_other_documents_are_left_to_the_parser(text):
    assert not check(text)


@examples(1500)
@given(st.sampled_from(PLAIN), st.lists(st.tuples(st.integers(0, 200), st.sampled_from(INSERTS), st.integers(0, 3))))
def test_mutated_documents(text, changes):
    for place, inserted, removed in changes[:3]:
        at = place % (len(text) + 1)
        text = text[:at] + inserted + text[at + removed :]
    event(f"read: {[check(piece) for piece in split(text)]}"[:30])


@examples(300)
@given(streams())
def test_random_documents(stream):
    for piece in split(stream.text):
        check(piece)


@needs_corpus
def test_the_corpora():
    texts = [path.read_bytes().decode() for path in files("argo-examples", "*.yaml")]
    assert sum(check(piece) for text in texts for piece in split(text)) > 20
