"""Reads one YAML document into nodes with exact spans, from the events of ruamel.yaml's parsers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.scanner import Scanner

from ..dataclass import dataclass, field
from ..error import InputError
from ..limit import MAX_DEPTH, MAX_TAG_TEXT
from ..node import MAPPING, SCALAR, SEQUENCE, Node, is_kubernetes
from ..source import Source
from .core_scalar import NUMBER_STARTS
from .kubernetes_scalar import OLD_WORDS
from .reference import References, merge_sources
from .yaml_mark import block_scalar_end, colon_end, dash_end, properties_end, properties_start
from .yaml_schema import Duplicate, PlainKey, Renamed, Schema, set_aside

try:
    from _ruamel_yaml import CParser
except ImportError:  # no wheel for this interpreter: the pure parser reads the same, slower
    CParser = None

HAS_C_PARSER = CParser is not None


@dataclass(slots=True)
class YamlReading:
    """What was read: the root node, and what its text holds besides plain data.

    `references` has its anchors, aliases and merge keys; `duplicates` are keys that stand twice.
    """

    root: Node
    kubernetes: bool = False
    references: References = field(default_factory=References)
    duplicates: list[Duplicate] = field(default_factory=list)
    renamed: list[Renamed] = field(default_factory=list)


def read_yaml(source: Source, *, core: bool = False) -> YamlReading | None:
    """The one document in `source`, or None where there is none (blank text, comments only).

    A document with `apiVersion` and `kind` is read as kubectl reads it, unless `core` is given; all others by the
    core schema of YAML 1.2. An anchor that no alias refers to is not noted.

    The C parser reads; what it refuses the pure parser tries again. Raises `InputError` with the place and the C
    parser's words if neither can. Linear in the text; nesting and alias expansion are bounded.
    """
    lead = 1 if source.text.startswith("\ufeff") else 0
    if CParser is None:
        return _read_pure(source, lead, core=core)
    try:
        return _Builder(source, lead).read(_c_events(source.text[lead:]), core=core)
    except YAMLError as refusal:
        return _read_pure(source, lead, core=core, refusal=refusal)
    except UnicodeEncodeError as error:
        raise _no_unicode(error, source, lead) from None


def _read_pure(source: Source, lead: int, *, core: bool, refusal: YAMLError | None = None) -> YamlReading | None:
    try:
        return _Builder(source, lead).read(_pure_events(source.text[lead:]), core=core)
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001 - on odd input it fails in ways of its own, such as AssertionError
        raise _input_error(refusal or error, source, lead) from None


def _c_events(text: str) -> Iterator[Any]:
    return iter(CParser(text).get_event, None)


def _pure_events(text: str) -> Iterator[Any]:
    yaml = YAML(typ="safe", pure=True)
    yaml.Scanner = _Scanner
    return iter(yaml.parse(text))


class _Scanner(Scanner):
    """The pure parser's scanner, which takes keys of several lines in `{...}` too (YAML 1.2.2, 7.4.2)."""

    def stale_possible_simple_keys(self) -> None:
        """Forgets what cannot be a key any more because it is too long or on another line."""
        kept = {}
        if self.flow_level:
            waiting = self.possible_simple_keys.items()
            kept = {level: key for level, key in waiting if level and self.flow_context[level - 1] == "{"}
        super().stale_possible_simple_keys()
        self.possible_simple_keys.update(kept)


