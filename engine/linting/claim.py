"""What parts of a rule say of nodes: which kind they have, and which value, for anything to match."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..evaluation.glob import matches
from ..expressions.jinja import parse
from ..expressions.syntax import Binary, Comparison, Constant, ListOf, Syntax, TestCall, source_of
from ..jsonpath.condition import All, Literal, Matches, Query
from ..jsonpath.condition import Comparison as PathComparison
from ..jsonpath.selector import Descend, Filter, Index, Name, Slice, Step, Union, Wildcard
from ..suggest import listing
from ..value import Absent, equal
from .site import ROOT, Site, Sites, site_at_start, source_site

if TYPE_CHECKING:
    from ..error import Place
    from ..expressions.expression import Expression
    from ..jsonpath.path import Path
    from ..jsonpath.selector import Condition
    from ..rule import Capture, DocumentFilter, Globs
    from ..value import Value

MAPPING, LIST, VALUE, CONTAINER = "a mapping", "a list", "a single value", "a mapping or a list"
"""The kinds of nodes, in the words of messages."""

_COMPATIBLE = frozenset(frozenset(each) for each in ((CONTAINER, MAPPING), (CONTAINER, LIST)))
_SCALAR_TESTS = frozenset({"string", "number", "boolean", "integer", "float"})
_FIELDS: Mapping[str, tuple[str, ...]] = {"name": ("metadata", "name"), "namespace": ("metadata", "namespace")}
_WILD = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class Claim:
    """That the node at `site` has a kind, or one of some `values` (texts that globs must match: `allows`).

    `reason` is what says it, `text` what it says. Without `values` any value is meant that `allows` lets through.
    """

    site: Site
    reason: str
    place: Place
    kind: str | None = None
    text: str = ""
    values: tuple[Value, ...] | None = None
    allows: Callable[[Value], bool] | None = None

    def excludes(self, other: Claim) -> bool:
        """Whether no node can be what both claims say. Only claims about one site exclude each other."""
        if self.site != other.site:
            return False
        if self.kind is not None and other.kind is not None:
            return self.kind != other.kind and frozenset((self.kind, other.kind)) not in _COMPATIBLE
        return self._has_none_of(other) or other._has_none_of(self)

    def _has_none_of(self, other: Claim) -> bool:
        allows = other.allows
        return self.values is not None and allows is not None and not any(allows(each) for each in self.values)


def claims_of_capture(capture: Capture, sites: Sites) -> Iterator[Claim]:
    """What a capture with one path says: of the nodes on its way, and by its last filter of what it finds."""
    if len(capture.paths) != 1:
        return
    path = capture.paths[0]
    yield from claims_of_path(path, sites, capture.place)
    last = path.steps[-1] if path.steps else None
    last = last.selector if isinstance(last, Descend) else last
    if isinstance(last, Filter):
        yield from _of_condition(last.condition, Site(capture.name), f"`{path.text}`", capture.place)


def claims_of_path(path: Path, sites: Sites, place: Place) -> Iterator[Claim]:
    """What the steps of a path that finds something say of the nodes on its way."""
    yield from _of_steps(path.steps, site_at_start(path, sites), f"`{path.text}`", place)


def _of_steps(steps: Sequence[Step], site: Site, reason: str, place: Place) -> Iterator[Claim]:
    for step in steps:
        yield Claim(site, reason, place, kind=_kind_for(step))
        if isinstance(step, Name):
            site = site.below(step.name)
        elif isinstance(step, Index):
            site = site.below(step.index)
        else:
            return


def _kind_for(step: Step) -> str:
    if isinstance(step, Name):
        return MAPPING
    if isinstance(step, (Index, Slice)):
        return LIST
    if isinstance(step, Union):
        kinds = {_kind_for(each) for each in step.selectors}
        return kinds.pop() if len(kinds) == 1 else CONTAINER
    assert isinstance(step, (Wildcard, Filter, Descend))
    return CONTAINER


def _of_condition(condition: Condition, site: Site, reason: str, place: Place) -> Iterator[Claim]:
    """What a filter says of the node that it lets through."""
    if isinstance(condition, All):
        for each in condition.conditions:
            yield from _of_condition(each, site, reason, place)
    elif isinstance(condition, Query):
        if condition.relative:
            yield from _of_steps(condition.steps, site, reason, place)
    elif isinstance(condition, Matches):
        yield from _of_query(condition.query, site, reason, place)
    elif isinstance(condition, PathComparison) and condition.operator == "==":
        query, literal = condition.left, condition.right
        if isinstance(query, Literal):
            query, literal = literal, query
        if isinstance(query, Query) and isinstance(literal, Literal) and literal.value.value is not None:
            yield from _of_query(query, site, reason, place, literal.value.value)


def _of_query(query: Query, site: Site, reason: str, place: Place, *values: Value) -> Iterator[Claim]:
    """What a test of a single value says: of the way to it and, if it is compared, of the value."""
    if not query.relative or not all(isinstance(step, (Name, Index)) for step in query.steps):
        return
    yield from _of_steps(query.steps, site, reason, place)
    keys = [
        step.name if isinstance(step, Name) else step.index for step in query.steps if isinstance(step, Name | Index)
    ]
    yield Claim(site.below(*keys), reason, place, kind=VALUE)
    if values:
        yield _value_claim(site.below(*keys), reason, place, values)


def claims_of_expression(expression: Expression, sites: Sites, place: Place) -> Iterator[Claim]:
    """What a condition says that holds: each part that `and` joins."""
    for part in _conjuncts(parse(expression.text)):
        where = expression.locate(part.offset) if expression.locate is not None else place
        yield from _of_conjunct(part, sites, where)


def _conjuncts(tree: Syntax) -> Iterator[Syntax]:
    if isinstance(tree, Binary) and tree.operator == "and":
        yield from _conjuncts(tree.left)
        yield from _conjuncts(tree.right)
    else:
        yield tree


def _of_conjunct(tree: Syntax, sites: Sites, place: Place) -> Iterator[Claim]:
    reason = "`when`"
    if isinstance(tree, TestCall) and tree.name in _SCALAR_TESTS | {"mapping"}:
        source = source_of(tree.subject)
        if source is not None:
            kind = MAPPING if tree.name == "mapping" else VALUE
            yield from _of_source(source_site(source, sites), len(source), Claim(Site(""), reason, place, kind=kind))
    elif isinstance(tree, Comparison) and len(tree.steps) == 1:
        operator, right = tree.steps[0]
        source, values = source_of(tree.left), _constants(operator, right)
        if source is None and operator == "eq":
            source, values = source_of(right), _constants(operator, tree.left)
        if source is not None and values:
            site = source_site(source, sites)
            yield from _of_source(site, len(source), Claim(Site(""), reason, place, kind=VALUE))
            yield _value_claim(site, reason, place, values)


def _of_source(site: Site, length: int, claim: Claim) -> Iterator[Claim]:
    """The claim about `site`, and that the last `length - 1` nodes on the way to it are mappings."""
    yield Claim(site, claim.reason, claim.place, kind=claim.kind)
    for number in range(1, length):
        yield Claim(Site(site.start, site.keys[:-number]), claim.reason, claim.place, kind=MAPPING)


def _constants(operator: str, tree: Syntax) -> tuple[Value, ...]:
    """The values that `==` or `in` compares with, if all of them are single values that are something."""
    if operator == "eq":
        items: tuple[Syntax, ...] = (tree,)
    elif operator == "in" and isinstance(tree, ListOf):
        items = tree.items
    else:
        return ()
    values = tuple(each.value for each in items if isinstance(each, Constant))
    is_plain = len(values) == len(items) and not any(
        value is None or isinstance(value, (Absent, list, dict)) for value in values
    )
    return values if is_plain else ()


def claims_of_documents(chosen: DocumentFilter | None, reason: str, places: Mapping[str, Place]) -> Iterator[Claim]:
    """What `documents:` says of the documents that it lets through; `places` has those of its keys."""
    if chosen is None:
        return
    for key, globs in chosen.fields.items():
        if key != "file":
            yield _glob_claim(Site(ROOT, _FIELDS.get(key, (key,))), globs, reason, places[key])
    for field, wanted in (("labels", chosen.labels), ("annotations", chosen.annotations)):
        for key, globs in wanted.items():
            yield _glob_claim(Site(ROOT, ("metadata", field, key)), globs, reason, places[field])


def _glob_claim(site: Site, globs: Globs, reason: str, place: Place) -> Claim:
    wanted = [each for each in globs.patterns if not each.startswith("!")]
    is_literal = bool(wanted) and not any(_WILD & set(each) for each in wanted)
    values = tuple(each for each in wanted if matches(globs, each)) if is_literal else None
    text = _choice(values) if values is not None else f"a match of {listing(globs.patterns)}"
    return Claim(
        site, reason, place, None, text, values, lambda value: isinstance(value, str) and matches(globs, value)
    )


def _value_claim(site: Site, reason: str, place: Place, values: tuple[Value, ...]) -> Claim:
    return Claim(
        site, reason, place, None, _choice(values), values, lambda value: any(equal(value, each) for each in values)
    )


def _choice(values: Sequence[Value]) -> str:
    words = listing(f"{each}" for each in values)
    return f"one of {words}" if len(values) > 1 else words
