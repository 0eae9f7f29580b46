"""The command line, run as a process: what it prints where, what it writes, and its exit codes."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

RULES = """\
apiVersion: retouch/v1
kind: RuleSet
metadata: {name: acme/mirror}
description: Pull images through the mirror. With more to say.
params:
  host: {type: string, description: The mirror's host., required: true}
  count: {type: integer, default: 2}
documents:
  kind: [Deployment, Pod]
rules:
- id: refuse
  match: {container: '$..containers[?(@.image == "evil")]'}
  actions:
  - fail: evil image in ${ container.name }
- id: notice
  match: {container: '$..containers[?(@.image == "odd")]'}
  actions:
  - warn: odd image
- id: mirror-image
  match:
    container: $..containers[*]
  when: not container.image is match('^' ~ params.host ~ '/')
  actions:
  - set: container.image
    value: ${ params.host }/${ container.image }
"""

POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: {name}  # the pod
  namespace: shop
spec:
  containers:
  - name: main
    image: {image}   # pinned
"""

MIRROR = ("-r", "mirror.yaml", "-p", "host=m.local")


@dataclass
class Result:
    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()


Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs `retouch` in a folder that holds `mirror.yaml`."""
    (tmp_path / "mirror.yaml").write_text(RULES)

    def run(*arguments: str | Path, stdin: bytes = b"", env: dict[str, str] | None = None) -> Result:
        command = [sys.executable, "-m", "retouch", *map(str, arguments)]
        environment = {**os.environ, **(env or {})}
        done = subprocess.run(
            command, cwd=tmp_path, input=stdin, capture_output=True, timeout=60, env=environment, check=False
        )
        return Result(done.returncode, done.stdout, done.stderr.decode())

    return run


def pod(path: Path, name: str = "web", image: str = "nginx") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(POD.format(name=name, image=image))
    return path


# diff


def test_diff_is_what_git_apply_takes(run: Run, tmp_path: Path) -> None:
    path = pod(tmp_path / "in put" / "web.yaml")
    before = path.read_bytes()
    result = run("diff", *MIRROR, "in put")
    assert result.code == 1
    assert result.text.splitlines()[:2] == ["--- a/in put/web.yaml\t", "+++ b/in put/web.yaml\t"]
    assert "-    image: nginx   # pinned\n+    image: m.local/nginx   # pinned\n" in result.text
    assert path.read_bytes() == before
    subprocess.run(["git", "apply"], cwd=tmp_path, input=result.out, check=True)
    assert path.read_text() == POD.format(name="web", image="m.local/nginx")
    assert run("diff", *MIRROR, "in put").code == 0


def test_diff_of_a_text_with_a_byte_order_mark_applies(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    for setting in ("$.b=3", "$.a=2"):
        result = run("diff", "--set", setting, "a.yaml")
        subprocess.run(["git", "apply"], cwd=tmp_path, input=result.out, check=True)
    assert (tmp_path / "a.yaml").read_bytes() == b"\xef\xbb\xbfa: 2\r\nb: 3\r\n"


def test_diff_annotate_names_the_rules(run: Run, tmp_path: Path) -> None:
    pod(tmp_path / "web.yaml")
    result = run("diff", *MIRROR, "--annotate", "web.yaml")
    assert re.search(r"^@@ -6,4 \+6,4 @@ acme/mirror/mirror-image$", result.text, re.MULTILINE)


def test_diff_stat_counts_lines(run: Run, tmp_path: Path) -> None:
    pod(tmp_path / "web.yaml")
    result = run("diff", *MIRROR, "--stat", "web.yaml")
    assert (result.code, result.text) == (1, " web.yaml | 2 +-\n 1 file changed, +1 -1 lines\n")


def test_diff_of_standard_input(run: Run) -> None:
    result = run("diff", *MIRROR, stdin=POD.format(name="w", image="nginx").encode())
    assert result.code == 1
    assert result.text.startswith("--- a/stdin\n+++ b/stdin\n")


def test_diff_in_colour_is_the_same_text(run: Run, tmp_path: Path) -> None:
    pod(tmp_path / "web.yaml")
    plain = run("diff", *MIRROR, "web.yaml").text
    coloured = run("diff", *MIRROR, "--color", "always", "web.yaml").text
    assert "\x1b[32;7mm.local/" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


# patch


def test_patch_json_is_one_array_that_apply_takes(run: Run, tmp_path: Path) -> None:
    path = pod(tmp_path / "web.yaml")
    result = run("patch", *MIRROR, "web.yaml")
    assert result.code == 0
    assert json.loads(result.out) == [{"op": "replace", "path": "/spec/containers/0/image", "value": "m.local/nginx"}]
    (tmp_path / "p.json").write_bytes(result.out)
    applied = run("apply", "--patch", "p.json", "web.yaml")
    assert (applied.code, applied.out) == (0, run("apply", *MIRROR, "web.yaml").out)
    assert run("apply", "--patch", "-", "web.yaml", stdin=result.out).out == applied.out
    path.write_bytes(applied.out)
    assert run("patch", *MIRROR, "web.yaml").out == b"[]\n"


def test_patch_json_of_several_documents_is_an_error_that_lists_them(run: Run, tmp_path: Path) -> None:
    (tmp_path / "two.yaml").write_text("---\n".join(POD.format(name=name, image="x") for name in ("a", "b")))
    result = run("patch", *MIRROR, "two.yaml")
    assert (result.code, result.out) == (2, b"")
    for said in (
        "2 documents change",
        "--select",
        "jsonl",
        "note: document 0: shop/Pod/a",
        "document 1: shop/Pod/b",
    ):
        assert said in result.err


@pytest.mark.parametrize(
    ("wanted", "name"), [("1", "b"), ("Pod/b", "b"), ("shop/Pod/a", "a"), ("pod/a", "a"), ("Pod.v1./a", "a")]
)
def test_select_picks_one_document(run: Run, tmp_path: Path, wanted: str, name: str) -> None:
    (tmp_path / "two.yaml").write_text("---\n".join(POD.format(name=each, image=each) for each in ("a", "b")))
    result = run("patch", *MIRROR, "--select", wanted, "two.yaml")
    assert [each["value"] for each in json.loads(result.out)] == [f"m.local/{name}"]


@pytest.mark.parametrize("wanted", ["Pod/c", "7", "Deployment/a", "other/Pod/a", "Pod.apps/a", "a", "a/b/c/d"])
def test_select_that_names_nothing_is_an_error(run: Run, tmp_path: Path, wanted: str) -> None:
    pod(tmp_path / "a.yaml", "a")
    result = run("patch", *MIRROR, "--select", wanted, "a.yaml")
    assert (result.code, result.out) == (2, b"")
    assert f"no document is `{wanted}`" in result.err
    assert "shop/Pod/a" in result.err


def test_select_that_names_two_is_an_error(run: Run, tmp_path: Path) -> None:
    pod(tmp_path / "x.yaml", "a")
    pod(tmp_path / "y.yaml", "a")
    result = run("patch", *MIRROR, "--select", "Pod/a", "x.yaml", "y.yaml")
    assert (result.code, result.out) == (2, b"")
    assert "2 documents are `Pod/a`" in result.err


def test_patch_jsonl_is_a_record_per_changed_document(run: Run, tmp_path: Path) -> None:
    text = "# nothing\n---\n" + POD.format(name="a", image="x") + "---\nkind: Other\n---\n"
    (tmp_path / "s.yaml").write_text(text)
    lines = run("patch", *MIRROR, "--format", "jsonl", "s.yaml").text.splitlines()
    assert [json.loads(line) for line in lines] == [
        {
            "file": "s.yaml",
            "document": 0,
            "item": None,
            "resource": {"apiVersion": "v1", "kind": "Pod", "namespace": "shop", "name": "a"},
            "patch": [{"op": "replace", "path": "/spec/containers/0/image", "value": "m.local/x"}],
            "rules": [["acme/mirror/mirror-image"]],
        }
    ]


def test_patch_of_the_items_of_a_list(run: Run, tmp_path: Path) -> None:
    items = [yaml.safe_load(POD.format(name=name, image=name)) for name in ("a", "b")]
    (tmp_path / "list.json").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
    lines = run("patch", *MIRROR, "--format", "jsonl", "list.json").text.splitlines()
    assert [(each["document"], each["item"]) for each in map(json.loads, lines)] == [(0, 0), (0, 1)]


def test_patch_yaml_says_what_jsonl_says(run: Run, tmp_path: Path) -> None:
    pod(tmp_path / "a.yaml")
    lines = run("patch", *MIRROR, "--format", "jsonl", "a.yaml").text.splitlines()
    documents = list(yaml.safe_load_all(run("patch", *MIRROR, "--format", "yaml", "a.yaml").out))
    assert documents == [json.loads(line) for line in lines]


def test_patch_guard_and_reverse(run: Run, tmp_path: Path) -> None:
    pod(tmp_path / "a.yaml")
    guarded = json.loads(run("patch", *MIRROR, "--guard", "a.yaml").out)
    assert [(each["op"], each["path"], each["value"]) for each in guarded] == [
        ("test", "/spec/containers/0/name", "main"),
        ("test", "/spec/containers/0/image", "nginx"),
        ("replace", "/spec/containers/0/image", "m.local/nginx"),
    ]
    undo = json.loads(run("patch", *MIRROR, "--reverse", "a.yaml").out)
    assert undo == [{"op": "replace", "path": "/spec/containers/0/image", "value": "nginx"}]
    both = run("patch", *MIRROR, "--guard", "--reverse", "--format", "jsonl", "a.yaml")
    record = json.loads(both.out)
    assert [each["op"] for each in record["patch"]] == ["test", "test", "replace"]
    assert record["patch"][1]["value"] == "m.local/nginx"
    assert record["rules"] == [["acme/mirror/mirror-image"]] * 3


def test_patch_warns_of_a_mapping_that_it_creates_whole(run: Run, tmp_path: Path) -> None:
    pod(tmp_path / "a.yaml")
    label = ("--set", "$.metadata.labels.team=web")
    result = run("patch", *label, "a.yaml")
    assert result.code == 0
    assert "warning: the patch creates `/metadata/labels` whole" in result.err
    guarded = run("patch", *label, "--guard", "a.yaml")
    assert "warning" not in guarded.err
    assert json.loads(guarded.out)[0] == {"op": "test", "path": "/metadata/labels", "value": None}


def test_guard_says_that_it_is_for_kubernetes(run: Run) -> None:
    result = run("patch", "--set", "$.b=2", "--guard", stdin=b"a: 1\n")
    assert "no Kubernetes object" in result.err
    assert json.loads(result.out)[0]["value"] is None


def test_kubectl_lines_run_in_sh(run: Run, tmp_path: Path) -> None:
    stand_in = tmp_path / "bin" / "kubectl"
    stand_in.parent.mkdir()
    stand_in.write_text(
        f"#!{sys.executable}\nimport json, sys\n"
        f"print(json.dumps([sys.argv[1:], sys.stdin.read()]), file=open({str(tmp_path / 'calls')!r}, 'a'))\n"
    )
    stand_in.chmod(0o755)
    nasty = 'it\'s "$HOME" `id` \\n %s \U0001f600 <&>'
    (tmp_path / "s.yaml").write_text(
        POD.format(name="a", image="x")
        + "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {containers: [{image: y}]}\n"
        + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n"
    )
    quick = ("--set", f"$.metadata.note={json.dumps(nasty, ensure_ascii=False)}")
    result = run("patch", *MIRROR, *quick, "--format", "kubectl", "s.yaml")
    assert result.code == 0
    assert len(result.text.splitlines()) == 3
    environment = {**os.environ, "PATH": f"{stand_in.parent}:{os.environ['PATH']}"}
    subprocess.run(["sh", "-e"], input=result.out, cwd=tmp_path, env=environment, check=True)
    calls = [json.loads(line) for line in (tmp_path / "calls").read_text().splitlines()]
    end = ["--type=json", "--patch-file", "/dev/stdin"]
    assert [arguments for arguments, _ in calls] == [
        ["patch", "Pod.v1./a", "-n", "shop", *end],
        ["patch", "Deployment.v1.apps/d", *end],
        ["patch", "ConfigMap.v1./c", *end],
    ]
    assert [json.loads(patch)[-1] for _, patch in calls] == [
        {"op": "add", "path": "/metadata/note", "value": nasty}
    ] * 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("apiVersion: v1\nkind: Pod\nmetadata: {generateName: web-}\n", "only `generateName: web-`"),
        ("apiVersion: v1\nkind: Pod\n", "no `metadata.name`"),
        ("a: 1\n", "no `apiVersion` and `kind`"),
    ],
)
def test_kubectl_format_needs_a_name(run: Run, text: str, said: str) -> None:
    result = run("patch", "--set", "$.x=2", "--format", "kubectl", stdin=text.encode())
    assert (result.code, result.out) == (2, b"")
    assert said in result.err


def test_a_number_that_json_cannot_write_is_an_error(run: Run) -> None:
    result = run("patch", "--set", "$.x=.inf", stdin=b"a: 1\n")
    assert (result.code, result.out) == (2, b"")
    assert "<stdin>:1:1: error:" in result.err
    assert "infinite" in result.err


# apply


def test_apply_prints_one_text_and_changes_no_file(run: Run, tmp_path: Path) -> None:
    path = pod(tmp_path / "a.yaml")
    result = run("apply", *MIRROR, "a.yaml")
    assert (result.code, result.text) == (0, POD.format(name="web", image="m.local/nginx"))
    assert path.read_text() == POD.format(name="web", image="nginx")


def test_apply_keeps_encoding_line_ends_and_a_missing_last_one(run: Run, tmp_path: Path) -> None:
    before, after = (f"a: {value} # é\r\nb: x".encode("utf-16") for value in (1, 2))
    (tmp_path / "a.yaml").write_bytes(before)
    assert run("apply", "--set", "$.a=2", "a.yaml").out == after
    assert run("apply", "-i", "--set", "$.a=2", "a.yaml").code == 0
    assert (tmp_path / "a.yaml").read_bytes() == after
    assert run("apply", "--set", "$.a=2", stdin=b"\xef\xbb\xbfa: 1\r\n").out == b"\xef\xbb\xbfa: 2\r\n"


def test_apply_in_place_says_what_it_wrote(run: Run, tmp_path: Path) -> None:
    first, second = pod(tmp_path / "d" / "a.yaml"), pod(tmp_path / "d" / "b.yaml", image="m.local/x")
    unchanged = (second.stat().st_ino, second.stat().st_mtime_ns)
    result = run("apply", "-i", *MIRROR, "d")
    assert (result.code, result.out) == (0, b"")
    assert result.err.splitlines() == [
        "d/a.yaml: 1 edit by mirror-image",
        "2 files, 2 documents, 1 rewritten by 1 rule",
    ]
    assert first.read_text() == POD.format(name="web", image="m.local/nginx")
    assert (second.stat().st_ino, second.stat().st_mtime_ns) == unchanged
    assert sorted(each.name for each in (tmp_path / "d").iterdir()) == ["a.yaml", "b.yaml"]
    assert run("apply", "-q", "-i", *MIRROR, "d").err == ""


def test_apply_in_place_refuses_some_files_and_writes_the_others(run: Run, tmp_path: Path) -> None:
    pod(tmp_path / "d" / "a.yaml", image="evil")
    pod(tmp_path / "d" / "b.yaml")
    (tmp_path / "d" / "c.yaml").write_text("kind: Pod\ncontainers: [1\nb: 2\n")
    (tmp_path / "d" / "e.yaml").write_text(
        POD.format(name="x", image="y") + "---\n" + POD.format(name="z", image="evil")
    )
    result = run("apply", "-i", *MIRROR, "d")
    assert result.code == 2
    assert "[acme/mirror/refuse]" in result.err
    assert re.search(r"^d/c.yaml:\d+:\d+: error: ", result.err, re.MULTILINE)
    assert "4 files" in result.err.splitlines()[-1]
    assert (tmp_path / "d" / "b.yaml").read_text() == POD.format(name="web", image="m.local/nginx")
    assert (tmp_path / "d" / "a.yaml").read_text() == POD.format(name="web", image="evil")
    assert "m.local" not in (tmp_path / "d" / "e.yaml").read_text()


def test_standard_output_is_held_back_until_the_last_document(run: Run) -> None:
    text = POD.format(name="x", image="y") + "---\n" + POD.format(name="z", image="evil")
    for command in ("apply", "diff", "patch"):
        result = run(command, *MIRROR, stdin=text.encode())
        assert (result.code, result.out) == (2, b"")


def test_atomic_run_writes_nothing_if_it_refuses_anywhere(run: Run, tmp_path: Path) -> None:
    (tmp_path / "atomic.yaml").write_text(RULES + "atomic: run\n")
    pod(tmp_path / "d" / "a.yaml")
    pod(tmp_path / "d" / "b.yaml", image="evil")
    result = run("apply", "-i", "-r", "atomic.yaml", "-p", "host=m", "d")
    assert result.code == 2
    assert "m/nginx" not in (tmp_path / "d" / "a.yaml").read_text()
    assert "nothing was written" in result.err


def test_strict_wants_every_rule_to_match(run: Run, tmp_path: Path) -> None:
    nothing = "- id: {id}\n  match: {{x: $.nothing}}\n  actions: [{{{action}}}]\n"
    more = nothing.format(id="idle", action="remove: x") + nothing.format(id="refusing", action="fail: bad")
    idle = RULES.replace("- id: mirror-image\n", more + "- id: mirror-image\n")
    (tmp_path / "idle.yaml").write_text(idle)
    (tmp_path / "web.yaml").write_text(POD.format(name="web", image="nginx"))
    choice = ("-r", "idle.yaml", "-p", "host=m")
    assert run("diff", *choice, "web.yaml").code == 1
    for command in (("diff",), ("patch",), ("apply", "-i")):
        result = run(*command, "--strict", *choice, "web.yaml")
        assert (result.code, result.out) == (2, b"")
        assert "error: the rule matched nothing in this run, which --strict forbids" in result.err
        assert "/idle]" in result.err
        assert "refusing" not in result.err
    assert (tmp_path / "web.yaml").read_text() == POD.format(name="web", image="nginx")


def test_expect_counts_over_all_files(run: Run, tmp_path: Path) -> None:
    rules = RULES.replace("- id: mirror-image\n", "- id: mirror-image\n  expect: {matches: '2'}\n")
    (tmp_path / "expect.yaml").write_text(rules)
    choice = ("-r", "expect.yaml", "-p", "host=m")
    for name in "abc":
        pod(tmp_path / f"{name}.yaml")
    for jobs in ("1", "2"):
        assert run("diff", *choice, "--jobs", jobs, "a.yaml", "b.yaml").code == 1
        for files in (["a.yaml"], ["a.yaml", "b.yaml", "c.yaml"]):
            result = run("diff", *choice, "--jobs", jobs, *files)
            assert (result.code, result.out) == (2, b"")
            assert "`expect` wants exactly 2" in result.err


def test_apply_to_a_file_and_to_a_folder(run: Run, tmp_path: Path) -> None:
    pod(tmp_path / "d" / "sub" / "a.yaml")
    pod(tmp_path / "d" / "b.yaml", image="m.local/x")
    expected = POD.format(name="web", image="m.local/nginx")
    assert run("apply", *MIRROR, "-o", "out.yaml", "d/sub/a.yaml").code == 0
    assert (tmp_path / "out.yaml").read_text() == expected
    assert run("apply", *MIRROR, "-o", "out", "d").code == 0
    assert (tmp_path / "out" / "sub" / "a.yaml").read_text() == expected
    assert (tmp_path / "out" / "b.yaml").read_bytes() == (tmp_path / "d" / "b.yaml").read_bytes()
    assert run("apply", *MIRROR, "-o", "one/", "d/sub/a.yaml").code == 0
    assert (tmp_path / "one" / "a.yaml").read_text() == expected


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["a.yaml", "b.yaml"], ["there are 2", "-i", "-o FOLDER"]),
        (["-i"], ["standard input", "-i"]),
        (["-i", "-o", "x", "a.yaml"], ["not allowed with"]),
        (["-o", "a.yaml", "a.yaml"], ["-i"]),
        (["-o", "out", "d/a.yaml", "a.yaml"], ["both d/a.yaml and a.yaml"]),
        (["-o", "out/"], ["standard input has no name"]),
        (["--select", "0", "a.yaml"], ["--patch"]),
        (["--patch", "p.json", "a.yaml"], ["leave out -r"]),
        (["no.yaml", "nope"], ["no.yaml: error: there is no such file", "nope: error:"]),
        (["-", "-"], ["named twice"]),
        (["--frobnicate", "a.yaml"], ["unrecognized arguments: --frobnicate"]),
        (["--jobs", "x", "a.yaml"], ["--jobs"]),
        (["-p", "hots=x", "a.yaml"], ["unknown parameter `hots`", "did you mean `host`?"]),
        (["-p", "count=many", "a.yaml"], ["count"]),
    ],
)
def test_wrong_usage_of_apply(run: Run, tmp_path: Path, arguments: list[str], said: list[str]) -> None:
    for name in ("a.yaml", "b.yaml", "d/a.yaml"):
        pod(tmp_path / name)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.yaml")}
    result = run("apply", *MIRROR, *arguments)
    assert (result.code, result.out) == (2, b"")
    for each in said:
        assert each in result.err
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.yaml")} == before


def test_paths_may_stand_between_options(run: Run, tmp_path: Path) -> None:
    pod(tmp_path / "a.yaml")
    pod(tmp_path / "b.yaml")
    result = run("diff", "a.yaml", *MIRROR, "b.yaml", "--stat")
    assert "2 files changed" in result.text


# apply --patch


@pytest.mark.parametrize(
    ("patch", "said"),
    [
        ('{"op": "add"}', "list of operations"),
        ("", "the text is empty"),
        ("[1]", "an operation is a mapping"),
        ("[{op: remove, path: /zzz}]", "zzz"),
        ("[{op: remove, path: /a}", "error"),
        ('{"file": "a", "patch": []}', "--patch takes the list alone"),
    ],
)
def test_a_wrong_patch(run: Run, tmp_path: Path, patch: str, said: str) -> None:
    (tmp_path / "p.json").write_text(patch)
    (tmp_path / "a.yaml").write_text("a: 1\n")
    result = run("apply", "-i", "--patch", "p.json", "a.yaml")
    assert result.code == 2
    assert said in result.err
    assert (tmp_path / "a.yaml").read_text() == "a: 1\n"


def test_a_patch_for_one_of_several_documents(run: Run, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("- {op: replace, path: /a, value: 2.50}\n")
    text = b"a: 1 # one\n---\na: 1 # two\n"
    refused = run("apply", "--patch", "p.yaml", stdin=text)
    assert (refused.code, refused.out) == (2, b"")
    assert "2 documents here" in refused.err
    assert run("apply", "--patch", "p.yaml", "--select", "1", stdin=text).out == b"a: 1 # one\n---\na: 2.50 # two\n"


# rules and parameters


def test_rules_may_come_from_standard_input(run: Run, tmp_path: Path) -> None:
    pod(tmp_path / "a.yaml")
    result = run("diff", "-r", "-", "-p", "host=m", "a.yaml", stdin=RULES.encode())
    assert result.code == 1
    assert "+    image: m/nginx" in result.text
    for arguments in ([], ["-"]):
        refused = run("diff", "-r", "-", "-p", "host=m", *arguments, stdin=RULES.encode())
        assert refused.code == 2
        assert "-r - reads the rules from standard input" in refused.err


def test_parameters_come_from_a_file_and_the_command_line(run: Run, tmp_path: Path) -> None:
    pod(tmp_path / "a.yaml")
    (tmp_path / "params.yaml").write_text("host: from-file\n")
    choice = ("-r", "mirror.yaml", "--params", "params.yaml")
    assert "from-file/nginx" in run("diff", *choice, "a.yaml").text
    assert "own/nginx" in run("diff", *choice, "-p", "acme/mirror:host=own", "a.yaml").text
    assert "1.10/nginx" in run("diff", *choice, "-p", "host=1.10", "a.yaml").text


def test_a_missing_parameter_is_explained(run: Run, tmp_path: Path) -> None:
    pod(tmp_path / "a.yaml")
    result = run("diff", "-r", "mirror.yaml", "a.yaml")
    assert (result.code, result.out) == (2, b"")
    for said in ("`host`", "acme/mirror", "The mirror's host.", "-p host="):
        assert said in result.err


def test_an_unknown_rule_set_is_told_with_what_is_near(run: Run, tmp_path: Path) -> None:
    pod(tmp_path / "a.yaml")
    result = run("diff", "-r", "mirrr.yaml", "a.yaml")
    assert result.code == 2
    assert "did you mean `mirror.yaml`?" in result.err


@pytest.mark.parametrize("command", ["diff", "patch", "apply"])
def test_without_rules_it_says_how(run: Run, command: str) -> None:
    result = run(command, stdin=b"a: 1\n")
    assert (result.code, result.out) == (2, b"")
    for said in ("no rules given", "-r", "--set", f"retouch {command} "):
        assert said in result.err


@pytest.mark.parametrize(
    ("setting", "after"),
    [
        ("$.a=2", "a: 2\nl:\n- name: x\n"),
        ("$.b.c=text", "a: 1\nl:\n- name: x\nb:\n  c: text\n"),
        ("$.l[?(@.name == 'x')].v=a=b", "a: 1\nl:\n- name: x\n  v: a=b\n"),
        ("$['a']={x: [1, 2]}", "a:\n  x: [1, 2]\nl:\n- name: x\n"),
        ("$.a=${ doc.a + 1 }", "a: 2\nl:\n- name: x\n"),
        ("$.a=", "a: null\nl:\n- name: x\n"),
    ],
)
def test_set_is_a_quick_edit(run: Run, setting: str, after: str) -> None:
    result = run("apply", "--set", setting, stdin=b"a: 1\nl:\n- name: x\n")
    assert (result.code, yaml.safe_load(result.out)) == (0, yaml.safe_load(after))


@pytest.mark.parametrize(
    ("setting", "said"),
    [("a", "PATH=VALUE"), (".a=1", "did you mean `$.a=1`?"), ("$.a=0644", "--set:"), ("$.[=1", "PATH=VALUE")],
)
def test_a_wrong_set(run: Run, setting: str, said: str) -> None:
    result = run("diff", "--set", setting, stdin=b"a: 1\n")
    assert (result.code, result.out) == (2, b"")
    assert said in result.err


def test_rules_list_and_show(run: Run, tmp_path: Path) -> None:
    listed = run("rules", "list")
    assert listed.code == 0
    for line in listed.text.splitlines():
        name = line.split()[0]
        shown = run("rules", "show", name)
        head, *parts = yaml.safe_load_all(shown.out)
        assert (shown.code, head["metadata"]["name"]) == (0, name)
        assert len(parts) == len(head.get("parts", ()))
    assert run("rules", "show", "mirror.yaml").text == RULES
    unknown = run("rules", "show", "nothing/here")
    assert (unknown.code, unknown.out) == (2, b"")


# messages


def test_a_warning_has_its_place_and_a_caret(run: Run, tmp_path: Path) -> None:
    pod(tmp_path / "a.yaml", image="odd")
    result = run("apply", *MIRROR, "a.yaml")
    assert result.code == 0
    lines = result.err.splitlines()
    at = next(number for number, line in enumerate(lines) if "warning" in line)
    found = re.fullmatch(r"a\.yaml:(\d+):(\d+): warning: odd image \[acme/mirror/notice\]", lines[at])
    assert found
    line, column = int(found[1]), int(found[2])
    assert lines[at + 1] == "  " + POD.format(name="web", image="odd").splitlines()[line - 1]
    assert lines[at + 2] == " " * (column + 1) + "^"
    assert "warning" not in run("apply", "-q", *MIRROR, "a.yaml").err


def test_messages_for_programs(run: Run, tmp_path: Path) -> None:
    pod(tmp_path / "a.yaml", image="odd")
    pod(tmp_path / "b.yaml", image="evil")
    found: Any = json.loads(run("diff", *MIRROR, "--format", "json", "a.yaml", "b.yaml").err)
    assert [(each["severity"], each["file"], each["rule"]) for each in found] == [
        ("warning", "a.yaml", "acme/mirror/notice"),
        ("error", "b.yaml", "acme/mirror/refuse"),
    ]
    assert all(each["line"] > 1 and each["column"] > 1 for each in found)
    log: Any = json.loads(run("diff", *MIRROR, "--format", "sarif", "a.yaml", "b.yaml").err)
    results = log["runs"][0]["results"]
    assert [each["level"] for each in results] == ["warning", "error"]
    assert results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a.yaml"
    commands = run("diff", *MIRROR, "--format", "github", "a.yaml", "b.yaml").err.splitlines()
    assert re.fullmatch(
        r"::warning file=a\.yaml,line=\d+,col=\d+,title=acme/mirror/notice::odd image(%0A.*)?", commands[0]
    )
    assert commands[1].startswith("::error file=b.yaml,")
    assert json.loads(run("diff", *MIRROR, "--format", "json", stdin=b"a: 1\n").err) == []


def test_a_run_over_many_files_ends_with_a_summary(run: Run, tmp_path: Path) -> None:
    pod(tmp_path / "d" / "a.yaml")
    pod(tmp_path / "d" / "b.yaml", image="odd")
    (tmp_path / "d" / "c.yaml").write_text("a: 1\n---\nb: 2\n")
    pod(tmp_path / "d" / "chart" / "templates" / "t.yaml")
    (tmp_path / "d" / "chart" / "Chart.yaml").write_text("name: c\n")
    (tmp_path / "d" / "helm.yaml").write_text("a: {{ .Values.a }}\n  b: {{ x }}\n")
    result = run("diff", *MIRROR, "d")
    summary = "4 files, 5 documents, 2 rewritten by 1 rule, 3 unread, 2 Helm templates skipped, 1 warning"
    assert result.err.splitlines()[-1] == summary
    assert "acme/mirror/mirror-image: 2 matches" in run("diff", *MIRROR, "-v", "d").err


def test_an_unreadable_helm_template_that_is_named_is_told_so(run: Run, tmp_path: Path) -> None:
    (tmp_path / "helm.yaml").write_text("a: {{ .Values.a }}\n  b: {{ x }}\n")
    result = run("diff", *MIRROR, "helm.yaml")
    assert result.code == 2
    assert "looks like a Helm template; render it first" in result.err


def test_nothing_matched_is_said(run: Run) -> None:
    for text, said in (
        (b"kind: Pod\ncontainers: []\n", "1 document was read, and no rule applies"),
        (b"a: 1\n", "1 document was left unread, as no rule can apply to it"),
        (b"a: 1\n---\nb: 1\n", "2 documents were left unread, as no rule can apply to them"),
        (b"a: 1\n---\nkind: Pod\ncontainers: []\n", "1 document was read, 1 left unread, and no rule applies"),
    ):
        result = run("diff", *MIRROR, stdin=text)
        assert (result.code, result.out) == (0, b"")
        assert f"nothing matched: {said}; `retouch explain` says why\n" in result.err
    assert run("diff", "-q", *MIRROR, stdin=b"a: 1\n").err == ""


def test_empty_standard_input_is_a_warning(run: Run) -> None:
    result = run("apply", *MIRROR, stdin=b"")
    assert (result.code, result.out) == (0, b"")
    assert "warning: standard input is empty" in result.err


@pytest.mark.parametrize("arguments", [[], ["--help"], ["diff", "--help"], ["--version"], ["explode"]])
def test_help_version_and_unknown_commands(run: Run, arguments: list[str]) -> None:
    result = run(*arguments)
    wrong = arguments in ([], ["explode"])
    assert result.code == (2 if wrong else 0)
    assert bool(result.out) is not wrong
    assert bool(result.err) is wrong


# processes, terminals, pipes


@pytest.mark.parametrize("command", ["diff", "apply"])
def test_several_processes_give_what_one_gives(run: Run, tmp_path: Path, command: str) -> None:
    for number in range(60):
        pod(tmp_path / "d" / f"{number}.yaml", image=["nginx", "odd", "evil", "m.local/x"][number % 4])
    extra = ["-o", "out"] if command == "apply" else []
    one, two = (run(command, *MIRROR, "--jobs", jobs, *extra, "d") for jobs in ("1", "3"))
    assert (one.code, one.out, one.err) == (two.code, two.out, two.err)
    assert one.code == 2
    assert one.err.splitlines()[-1] == "60 files, 45 documents, 30 rewritten by 1 rule, 15 warnings, 15 errors"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
def test_standard_output_that_takes_no_more_is_an_error(run: Run, tmp_path: Path) -> None:
    pod(tmp_path / "a.yaml")
    command = [sys.executable, "-m", "retouch", "diff", *MIRROR, "a.yaml"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2
    assert b"standard output cannot be written: No space left on device" in done.stderr


def test_an_interrupt_ends_all_processes_quietly(run: Run, tmp_path: Path) -> None:
    for number in range(2000):
        pod(tmp_path / "d" / f"{number}.yaml")
    command = [sys.executable, "-m", "retouch", "apply", "-i", *MIRROR, "--jobs", "2", "d"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, start_new_session=True)
    assert process.stderr is not None
    process.stderr.readline()
    os.killpg(process.pid, signal.SIGINT)
    rest = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait(30) == 130
    assert "interrupted; no file is half-written" in rest
    assert "Traceback" not in rest
    texts = {POD.format(name="web", image=image) for image in ("nginx", "m.local/nginx")}
    assert {path.read_text() for path in (tmp_path / "d").iterdir()} == texts


def test_a_closed_pipe_ends_quietly(run: Run, tmp_path: Path) -> None:
    for number in range(300):
        pod(tmp_path / "d" / f"{number}.yaml")
    command = [sys.executable, "-m", "retouch", "diff", *MIRROR, "-q", "d"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(30) == 141


def on_terminal(command: list[str], folder: Path) -> tuple[int, str]:
    """Run with a terminal as standard input, output and error."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(command, cwd=folder, stdin=follower, stdout=follower, stderr=follower, env=TERMINAL)
    os.close(follower)
    parts = []
    try:
        while part := os.read(leader, 65536):
            parts.append(part)
    except OSError:
        pass
    os.close(leader)
    return process.wait(30), b"".join(parts).decode().replace("\r\n", "\n")


TERMINAL = {**{key: value for key, value in os.environ.items() if key != "NO_COLOR"}, "TERM": "xterm"}


def test_a_terminal_gets_colours_and_is_no_input(run: Run, tmp_path: Path) -> None:
    pod(tmp_path / "a.yaml")
    command = [sys.executable, "-m", "retouch", "diff", *MIRROR]
    code, text = on_terminal([*command, "a.yaml"], tmp_path)
    assert code == 1
    assert "\x1b[32;7mm.local/" in text
    code, text = on_terminal(command, tmp_path)
    assert code == 2
    assert "no input: name files or folders, or pipe" in text


def test_a_slow_run_shows_its_progress_on_a_terminal(run: Run, tmp_path: Path) -> None:
    pod(tmp_path / "a.yaml")
    code = (
        "import sys, time, retouch.cli.job as job\n"
        "read = job.read_file\n"
        "job.read_file = lambda path: time.sleep(1.5) or read(path)\n"
        "from retouch.cli.command import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    arguments = ["diff", *MIRROR, "--color", "never", "a.yaml"]
    _, text = on_terminal([sys.executable, "-c", code, *arguments], tmp_path)
    assert "] 0 of 1 files\r\x1b[K" in text
    assert text.endswith("+    image: m.local/nginx   # pinned\n")
    _, quiet = on_terminal([sys.executable, "-c", code, *arguments, "-q"], tmp_path)
    assert " of 1 files" not in quiet


def test_the_kubectl_plugin_calls_itself_so(tmp_path: Path) -> None:
    program = tmp_path / "kubectl-retouch"
    program.write_text(f"#!{sys.executable}\nimport sys\nfrom retouch.cli.command import main\nsys.exit(main())\n")
    program.chmod(0o755)
    done = subprocess.run([program, "--help"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("usage: kubectl retouch ")


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
def test_kubectl_takes_the_patch(run: Run, tmp_path: Path) -> None:
    pod(tmp_path / "a.yaml", image='"é<>&\\U0001F600"')
    result = run("patch", *MIRROR, "a.yaml")
    (tmp_path / "p.json").write_bytes(result.out)
    command = ["kubectl", "patch", "--local", "-f", "a.yaml", "--type=json", "--patch-file", "p.json", "-o", "json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    assert json.loads(done.stdout)["spec"]["containers"][0]["image"] == "m.local/é<>&\U0001f600"
