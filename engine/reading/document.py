"""Cuts a stream into its documents and reads each: what rules see, and the text it stands in."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable, Iterator
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

_MARKER = late_pattern(r"(?<![^\r\n])(?:---|\.\.\.)(?=[ \t\r\n]|\Z)")
# Possessive throughout: to fail on thousands of comment lines must cost no more than to pass them.
_NO_CONTENT = late_pattern(r"\ufeff?(?:(?:[ \t]*+(?:#[^\r\n]*+)?+|%[^\r\n]*+)(?:\r\n?+|\n|\Z))*+\Z")
_ONLY_END = late_pattern(r"\ufeff?(?:[ \t]*+(?:#[^\r\n]*+)?+(?:\r\n?+|\n))*+\.\.\.[ \t]*(?:\r\n|\r|\n|\Z)")
_BEHIND_MARKER = frozenset(["", " ", "\t", "\n"])
_LINE_END = late_pattern(r"\r\n|\r|\n")
_BREAK = r"(?:\r\n?+|\n|\Z)"
_REST = rf"(?:[ \t]++(?:#[^\r\n]*+)?+)?+{_BREAK}"  # of the line of a marker
_BARE = late_pattern(  # a piece of a stream without any content: there may be an empty document in it
    rf"\ufeff?(?:(?:[ \t]*+(?:#[^\r\n]*+)?+|%[^\r\n]*+){_BREAK})*+(?P<marker>---{_REST})?+"
    rf"(?:[ \t]*+(?:#[^\r\n]*+)?+{_BREAK})*+(?:\.\.\.{_REST})?+\Z"
)


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
    wanted: Callable[[str], bool] | None = None,
) -> Iterator[Chunk]:
    """The chunks of `text` in order, cut as `cut` says; joined, their texts are `text` again.

    Documents with `apiVersion` and `kind` are Kubernetes documents, unless `core` is given: then the core schema of
    YAML 1.2 holds for all. Documents whose text is not `wanted` are left unread; such neighbours are one chunk. Raises
    `InputError` with the place where a chunk cannot be read.
    """
    is_json, pieces = cut(text, file)
    return read_pieces(pieces, file, is_json=is_json, core=core, wanted=wanted)


def read_pieces(
    pieces: Iterable[str],
    file: str | None = None,
    *,
    is_json: bool = False,
    core: bool = False,
    wanted: Callable[[str], bool] | None = None,
    first: tuple[int, int] = (0, 1),
) -> Generator[Chunk, None, tuple[int, int]]:
    """As `read_stream`, for a text that is cut already; `first` is the index of its first document and its line.

    Returns those of what comes behind it.
    """
    read_piece = _read_json_piece if is_json else _read_yaml_piece
    index, line = first
    passed: list[str] = []
    for piece in pieces:
        if wanted is not None and not wanted(piece):
            passed.append(piece)
            continue
        if passed:
            unread, number = _pass_over(passed, file, index, line, is_json=is_json)
            yield unread
            index += number
            line += _count_lines(unread.source.text)
            passed = []
        chunk = Chunk(Source(piece, file, line), index, is_json=is_json)
        read_piece(chunk, core=core)
        if chunk.root is not None:
            _find_documents(chunk, chunk.root)
            _find_ignores(chunk, chunk.root)
            index += 1
        yield chunk
        line += _count_lines(piece)
    if passed:
        unread, number = _pass_over(passed, file, index, line, is_json=is_json)
        yield unread
        index += number
        line += _count_lines(unread.source.text)
    return index, line


def _pass_over(pieces: list[str], file: str | None, index: int, line: int, *, is_json: bool) -> tuple[Chunk, int]:
    """The chunk of documents that are not read, and how many places in the stream they take (as empty ones do, too)."""
    bare = [_BARE.match(piece) for piece in pieces if not _begins_well(piece)] if not is_json else []
    empty = [match for match in bare if match is not None]
    places = len(pieces) - sum(1 for match in empty if not match["marker"])
    chunk = Chunk(Source("".join(pieces), file, line), index, is_json=is_json, unread=len(pieces) - len(empty))
    return chunk, places


def _begins_well(piece: str) -> bool:
    """Whether a document begins with a letter, as nearly all do, and so is not empty."""
    return piece[4:5].isalpha() if piece.startswith("---\n") else piece[:1].isalpha()


def _count_lines(text: str) -> int:
    return text.count("\n") if "\r" not in text else len(_LINE_END.findall(text))


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


def split(text: str) -> Iterator[str]:
    """`text` cut at its document markers, each piece one document with its directives, markers and comments.

    `---` and `...` at the start of a line are markers wherever they stand (YAML 1.2.2, 9.1.2), so no parser
    is needed. Joined, the pieces are `text`.
    """
    start = 0
    for at in _markers(text):
        if text[at] == "-":
            if at > start and (text.startswith("---", start) or not _NO_CONTENT.match(text, start, at)):
                yield text[start:at]
                start = at
        else:
            line_end = _LINE_END.search(text, at)
            end = line_end.end() if line_end else len(text)
            yield text[start:end]
            start = end
    if start < len(text) or start == 0:
        yield text[start:]


def is_one_piece(text: str) -> bool:
    """Whether `split` leaves a text whole. Linear, and fast where nothing looks like a marker."""
    if "\n---" in text or "\n..." in text or "\r" in text or text.startswith("..."):
        return [*split(text)] == [text]
    return True


def split_blocks(blocks: Iterable[str]) -> Iterator[list[str]]:
    """As `split`, for a text that comes in blocks: some pieces at a time, joined they are that text.

    Holds a block and the document that it ends in.
    """
    rest, least = "", 0
    for block in blocks:
        rest += block
        end = rest.rfind("\n") + 1 if len(rest) >= least else 0  # a marker is one only if its line has come
        *done, last = split(rest[:end])
        if done:
            rest, least = last + rest[end:], 0
            yield done
        elif end:
            least = 2 * len(rest)  # of a long document, not every block is to be looked through from its beginning
    yield [*split(rest)]


def _markers(text: str) -> Iterator[int]:
    """Where the lines begin that are document markers."""
    if _MARKER.match(text):
        yield 0
    if "\r" in text or "\n..." in text:
        yield from (marker.start() for marker in _MARKER.finditer(text, 1))
        return
    at = text.find("\n---")  # many times faster than the regular expression
    while at >= 0:
        if text[at + 4 : at + 5] in _BEHIND_MARKER:
            yield at + 1
        at = text.find("\n---", at + 4)


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
