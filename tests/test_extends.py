"""Rule sets that extend others: a case is a folder; what its `rules.yaml` is in effect, or the mistakes in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from retouch import RuleError, load
from retouch.loader import show
from retouch.node import plain
from retouch.rule_text import RuleText, locate
from retouch.rulefile.entry import SECTIONS
from retouch.rulefile.rule_file import read_whole

CASES = Path(__file__).resolve().parent / "cases" / "extends"
FOLDERS = sorted(path.parent for path in CASES.glob("*/rules.yaml"))
HEAD = "apiVersion: retouch/v1\nkind: RuleSet\nmetadata: {name: acme/NAME}\n"


def case(folder: Path):
    return pytest.param(folder, id=folder.name)


def test_there_are_cases():
    assert len([folder for folder in FOLDERS if (folder / "error.txt").exists()]) >= 20


@pytest.mark.parametrize("folder", [case(folder) for folder in FOLDERS])
def test_case(folder: Path, request, monkeypatch):
    monkeypatch.chdir(folder)
    try:
        load("rules.yaml", params={})
    except RuleError as error:
        found = {"error.txt": "".join(told(message) for message in error.messages)}
    else:
        found = {"effective.yaml": show("rules.yaml")}
    if request.config.getoption("--accept"):
        for name in ("error.txt", "effective.yaml"):
            (folder / name).unlink(missing_ok=True)
        for name, content in found.items():
            (folder / name).write_text(content, "utf-8")
    given = {
        name: (folder / name).read_text("utf-8") for name in ("error.txt", "effective.yaml") if (folder / name).exists()
    }
    assert found == given


def told(message) -> str:
    folder = str(Path.cwd())
    lines = [str(message), *(f"  {note}" for note in message.notes)]
    return "".join(f"{line}\n" for line in lines).replace(folder, "FOLDER")


@pytest.mark.parametrize("path", [case(folder) for folder in FOLDERS if (folder / "effective.yaml").exists()])
def test_effective_text_says_the_same(path: Path):
    (text,) = locate("./rules.yaml", folder=path)
    ((whole, rule_set),) = read_whole(text)
    ((again, same),) = read_whole(RuleText((path / "effective.yaml").read_text("utf-8"), "effective.yaml"))
    assert same.parameters == rule_set.parameters
    for section in SECTIONS[1:]:
        was, now = ([(each.name, plain(each.node)) for each in one.sections[section]] for one in (whole, again))
        assert now == was, section
