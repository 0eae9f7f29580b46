"""Writes a rule set with all that it extends as one rule file, each entry with the place it comes from behind it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from .node import SCALAR, SEQUENCE, Node, plain, walk
from .rulefile.entry import SECTIONS, Entry
from .value import equal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .error import Place
    from .jsonpath.path import Dialect
    from .rule import RuleSet
    from .rulefile.extension import Whole
    from .source import Source
    from .value import Value

_HEADER = ("apiVersion", "kind", "metadata", "description", "atomic")
_WITH_PATHS = ("documents", "define", "functions", "facts", "let", "rules")
_SEVERAL_DIALECTS = (
    "# This is no rule file: some of its paths are in the dialect of `jsonpath: rfc9535`, and others are not."
)
_LINE_END = re.compile(r"\r\n|\r|\n")
_COMMENT = re.compile(r"[ \t]*#[^\r\n]*")
_STEP = "  "


def effective_text(whole: Whole, rule_set: RuleSet) -> str:
    """A rule file that says all that `whole` says, without `extends` and parts; `rule_set` is what it was compiled to.

    Entries are copied as they are written, with the comments above them. Behind the first line of each, or above it
    where a text goes on, stands `# FILE:LINE`. Linear in the texts.
    """
    dialects = {entry.piece.dialect for section in _WITH_PATHS for entry in whole.sections[section]}
    lines = [_SEVERAL_DIALECTS] if len(dialects) > 1 else []
    for key in _HEADER:
        entry = whole.field(key) if key == "atomic" or key in whole.pieces[0].fields else None
        if entry is not None:
            lines += _entry_lines(entry, "", origin=key not in _HEADER[:2])
    if len(dialects) == 1:
        lines += _dialect_lines(whole, dialects)
    for section in SECTIONS:
        entries = whole.sections[section]
        if entries:
            lines += ["", f"{section}:", *_section_lines(section, entries, rule_set)]
    if not whole.sections["rules"]:
        lines += ["", "rules: []"]
    return "\n".join(lines) + "\n"


def _dialect_lines(whole: Whole, dialects: set[Dialect]) -> Iterator[str]:
    """The key `jsonpath`, if the paths are in a dialect that some rule set names."""
    for piece in whole.all_pieces():
        if "jsonpath" in piece.fields and piece.dialect in dialects:
            yield from _entry_lines(Entry("jsonpath", piece.fields["jsonpath"], piece), "")
            return


def _section_lines(section: str, entries: Sequence[Entry], rule_set: RuleSet) -> Iterator[str]:
    for position, entry in enumerate(entries):
        if position and _is_set_apart(entry):
            yield ""
        if section == "params" and entry.over:
            yield from _parameter_lines(entry, rule_set.parameters[entry.name])
        else:
            yield from _entry_lines(entry, "" if section == "rules" else _STEP)


def _parameter_lines(entry: Entry, schema: Mapping[str, Value]) -> Iterator[str]:
    """A parameter that narrows another one: each key of its schema with where that comes from."""
    yield from _comment_above(entry, _STEP)
    yield _marked(f"{_STEP}{_key_text(entry)}:", entry.place)
    for key, value in schema.items():
        found = _find(entry, key, value)
        if found is not None:
            yield from _entry_lines(found, _STEP * 2)
        else:
            yield from _written(key, value, _STEP * 2, entry.place)


def _find(entry: Entry, key: str, value: Value) -> Entry | None:
    """Where a key of a parameter's schema comes from, if it stands somewhere as it is."""
    node = entry.node.value.get(key)
    if node is not None and equal(plain(node), value):
        return Entry(key, node, entry.piece)
    return next((found for each in entry.over if (found := _find(each, key, value)) is not None), None)


def _entry_lines(entry: Entry, indent: str, *, origin: bool = True) -> Iterator[str]:
    """The lines of an entry, moved to `indent`, with the comment above it and where it comes from."""
    node = entry.node
    source = entry.piece.form.source
    if _leads_outside(node):
        yield from _written(entry.name if _is_item(node) else _key_text(entry), plain(node), indent, entry.place)
        return
    yield from _comment_above(entry, indent)
    first, *others = _flow_lines(entry, indent) if _is_flow(node) else _block_lines(source, node, indent)
    if origin and _goes_on(source, node):
        yield f"{indent}{_origin(entry.place)}"
    yield _marked(first, entry.place) if origin and not _goes_on(source, node) else first
    yield from others


