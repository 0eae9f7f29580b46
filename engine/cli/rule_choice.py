"""The rules of a run by name, so that every process can load them for itself."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from ..dataclass import dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..config.config_text import ConfigText
    from ..config.project import Project
    from ..loader import Rules
    from ..rule import RuleSet


@dataclass(frozen=True, slots=True)
class RuleChoice:
    """Names and parameters as they were given; `quick` is the rule set that `--set` stands for.

    `standard_input` is the text behind the name `-`, `root` the folder from which rules see the paths of files, and
    `filters` are those of packages that expressions may use. With a `config`, names and `quick` are not given.
    """

    names: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    parameter_file: str | None = None
    quick: str | None = None
    standard_input: str | None = None
    root: str | None = None
    config: ConfigText | None = None
    filters: tuple[str, ...] = ()


def load_rules(choice: RuleChoice, file: str | None = None) -> Rules:
    """The rules that `choice` means for a file, or for a text that is none; all is loaded once per process.

    Raises as `load` and `Project` do.
    """
    return _load_named(choice) if choice.config is None else load_project(choice).rules_for(file)


def group_by_rules(choice: RuleChoice, files: Iterable[str]) -> list[tuple[Rules, list[int]]]:
    """The rules that run on some of the files, with the places of these in `files`: other overrides, other rules.

    Raises as `load_rules` does.
    """
    groups: dict[int, tuple[Rules, list[int]]] = {}
    for place, file in enumerate(files):
        rules = load_rules(choice, file)
        groups.setdefault(id(rules), (rules, []))[1].append(place)
    return list(groups.values())


def load_all(choice: RuleChoice, files: Iterable[str]) -> tuple[RuleSet, ...]:
    """Every rule set that runs on one of the files, each variant once. Raises as `load_rules` does."""
    groups = [rules for rules, _ in group_by_rules(choice, files)] or [load_rules(choice)]
    return tuple(each for rules in groups for each in rules)


@cache
def load_project(choice: RuleChoice) -> Project:
    """The project that the choice's configuration is of."""
    from ..config.project import Project
    from ..loader import given_values

    assert choice.config is not None
    return Project(choice.config, given_values(parameters=choice.parameters, params_file=choice.parameter_file))


@cache
def _load_named(choice: RuleChoice) -> Rules:
    from ..loader import Rules, load, load_text  # what fails before needs no loader

    named = load(
        *choice.names,
        parameters=choice.parameters,
        params_file=choice.parameter_file,
        standard_input=choice.standard_input,
        root=choice.root,
        filters=choice.filters,
    )
    quick = load_text(choice.quick, "--set", filters=choice.filters) if choice.quick else ()
    return Rules(tuple(replace(each, root=choice.root) for each in (*named, *quick)))
