"""What a YAML document says of its anchors: who refers to what, and which mappings merge others in."""

from __future__ import annotations

from collections import Counter

from ..dataclass import dataclass, field
from ..node import Node, walk


@dataclass(slots=True)
class References:
    """The anchors of one document, in the order of the text.

    `anchors` holds every node that has one, with its name; `aliases` every alias with the node it stands for;
    `merging` the mappings that have a `<<`; `keys` the nodes of keys that have an anchor or an alias in them, with the
    value of their entry.
    """

    anchors: list[tuple[Node, str]] = field(default_factory=list)
    aliases: list[tuple[Node, Node]] = field(default_factory=list)
    merging: list[Node] = field(default_factory=list)
    keys: list[tuple[Node, Node]] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Whether anything stands for something elsewhere."""
        return bool(self.aliases or self.merging)

    def repeated(self) -> set[str]:
        """The names that several anchors have."""
        counted = Counter(name for _node, name in self.anchors)
        return {name for name, number in counted.items() if number > 1}

    def owners(self) -> dict[Node, Node]:
        """For every node inside a key, the value of that key's entry."""
        return {node: value for key, value in self.keys for node in walk(key)}


def merge_entries(text: str, mapping: Node) -> list[Node]:
    """The values of the `<<` entries of a mapping, in the order of the text."""
    found = [child for child in mapping.opaque or () if text[child.key_start : child.key_end] == "<<"]
    return sorted(found, key=lambda child: child.key_start)


def is_merge(text: str, node: Node) -> bool:
    """Whether `node` is the value of a `<<`."""
    return node.key_start >= 0 and text[node.key_start : node.key_end] == "<<"


def merge_sources(entry: Node) -> list[Node]:
    """What the value of one `<<` brings, first come first served."""
    return entry.value if isinstance(entry.value, list) else [entry]
