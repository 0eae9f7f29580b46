"""What a rule set is once loaded: names resolved, paths and expressions compiled, parameters given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from .dataclass import dataclass, field
from .error import NOWHERE, Place, Severity

if TYPE_CHECKING:
    from .expressions.expression import Expression
    from .expressions.template import Template
    from .jsonpath.path import Path
    from .node import Node
    from .rulefile.form import Form

RuleSeverity: TypeAlias = Literal["error", "warning"]
"""Of a rule: with `warning`, its `fail` warns and skips the combination."""


API_VERSION = "retouch/v1"
"""What `apiVersion` says in rule sets, rule tests and configurations."""


@dataclass(frozen=True, slots=True)
class Globs:
    """Patterns of which one must match; those that start with `!` exclude."""

    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """Which documents a rule set or a rule sees: every given part must hold."""

    fields: Mapping[str, Globs] = field(default_factory=dict)  # apiVersion, kind, name, namespace, file
    labels: Mapping[str, Globs] = field(default_factory=dict)
    annotations: Mapping[str, Globs] = field(default_factory=dict)
    when: Expression | None = None


@dataclass(frozen=True, slots=True)
class Let:
    """A name for a value, computed when first used."""

    name: str
    value: Template
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Capture:
    """A name and where it looks: paths whose union it takes in order, a list that an expression yields, or a table.

    `document` says that it needs a document to look at: one of its paths starts there, its expression names it.
    """

    name: str
    paths: tuple[Path, ...] = ()
    items: Expression | None = None
    table: str | None = None
    place: Place = NOWHERE
    document: bool = True


@dataclass(frozen=True, slots=True)
class Target:
    """Where an action acts: a path from the document or a capture, or a JSON Pointer.

    `key` is the key of a path that ends in `['${ ... }']`, taken literally.
    """

    path: Path | None = None
    pointer: Template | None = None
    key: Template | None = None
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Action:
    """One verb, where it acts, and what its other keys say (templates, targets, texts, by the verb's table)."""

    verb: str
    target: Target | None
    arguments: Mapping[str, Any]
    when: Expression | None = None
    each: tuple[Capture, ...] = ()
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Expect:
    """How often a rule may match in one run, both bounds included; `most` None is no bound."""

    least: int
    most: int | None
    place: Place = NOWHERE

    def has_too_many(self, matches: int) -> bool:
        """Whether so many are more than it allows."""
        return self.most is not None and matches > self.most

    def allows(self, matches: int) -> bool:
        """Whether a run may have so many."""
        return self.least <= matches and not self.has_too_many(matches)

    def __str__(self) -> str:
        if self.least == self.most:
            return f"exactly {self.least}"
        return f"{self.least} to {'any number' if self.most is None else self.most}"


@dataclass(frozen=True, slots=True)
class Rule:
    """Named captures, a condition, and the actions to take for every combination.

    `compile_when` compiles one more condition in the names that the rule's own `when` sees; the node may stand in
    another form than the rule, and mistakes go to that form.
    """

    id: str
    description: str | None
    documents: DocumentFilter | None
    captures: tuple[Capture, ...]
    lets: tuple[Let, ...]
    when: Expression | None
    actions: tuple[Action, ...]
    expect: Expect | None
    place: Place = NOWHERE
    severity: RuleSeverity = "error"
    compile_when: Callable[[Form, Node], Expression | None] | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a derivation.

    `source` is the name, and behind it the columns, of an expression that may yield a node rather than its value; `row`
    the expression of a row and the column behind it, of one that may do so too.
    """

    name: str
    value: Template
    source: tuple[str, ...] | None = None
    row: tuple[Expression, str] | None = None
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Derivation:
    """One way to the rows of a table: the combinations it runs over, and the row or the message that each makes.

    `number` counts the derivations of a table from 1; 0 is what they share. `document` says that the row or the
    message needs a document.
    """

    number: int
    documents: DocumentFilter | None = None
    captures: tuple[Capture, ...] = ()
    lets: tuple[Let, ...] = ()
    when: Expression | None = None
    columns: tuple[Column, ...] = ()
    severity: Severity | None = None
    message: Template | None = None
    node: Path | None = None
    document: bool = False
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class FactTable:
    """A table of derived facts, as the rule file declares it.

    `shared` is what all derivations have in common. `pairs` and `vertices` name the tables whose connected
    components it holds, where it does. `needs` are the tables that it reads.
    """

    name: str
    columns: tuple[str, ...]
    shared: Derivation
    derivations: tuple[Derivation, ...]
    pairs: str | None = None
    vertices: str | None = None
    per_document: bool = False  # `scope: document`
    first: bool = False  # `unique: first`
    stable: bool = False  # `until: stable`
    needs: frozenset[str] = frozenset()
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A rule set ready to run.

    `values` are its parameters' values, `parameters` their schemas, `text` the file's text as it was read. `off` are
    rules of it that the configuration keeps from running. `root` is the folder from which rules see the paths of files
    (None: they see them as they are given).
    """

    name: str
    version: str | None
    description: str | None
    parameters: Mapping[str, Mapping[str, Any]]
    values: Mapping[str, Any]
    documents: DocumentFilter | None
    lets: tuple[Let, ...]
    rules: tuple[Rule, ...]
    atomic: bool  # `atomic: run`: a refusal anywhere keeps every file as it is
    place: Place = NOWHERE
    text: str = ""
    facts: tuple[FactTable, ...] = ()
    off: tuple[Rule, ...] = ()
    root: str | None = None

    @property
    def parts(self) -> int:
        """How many rules and derivations it has."""
        return len(self.rules) + sum(len(table.derivations) for table in self.facts)

    @property
    def needs_run(self) -> bool:
        """Whether some of its tables hold the rows of all documents of a run."""
        return not all(table.per_document for table in self.facts)
