"""`retouch lint`: what is wrong, or hardly meant, in rule files, their tests and the configuration."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..dataclass import dataclass, field, replace
from ..error import Message, RetouchError, UsageError
from .exit_code import CHANGES, DONE, FAILED
from .message import FORMS
from .option import add_general_options, find_settings
from .report import Report, count
from .terminal import wants_colour

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from ..expressions.filter import Filter
    from ..linting.check_test import Tested
    from ..rule_text import RuleText
    from .test_file import TestFile


def add_lint(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "lint",
        help="find what is wrong or hardly meant in rule files",
        description="Find what is wrong or hardly meant in rule files: names that nothing uses, selectors that cannot "
        "match, rules without a test, and more. Exit code 0: nothing found, 1: findings, 2: a file cannot be read.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "paths",
        metavar="RULES",
        nargs="*",
        help="rule files, folders of them, test files, a retouch.yaml, or built-in rule sets (default: the project)",
    )
    parser.add_argument("--built-in", action="store_true", help="lint all built-in rule sets")
    parser.add_argument("--no-tests", dest="tests", action="store_false", help="do not look for rules without a test")
    parser.add_argument("--format", choices=sorted(FORMS), help="write the findings for a program")
    add_general_options(parser)
    parser.set_defaults(run=run_lint)


def run_lint(options: argparse.Namespace, report: Report) -> int:
    """Run the command; the exit code."""
    colour = wants_colour(sys.stdout, options.color)
    findings = Report(sys.stdout, form=options.format, colour=colour, quiet=options.quiet)
    linter = _Linter(options)
    try:
        files = linter.find(options.paths, built_in=options.built_in)
        findings.add(linter.lint(files))
    finally:
        findings.close()
    if options.format is None:
        found = [count(number, noun) for number, noun in _numbers(findings) if number]
        report.say(f"{count(linter.files, 'file')}: {', '.join(found) or 'nothing found'}")
    if findings.errors:
        return FAILED
    return CHANGES if findings.warnings else DONE


def _numbers(findings: Report) -> tuple[tuple[int, str], ...]:
    return (findings.errors, "error"), (findings.warnings, "finding")


@dataclass(frozen=True, slots=True)
class _RuleFile:
    """A rule file, and what finds its tests: those that are found under one `home` are the same."""

    text: RuleText
    home: str
    find_tests: Callable[[], tuple[list[TestFile], list[Message]]]


@dataclass(slots=True)
class _Linter:
    """Lints files, each once; tests run once for all files that share them."""

    options: argparse.Namespace
    files: int = 0
    root: Path | None = None
    filters: Mapping[str, Filter] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    tested: dict[str, Tested] = field(default_factory=dict)

    def find(self, names: Iterable[str], *, built_in: bool) -> list[_RuleFile]:
        """The rule files that the command line means; the other files that it names are looked at at once."""
        names = list(names)
        config_file = self.read_project(whole=not names and not built_in)
        if not (names or built_in or config_file):
            raise UsageError("nothing to lint: name rule files or folders, or run it where there is a retouch.yaml")
        found = self.built_in() if built_in else []
        for name in names:
            found += self.named(name)
        found += self.of_project() if config_file and not names and not built_in else []
        unique = {each.text.identity: each for each in found}
        self.files += len(unique)
        return list(unique.values())

    def read_project(self, *, whole: bool) -> bool:
        """Read the configuration, if there is one: its root and filters count; a mistake only if it is `whole`."""
        from ..config.project import configured_filters

        try:
            config = find_settings(self.options)
            if config is None:
                return False
            self.root = Path(config.root)
            self.filters = configured_filters(config)
        except RetouchError as error:
            if not whole:
                raise
            self.messages += error.messages
        self.files += whole
        return True

    def built_in(self) -> list[_RuleFile]:
        """Every built-in rule file."""
        from ..rule_text import built_in

        return [self.built_in_file(name, text) for name, text in built_in().items()]

    def built_in_file(self, name: str, text: RuleText) -> _RuleFile:
        """A built-in rule file with its tests."""
        from .test_file import built_in_tests

        return _RuleFile(text, f"built-in {name}", lambda: (built_in_tests(name), []))

    def named(self, name: str) -> list[_RuleFile]:
        """The rule files that a name on the command line stands for."""
        from ..config.config_text import CONFIG_FILE
        from ..rule_text import built_in, locate
        from .test_file import SUFFIXES, find_test_files

        path = Path(name)
        if path.name == CONFIG_FILE or name.endswith(SUFFIXES):
            self.files += 1
            try:
                if path.name == CONFIG_FILE:
                    _check_config(path)
                else:
                    for test in find_test_files([name], self.root or Path())[0]:
                        test.read()
            except RetouchError as error:
                self.messages += error.messages
            return []
        ours = built_in()
        if name in ours:
            return [self.built_in_file(name, ours[name])]
        return [self.file(text) for text in locate(name, folder=Path())]

    def of_project(self) -> list[_RuleFile]:
        """The rule files of the project that its configuration uses; what it takes from elsewhere is left alone."""
        from ..rule_text import is_inside, locate

        found: list[_RuleFile] = []
        config = None if self.messages else find_settings(self.options)
        if config is None or self.root is None:
            return []
        folder = Path(_shown(self.root))
        for use in config.uses:
            try:
                texts = locate(use.name, folder=folder, root=self.root, place=use.place)
            except RetouchError as error:
                self.messages += error.messages
                continue
            found += [
                self.file(_seen_from_here(each))
                for each in texts
                if isinstance(each.folder, Path) and is_inside(each.folder, self.root)
            ]
        self.messages += _wrong_with_project(self.options)
        return found

    def file(self, text: RuleText) -> _RuleFile:
        """A rule file; its tests stand in the project, else in its folder."""
        from ..rule_text import is_inside
        from .test_file import find_test_files

        folder = text.folder if isinstance(text.folder, Path) else Path()
        root = self.root if self.root is not None and is_inside(folder, self.root) else None
        home = _shown(root if root is not None else folder)
        return _RuleFile(text, home, lambda: find_test_files([home], root or folder))

    def lint(self, files: Iterable[_RuleFile]) -> Iterator[Message]:
        """What there is to say of the files: mistakes of those that do not load, findings in the others."""
        from ..linting.lint import lint

        said: set[Message] = set()
        for each in files:
            tested = self.tests_of(each) if self.options.tests else None
            try:
                self.messages += lint(each.text, self.filters, tested)
            except RetouchError as error:
                self.messages += error.messages
        for message in self.messages:
            if message not in said:
                said.add(message)
                yield message

    def tests_of(self, file: _RuleFile) -> Tested:
        """Which rules the tests of a rule file make apply; the mistakes in the tests are reported."""
        from .rule_test import run_tests

        if file.home not in self.tested:
            tests, messages = file.find_tests()
            self.tested[file.home], wrong = run_tests(tests, self.filters)
            self.messages += [*messages, *wrong]
        return self.tested[file.home]


def _check_config(path: Path) -> None:
    """Raise what is wrong with a configuration and what it uses."""
    from ..config.project import load_config

    load_config(path)


def _wrong_with_project(options: argparse.Namespace) -> Iterable[Message]:
    """What is wrong with the configuration of the project and what it uses."""
    from ..config.project import Project

    config = find_settings(options)
    try:
        if config is not None:
            Project(config.source)
    except RetouchError as error:
        return error.messages
    return ()


def _seen_from_here(text: RuleText) -> RuleText:
    """A rule file under the name that it has in the working directory, if it is below that."""
    if text.point is not None or not isinstance(text.folder, Path):
        return text
    shown = _shown(Path(text.file))
    return text if shown.startswith(os.pardir) else replace(text, file=shown, folder=Path(shown).parent)


def _shown(path: Path) -> str:
    """A path as seen from the working directory."""
    return os.path.relpath(path)
