"""Filters that take file paths and image references apart. Paths are POSIX paths; no file system is looked at."""

from __future__ import annotations

import posixpath

from ..late_pattern import late_pattern
from ..value import Value
from . import predicate
from .filter import declare
from .operand import describe
from .scope import ExpressionError

_DEFAULT_REGISTRY = "docker.io"
_HOST = late_pattern(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:]+\])(?::[0-9]+)?")
_REFERENCE = late_pattern(
    r"(?P<repository>[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?"
    r"(?:@(?P<digest>[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9A-Fa-f]{32,}))?"
)
_LONGEST_REFERENCE = 1_000


@declare()
def dirname(value: str) -> Value:
    return posixpath.dirname(value)


@declare()
def basename(value: str) -> Value:
    return posixpath.basename(value)


@declare()
def splitext(value: str) -> Value:
    return list(posixpath.splitext(value))


@declare()
def normpath(value: str) -> Value:
    return posixpath.normpath(value)


@declare()
def ancestors(value: str) -> Value:
    parts = value.split("/")
    above = ("/".join(parts[:end]) or "/" for end in range(1, len(parts)))
    return [each for each in above if each != value]


@declare()
def relpath(value: str, start: str = ".") -> Value:
    if value.startswith("/") != start.startswith("/"):
        found = f"{describe(value)} and {describe(start)}"
        raise ExpressionError(f"both paths must start with `/`, or neither; found {found}")
    # What relative paths are relative to is unknown: it stands for as many folders as `..` could leave.
    depth = 0 if value.startswith("/") else f"{value}/{start}".count("..") + 1
    base = "".join(f"/\0{level}" for level in range(depth))
    result = posixpath.relpath(f"{base}/{value}", f"{base}/{start}")
    if "\0" in result:
        raise ExpressionError(f"{describe(start)} lies above {describe(value)}, in folders whose names are unknown")
    return result


@declare()
def image(value: str) -> Value:
    if len(value) > _LONGEST_REFERENCE:
        raise ExpressionError(f"an image reference has up to {_LONGEST_REFERENCE:,} characters; found {len(value):,}")
    head, slash, rest = value.partition("/")
    is_host = bool(slash) and ("." in head or ":" in head or head == "localhost" or head != head.lower())
    found = _REFERENCE.fullmatch(rest if is_host else value)
    if found is None or (is_host and not _HOST.fullmatch(head)):
        raise ExpressionError(f"{describe(value)} is no image reference such as `registry/repository:tag@sha256:...`")
    registry = head if is_host else _DEFAULT_REGISTRY
    repository = found["repository"]
    if registry in {_DEFAULT_REGISTRY, "index.docker.io"}:
        registry = _DEFAULT_REGISTRY
        repository = repository if "/" in repository else f"library/{repository}"
    parts = {"registry": registry, "repository": repository, "name": posixpath.basename(repository)}
    return parts | {key: found[key] for key in ("tag", "digest") if found[key] is not None}


@predicate.declare("image")
def is_image(value: Value) -> bool:
    if not isinstance(value, str):
        return False
    try:
        image(value)
    except ExpressionError:
        return False
    return True
