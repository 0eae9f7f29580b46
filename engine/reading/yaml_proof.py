"""Shows that a YAML document says certain data, while a parser reads it: nothing is built."""

from __future__ import annotations

from typing import Any

from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from ..limit import MAX_DEPTH
from ..value import Value, equal
from .core_scalar import NUMBER_STARTS, resolve_core
from .kubernetes_scalar import MAY_BE_NO_STRING, UNUSUAL_KEYS, resolve_kubernetes
from .yaml_reader import parse

_NOTHING: Any = object()


def says(text: str, value: Value, *, kubernetes: bool) -> bool:  # noqa: C901, PLR0911, PLR0912 - one loop, which is hot
    """Whether `text` is one document that says `value`, plain data, and holds nothing unusual.

    Unusual are anchors, aliases, tags, `<<`, keys that are no plain strings, and what the C parser refuses: there
    False says nothing. Linear in the text; it stops at the first difference.
    """
    resolve = resolve_kubernetes if kubernetes else resolve_core
    stack: list[Any] = []
    here: Any = None  # what is left of the collection that is open; of a list, in reverse
    expected: Any = value
    awaits_key = False
    documents = 0
    try:
        for event in parse(text):
            kind = event.__class__
            if kind is ScalarEvent:
                if event.ctag is not None or event.anchor is not None:
                    return False
                found = event.value
                if awaits_key:
                    if not event.style and (found in UNUSUAL_KEYS or found[0] in NUMBER_STARTS):
                        return False  # it may be another one than its text
                    expected = here.pop(found, _NOTHING)
                    awaits_key = False
                    continue
                if here.__class__ is list:
                    expected = here.pop() if here else _NOTHING
                else:
                    awaits_key = here is not None
                if not event.style and found[:1] in MAY_BE_NO_STRING:
                    found = resolve(found)
                if found.__class__ is expected.__class__ and found == expected:
                    continue
                if expected is _NOTHING or not equal(found, expected):
                    return False
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                if awaits_key or event.ctag is not None or event.anchor is not None or len(stack) >= MAX_DEPTH:
                    return False
                if here.__class__ is list:
                    expected = here.pop() if here else _NOTHING
                awaits_key = kind is MappingStartEvent
                if expected.__class__ is not (dict if awaits_key else list):
                    return False
                stack.append(here)
                here = expected.copy() if awaits_key else expected[::-1]
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                if here:
                    return False
                here = stack.pop()
                awaits_key = here.__class__ is dict
            elif kind is AliasEvent:
                return False
            else:
                documents += kind is DocumentStartEvent
    except (YAMLError, UnicodeEncodeError):
        return False
    return documents == 1
