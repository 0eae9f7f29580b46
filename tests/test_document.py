"""Reading documents: how a stream is cut, what a document says, where its values stand."""

from __future__ import annotations

import time
from itertools import product
from typing import Any

import pytest
from corpus import files, name_of, needs_corpus

from retouch import apply_patch
from retouch.error import InputError
from retouch.node import SCALAR, plain, walk
from retouch.reading.document import Resource, read, read_stream
from retouch.reading.split import is_one_piece, split
from retouch.reading.yaml_mark import block_scalar_end
from retouch.value import equal

CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\n"


def values(text: str, file: str | None = None, *, core: bool = False) -> list[Any]:
    return [plain(document.root) for document in read(text, file, core=core)]


def refusal(text: str, file: str | None = None) -> str:
    with pytest.raises(InputError) as caught:
        read(text, file)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", [""]),
        ("a: 1\n", ["a: 1\n"]),
        ("a: 1\n---\nb: 2\n", ["a: 1\n", "---\nb: 2\n"]),
        ("# top\n---\na: 1\n", ["# top\n---\na: 1\n"]),
        ("%YAML 1.2\n---\na\n...\n%YAML 1.2\n---\nb\n", ["%YAML 1.2\n---\na\n...\n", "%YAML 1.2\n---\nb\n"]),
        ("a\n...\n# between\n---\nb\n", ["a\n...\n", "# between\n---\nb\n"]),
        ("a: |\n  ---\n---x: 1\n", ["a: |\n  ---\n---x: 1\n"]),
        ("a\r---\rb", ["a\r", "---\rb"]),
        ("---\n---\n", ["---\n", "---\n"]),
    ],
)
def test_streams_are_cut_at_markers(text, pieces):
    found = list(split(text))
    assert found == pieces
    assert "".join(found) == text


def test_what_is_one_piece_is_not_cut():
    parts = ("---", "...", "\n", "\r", "a", " ", "#", "\ufeff")
    for chosen in product(parts, repeat=4):
        text = "".join(chosen)
        assert is_one_piece(text) == ([*split(text)] == [text]), repr(text)


@pytest.mark.parametrize(
    "text",
    [
        "# license\r\n" * 100 + "a: 1\r\n---\r\nb: 2\r\n",
        "\r\n" * 100 + "a: 1\r\n...\r\n---\r\nb: 2\r\n",
        "? a " + "# " * 100 + "\n? b\n",
        "a: [b " + "# " * 100 + "\n]\n",
    ],
)
def test_many_comments_are_read_and_edited_in_no_time(text):
    """Each took time that doubles with every line or `#` before the expressions were possessive."""
    assert values(text)
    place = "/a/-" if "[" in text else "/c"
    assert apply_patch(text, [{"op": "add", "path": place, "value": 3}], 0).count("3") == 1


def test_empty_documents_count_but_are_not_seen():
    found = read("---\n---\na: 1\n--- # empty\n...\n---\nb: 1\n")
    assert [(document.index, plain(document.root)) for document in found] == [(1, {"a": 1}), (3, {"b": 1})]


def test_lines_count_through_the_stream():
    first, second = read("a: 1\r\n# c\r\n---\r\nb:\r\n- x\r\n", "f.yaml")
    item = second.root.value["b"].value[0]
    place = second.place(item)
    assert (str(place), place.excerpt) == ("f.yaml:5:3", "- x")
    assert str(first.place(first.root)) == "f.yaml:1:1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1}', [{"a": 1}]),
        ("{a: 1}", [{"a": 1}]),
        ('\ufeff {"a": "\\ud83d\\ude00"} [1]\n', [{"a": "\U0001f600"}, [1]]),
        ('["\\ud800"]', [["\ud800"]]),
        ("[1, 2,]", [[1, 2]]),
        ("[NaN]", [["NaN"]]),
    ],
)
def test_json_is_read_as_json_and_flow_style_as_yaml(text, expected):
    assert values(text) == expected


def test_json_files_are_json_only():
    assert "expected a member name in double quotes" in refusal("{a: 1}", "x.json")
    assert "nested more than 200 deep" in refusal("[" * 100_000, "x.json")
    assert "expected the end of the text" in refusal("[1] x", "x.json")


def test_whose_document_it_is():
    text = f"{CONFIG_MAP}data: {{on: yes, mode: 0644}}\n---\non: yes\nmode: 0644\n"
    ours, other = read(text)
    assert (ours.kubernetes, other.kubernetes) == (True, False)
    assert plain(ours.root)["data"] == {"true": True, "mode": 420}
    assert plain(other.root) == {"on": "yes", "mode": 644}
    assert values(text, core=True)[0]["data"] == {"on": "yes", "mode": 644}


def test_resources():
    named = f"{CONFIG_MAP}metadata: {{name: a, namespace: b}}\n"
    generated = "apiVersion: v1\nkind: Pod\nmetadata: {generateName: c-}\n"
    found = [document.resource for document in read(f"{named}---\n{generated}---\na: 1\n")]
    assert found == [Resource("v1", "ConfigMap", "b", "a"), Resource("v1", "Pod", None, None, "c-"), None]


