"""Every result of argo/artifacts-to-volume fits together: of the cases, of KFP, of Argo's examples and of ours."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from argo_check import check_result
from corpus import files, needs_corpus

import retouch

HERE = Path(__file__).resolve().parent
VOLUME = {"persistentVolumeClaim": {"claimName": "my-pvc"}}
RULES = {
    unsupported: retouch.load("argo/artifacts-to-volume", params={"volume": VOLUME, "unsupported": unsupported})
    for unsupported in ("error", "keep")
}
OURS = [*sorted((HERE / "data").glob("kfp-*.in.yaml")), *sorted((HERE / "manifests").glob("*.yaml"))]
CASES = files("artifacts-to-volume", "*.in.yaml")
KFP = files("kfp", "*.in.yaml")
EXAMPLES = [path for path in files("argo-examples", "*.yaml") if b"artifacts" in path.read_bytes()]


def read(path: Path) -> str:
    """The text; many cases name an artifact `y`, which kubectl reads as true: they are meant as texts."""
    return re.sub(r"name: y(?=[,}\n])", "name: 'y'", path.read_bytes().decode())


def outcome(path: Path, unsupported: str) -> str:
    """What becomes of a file: it is checked where it changes."""
    text, rules = read(path), RULES[unsupported]
    try:
        result = retouch.rewrite(text, rules, file=path.name)
    except retouch.RefusedError as error:
        assert [each.text for each in error.messages if not (each.place.line and each.place.column)] == []  # noqa: PT017
        return "refused"
    check_result(text, result, rules)
    return "changed" if result.changed else "left"


@pytest.mark.parametrize("unsupported", RULES)
@pytest.mark.parametrize("path", [*OURS, *KFP, *CASES], ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_comes_out_fits_together(path: Path, unsupported: str) -> None:
    found = outcome(path, unsupported)
    expected = path.with_name(path.name.replace(".in.", ".out."))
    if ".in." in path.name and expected.exists():
        assert found == ("left" if documents(path) == documents(expected) else "changed")


def documents(path: Path) -> list[object]:
    return list(yaml.load_all(path.read_text("utf-8"), Loader=yaml.CSafeLoader))


@needs_corpus
@pytest.mark.parametrize(
    ("unsupported", "changed", "left", "refused"), [("error", 11, 21, 8), ("keep", 13, 27, 0)], ids=RULES
)
def test_examples_of_argo(unsupported: str, changed: int, left: int, refused: int) -> None:
    """Those that only have the word `artifacts` in a text are left too."""
    found = [outcome(path, unsupported) for path in EXAMPLES]
    assert found.count("changed") == changed
    assert found.count("refused") == refused
    assert found.count("left") >= left
