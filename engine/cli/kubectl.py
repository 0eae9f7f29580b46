"""The shell line that has kubectl apply a patch to the object of a cluster."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from ..error import NOWHERE, InputError, Place

if TYPE_CHECKING:
    from ..reading.document import Resource


def resource_argument(resource: Resource) -> str:
    """`KIND.VERSION.GROUP/NAME`; the core group has no name, but its dot must stand (`ConfigMap.v1./a`)."""
    group, _, version = resource.apiVersion.rpartition("/")
    return f"{resource.kind}.{version}.{group}/{resource.name}"


def patch_command(resource: Resource | None, patch: str, place: Place = NOWHERE) -> str:
    """A line that is safe to paste and to pipe into `sh`; `patch` is one line of JSON.

    The patch goes through standard input, since an argument ends at 128 KiB. Raises InputError for a document that
    kubectl has no name for.
    """
    if resource is None:
        raise InputError("kubectl patches Kubernetes objects, and this document has no `apiVersion` and `kind`", place)
    if resource.name is None:
        raise InputError(_nameless(resource), place)
    namespace = f" -n {shlex.quote(resource.namespace)}" if resource.namespace else ""
    target = shlex.quote(resource_argument(resource))
    return f"printf %s {shlex.quote(patch)} | kubectl patch {target}{namespace} --type=json --patch-file /dev/stdin"


def _nameless(resource: Resource) -> str:
    if resource.generate_name is not None:
        return (
            f"this {resource.kind} has only `generateName: {resource.generate_name}`: the server chooses a name for "
            "each object that is created from it, so there is no one object to patch; "
            "`retouch apply` gives a file to create objects from"
        )
    return f"this {resource.kind} has no `metadata.name`, so kubectl cannot find the object to patch"
