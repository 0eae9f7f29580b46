"""Keeps Python from looking for garbage in what a start makes: all of it stays to the end of the process."""

from __future__ import annotations

import gc

_MANY = 100_000  # objects: more than a start makes, and soon reached where documents are read

_usual: list[tuple[int, int, int]] = []  # what was put off


def put_off() -> None:
    """Until `resume`, look for garbage only when there are many new objects."""
    _usual.append(gc.get_threshold())
    gc.set_threshold(_MANY)


def resume() -> None:
    """From now on, look for garbage as often as ever, but not in what is there already. Without `put_off`, nothing."""
    if _usual:
        gc.freeze()
        gc.set_threshold(*_usual.pop())


def leave_all() -> None:
    """For the end of the process: what is there is not looked through once more, which takes as long as a start."""
    gc.freeze()
