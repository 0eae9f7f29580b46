"""Where a file stands in its project: the path that rules and globs see."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import PurePath


def project_path(root: str | None, file: str) -> str:
    """The `/`-separated path of `file` from the project root, with `..` in front if it is not below it.

    Without a root, and for names of what is no file (`<stdin>`), `file` as it is given. A link is where it stands,
    not where it leads; only a file that is outside by its name is looked for where it really is.
    """
    if root is None or not is_file(file):
        return _as_posix(file)
    return _from(root, file if os.path.isabs(file) else os.path.join(os.getcwd(), file))  # noqa: PTH109, PTH117, PTH118


@lru_cache(maxsize=64)
def _as_posix(file: str) -> str:
    return PurePath(file).as_posix()


@lru_cache(maxsize=8192)
def _from(root: str, file: str) -> str:
    path = _relative(file, root)
    if is_outside(path):
        folder, name = os.path.split(file)
        real = _relative(os.path.join(os.path.realpath(folder), name), os.path.realpath(root))  # noqa: PTH118
        path = path if is_outside(real) else real
    return path


def _relative(file: str, root: str) -> str:
    return PurePath(os.path.relpath(file, root)).as_posix()


def is_file(name: str) -> bool:
    """Whether an input of that name is a file, and not `<stdin>` or the like."""
    return not (name.startswith("<") and name.endswith(">"))


def is_outside(path: str) -> bool:
    """Whether a path that `project_path` gave leads out of the project."""
    return path == ".." or path.startswith("../")
