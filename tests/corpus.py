"""The shared corpora, and what several tests do with documents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

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
