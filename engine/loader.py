"""Finds rule sets by name, file or folder and loads them: read, checked, compiled, their parameters given."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .error import FileError, Message, Place, RuleError, UsageError
from .rulefile.parameter import Given, from_file, from_mapping, from_texts, resolve
from .rulefile.part import part_names
from .rulefile.rule_file import KIND, NAME, read_rule_file
from .stack import on_whole_stack
from .suggest import suggest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from importlib.resources.abc import Traversable

    from .rule import RuleSet

STANDARD_INPUT = "-"
_PACKAGE = f"{__package__}.rules"  # where the built-in rule files are
_SUFFIXES = (".yaml", ".yml")
_IS_RULE_SET = re.compile(rf"\b{KIND}\b")  # and no part of one


@dataclass(frozen=True, slots=True)
class Rules:
    """Rule sets ready to run, in order. Immutable, and safe to use from several threads at once."""

    rulesets: tuple[RuleSet, ...]

    def __iter__(self) -> Iterator[RuleSet]:
        return iter(self.rulesets)

    def __len__(self) -> int:
        return len(self.rulesets)


@dataclass(frozen=True, slots=True)
class _Text:
    """A rule file's text, what to call it, and the folder it is in, if it is a file."""

    text: str
    file: str
    folder: Path | Traversable | None = None

    def part(self, name: str) -> tuple[str, str]:
        """The text of a file in that folder, and what to call it."""
        path = (self.folder or Path()).joinpath(*name.split("/"))
        return _read(path), str(path)


@on_whole_stack
def load(
    *names: str | os.PathLike[str],
    params: Mapping[str, Any] | None = None,
    parameters: Sequence[str] = (),
    params_file: str | os.PathLike[str] | None = None,
    standard_input: str | None = None,
) -> Rules:
    """Load rule sets, in the order given.

    A name is that of a built-in rule set (`argo/artifacts-to-volume`), a file, a folder (every rule set in the YAML
    files below it, by name, `*.test.yaml` left out), or `-` for the text `standard_input`. Parameter values come from
    `params_file`, then `params`, then `parameters` (`NAME=VALUE` as on the command line), the last one counting; a key
    `RULESET:NAME` gives a value to one rule set only. A value goes to every rule set that declares the parameter.

    Raises `UsageError` for an unknown name or a wrong parameter, `RuleError` with all mistakes of the rule files,
    `FileError` if a file cannot be read.

    >>> rules = load("argo/artifacts-to-volume", params={"volume": {"persistentVolumeClaim": {"claimName": "data"}}})
    >>> [rule_set.name for rule_set in rules]
    ['argo/artifacts-to-volume']
    """
    given = given_values(params, parameters, params_file)
    texts = [text for name in names for text in _find(os.fspath(name), standard_input)]
    return _give(_read_all(texts), given)


def given_values(
    params: Mapping[str, Any] | None = None,
    parameters: Sequence[str] = (),
    params_file: str | os.PathLike[str] | None = None,
) -> list[Given]:
    """Values of parameters from where `load` takes them, later ones before earlier ones. Raises as it does."""
    given = from_file(_read(Path(params_file)), os.fspath(params_file)) if params_file is not None else []
    return [*given, *from_mapping(params or {}), *from_texts(parameters)]


@on_whole_stack
def load_text(text: str, file: str | None = None, *, params: Mapping[str, Any] | None = None) -> Rules:
    """Load the rule sets in `text`; `file` is what messages call it. Raises as `load` does."""
    return _give(_read_all([_Text(text, file or "<rules>")]), from_mapping(params or {}))


def available() -> tuple[RuleSet, ...]:
    """The built-in rule sets by name, without parameter values. Reads every one of them."""
    return tuple(_read_all(_built_in_text(name) for name in sorted(_built_in())))


def show(name: str) -> str:
    """The text of the rule file or files that `name` stands for in `load`."""
    found = _find(name, None)
    return "---\n".join(text for each in found for text in (each.text, *_part_texts(each)))


