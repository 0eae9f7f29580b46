"""Which rule changed a line of a text, and why; or what the rules that looked there had against it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ..diff import Change, changes
from ..error import Message, Place, RetouchError
from ..node import Node, along, path_of, walk
from ..pointer import join, parse
from ..reading.document import Document, read_stream
from ..result import Rewrite

if TYPE_CHECKING:
    from ..evaluation.operation import Operation
    from ..evaluation.tree import Tree
    from .account import Account, Act, ActionAccount, Binding, CaptureAccount, Exclusion, Judgement, Look, RuleAccount

Side = Literal["-", "+"]
"""The text as it was, or as rules left it: as in a diff."""

_NEAREST = 3


@dataclass(frozen=True, slots=True)
class Cause:
    """An action that changed a line, for the combination that it was taken for."""

    rule: RuleAccount
    action: ActionAccount
    act: Act
    judgement: Judgement | None
    operations: tuple[tuple[Operation, Place], ...]


@dataclass(frozen=True, slots=True)
class Glance:
    """A rule that looked at what stands on a line, or above it, and left it alone.

    It has the combination that came nearest, or the capture that found nothing there, or why it did not see the
    document.
    """

    rule: RuleAccount
    look: Look | None = None
    judgement: Judgement | None = None
    capture: CaptureAccount | None = None
    exclusion: Exclusion | None = None
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file, by its number on one side of the diff."""

    file: str
    number: int
    side: Side = "-"


@dataclass(frozen=True, slots=True)
class LineAccount:
    """A line, and who changed it; else who looked there.

    `text` is the line (None: there is no such line). `rules` are the names behind its change, none where it follows
    from other changes, as with an anchor that an alias needs; `causes` is what is known of them. `other` is the number
    on the other side where only that one is changed. `errors` say why nothing of the file is written.
    """

    line: Line
    text: str | None
    changed: bool = False
    rules: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()
    glances: tuple[Glance, ...] = ()
    other: int | None = None
    errors: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class _Spot:
    """What begins on a line: its document, where its first and its last node begin in the text, and their pointers."""

    document: Document
    first: int
    last: int
    pointers: tuple[str, ...]


def explain_line(account: Account, result: Rewrite | RetouchError | None, text: str, line: Line) -> LineAccount:
    """Who changed a line of `text`, or of its `result` (none, where it is not written at all).

    `account` is of the same rules over the same texts. Linear in the text and in what the rules did.
    """
    file, number, side = line.file, line.number, line.side
    made = changes(text, result.edits) if isinstance(result, Rewrite) else []
    shown = result.text if side == "+" and isinstance(result, Rewrite) else text
    errors = result.messages if isinstance(result, RetouchError) else ()
    lines = shown.split("\n")
    written = lines[number - 1] if 0 < number <= len(lines) - (lines[-1] == "") else None
    spot = _find_spot(shown, file, number)
    change = _change_at(made, number, side)
    if change is None:
        other = number if side == "-" and _change_at(made, number, "+") is not None else None
        before = spot if side == "-" else _find_spot(text, file, _before(made, number))
        return LineAccount(line, written, glances=_nearest(account, before, file), other=other, errors=errors)
    causes = tuple(_causes(account, change, spot, file, side))
    return LineAccount(line, written, changed=True, rules=change.rules, causes=causes)


def _change_at(made: Sequence[Change], line: int, side: Side) -> Change | None:
    grown = 0
    for change in made:
        start, end = (change.start, change.end) if side == "-" else (change.start + grown, 0)
        if side == "+":
            end = start + len(change.lines)
            grown += len(change.lines) - (change.end - change.start)
        if start < line <= end:
            return change
    return None


def _before(made: Sequence[Change], number: int) -> int:
    """The number that an unchanged line of the result has in the text as it was."""
    grown = 0
    for change in made:
        if change.start + grown >= number:
            break
        grown += len(change.lines) - (change.end - change.start)
    return number - grown


def _find_spot(text: str, file: str, line: int) -> _Spot | None:
    """What begins on a line; None if that is nothing but comments and ends."""
    for chunk in read_stream(text, file):
        for document in chunk.documents:
            found: dict[int, Node] = {}
            for node in walk(document.root):
                for at in (node.start, node.key_start):
                    if at >= 0 and document.source.place(at).line == line:
                        found[at] = node
            if found:
                pointers = tuple(dict.fromkeys(join(path_of(node)) for node in found.values()))
                return _Spot(document, min(found), max(found), pointers)
    return None


