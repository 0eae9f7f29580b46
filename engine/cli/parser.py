"""The parser of arguments: the standard library's, but for how it learns the width of the terminal."""

from __future__ import annotations

import argparse
import os
import sys
from functools import cache
from typing import Any

_MARGIN = 2
_USUAL_WIDTH = 80


class Parser(argparse.ArgumentParser):
    """Parses the arguments of a command and of those below it."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(formatter_class=_Formatter, **settings)


class _Formatter(argparse.HelpFormatter):
    """Asks for the width without the module `shutil`, which is slow to import; a formatter is made for each option."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_columns() - _MARGIN)


@cache
def _columns() -> int:
    """The width of the terminal: what COLUMNS says, else what the terminal says, else the usual one."""
    said = os.environ.get("COLUMNS", "")
    if said.isdecimal() and int(said):
        return int(said)
    stream = sys.__stdout__
    try:
        found = os.get_terminal_size(stream.fileno()).columns if stream is not None else 0
    except (OSError, ValueError):  # no terminal, or closed
        found = 0
    return found or _USUAL_WIDTH
