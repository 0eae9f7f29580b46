"""What a place in a rule file may hold: typed readers of its nodes that gather every mistake with its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from ..error import Message, Place
from ..node import MAPPING, SCALAR, SEQUENCE, Node, walk
from ..reading.scalar_text import character
from ..rule import API_VERSION
from ..suggest import listing, nearest, suggest
from ..value import is_number
from .yaml_trap import cut, quote

if TYPE_CHECKING:
    from ..reading.document import Document

Result = TypeVar("Result")

IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SHOWN = 40  # characters of a value that a message repeats
_LISTED = 16  # keys that a message lists


@dataclass(frozen=True, slots=True)
class Fields:
    """The keys a mapping may have: `needed` must be there; `noun` names the mapping in messages ("a rule")."""

    noun: str
    needed: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """Every key that may be there."""
        return self.needed + self.optional


class Form:
    """Reads the nodes of one document of a rule file.

    A reader that meets something wrong records a message and returns a neutral value (an empty text, nothing),
    so that one pass finds all mistakes; whoever asks for the result looks at `messages` first. Each node gets at
    most one message, the first.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.source = document.source
        self.messages: list[Message] = []
        self._reported: dict[int, Node] = {}

    def wrong(self, node: Node, text: str, at: int | None = None, notes: Iterable[Message] = ()) -> None:
        """Record a mistake at `node`; `at` is the character of the scalar's value that it is about."""
        if id(node) not in self._reported:
            self._reported[id(node)] = node
            self.messages.append(Message("error", text, self.place(node, at), notes=tuple(notes)))

    def silence(self, node: Node) -> None:
        """Take no further message about `node`: what is wrong with it has been said."""
        self._reported[id(node)] = node

    def wrong_key(self, node: Node, text: str, notes: Iterable[Message] = ()) -> None:
        """Record a mistake about the key of the mapping entry whose value is `node`."""
        self.messages.append(Message("error", text, self.key_place(node), notes=tuple(notes)))

    def add(self, node: Node, messages: Iterable[Message]) -> None:
        """Record messages about `node` or what is below it, but for the lines of which something was said before."""
        said = {self.place(each).line for each in walk(node) if id(each) in self._reported}
        self.messages.extend(message for message in messages if message.place.line not in said)

    def has_head(self, noun: str, kind: str, otherwise: Callable[[Node], str] = lambda _: "") -> bool:
        """Whether the document says that it is `noun`, of `kind` and of the version known here; a mistake if not.

        `otherwise` gives what is to be said of another kind. A kind that is misspelt is a mistake, and meant all the
        same.
        """
        root = self.document.root
        if root.kind != MAPPING:
            head = f"`apiVersion: {API_VERSION}` and `kind: {kind}`"
            self.wrong(root, f"{noun} is a mapping that starts with {head}; found {describe(root)}")
            return False
        version, found = root.value.get("apiVersion"), root.value.get("kind")
        if version is not None and version.value != API_VERSION:
            self.wrong(version, f"`apiVersion` must be `{API_VERSION}`; found {describe(version)}")
            return False
        if found is not None and found.value != kind:
            self.wrong(found, f"`kind` must be `{kind}`; found {describe(found)}{otherwise(found)}")
            return isinstance(found.value, str) and nearest(found.value, [kind]) is not None
        return True

    def place(self, node: Node, at: int | None = None) -> Place:
        """Where `node` stands, or the character `at` of its text where the source shows which one that is."""
        if at is None or node.start < 0:
            return self.document.place(node)
        return self.source.place(character(self.source.text, node, at))

    def key_place(self, node: Node) -> Place:
        """Where the key of the mapping entry whose value is `node` stands."""
        return self.source.place(node.key_start) if node.key_start >= 0 else self.document.place(node)

    def part(self, node: Node, start: int, end: int) -> Node:
        """A scalar of its own for a part of the text at `node`, from character `start` to `end`."""
        text = self.source.text
        part = Node(SCALAR, node.value[start:end])
        if node.start >= 0:
            part.start = part.value_start = character(text, node, start)
            part.end = character(text, node, end)
        part.parent, part.key = node.parent, node.key
        return part

    def raw(self, node: Node) -> str:
        """The text of a scalar as it is written in the file, quotes included."""
        return self.source.text[node.value_start : node.end] if node.start >= 0 else str(node.value)

    def entries(self, node: Node, what: str) -> Iterator[tuple[str, Node]]:
        """Key and value of every entry of a mapping; nothing, and a message, if `node` is something else."""
        if node.kind != MAPPING:
            self.wrong(node, f"{what} must be a mapping (`key: value` lines); found {describe(node)}")
            return
        yield from node.value.items()

    def fields(self, node: Node, fields: Fields) -> dict[str, Node]:
        """The entries of a mapping with the keys that `fields` allows; other keys and missing ones are mistakes."""
        found: dict[str, Node] = {}
        meant: set[str | None] = set()
        for key, child in self.entries(node, fields.noun):
            if key in fields.all:
                found[key] = child
            else:
                meant.add(nearest(key, fields.all))
                self.unknown_key(child, key, fields.noun, fields.all)
        missing = [key for key in fields.needed if key not in found and key not in meant]
        if missing and node.kind == MAPPING:
            self.wrong(node, f"{fields.noun} needs {listing(missing)}")
        return found

    def unknown_key(self, node: Node, key: str, noun: str, known: Collection[str]) -> None:
        """Record that `noun` has no key `key`, with the nearest of the `known` ones."""
        hint = suggest(key, known) or (f"; its keys are {listing(known)}" if len(known) <= _LISTED else "")
        self.wrong_key(node, f"{noun} has no key `{key}`{hint}")

    def items(self, node: Node, what: str) -> list[Node]:
        """The items of a list; none, and a message, if `node` is something else."""
        if node.kind != SEQUENCE:
            self.wrong(node, f"{what} must be a list (`- ` before each item); found {describe(node)}")
            return []
        return list(node.value)

    def one_or_more(self, node: Node, what: str) -> list[Node]:
        """The items of a list, or the one item that stands in its place; an empty list is a mistake."""
        if node.kind != SEQUENCE:
            return [node]
        if not node.value:
            self.wrong(node, f"{what} is an empty list; give at least one item, or leave the key out")
        return list(node.value)

    def text(self, node: Node, what: str, *, empty: bool = False) -> str:
        """The text of a scalar; "" and a message if it is not a text, or an empty one where that cannot be meant."""
        if node.kind == SCALAR and isinstance(node.value, str):
            if not node.value and not empty:
                self.wrong(node, f"{what} is an empty text")
            return node.value
        hint = ""
        if node.kind == SCALAR and node.style is None and node.value is not None:
            hint = f"; quote it if the text is meant: {quote(self.raw(node))}"
        self.wrong(node, f"{what} must be text; found {describe(node)}{hint}")
        return ""

    def flag(self, node: Node, what: str, also: str = "") -> bool:
        """The value of a boolean; False and a message if it is not one. The message names what is `also` allowed."""
        if node.kind == SCALAR and isinstance(node.value, bool):
            return node.value
        self.wrong(node, f"{what} must be {also}`true` or `false`; found {describe(node)}")
        return False

    def whole(self, node: Node, what: str, least: int = 0) -> int:
        """The value of a whole number of at least `least`; `least` and a message if it is not one."""
        if node.kind == SCALAR and isinstance(node.value, int) and is_number(node.value) and node.value >= least:
            return node.value
        self.wrong(node, f"{what} must be a whole number, {least} or more; found {describe(node)}")
        return least

    def choice(self, node: Node, what: str, choices: Collection[str]) -> str:
        """A text that is one of `choices`; the first of them and a message if it is not."""
        value = node.value if node.kind == SCALAR else None
        if isinstance(value, str) and value in choices:
            return value
        hint = suggest(value, choices) if isinstance(value, str) and len(choices) > 1 else ""
        expected = f"one of {listing(choices)}" if len(choices) > 1 else listing(choices)
        self.wrong(node, f"{what} must be {expected}; found {describe(node)}{hint}")
        return next(iter(choices))

    def attempt(
        self, node: Node, read: Callable[[], Result], error: type[Exception], reason: str = ""
    ) -> Result | None:
        """What `read` returns; None and a message at `node` if it raises `error` (with `.message` and `.offset`).

        `reason` opens the message.
        """
        try:
            return read()
        except error as failure:
            trap = cut(node, self.source)
            text = str(trap) if trap else reason + getattr(failure, "message", str(failure))
            self.wrong(node, text, None if trap else getattr(failure, "offset", None))
            return None


def describe(node: Node) -> str:
    """A value as a message names it: "the number 3", "a list", "nothing"."""
    return describe_value(node.value)


def describe_value(value: object) -> str:
    """Plain data as a message names it."""
    if value is None:
        return "nothing (null)"
    if isinstance(value, bool):
        return f"the boolean `{str(value).lower()}`"
    if isinstance(value, str):
        return f"the text `{shorten(value)}`" if value else "an empty text"
    if isinstance(value, Mapping):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, (list, tuple)):
        return "a list" if value else "an empty list"
    return f"the number {getattr(value, 'text', value)}"


def shorten(text: str) -> str:
    """The start of a text, on one line, short enough to stand in a sentence."""
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 3] + "..."
