"""Edits of plain text: spans and what replaces them, put in order, applied in one pass."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..dataclass import dataclass
from ..error import GuardError

_LINE_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the characters from `start` to `end` by `text`; `rules` are the rules that wanted it."""

    start: int
    end: int
    text: str
    rules: tuple[str, ...] = ()


def splice(text: str, edits: Iterable[Edit], offset: int = 0) -> str:
    """`text`, which begins at `offset`, with all edits applied; they are in order and do not overlap (`settle`)."""
    pieces: list[str] = []
    position = 0
    for edit in edits:
        pieces += (text[position : edit.start - offset], edit.text)
        position = edit.end - offset
    pieces.append(text[position:])
    return "".join(pieces)


def settle(edits: Iterable[Edit]) -> list[Edit]:
    """The edits in the order of the text; deletions that overlap are joined, insertions at one place keep their order.

    Raises `GuardError` if two edits want different text for the same characters, which would be a mistake of ours.
    """
    edits = list(edits)
    if len(edits) == 1 and (edits[0].text or edits[0].start != edits[0].end):
        return edits
    settled: list[Edit] = []
    for edit in sorted(edits, key=lambda one: (one.start, one.end)):
        if settled and edit.start < settled[-1].end:
            last = settled[-1]
            if last.text or edit.text:
                raise GuardError(
                    "two edits want the same characters. Nothing was written."
                    " This is a mistake in retouch: please report it with the document"
                )
            settled[-1] = Edit(last.start, max(last.end, edit.end), "", join_rules([last, edit]))
        elif edit.text or edit.start != edit.end:
            settled.append(edit)
    return settled


def join_rules(edits: Iterable[Edit]) -> tuple[str, ...]:
    """The rules behind several edits, each once."""
    return tuple(dict.fromkeys(rule for edit in edits for rule in edit.rules))


def end_last_line(text: str) -> tuple[str, str]:
    """`text` with a line break at its end, and what had to be added for that."""
    if text.endswith(("\n", "\r")):
        return text, ""
    last = max(text.rfind("\n"), text.rfind("\r"))
    missing = "\r\n" if text[last - 1 : last + 1] == "\r\n" else text[last : last + 1] or "\n"
    return text + missing, missing


def unend_last_line(text: str, edits: list[Edit], missing: str, *, keep: bool) -> list[Edit]:
    """The edits for `text` without the line break `missing` that `end_last_line` added; it is missing in the end too.

    With `keep` the new text has it, because its last line needs it.
    """
    length = len(text) - len(missing)
    touching = [edit for edit in edits if edit.end > length]
    if not touching:
        return [*edits, Edit(length, length, missing)] if keep else edits
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
    return [*others, Edit(start, length, result, join_rules(touching))]


def shift_lines(text: str, shift: int) -> list[str]:
    """The lines of `text`; those below the first moved by `shift` columns."""
    first, *rest = _LINE_BREAK.split(text)
    if shift >= 0:
        return [first, *(" " * shift + line if line else line for line in rest)]
    return [first, *(line[min(-shift, len(line) - len(line.lstrip(" "))) :] for line in rest)]
