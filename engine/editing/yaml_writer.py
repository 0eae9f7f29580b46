"""Writes values as YAML or JSON text, in the style of the place they go to."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable

from ..dataclass import dataclass, replace
from ..node import MAPPING, SCALAR, SEQUENCE, Node, build, children
from ..reading.plain_text import LONGEST_KEY
from ..reading.scalar import ScalarError, canonical_number, plain_safe, resolve_core, resolve_kubernetes
from ..value import Value, equal
from ..wide_pattern import WidePattern

_UNSHOWN = r"\x80-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff"
_SPECIAL = WidePattern(lambda more: rf"[\x00-\x08\x0b-\x1f\x7f{more}]", _UNSHOWN)
_ESCAPED = WidePattern(lambda more: rf"[\x7f{more}]", _UNSHOWN)


@dataclass(frozen=True, slots=True)
class OwnText:
    """The text of a node that stands in the document already, made ready for the place it is moved to.

    `head` is what stands on the line of the key or dash although the value itself is a block below it (its tag);
    `lines` are those of the value, the first without indentation.
    """

    head: str
    lines: list[str]


@dataclass(frozen=True, slots=True)
class OwnComments:
    """The comments that belong to a node that stands in the document: the lines above its entry, and the one beside it.

    The latter with the blanks before it; of a block collection it stands beside the key.
    """

    above: list[str]
    beside: str


@dataclass(frozen=True, slots=True)
class Style:
    """How new text looks at one place.

    `indent` is the step from a mapping to what is below it, `dashes` the step from a key to the dashes of its list,
    `gap` from a dash to its item; `quote` is for strings that cannot be plain. `own_text` gives the text of a node
    moved to a column below an entry at another, `own_flow` that of one moved into flow style below lines that
    are indented by some blanks; None where it has none, or none that can be used. `own_comments` gives its comments.
    """

    json: bool = False
    kubernetes: bool = False
    indent: int = 2
    dashes: int = 0
    gap: int = 2
    quote: str = "'"
    newline: str = "\n"
    flow_lists: bool = False  # lists of scalars are written `[a, b]`
    comma: str = ", "
    colon: str = ": "
    list_padding: str = ""  # blanks inside `[ ]`
    mapping_padding: str = ""  # blanks inside `{ }`
    unit: str | None = None  # JSON's indentation, where it is written on many lines
    comment_gap: int = 1  # blanks before a comment on the line of a value
    comment_column: int = 0  # where such comments begin, if the line is not too long
    align: int = 0  # where values begin that stand below one another, counted from their keys
    null: str = "null"  # as the values beside write it
    literals: bool = True  # whether text of many lines may become a block scalar
    keeps: bool = False  # whether that may end with `|+`: no blank line will stand below it
    own_text: Callable[[Node, int, int], OwnText | None] = lambda _node, _column, _parent: None
    own_flow: Callable[[Node, str], str | None] = lambda _node, _depth: None
    own_comments: Callable[[Node], OwnComments] = lambda _node: OwnComments([], "")


def dump(value: Value) -> str:
    """`value` as a YAML document in block style, as the filter `to_yaml` gives it."""
    node = build(value)
    if node.kind == SCALAR or not node.value:
        return flow_text(node, Style()) + "\n"
    return "\n".join(block_lines(node, 0, Style())) + "\n"


def scalar_text(value: Value, style: Style, *, flow: bool = False, like: str | None = None, key: bool = False) -> str:
    """One line for a scalar. `like` is the style to keep where it can hold the value, if it is a quote."""
    if not isinstance(value, str):
        return _word(value, style)
    if style.json or like == '"' or "\n" in value or needs_escapes(value):
        return _double(value)
    if like != "'" and plain_safe(value, flow=flow, key=key):
        return value
    return _double(value) if like != "'" and style.quote == '"' else _single(value)


def _word(value: Value, style: Style) -> str:
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    text = getattr(value, "text", None)
    if text is not None and _reads_as(text, value, style):
        return text  # type: ignore[no-any-return]
    number = canonical_number(value, style.kubernetes)
    if style.json and isinstance(value, float) and not math.isfinite(value):
        raise ScalarError(f"JSON has no number for `{number}`")
    return number


def _reads_as(text: str, value: Value, style: Style) -> bool:
    if style.json:
        return re.fullmatch(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?", text) is not None
    return equal((resolve_kubernetes if style.kubernetes else resolve_core)(text), value)


def _single(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def needs_escapes(text: str) -> bool:
    """Whether `text` holds characters that only double quotes can hold, so that all readers read them."""
    return _SPECIAL.fitting(text).search(text) is not None


def escape(text: str) -> str:
    """`text` as it is written between double quotes."""
    return _double(text)[1:-1]


def _double(text: str) -> str:
    """JSON's escapes are YAML's; the few characters that YAML readers take for line breaks are added."""
    return _ESCAPED.fitting(text).sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(text, ensure_ascii=False))


def literal_lines(
    text: str, column: int, step: int, like: str | None = "|", *, keeps: bool = False
) -> list[str] | None:
    """The lines of a block scalar (its header first), or None where the style cannot hold `text`.

    `keeps`: it may take the blank lines below it for its own (`|+`).
    """
    body = text.rstrip("\n")
    ends = len(text) - len(body)
    if needs_escapes(text) or not text.strip("\n\t ") or (ends > 1 and not keeps):
        return None
    folded = like == ">" and "\n" not in body and body[:1] not in " \t"
    step = min(step, 9) if body[0] in " \t\n" else step  # what an indicator can say
    header = (">" if folded else "|") + (str(step) if body[0] in " \t\n" else "") + ("-", "", "+")[min(ends, 2)]
    pad = " " * (column + step)
    return [header, *(pad + line if line else "" for line in body.split("\n")), *[""] * (ends - 1)]


def flow_text(node: Node, style: Style, depth: str = "") -> str:
    """`node` in flow style: on one line, or with `style.unit` one entry a line, `depth` being the line's indent."""
    own = style.own_flow(node, depth)
    if own is not None:
        return own
    if node.kind == SCALAR:
        return scalar_text(node.value, style, flow=True, like=node.style)
    opening, closing = "{}" if node.kind == MAPPING else "[]"
    if not node.value:
        return opening + closing
    inner = depth + (style.unit or "")
    if node.kind == MAPPING:
        entries = [flow_entry(key, child, style, inner) for key, child in node.value.items()]
    else:
        entries = [flow_text(child, style, inner) for child in node.value]
    if style.unit is None:
        padding = style.mapping_padding if node.kind == MAPPING else style.list_padding
        return opening + padding + style.comma.join(entries) + padding + closing
    separator = "," + style.newline + inner
    return opening + style.newline + inner + separator.join(entries) + style.newline + depth + closing