def _causes(account: Account, change: Change, spot: _Spot | None, file: str, side: Side) -> list[Cause]:
    """The actions that came nearest to a place; where none did, all of the rules that are behind the change."""
    tree = next((each for each in account.trees() if _is_at(each, spot, file)), None)
    chains = (
        [along(tree.root, parse(each)) for each in spot.pointers] if side == "+" and spot is not None and tree else None
    )
    ranked: list[tuple[int, Cause]] = []
    for rule in account.rules():
        for home, look in rule.looks.items() if not change.rules or rule.name in change.rules else ():
            for action in look.actions.values():
                for act in action.changed:
                    near = spot is None or home is tree
                    nodes = [node for node in act.touched if near or (tree is not None and tree.alive(node))]
                    rank = _rank(nodes, spot, chains)
                    if rank is not None:
                        ranked.append((rank, _cause(rule, look, action, act, spot)))
    best = min((rank for rank, _ in ranked), default=0)
    return [cause for rank, cause in ranked if rank == best]


def _is_at(tree: Tree | None, spot: _Spot | None, file: str) -> bool:
    """Whether a tree is that of the document in which a place is."""
    if tree is None or tree.document.file != file:
        return False
    return spot is None or (tree.document.index, tree.document.item) == (spot.document.index, spot.document.item)


def _rank(touched: Sequence[Node], spot: _Spot | None, chains: Sequence[list[Node]] | None) -> int | None:
    """How near what an action changed is to a place, the least being nearest; None if it changed nothing there."""
    if not touched:
        return None
    far = 1 << 60
    if spot is None:
        return far
    if chains is not None:
        depths = [len(chain) - chain.index(node) for chain in chains for node in touched if node in chain]
        return min(depths, default=far)
    sizes = [node.end - node.start for node in touched if _begin(node) <= spot.last and node.end >= spot.first]
    return min(sizes, default=far)


def _begin(node: Node) -> int:
    """Where a node of the text begins, with its key; behind everything for a new one."""
    starts = [at for at in (node.key_start, node.start) if at >= 0]
    return min(starts) if starts else 1 << 60


def _cause(rule: RuleAccount, look: Look, action: ActionAccount, act: Act, spot: _Spot | None) -> Cause:
    judgement = next((each for each in look.judgements if each.held and _are_of(each.bindings, act.bindings)), None)
    pointers = spot.pointers if spot is not None else ()
    operations = tuple(each for each in look.operations if any(_covers(each[0].path, one) for one in pointers))
    return Cause(rule, action, act, judgement, operations)


def _are_of(some: Sequence[Binding], bindings: Sequence[Binding]) -> bool:
    """Whether the first of `bindings` stand for what `some` do: nodes by identity, all else by its text."""
    return len(some) <= len(bindings) and all(
        one.name == other.name and (one.node is other.node if one.node is not None else one.value == other.value)
        for one, other in zip(some, bindings, strict=False)
    )


def _covers(path: str, pointer: str) -> bool:
    if path.endswith("/-"):
        return pointer.startswith(path[:-1])
    return pointer == path or pointer.startswith(f"{path}/") or path.startswith(f"{pointer}/")


def _nearest(account: Account, spot: _Spot | None, file: str) -> tuple[Glance, ...]:
    """The rules that came nearest to a place, nearest first."""
    if spot is None:
        return ()
    found = [glance for rule in account.rules() for glance in _glances(account, rule, spot, file)]
    found.sort(key=lambda each: -each.depth)
    near = [each for each in found if each.depth > 0]
    return tuple((near or found)[:_NEAREST])


def _glances(account: Account, rule: RuleAccount, spot: _Spot, file: str) -> Iterator[Glance]:
    look = next((each for tree, each in rule.looks.items() if _is_at(tree, spot, file)), None)
    if look is not None:
        judged = [(_depth((bound.node for bound in each.bindings), spot), each) for each in look.judgements]
        depth, best = max(judged, key=lambda each: each[0], default=(0, None))
        stuck = next((each for each in look.captures.values() if not each.found), None)
        if best is not None and depth:
            yield Glance(rule, look, best, depth=depth)
        elif stuck is not None:
            missed = (node for miss in stuck.misses.values() for node in miss.nodes)
            yield Glance(rule, look, capture=stuck, depth=_depth(missed, spot))
        elif best is not None and not best.bindings and not best.held:
            yield Glance(rule, look, best)
        return
    kept = [*rule.excluded, *(one for each in account.sets if each.rule_set is rule.rule_set for one in each.excluded)]
    exclusion = next((each for each in kept if _is_at(each.tree, spot, file)), None)
    if exclusion is not None:
        yield Glance(rule, exclusion=exclusion, depth=-1)


def _depth(nodes: Iterable[Node | None], spot: _Spot) -> int:
    """The depth of the deepest of `nodes` that stands at a place or around it, from 1; 0 if none does."""
    around = [node for node in nodes if node is not None and _begin(node) <= spot.last <= node.end]
    return max((_height(node) for node in around), default=0)


def _height(node: Node) -> int:
    height = 1
    while node.parent is not None:
        node, height = node.parent, height + 1
    return height
