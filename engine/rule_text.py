"""Finds the rule files that a name stands for: built in, a file or folder, or data of an installed package."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from importlib import import_module
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from .error import NOWHERE, FileError, Place, UsageError
from .rulefile.rule_file import KIND, NAME
from .suggest import listing, suggest
from .text_file import read_text_file

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

GROUP = "retouch.rulesets"
"""The entry points of installed packages that bring rule sets; the value of each names a package with the files."""

OWN_POINT = "retouch"
"""What messages put before the names of built-in files, as they do with the entry point of others."""

_BUILT_IN = f"{__package__}.rules"  # the package whose data the built-in rule files are
_SUFFIXES = (".yaml", ".yml")
_IS_RULE_SET = re.compile(rf"\b{KIND}\b")  # and no part of one
_IN_PACKAGE = re.compile(r"(?P<point>[\w.-]{2,}):(?P<name>[\w./-]*)", re.ASCII)  # one letter is a drive of Windows


@dataclass(frozen=True, slots=True)
class RuleText:
    """A rule file: its text, what to call it, and the folder that it is in, unless it is no file.

    Paths in it start at `folder` and may not lead out of `root`; None is no bound. Files of a package are called
    `POINT:PATH` with the path from `root`, wherever they are installed: `point` is the name of its entry point.
    """

    text: str
    file: str
    folder: Path | Traversable | None = None
    root: Path | Traversable | None = None
    point: str | None = None

    @property
    def identity(self) -> str:
        """What is the same for two texts only if they are one file."""
        if not isinstance(self.folder, Path):
            return self.file
        if self.point is not None:
            return os.path.realpath(self.folder / PurePosixPath(in_package(self.file)[1]).name)
        return os.path.realpath(self.file)

    @property
    def has_folder(self) -> bool:
        """Whether it is a file, with others beside it."""
        return self.folder is not None

    def named(self, name: str, place: Place) -> list[RuleText]:
        """The rule files that it means with `name`, which stands at `place`. Raises as `locate` does."""
        return locate(name, folder=self.folder, root=self.root, place=place, point=self.point)

    def part(self, name: str) -> tuple[str, str]:
        """The text of a file in its folder, and what to call it. Raises `FileError`."""
        path = (self.folder or Path()).joinpath(*name.split("/"))
        bound = self.root or self.folder
        shown = _shown(path, self.root, self.point)
        if isinstance(path, Path) and bound is not None and not is_inside(path, bound):
            raise FileError(f"is a link that leads out of `{bound}`", Place(shown))
        return read_text_file(path), shown


def locate(
    name: str,
    *,
    folder: Path | Traversable | None = None,
    root: Path | Traversable | None = None,
    place: Place = NOWHERE,
    point: str | None = None,
) -> list[RuleText]:
    """The rule files that `name` stands for, in order; `place` is where it is written, `point` the package that is in.

    A name is that of a built-in rule set (`argo/artifacts-to-volume`), `PACKAGE:NAME` for the file NAME.yaml that an
    installed package brings (entry point group `retouch.rulesets`), or a path from `folder` to a file or a folder (all
    rule files below it). Without `folder` there are no relative paths, and no path may lead out of `root` if it is
    given. Raises `UsageError` with `place`, `FileError` if a file cannot be read.
    """
    if NAME.fullmatch(name) and (built_in_folder() / f"{name}.yaml").is_file():
        return [_built_in(name)]
    found = _at_path(name, folder, root, place, point)
    if found is None and (match := _IN_PACKAGE.fullmatch(name)):
        return _in_package(match["point"], match["name"], place)
    if found is None:
        raise UsageError(_not_found(name, folder), place)
    return found


def built_in() -> dict[str, RuleText]:
    """The built-in rule files by the name of their rule set, sorted."""
    return {name: _built_in(name) for name in _names_below(built_in_folder())}


def installed() -> tuple[dict[str, RuleText], list[UsageError]]:
    """The rule files of installed packages by `PACKAGE:NAME`, sorted, and what is wrong with packages left out."""
    from .entry_point import point_names

    found: dict[str, RuleText] = {}
    errors: list[UsageError] = []
    for point in point_names(GROUP):
        try:
            folder = _folder_of(point, NOWHERE)
        except UsageError as error:
            errors.append(error)
            continue
        for name in _names_below(folder):
            found[f"{point}:{name}"] = _of_package(folder, name, point)
    return found, errors


def is_inside(path: Path, root: Path | Traversable) -> bool:
    """Whether a file or folder, links followed, is below `root`."""
    return path.resolve().is_relative_to(Path(str(root)).resolve())


def built_in_folder() -> Traversable:
    """The folder of the built-in rule files."""
    return files(_BUILT_IN)


def in_package(file: str) -> tuple[str, str]:
    """The package that a rule file is in, by what messages call it, and its path there; no package is empty."""
    match = re.match(r"(?P<point>[^:/\\]{2,}):(?P<path>.*)", file)
    return (match["point"], match["path"]) if match else ("", file)


def _built_in(name: str) -> RuleText:
    return _of_package(built_in_folder(), name, OWN_POINT)


def _of_package(whole: Traversable, name: str, point: str) -> RuleText:
    """The rule file of that name below a package's folder; what it names is below that folder too."""
    *folders, last = name.split("/")
    folder = whole.joinpath(*folders)
    path = next(
        (each for suffix in _SUFFIXES if (each := folder / f"{last}{suffix}").is_file()), folder / f"{last}.yaml"
    )
    return RuleText(read_text_file(path), _shown(path, whole, point), folder, whole, point)


