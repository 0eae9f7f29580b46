"""The wheel, built through the source distribution and installed on its own, works and holds what it must."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from retouch.cli.command import main

ROOT = Path(__file__).resolve().parents[1]
RULE_FILES = [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "rules").rglob("*.yaml"))]  # tests too
FRESH = """
import sys, retouch
from retouch.loader import read_rule_sets
from retouch.rule_text import built_in
assert retouch.__file__.startswith(sys.argv[1]), retouch.__file__
rules = retouch.load_text('''
apiVersion: retouch/v1
kind: RuleSet
metadata: {name: example}
rules:
- id: b
  actions: [{set: $.b, value: '${ 1 + 1 }'}]
''')
print(*(ruleset.name for ruleset in read_rule_sets(built_in().values())), sep="\\n")
print(retouch.rewrite("a: 1  # one\\n", rules).text, end="")
"""


def _missing() -> str | None:
    if importlib.util.find_spec("build") is None:
        return "`build` is not installed"
    try:
        version = importlib.metadata.version("setuptools")
    except importlib.metadata.PackageNotFoundError:
        return "setuptools is not installed"
    return None if int(version.split(".")[0]) >= 80 else f"setuptools {version} is too old, 80 is needed"


def python(*arguments: str, **options: Path | dict[str, str]) -> str:
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    reason = _missing()
    if reason is not None:
        pytest.skip(reason)
    source, out = tmp_path_factory.mktemp("source") / "retouch", tmp_path_factory.mktemp("dist")
    leave = shutil.ignore_patterns(".*", "*.egg-info", "build", "dist", "__pycache__", "tests", "docs")
    shutil.copytree(ROOT, source, ignore=leave)  # a build writes beside its sources
    python("-m", "build", "--no-isolation", "--outdir", str(out), str(source))
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("installed")
    python("-m", "pip", "install", "--no-index", "--no-deps", "--quiet", "--target", str(target), str(wheel))
    return target


def test_there_are_rule_files() -> None:
    assert "rules/argo/artifacts-to-volume.yaml" in RULE_FILES


def test_the_wheel_holds_all_of_the_engine_and_the_rules(names: set[str]) -> None:
    engine = [path for suffix in ("py", "json") for path in (ROOT / "engine").rglob(f"*.{suffix}")]
    modules = {f"retouch/{path.relative_to(ROOT / 'engine').as_posix()}" for path in engine}
    expected = modules | {"retouch/py.typed", "retouch/rules/__init__.py"} | {f"retouch/{path}" for path in RULE_FILES}
    assert {name for name in names if ".dist-info/" not in name} >= expected
    assert {name for name in names if name.endswith(".py")} == {name for name in expected if name.endswith(".py")}
    assert any(name.endswith("/LICENSE") for name in names)


def test_it_works_where_it_is_installed(installed: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    said = python("-P", "-c", FRESH, str(installed), cwd=tmp_path, env=environment).splitlines()
    rule_sets = [
        path for path in RULE_FILES if re.search("^kind: RuleSet$", (ROOT / path).read_text("utf-8"), re.MULTILINE)
    ]
    built_in = [path.removeprefix("rules/").removesuffix(".yaml") for path in rule_sets]
    assert said == [*sorted(built_in), "a: 1  # one", "b: 2"]


def test_both_programs_run(installed: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    for program in ("retouch", "kubectl-retouch"):
        said = python(str(installed / "bin" / program), "--version", cwd=tmp_path, env=environment)
        assert said == f"retouch {importlib.metadata.version('retouch')}\n"


@pytest.mark.parametrize("word", ["../shared", "/work/"])
def test_nothing_names_places_of_the_workshop(word: str, wheel: Path) -> None:
    sources = [*(ROOT / "engine").rglob("*.py"), *(ROOT / "rules").rglob("*.*")]
    found = [str(path) for path in sources if path.suffix != ".pyc" and word in path.read_text("utf-8")]
    with zipfile.ZipFile(wheel) as archive:
        found += [name for name in archive.namelist() if word.encode() in archive.read(name)]
    assert not found


def test_hooks_of_pre_commit_are_commands() -> None:
    """Every hook starts a command that exists, with options that it takes."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert {hook["id"] for hook in hooks} == {"retouch-diff", "retouch-apply", "retouch-lint", "retouch-test"}
    for hook in hooks:
        program, *arguments = hook["entry"].split()
        assert program == "retouch"
        with pytest.raises(SystemExit) as end:
            main([*arguments, "--help"])
        assert end.value.code == 0
        assert hook["language"] == "python"
        assert hook["pass_filenames"] is False


def test_hooks_that_the_page_for_organizations_shows() -> None:
    page = (ROOT / "docs" / "organizations.md").read_text("utf-8")
    (shown,) = yaml.safe_load(page.partition("```yaml pre-commit-config.yaml\n")[2].partition("```")[0])["repos"]
    hooks = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
    assert {hook["id"] for hook in shown["hooks"]} <= hooks
    assert all(f"| `{hook}` |" in page for hook in hooks)
