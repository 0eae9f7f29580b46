"""The guard against an editor, and a tree, that are broken on purpose: a wrong result never comes out."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from law import Patch
from process import run
from ruamel.yaml import YAML
from test_case import CASES, RESULTS, before, over
from wrong_edit import DAMAGE, WRONG, Wrong, break_edit

from retouch import apply_patch, load_text, passage, rewrite
from retouch.editing.edit_text import Edit, splice
from retouch.editing.guard import check, check_cut
from retouch.error import GuardError, InputError
from retouch.evaluation.tree import Tree
from retouch.reading.document import Chunk, cut
from retouch.reading.json_reader import skip_blanks
from retouch.source import Source
from retouch.value import equal, identity

_TAKEN_BY_LIBYAML = {"suite/key-on-two-lines-in-flow"}
"""Cases in which a mistake makes text that the C parser reads rightly and no other: a key on two lines without `?`."""

_LEAST_STOPPED = 5  # of the ways to go wrong, at one place: some cannot be taken there, some do no harm
pytestmark = pytest.mark.filterwarnings("ignore::ruamel.yaml.error.ReusedAnchorWarning")

_MOST_EDITS = 3  # of one document that are broken, one after the other


@dataclass
class Step:
    """What the rewriter did to one document's text: its edits, and what it gave to the guard."""

    chunk: Chunk
    patches: Any
    edits: Sequence[Edit]
    number: int  # of the document in the stream's pieces


def record(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Step], Source, list[str]]:
    """The steps of a case, the text as it was, and the pieces of the new text."""
    (path,) = folder.glob("before.*")
    source = Source(before(folder), path.name)
    chunks: list[tuple[Chunk, Any, Sequence[Edit]]] = []
    made: list[Sequence[Edit]] = []
    with monkeypatch.context() as patched:
        patched.setattr(passage, "splice", lambda text, edits: made.append(edits) or splice(text, edits))
        patched.setattr(
            passage, "check", lambda chunk, _text, patches, _data: chunks.append((chunk, patches, made[-1]))
        )
        rules = load_text((folder / "rules.yaml").read_text("utf-8"), "rules.yaml")
        result = rewrite(source.text, rules, file=path.name)
    pieces = iter(enumerate(cut(source.text, path.name)[1]))
    steps = []
    for chunk, patches, edits in chunks:
        number = next(number for number, piece in pieces if piece == chunk.source.text)
        steps.append(Step(chunk, patches, edits, number))
    return steps, source, [*cut(result.text, path.name)[1]]


def pass_guard(step: Step, source: Source, pieces: Sequence[str], wrong: str) -> str | None:
    """The whole new text, in which `wrong` is that of one document; None if the guard stops it."""
    broken = [*pieces[: step.number], wrong, *pieces[step.number + 1 :]]
    try:
        check(step.chunk, wrong, step.patches)
        check_cut(source, broken)
    except (GuardError, InputError):
        return None
    return "".join(broken)


def say_the_same(text: str, expected: str) -> bool:
    """Whether two texts say the same, to a reader that is not ours."""
    readers = [read for read in (_json, _pyyaml, _ruamel) if _try(read, expected) is not None]
    if not readers:
        pytest.skip("no other reader takes this text")
    return any(_try(read, text) == _try(read, expected) for read in readers)


def _try(read: Callable[[str], Any], text: str) -> Any:
    try:
        return read(text)
    except Exception:  # noqa: BLE001 - whatever it is, this reader cannot tell
        return None


def _json(text: str) -> Any:
    decoder, found, at = json.JSONDecoder(object_pairs_hook=sorted), [], skip_blanks(text, text.startswith("\ufeff"))
    while at < len(text):
        value, at = decoder.raw_decode(text, at)
        found.append(value)
        at = skip_blanks(text, at)
    return repr(found)


def _pyyaml(text: str) -> Any:
    return [_canonical(node) for node in yaml.compose_all(text, yaml.SafeLoader)]


def _ruamel(text: str) -> Any:
    return [_canonical(node) for node in YAML(typ="safe", pure=True).compose_all(text)]


def _canonical(node: Any) -> Any:
    """Tags and content of a node and all below; the order of keys is nothing, and numbers are what they are worth."""
    if node is None:
        return None
    tag = str(node.tag)
    if node.id == "mapping":
        pairs = [[_key(key), _canonical(value)] for key, value in node.value]
        return [tag.startswith("!") and tag, sorted(pairs, key=repr)]
    if node.id == "sequence":
        return [tag.startswith("!") and tag, [_canonical(each) for each in node.value]]
    number = yaml.safe_load(node.value) if tag.endswith((":int", ":float")) else None
    if isinstance(number, (int, float)):
        return "nan" if math.isnan(number) else float(number)
    return [tag, node.value]


