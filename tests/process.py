"""Runs the command in a copy of the test's own process: as a process of its own, but without the time to start one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from retouch import load_text, rewrite
from retouch.cli import pool  # noqa: F401 - imported here, so that no copy has to
from retouch.cli.command import main
from retouch.cli.quick import quick_rule_set

COMMAND = [sys.executable, "-m", "retouch"]

_LONGEST = 60  # seconds

for text in ("a: [1\n]\n", '{"a": 1}'):
    rewrite(text, load_text(quick_rule_set(["$.a=2"])))  # and what the imports of these import when they are used


def run(
    folder: Path,
    *arguments: str,
    env: Mapping[str, str] | None = None,
    before: Callable[[], object] | None = None,
) -> subprocess.CompletedProcess[str]:
    """What `retouch ARGUMENTS`, run in `folder` without any input, prints and ends with.

    `before` is called first in its process.
    """
    with Path(os.devnull).open("rb") as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as said:
        child = os.fork()
        if not child:
            os.environ.update(env or {})
            _be_command([given.fileno(), out.fileno(), said.fileno()], folder, arguments, before)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        out.seek(0)
        said.seek(0)
        texts = [stream.read().decode("utf-8", "surrogateescape") for stream in (out, said)]
        return subprocess.CompletedProcess(arguments, code, *texts)


def _be_command(
    streams: list[int], folder: Path, arguments: Sequence[str], before: Callable[[], object] | None
) -> NoReturn:
    code: object = 99
    signal.alarm(_LONGEST)  # which ends it
    try:
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        sys.stdin, sys.stdout = os.fdopen(0), os.fdopen(1, "w")
        sys.stderr = os.fdopen(2, "w", errors="backslashreplace")
        os.chdir(folder)
        if before is not None:
            before()
        code = main(arguments)
    except SystemExit as end:
        code = end.code
    except BaseException:  # noqa: BLE001 - nothing may come back into the test
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 98)
