"""What a rule set consists of before it is compiled: named entries by section, each in the document that says it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from ..dataclass import dataclass
from ..jsonpath.path import Dialect, compile_path
from ..node import MAPPING
from .rule_form import FILTER

if TYPE_CHECKING:
    from ..error import Place
    from ..node import Node
    from .form import Form

SECTIONS = ("params", "documents", "define", "functions", "facts", "let", "rules")
"""The keys of a rule set that hold entries."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One document of a rule set, the first or a part, with its fields and the dialect of its paths."""

    form: Form
    fields: Mapping[str, Node]
    dialect: Dialect = compile_path


@dataclass(frozen=True, slots=True)
class Entry:
    """A parameter, fragment, function, table, value or rule, or a key of `documents`: its name and what it is.

    `over` are the entries of that name in the rule sets that are extended; a parameter narrows them.
    """

    name: str
    node: Node
    piece: Piece
    over: tuple[Entry, ...] = ()

    @property
    def place(self) -> Place:
        """Where it stands: at its key, or at the rule's id."""
        form, node = self.piece.form, self.node
        if node.key_start >= 0 and not isinstance(node.key, int):
            return form.key_place(node)
        return form.place(node.value["id"] if node.kind == MAPPING and "id" in node.value else node)


Sections: TypeAlias = Mapping[str, Sequence[Entry]]


def gather(pieces: Iterable[Piece]) -> dict[str, list[Entry]]:
    """The entries of a rule set's documents by section, in order; a name that stands there twice is there twice."""
    found: dict[str, list[Entry]] = {section: [] for section in SECTIONS}
    for piece in pieces:
        for section in SECTIONS:
            if section in piece.fields:
                found[section] += (Entry(name, node, piece) for name, node in _named(piece, section))
    return found


def _named(piece: Piece, section: str) -> Iterator[tuple[str, Node]]:
    form, node = piece.form, piece.fields[section]
    if section == "rules":
        for each in form.items(node, "`rules`"):
            identifier = each.value.get("id") if each.kind == MAPPING else None
            yield (identifier.value if identifier is not None and isinstance(identifier.value, str) else ""), each
    elif section == "documents":
        yield from form.fields(node, FILTER).items()
    else:
        for key, each in form.entries(node, f"`{section}`"):
            yield (key.partition("(")[0] if section == "functions" else key), each
