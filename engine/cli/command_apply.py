"""`retouch apply`: the rewritten text on standard output, in another file, or in the place of the old one."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..dataclass import dataclass
from ..error import FileError, UsageError
from .exit_code import DONE, FAILED
from .file import make_folder, write_file, write_text
from .option import (
    add_general_options,
    add_message_format,
    add_paths,
    add_rule_options,
    add_strict,
    choose_rules,
    find_inputs,
    read_patch_text,
)
from .output import write_output
from .patch_file import read_patch
from .report import Report, count
from .standard_stream import is_waiting
from .temporary import remove_leftovers
from .terminal import printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from .find import Finding, Input
    from .job import Outcome, Reading, Rewriter


@dataclass(frozen=True, slots=True)
class Text:
    """The bytes of one input before and after, and by how many edits of which rules they differ."""

    before: bytes
    after: bytes
    edits: int
    rules: tuple[str, ...]


def add_apply(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "apply",
        help="rewrite: to standard output, to other files (-o) or in place (-i)",
        description="Print the rewritten text of one input, or write the files (-i, -o).",
        allow_abbrev=False,
    )
    add_paths(parser)
    add_rule_options(parser)
    add_strict(parser)
    group = parser.add_argument_group("patch instead of rules")
    group.add_argument("--patch", metavar="FILE", help="apply this JSON patch (RFC 6902); - is standard input")
    group.add_argument("--select", metavar="DOCUMENT", help="which document the patch is for, as in `retouch patch`")
    target = parser.add_mutually_exclusive_group()
    target.add_argument("-i", "--in-place", action="store_true", help="write each changed file in its place, at once")
    target.add_argument("-o", "--output", metavar="FILE|FOLDER", help="write there; a folder gets a file per input")
    parser.add_argument(
        "--no-preserve", dest="preserve", action="store_false", help="write even where owner or hard links are lost"
    )
    add_message_format(parser)
    add_general_options(parser)
    parser.set_defaults(run=run_apply)


def run_apply(options: argparse.Namespace, report: Report) -> int:
    """Run the command; the exit code."""
    from .job import ByRules, Job  # heavy, and wrong options are told before
    from .rule_choice import load_all
    from .run import conclude, run

    rewriter = _choose_rewriter(options)
    finding = find_inputs(options)
    rule_sets = load_all(rewriter.choice, finding.names) if isinstance(rewriter, ByRules) else ()
    write = _choose_writer(options, finding, report)

    lost = 0  # documents that were rewritten and could not be written

    def take(outcome: Outcome[Text]) -> None:
        nonlocal lost
        if outcome.product is not None:
            try:
                write(outcome.item, outcome.product)
            except FileError as error:
                report.add(error.messages)
                lost += outcome.rewritten

    job = Job(rewriter, _make_text, options.jobs, streams=_goes_to_standard_output(options))
    tally = run(job, finding, rule_sets, report, take, strict=options.strict)
    tally.rewritten -= lost
    conclude(tally, report, rule_sets)
    return FAILED if report.errors else DONE


def _choose_rewriter(options: argparse.Namespace) -> Rewriter:
    from .job import ByPatch, ByRules

    if options.patch is None:
        if options.select is not None:
            raise UsageError("--select says which document a patch is for: it needs --patch FILE")
        return ByRules(choose_rules(options), verify=options.verify, read_all=options.strict)
    if options.rules or options.set or options.param or options.params:
        raise UsageError("--patch applies a patch without any rules: leave out -r, -p, --params and --set")
    operations = read_patch(read_patch_text(options), "<stdin>" if options.patch == "-" else options.patch)
    return ByPatch(operations, options.select, verify=options.verify)


def _make_text(reading: Reading) -> Text:
    edits = reading.result.edits
    after = write_text(reading.result.text, reading.encoding) if edits else reading.data
    return Text(reading.data, after, len(edits), tuple(dict.fromkeys(rule for edit in edits for rule in edit.rules)))


def _choose_writer(options: argparse.Namespace, finding: Finding, report: Report) -> Callable[[Input, Text], None]:
    """What is done with each rewritten text. Raises UsageError where inputs and target do not go together."""
    if options.in_place:
        if any(each.path is None for each in finding.inputs):
            raise UsageError("-i writes files in their place, and standard input is none: name files, or leave out -i")
        remove_leftovers(each.path for each in finding.inputs if each.path is not None)
        return lambda item, text: _write_in_place(item, text, report, preserve=options.preserve)
    if not _goes_to_standard_output(options):
        targets = _find_targets(finding.inputs, options.output)
        remove_leftovers(targets.values())
        return lambda item, text: _write_elsewhere(targets[item], text, report, preserve=options.preserve)
    if len(finding.inputs) > 1:
        raise UsageError(
            f"standard output takes the text of one input, and there are {len(finding.inputs)}: "
            f"write them in place with -i, or to a folder with -o FOLDER{_piped(options)}"
        )
    return lambda _item, text: write_output(text.after, report)


def _goes_to_standard_output(options: argparse.Namespace) -> bool:
    return not options.in_place and (options.output is None or _is_standard_output(options.output))


def _piped(options: argparse.Namespace) -> str:
    return "; what is piped in is read if `-` is named" if not options.paths and is_waiting() else ""


def _is_standard_output(name: str) -> bool:
    """Whether `-o` names what standard output is anyway: `-`, `/dev/stdout`, the file it is redirected to."""
    try:
        return name == "-" or os.path.samestat(os.stat(name), os.fstat(sys.stdout.fileno()))  # noqa: PTH116 - as fstat
    except OSError:
        return False


def _find_targets(inputs: list[Input], output: str) -> dict[Input, Path]:
    """Where each input's text goes: a file, or below a folder, under the path that it has below the folder named."""
    folder = output.endswith("/") or Path(output).is_dir() or len(inputs) > 1 or any(each.folder for each in inputs)
    targets: dict[Input, Path] = {}
    owners: dict[Path, Input] = {}
    sources = {each.path.resolve() for each in inputs if each.path is not None}
    for item in inputs:
        target = Path(output) / _relative(item) if folder else Path(output)
        if target.resolve() in sources:
            raise UsageError(f"-o {output} would write over the input `{target}`: use -i to rewrite in place")
        if target in owners:
            raise UsageError(f"-o {output} would write both {owners[target].name} and {item.name} to `{target}`")
        targets[item] = target
        owners[target] = item
    return targets


def _relative(item: Input) -> Path:
    if item.path is None:
        raise UsageError("standard input has no name to be written under in a folder: give -o a file")
    return Path(os.path.relpath(item.path, item.folder) if item.folder is not None else item.path.name)


def _write_in_place(item: Input, text: Text, report: Report, *, preserve: bool) -> None:
    if item.path is not None and text.after != text.before:
        write_file(item.path, text.after, expected=text.before, preserve=preserve)
        report.say(_describe(item.name, text))


def _write_elsewhere(target: Path, text: Text, report: Report, *, preserve: bool) -> None:
    make_folder(target.parent)
    write_file(target, text.after, preserve=preserve)
    if text.edits:
        report.say(_describe(str(target), text))


def _describe(name: str, text: Text) -> str:
    """`FILE: 3 edits by mirror-image`; the rule set is named where its rule's own name would not do."""
    short = [rule.rpartition("/")[2] for rule in text.rules]
    rules = text.rules if len(set(short)) < len(short) else short
    return f"{printable(name)}: {count(text.edits, 'edit')}{' by ' if rules else ''}{', '.join(rules)}"
