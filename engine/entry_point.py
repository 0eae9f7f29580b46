"""Finds what installed Python packages offer retouch, by the entry points that they declare."""

from __future__ import annotations

from importlib.metadata import entry_points

from .error import Place, UsageError
from .suggest import listing, suggest


def point_names(group: str) -> list[str]:
    """The names of all entry points of a group, sorted."""
    return sorted({each.name for each in entry_points(group=group)})


def find_point(group: str, name: str, what: str, place: Place) -> str:
    """What the entry point `name` of `group` stands for: the name of a package or module that offers `what`.

    Raises `UsageError` with `place` if there is none, or if several packages declare different ones.
    """
    values = {each.value for each in entry_points(group=group, name=name)}
    if not values:
        names = point_names(group)
        hint = suggest(name, names) or (f"; packages: {listing(names)}" if names else "")
        raise UsageError(f"no installed package brings {what} as `{name}` (entry point group `{group}`){hint}", place)
    if len(values) > 1:
        raise UsageError(f"several installed packages bring {what} as `{name}`: {listing(sorted(values))}", place)
    return values.pop()
