"""Turns `--set PATH=VALUE` into the rule set it stands for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ..error import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

_HEAD = "apiVersion: retouch/v1\nkind: RuleSet\nmetadata: {name: command-line}\nrules:\n"


def quick_rule_set(settings: Iterable[str]) -> str:
    """The text of a rule set with one `set` action for each `PATH=VALUE`, in order.

    VALUE is YAML and stands in the rule set as it was given, expressions included. Raises UsageError.
    """
    return _HEAD + "".join(_rule(number, setting) for number, setting in enumerate(settings, 1))


def _rule(number: int, setting: str) -> str:
    path, value = _split(setting)
    if not path.startswith("$"):
        better = "$" + (path if path.startswith((".", "[")) else f".{path}")
        raise UsageError(f"--set {setting}: a path starts at `$`, the document; did you mean `{better}={value}`?")
    lines = value.splitlines() or [""]
    block = "\n".join(f"      {line}".rstrip() for line in lines)
    return f"- id: set-{number}\n  actions:\n  - set: {json.dumps(path)}\n    value:\n{block}\n"


def _split(setting: str) -> tuple[str, str]:
    """Path and value, split at the first `=` that is outside of brackets and quotes."""
    depth, quote = 0, ""
    for index, char in enumerate(setting):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in "[(":
            depth += 1
        elif char in "])":
            depth -= 1
        elif char == "=" and not depth:
            return setting[:index], setting[index + 1 :]
    raise UsageError(f"--set {setting}: expected PATH=VALUE, for example --set '$.spec.replicas=3'")
