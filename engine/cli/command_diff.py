"""`retouch diff`: what the rules would change, as a unified diff on standard output."""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING

from ..dataclass import replace
from ..diff import count as count_lines
from ..diff import unified
from ..project_path import is_outside, project_path
from .exit_code import CHANGES, DONE, FAILED
from .highlight import highlight
from .option import (
    add_general_options,
    add_message_format,
    add_paths,
    add_rule_options,
    add_strict,
    choose_rules,
    find_inputs,
)
from .output import write_output
from .report import count
from .terminal import GREEN, RED, paint, printable, wants_colour

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from .job import Outcome, Reading
    from .report import Report

_BAR = 40  # characters of a bar in --stat


def add_diff(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "diff",
        help="show what the rules would change",
        description="Print a unified diff of what the rules would change; nothing is written. "
        "Exit code 0: nothing would change, 1: something would, 2: an error.",
        allow_abbrev=False,
    )
    add_paths(parser)
    add_rule_options(parser)
    add_strict(parser)
    parser.add_argument("--stat", action="store_true", help="only count the changed lines of each file")
    parser.add_argument("--annotate", action="store_true", help="name the rules behind each hunk in its header")
    add_message_format(parser)
    add_general_options(parser)
    parser.set_defaults(run=run_diff)


def run_diff(options: argparse.Namespace, report: Report) -> int:
    """Run the command; the exit code."""
    from .job import ByRules, Job  # heavy, and wrong options are told before
    from .rule_choice import load_all
    from .run import conclude, run

    choice = choose_rules(options)
    finding = find_inputs(options)
    rule_sets = load_all(choice, finding.names)
    colour = wants_colour(sys.stdout, options.color)
    counted: list[tuple[str, int, int]] = []

    def take(outcome: Outcome[str]) -> None:
        if outcome.product:
            lines = count_lines(outcome.product) if options.stat else (0, 0)
            counted.append((printable(outcome.item.name), *lines))
            if not options.stat:
                write_output(highlight(outcome.product) if colour else outcome.product, report)

    base = _base(choice.root, finding.names)
    make = partial(_make_diff, base=base, annotate=options.annotate)
    job = Job(ByRules(choice, verify=options.verify, read_all=options.strict), make, options.jobs)
    tally = run(job, finding, rule_sets, report, take, strict=options.strict)
    if options.stat:
        write_output(_statistics(counted, colour=colour), report)
    if base is not None and counted and not options.stat:
        report.say(f"the paths in this diff start at {os.path.relpath(base)}: apply it there")
    conclude(tally, report, rule_sets)
    if report.errors:
        return FAILED
    return CHANGES if counted else DONE


def _base(root: str | None, names: Sequence[str]) -> str | None:
    """Where the paths in the headers start: None is the working directory.

    Tools that apply a diff refuse paths with `..`. So if a file of the project is elsewhere, all start at its root.
    """
    elsewhere = [name for name in names if is_outside(os.path.normpath(name))]
    inside = root is not None and not any(is_outside(project_path(root, name)) for name in elsewhere)
    return root if elsewhere and inside else None


def _make_diff(reading: Reading, *, base: str | None, annotate: bool) -> str:
    name = "stdin" if reading.item.path is None else project_path(base, reading.item.name)
    text, edits = reading.result.original, reading.result.edits
    mark = reading.encoding.mark.decode("utf-8") if reading.encoding.codec == "utf-8" else ""
    if mark:  # it is part of the first line, which `git apply` would not find otherwise
        text = mark + text
        edits = tuple(replace(each, start=each.start + len(mark), end=each.end + len(mark)) for each in edits)
    return unified(text, edits, name, annotate=annotate)


def _statistics(counted: list[tuple[str, int, int]], *, colour: bool) -> str:
    """A line per changed file with a bar of its added and removed lines, as `git diff --stat` has it, and the sums."""
    if not counted:
        return ""
    width = max(len(name) for name, _, _ in counted)
    largest = max(added + removed for _, added, removed in counted)
    lines = []
    for name, added, removed in counted:
        scale = min(1.0, _BAR / max(1, largest))
        plus, minus = (number and max(1, round(number * scale)) for number in (added, removed))
        bar = paint("+" * plus, GREEN, enabled=colour) + paint("-" * minus, RED, enabled=colour)
        lines.append(f" {name:{width}} | {added + removed:{len(str(largest))}} {bar}\n")
    all_added, all_removed = sum(added for _, added, _ in counted), sum(removed for _, _, removed in counted)
    return "".join(lines) + f" {count(len(counted), 'file')} changed, +{all_added} -{all_removed} lines\n"
