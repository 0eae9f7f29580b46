"""Which release of retouch this is."""

from __future__ import annotations


def version() -> str:
    """The installed version, `0` where the package runs without being installed."""
    from importlib.metadata import PackageNotFoundError  # slow to import, and most runs do not ask
    from importlib.metadata import version as installed

    try:
        return installed("retouch")
    except PackageNotFoundError:
        return "0"
