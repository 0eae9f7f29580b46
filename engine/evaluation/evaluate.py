"""Runs rule sets over documents, in order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..expressions.bound import run
from ..node import walk
from ..rule import RuleSet
from .evaluation import Evaluation
from .forest import Forest
from .rule_set_run import RuleSetRun
from .suppression import Suppressions
from .tree import Tree

if TYPE_CHECKING:
    from ..reading.document import Document
    from .watch import Watch


def evaluate(document: Document, rule_sets: Iterable[RuleSet]) -> Evaluation:
    """Run rule sets over a document, in order; its nodes are changed.

    Raises `RuleError` where a rule fails on the document.
    """
    (found,) = evaluate_all([document], rule_sets)
    if found.error is not None:
        raise found.error
    return found


def evaluate_all(
    documents: Iterable[Document], rule_sets: Iterable[RuleSet], watch: Watch | None = None
) -> list[Evaluation]:
    """Run rule sets over the documents of a run, in order; their nodes are changed.

    A failure ends the evaluation of its document only, unless it is one of a table of the whole run. `watch` is told
    what happens.
    """
    found = [Evaluation(Tree(document)) for document in documents]
    forest = Forest(each.tree for each in found)
    at_work = tuple(rule_sets)
    evaluations = {each.tree: each for each in found}
    suppressions = {tree: Suppressions(tree.document.ignores) for tree in evaluations if tree.document.ignores}
    with run(lambda: _size(found), sum(rule_set.parts for rule_set in at_work)):
        for rule_set in at_work:
            RuleSetRun(rule_set, forest, evaluations, suppressions, watch).run()
    for tree, own in suppressions.items():
        if not evaluations[tree].ended:
            evaluations[tree].messages += own.messages(at_work)
    return found


def _size(evaluations: Iterable[Evaluation]) -> int:
    """The characters of the texts that documents stand in, or the nodes of those that have none."""
    documents = [each.tree.document for each in evaluations]
    texts = {id(each.source): len(each.source.text) for each in documents}
    return sum(texts.values()) or sum(1 for each in documents for _node in walk(each.root))
