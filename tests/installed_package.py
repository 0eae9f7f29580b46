"""Installs a small package for a test: a folder on the search path with the files and the metadata of a wheel."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def installed(folder: Path, name: str, files: Mapping[str, str], entry_points: str) -> Iterator[Path]:
    """Put the package `name` with `files` (its folder's, `__init__.py` included) and `entry_points` into `folder`."""
    for file, text in {"__init__.py": "", **files}.items():
        path = folder / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    metadata = folder / f"{name}-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(entry_points)
    with importable(folder, name):
        yield folder / name


@contextmanager
def importable(folder: Path, name: str) -> Iterator[None]:
    """Put `folder` on the search path, and forget the package `name` afterwards."""
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for module in [each for each in sys.modules if each == name or each.startswith(f"{name}.")]:
            del sys.modules[module]