def _key(node: Any) -> Any:
    """A key; what tag a scalar has there is nothing."""
    return node.value if node.id == "scalar" else _canonical(node)


@over(RESULTS)
def test_no_wrong_edit_comes_out(folder, monkeypatch):
    steps, source, pieces = record(folder, monkeypatch)
    expected = "".join(pieces)
    lenient = folder.relative_to(CASES).as_posix() in _TAKEN_BY_LIBYAML
    for step in steps:
        text = step.chunk.source.text
        for number in range(min(len(step.edits), _MOST_EDITS)):
            for name, wrong in WRONG.items():
                broken = break_edit(text, step.edits, number, wrong)
                passed = pass_guard(step, source, pieces, broken) if broken is not None else None
                assert passed is None or lenient or say_the_same(passed, expected), (name, passed)
        for name, damage in DAMAGE.items():
            passed = pass_guard(step, source, pieces, damage(pieces[step.number]))
            assert passed is None or say_the_same(passed, expected), (name, passed)


STREAM = "# top\na: 1\n---\nb: [x, 'y']\nc:\n- {d: 1}\n- e: 2\n  f: 3\n---\ng: |\n  text\n"
PLACES: dict[str, tuple[str, int, Patch]] = {
    "a scalar in block style": ("a: one # c\nb: two\n", 0, [{"op": "replace", "path": "/a", "value": "new"}]),
    "a quoted scalar": ("a: 'one' # c\nb: two\n", 0, [{"op": "replace", "path": "/a", "value": "no: yes"}]),
    "a new entry": ("a:\n  b: 1\nc: 2\n", 0, [{"op": "add", "path": "/a/d", "value": {"e": [1, "f"]}}]),
    "an entry that goes": ("a: 1\nb: 2\nc: 3\n", 0, [{"op": "remove", "path": "/b"}]),
    "an item of a block list": (STREAM, 1, [{"op": "add", "path": "/c/1", "value": {"h": 1, "i": 2}}]),
    "an entry inside a list item": (STREAM, 1, [{"op": "replace", "path": "/c/1/f", "value": [1, 2]}]),
    "a flow list": (STREAM, 1, [{"op": "add", "path": "/b/1", "value": "new"}]),
    "a flow mapping": (STREAM, 1, [{"op": "replace", "path": "/c/0/d", "value": "new"}]),
    "the end of a document": (STREAM, 1, [{"op": "add", "path": "/j", "value": "text\nof lines\n"}]),
    "the first document": (STREAM, 0, [{"op": "add", "path": "/k", "value": True}]),
    "a block scalar": (STREAM, 2, [{"op": "replace", "path": "/g", "value": "other\ntext\n"}]),
    "JSON on one line": ('{"a": [1, "x"], "b": {}}', 0, [{"op": "add", "path": "/a/1", "value": "new"}]),
    "JSON on many lines": ('{\n  "a": 1,\n  "b": 2\n}\n', 0, [{"op": "remove", "path": "/b"}]),
}


@pytest.mark.parametrize("place", PLACES)
def test_what_is_broken_at_a_place_is_stopped(place, monkeypatch):
    text, document, patch = PLACES[place]
    expected = apply_patch(text, patch, document)
    stopped: list[str] = []
    for wrong in WRONG.values():
        break_splice(monkeypatch, wrong)
        try:
            passed = apply_patch(text, patch, document)
        except (GuardError, InputError) as error:
            stopped.append(str(error))
        else:
            assert say_the_same(passed, expected)
    assert len(stopped) >= _LEAST_STOPPED
    assert all("Nothing was written" in message for message in stopped)


def break_splice(monkeypatch: pytest.MonkeyPatch, wrong: Wrong) -> None:
    """From now on the first edit of every document goes wrong, where it can."""

    def broken(text: str, edits: Sequence[Edit]) -> str:
        return break_edit(text, edits, 0, wrong) or splice(text, edits)

    monkeypatch.setattr(passage, "splice", broken)


def test_a_wrong_comment_is_stopped(monkeypatch):
    rules = load_text(
        "apiVersion: retouch/v1\nkind: RuleSet\nmetadata: {name: case}\nrules:\n- id: case\n  actions:\n"
        "  - comment: $.a\n    text: why\n"
    )
    assert rewrite("a: 1\nb: 2\n", rules).text == "a: 1 # why\nb: 2\n"
    for name in ("swallows the next line", "one to the left", "takes away what is behind", "is made twice"):
        break_splice(monkeypatch, WRONG[name])
        try:
            assert say_the_same(rewrite("a: 1\nb: 2\n", rules).text, "a: 1\nb: 2\n"), name
        except GuardError:
            continue
        assert name == "is made twice"


