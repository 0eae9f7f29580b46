"""How much work is done, counted rather than timed: documents read and parsed, events, calls as the text grows."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from retouch import load_text, rewrite
from retouch.editing import guard
from retouch.editing.edit import Editor
from retouch.reading import document, yaml_proof, yaml_reader
from retouch.stream_rewriter import rewrite_stream

sys.path.append(str(Path(__file__).parent / "benchmarks"))
from material import ITEM_RULES, RULES, alternating, deployment, service, write_items

needs_c_parser = pytest.mark.skipif(not yaml_reader.HAS_C_PARSER, reason="ruamel.yaml.clib is missing")


class Counter:
    """Counts the calls of a function, which it replaces, and of what they give that which is not None."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
        self.calls = self.found = 0
        inner = getattr(owner, name)

        def counted(*args: Any, **kwargs: Any) -> Any:
            self.calls += 1
            result = inner(*args, **kwargs)
            self.found += result is not None
            return result

        monkeypatch.setattr(owner, name, counted)


@pytest.fixture
def events(monkeypatch) -> Iterator[Callable[[], tuple[int, int]]]:
    """Tells how many texts the C parser was given, and how many events it was asked for."""
    texts = asked = 0
    inner = yaml_reader.CParser

    class Parser:
        def __init__(self, text: str) -> None:
            nonlocal texts
            texts += 1
            self.inner = inner(text)

        def get_event(self) -> Any:
            nonlocal asked
            asked += 1
            return self.inner.get_event()

    monkeypatch.setattr(yaml_reader, "CParser", Parser)
    return lambda: (texts, asked)


def stream(documents: int, make: Callable[[int], str] = alternating) -> str:
    return "---\n".join(make(number) for number in range(documents))


def events_of(text: str) -> int:
    return sum(1 for _ in yaml_reader._c_events(text)) + 1  # the last says that there are no more


@needs_c_parser
@pytest.mark.parametrize("read_all", [True, False])
def test_only_what_changed_is_parsed(monkeypatch, events, read_all):
    rules = load_text(RULES)
    read = Counter(monkeypatch, document, "read_lines")
    edited = Counter(monkeypatch, Editor, "find")
    proved = Counter(monkeypatch, yaml_proof, "says")
    read_again = Counter(monkeypatch, guard, "read_again")
    cut = Counter(monkeypatch, guard, "cut")
    before = events()
    result = rewrite(stream(20), rules, read_all=read_all)
    assert result.unread == (0 if read_all else 10)
    assert (read.calls, read.found) == ((20, 20) if read_all else (10, 10))
    assert (edited.calls, proved.calls) == (10, 10)
    assert (read_again.calls, cut.calls) == (0, 0)  # only of what is not plain
    texts, asked = (now - then for now, then in zip(events(), before, strict=True))
    assert texts == 10
    monkeypatch.undo()
    assert asked == sum(events_of(piece) for piece in document.split(result.text) if "kind: Deployment" in piece)


@needs_c_parser
def test_nothing_is_parsed_or_edited_where_nothing_is_to_do(monkeypatch, events):
    rules = load_text(RULES)
    before = events()
    edited = Counter(monkeypatch, Editor, "find")
    read = Counter(monkeypatch, document, "read_lines")
    result = rewrite(stream(20, lambda number: deployment(number, done=True)), rules)
    assert not result.changed
    assert (read.calls, edited.calls, events()) == (20, 0, before)


@needs_c_parser
def test_what_is_not_plain_is_parsed_once_to_be_read_and_once_to_be_checked(events):
    rules = load_text(RULES)
    before = events()[0]
    text = stream(10, lambda number: deployment(number, done=number % 2 == 1) + "status: {a: {b: 1}}\n")
    assert rewrite(text, rules).changed
    assert events()[0] - before == 10 + 5


def test_a_stream_is_given_out_while_it_comes(monkeypatch):
    rules = load_text(RULES)
    taken = 0

    def blocks() -> Iterator[str]:
        nonlocal taken
        for number in range(100):
            taken += 1
            yield ("---\n" if number else "") + alternating(number)

    ahead = []
    for place, _passage in enumerate(rewrite_stream(blocks(), rules)):
        ahead.append(taken - place)
    assert len(ahead) == 100
    assert max(ahead) <= 3


def calls(work: Callable[[], object]) -> int:
    """How many functions, of Python or of C, are called while something is done."""
    number = 0

    def count(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal number
        number += event in ("call", "c_call")

    outer = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(outer)
    return number


def grows(work: Callable[[int], Callable[[], object]], size: int) -> float:
    """The calls for three times the size, over three times those for the size: 1 is linear."""
    small, large = work(size), work(3 * size)
    work(size)()  # what is done once is done
    return calls(large) / calls(small) / 3


def test_calls_grow_with_the_documents():
    rules = load_text(RULES)

    def work(size: int) -> Callable[[], object]:
        text = stream(size)
        return lambda: rewrite(text, rules, read_all=False)

    assert grows(work, 50) < 1.02


def test_calls_grow_with_the_items_of_a_list_and_their_edits(tmp_path):
    rules = load_text(ITEM_RULES)

    def work(size: int) -> Callable[[], object]:
        write_items(tmp_path / "items.yaml", size)
        text = (tmp_path / "items.yaml").read_text()
        return lambda: rewrite(text, rules)

    assert grows(work, 300) < 1.05


def test_what_is_passed_over_is_not_cut():
    """The calls do not grow with the documents that lie between those that can match."""
    rules = load_text(RULES)
    texts = [
        stream(1 + 2 * apart, lambda number, apart=apart: service(number) if number % apart else deployment(number))
        for apart in (50, 500)
    ]
    few, more = (calls(lambda text=text: rewrite(text, rules, read_all=False)) for text in texts)
    assert more <= few + 10


def test_calls_for_a_document_that_is_rewritten():
    """A bound on all of it, guard included: raise it only for a reason."""
    rules = load_text(RULES)
    few, more = stream(10, deployment), stream(60, deployment)
    rewrite(few, rules)
    assert (calls(lambda: rewrite(more, rules)) - calls(lambda: rewrite(few, rules))) / 50 < 1150
    left = [stream(size, lambda number: alternating(2 * number + 1)) for size in (10, 60)]
    counted = [calls(lambda text=text: rewrite(text, rules, read_all=False)) for text in left]  # type: ignore[misc]
    assert (counted[1] - counted[0]) / 50 < 20
