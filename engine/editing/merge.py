"""Decides what becomes of a mapping that merges others in with `<<`: which entries it needs to say what it must."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..dataclass import dataclass
from ..node import Node, plain
from ..reading.reference import merge_entries
from ..value import Value, equal
from .pairing import Step


@dataclass(frozen=True, slots=True)
class Merge:
    """What changes in a mapping with a `<<`.

    `drop` are entries of its text that go, `write` the names of members that have no entry and get one: at the end,
    where they override what `<<` brings, or in the place of the `<<` itself if that is `expanded`.
    """

    drop: frozenset[Node] = frozenset()
    write: tuple[str, ...] = ()
    expanded: Node | None = None


def plan_merge(
    mapping: Node,
    partner: Node,
    steps: Sequence[Step],
    brought: Mapping[str, Value] | None,
    text: str,
    *,
    kubernetes: bool,
) -> Merge:
    """What makes the text of `mapping` say what `partner` holds, if its `<<` brings `brought` (None: is no more).

    `steps` lead from one to the other. To kubectl the later of `<<` and a key wins, to others the key. Linear.
    """
    merges = merge_entries(text, mapping)
    matched = {step.new: step.old for step in steps if step.old is not None and step.new is not None}
    unwritten = {name: child for name, child in partner.value.items() if child not in matched}
    own = {name: matched[child] for name, child in partner.value.items() if child in matched}
    dead = [child for child in mapping.opaque or () if child.key is not None]  # a `<<` behind them wins
    if brought is None or _must_expand(partner, own, brought, merges[0].key_start if kubernetes else -1):
        return Merge(frozenset([*merges, *dead]), tuple(unwritten), merges[0])
    write = [name for name, child in unwritten.items() if name not in brought or not equal(brought[name], plain(child))]
    revived = [child for child in dead if child.key in write or child.key not in brought]
    return Merge(frozenset(revived), tuple(write))


def _must_expand(partner: Node, own: Mapping[str, Node], brought: Mapping[str, Value], merged_at: int) -> bool:
    """Whether `<<` brings what the mapping must not hold: a member too many, or one that wins over an earlier entry."""
    for name, value in brought.items():
        if name not in partner.value:
            return True
        if name in own and own[name].key_start < merged_at and not equal(value, plain(partner.value[name])):
            return True
    return False
