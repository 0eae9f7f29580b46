"""What the commands' options mean: the rules to run, the inputs to read, how to report."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from ..error import Message, Place, UsageError
from ..suggest import listing
from .find import STANDARD_INPUT, Finding, find, find_project
from .message import FORMS
from .report import Report
from .rule_choice import RuleChoice
from .standard_stream import is_waiting, read_input
from .terminal import is_terminal, wants_colour

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..config.config import Config

_UNREAD_INPUT = "the files of this project are read, and not standard input, where a text waits: name it with `-`"
_EXAMPLE = "-r argo/artifacts-to-volume -p volume='{persistentVolumeClaim: {claimName: my-pvc}}' workflow.yaml"


def add_rule_options(parser: argparse.ArgumentParser) -> None:
    """The options that say which rules run, and with which parameters."""
    group = parser.add_argument_group("rules")
    group.add_argument(
        "-r",
        "--rules",
        metavar="NAME|FILE|FOLDER",
        action="append",
        default=[],
        help="a rule set: built in (see `retouch rules list`), PACKAGE:NAME of an installed package, a file, a folder, "
        "or - for standard input; repeatable (default: those of the project's retouch.yaml)",
    )
    group.add_argument(
        "-p",
        "--param",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="a parameter's value: text if its type is string, else YAML; RULESET:NAME=VALUE for one rule set only",
    )
    group.add_argument("--params", metavar="FILE", help="a YAML file of parameters; -p comes before it")
    group.add_argument(
        "--set",
        metavar="PATH=VALUE",
        action="append",
        default=[],
        help="a quick edit: put VALUE (YAML) at PATH ($.spec.replicas=3) in every document; repeatable",
    )


def add_strict(parser: argparse.ArgumentParser) -> None:
    """`--strict` of commands that rewrite."""
    parser.add_argument(
        "--strict", action="store_true", help="make it an error that a rule matched nothing; then nothing is written"
    )


def add_general_options(parser: argparse.ArgumentParser) -> None:
    """The options that every command takes."""
    group = parser.add_argument_group("general")
    loudness = group.add_mutually_exclusive_group()
    loudness.add_argument("-q", "--quiet", action="store_true", help="print errors only")
    loudness.add_argument("-v", "--verbose", action="store_true", help="say more: matches per rule, what was skipped")
    group.add_argument("--color", choices=["auto", "always", "never"], default="auto", help="when to use colours")
    group.add_argument("--jobs", metavar="N", type=_count, default=1, help="processes to use (default 1; 0: all)")
    group.add_argument(
        "--no-verify", dest="verify", action="store_false", help="do not check each result against its patch"
    )


def add_paths(parser: argparse.ArgumentParser) -> None:
    """The inputs of commands that read documents."""
    parser.add_argument(
        "paths",
        metavar="PATH",
        nargs="*",
        help="files and folders; - is standard input (default: the files of the project; with -r, --set or --patch, "
        "standard input)",
    )


def add_message_format(parser: argparse.ArgumentParser) -> None:
    """`--format` of commands whose result is not messages: how to write the messages."""
    parser.add_argument(
        "--format", choices=sorted(FORMS), dest="message_format", help="write the warnings and errors for a program"
    )


def make_report(options: argparse.Namespace) -> Report:
    """The report that the options ask for, on standard error."""
    return Report(
        sys.stderr,
        form=getattr(options, "message_format", None),
        colour=wants_colour(sys.stderr, options.color),
        quiet=options.quiet,
        verbose=options.verbose,
    )


def choose_rules(options: argparse.Namespace) -> RuleChoice:
    """The rules that the options name, else those of the project. Raises UsageError if there are none."""
    config = find_settings(options)
    named = options.rules or options.set
    if not named and config is not None:
        if not config.uses:
            raise UsageError(f"{config.file} uses no rule sets: name some below `rulesets`, or one with -r")
        return RuleChoice(
            parameters=tuple(options.param), parameter_file=options.params, root=config.root, config=config.source
        )
    if not named:
        raise UsageError(
            "no rules given: name a rule set with -r, make a quick edit with --set PATH=VALUE, "
            "or write a retouch.yaml\n"
            f"  for example: retouch {options.command} {_EXAMPLE}\n"
            f"  or: retouch {options.command} --set '$.spec.replicas=3' deployment.yaml\n"
            f"  `retouch rules list` shows what is built in{_misnamed()}"
        )
    standard_input = quick = None
    if options.set:
        from .quick import quick_rule_set  # most runs have their rules in files

        quick = quick_rule_set(options.set)
    if STANDARD_INPUT in options.rules:
        _claim_standard_input(options, "-r -", "the rules")
        standard_input = read_input().decode("utf-8", "replace")
    return RuleChoice(
        names=tuple(options.rules),
        parameters=tuple(options.param),
        parameter_file=options.params,
        quick=quick,
        standard_input=standard_input,
        root=config.root if config is not None else os.getcwd(),  # noqa: PTH109 - a text is what is needed
        filters=tuple(name for name, _ in config.filters) if config is not None else (),
    )


def _misnamed() -> str:
    if not os.path.exists("retouch.yml"):  # noqa: PTH110 - `pathlib` is slow to import
        return ""
    return "\n  retouch.yml is no configuration: rename it to retouch.yaml"


def find_settings(options: argparse.Namespace) -> Config | None:
    """The configuration of the project that the working directory is in, read once. Raises `ConfigError`."""
    if not hasattr(options, "settings"):
        options.settings = None
        from ..config.search import find_config

        found = find_config()
        if found is not None:
            from ..config.config_form import read_config  # many runs need none

            options.settings = read_config(found)
    settings: Config | None = options.settings
    return settings


def read_patch_text(options: argparse.Namespace) -> str:
    """The text of the patch that `--patch` names."""
    if options.patch == STANDARD_INPUT:
        _claim_standard_input(options, "--patch -", "the patch")
        return read_input().decode("utf-8", "replace")
    from pathlib import Path

    from .file import read_file, read_text  # most runs read no patch

    return read_text(read_file(Path(options.patch)), options.patch)[0]


def find_inputs(options: argparse.Namespace) -> Finding:
    """The inputs that the options name; without any those of the project, unless the rules are named.

    Raises UsageError if there are none, or a path that is nothing.
    """
    paths: Sequence[str] = options.paths
    config = find_settings(options)
    choice = config.file_choice() if config is not None else None
    if not paths and config is not None and choice is not None and not _names_rules(options):
        finding = find_project(config.root, choice)
        finding.messages += _unmatched_overrides(config, finding.names)
        finding.details.append(f"configuration: {config.file}")
        if is_waiting():
            finding.messages.append(Message("warning", _UNREAD_INPUT, Place(config.file)))
        return finding
    if not paths:
        if is_terminal(sys.stdin):
            raise UsageError(
                f"no input: name files or folders, or pipe a document in\n"
                f"  for example: retouch {options.command} ... workflow.yaml\n"
                f"  or: kubectl get deployment web -o yaml | retouch {options.command} ..."
            )
        paths = [STANDARD_INPUT]
    if paths.count(STANDARD_INPUT) > 1:
        raise UsageError("standard input (-) is named twice, and it can be read only once")
    finding = find(paths, choice)
    if config is not None:
        finding.details.append(f"configuration: {config.file}")
    return finding


def _names_rules(options: argparse.Namespace) -> bool:
    return bool(options.rules or options.set or getattr(options, "patch", None) is not None)


def _unmatched_overrides(config: Config, files: Sequence[str]) -> Iterator[Message]:
    """Warnings of overrides that hold for none of the project's files."""
    for each in config.overrides:
        if not any(each.holds_for(config.root, file) for file in files):
            names = listing(pattern.text for pattern in each.files)
            yield Message("warning", f"this override holds for no file: none matches {names}", each.place)


def _claim_standard_input(options: argparse.Namespace, option: str, what: str) -> None:
    if not options.paths or STANDARD_INPUT in options.paths:
        raise UsageError(f"{option} reads {what} from standard input, so the documents must be named files or folders")
    if is_terminal(sys.stdin):
        raise UsageError(f"{option} reads {what} from standard input, which is a terminal: pipe {what} in")


def _count(text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() else -1
    if number < 0:
        raise argparse.ArgumentTypeError(f"expected a number of processes (0: one per processor), found {text!r}")
    return number or os.cpu_count() or 1
