"""Parameters that narrow those of an extended rule set: what two schemas say together, and where one says more."""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from ..suggest import listing
from ..value import equal
from .plain_schema import NOTES
from .schema import type_names, type_words

_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_BOUNDS: Mapping[str, Callable[[Any, Any], bool]] = {
    **dict.fromkeys(_LOWER, operator.ge),
    **dict.fromkeys(_UPPER, operator.le),
}


def narrow(wide: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The schema that allows what both allow, provided that `own` widens nothing; notes and default are those of `own`.

    Keywords that may have to do with others of their schema stay apart from those of the other schema, under `allOf`.
    """
    replaced = {key: value for key, value in own.items() if _replaces(key, value)}
    rest = {key: value for key, value in own.items() if key not in replaced}
    kept = dict(wide)
    apart: list[dict[str, Any]] = []
    if "required" in replaced and isinstance(kept.get("required"), list):
        apart.append({"required": kept.pop("required")})
    elif "required" in rest and isinstance(kept.get("required"), bool):
        apart.append({"required": rest.pop("required")})
    if rest and (apart or not all(_replaces(key, value) for key, value in kept.items())):
        apart.append(rest)
        rest = {}
    if apart:
        kept["allOf"] = [*kept.get("allOf", ()), *apart]
    return {**kept, **replaced, **rest}


def widenings(wide: Mapping[str, Any], own: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The keys of `own` that would allow what `wide` does not, as far as one can tell, and what `wide` says there."""
    types = type_names(wide)
    if types and not all(_is_one(name, types) for name in type_names(own)):
        yield "type", type_words(wide)
    if "enum" in wide and not all(any(equal(each, known) for known in wide["enum"]) for each in own.get("enum", ())):
        yield "enum", listing(map(str, wide["enum"]))
    for key, fits in _BOUNDS.items():
        if key in wide and key in own and not fits(own[key], wide[key]):
            yield key, f"`{wide[key]}`"
    if own.get("required") is False and wide.get("required") is True:
        yield "required", "`true`"


def _replaces(key: str, value: Any) -> bool:
    """Whether a keyword stands for itself, so that one of the same name can take its place."""
    return key in NOTES or key in ("type", "enum") or key in _BOUNDS or (key == "required" and isinstance(value, bool))


def _is_one(name: str, types: Collection[str]) -> bool:
    return name in types or (name == "integer" and "number" in types)
