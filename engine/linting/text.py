"""What is written in a part of a rule file: its texts and keys, and the words in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..node import MAPPING, walk

if TYPE_CHECKING:
    from ..node import Node


def texts_in(node: Node) -> Iterator[str]:
    """The texts at and below a node, and the keys of mappings."""
    for each in walk(node):
        if each.kind == MAPPING:
            yield from map(str, each.value)
        elif isinstance(each.value, str):
            yield each.value


def mentions(node: Node, *words: str) -> bool:
    """Whether one of `words` stands in the part, as a word of its own."""
    return any(has_word(text, *words) for text in texts_in(node))


def has_word(text: str, *words: str) -> bool:
    """Whether one of `words` stands in a text, as a word of its own."""
    return any(re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text) for word in words)
