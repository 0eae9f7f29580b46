"""What a rewrite gives: the new text, its edits, and for each document the patch and where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .dataclass import dataclass, field
from .editing.edit import Edit
from .error import Message, Place
from .reading.document import Resource
from .value import Value


@dataclass(frozen=True, slots=True)
class DocumentResult:
    """What happened to one document.

    `index` is its place in the stream from 0 (empty documents count), `item` its place in a Kubernetes list or
    None. `patch` holds RFC 6902 operations as plain data, `rules` for each the ids of the rules it comes from.
    `data` is the document as it was, where it changed.
    """

    index: int
    item: int | None
    resource: Resource | None
    kubernetes: bool
    place: Place
    patch: list[dict[str, Any]] = field(default_factory=list)
    rules: list[tuple[str, ...]] = field(default_factory=list)
    changed: bool = False
    data: Value = None


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A rewritten text, and all there is to say about it.

    `edits` are against the original text, in order. `matches` counts, by qualified rule id, the combinations
    whose condition held, `suppressed` those that a comment (`# retouch: ignore[rule-id]`) kept from the rule.
    `unread` counts the documents that were left unread, as no rule can do anything in them; nothing else says anything
    of them.
    """

    text: str
    original: str
    file: str | None
    documents: tuple[DocumentResult, ...]
    warnings: tuple[Message, ...]
    edits: tuple[Edit, ...]
    matches: Mapping[str, int]
    suppressed: Mapping[str, int] = field(default_factory=dict)
    unread: int = 0

    @property
    def changed(self) -> bool:
        """Whether any byte of the text differs."""
        return bool(self.edits)

    def diff(self, *, annotate: bool = False) -> str:
        """The unified diff, as `git apply` takes it; empty where nothing changed."""
        from .diff import unified  # most callers want the text

        return unified(self.original, self.edits, self.file or "input", annotate=annotate)
