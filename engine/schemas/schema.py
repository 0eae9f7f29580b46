"""All JSON Schemas by name, made anew; those that are shipped are read from their files."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from .config import config
from .piece import Schema
from .rule_set import rule_set
from .rule_test import rule_test

SCHEMAS: Mapping[str, Callable[[], Schema]] = {"ruleset": rule_set, "config": config, "test": rule_test}
"""What makes each schema, by the name that `retouch schema` gives it."""


def schema_text(name: str) -> str:
    """The text of a schema, as its file has it."""
    return json.dumps(SCHEMAS[name](), indent=2, ensure_ascii=False) + "\n"
