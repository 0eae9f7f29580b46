"""Rewrites a YAML stream by rules while it comes in, holding a document at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from .error import InputError
from .evaluation.requirement import find_requirement
from .expressions.bound import run
from .passage import Passage, rewrite_chunks
from .reading.document import Chunk, read_block
from .reading.split import split_blocks
from .rewriter import run_rules
from .rule import RuleSet


def rewrite_stream(
    blocks: Iterable[str],
    rules: Iterable[RuleSet],
    *,
    file: str | None = None,
    verify: bool = True,
    read_all: bool = True,
) -> Iterator[Passage]:
    """What becomes of each part of a text that comes in blocks, in order; it is no JSON, and begins no flow collection.

    Joined, the passages' texts are what `rewrite` gives, and their messages what it says, if there is no error among
    them: then nothing of it must be used. Rule sets with tables of the whole run cannot be used. What the blocks raise
    as an `InputError` is the last passage's error. Holds a block, and the document at hand.
    """
    rule_sets = tuple(rules)
    assert not any(rule_set.needs_run for rule_set in rule_sets)
    parts = sum(rule_set.parts for rule_set in rule_sets)
    required = None if read_all else find_requirement(rule_sets)

    def chunks() -> Iterator[Chunk]:
        position = (0, 1)
        for text in split_blocks(blocks):
            sought = required.sought(text) if required is not None else None
            with run(partial(len, text), parts):  # the rules' work is bounded block by block
                position = yield from read_block(text, file, position, sought=sought)

    try:
        yield from rewrite_chunks(chunks(), lambda document: run_rules(document, rule_sets), verify=verify)
    except RecursionError:
        raise InputError("this is nested deeper than Python's stack allows") from None
