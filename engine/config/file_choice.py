"""Which of the files that walks find are read: what the configuration includes and does not exclude."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from ..error import NOWHERE, Message, Place
from ..project_path import is_outside, project_path
from ..rule import Globs

if TYPE_CHECKING:
    from collections.abc import Iterator

EXTENSIONS = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A glob on paths from the project root, and where it is written."""

    text: str
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class FileChoice:
    """What of the files below the project root is read.

    `used` gathers the patterns under `include` that took something.
    Without `include` it is every YAML and JSON file. Files outside of the root are not chosen among by patterns.
    """

    root: str | None = None
    include: tuple[Pattern, ...] = ()
    exclude: tuple[Pattern, ...] = ()
    own: frozenset[str] = frozenset()  # paths from the root of files that say what is done
    used: set[Pattern] = field(default_factory=set)

    @property
    def is_narrow(self) -> bool:
        """Whether it names files by patterns."""
        return bool(self.include or self.exclude)

    @property
    def nothing(self) -> str:
        """What to say of a folder from which nothing is taken."""
        if self.is_narrow:
            return "no file in this folder is one that `files` of the configuration names"
        return f"no file in this folder has a name that ends in {', '.join(EXTENSIONS)}"

    def takes(self, file: str) -> bool:
        """Whether a file that a walk found is read; the name of a folder stands for all below it.

        A pattern that ends in `*`, or one for a folder, takes YAML and JSON files; every other takes what it matches.
        """
        known = file.endswith(EXTENSIONS)
        if self.root is None:
            return known
        path = project_path(self.root, file)
        if is_outside(path):
            return known
        if path in self.own:
            return False
        excluded = [each for each in (*self.exclude, *_negated(self.include)) if _covers(each.text, path)]
        including = [each for each in self.include if not each.text.startswith("!")]
        if not including:
            return known and not excluded
        taking = [each for each in including if _covers(each.text, path) and (known or _names(each.text, path))]
        self.used.update(taking)
        return bool(taking) and not excluded

    def passes_over(self, folder: str) -> bool:
        """Whether nothing below a folder can be taken, so that a walk need not look there."""
        if self.root is None or not self.exclude:
            return False
        path = project_path(self.root, folder)
        return not is_outside(path) and any(_excludes_all(each.text, path) for each in self.exclude)

    def unused(self) -> Iterator[Message]:
        """Warnings of patterns under `include` that took no file, but for those that mean "wherever there is one"."""
        for each in self.include:
            if each not in self.used and not each.text.startswith(("**/", "!")):
                yield Message("warning", f"no file matches `{each.text}`{hint(each.text)}", each.place)


def hint(glob: str) -> str:
    """What may be meant by a glob that matches nothing: the end of a sentence, or nothing."""
    if "/" not in glob and glob.startswith("*"):
        return f"; `*` stays within one folder: write `**/{glob}` for every folder"
    if "{" in glob:
        return "; braces mean themselves in a glob: write one glob for each choice"
    return ""


def covers(globs: Globs, path: str) -> bool:
    """Whether a list of globs matches a file or a folder that it is in; one that starts with `!` excludes."""
    wanted = [each for each in globs.patterns if not each.startswith("!")]
    excluded = [each[1:] for each in globs.patterns if each.startswith("!")]
    if is_outside(path) or any(_covers(each, path) for each in excluded):
        return False
    return not wanted or any(_covers(each, path) for each in wanted)


def _negated(patterns: tuple[Pattern, ...]) -> Iterator[Pattern]:
    return (Pattern(each.text[1:], each.place) for each in patterns if each.text.startswith("!"))


def _covers(glob: str, path: str) -> bool:
    from ..evaluation.glob import matches_path  # most runs need no globs

    if matches_path(_globs(glob), path):
        return True
    return not _is_pattern(glob) and matches_path(_globs(glob + "/**"), path)


def _excludes_all(glob: str, folder: str) -> bool:
    """Whether the glob covers whatever is in the folder."""
    from ..evaluation.glob import matches_path

    if not glob.endswith("**"):
        return not _is_pattern(glob) and _covers(glob, folder)
    whole = glob.removesuffix("/**")
    return matches_path(_globs(glob), folder) or (whole != glob and matches_path(_globs(whole), folder))


def _is_pattern(glob: str) -> bool:
    """Whether the last part of a glob has wildcards; else it names a file, or a folder with all that is in it."""
    return bool(set(glob.rpartition("/")[2]) & set("*?["))


def _names(glob: str, path: str) -> bool:
    """Whether the glob says how the name of the file ends."""
    from ..evaluation.glob import matches_path

    return not glob.endswith("*") and matches_path(_globs(glob), path)


@cache
def _globs(glob: str) -> Globs:
    return Globs((glob,))
