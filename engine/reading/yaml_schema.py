"""Says what the scalars, keys and merge keys of a document mean, once it is known whose document it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..dataclass import dataclass, field
from ..error import InputError
from ..limit import MAX_COPIES, MAX_DEPTH, MAX_MERGED
from ..node import MAPPING, Node, children, walk
from ..source import Source
from ..value import Value
from .reference import merge_entries
from .scalar import ScalarError, key_kubernetes, resolve_core, resolve_kubernetes, resolve_tagged

Duplicate = tuple[str, int, int]
"""A key that stands twice in one mapping: its name, the offset of the first, the offset of the later one."""


Renamed = tuple[str, str | None, int]
"""A key without quotes that kubectl takes for another: its text, the member's name (None: it has none), its offset."""


@dataclass(frozen=True, slots=True)
class PlainKey:
    """A key that kubectl may read as something else than its text: the member it names, where and how it is written."""

    parent: Node
    child: Node
    text: str
    tag: str | None


@dataclass(slots=True)
class Schema:
    """What was read and has no meaning yet, collected while nodes are built; `resolve` gives it its meaning."""

    source: Source
    plain: list[Node] = field(default_factory=list)
    tagged: list[Node] = field(default_factory=list)
    keys: dict[Node, PlainKey] = field(default_factory=dict)  # by the value of the entry
    rivals: list[PlainKey] = field(default_factory=list)  # with the text of a key before them, but written otherwise
    renamed: set[Renamed] = field(default_factory=set)  # known once it is resolved
    merging: list[Node] = field(default_factory=list)
    copies: int = 0
    merged: int = 0
    late: set[Node] = field(default_factory=set)  # copies of members that stand behind the `<<` of their mapping

    def resolve(self, *, kubernetes: bool) -> list[Duplicate]:
        """Give every scalar its data, and with `kubernetes` every key its name; merge what `<<` merges.

        Returns the keys that are duplicates only by their new names. Raises `InputError` with the place where
        content does not fit its tag. Linear in what was collected.
        """
        resolve_plain(self.plain, kubernetes=kubernetes)
        for node in self.tagged:
            node.value = self._tagged(node, kubernetes=kubernetes)
        duplicates = list(self._rename()) if kubernetes else []
        duplicates += self._admit_rivals(kubernetes=kubernetes)
        for node in self.merging:
            self._merge(node, kubernetes=kubernetes)
        return duplicates

    def copy(self, node: Node, depth: int, at: int) -> Node:
        """What stands at an alias or is merged in: `node` once more, without a place in the text.

        Raises `InputError`, about the offset `at`, before the copies of a document become too many, or too deep
        at `depth`.
        """
        self.copies += sum(1 for _ in walk(node))
        if self.copies > MAX_COPIES:
            message = f"the aliases of this document expand to more than {MAX_COPIES:,} values"
            raise InputError(message, self.source.place(at))
        return self._copy(node, depth, at)

    def merge(self, mapping: Node, members: Sequence[tuple[str, Node]], at: int) -> None:
        """Note that `mapping` merges `members` in. Raises `InputError`, about the offset `at`, if they become many."""
        self.merged += len(members)
        if self.merged > MAX_MERGED:
            message = f"the merge keys of this document bring more than {MAX_MERGED:,} members"
            raise InputError(message, self.source.place(at))
        mapping.merges = mapping.merges or []
        mapping.merges.extend(members)

    def _copy(self, node: Node, depth: int, at: int) -> Node:
        if depth > MAX_DEPTH:
            message = f"the aliases of this document nest more than {MAX_DEPTH} deep"
            raise InputError(message, self.source.place(at))
        made = Node(node.kind, node.value)
        made.style, made.tag = node.style, node.tag
        made.flow = node.flow and node.alias is None
        if node.kind == MAPPING:
            made.value = {name: self._copy_member(made, child, depth + 1, at) for name, child in node.value.items()}
            if node.merges is not None:
                made.merges = []
                self.merge(made, node.merges, at)
                self.merging.append(made)
                merged_at = merge_start(self.source.text, node)
                self.late.update(
                    made.value[name] for name, child in node.value.items() if self._is_late(child, merged_at)
                )
        elif isinstance(node.value, list):
            made.value = [self._copy(child, depth + 1, at) for child in node.value]
        elif node.tag is not None:
            self.tagged.append(made)
        elif node.style is None:
            self.plain.append(made)
        for key, child in made.value.items() if node.kind == MAPPING else enumerate(children(made)):
            child.parent, child.key = made, key
        return made

    def _copy_member(self, parent: Node, child: Node, depth: int, at: int) -> Node:
        made = self._copy(child, depth, at)
        key = self.keys.get(child)
        if key is not None:
            self.keys[made] = PlainKey(parent, made, key.text, key.tag)
        return made

    def _is_late(self, child: Node, merged_at: int) -> bool:
        """Whether a member stands behind the `<<` of its mapping, which begins at `merged_at`."""
        return child in self.late or (child.start >= 0 and child.key_start > merged_at)

    def _tagged(self, node: Node, *, kubernetes: bool) -> Value:
        try:
            return resolve_tagged(node.value, node.tag or "!", kubernetes, plain=node.style is None)
        except ScalarError as error:
            raise InputError(error.message, self.source.place(max(node.start, 0))) from None

    def _rename(self) -> Iterator[Duplicate]:
        """Gives members the names that kubectl makes of their keys."""
        names: dict[Node, dict[Node, str | None]] = {}
        for key in self.keys.values():
            name = self._name(key)
            if name != key.text:
                names.setdefault(key.parent, {})[key.child] = name
        for parent, renamed in names.items():
            members: dict[str, Node] = {}
            for old, child in parent.value.items():
                name = renamed.get(child, old)
                if name is None:
                    set_aside(parent, child)
                    continue
                earlier = members.pop(name, None)
                if earlier is not None:
                    set_aside(parent, earlier)
                    yield (name, earlier.key_start, child.key_start)
                child.key = name
                members[name] = child
            parent.value = members

    def _admit_rivals(self, *, kubernetes: bool) -> Iterator[Duplicate]:
        """Adds the members whose key is another one to kubectl only, as `n` and `"n"` are; to others it is the same."""
        for rival in self.rivals:
            parent, child = rival.parent, rival.child
            name = self._name(rival) if kubernetes and child in self.keys else rival.text
            if name is None:
                set_aside(parent, child)
                continue
            earlier = parent.value.pop(name, None)
            if earlier is not None:
                set_aside(parent, earlier)
                yield (name, earlier.key_start, child.key_start)
            child.key = name
            parent.value[name] = child
        for parent in dict.fromkeys(rival.parent for rival in self.rivals):
            parent.value = dict(sorted(parent.value.items(), key=lambda member: member[1].key_start))

    def _name(self, key: PlainKey) -> str | None:
        try:
            name = key_kubernetes(key.text, key.tag)
        except ScalarError as error:
            raise InputError(error.message, self.source.place(key.child.key_start)) from None
        if name != key.text and key.tag is None and key.child.start >= 0:
            self.renamed.add((key.text, name, key.child.key_start))
        return name

    def _merge(self, node: Node, *, kubernetes: bool) -> None:
        """Adds the members that `<<` brings: an explicit one wins, for kubectl only if it stands behind the `<<`."""
        merged_at = merge_start(self.source.text, node)
        own = dict(node.value)
        for text, child in node.merges or ():
            name: str = child.key if isinstance(child.key, str) else text
            present = own.get(name)
            if name in node.value and (present is None or not kubernetes or self._is_late(present, merged_at)):
                continue
            if present is not None:
                set_aside(node, own.pop(name))
            copied = self.copy(child, _depth(node) + 1, max(merged_at, node.start, 0))
            copied.parent, copied.key = node, name
            node.value[name] = copied
        node.merges = []


def resolve_plain(nodes: Iterable[Node], *, kubernetes: bool) -> None:
    """Give plain scalars, which hold their text, their data."""
    read = resolve_kubernetes if kubernetes else resolve_core
    for node in nodes:
        text = node.value
        node.value = value = read(text)
        if value.__class__ is bool and text not in ("true", "false"):
            node.spelling = text


def set_aside(parent: Node, child: Node) -> None:
    """Note that `child` stands in the text of the mapping `parent` but is none of its members."""
    if parent.opaque is None:
        parent.opaque = []
    parent.opaque.append(child)


def merge_start(text: str, mapping: Node) -> int:
    """Where the first `<<` of a mapping stands; -1 for a mapping that has none in the text."""
    return min((child.key_start for child in merge_entries(text, mapping)), default=-1)


def _depth(node: Node) -> int:
    depth = 0
    while node.parent is not None:
        node, depth = node.parent, depth + 1
    return depth
