"""Random documents in random styles under random patches, and random text: nothing wrong, and only errors of ours."""

from __future__ import annotations

import json
from typing import Any

import pytest
from corpus import pointers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retouch import apply_patch, load_text, rewrite
from retouch.editing.yaml_writer import Style, flow_text, literal_lines, scalar_text
from retouch.error import InputError, PatchError, RetouchError
from retouch.node import build, plain
from retouch.patch import apply, reverse
from retouch.pointer import join
from retouch.reading.document import read
from retouch.value import equal

BOUNDED = settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
RULES = load_text(
    "apiVersion: retouch/v1\nkind: RuleSet\nmetadata: {name: fuzz}\nrules:\n- id: one\n  actions:\n"
    "  - set: $.new\n    value: {a: [1, x]}\n    when: doc is mapping\n"
)

words = st.sampled_from(["a", "b", "c", "on", "1", "x y", "k:v", "- z", "", "é", "it's"])
texts = words | st.text(st.sampled_from("ab: -#'\"\n\t{}[],&*!|>%@\\é\u2028\x85"), max_size=12)
scalars = st.none() | st.booleans() | st.integers(-3, 300) | st.floats(allow_nan=False, allow_infinity=False) | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)
containers = st.dictionaries(words, values, min_size=1, max_size=4) | st.lists(values, min_size=1, max_size=4)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """A document in styles drawn anew for every value, with comments and blank lines."""
    lines = _block(draw, draw(containers), "")
    head = draw(st.sampled_from([[], ["# top"], ["---"], ["# top", "", "--- # start"]]))
    tail = draw(st.sampled_from([[""], [], ["# end", ""], ["...", ""]]))
    return draw(st.sampled_from(["\n", "\n", "\r\n"])).join([*head, *lines, *tail])


def _block(draw: st.DrawFn, value: Any, pad: str) -> list[str]:
    apart = draw(st.booleans()) and draw(st.booleans())
    lines: list[str] = []
    pairs = value.items() if isinstance(value, dict) else ((None, item) for item in value)
    for key, item in pairs:
        if apart and lines:
            lines.append("")
        if draw(st.integers(0, 5)) == 0:
            lines.append(f"{pad}# about it")
        lines += _entry(draw, key, item, pad)
        if draw(st.integers(0, 9)) == 0:
            lines.append(f"{pad}  # deeper")
    return lines


def _entry(draw: st.DrawFn, key: str | None, value: Any, pad: str) -> list[str]:
    quote = draw(st.sampled_from(["'", '"', None]))
    lead = "-" if key is None else scalar_text(key, Style(), key=True, like=quote) + ":"
    comment = draw(st.sampled_from(["", "", "", "  # c"]))
    if isinstance(value, (dict, list)) and value and draw(st.integers(0, 3)):
        step = draw(st.sampled_from(["  ", "   ", "    "]))
        if key is not None and isinstance(value, list) and draw(st.booleans()):
            step = ""
        lines = _block(draw, value, pad + step)
        compact = key is None and lines[0].strip()[:1] != "#" and draw(st.booleans())
        if compact:
            return [pad + "-" + step[1:] + lines[0].lstrip(" "), *lines[1:]]
        return [f"{pad}{lead}{comment}", *lines]
    if isinstance(value, str) and "\n" in value and draw(st.booleans()):
        block = literal_lines(value, len(pad), draw(st.sampled_from([1, 2, 4])))
        if block:
            return [f"{pad}{lead} {block[0]}{comment}", *block[1:]]
    if isinstance(value, (dict, list)):
        unit = draw(st.sampled_from([None, None, "  "]))
        text = flow_text(build(value), Style(unit=unit, comma=draw(st.sampled_from([", ", ","]))), pad + " ")
        return f"{pad}{lead} {text}{comment}".split("\n")
    if value is None and draw(st.booleans()):
        return [f"{pad}{lead}{comment}"]
    return [f"{pad}{lead} {scalar_text(value, Style(), like=draw(st.sampled_from([None, chr(34)])))}{comment}"]


@st.composite
def operations(draw: st.DrawFn, data: Any) -> list[dict[str, Any]]:
    """A patch that can be applied to `data`."""
    found: list[dict[str, Any]] = []
    for _number in range(draw(st.integers(1, 4))):
        operation = _operation(draw, data)
        try:
            data = apply(data, [operation])
        except PatchError:
            continue
        found.append(operation)
    return found


def _operation(draw: st.DrawFn, data: Any) -> dict[str, Any]:
    places = list(pointers(data))
    way, _value = draw(st.sampled_from(places))
    path = join(list(way))
    kind = draw(st.sampled_from(["add", "add", "replace", "remove", "move", "copy", "rename"]))
    if kind in ("replace", "remove") and way:
        return {"op": kind, "path": path, **({"value": draw(values)} if kind == "replace" else {})}
    if kind == "rename" and way:
        return {"op": "move", "from": path, "path": join([*way[:-1], draw(words)])}
    inner, container = draw(st.sampled_from([place for place in places if isinstance(place[1], (dict, list))]))
    key = draw(words) if isinstance(container, dict) else draw(st.sampled_from(["-", "0", len(container)]))
    target = join([*inner, key])
    if kind in ("move", "copy") and way:
        return {"op": kind, "from": path, "path": target}
    return {"op": "add", "path": target, "value": draw(values)}


def check(text: str, patch: list[dict[str, Any]]) -> None:
    """The text of the result says what the patch makes of the data, and comes back by the reverse patch."""
    (document,) = read(text)
    data = plain(document.root)
    expected = apply(data, patch)
    result = apply_patch(text, patch, document.index)
    (after,) = read(result)
    assert equal(plain(after.root), expected)
    back = apply_patch(result, reverse(data, patch), after.index)
    assert equal(plain(read(back)[0].root), data)


@BOUNDED
@given(st.data())
def test_random_patch_of_a_random_document(data):
    text = data.draw(documents())
    (document,) = read(text)
    check(text, data.draw(operations(plain(document.root))))


@BOUNDED
@given(st.data())
def test_random_patch_of_random_json(data):
    indent = data.draw(st.sampled_from([None, 2, "\t"]))
    text = json.dumps(data.draw(containers), indent=indent, ensure_ascii=data.draw(st.booleans()))
    check(text, data.draw(operations(json.loads(text))))


@BOUNDED
@given(documents())
def test_second_run_finds_nothing(text):
    result = rewrite(text, RULES)
    again = rewrite(result.text, RULES)
    assert again.text == result.text
    assert not again.edits


@BOUNDED
@given(st.text(st.sampled_from("ab01:-?,[]{}&*!|>'\"%@`# \t\n\r\ufeff\x85\u2028\x00\ud800~<.=é"), max_size=40))
def test_random_text_gives_only_errors_of_ours(text):
    try:
        rewrite(text, RULES)
    except InputError as error:
        assert error.messages  # noqa: PT017 - what is tested is that nothing else comes out


@BOUNDED
@given(st.binary(max_size=40))
def test_random_bytes_give_only_errors_of_ours(content):
    text = content.decode("utf-8", "surrogateescape")
    try:
        result = rewrite(text, RULES)
    except RetouchError:
        return
    assert result.changed or result.text == text


EMPTY = ["", "\ufeff", "\n", "# only\n", "---\n", "...\n", "%YAML 1.2\n---\n", "--- # c\n...\n"]


@pytest.mark.parametrize("text", EMPTY)
def test_text_without_a_document_stays(text):
    assert rewrite(text, RULES).text == text
