"""`retouch explain`: why each rule did or did not match, and what came of it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ..error import RetouchError, UsageError
from ..suggest import listing, suggest
from .exit_code import DONE, FAILED
from .option import add_general_options, add_paths, add_rule_options, choose_rules, find_inputs
from .output import write_output
from .terminal import wants_colour

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from ..rule import Rule, RuleSet
    from .find import Finding
    from .report import Report


def add_explain(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "explain",
        help="say why each rule did or did not match",
        description="Say for each rule and document why it matched or not, and what it did; nothing is written.",
        allow_abbrev=False,
    )
    add_paths(parser)
    add_rule_options(parser)
    parser.add_argument("--rule", metavar="ID", action="append", default=[], help="only this rule; repeatable")
    add_general_options(parser)
    parser.set_defaults(run=run_explain)


def run_explain(options: argparse.Namespace, report: Report) -> int:
    """Run the command; the exit code."""
    from ..explaining.explanation import explain_rules  # heavy, and wrong options are told before
    from .explanation import Writer
    from .rule_choice import load_rules

    choice = choose_rules(options)
    finding = find_inputs(options)
    rule_sets = load_rules(choice).rulesets
    wanted = _choose(options.rule, rule_sets)
    report.add(finding.messages)
    texts = _read(finding, report)

    def is_rule(rule_set: RuleSet, rule: Rule) -> bool:
        return not wanted or f"{rule_set.name}/{rule.id}" in wanted

    account = explain_rules(texts, rule_sets, is_rule=is_rule)
    writer = Writer(wants_colour(sys.stdout, options.color), options.verbose)
    write_output(writer.write(account), report)
    return FAILED if report.errors else DONE


def _choose(names: Sequence[str], rule_sets: Sequence[RuleSet]) -> frozenset[str]:
    """The qualified ids of the rules that `names` mean, by their id or by their qualified id. Raises UsageError."""
    known = {f"{rule_set.name}/{rule.id}": rule.id for rule_set in rule_sets for rule in rule_set.rules}
    found = set()
    for name in names:
        meant = [each for each, short in known.items() if name in (each, short)]
        if not meant:
            near = suggest(name, [*known.values(), *known]) or f"; rules: {listing(list(known.values())[:20])}"
            raise UsageError(f"there is no rule `{name}`{near}")
        found.update(meant)
    return frozenset(found)


def _read(finding: Finding, report: Report) -> list[tuple[str, str]]:
    """The texts that can be read as documents; the errors of the others go to `report`."""
    from ..reading.document import read
    from .file import read_file, read_text
    from .standard_stream import read_input

    texts = []
    for item in finding.inputs:
        try:
            text, _encoding = read_text(read_input() if item.path is None else read_file(item.path), item.name)
            read(text, item.name)
        except RetouchError as error:
            report.add(error.messages)
        else:
            texts.append((item.name, text))
    return texts
