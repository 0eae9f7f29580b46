"""Standard input, output and error as a process may find them: closed, full, or with nobody at the other end."""

from __future__ import annotations

import os
import select
import stat
import sys
from typing import IO, Any

from ..error import FileError


def open_missing() -> None:
    """Open the standard streams that were closed when the process began; reading or writing them fails.

    Otherwise the next file to be opened would get the number that is free, and messages would be written into it. What
    goes to a closed standard error is dropped.
    """
    for name, mode, flags in (("stdin", "r", os.O_WRONLY), ("stdout", "w", os.O_RDONLY), ("stderr", "w", os.O_WRONLY)):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, flags)
            setattr(sys, name, os.fdopen(descriptor, mode, encoding="utf-8"))


def read_input() -> bytes:
    """All of standard input. Raises FileError."""
    try:
        return sys.stdin.buffer.read()
    except OSError as error:
        raise FileError(f"standard input cannot be read: {error.strerror}") from error


def is_waiting() -> bool:
    """Whether text has been piped into standard input, as far as that can be told without reading or waiting."""
    try:
        descriptor = sys.stdin.fileno()
        if not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
            return False
        ready, _, _ = select.select([descriptor], [], [], 0)
        return bool(ready) and _bytes_waiting(descriptor) > 0
    except (OSError, ValueError):  # closed, or no pipe to ask of
        return False


def _bytes_waiting(descriptor: int) -> int:
    """How many bytes a pipe holds; an end of its input is ready to be read too, and holds none."""
    try:
        import fcntl
        import termios
    except ImportError:  # on Windows
        return 0
    answer = fcntl.ioctl(descriptor, termios.FIONREAD, b"\0\0\0\0")
    return int.from_bytes(answer, sys.byteorder)


def drop_output(stream: IO[Any]) -> None:
    """Send to nowhere what is still to be written to `stream`, so that the flush at exit does not fail."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, stream.fileno())
    os.close(devnull)
