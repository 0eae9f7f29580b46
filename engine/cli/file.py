"""Files as bytes: their encoding, and writes that are done whole or not at all."""

from __future__ import annotations

import os
import secrets
import stat
import sys
from collections import defaultdict
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..error import FileError, InputError, Place
from ..source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

if sys.platform != "win32":
    import fcntl

_LEFTOVER = ".retouch-"


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a text is stored: a codec, and the byte-order mark that stands in front of it (or nothing)."""

    codec: str
    mark: bytes = b""


UTF_8 = Encoding("utf-8")

_MARKS = (  # longer marks first: that of UTF-32 begins as that of UTF-16 does
    Encoding("utf-32-le", b"\xff\xfe\x00\x00"),
    Encoding("utf-32-be", b"\x00\x00\xfe\xff"),
    Encoding("utf-8", b"\xef\xbb\xbf"),
    Encoding("utf-16-le", b"\xff\xfe"),
    Encoding("utf-16-be", b"\xfe\xff"),
)


def read_text(data: bytes, file: str | None = None) -> tuple[str, Encoding]:
    """The text in `data`, without its byte-order mark, and how to store it again.

    The encoding is found as YAML 1.2.2, 5.2 says: by the mark, else by the zero bytes around the first (ASCII)
    character. Line ends stay as they are. Raises InputError with the place of bytes that are no text.
    """
    encoding = _detect(data)
    body = data[len(encoding.mark) :]
    try:
        return body.decode(encoding.codec), encoding
    except UnicodeDecodeError as error:
        before = body[: error.start].decode(encoding.codec, "replace")
        bad = body[error.start : error.start + 1].hex()
        text = f"the byte 0x{bad} is not {encoding.codec.upper()}; is this a text file?"
        raise InputError(text, Source(before, file).place(len(before))) from error


def write_text(text: str, encoding: Encoding) -> bytes:
    """The bytes that `read_text` would give `text` and `encoding` for."""
    return encoding.mark + text.encode(encoding.codec)


def _detect(data: bytes) -> Encoding:
    for marked in _MARKS:
        if data.startswith(marked.mark):
            return marked
    if data[:3] == b"\x00\x00\x00":
        return Encoding("utf-32-be")
    if data[1:4] == b"\x00\x00\x00":
        return Encoding("utf-32-le")
    if data[:1] == b"\x00":
        return Encoding("utf-16-be")
    return Encoding("utf-16-le") if data[1:2] == b"\x00" else UTF_8


def read_file(path: Path) -> bytes:
    """The bytes of a file. Raises FileError."""
    with _file_errors("read", path):
        return path.read_bytes()


def write_file(path: Path, data: bytes, *, expected: bytes | None = None, preserve: bool = True) -> None:
    """Make `data` the content of a file, at once: any other process sees the old content or the new.

    The bytes go to a temporary file in the same folder, which takes the file's place when they are on the disk.
    Symbolic links are followed to the real file; its mode and owner are kept. Raises FileError, and changes nothing,
    if the file does not hold the bytes `expected` any more (where they are given), or if with `preserve` its owner
    cannot be kept or it has several names (hard links).
    """
    with _file_errors("written", path):
        target = path.resolve()
        known = target.stat() if expected is not None or target.exists() else None
        if known is not None:
            _refuse_other_kinds(path, known, preserve=preserve)
        with _temporary(target, 0o600 if known else 0o666) as (descriptor, temporary):
            _fill(descriptor, data)
            if known is not None:
                _keep_owner(descriptor, known, path, preserve=preserve)
                temporary.chmod(stat.S_IMODE(known.st_mode))
            os.fsync(descriptor)
            os.close(descriptor)
            if expected is not None and target.read_bytes() != expected:
                raise FileError("the file changed since it was read; nothing was written, run again", Place(str(path)))
            temporary.replace(target)
        _sync_folder(target.parent)


def remove_leftovers(paths: Iterable[Path]) -> None:
    """Delete temporary files that runs which were killed left beside these files. One listing per folder."""
    names = defaultdict(set)
    for path in paths:
        real = path.resolve()
        names[real.parent].add(real.name)
    for folder, known in names.items():
        with suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                name, found, _suffix = entry.name.removeprefix(".").rpartition(_LEFTOVER)
                if found and entry.name.startswith(".") and name in known and _is_abandoned(Path(entry)):
                    Path(entry).unlink()


def _refuse_other_kinds(path: Path, known: os.stat_result, *, preserve: bool) -> None:
    if not stat.S_ISREG(known.st_mode):
        raise FileError("this is no regular file, so it cannot be written in place", Place(str(path)))
    if preserve and known.st_nlink > 1:
        text = f"the file has {known.st_nlink} names (hard links), and a write would part them; --no-preserve allows it"
        raise FileError(text, Place(str(path)))


@contextmanager
def _temporary(target: Path, mode: int) -> Iterator[tuple[int, Path]]:
    """A new file beside `target`, locked while it is being filled; gone at the end unless it was renamed."""
    temporary = target.with_name(f".{target.name}{_LEFTOVER}{secrets.token_hex(6)}")
    descriptor = -1
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
        if sys.platform != "win32":
            with suppress(OSError):  # some network file systems have no locks
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield descriptor, temporary
    finally:
        with suppress(OSError):
            os.close(descriptor)
        temporary.unlink(missing_ok=True)


def _fill(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _keep_owner(descriptor: int, known: os.stat_result, path: Path, *, preserve: bool) -> None:
    made = os.fstat(descriptor)
    if (made.st_uid, made.st_gid) == (known.st_uid, known.st_gid):
        return
    try:
        os.fchown(descriptor, known.st_uid, known.st_gid)
    except PermissionError as error:
        if preserve:
            owner = f"user {known.st_uid}, group {known.st_gid}"
            text = f"the file's owner ({owner}) cannot be kept; --no-preserve writes it as your own"
            raise FileError(text, Place(str(path))) from error


def _sync_folder(folder: Path) -> None:
    """Make a rename last through a power failure, where the system can open folders."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _is_abandoned(path: Path) -> bool:
    """Whether no process holds the lock that the writer of a temporary file has."""
    if sys.platform == "win32":
        return True  # an open file cannot be deleted there
    try:
        with path.open("rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextmanager
def _file_errors(done: str, path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FileError(f"the file cannot be {done}: {error.strerror or error}", Place(str(path))) from error
