"""Finds what became of every entry of a collection: kept, dropped, or new, in the order of the text."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from ..dataclass import dataclass
from ..node import MAPPING, SCALAR, SEQUENCE, Node, plain
from ..value import Value, equal, identity

if TYPE_CHECKING:
    from .merge import Merge

_MAX_COMPARED = 4_000_000  # item pairs; beyond that, lists are paired by position


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of the text as it was (`old`), and what stands there now (`new`, under `key`); or a new entry.

    `old` alone is dropped, `new` alone is added at this place, both together stay. `key` is that of a new
    member, and the new one of a member that was renamed.
    """

    old: Node | None
    new: Node | None
    key: str | None = None


def original(node: Node) -> tuple[int, Value]:
    """Kind and content of a node as the text has it, whatever rules did since."""
    return node.before or (node.kind, node.value)


def original_plain(node: Node) -> Value:
    """The data of a node as the text has it. Linear in its size."""
    kind, content = node.before or (node.kind, node.value)
    if kind == MAPPING:
        return {
            key: original_plain(child) if child.kind or child.before else child.value for key, child in content.items()
        }
    if kind == SEQUENCE:
        return [original_plain(child) if child.kind or child.before else child.value for child in content]
    return content


def entries_of(node: Node) -> list[Node]:
    """All that stands in the text of a collection, in the order of the text: also what is no member of it."""
    kind, content = original(node)
    entries = [child for child in (content.values() if kind == MAPPING else content) if child.start >= 0]
    if node.opaque:
        entries = sorted(entries + node.opaque, key=lambda child: child.key_start)
    return entries


