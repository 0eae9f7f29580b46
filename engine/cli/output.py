"""Standard output: bytes as they are, behind whatever a terminal shows of the progress."""

from __future__ import annotations

import sys
from typing import IO, TYPE_CHECKING

from ..error import FileError
from .standard_stream import drop_output

if TYPE_CHECKING:
    from .report import Report


_BLOCK = 1 << 20


def write_output(data: bytes | str | IO[bytes], report: Report) -> None:
    """Write to standard output; text as UTF-8, line ends as they are; of a file what is left of it, which is closed.

    Raises FileError, but BrokenPipeError if the reader has gone.
    """
    report.progress.hide()
    try:
        if isinstance(data, str):
            data = data.encode("utf-8", "surrogatepass")
        if isinstance(data, bytes):
            sys.stdout.buffer.write(data)
        else:
            with data:
                while block := data.read(_BLOCK):
                    sys.stdout.buffer.write(block)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        drop_output(sys.stdout)
        raise FileError(f"standard output cannot be written: {error.strerror}") from error
