"""`retouch rules`: which rule sets there are, what is in one, and a first one to start from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from ..error import FileError, Message, Place, RetouchError, UsageError
from ..suggest import suggest
from .exit_code import DONE, FAILED
from .option import add_general_options
from .output import write_output

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping

    from ..config.project import Project
    from ..rule import RuleSet
    from ..rule_text import RuleText
    from ..rulefile.rule_file import Title
    from .report import Report


_Row: TypeAlias = tuple[str, str, str]


def add_rules(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "rules",
        help="list the rule sets there are, show one, or start a new one",
        description="List the rule sets that are built in or installed, print one, or write the start of a new one.",
        allow_abbrev=False,
    )
    actions = parser.add_subparsers(dest="action", metavar="list|show|new", required=True)
    listing = actions.add_parser("list", help="name, version and description of each", allow_abbrev=False)
    add_general_options(listing)
    listing.set_defaults(run=run_list)
    show = actions.add_parser("show", help="print a rule set, with all that it extends", allow_abbrev=False)
    show.add_argument(
        "name",
        metavar="NAME",
        nargs="?",
        help="a rule set: of the project, built in, PACKAGE:NAME, a file or a folder; without it all of the project",
    )
    show.add_argument(
        "--origins", action="store_true", help="print one that extends nothing in that form too: entries with places"
    )
    add_general_options(show)
    show.set_defaults(run=run_show)
    new = actions.add_parser("new", help="write a rule file to start from, and its test", allow_abbrev=False)
    new.add_argument("name", metavar="NAME", help="its name; NAME.yaml and NAME.test.yaml are written")
    add_general_options(new)
    new.set_defaults(run=run_new)


def run_list(_options: argparse.Namespace, report: Report) -> int:
    """Print a line for each rule set that has a name; the exit code."""
    from ..rule_text import built_in, installed  # heavy, and wrong options are told before

    project = _project(report)
    from_packages, errors = installed()
    messages = [message for error in errors for message in error.messages]
    rows = [_row(each.name, each) for each in project.rule_sets] if project is not None else []
    rows += [*_rows(built_in(), messages), *_rows(from_packages, messages)]
    rows = list(dict.fromkeys(rows))
    widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    for name, version, description in rows:
        write_output(f"{name:{widths[0]}}  {version:{widths[1]}}  {description}".rstrip() + "\n", report)
    report.add(messages)
    return FAILED if report.errors else DONE


def run_show(options: argparse.Namespace, report: Report) -> int:
    """Print a rule set; the exit code."""
    from ..loader import show

    project = _project(report)
    found = list(_project_texts(project, options.name)) if project is not None else []
    if not found and options.name is None:
        if report.errors:
            return FAILED
        raise UsageError("name a rule set: there is no retouch.yaml here that uses any")
    filters = project.filters if project is not None else {}
    root = Path(project.root) if project is not None else None
    try:
        text = "---\n".join(found) or show(options.name, root=root, origins=options.origins, filters=filters)
    except UsageError:
        hint = suggest(options.name, [each.name for each in project.rule_sets]) if project is not None else ""
        if hint:
            raise UsageError(f"there is no rule set `{options.name}`{hint}") from None
        raise
    write_output(text, report)
    return FAILED if report.errors else DONE


def run_new(options: argparse.Namespace, report: Report) -> int:
    """Write a rule file and its test; the exit code."""
    from .starting_point import starting_point

    path = Path(options.name.removesuffix(".yaml"))
    name = _full_name(path)
    files = [path.with_name(f"{path.name}{suffix}") for suffix in (".yaml", ".test.yaml")]
    texts = starting_point(name, files[0].as_posix())
    for file in files:
        if file.exists():
            raise FileError("is there already, and nothing was written: choose another name", Place(str(file)))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for file, text in zip(files, texts, strict=True):
            with file.open("x", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
            write_output(f"{file}\n", report)
    except OSError as error:
        raise FileError(f"cannot be written: {error.strerror}", Place(str(error.filename or path))) from None
    return DONE


def _full_name(path: Path) -> str:
    """The name of the rule set in a new file: its path, as far as that stays below the working directory."""
    from ..rulefile.rule_file import NAME

    parts = path.parts if not path.is_absolute() and ".." not in path.parts else path.parts[-1:]
    name = "/".join(parts)
    if not NAME.fullmatch(name):
        allowed = "lower-case letters, digits and `-` in parts joined by `/`, such as `acme/owner-labels`"
        raise UsageError(f"the name of a rule set has {allowed}; found `{name}`")
    return name


def _project(report: Report) -> Project | None:
    """The project that the working directory is in, if it is in one; what is wrong with it is reported."""
    from ..config.project import Project
    from ..config.search import find_config

    try:
        found = find_config()
        return Project(found) if found is not None else None
    except RetouchError as error:
        report.add(error.messages)
        return None


def _project_texts(project: Project, name: str | None) -> Iterator[str]:
    from ..config.project_text import project_texts  # many projects need none of it

    return project_texts(project, name)


def _rows(named: Mapping[str, RuleText], messages: list[Message]) -> Iterator[_Row]:
    """Name, version and first sentence of the rule sets in some files; mistakes in them go to `messages`."""
    from ..rulefile.rule_file import read_titles

    for name, text in named.items():
        try:
            yield from [_row(name, each) for each in read_titles(text)]
        except RetouchError as error:
            messages += error.messages


def _row(name: str, title: Title | RuleSet) -> _Row:
    return name, title.version or "", _first_sentence(title.description or "")


def _first_sentence(text: str) -> str:
    joined = " ".join(text.split())
    head, dot, _rest = joined.partition(". ")
    return head + dot.strip()