def _shown(path: Path | Traversable, root: Path | Traversable | None, point: str | None) -> str:
    """What messages call a file: its path, for one of a package from the package's folder `root`."""
    if point is None:
        return str(path)
    return f"{point}:{Path(os.path.relpath(str(path), str(root))).as_posix()}"


def _at_path(
    name: str,
    folder: Path | Traversable | None,
    root: Path | Traversable | None,
    place: Place,
    point: str | None,
) -> list[RuleText] | None:
    """The file or the files of the folder that `name` leads to; None if there is nothing."""
    if folder is None and not os.path.isabs(name):  # noqa: PTH117 - `Path` would take "" for a path
        return None
    if folder is not None and not isinstance(folder, Path):  # data of a package that is not unpacked
        path = folder.joinpath(*name.removeprefix("./").split("/"))
        is_there = ".." not in name.split("/") and path.is_file()
        bound = root or folder
        return [RuleText(read_text_file(path), _shown(path, bound, point), folder, bound, point)] if is_there else None
    file = Path(os.path.normpath((folder or Path()) / name))
    if not file.exists():
        return None
    if root is not None and not is_inside(file, root):
        where = f"folder `{root}`" if point is None else f"package `{point}`"
        text = f"`{name}` is outside of the {where}, which no name that stands here may leave"
        raise UsageError(f"{text}; rule sets that lie elsewhere are named with -r", place)
    if file.is_dir():
        return _in_folder(file, root, place, point)
    top = root or file.parent
    return [RuleText(read_text_file(file), _shown(file, top, point), file.parent, top, point)]


def _in_folder(folder: Path, root: Path | Traversable | None, place: Place, point: str | None) -> list[RuleText]:
    paths = sorted(path for path in folder.rglob("*") if path.suffix in _SUFFIXES and not _is_left_out(path, folder))
    bound = root or folder
    for path in paths:
        if root is not None and not is_inside(path, root):
            text = f"`{path.relative_to(folder)}` in the folder `{folder}` is a link that leads out of `{root}`"
            raise UsageError(text, place)
    texts = [
        RuleText(text, _shown(path, bound, point), path.parent, bound, point)
        for path in paths
        if _IS_RULE_SET.search(text := read_text_file(path))
    ]
    if not texts:
        raise UsageError(f"the folder `{folder}` holds no rule set: no YAML file in it has `kind: {KIND}`", place)
    return texts


def _is_left_out(path: Path, folder: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    return hidden or path.stem.endswith(".test") or not path.is_file()


def _in_package(point: str, name: str, place: Place) -> list[RuleText]:
    folder = _folder_of(point, place)
    names = _names_below(folder)
    if name in names:
        return [_of_package(folder, name, point)]
    below = [each for each in names if each.startswith(f"{name}/")]
    if not below:
        there = f"; it has {listing(f'{point}:{each}' for each in names)}" if names else "; it has none"
        hint = suggest(name, names)
        raise UsageError(f"the package `{point}` has no rule set `{name}`{hint or there}", place)
    return [_of_package(folder, each, point) for each in below]


def _folder_of(point: str, place: Place) -> Traversable:
    """The folder of the package that the entry point of that name stands for."""
    from .entry_point import find_point  # few runs ask for packages

    value = find_point(GROUP, point, "rule sets", place)
    try:
        return _plain_folder(value)
    except Exception as error:  # noqa: BLE001 - importing a package runs its code, which may raise anything
        text = f"the entry point `{point}` of the group `{GROUP}` must name a Python package"
        raise UsageError(f"{text}; `{value}` cannot be imported: {error}", place) from None


def _plain_folder(package: str) -> Traversable:
    """The folder of a package; a path where it is one, which paths can be told to be inside of."""
    found = files(package)
    if isinstance(found, Path):
        return found
    paths = [Path(each) for each in import_module(package).__path__]  # without an `__init__.py` there may be several
    return paths[0] if len(paths) == 1 and paths[0].is_dir() else found


def _names_below(folder: Traversable) -> list[str]:
    """The rule files below a package's folder as their paths without suffix, sorted."""
    found: list[str] = []
    folders = [("", folder)]
    while folders:
        prefix, each = folders.pop()
        for entry in each.iterdir():
            if entry.is_dir():
                folders.append((f"{prefix}{entry.name}/", entry))
            elif _is_rule_set(entry):
                found.append(prefix + entry.name.rpartition(".")[0])
    return sorted(found)


def _is_rule_set(entry: Traversable) -> bool:
    name = entry.name
    is_test = name.endswith(tuple(f".test{suffix}" for suffix in _SUFFIXES))
    return name.endswith(_SUFFIXES) and not is_test and _IS_RULE_SET.search(read_text_file(entry)) is not None


def _not_found(name: str, folder: Path | Traversable | None) -> str:
    known = _names_below(built_in_folder())
    looked = "looked among the built-in rule sets (`retouch rules list`)"
    if isinstance(folder, Path):
        path = folder / name
        looked += f" and for the file or folder {os.path.abspath(path)}"  # noqa: PTH100 - `..` goes
        siblings = (
            [str(Path(name).parent / each.name) for each in path.parent.iterdir()] if path.parent.is_dir() else []
        )
        known += [f"./{each}" if name.startswith("./") else each for each in siblings]
    elif folder is None:
        looked += "; what is no file has no folder for relative paths to start at"
    return f"there is no rule set `{name}`{suggest(name, known) or f'; {looked}'}"
