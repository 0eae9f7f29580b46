"""The guard: the new text must say what the patches say, document by document, or nothing is written."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

from ..error import GuardError, InputError, PatchError, RetouchError
from ..late_pattern import late_pattern
from ..node import MAPPING, SCALAR, SEQUENCE, Node, path_of, plain
from ..patch import apply_to
from ..pointer import join
from ..reading.document import Chunk, cut, read_again
from ..reading.json_reader import skip_blanks
from ..reading.kubernetes_scalar import fits_64_bits
from ..reading.reference import is_merge
from ..reading.split import is_one_piece, split
from ..source import Source
from ..value import Value, equal
from .node_property import has_local_tag
from .pairing import original, original_plain

_Patches = Mapping[int | None, Sequence[Mapping[str, Any]]]
"""The operations of the changed documents of a chunk, by their item number; None for the only document."""

_FLOAT_BITS = 1024
_YAML_TAG = "tag:yaml.org,2002:"
_TAGS = {
    SCALAR: ("str", "int", "float", "bool", "null", "binary", "timestamp"),
    MAPPING: ("map", "set", "omap"),
    SEQUENCE: ("seq", "omap", "pairs"),
}
_OURS = " Nothing was written. This is a mistake in retouch: please report it with the document"
_MARK = "\ufeff"
_INNER_MARK = late_pattern(r"(?<=[\r\n\ufeff])\ufeff")
_READ_DIFFERENTLY = late_pattern(r"(?P<tab>(?<![^\r\n]) *\t[ \t]*(?=[\r\n]|\Z))|[\x85\u2028\u2029]")


def check(chunk: Chunk, text: str, patches: _Patches, data: Value = None) -> None:
    """Parse `text`, what became of the chunk, and compare it with what the patches make of the original data.

    `patches` holds the operations of the changed documents by their item number, None for the chunk's only document,
    of which `data` is the original data, if it is known. Raises `GuardError` naming the document, the place and the
    operation. Linear in the chunk.
    """
    mark = None if chunk.is_json or _MARK not in chunk.source.text else _INNER_MARK.search(chunk.source.text)
    if mark is not None:  # what reads the text again here proves nothing for other readers
        raise _disagreement(chunk, "a byte-order mark inside the text", mark.start())
    if not chunk.is_json and _MARK in text and _INNER_MARK.search(text):
        raise _mistake(chunk, "a byte-order mark has come to stand inside the text", patches, [])
    try:
        expected = _expected(chunk, patches, data)
    except PatchError as error:
        raise _mistake(chunk, f"the patch does not fit the document ({error.messages[0].text})", patches, []) from None
    if _is_plainly(chunk, text, expected):
        return
    for as_json in {chunk.is_json, chunk.is_json or cut(text)[0]}:  # what has become JSON will be read as JSON
        root, kubernetes = _read(chunk, text, patches, as_json=as_json)
        found = plain(root)
        if not equal(found, expected) and not (chunk.kubernetes and equal(found, held(expected))):
            raise _difference_error(chunk, expected, found, patches, kubernetes=kubernetes)
        if chunk.root is not None and not as_json:
            _check_unnamed(chunk, chunk.root, text, root)


def _is_plainly(chunk: Chunk, text: str, expected: Value) -> bool:
    """Whether a look at each event of the parser shows that `text` says what is expected, as most texts do.

    Where it does not, the text may be right all the same: it is then read into a tree, and compared with more care.
    """
    if chunk.is_json or not chunk.is_usual or chunk.references or chunk.duplicates or text[:1] == _MARK:
        return False
    if text.lstrip()[:1] in ("{", "[") or not is_one_piece(text):
        return False
    named = isinstance(expected, dict) and "apiVersion" in expected and "kind" in expected
    if named != chunk.kubernetes:
        return False
    from ..reading.yaml_proof import says  # JSON needs no YAML parser

    return says(text, expected, kubernetes=chunk.kubernetes)


def check_cut(source: Source, pieces: Sequence[str]) -> None:
    """Cut the new text of a whole stream as its next reader will, and see that its `pieces` come out again.

    A piece that says what it should by itself may still run into the one behind it. `source` is the text as it was.
    Raises `GuardError`, or `InputError` where JSON values stand side by side. Linear; nothing is parsed as YAML.
    """
    found = cut("".join(pieces), source.file)[1]
    offset = 0
    for old, new, now in zip_longest(cut(source.text, source.file)[1], pieces, found, fillvalue=""):
        if new != now:
            raise _run_on(source, offset, old)
        offset += len(old)


def check_seam(source: Source, text: str, next_source: Source, next_text: str) -> None:
    """See that two neighbours in a YAML stream, whose new texts are these, are still cut where the one ends.

    Both are read as one document each, and were apart before. Raises `GuardError`. Linear in the first one's last
    document.
    """
    if text != source.text:
        line = next_text[: next_text.find("\n") + 1] or next_text
        head = line[: line.find("\r") + 1] or line
        stays = [*split(text + head)] == [text, head]
    else:
        begin = next_source.text[:3]  # of a document behind `...` it does not matter
        stays = begin != "---" or [*split("a\n" + next_text[:5])][1:] == [next_text[:5]]
    if not stays:
        raise GuardError(f"the new text of this document runs into the next one.{_OURS}", source.place(0))


def _run_on(source: Source, offset: int, old: str) -> RetouchError:
    """The error for a document whose new text does not end where it should."""
    if cut(source.text, source.file)[0] and source.text[offset + len(old) :].strip():
        text = "this JSON value would run into the next one, as there is no blank between them: put them on lines"
        return InputError(text, source.place(skip_blanks(source.text, offset)))
    return GuardError(f"the new text of this document runs into the next one.{_OURS}", source.place(offset))


def _read(chunk: Chunk, text: str, patches: _Patches, *, as_json: bool) -> tuple[Node, bool]:
    """The root of the new text, one document in which no key stands twice; and whether kubectl's reading holds."""
    try:
        again = read_again(text, chunk, as_json=as_json)
    except InputError as error:
        message = error.messages[0].text
        if message.startswith("nested more than"):
            raise InputError(f"the result would be {message}", chunk.source.place(0)) from None
        raise _mistake(chunk, f"the new text cannot be read ({message})", patches, []) from None
    if again.root is None or not (as_json or is_one_piece(text)):
        raise _mistake(chunk, "the new text is not one document any more", patches, [])
    if again.duplicates and again.kubernetes != chunk.kubernetes:
        text = f"this change of `apiVersion` or `kind` would make the key `{again.duplicates[0][0]}` stand twice"
        raise InputError(text, chunk.source.place(max(chunk.root.start, 0) if chunk.root else 0))
    if again.duplicates:
        raise _mistake(chunk, f"the key `{again.duplicates[0][0]}` stands twice in the new text", patches, [])
    return again.root, again.kubernetes


