"""Rewrites a text passage by passage, each a document of a stream: its new text, its patches, what there is to say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from .editing.edit import Edit, Editor, splice
from .editing.guard import check, check_seam
from .editing.pairing import original_plain
from .error import InputError, Message, RefusedError, RetouchError
from .evaluation.operation import Operation
from .evaluation.tree import Tree
from .reading.document import Chunk, Document
from .result import DocumentResult
from .source import Source
from .value import Value


@dataclass(slots=True)
class Outcome:
    """What became of the data of one document: its tree, and what rules had to say."""

    tree: Tree
    warnings: list[Message] = field(default_factory=list)
    errors: list[Message] = field(default_factory=list)
    matches: Mapping[str, int] = field(default_factory=dict)
    suppressed: Mapping[str, int] = field(default_factory=dict)


Act = Callable[[Document], Outcome]
"""Changes a document, and tells what became of it. Raises RetouchError."""


@dataclass(slots=True)
class Passage:
    """A part of a text and what became of it: one document with all around it, or several that were not read.

    With `errors`, of which the first is of the class `kind`, `text` is the old one. `edits` are against the text of
    `source`. `unread` counts the documents that were left out.
    """

    source: Source
    text: str
    documents: list[DocumentResult] = field(default_factory=list)
    warnings: list[Message] = field(default_factory=list)
    errors: list[Message] = field(default_factory=list)
    kind: type[RetouchError] = RetouchError
    edits: Sequence[Edit] = ()
    matches: dict[str, int] = field(default_factory=dict)
    suppressed: dict[str, int] = field(default_factory=dict)
    unread: int = 0

    def fail(self, error: RetouchError) -> None:
        """Add the messages of an error."""
        if not self.errors:
            self.kind = type(error)
        self.errors += error.messages


def rewrite_chunks(chunks: Iterable[Chunk], act: Act, *, verify: bool) -> Iterator[Passage]:
    """What becomes of each chunk of a stream, in order, as soon as it is known.

    With `verify` (the guard) changed text is read again, by itself and where it meets its neighbours. What cannot be
    read ends the text: its error is the last passage's, which has no text. Holds one chunk, and the text before it.
    """
    previous: Passage | None = None
    try:
        for chunk in chunks:
            passage = _rewrite_chunk(chunk, act, verify=verify)
            if verify and previous is not None and (previous.edits or passage.edits) and not chunk.is_json:
                try:
                    check_seam(previous.source, previous.text, passage.source, passage.text)
                except RetouchError as error:
                    passage.fail(error)
            yield passage
            previous = passage
    except InputError as error:
        last = Passage(Source(""), "")
        last.fail(error)
        yield last


def _rewrite_chunk(chunk: Chunk, act: Act, *, verify: bool) -> Passage:
    """What becomes of one chunk; an error is part of it."""
    passage = Passage(chunk.source, chunk.source.text, unread=chunk.unread)
    if chunk.root is not None:
        try:
            _change(chunk, passage, act, verify=verify)
        except RetouchError as error:
            passage.fail(error)
            passage.text = chunk.source.text
    return passage


def _change(chunk: Chunk, passage: Passage, act: Act, *, verify: bool) -> None:
    acted = [(document, _act(document, act, passage)) for document in chunk.documents]
    outcomes = [(document, outcome) for document, outcome in acted if outcome is not None]
    patches = {document.item: outcome.tree.operations() for document, outcome in outcomes}
    touched = {one.item: made.tree for one, made in outcomes if _changes(patches[one.item], made.tree)}
    data: dict[int | None, Value] = {}
    if chunk.renamed:
        passage.warnings += chunk.key_messages()
    if touched:
        if chunk.duplicates:
            raise InputError.of(chunk.duplicate_messages("error", ": it cannot be rewritten safely"))
        edits, warnings = _find_edits(chunk, list(touched.values()))
        passage.warnings += warnings
        passage.text = splice(passage.text, edits)
        data = {document.item: original_plain(document.root) for document, _ in outcomes if document.item in touched}
        if verify:
            given = {item: [one.as_dict() for one in made] for item, made in patches.items() if made}
            check(chunk, passage.text, given, data.get(None))
        passage.edits = edits
    elif chunk.duplicates:
        passage.warnings += chunk.duplicate_messages("warning", "; the later one counts")
    for document, _outcome in outcomes:
        changed = bool(passage.edits) and document.item in touched
        held = data[document.item] if changed else None
        passage.documents.append(_result(document, patches[document.item], held, changed=changed))


def _changes(operations: Sequence[Operation], tree: Tree) -> bool:
    """Whether anything but a `test` was done; a comment may turn out to be there already."""
    return any(one.op != "test" for one in operations) or bool(tree.commented)


def _act(document: Document, act: Act, passage: Passage) -> Outcome | None:
    try:
        outcome = act(document)
    except RetouchError as error:
        passage.fail(error)
        return None
    passage.warnings += outcome.warnings
    add_counts(passage.matches, outcome.matches)
    add_counts(passage.suppressed, outcome.suppressed)
    if outcome.errors:
        passage.fail(RefusedError.of(outcome.errors))
        return None
    return outcome


def add_counts(total: dict[str, int], more: Mapping[str, int]) -> None:
    """Add counts to those that are there."""
    for name, number in more.items():
        total[name] = total.get(name, 0) + number


def _result(document: Document, operations: list[Operation], data: Value, *, changed: bool) -> DocumentResult:
    return DocumentResult(
        document.index,
        document.item,
        document.resource,
        document.kubernetes,
        document.place(document.root),
        [operation.as_dict() for operation in operations],
        [operation.rules for operation in operations],
        changed,
        data,
    )


def _find_edits(chunk: Chunk, trees: Sequence[Tree]) -> tuple[list[Edit], list[Message]]:
    """The edits of a chunk's text, and what there is to warn of."""
    assert chunk.root is not None
    chunk.join_items()
    changed = {node: tuple(rules) for tree in trees for node, rules in tree.changed.items()}
    commented = {node: tuple(rules) for tree in trees for node, rules in tree.commented.items() if tree.alive(node)}
    editor = Editor(
        chunk.source,
        chunk.root,
        changed,
        commented,
        json=chunk.is_json,
        kubernetes=chunk.kubernetes,
        references=chunk.references,
    )
    return editor.find(), editor.plan.warnings
