"""Rewrites texts by rules: read, evaluated, edited, and checked before they are given out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from .dataclass import replace
from .editing.edit import Edit
from .editing.guard import check_cut
from .error import InputError, RetouchError
from .evaluation.evaluate import evaluate, evaluate_all
from .evaluation.evaluation import Evaluation
from .evaluation.requirement import find_requirement
from .evaluation.watch import Watch
from .expressions.bound import run
from .passage import Act, Outcome, Passage, add_counts, rewrite_chunks
from .reading.document import Chunk, Document, read_stream
from .reading.json_reader import skip_blanks
from .result import Rewrite
from .rule import RuleSet
from .source import Source
from .stack import on_whole_stack


@on_whole_stack
def rewrite(
    text: str, rules: Iterable[RuleSet], *, file: str | None = None, verify: bool = True, read_all: bool = True
) -> Rewrite:
    r"""Rewrite YAML or JSON text by rules, all or nothing; every byte that need not change stays.

    `file` is what messages call the text. With `verify` (the guard) each changed document's new text is parsed
    again and compared with what the patch makes of its data. Without `read_all` documents are left unread, and so
    unchecked, whose text shows that no rule can do anything in them: the result counts and does not list them.

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
    required = None if read_all else find_requirement(rule_sets)
    with run(lambda: len(text), sum(rule_set.parts for rule_set in rule_sets)):
        chunks = read_stream(text, file, sought=required.sought(text) if required is not None else None)
        result = collect(chunks, text, file, lambda document: run_rules(document, rule_sets), verify=verify)
    return replace(result, matches={**no_matches(rule_sets), **result.matches}) if result.unread else result


def no_matches(rule_sets: Iterable[RuleSet]) -> dict[str, int]:
    """The count of every rule before any document."""
    return {f"{rule_set.name}/{rule.id}": 0 for rule_set in rule_sets for rule in rule_set.rules}


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
            result = collect(chunks, text, file, lambda one: _outcome(outcomes[one.root]), verify=verify)
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


def collect(chunks: Iterable[Chunk], text: str, file: str | None, act: Act, *, verify: bool) -> Rewrite:
    """The result for a whole text, of which `chunks` are the parts; all its errors in one."""
    passages = [*rewrite_chunks(chunks, act, verify=verify)]
    errors = [message for each in passages for message in each.errors]
    if errors:
        raise next(each.kind for each in passages if each.errors).of(errors)
    pieces = [each.text for each in passages]
    edits = tuple(_edits(passages))
    if verify and edits and (_may_be_json(text) or _may_be_json(pieces[0])):
        check_cut(Source(text, file), pieces)
    return Rewrite(
        "".join(pieces) if edits else text,
        text,
        file,
        tuple(document for each in passages for document in each.documents),
        tuple(message for each in passages for message in each.warnings),
        edits,
        _sum(each.matches for each in passages),
        _sum(each.suppressed for each in passages),
        sum(each.unread for each in passages),
    )


def _edits(passages: Iterable[Passage]) -> Iterator[Edit]:
    """All edits, against the whole text."""
    offset = 0
    for passage in passages:
        for edit in passage.edits:
            yield Edit(edit.start + offset, edit.end + offset, edit.text, edit.rules)
        offset += len(passage.source.text)


def _may_be_json(text: str) -> bool:
    begin = skip_blanks(text, 1 if text.startswith("\ufeff") else 0)
    return text.startswith(("{", "["), begin)


def _sum(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for each in counts:
        add_counts(total, each)
    return total


def run_rules(document: Document, rule_sets: Sequence[RuleSet]) -> Outcome:
    """Run rule sets over one document. Raises as `evaluate` does."""
    return _outcome(evaluate(document, rule_sets))


def _outcome(found: Evaluation) -> Outcome:
    if found.error is not None:
        raise found.error
    return Outcome(found.tree, list(found.warnings), list(found.refusals), found.matches, found.suppressed)