def _check_unnamed(chunk: Chunk, now: Node, text: str, root: Node) -> None:
    """Compare what a document says besides JSON's data: tags, and entries whose keys have no name there.

    Both stay with a node whose text does, but for what `_fitting_tags` says; and what took the place of an equal
    value keeps its text.
    """
    pairs = [(now, root)]
    while pairs:
        now, again = pairs.pop()
        was = now if now.start >= 0 and original(now)[0] == again.kind else None
        fits = _fits(again) if was is None else again.tag in _fitting_tags(was, kubernetes=chunk.kubernetes)
        if not fits:
            raise _mistake(chunk, f"the tag is another one at `{join(path_of(again))}`", {}, [])
        if was is not None and _unnamed(again, text) != _unnamed(was, chunk.source.text):
            what = "an entry whose key JSON has no name for is another one"
            raise _mistake(chunk, f"{what} in `{join(path_of(again))}`", {}, [])
        if again.kind == MAPPING:
            pairs += [(now.value[key], child) for key, child in again.value.items()]
        elif again.kind == SEQUENCE:
            pairs += zip(now.value, again.value, strict=True)


def _fits(node: Node) -> bool:
    """Whether the tag of a node is none, a local one, or one of YAML's own that is for its kind."""
    name = (node.tag or "").removeprefix(_YAML_TAG)
    return node.tag is None or name == node.tag or name in _TAGS[node.kind]


def _fitting_tags(was: Node, *, kubernetes: bool) -> tuple[str | None, ...]:
    """The tags that the new text may have at a node that stood in the text as `was`; None is no tag."""
    if was.tag is None:
        return (None,)
    if was.alias is not None:  # which is written out without the tag of what it stood for
        return (None, was.tag)
    changed = was.kind == SCALAR and was.before is not None
    if has_local_tag(was):
        return (None,) if changed and kubernetes and not isinstance(was.value, str) else (was.tag,)
    return (None,) if changed else (None, was.tag)


