"""Files as bytes: their encoding, and writes that are done whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ..dataclass import dataclass
from ..error import FileError, InputError, Place
from ..source import Source
from .temporary import is_temporary, temporary_file

if TYPE_CHECKING:
    from collections.abc import Iterator


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


def read_text(data: bytes, file: str | None = None, first_line: int = 1) -> tuple[str, Encoding]:
    """The text in `data`, without its byte-order mark, and how to store it again.

    The encoding is found as YAML 1.2.2, 5.2 says: by the mark, else by the zero bytes around the first (ASCII)
    character. Line ends stay as they are. Raises InputError with the place of bytes that are no text.
    """
    encoding = find_encoding(data)
    body = data[len(encoding.mark) :]
    try:
        return body.decode(encoding.codec), encoding
    except UnicodeDecodeError as error:
        before = body[: error.start].decode(encoding.codec, "replace")
        bad = body[error.start : error.start + 1].hex()
        text = f"the byte 0x{bad} is not {encoding.codec.upper()}; is this a text file?"
        raise InputError(text, Source(before + "\ufffd", file, first_line).place(len(before))) from error


def write_text(text: str, encoding: Encoding) -> bytes:
    """The bytes that `read_text` would give `text` and `encoding` for."""
    return encoding.mark + text.encode(encoding.codec)


def find_encoding(data: bytes) -> Encoding:
    """The encoding of a text, by its first bytes."""
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
    Symbolic links are followed to the real file; its mode, owner and extended attributes are kept. Raises FileError,
    and changes nothing, if the file does not hold the bytes `expected` any more (where they are given), if it may not
    be written, or if with `preserve` its owner cannot be kept or it has several names (hard links).

    What is no regular file, such as a pipe, is written as it is; where bytes are expected, that is an error.
    """
    with _file_errors("written", path):
        known = _look(path, needed=expected is not None)
        if known is not None and expected is None and not stat.S_ISREG(known.st_mode):
            path.write_bytes(data)
            return
        if known is not None:
            _refuse(path, known, preserve=preserve)
        target = path.resolve()
        with temporary_file(target, 0o666 if known is None else 0o600) as (descriptor, temporary):
            _fill(descriptor, data)
            if known is not None:
                _keep_attributes(descriptor, temporary, path, known, preserve=preserve)
            os.fsync(descriptor)
            if sys.platform == "win32":
                os.close(descriptor)  # an open file cannot be renamed there
            if expected is not None and target.read_bytes() != expected:
                raise FileError("the file changed since it was read; nothing was written, run again", Place(str(path)))
            temporary.replace(target)
        _sync_folder(target.parent)


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing, to last. Raises FileError."""
    try:
        if not folder.is_dir():
            make_folder(folder.parent)
            folder.mkdir(exist_ok=True)
            _sync_folder(folder.parent)
    except OSError as error:
        raise FileError(f"the folder cannot be made: {error.strerror}", Place(str(folder))) from error


def _look(path: Path, *, needed: bool) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        if needed:
            raise FileError("the file is gone since it was read; nothing was written", Place(str(path))) from None
        return None


def _refuse(path: Path, known: os.stat_result, *, preserve: bool) -> None:
    """Raise FileError for a file that is not to be replaced, OSError for one that may not be written."""
    if not stat.S_ISREG(known.st_mode):
        raise FileError("this is no regular file, so it cannot be written in place", Place(str(path)))
    os.close(os.open(path, os.O_WRONLY))  # to replace it, the right to write its folder would do
    if preserve and known.st_nlink > 1:
        text = f"the file has {known.st_nlink} names (hard links), and a write would part them; --no-preserve allows it"
        raise FileError(text, Place(str(path)))


def _fill(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _keep_attributes(descriptor: int, temporary: Path, path: Path, known: os.stat_result, *, preserve: bool) -> None:
    mode = stat.S_IMODE(known.st_mode)
    if not _keep_owner(descriptor, known, path, preserve=preserve):
        mode &= ~(stat.S_ISUID | stat.S_ISGID)  # they lend the rights of an owner who is another now
    if sys.platform == "linux":
        _copy_extended(path, descriptor)
    temporary.chmod(mode)


def _keep_owner(descriptor: int, known: os.stat_result, path: Path, *, preserve: bool) -> bool:
    """Whether the new file has the owner of the old one now; without `preserve` at least its group, if possible."""
    made = os.fstat(descriptor)
    if (made.st_uid, made.st_gid) == (known.st_uid, known.st_gid):
        return True
    try:
        os.fchown(descriptor, known.st_uid, known.st_gid)
    except PermissionError as error:
        if preserve:
            owner = f"user {known.st_uid}, group {known.st_gid}"
            text = f"the file's owner ({owner}) cannot be kept; --no-preserve writes it as your own"
            raise FileError(text, Place(str(path))) from error
        with suppress(PermissionError):
            os.fchown(descriptor, -1, known.st_gid)
        return False
    return True


def _copy_extended(source: Path, descriptor: int) -> None:
    """Give a file the extended attributes (access control lists, labels) of another, as far as that is allowed."""
    with suppress(OSError):
        wanted = os.listxattr(source)
        for name in os.listxattr(descriptor):
            if name not in wanted:  # from the defaults of the folder
                with suppress(OSError):
                    os.removexattr(descriptor, name)
        for name in wanted:
            with suppress(OSError):
                os.setxattr(descriptor, name, os.getxattr(source, name))


def _sync_folder(folder: Path) -> None:
    """Make a rename last through a power failure, where the system can open folders."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _file_errors(done: str, path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FileError(f"the file cannot be {done}: {_explain(error)}", Place(str(path))) from error


def _explain(error: OSError) -> str:
    """What the system says, and where it is not the file that stands in the way, what does."""
    reason = error.strerror or str(error)
    if isinstance(error, PermissionError) and is_temporary(error.filename) and error.filename2 is None:
        return f"its folder takes no new file ({reason}), which a safe write begins with; -o writes elsewhere"
    if error.errno == errno.EBUSY:
        return f"no other file can take its place while it is mounted on its own ({reason}); -o writes elsewhere"
    return reason
