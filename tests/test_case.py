"""Every case folder: what its rules make of its text, byte for byte, and the laws that hold for all of them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from retouch import Rewrite, apply_patch, load_text, rewrite
from retouch.error import InputError, RetouchError
from retouch.node import plain
from retouch.patch import reverse
from retouch.reading.document import read
from retouch.value import equal

CASES = Path(__file__).resolve().parent / "cases"
FOLDERS = sorted(path.parent for path in CASES.rglob("before.*"))
SAME_AGAIN = {"set", "default", "merge", "upsert", "sub", "map", "comment", "replace"}
VERB = re.compile(r"^  - ([a-z]+):", re.MULTILINE)


def before(folder: Path) -> str:
    (path,) = folder.glob("before.*")
    return path.read_bytes().decode()


def over(folders: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("folder", folders, ids=lambda folder: folder.relative_to(CASES).as_posix())


RESULTS = [folder for folder in FOLDERS if not (folder / "error.txt").exists()]
REPEATABLE = [folder for folder in RESULTS if set(VERB.findall((folder / "rules.yaml").read_text())) <= SAME_AGAIN]
WITH_LF = [folder for folder in RESULTS if "\r" not in before(folder) and "\n" in before(folder)]


def run(folder: Path, text: str) -> Rewrite:
    (path,) = folder.glob("before.*")
    rules = load_text((folder / "rules.yaml").read_text("utf-8"), "rules.yaml")
    return rewrite(text, rules, file=path.name)


def outcome(folder: Path) -> dict[str, bytes]:
    """The files that a case expects beside its own, with their content."""
    (path,) = folder.glob("before.*")
    try:
        result = run(folder, before(folder))
    except RetouchError as error:
        return {"error.txt": f"{error}\n".encode()}
    patches = [
        {"document": one.index, **({} if one.item is None else {"item": one.item}), "patch": one.patch}
        for one in result.documents
        if one.changed
    ]
    lines = [json.dumps(patch, ensure_ascii=False) for patch in patches]
    text = "[\n" + ",\n".join(lines) + "\n]\n"
    warnings = "".join(f"{warning}\n" for warning in result.warnings)
    files = {f"after{path.suffix}": result.text, "patch.json": text, **({"warnings.txt": warnings} if warnings else {})}
    return {name: content.encode() for name, content in files.items()}


def test_there_are_cases():
    assert len(FOLDERS) >= 190
    assert len(REPEATABLE) >= 60


@over(FOLDERS)
def test_result(folder, request):
    found = outcome(folder)
    if request.config.getoption("--accept"):
        for name in ("error.txt", "after.yaml", "after.json", "patch.json", "warnings.txt"):
            (folder / name).unlink(missing_ok=True)
        for name, content in found.items():
            (folder / name).write_bytes(content)
    expected = {path.name: path.read_bytes() for path in folder.iterdir() if path.name in found}
    assert found == expected
    given = {path.name for path in folder.iterdir() if path.name != "rules.yaml" and path.stem != "before"}
    assert given == set(found), "files that nothing reads"


@over(FOLDERS)
def test_nothing_changes_without_rules(folder):
    text = before(folder)
    try:
        result = rewrite(text, ())
    except InputError:
        pytest.skip("no reader takes this text")
    assert result.text == text


@over(REPEATABLE)
def test_second_run_finds_nothing(folder):
    result = run(folder, before(folder))
    again = run(folder, result.text)
    assert again.text == result.text
    assert not any(one.patch for one in again.documents)


@over(RESULTS)
def test_reverse_patch_restores_the_data(folder):
    result = run(folder, before(folder))
    text = result.text
    for one in result.documents:
        if one.patch:
            text = apply_patch(text, reverse(one.data, one.patch), one.index, item=one.item)
    was, now = ([plain(document.root) for document in read(each)] for each in (before(folder), text))
    assert equal(was, now)


@over(RESULTS)
def test_only_the_edits_change_bytes(folder):
    result = run(folder, before(folder))
    text, made, at = before(folder), "", 0
    for edit in result.edits:
        assert at <= edit.start <= edit.end
        made += text[at : edit.start] + edit.text
        at = edit.end
    assert made + text[at:] == result.text


@over(WITH_LF)
def test_line_breaks_are_those_of_the_text(folder):
    result = run(folder, before(folder))
    text = before(folder)
    assert run(folder, text.replace("\n", "\r\n")).text == result.text.replace("\n", "\r\n")
