"""Writes what came out of cases into the text of their test file as what is expected; all else stays as it is."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from ..dataclass import dataclass, field, replace
from ..patcher import apply_patch
from ..pointer import join
from .outcome import Outcome, Result

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from .case import Expected

UPDATED = frozenset(
    {Outcome.WRONG_OUTPUT, Outcome.UNEXPECTED_CHANGE, Outcome.WRONG_PATCH, Outcome.NOTHING_EXPECTED},
)
"""The outcomes that go away when what came out is what is expected."""


@dataclass(slots=True)
class Update:
    """What to write: the new text of the test file, texts of files beside it, and what is left of each result."""

    text: str
    files: dict[str, str] = field(default_factory=dict)
    results: list[Result] = field(default_factory=list)


def update(text: str, file: str, results: Iterable[Result]) -> Update:
    """The update of a test file by the results of its cases. Linear in the text, once for each of its documents.

    Expected messages stay as they are, and so do cases with messages that are not expected: nobody has read these yet.
    """
    found = Update(text)
    operations: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for result in results:
        operations[result.test.index] += _operations(result, found.files)
        left = tuple(each for each in result.findings if each.outcome not in UPDATED or not _is_known(result))
        found.results.append(replace(result, findings=left))
    for index, each in operations.items():
        if each:
            found.text = apply_patch(found.text, each, index, file=file)
    return found


def _is_known(result: Result) -> bool:
    """Whether it is known what comes out: no error, and for `patch` one document."""
    outcomes = {each.outcome for each in result.findings}
    several = Outcome.WRONG_PATCH in outcomes and result.patch is None
    return not several and not outcomes & {Outcome.UNEXPECTED_ERROR, Outcome.MISSING_ERROR}


def _operations(result: Result, files: dict[str, str]) -> Iterator[dict[str, Any]]:
    """RFC 6902 operations for the document of a case; what belongs into other files goes to `files`."""
    if not _is_known(result):
        return
    outcomes = {each.outcome for each in result.findings}
    case, at = result.case, ("cases", str(result.case.number))
    if Outcome.WRONG_PATCH in outcomes:
        yield _operation("replace", (*at, "patch"), result.patch)
    changed = {name: text for name, text in result.texts.items() if text != case.inputs[name]}
    if case.outputs is not None:
        yield from _replacements(case.outputs, at, result.texts, changed, files)
    elif outcomes & {Outcome.UNEXPECTED_CHANGE, Outcome.NOTHING_EXPECTED}:
        key = "outputs" if case.has_names else "output"
        if not changed:
            yield _operation("add", (*at, "unchanged"), value=True)
            return
        if case.unchanged:
            yield {"op": "move", "from": join([*at, "unchanged"]), "path": join([*at, key])}
        yield _operation("add", (*at, key), changed if case.has_names else next(iter(changed.values())))


def _replacements(
    outputs: Mapping[str, Expected],
    at: tuple[str, ...],
    texts: Mapping[str, str],
    changed: Collection[str],
    files: dict[str, str],
) -> Iterator[dict[str, Any]]:
    for name, text in texts.items():
        expected = outputs.get(name)
        if expected is None:
            if name in changed:
                yield _operation("add", (*at, "outputs", name), text)
        elif expected.text != text:
            if expected.file is not None:
                files[expected.file] = text
            else:
                yield _operation("replace", (*at, *expected.keys), text)


def _operation(kind: str, path: Sequence[str], value: Any) -> dict[str, Any]:
    return {"op": kind, "path": join(path), "value": value}
