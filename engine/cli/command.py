"""The command line: its commands, and how what happens in them becomes an exit code."""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from ..error import Message, Place, RetouchError
from ..suggest import suggest
from .exit_code import DONE, FAILED
from .garbage import make_room
from .interrupt import BY_SIGNAL, catch_signals
from .parser import Parser
from .standard_stream import drop_output, open_missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import NoReturn

_COMMANDS = ("diff", "patch", "apply", "explain", "test", "lint", "rules", "schema")
"""In the order of the help; the command `x` is declared by `add_x` of the module `command_x`."""

_VERSION = "--version"
_PLUGIN = "kubectl-"
_OPTION = re.compile(r"--[\w-]+")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line `arguments` (default: those of the process); the exit code.

    0: done, and `diff` found nothing to change; 1: `diff` found changes, or a test failed; 2: an error; 141: nobody
    reads on. A signal ends the process: 130 and the like.
    """
    catch_signals()
    open_missing()
    try:
        try:
            return _run(_parse(sys.argv[1:] if arguments is None else arguments))
        finally:
            sys.stdout.flush()  # what the parser printed
    except BrokenPipeError:
        drop_output(sys.stdout)
        drop_output(sys.stderr)
        return BY_SIGNAL + signal.SIGPIPE
    except OSError as error:
        drop_output(sys.stdout)
        sys.stderr.write(f"error: standard output cannot be written: {error.strerror}\n")
        return FAILED


def _run(options: argparse.Namespace) -> int:
    from .option import make_report  # slow to import, and wrong usage is told before

    report = make_report(options)
    code, short = FAILED, False
    try:
        code = options.run(options, report)
    except RetouchError as error:
        report.add(error.messages)
    except BrokenPipeError:
        raise
    except OSError as error:
        file = None if error.filename is None else str(error.filename)
        report.add([Message("error", error.strerror or str(error), Place(file))])
    except MemoryError:
        short = True  # what was held is free behind this clause, and not before
    except Exception as error:  # noqa: BLE001 - whatever it is, the exit code must not be that of "changes found"
        from traceback import format_exc  # what no run should need

        report.progress.write(f"internal error: {type(error).__name__}: {error}")
        report.progress.write(format_exc() if options.verbose else "please report it; -v shows where it is")
    if short:
        make_room()
        report.add([Message("error", "there is not enough memory for this run")])
    report.close()
    return code


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser, commands = _make_parser(_needed(arguments))
    behind = list(arguments).index("--") if "--" in arguments else len(arguments)
    options, rest = parser.parse_known_args(arguments[:behind])
    if options.command is None:
        parser.print_help(sys.stderr)
        sys.exit(FAILED)
    unknown = [each for each in rest if not hasattr(options, "paths") or (each.startswith("-") and each != "-")]
    if unknown:
        known = _OPTION.findall(commands[options.command].format_help())
        hint = suggest(unknown[0].partition("=")[0], known)
        commands[options.command].error(f"unrecognized arguments: {' '.join(unknown)}{hint}")
    if rest:
        options.paths += rest  # paths that stand between options
    if arguments[behind + 1 :]:
        if not hasattr(options, "paths"):
            parser.error(f"unrecognized arguments: {' '.join(arguments[behind:])}")
        options.paths += arguments[behind + 1 :]
    return options


def _needed(arguments: Sequence[str]) -> Iterable[str]:
    """The commands that a parser of `arguments` must know; all, where it may have to list them."""
    first = arguments[0] if arguments else ""
    return (first,) if first in _COMMANDS else () if first == _VERSION else _COMMANDS


def _make_parser(needed: Iterable[str]) -> tuple[Parser, dict[str, Parser]]:
    called = os.path.basename(sys.argv[0])  # noqa: PTH119 - `pathlib` is slow to import
    parser = Parser(
        prog="kubectl retouch" if called.startswith(_PLUGIN) else "retouch",
        description="Rewrite YAML and JSON by rule: real patches, and not one byte changed that need not be.",
        epilog="Exit codes: 0 done, and nothing found; 1 `diff` found changes, `test` failures or `lint` problems; "
        "2 an error.",
        allow_abbrev=False,
    )
    parser.add_argument(_VERSION, action=_Version, nargs=0, help="print the version")
    commands = parser.add_subparsers(prog=parser.prog, dest="command", metavar="COMMAND")
    for name in needed:
        getattr(import_module(f".command_{name}", __package__), f"add_{name}")(commands)
    return parser, commands.choices


class _Version(argparse.Action):
    """Looks the version up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_rest: object) -> NoReturn:
        from ..release import version

        sys.stdout.write(f"retouch {version()}\n")
        parser.exit(DONE)
