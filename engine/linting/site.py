"""The places that rules speak of: where a path leads from the document or from a capture, as far as its text tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from ..dataclass import dataclass
from ..jsonpath.selector import Descend, Index, Name, Step

if TYPE_CHECKING:
    from ..jsonpath.path import Path
    from ..rule import Capture, Let

ROOT = "$"


@dataclass(frozen=True, slots=True)
class Site:
    """One node: the document (`$`) or what a name stands for in a combination, and the way from there."""

    start: str
    keys: tuple[str | int, ...] = ()

    def below(self, *keys: str | int) -> Site:
        """The node that further keys and indexes lead to."""
        return Site(self.start, self.keys + keys)

    def __str__(self) -> str:
        return self.start + "".join(f".{key}" if isinstance(key, str) else f"[{key}]" for key in self.keys)


Sites: TypeAlias = Mapping[str, Site]
"""The site of each name that stands for one node or value."""

AT_START: Sites = {ROOT: Site(ROOT), "doc": Site(ROOT)}
"""The names that mean something everywhere."""


def site_of(path: Path, sites: Sites) -> Site | None:
    """The node that a path leads to, if its steps are names and indexes and it finds one at most."""
    start = site_at_start(path, sites)
    keys = [_key(step) for step in path.steps]
    return start.below(*(key for key in keys if key is not None)) if None not in keys else None


def site_at_start(path: Path, sites: Sites) -> Site:
    """The node that a path starts at."""
    start = sites.get(path.start, Site(path.start))
    return start if path.column is None else start.below(path.column)


def capture_sites(captures: Sequence[Capture], lets: Sequence[Let] = (), sites: Sites = AT_START) -> dict[str, Site]:
    """The sites of captures, and of values that are nothing but one: those they lead to, else sites of their own."""
    found = dict(sites)
    for each in captures:
        only = each.paths[0] if len(each.paths) == 1 else None
        site = site_of(only, found) if only is not None else None
        found[each.name] = site or Site(each.name)
    for let in lets:
        source = let.value.expression.source if let.value.expression is not None else None
        found[let.name] = source_site(source, found) if source is not None else Site(let.name)
    return found


def source_site(source: tuple[str, ...], sites: Sites) -> Site:
    """The node or value that a name and the keys behind it stand for in an expression."""
    return sites.get(source[0], Site(source[0])).below(*source[1:])


def may_reach(path: Path, captures: Sequence[Capture], site: Site) -> bool:
    """Whether a path may lead to a node of the document or to one above it: no name on its way speaks against it."""
    names = {step.name for each in path.steps if isinstance(step := _selector(each), Name)}
    if path.column is None and path.start != ROOT:
        start = next((each for each in captures if each.name == path.start), None)
        if start is not None and start.paths and not any(may_reach(each, captures, site) for each in start.paths):
            return False
    return names <= set(site.keys)


def _selector(step: Step) -> Step:
    return step.selector if isinstance(step, Descend) else step


def _key(step: Step) -> str | int | None:
    if isinstance(step, Name):
        return step.name
    return step.index if isinstance(step, Index) else None
