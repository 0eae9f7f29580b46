"""Which files a run finds below a folder, what it passes over, and names of every kind."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from process import run

from retouch.cli import job

SET = ("--set", "$.a=2")
OLD, NEW = "a: 1\n", "a: 2\n"
BROKEN = "a: [1\n"
HELM = "a: {{ .Values.a }}\n  b: {{ x }}\n"

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def make(folder: Path, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def changed(folder: Path) -> list[str]:
    return sorted(
        str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file() and b"a: 2" in each.read_bytes()
    )


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", folder, "-c", "user.name=x", "-c", "user.email=x@example.com", *arguments], check=True)


# Helm

CHART = {
    "chart/Chart.yaml": "a: 1\nname: c\n",
    "chart/values.yaml": OLD,
    "chart/ci/test-values.yaml": OLD,
    "chart/crds/crd.yaml": OLD,
    "chart/templates/deployment.yaml": HELM,
    "chart/templates/plain.yaml": OLD,  # YAML already, but Helm's all the same
    "chart/templates/sub/deep.yml": HELM,
    "chart/templates/tests/test.json": "{}",
    "chart/templates/_helpers.tpl": HELM,
    "chart/templates/NOTES.txt": HELM,
    "chart/charts/inner/Chart.yaml": "a: 1\nname: i\n",
    "chart/charts/inner/values.yaml": OLD,
    "chart/charts/inner/templates/x.yaml": HELM,
    "library/Chart.yaml": "a: 1\ntype: library\n",
    "library/templates/_names.tpl": HELM,
    "library/templates/_names.yaml": HELM,
    "templates/page.yaml": OLD,  # a folder of that name which is no chart's
    "elsewhere/helm.yaml": HELM,
    "elsewhere/second.yaml": f"{OLD}---\n{HELM}",
    "elsewhere/braces.yaml": "a: 1\nb: '{{ x }}'\n",
}
REWRITTEN = [
    "chart/Chart.yaml",
    "chart/charts/inner/Chart.yaml",
    "chart/charts/inner/values.yaml",
    "chart/ci/test-values.yaml",
    "chart/crds/crd.yaml",
    "chart/values.yaml",
    "elsewhere/braces.yaml",
    "library/Chart.yaml",
    "templates/page.yaml",
]


@pytest.mark.parametrize("kept_in", ["nothing", pytest.param("git", marks=needs_git)])
def test_charts_are_walked_without_an_error(tmp_path: Path, kept_in: str) -> None:
    make(tmp_path, CHART)
    if kept_in == "git":
        git(tmp_path, "init", "-q")
        git(tmp_path, "add", "chart", "elsewhere")
    done = run(tmp_path, "apply", "-i", "-v", *SET, ".")
    assert (done.returncode, done.stdout) == (0, "")
    assert changed(tmp_path) == REWRITTEN
    lines = done.stderr.splitlines()
    assert lines[-1] == "9 files, 9 documents, 9 rewritten by 1 rule, 8 Helm templates skipped"
    assert [line.partition(":")[0] for line in lines if "skipped: a template of a Helm chart" in line] == [
        "chart/charts/inner/templates/x.yaml",
        "chart/templates/deployment.yaml",
        "chart/templates/plain.yaml",
        "chart/templates/sub/deep.yml",
        "chart/templates/tests/test.json",
        "library/templates/_names.yaml",
    ]
    assert [line.partition(":")[0] for line in lines if "skipped: this looks like a Helm template" in line] == [
        "elsewhere/helm.yaml",
        "elsewhere/second.yaml",
    ]
    for name in set(CHART) - set(REWRITTEN):
        assert (tmp_path / name).read_text() == CHART[name]


@pytest.mark.parametrize("name", ["chart/templates/plain.yaml", "elsewhere/helm.yaml", "elsewhere/second.yaml"])
def test_a_template_that_is_named_is_an_error_that_says_so(tmp_path: Path, name: str) -> None:
    make(tmp_path, CHART)
    done = run(tmp_path, "apply", "-i", *SET, name)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"{name}:")
    assert "looks like a Helm template; render it first" in done.stderr
    assert (tmp_path / name).read_text() == CHART[name]


def test_a_folder_of_templates_only_says_what_it_did(tmp_path: Path) -> None:
    make(tmp_path, {"chart/Chart.yaml": "name: c\n", "chart/templates/x.yaml": HELM})
    done = run(tmp_path, "diff", *SET, "chart/templates")
    assert (done.returncode, done.stderr) == (0, "0 files, 0 documents, 0 rewritten, 1 Helm template skipped\n")


# names


NAMES = {  # and how they are shown
    "-dash.yaml": "-dash.yaml",
    "sp ace.yaml": "sp ace.yaml",
    "line\nend.yaml": "line\\nend.yaml",
    "tab\t.yaml": "tab\\t.yaml",
    'quote".yaml': 'quote".yaml',
    "back\\slash.yaml": "back\\slash.yaml",
    "é.yaml": "é.yaml",
    "\x1b[31m.yaml": "\\x1b[31m.yaml",
    os.fsdecode(b"raw\xff.yaml"): "raw\\xff.yaml",
}


@needs_git
@pytest.mark.parametrize("walked", [False, True])
def test_names_of_every_kind(tmp_path: Path, walked: bool) -> None:
    try:
        make(tmp_path, dict.fromkeys(NAMES, OLD))
    except OSError:
        pytest.skip("this file system has no such names")
    paths = ["."] if walked else ["--", *NAMES]
    diff = run(tmp_path, "diff", *SET, *paths)
    assert (diff.returncode, diff.stderr) == (1, "9 files, 9 documents, 9 rewritten by 1 rule\n")
    subprocess.run(["git", "apply"], cwd=tmp_path, input=os.fsencode(diff.stdout), check=True)
    assert len(changed(tmp_path)) == 9
    records = run(tmp_path, "patch", "--format", "jsonl", "--set", "$.a=3", *paths).stdout.splitlines()
    assert sorted(json.loads(line)["file"] for line in records) == sorted(NAMES)
    make(tmp_path, dict.fromkeys(NAMES, OLD))
    done = run(tmp_path, "apply", "-i", *SET, *paths)
    said = [line.removesuffix(": 1 edit by set-1") for line in done.stderr.splitlines()[:-1]]
    assert sorted(said) == sorted(NAMES.values())
    make(tmp_path, dict.fromkeys(NAMES, BROKEN))
    done = run(tmp_path, "diff", *SET, *paths)
    errors = [line.partition(":2:1: error: ")[0] for line in done.stderr.splitlines() if ": error: " in line]
    assert (done.returncode, sorted(errors)) == (2, sorted(NAMES.values()))
    for form in ("json", "sarif"):
        assert json.loads(run(tmp_path, "diff", *SET, "--format", form, *paths).stderr)


def test_a_name_with_a_dash_needs_two_dashes(tmp_path: Path) -> None:
    make(tmp_path, {"-a.yaml": OLD, "b.yaml": OLD})
    done = run(tmp_path, "diff", "b.yaml", *SET, "--stat", "--", "-a.yaml")
    assert "2 files changed" in done.stdout
    assert run(tmp_path, "diff", "b.yaml", *SET, "-a.yaml").returncode == 2
    assert "unrecognized arguments: -- x" in run(tmp_path, "rules", "list", "--", "x").stderr


@needs_git
@pytest.mark.parametrize("name", ["./a.yaml", "sub/../a.yaml", "sub//b.yaml"])
def test_the_diff_of_a_roundabout_name_applies(tmp_path: Path, name: str) -> None:
    make(tmp_path, {"a.yaml": OLD, "sub/b.yaml": OLD})
    diff = run(tmp_path, "diff", *SET, name)
    subprocess.run(["git", "apply"], cwd=tmp_path, input=os.fsencode(diff.stdout), check=True)
    assert len(changed(tmp_path)) == 1


def test_a_file_that_is_named_twice_is_done_once(tmp_path: Path) -> None:
    make(tmp_path, {"a.yaml": OLD, "d/b.yaml": OLD})
    (tmp_path / "link.yaml").symlink_to("a.yaml")
    (tmp_path / "d" / "link.yaml").symlink_to("../a.yaml")
    done = run(tmp_path, "apply", "-i", *SET, "a.yaml", "./a.yaml", "d", "d/b.yaml", "link.yaml", ".")
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "a.yaml: 1 edit by set-1",
        "d/b.yaml: 1 edit by set-1",
        "2 files, 2 documents, 2 rewritten by 1 rule",
    ]
    assert (tmp_path / "link.yaml").is_symlink()


def test_links_to_files_are_followed_and_those_to_folders_are_not(tmp_path: Path) -> None:
    make(tmp_path, {"in/a.yaml": OLD, "out/b.yaml": OLD, "out/c.yaml": OLD})
    (tmp_path / "in" / "folder").symlink_to("../out")
    (tmp_path / "in" / "self").symlink_to(".")
    (tmp_path / "in" / "b.yaml").symlink_to("../out/b.yaml")
    (tmp_path / "in" / "loop.yaml").symlink_to("loop.yaml")
    (tmp_path / "in" / "nothing.yaml").symlink_to("nowhere.yaml")
    done = run(tmp_path, "apply", "-i", *SET, "in")
    assert done.stderr.splitlines()[:2] == ["in/a.yaml: 1 edit by set-1", "in/b.yaml: 1 edit by set-1"]
    assert changed(tmp_path) == ["in/a.yaml", "in/b.yaml", "out/b.yaml"]
    assert (tmp_path / "in" / "b.yaml").is_symlink()
    assert run(tmp_path, "apply", "-i", *SET, "in/folder").returncode == 0  # one that is named is
    assert (tmp_path / "out" / "c.yaml").read_text() == NEW


def test_a_path_that_cannot_be_is_reported_and_the_others_are_done(tmp_path: Path) -> None:
    make(tmp_path, {"a.yaml": OLD})
    long = "x" * 300
    done = run(tmp_path, "apply", "-i", *SET, long, "a.yaml")
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == f"{long}: error: the file cannot be read: File name too long"
    assert (tmp_path / "a.yaml").read_text() == NEW
    done = run(tmp_path, "diff", "-r", long, "a.yaml")
    assert (done.returncode, "internal" in done.stderr) == (2, False)


def test_files_that_vanish_between_walk_and_read(tmp_path: Path) -> None:
    make(tmp_path, {"a.yaml": OLD, "b.yaml": OLD, "c.yaml": OLD})
    read = job.read_file

    def vanish(path: Path) -> bytes:
        (tmp_path / "b.yaml").unlink(missing_ok=True)
        return read(path)

    done = run(tmp_path, "apply", "-i", *SET, ".", before=lambda: setattr(job, "read_file", vanish))
    assert done.returncode == 2
    assert "b.yaml: error: the file cannot be read: No such file or directory" in done.stderr
    assert changed(tmp_path) == ["a.yaml", "c.yaml"]


# git


@needs_git
def test_repositories_below_a_folder_say_what_they_ignore(tmp_path: Path) -> None:
    make(tmp_path, {"one/a.yaml": OLD, "one/build/b.yaml": OLD, "two/c.yaml": OLD, "d.yaml": OLD})
    make(tmp_path, {"one/.gitignore": "build\n"})
    git(tmp_path / "one", "init", "-q")
    (tmp_path / "fake" / ".git").mkdir(parents=True)
    make(tmp_path, {"fake/e.yaml": OLD, "fake/.git/no.yaml": OLD})
    run(tmp_path, "apply", "-i", *SET, ".")
    assert changed(tmp_path) == ["d.yaml", "fake/e.yaml", "one/a.yaml", "two/c.yaml"]


@needs_git
def test_a_hook_of_git_sees_the_folder_that_is_named(tmp_path: Path) -> None:
    make(tmp_path, {"sub/a.yaml": OLD, "sub/build/b.yaml": OLD, ".gitignore": "build\n"})
    git(tmp_path, "init", "-q")
    done = run(tmp_path, "apply", "-i", *SET, "sub", env={"GIT_DIR": ".git", "GIT_INDEX_FILE": ".git/index"})
    assert done.returncode == 0
    assert changed(tmp_path) == ["sub/a.yaml"]


@needs_git
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_a_repository_of_somebody_else_is_worth_a_warning(tmp_path: Path) -> None:
    make(tmp_path, {"r/a.yaml": OLD, "r/build/b.yaml": OLD, "r/.gitignore": "build\n"})
    git(tmp_path / "r", "init", "-q")
    for path in (tmp_path / "r", *(tmp_path / "r").rglob("*")):
        os.chown(path, 1234, 1234)
    env = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null", "HOME": str(tmp_path)}
    done = run(tmp_path, "apply", "-i", *SET, "r", env=env)
    assert done.returncode == 0
    assert done.stderr.splitlines()[0] == (
        "r: warning: git does not say which files to ignore in another user's repository (see its `safe.directory`): "
        "all are read"
    )
    assert changed(tmp_path) == ["r/a.yaml", "r/build/b.yaml"]


# standard input, output and error


def shell(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    program = f'retouch() {{ "{sys.executable}" -m retouch "$@"; }}\n'
    return subprocess.run(
        ["bash", "-c", program + script], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("script", "out", "said"),
    [
        ("retouch diff --set '$.a=2' a.yaml >&-", "2", "standard output cannot be written: Bad file descriptor"),
        ("retouch diff --set '$.a=2' <&-", "2", "standard input cannot be read: Bad file descriptor"),
        ("retouch apply -i --set '$.a=2' a.yaml 2>&- >&- <&-", "0", ""),
        ("retouch apply -i --set '$.a=2' a.yaml 2>/dev/full", "0", ""),
        ("retouch diff --set '$.a=2' a.yaml nothing 2>/dev/full", "2", ""),
        ("retouch --version >/dev/full", "2", "standard output cannot be written: No space left on device"),
        ("retouch rules list >/dev/full", "2", "standard output cannot be written: No space left on device"),
    ],
)
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
def test_streams_that_are_closed_or_full(tmp_path: Path, script: str, out: str, said: str) -> None:
    make(tmp_path, {"a.yaml": OLD})
    done = shell(tmp_path, f"{script}; echo $? >code")
    assert (tmp_path / "code").read_text().strip() == out
    assert done.stderr == (f"error: {said}\n" if said else "")
    assert (tmp_path / "a.yaml").read_text() == (NEW if "apply -i" in script else OLD)


@pytest.mark.parametrize(
    "script",
    [
        "retouch diff -q --set '$.a=2' . | head -1",
        "retouch diff -q --jobs 2 --set '$.a=2' . | head -1",
        "retouch apply -q --set '$.a=2' large.yaml | head -1",
        "retouch rules show argo/artifacts-to-volume | head -1",
        "retouch diff --set '$.a=2' . 2>&1 >/dev/null | head -1",
    ],
)
def test_a_pipe_that_is_closed_ends_the_run_quietly(tmp_path: Path, script: str) -> None:
    make(tmp_path, {f"{number}.yaml": OLD for number in range(30)})
    make(tmp_path, {"large.yaml": OLD + "b: |\n" + "  text\n" * 40_000})
    done = shell(tmp_path, f"{script}; echo ${{PIPESTATUS[0]}} >code")
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1
    assert (tmp_path / "code").read_text().strip() in ("141", "0", "1")  # 0 and 1: it was quicker than `head`
