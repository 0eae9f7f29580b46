"""Manifests that are a little wrong, random bytes and random text, through the API and the command line's own entry."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from corpus import files
from examples import examples
from hypothesis import event, given
from hypothesis import strategies as st
from law import check_laws
from mutation import ODD, mutations
from process import run
from random_document import streams, values
from random_rules import paths

from retouch import load_text, rewrite
from retouch.cli.file import read_text, write_text
from retouch.error import GuardError, InputError, RetouchError

HERE = Path(__file__).resolve().parent
MANIFESTS = sorted((HERE / "manifests").glob("*.yaml"))
CORPUS = [*files("argo-examples", "*.yaml")[::6], *files("kfp", "*.yaml")[::3]]
SIMPLE = """\
apiVersion: retouch/v1
kind: RuleSet
metadata: {name: fuzz}
rules:
- id: labels
  actions:
  - set: $.metadata.labels.team
    value: payments
  - default: $.spec.note
    value: "a: b"
  - remove: $.spec.entrypoint
    missing: ok
- id: templates
  match: {template: '$.spec.templates[*]'}
  actions:
  - append: template.tolerations
    value: {key: a, operator: Exists}
- id: images
  match: {container: $..container}
  when: container.image is defined
  actions:
  - set: container.image
    value: mirror.example.com/${ container.image }
  - comment: container.image
    text: mirrored
"""
RULES = load_text(SIMPLE)
QUIET = load_text(SIMPLE.replace("  - comment: container.image\n    text: mirrored\n", ""))


@examples(120)
@given(st.sampled_from(MANIFESTS), st.data())
def test_mutated_manifest(path, data):
    _rewrite_mutated(path, data)


if CORPUS:  # a test that has nothing to choose from cannot be skipped by hypothesis

    @examples(60)
    @given(st.sampled_from(CORPUS), st.data())
    def test_mutated_manifest_of_the_corpus(path, data):
        _rewrite_mutated(path, data)


def _rewrite_mutated(path: Path, data: st.DataObject) -> None:
    text = data.draw(mutations(path.read_bytes().decode()))
    for rules in (RULES, QUIET):
        try:
            result = rewrite(text, rules, file=path.name)
        except GuardError:
            raise
        except RetouchError as error:
            event(f"{type(error).__name__}")
            for message in error.messages:
                places = [message.place, *(note.place for note in message.notes)]
                assert path.name in [place.file for place in places], message
                assert all(place.line and place.column for place in places), message
            continue
        event("rewritten")
        if rules is QUIET:
            check_laws(text, result, path.name)


@examples(400)
@given(st.text(st.sampled_from("ab01:-?,[]{}&*!|>'\"%@`# \t\n\r\ufeff\x85\u2028\x00\ud800~<.=é"), max_size=40))
def test_random_text(text):
    _rewrite_anything(text)


@examples(200)
@given(st.lists(st.sampled_from([*ODD, "a", "b: ", "- ", "\n", "\n  ", "  "]), max_size=30).map("".join))
def test_random_pieces_of_text(text):
    _rewrite_anything(text)


def _rewrite_anything(text: str) -> None:
    rules = load_text(f"{SIMPLE}- id: root\n  actions:\n  - set: $.new\n    value: [1, x]\n    when: doc is mapping\n")
    for file in ("before.yaml", "before.json"):
        try:
            result = rewrite(text, rules, file=file)
        except GuardError:
            raise
        except RetouchError:
            continue
        assert result.changed or result.text == text


@examples(200)
@given(st.binary(max_size=60))
def test_random_bytes_are_text_that_is_written_back_or_an_error(content):
    try:
        text, encoding = read_text(content, "before.yaml")
    except InputError as error:
        assert error.line, error  # noqa: PT017 - what is tested is that nothing else comes out
        return
    assert write_text(text, encoding) == content


EMPTY = ["", "\ufeff", "\n", "# only\n", "---\n", "...\n", "%YAML 1.2\n---\n", "--- # c\n...\n"]


@pytest.mark.parametrize("text", EMPTY)
def test_text_without_a_document_stays(text):
    assert rewrite(text, RULES).text == text


contents = (
    st.binary(max_size=60)
    | streams().map(lambda stream: stream.text.encode("utf-8", "surrogatepass"))
    | st.sampled_from(["utf-16-le", "utf-16-be", "utf-32-le"]).flatmap(
        lambda codec: streams().map(lambda stream: f"\ufeff{stream.text.removeprefix(chr(0xFEFF))}".encode(codec))
    )
)
options = st.sampled_from(
    [
        *(["diff"], ["patch"], ["apply"], ["apply", "-i"], ["apply", "-o", "out"], ["apply", "-i", "--no-verify"]),
        *(
            ["patch", "--format", "jsonl"],
            ["patch", "--guard"],
            ["patch", "--reverse"],
            ["diff", "-v"],
            ["diff", "--stat"],
        ),
    ]
)


@st.composite
def commands(draw: st.DrawFn) -> tuple[list[str], dict[str, bytes]]:
    """Arguments, and the files that they speak of."""
    name = draw(st.sampled_from(["in.yaml", "in.yaml", "in.json"]))
    held = {name: draw(contents)}
    arguments = list(draw(options))
    kind = draw(st.sampled_from(["set", "rules", "patch", "odd"]))
    if kind == "set":
        value = draw(values.map(json.dumps) | st.text(max_size=5))
        arguments += ["--set", f"{draw(paths)}={value}"]
    elif kind == "rules":
        held["rules.yaml"] = draw(mutations(SIMPLE)).encode("utf-8", "surrogatepass")
        arguments += ["-r", "rules.yaml"]
    elif kind == "patch":
        patch = [{"op": draw(st.sampled_from(["add", "replace", "move", "x"])), "path": "/a", "value": draw(values)}]
        held["patch.json"] = draw(st.just(json.dumps(patch)) | mutations(json.dumps(patch))).encode("utf-8", "replace")
        arguments += ["--patch", "patch.json"]
    else:
        arguments += draw(
            st.lists(st.sampled_from(["-r", "-p", "a=b", "--set", "-q", "--jobs", "2", "x", "-"]), max_size=4)
        )
    return [*arguments, name], held


@examples(150)
@given(commands())
def test_random_command(command):
    arguments, held = command
    with TemporaryDirectory() as folder:
        for name, content in held.items():
            (Path(folder) / name).write_bytes(content)
        ended = run(Path(folder), *arguments)
        event(f"{arguments[0]}: {ended.returncode}")
        assert ended.returncode in (0, 1, 2), ended.stderr
        assert "internal error" not in ended.stderr, ended.stderr
        assert "mistake in retouch" not in ended.stderr, ended.stderr
        if ended.returncode == 2:
            assert {name: (Path(folder) / name).read_bytes() for name in held} == held
