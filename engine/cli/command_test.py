"""`retouch test`: runs rule tests, and says which fail and what of the rules they do not exercise."""

from __future__ import annotations

from functools import partial
from os.path import relpath
from pathlib import Path
from typing import TYPE_CHECKING

from ..error import RetouchError, UsageError
from .exit_code import CHANGES, DONE, FAILED
from .message import FORMS
from .option import add_general_options

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ..expressions.filter import Filter
    from ..rule import RuleSet
    from ..rule_text import RuleText
    from ..testing.case import Case, RuleTest
    from ..testing.coverage import Coverage
    from ..testing.outcome import Result
    from .report import Report
    from .test_file import TestFile
    from .test_report import TestReport

_LISTED = 10  # gaps in the coverage of a rule set, if nobody asks for all
_REQUIRED = {
    "rules": ("rules",),
    "actions": ("rules", "actions"),
    "conditions": ("rules", "actions", "conditions"),
}


def add_test(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "test",
        help="run the tests of rule sets",
        description="Run the cases of rule tests (files named *.test.yaml), and say what of the rules no case "
        "exercises. Exit code 0: all passed, 1: some failed, 2: an error, or there was nothing to run.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "paths",
        metavar="PATH",
        nargs="*",
        help="test files, rule files with tests beside them, folders, or built-in rule sets (default: the project)",
    )
    parser.add_argument("--built-in", action="store_true", help="run the tests of all built-in rule sets")
    parser.add_argument("--filter", metavar="TEXT", help="run only cases whose name contains TEXT")
    parser.add_argument(
        "--update", action="store_true", help="write what comes out into the test files as what is expected"
    )
    parser.add_argument("--coverage", action="store_true", help="list all that no case exercises")
    parser.add_argument(
        "--require-coverage",
        choices=list(_REQUIRED),
        help="fail if a rule was never applied; or an action never taken; or a `when` never true, or never false",
    )
    parser.add_argument("--junit", metavar="FILE", help="write the results to FILE, in the XML that CI systems read")
    parser.add_argument("--format", choices=sorted(FORMS), help="write the results for a program")
    add_general_options(parser)
    parser.set_defaults(run=run_test)


def run_test(options: argparse.Namespace, report: Report) -> int:
    """Run the command; the exit code."""
    from ..testing.coverage import Coverage, account  # heavy, and wrong options are told before
    from ..testing.trial import try_case
    from .file import make_folder, write_file
    from .junit import as_junit
    from .test_report import TestReport

    if options.filter and options.require_coverage:
        raise UsageError("--require-coverage needs all cases, so it does not go with --filter")
    results = TestReport(options, report)
    root, filters = _read_project()
    files = _find_files(options, root, results)
    coverage = Coverage()
    for file in files:
        found = [
            try_case(test, case, rule_sets, watch=coverage, verify=options.verify)
            for test, cases, rule_sets in _loaded(file, options.filter, partial(_load, coverage, filters), results)
            for case in cases
        ]
        left = _update(file, found, results) if options.update else found
        for before, result in zip(found, left, strict=True):
            results.take(result, updated=result.passed and not before.passed)
    met = True
    if not options.filter or options.coverage:
        required = _REQUIRED.get(options.require_coverage, ())
        met = results.show_coverage(account(coverage), most=_listed(options), required=required)
    if not sum(results.counts.values()) and not results.errors:
        report.add(_nothing_run(options).messages)
        return FAILED
    results.close(len(files))
    if options.junit is not None:
        make_folder(Path(options.junit).parent)
        write_file(Path(options.junit), as_junit(results.results, results.errors).encode())
    if results.errors:
        return FAILED
    return DONE if met and not results.counts["failed"] else CHANGES


def _listed(options: argparse.Namespace) -> int | None:
    """How many gaps in the coverage of a rule set are listed that are no errors; None is all."""
    if options.coverage:
        return None
    # what a single file leaves out, the next one may have; and programs are given what was asked for
    return 0 if options.format or any(Path(each).is_file() for each in options.paths) else _LISTED


def _read_project() -> tuple[Path, Mapping[str, Filter]]:
    """The folder of the project, and the filters that its configuration allows; without one, this folder and none."""
    from ..config.search import find_config

    found = find_config()
    if found is None:
        return Path(), {}
    from ..config.config_form import read_config  # for configured projects
    from ..config.project import configured_filters

    return Path(relpath(found.root)), configured_filters(read_config(found))


def _find_files(options: argparse.Namespace, root: Path, results: TestReport) -> list[TestFile]:
    from ..rule_text import built_in
    from .test_file import find_test_files

    paths = [*(built_in() if options.built_in else ()), *options.paths]
    files, messages = find_test_files(paths or [str(root)], root)
    results.add(messages)
    if not files and not messages:
        where = ", ".join(paths) or ("this folder" if root == Path() else str(root))
        raise UsageError(f"there is nothing to run: no file in {where} has a name that ends in .test.yaml")
    return files


def _update(file: TestFile, found: list[Result], results: TestReport) -> list[Result]:
    """Update a test file; what is left of the results, all of it where the file cannot be written."""
    try:
        return file.update(found)
    except RetouchError as error:
        results.add(error.messages)
        return found


def _loaded(
    file: TestFile,
    chosen: str | None,
    load: Callable[[Sequence[RuleText]], Sequence[RuleSet]],
    results: TestReport,
) -> Iterator[tuple[RuleTest, Sequence[Case], Sequence[RuleSet]]]:
    """The tests of a file with the cases to run, and their rule sets; what cannot be read goes to `results`."""
    try:
        tests = file.read()
    except RetouchError as error:
        results.add(error.messages)
        return
    for test in tests:
        cases = [case for case in test.cases if chosen is None or chosen in case.name]
        if not cases:
            continue
        try:
            rule_sets = load(test.rule_texts)
        except RetouchError as error:
            results.add(error.messages)
            continue
        yield test, cases, rule_sets


def _load(coverage: Coverage, filters: Mapping[str, Filter], texts: Sequence[RuleText]) -> list[RuleSet]:
    """The rule sets of rule files; those that were loaded before are the same again, as coverage counts them."""
    from ..loader import read_rule_sets

    return [one for text in texts for one in coverage.keep(text.identity, partial(read_rule_sets, [text], filters))]


def _nothing_run(options: argparse.Namespace) -> UsageError:
    return UsageError(f"there is nothing to run: no case has a name with `{options.filter}` in it")
