"""Which files a path on the command line means: itself, or the YAML and JSON files below a folder."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..error import FileError, Message, Place
from ..suggest import suggest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

EXTENSIONS = (".yaml", ".yml", ".json")
STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True)
class Input:
    """One text to read: `name` as it is shown, `path` None for standard input, `folder` where a walk found it."""

    name: str
    path: Path | None
    folder: Path | None = None


@dataclass(slots=True)
class Finding:
    """The inputs in order, each file once, and what was passed over on the way."""

    inputs: list[Input] = field(default_factory=list)
    charts: int = 0  # files of Helm charts that walks found
    warnings: list[Message] = field(default_factory=list)


def find(paths: Iterable[str]) -> Finding:
    """The files that `paths` name, in that order; those of a folder sorted by their path.

    A folder is walked without following links to folders and without `.git`; inside a git work tree, git is asked
    which files it does not ignore (`git ls-files`). A folder that is itself ignored, or one that git cannot read, is
    walked whole. Templates of Helm charts are counted and left out. Raises one FileError for all paths that are
    nothing and all templates that are named.
    """
    finding = Finding()
    seen: set[Path] = set()
    problems: list[Message] = []
    for path in paths:
        try:
            _add(finding, path, seen)
        except FileError as error:
            problems += error.messages
    if problems:
        raise FileError.of(problems)
    return finding


def is_chart_template(path: Path) -> bool:
    """Whether a file stands under `templates/` beside a `Chart.yaml`: text that Helm makes YAML of."""
    return any(
        folder.name == "templates" and folder.with_name("Chart.yaml").exists() for folder in path.resolve().parents
    )


def _add(finding: Finding, name: str, seen: set[Path]) -> None:
    path = Path(name)
    if name == STANDARD_INPUT:
        finding.inputs.append(Input("<stdin>", None))
    elif path.is_dir():
        _add_folder(finding, path, seen)
    elif not path.exists():
        raise FileError(f"there is no such file or folder{_near(path)}", Place(name))
    elif is_chart_template(path):
        raise FileError("this looks like a Helm template; render it first (`helm template`)", Place(name))
    elif _is_new(path, seen):
        finding.inputs.append(Input(name, path))


def _add_folder(finding: Finding, folder: Path, seen: set[Path]) -> None:
    found = list(_walk(folder))
    for path in found:
        if is_chart_template(path):
            finding.charts += 1
        elif _is_new(path, seen):
            finding.inputs.append(Input(str(path), path, folder))
    if not found:
        text = f"no file in this folder has a name that ends in {', '.join(EXTENSIONS)}"
        finding.warnings.append(Message("warning", text, Place(str(folder))))


def _is_new(path: Path, seen: set[Path]) -> bool:
    real = path.resolve()
    new = real not in seen
    seen.add(real)
    return new


def _near(path: Path) -> str:
    try:
        beside = [each.name for each in path.parent.iterdir()]
    except OSError:
        return ""
    return suggest(path.name, beside)


def _walk(folder: Path) -> Iterator[Path]:
    names = _ask_git(folder)
    paths = _list_files(folder) if names is None else [folder / name for name in names]
    for path in sorted(paths):
        if path.is_dir():
            if not path.is_symlink():  # a repository inside the repository: git leaves its files to it
                yield from _walk(path)
        elif path.suffix in EXTENSIONS and path.is_file():
            yield path


def _ask_git(folder: Path) -> list[str] | None:
    """The files below `folder` that git tracks or would track; None if git is missing or has no say there."""
    if _git(folder, "check-ignore", "--quiet", ".") is not None:
        return None
    listed = _git(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if listed is None:
        return None
    return list(dict.fromkeys(os.fsdecode(name) for name in listed.split(b"\0") if name))


def _git(folder: Path, *arguments: str) -> bytes | None:
    """What git prints, run in `folder`, or None if it fails. A program that a repository configures is not run."""
    command = ["git", "-c", "core.fsmonitor=false", *arguments]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, check=True)  # noqa: S603 - arguments are ours
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout


def _list_files(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name != ".git"]
        for name in files:
            yield Path(parent) / name
