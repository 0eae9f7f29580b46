"""Reads the YAML of rule files and parameters: keys are their own text, and no scalar may be read in two ways."""

from __future__ import annotations

import json

from ..error import InputError, Message
from ..node import MAPPING, SCALAR, Node, walk
from ..reading.document import Chunk, read_stream
from ..reading.scalar import ambiguous, canonical_number
from ..value import Value, is_number
from .form import Form
from .yaml_trap import cut, is_open, quote, refused, split_key, tagged


def read_forms(text: str, file: str | None) -> tuple[list[Form], list[Message]]:
    """A form for each document of `text`, and what is wrong with their YAML.

    A text that cannot be read gives the documents before the place where reading stopped.
    """
    forms: list[Form] = []
    messages: list[Message] = []
    try:
        for chunk in read_stream(text, file, core=True):
            messages.extend(_duplicates(chunk))
            for document in chunk.documents:
                form = Form(document)
                _check(form, {first for _, first, _ in chunk.duplicates})
                forms.append(form)
    except InputError as error:
        messages.append(refused(error) or error.messages[0])
    return forms, messages


def _duplicates(chunk: Chunk) -> list[Message]:
    found = []
    for key, first, later in chunk.duplicates:
        earlier = Message("note", "first given here", chunk.source.place(first))
        text = f"the key `{key}` stands twice in one mapping (first on line {earlier.place.line}); remove one"
        found.append(Message("error", text, chunk.source.place(later), notes=(earlier,)))
    return found


def _check(form: Form, replaced: set[int]) -> None:
    for node in list(walk(form.document.root)):
        if node.kind == MAPPING:
            _check_keys(form, node, replaced)
        trap = tagged(node, form.source)
        if trap is not None:
            form.wrong(node, str(trap))
        elif node.kind == SCALAR and node.style is None and node.start >= 0:
            _check_plain(form, node)


def _check_keys(form: Form, node: Node, replaced: set[int]) -> None:
    for entry in node.opaque or ():
        raw = form.source.text[entry.key_start : entry.key_end]
        if entry.key_start not in replaced and raw != "<<":
            form.wrong_key(entry, f"a key must be text; quote it: {quote(raw)}")
    for key, child in node.value.items():
        trap = split_key(child, key, form.source)
        if trap is not None:
            form.wrong_key(child, str(trap))
            form.silence(child)


def _check_plain(form: Form, node: Node) -> None:
    raw = form.raw(node)
    readings = ambiguous(raw)
    if readings is not None:
        form.wrong(node, _two_readings(raw, *readings))
    if "${ " in raw and is_open(raw):
        trap = cut(node, form.source)
        if trap is not None:
            form.wrong(node, str(trap))


def _two_readings(raw: str, old: Value, new: Value) -> str:
    """What is wrong with a scalar that the versions of YAML read as `old` and `new`, and what to write instead."""
    first = "a timestamp" if old == f"timestamp {raw}" else _reading(old)
    ways = dict.fromkeys(f"`{_written(each)}`" for each in (old, new) if not isinstance(each, str))
    choice = "".join(f"{way} or " for way in ways)
    return f"`{raw}` is {first} to YAML 1.1 and {_reading(new)} to YAML 1.2; write {choice}{quote(raw)} for the text"


def _written(value: Value) -> str:
    """A number or a word as both versions of YAML read it."""
    return canonical_number(value, kubernetes=False) if is_number(value) else json.dumps(value)


def _reading(value: Value) -> str:
    return "a text" if isinstance(value, str) else f"`{json.dumps(value)}`"
