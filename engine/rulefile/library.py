"""Reads rule sets with what they extend, each file once, and refuses those that extend themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from ..error import Message, Place, RetouchError, RuleError
from ..expressions.scope import NO_FILTERS
from ..jsonpath.path import Dialect, compile_path
from ..limit import MAX_EXTENDS
from ..node import MAPPING, Node
from .dialect import read_dialect
from .entry import Piece
from .extension import Base, Whole, extend
from .form import Fields, Form
from .part import is_part, read_parts
from .strict_yaml import read_forms

if TYPE_CHECKING:
    from ..expressions.filter import Filter

KIND = "RuleSet"

RULE_SET = Fields(
    "a rule set",
    ("apiVersion", "kind", "metadata", "rules"),
    (
        *(
            "description",
            "jsonpath",
            "extends",
            "disable",
            "params",
            "documents",
            "define",
            "functions",
            "facts",
            "let",
        ),
        *("atomic", "parts"),
    ),
)
WITHOUT_RULES = Fields("a rule set", RULE_SET.needed[:-1], (*RULE_SET.optional, "rules"))
"""Of a rule set whose rules may all come from elsewhere."""


class RuleFile(Protocol):
    """A rule file and the way from it to the files that it names."""

    @property
    def text(self) -> str:
        """What it says."""

    @property
    def file(self) -> str:
        """What messages call it."""

    @property
    def identity(self) -> str:
        """What is the same for two of them only if they are one file."""

    @property
    def has_folder(self) -> bool:
        """Whether there are files beside it."""

    def part(self, name: str) -> tuple[str, str]:
        """The text of a file beside it, and what to call that. Raises `FileError`."""

    def named(self, name: str, place: Place) -> Sequence[RuleFile]:
        """The rule files that it means with `name`, which stands at `place`. Raises `UsageError`, `FileError`."""


class Library:
    """The rule sets read so far from the files that others name, and the `filters` that their expressions know.

    `messages` are mistakes that belong to no form.
    """

    def __init__(self, filters: Mapping[str, Filter] = NO_FILTERS) -> None:
        self.filters = filters
        self.messages: list[Message] = []
        self._read: dict[str, list[Whole]] = {}
        self._reading: dict[str, Place] = {}  # the files that are being read, by identity, and where they are named

    def whole(self, form: Form, file: RuleFile) -> Whole:
        """The rule set in a document of `file`. Mistakes go to its form and to those of what it names."""
        root, fields = form.document.root, read_fields(form)
        known = self._mistakes(form)
        dialect = self._dialect(form, fields)
        missing = self._mistakes(form) > known
        pieces = [Piece(form, fields, dialect)]
        if "parts" in fields:
            try:
                found = read_parts(form, fields["parts"], file.part if file.has_folder else None)
                pieces += [Piece(*each, dialect) for each in found]
            except RuleError as error:
                self.messages += error.messages
        bases: list[Base] = []
        if "extends" in fields:
            outer, known = dict(self._reading), self._mistakes(form)
            self._reading.setdefault(file.identity, form.place(root))
            for node in form.items(fields["extends"], "`extends`"):
                name = form.text(node, "the name of a rule set")
                bases += [Base(node, whole) for whole in self._bases(form, node, name, file)] if name else []
            self._reading = outer
            missing = missing or self._mistakes(form) > known or any(base.whole.missing for base in bases)
        return extend(pieces, bases, missing=missing)

    def _mistakes(self, form: Form) -> int:
        """How many have been found so far that keep a document from being all there."""
        return len(form.messages) + len(self.messages)

    def _dialect(self, form: Form, fields: dict[str, Node]) -> Dialect:
        """The dialect of a rule set; without its library no path can be read, and nothing else is said."""
        try:
            return read_dialect(form, fields["jsonpath"]) if "jsonpath" in fields else compile_path
        except RuleError as error:
            self.messages += error.messages
            return compile_path

    def _bases(self, form: Form, node: Node, name: str, file: RuleFile) -> list[Whole]:
        """The rule sets that an item of `extends` names."""
        try:
            files = file.named(name, form.place(node))
            found = [whole for each in files for whole in self._in_file(form, node, each)]
        except RetouchError as error:
            found = []
            first = error.messages[0]
            text = first.text if first.place == form.place(node) else f"`{name}`: {first.place}: {first.text}"
            form.wrong(node, text)
        return found

    def _in_file(self, form: Form, node: Node, file: RuleFile) -> list[Whole]:
        if file.identity in self._reading:
            form.wrong(
                node, f"the rule set extends itself: `{node.value}` leads back to {file.file}", notes=self._chain(file)
            )
            return []
        if len(self._reading) > MAX_EXTENDS:
            form.wrong(node, f"rule sets extend each other more than {MAX_EXTENDS} deep here")
            return []
        if file.identity not in self._read:
            outer = dict(self._reading)
            self._reading[file.identity] = form.place(node)
            self._read[file.identity] = self._read_file(form, node, file)
            self._reading = outer
        return self._read[file.identity]

    def _read_file(self, form: Form, node: Node, file: RuleFile) -> list[Whole]:
        forms, messages = read_forms(file.text, file.file)
        self.messages += messages
        found = [self.whole(each, file) for each in forms if not is_part(each.document.root)]
        if not found and not messages:
            form.wrong(node, f"there is no rule set in `{node.value}`")
        return found

    def _chain(self, file: RuleFile) -> list[Message]:
        """Where the files are named that lead from `file` to the one that is being read."""
        places = list(self._reading.items())
        start = [identity for identity, _ in places].index(file.identity)
        return [Message("note", "extended here", place) for _, place in places[start + 1 :]]


def read_fields(form: Form) -> dict[str, Node]:
    """The fields of the rule set in a document; mistakes in its keys go to `form`."""
    root = form.document.root
    is_open = root.kind == MAPPING and ("parts" in root.value or "extends" in root.value)
    return form.fields(root, WITHOUT_RULES if is_open else RULE_SET) if form.has_head("a rule set", KIND) else {}
