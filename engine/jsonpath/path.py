"""Paths: JSONPath in two dialects compiled from text, yielding nodes and so locations."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

from ..dataclass import dataclass
from ..node import Node
from .path_piece import pieces_of
from .path_token import PathError
from .plain_step import plain_steps
from .selector import Name, Step, follow

__all__ = ["Dialect", "Path", "PathError", "compile_path", "compile_standard_path"]


@dataclass(frozen=True, slots=True)
class Path:
    """A path ready to be followed; `start` is what it starts at, `$` or the name of a capture.

    Where that capture is a row of a table, `column` is the column in which the path starts; `steps` go on from there.
    """

    text: str
    start: str
    steps: tuple[Step, ...]
    column: str | None = None

    def select(self, start: Node, root: Node) -> list[Node]:
        """The nodes found from `start`, in the order of RFC 9535, and as often as it says; `root` is `$` in filters.

        Without `..` the cost depends on the nodes passed, not on the size of the document. Raises PatternTimeout.
        """
        return follow(self.steps, start, root)

    def reach(self, start: Node, root: Node) -> tuple[list[Node], tuple[str, ...]]:
        """What the path finds and `()`; or how far it comes and the names that are missing from there.

        If the path finds nothing, the nodes are those that its longest prefix finds, provided that all steps behind
        it are plain names; otherwise both parts are empty. Cost and errors are those of `select`.
        """
        nodes = [start]
        for number, step in enumerate(self.steps):
            found = step.find(nodes, root)
            if not found:
                missing = self.steps[number:]
                names = tuple(step.name for step in missing if isinstance(step, Name))
                return (nodes, names) if len(names) == len(missing) else ([], ())
            nodes = found
        return nodes, ()


@lru_cache(maxsize=4096)
def compile_path(text: str) -> Path:
    """The path that `text` says; the same text gives the same path.

    Wherever `text` is also a query of RFC 9535, it selects the same nodes in the same order; beyond it there are
    `=~`, names with hyphens after a dot, and captures to start at. Raises PathError, which says what to write
    instead, for everything else.
    """
    start, pieces = pieces_of(text)
    steps = plain_steps(pieces)
    if steps is None:
        from .path_tree import steps_of  # the library behind it loads slowly, and only some filters need it

        steps = steps_of(pieces)
    return Path(text, start, steps)


@lru_cache(maxsize=4096)
def compile_standard_path(text: str) -> Path:
    """The path that `text` says in the dialect of RFC 9535, which beyond it has only captures to start at.

    Raises PathError as `compile_path` does, and ImportError where the package `jsonpath-rfc9535` is missing.
    """
    from .standard_tree import read_standard

    start, steps = read_standard(text)
    return Path(text, start, steps)


Dialect: TypeAlias = Callable[[str], Path]
"""Compiles the text of a path: `compile_path` or `compile_standard_path`."""
