"""Documents that are left unread, and streams that come in blocks: the result is that of the whole text, read."""

from __future__ import annotations

import io
import json
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from examples import examples
from hypothesis import assume, given
from hypothesis import strategies as st
from random_document import streams, words
from random_rules import rule_sets

from retouch import Rewrite, Rules, load_text, rewrite
from retouch.cli import command, streaming
from retouch.error import InputError, RetouchError, RuleError
from retouch.evaluation.requirement import find_requirement
from retouch.node import plain
from retouch.reading.document import read
from retouch.reading.split import split, split_blocks
from retouch.reading.stretch import Sought, search, search_pieces
from retouch.stream_rewriter import rewrite_stream

HEAD = "apiVersion: retouch/v1\nkind: RuleSet\nmetadata: {name: s}\n"


def rules(body: str) -> Rules:
    return load_text(HEAD + body)


def result(text: str, chosen: Rules, *, read_all: bool) -> Rewrite | RetouchError:
    try:
        return rewrite(text, chosen, read_all=read_all)
    except RetouchError as error:
        return error


def said(error: RetouchError) -> tuple[type, list[str]]:
    return type(error), [message.text for message in error.messages]


NEEDS = {
    "documents: {kind: Deployment}\nrules: [{id: r, actions: [{set: $.a, value: 1}]}]": [(("Deployment",),)],
    "documents: {kind: [Pod, Job]}\nrules: [{id: r, actions: [{set: $.a, value: 1}]}]": [(("Pod", "Job"),)],
    "documents: {kind: [Pod, '*Set']}\nrules: [{id: r, actions: [{set: $.a, value: 1}]}]": None,
    "documents: {kind: ['!Pod']}\nrules: [{id: r, actions: [{set: $.a, value: 1}]}]": None,
    "documents: {kind: Pod, labels: {app: web}}\nrules: [{id: r, actions: [{set: $.a, value: 1}]}]": [
        (("Pod",), ("app",), ("web",))
    ],
    "documents: {kind: Pod, when: doc.x}\nrules: [{id: r, match: {c: $.a}, actions: [{set: c, value: 1}]}]": [
        (("Pod",),)
    ],
    "rules: [{id: r, match: {c: '$..containers[*]'}, actions: [{set: c.a, value: 1}]}]": [(("containers",),)],
    "rules: [{id: r, match: {c: '$.spec.port', child: c.name}, actions: [{set: child, value: 1}]}]": [
        (("spec",), ("port",), ("name",))
    ],
    "rules: [{id: r, match: {c: '$.spec[?@.x =~ \"a\"].y'}, actions: [{set: c, value: 1}]}]": [(("spec",),)],
    "rules: [{id: r, match: {c: '${ doc.x }', child: $.port}, actions: [{set: child, value: 1}]}]": None,
    "rules: [{id: r, match: {c: [$.a.port, $.b]}, actions: [{set: c, value: 1}]}]": [(("port", "b"),)],
    "rules: [{id: r, match: {c: $.on}, actions: [{set: c, value: 1}]}]": None,
    "rules: [{id: r, match: {c: \"$['8080']\"}, actions: [{set: c, value: 1}]}]": None,
    "rules: [{id: r, match: {c: \"$['x y']\"}, actions: [{set: c, value: 1}]}]": None,
    "rules: [{id: r, actions: [{set: $.a, value: 1}]}]": None,
    "facts: {t: {is: {id: '${ doc.a }'}}}\nrules: [{id: r, match: {c: $.b}, actions: [{set: c, value: 1}]}]": None,
}


@pytest.mark.parametrize("body", NEEDS)
def test_what_a_document_must_hold(body):
    found = find_requirement(rules(body))
    assert (None if found is None else list(found.ways)) == NEEDS[body]


PORT = "rules: [{id: r, match: {c: $.port}, actions: [{set: c, value: 2}]}]"


