"""Finds rules and actions that others make moot: said twice, overwritten, or looking for what was removed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..dataclass import dataclass
from ..jsonpath.selector import Index, Name, Slice, Union
from ..node import plain
from .check import define, finding
from .site import ROOT
from .text import mentions

if TYPE_CHECKING:
    from ..error import Message
    from ..jsonpath.path import Path
    from ..jsonpath.selector import Step
    from ..node import Node
    from ..rule import Action, Capture, Rule
    from ..rulefile.entry import Entry
    from .subject import Subject

_PUTTING = frozenset({"set", "replace", "default"})
_OVERWRITING = frozenset({"set", "replace"})
_TAKING = frozenset({"remove", "rename", "move"})
_MAKING_NOTHING = frozenset({"remove", "fail", "warn", "test", "comment", "sub", "map"})
_OTHER_READERS = (
    "copy",
    "move",
    "test",
    "merge",
    "omit",
)  # verbs that read a value whose key they do not name, and `omit`


@dataclass(frozen=True, slots=True)
class _Act:
    """An action, the node that says it, and the rule it belongs to; `number` is the place of that rule."""

    rule: Rule
    entry: Entry
    number: int
    action: Action
    node: Node

    @property
    def always(self) -> bool:
        """Whether it is taken for every combination that there is."""
        return self.rule.when is None and self.action.when is None and not self.action.each


def _acts(subject: Subject) -> list[_Act]:
    return [
        _Act(rule, entry, number, action, node)
        for number, (rule, entry) in enumerate(subject.rules)
        for action, node in zip(rule.actions, entry.node.value["actions"].value, strict=True)
    ]


@define("repeated-rule")
def find_repeated(subject: Subject) -> Iterator[Message]:
    """Rules that do what an earlier one does: all is the same but the id and the description."""
    first: dict[str, Entry] = {}
    for rule, entry in subject.rules:
        said = _said(entry, *(key for key in entry.node.value if key not in {"id", "description"}))
        earlier = first.setdefault(said, entry)
        if earlier is not entry:
            text = f"the rule `{rule.id}` does what the rule `{earlier.name}` does; remove one of them"
            yield finding(text, entry.place, ("the other one", earlier.place))


@define("overwritten-value")
def find_overwritten(subject: Subject) -> Iterator[Message]:
    """Values that are put into a place and always overwritten before anything reads them, and a `default` behind."""
    acts = _acts(subject)
    for place, act in enumerate(acts):
        key = _key_put(act)
        if key is None or mentions(act.node, "omit"):
            continue
        for behind, other in enumerate(acts[place + 1 :], start=place + 1):
            if not _puts_there(act, other):
                continue
            if any(mentions(each, key, *_OTHER_READERS) for each in _between(subject, acts, place, behind)):
                break
            if other.action.verb in _OVERWRITING:
                text = f"this value is always overwritten by a later `{other.action.verb}`; remove this action"
                yield finding(text, act.action.place, ("overwritten here", other.action.place))
            elif act.action.verb == "set":
                text = "this `default` never fills in anything: a `set` of the same place comes before it; remove it"
                yield finding(text, other.action.place, ("set here", act.action.place))
            break


def _key_put(act: _Act) -> str | None:
    """The key of the member into which an action puts a value, whatever is there."""
    path = act.action.target.path if act.action.target is not None else None
    if not act.always or act.action.verb not in _PUTTING or path is None or not path.steps:
        return None
    last = path.steps[-1]
    return last.name if isinstance(last, Name) and act.action.target and act.action.target.key is None else None


def _puts_there(act: _Act, other: _Act) -> bool:
    """Whether a later action puts a value into the same place, in every document and combination of the first one."""
    if not other.always or other.action.verb not in _PUTTING:
        return False
    targets = [each.node.value[each.action.verb].value for each in (act, other)]
    if targets[0] != targets[1]:
        return False
    return act.entry is other.entry or (
        _said(act.entry, "match", "let") == _said(other.entry, "match", "let") and _sees_all(act.entry, other.entry)
    )


def _between(subject: Subject, acts: Sequence[_Act], place: int, behind: int) -> Iterator[Node]:
    """What could read a value between two actions: other actions, whole rules, and what the second one puts there."""
    first, last = acts[place], acts[behind]
    yield from (each.node for each in acts[place + 1 : behind] if each.number in {first.number, last.number})
    for entry in subject.whole.sections["rules"][first.number + 1 : last.number]:
        yield entry.node
    if "value" in last.node.value:
        yield last.node.value["value"]
    if first.number != last.number:
        yield from (last.entry.node.value[key] for key in ("match", "let", "documents") if key in last.entry.node.value)


@define("moot-rule")
def find_moot(subject: Subject) -> Iterator[Message]:
    """Captures of what an earlier rule has always removed, renamed or moved."""
    acts = _acts(subject)
    for place, act in enumerate(acts):
        gone = _way_taken(act)
        if gone is None:
            continue
        for number, (rule, entry) in enumerate(subject.rules):
            if number <= act.number or not _sees_all(act.entry, entry, narrower=True):
                continue
            if any(_may_bring_back(each, gone) for each in acts[place + 1 :] if each.number < number):
                break
            for capture in rule.captures:
                way = _way_of(capture, rule.captures)
                if way is not None and way[0][: len(gone)] == gone:
                    text = f"`{capture.name}` can find nothing: the rule `{act.rule.id}` has always removed it by then"
                    word = "removed" if act.action.verb == "remove" else f"taken away by `{act.action.verb}`"
                    yield finding(text, capture.place, (f"{word} here", act.action.place))
                    break


_Way = tuple[tuple[str, str], ...]


def _way_taken(act: _Act) -> _Way | None:
    """The way from the document to what an action takes away wherever it leads, whatever else there is."""
    path = act.action.target.path if act.action.target is not None else None
    if not act.always or act.action.verb not in _TAKING or path is None or act.action.target is None:
        return None
    if act.action.target.key is not None or (act.rule.documents and act.rule.documents.when):
        return None
    found = _way(path, act.rule.captures)
    if found is None or not found[0] or len(found[1]) < len(act.rule.captures):
        return None
    last = found[0][-1][0]
    return found[0] if last not in {Index.__name__, Slice.__name__, Union.__name__} else None


def _way_of(capture: Capture, captures: Sequence[Capture]) -> tuple[_Way, frozenset[str]] | None:
    return _way(capture.paths[0], captures) if len(capture.paths) == 1 else None


def _way(path: Path, captures: Sequence[Capture]) -> tuple[_Way, frozenset[str]] | None:
    """The steps from the document on, and the captures passed; None if the text of the rule does not tell."""
    steps = tuple(_said_by(step) for step in path.steps)
    if path.column is not None:
        return None
    if path.start == ROOT:
        return steps, frozenset()
    start = next((each for each in captures if each.name == path.start), None)
    before = _way_of(start, captures) if start is not None else None
    return (before[0] + steps, before[1] | {path.start}) if before is not None else None


def _said_by(step: Step) -> tuple[str, str]:
    return type(step).__name__, step.name if isinstance(step, Name) else step.text


def _may_bring_back(act: _Act, gone: _Way) -> bool:
    """Whether an action may make a node where one was taken away."""
    if act.action.verb in _MAKING_NOTHING:
        return False
    path = act.action.target.path if act.action.target is not None else None
    found = _way(path, act.rule.captures) if path is not None and not act.action.each else None
    names = [text for kind, text in gone if kind == Name.__name__]
    if found is None or not names or mentions(act.node, names[-1]):
        return True
    return gone[: len(found[0])] == found[0]


def _sees_all(entry: Entry, other: Entry, *, narrower: bool = False) -> bool:
    """Whether the rule `other` sees all documents that `entry` sees; with `narrower`, whether it sees no others."""
    mine, theirs = entry.node.value.get("documents"), other.node.value.get("documents")
    if (mine if narrower else theirs) is None:
        return True
    return mine is not None and theirs is not None and _said(entry, "documents") == _said(other, "documents")


def _said(entry: Entry, *keys: str) -> str:
    """What a rule says under some keys, to be compared."""
    data = plain(entry.node)
    return json.dumps({key: data[key] for key in keys if key in data}, sort_keys=True, default=str)
