"""`retouch lint`: every check finds what its case shows, and is silent where its near miss stands."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from retouch.cli.command import main
from retouch.cli.rule_test import run_tests
from retouch.cli.test_file import find_test_files
from retouch.error import RuleError
from retouch.linting.check import CHECKS, UNUSED_IGNORE
from retouch.linting.check_test import NAME as UNTESTED
from retouch.linting.lint import lint
from retouch.rule_text import RuleText

ROOT = Path(__file__).resolve().parents[1]
CASES = ROOT / "tests" / "cases" / "lint"
FOLDERS = sorted(path.parent for path in CASES.glob("*/rules.yaml"))
PAGE = (ROOT / "docs" / "lint.md").read_text("utf-8")
NAMES = sorted([*CHECKS, UNUSED_IGNORE])


def found_in(folder: Path) -> str:
    """What lint says of the rules of a case; its tests are run where the case is about them."""
    tested = None
    if folder.name.startswith(UNTESTED):
        tested, messages = run_tests(find_test_files([str(folder)], folder)[0], {})
        assert not messages
    text = RuleText((folder / "rules.yaml").read_text("utf-8"), "rules.yaml")
    if folder.name.startswith(UNTESTED):
        text = RuleText(text.text, str(folder / "rules.yaml"), folder, folder)
    lines = [str(each) for message in lint(text, tested=tested) for each in (message, *map(_indented, message.notes))]
    return "".join(f"{line}\n" for line in lines).replace(f"{folder}/", "")


def _indented(note: object) -> str:
    return f"  {note}"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_case(folder: Path, request: pytest.FixtureRequest) -> None:
    expected = folder / "findings.txt"
    found = found_in(folder)
    if request.config.getoption("--accept"):
        expected.write_text(found, "utf-8")
    assert found == expected.read_text("utf-8")
    name = folder.name.removesuffix("-silent")
    assert name in NAMES or any(name.startswith(f"{check}-") for check in NAMES)
    if folder.name.endswith("-silent"):
        assert found == ""
    else:
        assert f"[{name}]" in found or any(f"[{check}]" in found for check in NAMES if name.startswith(f"{check}-"))


@pytest.mark.parametrize("name", NAMES)
def test_every_check_has_cases_and_a_row(name: str) -> None:
    assert (CASES / name / "findings.txt").exists()
    assert any(folder.name.endswith("-silent") and folder.name.startswith(name) for folder in FOLDERS), "no near miss"
    assert re.search(rf"^\| `{name}` \|", PAGE, re.MULTILINE)


def test_no_row_without_a_check() -> None:
    assert sorted(re.findall(r"^\| `([a-z-]+)` \|", PAGE, re.MULTILINE)) == NAMES


def test_what_does_not_load_is_an_error() -> None:
    with pytest.raises(RuleError):
        lint(RuleText("kind: RuleSet\n", "rules.yaml"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(folder: Path, case: str, name: str = "rules.yaml") -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(CASES / case / "rules.yaml", folder / name)


def test_exit_codes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(folder, "unused-capture")
    put(folder, "unused-capture-silent", "clean.yaml")
    assert main(["lint", "--no-tests", "clean.yaml"]) == 0
    assert capsys.readouterr() == ("", "1 file: nothing found\n")
    assert main(["lint", "--no-tests", "rules.yaml"]) == 1
    assert "[unused-capture]" in capsys.readouterr().out
    (folder / "wrong.yaml").write_text("kind: RuleSet\napiVersion: retouch/v1\n")
    assert main(["lint", "--no-tests", "rules.yaml", "wrong.yaml"]) == 2
    out = capsys.readouterr().out
    assert "[unused-capture]" in out, "what can be linted is linted"
    assert "wrong.yaml:1:1: error: a rule set needs `metadata`, `rules`" in out
    assert main(["lint"]) == 2
    assert "nothing to lint" in capsys.readouterr().err


def test_formats(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(folder, "unused-capture")
    assert main(["lint", "--no-tests", "--format", "json", "rules.yaml"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert {each["rule"] for each in found} == {"unused-capture"}
    assert main(["lint", "--no-tests", "--format", "github", "rules.yaml"]) == 1
    assert capsys.readouterr().out.startswith("::warning file=rules.yaml,line=")
    assert main(["lint", "--no-tests", "--format", "sarif", "rules.yaml"]) == 1
    log = json.loads(capsys.readouterr().out)
    assert log["runs"][0]["tool"]["driver"]["rules"] == [{"id": "unused-capture"}]


CONFIG = """\
apiVersion: retouch/v1
kind: Config
rulesets:
- use: ./rules/mine.yaml
- use: argo/artifacts-to-volume
  params: {volume: {persistentVolumeClaim: {claimName: data}}}
