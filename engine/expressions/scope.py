"""The names an expression sees: which are known when it is compiled, and their values when it is evaluated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Protocol

from ..dataclass import dataclass, field, replace
from ..error import Place
from ..node import Node
from ..value import Value

if TYPE_CHECKING:
    from ..jsonpath.path import Path
    from .expression import Expression
    from .filter import Filter


class ExpressionError(Exception):
    """An expression that is refused at load, or that fails on its data.

    `offset` is the character of the expression's text it is about, from 0. `place` is that character's place in
    the rule file, once someone who knows the file has set it. `condition` is the text of the one of several conditions
    that failed.
    """

    def __init__(self, message: str, offset: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.place: Place | None = None
        self.condition: str | None = None
        self._offset = offset

    @property
    def offset(self) -> int:
        """The character it is about; 0 where none is known."""
        return self._offset or 0

    def at(self, offset: int) -> ExpressionError:
        """The same error, about the character at `offset` unless it already knows one."""
        if self._offset is None:
            self._offset = offset
        return self


class Omit:
    """The type of `OMIT`, what the name `omit` stands for."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "OMIT"


OMIT: Final = Omit()
"""As a mapping's value or a list's item it drops that entry; as a whole value the action does nothing."""

RESERVED_NAMES = ("doc", "params", "file", "facts", "omit", "match", "it")
"""Names that the language keeps for itself; the names of filters and functions are reserved besides."""


class Evaluable(Protocol):
    """What stands behind a name of `let`."""

    def evaluate(self, frame: Frame) -> Value:
        """The value in `frame`."""


NO_FILTERS: Mapping[str, Filter] = MappingProxyType({})
_NO_LETS: Mapping[str, Evaluable] = MappingProxyType({})


def _nowhere(_node: Node) -> str:
    raise ExpressionError("`id` works on captures of a document only")


class Frame(dict[str, Any]):
    """The names that expressions see, with their values: nodes for captures and `doc`, else plain data.

    A name of `lets` is computed when it is first asked for, and kept. `root` is the root of the document at hand,
    `identify` gives a node's text for `id()`. Making a child costs the same whatever its parents hold.
    """

    __slots__ = ("identify", "lets", "parent", "root")

    def __init__(
        self,
        values: Mapping[str, Any],
        lets: Mapping[str, Evaluable] = _NO_LETS,
        *,
        root: Node | None = None,
        identify: Callable[[Node], str] = _nowhere,
        parent: Frame | None = None,
    ) -> None:
        super().__init__(values)
        self.lets = lets
        self.root = root
        self.identify = identify
        self.parent = parent

    def __missing__(self, name: str) -> Any:
        let = self.lets.get(name)
        if let is not None:
            value = let.evaluate(self)
        elif self.parent is not None:
            value = self.parent[name]
        else:
            raise KeyError(name)
        self[name] = value
        return value

    def child(self, values: Mapping[str, Any], lets: Mapping[str, Evaluable] = _NO_LETS) -> Frame:
        """A frame that has `values` and `lets` on top of what this one has."""
        frame = _new(Frame)
        frame.update(values)
        frame.lets = lets
        frame.root = self.root
        frame.identify = self.identify
        frame.parent = self
        return frame

    def apart(self, values: Mapping[str, Any]) -> Frame:
        """A frame that has `values` and nothing else, in the same document."""
        frame = self.child(values)
        frame.parent = None
        return frame


NO_NAMES: Final = Frame({})
"""For what has the same value in every frame."""

_new = Frame.__new__  # frames are made by the hundred thousand, and `__init__` takes most of the time


@dataclass(frozen=True, slots=True)
class Shape:
    """What is known of a value when a rule file is loaded: it is a row of one of `tables`, or a list of such rows."""

    tables: frozenset[str]
    many: bool


@dataclass(frozen=True, slots=True)
class KnownTable:
    """A table of facts as expressions see it; `problem`, if any, says why they cannot use it at this place.

    With `own` it may be captured nevertheless: a table runs over itself.
    """

    columns: tuple[str, ...]
    problem: str = ""
    own: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """One of a rule set's `functions:`, compiled in a scope that has its parameters as `names`."""

    parameters: tuple[str, ...]
    expression: Expression


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that are known at one place of a rule file.

    `names` are those that are neither captures nor lets (`params`, `doc`, `file`, `it`, `match`, a function's
    parameters). `parameters`, unless None, are all members that `params` has. `paths` compiles the path of `select`,
    where it is more than `path.compile_path`; it raises `PathError`. `tables` are the tables of facts, `shapes` the
    names that stand for rows of them, `local` the names that mean something only in a document. `unready` says of
    names that mean something elsewhere why they do not here. `filters` are those that packages bring.
    """

    captures: frozenset[str] = frozenset()
    lets: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset({"params", "doc", "file"})
    functions: Mapping[str, Function] = field(default_factory=dict)
    parameters: frozenset[str] | None = None
    paths: Callable[[str], Sequence[Path]] | None = None
    tables: Mapping[str, KnownTable] = field(default_factory=dict)
    shapes: Mapping[str, Shape] = field(default_factory=dict)
    local: frozenset[str] = frozenset({"doc", "file"})
    unready: Mapping[str, str] = field(default_factory=dict)
    filters: Mapping[str, Filter] = field(default_factory=dict)

    @property
    def known(self) -> frozenset[str]:
        """Every name that may stand in an expression here."""
        return self.captures | self.lets | self.names | {"omit"}

    def extend(
        self,
        captures: Iterable[str] = (),
        lets: Iterable[str] = (),
        names: Iterable[str] = (),
        shapes: Mapping[str, Shape | None] = MappingProxyType({}),
    ) -> Scope:
        """The scope with more names in it, and the shapes of those that have one."""
        return replace(
            self,
            captures=self.captures | set(captures),
            lets=self.lets | set(lets),
            names=self.names | set(names),
            shapes={**self.shapes, **{name: shape for name, shape in shapes.items() if shape is not None}},
        )
