"""Finds the configuration of the project that a folder is in, and reads its text."""

from __future__ import annotations

import os
from pathlib import Path

from ..error import FileError, Place
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
            return ConfigText(read_text(shown), str(shown), str(each))
    return None


def read_text(path: Path) -> str:
    """The text of a file. Raises `FileError`."""
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise FileError(f"cannot be read: {error.strerror}", Place(str(path))) from None
    except UnicodeDecodeError as error:
        raise FileError(f"is no UTF-8 text (byte {error.start})", Place(str(path))) from None
