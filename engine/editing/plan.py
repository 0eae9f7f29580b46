"""What is to be done for the references of a text, besides what rules changed: see `reference`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dataclass import dataclass, field

if TYPE_CHECKING:
    from ..error import Message
    from ..node import Node
    from .merge import Merge


@dataclass(slots=True)
class Plan:
    """What the editor has to do for the references of a text.

    `kept` are the aliases that stay as they are, whatever was done to the data they stand for, `moved` those that stay
    aliases where they were moved, `rewritten` those that are written out. `loose` are the nodes that lose their anchor,
    `staying` those that must not; `anchors` says what new text begins with, by the node that is written. `merges` is
    what becomes of mappings with a `<<`. `copies` has the fresh node in place of an alias that is written out,
    `origins` the alias that such a copy was moved from; `keys` are the values whose key, an alias, is written out.
    `twice` are nodes that cannot take their text along, as it stays where it is, edited into something else.
    `touched` are all nodes of the text that change by this although no rule may have changed them, `paths` leads to
    them from the roots. `warnings` tell the user.
    """

    kept: set[Node] = field(default_factory=set)
    rewritten: set[Node] = field(default_factory=set)
    loose: set[Node] = field(default_factory=set)
    staying: set[Node] = field(default_factory=set)
    moved: set[Node] = field(default_factory=set)
    origins: dict[Node, Node] = field(default_factory=dict)
    keys: set[Node] = field(default_factory=set)
    twice: set[Node] = field(default_factory=set)
    anchors: dict[Node, str] = field(default_factory=dict)
    merges: dict[Node, Merge] = field(default_factory=dict)
    copies: dict[Node, Node] = field(default_factory=dict)
    paths: list[tuple[Node, Node]] = field(default_factory=list)  # (outer, inner)
    warnings: list[Message] = field(default_factory=list)
    touched: set[Node] = field(default_factory=set)