def _block_lines(source: Source, node: Node, indent: str) -> Iterator[str]:
    """The lines of an entry in block style, which keep their indentation below it."""
    text = source.text
    comment = _COMMENT.match(text, node.end)
    lines = _LINE_END.split(text[node.key_start : comment.end() if comment else node.end])
    yield indent + lines[0]
    moved = len(indent) - _column(text, node.key_start)
    for line in lines[1:]:
        depth = len(line) - len(line.lstrip(" "))
        if depth == len(line):
            yield ""
        elif depth + moved >= len(indent):
            yield " " * (depth + moved) + line[depth:]
        else:
            yield indent + _STEP + line[depth:]  # flow style may go on further to the left


def _flow_lines(entry: Entry, indent: str) -> Iterator[str]:
    """The lines of an entry that stands inside `{ }` or `[ ]`, where indentation says nothing."""
    lines = _LINE_END.split(entry.piece.form.source.text[entry.node.start : entry.node.end])
    yield indent + ("- " if _is_item(entry.node) else f"{_key_text(entry)}: ") + lines[0]
    for line in lines[1:]:
        yield f"{indent}{_STEP}{line.strip()}" if line.strip() else ""


def _written(key: str, value: Value, indent: str, place: Place) -> Iterator[str]:
    """An entry that cannot be copied: it stands nowhere as it is, or refers to what is not in it."""
    from .editing.yaml_writer import dump  # few rule sets need it

    lines = dump([value] if isinstance(value, dict) and "actions" in value else {key: value}).splitlines()
    yield _marked(indent + lines[0], place)
    yield from (indent + line for line in lines[1:])


def _comment_above(entry: Entry, indent: str) -> list[str]:
    """The comment lines directly above an entry."""
    found: list[str] = []
    if _is_flow(entry.node):
        return found
    for line in _lines_above(entry):
        if not line.lstrip().startswith("#"):
            break
        found.insert(0, indent + line.strip())
    return found


def _is_set_apart(entry: Entry) -> bool:
    """Whether a blank line stands above an entry and its comment."""
    if _is_flow(entry.node):
        return False
    line = next((line for line in _lines_above(entry) if not line.lstrip().startswith("#")), "-")
    return not line.strip()


def _lines_above(entry: Entry) -> Iterator[str]:
    """The lines above an entry, the nearest first."""
    text, end = entry.piece.form.source.text, entry.node.key_start
    start = text.rfind("\n", 0, end) + 1
    while start > 0:
        end, start = start - 1, text.rfind("\n", 0, start - 1) + 1
        yield text[start:end].rstrip("\r")


def _marked(line: str, place: Place) -> str:
    return f"{line}   {_origin(place)}"


def _origin(place: Place) -> str:
    return f"# {_short(place.file or '')}:{place.line}"


def _short(file: str) -> str:
    """A file by its path from the working directory, if it is below."""
    path, here = Path(file), Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else file


def _goes_on(source: Source, node: Node) -> bool:
    """Whether the first line of an entry ends inside a text, so that no comment can stand behind it."""
    end = _LINE_END.search(source.text, node.key_start)
    if end is None:
        return False
    texts = (each for each in walk(node) if each.kind == SCALAR and each.style not in ("|", ">") and each.start >= 0)
    return any(each.start < end.start() < each.end for each in texts)


def _leads_outside(node: Node) -> bool:
    """Whether an alias in an entry stands for something outside of it."""
    nodes = list(walk(node))
    anchors = {each.anchor for each in nodes}
    return any(each.opaque or (each.alias is not None and each.alias not in anchors) for each in nodes)


def _is_flow(node: Node) -> bool:
    return node.parent is not None and node.parent.flow


def _is_item(node: Node) -> bool:
    return node.parent is not None and node.parent.kind == SEQUENCE


def _key_text(entry: Entry) -> str:
    node = entry.node
    return entry.piece.form.source.text[node.key_start : node.key_end]


def _column(text: str, offset: int) -> int:
    return offset - (max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1)
