"""What a file of rule tests says once it is read: rule sets, and cases with inputs and what is expected of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..dataclass import dataclass
from ..error import NOWHERE, Place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..rule_text import RuleText
    from ..value import Value


@dataclass(frozen=True, slots=True)
class Expected:
    """A text that is expected: where it stands, and the keys that lead to it from the case, or the file it is in.

    The text is None where that file is not there.
    """

    text: str | None
    place: Place = NOWHERE
    keys: tuple[str, ...] = ()
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """Inputs by name, and what is expected when the rules have run over all of them together.

    `outputs` holds the expected texts by name; an input without one must stay as it is. Without `outputs` (None) the
    texts are not compared. `errors` and `warnings` are texts that messages contain. `patch` is that of the one document
    that changes. With `stable` a second run must change nothing.
    """

    name: str
    number: int  # place in its file, from 0
    place: Place
    params: Mapping[str, Value]
    inputs: Mapping[str, str]
    outputs: Mapping[str, Expected] | None = None
    unchanged: bool = False
    errors: tuple[Expected, ...] = ()
    warnings: tuple[Expected, ...] = ()
    patch: list[dict[str, Any]] | None = None
    stable: bool = True
    has_names: bool = False  # the inputs stand under `inputs`

    @property
    def expects(self) -> bool:
        """Whether anything is expected at all."""
        texts = self.outputs is not None or self.unchanged or self.patch is not None
        return texts or bool(self.errors) or bool(self.warnings)


@dataclass(frozen=True, slots=True)
class RuleTest:
    """One document of a test file: its rule files, and its cases in order."""

    file: str
    index: int  # place of the document in the file, from 0
    rule_texts: tuple[RuleText, ...]
    cases: tuple[Case, ...]
