"""The verbs for strings and comments: sub, map, comment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ..expressions.operand import text_of
from ..expressions.scope import OMIT
from ..late_pattern import late_pattern
from ..node import SCALAR, Node
from .call import REQUIRED, Call, Key, define
from .target import find_all, not_found, own_target, start_of

if TYPE_CHECKING:
    from ..jsonpath.pattern import Match, Pattern

_REFERENCE = late_pattern(r"\\([0-9])")


@define(
    "sub",
    {
        "pattern": Key("pattern", REQUIRED),
        "with": Key("replacement", REQUIRED),
        "count": Key("integer", default=0),
        "except": Key("paths", default=()),
    },
    many=True,
)
def sub(call: Call) -> None:
    """Substitute what a pattern matches in every string found."""
    pattern: Pattern = call.argument("pattern")
    count: int = call.argument("count")
    left_out = {node for path in call.argument("except") for node in path.select(start_of(call, path), call.tree.root)}
    substitute = _substitute(call, pattern)
    for node in list(_strings(call)):
        if not left_out or not _is_below(node, left_out):
            text = pattern.sub(substitute, node.value, count)
            call.tree.replace(node, Node(SCALAR, text))


@define("map", {"value": Key("map-value", REQUIRED)}, many=True)
def map_strings(call: Call) -> None:
    """Put in place of every string found what a value makes of it."""
    template = call.argument("value")
    for node in list(_strings(call)):
        new = template.build(call.frame.child({"it": node.value}))
        if new is not OMIT:
            call.tree.replace(node, new)


@define(
    "comment",
    {"text": Key("text", REQUIRED), "at": Key("choice", choices=("line", "above"), default="line")},
    many=True,
)
def comment(call: Call) -> None:
    """Set the YAML comment of every node found."""
    value = call.value("text")
    if value is OMIT:
        return
    text = text_of(value)
    above = call.argument("at") == "above"
    if not above and "\n" in text.strip("\n"):
        raise call.error("a comment on the line has one line; write `at: above` for several")
    target = own_target(call)
    nodes = find_all(call, target)
    if not nodes:
        raise not_found(call, target)
    for node in nodes:
        call.tree.comment(node, text.strip("\n"), above=above)


def _strings(call: Call) -> Iterator[Node]:
    return (node for node in find_all(call, own_target(call)) if isinstance(node.value, str))


def _is_below(node: Node, tops: set[Node]) -> bool:
    current: Node | None = node
    while current is not None:
        if current in tops:
            return True
        current = current.parent
    return False


def _substitute(call: Call, pattern: Pattern) -> Callable[[Match], str]:
    r"""What `with` makes of a match: filled in if it is a text with `\1`, else evaluated for each match."""
    template = call.argument("with")
    if template.constant:
        return pattern.replacement(text_of(template.render(call.frame)))

    def substitute(match: Match) -> str:
        text = text_of(template.render(call.frame.child({"match": list(match.groups)})))
        reference = None if template.expression else _REFERENCE.search(text)
        if reference is not None:
            hint = f"beside an expression write `${{ match[{reference[1]}] }}`"
            raise call.error(f"`{reference[0]}` stands for a group only in a text without expressions: {hint}")
        return text

    return substitute
