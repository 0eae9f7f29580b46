"""Messages in the forms that people and programs read."""

from __future__ import annotations

import json
import re

import pytest

from retouch.cli.message import FORMS, as_text
from retouch.error import Message, Place
from retouch.source import Source

PLACE = Place("a.yaml", 3, 5, "  - image: x")
WARNING = Message("warning", "odd", PLACE, "acme/x/rule", (Message("note", "here", Place("r.yaml", 1, 1, "id: x")),))
NOWHERE = Message("error", "100% wrong\n  try: this")


def test_text_has_the_line_a_caret_and_the_notes() -> None:
    assert as_text(WARNING) == (
        "a.yaml:3:5: warning: odd [acme/x/rule]\n    - image: x\n      ^\n  r.yaml:1:1: note: here\n    id: x\n    ^"
    )
    assert as_text(NOWHERE) == "error: 100% wrong\n  try: this"
    assert re.sub(r"\x1b\[[0-9;]*m", "", as_text(WARNING, colour=True)) == as_text(WARNING)


@pytest.mark.parametrize(
    ("line", "column", "shown"),
    [
        ("\ta: x", 5, "  \ta: x\n  \t   ^"),
        ("日本: x", 5, "  日本: x\n        ^"),
        ("a\x1b[1m: x", 7, "  a\ufffd[1m: x\n        ^"),
        ("e\u0301: x", 5, "  e\u0301: x\n     ^"),
    ],
)
def test_the_caret_stands_below_its_character(line: str, column: int, shown: str) -> None:
    assert as_text(Message("error", "x", Place("f", 1, column, line))).partition("\n")[2] == shown


def test_what_a_terminal_would_obey_is_shown_as_an_escape() -> None:
    message = Message("error", "no \x1b[31m here,\n\tnor \u202e", Place("a\x07\n\udcff.yaml", 1))
    assert as_text(message) == "a\\x07\\n\\xff.yaml:1: error: no \\x1b[31m here,\n\tnor \\u202e"


def test_places_in_one_line_share_its_text() -> None:
    """A line may hold a whole document, and a run may tell thousands of places in it."""
    source = Source("{" + "a, " * 100 + "}\n")
    assert source.place(3).excerpt is source.place(9).excerpt


def test_a_long_line_is_cut_around_the_place() -> None:
    line = "a" * 500 + "HERE" + "b" * 500
    _, source, caret = as_text(Message("error", "x", Place("f", 1, 501, line))).split("\n")
    assert len(source) < 130
    assert source[caret.index("^") :].startswith("HERE")
    assert source[2] == source[-1] == "…"


def test_json() -> None:
    first, second = json.loads(FORMS["json"]([WARNING, NOWHERE], "1"))
    assert first == {
        "severity": "warning",
        "message": "odd",
        "rule": "acme/x/rule",
        "file": "a.yaml",
        "line": 3,
        "column": 5,
        "notes": [
            {"severity": "note", "message": "here", "rule": None, "file": "r.yaml", "line": 1, "column": 1, "notes": []}
        ],
    }
    assert (second["file"], second["line"]) == (None, None)


def test_github_escapes_what_would_end_a_command() -> None:
    odd = Message("note", "x", Place("a,b:c.yaml", 1, 2))
    assert FORMS["github"]([WARNING, NOWHERE, odd], "1").split("\n") == [
        "::warning file=a.yaml,line=3,col=5,title=acme/x/rule::odd%0Ar.yaml:1:1: note: here",
        "::error::100%25 wrong%0A  try: this",
        "::notice file=a%2Cb%3Ac.yaml,line=1,col=2::x",
    ]


def test_sarif() -> None:
    log = json.loads(FORMS["sarif"]([WARNING, NOWHERE], "1.2"))
    assert (log["version"], log["runs"][0]["tool"]["driver"]["version"]) == ("2.1.0", "1.2")
    assert log["runs"][0]["tool"]["driver"]["rules"] == [{"id": "acme/x/rule"}]
    first, second = log["runs"][0]["results"]
    assert first["ruleId"] == "acme/x/rule"
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "a.yaml"},
        "region": {"startLine": 3, "startColumn": 5},
    }
    assert first["relatedLocations"][0]["message"] == {"text": "here"}
    assert second == {"level": "error", "message": {"text": "100% wrong\n  try: this"}}
