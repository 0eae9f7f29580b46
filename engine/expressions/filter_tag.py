"""Filters for text with `{{...}}` tags: the names that tags refer to, tags replaced, tags as opaque text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import count
from typing import NamedTuple, TypeAlias

from ..late_pattern import late_pattern
from ..value import Value
from .filter import declare
from .operand import describe
from .scope import ExpressionError

_TAG = late_pattern(r"\{\{((?:(?!\{\{|\}\}).)*)\}\}", re.DOTALL)
_TOKEN = late_pattern(
    r"(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`)"
    r"|(?P<name>[A-Za-z_$][\w$]*)|(?P<member>\??\.\s*(?P<key>[A-Za-z_$][\w$]*))|(?P<number>\d[\w.]*)|(?P<other>\S)",
    re.DOTALL,
)
_IDENTIFIER = late_pattern(r"[A-Za-z_]\w*")
_INDEX = late_pattern(r"\s*(?:\?\.\s*)?\[\s*(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")\s*\]")
_MEMBER = late_pattern(r"\s*\??\.\s*(?P<key>[A-Za-z_$][\w$]*)")
_ESCAPE = late_pattern(r"\\(.)", re.DOTALL)
_MASK = 0xE000  # where Unicode's private characters begin, and with them those that stand for tags


_Parts: TypeAlias = tuple[str, ...]


class _Name(NamedTuple):
    """A name in an expression: its parts, where it starts and where each of its parts ends."""

    parts: list[str]
    start: int
    ends: list[int]


@declare()
def tag_names(value: str) -> Value:
    """The names that the tags in a text refer to, in order, each as the list of its parts."""
    found: list[list[str]] = []
    for match in _TAG.finditer(value):
        inside = match[1]
        if inside.startswith("="):
            found += [name.parts for name in _names(inside[1:])]
        else:
            found.append(inside.strip().split("."))
    return found


@declare()
def tag_replace(value: str, pairs: list[Value]) -> Value:
    """The text with other names or values for names in its tags: pairs of a name and a list (a name) or a value."""
    changes = dict(map(_change, pairs))
    return _TAG.sub(lambda match: _replaced(match, changes), value)


@declare()
def tag_mask(value: str) -> Value:
    """The text with one private character for each tag, so that paths can be taken apart around tags."""
    if "{{" not in value:
        return value
    masks = _masks(value)
    return _TAG.sub(lambda _: next(masks), value)


@declare()
def tag_unmask(value: str, original: str) -> Value:
    """The text with the tags of `original` where `tag_mask` put characters for them."""
    if "{{" not in original:
        return value
    tags = dict(zip(_masks(original), _TAG.findall(original), strict=False))
    return "".join(f"{{{{{tags[character]}}}}}" if character in tags else character for character in value)


def _masks(text: str) -> Iterator[str]:
    """Private characters that do not stand in `text`."""
    return (character for number in count(_MASK) if (character := chr(number)) not in text)


def _change(pair: Value) -> tuple[_Parts, Value]:
    if isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], list):
        return tuple(map(str, pair[0])), pair[1]
    raise ExpressionError(f"pairs of a name (a list) and what replaces it are needed here; found {describe(pair)}")


def _replaced(match: re.Match[str], changes: Mapping[_Parts, Value]) -> str:
    inside = match[1]
    if inside.startswith("="):
        return f"{{{{={_with_changes(inside[1:], changes)}}}}}"
    parts = tuple(inside.strip().split("."))
    if parts not in changes:
        return match[0]
    new = changes[parts]
    return f"{{{{{'.'.join(map(str, new))}}}}}" if isinstance(new, list) else _plain(new)


def _with_changes(text: str, changes: Mapping[_Parts, Value]) -> str:
    """An expression with the changes made in it: in a longer name the part that it begins with changes."""
    for name in reversed(_names(text)):
        for length in range(len(name.parts), 0, -1):
            new = changes.get(tuple(name.parts[:length]), changes)
            if new is not changes:
                written = _renamed(text, name, length, new) if isinstance(new, list) else _quote(_plain(new))
                text = text[: name.start] + written + text[name.ends[length - 1] :]
                break
    return text


def _renamed(text: str, name: _Name, length: int, new: list[Value]) -> str:
    """The new name, spelt as the old one as far as they are the same."""
    most = min(length, len(new))
    kept = next((place for place in range(most) if name.parts[place] != new[place]), most)
    start = text[name.start : name.ends[kept - 1]] if kept else str(new[0])
    return start + "".join(map(_member, new[max(kept, 1) :]))


def _member(part: Value) -> str:
    return f".{part}" if _IDENTIFIER.fullmatch(str(part)) else f"[{_quote(str(part))}]"


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"'{escaped}'"


def _plain(value: Value) -> str:
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return str(value)
    raise ExpressionError(f"a name (a list), a text or a number is needed here; found {describe(value)}")


def _names(text: str) -> list[_Name]:
    """The names in an expression: members and quoted indices are parts, functions and texts are no names."""
    found = []
    position = 0
    while match := _TOKEN.search(text, position):
        position = match.end()
        if match["name"] is None:
            continue
        name = _Name([match["name"]], match.start(), [position])
        while step := _MEMBER.match(text, position) or _INDEX.match(text, position):
            position = step.end()
            groups = step.groupdict()
            name.parts.append(groups["key"] if groups.get("key") else _ESCAPE.sub(r"\1", groups["text"][1:-1]))
            name.ends.append(position)
        if not text[position:].lstrip().startswith("("):
            found.append(name)
    return found
