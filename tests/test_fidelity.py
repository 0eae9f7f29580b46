"""Laws over whole corpora: what need not change does not, and the text says what the patch makes of the data."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import nullcontext
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from corpus import data_at, data_of, edits_of, files, name_of, needs_corpus
from parser_choice import only, reads

from retouch import apply_patch, load_text, rewrite
from retouch.editing.yaml_writer import dump
from retouch.error import InputError, PatchError, RetouchError
from retouch.node import MAPPING, plain
from retouch.patch import apply, reverse
from retouch.reading.document import read
from retouch.value import equal

DATA = Path(__file__).resolve().parent / "data"
ARGO = files("argo-examples", "*.yaml")
SUITE = files("yaml-test-suite", "in.yaml")
HEAD = "apiVersion: retouch/v1\nkind: RuleSet\nmetadata: {name: law}\nrules:\n- id: one\n  actions:\n"

pytestmark = needs_corpus


def accepted(name: str, found: Any, request: pytest.FixtureRequest) -> Any:
    """The table `name` of what is known not to work, as it is on file; `--accept` writes what was found."""
    path = DATA / name
    if request.config.getoption("--accept"):
        path.write_text(json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")
    return json.loads(path.read_text("utf-8"))


def test_the_corpora_are_there():
    assert len(ARGO) >= 217
    assert len(SUITE) >= 390


@pytest.mark.parametrize("path", ARGO, ids=name_of)
def test_argo_example_is_the_same_without_rules(path):
    text = path.read_bytes().decode()
    rules = load_text(f"{HEAD}  - set: $.nothing\n    value: 1\n    when: doc.kind == 'Nothing'\n")
    assert rewrite(text, ()).text == text
    assert rewrite(text, rules).text == text


def test_suite_is_the_same_without_rules(request):
    """`unread.json` lists the valid cases that no parser reads, and the invalid ones that one does."""
    unread: dict[str, str] = {}
    for path in SUITE:
        text = path.read_bytes().decode()
        valid = not path.with_name("error").exists()
        try:
            assert rewrite(text, ()).text == text
        except InputError as error:
            message = error.messages[0]
            if valid or message.place.line is None:
                unread[name_of(path)] = message.text
        else:
            if not valid:
                unread[name_of(path)] = "invalid, but read"
    assert unread == accepted("unread.json", unread, request)
    assert sum(1 for message in unread.values() if message != "invalid, but read") <= 24


@pytest.mark.parametrize("path", [path for path in SUITE if path.with_name("in.json").exists()], ids=name_of)
def test_suite_is_read_as_it_says(path):
    text = path.read_bytes().decode()
    try:
        documents = read(text)
    except InputError:
        pytest.skip("no parser reads it (unread.json)")
    expected = _json_values(path.with_name("in.json").read_text("utf-8"))
    if name_of(path) in READ_OTHERWISE:
        pytest.skip(READ_OTHERWISE[name_of(path)])
    found = [plain(document.root) for document in documents]
    assert equal(found, [value for value in expected if value is not None or None in found])


def _json_values(text: str) -> list[Any]:
    decoder, values, at = json.JSONDecoder(), [], 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        value, at = decoder.raw_decode(text, at)
        values.append(value)
    return values


READ_OTHERWISE = {
    "652Z": "in flow style the C parser takes `?foo` for the explicit key `foo`",
    "HM87/01": "in flow style the C parser takes `?x` for the explicit key `x`",
    "DK95/01": "invalid: a tab indents the second line of a quoted scalar, which the C parser takes",
    "JEF9/02": "the C parser takes no blank line at the end of the text for content, if it has no line break",
    "L24T/01": "the C parser adds no line break that the text does not have",
    "Y2GN": "an anchor ends at `:` to the C parser",
}


def argo(edit: str) -> list[Any]:
    """The Argo examples that can be edited, with the rule `edit`."""
    return [pytest.param(path, edit, id=name_of(path)) for path in ARGO]


def changed_lines(path: Path, edit: str) -> tuple[list[str], list[str], list[Any]]:
    """The lines that go and the lines that come when the rule `edit` is applied, and the documents it changed."""
    text = path.read_bytes().decode()
    try:
        result = rewrite(text, load_text(HEAD + edit), file=path.name)
    except InputError as error:
        if "stands twice" not in str(error):
            raise
        pytest.skip(str(error))
    old, new = text.splitlines(keepends=True), result.text.splitlines(keepends=True)
    removed, added = [], []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            removed += old[a:b]
            added += new[c:d]
    documents = [document for document in read(text) if rewrite_changes(result, document)]
    return removed, added, documents


def rewrite_changes(result: Any, document: Any) -> bool:
    return any(one.changed and (one.index, one.item) == (document.index, document.item) for one in result.documents)


@pytest.mark.parametrize(("path", "edit"), argo("  - set: $.kind\n    value: Other\n    when: doc.kind is defined\n"))
def test_argo_set_kind(path, edit):
    removed, added, documents = changed_lines(path, edit)
    assert len(removed) == len(added) == len(documents)
    for old, new, document in zip(removed, added, documents, strict=True):
        assert new == old.replace(plain(document.root)["kind"], "Other", 1)


@pytest.mark.parametrize(("path", "edit"), argo("  - set: $.metadata.labels.x\n    value: new\n"))
def test_argo_add_label(path, edit):
    removed, added, documents = changed_lines(path, edit)
    expected_added = expected_removed = 0
    for document in documents:
        metadata = document.root.value.get("metadata")
        labels = metadata.value.get("labels") if metadata is not None and metadata.kind == MAPPING else None
        holders = [node for node in (metadata, labels) if node is not None and node.kind == MAPPING]
        in_flow = bool(holders) and holders[-1].flow and bool(holders[-1].value)
        expected_added += 1 if in_flow else 3 - len(holders)
        expected_removed += in_flow
    assert (len(removed), len(added)) == (expected_removed, expected_added)
    assert all("x: new" in line or line.strip() in ("labels:", "metadata:") for line in added)


TEMPLATE = """\
  - append: $.spec.templates
    value: {name: new, suspend: {}}
    when: doc.spec.templates is defined
