"""Standard output: bytes as they are, behind whatever a terminal shows of the progress."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .report import Report


def write_output(data: bytes | str, report: Report) -> None:
    """Write to standard output; text as UTF-8, line ends as they are."""
    report.progress.hide()
    sys.stdout.flush()
    sys.stdout.buffer.write(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data)
    sys.stdout.buffer.flush()
