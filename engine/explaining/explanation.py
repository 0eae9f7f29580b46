"""Runs rules over texts to tell why each of them did what it did; nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from ..evaluation.evaluate import evaluate_all
from ..reading.document import Document, read
from ..stack import on_whole_stack
from .recorder import Recorder

if TYPE_CHECKING:
    from ..rule import Rule, RuleSet
    from .account import Account


@on_whole_stack
def explain_rules(
    texts: Iterable[tuple[str | None, str]],
    rule_sets: Iterable[RuleSet],
    *,
    is_rule: Callable[[RuleSet, Rule], bool] = lambda _set, _rule: True,
    is_document: Callable[[Document], bool] = lambda _document: True,
) -> Account:
    """The account of what rules do to texts, each given as (file, text): of the rules and documents that are meant.

    Rules that are not meant run too, as later ones see what they did. Documents that are not meant are seen by the
    tables of the run only if there are such tables. Raises `InputError` for a text that cannot be read; what a rule
    fails of is part of the account. Cost is that of `rewrite_all`, and of looking at each condition again.
    """
    sets = tuple(rule_sets)
    recorder = Recorder(sets, is_rule)
    if any(each.needs_run for each in sets):
        documents = [document for file, text in texts for document in read(text, file)]
        recorder.finish(evaluate_all(documents, sets, recorder))
        return recorder.account
    for file, text in texts:
        documents = [document for document in read(text, file) if is_document(document)]
        recorder.finish(evaluate_all(documents, sets, recorder))
    return recorder.account
