"""Node properties: which tags and anchors stay with a value that changes, and how an anchor is taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..late_pattern import late_pattern
from ..node import SCALAR, Node
from ..reading.yaml_mark import properties_end
from .pairing import original

if TYPE_CHECKING:
    from .edit import Editor

_ANCHOR = late_pattern(r"&[^ \t\r\n,\[\]{}]*")


def has_local_tag(node: Node) -> bool:
    """Whether `node` has a tag that is not one of YAML's own, and so belongs to the document."""
    return node.tag is not None and node.tag != "!" and not node.tag.startswith("tag:yaml.org,2002:")


def keeps_properties(editor: Editor, old: Node, new: Node) -> bool:
    """Whether the tag and anchor stay: a local tag (`!Ref`) does, a core tag (`!!int`) goes with its value.

    To kubectl every scalar with a local tag is a string.
    """
    if new.kind != original(old)[0] or (old.tag is None and old in editor.plan.loose):
        return False
    if new is not old and new.start >= 0 and new.tag is not None:  # what is moved here has a tag of its own
        return False
    if editor.kubernetes and new.kind == SCALAR and not isinstance(new.value, str):
        return old.tag is None
    return old.tag is None or has_local_tag(old)


def drop_anchor(editor: Editor, node: Node) -> None:
    """Takes the anchor of `node` out of its text, with the blanks or the line that it leaves behind."""
    text, layout = editor.text, editor.layout
    start = node.start
    while text[start : start + 1] == "!":
        start = properties_end(text, start, 1)
    anchor = _ANCHOR.match(text, start)
    assert anchor is not None, "a node that an alias refers to has an anchor"
    end = anchor.end()
    line_end = layout.line_end(end)
    behind = end
    while text[behind : behind + 1] in (" ", "\t"):
        behind += 1
    if behind < line_end and text[behind] != "#":
        editor.put(start, behind, "")
    elif not layout.inline(start):
        line = behind == line_end
        editor.put(layout.line_start(start) if line else start, layout.next_line(end) if line else behind, "")
    else:
        while text[start - 1 : start] in (" ", "\t"):
            start -= 1
        editor.put(start, end, "")
