"""What a run does with one input: read it, rewrite it, make of it what the command prints; in any process."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from ..dataclass import dataclass, field, replace
from ..error import InputError, Message, Place, RetouchError, UsageError
from ..patcher import patch_text
from ..reading.document import read
from ..result import Rewrite
from ..rewriter import rewrite, rewrite_together
from ..rule import API_VERSION
from .file import Encoding, read_file, read_text
from .garbage import make_room
from .rule_choice import RuleChoice, group_by_rules, load_rules

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .find import Input

Product = TypeVar("Product")

_OWN = re.compile(rf"""^apiVersion:[ \t]+["']?{API_VERSION}["']?[ \t]*(?:\#.*)?\r?$""", re.MULTILINE)


class Rewriter(Protocol):
    """Rewrites a text; `file` is what messages call it. Raises RetouchError."""

    def __call__(self, text: str, file: str) -> Rewrite: ...


@dataclass(frozen=True, slots=True)
class ByRules:
    """Rewrites by rules; without `read_all`, documents in which none of them can do anything are not read."""

    choice: RuleChoice
    verify: bool = True
    read_all: bool = True

    def __call__(self, text: str, file: str) -> Rewrite:
        return rewrite(text, load_rules(self.choice, file), file=file, verify=self.verify, read_all=self.read_all)

    def together(self, texts: Sequence[tuple[str, str]], optional: set[int]) -> Sequence[Rewrite | RetouchError | None]:
        """Rewrite texts, each given as (file, text), in one run, so that facts are derived from all of them.

        Files to which other overrides of the configuration apply are a run of their own, as what is a fact may depend
        on parameters. Gives what `rewriter.rewrite_together` does.
        """
        results: dict[int, Rewrite | RetouchError | None] = {}
        for rules, places in group_by_rules(self.choice, [file for file, _ in texts]):
            own = [texts[place] for place in places]
            templates = {number for number, place in enumerate(places) if place in optional}
            found = rewrite_together(own, rules, verify=self.verify, optional=templates)
            results.update(zip(places, found, strict=True))
        return [results[place] for place in range(len(texts))]


@dataclass(frozen=True, slots=True)
class ByPatch:
    """Rewrites by an RFC 6902 patch; `selected` says which document it is for, where there are several."""

    operations: tuple[Mapping[str, Any], ...]
    selected: str | None = None
    verify: bool = True

    def __call__(self, text: str, file: str) -> Rewrite:
        document, item = self._choose(text, file)
        return patch_text(text, self.operations, document, item=item, file=file, verify=self.verify)

    def _choose(self, text: str, file: str) -> tuple[int | None, int | None]:
        from .patch_format import DocumentPatch, select  # rules need none of it

        found = [
            DocumentPatch(file, each.index, each.item, each.resource, each.kubernetes, each.place(each.root))
            for each in read(text, file)
        ]
        if self.selected is not None:
            chosen = select(found, self.selected)
            return chosen.document, chosen.item
        if len(found) > 1:
            notes = [each.note for each in found]
            text = f"there are {len(found)} documents here; choose with --select which of them the patch is for"
            raise UsageError(text, Place(file), notes=notes)
        return None, None


@dataclass(frozen=True, slots=True)
class Reading:
    """One input that was rewritten: its bytes as they were read, and the result."""

    item: Input
    data: bytes
    encoding: Encoding
    result: Rewrite


@dataclass(frozen=True, slots=True)
class Job(Generic[Product]):
    """How to rewrite every input, what to make of each result, and in how many processes; all of it can be pickled.

    Where it `streams`, a long standard input is done document by document, and the product is a `streaming.Stream`.
    """

    rewrite: Rewriter
    produce: Callable[[Reading], Product]
    processes: int = 1
    streams: bool = False


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Product]):
    """What became of one input: messages and counts, and unless it failed the product."""

    item: Input
    messages: tuple[Message, ...] = ()
    failed: bool = False
    held: bool = False  # nothing is wrong with it, and it must stay as it is: the run was refused because of another
    template: bool = False  # found by a walk, and left out because Helm has to render it first
    own: bool = False  # found by a walk, and left out because it is a rule file, a configuration or the like
    detail: str = ""  # what `-v` shows besides the messages
    documents: int = 0
    unread: int = 0  # of these
    rewritten: int = 0
    rules: frozenset[str] = frozenset()  # that changed something
    matches: Mapping[str, int] = field(default_factory=dict)
    suppressed: Mapping[str, int] = field(default_factory=dict)
    product: Product | None = None


def perform(job: Job[Product], item: Input, standard_input: bytes = b"") -> Outcome[Product]:
    """Do the job for one input. Whatever goes wrong is part of the outcome, not raised, so that others are still done.

    An error that is none of ours has the traceback as its detail.
    """
    return survive(item, partial(_perform, job, item, standard_input))


