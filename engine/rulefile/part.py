"""Rule sets in several files: finds the parts that a rule set names, and reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from ..error import FileError, Message, RuleError
from ..node import MAPPING, SEQUENCE, Node
from .form import Fields, Form, describe
from .strict_yaml import read_forms

PART_KIND = "RuleSetPart"
"""The `kind` of a document that is part of a rule set."""

PART = Fields("a part of a rule set", ("apiVersion", "kind"), ("description", "define", "functions", "facts", "rules"))

OpenPart: TypeAlias = Callable[[str], tuple[str, str]]
"""Gives the text of the file of that name beside the rule file, and what to call it. Raises `FileError`."""


def read_parts(form: Form, node: Node, open_part: OpenPart | None) -> Iterator[tuple[Form, dict[str, Node]]]:
    """The parts that `parts:` names, in order, each with its fields. Mistakes in them stay in their own forms."""
    seen: set[str] = set()
    for each in form.items(node, "`parts`"):
        name = form.text(each, "the name of a part")
        if not name or _is_wrong(form, each, name, seen):
            continue
        if open_part is None:
            form.wrong(each, "a rule set that is no file has no parts: there is no folder to look in")
            return
        try:
            yield from _read(form, each, *open_part(name))
        except FileError as error:
            form.wrong(each, f"the part `{name}` {error.messages[0].text}")


def part_names(text: str) -> list[str]:
    """The names of the parts of the rule sets in `text`, as far as they can be read."""
    lists = roots_with(text, "parts")
    nodes = [node for found in lists if found.kind == SEQUENCE for node in found.value]
    return [node.value for node in nodes if isinstance(node.value, str)]


def roots_with(text: str, key: str) -> list[Node]:
    """What the rule sets in `text` have under `key`, as far as they can be read."""
    roots = [form.document.root for form in read_forms(text, None)[0]]
    return [root.value[key] for root in roots if root.kind == MAPPING and key in root.value]


def is_part(root: Node) -> bool:
    """Whether a document says that it is a part: those who name it bring it in."""
    kind = root.value.get("kind") if root.kind == MAPPING else None
    return kind is not None and kind.value == PART_KIND


def _is_wrong(form: Form, node: Node, name: str, seen: set[str]) -> bool:
    if name.startswith("/") or ".." in name.split("/") or not name.endswith((".yaml", ".yml")):
        form.wrong(node, f"a part is a YAML file in the rule file's folder or below it; found `{name}`")
    elif name in seen:
        form.wrong(node, f"the part `{name}` is named twice")
    else:
        seen.add(name)
        return False
    return True


def _read(form: Form, node: Node, text: str, file: str) -> Iterator[tuple[Form, dict[str, Node]]]:
    parts, messages = read_forms(text, file)
    if messages:
        raise RuleError.of(messages)
    if not parts:
        form.wrong(node, f"the part `{node.value}` is empty")
    for part in parts:
        root = part.document.root
        if is_part(root):
            yield part, part.fields(root, PART)
        else:
            found = describe(root.value["kind"]) if root.kind == MAPPING and "kind" in root.value else describe(root)
            part.wrong(root, f"a part of a rule set has `kind: {PART_KIND}`; found {found}")
            yield part, {}


def first_seen(form: Form, node: Node) -> Message:
    """The note that shows what was given first, in whatever file that is."""
    return Message("note", "first given here", form.place(node))
