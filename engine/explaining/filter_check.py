"""Which parts of a `documents:` filter a document does not fulfil, and what it has instead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..dataclass import dataclass
from ..error import Place
from ..evaluation.document_filter import reach, read_field, read_text
from ..evaluation.glob import matches, matches_path
from ..expressions.scope import ExpressionError, Frame
from ..node import MAPPING, Node
from ..rule import DocumentFilter, Globs
from ..suggest import listing, nearest
from .trace import Clause, Tracer, kind_of, show

if TYPE_CHECKING:
    from ..reading.document import Document

_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Unmet:
    """A part of a filter that does not hold: its key, what it wants, what the document has (None: nothing), a hint.

    `clauses` are what its `when` saw.
    """

    key: str
    wanted: tuple[str, ...]
    found: str | None
    place: Place
    hint: str = ""
    clauses: tuple[Clause, ...] = ()


def find_unmet(chosen: DocumentFilter, document: Document, frame: Frame) -> tuple[Unmet, ...]:
    """All parts of `chosen` that do not hold of the document as it is now."""
    return tuple(_find(chosen, document, frame))


def _find(chosen: DocumentFilter, document: Document, frame: Frame) -> Iterator[Unmet]:
    for name, globs in chosen.fields.items():
        text = read_field(document, name, frame)
        if text is None or not (matches_path if name == "file" else matches)(globs, text):
            keys = ("metadata", name) if name in {"name", "namespace"} else (name,)
            at = Place(document.file) if name == "file" else _place(document, keys)
            node = None if name == "file" else reach(document.root, keys)
            yield Unmet(name, globs.patterns, _shown(text, node), at, _hint(globs, text, node))
    for group, wanted in (("labels", chosen.labels), ("annotations", chosen.annotations)):
        for key, globs in wanted.items():
            text = read_text(document.root, "metadata", group, key)
            if text is None or not matches(globs, text):
                path = ("metadata", group, key)
                node = reach(document.root, path)
                hint = _hint(globs, text, node) if node is not None else _missing(document.root, path)
                yield Unmet(f"{group}.{key}", globs.patterns, _shown(text, node), _place(document, path), hint)
    if chosen.when is not None:
        try:
            held = chosen.when.test(frame)
        except ExpressionError:
            held = False
        if not held:
            clauses = Tracer(chosen.when).trace(frame)
            yield Unmet("when", (chosen.when.text,), "false", document.place(document.root), clauses=clauses)


def _place(document: Document, keys: tuple[str, ...]) -> Place:
    """The place of what the keys lead to, or of the last of them that is there."""
    for number in range(len(keys), -1, -1):
        node = reach(document.root, keys[:number])
        if node is not None:
            return document.place(node)
    return document.place(document.root)


def _shown(text: str | None, node: Node | None) -> str | None:
    if text is not None:
        return show(text)
    return kind_of(node) if node is not None else None


def _hint(globs: Globs, text: str | None, node: Node | None) -> str:
    if text is None:
        return (
            "only texts match: quote it in the document"
            if node is not None and not node.kind and node.value is not None
            else ""
        )
    excluding = [each for each in globs.patterns if each.startswith("!") and not matches(Globs((each,)), text)]
    if excluding:
        return f"`{excluding[0]}` excludes it"
    wanted = [each for each in globs.patterns if not each.startswith("!")]
    if any(matches(Globs((each.lower(),)), text.lower()) for each in wanted):
        return "they differ in upper and lower case only"
    if any(matches(Globs((f"{each}*",)), text) or matches(Globs((f"*{each}",)), text) for each in wanted):
        return "a glob matches the whole text: `*` stands for any part of it"
    near = nearest(text, [each for each in wanted if "*" not in each and _is_of_near_group(each, text)])
    return f"did you mean `{text}`?" if near is not None else ""


def _is_of_near_group(wanted: str, text: str) -> bool:
    """Whether one text can be meant for the other: `apps/v1beta1` and `batch/v1beta1` are alike, and both are right."""
    group, slash, _ = text.partition("/")
    other, _, _ = wanted.partition("/")
    return not slash or nearest(group, [other]) is not None


def _missing(root: Node, keys: tuple[str, ...]) -> str:
    """What is there in place of a label or an annotation."""
    parent = reach(root, keys[:-1])
    if parent is None or parent.kind != MAPPING or not parent.value:
        return f"there are no {keys[1]}"
    near = nearest(keys[-1], parent.value)
    shown = listing(list(parent.value)[:_SHOWN]) + (", ..." if len(parent.value) > _SHOWN else "")
    return f"{keys[1]} there: {shown}" + (f"; did you mean `{near}`?" if near is not None else "")
