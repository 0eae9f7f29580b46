"""Rewrites YAML and JSON by rule: real patches, and not one byte changed that need not be."""

from __future__ import annotations

TYPE_CHECKING = False  # `typing` itself takes longer to import than all that is needed here

if TYPE_CHECKING:
    from typing import Any

    from .config.project import Project, load_config
    from .editing.edit import Edit
    from .error import (
        ConfigError,
        FileError,
        GuardError,
        InputError,
        Message,
        PatchError,
        Place,
        RefusedError,
        RetouchError,
        RuleError,
        UsageError,
    )
    from .explain import DerivedRow, DerivedTable, Location, RowReference, derive_facts
    from .loader import Rules, load, load_text
    from .patcher import apply_patch
    from .plain_rewriter import make_patch, rewrite_object
    from .reading.document import Resource
    from .result import DocumentResult, Rewrite
    from .rewriter import rewrite, rewrite_all

__all__ = [
    "ConfigError",
    "DerivedRow",
    "DerivedTable",
    "DocumentResult",
    "Edit",
    "FileError",
    "GuardError",
    "InputError",
    "Location",
    "Message",
    "PatchError",
    "Place",
    "Project",
    "RefusedError",
    "Resource",
    "RetouchError",
    "Rewrite",
    "RowReference",
    "RuleError",
    "Rules",
    "UsageError",
    "apply_patch",
    "derive_facts",
    "load",
    "load_config",
    "load_text",
    "make_patch",
    "rewrite",
    "rewrite_all",
    "rewrite_object",
]

_HOMES = {
    "ConfigError": "error",
    "DerivedRow": "explain",
    "DerivedTable": "explain",
    "DocumentResult": "result",
    "Edit": "editing.edit",
    "FileError": "error",
    "GuardError": "error",
    "InputError": "error",
    "Location": "explain",
    "Message": "error",
    "PatchError": "error",
    "Place": "error",
    "Project": "config.project",
    "RefusedError": "error",
    "Resource": "reading.document",
    "RetouchError": "error",
    "Rewrite": "result",
    "RowReference": "explain",
    "RuleError": "error",
    "Rules": "loader",
    "UsageError": "error",
    "apply_patch": "patcher",
    "derive_facts": "explain",
    "load": "loader",
    "load_config": "config.project",
    "load_text": "loader",
    "make_patch": "plain_rewriter",
    "rewrite": "rewriter",
    "rewrite_all": "rewriter",
    "rewrite_object": "plain_rewriter",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is first asked for: `retouch --version` needs none of it."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    return value


def __dir__() -> list[str]:
    return __all__
