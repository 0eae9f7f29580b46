"""What a `retouch.yaml` says once it is read: rule sets with parameters and switches, files, overrides."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field

from ..error import NOWHERE, Place
from ..project_path import is_file, project_path
from ..rule import Globs
from ..rulefile.form import Form
from ..rulefile.parameter import Given
from ..rulefile.switch import Switch
from .config_text import CONFIG_FILE, ConfigText
from .file_choice import FileChoice, Pattern, covers


@dataclass(frozen=True, slots=True)
class Use:
    """An entry of `rulesets`: what it names (a rule set, or a folder of them), with parameters and switches."""

    name: str
    params: tuple[Given, ...] = ()
    switches: tuple[Switch, ...] = ()
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Override:
    """An entry of `overrides`: other parameters and switches for the files that one of its patterns matches."""

    files: tuple[Pattern, ...]
    params: tuple[Given, ...] = ()
    switches: tuple[Switch, ...] = ()
    place: Place = NOWHERE

    def holds_for(self, root: str, file: str) -> bool:
        """Whether it is for that file of the project; never for a text that is no file."""
        globs = Globs(tuple(each.text for each in self.files))
        return is_file(file) and covers(globs, project_path(root, file))


@dataclass(frozen=True, slots=True)
class Config:
    """A `retouch.yaml`. `form` is what it was read by: mistakes that show only later go there, with their places.

    `source` is its text, `filters` names packages with filters for expressions.
    """

    source: ConfigText
    form: Form = field(repr=False)
    uses: tuple[Use, ...] = ()
    include: tuple[Pattern, ...] = ()
    exclude: tuple[Pattern, ...] = ()
    overrides: tuple[Override, ...] = ()
    filters: tuple[tuple[str, Place], ...] = ()

    @property
    def file(self) -> str:
        """What messages call it."""
        return self.source.file

    @property
    def root(self) -> str:
        """The folder it is in, which is the project's."""
        return self.source.root

    def file_choice(self) -> FileChoice:
        """What chooses the files below the root that are read, for one walk.

        No rule files that it uses are, as far as it names the files themselves.
        """
        named = (posixpath.normpath(each.name) for each in self.uses)
        return FileChoice(self.root, self.include, self.exclude, frozenset((CONFIG_FILE, *named)))
