"""Reads the files that say what is done: rule files, parameters, configurations. They are UTF-8."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .error import FileError, Place

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


def read_text_file(path: Path | Traversable) -> str:
    """The text of a file. Raises `FileError`."""
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise FileError(f"cannot be read: {error.strerror}", Place(str(path))) from None
    except UnicodeDecodeError as error:
        raise FileError(f"is no UTF-8 text (byte {error.start})", Place(str(path))) from None
