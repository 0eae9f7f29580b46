"""Turns what rules did to a document into edits of its text: non-overlapping spans and what replaces them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from . import edit_block, edit_flow
from .edit_comment import edit_comment
from .error import Place
from .layout import Layout
from .node import MAPPING, SCALAR, Node
from .pairing import last_child, original, pair_items, pair_members, same
from .source import Source
from .style import find_habits
from .yaml_writer import Style

_LINE_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the characters from `start` to `end` by `text`; `rules` are the rules that wanted it."""

    start: int
    end: int
    text: str
    rules: tuple[str, ...] = ()


def splice(text: str, edits: Iterable[Edit], offset: int = 0) -> str:
    """`text` with all edits applied in one pass; they are in order and do not overlap (see `settle`)."""
    pieces: list[str] = []
    position = 0
    for edit in edits:
        pieces += (text[position : edit.start - offset], edit.text)
        position = edit.end - offset
    pieces.append(text[position:])
    return "".join(pieces)


def settle(edits: Iterable[Edit]) -> list[Edit]:
    """The edits in the order of the text: deletions that touch the same line break are joined.

    Insertions at one place keep their order. Raises AssertionError if two edits want different text for the
    same characters, which would be a mistake of ours.
    """
    settled: list[Edit] = []
    for edit in sorted(edits, key=lambda one: (one.start, one.end)):
        if settled and edit.start < settled[-1].end:
            last = settled[-1]
            assert not last.text and not edit.text, "two edits want the same characters"
            settled[-1] = Edit(last.start, max(last.end, edit.end), "", tuple(dict.fromkeys(last.rules + edit.rules)))
        elif edit.text or edit.start != edit.end:
            settled.append(edit)
    return settled


class Editor:
    """Finds the edits of one document's text.

    `root` is the tree of the whole text as it is now; nodes know their spans and what they held before.
    `changed` and `commented` name the nodes that rules touched, and which rules. Cost grows with what
    changed, not with the document.
    """

    def __init__(
        self,
        source: Source,
        root: Node,
        changed: Mapping[Node, Iterable[str]],
        commented: Mapping[Node, Iterable[str]],
        *,
        json: bool,
        kubernetes: bool,
    ) -> None:
        self.source = source
        self.text, self._missing = _end_line(source.text)
        self.needs_line_break = False  # whether the last line, as it will be, must not go without its line break
        self.layout = Layout(self.text, top=source.first_line == 1)
        self.root = root
        self.changed = changed
        self.commented = commented
        self.json = json
        self.kubernetes = kubernetes
        self.edits: list[Edit] = []
        self.rules: tuple[str, ...] = ()
        self._style: Style | None = None
        self._ways = _ways_to(list(changed))
        self._written: set[Node] = set()  # nodes whose text is being written anew

    def place(self, node: Node) -> Place:
        """Where `node` stands in the text."""
        return self.source.place(max(node.start, 0))

    @property
    def style(self) -> Style:
        """The document's habits, found when first needed."""
        if self._style is None:
            habits = find_habits(self.root, self.layout, json=self.json, kubernetes=self.kubernetes)
            self._style = replace(habits, own_text=self.own_text)
        return self._style

    def find(self, roots: Iterable[tuple[Node, bool]]) -> list[Edit]:
        """The edits for everything that changed below `roots` (each with whether it stands in flow style), settled."""
        for root, in_flow in roots:
            if root in self._ways:
                self.reconcile(root, root, in_flow=in_flow)
        for node, rules in self.commented.items():
            self.rules = tuple(rules)
            if node.start >= 0:
                edit_comment(self, node)
        edits = settle(self.edits)
        return _unend(self.text, edits, self._missing, keep=self.needs_line_break) if self._missing else edits

    def put(self, start: int, end: int, text: str) -> None:
        """Notes one edit, if it changes anything."""
        if self.text[start:end] != text:
            self.edits.append(Edit(start, end, text, self.rules))

    def reconcile(self, old: Node, new: Node, *, in_flow: bool) -> None:
        """Edits the text of `old` into `new`: where both are collections of one kind only what differs."""
        if old is new and old not in self.changed:
            for child in self._ways.get(old, ()):
                self.reconcile(child, child, in_flow=in_flow or old.flow)
            return
        if old not in self._ways and same(old, new):
            return
        outer = self.rules
        self.rules = tuple(self.changed[old]) if old in self.changed else outer
        kind, content = original(old)
        if kind != new.kind or kind == SCALAR or not content or not new.value or old.alias is not None:
            if not same(old, new):
                self._replace(old, new, in_flow=in_flow)
        else:
            self._change_entries(old, new, in_flow=in_flow)
        self.rules = outer

    def _change_entries(self, old: Node, new: Node, *, in_flow: bool) -> None:
        steps = pair_members(old, new) if new.kind == MAPPING else pair_items(old, new)
        for step in steps:
            if step.old is not None and step.new is not None:
                self.reconcile(step.old, step.new, in_flow=in_flow or old.flow)
        if old.flow:
            edit_flow.change_entries(self, old, new, steps)
        else:
            edit_block.change_entries(self, old, steps)

    def _replace(self, old: Node, new: Node, *, in_flow: bool) -> None:
        self._written.add(new)
        if in_flow:
            edit_flow.replace_value(self, old, new)
        else:
            edit_block.replace_value(self, old, new)

    def own_text(self, node: Node, column: int, parent: int) -> list[str] | None:
        """The text of a node that is moved to `column`, below an entry at column `parent`, by lines.

        None where it has none, or none that can be used as it is: its lines are then written anew.
        """
        if node.start < 0 or node.alias is not None or node in self._written:
            return None
        layout = self.layout
        home = layout.column(node.key_start) if node.key_start >= 0 else 0
        block = node.kind != SCALAR and not node.flow
        end = layout.extent_end(node.end, home) if block else node.end
        edits = self._edits_within(node)
        if node in self._written:
            return None
        if edits and (edits[0].start < node.start or edits[-1].end > end):
            return None
        text = splice(self.text[node.start : end], edits, node.start)
        shift = column - layout.column(node.start) if block else parent - home
        return shift_lines(text.rstrip("\r\n") if block else text, shift)

    def _edits_within(self, node: Node) -> list[Edit]:
        outer, self.edits = self.edits, []
        self.reconcile(node, node, in_flow=node.flow)
        self.end_literal(node)
        inner, self.edits = self.edits, outer
        return settle(inner)


    def end_literal(self, node: Node) -> None:
        """Keeps what a block scalar at the end of `node` says when other lines come to stand below it.

        Where the text ends without a line break, so does the scalar; from then on it needs a `-` for that.
        """
        while original(node)[0] != SCALAR:
            last = last_child(node)
            if last is None or last.parent is not node:
                return
            node = last
        unended = node.style in ("|", ">") and node.end == len(self.text) - len(self._missing)
        if not self._missing or not unended or node in self.changed:
            return
        header = self.layout.header_end(node)
        indicators = self.text[node.value_start + 1 : header].replace("+", "").replace("-", "")
        if not any(edit.end == header for edit in self.edits):
            self.put(node.value_start + 1, header, indicators + "-")


