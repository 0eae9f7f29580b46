"""Decides what becomes of anchors, aliases and merge keys, so that an edit changes its own place and no other.

Everything that one anchor stands for either ends with equal data, and is edited once where the anchor is, or the places
part: an alias whose data differs is written out, and an anchor whose text changes moves to the next alias that still
says what it said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..error import InputError, Message
from ..node import MAPPING, Node, below, plain
from ..reading.reference import References, is_merge, merge_entries, merge_sources
from ..source import Source
from ..suggest import listing
from ..value import Value, equal
from .merge import plan_merge
from .pairing import original, original_plain, walk_text
from .plan import Plan
from .trace import Pairing, Trace, follow


def plan_references(
    references: References,
    root: Node,
    source: Source,
    changed: Mapping[Node, Iterable[str]],
    pair: Pairing,
    *,
    kubernetes: bool,
) -> Plan:
    """The plan for one document whose rules have acted.

    Raises `InputError` where a key is what would have to change. Linear in the document, but for the size of what an
    anchor stands for, which is compared for each of its aliases.
    """
    planner = _Planner(references, follow(root, pair), source, _rules_above(changed))
    planner.decide()
    for mapping in references.merging:
        planner.merge(mapping, pair, kubernetes=kubernetes)
    planner.lead()
    return planner.plan


def _rules_above(changed: Mapping[Node, Iterable[str]]) -> dict[Node, dict[str, None]]:
    """The rules that changed something at or below each node."""
    found: dict[Node, dict[str, None]] = {}
    for node, rules in changed.items():
        current: Node | None = node
        while current is not None:
            found.setdefault(current, {}).update(dict.fromkeys(rules))
            current = current.parent
    return found


class _Planner:
    def __init__(
        self, references: References, trace: Trace, source: Source, rules: Mapping[Node, Mapping[str, None]]
    ) -> None:
        self.references = references
        self.trace = trace
        self.source = source
        self.rules = rules
        self.plan = Plan(twice=trace.twice)
        self.owners = references.owners()
        self.anchored = dict(references.aliases)
        self.repeated = references.repeated()
        self.merging = {
            alias: mapping
            for mapping in references.merging
            for entry in merge_entries(source.text, mapping)
            for alias in merge_sources(entry)
        }
        self.sources: dict[Node, Value] = {}  # what the aliases behind a `<<` stand for in the end

    def decide(self) -> None:
        """Decides for every anchor and all its aliases."""
        for node, name in self.references.anchors:
            if name in self.repeated and node in self.trace.regions and node not in self.owners:
                self.plan.loose.add(node)  # where it was moved, others of its name may be in use
        uses: dict[Node, list[Node]] = {}
        for alias, anchored in self.references.aliases:
            aliases = uses.setdefault(anchored, [])
            if self._stands(alias):
                aliases.append(alias)
        for anchored, aliases in uses.items():
            self._decide(anchored, aliases)
        for stray in self.trace.strays:
            self._place_stray(stray)

    def _decide(self, anchored: Node, aliases: list[Node]) -> None:
        region = self._region(anchored)
        apart = [alias for alias in aliases if self._region(alias) is not region]
        alone = not apart and anchored.anchor not in self.repeated
        present = self._stands(anchored) and (region is None or alone)
        if not present:
            region = None
            apart = [alias for alias in aliases if self._region(alias) is not None]
        near = [alias for alias in aliases if self._region(alias) is region]
        was = original_plain(anchored)
        kept = present and self._keep_anchor(anchored, near, was)
        if not kept:
            if self._stands(anchored) and anchored not in self.owners:
                self.plan.loose.add(anchored)
            self._move_anchor(anchored, near, was)
        for alias in apart:
            self._place_apart(alias, anchored)

    def _keep_anchor(self, anchored: Node, aliases: list[Node], was: Value) -> bool:
        """Leaves the anchor where it is, if that is right: what follows it is edited once, what differs parts."""
        now = was if anchored in self.owners else plain(self.trace.partners[anchored])
        if not equal(now, was):
            others = [alias for alias in aliases if not self._is_merged(alias) and not self._says(alias, now)]
            if any(alias in self.owners or self._says(alias, was) for alias in others):
                return False
        for alias in aliases:
            if self._is_merged(alias):
                self.sources[alias] = now
            elif self._says(alias, now):
                self.plan.kept.add(alias)
            else:
                self._part(alias)
        if any(alias not in self.plan.rewritten for alias in aliases):
            self.plan.staying.add(anchored)
        return True

    def _move_anchor(self, anchored: Node, aliases: list[Node], was: Value) -> None:
        """Gives the anchor to the first alias that still needs it, with a copy of what it stood for."""
        needing: list[Node] = []
        for alias in aliases:
            if self._says(alias, was) if self._can_hold(alias) else needing:
                needing.append(alias)
            else:
                self._part(alias)
        if not needing:
            return
        first, *others = needing
        if not others:
            self._part(first)
            return
        copy = self._copy(first)
        self.plan.rewritten.add(first)
        self.plan.anchors[copy] = anchored.anchor or ""
        self._warn(
            f"what `&{anchored.anchor}` stands for changes or goes, and {len(needing)} aliases still refer to it: the"
            " anchor moves here, with a copy of what it stood for",
            first,
        )
        for alias in needing:
            if self._is_merged(alias):
                self.sources[alias] = was
            elif alias is not first:
                self.plan.kept.add(alias)

    def _part(self, alias: Node, *, moved: bool = False) -> None:
        """Writes out what an alias stands for; behind a `<<` that is left to the mapping."""
        if alias in self.owners:
            self._part_key(alias)
        elif not self._is_merged(alias):
            self._copy(alias)
            self.plan.rewritten.add(alias)
            self._warn_parted(alias, moved=moved)

    def _warn_parted(self, alias: Node, *, moved: bool) -> None:
        now = alias if moved else self.trace.partners.get(alias, alias)
        if not equal(plain(now), original_plain(alias)):
            text = f"`*{alias.alias}` stands for text elsewhere: only this place changes, so it is written out here"
        elif moved:
            text = f"`*{alias.alias}` was moved away from its anchor: what it stands for is written out"
        else:
            text = f"what `*{alias.alias}` refers to changes or goes: what it stood for is written out here"
        self._warn(text, alias)

    def _place_apart(self, alias: Node, anchored: Node) -> None:
        """An alias in moved text stays one where its anchor surely stands before it."""
        top = self._region(alias)
        if top is not None and self._can_refer(top, alias, anchored) and not self._is_merged(alias):
            self.plan.kept.add(alias)
        else:
            self._part(alias, moved=True)

    def _place_stray(self, stray: Node) -> None:
        """An alias that was moved by itself; where it cannot stay one a copy takes its place."""
        anchored = self.anchored.get(stray)
        if anchored is None:
            return
        if self._can_refer(stray, stray, anchored):
            self.plan.moved.add(stray)
            return
        copy = self._like_anchored(stray, stray)
        parent: Node = stray.parent  # type: ignore[assignment]  # what was moved stands somewhere
        if parent.kind == MAPPING:
            parent.value[stray.key] = copy
        else:
            parent.value[next(at for at, item in enumerate(parent.value) if item is stray)] = copy
        copy.parent, copy.key = parent, stray.key
        self.plan.origins[copy] = stray
        self._warn_parted(stray, moved=True)

    def _can_refer(self, moved: Node, alias: Node, anchored: Node) -> bool:
        """Whether `alias`, in the moved text of `moved`, may go on referring to its anchor, which then stays."""
        if anchored not in self.trace.partners or anchored in self.plan.loose or alias.alias in self.repeated:
            return False
        holder = moved.parent
        while holder is not None and holder not in self.trace.partners:
            holder = holder.parent
        if holder is None or self._region(holder) is not self._region(anchored):
            return False
        behind = holder.start > anchored.start and not below(anchored, holder)
        if not behind or not equal(plain(alias), plain(self.trace.partners[anchored])):
            return False
        self.plan.staying.add(anchored)
        return True

    def merge(self, mapping: Node, pair: Pairing, *, kubernetes: bool) -> None:
        """Decides what becomes of a mapping with a `<<`."""
        partner = self.trace.partners.get(mapping)
        steps = pair(mapping, partner) if partner is not None else None
        if partner is None or steps is None:
            return
        brought = self._brought(mapping)
        merge = plan_merge(mapping, partner, steps, brought, self.source.text, kubernetes=kubernetes)
        self.plan.merges[mapping] = merge
        for entry in merge.drop:
            self._check_unused(entry)
        if merge.expanded is not None:
            reason = "changes or goes elsewhere" if brought is None else "does not all stay here"
            text = f"what this `<<` brings {reason}: the entries that this mapping keeps are written in its place"
            self._warn(text, merge.expanded)
        elif brought is not None and any(name in brought for name in merge.write):
            names = [name for name in merge.write if name in brought]
            text = (
                "is not what `<<` brings: it is written"
                if len(names) == 1
                else "are not what `<<` brings: they are written"
            )
            self._warn(f"{listing(names)} here {text} as an entry of this mapping", mapping)

    def _check_unused(self, entry: Node) -> None:
        """Raises `InputError` for an entry that goes, if anything in it is what an alias elsewhere refers to."""
        for node in walk_text(entry):
            if node in self.plan.staying or self.plan.copies.get(node) in self.plan.anchors:
                text = "this goes with the `<<` that is replaced, and aliases refer to it: write one of them out first"
                raise InputError(text, self.source.place(node.start))

    def _brought(self, mapping: Node) -> dict[str, Value] | None:
        """What the `<<` of a mapping bring in the end; None if any of it is no longer to be had."""
        brought: dict[str, Value] = {}
        for entry in merge_entries(self.source.text, mapping):
            for source in merge_sources(entry):
                if source.alias is not None and source not in self.sources:
                    return None
                data = self.sources[source] if source.alias is not None else plain(source)
                if not isinstance(data, dict):
                    return None
                for name, value in data.items():
                    brought.setdefault(name, value)
        return brought

    def lead(self) -> None:
        """Notes the ways to everything that the editor has to visit."""
        trace, plan = self.trace, self.plan
        merging = {mapping for mapping, merge in plan.merges.items() if merge.drop or merge.write}
        plan.touched = plan.rewritten | merging | {trace.above[owner] for owner in plan.keys}
        for node in (*plan.touched, *plan.loose):
            inner, outer = node, trace.above.get(node)
            while outer is not None:
                plan.paths.append((outer, inner))
                inner, outer = outer, trace.above.get(outer)

    def _stands(self, node: Node) -> bool:
        """Whether the text of `node` stays, in its place or with moved text around it."""
        owner = self.owners.get(node)
        if owner is not None:
            return owner in self.trace.partners and owner not in self.trace.renamed and self._region(owner) is None
        return node in self.trace.partners

    def _region(self, node: Node) -> Node | None:
        return self.trace.regions.get(self.owners.get(node, node))

    def _is_merged(self, alias: Node) -> bool:
        return alias in self.merging

    def _says(self, alias: Node, data: Value) -> bool:
        """Whether what stands at an alias in the end is `data`."""
        return equal(plain(alias if alias in self.owners else self.trace.partners[alias]), data)

    def _copy(self, alias: Node) -> Node:
        """The node without a place in the text that is written where `alias` stands."""
        found = self.plan.copies.get(alias)
        if found is None:
            found = self.plan.copies[alias] = self._like_anchored(alias, self.trace.partners[alias])
        return found

    def _like_anchored(self, alias: Node, now: Node) -> Node:
        """A node that holds what `now` does, in the style of what `alias` stood for."""
        made = Node(now.kind, now.value)
        like = self.anchored.get(alias)
        if like is not None:
            self._check_named(alias, like)
        if like is not None and original(like)[0] == now.kind:
            made.style, made.flow = like.style, like.flow
        made.comment_above, made.comment_line = now.comment_above, now.comment_line
        return made

    def _check_named(self, alias: Node, anchored: Node) -> None:
        """Raises `InputError` if an alias that is written out stands for what only the text can say."""
        text = self.source.text
        entries = (entry for node in walk_text(anchored) for entry in node.opaque or ())
        if any(entry.key is None and not is_merge(text, entry) for entry in entries):
            message = f"`*{alias.alias}` stands for a mapping with keys that JSON has no name for: write it out first"
            raise InputError(message, self.source.place(max(alias.start, 0)))

    def _can_hold(self, alias: Node) -> bool:
        """Whether an anchor can move to an alias: it is a value, neither a key nor behind a `<<`."""
        return not self._is_merged(alias) and alias not in self.owners

    def _part_key(self, alias: Node) -> None:
        owner = self.owners[alias]
        if (alias, owner) not in self.references.keys or owner.key is None:
            text = f"the alias `*{alias.alias}` in this key refers to what changes or goes: write the key out first"
            raise InputError(text, self.source.place(alias.start))
        self.plan.keys.add(owner)
        self._warn(f"what `*{alias.alias}` refers to changes or goes: the key is written out here", alias)

    def _warn(self, text: str, node: Node) -> None:
        rule = next(iter(self.rules.get(node, ())), None) or None
        self.plan.warnings.append(Message("warning", text, self.source.place(max(node.start, 0)), rule))
