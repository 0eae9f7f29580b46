"""The verbs that say something: fail, which refuses the document, and warn."""

from __future__ import annotations

from ..error import Severity
from ..expressions.operand import text_of
from ..expressions.scope import OMIT
from ..node import Node
from .call import Call, Key, define
from .target import start_of

NODE = Key("path")


@define("fail", {"node": NODE}, message=True)
def fail(call: Call) -> None:
    """Refuse the document, with the reason."""
    _tell(call, "error")


@define("warn", {"node": NODE}, message=True)
def warn(call: Call) -> None:
    """Report something that a person should look at."""
    _tell(call, "warning")


def _tell(call: Call, severity: Severity) -> None:
    value = call.value("message")
    if value is not OMIT:
        call.tell(severity, text_of(value), _subject(call))


def _subject(call: Call) -> Node:
    """The first node that `node` finds, or where it starts; without `node` the last capture with a place."""
    path = call.argument("node")
    if path is not None:
        start = start_of(call, path)
        found = path.select(start, call.tree.root)
        return found[0] if found else start
    return call.subject
