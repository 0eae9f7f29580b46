"""What a run imports: counts rather than times, so that a start that has become slower is noticed anywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from retouch import release
from retouch.cli.command import _COMMANDS as COMMANDS
from retouch.cli.command import main

CODE = """
import json, sys
before = set(sys.modules)  # what belongs to the environment
from retouch.__main__ import main
sys.argv = ["retouch", *json.loads(sys.argv[1])]
try:
    main()
except SystemExit:
    pass
print("\\n" + json.dumps(sorted(set(sys.modules) - before)))
"""
RULES = """
apiVersion: retouch/v1
kind: RuleSet
metadata: {{name: x}}
rules:
- id: mirror
  documents: {{kind: Pod}}
  match: {{container: "$.spec.containers[*]"}}
  actions:
  - set: container.image
    value: {value}
"""
POD = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: nginx\n"

# What no run needs over one file, by rules in a file that have no pattern, filter of a path, parameter or fact.
NEVER = {"dataclasses", "jsonpath_ng", "regex", "jsonschema", "subprocess", "shutil", "tempfile", "secrets", "hashlib"}
NEVER -= {"dataclasses"} if sys.version_info >= (3, 14) else set()  # there, `argparse` needs it for its colours
NEVER |= {
    "traceback",
    "multiprocessing",
    "importlib.metadata",
    "importlib.resources",
    "unicodedata",
    "logging",
    "asyncio",
}
# What Jinja2 imports for itself.
NOT_FOR_PLAIN_EXPRESSIONS = {"jinja2", "inspect", "ast", "decimal", "random"}


def imported(folder: Path, *arguments: str) -> set[str]:
    """The modules that a run imports."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", CODE, json.dumps(arguments)]
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return set(json.loads(run.stdout.splitlines()[-1]))


def own(modules: set[str]) -> list[str]:
    return [each for each in modules if each.split(".")[0] == "retouch"]


def test_a_rule_without_expressions(tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(POD)
    (tmp_path / "rules.yaml").write_text(RULES.format(value="mirror.example.com/nginx"))
    modules = imported(tmp_path, "apply", "-i", "-r", "rules.yaml", "pod.yaml")
    assert "mirror" in (tmp_path / "pod.yaml").read_text()
    assert modules & (NEVER | NOT_FOR_PLAIN_EXPRESSIONS) == set()
    assert len(own(modules)) < 150


def test_a_rule_with_an_expression(tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(POD)
    (tmp_path / "rules.yaml").write_text(RULES.format(value="mirror.example.com/${ container.image }"))
    modules = imported(tmp_path, "apply", "-i", "-r", "rules.yaml", "pod.yaml")
    assert "mirror" in (tmp_path / "pod.yaml").read_text()
    assert modules & (NEVER | NOT_FOR_PLAIN_EXPRESSIONS) == set()
    assert len(own(modules)) < 170


def test_an_expression_that_needs_its_whole_syntax(tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(POD)
    value = """${ 'mirror.example.com/nginx' if [1, 2][0] is odd else container.image | upper }"""
    (tmp_path / "rules.yaml").write_text(RULES.format(value=f'"{value}"'))
    modules = imported(tmp_path, "apply", "-i", "-r", "rules.yaml", "pod.yaml")
    assert "mirror" in (tmp_path / "pod.yaml").read_text()
    assert modules & (NEVER - {"tempfile", "hashlib", "shutil"}) == set()  # Jinja2 imports them for its cache


def test_a_built_in_rule_set_with_parameters(tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(POD)
    rules = ["-r", "kubernetes/registry-mirror", "-p", "mirror=mirror.example.com"]
    modules = imported(tmp_path, "apply", "-i", *rules, "pod.yaml")
    assert "mirror" in (tmp_path / "pod.yaml").read_text()
    assert modules & {"jsonschema", "jsonpath_ng", "importlib.resources"} == set()


def test_a_parameter_whose_schema_chooses(tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(POD)
    rules = ["-r", "argo/artifacts-to-volume", "-p", "volume={nfs: {server: nfs.example.com, path: /}}"]
    assert imported(tmp_path, "apply", "-i", *rules, "pod.yaml") & {"jsonschema", "jsonpath_ng"} == set()


def test_a_document_that_stays_as_it_is_needs_no_writer(tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(POD)
    (tmp_path / "rules.yaml").write_text(RULES.format(value="nginx"))
    modules = imported(tmp_path, "diff", "-r", "rules.yaml", "pod.yaml")
    assert modules & {"jsonpatch", "difflib"} == set()


def test_the_version_is_said_without_anything_else(tmp_path: Path) -> None:
    modules = imported(tmp_path, "--version")
    assert modules & {"ruamel.yaml", "jinja2", "retouch.rule", "retouch.cli.option"} == set()
    assert len(own(modules)) < 15


@pytest.mark.parametrize("arguments", [["aply"], ["apply", "--in-plase"], ["diff", "--jobs", "x"], ["--help"]])
def test_wrong_usage_is_told_before_anything_slow_is_imported(tmp_path: Path, arguments: list[str]) -> None:
    modules = imported(tmp_path, *arguments)
    assert modules & {"ruamel.yaml", "jinja2", "jsonpath_ng", "regex", "retouch.rewriter", "retouch.loader"} == set()


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: retouch {command} ")


def test_the_version_is_that_of_the_metadata(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert release.version() == metadata.version("retouch")
    monkeypatch.setattr(release, "__file__", str(tmp_path / "retouch" / "release.py"))
    (tmp_path / "retouch-9.8.7rc1.dist-info").mkdir()
    assert release.version() == "9.8.7rc1"
    (tmp_path / "retouch-1.0.dist-info").mkdir()  # which of them counts, the library knows
    assert release.version() == metadata.version("retouch")
    monkeypatch.setattr(release, "__file__", str(tmp_path / "archive.zip" / "retouch" / "release.py"))
    assert release.version() == metadata.version("retouch")
