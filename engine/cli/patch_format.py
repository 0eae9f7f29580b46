"""The patch of every document that changed, as text: one JSON array, JSON lines, kubectl commands or YAML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..dataclass import dataclass, replace
from ..encode import encode
from ..error import InputError, Message, PatchError, Place, UsageError
from .kubectl import patch_command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ..reading.document import Resource


@dataclass(frozen=True, slots=True)
class DocumentPatch:
    """The operations for one document, `rules` naming for each the rules it comes from.

    `document` is its place in the stream from 0 (empty documents count), `item` its place in a list or None.
    """

    file: str | None
    document: int
    item: int | None
    resource: Resource | None
    kubernetes: bool
    place: Place
    operations: Sequence[Mapping[str, Any]] = ()
    rules: Sequence[Sequence[str]] = ()
    warnings: tuple[Message, ...] = ()

    @property
    def note(self) -> Message:
        """What lists the document: its place in the stream, kind and name."""
        where = f"document {self.document}" + (f", item {self.item}" if self.item is not None else "")
        return Message("note", f"{where}{self._called()}", replace(self.place, excerpt=None))

    def _called(self) -> str:
        if self.resource is None:
            return ""
        name = self.resource.name or f"{self.resource.generate_name or ''}*"
        namespace = f"{self.resource.namespace}/" if self.resource.namespace else ""
        return f": {namespace}{self.resource.kind}/{name}"


def as_array(patches: Sequence[DocumentPatch]) -> Iterator[str]:
    """The operations of the one document that changes, one a line; `[]` if none does.

    Raises UsageError if several change, for one array cannot say which document an operation is meant for.
    """
    if len(patches) > 1:
        notes = [patch.note for patch in patches]
        text = (
            f"{len(patches)} documents change, and --format json prints the patch of one: choose it with --select, "
            "or take --format jsonl, kubectl or yaml"
        )
        raise UsageError(text, notes=notes)
    operations = [_json(patch, operation) for patch in patches for operation in patch.operations]
    yield "[\n  " + ",\n  ".join(operations) + "\n]\n" if operations else "[]\n"


def as_lines(patches: Sequence[DocumentPatch]) -> Iterator[str]:
    """A line of JSON per document."""
    for patch in patches:
        yield _json(patch, _record(patch)) + "\n"


def as_commands(patches: Sequence[DocumentPatch]) -> Iterator[str]:
    """A kubectl command per document. Raises one InputError for all documents that kubectl has no name for."""
    problems: list[Message] = []
    commands = []
    for patch in patches:
        try:
            commands.append(patch_command(patch.resource, _json(patch, list(patch.operations)), patch.place))
        except InputError as error:
            problems += error.messages
    if problems:
        raise InputError.of(problems)
    for command in commands:
        yield command + "\n"


def as_yaml(patches: Sequence[DocumentPatch]) -> Iterator[str]:
    """A YAML document per document, for reading."""
    from ..editing.yaml_writer import dump  # only this format needs it

    for patch in patches:
        yield "---\n" + dump(_record(patch))


FORMATS: Mapping[str, Callable[[Sequence[DocumentPatch]], Iterator[str]]] = {
    "json": as_array,
    "jsonl": as_lines,
    "kubectl": as_commands,
    "yaml": as_yaml,
}


def select(patches: Sequence[DocumentPatch], wanted: str) -> DocumentPatch:
    """The one document that `[NAMESPACE/]KIND[.GROUP]/NAME`, or its place in the stream, names; KIND in any case.

    Raises UsageError, listing the documents, if there is none or more than one.
    """
    found = [patch for patch in patches if _is_meant(patch, wanted)]
    if len(found) == 1:
        return found[0]
    listed = found or patches
    notes = [patch.note for patch in listed]
    if found:
        text = f"{len(found)} documents are `{wanted}`; add the namespace or the group, or read fewer files"
    else:
        text = f"no document is `{wanted}`; expected [NAMESPACE/]KIND[.GROUP]/NAME, or a place in the stream from 0"
    raise UsageError(text, notes=notes)


def _is_meant(patch: DocumentPatch, wanted: str) -> bool:
    if wanted.isdecimal():
        return patch.document == int(wanted)
    resource = patch.resource
    parts = wanted.split("/")
    if resource is None or len(parts) not in (2, 3):
        return False
    *namespace, kind, name = parts
    if resource.name != name or namespace not in ([], [resource.namespace]):
        return False
    kind, _, group = kind.partition(".")
    own_group, _, version = resource.apiVersion.rpartition("/")
    return kind.lower() == resource.kind.lower() and group in ("", own_group, f"{version}.{own_group}")


def _json(patch: DocumentPatch, value: Any) -> str:
    try:
        return encode(value, kubernetes=patch.kubernetes)
    except PatchError as error:
        raise PatchError(error.messages[0].text, patch.place) from error


def _record(patch: DocumentPatch) -> dict[str, Any]:
    resource = patch.resource
    return {
        "file": patch.file,
        "document": patch.document,
        "item": patch.item,
        "resource": resource
        and {
            "apiVersion": resource.apiVersion,
            "kind": resource.kind,
            "namespace": resource.namespace,
            "name": resource.name,
        },
        "patch": [dict(operation) for operation in patch.operations],
        "rules": [list(rules) for rules in patch.rules],
    }