@pytest.mark.parametrize(
    ("text", "unread"),
    [
        ("a: 1\n", 1),
        ("port: 1\n", 0),
        ('"p\\u006frt": 1\n', 0),
        ("!!binary cG9ydA==: 1\n", 0),
        ("a: {{ x }}\n", 0),
        ("a: 1 # retouch: ignore[r]\n", 0),
        ("a: 1\n---\nport: 1\n---\nb: 1\n---\n# none\n---\nc: 1\n", 3),
        ("# nothing\n", 0),
        ("", 0),
        ("---\n", 0),
        ("...\n# a\n", 0),
        ('{"a": 1}\n{"port": 1}\n{"b": 1}', 2),
    ],
)
def test_what_is_left_unread(text, unread):
    whole, part = (rewrite(text, rules(PORT), read_all=every) for every in (True, False))
    assert (part.text, part.unread, dict(part.matches)) == (whole.text, unread, dict(whole.matches))
    assert whole.unread == 0
    kept = [each.index for each in part.documents]
    assert [each for each in whole.documents if each.index in kept] == list(part.documents)
    assert len(whole.documents) == len(part.documents) + part.unread


def test_an_unread_document_is_not_checked():
    text = "a: [1\n---\nport: 1\n"
    assert rewrite(text, rules(PORT), read_all=False).text == "a: [1\n---\nport: 2\n"
    with pytest.raises(InputError):
        rewrite(text, rules(PORT))


def load(data: st.DataObject, text: str) -> Rules:
    """Random rules for a stream, with a filter for documents now and then; they may turn out to be wrong."""
    try:
        documents = read(text)
    except InputError:  # an alias inside what it refers to
        documents = []
    assume(documents)
    drawn: dict[str, Any] = data.draw(rule_sets(plain(documents[0].root)))
    if data.draw(st.integers(0, 3)) == 3:
        drawn["documents"] = {"kind": data.draw(st.sampled_from(["Pod", "List", "Po*"]))}
    if data.draw(st.booleans()):
        drawn["rules"][0]["match"] = {"node": f"$..['{data.draw(words)}']".replace("it's", "its")}
    try:
        return load_text(json.dumps(drawn))
    except RuleError:
        assume(False)
        raise


@examples(150)
@given(st.data())
def test_results_are_the_same_with_and_without_reading_everything(data):
    text = data.draw(streams(most=4, references=True)).text
    chosen = load(data, text)
    whole, part = (result(text, chosen, read_all=every) for every in (True, False))
    if isinstance(whole, RetouchError) or isinstance(part, RetouchError):
        if isinstance(whole, InputError) and not isinstance(part, InputError):
            return  # what cannot be read was not
        assert isinstance(whole, RetouchError)
        assert isinstance(part, RetouchError)
        assert said(part) == said(whole)
        return
    assert part.text == whole.text
    assert part.edits == whole.edits
    assert part.matches == whole.matches
    assert [each for each in part.documents if each.patch] == [each for each in whole.documents if each.patch]


def cut_at(text: str, places: list[int]) -> list[str]:
    edges = [0, *sorted(place % (len(text) + 1) for place in places), len(text)]
    return [text[start:end] for start, end in pairwise(edges)]


LINES = [
    *("a: 1", "port: 1", "port: 3 # retouch: ignore[r]", "b: |", "  ---", "---", "--- a", "--- port", "--- # port"),
    *(
        "---\tport: 1",
        "----",
        "---port",
        "...",
        "... # a",
        "....",
        "# a",
        "# port",
        "",
        " ",
        "%YAML 1.2",
        "%TAG ! !port",
    ),
    *(
        '"\\x70ort": 1',
        "!!str port: 1",
        "{{ a }}",
        "port:",
        "- port",
        "\ufeff",
        "\ufeffport: 1",
        "--- |",
        "--- {port: 1}",
    ),
]


USUAL = ["---", "a: 1", "...", "# a", "---", "a: 1"]


@st.composite
def nasty_streams(draw: st.DrawFn) -> str:
    """Lines that look like markers, stand around them, or hold what is looked for, in any order."""
    ends = st.sampled_from(draw(st.sampled_from([["\n"], ["\n"], ["\r\n"], ["\n", "\r\n", "\r"]])))
    lines = draw(st.lists(st.tuples(st.sampled_from(USUAL) | st.sampled_from(LINES), ends), max_size=25))
    text = "".join(line + end for line, end in lines)
    return text if draw(st.booleans()) else text.rstrip("\r\n")


@examples(600)
@given(nasty_streams())
def test_what_lies_between_is_cut_and_counted_as_if_all_was_cut(text):
    signs = ("port", "\\", "!", "\ufeff", "{{", "retouch:")
    sought = Sought(signs, lambda part: any(sign in part for sign in signs))
    pieces = [*split(text)]
    found = [*search(text, pieces, sought)]
    assert "".join(each.text for each in found) == text
    assert [each.text for each in found if each.places is None] == [*filter(sought.is_wanted, pieces)]
    assert found == [*search_pieces(pieces, sought)]


