"""Finds the configuration of the project that a folder is in, and reads its text."""

from __future__ import annotations

import os
from pathlib import Path

from ..text_file import read_text_file
from .config_text import CONFIG_FILE, ConfigText


def find_config(start: str | os.PathLike[str] = ".") -> ConfigText | None:
    """The `retouch.yaml` of the folder `start`, or of the nearest folder above it that has one.

    Raises `FileError` if it cannot be read.
    """
    folder = Path(start).resolve()
    for each in (folder, *folder.parents):
        path = each / CONFIG_FILE
        if os.path.lexists(path):
            shown = Path(os.path.relpath(path, Path.cwd()))
            return ConfigText(read_text_file(shown), str(shown), str(each))
    return None
