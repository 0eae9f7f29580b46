"""A configured repository as a whole: what its commands say about built-in rules, refusals, subfolders and mistakes."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from process import COMMAND

from retouch.cli.command import main

HEAD = "apiVersion: retouch/v1\nkind: Config\n"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  hostNetwork: true\n  containers:\n  - image: nginx\n"

RULES = "apiVersion: retouch/v1\nkind: RuleSet\nmetadata: {name: acme/pods}\n"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in the folder of a test: exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str, str]:
        code = main(list(arguments))
        return (code, *capsys.readouterr())

    return call


def make(folder: Path, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_built_in_rules_are_called_the_same_wherever_they_are_installed(run, tmp_path):
    make(tmp_path, {"web.yaml": POD})
    _, _, err = run("diff", "-r", "kubernetes/pod-security", "web.yaml")
    assert "\n  retouch:kubernetes/pod-security.yaml:" in err
    _, out, _ = run("explain", "-r", "kubernetes/pod-security", "--rule", "host-namespaces", "web.yaml")
    assert out.startswith("kubernetes/pod-security/host-namespaces (retouch:kubernetes/pod-security.yaml:")


def test_parts_of_built_in_rules_are_opened_and_named(run, tmp_path):
    assert run("test", "argo/artifacts-to-volume", "--filter", "no such case")[0] == 2
    code, out, _ = run("rules", "show", "--origins", "argo/artifacts-to-volume")
    assert (code, "# retouch:argo/artifacts-to-volume/edits.yaml:" in out) == (0, True)


def test_what_built_in_rules_bring_along_is_tested_with_them(run, tmp_path):
    rules = f"{RULES}extends: [kubernetes/pod-security]\n"
    make(tmp_path, {"pods.yaml": rules, "pods.test.yaml": TEST.format(name="pods", input="a: 1", output="a: 1")})
    assert run("test") == (0, "", "1 file, 1 case: 1 passed\n")


def test_a_run_that_writes_nothing_counts_nothing_as_rewritten(run, tmp_path):
    rule = "- id: mark\n  expect: {matches: 7}\n  actions: [{set: $.a, value: 1}]\n"
    make(tmp_path, {"r.yaml": f"{RULES}rules:\n{rule}", "one.yaml": "b: 1\n", "two.yaml": "b: 2\n"})
    code, _, err = run("apply", "-i", "-r", "r.yaml", "one.yaml", "two.yaml")
    assert (code, err.splitlines()[-1]) == (2, "2 files, 2 documents, 0 rewritten, 1 error")


OWNER = f"{RULES}rules:\n- id: owner\n  actions: [{{set: $.owner, value: shop}}]\n"
TEST = (
    "apiVersion: retouch/v1\nkind: RuleTest\nruleset: ./{name}.yaml\n"
    'cases:\n- {{name: one, input: "{input}", output: "{output}"}}\n'
)
PROJECT = {
    "retouch.yaml": HEAD + "rulesets:\n- use: ./rules\n",
    "rules/owner.yaml": OWNER,
    "deploy/web.yaml": "a: 1\n",
    "edge/db.yaml": "a: 2\n",
}


def test_a_diff_of_the_project_is_applied_at_its_root(run, tmp_path, monkeypatch):
    make(tmp_path, PROJECT)
    monkeypatch.chdir(tmp_path / "deploy")
    code, out, err = run("diff")
    headers = [line for line in out.splitlines() if line.startswith("---")]
    assert (code, headers) == (1, ["--- a/deploy/web.yaml", "--- a/edge/db.yaml"])
    assert "the paths in this diff start at ..: apply it there" in err
    applied = subprocess.run(["git", "apply"], input=out, text=True, cwd=tmp_path, check=False, capture_output=True)
    assert applied.stderr == ""
    assert (tmp_path / "edge/db.yaml").read_text() == "a: 2\nowner: shop\n"


def test_a_diff_of_files_below_is_applied_here(run, tmp_path, monkeypatch):
    make(tmp_path, PROJECT)
    monkeypatch.chdir(tmp_path / "deploy")
    code, out, err = run("diff", ".")
    assert (code, out.splitlines()[0], err) == (1, "--- a/web.yaml", "")


def test_text_that_waits_in_standard_input_is_not_passed_over_in_silence(tmp_path):
    make(tmp_path, PROJECT)

    def pipe(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *arguments], input="a: 3\n", text=True, cwd=tmp_path, check=False, capture_output=True
        )

    said = pipe("diff", "--stat").stderr
    assert "retouch.yaml: warning: the files of this project are read, and not standard input" in said
    assert "what is piped in is read if `-` is named" in pipe("apply").stderr
    assert pipe("diff", "-q", "-").stdout.startswith("--- a/stdin\n")


@pytest.mark.parametrize(
    ("arguments", "near"),
    [("dif", "diff"), ("rules lst", "list"), ("diff --rule x", "--rules"), ("patch --format jsn", "json")],
)
def test_words_that_are_no_command_or_option_are_answered_with_near_ones(run, capsys, arguments, near):
    with pytest.raises(SystemExit) as ended:
        run(*arguments.split())
    assert ended.value.code == 2
    assert capsys.readouterr().err.endswith(f"; did you mean `{near}`?\n")


def test_show_knows_the_names_of_the_project(run, tmp_path):
    make(tmp_path, PROJECT)
    assert run("rules", "show", "acme/pod") == (
        2,
        "",
        "error: there is no rule set `acme/pod`; did you mean `acme/pods`?\n",
    )


def test_where_a_rule_says_so_is_told_once(run, tmp_path):
    make(
        tmp_path, {"r.yaml": f"{RULES}rules:\n- id: bad\n  actions: [{{warn: bad}}]\n", "two.yaml": "a: 1\n---\na: 2\n"}
    )
    _, _, err = run("diff", "-r", "r.yaml", "two.yaml")
    assert (err.count("warning: bad [acme/pods/bad]"), err.count("note: by this rule")) == (2, 1)
    _, _, err = run("diff", "-v", "-r", "r.yaml", "two.yaml")
    assert err.count("note: by this rule") == 2


def test_a_rule_file_stands_for_the_tests_beside_it(run, tmp_path):
    make(
        tmp_path,
        {
            "owner.yaml": OWNER,
            "owner.test.yaml": TEST.format(name="owner", input="a: 1\\n", output="a: 1\\nowner: shop\\n"),
        },
    )
    assert run("test", "owner.yaml") == run("test", "owner.test.yaml")
    code, _, err = run("test", "owner.yaml")
    assert (code, err) == (0, "1 file, 1 case: 1 passed\n")


def test_rules_of_a_rule_set_that_sees_nothing_are_counted(run, tmp_path):
    make(tmp_path, {"a.yaml": "a: 1\n"})
    code, out, _ = run("explain", "-r", "kubernetes/api-migrations", "a.yaml")
    assert (code, "its rules are not run: 86 (-v names them)" in out, len(out.splitlines()) < 10) == (0, True, True)


def test_a_misspelt_parameter_that_was_to_be_narrowed_is_named(run, tmp_path):
    text = f"{RULES}extends: [kubernetes/registry-mirror]\nparams:\n  miror: {{default: m.example.com}}\n"
    make(tmp_path, {"r.yaml": text, "web.yaml": POD})
    code, _, err = run("diff", "-r", "r.yaml", "web.yaml")
    assert (code, err.splitlines()[1]) == (
        2,
        "  it gives a default to `miror`, which is another one: is `mirror` meant there?",
    )


def test_an_expression_without_its_blank_is_shown_whole(run, tmp_path):
    rule = "- id: one\n  match: {c: $.spec}\n  actions: [{set: $.a, value: 'x-${c.b}'}]\n"
    make(tmp_path, {"r.yaml": f"{RULES}rules:\n{rule}", "web.yaml": POD})
    assert "write `${ c.b }`, or `${ '${c.b}' }` for the text itself" in run("diff", "-r", "r.yaml", "web.yaml")[2]


def test_many_rules_that_see_no_document_are_told_in_a_line(run, tmp_path):
    make(tmp_path, {"cron.yaml": "apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: a}\n"})
    _, out, _ = run("explain", "-r", "kubernetes/api-migrations", "cron.yaml")
    assert "rules see no document: workload-without-selector, " in out
    assert "/cron-job (retouch:kubernetes/api-migrations/same-shape.yaml" in out
    assert len(out.splitlines()) < 45
    _, out, _ = run("explain", "-r", "kubernetes/api-migrations", "--rule", "workload", "cron.yaml")
    assert "wanted `extensions/v1beta1` or `apps/v1beta1` or `apps/v1beta2`\n" in out


def test_tests_of_another_project_stay_in_the_folder_that_is_named(run, tmp_path, monkeypatch):
    strict = f"{RULES}extends: [../owner.yaml]\n"
    test = TEST.format(name="pods", input="a: 1\\n", output="a: 1\\nowner: shop\\n")
    make(tmp_path, {"sets/owner.yaml": OWNER, "sets/strict/pods.yaml": strict, "sets/strict/pods.test.yaml": test})
    make(tmp_path, {"here/a.yaml": ""})
    monkeypatch.chdir(tmp_path / "here")
    assert run("test", "../sets")[0] == 0
    assert run("test", "../sets/strict")[0] == 2


def test_tests_are_not_run_by_the_name_of_a_package(run):
    assert run("test", "acme:pods")[2].startswith("error: tests are run where they are written")


def test_a_new_rule_file_says_how_it_is_run(run, tmp_path):
    assert run("rules", "new", "team/labels")[0] == 0
    assert "Run it with: retouch diff -r team/labels.yaml FILE...\n" in (tmp_path / "team" / "labels.yaml").read_text()


def test_a_command_for_a_server_does_not_change_versions_in_silence(run, tmp_path):
    make(tmp_path, {"cron.yaml": "apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: a}\n"})
    _, out, err = run("patch", "-r", "kubernetes/api-migrations", "--format", "kubectl", "cron.yaml")
    assert out.startswith("printf")
    assert err.startswith(
        "cron.yaml:1:1: warning: this patch changes `apiVersion`, which an object in a server does not"
    )
    assert "warning" not in run("patch", "-r", "kubernetes/api-migrations", "cron.yaml")[2]
