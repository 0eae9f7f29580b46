"""Corrects what a YAML parser's marks do not say: where dashes, colons, properties and block scalars really end."""

from __future__ import annotations

from ..late_pattern import late_pattern

# The parsers take a `#` directly behind a quote or a bracket for a comment, too.
_SPACE = r"(?:#[^\r\n]*+)?+(?:[ \t\r\n\ufeff]|(?:(?<=[ \t\r\n])|^)#[^\r\n]*+)*+"
_COLON = late_pattern(_SPACE + ":")
_DASH = late_pattern(_SPACE + "-")
_PROPERTY = late_pattern(r"(?:!<[^>]*>|[&!][^ \t\r\n,\[\]{}]*)" + _SPACE)
_TAG_BEFORE = late_pattern(r"(?:!<[^>]*>|![^ \t\r\n,\[\]{}]*)" + _SPACE + r"\Z")
_LINE_END = late_pattern(r"\r\n|\r|\n|\Z")
_NEXT_LINE = "\x85"  # a line break to libyaml 0.1, which makes LF of it


def colon_end(text: str, key_end: int) -> int | None:
    """Behind the colon that follows a key, blanks and comments before it skipped; None where there is none."""
    colon = _COLON.match(text, key_end)
    return colon.end() if colon else None


def dash_end(text: str, offset: int) -> int | None:
    """Behind the dash that comes next, blanks and comments before it skipped; None where there is none."""
    dash = _DASH.match(text, offset)
    return dash.end() if dash else None


def properties_start(text: str, start: int, count: int, behind: int) -> int:
    """Where a node's `count` properties begin, that has its mark at `start` and follows what ends at `behind`.

    The pure parser marks a tag with an anchor behind it at the anchor.
    """
    if count < 2 or text[start] != "&" or properties_end(text, start, 1) < properties_end(text, start, 2):
        return start
    tag = _TAG_BEFORE.search(text, behind, start)
    return tag.start() if tag else start


def properties_end(text: str, start: int, count: int) -> int:
    """Where a value begins whose `count` properties (tag, anchor) stand at `start`."""
    at = start
    for _property in range(count):
        match = _PROPERTY.match(text, at)
        at = match.end() if match else at
    return at


def block_scalar_end(text: str, header: int, end: int, value: str) -> int:
    """Where the last line of a block scalar ends, whose `|` or `>` stands at `header` and whose event ends at `end`.

    The event's end lies behind the blank lines that follow; they belong to the scalar only as far as `value`
    holds them. An empty scalar ends with the line of its header. Linear in the scalar.
    """
    lines = _line_ends(text, header, end)
    body = value.rstrip("\n")
    if not body:
        last = 0
    elif text[header] == "|" and _NEXT_LINE not in text[header:end]:
        last = 1 + body.count("\n")
    else:
        last = _last_folded(text, lines, body)
    indicators = text[header : lines[0]].split("#", 1)[0]
    if "+" in indicators:
        last += max(len(value) - len(body) - (1 if body else 0), 0)
    return lines[min(last, len(lines) - 1)]


def _line_ends(text: str, start: int, end: int) -> list[int]:
    """The ends of the lines from that of `start` on, up to `end`."""
    ends: list[int] = []
    position = start
    while position < end or not ends:
        match = _LINE_END.search(text, position)
        if match is None:
            break
        ends.append(match.start())
        if match.end() == position:
            break
        position = match.end()
    return ends


def _last_folded(text: str, lines: list[int], body: str) -> int:
    """The number of the last line with content: blanks only count where the text of the scalar ends with them."""
    tail = body.rpartition("\n")[2]
    blanks = tail if not tail.strip(" \t") else None
    for number in range(len(lines) - 1, 0, -1):
        line = text[lines[number - 1] : lines[number]].lstrip("\r\n")
        if line.strip(" \t") or (blanks is not None and line.endswith(blanks)):
            return number
    return 0
