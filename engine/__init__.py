"""Rewrites YAML and JSON by rule: real patches, and not one byte changed that need not be."""

from .document import Resource
from .edit import Edit
from .error import (
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
from .load import Rules, load, load_text
from .result import DocumentResult, Rewrite
from .rewrite import apply_patch, make_patch, rewrite, rewrite_object

__all__ = [
    "DocumentResult",
    "Edit",
    "FileError",
    "GuardError",
    "InputError",
    "Message",
    "PatchError",
    "Place",
    "RefusedError",
    "Resource",
    "RetouchError",
    "Rewrite",
    "RuleError",
    "Rules",
    "UsageError",
    "apply_patch",
    "load",
    "load_text",
    "make_patch",
    "rewrite",
    "rewrite_object",
]
