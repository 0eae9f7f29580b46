"""Ends the process in order on Ctrl-C and on signals that ask for it: at any moment, without a traceback.

The handler does not raise: an exception could come out anywhere, in an import, in a `finally` or while Python shuts
down. It runs the clean-ups that are in force, says that it did, and exits.
"""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager, suppress

TYPE_CHECKING = False  # this module is imported first, and `typing` takes long

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType
    from typing import NoReturn

BY_SIGNAL = 128  # what a shell adds to a signal's number

_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_STANDARD_ERROR = 2

_clean_ups: list[Callable[[], None]] = []


def catch_signals() -> None:
    """From now on, end in order. A signal that the process was started to ignore (`nohup`) stays ignored."""
    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)


@contextmanager
def on_interrupt(clean_up: Callable[[], None]) -> Iterator[None]:
    """Within, a signal calls `clean_up` before the process ends. It runs between any two steps of the program.

    So it must take any state of things, must not wait for a lock, and may be called twice.
    """
    _clean_ups.append(clean_up)
    try:
        yield
    finally:
        _clean_ups.remove(clean_up)


@contextmanager
def held_signals() -> Iterator[None]:
    """Within, signals wait; a process that is started within never sees them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    for each in _SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    for clean_up in reversed(_clean_ups):
        with suppress(Exception):
            clean_up()
    for each in _SIGNALS:  # the reader of standard error may be stuck: the next signal ends this in any case
        signal.signal(each, signal.SIG_DFL)
    word = "interrupted" if number == signal.SIGINT else "terminated"
    with suppress(OSError):
        os.write(_STANDARD_ERROR, f"{word}; no file is half-written\n".encode())
    os._exit(BY_SIGNAL + number)
