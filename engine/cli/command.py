"""The command line: its commands, and how what happens in them becomes an exit code."""

from __future__ import annotations

import argparse
import re
import signal
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from ..error import Message, Place, RetouchError
from ..suggest import suggest
from .command_apply import add_apply
from .command_diff import add_diff
from .command_explain import add_explain
from .command_lint import add_lint
from .command_patch import add_patch
from .command_rules import add_rules
from .command_schema import add_schema
from .command_test import add_test
from .exit_code import DONE, FAILED
from .interrupt import BY_SIGNAL, catch_signals
from .option import make_report
from .standard_stream import drop_output, open_missing

if TYPE_CHECKING:
    from collections.abc import Sequence

_COMMANDS = (add_diff, add_patch, add_apply, add_explain, add_test, add_lint, add_rules, add_schema)
_PLUGIN = "kubectl-"
_CHOICE = re.compile(r"invalid choice: '([^']*)' \(choose from ")
_OPTION = re.compile(r"--[\w-]+")
_WORD = re.compile(r"[\w-]+")


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
        report.progress.write(f"internal error: {type(error).__name__}: {error}")
        report.progress.write(traceback.format_exc() if options.verbose else "please report it; -v shows where it is")
    if short:
        report.add([Message("error", "there is not enough memory for this run")])
    report.close()
    return code


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser, commands = _make_parser()
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


def _make_parser() -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    called = Path(sys.argv[0]).name
    parser: argparse.ArgumentParser = _Parser(
        prog="kubectl retouch" if called.startswith(_PLUGIN) else "retouch",
        description="Rewrite YAML and JSON by rule: real patches, and not one byte changed that need not be.",
        epilog="Exit codes: 0 done, and nothing found; 1 `diff` found changes, `test` failures or `lint` problems; "
        "2 an error.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for add in _COMMANDS:
        add(commands)
    return parser, commands.choices


class _Parser(argparse.ArgumentParser):
    """Says what is near a word that is no command and no choice."""

    def error(self, message: str) -> NoReturn:
        """End with `message` and, if there is one, the choice that was probably meant."""
        choice = _CHOICE.search(message)
        known = _WORD.findall(message[choice.end() :]) if choice else ()
        super().error(message + (suggest(choice[1], known) if choice else ""))


class _Version(argparse.Action):
    """Looks the version up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_rest: object) -> NoReturn:
        from ..release import version

        sys.stdout.write(f"retouch {version()}\n")
        parser.exit(DONE)
