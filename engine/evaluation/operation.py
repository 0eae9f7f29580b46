"""One RFC 6902 operation of a finished patch, with the rules it comes from."""

from __future__ import annotations

from typing import Any

from ..dataclass import dataclass
from ..value import Value

WITH_VALUE = frozenset({"add", "replace", "test"})
WITH_SOURCE = frozenset({"move", "copy"})
NAMES = (*sorted(WITH_VALUE), *sorted(WITH_SOURCE), "remove")


@dataclass(frozen=True, slots=True)
class Operation:
    """`op` at the JSON Pointer `path`; `source` is the RFC's `from`, `value` plain data where the op has one.

    `rules` are the qualified ids of all rules the operation comes from, in the order they acted.
    """

    op: str
    path: str
    source: str | None = None
    value: Value = None
    rules: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The operation as RFC 6902 section 4 writes it."""
        found: dict[str, Any] = {"op": self.op}
        if self.op in WITH_SOURCE:
            found["from"] = self.source
        found["path"] = self.path
        if self.op in WITH_VALUE:
            found["value"] = self.value
        return found