def flow_entry(key: str, node: Node, style: Style, depth: str = "") -> str:
    """One member of a flow mapping."""
    name = scalar_text(key, style, flow=True, key=True)
    if needs_question_mark(name, style):
        name = f"? {name} "
    return name + style.colon + flow_text(node, style, depth)


def needs_question_mark(name: str, style: Style) -> bool:
    """Whether a key, as it is written, is so long that YAML readers do not look for its colon without a `?`."""
    return len(name) > LONGEST_KEY and not style.json


def block_lines(node: Node, column: int, style: Style) -> list[str]:
    """The lines of a non-empty collection in block style at `column`; the first has no indentation."""
    pad = " " * column
    lines: list[str] = []
    entries = node.value.items() if node.kind == MAPPING else ((None, item) for item in node.value)
    for key, child in entries:
        made = entry_lines(key, child, column, style)
        lines.extend((made[0] if not lines else pad + made[0], *made[1:]))
    return lines


def entry_lines(key: str | None, node: Node, column: int, style: Style) -> list[str]:
    """The lines of one entry: a mapping's member, or with `key` None a list item. The first has no indentation."""
    heading: list[str] = []  # a comment above the first member of an item goes above the dash
    if key is None:
        inline, below = value_lines(node, column + style.gap, column, style)
        while inline.startswith("#"):
            heading.append(inline)
            inline, below = below[0].lstrip(" "), below[1:]
        first = "-" + " " * (style.gap - 1) + inline
    else:
        name = scalar_text(key, style, key=True)
        inner = replace(style, align=0, null="null") if style.align or style.null != "null" else style
        inline, below = member_value_lines(node, column, inner)
        if node.kind == SCALAR and node.value is None and node.start < 0:
            inline = style.null
        if needs_question_mark(name, style):
            heading, name = [f"? {name}"], ""
        first = f"{name}: ".ljust(style.align) + inline if inline else f"{name}:"
    own = style.own_comments(node)
    above, beside = own.above, own.beside
    if node.comment_line and not (key is None and is_block(node, style) and _begins_with_comment(node, style)):
        beside = f"# {node.comment_line}"
    if node.comment_above:
        above = [f"# {line}".rstrip() for line in node.comment_above.split("\n")]
    if below and not inline.startswith(("|", ">")) and not is_block(node, style):
        below = [*below[:-1], below[-1] + set_off(beside, len(below[-1]), style)]
    else:
        first += set_off(beside, column + len(first), style)
    lines = [*above, *heading, first]
    return [lines[0], *(" " * column + line for line in lines[1:]), *below]


