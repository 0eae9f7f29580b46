"""Cuts a stream into its documents and reads each: what rules see, and the text it stands in."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Iterator
from itertools import pairwise

from ..dataclass import dataclass, field, replace
from ..error import InputError, Message, Place, Severity, shorten
from ..late_pattern import late_pattern
from ..node import MAPPING, SCALAR, SEQUENCE, Node, is_kubernetes
from ..source import Source
from ..stack import is_whole, on_whole_stack
from .ignore import Ignore, find_ignores
from .json_reader import read_json, skip_blanks
from .line_reader import read_lines
from .reference import References
from .split import split
from .stretch import Sought, Stretch, search, search_pieces

_ONLY_END = late_pattern(r"\ufeff?(?:[ \t]*+(?:#[^\r\n]*+)?+(?:\r\n?+|\n))*+\.\.\.[ \t]*(?:\r\n|\r|\n|\Z)")


@dataclass(frozen=True, slots=True)
class Resource:
    """What names a Kubernetes object: `apiVersion`, `kind`, `metadata.namespace`, `metadata.name`."""

    apiVersion: str  # noqa: N815 - the field's own name, as it is printed
    kind: str
    namespace: str | None
    name: str | None
    generate_name: str | None = None


@dataclass(slots=True)
class Document:
    """One document as rules see it: a YAML or JSON document of a stream, or one item of a Kubernetes list.

    `index` is its place in the stream from 0 (empty documents count), `item` its place in the list or None, `above`
    that list's `items`. `ignores` are the comments that keep rules away from something in it.
    """

    root: Node
    source: Source
    index: int
    item: int | None
    kubernetes: bool
    resource: Resource | None
    above: Node | None = None
    ignores: list[Ignore] = field(default_factory=list)

    @property
    def file(self) -> str | None:
        """The file's name, as it was given."""
        return self.source.file

    def place(self, node: Node) -> Place:
        """Where `node` stands in the text; for a node that an operation made, its nearest ancestor that does."""
        current: Node | None = node
        while current is not None:
            if current.start >= 0:
                at = current.key_start if current.key_start >= 0 and current.kind != SCALAR else current.start
                return self.source.place(at)
            current = current.parent
        return self.source.place(max(self.root.start, 0))


@dataclass(slots=True)
class Chunk:
    """The text of one document of a stream, read: its root and the documents that rules see in it.

    `root` is None where the text holds no document at all (comments behind the last one). A chunk of documents that
    were left out has no root and no documents; `unread` counts them.
    """

    source: Source
    index: int
    root: Node | None = None
    is_json: bool = False
    kubernetes: bool = False
    references: References = field(default_factory=References)
    duplicates: list[tuple[str, int, int]] = field(default_factory=list)
    renamed: list[tuple[str, str | None, int]] = field(default_factory=list)
    is_usual: bool = True  # without tags, and keys that JSON has no name for
    documents: list[Document] = field(default_factory=list)
    unread: int = 0

    def join_items(self) -> None:
        """Put the items of a Kubernetes list, which rules see as roots of their own, back below their list."""
        for document in self.documents:
            if document.item is not None and self.root is not None:
                document.root.parent = self.root.value["items"]

    def duplicate_messages(self, severity: Severity, ending: str) -> list[Message]:
        """A message for every key that stands twice in a mapping, with both places; `ending` says what comes of it."""
        found = []
        for key, first, later in self.duplicates:
            earlier = Message("note", "first given here", self.source.place(first))
            text = f"the key `{shorten(key)}` stands twice in this mapping (line {earlier.place.line} too){ending}"
            found.append(Message(severity, text, self.source.place(later), notes=(earlier,)))
        return found

    def key_messages(self) -> list[Message]:
        """A warning for every key without quotes that kubectl takes for another one than its text."""
        return [
            Message("warning", f"kubectl {_take(text, name)}: quote it if the text is meant", self.source.place(start))
            for text, name, start in self.renamed
        ]


def _take(text: str, name: str | None) -> str:
    return f"has no name for the key `{text}`" if name is None else f"takes the key `{text}` for `{name}`"


