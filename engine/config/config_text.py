"""A configuration as it was found: text and place."""

from __future__ import annotations

from ..dataclass import dataclass

CONFIG_FILE = "retouch.yaml"


@dataclass(frozen=True, slots=True)
class ConfigText:
    """A configuration as it was found: its text, what messages call its file, and the folder it is in."""

    text: str
    file: str
    root: str