"""


def test_the_project_is_linted_from_every_folder(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, "unused-capture", "rules/mine.yaml")
    (folder / "retouch.yaml").write_text(CONFIG)
    assert main(["lint"]) == 1
    out = capsys.readouterr().out
    assert "rules/mine.yaml:" in out
    assert "[unused-capture]" in out
    assert "[untested-rule]" in out
    assert "artifacts-to-volume" not in out
    monkeypatch.chdir(folder / "rules")
    assert main(["lint"]) == 1
    assert "\nmine.yaml:" in "\n" + capsys.readouterr().out


def test_mistakes_in_the_configuration_are_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(folder, "unused-capture", "rules/mine.yaml")
    (folder / "retouch.yaml").write_text(CONFIG + "  rules: {nothing: {enabled: false}}\n")
    for arguments in (["lint", "--no-tests"], ["lint", "retouch.yaml"]):
        assert main(arguments) == 2
        assert "retouch.yaml:7:11: error: there is no rule `nothing`" in capsys.readouterr().out
    (folder / "retouch.yaml").write_text(CONFIG + "ruls: []\n")
    assert main(["lint"]) == 2
    assert "the configuration has no key `ruls`" in capsys.readouterr().out


def test_mistakes_in_tests_are_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(folder, "unused-capture")
    (folder / "rules.test.yaml").write_text("apiVersion: retouch/v1\nkind: RuleTest\nruleset: ./rules.yaml\n")
    for named in ("rules.yaml", "rules.test.yaml"):
        assert main(["lint", named]) == 2
        assert "rules.test.yaml:1:1: error: a rule test needs `cases`" in capsys.readouterr().out


def test_a_part_is_linted_with_its_rule_set(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    part = "apiVersion: retouch/v1\nkind: RuleSetPart\nfunctions: {f(x): x}\n"
    (folder / "part.yaml").write_text(part)
    put(folder, "unused-capture-silent")
    whole = (folder / "rules.yaml").read_text() + "parts: [part.yaml]\n"
    (folder / "rules.yaml").write_text(whole)
    assert main(["lint", "--no-tests", "rules.yaml"]) == 1
    assert "part.yaml:3:13: warning: no expression calls the function `f`" in capsys.readouterr().out
    (folder / "part.yaml").write_text(part + "# retouch: ignore[unused-let] nothing\nrules: []\n")
    assert main(["lint", "--no-tests", "rules.yaml"]) == 1
    assert "part.yaml:4:1: warning: this comment silences nothing" in capsys.readouterr().out
    assert main(["lint", "--no-tests", "part.yaml"]) == 2
    assert "only a part of one" in capsys.readouterr().out


def test_findings_in_what_is_extended_belong_there(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(folder, "unused-param", "base.yaml")
    child = "apiVersion: retouch/v1\nkind: RuleSet\nmetadata: {name: acme/child}\ndescription: A child.\n"
    narrowed = "extends: [./base.yaml]\nparams: {team: {default: web}}\n"
    (folder / "rules.yaml").write_text(child + narrowed)
    assert main(["lint", "--no-tests", "rules.yaml"]) == 0, capsys.readouterr().out
    assert main(["lint", "--no-tests", "base.yaml"]) == 1


def test_a_new_rule_set_is_clean(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "new", "acme/owner"]) == 0
    assert main(["lint", "."]) == 0, capsys.readouterr().out


@pytest.mark.parametrize("name", ["argo/artifacts-to-volume"])
def test_a_built_in_rule_set_is_clean(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """CI runs `retouch lint --built-in`, which runs their tests too."""
    assert main(["lint", "--no-tests", name]) == 0, capsys.readouterr().out
