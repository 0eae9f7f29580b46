"""Finds a character of a scalar's value in the text that the scalar is written with."""

from __future__ import annotations

from ..node import Node


def character(text: str, node: Node, index: int) -> int:
    """The offset in `text` of the character `index` of a scalar's value.

    Exact where the scalar stands on one line, plain or quoted without escapes before that character (`''` is
    counted), and in a literal block (`|`); else the scalar's start.
    """
    raw = text[node.value_start : node.end]
    if node.style == "|":
        return node.value_start + _in_block(raw, index)
    if "\n" in raw or "\r" in raw:
        return node.value_start
    if node.style is None:
        return node.value_start + index
    if node.style == "'":
        return node.value_start + 1 + index + _doubled(raw[1:-1], index)
    return node.value_start + (1 + index if "\\" not in raw[: index + 1] else 0)


def _doubled(raw: str, index: int) -> int:
    extra = position = 0
    for _ in range(index):
        step = 2 if raw.startswith("''", position) else 1
        extra += step - 1
        position += step
    return extra


def _in_block(raw: str, index: int) -> int:
    lines = raw.splitlines(keepends=True)
    indent = next((len(line) - len(line.lstrip(" ")) for line in lines[1:] if line.strip()), 0)
    offset = len(lines[0])
    for line in lines[1:]:
        width = max(0, len(line.rstrip("\r\n")) - indent) + 1
        if index < width:
            return offset + indent + index
        index -= width
        offset += len(line)
    return 0
