"""What `retouch rules` says of the project at hand: which rule sets it uses, and where every value comes from."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..config.origin import find_origins
from ..config.project import Project
from ..config.search import find_config
from ..error import RetouchError

if TYPE_CHECKING:
    from ..config.config import Use
    from ..rule import RuleSet
    from .report import Report


def find_project(report: Report) -> Project | None:
    """The project; None where there is no configuration, and where it is wrong, which is reported."""
    try:
        found = find_config()
        return Project(found) if found is not None else None
    except RetouchError as error:
        report.add(error.messages)
        return None


def find_used(project: Project, name: str) -> list[tuple[Use, RuleSet]]:
    """The rule sets that a project uses under a name: their own, that in the configuration, or a path."""
    path = os.path.realpath(name)
    return [
        (use, rule_set)
        for use, rule_set in project.used
        if name in (rule_set.name, use.name) or path == os.path.realpath(os.path.join(project.root, use.name))  # noqa: PTH118
    ]


def name_of(project: Project, use: Use) -> str:
    """What an entry of the configuration uses, as it would be named in the working directory."""
    path = os.path.relpath(os.path.join(project.root, use.name))  # noqa: PTH118
    return path if os.path.exists(path) else use.name  # noqa: PTH110


def describe(project: Project, use: Use, rule_set: RuleSet) -> str:
    """The values of a rule set of the project with their origins, as lines of YAML comments."""
    origins = find_origins(project, use, rule_set)
    head = f"# {rule_set.name} as used in {use.place.file}:{use.place.line}"
    return "".join(f"{line}\n" for line in (head, *(f"#   {each}" for each in origins)))
