"""`retouch explain`: why each rule did or did not match, and what came of it."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..error import InputError, RetouchError, UsageError
from ..suggest import listing, suggest
from .exit_code import DONE, FAILED
from .find import STANDARD_INPUT
from .option import add_general_options, add_paths, add_rule_options, choose_rules, find_inputs
from .output import write_output
from .terminal import wants_colour

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Collection, Sequence

    from ..explaining.line import Line
    from ..reading.document import Document
    from ..rule import Rule, RuleSet
    from .find import Finding, Input
    from .report import Report
    from .rule_choice import RuleChoice

    Group = tuple[Sequence[RuleSet], list[tuple[str, str]]]


_LINE = re.compile(r"(?P<file>.+?):(?P<side>[+-]?)(?P<number>[1-9][0-9]{0,8})(?::[0-9]+)?", re.DOTALL)
_STANDARD_INPUT_NAME = "<stdin>"


def add_explain(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "explain",
        help="say why each rule did or did not match",
        description="Say for each rule and document why it matched or not, and what it did; nothing is written. "
        "A PATH may be FILE:LINE, a line of the file as it is, or FILE:+LINE, one of the result: who changed it?",
        allow_abbrev=False,
    )
    add_paths(parser)
    add_rule_options(parser)
    parser.add_argument("--rule", metavar="ID", action="append", default=[], help="only this rule; repeatable")
    parser.add_argument("--select", metavar="NAME|N", help="one document: [NAMESPACE/]KIND[.GROUP]/NAME, or its place")
    parser.add_argument(
        "--facts",
        metavar="TABLE",
        nargs="?",
        action="append",
        default=[],
        help="print the rows of the tables of facts, or of one table, and where each comes from; repeatable",
    )
    parser.add_argument("--format", choices=["text", "json"], default="text", help="json: for programs")
    add_general_options(parser)
    parser.set_defaults(run=run_explain)


def run_explain(options: argparse.Namespace, report: Report) -> int:
    """Run the command; the exit code."""
    from .rule_choice import load_rules  # heavy, and wrong options are told before

    choice = choose_rules(options)
    lines = _take_lines(options)
    rule_sets = load_rules(choice).rulesets
    tables = _take_tables(options, rule_sets)
    finding = find_inputs(options)
    report.add(finding.messages)
    texts = _read(finding, report)
    groups = _group(choice, texts)
    if options.facts:
        written = _explain_facts(options, groups, tables)
    elif lines:
        written = _explain_lines(options, groups, lines)
    else:
        written = _explain_rules(options, groups or [(rule_sets, [])])
    write_output(written, report)
    return FAILED if report.errors else DONE


def _group(choice: RuleChoice, texts: Sequence[tuple[str, str]]) -> list[Group]:
    """The texts by the rules that run on them: the configuration may say other ones for some files."""
    from .rule_choice import load_rules

    groups: dict[int, Group] = {}
    for file, text in texts:
        rules = load_rules(choice, file)
        groups.setdefault(id(rules), (rules.rulesets, []))[1].append((file, text))
    return list(groups.values())


def _explain_rules(options: argparse.Namespace, groups: Sequence[Group]) -> str:
    from ..explaining.account import Account
    from ..explaining.explanation import explain_rules
    from .explanation import Writer
    from .explanation_json import rules_as_json

    is_rule = _choose_rules(options.rule, groups)
    chosen = _select([text for _, texts in groups for text in texts], options.select) if options.select else None

    def is_document(document: Document) -> bool:
        return chosen is None or (document.file, document.index, document.item) == chosen

    account = Account()
    for rule_sets, texts in groups:
        account.sets += explain_rules(texts, rule_sets, is_rule=is_rule, is_document=is_document).sets
    if options.format == "json":
        return rules_as_json(account)
    return Writer(wants_colour(sys.stdout, options.color), options.verbose).write(account)


def _explain_lines(options: argparse.Namespace, groups: Sequence[Group], lines: Sequence[Line]) -> str:
    from ..explaining.explanation import explain_lines
    from .explanation import Writer
    from .explanation_json import lines_as_json
    from .explanation_line import LineWriter

    is_rule = _choose_rules(options.rule, groups)
    accounts = [each for sets, texts in groups for each in explain_lines(texts, sets, lines, is_rule=is_rule)]
    found = sorted(accounts, key=lambda each: lines.index(each.line))
    if options.format == "json":
        return lines_as_json(found)
    writer = LineWriter(Writer(wants_colour(sys.stdout, options.color), options.verbose))
    return "\n".join(map(writer.write, found))


def _explain_facts(options: argparse.Namespace, groups: Sequence[Group], tables: Collection[str]) -> str:
    from ..explaining.derivation_account import explain_tables
    from .explanation import Writer
    from .explanation_facts import FactWriter
    from .explanation_json import facts_as_json

    accounts = [each for rule_sets, texts in groups for each in explain_tables(texts, rule_sets)]
    found = [each for each in accounts if not tables or each.table.name in tables]
    if options.format == "json":
        return facts_as_json(each.table for each in found)
    return FactWriter(Writer(wants_colour(sys.stdout, options.color), options.verbose)).write(found)


def _select(texts: Sequence[tuple[str, str]], wanted: str) -> tuple[str | None, int, int | None]:
    """The document that `--select` means. Raises UsageError if that is none, or several."""
    from ..reading.document import read
    from .patch_format import DocumentPatch, select

    listed = [
        DocumentPatch(file, each.index, each.item, each.resource, each.kubernetes, each.place(each.root))
        for file, text in texts
        for each in read(text, file)
    ]
    found = select(listed, wanted)
    return found.file, found.document, found.item


def _take_tables(options: argparse.Namespace, rule_sets: Sequence[RuleSet]) -> frozenset[str]:
    """The tables that `--facts` names; what is none but a path there is taken as one. Raises UsageError."""
    known = list(dict.fromkeys(table.name for rule_set in rule_sets for table in rule_set.facts))
    found = set()
    for name in options.facts:
        if name in known:
            found.add(name)
        elif name is not None and (name == STANDARD_INPUT or Path(name).exists()):
            options.paths.append(name)
        elif name is not None:
            near = suggest(name, known) or (f"; tables: {listing(known)}" if known else "; the rules have no tables")
            raise UsageError(f"there is no table of facts `{name}`{near}")
    if options.facts and not known:
        raise UsageError("the rules have no tables of facts")
    return frozenset(found)


def _take_lines(options: argparse.Namespace) -> list[Line]:
    """The lines that paths name (`FILE:LINE`, `FILE:+LINE`), which then name their files only."""
    from ..explaining.line import Line

    lines, paths = [], []
    for path in options.paths:
        found = None if Path(path).exists() else _LINE.fullmatch(path)
        if found is None:
            paths.append(path)
            continue
        file = found["file"]
        paths.append(file)
        name = _STANDARD_INPUT_NAME if file == STANDARD_INPUT else file
        lines.append(Line(name, int(found["number"]), "+" if found["side"] == "+" else "-"))
    options.paths = list(dict.fromkeys(paths))
    return lines


def _choose_rules(names: Sequence[str], groups: Sequence[Group]) -> Callable[[RuleSet, Rule], bool]:
    """Whether a rule is among `names`, by its id or its qualified id; all are if there are none. Raises UsageError."""
    sets = [rule_set for rule_sets, _ in groups for rule_set in rule_sets]
    known = {f"{each.name}/{rule.id}": rule.id for each in sets for rule in (*each.rules, *each.off)}
    for name in names:
        if name not in known and name not in known.values():
            near = suggest(name, [*known.values(), *known]) or f"; rules: {listing(list(known.values())[:20])}"
            raise UsageError(f"there is no rule `{name}`{near}")

    def is_rule(rule_set: RuleSet, rule: Rule) -> bool:
        return not names or rule.id in names or f"{rule_set.name}/{rule.id}" in names

    return is_rule


def _read(finding: Finding, report: Report) -> list[tuple[str, str]]:
    """The texts that can be read as documents; the errors of the others go to `report`."""
    from .standard_stream import read_input

    texts = []
    for item in finding.inputs:
        try:
            texts += _read_one(item, read_input() if item.path is None else None, report)
        except RetouchError as error:
            report.add(error.messages)
    return texts


def _read_one(item: Input, given: bytes | None, report: Report) -> list[tuple[str, str]]:
    """The text of an input; none for what a walk found and Helm has to render first."""
    from ..reading.document import read
    from .file import read_file, read_text

    data = read_file(item.path) if item.path is not None else given or b""
    text, _encoding = read_text(data, item.name)
    try:
        read(text, item.name)
    except InputError:
        if item.folder is None or "{{" not in text:
            raise
        report.detail(f"{item.name}: skipped: this looks like a Helm template")
        return []
    return [(item.name, text)]