def _part_texts(whole: _Text) -> Iterator[str]:
    names = part_names(whole.text) if whole.folder is not None else []
    return (whole.part(name)[0] for name in names)


def read_named(name: str, folder: Path) -> list[RuleSet]:
    """The rule sets that `name` stands for in a file of `folder`, without parameter values. Raises as `load` does."""
    built_in = NAME.fullmatch(name) is not None and (files(_PACKAGE) / f"{name}.yaml").is_file()
    return _read_all(_find(name if built_in else str(folder / name), None))


def _give(rule_sets: Sequence[RuleSet], given: Sequence[Given]) -> Rules:
    values = resolve(rule_sets, given)
    return Rules(tuple(replace(each, values=own) for each, own in zip(rule_sets, values, strict=True)))


def _read_all(texts: Iterable[_Text]) -> list[RuleSet]:
    found: list[RuleSet] = []
    messages: list[Message] = []
    for each in texts:
        try:
            found += read_rule_file(each.text, each.file, each.part if each.folder is not None else None)
        except RuleError as error:
            messages += error.messages
    if messages:
        raise RuleError.of(messages)
    return found


def _find(name: str, standard_input: str | None) -> list[_Text]:
    if name == STANDARD_INPUT:
        return [_Text(standard_input or "", "<stdin>")]
    if NAME.fullmatch(name) and (files(_PACKAGE) / f"{name}.yaml").is_file():
        return [_built_in_text(name)]
    path = Path(name)
    if path.is_dir():
        return _in_folder(path)
    if path.exists():
        return [_Text(_read(path), name, path.parent)]
    raise UsageError(_not_found(name, path))


def _in_folder(folder: Path) -> list[_Text]:
    paths = sorted(path for path in folder.rglob("*") if path.suffix in _SUFFIXES and not _is_left_out(path, folder))
    texts = [_Text(text, str(path), path.parent) for path in paths if _IS_RULE_SET.search(text := _read(path))]
    if not texts:
        raise UsageError(f"the folder `{folder}` holds no rule set: no YAML file in it has `kind: {KIND}`")
    return texts


def _built_in_text(name: str) -> _Text:
    *folders, last = name.split("/")
    folder = files(_PACKAGE).joinpath(*folders)
    path = folder / f"{last}.yaml"
    return _Text(_read(path), str(path), folder)


def _is_left_out(path: Path, folder: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    return hidden or path.stem.endswith(".test") or not path.is_file()


def _built_in() -> dict[str, Traversable]:
    """The built-in rule files by the name of their rule set: their path in the package without `.yaml`."""
    found: dict[str, Traversable] = {}
    folders = [("", files(_PACKAGE))]
    while folders:
        prefix, folder = folders.pop()
        for entry in folder.iterdir():
            if entry.is_dir():
                folders.append((f"{prefix}{entry.name}/", entry))
            elif entry.name.endswith(".yaml") and _is_rule_set(entry):
                found[prefix + entry.name.removesuffix(".yaml")] = entry
    return found


def _is_rule_set(entry: Traversable) -> bool:
    return not entry.name.endswith(".test.yaml") and _IS_RULE_SET.search(_read(entry)) is not None


def _not_found(name: str, path: Path) -> str:
    looked = f"looked among the built-in rule sets (`retouch rules list`) and for the file or folder {path.absolute()}"
    siblings = [str(path.parent / each.name) for each in path.parent.iterdir()] if path.parent.is_dir() else []
    hint = suggest(name, [*_built_in(), *(f"./{each}" if name.startswith("./") else each for each in siblings)])
    return f"there is no rule set `{name}`{hint}; {looked}"


def _read(path: Path | Traversable) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise FileError(f"cannot be read: {error.strerror}", Place(str(path))) from None
    except UnicodeDecodeError as error:
        raise FileError(f"is no UTF-8 text (byte {error.start})", Place(str(path))) from None
