"""Turns what rules did to a document into edits of its text: non-overlapping spans and what replaces them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ..error import InputError, Place
from ..node import MAPPING, SCALAR, Node, below
from ..reading.kubernetes_scalar import ScalarError
from ..source import Source
from . import edit_block, edit_flow, edit_value
from .edit_comment import edit_comment
from .edit_text import Edit, end_last_line, settle, splice, unend_last_line
from .layout import Layout
from .move import Mover
from .pairing import deepest_last, original, pair_items, pair_members, same
from .style import find_habits
from .yaml_writer import Style

__all__ = ["Edit", "Editor", "splice"]


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
        self.text, self._missing = end_last_line(source.text)
        self.needs_line_break = False  # whether the last line, as it will be, must not go without its line break
        self.layout = Layout(self.text, top=source.first_line == 1)
        self.root = root
        self.changed = changed
        self.commented = commented
        self.json = json
        self.kubernetes = kubernetes
        self.edits: list[Edit] = []
        self.rules: tuple[str, ...] = ()
        self.written: set[Node] = set()  # nodes whose text is being written anew
        self._style: Style | None = None
        self._ways = _ways_to(list(changed))

    def place(self, node: Node) -> Place:
        """Where `node` stands in the text."""
        return self.source.place(max(node.start, 0))

    @property
    def style(self) -> Style:
        """The document's habits, found when first needed."""
        if self._style is None:
            habits = find_habits(self.root, self.layout, json=self.json, kubernetes=self.kubernetes)
            own = Mover(self)
            self._style = replace(habits, own_text=own.own_text, own_flow=own.own_flow, own_comments=own.own_comments)
        return self._style

    def find(self, roots: Iterable[tuple[Node, bool]]) -> list[Edit]:
        """The edits for everything that changed below `roots` (each with whether it stands in flow style), settled.

        Raises `InputError` where the text cannot be edited.
        """
        try:
            for root, in_flow in roots:
                if root in self._ways:
                    self.reconcile(root, root, in_flow=in_flow)
        except ScalarError as error:
            raise InputError(error.message, self.place(self.root)) from None
        for node, rules in self.commented.items():
            self.rules = tuple(rules)
            if node.start >= 0:
                edit_comment(self, node)
        edits = settle(self.edits)
        if self._missing:
            edits = unend_last_line(self.text, edits, self._missing, keep=self.needs_line_break)
        return edits

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
        if not _entries_differ(old, new):
            if not same(old, new):
                self._replace(old, new, in_flow=in_flow)
        else:
            self._change_entries(old, new, in_flow=in_flow)
        self.rules = outer

    def _change_entries(self, old: Node, new: Node, *, in_flow: bool) -> None:
        steps = pair_members(old, new) if new.kind == MAPPING else pair_items(old, new)
        staying = all(step.old is not None and step.new is not None for step in steps)
        if old.flow and not staying and not self.layout.has_brackets(old):
            self._replace(old, new, in_flow=in_flow)  # `[a: b]` holds one member only
            return
        for step in steps:
            if step.old is not None and step.new is not None:
                self.reconcile(step.old, step.new, in_flow=in_flow or old.flow)
        if old.flow:
            edit_flow.change_entries(self, old, steps)
        else:
            edit_block.change_entries(self, old, steps)

    def _replace(self, old: Node, new: Node, *, in_flow: bool) -> None:
        if old.opaque and original(old)[0] != SCALAR and not self.json:
            message = "this mapping holds keys that JSON has no name for; it cannot be replaced without losing them"
            raise InputError(message, self.place(old))
        self.written.add(new)
        if in_flow or self.json:
            edit_flow.replace_value(self, old, new)
        else:
            edit_value.replace_value(self, old, new)

    def edits_within(self, node: Node) -> list[Edit]:
        """The edits inside the text of `node`, which is moved, settled; they are not noted."""
        outer, self.edits = self.edits, []
        self.reconcile(node, node, in_flow=node.flow)
        self.end_literal(node)
        inner, self.edits = self.edits, outer
        return settle(inner)

    def end_literal(self, node: Node) -> None:
        """Keeps what a block scalar at the end of `node` says when other lines come to stand below it.

        Where the text ends without a line break, so does the scalar; from then on it needs a `-` for that.
        """
        top, node = node, deepest_last(node)
        unended = node.style in ("|", ">") and node.end == len(self.text) - len(self._missing)
        if not self._missing or not unended or node in self.changed or not below(node, top):
            return
        header = self.layout.header_end(node)
        indicators = self.text[node.value_start + 1 : header].replace("+", "").replace("-", "")
        if not any(edit.end == header for edit in self.edits):
            self.put(node.value_start + 1, header, indicators + "-")


def _entries_differ(old: Node, new: Node) -> bool:
    """Whether `old` becomes `new` entry by entry: the same kind of collection, with entries before and after."""
    kind, content = original(old)
    if kind != new.kind or kind == SCALAR or old.alias is not None:
        return False
    return bool(old.opaque or (content and new.value))


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
