"""Finds the comments of a rule file that are to be carried into documents: those that start with `##`."""

from __future__ import annotations

from ..late_pattern import late_pattern
from ..node import SCALAR, Node, children

_AT_END = late_pattern(r"[ \t]*,?[ \t]+##[ \t]?([^\r\n]*)")
_AFTER_KEY = late_pattern(r"[ \t]*:?[ \t]+##[ \t]?([^\r\n]*)")
_LINE_ABOVE = late_pattern(r"([ \t]*)(##?)[ \t]?([^\r\n]*?)(?:\r\n|\r|\n)\Z")


def line_comment(text: str, node: Node) -> str | None:
    """What the `##` comment at the end of the line says that `node`, or the key of a block collection, stands on."""
    if node.start < 0 or (node.style in {"|", ">"} and node.kind == SCALAR):
        return None
    block = node.kind != SCALAR and not node.flow
    if block and node.key_end < 0:
        return None
    found = _AFTER_KEY.match(text, node.key_end) if block else _AT_END.match(text, node.end)
    return found[1].rstrip() if found else None


def comment_above(text: str, node: Node, floor: int) -> str | None:
    """What the `##` comment lines say that stand directly above the entry `node`, indented as it is.

    Other comments may be among them. Nothing before the offset `floor` is looked at: what stands there belongs to an
    earlier entry.
    """
    start = _line_start(text, node.key_start)
    margin = text[start : node.key_start]
    if node.key_start < 0 or margin.strip(" \t"):
        return None
    found: list[str] = []
    while start > floor:
        above = _line_start(text, start - (2 if text.endswith("\r\n", 0, start) else 1))
        line = _LINE_ABOVE.match(text[above:start])
        if line is None or line[1] != margin or above < floor:
            break
        if line[2] == "##":
            found.insert(0, line[3].rstrip())
        start = above
    return "\n".join(found) or None


def last_offset(node: Node) -> int:
    """Where the last scalar or flow collection in `node` ends; marks of block collections may lie behind comments."""
    while node.kind != SCALAR and not node.flow and node.value:
        node = list(children(node))[-1]
    return node.end


def _line_start(text: str, offset: int) -> int:
    """The start of the line on which `offset` stands."""
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
