"""Several processes: the output of one, and what becomes of the files of a process that dies."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from process import COMMAND, run

from retouch.cli import job

SET = ("--set", "$.a=2")

needs_proc = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="this system has no /proc")

RULES = """\
apiVersion: retouch/v1
kind: RuleSet
metadata: {name: s}
rules:
- id: refuse
  match: {evil: '$.evil'}
  actions: [{fail: evil is refused, node: evil}]
- id: notice
  match: {odd: '$.odd'}
  actions: [{warn: this is odd, node: odd}]
- id: edit
  match: {a: '$.a'}
  actions: [{set: a, value: 2}]
"""


def fill(folder: Path) -> None:
    """One of everything, three times over, so that every process gets some of it."""
    for number in range(3):
        below = folder / str(number)
        (below / "chart" / "templates").mkdir(parents=True)
        texts = {
            "good.yaml": "a: 1  # one\n",
            "two.yaml": "a: 1\n---\nb: 1\n---\na: 3\n",
            "same.yml": "a: 2\n",
            "none.yaml": "b: 1\n",
            "odd.yaml": "a: 1\nodd: true\n",
            "refused.yaml": "a: 1\nevil: 1\n",
            "broken.yaml": "a: [1\nb: 2\n",
            "twice.yaml": "a: 1\na: 1\n",
            "helm.yaml": "a: {{ .Values.a }}\n  b: {{ x }}\n",
            "good.json": '{"a": 1, "b": [1]}\n',
            "broken.json": '{"a": 1,}\n',
            "list.json": '{"apiVersion": "v1", "kind": "List", "items": [{"a": 1}, {"b": 1}]}\n',
            "empty.yaml": "",
            "comment.yaml": "# nothing\n",
            "crlf.yaml": "a: 1\r\n\r\nb: 1",
            "chart/Chart.yaml": "a: 1\n",
            "chart/values.yaml": "a: 1\n",
            "chart/templates/x.yaml": "a: {{ 1 }}\n",
        }
        for name, text in texts.items():
            (below / name).write_bytes(text.encode())
        (below / "wide.yaml").write_bytes("a: 1 # é\n".encode("utf-16"))
        (below / "latin.yaml").write_bytes(b"a: 1 # \xe9\n")
        (below / "link.yaml").symlink_to("nothing")


@pytest.mark.parametrize(
    "arguments",
    [
        ["diff", "-v"],
        ["patch", "--format", "jsonl"],
        ["apply", "-i"],
        ["apply", "-o", "out", "--format", "github"],
    ],
    ids=" ".join,
)
def test_several_processes_say_and_do_what_one_does(tmp_path: Path, arguments: list[str]) -> None:
    results = []
    for jobs in ("1", "2"):
        folder = tmp_path / jobs
        fill(folder / "in")
        (folder / "rules.yaml").write_text(RULES)
        done = run(folder, *arguments, "-r", "rules.yaml", "--jobs", jobs, "in")
        files = {each.relative_to(folder): each.read_bytes() for each in sorted(folder.rglob("*")) if each.is_file()}
        results.append((done.returncode, done.stdout, done.stderr, files))
        shutil.rmtree(folder)
    assert results[0] == results[1]
    code, _out, said, files = results[0]
    assert code == 2
    assert (files[Path("in/0/good.yaml")].decode() == "a: 2  # one\n") == (arguments[:2] == ["apply", "-i"])
    if "github" not in arguments:
        assert said.splitlines()[-1].startswith("54 files, ")
        assert "6 Helm templates skipped" in said.splitlines()[-1]


def die(how: str) -> None:
    """From now on in this process, to read a file that is called bad ends so."""
    read = job.read_file

    def read_or_die(path: Path) -> bytes:
        if path.name.startswith("bad"):
            if how == "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            elif how == "exit":
                os._exit(3)
            elif how == "memory":
                return read(path) * 10**12
            raise KeyError("x")
        return read(path)

    job.read_file = read_or_die  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("how", "jobs", "said"),
    [
        ("killed", "2", "the process that worked on this file was killed; if memory is short, use fewer --jobs"),
        ("exit", "2", "the process that worked on this file ended with exit code 3"),
        ("memory", "2", "there is not enough memory to rewrite this file"),
        ("memory", "1", "there is not enough memory to rewrite this file"),
        ("mistake", "2", "internal error: KeyError: 'x'; nothing was written; please report it (-v shows where it is)"),
        ("mistake", "1", "internal error: KeyError: 'x'; nothing was written; please report it (-v shows where it is)"),
    ],
)
def test_a_process_that_dies_costs_its_file_only(tmp_path: Path, how: str, jobs: str, said: str) -> None:
    good = [tmp_path / f"good{number}.yaml" for number in range(40)]
    bad = [tmp_path / f"bad{number}.yaml" for number in range(3)]
    for path in (*good, *bad):
        path.write_text("a: 1\n")
    done = run(tmp_path, "apply", "-i", *SET, "--jobs", jobs, ".", before=partial(die, how))
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert lines[:3] == [f"{path.name}: error: {said}" for path in bad]
    assert lines[-1] == "43 files, 40 documents, 40 rewritten by 1 rule, 3 errors"
    assert {path.read_text() for path in good} == {"a: 2\n"}
    assert {path.read_text() for path in bad} == {"a: 1\n"}


def test_a_mistake_is_shown_with_where_it_is_on_request(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("a: 1\n")
    done = run(tmp_path, "diff", "-v", *SET, "bad.yaml", before=partial(die, "mistake"))
    assert done.returncode == 2
    assert "Traceback" in done.stderr


@needs_proc
def test_memory_that_really_runs_out_costs_one_file(tmp_path: Path) -> None:
    (tmp_path / "large.json").write_text("[" + "{}," * 400_000 + "{}]")
    (tmp_path / "small.json").write_text('{"a": 1}')
    code = (
        "import os, resource, sys\n"
        "from process import main\n"  # which has done a rewrite, so that all is imported
        "now = int(open('/proc/self/statm').read().split()[0]) * os.sysconf('SC_PAGE_SIZE')\n"
        "resource.setrlimit(resource.RLIMIT_AS, (now + (40 << 20),) * 2)\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    command = [sys.executable, "-c", code, "apply", "-i", *SET, "large.json", "small.json"]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=60, check=False, env=env)
    assert done.returncode == 2
    assert done.stderr.decode().splitlines()[0] == "large.json: error: there is not enough memory to rewrite this file"
    assert (tmp_path / "small.json").read_text() == '{"a": 2}'


@needs_proc
def test_a_process_that_is_killed_while_it_works(tmp_path: Path) -> None:
    for number in range(120):
        (tmp_path / f"{number:03}.yaml").write_text("a: 1\n")
    command = [*COMMAND, "apply", "-i", *SET, "--jobs", "2", "."]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE)
    assert process.stderr is not None
    process.stderr.readline()
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    assert len(children) == 2
    os.kill(int(children[0]), signal.SIGKILL)
    said = process.stderr.read().decode()
    process.stderr.close()
    code = process.wait(30)
    lost = [path.name for path in tmp_path.iterdir() if path.read_text() == "a: 1\n"]
    assert [line.partition(": error: ")[0] for line in said.splitlines() if "error: the process" in line] == lost
    assert len(lost) <= 1
    assert code == (2 if lost else 0)


@pytest.mark.parametrize("possible", [1, 0])
def test_processes_that_cannot_be_started_are_done_without(tmp_path: Path, possible: int) -> None:
    for number in range(20):
        (tmp_path / f"{number}.yaml").write_text("a: 1\n")
    fork, left = os.fork, [None] * possible

    def fork_or_fail() -> int:
        if not left:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        left.pop()
        return fork()

    done = run(tmp_path, "apply", "-i", *SET, "--jobs", "4", ".", before=lambda: setattr(os, "fork", fork_or_fail))
    texts = {path.read_text() for path in tmp_path.iterdir()}
    if possible:
        assert (done.returncode, texts) == (0, {"a: 2\n"})
    else:
        assert (done.returncode, texts) == (2, {"a: 1\n"})
        assert done.stderr == f"error: {os.strerror(errno.EAGAIN)}\n"
