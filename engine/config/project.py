"""A folder with a `retouch.yaml`: the rule sets that run there, for each file with its parameters and switches."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..error import ConfigError, Message, RetouchError, RuleError, UsageError
from ..expressions.scope import NO_FILTERS
from ..loader import Rules, read_located
from ..rulefile.parameter import Given, fill, from_mapping, missing, unknown
from ..rulefile.switch import switch
from ..stack import on_whole_stack
from ..suggest import listing, suggest
from ..text_file import read_text_file
from .config import Config, Override, Use
from .config_form import read_config
from .config_text import CONFIG_FILE, ConfigText
from .search import find_config

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from ..expressions.filter import Filter
    from ..rule import RuleSet
    from ..rulefile.switch import Switch


@on_whole_stack
def load_config(path: str | os.PathLike[str] = ".", *, params: Mapping[str, Any] | None = None) -> Project:
    """Load the project of a folder, which is the nearest one above it that has a `retouch.yaml`, or of such a file.

    `params` come before what the configuration says; the key `RULESET:NAME` gives a value to one rule set only.
    Raises `ConfigError` for the configuration, and what `load` raises.
    """
    if Path(path).is_file():
        found: ConfigText | None = ConfigText(
            read_text_file(Path(path)), os.fspath(path), str(Path(path).resolve().parent)
        )
    else:
        found = find_config(path)
    if found is None:
        raise UsageError(f"there is no {CONFIG_FILE} in {Path(path).resolve()}, nor in a folder above it")
    return Project(found, from_mapping(params or {}))


class Project:
    """The rule sets of a configuration, read once, and what becomes of them for each file.

    `given` are values of parameters that come before those of the configuration, `filters` are those of packages that
    its expressions know. Not changed by use but for a cache, and safe to use from several threads at once.
    """

    def __init__(self, text: ConfigText, given: Sequence[Given] = ()) -> None:
        """Read everything. Raises as `load_config` does, for mistakes in overrides too."""
        self.root = text.root
        self.config = read_config(text)
        self.given = tuple(given)
        self.filters = configured_filters(self.config)
        self._read = _read_all(self.config, Path(text.root), self.filters)
        self._variants: dict[tuple[int, ...], Rules] = {}
        _check(self.config, self.rule_sets, [rule_sets for _, rule_sets in self._read], self.given)
        self._check_all()

    @property
    def rule_sets(self) -> list[RuleSet]:
        """All its rule sets in order, as their files have them."""
        return [each for _, each in self.used]

    @property
    def used(self) -> list[tuple[Use, RuleSet]]:
        """All its rule sets in order, as their files have them, each with the entry that brings it in."""
        return [(use, each) for use, rule_sets in self._read for each in rule_sets]

    def overrides_of(self, file: str | os.PathLike[str] | None) -> tuple[Override, ...]:
        """The overrides that hold for a file, in order; none for a text that is no file."""
        if file is None:
            return ()
        return tuple(each for each in self.config.overrides if each.holds_for(self.root, os.fspath(file)))

    def rules_for(self, file: str | os.PathLike[str] | None = None) -> Rules:
        """The rules for a file, named as it would be opened, or for a text that is no file.

        Raises `ConfigError` if a parameter is missing there.
        """
        overrides = self.overrides_of(file)
        key = tuple(id(each) for each in overrides)
        if key not in self._variants:
            rules, wrong, lacking = self._make(overrides)
            if wrong or lacking:
                raise ConfigError.of(dict.fromkeys([*wrong, *lacking]))
            self._variants[key] = rules
        return self._variants[key]

    def _check_all(self) -> None:
        """Raise `ConfigError` for all that is wrong in the configuration itself and in every single override.

        What is missing is told of the files where it is: overrides may give it.
        """
        found = [self._make(overrides) for overrides in ((), *((each,) for each in self.config.overrides))]
        messages = dict.fromkeys(message for _, wrong, _ in found for message in wrong)
        if messages:
            raise ConfigError.of(messages)

    def _make(self, overrides: tuple[Override, ...]) -> tuple[Rules, list[Message], list[Message]]:
        """The rules under some overrides, with what is wrong and with which parameters are missing."""
        made: list[RuleSet] = []
        wrong: list[Message] = []
        lacking: list[Message] = []
        for use, rule_sets in self._read:
            layers = [use.params, *(each.params for each in overrides), self.given]
            switches = [*use.switches, *(one for each in overrides for one in each.switches)]
            for rule_set in rule_sets:
                values, origins, messages = fill(rule_set, layers)
                wrong += messages
                lacking += missing(rule_set, origins, use.place)
                made.append(replace(switch(rule_set, switches), values=values, root=self.root))
        return Rules(tuple(made)), [*wrong, *self.config.form.messages], lacking


def configured_filters(config: Config) -> Mapping[str, Filter]:
    """The filters that expressions may use besides those of the language. Raises `ConfigError`."""
    if not config.filters:
        return NO_FILTERS
    from ..package_filter import find_filters  # few projects need any

    try:
        return find_filters(config.filters)
    except UsageError as error:
        raise ConfigError.of(error.messages) from None


def _read_all(config: Config, root: Path, filters: Mapping[str, Filter]) -> list[tuple[Use, tuple[RuleSet, ...]]]:
    """The rule sets of each use, without values. Raises `ConfigError` or `RuleError` with all mistakes."""
    found: list[tuple[Use, tuple[RuleSet, ...]]] = []
    errors: list[RetouchError] = []
    for use in config.uses:
        try:
            found.append((use, tuple(read_located(use.name, Path(os.path.relpath(root)), root, use.place, filters))))
        except RuleError as error:
            errors.append(error)
        except RetouchError as error:
            errors.append(ConfigError.of(error.messages))
    if errors:
        raise type(errors[0]).of(dict.fromkeys(message for each in errors for message in each.messages))
    return found


def _check(
    config: Config, rule_sets: Sequence[RuleSet], groups: Sequence[Sequence[RuleSet]], given: Sequence[Given]
) -> None:
    """Find names of parameters, rules and rule sets that nothing has. Raises `ConfigError`, or `UsageError` for
    what is wrong with `given` alone.
    """
    messages: list[Message] = []
    for use, own in zip(config.uses, groups, strict=True):
        messages += unknown(use.params, own)
        messages += _unknown_rules(use.switches, own)
    for override in config.overrides:
        messages += unknown(override.params, rule_sets)
        messages += _unknown_rules(override.switches, rule_sets)
    if messages:
        raise ConfigError.of(dict.fromkeys(messages))
    messages += unknown(given, rule_sets)
    if messages:
        raise UsageError.of(dict.fromkeys(messages))


def _unknown_rules(switches: Sequence[Switch], rule_sets: Sequence[RuleSet]) -> Iterator[Message]:
    names = list(dict.fromkeys(each.name for each in rule_sets))
    for each in switches:
        if each.only is not None and each.only not in names:
            text = f"no rule set `{each.only}` is used here{suggest(each.only, names) or f'; used: {listing(names)}'}"
            yield Message("error", text, each.place)
            continue
        takers = [one for one in rule_sets if each.only in (None, one.name)]
        known = [rule.id for one in takers for rule in (*one.rules, *one.off)]
        if each.rule not in known:
            hint = suggest(each.rule, known) or (f"; rules: {listing(known)}" if len(known) <= 16 else "")
            who = listing(dict.fromkeys(one.name for one in takers)) or "no rule set"
            yield Message("error", f"there is no rule `{each.rule}` in {who}{hint}", each.place)