@examples(300)
@given(nasty_streams())
def test_signs_in_documents_that_are_not_wanted_change_nothing(text):
    sought = Sought(("port", "a"), lambda part: "port" in part and "a" in part)
    assert [*search(text, split(text), sought)] == [*search_pieces(split(text), sought)]


@examples(300)
@given(nasty_streams(), st.data())
def test_blocks_of_nasty_streams_end_with_documents(text, data):
    blocks = cut_at(text, data.draw(st.lists(st.integers(0, 10_000), max_size=5)))
    parts = [*split_blocks(blocks)]
    assert "".join(parts) == text
    assert [piece for part in parts for piece in split(part)] == [*split(text)]


@examples(150)
@given(nasty_streams())
def test_nasty_streams_become_the_same_with_and_without_reading_everything(text):
    whole, part = (result(text, rules(PORT), read_all=every) for every in (True, False))
    if isinstance(whole, Rewrite):
        assert isinstance(part, Rewrite)
        assert (part.text, part.edits, part.matches) == (whole.text, whole.edits, whole.matches)
        assert len(part.documents) + part.unread == len(whole.documents)
        patched = [[each for each in made.documents if each.patch] for made in (whole, part)]
        assert patched[0] == patched[1]


@examples(150)
@given(st.data())
def test_a_stream_in_blocks_becomes_what_the_text_becomes(data):
    text = data.draw(streams(most=4, references=True)).text
    assume(text.lstrip("\ufeff \t\r\n")[:1] not in ("{", "["))
    blocks = cut_at(text, data.draw(st.lists(st.integers(0, 10_000), max_size=5)))
    assert [piece for part in split_blocks(blocks) for piece in split(part)] == [*split(text)]
    chosen = load(data, text)
    whole = result(text, chosen, read_all=True)
    passages = [*rewrite_stream(blocks, chosen)]
    errors = [message.text for each in passages for message in each.errors]
    if isinstance(whole, RetouchError):
        assert errors == [message.text for message in whole.messages]
        return
    assert not errors
    assert "".join(each.text for each in passages) == whole.text
    assert [document for each in passages for document in each.documents] == list(whole.documents)
    assert [message for each in passages for message in each.warnings] == list(whole.warnings)


@pytest.mark.parametrize(
    "data",
    [
        b"a: 1\n---\nport: 1 # \xc3\xa9\n---\nport: 3\n",
        b"\xef\xbb\xbfport: 1\r\n---\r\nport: 3",
        b"port: 1\n---\nport: [1\n---\nport: 1\n",
        b"port: 1\n---\nport: {{ x }}\n  b: {{ y }}\n",
        b"port: 1\n---\nport: 1 # \xe9\n",
        b'{"port": 1}\n{"port": 3}\n',
        "port: 1\n---\nport: 3\n".encode("utf-16"),
        b"port: 1\n---\nport: 1\nport: 1\n",
        b"x: 1\n---\ny: 1\n",
        b"",
    ],
)
def test_a_long_standard_input_is_done_like_a_short_one(monkeypatch, tmp_path: Path, capsysbinary, data: bytes):
    (tmp_path / "rules.yaml").write_text(HEAD + PORT)
    monkeypatch.chdir(tmp_path)
    found = []
    for block in (1 << 20, 8):
        monkeypatch.setattr(streaming, "_BLOCK", block)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        code = command.main(["apply", "-v", "-r", "rules.yaml"])
        found.append((code, *capsysbinary.readouterr()))
    assert found[0] == found[1]


def test_a_result_that_cannot_be_held_is_an_error(monkeypatch, tmp_path: Path, capsysbinary):
    class Full(io.BytesIO):
        def write(self, _data: Any) -> int:
            raise OSError(28, "No space left on device")

    (tmp_path / "rules.yaml").write_text(HEAD + PORT)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(streaming, "_BLOCK", 8)
    monkeypatch.setattr(streaming, "SpooledTemporaryFile", lambda _size, **_options: Full())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"port: 1\n---\nport: 3\n")))
    assert command.main(["apply", "-r", "rules.yaml"]) == 2
    out, said = capsysbinary.readouterr()
    assert out == b""
    assert b"cannot be held on the disk until it is done: No space left on device; nothing was written" in said