def _end_line(text: str) -> tuple[str, str]:
    """`text` with a line break at its end, and what had to be added for that."""
    if text.endswith(("\n", "\r")):
        return text, ""
    missing = "\r\n" if "\r\n" in text else "\n"
    return text + missing, missing


def _unend(text: str, edits: list[Edit], missing: str, *, keep: bool) -> list[Edit]:
    """The edits for `text` without the line break `missing` that was added to it, which is missing in the end too.

    With `keep` the new text has it, because its last line needs it.
    """
    length = len(text) - len(missing)
    touching = [edit for edit in edits if edit.end > length]
    if not touching:
        return [*edits, Edit(length, length, missing)] if keep else edits
    rules = tuple(dict.fromkeys(rule for edit in touching for rule in edit.rules))
    others = edits[: len(edits) - len(touching)]
    start = min(touching[0].start, length)
    result = splice(text[start:], touching, start)
    if not keep and result.endswith(missing):
        result = result[: -len(missing)]
    elif not keep and others and others[-1].end == start:
        last = others.pop()
        others.append(Edit(last.start, last.end, last.text.removesuffix(missing), last.rules))
    elif not keep:
        start = max(start - len(missing), 0)
    return [*others, Edit(start, length, result, rules)]


def _ways_to(nodes: list[Node]) -> dict[Node, list[Node]]:
    """For every node on the way from a root to one of `nodes`, its children that lead there."""
    ways: dict[Node, list[Node]] = {}
    for node in nodes:
        child: Node | None = None
        current: Node | None = node
        while current is not None:
            fresh = current not in ways
            below = ways.setdefault(current, [])
            if child is not None:
                below.append(child)
            if not fresh:
                break
            child, current = current, current.parent
    return ways


def shift_lines(text: str, shift: int) -> list[str]:
    """The lines of `text`; those below the first moved by `shift` columns."""
    first, *rest = _LINE_BREAK.split(text)
    if shift >= 0:
        return [first, *(" " * shift + line if line else line for line in rest)]
    return [first, *(line[min(-shift, len(line) - len(line.lstrip(" "))) :] for line in rest)]