def _begins_with_comment(node: Node, style: Style) -> bool:
    """Whether a comment stands on the line that a block collection begins with."""
    first: Node = next(iter(children(node)))
    return bool(first.comment_line) or (is_block(first, style) and _begins_with_comment(first, style))


def set_off(comment: str, width: int, style: Style) -> str:
    """`comment`, if there is one, for a line of that width; one that comes with its own blanks keeps them."""
    if not comment.startswith("#"):
        return comment
    return " " * max(style.comment_gap, style.comment_column - width) + comment


def member_value_lines(node: Node, column: int, style: Style) -> tuple[str, list[str]]:
    """What stands behind `key:` on its line, and the lines below, for a mapping at `column`."""
    inner = column + (style.dashes if node.kind == SEQUENCE else style.indent)
    if not is_block(node, style):
        return value_lines(node, inner, column, style)
    own = style.own_text(node, inner, column) or OwnText("", block_lines(node, inner, style))
    return own.head, [" " * inner + own.lines[0], *own.lines[1:]]


def value_lines(node: Node, column: int, parent: int, style: Style) -> tuple[str, list[str]]:
    """What stands on the line of the indicator, and the lines below, for a value at `column`."""
    unfit = not style.literals and node.style in ("|", ">")
    own = None if unfit else style.own_text(node, column, parent)
    if own is not None and own.head:
        return own.head, [" " * column + own.lines[0], *own.lines[1:]]
    if own is not None:
        lines = own.lines
    elif is_block(node, style):
        lines = block_lines(node, column, style)
    elif node.kind != SCALAR:
        lines = [flow_text(node, style)]
    else:
        multiline = style.literals and has_lines(node)
        like, keeps = node.style, style.keeps
        literal = literal_lines(node.value, parent, style.indent, like, keeps=keeps) if multiline else None
        lines = literal or [scalar_text(node.value, style, like=node.style)]
    return lines[0], lines[1:]


def is_block(node: Node, style: Style) -> bool:
    """Whether `node` is written as a block collection, which begins on a line of its own below a key."""
    if node.kind == SCALAR or not (node.value or node.opaque):
        return False
    standing = node.start >= 0 or node.origin is not None
    if standing and (node.before is None or (node.before[0] == node.kind and node.before[1])):
        return not node.flow
    scalars = node.kind == SEQUENCE and all(item.kind == SCALAR and not has_lines(item) for item in node.value)
    return not (style.flow_lists and scalars)


def has_lines(node: Node) -> bool:
    """Whether `node` is a text of several lines."""
    return isinstance(node.value, str) and "\n" in node.value