"""


@pytest.mark.parametrize(("path", "edit"), argo(TEMPLATE))
def test_argo_append_template(path, edit):
    removed, added, documents = changed_lines(path, edit)
    assert not removed
    lines = [line.strip() for line in added if line.strip()]
    assert lines == ["- name: new", "suspend: {}"] * len(documents)


REMOVAL = "  - remove: $.spec.entrypoint\n    missing: ok\n"


@pytest.mark.parametrize(("path", "edit"), argo(REMOVAL))
def test_argo_remove_key(path, edit):
    removed, added, documents = changed_lines(path, edit)
    assert not added
    lines = [line.strip() for line in removed]
    assert sum(line.startswith("entrypoint:") for line in lines) == len(documents)
    assert all(line.startswith(("entrypoint:", "#")) for line in lines)
    assert all(after.startswith("#") or before.startswith(("#", "entrypoint:")) for before, after in pairwise(lines))


PATCH_CASES = [
    pytest.param(case, id=f"{path.stem}-{number}")
    for path in files("json-patch-tests", "*.json")
    for number, case in enumerate(json.loads(path.read_text("utf-8")))
    if not case.get("disabled")
]
WRITERS: dict[str, Callable[[Any], str]] = {
    "block style": lambda data: f"--- # top\n{dump(data)}",
    "one line of JSON": json.dumps,
    "lines of JSON": lambda data: json.dumps(data, indent=2) + "\n",
}


def test_no_enabled_case_of_the_json_patch_suite_is_left_out():
    """4 of 112 records are disabled: members that repeat (2), a scalar as document, `test` of a whole document."""
    cases = [case.values[0] for case in PATCH_CASES]
    assert len(cases) == 108
    assert all("doc" in case and "patch" in case and ("expected" in case) != ("error" in case) for case in cases)
    assert sum("error" in case for case in cases) == 34


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
@pytest.mark.parametrize("case", PATCH_CASES)
def test_json_patch_suite_on_text(case, write):
    text = write(case["doc"])
    if "error" in case:
        with pytest.raises(PatchError):
            apply_patch(text, case["patch"], 0)
        return
    result = apply_patch(text, case["patch"], 0)
    assert equal(data_of(result), [case["expected"]])
    if not text.startswith("---"):
        assert equal(json.loads(result), case["expected"])


def test_every_edit_of_every_node_of_the_suite(request):
    """`refused.json` counts by case the edits that are refused, by the reason given.

    What the C parser reads by itself, as kubectl does, it can still read when it is edited.
    """
    refused: dict[str, dict[str, int]] = {}
    done = 0
    for path in SUITE:
        text = path.read_bytes().decode()
        with only("C") if reads("C", text) else nullcontext():
            done += edit_everything(text, refused.setdefault(name_of(path), {}))
    assert done > 7400
    refused = {name: reasons for name, reasons in refused.items() if reasons}
    assert refused == accepted("refused.json", refused, request)


def edit_everything(text: str, refused: dict[str, int]) -> int:
    """Does every edit of every document of a text, counts those that are `refused` and returns how many are not."""
    done = 0
    try:
        documents = read(text)
    except InputError:
        return done
    for document in documents:
        data = plain(document.root)
        for edit in edits_of(data):
            try:
                result = apply_patch(text, [edit], document.index, item=document.item)
            except InputError as error:
                reason = error.messages[0].text
                refused[reason] = refused.get(reason, 0) + 1
                continue
            assert equal(data_at(result, document.index), apply(data, [edit])), (text, edit)
            done += 1
    return done


@pytest.mark.parametrize("path", ARGO[::4], ids=name_of)
def test_argo_example_comes_back_by_the_reverse_patch(path):
    text = path.read_bytes().decode()
    for document in read(text):
        data = plain(document.root)
        edits = edits_of(data)[:: max(1, len(edits_of(data)) // 8)]
        for edit in edits:
            try:
                result = apply_patch(text, [edit], document.index, item=document.item)
            except RetouchError as error:
                if "stands twice" in str(error) or "`apiVersion` or `kind`" in str(error):
                    continue
                raise
            back = apply_patch(result, reverse(data, [edit]), document.index, item=document.item)
            assert equal(data_of(back), data_of(text)), edit
