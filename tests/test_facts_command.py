"""Facts on the command line: all files of a run together, whatever `--jobs` says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

RULES = """\
apiVersion: retouch/v1
kind: RuleSet
metadata: {name: hosts}
ATOMICfacts:
  host:
    documents: {kind: ConfigMap}
    is: {id: "${ doc.metadata.name }", host: "${ doc.data.host }"}
  problem:
    match: {env: $.env.*}
    when: env.from not in facts.host
    FAIL: there is no ConfigMap ${ env.from }
rules:
- id: host
  match: {env: $.env.*}
  when: env.from in facts.host
  actions:
  - set: env.value
    value: ${ facts.host[env.from].host }
"""

CONFIG = "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {host: example.com}}\n"
APP = "env:\n- from: web\n"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    write(tmp_path, "rules.yaml", RULES.replace("ATOMIC", "").replace("FAIL", "fail"))
    (tmp_path / "in").mkdir()
    write(tmp_path, "in/app.yaml", APP)
    write(tmp_path, "in/config.yaml", CONFIG)
    return tmp_path


def retouch(folder: Path, *arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    command = [sys.executable, "-m", "retouch", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, "utf-8")


def test_facts_come_from_all_files(files: Path) -> None:
    one, two = (retouch(files, "diff", "-r", "rules.yaml", "--jobs", jobs, "in") for jobs in ("1", "2"))
    diff = "--- a/in/app.yaml\n+++ b/in/app.yaml\n@@ -1,2 +1,3 @@\n env:\n - from: web\n+  value: example.com\n"
    assert one == two == (1, diff, "2 files, 2 documents, 1 rewritten by 1 rule\n")


def test_in_place(files: Path) -> None:
    assert retouch(files, "apply", "-i", "-r", "rules.yaml", "in")[0] == 0
    assert (files / "in" / "app.yaml").read_text("utf-8") == f"{APP}  value: example.com\n"
    assert retouch(files, "diff", "-r", "rules.yaml", "in")[:2] == (0, "")


def test_a_refusal_of_a_table_keeps_all_files(files: Path) -> None:
    write(files, "in/more.yaml", "env: [{from: nowhere}]\n")
    one, two = (retouch(files, "apply", "-i", "-r", "rules.yaml", "--jobs", jobs, "in") for jobs in ("1", "2"))
    assert one == two
    code, _, said = one
    assert code == 2
    assert "in/more.yaml:1:7: error: there is no ConfigMap nowhere [hosts/facts.problem]" in said
    assert "2 files kept as they were: the facts of this run come from all its documents" in said
    assert said.endswith("3 files, 0 documents, 0 rewritten, 1 error\n")
    assert (files / "in" / "app.yaml").read_text("utf-8") == APP


def test_an_atomic_rule_set_says_so(files: Path) -> None:
    write(files, "rules.yaml", RULES.replace("ATOMIC", "atomic: run\n").replace("FAIL", "fail"))
    write(files, "in/more.yaml", "env: [{from: nowhere}]\n")
    code, _, said = retouch(files, "apply", "-i", "-r", "rules.yaml", "in")
    assert code == 2
    assert "refused, with `atomic: run`" in said
    assert (files / "in" / "app.yaml").read_text("utf-8") == APP


def test_a_warning_of_a_table_keeps_nothing(files: Path) -> None:
    write(files, "rules.yaml", RULES.replace("ATOMIC", "").replace("FAIL", "warn"))
    write(files, "in/more.yaml", "env: [{from: nowhere}]\n")
    code, _, said = retouch(files, "apply", "-i", "-r", "rules.yaml", "in")
    assert code == 0
    assert "in/more.yaml:1:7: warning: there is no ConfigMap nowhere" in said
    assert (files / "in" / "app.yaml").read_text("utf-8") != APP


@pytest.mark.parametrize("bad", [b"{a", b"\xff\xff\xff"])
def test_a_file_that_cannot_be_read_keeps_all(files: Path, bad: bytes) -> None:
    (files / "in" / "more.yaml").write_bytes(bad)
    code, _, said = retouch(files, "apply", "-i", "-r", "rules.yaml", "in")
    assert code == 2
    assert "2 files kept as they were" in said
    assert (files / "in" / "app.yaml").read_text("utf-8") == APP


def test_a_template_of_helm_is_passed_over(files: Path) -> None:
    write(files, "in/template.yaml", "{{- if .Values.x }}\na: {{ .Values.y }}\n{{- end }}\n")
    code, _, said = retouch(files, "apply", "-i", "-r", "rules.yaml", "in")
    assert code == 0
    assert "1 Helm template skipped" in said
    assert (files / "in" / "app.yaml").read_text("utf-8") != APP
