"""docs/yaml.md says where the two YAML parsers differ over the YAML test suite: the table is made here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from corpus import files, name_of, needs_corpus

from retouch.editing.pairing import walk_text
from retouch.node import Node, plain
from retouch.reading import yaml_reader
from retouch.reading.document import split
from retouch.source import Source
from retouch.value import equal

PAGE = Path(__file__).resolve().parents[1] / "docs" / "yaml.md"
TABLE = re.compile(r"(?<=<!-- the table -->\n).*?(?=<!-- its end -->)", re.DOTALL)


def reading(text: str, *, pure: bool) -> Node | str | None:
    """What one parser makes of one document: its root, None where there is none, or the words of its refusal."""
    source = Source(text)
    lead = 1 if text.startswith("\ufeff") else 0
    events = yaml_reader._pure_events if pure else yaml_reader._c_events
    try:
        found = yaml_reader._Builder(source, lead).read(events(text[lead:]), core=True)
    except Exception as error:  # noqa: BLE001 - the parsers fail in ways of their own
        words = [getattr(error, "context", None), getattr(error, "problem", None) or str(error).split("\n")[0]]
        return "refuses it: " + ", ".join(dict.fromkeys(word.strip() for word in words if word))
    return None if found is None else found.root


def spans(root: Node) -> set[tuple[int, int]]:
    return {(node.start, node.end) for node in walk_text(root) if node.start >= 0}


def difference(text: str) -> tuple[str, str] | None:
    """What the C parser and the pure parser make of a text, where they differ."""
    for piece in split(text):
        ours, theirs = (reading(piece, pure=pure) for pure in (False, True))
        if isinstance(ours, str) or isinstance(theirs, str):
            if isinstance(ours, str) and isinstance(theirs, str):
                continue
            return tuple(each if isinstance(each, str) else "reads it" for each in (ours, theirs))  # type: ignore[return-value]
        if ours is None or theirs is None:
            if ours is not theirs:
                return tuple("no document" if each is None else "a document" for each in (ours, theirs))  # type: ignore[return-value]
            continue
        data: list[Any] = [plain(ours), plain(theirs)]
        if not equal(*data):
            return shown(data[0]), shown(data[1])
        if spans(ours) != spans(theirs):
            return "other spans", "other spans"
    return None


def shown(data: Any) -> str:
    text = repr(data)
    return "`" + (text if len(text) <= 60 else text[:57] + "...").replace("|", "\\|") + "`"


def table() -> str:
    lines = ["| case | valid | C parser | pure parser |", "|---|---|---|---|"]
    for path in files("yaml-test-suite", "in.yaml"):
        found = difference(path.read_bytes().decode())
        if found is not None:
            valid = "no" if path.with_name("error").exists() else "yes"
            cells = [cell.replace("\n", " ") for cell in found]
            lines.append(f"| {name_of(path)} | {valid} | {cells[0]} | {cells[1]} |")
    return "\n".join(lines) + "\n"


@needs_corpus
@pytest.mark.skipif(not yaml_reader.HAS_C_PARSER, reason="the C parser is not installed")
def test_the_page_says_where_the_parsers_differ(request: pytest.FixtureRequest) -> None:
    found = table()
    text = PAGE.read_text("utf-8")
    if request.config.getoption("--accept"):
        text = TABLE.sub(lambda _match: found, text)
        PAGE.write_text(text, "utf-8")
    written = TABLE.search(text)
    assert written is not None
    assert written[0] == found
    assert found.count("\n") > 10, "they differ in more than this"
