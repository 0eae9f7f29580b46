"""Reads YAML of the plainest kind line by line, many times faster than a parser; all else it leaves to one.

That kind is: block mappings and lists, one entry a line, keys of letters, values on their line (also lists of scalars
in brackets) or in literal blocks, comments and blank lines. What it reads, it reads as `yaml_reader` does, to the last
span.
"""

from __future__ import annotations

import re
from functools import cache

from ..dataclass import dataclass
from ..limit import MAX_DEPTH
from ..node import MAPPING, SCALAR, SEQUENCE, Node, is_kubernetes
from .core_scalar import resolve_core
from .kubernetes_scalar import MAY_BE_NO_STRING, UNUSUAL_KEYS, resolve_kubernetes

_WIDE = "\u00a1-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd"  # beyond ASCII, what is neither odd nor a blank
_LONGEST_KEY = 1000  # of the 1024 characters in which a parser must find the colon


def read_lines(text: str, *, core: bool = False) -> tuple[Node, bool] | None:
    """The root of the one document in `text`, and whether it was read as kubectl reads it, which `core` forbids.

    None if the document is not of this kind: then a parser has to read it. Linear.
    """
    patterns = _patterns("" if text.isascii() else _WIDE)
    head = patterns.head.match(text)
    reader = _Reader(text, 0 if head is None else head.end(), patterns)
    root = reader.read()
    if root is None:
        return None
    kubernetes = not core and is_kubernetes(root)
    resolve = resolve_kubernetes if kubernetes else resolve_core
    for node in reader.plain:
        scalar = node.value
        node.value = value = resolve(scalar)
        if value.__class__ is bool and scalar not in ("true", "false"):
            node.spelling = scalar
    return root, kubernetes


@dataclass(frozen=True, slots=True)
class _Patterns:
    """How lines look."""

    head: re.Pattern[str]  # down to the marker that begins the document
    line: re.Pattern[str]  # blanks, dash, key, colon, value; or a line of another kind
    item: re.Pattern[str]  # of a list in brackets
    content: re.Pattern[str]  # of a literal block


@cache
def _patterns(wide: str) -> _Patterns:
    """The patterns for texts that hold characters of the class `wide` besides ASCII, which takes long to compile."""
    comment = rf"[ ]*+(?:(?<![^ \n])#[ -~{wide}]*+)?+\n"
    plain = (  # no `: ` and no ` #`
        rf"(?:[A-Za-z0-9_./(+~${wide}]|-(?=[!-~]))(?:[!-9;-~{wide}]|:(?![ \n])|[ ]++(?![#\n]))*+"
    )
    quoted = rf"\"[ !#-[\]-~{wide}]*+\"|'[ -&(-~{wide}]*+'(?!')"
    start = r"[A-Za-z0-9_./$+(]"
    item = rf"(?:{start}|-(?=-|{start}))(?:[-A-Za-z0-9_./$+()=@%^~]|[ ](?={start}))*+|{quoted}"
    line = (
        rf"([ ]*+)(-[ ]++)?+(?:([A-Za-z_][A-Za-z0-9_./-]*+)(:(?:[ ]++|(?=\n))))?+"
        rf"({plain}|{quoted}|{{}}|\[(?:(?:{item})(?:,[ ]*+(?:{item}))*+)?+\]|\|-?+)?+{comment}|([^\n]*+\n)"
    )
    head = rf"(?:{comment})*+---{comment}"
    return _Patterns(re.compile(head), re.compile(line), re.compile(item), re.compile(rf"[\t -~{wide}]*+"))


