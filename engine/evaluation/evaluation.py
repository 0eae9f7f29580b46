"""What becomes of documents while rules run over them, and the combinations for which rules act."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dataclass import dataclass, field
from ..error import Message, RuleError

if TYPE_CHECKING:
    from ..expressions.scope import Frame
    from .tree import Tree


@dataclass(slots=True)
class Evaluation:
    """What became of one document.

    `messages` holds the warnings and refusals of its rules in the order made; `matches` counts by qualified rule id
    the combinations whose `when` held, with 0 for rules that matched nothing; `suppressed` those among the rest from
    which a comment kept the rule away. `error` is what failed. A document that
    is `held` must stay as it was although nothing is wrong with it: the run was refused because of another one.
    """

    tree: Tree
    messages: list[Message] = field(default_factory=list)
    matches: dict[str, int] = field(default_factory=dict)
    suppressed: dict[str, int] = field(default_factory=dict)
    error: RuleError | None = None
    held: bool = False
    ended: bool = False  # after a failure, no rule looks at it any more

    @property
    def refusals(self) -> tuple[Message, ...]:
        """The messages of `fail`; if there are any, the document must stay as it was."""
        return tuple([message for message in self.messages if message.severity == "error"])

    @property
    def warnings(self) -> tuple[Message, ...]:
        """The messages of `warn`."""
        return tuple([message for message in self.messages if message.severity == "warning"])

    def fail(self, error: RuleError) -> None:
        """Record a failure, but on a document that is refused already: it may come of what was refused."""
        self.ended = True
        if not self.refusals:
            self.error = error


@dataclass(slots=True)
class Match:
    """A combination for which a rule holds: its frame, its document, its captures, and the documents it acts on."""

    frame: Frame
    home: Tree
    captures: tuple[str, ...]
    touched: dict[Tree, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.touched.setdefault(self.home)