@on_whole_stack
def read(text: str, file: str | None = None, *, core: bool = False) -> list[Document]:
    """All documents of `text`, read as `read_stream` does. Raises `InputError` at the first that cannot be read."""
    return [document for chunk in read_stream(text, file, core=core) for document in chunk.documents]


def read_stream(
    text: str,
    file: str | None = None,
    *,
    core: bool = False,
    sought: Sought | None = None,
) -> Iterator[Chunk]:
    """The chunks of `text` in order, cut as `cut` says; joined, their texts are `text` again.

    Documents with `apiVersion` and `kind` are Kubernetes documents, unless `core` is given: then the core schema of
    YAML 1.2 holds for all. Documents that hold nothing of what is `sought` are left unread; such neighbours are one
    chunk. Raises `InputError` with the place where a chunk cannot be read.
    """
    is_json, pieces = cut(text, file)
    stretches = _stretches(text, pieces, sought, is_json=is_json)
    return _read_stretches(stretches, file, is_json=is_json, core=core)


def read_block(
    text: str, file: str | None, first: tuple[int, int], *, sought: Sought | None = None
) -> Generator[Chunk, None, tuple[int, int]]:
    """As `read_stream`, for some documents of a stream of YAML; `first` is the index of the first one and its line.

    Returns those of what comes behind it.
    """
    return _read_stretches(_stretches(text, split(text), sought, is_json=False), file, first)


def _stretches(text: str, pieces: Iterable[str], sought: Sought | None, *, is_json: bool) -> Iterator[Stretch]:
    if sought is None:
        return (Stretch(piece) for piece in pieces)
    return search_pieces(pieces, sought, is_json=True) if is_json else search(text, pieces, sought)


def _read_stretches(
    stretches: Iterable[Stretch],
    file: str | None,
    first: tuple[int, int] = (0, 1),
    *,
    is_json: bool = False,
    core: bool = False,
) -> Generator[Chunk, None, tuple[int, int]]:
    read_piece = _read_json_piece if is_json else _read_yaml_piece
    index, line = first
    for stretch in stretches:
        piece = stretch.text
        chunk = Chunk(Source(piece, file, line), index, is_json=is_json)
        if stretch.places is not None:
            chunk.unread = stretch.documents
            yield chunk
            index += stretch.places
            line += _count_lines(piece)
            continue
        read_piece(chunk, core=core)
        if chunk.root is not None:
            _find_documents(chunk, chunk.root)
            _find_ignores(chunk, chunk.root)
            index += 1
        yield chunk
        line += _count_lines(piece)
    return index, line


def _count_lines(text: str) -> int:
    returns = text.count("\r") - text.count("\r\n") if "\r" in text else 0
    return text.count("\n") + returns


def read_again(text: str, chunk: Chunk, *, as_json: bool) -> Chunk:
    """What became of `chunk`, read by itself as one document, by a parser. Raises `InputError` if it cannot be read."""
    again = Chunk(Source(text, chunk.source.file, chunk.source.first_line), chunk.index, is_json=as_json)
    (_read_json_piece if as_json else _parse_yaml_piece)(again, core=False)
    return again


def cut(text: str, file: str | None = None) -> tuple[bool, Iterator[str]]:
    """Whether `text` is JSON, and its pieces, each of one document; joined, they are `text` again.

    A text that begins with `{` or `[` and parses as JSON is JSON, one value or several; all else is YAML.
    """
    begin = skip_blanks(text, 1 if text.startswith("\ufeff") else 0)
    ends = _json_ends(text, begin, file) if text[begin : begin + 1] in ("{", "[") else None
    if ends is None:
        return False, split(text)
    edges = [0, *ends[:-1], len(text)]
    return True, (text[start:end] for start, end in pairwise(edges))


def _read_yaml_piece(chunk: Chunk, *, core: bool) -> None:
    reading = read_lines(chunk.source.text, core=core)
    if reading is None:
        _parse_yaml_piece(chunk, core=core)
    else:
        chunk.root, chunk.kubernetes = reading


