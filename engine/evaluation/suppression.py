"""Keeps rules away from the nodes that comments in the document name: `# retouch: ignore[rule-id] reason`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from ..dataclass import dataclass
from ..error import Message, in_order
from ..expressions.operand import text_of
from ..fact import nodes_in
from ..node import MAPPING, SEQUENCE, Node, along
from ..pointer import parse
from ..rule import Target
from ..suggest import suggest
from .item_index import key_of
from .target import first_node
from .tree import same

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

    So are those that its value names inside of a target. Raises what evaluating a target or a value raises.
    """
    for target in (action.target, action.arguments.get("to")):
        for node, is_there in _reached(target, frame, home) if isinstance(target, Target) else ():
            yield node
            if is_there and target is action.target and action.verb in ("merge", "upsert"):
                yield from _named(action, node, frame)
    path = action.arguments.get("node")
    if path is not None:
        yield from (node for node, _ in _reached(Target(path), frame, home))


def _named(action: Action, node: Node, frame: Frame) -> Iterator[Node]:
    """The members that `merge` changes in `node`, or the items that `upsert` does."""
    new = action.arguments["value"].build(frame)
    if not isinstance(new, Node):
        return
    if action.verb == "merge":
        yield from _overlaid(node, new)
        return
    way = action.arguments.get("onConflict")
    fields = tuple(action.arguments.get("key") or ("name",))
    known = key_of(new, fields)
    for item in node.value if node.kind == SEQUENCE and known is not None and way != "keep" else ():
        if key_of(item, fields) == known:
            yield from _overlaid(item, new) if way == "merge" else () if same(item, new) else (item,)


def _overlaid(node: Node, new: Node) -> Iterator[Node]:
    """What of `node` changes when the mapping `new` is merged into it."""
    if node.kind == MAPPING and new.kind == MAPPING:
        for key, child in new.value.items():
            if key in node.value:
                yield from _overlaid(node.value[key], child)
    elif not same(node, new):
        yield node


def _reached(target: Target, frame: Frame, home: Tree) -> Iterator[tuple[Node, bool]]:
    """The nodes that a target is, or how far the way to it goes; and whether that is all the way."""
    if target.pointer is not None:
        pointer = text_of(target.pointer.render(frame))
        with suppress(ValueError):  # of a pointer that is wrong, the action says so
            parts = parse(pointer)
            nodes = along(home.root, parts)
            yield nodes[-1], len(nodes) > len(parts)
    if target.path is None:
        return
    start = home.root if target.path.start == "$" else first_node(frame, target.path)
    found, missing = target.path.reach(start, home.root) if isinstance(start, Node) else ([], ())
    for node in found:
        if target.key is None:
            yield node, not missing
            continue
        key = text_of(target.key.render(frame))
        is_there = not missing and node.kind == MAPPING and key in node.value
        yield (node.value[key] if is_there else node), is_there
