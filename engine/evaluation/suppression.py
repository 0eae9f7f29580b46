"""Keeps rules away from the nodes that comments in the document name: `# retouch: ignore[rule-id] reason`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..error import Message, in_order
from ..expressions.operand import text_of
from ..fact import nodes_in
from ..node import MAPPING, Node, along
from ..pointer import parse
from ..rule import Target
from ..suggest import suggest
from .target import first_node

if TYPE_CHECKING:
    from ..expressions.scope import Frame
    from ..reading.ignore import Ignore
    from ..rule import Action, Rule, RuleSet
    from .forest import Forest
    from .tree import Tree


@dataclass(slots=True)
class _Entry:
    """A comment, and one of the rules it names; `used` once it has kept that rule away."""

    ignore: Ignore
    rule: str
    used: bool = False


class Suppressions:
    """The comments of one document, by rule and node. A look-up costs the depth of the node."""

    def __init__(self, ignores: Iterable[Ignore]) -> None:
        self._entries: dict[str, dict[Node, _Entry]] = {}
        self._problems: list[Message] = []
        for ignore in ignores:
            if ignore.problem:
                self._problems.append(Message("warning", ignore.problem, ignore.place))
            elif ignore.node is not None:
                for rule in ignore.rules:
                    self._entries.setdefault(rule, {})[ignore.node] = _Entry(ignore, rule)

    def find(self, rule: str, value: object, forest: Forest) -> Ignore | None:
        """The comment that keeps `rule` (`ruleset/id`) away from `value`: a node, or a row that holds nodes."""
        for name in (rule, rule.rpartition("/")[2]):
            entries = self._entries.get(name, {})
            for node in nodes_in(value) if entries else ():
                current: Node | None = node
                while current is not None:
                    if current in entries:
                        entries[current].used = True
                        return entries[current].ignore
                    current = forest.above(current)
        return None

    def messages(self, rule_sets: Iterable[RuleSet]) -> list[Message]:
        """A warning for every comment that is wrong, or that kept no rule of `rule_sets` away, in their order.

        Of a rule that is not among them nothing is said, unless one has nearly that name: others may run it. Nor is of
        one that is switched off.
        """
        at_work = tuple(rule_sets)
        known = _names((each.name, each.rules) for each in at_work)
        off = _names((each.name, each.off) for each in at_work).keys() - known
        entries = [entry for each in self._entries.values() for entry in each.values()]
        unused = (entry for entry in entries if not entry.used and entry.rule not in off)
        found = [(entry.ignore.place, _judge(entry, known)) for entry in unused]
        messages = [Message("warning", text, place) for place, text in found if text]
        return in_order([*self._problems, *messages])


def _names(rules: Iterable[tuple[str, Iterable[Rule]]]) -> dict[str, None]:
    """The names by which comments may call rules, each with the name of its rule set."""
    ids = [(name, rule.id) for name, each in rules for rule in each]
    return dict.fromkeys([*(f"{name}/{rule}" for name, rule in ids), *(rule for _, rule in ids)])


def _judge(entry: _Entry, known: Collection[str]) -> str:
    """What to say of a comment that kept its rule away from nothing."""
    if entry.rule in known:
        useless = f"this comment keeps nothing away: `{entry.rule}` would not do anything here; remove it"
        return "" if entry.ignore.shared else useless
    near = suggest(entry.rule, known)
    return f"this comment keeps nothing away: there is no rule `{entry.rule}`{near}" if near else ""


def reached(action: Action, frame: Frame, home: Tree) -> Iterator[Node]:
    """The nodes that an action acts on as things are: its targets, or how far the way to them goes.

    Raises what evaluating a target raises.
    """
    for target in (action.target, action.arguments.get("to")):
        if isinstance(target, Target):
            yield from _reached(target, frame, home)
    path = action.arguments.get("node")
    if path is not None:
        yield from _reached(Target(path), frame, home)


def _reached(target: Target, frame: Frame, home: Tree) -> Iterator[Node]:
    if target.pointer is not None:
        pointer = text_of(target.pointer.render(frame))
        with suppress(ValueError):  # of a pointer that is wrong, the action says so
            yield along(home.root, parse(pointer))[-1]
    if target.path is None:
        return
    start = home.root if target.path.start == "$" else first_node(frame, target.path)
    for node in target.path.reach(start, home.root)[0] if isinstance(start, Node) else ():
        key = text_of(target.key.render(frame)) if target.key is not None else None
        yield node.value[key] if key is not None and node.kind == MAPPING and key in node.value else node
