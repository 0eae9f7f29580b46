"""Finds actions that add an item to a list again on every run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ..expressions.expression import Expression
from ..expressions.scope import Frame
from ..jsonpath.path import Path
from ..jsonpath.selector import Descend, Filter, Name, Union
from ..rule import Capture
from ..suggest import listing
from .check import define, finding
from .text import has_word, texts_in
from .use import find_all, trees_in

if TYPE_CHECKING:
    from ..error import Message
    from ..rule import Action, Rule
    from .subject import Subject

_ADDING = frozenset({"append", "prepend", "insert", "add"})
_NEUTRAL = frozenset({*_ADDING, "upsert", "fail", "warn", "test", "comment"})


@define("repeated-item")
def find_repeated(subject: Subject) -> Iterator[Message]:
    """Actions that add to a list, where neither a condition nor another action looks to what is there already."""
    for rule, _ in subject.rules:
        for action in rule.actions:
            keys = _list_keys(rule, action)
            if keys and not _is_guarded(subject, rule, action, keys):
                hint = "put it in with `upsert`" if action.verb in {"append", "prepend"} else "say so in a `when`"
                if action.verb in {"append", "prepend"}:
                    hint += ", or say in a `when` that it is not there"
                text = f"`{action.verb}` adds its item again on every run, for nothing here looks at {listing(keys)}"
                yield finding(f"{text}: {hint}", action.place)


def _list_keys(rule: Rule, action: Action) -> list[str]:
    """The keys of the list that an action adds to; none if it adds to no list, or to one without a known key."""
    target = action.target
    if action.verb not in _ADDING or target is None or target.key is not None:
        return []
    if action.verb == "add":
        pointer = target.pointer
        steps = str(pointer.evaluate(Frame({}))).split("/") if pointer is not None and pointer.constant else [""]
        return [key for key in steps[-2:-1] if steps[-1] == "-" and not key.isdigit()]
    return sorted(_keys(target.path, (*rule.captures, *action.each))) if target.path is not None else []


def _keys(path: Path, captures: Iterable[Capture]) -> set[str]:
    """The last names on the way that a path goes; several if it starts at what several paths find."""
    for step in reversed(path.steps):
        if isinstance(step, Name):
            return {step.name}
        if isinstance(step, (Descend, Union)):
            return set()
    if path.column is not None:
        return set()
    start = next((each for each in captures if each.name == path.start), None)
    found = [_keys(each, captures) for each in start.paths] if start is not None else []
    return set().union(*found) if all(found) else set()


def _is_guarded(subject: Subject, rule: Rule, action: Action, keys: Iterable[str]) -> bool:
    conditions = list(_conditions(subject, rule, action))
    if any(has_word(text, *keys) for text in conditions):
        return True
    watched = [*conditions, *(path.text for each in rule.captures for path in each.paths)]
    for other in rule.actions:
        if other.verb in _NEUTRAL or other.target is None or other.target.path is None:
            continue
        changed = _keys(other.target.path, (*rule.captures, *other.each))
        if not other.target.path.steps or not changed or changed & set(keys):
            return True
        if any(has_word(text, *changed) for text in watched):
            return True
    return False


def _conditions(subject: Subject, rule: Rule, action: Action) -> Iterator[str]:
    """The texts that decide whether an action is taken: conditions, filters, values, tables and functions."""
    own = [rule.documents, rule.captures, rule.lets, rule.when, action.when, action.each]
    expressions = [each for part in own for each in find_all(part, Expression)]
    given = tuple(action.arguments.values())
    expressions += [each for each in find_all(given, Expression) if has_word(each.text, "omit")]
    yield from (each.text for each in expressions)
    for path in (path for part in own for path in find_all(part, Path)):
        yield from (step.text for step in trees_in(path.steps) if isinstance(step, Filter))
    entries = {entry.name: entry for entry in subject.whole.sections["facts"]}
    for name in _tables(subject, rule):
        yield from texts_in(entries[name].node)
    for entry in subject.whole.sections["functions"]:
        yield str(entry.node.value)


def _tables(subject: Subject, rule: Rule) -> set[str]:
    """The tables that a rule reads, and those that these read."""
    needs = {table.name: table.needs for table in subject.rule_set.facts}
    named = {name.removeprefix("facts.") for each in find_all(rule, Expression) for name in each.names}
    waiting = [name for name in needs if name in named]
    waiting += [each.table for each in rule.captures if each.table]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += needs[name]
    return found
