"""The YAML test suite again: read by each parser alone, in other places and with other line ends, moved about."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from corpus import data_of, edits_of, files, moves_of, name_of, needs_corpus
from law import check_laws
from parser_choice import only

from retouch import Rewrite, rewrite
from retouch.error import InputError, PatchError
from retouch.node import plain
from retouch.patch import apply
from retouch.patcher import patch_text
from retouch.reading.document import Document, read
from retouch.value import equal

SUITE = files("yaml-test-suite", "in.yaml")
LEFT_OUT = {
    "5T43": 'the pure parser takes `{ "key"::value }` in some places only, the C parser nowhere',
    "7TMG": "a comment between a value and its comma goes with the value",
    "F8F9": "comments of any column above a key behind a dash are lost when `|+` has its item written anew",
    "X4QW": "invalid: a comment directly behind `>`, which the C parser takes",
}
REASONS = (
    "this mapping holds keys that JSON has no name for",  # there is no way to write them elsewhere by their data
    "a value with the tag `tag:clarkevans.com,2002:",  # C4HZ: an alias inside is written out, and its tag would go
    "YAML readers take a tab on a blank line for different things",
)

Edits = Callable[[Any], list[dict[str, Any]]]

pytestmark = needs_corpus


def readable(change: Callable[[str], str] = str) -> Iterator[str]:
    """The texts of the suite that are read after `change`, changed."""
    for path in SUITE:
        text = change(path.read_bytes().decode())
        try:
            read(text)
        except InputError:
            continue
        if name_of(path) not in LEFT_OUT:
            yield text


def edit_some(
    texts: Iterable[str], step: int, edits: Edits, check: Callable[[str, Rewrite], None] | None = None
) -> int:
    """Does every `step`th of the edits of all documents and checks all laws, and `check`; returns how many it did."""
    done = 0
    number = 0
    for text in texts:
        for document in read(text):
            data = plain(document.root)
            for edit in edits(data):
                number += 1
                if number % step == 0 and _is_possible(data, edit):
                    done += _edit(text, document, edit, check)
    return done


def _is_possible(data: Any, edit: dict[str, Any]) -> bool:
    try:
        apply(data, [edit])
    except PatchError:
        return False
    return True


def _edit(text: str, document: Document, edit: dict[str, Any], check: Callable[[str, Rewrite], None] | None) -> bool:
    try:
        result = patch_text(text, [edit], document.index, item=document.item)
        check_laws(text, result, patch=[edit])
    except InputError as error:
        if not error.messages[0].text.startswith(REASONS):
            raise
        return False
    if check is not None:
        check(text, result)
    return True


def indent(text: str, columns: int) -> str:
    return re.sub(r"^(?=[^\r\n])", " " * columns, text, flags=re.MULTILINE)


ELSEWHERE: dict[str, tuple[Callable[[str], str], Callable[[Any], Any]]] = {
    "value of a key": (lambda text: f"root: # c\n{indent(text, 1)}# d\nafter: x\n", lambda data: data["root"]),
    "value of an explicit key": (
        lambda text: f"? root\n: {indent(text, 2)[2:]}? after\n: x\n",
        lambda data: data["root"],
    ),
    "item on lines of its own": (lambda text: f"- a\n-\n{indent(text, 3)}- x\n", lambda data: data[1]),
    "item on the line of its dash": (lambda text: f"- a\n- {indent(text, 2)[2:]}# c\n- x\n", lambda data: data[1]),
    "value in an item": (lambda text: f"- n: 1\n  k:\n{indent(text, 2)}- x\n", lambda data: data[0]["k"]),
}


def placed(place: str) -> Iterator[str]:
    """The documents of the suite, each inside another one that says the same in that place."""
    change, find = ELSEWHERE[place]
    for text in readable():
        plain_text = text.removeprefix("---\n")
        data = data_of(text)
        changed = change(plain_text if plain_text.endswith("\n") else plain_text + "\n")
        try:
            found = find(data_of(changed)[0])
        except (InputError, LookupError, TypeError):
            continue
        if equal([found], data):
            yield changed


@pytest.mark.parametrize("place", ELSEWHERE)
def test_edits_of_documents_inside_others(place):
    assert edit_some(placed(place), 41, edits_of) > 100
    assert edit_some(placed(place), 97, moves_of) > 20


def test_every_value_moves_everywhere():
    assert edit_some(readable(), 8, moves_of) > 900


@pytest.mark.parametrize(("edits", "step", "least"), [(edits_of, 23, 300), (moves_of, 61, 100)])
def test_the_pure_parser_alone(edits, step, least):
    with only("pure"):
        for text in readable():
            assert rewrite(text, ()).text == text
        assert edit_some(readable(), step, edits) > least


def same_breaks(line_break: str) -> Callable[[str, Rewrite], None]:
    def check(text: str, result: Rewrite) -> None:
        if line_break in text:
            assert not re.search(r"[\r\n]", result.text.replace(line_break, ""))

    return check


def same_marks(text: str, result: Rewrite) -> None:
    assert result.text.count("\ufeff") == 1
    assert result.text.startswith("\ufeff") == text.startswith("\ufeff")


def alternate(text: str) -> str:
    lines = text.split("\n")
    return "".join(line + ("\r\n" if number % 2 else "\n") for number, line in enumerate(lines))[: -1 - len(lines) % 2]


WAYS: dict[str, tuple[Callable[[str], str], Callable[[str, Rewrite], None] | None]] = {
    "CRLF": (lambda text: text.replace("\n", "\r\n"), same_breaks("\r\n")),
    "CR": (lambda text: text.replace("\n", "\r"), same_breaks("\r")),
    "mixed line breaks": (alternate, None),
    "byte-order mark": (lambda text: f"\ufeff{text}", same_marks),
    "byte-order mark of a later document": (lambda text: f"a: 1\n...\n\ufeff{text}", same_marks),
    "no last line break": (lambda text: text.rstrip("\n"), None),
    "last of a stream": (lambda text: f"# top\n---\na: 1 # c\n...\n{text}", None),
    "first of a stream": (lambda text: f"{text}\n...\n# next\n---\na: 1\n", None),
    "comment behind": (lambda text: f"{text}\n# end\n", None),
}


@pytest.mark.parametrize("way", WAYS)
def test_edits_of_documents_written_otherwise(way):
    change, check = WAYS[way]
    for text in readable(change):
        assert rewrite(text, ()).text == text
    assert edit_some(readable(change), 47, edits_of, check) > 100
