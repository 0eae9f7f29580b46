"""Runs rules over texts to tell why each of them did what it did; nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from ..evaluation.evaluate import evaluate_all
from ..reading.document import Document, read
from ..rewriter import rewrite_together
from ..stack import on_whole_stack
from .line import Line, LineAccount, explain_line
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

    Those that are not meant run and are run over too, as others may see what came of it. Raises `InputError` for a
    text that cannot be read; what a rule fails of is part of the account. Cost is that of `rewrite_all`, and of looking
    at each condition again.
    """
    sets = tuple(rule_sets)
    recorder = Recorder(sets, is_rule)
    read_texts = (read(text, file) for file, text in texts)
    runs = [list(chain.from_iterable(read_texts))] if any(each.needs_run for each in sets) else read_texts
    for documents in runs:
        recorder.finish(evaluate_all(documents, sets, recorder))
    recorder.account.limit(lambda tree: is_document(tree.document))
    return recorder.account


def explain_lines(
    texts: Sequence[tuple[str, str]],
    rule_sets: Iterable[RuleSet],
    lines: Iterable[Line],
    *,
    is_rule: Callable[[RuleSet, Rule], bool] = lambda _set, _rule: True,
) -> list[LineAccount]:
    """Who changed each of `lines`, or who looked there; lines of files that are not among `texts` are left out.

    Of rules that are not meant nothing is told but their names. Raises `InputError` for a text that cannot be read.
    """
    sets = tuple(rule_sets)
    account = explain_rules(texts, sets, is_rule=is_rule)
    asked = [line for line in lines if any(file == line.file for file, _ in texts)]
    files = {line.file for line in asked}
    if any(each.needs_run for each in sets):
        made = dict(zip((file for file, _ in texts), rewrite_together(texts, sets), strict=True))
    else:
        made = {file: rewrite_together([(file, text)], sets)[0] for file, text in texts if file in files}
    found = []
    for line in asked:
        text = next(text for file, text in texts if file == line.file)
        found.append(explain_line(account, made[line.file], text, line))
    return found