def test_items_of_a_list_are_documents():
    text = "apiVersion: v1\nkind: PodList\nitems:\n- metadata: {name: a}\n- {kind: Service, apiVersion: v2}\n"
    found = read(text)
    assert [(document.index, document.item) for document in found] == [(0, 0), (0, 1)]
    assert [document.resource for document in found] == [
        Resource("v1", "Pod", None, "a"),
        Resource("v2", "Service", None, None),
    ]
    assert [document.item for document in read(text.replace("- {kind", "- [kind").replace("v2}", "v2]"))] == [None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: &x {b: 1}\nc: *x\n", {"a": {"b": 1}, "c": {"b": 1}}),
        ("- &x a\n- &x b\n- *x\n", ["a", "b", "b"]),
        ("a: &x {b: 1, c: 2}\nd: {<<: *x, b: 3}\n", {"a": {"b": 1, "c": 2}, "d": {"b": 3, "c": 2}}),
        ("d: {<<: [{a: 1}, {a: 2, b: 3}]}\n", {"d": {"a": 1, "b": 3}}),
        ("? [a]\n: 1\n? {b: 1}\n: 2\n: 3\nc: 4\n", {"c": 4}),
        ("null: 1\n~: 2\ntrue: 3\n1: 4\n", {"null": 1, "~": 2, "true": 3, "1": 4}),
    ],
)
def test_references_and_keys(text, expected):
    assert values(text) == [expected]


def test_merge_keys_of_kubernetes_documents():
    text = f"{CONFIG_MAP}x: &x {{a: 1, b: 1}}\ndata:\n  a: 2\n  <<: *x\n  b: 2\n"
    assert values(text)[0]["data"] == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: &x [*x]\n", "1:8: error: alias `*x` stands inside what it refers to"),
        ("a: 1\n<<: 2\n", "2:5: error: `<<` merges mappings, this is none"),
        ("a: 1\n b: 2\n", "2:3: error: this is no YAML: mapping values are not allowed in this context"),
        ("a: '\ud800'\n", "1:5: error: this is no YAML: half of a surrogate pair (U+D800)"),
        ("é: \x01\n", "1:4: error: this is no YAML"),
        ("a\x85--- b\n", "1:7: error: a second document starts here"),
    ],
)
def test_refusals_say_where(text, message):
    assert message in refusal(text)


def test_duplicate_keys_are_found_after_renaming():
    (chunk,) = read_stream(f"{CONFIG_MAP}y: 1\n'true': 2\nz: {{a: 1, a: 2}}\n")
    assert [key for key, _first, _later in chunk.duplicates] == ["true", "a"]


def billion_laughs() -> str:
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    return "\n".join(lines) + "\n"


def deep_merges() -> str:
    lines = ["a0: &a0 {x: 1}"]
    lines += [f"a{n}: &a{n} {{x: {{<<: *a{n - 1}}}}}" for n in range(1, 400)]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (billion_laughs(), "expand to more than 200,000 values"),
        (deep_merges(), "nest more than 200 deep"),
        ("- " * 5_000 + "x\n", "nested more than 200 deep"),
        ("a: " + "[" * 40_000 + "\n", "nested more than 200 deep"),
    ],
)
def test_hostile_input_ends_soon(text, message):
    start = time.monotonic()
    assert message in refusal(text)
    assert time.monotonic() - start < 5


@pytest.mark.parametrize(
    ("text", "value", "end"),
    [
        ("|\n  a\n  b\n\n\n", "a\nb\n", 9),
        ("|+\n  a\n\n\nx", "a\n\n\n", 8),
        ("|-\n  a\n   \n", "a\n ", 10),
        (">\n  a\n  b\n\n", "a b\n", 9),
        (">\n  a\n\n   b\n   \n", "a\n\n b\n \n", 15),
        (">+\n  a\n\n", "a\n\n", 7),
        ("| # c\n\n\n", "", 5),
        ("|+\n\n\n", "\n\n", 4),
        ("|", "", 1),
        ("|+\n  a", "a", 6),
        ("|\r\n  a\r\n  b\r\n\r\n", "a\nb\n", 11),
    ],
)
def test_block_scalars_end_with_their_last_line(text, value, end):
    assert block_scalar_end(text, 0, len(text), value) == end


@needs_corpus
@pytest.mark.parametrize("path", files("argo-examples", "*.yaml") + files("yaml-test-suite", "in.yaml"), ids=name_of)
def test_spans_hold_what_they_say(path):
    """The text of every scalar on one line, read by itself, is that scalar."""
    try:
        documents = read(path.read_bytes().decode())
    except InputError:
        pytest.skip("no parser reads it")
    for document in documents:
        text = document.source.text
        for node in walk(document.root):
            own = text[node.value_start : node.end]
            simple = node.kind == SCALAR and node.start >= 0 and node.alias is None and node.tag is None
            if simple and own and "\n" not in own and own[0] not in "|>-?:":
                again = values(f"{CONFIG_MAP if document.kubernetes else 'kind: x'}\nv: {own}\n")[0]["v"]
                assert equal(again, node.value), own
