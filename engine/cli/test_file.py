"""Files of rule tests: their texts, and what they name relative to where they are."""

from __future__ import annotations

from os.path import relpath
from pathlib import Path
from typing import TYPE_CHECKING

from ..dataclass import dataclass
from ..error import FileError, Message, Place, UsageError
from ..rule_text import OWN_POINT, built_in, built_in_folder, in_package, is_inside, locate
from ..rulefile.rule_file import NAME
from ..suggest import suggest
from ..testing.case_form import read_rule_tests
from ..testing.update import update
from .file import UTF_8, make_folder, read_file, read_text, write_file, write_text
from .find import find

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from importlib.resources.abc import Traversable

    from ..rule_text import RuleText
    from ..testing.case import RuleTest
    from ..testing.outcome import Result

SUFFIXES = (".test.yaml", ".test.yml")
"""What the names of files of rule tests end in."""


@dataclass(slots=True)
class TestFile:
    """A file of rule tests: what it is called, where it is, in which folder, and its bytes once it was read.

    `root` is the folder of the project, or the one that was named: what the rule files in it name must be below it.
    `point` is the name before the files of a package.
    """

    name: str
    path: Path | Traversable
    folder: Path | Traversable
    root: Path = Path()
    data: bytes = b""
    point: str | None = None

    def read(self) -> tuple[RuleTest, ...]:
        """The rule tests in it. Raises `RuleError` with all mistakes, `FileError` or `InputError`."""
        self.data = _read_bytes(self.path, self.name)
        return read_rule_tests(read_text(self.data, self.name)[0], self.name, self.open, self.find_rules)

    def open(self, name: str) -> str | None:
        """The text of the file of that name, relative to this one; None if there is none."""
        path = self.folder.joinpath(*name.split("/"))
        return read_text(_read_bytes(path, str(path)), str(path))[0] if path.is_file() else None

    def update(self, results: Sequence[Result]) -> list[Result]:
        """Write what came out of its cases as what is expected; what is left of the results.

        Raises `FileError`, and leaves a file as it is, if it cannot be written or has changed since it was read.
        """
        text, encoding = read_text(self.data, self.name)
        made = update(text, self.name, results)
        if made.text == text and not made.files:
            return made.results
        if not (isinstance(self.path, Path) and isinstance(self.folder, Path)):
            raise FileError("what is inside of a package archive cannot be updated", Place(self.name))
        for name, output in made.files.items():
            path = self.folder / name
            if not is_inside(path, self.folder):
                raise FileError("this is a link to a file elsewhere, which --update does not write", Place(str(path)))
            known = read_file(path) if path.is_file() else None
            make_folder(path.parent)
            form = read_text(known)[1] if known is not None else UTF_8
            write_file(path, write_text(output, form), expected=known)
        if made.text != text:
            write_file(self.path, write_text(made.text, encoding), expected=self.data)
        return made.results

    def find_rules(self, name: str, place: Place) -> list[RuleText]:
        """The rule files that a name in this file stands for; in a file of the project, rule files of the project."""
        if self.point is not None:
            return locate(name, folder=self.folder, root=built_in_folder(), place=place, point=self.point)
        is_ours = isinstance(self.folder, Path) and is_inside(self.folder, self.root)
        return locate(name, folder=self.folder, root=self.root if is_ours else None, place=place)


def find_test_files(paths: Iterable[str], root: Path) -> tuple[list[TestFile], list[Message]]:
    """The test files that `paths` name, in the project in the folder `root`, and what went wrong on the way.

    A path is a test file, a rule file with its tests beside it, a folder, in which all test files are found, or the
    name of a built-in rule set. Raises `UsageError` or `FileError` if one of them is nothing.
    """
    found: list[TestFile] = []
    messages: list[Message] = []
    for name in paths:
        ours = built_in() if NAME.fullmatch(name) else {}
        if name in ours:  # before a folder of that name, as everywhere
            tests = built_in_tests(name)
            if not tests:
                messages.append(Message("error", f"the built-in rule set `{name}` has no tests"))
            found += tests
            continue
        if not Path(name).exists() and in_package(name)[0]:
            raise UsageError(f"tests are run where they are written, and not by the name of a package; found `{name}`")
        if not Path(name).exists() and (hint := suggest(name, ours)):
            raise UsageError(f"there is no file, folder or built-in rule set `{name}`{hint}")
        finding = find([_beside(name)])
        messages += (each for each in finding.messages if each.severity == "error")
        for each in finding.inputs:
            if each.path is None:
                raise UsageError("rule tests are not read from standard input: name files or folders")
            if each.folder is None or each.name.endswith(SUFFIXES):
                path = each.path if each.path.is_absolute() else Path(relpath(each.path))
                top = root if each.folder is None or is_inside(each.folder, root) else each.folder
                found.append(TestFile(str(path), path, path.parent, top))
    return list({_real(each): each for each in found}.values()), messages


def _beside(name: str) -> str:
    """The file of tests that stands beside a rule file; for what is none, or has none, `name` as it is."""
    stem, dot, suffix = name.rpartition(".")
    tests = f"{stem}.test.{suffix}"
    return tests if dot and not name.endswith(SUFFIXES) and Path(name).is_file() and Path(tests).is_file() else name


def built_in_tests(name: str) -> list[TestFile]:
    """The files with tests of a built-in rule set: NAME.test.yaml, and those in the folder of its parts."""
    *folders, last = name.split("/")
    folder = built_in_folder().joinpath(*folders)
    prefix = name.removesuffix(last)
    found = [_of(folder, f"{last}{suffix}", prefix) for suffix in SUFFIXES if (folder / f"{last}{suffix}").is_file()]
    if (folder / last).is_dir():
        found += sorted(_below(folder / last, f"{name}/"), key=lambda each: each.name)
    return found


def _real(one: TestFile) -> str:
    return str(one.path.resolve()) if isinstance(one.path, Path) else one.name


def _below(folder: Traversable, prefix: str) -> Iterator[TestFile]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _below(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(SUFFIXES):
            yield _of(folder, entry.name, prefix)


def _of(folder: Traversable, name: str, prefix: str) -> TestFile:
    """A file of tests in a folder of built-in rule sets, which `prefix` leads to."""
    return TestFile(f"{OWN_POINT}:{prefix}{name}", folder / name, folder, point=OWN_POINT)


def _read_bytes(path: Path | Traversable, name: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileError(f"it cannot be read: {error.strerror}", Place(name)) from None
