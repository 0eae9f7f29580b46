"""What a verb is: the keys it takes, the function that acts, and what that function is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from ..dataclass import dataclass, field
from ..error import Message, RuleError, Severity
from ..expressions.scope import OMIT, Frame
from ..node import Node
from ..rule import Action
from ..value import Value
from .match import location

if TYPE_CHECKING:
    from .forest import Forest
    from .tree import Tree

Kind = Literal[
    "template",  # a value with expressions: Template
    "text",  # the same, and what comes out must be text: Template
    "target",  # where to: Target; takes a JSON Pointer too where the verb's own target does
    "path",  # Path
    "paths",  # one path or a list: tuple of Path
    "flag",  # true or false; `ok` is true: bool
    "choice",  # one of `choices`: str
    "pattern",  # a regular expression: Pattern
    "integer",  # a whole number that is not negative: int
    "replacement",  # a text with `\1`, or a value that sees `match`: Template
    "map-value",  # a value that sees `it`: Template
    "string list",  # one text or a list: tuple of str
]


@dataclass(frozen=True, slots=True)
class Key:
    """One key of an action beside its verb: what it holds, and what it is when it is not given."""

    kind: Kind
    required: bool = False
    choices: tuple[str, ...] = ()
    default: Any = None


REQUIRED = True
VALUE = Key("template", REQUIRED)


@dataclass(frozen=True, slots=True)
class Call:
    """One action at work on one combination.

    `captures` names the captures in `frame` in the order they were made. `tree` is the document in which the target
    is, `home` the one that the combination belongs to (`$`), both of the `forest`. `report` takes a message of `fail`
    or `warn`, and the document it is about.
    """

    forest: Forest
    home: Tree
    tree: Tree
    action: Action
    frame: Frame
    captures: tuple[str, ...]
    report: Callable[[Message, Tree], None]

    def argument(self, key: str) -> Any:
        """What the action says under `key`, compiled; else the key's default."""
        given = self.action.arguments.get(key)
        if given is None and (known := VERBS[self.action.verb].keys.get(key)) is not None:
            return known.default
        return given

    @property
    def subject(self) -> Node:
        """The last capture that is a place, else the document: what a message is about that names nothing else."""
        return location(self.frame[name] for name in reversed(self.captures)) or self.tree.root

    def value(self, key: str = "value") -> Value:
        """The value under `key` in the present frame, or OMIT."""
        return self.argument(key).render(self.frame)

    def new_node(self, key: str = "value") -> Node | None:
        """The value under `key` as a new node; None for `omit`."""
        node = self.argument(key).build(self.frame)
        return None if node is OMIT else node

    def error(self, text: str, node: Node | None = None) -> RuleError:
        """The error that says `text`, at the action, with the document's place of `node` (else of `subject`)."""
        tree = self.tree
        note = Message("note", "in this document", self.forest.place(self.subject if node is None else node, tree))
        return RuleError(text, self.action.place, rule=tree.rule, notes=[note])

    def tell(self, severity: Severity, text: str, node: Node) -> None:
        """Report `text` about `node`, with the action's place as a note."""
        note = Message("note", "by this rule", self.action.place)
        owner = self.forest.owner(node) or self.tree
        self.report(Message(severity, text, owner.document.place(node), self.tree.rule, (note,)), owner)


Act = Callable[[Call], None]


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb of the rule language (section 5).

    `many` says that its target may find several nodes, `pointer` that the target may be a JSON Pointer. With
    `message` the verb's own value is no target but a text: the argument `message`, a Template.
    """

    name: str
    act: Act
    keys: Mapping[str, Key] = field(default_factory=dict)
    many: bool = False
    pointer: bool = False
    message: bool = False


VERBS: dict[str, Verb] = {}
"""Every verb by name, filled where the verb is defined; `verb.py` sees to it that all are."""


def define(
    name: str,
    keys: Mapping[str, Key] | None = None,
    *,
    many: bool = False,
    pointer: bool = False,
    message: bool = False,
) -> Callable[[Act], Act]:
    """Make the decorated function the verb `name`."""

    def register(act: Act) -> Act:
        VERBS[name] = Verb(name, act, keys or {}, many, pointer, message)
        return act

    return register
