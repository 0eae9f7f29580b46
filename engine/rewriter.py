"""Rewrites a text by rules or by a patch: read, evaluated, edited, and checked before it is given out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from .dataclass import dataclass, field
from .editing.edit import Edit, Editor, splice
from .editing.guard import check, check_cut
from .editing.pairing import original_plain
from .error import InputError, Message, PatchError, Place, RefusedError, RetouchError
from .evaluation.evaluate import Evaluation, evaluate, evaluate_all
from .evaluation.operation import Operation
from .evaluation.tree import Tree
from .evaluation.watch import Watch
from .expressions.bound import run
from .node import build, is_kubernetes, plain
from .reading.document import Chunk, Document, read_stream
from .result import DocumentResult, Rewrite
from .rule import RuleSet
from .source import Source
from .stack import on_whole_stack
from .value import Value


@dataclass(slots=True)
class _Progress:
    """What is known so far while the documents of a text are rewritten one by one."""

    pieces: list[str] = field(default_factory=list)
    offset: int = 0
    documents: list[DocumentResult] = field(default_factory=list)
    warnings: list[Message] = field(default_factory=list)
    errors: list[Message] = field(default_factory=list)
    kind: type[RetouchError] = RetouchError
    edits: list[Edit] = field(default_factory=list)
    matches: Counter[str] = field(default_factory=Counter)
    suppressed: Counter[str] = field(default_factory=Counter)

    def fail(self, error: RetouchError) -> None:
        if not self.errors:
            self.kind = type(error)
        self.errors += error.messages


@on_whole_stack
def rewrite(text: str, rules: Iterable[RuleSet], *, file: str | None = None, verify: bool = True) -> Rewrite:
    r"""Rewrite YAML or JSON text by rules, all or nothing; every byte that need not change stays.

    `file` is what messages call the text. With `verify` (the guard) each changed document's new text is parsed
    again and compared with what the patch makes of its data.

    Raises `InputError` for text that cannot be read or edited, `RuleError` if a rule fails on a document,
    `RefusedError` if a rule refuses one (its `messages` hold all refusals and errors of the text),
    `GuardError` if the guard finds a difference. Cost is linear in the text and in the combinations matched.

    >>> import retouch
    >>> rules = retouch.load_text('''
    ... apiVersion: retouch/v1
    ... kind: RuleSet
    ... metadata: {name: example}
    ... rules:
    ... - id: mirror
    ...   match: {container: "$..containers[*]"}
    ...   actions:
    ...   - set: container.image
    ...     value: mirror.example.com/${ container.image }
    ... ''')
    >>> print(retouch.rewrite("spec:\n  containers:\n  - image: nginx  # pinned\n", rules).text, end="")
    spec:
      containers:
      - image: mirror.example.com/nginx  # pinned
    """
    rule_sets = tuple(rules)
    if any(rule_set.needs_run for rule_set in rule_sets):
        (result,) = rewrite_all([(file, text)], rule_sets, verify=verify)
        return result
    with run(len(text), sum(rule_set.parts for rule_set in rule_sets)):
        return _rewrite(read_stream(text, file), text, file, lambda document: _run(document, rule_sets), verify=verify)


def rewrite_all(
    texts: Iterable[tuple[str | None, str]], rules: Iterable[RuleSet], *, verify: bool = True
) -> list[Rewrite]:
    r"""Rewrite several texts, each given as (file, text), in one run: facts are derived from all of them together.

    All or nothing: raises what `rewrite` raises, with the messages of all texts. Cost is that of `rewrite`; all
    documents are held in memory.

    >>> import retouch
    >>> rules = retouch.load_text('''
    ... apiVersion: retouch/v1
    ... kind: RuleSet
    ... metadata: {name: example}
    ... facts:
    ...   host:
    ...     documents: {kind: ConfigMap}
    ...     is: {id: "${ doc.metadata.name }", host: "${ doc.data.host }"}
    ... rules:
    ... - id: host
    ...   match: {env: $..env.*}
    ...   actions: [{set: env.value, value: "${ facts.host[env.from].host }"}]
    ... ''')
    >>> settings = "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {host: example.com}}\n"
    >>> for result in retouch.rewrite_all([("a.yaml", settings), ("b.yaml", "env: [{from: web}]\n")], rules):
    ...     print(result.text, end="")
    {apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {host: example.com}}
    env: [{from: web, value: example.com}]
    """
    found = rewrite_together(texts, rules, verify=verify)
    errors = [each for each in found if isinstance(each, RetouchError)]
    if errors:
        raise type(errors[0]).of([message for each in errors for message in each.messages])
    return [each for each in found if isinstance(each, Rewrite)]


@on_whole_stack
def rewrite_together(
    texts: Iterable[tuple[str | None, str]],
    rules: Iterable[RuleSet],
    *,
    verify: bool = True,
    optional: Collection[int] = (),
    watch: Watch | None = None,
) -> list[Rewrite | RetouchError | None]:
    """As `rewrite_all`, but tells for each text what became of it: its result, its error, or None.

    None is a text with nothing wrong in it that must stay as it is because of another one: a table of the whole run
    refused, failed, or could not be derived because a text could not be read, unless its place is `optional`. `watch`
    is told what happens.
    """
    given, rule_sets = list(texts), tuple(rules)
    readings = [_read(text, file) for file, text in given]
    read = (chunk for chunks, error in readings if error is None for chunk in chunks)
    documents = [document for chunk in read for document in chunk.documents]
    unread = any(error is not None and place not in optional for place, (_, error) in enumerate(readings))
    incomplete = unread and any(rule_set.needs_run for rule_set in rule_sets)
    outcomes = {each.tree.root: each for each in evaluate_all(documents, () if incomplete else rule_sets, watch)}

    def finish(chunks: Iterable[Chunk], file: str | None, text: str) -> Rewrite | RetouchError | None:
        try:
            result = _rewrite(chunks, text, file, lambda one: _outcome(outcomes[one.root]), verify=verify)
        except RetouchError as error:
            return error
        roots = [document.root for chunk in chunks for document in chunk.documents]
        return None if incomplete or any(outcomes[root].held for root in roots) else result

    return [
        finish(chunks, file, text) if error is None else error
        for (file, text), (chunks, error) in zip(given, readings, strict=True)
    ]


def _read(text: str, file: str | None) -> tuple[list[Chunk], InputError | None]:
    chunks: list[Chunk] = []
    try:
        chunks.extend(read_stream(text, file))
    except InputError as error:
        return chunks, error
    return chunks, None


def apply_patch(
    text: str,
    patch: Sequence[Mapping[str, Any]],
    document: int | None = None,
    *,
    item: int | None = None,
    file: str | None = None,
    verify: bool = True,
) -> str:
    r"""Apply an RFC 6902 patch to YAML or JSON text, all or nothing, keeping every byte that need not change.

    `document` is the place of the document in the stream, from 0 (None: the text holds only one), `item` that
    of an item of a Kubernetes list. Raises `PatchError` if an operation cannot be applied, `InputError` if the
    text cannot be read or there is no such document.

    >>> import retouch
    >>> retouch.apply_patch("a: 1 # one\nb: 2\n", [{"op": "replace", "path": "/a", "value": 3}])
    'a: 3 # one\nb: 2\n'
    """
    return patch_text(text, patch, document, item=item, file=file, verify=verify).text


@on_whole_stack
def patch_text(
    text: str,
    patch: Sequence[Mapping[str, Any]],
    document: int | None = None,
    *,
    item: int | None = None,
    file: str | None = None,
    verify: bool = True,
) -> Rewrite:
    """As `apply_patch`, with all there is to say about the result."""
    fitting: list[Document] = []

    def act(one: Document) -> _Outcome:
        tree = Tree(one)
        if document in (None, one.index) and item in (None, one.item):
            fitting.append(one)
            if len(fitting) == 1:
                _apply_all(tree, patch)
        return _Outcome(tree)

    try:
        result = _rewrite(read_stream(text, file), text, file, act, verify=verify)
    except PatchError:
        if len(fitting) > 1:
            raise _ambiguous(len(fitting), file) from None
        raise
    if len(fitting) > 1:
        raise _ambiguous(len(fitting), file)
    if not fitting:
        wanted = f"document {document or 0}" + (f", item {item}" if item is not None else "")
        raise InputError(f"there is no {wanted} here: documents found: {len(result.documents)}", Place(file))
    return result


def _ambiguous(number: int, file: str | None) -> InputError:
    return InputError(f"there are {number} documents here: say which one the patch is for", Place(file))


@on_whole_stack
def rewrite_object(obj: Value, rules: Iterable[RuleSet]) -> Value:
    """A rewritten deep copy of plain data (dicts with str keys, lists, str, int, float, bool, None).

    `obj` is left as it is. Raises as `rewrite` does. Cost is linear in the object and in the combinations matched.

    >>> import retouch
    >>> retouch.rewrite_object({"a": 1}, retouch.load_text('''
    ... apiVersion: retouch/v1
    ... kind: RuleSet
    ... metadata: {name: example}
    ... rules:
    ... - id: b
    ...   actions: [{set: $.b, value: 2}]
    ... '''))
    {'a': 1, 'b': 2}
    """
    return rewrite_data(obj, rules)[0]


def rewrite_data(obj: Value, rules: Iterable[RuleSet]) -> tuple[Value, list[Message]]:
    """As `rewrite_object`, with the warnings."""
    outcome = _run_object(obj, rules)
    return plain(outcome.tree.root), outcome.warnings


@on_whole_stack
def make_patch(obj: Value, rules: Iterable[RuleSet]) -> list[dict[str, Any]]:
    """The RFC 6902 operations that the rules make for plain data. `obj` is left as it is; raises as `rewrite` does.

    >>> import retouch
    >>> retouch.make_patch({"a": 1}, retouch.load_text('''
    ... apiVersion: retouch/v1
    ... kind: RuleSet
    ... metadata: {name: example}
    ... rules:
    ... - id: b
    ...   actions: [{set: $.b, value: 2}]
    ... '''))
    [{'op': 'add', 'path': '/b', 'value': 2}]
    """
    return [operation.as_dict() for operation in _run_object(obj, rules).tree.operations()]


@dataclass(slots=True)
class _Outcome:
    tree: Tree
    warnings: list[Message] = field(default_factory=list)
    errors: list[Message] = field(default_factory=list)
    matches: Mapping[str, int] = field(default_factory=dict)
    suppressed: Mapping[str, int] = field(default_factory=dict)


def _rewrite(
    chunks: Iterable[Chunk], text: str, file: str | None, act: Callable[[Document], _Outcome], *, verify: bool
) -> Rewrite:
    progress = _Progress()
    try:
        for chunk in chunks:
            progress.pieces.append(_try_chunk(chunk, act, progress, verify=verify))
            progress.offset += len(chunk.source.text)
    except InputError as error:  # what cannot be read ends the text; what was found before it is told too
        progress.fail(error)
    if progress.errors:
        raise progress.kind.of(progress.errors)
    if verify and progress.edits:
        check_cut(Source(text, file), progress.pieces)
    return Rewrite(
        "".join(progress.pieces),
        text,
        file,
        tuple(progress.documents),
        tuple(progress.warnings),
        tuple(progress.edits),
        dict(progress.matches),
        dict(progress.suppressed),
    )


def _try_chunk(chunk: Chunk, act: Callable[[Document], _Outcome], progress: _Progress, *, verify: bool) -> str:
    """The new text of a chunk; the old one, and the error kept, if it cannot be rewritten."""
    try:
        return _rewrite_chunk(chunk, act, progress, verify=verify)
    except RetouchError as error:
        progress.fail(error)
        return chunk.source.text


def _rewrite_chunk(chunk: Chunk, act: Callable[[Document], _Outcome], progress: _Progress, *, verify: bool) -> str:
    acted = [(document, _act(document, act, progress)) for document in chunk.documents]
    outcomes = [(document, outcome) for document, outcome in acted if outcome is not None]
    patches = {document.item: outcome.tree.operations() for document, outcome in outcomes}
    touched = {one.item: made.tree for one, made in outcomes if _changes(patches[one.item], made.tree)}
    text = chunk.source.text
    edits: list[Edit] = []
    progress.warnings += chunk.key_messages()
    if touched:
        if chunk.duplicates:
            raise InputError.of(chunk.duplicate_messages("error", ": it cannot be rewritten safely"))
        edits, warnings = _find_edits(chunk, list(touched.values()))
        progress.warnings += warnings
        text = splice(text, edits)
        if verify:
            check(chunk, text, {item: [one.as_dict() for one in made] for item, made in patches.items() if made})
        progress.edits += (
            Edit(one.start + progress.offset, one.end + progress.offset, one.text, one.rules) for one in edits
        )
    else:
        progress.warnings += chunk.duplicate_messages("warning", "; the later one counts")
    for document, _outcome in outcomes:
        changed = bool(edits) and document.item in touched
        progress.documents.append(_result(document, patches[document.item], changed=changed))
    return text


def _changes(operations: Sequence[Operation], tree: Tree) -> bool:
    """Whether anything but a `test` was done; a comment may turn out to be there already."""
    return any(one.op != "test" for one in operations) or bool(tree.commented)


def _act(document: Document, act: Callable[[Document], _Outcome], progress: _Progress) -> _Outcome | None:
    try:
        outcome = act(document)
    except RetouchError as error:
        progress.fail(error)
        return None
    progress.warnings += outcome.warnings
    progress.matches.update(outcome.matches)
    progress.suppressed.update(outcome.suppressed)
    if outcome.errors:
        progress.fail(RefusedError.of(outcome.errors))
        return None
    return outcome


def _result(document: Document, operations: list[Operation], *, changed: bool) -> DocumentResult:
    return DocumentResult(
        document.index,
        document.item,
        document.resource,
        document.kubernetes,
        document.place(document.root),
        [operation.as_dict() for operation in operations],
        [operation.rules for operation in operations],
        changed,
        original_plain(document.root) if changed else None,
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


def _run(document: Document, rule_sets: Sequence[RuleSet]) -> _Outcome:
    return _outcome(evaluate(document, rule_sets))


def _outcome(found: Evaluation) -> _Outcome:
    if found.error is not None:
        raise found.error
    return _Outcome(found.tree, list(found.warnings), list(found.refusals), found.matches, found.suppressed)


def _run_object(obj: Value, rules: Iterable[RuleSet]) -> _Outcome:
    root = build(obj)
    document = Document(root, Source("", None), 0, None, kubernetes=is_kubernetes(root), resource=None)
    outcome = _run(document, tuple(rules))
    if outcome.errors:
        raise RefusedError.of(outcome.errors)
    return outcome


def _apply_all(tree: Tree, patch: Sequence[Mapping[str, Any]]) -> None:
    for number, operation in enumerate(patch):
        try:
            tree.apply(operation)
        except PatchError as error:
            first = error.messages[0]
            raise PatchError(f"operation {number}: {first.text}", first.place, notes=first.notes) from None