def _input_error(error: Exception, source: Source, lead: int) -> InputError:
    """The parser's words as an error of ours, with the place."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is not None:
        words = [getattr(error, "context", None), getattr(error, "problem", None)]
        text = ", ".join(word.strip() for word in words if word)
        return InputError(f"this is no YAML: {text}", source.place(min(mark.index + lead, len(source.text))))
    position = getattr(error, "position", None)  # of a reader error: in bytes if it is the C parser's
    if position is None:
        return InputError(f"this is no YAML: {' '.join(str(error).split())}", source.place(0))
    text = source.text[lead:]
    if getattr(error, "encoding", None) != "unicode":
        position = len(text.encode()[:position].decode(errors="ignore"))
    return InputError(f"this is no YAML: {str(error).splitlines()[0]}", source.place(position + lead))


def _no_unicode(error: UnicodeEncodeError, source: Source, lead: int) -> InputError:
    character = ord(error.object[error.start])
    message = f"this is no YAML: half of a surrogate pair (U+{character:04X}) stands for no character"
    return InputError(message, source.place(error.start + lead))


@dataclass(slots=True)
class _Key:
    """A key while its value is awaited. `name` is None for one without a JSON Pointer; `odd`: kubectl may rename it."""

    name: str | None
    start: int
    end: int
    node: Node | None = None  # where the key may have an anchor
    tag: str | None = None
    odd: bool = False
    merge: bool = False


class _Builder:
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

    def read(self, events: Iterator[Any], *, core: bool) -> YamlReading | None:
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
        return YamlReading(root, kubernetes, self.references, sorted(duplicates, key=_offset), renamed)

    def _on_scalar(self, event: Any) -> None:
        if self.parent is not None and self.key is None and self.parent.kind == MAPPING:
            self.key = self._scalar_key(event)
        else:
            self._place(self._scalar(event))

    def _on_mapping(self, event: Any) -> None:
        self._open(Node(MAPPING, {}, event.start_mark.index + self.lead), event)

    def _on_sequence(self, event: Any) -> None:
        self._open(Node(SEQUENCE, [], event.start_mark.index + self.lead), event)

    def _on_end(self, event: Any) -> None:
        node: Node = self.parent  # type: ignore[assignment]  # a parser closes only what it opened
        self._close(node, event)
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
            name = node.value if node.kind == SCALAR and node.alias is not None else None
            self.key = _Key(name, node.start, node.end, node, node.tag, odd=node.style is None)
        else:
            self._add_member(parent, self.key, node)
            self.key = None

    def _scalar_key(self, event: Any) -> _Key:
        text: str = event.value
        key = _Key(text, event.start_mark.index + self.lead, event.end_mark.index + self.lead)
        key.tag = self._tag(event, key.start)
        count = _count_properties(event)
        if count:
            key.start = properties_start(self.text, key.start, count, self.previous.end_mark.index + self.lead)
        if event.style and event.style in "|>":
            header = properties_end(self.text, key.start, count)
            key.end = block_scalar_end(self.text, header, key.end, text)
        elif not text and not event.style and event.tag in (None, "tag:yaml.org,2002:null"):
            key.name = None
        elif event.tag is not None:
            key.odd = True
        elif not event.style:
            key.merge = text == "<<"
            key.odd = text[:1] in NUMBER_STARTS or text in OLD_WORDS
        if event.anchor is not None:
            key.node = self.anchors[event.anchor] = Node(SCALAR, text, key.start, key.end)
            self.references.anchors.append((key.node, event.anchor))
            key.node.style, key.node.tag = event.style or None, event.tag
        return key

    def _add_item(self, parent: Node, node: Node) -> None:
        items = parent.value
        node.parent, node.key = parent, len(items)
        if not parent.flow:
            end = dash_end(self.text, items[-1].end if items else parent.value_start)
            node.key_end = node.start if end is None else end
            node.key_start = node.key_end - 1
            if node.start == node.end:
                node.start = node.value_start = node.end = node.key_end
        items.append(node)

    def _add_member(self, parent: Node, key: _Key, node: Node) -> None:
        node.parent, node.key_start, node.key_end = parent, key.start, key.end
        if node.start == node.end:  # an empty value stands behind its colon
            node.start = node.value_start = node.end = colon_end(self.text, key.end) or key.end
        if key.node is not None:
            self.references.keys.append((key.node, node))
        if key.merge:
            self._merge(parent, node)
        elif key.name is None:
            set_aside(parent, node)
        else:
            node.key = key.name
            earlier = parent.value.get(key.name)
            if earlier is None:
                parent.value[key.name] = node
            else:
                self._repeat(parent, key, earlier, node)
            if key.odd:
                self.schema.keys[node] = PlainKey(parent, node, key.name, key.tag)

    def _repeat(self, parent: Node, key: _Key, earlier: Node, node: Node) -> None:
        """Puts in a member whose key stands there before it; two keys may yet be told apart by how they are written."""
        name: str = key.name  # type: ignore[assignment]  # without a name no key is the same as another
        if key.odd != (earlier in self.schema.keys):
            self.schema.rivals.append(PlainKey(parent, node, name, key.tag))
            return
        del parent.value[name]
        set_aside(parent, earlier)
        self.duplicates.append((name, earlier.key_start, node.key_start))
        parent.value[name] = node

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
        node.tag = self._tag(event, node.start)
        count = _count_properties(event)
        if count:
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
    return (event.tag is not None) + (event.anchor is not None)


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
