"""Finds what has a name and no use: captures, values, parameters, functions, fragments of paths, tables, columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ..evaluation.verb import VERBS
from ..expressions.expression import Expression
from ..fact import PREFIX
from ..node import walk
from ..rule import Action, Capture
from .check import define, finding
from .use import find_all, names_used

if TYPE_CHECKING:
    from ..error import Message
    from ..expressions.scope import Shape
    from ..rule import Derivation, FactTable, Rule
    from ..rulefile.entry import Entry
    from .subject import Subject

MARK = "_"
"""What the name of a capture begins with that is there only to narrow, or to multiply."""

_FRAGMENT = re.compile(r"\.<([^<>=]*)>")


@define("unused-capture")
def find_captures(subject: Subject) -> Iterator[Message]:
    """Captures that nothing looks at; those whose name begins with `_` are only there to be found."""
    for rule in subject.rule_set.rules:
        yield from _captures(rule.captures, names_used(rule), implied=_is_told(rule.actions, rule.captures))
        for action in rule.actions:
            yield from _captures(action.each, names_used(action), implied=_is_told((action,), action.each))
    for table in subject.rule_set.facts:
        yield from _captures(table.shared.captures, names_used(table), implied=_tells(table.derivations))
        for each in table.derivations:
            known = names_used((each, table.shared))
            yield from _captures(each.captures, known, implied=_tells((each,)))


def _captures(captures: Sequence[Capture], names: frozenset[str], *, implied: bool) -> Iterator[Message]:
    """Those of the captures that are not among `names`; the last place is used if it is `implied` by a message."""
    last = next((each for each in reversed(captures) if each.items is None), None) if implied else None
    for each in captures:
        if each.name not in names and each is not last and not each.name.startswith(MARK):
            hint = f"call it `{MARK}{each.name}` if it is there only to narrow or to multiply, else remove it"
            yield finding(f"nothing uses the capture `{each.name}`; {hint}", each.place)


def _is_told(actions: Sequence[Action], captures: Sequence[Capture]) -> bool:
    """Whether one of the actions is a message about the last capture."""
    return bool(captures) and any(
        VERBS[each.verb].message and "node" not in each.arguments and not (each.each and captures is not each.each)
        for each in actions
    )


def _tells(derivations: Sequence[Derivation]) -> bool:
    return any(each.severity is not None and each.node is None for each in derivations)


@define("unused-let")
def find_lets(subject: Subject) -> Iterator[Message]:
    """Values that nothing looks at."""
    for let in subject.rule_set.lets:
        if let.name not in subject.names:
            yield finding(f"nothing uses the value `{let.name}`; remove it", let.place)
    owners: list[Rule | Derivation] = [*subject.rule_set.rules]
    owners += [each for table in subject.rule_set.facts for each in table.derivations]
    for owner in owners:
        names = names_used(owner)
        yield from (
            finding(f"nothing uses the value `{let.name}`; remove it", let.place)
            for let in owner.lets
            if let.name not in names
        )
    for table in subject.rule_set.facts:
        names = names_used(table)
        for let in table.shared.lets:
            if let.name not in names:
                yield finding(f"nothing uses the value `{let.name}`; remove it", let.place)


@define("unused-param")
def find_params(subject: Subject) -> Iterator[Message]:
    """Parameters that no expression reads."""
    for entry in subject.own("params"):
        if not subject.uses.every_parameter and entry.name not in subject.uses.parameters:
            yield finding(f"no expression reads the parameter `params.{entry.name}`; remove it", entry.place)


@define("unused-function")
def find_functions(subject: Subject) -> Iterator[Message]:
    """Functions that no expression calls, and arguments that they do not look at."""
    for entry in subject.own("functions"):
        if entry.name not in subject.uses.functions:
            yield finding(f"no expression calls the function `{entry.name}`; remove it", entry.place)


@define("unused-fragment")
def find_fragments(subject: Subject) -> Iterator[Message]:
    """Fragments of paths that no path names."""
    used = {
        name
        for piece in subject.whole.all_pieces()
        for node in walk(piece.form.document.root)
        if isinstance(node.value, str)
        for name in _FRAGMENT.findall(node.value)
    }
    for entry in subject.own("define"):
        if entry.name not in used:
            yield finding(f"no path uses the fragment `<{entry.name}>`; remove it", entry.place)


@define("unused-table")
def find_tables(subject: Subject) -> Iterator[Message]:
    """Tables that no rule and no other table reads, and that refuse and report nothing either."""
    readers: Mapping[str, set[str]] = {table.name: set() for table in subject.rule_set.facts}
    for table in subject.rule_set.facts:
        for name in table.needs - {table.name}:
            readers[name].add(table.name)
    used = _tables_in(subject.rule_set.rules) | _tables_in(subject.rule_set.lets)
    for table in subject.rule_set.facts:
        speaks = any(each.severity is not None for each in table.derivations)
        if not (readers[table.name] or table.name in used or speaks):
            yield finding(f"nothing reads the table `{table.name}`; remove it", table.place)


def _tables_in(value: object) -> set[str]:
    named = {name.removeprefix(PREFIX) for name in names_used(value) if name.startswith(PREFIX)}
    return named | {each.table for each in find_all(value, Capture) if each.table}


@define("unused-column")
def find_columns(subject: Subject) -> Iterator[Message]:
    """Columns of tables that nothing reads, where they do not tell rows apart either, and hold no place."""
    if subject.uses.takes_whole_rows:
        return
    grouped = {each.pairs for each in subject.rule_set.facts} | {each.vertices for each in subject.rule_set.facts}
    shown = {name for value in _values(subject) for name in value.tables}
    for table, entry in subject.tables:
        if "id" not in table.columns or table.pairs or table.name in grouped | shown:
            continue
        yield from _columns(subject, table, entry)


def _columns(subject: Subject, table: FactTable, entry: Entry) -> Iterator[Message]:
    seen = {"id"}
    for each in (table.shared, *table.derivations):
        for column in each.columns:
            if column.name not in subject.uses.words | seen and not _is_place(table, column.name):
                seen.add(column.name)
                text = f"nothing reads the column `{column.name}` of the table `{entry.name}`; remove it"
                yield finding(text, column.place)


def _is_place(table: FactTable, name: str) -> bool:
    """Whether a column holds a capture in some rows: messages about these show it."""
    sources = (each for derivation in (table.shared, *table.derivations) for each in derivation.columns)
    return any(each.name == name and each.source is not None for each in sources)


def _values(subject: Subject) -> Iterator[Shape]:
    """The shapes of rows that rules write into documents as they are."""
    for action in find_all(subject.rule_set.rules, Action):
        for each in find_all(tuple(action.arguments.values()), Expression):
            if each.shape is not None:
                yield each.shape
