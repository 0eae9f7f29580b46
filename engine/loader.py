"""Finds rule sets by name, file or folder and loads them: read, checked, compiled, their parameters given."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .dataclass import dataclass, replace
from .error import NOWHERE, Message, Place, RuleError
from .expressions.scope import NO_FILTERS
from .rule_text import RuleText, is_inside, locate
from .rulefile.parameter import Given, from_file, from_mapping, from_texts, resolve
from .rulefile.part import part_names, roots_with
from .rulefile.rule_file import read_rule_file, read_whole
from .stack import on_whole_stack
from .text_file import read_text_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .expressions.filter import Filter
    from .package_filter import CustomFilter
    from .rule import RuleSet

STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True)
class Rules:
    """Rule sets ready to run, in order. Immutable, and safe to use from several threads at once."""

    rulesets: tuple[RuleSet, ...]

    def __iter__(self) -> Iterator[RuleSet]:
        return iter(self.rulesets)

    def __len__(self) -> int:
        return len(self.rulesets)


@on_whole_stack
def load(
    *names: str | os.PathLike[str],
    params: Mapping[str, Any] | None = None,
    parameters: Sequence[str] = (),
    params_file: str | os.PathLike[str] | None = None,
    standard_input: str | None = None,
    root: str | os.PathLike[str] | None = None,
    filters: Sequence[CustomFilter] = (),
) -> Rules:
    """Load rule sets, in the order given.

    A name is that of a built-in rule set (`argo/artifacts-to-volume`), a file, a folder (every rule set in the YAML
    files below it, by name, `*.test.yaml` left out), `PACKAGE:NAME` for one of an installed package, or `-` for the
    text `standard_input`. What these name themselves must be below `root` (default: the working directory), or below
    their own folder if that is elsewhere.

    Parameter values come from `params_file`, then `params`, then `parameters` (`NAME=VALUE` as on the command line),
    the last one counting; a key `RULESET:NAME` gives a value to one rule set only. A value goes to every rule set that
    declares the parameter.
    `filters` are filters of yours that expressions may use: functions of plain data, each under its own name, or
    `PACKAGE:NAME` for one of an installed package.

    Raises `UsageError` for an unknown name or a wrong parameter, `RuleError` with all mistakes of the rule files,
    `FileError` if a file cannot be read.

    >>> rules = load("argo/artifacts-to-volume", params={"volume": {"persistentVolumeClaim": {"claimName": "data"}}})
    >>> [rule_set.name for rule_set in rules]
    ['argo/artifacts-to-volume']
    """
    given = given_values(params, parameters, params_file)
    project = Path(root) if root is not None else Path()
    texts = [text for name in names for text in _named(os.fspath(name), project, standard_input)]
    return _give(_read_all(texts, _filters(filters)), given)


def given_values(
    params: Mapping[str, Any] | None = None,
    parameters: Sequence[str] = (),
    params_file: str | os.PathLike[str] | None = None,
) -> list[Given]:
    """Values of parameters from where `load` takes them, later ones before earlier ones. Raises as it does."""
    given = from_file(read_text_file(Path(params_file)), os.fspath(params_file)) if params_file is not None else []
    return [*given, *from_mapping(params or {}), *from_texts(parameters)]


@on_whole_stack
def load_text(
    text: str,
    file: str | None = None,
    *,
    params: Mapping[str, Any] | None = None,
    filters: Sequence[CustomFilter] = (),
) -> Rules:
    """Load the rule sets in `text`; `file` is what messages call it.

    `params` and `filters` are those of `load`, and it raises as that does.
    """
    return _give(_read_all([RuleText(text, file or "<rules>")], _filters(filters)), from_mapping(params or {}))


@on_whole_stack
def read_rule_sets(texts: Iterable[RuleText], filters: Mapping[str, Filter] = NO_FILTERS) -> tuple[RuleSet, ...]:
    """The rule sets of rule files, in order, without values of their parameters. Raises `RuleError`."""
    return tuple(_read_all(texts, filters))


def give(rule_sets: Sequence[RuleSet], params: Mapping[str, Any]) -> Rules:
    """Rule sets with values for their parameters. Raises `UsageError` for wrong ones."""
    return _give(rule_sets, from_mapping(params))


def show(
    name: str, *, root: Path | None = None, origins: bool = False, filters: Mapping[str, Filter] = NO_FILTERS
) -> str:
    """The text of the rule file or files that `name` stands for in `load`.

    Of those that extend others, and of all with `origins`, it is the effective rule set, each entry with its place.
    Raises as `load` does.
    """
    found = _named(name, root or Path(), None)
    return "---\n".join(text for each in found for text in _shown(each, filters, origins=origins))


def _shown(text: RuleText, filters: Mapping[str, Filter], *, origins: bool) -> list[str]:
    if not origins and not roots_with(text.text, "extends"):
        return [text.text, *_part_texts(text)]
    from .effective import effective_text  # needed here only

    return [effective_text(*each) for each in read_whole(text, filters)]


def _part_texts(whole: RuleText) -> Iterator[str]:
    names = part_names(whole.text) if whole.has_folder else []
    return (whole.part(name)[0] for name in names)


def read_located(
    name: str, folder: Path, root: Path, place: Place, filters: Mapping[str, Filter] = NO_FILTERS
) -> list[RuleSet]:
    """The rule sets that `name`, written at `place` in a file of `folder`, stands for, without parameter values.

    Raises as `load` does, for files outside of `root` too.
    """
    return _read_all(locate(name, folder=folder, root=root, place=place), filters)


def _give(rule_sets: Sequence[RuleSet], given: Sequence[Given]) -> Rules:
    values = resolve(rule_sets, given)
    return Rules(tuple(replace(each, values=own) for each, own in zip(rule_sets, values, strict=True)))


def _filters(asked: Sequence[CustomFilter]) -> Mapping[str, Filter]:
    if not asked:
        return NO_FILTERS
    from .package_filter import find_filters  # few rule sets need any

    return find_filters((each, NOWHERE) for each in asked)


def _read_all(texts: Iterable[RuleText], filters: Mapping[str, Filter] = NO_FILTERS) -> list[RuleSet]:
    found: list[RuleSet] = []
    messages: list[Message] = []
    for each in texts:
        try:
            found += read_rule_file(each, filters)
        except RuleError as error:
            messages += error.messages
    if messages:
        raise RuleError.of({(each.place, each.text): each for each in messages}.values())
    return found


def _named(name: str, root: Path, standard_input: str | None) -> list[RuleText]:
    """The rule files that the caller names: these may be anywhere, but what they name may not."""
    if name == STANDARD_INPUT:
        return [RuleText(standard_input or "", "<stdin>")]
    texts = locate(name, folder=Path())
    if len(texts) == 1 and texts[0].file == os.path.normpath(name):
        texts = [replace(texts[0], file=name)]  # messages call it what the caller calls it
    return [replace(each, root=root) if _is_of(each, root) else each for each in texts]


def _is_of(text: RuleText, root: Path) -> bool:
    return text.point is None and isinstance(text.folder, Path) and is_inside(text.folder, root)
