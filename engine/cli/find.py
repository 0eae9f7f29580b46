"""Which files a path on the command line means: itself, or the YAML and JSON files below a folder."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from ..dataclass import dataclass, field, replace
from ..error import FileError, Message, Place
from ..suggest import suggest

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterable, Iterator

    from ..config.file_choice import FileChoice

STANDARD_INPUT = "-"

_GIT = ".git"
_NOT_IGNORED = 1  # what `git check-ignore` ends with; anything but 0 and 1 is a failure
_UNREAD = re.compile(rb"warning: could not open directory '(?P<path>.*)': (?P<reason>.*)", re.DOTALL)
_OF_A_REPOSITORY = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY")


@dataclass(frozen=True, slots=True)
class Input:
    """One text to read: `name` as it is shown, `path` None for standard input, `folder` where a walk found it."""

    name: str
    path: Path | None
    folder: Path | None = None


@dataclass(slots=True)
class Finding:
    """The inputs in order, each file once; what was passed over on the way, and what went wrong there."""

    inputs: list[Input] = field(default_factory=list)
    templates: list[str] = field(default_factory=list)  # of Helm charts, that walks found
    messages: list[Message] = field(default_factory=list)
    details: list[str] = field(default_factory=list)  # what `-v` shows of them

    @property
    def names(self) -> list[str]:
        """What the inputs are called, in order."""
        return [each.name for each in self.inputs]


def find(paths: Iterable[str], choice: FileChoice | None = None) -> Finding:
    """The files that `paths` name, in that order; those of a folder that `choice` takes, sorted by their path.

    A folder is walked without following links to folders and without `.git`; inside a git work tree, git is asked
    which files it does not ignore (`git ls-files`). A folder that is itself ignored, or one that git cannot read, is
    walked whole. Templates of Helm charts are listed and left out; a folder that cannot be read is an error among the
    messages. Raises one FileError for all paths that are nothing and all templates that are named.
    """
    from ..config.file_choice import FileChoice

    finding = Finding()
    seen: _Seen = _Seen()
    problems: list[Message] = []
    chosen = choice or FileChoice()
    for path in paths:
        try:
            _add(finding, path, seen, chosen)
        except FileError as error:
            problems += error.messages
    if problems:
        raise FileError.of(problems)
    return finding


def find_project(root: str, choice: FileChoice) -> Finding:
    """The files below the project root that `choice` takes, with their names from the working directory.

    Warns of patterns that match nothing. Else as `find`.
    """
    finding = Finding()
    _add_folder(finding, Path(os.path.relpath(root)), _Seen(), choice)
    for place, each in enumerate(finding.inputs):
        name = os.path.relpath(each.name)
        finding.inputs[place] = replace(each, name=name, path=Path(name))
    finding.templates[:] = map(os.path.relpath, finding.templates)
    unused = list(choice.unused())
    if unused and not finding.inputs:  # which says it better than that there is nothing
        finding.messages[:] = [each for each in finding.messages if each.severity == "error"]
    finding.messages += unused
    return finding


def is_chart_template(path: Path) -> bool:
    """Whether a file stands under `templates/` beside a `Chart.yaml`: text that Helm makes YAML of."""
    return _is_of_chart(path.resolve().parent)


def _is_of_chart(real: Path) -> bool:
    return any(
        folder.name == "templates" and os.path.lexists(folder.with_name("Chart.yaml"))
        for folder in (real, *real.parents)
    )


class _Seen:
    """The files that were found so far, and what is known of their folders, each of which is looked up once."""

    def __init__(self) -> None:
        self._files: set[str] = set()
        self._folders: dict[str, tuple[str, bool]] = {}

    def is_chart_template(self, path: Path) -> bool:
        """As the function."""
        return is_chart_template(path) if _is_link(path) else self._folder(path)[1]

    def is_new(self, path: Path) -> bool:
        """Whether the file is none of those that were found, under another name."""
        real = str(path.resolve()) if _is_link(path) else os.path.join(self._folder(path)[0], path.name)  # noqa: PTH118 - once a file
        new = real not in self._files
        self._files.add(real)
        return new

    def _folder(self, path: Path) -> tuple[str, bool]:
        name = os.path.dirname(path)  # noqa: PTH120 - as above
        found = self._folders.get(name)
        if found is None:
            real = Path(name).resolve()
            found = self._folders[name] = (str(real), _is_of_chart(real))
        return found


def _add(finding: Finding, name: str, seen: _Seen, choice: FileChoice) -> None:
    path = Path(name)
    if name == STANDARD_INPUT:
        finding.inputs.append(Input("<stdin>", None))
    elif _is_folder(path):
        _add_folder(finding, path, seen, choice)
    elif not _may_exist(path):
        raise FileError(f"there is no such file or folder{_near(path)}", Place(name))
    elif seen.is_chart_template(path):
        raise FileError("this looks like a Helm template; render it first (`helm template`)", Place(name))
    elif seen.is_new(path):
        finding.inputs.append(Input(name, path))


def _add_folder(finding: Finding, folder: Path, seen: _Seen, choice: FileChoice) -> None:
    known = len(finding.messages)
    found = list(_walk(folder, finding.messages, choice))
    for path in found:
        if seen.is_chart_template(path):
            finding.templates.append(str(path))
        elif seen.is_new(path):
            finding.inputs.append(Input(str(path), path, folder))
    if not found and len(finding.messages) == known:
        finding.messages.append(Message("warning", choice.nothing, Place(str(folder))))


def _is_link(path: Path) -> bool:
    try:
        return path.is_symlink()
    except OSError:  # as below
        return False


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # of a file for which nobody may look, reading says so
        return False


def _may_exist(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return True


def _near(path: Path) -> str:
    try:
        beside = [each.name for each in path.parent.iterdir()]
    except OSError:
        return ""
    return suggest(path.name, beside)


def _walk(folder: Path, messages: list[Message], choice: FileChoice) -> Iterator[Path]:
    names = _ask_git(folder, messages, choice)
    paths = _list_files(folder, messages, choice) if names is None else [folder / name for name in names]
    for path in sorted(paths):
        if _is_folder(path):
            if not path.is_symlink():  # a repository below: which of its files count, it says itself
                yield from _walk(path, messages, choice)
        elif choice.takes(str(path)) and _may_be_file(path):
            yield path


def _may_be_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return True


def _ask_git(folder: Path, messages: list[Message], choice: FileChoice) -> list[str] | None:
    """The files below `folder` that git tracks or would track; None if git is missing or has no say there."""
    checked = _git(folder, "check-ignore", "--quiet", ".")
    if checked is None or checked.returncode != _NOT_IGNORED:
        if checked is not None and b"safe.directory" in checked.stderr:
            text = "git does not say which files to ignore in another user's repository (see its `safe.directory`)"
            messages.append(Message("warning", f"{text}: all are read", Place(str(folder))))
        return None
    listed = _git(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if listed is None or listed.returncode:
        return None
    for line in listed.stderr.splitlines():
        unread = _UNREAD.fullmatch(line)
        if unread:
            path = folder / os.fsdecode(unread["path"])
            if not choice.passes_over(str(path)):
                messages.append(_cannot_read(path, os.fsdecode(unread["reason"])))
    return list(dict.fromkeys(os.fsdecode(name) for name in listed.stdout.split(b"\0") if name))


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes] | None:
    """What git says, run in `folder`, or None if there is no git. A program that a repository configures is not run.

    In a hook, git tells its children which repository they are run for; that need not be the one of `folder`.
    """
    import subprocess  # slow to import, and single files need no git

    command = ["git", "-c", "core.fsmonitor=false", *arguments]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OF_A_REPOSITORY)}
    try:
        return subprocess.run(  # noqa: S603 - arguments are ours
            command, cwd=folder, env={**kept, "LC_ALL": "C"}, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
    except OSError:
        return None


def _list_files(folder: Path, messages: list[Message], choice: FileChoice) -> Iterator[Path]:
    """All files below `folder`, and in place of those of a repository below it the folder of that repository."""

    def report(error: OSError) -> None:
        messages.append(_cannot_read(Path(error.filename), error.strerror))

    for name, folders, files in os.walk(folder, onerror=report):
        parent = Path(name)
        repositories = [each for each in folders if os.path.lexists(parent / each / _GIT)]
        repositories = [each for each in repositories if not choice.passes_over(str(parent / each))]
        folders[:] = [
            each
            for each in folders
            if each != _GIT and each not in repositories and not choice.passes_over(str(parent / each))
        ]
        yield from (parent / each for each in (*files, *repositories))


def _cannot_read(folder: Path, reason: str | None) -> Message:
    return Message("error", f"the folder cannot be read: {reason}; what is in it was left out", Place(str(folder)))
