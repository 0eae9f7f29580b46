"""Reads one YAML document into nodes with exact spans, from the events of ruamel.yaml's parsers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from .error import InputError
from .node import MAPPING, SCALAR, SEQUENCE, Node
from .scalar import ScalarError, key_kubernetes, resolve_core, resolve_kubernetes, resolve_tagged
from .source import Source
from .value import Value

try:
    from _ruamel_yaml import CParser
except ImportError:  # no wheel for this interpreter: the pure parser reads the same, slower
    CParser = None

MAX_DEPTH = 200
MAX_ALIAS_NODES = 200_000

_PROPERTY = re.compile(r"[&!](?:<[^>]*>|[^ \t\r\n,\[\]{}]*)(?:[ \t\r\n]|(?<=[ \t\r\n])#[^\r\n]*)*")
_LOCAL_TAG = re.compile(r"!(?!!)\S")
_SPACE = r"(?:[ \t\r\n\ufeff]|(?:(?<=[ \t\r\n])|^)#[^\r\n]*)*"
_COLON = re.compile(_SPACE + ":")
_DASH = re.compile(_SPACE + "-")
_BLOCK_HEADER = re.compile(r"[|>]([-+0-9]*)")
_ODD_KEY = re.compile(r"[^A-Za-z/_]|(?:[yYnN]|[Yy]es|YES|[Nn]o|NO|[Oo]n|ON|[Oo]ff|OFF|[Tt]rue|TRUE|[Ff]alse|FALSE|[Nn]ull|NULL)\Z")


class YamlReading:
    """What was read: the root node, and what its text holds besides plain data.

    `duplicates` are (key, offset of the first, offset of the later one); `references` says whether there
    are aliases or merge keys.
    """

    __slots__ = ("duplicates", "kubernetes", "references", "root")

    def __init__(self, root: Node) -> None:
        self.root = root
        self.kubernetes = False
        self.references = False
        self.duplicates: list[tuple[str, int, int]] = []


def read_yaml(source: Source) -> YamlReading | None:
    """The one document in `source`, or None where there is none (blank text, comments only).

    The C parser reads it; what it refuses the pure parser tries again. Raises `InputError` with the place
    and the C parser's words if neither can. Linear in the text; nesting and alias expansion are bounded.
    """
    lead = 1 if source.text.startswith("\ufeff") else 0
    if CParser is None:
        return _read_with(_pure_events, source, lead)
    try:
        return _read_with(_c_events, source, lead)
    except YAMLError as refusal:
        try:
            return _read_with(_pure_events, source, lead)
        except InputError:
            raise
        except Exception:  # noqa: BLE001 - on odd input it fails in ways of its own, such as AssertionError
            raise _input_error(refusal, source, lead) from None


def _read_with(events: Any, source: Source, lead: int) -> YamlReading | None:
    try:
        return _Builder(source, lead).read(events(source.text[lead:] if lead else source.text))
    except YAMLError as error:
        if CParser is None:
            raise _input_error(error, source, lead) from None
        raise


def _c_events(text: str) -> Iterator[Any]:
    parser = CParser(text)
    return iter(parser.get_event, None)


def _pure_events(text: str) -> Iterator[Any]:
    return iter(YAML(typ="safe", pure=True).parse(text))


def _input_error(error: YAMLError, source: Source, lead: int) -> InputError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if isinstance(error, MarkedYAMLError) or mark is not None:
        words = [getattr(error, "context", None), getattr(error, "problem", None)]
        text = ", ".join(word.strip() for word in words if word)
    else:
        text = " ".join(str(error).split())
        position = re.search(r"position (\d+)", text)
        if position:
            offset = len(source.text.encode("utf-8", "surrogatepass")[: int(position[1])].decode("utf-8", "ignore"))
            return InputError(f"this is no YAML: {text}", source.place(offset))
    offset = min(mark.index + lead, len(source.text)) if mark is not None else 0
    return InputError(f"this is no YAML: {text}", source.place(offset))


class _Builder:
    """Turns the events of one document into nodes."""

    def __init__(self, source: Source, lead: int) -> None:
        self.source = source
        self.text = source.text
        self.lead = lead
        self.reading: YamlReading | None = None
        self.plain: list[Node] = []
        self.tagged: list[Node] = []
        self.odd: list[tuple[Node, str]] = []
        self.anchors: dict[str, Node] = {}
        self.copied = 0
        self.duplicates: list[tuple[str, int, int]] = []
        self.references = False

    def read(self, events: Iterator[Any]) -> YamlReading | None:
        for event in events:
            kind = type(event)
            if kind is DocumentStartEvent:
                root = self._tree(events)
                for _rest in events:  # so that what stands behind the document is checked too
                    pass
                return self._finish(root)
        return None

    def _tree(self, events: Iterator[Any]) -> Node:
        """Consumes the events of one root node. A stack of open collections, no recursion."""
        stack: list[tuple[Node, Any]] = []
        parent: Node | None = None
        key: Any = None  # the key read last, while its value is awaited
        root: Node | None = None
        for event in events:
            kind = type(event)
            if kind is ScalarEvent:
                if parent is not None and parent.kind == MAPPING and key is None:
                    key = self._key(event)
                    continue
                node = self._scalar(event)
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                assert parent is not None
                self._close(parent, event)
                node = parent
                parent, key = stack.pop()
                if parent is None:
                    root = node
                    break
                if parent.kind == MAPPING and key is None:
                    key = _Key(None, node.start, node.end)
                    continue
                key = self._attach(parent, key, node)
                continue
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                node = self._open(event, MAPPING if kind is MappingStartEvent else SEQUENCE)
                if len(stack) >= MAX_DEPTH:
                    raise InputError(f"nested more than {MAX_DEPTH} deep", self.source.place(node.start))
                stack.append((parent, key))  # type: ignore[arg-type]
                parent, key = node, None
                continue
            elif kind is AliasEvent:
                node = self._alias(event)
                if parent is not None and parent.kind == MAPPING and key is None:
                    key = _Key(node.value if isinstance(node.value, str) else None, node.start, node.end)
                    continue
            else:
                continue
            if parent is None:
                root = node
                break
            key = self._attach(parent, key, node)
        assert root is not None
        return root

    def _key(self, event: Any) -> _Key:
        start, end = event.start_mark.index + self.lead, event.end_mark.index + self.lead
        if event.style and event.style in "|>":
            end = self._block_end(start, end)
        text = event.value
        name: str | None = text
        odd = False
        merge = False
        if not event.style and event.tag is None:
            if start == end:
                name = None
            elif text == "<<":
                merge = True
            else:
                odd = _ODD_KEY.match(text) is not None
        if event.anchor is not None:
            self.anchors[event.anchor] = Node(SCALAR, text)
        return _Key(name, start, end, odd=odd, merge=merge)

    def _attach(self, parent: Node, key: Any, node: Node) -> Any:
        node.parent = parent
        if parent.kind == SEQUENCE:
            items = parent.value
            node.key = len(items)
            if not parent.flow:
                self._find_dash(parent, node, items)
            items.append(node)
            return None
        node.key_start, node.key_end = key.start, key.end
        if node.start == node.end and node.kind == SCALAR:
            colon = _COLON.match(self.text, key.end)
            node.start = node.value_start = node.end = colon.end() if colon else key.end
        if key.merge:
            self._merge(parent, node)
        elif key.name is None:
            _opaque(parent).append(node)
        else:
            earlier = parent.value.get(key.name)
            if earlier is not None:
                if earlier.start >= 0:
                    self.duplicates.append((key.name, earlier.key_start, node.key_start))
                    _opaque(parent).append(earlier)
                del parent.value[key.name]
            node.key = key.name
            parent.value[key.name] = node
            if key.odd:
                self.odd.append((parent, key.name))
        return None

    def _find_dash(self, parent: Node, node: Node, items: list[Node]) -> None:
        dash = _DASH.match(self.text, items[-1].end if items else parent.value_start)
        node.key_end = dash.end() if dash else node.start
        node.key_start = node.key_end - 1
        if node.start == node.end and node.kind == SCALAR:
            node.start = node.value_start = node.end = node.key_end

    def _merge(self, parent: Node, node: Node) -> None:
        """`<<`: the members that are not there yet, as copies that stand nowhere in the text themselves."""
        _opaque(parent).append(node)
        self.references = True
        merges = parent.merges = parent.merges or []
        for mapping in node.value if node.kind == SEQUENCE else [node]:
            if mapping.kind != MAPPING:
                raise InputError("`<<` merges mappings, this is none", self.source.place(node.start))
            merges.extend(mapping.value.items())
            merges.extend(mapping.merges or ())

    def _scalar(self, event: Any) -> Node:
        node = Node(SCALAR, event.value, event.start_mark.index + self.lead, event.end_mark.index + self.lead)
        style = event.style
        if style:
            node.style = style
            if style in "|>":
                node.end = self._block_end(node.start, node.end)
        if event.tag is not None:
            node.tag = event.tag
            self.tagged.append(node)
        elif not style:
            self.plain.append(node)
        if event.anchor is not None:
            node.anchor = event.anchor
            self.anchors[event.anchor] = node
        if node.tag is not None or node.anchor is not None:
            self._skip_properties(node)
        return node

    def _open(self, event: Any, kind: int) -> Node:
        node = Node(kind, {} if kind == MAPPING else [], event.start_mark.index + self.lead)
        node.flow = bool(event.flow_style)
        node.tag, node.anchor = event.tag, event.anchor
        if node.tag is not None or node.anchor is not None:
            self._skip_properties(node)
        return node

    def _close(self, node: Node, event: Any) -> None:
        if node.flow:
            node.end = event.end_mark.index + self.lead
        else:
            last = _last_child(node)
            node.end = last.end if last is not None else node.value_start
        if node.anchor is not None:
            self.anchors[node.anchor] = node

    def _alias(self, event: Any) -> Node:
        start, end = event.start_mark.index + self.lead, event.end_mark.index + self.lead
        anchored = self.anchors.get(event.anchor)
        if anchored is None:
            raise InputError(f"alias `*{event.anchor}` has no anchor before it", self.source.place(start))
        self.references = True
        node = self._copy(anchored)
        node.start = node.value_start = start
        node.end = end
        node.alias = event.anchor
        return node

    def _copy(self, node: Node) -> Node:
        self.copied += 1
        if self.copied > MAX_ALIAS_NODES:
            raise InputError(
                f"the aliases of this document expand to more than {MAX_ALIAS_NODES:,} values",
                self.source.place(0),
            )
        made = Node(node.kind, node.value)
        made.style, made.tag = node.style, node.tag
        if node.kind == MAPPING:
            made.value = {}
            for name, child in node.value.items():
                copied = made.value[name] = self._copy(child)
                copied.parent, copied.key = made, name
            if node.merges:
                made.merges = list(node.merges)
        elif node.kind == SEQUENCE:
            made.value = [self._copy(child) for child in node.value]
            for index, copied in enumerate(made.value):
                copied.parent, copied.key = made, index
        elif node.tag is not None:
            self.tagged.append(made)
        elif node.style is None:
            self.plain.append(made)
        return made

    def _skip_properties(self, node: Node) -> None:
        at = node.start
        for _property in range((node.tag is not None) + (node.anchor is not None)):
            match = _PROPERTY.match(self.text, at)
            at = match.end() if match else at
        node.value_start = min(at, node.end) if node.kind == SCALAR else at

    def _block_end(self, start: int, end: int) -> int:
        """The end of a block scalar's last line: trailing blank lines belong to it only with `+`."""
        text = self.text
        header = _BLOCK_HEADER.search(text, start)
        while end > start and text[end - 1] in "\r\n":
            end -= 1
            if end > start and text[end - 1] == "\r" and text[end] == "\n":
                end -= 1
            if header and "+" in header[1]:
                return end
            line = max(text.rfind("\n", 0, end), text.rfind("\r", 0, end)) + 1
            if text[line:end].strip(" \t") or line <= start:
                return end
            end = line
        return end

    def _finish(self, root: Node) -> YamlReading:
        reading = YamlReading(root)
        kubernetes = root.kind == MAPPING and "apiVersion" in root.value and "kind" in root.value
        reading.kubernetes = kubernetes
        resolve = resolve_kubernetes if kubernetes else resolve_core
        for node in self.plain:
            node.value = resolve(node.value)
        for node in self.tagged:
            node.value = self._tagged_value(node, kubernetes=kubernetes)
        if kubernetes:
            self._rename_odd_keys()
        if self.references:
            self._expand_merges(root, kubernetes)
        reading.duplicates = self.duplicates
        reading.references = self.references
        return reading

    def _tagged_value(self, node: Node, *, kubernetes: bool) -> Value:
        assert node.tag is not None
        try:
            return resolve_tagged(node.value, node.tag, kubernetes, plain=node.style is None)
        except ScalarError as error:
            raise InputError(error.message, self.source.place(max(node.start, 0))) from None

    def _rename_odd_keys(self) -> None:
        for parent, name in self.odd:
            key = key_kubernetes(name)
            if key == name or name not in parent.value:
                continue
            node = parent.value[name]
            if key is None:
                del parent.value[name]
                _opaque(parent).append(node)
                continue
            earlier = parent.value.get(key)
            if earlier is not None:
                self.duplicates.append((key, earlier.key_start, node.key_start))
            members = [(key if child is node else old, child) for old, child in parent.value.items() if child is not earlier]
            node.key = key
            parent.value = dict(members)

    def _expand_merges(self, root: Node, kubernetes: bool) -> None:  # noqa: FBT001 - the document's one switch
        stack = [root]
        while stack:
            node = stack.pop()
            if node.kind == MAPPING and node.merges:
                merge_at = node.opaque[0].key_start if node.opaque and node.start >= 0 else -1
                for name, child in node.merges:
                    present = node.value.get(name)
                    if present is not None and not (kubernetes and 0 <= present.key_start < merge_at):
                        continue
                    copied = self._copy(child)
                    copied.parent, copied.key = node, name
                    node.value[name] = copied
                node.merges = []
            if node.kind != SCALAR:
                stack.extend(node.value.values() if node.kind == MAPPING else node.value)


class _Key:
    __slots__ = ("end", "merge", "name", "odd", "start")

    def __init__(self, name: str | None, start: int, end: int, *, odd: bool = False, merge: bool = False) -> None:
        self.name, self.start, self.end, self.odd, self.merge = name, start, end, odd, merge


def _opaque(node: Node) -> list[Node]:
    if node.opaque is None:
        node.opaque = []
    return node.opaque


def _last_child(node: Node) -> Node | None:
    """The child that stands last in the text."""
    candidates = [child for child in node.opaque or ()]
    if node.kind == SEQUENCE:
        candidates += node.value[-1:]
    elif node.value:
        candidates.append(next(reversed(node.value.values())))
    return max(candidates, key=lambda child: child.end, default=None)
