"""The command line: its commands, and how what happens in them becomes an exit code."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from ..error import RetouchError
from .command_apply import add_apply
from .command_diff import add_diff
from .command_patch import add_patch
from .command_rules import add_rules
from .exit_code import DONE, FAILED
from .option import make_report

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from .report import Report

_BY_SIGNAL = 128  # what a shell adds to a signal's number

_COMMANDS = (add_diff, add_patch, add_apply, add_rules)
_PLUGIN = "kubectl-"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line `arguments` (default: those of the process); the exit code.

    0: done, and `diff` found nothing to change; 1: `diff` found changes; 2: an error; 130 and the like: interrupted.
    """
    options = _parse(sys.argv[1:] if arguments is None else arguments)
    signal.signal(signal.SIGTERM, _end)
    report = make_report(options)
    try:
        return _run(options, report)
    except BrokenPipeError:
        return _leave_pipe()
    except KeyboardInterrupt:
        report.progress.write("interrupted; no file is half-written")
        return _BY_SIGNAL + signal.SIGINT


def _run(options: argparse.Namespace, report: Report) -> int:
    try:
        code: int = options.run(options, report)
    except RetouchError as error:
        report.add(error.messages)
        code = FAILED
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the exit code must not be that of "changes found"
        report.progress.write(f"internal error: {type(error).__name__}: {error}")
        report.progress.write(traceback.format_exc() if options.verbose else "please report it; -v shows where it is")
        code = FAILED
    report.close()
    return code


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser, commands = _make_parser()
    options, rest = parser.parse_known_args(arguments)
    if options.command is None:
        parser.print_help(sys.stderr)
        sys.exit(FAILED)
    unknown = [each for each in rest if not hasattr(options, "paths") or (each.startswith("-") and each != "-")]
    if unknown:
        commands[options.command].error(f"unrecognized arguments: {' '.join(unknown)}")
    if rest:
        options.paths += rest  # paths that stand between options
    return options


def _make_parser() -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    called = Path(sys.argv[0]).name
    parser = argparse.ArgumentParser(
        prog="kubectl retouch" if called.startswith(_PLUGIN) else "retouch",
        description="Rewrite YAML and JSON by rule: real patches, and not one byte changed that need not be.",
        epilog="Exit codes: 0 done, and `diff` found nothing to change; 1 `diff` found changes; 2 an error.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for add in _COMMANDS:
        add(commands)
    return parser, commands.choices


class _Version(argparse.Action):
    """Looks the version up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_rest: object) -> NoReturn:
        from ..release import version

        sys.stdout.write(f"retouch {version()}\n")
        parser.exit(DONE)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    """End in order, so that temporary files go."""
    sys.exit(_BY_SIGNAL + number)


def _leave_pipe() -> int:
    """Whoever read our output has enough: end quietly, the flush at exit included."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())
    return _BY_SIGNAL + signal.SIGPIPE
