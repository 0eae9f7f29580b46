"""Edits as a broken editor would make them: wrong by one character, at the wrong place, left out, made twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from retouch.editing.edit_text import Edit, splice

_QUOTE = re.compile("['\"]")
_INDENT = re.compile(r"(?m)^ ")
_LINE_BREAK = re.compile(r"\r\n|\r|\n")

Wrong = Callable[[str, Edit], "Sequence[Edit] | None"]
"""The edits in the place of a right one of a text; None where this cannot go wrong in this way."""


def break_edit(text: str, edits: Sequence[Edit], number: int, wrong: Wrong) -> str | None:
    """The text with all edits made, of which the one at `number` goes wrong; None where it cannot."""
    bad = wrong(text, edits[number])
    if bad is None or any(not 0 <= each.start <= each.end <= len(text) for each in bad):
        return None
    broken = splice_all(text, [*edits[:number], *bad, *edits[number + 1 :]])
    return None if broken == splice(text, edits) else broken


def splice_all(text: str, edits: Sequence[Edit]) -> str:
    """`text` with edits that may overlap, the last one made first, as a careless editor would."""
    for edit in reversed(edits):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _moved(by: int) -> Wrong:
    return lambda _text, edit: [replace(edit, start=edit.start + by, end=edit.end + by)]


def _sized(start: int, end: int) -> Wrong:
    return lambda _text, edit: [replace(edit, start=edit.start + start, end=edit.end + end)]


def _written(change: Callable[[str], str]) -> Wrong:
    return lambda _text, edit: [replace(edit, text=change(edit.text))]


def _at_the_next_line(text: str, edit: Edit) -> Sequence[Edit] | None:
    line_break = _LINE_BREAK.search(text, edit.end)
    if line_break is None:
        return None
    by = line_break.end() - max(text.rfind("\n", 0, edit.start), text.rfind("\r", 0, edit.start)) - 1
    return [replace(edit, start=edit.start + by, end=edit.end + by)]


def _line_joined(text: str, edit: Edit) -> Sequence[Edit] | None:
    """The line break behind is lost, as if a comment had swallowed the line below."""
    line_break = _LINE_BREAK.search(text, edit.end)
    if line_break is None:
        return None
    kept = text[edit.end : line_break.start()]
    return [replace(edit, text=f"{edit.text.rstrip()}{kept} # ", end=line_break.end())]


def _everything_behind_lost(text: str, edit: Edit) -> Sequence[Edit] | None:
    return [replace(edit, end=len(text))]


WRONG: dict[str, Wrong] = {
    "one to the left": _moved(-1),
    "one to the right": _moved(1),
    "eats the character before": _sized(-1, 0),
    "eats the character behind": _sized(0, 1),
    "leaves a character at its start": _sized(1, 0),
    "leaves a character at its end": _sized(0, -1),
    "lacks its first character": _written(lambda text: text[1:]),
    "lacks its last character": _written(lambda text: text[:-1]),
    "has its last character twice": _written(lambda text: text + text[-1:]),
    "has another last character": _written(lambda text: text[:-1] + chr(ord(text[-1]) ^ 1) if text else text),
    "lacks a quote": _written(lambda text: _QUOTE.sub("", text, count=1)),
    "is indented too little": _written(lambda text: _INDENT.sub("", text, count=1)),
    "is indented too much": _written(lambda text: _INDENT.sub("  ", text, count=1)),
    "all lines are indented too much": _written(lambda text: _INDENT.sub("  ", text)),
    "is left out": lambda _text, _edit: [],
    "is made twice": lambda _text, edit: [edit, replace(edit, start=edit.end)],
    "hits the next line": _at_the_next_line,
    "swallows the next line": _line_joined,
    "takes away what is behind": _everything_behind_lost,
    "damages a marker": lambda text, edit: (
        [replace(edit, end=text.index("---", edit.end) + 1)] if "---" in text[edit.end :] else None
    ),
}
"""Each way in which an edit can go wrong."""

DAMAGE: dict[str, Callable[[str], str]] = {
    "last line break lost": lambda text: text[:-1] if text.endswith(("\n", "\r")) else text,
    "first marker lost": lambda text: re.sub(r"(?m)^---[ \t]*(?:\r\n|\r|\n)", "", text, count=1),
    "first marker damaged": lambda text: re.sub(r"(?m)^---", "--", text, count=1),
    "marker in front": lambda text: "---\n" + text,
    "marker behind": lambda text: text + "---\n",
    "end behind": lambda text: text + "...\n",
    "end lost": lambda text: re.sub(r"(?m)^\.\.\.[^\r\n]*(?:\r\n|\r|\n)", "", text, count=1),
    "directive in front": lambda text: "%YAML 1.1\n" + text,
    "first line twice": lambda text: text.split("\n", 1)[0] + "\n" + text,
    "first character lost": lambda text: text[1:],
    "emptied": lambda _text: "",
}
"""What may become of the text of a document as a whole."""
