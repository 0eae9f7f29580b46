"""What must hold for every rewrite, whatever the rules: bytes, data, the reverse patch, and comments."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from retouch import Rewrite, apply_patch
from retouch.editing.pairing import entries_of, original
from retouch.evaluation.tree import Tree
from retouch.node import SCALAR, SEQUENCE, Node, plain
from retouch.patch import apply, reverse
from retouch.reading.document import Document, cut, read, read_stream
from retouch.value import equal

_COMMENT = re.compile(r"(?<![^ \t\r\n\ufeff\"'\]},])#[^\r\n]*")
_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_ONLY_COMMENT = re.compile(r"[ \t]*#[^\r\n]*")


Patch = list[dict[str, Any]]


def check_laws(text: str, result: Rewrite, file: str | None = None, patch: Patch | None = None) -> None:
    """All laws that hold for any rules or patch; `patch` is what was asked for, where one document was."""
    check_bytes(text, result)
    check_data(text, result, file)
    check_reverse(text, result, file)
    check_comments(text, result, file, patch)


def check_bytes(text: str, result: Rewrite) -> None:
    """Outside the edits every byte is what it was, and without operations and edits all are."""
    made, at = "", 0
    for edit in result.edits:
        assert at <= edit.start <= edit.end
        made += text[at : edit.start] + edit.text
        at = edit.end
    assert made + text[at:] == result.text
    if not any(one.changed for one in result.documents):
        assert result.text == text


def check_data(text: str, result: Rewrite, file: str | None = None) -> None:
    """The new text, read as a whole, says what the library `jsonpatch` makes of the data of the old one."""
    expected = data_of(text, file)
    for one in result.documents:
        if one.item is None:
            expected[one.index] = apply(expected[one.index], one.patch)
        else:
            items = expected[one.index]["items"]
            items[one.item] = apply(items[one.item], one.patch)
        if one.kubernetes:
            expected[one.index] = _held(expected[one.index])
    assert equal(data_of(result.text, file), expected)


def check_reverse(text: str, result: Rewrite, file: str | None = None) -> None:
    """The reverse patches bring the data back, if there still are the same documents (items of a list, say)."""
    back = result.text
    if [*map(_place, read(back, file))] != [*map(_place, read(text, file))]:
        return
    for one in result.documents:
        if one.patch and one.changed:
            back = apply_patch(back, reverse(one.data, one.patch), one.index, item=one.item, file=file)
    assert equal(data_of(back, file), data_of(text, file))


def data_of(text: str, file: str | None = None) -> dict[int, Any]:
    """What the documents of a text say, by their place in the stream; a Kubernetes list is one."""
    return {chunk.index: plain(chunk.root) for chunk in read_stream(text, file) if chunk.root is not None}


def _held(value: Any) -> Any:
    """`value` as the API server holds it: integers that 64 bits do not hold are floats."""
    if isinstance(value, dict):
        return {key: _held(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_held(item) for item in value]
    small = not isinstance(value, int) or -(2**63) <= value < 2**63
    return value if small else float(value)


def _place(document: Document) -> Any:
    return (document.index, document.item)


def comments(text: str, file: str | None = None) -> list[tuple[int, str]]:
    """Every comment of a text, with the offset of its `#`, in order; found between what is no comment."""
    if cut(text, file)[0]:
        return []
    found, base = [], 0
    for chunk in read_stream(text, file):
        piece = chunk.source.text
        spans = sorted(_scalar_spans(piece, chunk.root)) if chunk.root is not None else []
        at = 0
        for start, end in [*spans, (len(piece), len(piece))]:
            found += [
                (base + match.start(), match[0].rstrip()) for match in _COMMENT.finditer(piece, at, max(start, at))
            ]
            at = max(at, end)
        base += len(piece)
    return found


def _scalar_spans(text: str, root: Node) -> Iterator[tuple[int, int]]:
    """Where scalars and keys stand, in which a `#` begins no comment; the header of a block scalar is left out."""
    stack = [root]
    while stack:
        node = stack.pop()
        if node.key_start >= 0 and text[node.key_start : node.key_end] != "-":
            yield node.key_start, node.key_end
        if node.kind != SCALAR:
            stack += entries_of(node)
        elif node.style in ("|", ">"):
            line_break = _LINE_BREAK.search(text, node.value_start)
            yield (line_break.end() if line_break else len(text)), node.end
        else:
            yield node.value_start, node.end


def check_comments(text: str, result: Rewrite, file: str | None = None, patch: Patch | None = None) -> None:
    """No comment is gone but what belongs to something removed or replaced, and none is new.

    One that has come to stand behind another on its line is still there.
    """
    before = comments(text, file)
    was, now = (_joined(found) for found in (before, comments(result.text, file)))
    if not any(each["op"] == "copy" for each in patch or ()):  # a copy has its comments too
        assert not Counter("".join(now.split())) - Counter("".join(was.split())), "comments from nowhere"
    missing = [each for each in set(was.split("\n")) if was.count(each) > now.count(each)]
    if missing:
        changed = {(one.index, one.item): patch or one.patch for one in result.documents if one.changed}
        spans = list(_taken_spans(text, changed, file))
        taken = _joined([(at, each) for at, each in before if any(start <= at < end for start, end in spans)])
        lost = [each for each in missing if was.count(each) > now.count(each) + taken.count(each)]
        assert not lost, f"comments lost: {lost}"


def _joined(found: list[tuple[int, str]]) -> str:
    return "\n".join(comment for _at, comment in found)


def _taken_spans(text: str, changed: dict[Any, Patch], file: str | None) -> Iterator[tuple[int, int]]:
    """The spans of what patches take out of documents, with the comments that belong to it."""
    base = 0
    for chunk in read_stream(text, file):
        for document in chunk.documents:
            tree = Tree(document)
            for operation in changed.get(_place(document), ()):
                tree.apply(operation)
            for start, end in _taken(chunk.source.text, tree, document.root):
                yield base + start, base + end
        base += len(chunk.source.text)


def _taken(text: str, tree: Tree, node: Node, home: Node | None = None) -> Iterator[tuple[int, int]]:
    kind, _content = original(node)
    moved = home is not None and (node.parent is not home or _is_reordered(home))
    if home is not None and (not tree.alive(node) or (moved and (node in tree.changed or _in_flow(node)))):
        yield _entry_span(text, node)  # it is gone, is another one elsewhere, or where no comment can stand
        return
    if node.flow and node in tree.changed and text[node.value_start] not in "{[":
        yield node.start, node.end  # `[a: b]`, which gets braces
    elif kind != SCALAR and (node.kind != kind or not node.value):
        head = _LINE_BREAK.search(text, max(node.key_end, 0), node.start)  # comments above its first entry are its own
        start = head.end() if head else node.start
        yield start, _below(text, node.end, _column(text, node) if node.key_start >= 0 else -1)
    if kind != SCALAR:
        for child in entries_of(node):
            yield from _taken(text, tree, child, node)


def _is_reordered(home: Node) -> bool:
    """Whether the items that a list still has stand in another order."""
    places = {child: place for place, child in enumerate(home.value)} if home.kind == SEQUENCE else {}
    staying = [places[child] for child in entries_of(home) if child in places]
    return staying != sorted(staying)


def _in_flow(node: Node) -> bool:
    """Whether `node` stands in a flow collection of the text now, or in what is new in one."""
    while node.parent is not None:
        node = node.parent
        if node.start >= 0:
            return node.flow
    return False


def _entry_span(text: str, node: Node) -> tuple[int, int]:
    """An entry from the comment lines directly above it to the one behind it, and the deeper ones below."""
    start = node.key_start if node.key_start >= 0 else node.start
    line = _line_start(text, start)
    while line > 0:
        above = _line_start(text, line - 1 - text.startswith("\r\n", line - 2))
        if not _ONLY_COMMENT.match(text, above):
            break
        line = above
    end = max(node.end, node.key_end)
    behind = re.compile(r"[ \t]*,?[ \t]*#[^\r\n]*").match(text, end)
    return line, _below(text, behind.end() if behind else end, _column(text, node))


def _below(text: str, end: int, column: int) -> int:
    """Behind the comment lines that follow and stand deeper than `column`."""
    position = end
    while (line_break := _LINE_BREAK.search(text, position)) is not None:
        position = line_break.end()
        comment = _ONLY_COMMENT.match(text, position)
        if comment and len(comment[0]) - len(comment[0].lstrip(" ")) > column:
            position = end = comment.end()
        elif _LINE_BREAK.match(text[position:].lstrip(" \t")) is None:
            break
    return end


def _column(text: str, node: Node) -> int:
    start = node.key_start if node.key_start >= 0 else node.start
    before = text[_line_start(text, start) : start]
    return len(before.rstrip(" ").removesuffix("?")) if before.rstrip().endswith("?") else len(before)


def _line_start(text: str, offset: int) -> int:
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
