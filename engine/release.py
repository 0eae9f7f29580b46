"""Which release of retouch this is."""

from __future__ import annotations

import os

_BEGIN, _END = "retouch-", ".dist-info"


def version() -> str:
    """The installed version, `0` where the package runs without being installed."""
    return _version_beside() or _version_anywhere()


def _version_beside() -> str | None:
    """What the folder of our metadata is called, which an installer puts beside the package: no need to read it."""
    try:
        names = os.listdir(os.path.dirname(os.path.dirname(__file__)))  # noqa: PTH120, PTH208 - `pathlib` is slow to import
    except OSError:  # in an archive
        return None
    found = [name for name in names if name.startswith(_BEGIN) and name.endswith(_END)]
    return found[0][len(_BEGIN) : -len(_END)] if len(found) == 1 else None


def _version_anywhere() -> str:
    from importlib.metadata import PackageNotFoundError  # slow to import
    from importlib.metadata import version as installed

    try:
        return installed("retouch")
    except PackageNotFoundError:
        return "0"