class _Reader:
    """The collections that are open at a line, and what is awaited there."""

    def __init__(self, text: str, at: int, patterns: _Patterns) -> None:
        self.is_ended = text.endswith("\n")
        self.text = text if self.is_ended else text + "\n"
        self.patterns = patterns
        self.at = at  # where the document begins
        self.end = 0  # where the last value ends
        self.plain: list[Node] = []
        self.nodes: list[Node] = []  # that are open
        self.columns: list[int] = []  # where their entries stand
        self.key: tuple[str, int] | None = None  # whose value is awaited, and where it begins
        self.block: Node | None = None  # a literal block that is open
        self.lines: list[str] = []  # of that block
        self.margin = 0  # blanks before them

    def read(self) -> Node | None:  # noqa: C901, PLR0912 - one loop, which is hot
        """The root, or None."""
        at, find_break = self.at, self.text.find
        nodes, columns = self.nodes, self.columns
        for indent, dash, name, colon, value, odd in self.patterns.line.findall(self.text, at):
            column = len(indent)
            start = at + column
            begin, at = at, find_break("\n", start) + 1
            if self.block is not None:
                belongs = self.extend_block(self.text[begin : at - 1])
                if belongs:
                    self.end = at - 1 if self.lines[-1] else self.end
                    continue
                if belongs is None:
                    return None
            if not (name or dash or value):
                if odd:
                    return None
                continue
            if (
                self.key is None
                and columns
                and columns[-1] == column
                and nodes[-1].kind == (SEQUENCE if dash else MAPPING)
            ):
                node = nodes[-1]  # as for most lines
            else:
                home = self.find_home(column, start, dash=bool(dash))
                if home is None:
                    return None
                node = home
            if not (name or (dash and value)):
                return None
            if dash:
                place, start = start, start + len(dash)
                child = self.open_item(column + len(dash), start) if name else self.make_leaf(value, start)
                child.parent, child.key, child.key_start, child.key_end = node, len(node.value), place, place + 1
                node.value.append(child)
                if not name:
                    continue
                node = child
            members = node.value
            width = len(name)
            if name in members or width > _LONGEST_KEY or name in UNUSUAL_KEYS:
                return None
            if value:
                child = members[name] = self.make_leaf(value, start + width + len(colon))
                child.parent, child.key, child.key_start, child.key_end = node, name, start, start + width
            else:
                self.key = (name, start)
        return self.finish()

    def find_home(self, column: int, start: int, *, dash: bool) -> Node | None:
        """The collection to which the entry at `column` belongs, opened if it is its first; None if there is none."""
        nodes, columns = self.nodes, self.columns
        if self.key is not None:
            if column > columns[-1] or (dash and column == columns[-1]):
                node = Node(SEQUENCE, [], start) if dash else Node(MAPPING, {}, start)
                self.put(node)
                nodes.append(node)
                columns.append(column)
                return node if len(nodes) < MAX_DEPTH else None
            self.put_nothing()
        elif not nodes:
            node = Node(SEQUENCE, [], start) if dash else Node(MAPPING, {}, start)
            nodes.append(node)
            columns.append(column)
        while columns[-1] > column or (columns[-1] == column and not dash and nodes[-1].kind == SEQUENCE):
            nodes.pop().end = self.end
            columns.pop()
            if not columns:
                return None
        node = nodes[-1]
        return node if columns[-1] == column and node.kind == (SEQUENCE if dash else MAPPING) else None

    def put(self, node: Node) -> None:
        """Make `node` the value of the key that awaits one."""
        assert self.key is not None
        name, start = self.key
        parent = self.nodes[-1]
        node.parent, node.key, node.key_start, node.key_end = parent, name, start, start + len(name)
        parent.value[name] = node
        self.key = None

    def put_nothing(self) -> None:
        """Give the key that awaits a value none: it is empty, and stands behind the colon."""
        assert self.key is not None
        self.end = self.key[1] + len(self.key[0]) + 1
        node = Node(SCALAR, "", self.end, self.end)
        self.plain.append(node)
        self.put(node)

    def open_item(self, column: int, start: int) -> Node:
        """A mapping that begins behind a dash."""
        node = Node(MAPPING, {}, start)
        self.nodes.append(node)
        self.columns.append(column)
        return node

    def make_leaf(self, text: str, start: int) -> Node:
        """The node of a value that begins, or is, on this line."""
        self.end = end = start + len(text)
        first = text[0]
        if first in MAY_BE_NO_STRING:
            node = Node(SCALAR, text, start, end)
            self.plain.append(node)
        elif first in "\"'":
            node = Node(SCALAR, text[1:-1], start, end)
            node.style = first
        elif first == "[":
            node = Node(SEQUENCE, [], start, end)
            node.flow = True
            self.fill(node, text)
        elif first == "{":
            node = Node(MAPPING, {}, start, end)
            node.flow = True
        elif first == "|":
            node = self.block = Node(SCALAR, "-" if text[1:] else "", start, end)
            node.style = "|"
            self.lines, self.margin = [], 0
        else:
            node = Node(SCALAR, text, start, end)
        return node

    def fill(self, node: Node, text: str) -> None:
        """Give a list in brackets its items."""
        end = self.end
        for found in self.patterns.item.finditer(text, 1):
            item = self.make_leaf(found[0], node.start + found.start())
            item.parent, item.key = node, len(node.value)
            node.value.append(item)
        self.end = end

    def extend_block(self, line: str) -> bool | None:
        """Whether a line belongs to the block that is open, which else is closed; None if that is not plain to see."""
        content = line.lstrip(" ")
        width = len(line) - len(content)
        if not content:
            if not self.lines or width > self.margin:
                return None
            self.lines.append("")
            return True
        if not self.lines:
            if width <= self.columns[-1] or content[0] == "\t":
                return None
            self.margin = width
        if width >= self.margin:
            self.lines.append(line[self.margin :])
            return True if self.patterns.content.fullmatch(line) else None
        self.close_block()
        return False

    def close_block(self) -> None:
        """Give the block that is open its text."""
        assert self.block is not None
        text = "\n".join(self.lines).rstrip("\n")
        self.block.value = text if self.block.value else text + "\n"
        self.block.end = self.end
        self.block = None

    def finish(self) -> Node | None:
        """The root, with all that is open closed."""
        if self.block is not None:
            if not self.lines or not self.is_ended:
                return None
            self.close_block()
        if self.key is not None:
            self.put_nothing()
        for node in self.nodes:
            node.end = self.end
        return self.nodes[0] if self.nodes else None
