"""Takes the text of a value along when the value moves: re-indented, with its comments, tag and style."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..error import InputError
from ..late_pattern import late_pattern
from ..node import SCALAR, Node, walk
from ..reading.plain_text import plain_safe
from .edit_block import end_of
from .edit_text import shift_lines, splice
from .node_property import has_local_tag
from .pairing import deepest_last, original, same, walk_text
from .yaml_writer import OwnComments, OwnText, block_lines, flow_text, is_block, value_lines

if TYPE_CHECKING:
    from .edit import Editor

_INDICATOR = late_pattern(r"[-?:](?:[ \t]|\Z)")
_ALIAS = late_pattern(r"(?<![^ \t\r\n,\[{])\*")
_COMMENT = late_pattern(r"(?:[ \t]*,)?([ \t]*#[^\r\n]*)")
_FLOW_FOLLOWS = late_pattern(r"(?:[ \t\r\n]|(?<=[ \t\r\n])#[^\r\n]*)*[,\]}]")  # behind an entry in flow style only
_INNER_COMMENT = late_pattern(r"(?<=[ \t\r\n])#[^\r\n]*")
_INDENT = late_pattern(r"(?:\r\n|\r|\n)( *)(?=[^ \r\n])")
_LINE_BREAK = late_pattern(r"[\r\n]")
_NO_COMMENTS = OwnComments([], "")


class Mover:
    """Finds the text that a node of the document has, for a place elsewhere in the document.

    Both methods raise `InputError` for a node that has to be written anew and would lose something by that.
    """

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
        self.layout = editor.layout
        self._copying = False  # whether the text is taken as it was, without its edits

    def own_text(self, node: Node, column: int, parent: int) -> OwnText | None:
        """The text of a node that is moved to `column`, below an entry at column `parent`.

        None where it has none, or none that can be used as it is: it is written anew.
        """
        if node in self.editor.plan.anchors:
            return self._anchored(node, column, parent)
        if node in self.editor.plan.moved:
            return OwnText("", [self.editor.text[node.start : node.end]])
        if node.start < 0:
            return self._copied(node, column, parent)
        if node in self.editor.written:
            return None
        own = None if self._is_unfit(node) or not self._fits_block(node) else self._block_text(node, column, parent)
        if own is None:
            self._check_loss(node)
        return own

    def own_flow(self, node: Node, depth: str) -> str | None:
        """The text of a node that is moved into a flow collection, below lines that are indented by `depth`."""
        anchors = self.editor.plan.anchors
        if node in anchors:
            anchor = anchors.pop(node)
            return f"&{anchor} {flow_text(node, self.editor.style, depth)}"
        if node in self.editor.plan.moved:
            return self.editor.text[node.start : node.end]
        if node.start < 0 or node in self.editor.written:
            return None
        own = None if self._is_unfit(node) else self._flow_text(node, depth)
        if own is None:
            self._check_loss(node)
        return own

    def own_comments(self, node: Node) -> OwnComments:
        """The comments of a moved entry, which go along; so do those inside a copy, and of what gave way to it."""
        origin = node.origin
        if origin is not None and (origin.parent is None or (node.parent and node.parent.origin is origin.parent)):
            node = origin
        node = self.editor.plan.origins.get(node, node)
        if node.start < 0 or node in self.editor.written or self.editor.json:
            return _NO_COMMENTS
        layout, text = self.layout, self.editor.text
        block = original(node)[0] != SCALAR and not node.flow
        at = self._head_end(node) if block else node.end
        if node.style in ("|", ">"):  # its comment is part of its text, unless that is written anew
            beside = None if self._fits_block(node) else _COMMENT.match(text, layout.header_end(node))
        else:
            beside = _COMMENT.match(text, at)
        start = layout.entry_start(node, layout.home_column(node)) if node.key_start >= 0 else node.start
        column = layout.column(start)
        above = "" if layout.inline(start) else text[layout.head_start(start, column) : layout.line_start(start)]
        lines = [line.lstrip(" ") for line in above.splitlines()]
        if node.key_start >= 0:
            lines += _INNER_COMMENT.findall(text[node.key_end : layout.indicator_end(node) if block else node.start])
        if not block and not _FLOW_FOLLOWS.match(text, end_of(node)):
            after = layout.next_line(node.end)  # no place below is safe for what stands deeper there
            lines += _INNER_COMMENT.findall(text[after - 1 : layout.extent_end(node.end, column)])
        return OwnComments(lines, beside[1] if beside else "")

    def _copied(self, node: Node, column: int, parent: int) -> OwnText | None:
        """The text of what `node` is a copy of, if that says the same and no more, and was not changed before."""
        origin = node.origin
        if origin is None or origin.start < 0 or not self._is_clean(origin) or not same(origin, node):
            return None
        if any(below.comment_line or below.comment_above for below in walk(node) if below is not node):
            return None
        if self._is_unfit(origin) or not self._fits_block(origin):
            return None
        self._copying = True
        own = self._block_text(origin, column, parent)
        self._copying = False
        return own

    def _is_clean(self, node: Node) -> bool:
        """Whether nothing in the text of `node` belongs to this one place: an anchor, a tag, a missing line break."""
        marked = (one.value_start > one.start or one.alias or one.opaque for one in walk_text(node))
        last = deepest_last(node)
        unended = last.style in ("|", ">") and last.end == len(self.editor.source.text)
        return not any(marked) and not unended

    def _anchored(self, node: Node, column: int, parent: int) -> OwnText:
        """The text of a node that is written anew, behind its anchor."""
        style = self.editor.style
        anchor = "&" + self.editor.plan.anchors.pop(node)
        if is_block(node, style):
            return OwnText(anchor, block_lines(node, column, style))
        first, below = value_lines(node, column, parent, style)
        return OwnText("", [f"{anchor} {first}", *below])

    def _flow_text(self, node: Node, depth: str) -> str | None:
        if node.style in ("|", ">") or (node.kind != SCALAR and not node.flow):
            return None
        text = self._edited(node, node.end)
        if text is None or (node.kind == SCALAR and node.style is None and not self._plain_in_flow(node, text)):
            return None
        if not _LINE_BREAK.search(text):
            return text
        if not self.editor.json:
            return None
        line = self.editor.text[self.layout.line_start(node.start) : node.start]
        home = len(line) - len(line.lstrip(" \t"))
        return self.editor.style.newline.join(shift_lines(text, len(depth) - home))

    def _plain_in_flow(self, node: Node, text: str) -> bool:
        return self.editor.json or not isinstance(node.value, str) or plain_safe(text, flow=True)

    def _check_loss(self, node: Node) -> None:
        """Refuses what would lose something by being written anew."""
        merged = sum(1 for child in node.opaque or () if self._is_merge(child))
        if len(node.opaque or ()) > merged:
            message = "this mapping holds keys that JSON has no name for; it cannot be moved there"
            raise InputError(message, self.editor.place(node))
        if has_local_tag(node) and original(node)[0] == node.kind and node.alias is None:
            raise InputError(f"a value with the tag `{node.tag}` cannot be moved there", self.editor.place(node))

    def _is_merge(self, child: Node) -> bool:
        return self.editor.text[child.key_start : child.key_end] == "<<"

    def _is_unfit(self, node: Node) -> bool:
        """Whether `node` has no text or no brackets, or anything in it refers to what elsewhere might only follow."""
        if node.value_start == node.end or node.alias is not None or node in self.editor.plan.twice:
            return True
        if node.kind != SCALAR and node.flow and not self.layout.has_brackets(node):
            return True
        text = self.editor.text
        standing = (below for below in walk_text(node) if below is not node and below.key_start >= 0)
        return any(_ALIAS.search(text, below.key_start, below.key_end) for below in standing)

    def _fits_block(self, node: Node) -> bool:
        """Whether the text of `node` says the same in block context, whatever follows it there."""
        if self.layout.keeps_blank_lines(deepest_last(node)):
            return False
        text = self.editor.text
        if node.kind == SCALAR and node.style is None and _INDICATOR.match(text[node.value_start : node.end]):
            return False
        if not _LINE_BREAK.search(text, node.start, node.end):
            return True
        in_lines = node.kind == SCALAR and node.style in ("|", ">")
        flat = node.key_start >= 0 and self._is_flat(node)
        if flat and (node.flow or node.kind == SCALAR) and not in_lines:
            return False
        return node.flow or self._begins_line(node)

    def _begins_line(self, node: Node) -> bool:
        """Whether nothing but indicators stands before the entry of `node` on its line."""
        if node.key_start < 0:
            return False
        return not self.editor.text[self.layout.line_start(node.key_start) : node.key_start].strip(" -?:")

    def _is_flat(self, node: Node) -> bool:
        """Whether a line of a value is no deeper than its key, as it may be inside a flow collection."""
        home = self.layout.home_column(node)
        lines = _LINE_BREAK.split(self.editor.text[node.start : node.end])[1:]
        contents = ((line, line.lstrip(" ")) for line in lines)
        return any(content and len(line) - len(content) < home + (content[0] not in "]}") for line, content in contents)

    def _block_text(self, node: Node, column: int, parent: int) -> OwnText | None:
        layout, text = self.layout, self.editor.text
        home = layout.home_column(node)
        if node.kind == SCALAR or node.flow:
            own = self._edited(node, node.end)
            if own is None:
                return None
            least = [len(indent) for indent in _INDENT.findall(own)] if not self._begins_line(node) else None
            return OwnText(
                "", shift_lines(own, parent + self.editor.style.indent - min(least) if least else parent - home)
            )
        start = self._block_start(node)
        own = self._edited(node, layout.extent_end(node.end, home), start)
        if own is None:
            return None
        head = text[node.start : layout.properties_end(node)]
        lines = shift_lines(own.rstrip("\r\n"), column - layout.column(node.value_start))
        return OwnText(head, [lines[0].lstrip(" "), *lines[1:]])

    def _block_start(self, node: Node) -> int:
        """Where the lines of a block collection begin: with the comments above its first entry."""
        layout = self.layout
        head = layout.line_end(self._head_end(node))
        return layout.next_line(head) if head < node.value_start else node.value_start

    def _head_end(self, node: Node) -> int:
        """Behind the indicator of a block collection, and behind its tag and anchor where it has any."""
        layout = self.layout
        return layout.properties_end(node) if node.value_start > node.start else layout.indicator_end(node)

    def _edited(self, node: Node, end: int, start: int | None = None) -> str | None:
        """The text of `node` up to `end` with the edits inside it; None where it is to be replaced as a whole."""
        start = node.start if start is None else start
        if self._copying:
            return self.editor.text[start:end]
        edits = self.editor.edits_within(node)
        if node in self.editor.written or (edits and (edits[0].start < start or edits[-1].end > end)):
            return None
        return splice(self.editor.text[start:end], edits, start)
