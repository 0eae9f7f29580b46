"""What a rule set is once loaded: names resolved, paths and expressions compiled, parameters given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .error import NOWHERE, Place

if TYPE_CHECKING:
    from .expressions.expression import Expression
    from .expressions.template import Template
    from .jsonpath.path import Path


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
    """A name and where it looks: paths whose union it takes in order, or an expression that yields a list."""

    name: str
    paths: tuple[Path, ...] = ()
    items: Expression | None = None
    place: Place = NOWHERE


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


@dataclass(frozen=True, slots=True)
class Rule:
    """Named captures, a condition, and the actions to take for every combination."""

    id: str
    description: str | None
    documents: DocumentFilter | None
    captures: tuple[Capture, ...]
    lets: tuple[Let, ...]
    when: Expression | None
    actions: tuple[Action, ...]
    expect: Expect | None
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A rule set ready to run.

    `values` are its parameters' values, `parameters` their schemas, `text` the file's text as it was read.
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
