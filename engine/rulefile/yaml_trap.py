"""Recognises where YAML cuts or refuses an unquoted expression or path, and shows the quoted line to write."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..dataclass import dataclass, replace
from ..error import InputError, Message
from ..late_pattern import late_pattern

if TYPE_CHECKING:
    from ..node import Node
    from ..source import Source

_LINE = late_pattern(
    r"(?P<lead>\s*(?:- +)*)"
    r"(?P<key>(?:'[^']*'|\"[^\"]*\"|[^\s:'\"{\[#][^:{\[#]*):(?: +|\Z))?"
    r"(?P<value>.*?)\s*\Z"
)
_FLOW_KEY = late_pattern(r"[\s,]*(?:(?:'[^']*'|\"[^\"]*\"|[^\s,:{}\[\]'\"]+)\s*:\s+)?")
_COMMENT = late_pattern(r"[ \t]+#")
_QUOTED = late_pattern(r"'(?:[^']|'')*'|\"(?:[^\"\\]|\\.)*\"")
_OPENING, _CLOSING = "([{", ")]}"
_COLON = "in an unquoted text YAML takes `: ` for the end of a key"
_FLOW = "inside `{ }` and `[ ]` YAML allows no unquoted `[`, `]`, `{`, `}`"
_QUOTE = "YAML takes a leading quote for a quoted text that ends with it"
_LEADING = {
    "!": "YAML takes a leading `!` for a tag",
    "*": "YAML takes a leading `*` for an alias",
    "&": "YAML takes a leading `&` for an anchor",
    "@": "no unquoted YAML text may begin with `@`",
    "`": "no unquoted YAML text may begin with a backquote",
    "%": "no unquoted YAML text may begin with `%`",
}


@dataclass(frozen=True, slots=True)
class Trap:
    """Why YAML does not read a line as meant, and the line to write instead."""

    reason: str
    line: str

    def __str__(self) -> str:
        return f"{self.reason}; write this instead: {self.line.strip()}"


def refused(error: InputError) -> Message | None:
    """What to say instead of the YAML reader's words, if the line it stopped at shows what went wrong."""
    message = error.messages[0]
    line = message.place.excerpt or ""
    if line[: len(line) - len(line.lstrip())].count("\t"):
        return Message("error", "YAML allows no tab before the text of a line; indent with blanks", message.place)
    trap = _line_trap(line) or (_inside_flow(line) if " flow " in message.text else None)
    if trap is not None:
        reason = _LEADING["*"] if message.text.startswith("alias ") else trap.reason
        return Message("error", str(replace(trap, reason=reason)), message.place)
    if "parsing a block" in message.text or "not allowed" in message.text:
        words = message.text.removeprefix("this is no YAML: ")
        return Message(
            "error", f"the indentation of this line does not fit the lines above it ({words})", message.place
        )
    return None


def cut(node: Node, source: Source) -> Trap | None:
    """The trap if ` #` in an unquoted scalar began a comment before the scalar's brackets and quotes were closed."""
    text = source.text
    behind = _COMMENT.match(text, node.end)
    if node.style is not None or node.start < 0 or behind is None or not is_open(text[node.value_start : node.end]):
        return None
    return Trap("in an unquoted text YAML takes ` #` for the start of a comment", _whole_line(source, node.value_start))


def split_key(node: Node, key: str, source: Source) -> Trap | None:
    """The trap if `: ` in an unquoted text made its beginning, an expression that does not end, a key."""
    if node.key_start < 0 or "${ " not in key or not is_open(key):
        return None
    return Trap(_COLON, _whole_line(source, node.key_start))


def tagged(node: Node, source: Source) -> Trap | None:
    """The trap if a leading `!` made what follows a tag."""
    if node.start < 0 or not source.text.startswith("!", node.start) or source.text.startswith("!!", node.start):
        return None
    return Trap(_LEADING["!"], _whole_line(source, node.start))


