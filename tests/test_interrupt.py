"""Ctrl-C, SIGTERM and kill -9 at any moment: every file is the old one or the new one, and nothing else is left."""

from __future__ import annotations

import json
import os
import pty
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc")

COMMAND = [sys.executable, "-m", "retouch"]
IN_PLACE = ["apply", "-i", "--set", "$.a=2"]
REST = "b: |\n" + "  text\n" * 2_000
HEAD = "apiVersion: retouch/v1\nkind: RuleSet\nmetadata: {name: x}\n"
OLD, NEW = f"a: 1\n{REST}".encode(), f"a: 2\n{REST}".encode()


def living(session: int) -> list[int]:
    """The processes of a session that are not dead yet."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(") ")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] not in "ZX":
            found.append(int(path.parent.name))
    return found


def wait_for_none(session: int) -> None:
    end = time.monotonic() + 10
    while living(session):
        assert time.monotonic() < end, "a process outlived the first one"
        time.sleep(0.01)


def leftovers(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir() if ".retouch-" in each.name]


def contents(folder: Path) -> list[bytes]:
    return [each.read_bytes() for each in folder.iterdir() if each.suffix == ".yaml"]


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_ended_leaves_old_and_new_files(tmp_path: Path, number: signal.Signals, jobs: str) -> None:
    chance = random.Random(f"{number} {jobs}")
    for _ in range(2):
        for each in range(10):
            (tmp_path / f"{each:02}.yaml").write_bytes(OLD)
        command = [*COMMAND, *IN_PLACE, "--jobs", jobs, "."]
        run = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, start_new_session=True)
        assert run.stderr is not None
        assert b"00.yaml: 1 edit" in run.stderr.readline()
        time.sleep(chance.uniform(0, 0.1))
        if number == signal.SIGINT:
            os.killpg(run.pid, number)  # as a terminal does
        else:
            run.send_signal(number)
        code = run.wait(30)
        try:
            if number == signal.SIGKILL:
                wait_for_none(run.pid)  # they notice that the first process is gone
            assert living(run.pid) == []
        finally:
            for each in living(run.pid):
                os.kill(each, signal.SIGKILL)
        assert code in (-number, 0) if number == signal.SIGKILL else (128 + number, -number, 0)
        if code in (-number, 0) and number != signal.SIGKILL:  # all was done, and Python was shutting down
            assert set(contents(tmp_path)) == {NEW}
        assert len(leftovers(tmp_path)) <= (number == signal.SIGKILL)  # that of an earlier run is gone
        assert b"Traceback" not in run.stderr.read()
        run.stderr.close()
        assert len(contents(tmp_path)) == 10
        assert set(contents(tmp_path)) <= {OLD, NEW}
    if number == signal.SIGKILL:
        (tmp_path / ".00.yaml.retouch-0123456789ab").write_bytes(NEW[:100])  # should none have been left
        subprocess.run([*COMMAND, *IN_PLACE, "-q", "."], cwd=tmp_path, check=True)
        assert set(contents(tmp_path)) == {NEW}
        assert leftovers(tmp_path) == []


EVERY_LINE = """
import json, os, signal, sys
from pathlib import Path
from retouch.cli import file, interrupt, temporary

path, number, old, new = Path(sys.argv[1]), int(sys.argv[2]), b"old", b"new" * 1000

def run(step):
    '''Write the file in another process that gets the signal before its line number `step`, of whatever module.'''
    def trace(_frame, event, _argument):
        nonlocal step
        step -= event == "line"
        if not step:
            os.kill(os.getpid(), number)
        return trace

    path.write_bytes(old)
    child = os.fork()
    if not child:
        interrupt.catch_signals()
        sys.settrace(trace)
        file.write_file(path, new, expected=old)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    others = [each for each in path.parent.iterdir() if each != path]
    content = {old: "old", new: "new"}.get(path.read_bytes(), "neither")
    temporary.remove_leftovers([path])
    kept = sum(each.exists() for each in others)
    return code, content, len(others), kept

