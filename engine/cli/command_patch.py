"""`retouch patch`: what the rules would change, as RFC 6902 operations on standard output."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ..error import Message
from ..patch import apply, created_mappings, guard_each, reverse_each
from ..suggest import listing
from .exit_code import DONE, FAILED
from .option import add_general_options, add_paths, add_rule_options, add_strict, choose_rules, find_inputs
from .output import write_output
from .patch_format import FORMATS, DocumentPatch, select

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from ..result import DocumentResult
    from ..value import Value
    from .job import Outcome, Reading
    from .report import Report


def add_patch(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "patch",
        help="print what the rules would change as JSON patches (RFC 6902)",
        description="Print RFC 6902 patches for what the rules would change; nothing is written.",
        allow_abbrev=False,
    )
    add_paths(parser)
    add_rule_options(parser)
    add_strict(parser)
    parser.add_argument(
        "--format",
        choices=list(FORMATS),
        default="json",
        help="json: the operations of the one document that changes (default); jsonl: a line for each document; "
        "kubectl: a shell command for each; yaml: as jsonl, for reading",
    )
    parser.add_argument("--select", metavar="DOCUMENT", help="only [NAMESPACE/]KIND[.GROUP]/NAME, or the Nth from 0")
    parser.add_argument("--guard", action="store_true", help="test before each operation that the object is as read")
    parser.add_argument("--reverse", action="store_true", help="print the patch that undoes the change")
    add_general_options(parser)
    parser.set_defaults(run=run_patch)


def run_patch(options: argparse.Namespace, report: Report) -> int:
    """Run the command; the exit code."""
    from .job import ByRules, Job  # heavy, and wrong options are told before
    from .rule_choice import load_all
    from .run import conclude, run

    choice = choose_rules(options)
    finding = find_inputs(options)
    rule_sets = load_all(choice, finding.names)
    found: list[DocumentPatch] = []

    def take(outcome: Outcome[list[DocumentPatch]]) -> None:
        found.extend(outcome.product or ())

    make = partial(_make_patches, guarded=options.guard, reverse=options.reverse)
    job = Job(ByRules(choice, verify=options.verify, read_all=options.strict), make, options.jobs)
    tally = run(job, finding, rule_sets, report, take, strict=options.strict)
    chosen = [select(found, options.select)] if options.select is not None and (found or not report.errors) else found
    for patch in chosen:
        report.add(patch.warnings)
    changed = [patch for patch in chosen if patch.operations]
    if options.format == "kubectl":
        report.add(_warn_of_versions(changed))
    if changed or not report.errors:
        for text in FORMATS[options.format](changed):
            write_output(text, report)
    conclude(tally, report, rule_sets)
    return FAILED if report.errors else DONE


def _warn_of_versions(patches: Sequence[DocumentPatch]) -> Iterator[Message]:
    """Warnings of patches that are for files and not for what a server holds."""
    for patch in patches:
        if any(operation["op"] != "test" and operation["path"] == "/apiVersion" for operation in patch.operations):
            text = (
                "this patch changes `apiVersion`, which an object in a server does not keep: it is there in each "
                "version that is served, and no other can be patched; `retouch apply` rewrites the file"
            )
            yield Message("warning", text, patch.place)


def _make_patches(reading: Reading, *, guarded: bool, reverse: bool) -> list[DocumentPatch]:
    """A patch for each document of the input, in order; those of documents that do not change hold no operation."""
    result = reading.result
    return [_make_patch(result.file, each, guarded=guarded, reverse=reverse) for each in result.documents]


def _make_patch(file: str | None, document: DocumentResult, *, guarded: bool, reverse: bool) -> DocumentPatch:
    operations: list[dict[str, Any]] = document.patch
    rules, data = document.rules, document.data
    if reverse and operations:
        undone = reverse_each(data, operations)
        data = apply(data, operations)
        operations, rules = _flatten(undone, rules[::-1])
    warnings = list(_warn(document, data, operations, guarded=guarded))
    if guarded and operations:
        operations, rules = _flatten(guard_each(data, operations), rules)
    return DocumentPatch(
        file,
        document.index,
        document.item,
        document.resource,
        document.kubernetes,
        document.place,
        operations,
        rules,
        tuple(warnings),
    )


def _flatten(
    groups: Sequence[Sequence[dict[str, Any]]], rules: Sequence[tuple[str, ...]]
) -> tuple[list[dict[str, Any]], list[tuple[str, ...]]]:
    """Operations in groups, and rules for each group, as operations and rules for each operation."""
    pairs = [(operation, own) for group, own in zip(groups, rules, strict=True) for operation in group]
    return [operation for operation, _ in pairs], [own for _, own in pairs]


def _warn(
    document: DocumentResult, data: Value, operations: Sequence[dict[str, Any]], *, guarded: bool
) -> Iterator[Message]:
    if document.changed and not document.patch:
        yield Message("warning", "only comments change here, and a patch has none", document.place)
    if guarded and operations and not document.kubernetes:
        text = (
            "this is no Kubernetes object: the tests for `null` that --guard puts before new members pass in the "
            "Kubernetes API server only, other RFC 6902 tools refuse them"
        )
        yield Message("warning", text, document.place)
    if document.kubernetes and not guarded:
        created = created_mappings(data, operations)
        if created:
            text = (
                f"the patch creates {listing(created)} whole: on a live object that has it by then, this replaces what "
                "is there; --guard has the server refuse the patch instead"
            )
            yield Message("warning", text, document.place)
