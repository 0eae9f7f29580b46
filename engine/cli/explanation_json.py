"""Explanations as JSON, for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..explain import Location, RowReference

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..error import Message, Place
    from ..evaluation.operation import Operation
    from ..evaluation.tree import Tree
    from ..explain import DerivedTable, Origin
    from ..explaining.account import (
        Account,
        ActionAccount,
        Binding,
        CaptureAccount,
        Exclusion,
        Judgement,
        Look,
        RuleAccount,
        RuleSetAccount,
    )
    from ..explaining.line import Cause, Glance, LineAccount
    from ..explaining.trace import Clause
    from ..rule import Rule

Record = dict[str, Any]


def rules_as_json(account: Account) -> str:
    """What rules looked at and what came of it: an array with an object per rule."""
    records = []
    for each in account.sets:
        records += [_rule(each, rule) for rule in each.rules.values()]
        records += [_off(each, rule) for rule in each.off]
    return _written(records)


def lines_as_json(lines: Iterable[LineAccount]) -> str:
    """Who changed lines, and why: an array with an object per line."""
    return _written([_line(each) for each in lines])


def facts_as_json(tables: Iterable[DerivedTable]) -> str:
    """Tables of facts: an array with an object per table."""
    return _written([_table(each) for each in tables])


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n"


def _rule(rule_set: RuleSetAccount, account: RuleAccount) -> Record:
    return {
        "rule": account.name,
        "place": _place(account.rule.place),
        "enabled": True,
        "matches": sum(each.matched for each in account.looks.values()),
        "documents": [_look(each) for each in account.looks.values()],
        "excluded": [_exclusion(each) for each in (*rule_set.excluded, *account.excluded)],
        "facts": _messages(rule_set.messages),
    }


def _off(rule_set: RuleSetAccount, rule: Rule) -> Record:
    name = f"{rule_set.rule_set.name}/{rule.id}"
    return {
        "rule": name,
        "place": _place(rule.place),
        "enabled": False,
        "matches": 0,
        "documents": [],
        "excluded": [],
        "facts": [],
    }


def _look(look: Look) -> Record:
    return {
        **_document(look.tree),
        "captures": [_capture(each) for each in look.captures.values()],
        "combinations": [_judgement(each) for each in look.judgements],
        "actions": [_action(each) for each in look.actions.values()],
        "operations": [_operation(operation, place) for operation, place in look.operations],
        "messages": [_message(each) for each in (*look.messages, *look.errors)],
        "written": not look.kept,
    }


def _document(tree: Tree | None) -> Record:
    if tree is None:
        return {"file": None, "document": None, "item": None, "resource": None}
    resource = tree.document.resource
    named = resource and {
        "apiVersion": resource.apiVersion,
        "kind": resource.kind,
        "namespace": resource.namespace,
        "name": resource.name,
    }
    return {
        "file": tree.document.file,
        "document": tree.document.index,
        "item": tree.document.item,
        "resource": named,
    }


def _exclusion(exclusion: Exclusion) -> Record:
    unmet = [
        {
            "key": each.key,
            "wanted": list(each.wanted),
            "found": each.found,
            "place": _place(each.place),
            "hint": each.hint,
            "clauses": [_clause(clause) for clause in each.clauses],
        }
        for each in exclusion.unmet
    ]
    return {**_document(exclusion.tree), "unmet": unmet}


def _capture(account: CaptureAccount) -> Record:
    misses = [
        {"path": each.path, "step": each.step, "place": _place(each.place), "text": each.text}
        for each in (() if account.found else account.misses.values())
    ]
    return {
        "name": account.capture.name,
        "in": account.text,
        "found": account.found,
        "tried": account.tried,
        "misses": misses,
        "read": [str(each) for each in account.readings],
    }


def _judgement(judgement: Judgement) -> Record:
    return {
        "held": judgement.held,
        "ignored": None if judgement.ignored is None else _place(judgement.ignored),
        "captures": [_binding(each) for each in judgement.bindings],
        "clauses": [_clause(each) for each in judgement.clauses],
    }


def _binding(binding: Binding) -> Record:
    place = None if binding.place is None else _place(binding.place)
    pointer = None if binding.place is None else binding.pointer
    return {"name": binding.name, "value": binding.value, "pointer": pointer, "place": place}


def _clause(clause: Clause) -> Record:
    read = [{"text": each.text, "value": None if each.absent else each.value} for each in clause.readings]
    return {"text": clause.text, "outcome": clause.outcome, "read": read, "hint": clause.hint}


def _action(account: ActionAccount) -> Record:
    return {
        "verb": account.action.verb,
        "target": account.text,
        "place": _place(account.action.place),
        "taken": len(account.acts),
        "changed": len(account.changed),
        "withheld": [_judgement(each) for each in account.withheld],
    }


def _operation(operation: Operation, place: Place) -> Record:
    return {**operation.as_dict(), "place": _place(place)}


def _line(account: LineAccount) -> Record:
    line = account.line
    return {
        "file": line.file,
        "line": line.number,
        "side": line.side,
        "text": account.text,
        "changed": account.changed,
        "rules": list(account.rules),
        "causes": [_cause(each) for each in account.causes],
        "near": [_glance(each) for each in account.glances],
    }


def _cause(cause: Cause) -> Record:
    return {
        "rule": cause.rule.name,
        "place": _place(cause.rule.rule.place),
        "captures": [_binding(each) for each in cause.act.bindings],
        "clauses": [] if cause.judgement is None else [_clause(each) for each in cause.judgement.clauses],
        "action": {"verb": cause.action.action.verb, "place": _place(cause.action.action.place)},
        "operations": [_operation(operation, place) for operation, place in cause.operations],
    }


def _glance(glance: Glance) -> Record:
    return {
        "rule": glance.rule.name,
        "place": _place(glance.rule.rule.place),
        "combination": None if glance.judgement is None else _judgement(glance.judgement),
        "capture": None if glance.capture is None else _capture(glance.capture),
        "excluded": None if glance.exclusion is None else _exclusion(glance.exclusion),
    }


def _table(table: DerivedTable) -> Record:
    rows = [
        {
            "columns": {name: _origin(value) for name, value in row.columns.items()},
            "derivation": row.number,
            "place": _place(row.derivation),
            "captures": {name: _origin(value) for name, value in row.captures.items()},
        }
        for row in table.rows
    ]
    return {
        "ruleset": table.ruleset,
        "table": table.name,
        "columns": list(table.columns),
        "rows": rows,
        "messages": _messages(table.messages),
    }


def _origin(value: Origin) -> Any:
    if isinstance(value, Location):
        return {**_place(value.place), "document": value.document, "item": value.item, "pointer": value.pointer}
    if isinstance(value, RowReference):
        return {"table": value.table, "row": value.index}
    return [_origin(each) for each in value] if isinstance(value, list) else value


def _messages(messages: Sequence[Message]) -> list[Record]:
    return [_message(each) for each in messages]


def _message(message: Message) -> Record:
    return {"severity": message.severity, "text": message.text, "place": _place(message.place), "rule": message.rule}


def _place(place: Place) -> Record:
    return {"file": place.file, "line": place.line, "column": place.column}