step = 1
while True:
    result = run(step)
    print(json.dumps(result))
    if result[0] == 0:
        break
    step += 4
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_write_may_be_ended_between_any_two_lines(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-c", EVERY_LINE, tmp_path / "a.yaml", str(int(number))]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, timeout=60)
    results = [tuple(json.loads(line)) for line in done.stdout.splitlines()]
    *ended, complete = results
    assert complete == (0, "new", 0, 0)
    assert len(ended) > 100
    contents = [content for _code, content, _others, _kept in ended]
    assert contents == sorted(contents, reverse=True)  # old up to the rename, new from then on
    assert set(contents) == {"old", "new"}
    if number == signal.SIGKILL:
        assert {(code, kept) for code, _content, _others, kept in ended} == {(-number, 0)}
        assert {others for _code, _content, others, _kept in ended} == {0, 1}
    else:
        assert {(code, others) for code, _content, others, _kept in ended} == {(128 + number, 0)}


READY = """
import sys
from retouch.cli.interrupt import catch_signals
catch_signals()
print(flush=True)
from retouch.__main__ import main
sys.exit(main())
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_while_the_program_starts_is_quiet(tmp_path: Path, number: signal.Signals) -> None:
    """Imports, options, rules, and then the wait for standard input, which never comes."""
    chance = random.Random(number)
    command = [sys.executable, "-c", READY, "diff", "--set", "$.a=2"]
    for _ in range(6):
        run = subprocess.Popen(
            command, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert run.stdout is not None
        run.stdout.readline()
        time.sleep(chance.uniform(0, 0.25))
        run.send_signal(number)
        out, said = run.communicate(timeout=30)
        word = "interrupted" if number == signal.SIGINT else "terminated"
        assert (run.returncode, out, said.decode()) == (128 + number, b"", f"{word}; no file is half-written\n")


def test_what_the_program_is_told_to_ignore_stays_ignored(tmp_path: Path) -> None:
    """As `nohup` and a shell's `&` do."""
    (tmp_path / "a.yaml").write_bytes(OLD)
    code = "import signal; signal.signal(1, signal.SIG_IGN); signal.signal(2, signal.SIG_IGN)" + READY
    run = subprocess.Popen(
        [sys.executable, "-c", code, *IN_PLACE, "-r", "-", "a.yaml"],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert run.stdout is not None
    run.stdout.readline()
    run.send_signal(signal.SIGHUP)
    run.send_signal(signal.SIGINT)
    rules = HEAD + "rules: [{id: other, actions: [{set: $.c, value: 3}]}]\n"
    _out, said = run.communicate(rules.encode(), timeout=30)
    assert (run.returncode, said) == (0, b"a.yaml: 2 edits by set-1, other\n")


def test_an_interrupt_takes_the_progress_bar_away(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(OLD)
    code = (
        "import sys, time, retouch.cli.job as job\n"
        "job.read_file = lambda path: time.sleep(60)\n"
        "from retouch.cli.command import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    leader, follower = pty.openpty()
    command = [sys.executable, "-c", code, *IN_PLACE, "a.yaml"]
    run = subprocess.Popen(command, cwd=tmp_path, stdin=follower, stdout=follower, stderr=follower)
    os.close(follower)
    text = b""
    while b"0 of 1 files" not in text:
        text += os.read(leader, 65536)
    run.send_signal(signal.SIGINT)
    try:
        while part := os.read(leader, 65536):
            text += part
    except OSError:
        pass
    os.close(leader)
    assert run.wait(30) == 130
    assert text.replace(b"\r\n", b"\n").endswith(b" of 1 files\r\x1b[Kinterrupted; no file is half-written\n")


def test_a_second_signal_ends_a_program_that_cannot_say_goodbye(tmp_path: Path) -> None:
    """Nobody reads its standard error, and the pipe is full."""
    (tmp_path / "rules.yaml").write_text(
        HEAD + "rules: [{id: item, match: {b: '$.l[*]'}, actions: [{warn: hello, node: b}]}]\n"
    )
    (tmp_path / "a.yaml").write_text("l:\n" + "- 1\n" * 2000)
    command = [*COMMAND, "diff", "-r", "rules.yaml", "a.yaml"]
    run = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE)
    assert run.stderr is not None
    run.stderr.readline()
    end = time.monotonic() + 30
    while run.poll() is None and time.monotonic() < end:
        run.send_signal(signal.SIGINT)
        time.sleep(0.05)
    assert run.returncode in (-signal.SIGINT, 130)
    run.stderr.close()
