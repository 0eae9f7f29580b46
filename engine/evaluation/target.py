"""Where an action acts: finds the nodes of its target, or the place where they are to be made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dataclass import dataclass
from ..error import RuleError, shorten
from ..expressions.operand import text_of
from ..fact import Row
from ..node import MAPPING, SCALAR, SEQUENCE, Node
from ..suggest import listing, suggest
from .application import find_node
from .match import start_text
from .tree import describe

if TYPE_CHECKING:
    from ..expressions.scope import Frame
    from ..jsonpath.path import Path
    from ..rule import Target
    from .call import Call

_MOST_LISTED = 12  # keys and pointers that a message lists


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a target is: `node`; or `node` and the names that are missing below it."""

    node: Node
    missing: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing stands there, or null."""
        return bool(self.missing) or is_null(self.node)


def own_target(call: Call) -> Target:
    """The target of the action itself."""
    target = call.action.target
    if target is None:
        raise call.error(f"`{call.action.verb}` has no target")
    return target


def find_all(call: Call, target: Target) -> list[Node]:
    """The nodes that a target finds now, each once, in the order of its path.

    Raises `RuleError` if the path starts at a node that an earlier action removed.
    """
    if target.pointer is not None:
        return [find_node(call.tree, pointer_text(call, target), call.action.verb)]
    path = _path(call, target)
    nodes = list(dict.fromkeys(path.select(start_of(call, path), call.tree.root)))
    if target.key is None:
        return nodes
    key = text_of(target.key.render(call.frame))
    return [node.value[key] for node in nodes if node.kind == MAPPING and key in node.value]


def find_one(call: Call, target: Target) -> Node | None:
    """The node that a target finds now, or None. Raises `RuleError` if it finds several."""
    nodes = find_all(call, target)
    if len(nodes) > 1:
        raise _several(call, target, nodes)
    return nodes[0] if nodes else None


def need_one(call: Call, target: Target) -> Node:
    """The node that a target finds now. Raises `RuleError` if it finds none or several."""
    node = find_one(call, target)
    if node is None:
        raise not_found(call, target)
    return node


def find_spot(call: Call, target: Target) -> Spot:
    """Where the target is or is to be made.

    Raises `RuleError` if that is no single place, or if more than plain names is missing.
    """
    path = _path(call, target)
    nodes, missing = path.reach(start_of(call, path), call.tree.root)
    nodes = list(dict.fromkeys(nodes))
    if not nodes:
        raise not_found(call, target)
    if len(nodes) > 1:
        raise _several(call, target, nodes)
    if target.key is None:
        return Spot(nodes[0], missing)
    key = text_of(target.key.render(call.frame))
    node = nodes[0]
    if not missing and node.kind == MAPPING and key in node.value:
        return Spot(node.value[key])
    return Spot(node, (*missing, key))


def put(call: Call, spot: Spot, new: Node) -> None:
    """Make `new` stand at `spot`, with the mappings that are missing above it: one operation.

    A null in the way counts as absent; anything else but a mapping there is a `RuleError`.
    """
    if not spot.missing:
        call.tree.replace(spot.node, new)
        return
    first, *rest = spot.missing
    for name in reversed(rest):
        new = _wrap(name, new)
    if is_null(spot.node):
        call.tree.replace(spot.node, _wrap(first, new))
    else:
        call.tree.add_member(need_mapping(call, spot.node, first), first, new)


def need_mapping(call: Call, node: Node, name: str) -> Node:
    """`node`, which must be a mapping that can take `name`."""
    if node.kind != MAPPING:
        where = name_of(call, node)
        raise call.error(f"{where} is {describe(node)}; `{name}` can only be put into a mapping", node)
    return node


def start_of(call: Call, path: Path) -> Node:
    """The node at which `path` starts.

    Raises `RuleError` for a value without a place, a removed node, and one in another document than the target.
    """
    start = first_node(call.frame, path) if path.start != "$" else call.home.root
    name = start_text(path)
    if not isinstance(start, Node):
        raise call.error(f"`{name}` is a value without a place in the document, so `{path.text}` leads nowhere")
    if not call.tree.alive(start):
        if call.forest.owner(start) is not None:
            raise call.error(f"`{path.text}` is in another document than the target of this action", start)
        raise call.error(f"`{name}` is not in the document any more: an earlier action removed or replaced it", start)
    return start


def first_node(frame: Frame, path: Path) -> object:
    """What a path starts at that does not start at the document: a node, unless it is a value without a place."""
    start = frame[path.start]
    return start.get(path.column) if path.column is not None and type(start) is Row else start


def not_found(call: Call, target: Target) -> RuleError:
    """The error for a target that finds nothing: which step of it, and what is there instead."""
    path = _path(call, target)
    nodes = [start_of(call, path)]
    for step in path.steps:
        found = step.find(nodes, call.tree.root)
        if not found:
            return _nothing(call, path.text, step.text, nodes)
        nodes = found
    key = text_of(target.key.render(call.frame)) if target.key is not None else ""
    return _nothing(call, f"{path.text}['{key}']", f"['{key}']", nodes)


def pointer_text(call: Call, target: Target) -> str:
    """The JSON Pointer of a target that is one."""
    return text_of(target.pointer.render(call.frame)) if target.pointer is not None else ""


def name_of(call: Call, node: Node) -> str:
    """A node as messages name it: its pointer."""
    pointer = call.tree.pointer(node)
    return f"`{shorten(pointer)}`" if pointer else "the document"


def is_null(node: Node) -> bool:
    """Whether a node holds null."""
    return node.kind == SCALAR and node.value is None


def _path(call: Call, target: Target) -> Path:
    if target.path is None:
        raise call.error(f"`{call.action.verb}` takes a path here, not a JSON Pointer")
    return target.path


def _wrap(name: str, node: Node) -> Node:
    outer = Node(MAPPING, {name: node})
    node.parent, node.key = outer, name
    return outer


def _several(call: Call, target: Target, nodes: list[Node]) -> RuleError:
    shown = listing(call.tree.pointer(node) for node in nodes[:_MOST_LISTED])
    more = ", ..." if len(nodes) > _MOST_LISTED else ""
    hint = f"`{call.action.verb}` acts on one: capture them and act on the capture"
    return call.error(f"`{_path(call, target).text}` finds {len(nodes)} nodes ({shown}{more}); {hint}", nodes[1])


def _nothing(call: Call, text: str, step: str, nodes: list[Node]) -> RuleError:
    node = nodes[0]
    where = f"{name_of(call, node)} is {describe(node)}"
    if node.kind == SEQUENCE:
        where += f" of {len(node.value)}"
    known = ""
    if node.kind == MAPPING:
        keys = list(node.value)
        known = f"; keys there: {listing(keys[:_MOST_LISTED])}" if keys else " without keys"
        known += suggest(step.strip(".[]'\""), keys)
    return call.error(f"`{text}` finds nothing: `{step}` is not there, {where}{known}", node)
