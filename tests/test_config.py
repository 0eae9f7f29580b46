"""`retouch.yaml`: where it is found, what it says, which files it means, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from process import run

RULES = """\
apiVersion: retouch/v1
kind: RuleSet
metadata: {name: acme/mirror}
params:
  host: {type: string, required: true, description: Host of the mirror.}
  tries: {type: integer, default: 3}
rules:
- id: evil
  match: {c: '$..containers[?(@.image == "evil")]'}
  actions: [{fail: "an evil image"}]
- id: image
  match: {c: $..containers.*}
  when: not c.image is match('^' ~ params.host)
  actions: [{set: c.image, value: "${ params.host }/${ c.image }"}]
- id: mark
  match: {c: $..containers.*}
  actions: [{set: c.path, value: "${ file.path }"}]
"""
HEAD = "apiVersion: retouch/v1\nkind: Config\n"
USE = "rulesets:\n- use: ./rules/mirror.yaml\n  params: {host: m.local}\n"
POD = "spec:\n  containers:\n  - image: a\n"


def make(folder: Path, texts: dict[str, str]) -> Path:
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with two files, in a folder of its own."""
    root = tmp_path / "project"
    return make(root, {"rules/mirror.yaml": RULES, "deploy/a.yaml": POD, "deploy/prod/b.yaml": POD})


def configure(root: Path, text: str = USE) -> None:
    (root / "retouch.yaml").write_text(HEAD + text)


def images(root: Path) -> dict[str, str]:
    """The image of every file below `deploy`."""
    found = {}
    for path in sorted((root / "deploy").rglob("*.yaml")):
        found[path.relative_to(root / "deploy").as_posix()] = path.read_text().split("image: ")[1].split("\n")[0]
    return found


# Where it is found


def test_a_configured_project_needs_no_flag(project: Path) -> None:
    configure(project, USE + "files: {include: [deploy/**]}\n")
    result = run(project, "diff")
    assert result.returncode == 1
    assert "+++ b/deploy/a.yaml" in result.stdout
    assert "+++ b/deploy/prod/b.yaml" in result.stdout
    assert "+  - image: m.local/a" in result.stdout
    assert result.stderr == "2 files, 2 documents, 2 rewritten by 2 rules\n"
    assert run(project, "apply", "-i").returncode == 0
    assert images(project) == {"a.yaml": "m.local/a", "prod/b.yaml": "m.local/a"}
    assert run(project, "diff").returncode == 0


def test_names_start_at_the_working_directory(project: Path) -> None:
    configure(project, USE + "files: {include: [deploy/**]}\n")
    result = run(project / "deploy" / "prod", "diff")
    assert "+++ b/b.yaml" in result.stdout
    assert "../a.yaml" in result.stdout
    assert "+    path: deploy/prod/b.yaml" in result.stdout  # and rules see the path from the project root
