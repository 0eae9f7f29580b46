"""A progress bar on a terminal, for runs that take longer than a second."""

from __future__ import annotations

import os
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Self, TextIO

from .standard_stream import drop_output

if TYPE_CHECKING:
    from types import TracebackType

_PATIENCE = 1.0  # seconds before the bar shows
_PERIOD = 0.2
_WIDTH = 30
_LAST_WAIT = 0.1  # seconds for a bar that is being drawn while the process ends


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
        """Print `text` and a line end where the bar stands; the bar is drawn again below it.

        Raises BrokenPipeError if the reader has gone; what cannot be written for another reason is lost.
        """
        with self._lock:
            self._hide()
            self._put(text + "\n")

    def hide(self) -> None:
        """Take the bar away before something else is written to the terminal."""
        with self._lock:
            self._hide()

    def abandon(self) -> None:
        """Take the bar away for good, at any moment; the lock stays taken, so that it is not drawn again.

        Where it cannot be had, the main program was stopped in the middle of writing, and nothing else draws either.
        """
        self._lock.acquire(timeout=_LAST_WAIT)
        if self._shown:
            os.write(self._stream.fileno(), b"\r\x1b[K")

    def _draw(self) -> None:
        patience = _PATIENCE
        while not self._ended.wait(patience):
            with self._lock:
                filled = _WIDTH * self._done // max(1, self._total)
                bar = "#" * filled + "." * (_WIDTH - filled)
                self._shown = True
                self._put(f"\r[{bar}] {self._done} of {self._total} files")
            patience = _PERIOD

    def _hide(self) -> None:
        if self._shown:
            self._put("\r\x1b[K")
            self._shown = False

    def _put(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except BrokenPipeError:
            raise
        except OSError:
            drop_output(self._stream)
