"""`retouch explain`: why rules did or did not match; every folder of tests/explain is one question and its answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from retouch.cli.command import main
from retouch.cli.rule_choice import load_rules

QUESTIONS = Path(__file__).resolve().parent / "explain"
FOLDERS = sorted(path.parent for path in QUESTIONS.rglob("rules.yaml"))


def explain(capture: pytest.CaptureFixture[bytes], *arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    load_rules.cache_clear()  # every folder has a `rules.yaml` of its own
    code = main(["explain", *arguments])
    said = capture.readouterr()
    return code, said.out.decode(), said.err.decode()


def test_there_are_questions() -> None:
    assert len(FOLDERS) >= 25


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_answer(
    folder: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    monkeypatch.chdir(folder)
    code, out, error = explain(capsysbinary, "-r", "rules.yaml", "input.yaml")
    assert (code, error) == (0, "")
    if request.config.getoption("--accept"):
        (folder / "explain.txt").write_text(out, "utf-8")
    assert out == (folder / "explain.txt").read_text("utf-8")
    assert len(out.splitlines()) <= 40, "more than a screen"
    coloured = explain(capsysbinary, "-r", "rules.yaml", "--color", "always", "input.yaml")[1]
    assert "\x1b[" in coloured
    for sequence in ("\x1b[0m", "\x1b[1m", *(f"\x1b[{number}m" for number in range(31, 37))):
        coloured = coloured.replace(sequence, "")
    assert coloured == out
