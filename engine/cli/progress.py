"""A progress bar on a terminal, for runs that take longer than a second."""

from __future__ import annotations

from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Self, TextIO

if TYPE_CHECKING:
    from types import TracebackType

_PATIENCE = 1.0  # seconds before the bar shows
_PERIOD = 0.2
_WIDTH = 30


class Progress:
    """Counts finished files and shows how many there are; use as a context manager.

    The bar is drawn by a thread of its own, so that it shows during one long file too. `write` prints a line above it.
    """

    def __init__(self, stream: TextIO, total: int, *, enabled: bool) -> None:
        self._stream = stream
        self._total = total
        self._done = 0
        self._shown = False
        self._ended = Event()
        self._lock = Lock()
        self._thread = Thread(target=self._draw, daemon=True) if enabled else None

    def __enter__(self) -> Self:
        if self._thread is not None:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        with self._lock:
            self._hide()

    def advance(self) -> None:
        """One more file is done."""
        self._done += 1

    def write(self, text: str) -> None:
        """Print `text` and a line end where the bar stands; the bar is drawn again below it."""
        with self._lock:
            self._hide()
            self._stream.write(text + "\n")
            self._stream.flush()

    def hide(self) -> None:
        """Take the bar away before something else is written to the terminal."""
        with self._lock:
            self._hide()

    def _draw(self) -> None:
        patience = _PATIENCE
        while not self._ended.wait(patience):
            with self._lock:
                filled = _WIDTH * self._done // max(1, self._total)
                bar = "#" * filled + "." * (_WIDTH - filled)
                self._stream.write(f"\r[{bar}] {self._done} of {self._total} files")
                self._stream.flush()
                self._shown = True
            patience = _PERIOD

    def _hide(self) -> None:
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._shown = False