def walk_text(node: Node) -> Iterator[Node]:
    """`node` and all that stood below it in the text, in no particular order."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        if original(current)[0] != SCALAR:
            stack.extend(entries_of(current))


def last_child(node: Node) -> Node | None:
    """The child of a collection that stands last in its text."""
    return max(entries_of(node), key=lambda child: child.end, default=None)


def deepest_last(node: Node) -> Node:
    """The node below `node`, or itself, whose text ends last, as the text has it."""
    while original(node)[0] != SCALAR:
        last = last_child(node)
        if last is None:
            break
        node = last
    return node


def same(old: Node, new: Node) -> bool:
    """Whether `new` says what the text of `old` says."""
    return equal(original_plain(old), plain(new))


def pair_members(old: Node, new: Node, merge: Merge | None = None) -> list[Step]:
    """The steps that lead from the members of `old`'s text to those of `new`; new ones stand last.

    A member is the same if its node is, else if its key is. Entries that are no members stay; members without a
    place in the text, which `<<` brings, have no step: but for what `merge` says of both. Linear.
    """
    members: dict[str, Node] = original(old)[1]
    keys = {child: key for key, child in members.items()}
    names = {child: key for key, child in new.value.items()}
    taken: set[str] = set()
    steps: list[Step] = []
    for child in entries_of(old):
        key = keys.get(child)
        name = names.get(child)
        partner = new.value.get(key) if key is not None else None
        if key is None and merge is not None and child in merge.drop:
            steps.append(Step(child, None))
            if child is merge.expanded:
                steps.extend(Step(None, new.value[written], written) for written in merge.write)
        elif key is None:
            steps.append(Step(child, child))
        elif name is not None:
            steps.append(Step(child, child, None if name == key else name))
            taken.add(name)
        elif partner is not None and partner.start < 0:
            steps.append(Step(child, partner))
            taken.add(key)
        else:
            steps.append(Step(child, None))
    if merge is None:
        fresh = [key for key, child in new.value.items() if key not in taken and members.get(key) is not child]
    else:
        fresh = [] if merge.expanded is not None else list(merge.write)
    steps.extend(Step(None, new.value[key], key) for key in fresh)
    return steps


def pair_items(old: Node, new: Node) -> list[Step]:
    """The steps that lead from the items of `old`'s text to those of `new`, in order.

    The same nodes stay where their order allows; between them equal items stay (longest common subsequence).
    Where no node stays the list was replaced as a whole: then items of one name are taken for the same one, what is
    left is paired in order, and an item that only has another place is moved. Linear but for what was replaced.
    """
    items: list[Node] = [child for child in original(old)[1] if child.start >= 0]

    steps: list[Step] = []
    position = after = 0
    staying = _anchors(items, new.value)
    for index, place in staying:
        steps.extend(_fill(items[position:index], new.value[after:place], replaced=False))
        steps.append(Step(items[index], items[index]))
        position, after = index + 1, place + 1
    steps.extend(_fill(items[position:], new.value[after:], replaced=not staying))
    return steps if staying else _take_along(steps)


def _take_along(steps: list[Step]) -> list[Step]:
    """`steps`, in which a new item that is equal to a dropped one is that one, so that it comes with its text.

    One that has its name only takes over what it can: comments, quotes, and the text of members that are equal.
    """
    dropped = [step.old for step in steps if step.old is not None and step.new is None]
    gone = {identity(original_plain(child)): child for child in dropped if _is_as_written(child)}
    named = {_name(original(child), -1 - number): child for number, child in enumerate(dropped)}
    taken: list[Step] = []
    for number, step in enumerate(steps):
        new = step.new if step.old is None else None
        if new is not None and new.start < 0:
            equal_one = gone.pop(identity(plain(new)), None) if gone else None
            like = named.pop(_name((new.kind, new.value), number), None)
            taken.append(step if equal_one is None else Step(None, equal_one))
            if equal_one is None and like is not None:
                _follow(like, new)
        else:
            taken.append(step)
    return taken


def _follow(old: Node, new: Node) -> None:
    """Makes `new` a copy of `old` with changes, and so what is in it."""
    kind, content = original(old)
    if kind != new.kind or new.start >= 0:
        return
    new.origin, new.style, new.flow = old, old.style, old.flow
    if kind == MAPPING:
        for key, child in new.value.items():
            if key in content:
                _follow(content[key], child)


def _is_as_written(node: Node) -> bool:
    """Whether the text of `node` is all there is to it, and can stand elsewhere."""
    return not any(
        one.before or one.opaque or one.merges or one.tag or one.anchor or one.alias for one in walk_text(node)
    )


def _anchors(items: list[Node], finals: list[Node]) -> list[tuple[int, int]]:
    """Pairs (place before, place now) of the nodes that are in both lists and in the same order."""
    places = {child: place for place, child in enumerate(finals)}
    common = [(index, places[child]) for index, child in enumerate(items) if child in places]
    if all(left[1] < right[1] for left, right in pairwise(common)):
        return common
    return longest_rising(common)


def longest_rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """As many of the pairs, whose first numbers rise, as have rising second numbers too. n log n."""
    tails: list[int] = []  # for each length, the smallest last place of a rising run that long
    ends: list[int] = []
    links: list[int | None] = []
    for number, (_index, place) in enumerate(pairs):
        length = bisect_left(tails, place)
        if length == len(tails):
            tails.append(place)
            ends.append(number)
        else:
            tails[length], ends[length] = place, number
        links.append(ends[length - 1] if length else None)
    run: list[tuple[int, int]] = []
    current = ends[-1] if ends else None
    while current is not None:
        run.append(pairs[current])
        current = links[current]
    return run[::-1]


def _fill(olds: list[Node], news: list[Node], *, replaced: bool) -> list[Step]:
    """The steps from some items to others; only if they were `replaced` is a different item the same one, edited."""
    if not olds or not news:
        return _exchange(olds, news)
    pair = _pair_by_name if replaced else _exchange
    if len(olds) * len(news) > _MAX_COMPARED:
        return _pair_in_order(olds, news) if replaced else pair(olds, news)
    left = [identity(original_plain(child)) for child in olds]
    right = [identity(plain(child)) for child in news]
    return _pair_equal(olds, news, left, right, pair)


def _exchange(olds: list[Node], news: list[Node]) -> list[Step]:
    return [*(Step(child, None) for child in olds), *(Step(None, child) for child in news)]


def _pair_by_name(olds: list[Node], news: list[Node]) -> list[Step]:
    left = [_name(original(child), number) for number, child in enumerate(olds)]
    right = [_name((child.kind, child.value), -1 - number) for number, child in enumerate(news)]
    return _pair_equal(olds, news, left, right, _pair_in_order)


def _name(content: tuple[int, Value], otherwise: int) -> Hashable:
    """What an item is known by: its `name`; a number of its own if it has none."""
    kind, members = content
    name = members.get("name") if kind == MAPPING else None
    return identity(original_plain(name)) if name is not None else (otherwise,)


def _pair_equal(
    olds: list[Node],
    news: list[Node],
    left: list[Hashable],
    right: list[Hashable],
    between: Callable[[list[Node], list[Node]], list[Step]],
) -> list[Step]:
    """Pairs the longest common subsequence of what the items are known by; `between` pairs the gaps."""
    from difflib import SequenceMatcher  # slow to import, and few runs change how many items there are

    steps: list[Step] = []
    position = after = 0
    for block in SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks():
        steps.extend(between(olds[position : block.a], news[after : block.b]))
        pairs = zip(olds[block.a : block.a + block.size], news[block.b : block.b + block.size], strict=True)
        steps.extend(Step(was, now) for was, now in pairs)
        position, after = block.a + block.size, block.b + block.size
    return steps


def _pair_in_order(olds: list[Node], news: list[Node]) -> list[Step]:
    """Replaced items; what is moved here from elsewhere (it has its own text) is never taken for a replacement."""
    waiting = iter(olds)
    steps = [Step(next(waiting, None) if child.start < 0 else None, child) for child in news]
    return [*steps, *(Step(child, None) for child in waiting)]
