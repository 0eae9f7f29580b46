"""Looks for garbage where it pays: not in what a start makes, seldom in a run, and at once when memory runs out."""

from __future__ import annotations

import gc

_MANY = 100_000  # objects: more than a start makes, and soon reached where documents are read
_USUAL = (50_000, 10, 20)  # nearly all that a run makes is kept, or goes without the collector

_ENOUGH = 2 << 20  # bytes, to look for garbage with and to say that memory is short
_reserve = [bytearray(_ENOUGH)]


def put_off() -> None:
    """Until `resume`, look for garbage only when there are many new objects."""
    gc.set_threshold(_MANY, *_USUAL[1:])


def resume() -> None:
    """From now on, look for garbage as usual, but not in what is there already. Without `put_off`, nothing."""
    if gc.get_threshold()[0] == _MANY:
        gc.freeze()
        gc.set_threshold(*_USUAL)


def make_room() -> None:
    """Free what work held that memory did not suffice for: nodes know their parents, so they do not go by themselves.

    There is enough left for that, and to go on.
    """
    _reserve.clear()
    gc.collect()
    _reserve.append(bytearray(_ENOUGH))


def leave_all() -> None:
    """For the end of the process: what is there is not looked through once more, which takes as long as a start."""
    gc.freeze()
