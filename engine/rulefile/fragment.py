"""Named pieces of paths (`define:`) and the paths that use them: `$.<templates>.name`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import TYPE_CHECKING

from ..dataclass import dataclass
from ..jsonpath.path import Dialect, Path, PathError, compile_path
from ..late_pattern import late_pattern
from ..suggest import listing, suggest
from .form import IDENTIFIER, Form

if TYPE_CHECKING:
    from ..node import Node
    from .entry import Entry

Fragments = Mapping[str, tuple[str, ...]]

_TOKEN = late_pattern(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|\.<(?P<name>[^<>=]*)>")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a path's text: one or several ways to go on, and the offset of what stands for it."""

    choices: tuple[str, ...]
    offset: int
    fragment: bool


def compile_paths(text: str, fragments: Fragments, dialect: Dialect = compile_path) -> list[Path]:
    """The paths that `text` stands for: one, or every combination of the fragments it names, the first fastest fixed.

    Raises `PathError` whose offset is that of the character of `text`; in a fragment that of its name.
    """
    pieces = list(_cut(text, fragments))
    return [_compile(pieces, chosen, dialect) for chosen in product(*(piece.choices for piece in pieces))]


def define(entries: Iterable[Entry]) -> Fragments:
    """The fragments by name; each may use those before it."""
    fragments: dict[str, tuple[str, ...]] = {}
    first: dict[str, Entry] = {}
    for entry in entries:
        form, name, node = entry.piece.form, entry.name, entry.node
        if not IDENTIFIER.fullmatch(name):
            form.wrong_key(node, f"`{name}` is no name for a fragment: use letters, digits and `_`, no digit first")
        if first.setdefault(name, entry) is not entry:
            form.wrong_key(node, f"the fragment `{name}` is there already, in an earlier part")
        found: list[str] = []
        for each in form.one_or_more(node, f"`{name}`"):
            found += _fragment(form, each, name, fragments, entry.piece.dialect)
        fragments[name] = tuple(found)
    return fragments


def _fragment(form: Form, node: Node, name: str, fragments: Fragments, dialect: Dialect) -> list[str]:
    text = form.text(node, f"the fragment `{name}`")
    if not text:
        return []
    if text[0] not in ".[":
        better = f".{text.removeprefix('$').removeprefix('.')}"
        form.wrong(node, f"a fragment goes on from a place, so it starts with `.` or `[`: write `{better}`")
        return []
    paths = form.attempt(node, lambda: _compile_fragment(text, fragments, dialect), PathError)
    return [path.text[1:] for path in paths or ()]


def _compile_fragment(text: str, fragments: Fragments, dialect: Dialect) -> list[Path]:
    try:
        return compile_paths("$" + text, fragments, dialect)
    except PathError as error:
        raise PathError(error.message, max(0, error.offset - 1)) from None


def _cut(text: str, fragments: Fragments) -> Iterator[_Piece]:
    end = 0
    for match in _TOKEN.finditer(text):
        name = match["name"]
        if name is None:
            continue
        if name not in fragments:
            known = f"; defined here: {listing(fragments)}" if fragments else "; there is no `define:` that names it"
            raise PathError(f"unknown fragment `<{name}>`{suggest(name, fragments) or known}", match.start() + 1)
        at = match.start()
        descends = text[:at].endswith(".")
        yield _Piece((text[end : at - descends],), end, fragment=False)
        choices = tuple(_joined(each, at, descends=descends) for each in fragments[name])
        yield _Piece(choices, at + 1, fragment=True)
        end = match.end()
    yield _Piece((text[end:],), end, fragment=False)


def _joined(fragment: str, offset: int, *, descends: bool) -> str:
    if not descends:
        return fragment
    if fragment.startswith(".."):
        raise PathError(f"`..` before a fragment that starts with `..` itself (`{fragment}`); write one dot", offset)
    return f"..{fragment.removeprefix('.')}"


def _compile(pieces: list[_Piece], chosen: tuple[str, ...], dialect: Dialect) -> Path:
    text = "".join(chosen)
    try:
        return dialect(text)
    except PathError as error:
        start = 0
        for piece, part in zip(pieces, chosen, strict=True):
            if error.offset <= start + len(part):
                inside = 0 if piece.fragment else error.offset - start
                about = f" (in `{text}`)" if len(pieces) > 1 else ""
                raise PathError(f"{error.message}{about}", piece.offset + inside) from None
            start += len(part)
        raise
