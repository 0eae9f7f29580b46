"""Writes the rule sets of a project as they are in effect: what is extended, which values and switches are given."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..effective import effective_text
from ..rule_text import locate
from ..rulefile.rule_file import read_whole
from .origin import find_origins

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .project import Project


def project_texts(project: Project, name: str | None) -> Iterator[str]:
    """A text for each rule set of a project that is called `name` there or in its file; for all of them without.

    Behind it, as comments, stand the values of its parameters and the switches of its rules with their places.
    """
    for use in project.config.uses:
        folder = Path(os.path.relpath(project.root))
        for file in locate(use.name, folder=folder, root=Path(project.root), place=use.place):
            for whole, rule_set in read_whole(file, project.filters):
                if name in (None, use.name, rule_set.name):
                    origins = [f"#   {each}\n" for each in find_origins(project, use, rule_set)]
                    said = ["\n", f"# Used by {use.place.file}:{use.place.line}\n", *origins]
                    yield effective_text(whole, rule_set) + "".join(said)
