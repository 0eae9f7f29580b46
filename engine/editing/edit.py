"""Turns what rules did to a document into edits of its text: non-overlapping spans and what replaces them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ..dataclass import dataclass, replace
from ..error import InputError, Place
from ..node import MAPPING, SCALAR, Node, below
from ..reading.kubernetes_scalar import ScalarError
from ..reading.reference import References
from ..source import Source
from ..value import equal
from .edit_comment import edit_comments
from .edit_scalar import change_scalar, swap_scalar
from .edit_text import Edit, end_last_line, settle, splice, unend_last_line
from .layout import Layout
from .node_property import drop_anchor, keeps_properties
from .pairing import Step, deepest_last, original, pair_items, pair_members, same
from .plan import Plan

if TYPE_CHECKING:
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
        references: References,
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
        self.first_entries: dict[Node, Node | None] = {}  # what of the text comes to the line of a dash; None: new text
        self.taken: list[tuple[int, int]] = []  # what other edits replace, while comments are set
        self.comment_places: set[tuple[int, int]] = set()
        self.rules: tuple[str, ...] = ()
        self.apart: dict[Node, bool] = {}  # whether blank lines set the entries of a collection apart, once asked
        self.written: set[Node] = set()  # nodes whose text is being written anew
        self.replaced: set[Node] = set()  # nodes in whose place it is written
        self._style: Style | None = None
        self._remarks: list[_Remark] = []
        self._known_ways: dict[Node, list[Node]] | None = None
        self._references = references
        self.plan = Plan()

    def place(self, node: Node) -> Place:
        """Where `node` stands in the text."""
        return self.source.place(max(node.start, 0))

    @property
    def style(self) -> Style:
        """The document's habits, found when first needed."""
        if self._style is None:
            from .move import Mover  # where scalars change and nothing else, none of this is needed
            from .style import find_habits

            habits = find_habits(self.root, self.layout, json=self.json, kubernetes=self.kubernetes)
            own = Mover(self)
            self._style = replace(habits, own_text=own.own_text, own_flow=own.own_flow, own_comments=own.own_comments)
        return self._style

    @property
    def _ways(self) -> dict[Node, list[Node]]:
        """For every node above what changes its children on the way there, found when first needed."""
        if self._known_ways is None:
            self._known_ways = _ways_to([*self.changed, *self.commented])
        return self._known_ways

    def find(self) -> list[Edit]:
        """The edits for everything that changed below the root, settled.

        Raises `InputError` where the text cannot be edited.
        """
        try:
            if self._references:
                self._plan_references()
            if not self._swap_scalars():
                self.reconcile(self.root, self.root, in_flow=self.json)
        except ScalarError as error:
            raise InputError(error.message, self.place(self.root)) from None
        self._set_comments()
        edits = settle(self.edits)
        if self._missing:
            edits = unend_last_line(self.text, edits, self._missing, keep=self.needs_line_break)
        return edits

    def _swap_scalars(self) -> bool:
        """Makes the edits where scalars became other scalars and nothing else happened, and says whether it did."""
        if self._references or self.commented or not self.changed:
            return False
        for node in self.changed:
            if node.kind != SCALAR or node.start < 0 or original(node)[0] != SCALAR:
                return False
        for node, rules in self.changed.items():
            if not equal(original(node)[1], node.value):
                self.rules = tuple(rules)
                self._replace(node, node, in_flow=self.json or _is_in_flow(node))
        self.rules = ()
        return True

    def _plan_references(self) -> None:
        from .reference import plan_references  # few documents have any

        self.plan = plan_references(
            self._references, self.root, self.source, self.changed, self._steps, kubernetes=self.kubernetes
        )
        for node in (*self.plan.touched, *self.plan.loose):
            self._ways.setdefault(node, [])
        for outer, inner in self.plan.paths:
            below = self._ways.setdefault(outer, [])
            if inner not in below:
                below.append(inner)

    def is_touched(self, node: Node) -> bool:
        """Whether anything changes at or below `node`."""
        return node in self._ways

    @property
    def has_references(self) -> bool:
        """Whether anything in the text stands for something elsewhere."""
        return bool(self._references)

    def put(self, start: int, end: int, text: str) -> None:
        """Notes one edit, if it changes anything."""
        if self.text[start:end] != text:
            self.edits.append(Edit(start, end, text, self.rules))

    def reconcile(self, old: Node, new: Node, *, in_flow: bool) -> None:
        """Edits the text of `old` into `new`: where both are collections of one kind only what differs."""
        plan = self.plan
        if old in plan.kept or old.start < 0:  # it has no text of its own
            return
        if old is new and old not in self.changed and old not in plan.touched:
            if old in plan.loose:
                drop_anchor(self, old)
            for child in self._ways.get(old, ()):
                self.reconcile(child, child, in_flow=in_flow or old.flow)
            self._remark(old, new, written=False)
            return
        fresh = old.alias is not None and old is not new  # what stands here now does not refer to anything
        if old not in self._ways and new not in self._ways and not fresh and same(old, new):
            return
        outer = self.rules
        self.rules = tuple(self.changed[old]) if old in self.changed else outer
        steps = self._steps(old, new)
        replaced = steps is None and (fresh or old in plan.touched or not same(old, new))
        if old in plan.loose and (not replaced or keeps_properties(self, old, new)):
            drop_anchor(self, old)
        written = replaced and self._replace(old, new, in_flow=in_flow)
        if steps is not None:
            self._change_entries(old, steps, in_flow=in_flow)
        self.rules = outer
        self._remark(old, new, written=written and not in_flow and old.key_start >= 0)

    def _steps(self, old: Node, new: Node) -> list[Step] | None:
        """The steps from the entries of `old` to those of `new`; None where its text is no collection that stays."""
        kind, content = original(old)
        if kind != new.kind or kind == SCALAR or old.alias is not None:
            return None
        if not old.opaque and not (content and new.value):
            return None
        steps = pair_members(old, new, self.plan.merges.get(old)) if kind == MAPPING else pair_items(old, new)
        if self.plan.keys:
            steps = [_with_key(step) if step.old in self.plan.keys else step for step in steps]
        if not any(step.new is not None and (step.old is not None or not self._is_bare(old)) for step in steps):
            return None
        return steps

    def _is_bare(self, node: Node) -> bool:
        """Whether `node` is a mapping of one member without brackets, as in `[a: b]`."""
        return node.flow and not self.layout.has_brackets(node)

    def _change_entries(self, old: Node, steps: list[Step], *, in_flow: bool) -> None:
        bare = self._is_bare(old) and any(step.old is None for step in steps)
        for step in steps:
            if step.old is not None and step.new is not None:
                self.reconcile(step.old, step.new, in_flow=in_flow or old.flow)
        if bare:
            self.put(old.start, old.start, "{")
        if old.flow:
            from .edit_flow import change_entries
        else:
            from .edit_block import change_entries
        change_entries(self, old, steps)
        if bare:
            self.put(old.end, old.end, "}")

    def _replace(self, old: Node, new: Node, *, in_flow: bool) -> bool:
        """Gives `old` the value of `new`; whether it had to be written anew."""
        new = self.plan.copies.get(old, new)
        if new.opaque:
            new = Node(new.kind, new.value)  # without what is no member
        if old in self.plan.staying and not keeps_properties(self, old, new):
            self.plan.anchors[new] = old.anchor or ""
        if keeps_properties(self, old, new) and change_scalar(self, old, new, in_flow=in_flow):
            return False
        self.written.add(new)
        self.replaced.add(old)
        if swap_scalar(self, old, new, in_flow=in_flow):
            return True
        if in_flow or self.json:
            from .edit_flow import replace_value
        else:
            from .edit_value import replace_value
        replace_value(self, old, new)
        return True

    def _remark(self, old: Node, new: Node, *, written: bool) -> None:
        """Remembers the comments of `new`, whose edits come last: they go next to what else comes to a place."""
        if new in self.commented:
            self._remarks.append(_Remark(old, new, written))

    def _set_comments(self) -> None:
        if not self._remarks:
            self.taken = []
            return
        others = settle(self.edits)
        self.taken = [(edit.start, edit.end) for edit in others if edit.end > edit.start]
        for remark in self._remarks:
            self.rules = tuple(self.commented[remark.new])
            edit_comments(self, remark.old, remark.new, written=remark.written)

    def anchor_of(self, node: Node) -> str:
        """The anchor that the text of `node`, written anew, begins with, and a blank; nothing where it needs none."""
        return f"&{self.plan.anchors[node]} " if node in self.plan.anchors else ""

    def edits_within(self, node: Node) -> list[Edit]:
        """The edits inside the text of `node`, which is moved, settled; they are not noted."""
        outer = self.edits, self._remarks, self.comment_places
        self.edits, self._remarks, self.comment_places = [], [], set()
        self.reconcile(node, node, in_flow=node.flow)
        self.end_literal(node)
        self._remarks = [remark for remark in self._remarks if remark.old is not node]
        self._set_comments()
        inner = self.edits
        self.edits, self._remarks, self.comment_places = outer
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


@dataclass(frozen=True, slots=True)
class _Remark:
    """Comments to be set: on the node of the text, which is the new one now, and whether that was written anew."""

    old: Node
    new: Node
    written: bool


def _is_in_flow(node: Node) -> bool:
    """Whether a node that stands where it stood is inside a flow collection."""
    above = node.parent
    while above is not None and not above.flow:
        above = above.parent
    return above is not None


def _with_key(step: Step) -> Step:
    """The step with the key of its entry, which is to be written anew, if the entry stays."""
    return step if step.old is None or step.new is None or step.key else replace(step, key=step.old.key)


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
