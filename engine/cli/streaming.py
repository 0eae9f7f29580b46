"""Rewrites a long standard input document by document; the result is held on the disk until all of it is there."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import contextmanager
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any

from ..dataclass import dataclass, field
from ..error import FileError, InputError, Message, Place, RetouchError
from ..rewriter import no_matches
from ..stream_rewriter import rewrite_stream
from .file import UTF_8, find_encoding, read_text
from .job import ByRules, Job, Outcome, perform, say_template, survive
from .rule_choice import load_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..passage import Passage
    from .find import Input

_BLOCK = 1 << 20  # bytes that are read at once; what is no longer is rewritten whole
_HELD = 8 << 20  # bytes of the result that are held in memory
_BUFFER = 1 << 18  # bytes that are written to the disk at once


@dataclass(slots=True)
class Stream:
    """The rewritten text, from its beginning, and by which rules it differs from the old one."""

    after: IO[bytes]
    edits: int = 0
    rules: dict[str, None] = field(default_factory=dict)


def perform_stream(job: Job[Any], item: Input) -> Outcome[Any]:
    """Do the job for standard input. What is short, JSON, or not in UTF-8 is read whole, and done as `perform` does."""
    head = _read(_BLOCK)
    if len(head) < _BLOCK or not isinstance(job.rewrite, ByRules) or not _is_simple(head):
        return perform(job, item, head + _read(-1))
    return survive(item, partial(_perform, job.rewrite, item, head))


def _read(size: int) -> bytes:
    with _read_errors():
        return sys.stdin.buffer.read(size)


def _read_line() -> bytes:
    with _read_errors():
        return sys.stdin.buffer.readline()


@contextmanager
def _read_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FileError(f"standard input cannot be read: {error.strerror}") from error


def _is_simple(head: bytes) -> bool:
    """Whether a stream begins as YAML in block style, in UTF-8."""
    encoding = find_encoding(head)
    return encoding.codec == UTF_8.codec and not head[len(encoding.mark) :].lstrip().startswith((b"{", b"["))


def _perform(rewrite: ByRules, item: Input, head: bytes) -> Outcome[Any]:
    try:
        return _rewrite(rewrite, item, head)
    except RetouchError as error:
        return Outcome(item, error.messages, failed=True)
    except OSError as error:  # reading has errors of its own
        text = f"the result cannot be held on the disk until it is done: {error.strerror}; nothing was written"
        return Outcome(item, (Message("error", text, Place(item.name)),), failed=True)


def _rewrite(rewrite: ByRules, item: Input, head: bytes) -> Outcome[Any]:
    mark = find_encoding(head).mark
    stream = Stream(SpooledTemporaryFile(_HELD, buffering=_BUFFER))  # noqa: SIM115 - it is handed on
    stream.after.write(mark)
    tally = _Counts()
    rule_sets = load_rules(rewrite.choice, item.name)
    passages = rewrite_stream(
        tally.look_at(_decode(head[len(mark) :], item.name)),
        rule_sets,
        file=item.name,
        verify=rewrite.verify,
        read_all=rewrite.read_all,
    )
    for passage in passages:
        tally.add(passage)
        if not tally.errors:
            stream.after.write(passage.text.encode())
            stream.edits += len(passage.edits)
            stream.rules.update(dict.fromkeys(rule for edit in passage.edits for rule in edit.rules))
    if tally.errors:
        return _fail(item, tally)
    stream.after.seek(0)
    return Outcome(
        item,
        tuple(tally.warnings),
        documents=tally.documents,
        unread=tally.unread,
        rewritten=tally.rewritten,
        rules=frozenset(stream.rules),
        matches={**no_matches(rule_sets), **tally.matches} if tally.documents else {},
        suppressed=tally.suppressed,
        product=stream,
    )


@dataclass(slots=True)
class _Counts:
    """What is to be said of a stream besides its text."""

    documents: int = 0
    unread: int = 0
    rewritten: int = 0
    matches: Counter[str] = field(default_factory=Counter)
    suppressed: Counter[str] = field(default_factory=Counter)
    warnings: list[Message] = field(default_factory=list)
    errors: list[Message] = field(default_factory=list)
    is_unreadable: bool = False
    may_be_template: bool = False

    def add(self, passage: Passage) -> None:
        self.documents += len(passage.documents) + passage.unread
        self.unread += passage.unread
        self.rewritten += sum(document.changed for document in passage.documents)
        self.matches.update(passage.matches)
        self.suppressed.update(passage.suppressed)
        self.warnings += passage.warnings
        if passage.errors and not self.errors:
            self.is_unreadable = issubclass(passage.kind, InputError)
        self.errors += passage.errors

    def look_at(self, blocks: Iterator[str]) -> Iterator[str]:
        """The blocks, each looked at before it is handed on."""
        for block in blocks:
            # a single character is found many times faster than two
            self.may_be_template = self.may_be_template or ("{" in block and "{{" in block)
            yield block


def _fail(item: Input, tally: _Counts) -> Outcome[Any]:
    if tally.is_unreadable and tally.may_be_template:
        return Outcome(item, (say_template(tally.errors[0]),), failed=True)
    return Outcome(item, tuple(tally.errors), failed=True)


def _decode(head: bytes, file: str) -> Iterator[str]:
    """The text on standard input, which begins with `head`, in blocks that end with a line. Raises InputError."""
    line, block = 1, head
    while block:
        if not block.endswith(b"\n"):
            block += _read_line()
        text = read_text(block, file, first_line=line)[0]
        line += text.count("\n")
        yield text
        block = _read(_BLOCK)
