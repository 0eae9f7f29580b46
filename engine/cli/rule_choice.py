"""The rules of a run by name, so that every process can load them for itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..loader import Rules


@dataclass(frozen=True, slots=True)
class RuleChoice:
    """Names and parameters as they were given; `quick` is the rule set that `--set` stands for.

    `standard_input` is the text behind the name `-`.
    """

    names: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    parameter_file: str | None = None
    quick: str | None = None
    standard_input: str | None = None


@cache
def load_rules(choice: RuleChoice) -> Rules:
    """The rules that `choice` names, loaded once per process. Raises as `load` does."""
    from ..loader import Rules, load, load_text  # what fails before needs no loader

    named = load(
        *choice.names,
        parameters=choice.parameters,
        params_file=choice.parameter_file,
        standard_input=choice.standard_input,
    )
    quick = load_text(choice.quick, "--set") if choice.quick else ()
    return Rules((*named, *quick))
