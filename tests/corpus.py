"""The shared corpora, and what several tests do with documents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from retouch.node import plain
from retouch.pointer import join
from retouch.reading.document import read

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"

needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpora are not on this machine")


def files(folder: str, pattern: str) -> list[Path]:
    """The files of a corpus; none where it is missing (a test with `needs_corpus` says so)."""
    return sorted((CORPUS / folder).rglob(pattern))


def name_of(path: Path) -> str:
    """What a test or a table calls a file of a corpus: its path in it, without what all share."""
    parts = path.relative_to(CORPUS).parts[1:]
    return "/".join(parts).removesuffix("/in.yaml")


def pointers(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every value in `value` with the way to it."""
    yield path, value
    if isinstance(value, dict):
        for key, child in value.items():
            yield from pointers(child, (*path, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from pointers(child, (*path, index))


def data_of(text: str) -> list[Any]:
    """What the documents of a text say."""
    return [plain(document.root) for document in read(text)]


def data_at(text: str, index: int) -> Any:
    """What the document at one place of the stream says."""
    return next((plain(document.root) for document in read(text) if document.index == index), None)


VALUES: list[Any] = ["new", "a: b\nc\n", None, {"k": [1, {"l": "m"}]}, ["x", {"y": "z"}]]


def edits_of(data: Any) -> list[dict[str, Any]]:
    """One operation of every kind for every place in `data`."""
    found: list[dict[str, Any]] = []
    for way, value in pointers(data):
        path = join(list(way))
        if way:
            found.append({"op": "remove", "path": path})
            found += [{"op": "replace", "path": path, "value": new} for new in VALUES]
        if isinstance(value, dict):
            found += [{"op": "add", "path": f"{path}/new key", "value": new} for new in VALUES]
        if isinstance(value, list):
            found += [{"op": "add", "path": f"{path}/{at}", "value": new} for at in ("-", "0") for new in VALUES]
    return found


def moves_of(data: Any) -> list[dict[str, Any]]:
    """For every value in `data` new names, and moves and copies to every container, its own parts left out."""
    found: list[dict[str, Any]] = []
    places = list(pointers(data))
    for way, _value in places:
        if not way:
            continue
        source = join(list(way))
        if isinstance(way[-1], str):
            names = ("new", "a: b", "1", "")
            found += [{"op": "move", "from": source, "path": join([*way[:-1], name])} for name in names]
        for inner, container in places:
            inside = inner[: len(way)] == way
            ends = {dict: ["moved"], list: ["-", "0"]}.get(type(container), [])
            for path in (join([*inner, end]) for end in ends):
                found += [{"op": op, "from": source, "path": path} for op in ("copy", "move")[: 2 - inside]]
    return found