def perform_together(
    job: Job[Product], items: Sequence[Input], standard_inputs: Sequence[bytes], *, incomplete: bool
) -> list[Outcome[Product]]:
    """Do a job by rules that look at all documents for all inputs in one run. The outcomes, in order.

    Where the inputs are `incomplete`, as some of them cannot be found, all are held as they are.
    """
    assert isinstance(job.rewrite, ByRules)
    readings = [_read(item, given) for item, given in zip(items, standard_inputs, strict=True)]
    found = [each for each in readings if isinstance(each, _Read)]
    templates = {place for place, each in enumerate(found) if each.item.folder is not None and "{{" in each.text}
    unread = incomplete or any(isinstance(each, Outcome) and each.failed for each in readings)
    results = iter(job.rewrite.together([(each.item.name, each.text) for each in found], templates))
    outcomes = []
    for each in readings:
        if isinstance(each, Outcome):
            outcomes.append(each)
            continue
        result = next(results)
        if isinstance(result, RetouchError):
            outcomes.append(_refuse(each.item, each.text, result))
        elif result is None or unread:
            outcomes.append(Outcome(each.item, failed=True, held=True))
        else:
            outcomes.append(survive(each.item, partial(_finish, job, each, result)))
    return outcomes


def survive(item: Input, work: Callable[[], Outcome[Product]]) -> Outcome[Product]:
    """The outcome of some work, or what it failed of where that is none of our errors."""
    try:
        return work()
    except MemoryError:
        pass  # what the work held is free behind this clause, and not before
    except Exception as error:  # noqa: BLE001 - a mistake of ours, which must cost one file only
        from traceback import format_exc  # what no run should need

        what = f"{type(error).__name__}: {error}"
        text = f"internal error: {what}; nothing was written; please report it (-v shows where it is)"
        return replace(_fail(item, text), detail=format_exc().rstrip())
    make_room()
    return _fail(item, "there is not enough memory to rewrite this file")


def _perform(job: Job[Product], item: Input, standard_input: bytes) -> Outcome[Product]:
    found = _read(item, standard_input)
    if isinstance(found, Outcome):
        return found
    try:
        result = job.rewrite(found.text, item.name)
    except RetouchError as error:
        return _refuse(item, found.text, error)
    return _finish(job, found, result)


@dataclass(frozen=True, slots=True)
class _Read:
    """An input that was read."""

    item: Input
    data: bytes
    text: str
    encoding: Encoding


def _read(item: Input, standard_input: bytes) -> _Read | Outcome[Any]:
    try:
        data = standard_input if item.path is None else read_file(item.path)
        text, encoding = read_text(data, item.name)
    except RetouchError as error:
        return Outcome(item, error.messages, failed=True)
    if item.folder is not None and API_VERSION in text and _OWN.search(text):
        return Outcome(
            item, own=True, detail=f"{item.name}: skipped: a file of `{API_VERSION}`, which says what rules do"
        )
    return _Read(item, data, text, encoding)


def _finish(job: Job[Product], read: _Read, result: Rewrite) -> Outcome[Product]:
    item, messages = read.item, []
    if item.path is None and not read.text.strip():
        messages.append(Message("warning", "standard input is empty", Place(item.name)))
    try:
        product = job.produce(Reading(item, read.data, read.encoding, result))
    except RetouchError as error:
        return _refuse(item, read.text, error)
    changed = [document for document in result.documents if document.changed]
    return Outcome(
        item,
        (*messages, *result.warnings),
        documents=len(result.documents) + result.unread,
        unread=result.unread,
        rewritten=len(changed),
        rules=frozenset(rule for edit in result.edits for rule in edit.rules),
        matches=result.matches,
        suppressed=result.suppressed,
        product=product,
    )


def _fail(item: Input, text: str) -> Outcome[Any]:
    return Outcome(item, (Message("error", text, Place(item.name)),), failed=True)


def _refuse(item: Input, text: str, error: RetouchError) -> Outcome[Any]:
    if not (isinstance(error, InputError) and "{{" in text and _is_unreadable(text)):
        return Outcome(item, error.messages, failed=True)
    first = error.messages[0]
    if item.folder is not None:
        detail = f"{first.place}: skipped: this looks like a Helm template; as YAML it fails: {first.text}"
        return Outcome(item, template=True, detail=detail)
    return Outcome(item, (say_template(first),), failed=True)


def say_template(first: Message) -> Message:
    """What to say of a text that fails as YAML, as the message `first` says, and looks as if Helm were to render it."""
    sentence = f"this looks like a Helm template; render it first (`helm template`); as YAML it fails: {first.text}"
    return Message("error", sentence, first.place)


def _is_unreadable(text: str) -> bool:
    try:
        read(text)
    except InputError:
        return True
    return False
