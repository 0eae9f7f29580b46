"""The parser of arguments: the standard library's, but for what it says of wrong words and how it learns the width."""

from __future__ import annotations

import argparse
import os
import sys
from functools import cache
from typing import Any, NoReturn

from ..late_pattern import late_pattern
from ..suggest import suggest

_CHOICE = late_pattern(r"invalid choice: '([^']*)' \(choose from ")
_WORD = late_pattern(r"[\w-]+")
_MARGIN = 2
_USUAL_WIDTH = 80


class Parser(argparse.ArgumentParser):
    """Says what is near a word that is no command and no choice."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(formatter_class=_Formatter, **settings)

    def error(self, message: str) -> NoReturn:
        """End with `message` and, if there is one, the choice that was probably meant."""
        choice = _CHOICE.search(message)
        known = _WORD.findall(message[choice.end() :]) if choice else ()
        super().error(message + (suggest(choice[1], known) if choice else ""))


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
