"""Standard output: bytes as they are, behind whatever a terminal shows of the progress."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ..error import FileError
from .standard_stream import drop_output

if TYPE_CHECKING:
    from .report import Report


def write_output(data: bytes | str, report: Report) -> None:
    """Write to standard output; text as UTF-8, line ends as they are.

    Raises FileError, but BrokenPipeError if the reader has gone.
    """
    report.progress.hide()
    try:
        sys.stdout.buffer.write(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        drop_output(sys.stdout)
        raise FileError(f"standard output cannot be written: {error.strerror}") from error
