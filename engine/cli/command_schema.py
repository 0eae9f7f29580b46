"""`retouch schema`: the JSON Schemas of rule sets, configuration and tests, for editors."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from .exit_code import DONE
from .option import add_general_options
from .output import write_output

if TYPE_CHECKING:
    import argparse

    from .report import Report

KINDS = ("ruleset", "config", "test")


def add_schema(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "schema",
        help="print the JSON Schema of rule sets, configuration or tests",
        description="Print a JSON Schema (2020-12) that editors check files with as they are written. A file names it "
        "in a comment: `# yaml-language-server: $schema=PATH`.",
        allow_abbrev=False,
    )
    parser.add_argument("kind", choices=KINDS, nargs="?", default=KINDS[0], help="which file (default: ruleset)")
    add_general_options(parser)
    parser.set_defaults(run=run_schema)


def run_schema(options: argparse.Namespace, report: Report) -> int:
    """Run the command; the exit code."""
    folder = files(f"{__package__.rpartition('.')[0]}.schemas")
    write_output((folder / f"{options.kind}.json").read_text("utf-8"), report)
    return DONE
