"""`retouch rules`: which rule sets are built in, and what is in one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .exit_code import DONE
from .option import add_general_options
from .output import write_output

if TYPE_CHECKING:
    import argparse

    from .report import Report


def add_rules(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "rules",
        help="list the built-in rule sets, or show one",
        description="List the built-in rule sets, or print the text of one.",
        allow_abbrev=False,
    )
    actions = parser.add_subparsers(dest="action", metavar="list|show", required=True)
    listing = actions.add_parser("list", help="name, version and description of each", allow_abbrev=False)
    add_general_options(listing)
    listing.set_defaults(run=run_list)
    show = actions.add_parser("show", help="print a rule set", allow_abbrev=False)
    show.add_argument("name", metavar="NAME", help="a built-in rule set, a file or a folder")
    add_general_options(show)
    show.set_defaults(run=run_show)


def run_list(_options: argparse.Namespace, report: Report) -> int:
    """Print a line for each built-in rule set; the exit code."""
    from ..loader import available  # heavy, and wrong options are told before

    rows = [(each.name, each.version or "", _first_sentence(each.description or "")) for each in available()]
    widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    for name, version, description in rows:
        write_output(f"{name:{widths[0]}}  {version:{widths[1]}}  {description}".rstrip() + "\n", report)
    return DONE


def run_show(options: argparse.Namespace, report: Report) -> int:
    """Print the text of a rule set; the exit code."""
    from ..loader import show

    write_output(show(options.name), report)
    return DONE


def _first_sentence(text: str) -> str:
    joined = " ".join(text.split())
    head, dot, _rest = joined.partition(". ")
    return head + dot.strip()
