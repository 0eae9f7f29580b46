"""Builds the nodes of one YAML document, with exact spans, from the events of a parser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ruamel.yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from ..dataclass import dataclass, field
from ..error import InputError
from ..limit import MAX_DEPTH, MAX_TAG_TEXT
from ..node import MAPPING, SCALAR, SEQUENCE, Node, is_kubernetes
from ..source import Source
from .core_scalar import NUMBER_STARTS
from .kubernetes_scalar import MAY_BE_NO_STRING, OLD_WORDS, UNUSUAL_KEYS
from .reference import References, merge_sources
from .yaml_mark import block_scalar_end, colon_end, dash_end, properties_end, properties_start
from .yaml_schema import Duplicate, PlainKey, Renamed, Schema, set_aside


@dataclass(slots=True)
class YamlReading:
    """What was read: the root node, and what its text holds besides plain data.

    `references` has its anchors, aliases and merge keys; `duplicates` are keys that stand twice. `is_usual`: it has no
    tags, and no keys that JSON has no name for.
    """

    root: Node
    kubernetes: bool = False
    references: References = field(default_factory=References)
    duplicates: list[Duplicate] = field(default_factory=list)
    renamed: list[Renamed] = field(default_factory=list)
    is_usual: bool = True


@dataclass(frozen=True, slots=True)
class _Remark:
    """What is unusual in a key; `odd`: kubectl may rename it."""

    node: Node | None = None  # where the key may have an anchor
    tag: str | None = None
    odd: bool = False
    merge: bool = False


_Key = tuple[str | None, int, int, _Remark | None]
"""A key while its value is awaited: its name (None for one without a JSON Pointer), its span, what is unusual in it."""


class Builder:
    """Turns the events of one document into nodes; the open collections are a stack, so that nothing recurses."""

    def __init__(self, source: Source, lead: int) -> None:
        self.source = source
        self.text = source.text
        self.lead = lead
        self.schema = Schema(source)
        self.root: Node | None = None
        self.parent: Node | None = None
        self.key: _Key | None = None
        self.stack: list[tuple[Node | None, _Key | None, str | None]] = []  # with the anchor of what was opened
        self.anchors: dict[str, Node | None] = {}  # None while the node that has it is open
        self.references = References()
        self.duplicates: list[Duplicate] = []
        self.tag_room = MAX_TAG_TEXT + 10 * len(source.text)
        self.previous: Any = None  # the event before the one at hand
        self.is_usual = True

    def read(self, events: Iterator[Any], *, core: bool) -> YamlReading | None:
        """What the events of a document say; None if there is no node among them."""
        handlers: dict[type, Callable[[Any], None]] = {
            ScalarEvent: self._on_scalar,
            MappingStartEvent: self._on_mapping,
            SequenceStartEvent: self._on_sequence,
            MappingEndEvent: self._on_end,
            SequenceEndEvent: self._on_end,
            AliasEvent: self._on_alias,
        }
        for event in events:
            handle = handlers.get(type(event))
            if handle is not None:
                handle(event)
            self.previous = event
        return None if self.root is None else self._finish(self.root, core=core)

    def _finish(self, root: Node, *, core: bool) -> YamlReading:
        kubernetes = not core and is_kubernetes(root)
        duplicates = self.duplicates + self.schema.resolve(kubernetes=kubernetes)
        for alias, _anchored in self.references.aliases:
            alias.style = None  # its text is `*name`, whatever that stands for
        renamed = sorted(self.schema.renamed, key=_offset)
        duplicates.sort(key=_offset)
        return YamlReading(root, kubernetes, self.references, duplicates, renamed, self.is_usual)

    def _on_scalar(self, event: Any) -> None:
        """Takes a scalar in. Most are plain keys and their values, which take the shortest way."""
        parent, key, text, style = self.parent, self.key, event.value, event.style
        usual = event.ctag is None and event.anchor is None and not (style and style in "|>")
        if key is None and parent is not None and parent.kind == MAPPING:
            if usual and (style or not (text in UNUSUAL_KEYS or text[0] in NUMBER_STARTS)):
                self.key = (text, event.start_mark.index + self.lead, event.end_mark.index + self.lead, None)
            else:
                self.key = self._scalar_key(event)
            return
        if not usual:
            self._place(self._scalar(event))
            return
        start, end = event.start_mark.index + self.lead, event.end_mark.index + self.lead
        node = Node(SCALAR, text, start, end)
        if style:
            node.style = style
        elif text[:1] in MAY_BE_NO_STRING:
            self.schema.plain.append(node)
        if key is None or key[3] is not None or start == end or key[0] in parent.value:  # type: ignore[union-attr]
            self._place(node)
        else:
            node.key, node.key_start, node.key_end, _ = key
            node.parent = parent
            parent.value[node.key] = node  # type: ignore[union-attr]  # only a mapping has keys
            self.key = None

    def _on_mapping(self, event: Any) -> None:
        self._open(Node(MAPPING, {}, event.start_mark.index + self.lead), event)

    def _on_sequence(self, event: Any) -> None:
        self._open(Node(SEQUENCE, [], event.start_mark.index + self.lead), event)

    def _on_end(self, event: Any) -> None:
        node: Node = self.parent  # type: ignore[assignment]  # a parser closes only what it opened
        if node.flow or node.opaque is not None or not node.value:
            self._close(node, event)
        else:
            last = node.value[-1] if node.kind == SEQUENCE else next(reversed(node.value.values()))
            node.end = max(last.key_end, last.end)
        self.parent, self.key, anchor = self.stack.pop()
        if anchor is not None and self.anchors[anchor] is None:
            self.anchors[anchor] = node
        self._place(node)

    def _on_alias(self, event: Any) -> None:
        self._place(self._alias(event))

    def _place(self, node: Node) -> None:
        """Puts a finished node where it belongs: it is the root, a key, a member or an item."""
        parent = self.parent
        if parent is None:
            if self.root is not None:
                message = "a second document starts here without a `---` line that all readers take for one"
                raise InputError(message, self.source.place(node.start))
            self.root = node
        elif parent.kind == SEQUENCE:
            self._add_item(parent, node)
        elif self.key is None:
            self.is_usual = False
            name = node.value if node.kind == SCALAR and node.alias is not None else None
            self.key = (name, node.start, node.end, _Remark(node, node.tag, odd=node.style is None))
        else:
            self._add_member(parent, self.key, node)
            self.key = None

    def _scalar_key(self, event: Any) -> _Key:
        """The key that a scalar is, if it is no usual one."""
        text: str = event.value
        name: str | None = text
        start, end = event.start_mark.index + self.lead, event.end_mark.index + self.lead
        tag = self._tag(event, start)
        node, odd, merge = None, False, False
        self.is_usual = False
        count = _count_properties(event)
        if count:
            start = properties_start(self.text, start, count, self.previous.end_mark.index + self.lead)
        if event.style and event.style in "|>":
            header = properties_end(self.text, start, count)
            end = block_scalar_end(self.text, header, end, text)
        elif not text and not event.style and event.tag in (None, "tag:yaml.org,2002:null"):
            name = None
        elif event.tag is not None:
            odd = True
        elif not event.style:
            merge = text == "<<"
            odd = text[:1] in NUMBER_STARTS or text in OLD_WORDS
        if event.anchor is not None:
            node = self.anchors[event.anchor] = Node(SCALAR, text, start, end)
            self.references.anchors.append((node, event.anchor))
            node.style, node.tag = event.style or None, event.tag
        return name, start, end, _Remark(node, tag, odd, merge)

    def _add_item(self, parent: Node, node: Node) -> None:
        items = parent.value
        node.parent, node.key = parent, len(items)
        if not parent.flow:
            if self.text.startswith("- ", node.start - 2) and node.start < node.end:
                node.key_end = node.start - 1
            else:
                end = dash_end(self.text, items[-1].end if items else parent.value_start)
                node.key_end = node.start if end is None else end
            node.key_start = node.key_end - 1
            if node.start == node.end:
                node.start = node.value_start = node.end = node.key_end
        items.append(node)

    def _add_member(self, parent: Node, key: _Key, node: Node) -> None:
        name, start, end, remark = key
        node.parent, node.key_start, node.key_end = parent, start, end
        if node.start == node.end:  # an empty value stands behind its colon
            node.start = node.value_start = node.end = colon_end(self.text, end) or end
        if remark is not None and remark.node is not None:
            self.references.keys.append((remark.node, node))
        if remark is not None and remark.merge:
            self._merge(parent, node)
        elif name is None:
            set_aside(parent, node)
        else:
            odd = remark is not None and remark.odd
            tag = None if remark is None else remark.tag
            node.key = name
            earlier = parent.value.get(name)
            if earlier is None:
                parent.value[name] = node
            elif odd != (earlier in self.schema.keys):  # two keys may yet be told apart by how they are written
                self.schema.rivals.append(PlainKey(parent, node, name, tag))
            else:
                del parent.value[name]
                set_aside(parent, earlier)
                self.duplicates.append((name, earlier.key_start, node.key_start))
                parent.value[name] = node
            if odd:
                self.schema.keys[node] = PlainKey(parent, node, name, tag)

    def _merge(self, parent: Node, node: Node) -> None:
        """Notes what `<<` brings: the members that are not there yet, as copies with no place in the text."""
        set_aside(parent, node)
        if parent.merges is None:
            parent.merges = []
            self.schema.merging.append(parent)
            self.references.merging.append(parent)
        for mapping in merge_sources(node):
            if mapping.kind != MAPPING:
                raise InputError("`<<` merges mappings, this is none", self.source.place(node.start))
            self.schema.merge(parent, [*mapping.value.items(), *(mapping.merges or ())], node.start)

    def _scalar(self, event: Any) -> Node:
        node = Node(SCALAR, event.value, event.start_mark.index + self.lead, event.end_mark.index + self.lead)
        node.style = event.style or None
        self._note_properties(node, event)
        if node.style == "|" or node.style == ">":  # noqa: PLR1714 - on the hot path
            node.end = block_scalar_end(self.text, node.value_start, node.end, event.value)
        elif node.value_start > node.start:
            own = node.end - len(event.value)  # more reliable, as parsers differ in what an anchor may be called
            exact = node.style is None and self.text.startswith(event.value, own)
            node.value_start = own if exact else min(node.value_start, node.end)
        if node.tag is not None:
            self.schema.tagged.append(node)
        elif node.style is None:
            self.schema.plain.append(node)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
            self.references.anchors.append((node, event.anchor))
        return node

    def _open(self, node: Node, event: Any) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise InputError(f"nested more than {MAX_DEPTH} deep", self.source.place(node.start))
        node.flow = bool(event.flow_style)
        if event.ctag is not None or event.anchor is not None:
            self._note_properties(node, event)
        if event.anchor is not None:
            self.anchors[event.anchor] = None
            self.references.anchors.append((node, event.anchor))
        self.stack.append((self.parent, self.key, event.anchor))
        self.parent, self.key = node, None

    def _close(self, node: Node, event: Any) -> None:
        last = _last_child(node)
        if node.flow and not _without_brackets(self.text, node):
            node.end = event.end_mark.index + self.lead
        else:
            node.end = node.value_start if last is None else max(last.end, last.key_end)

    def _note_properties(self, node: Node, event: Any) -> None:
        count = _count_properties(event)
        if count:
            self.is_usual = False
            if event.tag is not None:
                node.tag = self._tag(event, node.start)
            node.start = properties_start(self.text, node.start, count, self.previous.end_mark.index + self.lead)
            node.value_start = properties_end(self.text, node.start, count)

    def _tag(self, event: Any, start: int) -> str | None:
        """The tag of a node or key, spelled out: a `%TAG` directive can make a long one of few characters."""
        tag: str | None = event.tag
        if tag is not None:
            self.tag_room -= len(tag)
            if self.tag_room < 0:
                problem = f"more than {MAX_TAG_TEXT:,} characters beyond ten times its text"
                raise InputError(f"the tags of this document expand to {problem}", self.source.place(start))
        return tag

    def _alias(self, event: Any) -> Node:
        start = event.start_mark.index + self.lead
        anchored = self.anchors.get(event.anchor)
        if anchored is None:
            problem = "stands inside what it refers to" if event.anchor in self.anchors else "has no anchor before it"
            raise InputError(f"alias `*{event.anchor}` {problem}", self.source.place(start))
        anchored.anchor = event.anchor
        node = self.schema.copy(anchored, len(self.stack), start)
        self.references.aliases.append((node, anchored))
        node.start = node.value_start = start
        node.end = event.end_mark.index + self.lead
        node.alias = event.anchor
        node.flow = True
        return node


def _offset(found: tuple[Any, Any, int]) -> int:
    return found[2]


def _count_properties(event: Any) -> int:
    return (event.ctag is not None) + (event.anchor is not None)


def _without_brackets(text: str, node: Node) -> bool:
    """Whether a flow collection is a single pair, as in `[a: b]`."""
    if node.kind != MAPPING:
        return False
    first = next(iter(node.value.values()), None) or next(iter(node.opaque or ()), None)
    return text[node.value_start] != "{" or (first is not None and first.key_start == node.value_start)


def _last_child(node: Node) -> Node | None:
    """The child that stands last in the text."""
    candidates = list(node.opaque or ())
    if node.kind == SEQUENCE:
        candidates += node.value[-1:]
    elif node.value:
        candidates.append(next(reversed(node.value.values())))
    return max(candidates, key=lambda child: child.end, default=None)