def _parse_yaml_piece(chunk: Chunk, *, core: bool) -> None:
    from .yaml_reader import read_yaml  # plain YAML and JSON need no parser

    reading = None if _ONLY_END.match(chunk.source.text) else read_yaml(chunk.source, core=core)
    if reading is not None:
        chunk.root = reading.root
        chunk.kubernetes = reading.kubernetes
        chunk.references = reading.references
        chunk.duplicates = reading.duplicates
        chunk.renamed = reading.renamed
        chunk.is_usual = reading.is_usual


def _read_json_piece(chunk: Chunk, *, core: bool) -> None:
    text = chunk.source.text
    reading = read_json(chunk.source, 1 if text.startswith("\ufeff") else 0)
    rest = skip_blanks(text, reading.end)
    if rest < len(text):
        message = f"this is no JSON: expected the end of the text, found `{text[rest]}`"
        raise InputError(message, chunk.source.place(rest))
    chunk.root = reading.root
    chunk.duplicates = reading.duplicates
    chunk.kubernetes = not core and is_kubernetes(reading.root)


def _json_ends(text: str, at: int, file: str | None) -> list[int] | None:
    """Where the JSON values of a text end, or None if it is not JSON and may be YAML."""
    decoder = json.JSONDecoder(parse_constant=_refuse_constant, parse_int=str, parse_float=str)
    ends = []
    try:
        while at < len(text):
            _value, at = decoder.raw_decode(text, at)
            ends.append(at)
            at = skip_blanks(text, at)
    except RecursionError:
        if not is_whole():
            raise
        return [len(text)]  # the reader says where it is too deep
    except ValueError:
        return [len(text)] if file is not None and file.endswith(".json") else None
    return ends


def _refuse_constant(name: str) -> None:
    message = f"{name} is no JSON"
    raise ValueError(message)


def _find_documents(chunk: Chunk, root: Node) -> None:
    if root.kind == SCALAR and root.start == root.end:
        return  # an empty document has nothing to rewrite
    listed = _list_items(root) if chunk.kubernetes else None
    if listed is None:
        resource = _resource(root, None, None) if chunk.kubernetes else None
        chunk.documents = [Document(root, chunk.source, chunk.index, None, chunk.kubernetes, resource)]
        return
    api_version = root.value["apiVersion"].value
    kind = root.value["kind"].value.removesuffix("List")
    for place, item in enumerate(listed):
        item.parent = None  # the item is a root of its own: operations are relative to it
        resource = _resource(item, api_version, kind)
        above = root.value["items"]
        chunk.documents.append(Document(item, chunk.source, chunk.index, place, True, resource, above))  # noqa: FBT003


def _find_ignores(chunk: Chunk, root: Node) -> None:
    """Give each document the comments that are about something in it, or about the list that it is an item of."""
    roots = {document.root: document for document in chunk.documents}
    for ignore in find_ignores(chunk.source, root) if roots else ():
        top = ignore.node
        while top is not None and top.parent is not None:
            top = top.parent
        if top in roots:
            roots[top].ignores.append(ignore)
        elif top is None:
            chunk.documents[0].ignores.append(ignore)
        else:
            for document in chunk.documents:
                document.ignores.append(replace(ignore, shared=True))


def _list_items(root: Node) -> list[Node] | None:
    """The items of a Kubernetes list, if the document is one."""
    kind, items = root.value["kind"].value, root.value.get("items")
    is_list = isinstance(kind, str) and kind.endswith("List") and items is not None and items.kind == SEQUENCE
    if not is_list or not all(item.kind == MAPPING for item in items.value):
        return None
    return items.value  # type: ignore[no-any-return]


def _resource(root: Node, api_version: str | None, kind: str | None) -> Resource | None:
    def text(node: Node, key: str) -> str | None:
        child = node.value.get(key)
        return child.value if child is not None and isinstance(child.value, str) else None

    metadata = root.value.get("metadata")
    if metadata is None or metadata.kind != MAPPING:
        metadata = Node(MAPPING, {})
    api_version, kind = text(root, "apiVersion") or api_version, text(root, "kind") or kind
    if api_version is None or kind is None:
        return None
    names = text(metadata, "namespace"), text(metadata, "name"), text(metadata, "generateName")
    return Resource(api_version, kind, *names)