def _unnamed(node: Node, text: str) -> list[tuple[str, str]]:
    """The entries of a mapping that have no JSON Pointer: the text of their key, without blanks, and their value."""
    entries = (child for child in node.opaque or () if child.key is None and not is_merge(text, child))
    return sorted(("".join(text[one.key_start : one.key_end].split()), repr(plain(one))) for one in entries)


def _difference_error(
    chunk: Chunk, expected: Value, found: Value, patches: _Patches, *, kubernetes: bool
) -> RetouchError:
    place = _difference(expected, found)
    if kubernetes != chunk.kubernetes:
        return _other_reader(chunk, place)
    return _mistake(chunk, f"the new text differs from the patched data at `{join(place)}`", patches, place)


def _other_reader(chunk: Chunk, place: list[str | int]) -> InputError:
    """What is wrong where an edit of `apiVersion` or `kind` changes what other scalars say."""
    now = "is not read as kubectl reads it any more" if chunk.kubernetes else "would be read as kubectl reads it"
    return InputError(
        f"this change of `apiVersion` or `kind` would make `{join(place)}` say something else, as the document {now};"
        " quote that value first",
        chunk.source.place(max(chunk.root.start, 0) if chunk.root else 0),
    )


def held(value: Value) -> Value:
    """`value` as the API server holds it: an integer that 64 bits do not hold is a float64 there."""
    if isinstance(value, dict):
        return {key: held(item) for key, item in value.items()}
    if isinstance(value, list):
        return [held(item) for item in value]
    if isinstance(value, bool) or not isinstance(value, int) or fits_64_bits(value):
        return value
    return float(value) if value.bit_length() < _FLOAT_BITS else math.inf


def _expected(chunk: Chunk, patches: _Patches, data: Value) -> Value:
    if data is None and chunk.root is not None:
        data = original_plain(chunk.root)
    for item, operations in patches.items():
        if item is None:
            data = apply_to(data, operations)
        else:
            data["items"][item] = apply_to(data["items"][item], operations)
    return data


def _mistake(
    chunk: Chunk,
    what: str,
    patches: _Patches,
    place: list[str | int],
) -> RetouchError:
    """The error for a wrong text: of the document's author if it holds what readers disagree on, else our own."""
    odd = _READ_DIFFERENTLY.search(chunk.source.text)
    if odd:
        what = "a tab on a blank line" if odd["tab"] else f"the character U+{ord(odd[0]):04X}"
        return _disagreement(chunk, what, odd.start())
    operation = _operation_at(patches, place)
    named = f"; the operation there is {operation['op']} `{operation['path']}`" if operation else ""
    return GuardError(f"{what}{named}.{_OURS}", chunk.source.place(max(chunk.root.start, 0) if chunk.root else 0))


def _disagreement(chunk: Chunk, what: str, offset: int) -> InputError:
    text = f"YAML readers take {what} for different things: this document cannot be edited safely with it"
    return InputError(text, chunk.source.place(offset))


def _operation_at(patches: _Patches, place: list[str | int]) -> Mapping[str, Any] | None:
    """The last operation whose path leads to the place that differs."""
    best: Mapping[str, Any] | None = None
    for item, operations in patches.items():
        local = place if item is None else place[2:]
        for operation in operations:
            if join(local).startswith(operation["path"].removesuffix("/-")):
                best = operation
    return best


def _difference(expected: Value, found: Value) -> list[str | int]:
    """The way to the first place where two values differ."""
    way: list[str | int] = []
    while True:
        step = _step_to_difference(expected, found)
        if step is None:
            return way
        way.append(step)
        expected, found = expected[step], found[step]


def _step_to_difference(expected: Value, found: Value) -> str | int | None:
    if isinstance(expected, dict) and isinstance(found, dict):
        return next((key for key in expected if key in found and not equal(expected[key], found[key])), None)
    if isinstance(expected, list) and isinstance(found, list):
        pairs = enumerate(zip(expected, found, strict=False))
        return next((index for index, (left, right) in pairs if not equal(left, right)), None)
    return None
