"""Finds rules and derivations that can never match: what one part of them asks for, another one rules out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ..evaluation.verb import VERBS
from ..expressions.template import Template
from ..rule import Derivation, Rule, Target
from .check import define, finding
from .claim import (
    LIST,
    MAPPING,
    Claim,
    claims_of_capture,
    claims_of_documents,
    claims_of_expression,
    claims_of_path,
)
from .site import AT_START, Site, Sites, capture_sites, may_reach

if TYPE_CHECKING:
    from ..error import Message, Place
    from ..rule import Action, Capture, DocumentFilter
    from ..rulefile.entry import Entry
    from .subject import Subject


@define("impossible-match")
def find_impossible(subject: Subject) -> Iterator[Message]:
    """Captures, conditions, filters of documents and targets that what stands before them rules out."""
    whole = _claims_of_whole(subject)
    earlier: list[Rule] = []
    for rule, entry in subject.rules:
        lasting = [each for each in whole if not any(_may_change(other, each.site) for other in earlier)]
        claims = [*lasting, *_of_rule_documents(rule, entry)]
        sites = capture_sites(rule.captures, rule.lets)
        claims += _of_part(rule, sites, entry.place)
        claims += _of_first_action(rule, sites)
        yield from _conflicts(claims)
        earlier.append(rule)
    for table, entry in subject.tables:
        shared = [*whole, *_of_part(table.shared, capture_sites(table.shared.captures), entry.place)]
        for each in table.derivations:
            captures = (*table.shared.captures, *each.captures)
            sites = capture_sites(captures, (*table.shared.lets, *each.lets))
            yield from _conflicts([*shared, *_of_part(each, sites, each.place)])


def _claims_of_whole(subject: Subject) -> list[Claim]:
    """What the rule set's own `documents` says, which is asked before its rules act."""
    places = {entry.name: entry.place for entry in subject.whole.sections["documents"]}
    return list(_of_documents(subject.rule_set.documents, "the rule set's `documents`", places))


def _of_rule_documents(rule: Rule, entry: Entry) -> Iterator[Claim]:
    node = entry.node.value.get("documents")
    if node is not None:
        places = {key: entry.piece.form.key_place(child) for key, child in node.value.items()}
        yield from _of_documents(rule.documents, "`documents`", places)


def _of_documents(chosen: DocumentFilter | None, reason: str, places: Mapping[str, Place]) -> Iterator[Claim]:
    yield from claims_of_documents(chosen, reason, places)
    if chosen is not None and chosen.when is not None:
        yield from claims_of_expression(chosen.when, AT_START, places["when"])


def _of_part(part: Rule | Derivation, sites: Sites, place: Place) -> Iterator[Claim]:
    for capture in part.captures:
        yield from claims_of_capture(capture, _before(capture, sites))
    if part.when is not None:
        yield from claims_of_expression(part.when, sites, place)


def _before(capture: Capture, sites: Sites) -> Sites:
    """The sites without that of the capture itself, in which its path starts."""
    return {name: site for name, site in sites.items() if name != capture.name}


def _of_first_action(rule: Rule, sites: Sites) -> Iterator[Claim]:
    """What the first action says of the document as it was matched: no other one has changed it yet."""
    action = next(iter(rule.actions), None)
    if action is None:
        return
    for capture in action.each:
        yield from claims_of_capture(capture, sites)
    if action.target is not None and action.target.path is not None and not action.each:
        claims = claims_of_path(action.target.path, sites, action.target.place)
        yield from (each for each in claims if each.kind in {MAPPING, LIST})


def _may_change(rule: Rule, site: Site) -> bool:
    """Whether an action of a rule may change what is at a site of the document."""
    return any(_may_act_on(action, rule.captures, site) for action in rule.actions)


def _may_act_on(action: Action, captures: Sequence[Capture], site: Site) -> bool:
    if VERBS[action.verb].message or action.verb == "comment":
        return False
    known = (*captures, *action.each)
    for target in (action.target, action.arguments.get("to")):
        if isinstance(target, Target) and target.path is not None:
            if may_reach(target.path, known, site):
                return True
        elif isinstance(target, (Target, Template)):
            return True  # a JSON Pointer, or the key of `rename`
    return False


def _conflicts(claims: Sequence[Claim]) -> Iterator[Message]:
    """The first claim that excludes one before it, for each node."""
    said: set[Site] = set()
    for number, later in enumerate(claims):
        earlier = next((each for each in claims[:number] if later.excludes(each)), None)
        if earlier is not None and later.site not in said:
            said.add(later.site)
            text = f"this can never match: {later.reason} wants `{later.site}` to be {later.kind or later.text}"
            yield finding(
                f"{text}, and {earlier.reason} wants it to be {earlier.kind or earlier.text}",
                later.place,
                ("that is said here", earlier.place),
            )
