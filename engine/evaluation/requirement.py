"""Finds texts that a document must hold for any rule to do something in it, so that others need not be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ..dataclass import dataclass
from ..jsonpath.selector import Descend, Index, Name, Slice, Union, Wildcard
from ..late_pattern import late_pattern
from ..reading.ignore import WORD
from ..reading.kubernetes_scalar import OLD_WORDS
from ..reading.stretch import Sought

if TYPE_CHECKING:
    from ..jsonpath.path import Path
    from ..jsonpath.selector import Step
    from ..rule import Capture, DocumentFilter, Globs, Rule, RuleSet

_LITERAL = late_pattern(r"[A-Za-z_/][A-Za-z0-9_./-]*")
_NO_STRINGS = frozenset(word.lower() for word in OLD_WORDS) | {"nan", "inf"}
_WILDCARDS = late_pattern(r"[*?\[]")
_READ_ANYWAY = ("\\", "!", "\ufeff", "{{", WORD)
"""Where a text may say what does not stand in it (escapes, tags such as `!!binary`), or is more than YAML (Helm)."""

_SAMPLE = 100_000  # characters of a text that are looked at to see which literal is the rarest

Need = tuple[str, ...]
"""Literals of which one must occur."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """What must occur in a document: all needs of one of several `ways`, each of which a rule may take."""

    ways: tuple[tuple[Need, ...], ...]

    def sought(self, text: str) -> Sought:
        """What to look for in `text`, to know in which of its documents something may happen."""
        # a single character is found many times faster than several
        special = tuple(each for each in _READ_ANYWAY if each[0] in text and each in text)
        ways = [[_present(need, text) for need in way] for way in self.ways]
        open_ways = [way for way in ways if all(way)]
        rarest = [min(way, key=lambda need: _frequency(need, text)) for way in open_ways]
        signs = dict.fromkeys((*special, *(literal for need in rarest for literal in need)))
        return Sought(tuple(signs), lambda part: _may_match(part, open_ways, special))


def find_requirement(rule_sets: Iterable[RuleSet]) -> Requirement | None:
    """What a document must hold for any rule to act or to fail on it; None where that cannot be said.

    Literals come from the filters of documents and from the names in paths, as far as they are followed before
    anything that can fail: an expression, a regular expression, a table.
    """
    ways = [way for rule_set in rule_sets for way in _ways(rule_set)]
    return Requirement(tuple(dict.fromkeys(ways))) if all(ways) else None


def _present(need: Need, text: str) -> Need:
    return tuple(literal for literal in need if literal in text)


def _frequency(need: Need, text: str) -> int:
    """How often the literals stand at the beginning of a text."""
    return sum(text.count(literal, 0, _SAMPLE) for literal in need)


def _may_match(part: str, ways: list[list[Need]], special: tuple[str, ...]) -> bool:
    for way in ways:
        for need in way:
            if not any(literal in part for literal in need):
                break
        else:
            return True
    return any(each in part for each in special)


def _ways(rule_set: RuleSet) -> Iterator[tuple[Need, ...]]:
    common = tuple(_filter_needs(rule_set.documents))
    if rule_set.facts or (rule_set.documents is not None and rule_set.documents.when is not None):
        yield () if rule_set.facts else common  # tables look at documents as well
        return
    for rule in rule_set.rules:
        yield tuple(dict.fromkeys((*common, *_rule_needs(rule))))


def _rule_needs(rule: Rule) -> Iterator[Need]:
    yield from _filter_needs(rule.documents)
    if rule.documents is None or rule.documents.when is None:
        yield from _capture_needs(rule.captures)


def _filter_needs(chosen: DocumentFilter | None) -> Iterator[Need]:
    if chosen is None:
        return
    for name, globs in chosen.fields.items():
        if name != "file":
            yield from _glob_needs(globs)
    for wanted in (chosen.labels, chosen.annotations):
        for key, globs in wanted.items():
            if _is_literal(key):
                yield (key,)
            yield from _glob_needs(globs)


def _glob_needs(globs: Globs) -> Iterator[Need]:
    wanted = tuple(each for each in globs.patterns if not each.startswith("!"))
    if wanted and not any(_WILDCARDS.search(each) for each in wanted) and all(map(_is_literal, wanted)):
        yield wanted


def _capture_needs(captures: Iterable[Capture]) -> Iterator[Need]:
    places = {"$"}
    for capture in captures:
        if capture.items is not None or capture.table is not None:
            return
        if any(path.start not in places or path.column is not None for path in capture.paths):
            return
        names = [[*_path_needs(path)] for path in capture.paths]
        if len(names) == 1:
            yield from names[0]
        elif names and all(names):
            yield tuple(dict.fromkeys(literal for needs in names for literal in max(needs, key=_shortest)))
        if any(_may_fail(step) for path in capture.paths for step in path.steps):
            return
        places.add(capture.name)


def _shortest(need: Need) -> int:
    return min(map(len, need))


def _path_needs(path: Path) -> Iterator[Need]:
    for step in path.steps:
        if _may_fail(step):
            return
        names = [*_names(step)]
        if names and all(map(_is_literal, names)):
            yield tuple(names)


def _may_fail(step: Step) -> bool:
    """Whether a step may take too long, as filters with a regular expression do."""
    if isinstance(step, Descend):
        return _may_fail(step.selector)
    if isinstance(step, Union):
        return any(map(_may_fail, step.selectors))
    return not isinstance(step, (Name, Index, Slice, Wildcard))


def _names(step: Step) -> Iterator[str]:
    """The names of which a step needs one; "" for one that finds something without a name."""
    if isinstance(step, Descend):
        yield from _names(step.selector)
    elif isinstance(step, Union):
        for selector in step.selectors:
            yield from _names(selector)
    else:
        yield step.name if isinstance(step, Name) else ""


def _is_literal(text: str) -> bool:
    """Whether `text`, a key or a string, stands as it is in all that says it: no schema reads it otherwise."""
    return _LITERAL.fullmatch(text) is not None and text.lower() not in _NO_STRINGS
