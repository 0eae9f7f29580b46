"""Temporary files beside the files whose place they are to take; those that killed runs left behind are removed."""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from .interrupt import on_interrupt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

if sys.platform != "win32":
    import fcntl

_LEFTOVER = ".retouch-"
_LONGEST = 200  # bytes of a name that its temporary file's name repeats; file systems allow some 255 in all


@contextmanager
def temporary_file(target: Path, mode: int) -> Iterator[tuple[int, Path]]:
    """A new file beside `target`, open for writing and locked; gone at the end unless it was renamed.

    It is gone after an interruption too. Raises OSError.
    """
    while True:
        path = target.with_name(_prefix(target) + os.urandom(6).hex())
        with on_interrupt(partial(path.unlink, missing_ok=True)), _open_new(path, mode) as descriptor:
            _lock(descriptor)
            if path.exists():  # else another run found it before it was locked, and took it for a leftover
                yield descriptor, path
                return


def remove_leftovers(paths: Iterable[Path]) -> None:
    """Delete the temporary files that killed runs left beside these files. One listing per folder."""
    prefixes = defaultdict(set)
    for path in paths:
        real = path.resolve()
        prefixes[real.parent].add(_prefix(real))
    for folder, known in prefixes.items():
        with suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                head, found, _suffix = entry.name.rpartition(_LEFTOVER)
                if found and head + found in known and entry.is_file(follow_symlinks=False):
                    _remove_abandoned(Path(entry))


def is_temporary(name: object) -> bool:
    """Whether an OSError about the file `name` is about a temporary file."""
    return _LEFTOVER in str(name)


def _prefix(target: Path) -> str:
    return f".{os.fsdecode(os.fsencode(target.name)[:_LONGEST])}{_LEFTOVER}"


@contextmanager
def _open_new(path: Path, mode: int) -> Iterator[int]:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    try:
        yield descriptor
    finally:
        with suppress(OSError):
            os.close(descriptor)
        path.unlink(missing_ok=True)


def _lock(descriptor: int) -> None:
    """Wait for the lock that says: somebody still works on this file."""
    if sys.platform != "win32":  # where an open file cannot be deleted
        with suppress(OSError):  # some network file systems have no locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)


def _remove_abandoned(path: Path) -> None:
    """Delete a temporary file unless its writer lives; the lock is held until it is gone."""
    with suppress(OSError), path.open("rb") as stream:
        if sys.platform != "win32":
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()
