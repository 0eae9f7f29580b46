"""Rewrites plain data by rules, and tells the patch that they make of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .error import Message, RefusedError
from .node import build, is_kubernetes, plain
from .passage import Outcome
from .reading.document import Document
from .rewriter import run_rules
from .rule import RuleSet
from .source import Source
from .stack import on_whole_stack
from .value import Value


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


def _run_object(obj: Value, rules: Iterable[RuleSet]) -> Outcome:
    root = build(obj)
    document = Document(root, Source("", None), 0, None, kubernetes=is_kubernetes(root), resource=None)
    outcome = run_rules(document, tuple(rules))
    if outcome.errors:
        raise RefusedError.of(outcome.errors)
    return outcome
