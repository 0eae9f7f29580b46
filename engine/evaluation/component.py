"""Connected components: which values belong together because pairs join them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import TypeVar

Value = TypeVar("Value", bound=Hashable)


def components(vertices: Iterable[Value], pairs: Iterable[tuple[Value, Value]]) -> Iterator[list[Value]]:
    """The groups of `vertices` and of what stands in `pairs`, in the order of their first members.

    Near-linear: union by size with path halving (Tarjan and van Leeuwen, 1984).
    """
    parents: dict[Value, Value] = {vertex: vertex for vertex in vertices}
    sizes: dict[Value, int] = {}

    def find(value: Value) -> Value:
        parents.setdefault(value, value)
        while parents[value] != value:
            parents[value] = parents[parents[value]]
            value = parents[value]
        return value

    for left, right in pairs:
        one, other = find(left), find(right)
        if one == other:
            continue
        if sizes.get(one, 1) < sizes.get(other, 1):
            one, other = other, one
        parents[other] = one
        sizes[one] = sizes.get(one, 1) + sizes.get(other, 1)
    groups: dict[Value, list[Value]] = {}
    for value in parents:
        groups.setdefault(find(value), []).append(value)
    yield from groups.values()
