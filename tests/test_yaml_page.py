"""The tables of docs/yaml.md are what the parsers and readers do; `--accept` writes them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from corpus import data_of, files, name_of, needs_corpus
from parser_choice import only

from retouch.error import InputError
from retouch.node import plain, walk
from retouch.reading.document import read
from retouch.reading.yaml_reader import HAS_C_PARSER
from retouch.value import equal

PAGE = Path(__file__).resolve().parents[1] / "docs" / "yaml.md"
SCALARS = [
    "yes", "y", "on", "True", "~", "", "0644", "0o644", "08", "0x1F", "1_000", "1e3", "1.50", "12:30:45", "2024-01-01",
    "9223372036854775808", ".inf",
]  # fmt: skip
SUITE = files("yaml-test-suite", "in.yaml")


def table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |\n" for row in lines)


def check_table(name: str, text: str, request: pytest.FixtureRequest) -> None:
    """The table `name` of the page is `text`."""
    page = PAGE.read_text("utf-8")
    begin, end = rf"(<!-- {name}: [^\n]*-->\n)", "(?=<!-- end -->)"
    if request.config.getoption("--accept"):
        page = re.sub(begin + ".*?" + end, lambda match: match[1] + text, page, count=1, flags=re.DOTALL)
        PAGE.write_text(page, "utf-8")
    found = re.search(begin + "(.*?)" + end, page, re.DOTALL)
    assert found, f"the page has no place for the table {name}"
    assert found[2] == text


def shown(value: Any) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return "infinity"
    return f"`{json.dumps(value)}`"


def test_scalars(request):
    rows = []
    for text in SCALARS:
        row = [f"`{text}`" if text else "nothing"]
        for head in ("apiVersion: v1\nkind: X\n", ""):
            ours = read(f"{head}v: {text}\nk:\n  {text or '? '}: 1\n")[0].root
            names = [f"`{json.dumps(name)}`" for name in ours.value["k"].value] or ["no name"]
            row += [shown(plain(ours.value["v"])), *names]
        rows.append(row)
    head = ["plain", "in a Kubernetes document", "as its key", "in any other", "as its key"]
    check_table("scalars", table(head, rows), request)


class Case:
    """One case of the suite: what it is about, and what each parser finds in it, or says against it."""

    def __init__(self, path: Path) -> None:
        self.name = name_of(path)
        title = next(each for each in (path.with_name("==="), path.parent.parent / "===") if each.exists())
        self.title = title.read_text("utf-8").strip()
        self.valid = not path.with_name("error").exists()
        self.text = path.read_bytes().decode()
        self.found: dict[str, Any] = {parser: self._read(parser) for parser in ("C", "pure")}

    def _read(self, parser: str) -> Any:
        try:
            with only(parser):
                return data_of(self.text)
        except InputError as error:
            return error.messages[0].text.removeprefix("this is no YAML: ")

    def readers(self) -> list[str]:
        return [parser for parser, found in self.found.items() if not isinstance(found, str)]


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    if not SUITE or not HAS_C_PARSER:
        pytest.skip("the test suite or the C parser is not on this machine")
    return [Case(path) for path in SUITE]


def test_cases_that_one_parser_reads(cases, request):
    rows = []
    for case in cases:
        if case.valid and len(case.readers()) == 1:
            (reader,) = case.readers()
            rows.append([case.name, case.title, reader, case.found["pure" if reader == "C" else "C"]])
    check_table("one", table(["case", "what it is about", "read by", "the other says"], rows), request)


def test_cases_that_both_read_otherwise(cases, request):
    differing = [case for case in cases if len(case.readers()) == 2 and not equal(*case.found.values())]
    rows = [[case.name, case.title, *(f"`{json.dumps(found)}`" for found in case.found.values())] for case in differing]
    check_table("otherwise", table(["case", "what it is about", "C", "pure"], rows), request)


def test_valid_cases_that_neither_reads(cases, request):
    rows = [[case.name, case.title, case.found["C"]] for case in cases if case.valid and not case.readers()]
    assert len(rows) <= 10
    check_table("refused", table(["case", "what it is about", "the C parser says"], rows), request)


def test_invalid_cases_that_are_read(cases, request):
    rows = [
        [case.name, case.title, " and ".join(case.readers())] for case in cases if not case.valid and case.readers()
    ]
    check_table("invalid", table(["case", "what it is about", "read by"], rows), request)


def spans(text: str, parser: str) -> list[tuple[Any, ...]]:
    with only(parser):
        nodes = [node for document in read(text) for node in walk(document.root)]
    return [(node.start, node.value_start, node.end, node.key_start, node.key_end, node.style) for node in nodes]


@needs_corpus
def test_values_have_the_same_places_for_both(cases):
    both = [case for case in cases if len(case.readers()) == 2 and equal(*case.found.values())]
    assert len(both) > 230
    for case in both:
        assert spans(case.text, "C") == spans(case.text, "pure"), case.name