RIGHT = [
    {"op": "add", "path": "/a", "value": [1]},
    {"op": "add", "path": "/a/0", "value": "x"},
    {"op": "remove", "path": "/b"},
    {"op": "replace", "path": "/c", "value": 1},
]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda made: made[1:],
        lambda made: made[:-1],
        lambda made: [*made, made[0]],
        lambda made: [made[2], made[1], made[0], *made[3:]],
        lambda made: [*made[:2], replace(made[2], path="/c"), *made[3:]],
        lambda made: [*made[:-1], replace(made[-1], value=True)],
        lambda made: [*made[:-1], replace(made[-1], value="1")],
    ],
)
def test_a_wrong_patch_is_stopped(wrong, monkeypatch):
    text, right = "b: 1\nc: 2\nd: 3\n", "c: 1\nd: 3\na: [x, 1]\n"
    patch = [RIGHT[0], {"op": "test", "path": "/d", "value": 3}, *RIGHT[1:]]
    assert yaml.safe_load(apply_patch(text, patch)) == yaml.safe_load(right)
    made = Tree.operations
    monkeypatch.setattr(Tree, "operations", lambda tree: wrong(made(tree)))
    with pytest.raises(GuardError, match="Nothing was written"):
        apply_patch(text, patch)


VALUES = [
    None,
    True,
    False,
    0,
    1,
    -1,
    1.5,
    "",
    "1",
    "true",
    "null",
    [],
    {},
    [None],
    {"a": None},
    [1, 2],
    [2, 1],
    {"a": 1, "b": [1]},
]


def test_the_guard_compares_strictly():
    for number, one in enumerate(VALUES):
        for place, other in enumerate(VALUES):
            assert equal(one, other) is (number == place), (one, other)
            assert (identity(one) == identity(other)) is (number == place)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (math.nan, float("nan")),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ([1, {"a": math.nan}], [1.0, {"a": math.nan}]),
    ],
)
def test_what_is_the_same_to_the_guard(one, other):
    assert equal(one, other)
    assert identity(one) == identity(other)


@pytest.mark.parametrize(
    ("written", "stopped"),
    [
        ("1.0", False),
        ("0x1", False),
        ("true", True),
        ("'1'", True),
        ("", True),
        ("null", True),
        ("[1]", True),
        (".nan", True),
    ],
)
def test_a_value_that_reads_otherwise_is_stopped(written, stopped, monkeypatch):
    monkeypatch.setattr(passage, "splice", lambda text, edits: splice(text, [replace(edits[0], text=written)]))
    try:
        result = apply_patch("a: 2\n", [{"op": "replace", "path": "/a", "value": 1}])
    except GuardError:
        assert stopped
    else:
        assert not stopped
        assert result == f"a: {written}\n"


def break_command(wrong: Wrong) -> None:
    """As `break_splice`, for good: in a process of its own."""
    passage.splice = lambda text, edits: break_edit(text, edits, 0, wrong) or splice(text, edits)  # type: ignore[attr-defined]


MANIFEST = "# two of them\nspec: {replicas: 1}\n---\nkind: B\nspec:\n  replicas: 1\n---\nkind: C\nspec: {replicas: 1}\n"
IN_PLACE = ("apply", "-i", "--set", "$.spec.replicas=23", "a.yaml", "b.yaml")


@pytest.mark.parametrize(
    "name", ["one to the left", "lacks its last character", "swallows the next line", "is left out"]
)
def test_files_stay_as_they_are_where_the_editor_is_broken(name, tmp_path):
    for file in ("a.yaml", "b.yaml"):
        (tmp_path / file).write_text(MANIFEST)
    ended = run(tmp_path, *IN_PLACE, before=lambda: break_command(WRONG[name]))
    assert ended.returncode == 2
    for file in ("a.yaml", "b.yaml"):
        assert (tmp_path / file).read_text() == MANIFEST
        assert f"{file}:" in ended.stderr
    assert "Nothing was written. This is a mistake in retouch: please report it with the document" in ended.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.yaml", "b.yaml"]


def test_without_the_guard_what_is_wrong_is_written(tmp_path):
    for file in ("a.yaml", "b.yaml"):
        (tmp_path / file).write_text(MANIFEST)
    ended = run(tmp_path, *IN_PLACE, "--no-verify", before=lambda: break_command(WRONG["lacks its last character"]))
    assert ended.returncode == 0
    assert (tmp_path / "a.yaml").read_text() == MANIFEST.replace("replicas: 1", "replicas: 2")
    assert "internal error" not in ended.stderr