def is_open(text: str) -> bool:
    """Whether a quote or bracket that `text` opens is not closed in it."""
    bare = _QUOTED.sub("", text)
    depth = sum(bare.count(each) for each in _OPENING) - sum(bare.count(each) for each in _CLOSING)
    return depth > 0 or "'" in bare or '"' in bare


def quote(text: str) -> str:
    """A text as a quoted YAML scalar on one line, in double quotes only if that saves doubling single ones."""
    line = " ".join(text.splitlines())
    if "'" in line and '"' not in line and "\\" not in line:
        return f'"{line}"'
    return "'" + line.replace("'", "''") + "'"


def _whole_line(source: Source, start: int) -> str:
    """The line of `start`, with all that stands from there to its end in quotes."""
    place = source.place(start)
    line, column = place.excerpt or "", (place.column or 1) - 1
    return line[:column] + quote(line[column:].rstrip())


def _line_trap(line: str) -> Trap | None:
    match = _LINE.match(line)
    if match is None or not match["value"]:
        return None
    before, value = match["lead"] + (match["key"] or ""), match["value"]
    if value[0] in "{[":
        return _flow_trap(before, value)
    reason = _reason(value)
    return Trap(reason, before + quote(value)) if reason else None


def _inside_flow(line: str) -> Trap | None:
    """The trap in a line of a flow collection that began on an earlier line."""
    inside = line.lstrip().lstrip("{[")
    quoted, _ = _quote_flow("{" + inside, 0)
    return Trap(_FLOW, quoted[1:]) if quoted[1:] != inside else None


def _reason(value: str) -> str | None:
    if value[0] in _LEADING:
        return _LEADING[value[0]]
    if value[0] in "'\"":
        quoted = _QUOTED.match(value)
        rest = value[quoted.end() :].strip() if quoted else ""
        return None if not rest or rest.startswith("#") else _QUOTE
    if re.search(r":(?:\s|\Z)", value):
        return _COLON
    return None


def _flow_trap(before: str, value: str) -> Trap | None:
    quoted, end = _quote_flow(value, 0)
    rest = value[end:].strip()
    if rest and not rest.startswith("#"):
        reason = f"YAML takes a leading `{value[0]}` for flow style, which ends at its closing bracket"
        return Trap(reason, before + quote(value))
    if quoted == value[:end]:
        return None
    return Trap(_FLOW, before + quoted + value[end:])


def _quote_flow(text: str, at: int) -> tuple[str, int]:
    """The flow collection at `at` with quotes around each scalar that needs them, and where it ends."""
    closing = _CLOSING[_OPENING.index(text[at])]
    made, at = text[at], at + 1
    while at < len(text) and text[at] != closing:
        lead = _FLOW_KEY.match(text, at)
        if lead is not None:
            made, at = made + lead[0], lead.end()
        if text[at : at + 1] in ("{", "["):
            inner, at = _quote_flow(text, at)
            made += inner
            continue
        end = _scalar_end(text, at)
        scalar = text[at:end].rstrip()
        made += (quote(scalar) if _needs_quotes(scalar) else scalar) + text[at + len(scalar) : end]
        if end == at and text[at : at + 1] != closing:
            break
        at = end
    return made + text[at : at + 1], at + 1


def _scalar_end(text: str, at: int) -> int:
    """Where the scalar at `at` ends: before the first comma or closing bracket outside its own brackets and quotes."""
    depth = 0
    while at < len(text):
        quoted = _QUOTED.match(text, at)
        if quoted:
            at = quoted.end()
            continue
        if depth == 0 and text[at] in ",]}":
            return at
        depth += (text[at] in _OPENING) - (text[at] in _CLOSING)
        at += 1
    return at


def _needs_quotes(scalar: str) -> bool:
    return not _QUOTED.fullmatch(scalar) and (scalar[:1] in _LEADING or any(each in scalar for each in "[]{},"))
