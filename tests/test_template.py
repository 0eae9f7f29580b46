"""Values with expressions in them: what they render to, which comments they carry, where their errors are."""

from __future__ import annotations

from typing import Any

import pytest

from retouch.error import Message, RuleError
from retouch.expressions.expression import OMIT, ExpressionError, Frame, Scope
from retouch.expressions.template import Template, compile_template
from retouch.node import Node, build, plain, walk
from retouch.reading.document import read
from retouch.value import Absent, Float, Integer

ROOT = build({"name": "a-b", "n": 3, "list": [1, {"x": None}], "labels": {"k": "v"}, "price": Float(1.5, "1.50")})
SCOPE = Scope(captures=frozenset({"t"}), lets=frozenset({"prefix"}), parameters=frozenset({"mirror"}))
FRAME = Frame({"t": ROOT, "doc": ROOT, "params": {"mirror": "m"}, "prefix": "p/", "file": {}}, root=ROOT)


def compiled(text: str, errors: list[Message] | None = None) -> Template:
    document = read(text, "rule.yaml")[0]
    return compile_template(document.root, document.source, SCOPE, errors)


RENDERED: list[tuple[str, Any]] = [
    # exactly one expression keeps its type
    ("${ t.n }", 3),
    ("${ t.list }", [1, {"x": None}]),
    ("${ t.labels }", {"k": "v"}),
    ("${ null }", None),
    ("${ t.n > 2 }", True),
    ("'${ t.n }'", 3),
    ('"${ t.n }"', 3),
    ("|-\n  ${ t.n }", 3),
    ("${  t.n  }", 3),
    ("${ t.n}", 3),
    # joined texts
    ("a${ t.n }", "a3"),
    ("${ t.n }${ t.n }", "33"),
    ("${ prefix }${ t.name }:${ t.price }", "p/a-b:1.50"),
    ("'${ t.n } '", "3 "),
    ("${ t.n == 3 }!", "true!"),
    ("|\n  ${ t.n }\n", "3\n"),
    ("|\n  a: ${ t.name }\n  b: ${ '}' }\n", "a: a-b\nb: }\n"),
    # braces and quotes nest
    ('\'${ {"a": {"b": "}"}}.a.b }\'', "}"),
    ('"${ \'}\' ~ \\"\'\\" }"', "}'"),
    # text that is none of ours
    ("${NAME} ${{ a }} {{ b }} $(c) ${name:-x} $t ${", "${NAME} ${{ a }} {{ b }} $(c) ${name:-x} $t ${"),
    ("$${ t.n }", "${ t.n }"),
    ("$${ t.n } ${ t.n }", "${ t.n } 3"),
    ("$$${ t.n }", "$${ t.n }"),
    ("$${t}", "$${t}"),
    ('"${\\tt.n }"', "${\tt.n }"),
    ("'{{inputs.parameters.${ t.name }-path}}'", "{{inputs.parameters.a-b-path}}"),
    # containers, keys, omit
    ("a: ${ t.n }\nb: [x, '${ t.name }']\n", {"a": 3, "b": ["x", "a-b"]}),
    ("${ t.name }: 1\n", {"a-b": 1}),
    ("'x-${ t.n }': {k: '${ t.n }'}\n", {"x-3": {"k": 3}}),
    ("${ t.n }: 1\n", {"3": 1}),
    ("a: ${ omit }\nb: ['${ omit }', 1]\nc: ${ t.zz | default(omit) }\n", {"b": [1]}),
    ("a: {b: '${ omit }'}\n", {"a": {}}),
    ("${ omit }", OMIT),
    ("a: 0x1F\nb: 1.50\nc: null\nd: ''\ne: {}\nf: []\n", {"a": 31, "b": 1.5, "c": None, "d": "", "e": {}, "f": []}),
]


@pytest.mark.parametrize(("text", "expected"), RENDERED)
def test_rendered(text: str, expected: Any) -> None:
    template = compiled(text)
    found = template.render(FRAME)
    assert found == expected
    assert type(found) is type(expected)
    node = template.build(FRAME)
    assert (plain(node) if isinstance(node, Node) else node) == expected


def test_only_a_single_expression_is_one() -> None:
    expression = compiled("${ t.n }").expression
    assert expression is not None
    assert expression.names == {"t"}
    assert [compiled(text).expression for text in ("a${ t.n }", "a: ${ t.n }\n", "x")] == [None, None, None]


def test_constant() -> None:
    assert compiled("a: [1, '$${ x', {b: c}]\n").constant
    assert not any(compiled(text).constant for text in ("${ 1 }", "a: ['${ t }']\n", "${ t.n }: 1\n"))


def test_numbers_keep_their_spelling() -> None:
    node = compiled("a: 1.50\nb: ${ t.price }\nc: 0x1F\n").build(FRAME)
    assert isinstance(node, Node)
    assert [node.value[key].value.text for key in "abc"] == ["1.50", "1.50", "0x1F"]
    assert isinstance(node.value["c"].value, Integer)


def test_new_nodes_know_their_place_in_the_tree() -> None:
    node = compiled("a: ['${ omit }', x, {b: '${ t.list }'}]\n").build(FRAME)
    assert isinstance(node, Node)
    for each in walk(node):
        for key, child in enumerate(each.value) if each.kind == 2 else each.value.items() if each.kind == 1 else ():
            assert (child.parent, child.key) == (each, key)
    assert node.parent is None


def test_every_result_is_fresh() -> None:
    template = compiled("a: [1]\nb: ${ t.list }\n")
    first = template.render(FRAME)
    first["a"].append(2)
    first["b"].append(2)
    assert template.render(FRAME) == {"a": [1], "b": [1, {"x": None}]}
    assert template.build(FRAME) is not template.build(FRAME)


def test_a_let_may_be_absent() -> None:
    assert isinstance(compiled("${ t.zz }").evaluate(FRAME), Absent)
    frame = Frame(FRAME, {"gone": compiled("${ t.zz }"), "here": compiled("x${ t.n }")})
    assert (frame["here"], type(frame["gone"])) == ("x3", Absent)
    with pytest.raises(ExpressionError, match=r"t\.zz is absent"):
        compiled("a: ${ t.zz }\n").evaluate(FRAME)


LOAD_ERRORS: list[tuple[str, list[tuple[int, int, str]]]] = [
    ("${ zz }", [(1, 4, "unknown name `zz`")]),
    ("a: x ${ t. }\n", [(1, 12, "too early")]),
    ("a: 'it''s ${ zz }'\n", [(1, 14, "unknown name `zz`")]),
    ("a: |\n  b\n  c ${ t | uper }\n", [(3, 12, "did you mean `upper`?")]),
    ("a:\n- ${ params.miror }\n", [(2, 13, "did you mean `mirror`?")]),
    ("${ zz }: 1\n", [(1, 4, "unknown name `zz`")]),
    ('"k ${ zz }": 1\n', [(1, 7, "unknown name `zz`")]),
    ("a: ${ t.n\n", [(1, 4, "`${ ` has no `}` that ends it")]),
    ("a: ${ 'x }\n", [(1, 7, "this text is not closed")]),
    ("a: ${ }\n", [(1, 7, "an expression is missing here")]),
    ("a: ${t.name}\n", [(1, 4, "an expression has a blank after `${`; write `${ t.name }`, or `${ '${t.name}' }`")]),
    ("a: x${prefix}\n", [(1, 5, "write `${ prefix }`")]),
    ("a: ${mirror}\n", [(1, 4, "write `${ params.mirror }`")]),
    (
        "a: ${ zz }\nb: [1, '${ t | e }']\nc: ${ t.n + }\n",
        [(1, 7, "`zz`"), (2, 16, "filter `e`"), (3, 13, "too early")],
    ),
]


@pytest.mark.parametrize(("text", "expected"), LOAD_ERRORS)
def test_refused_at_load(text: str, expected: list[tuple[int, int, str]]) -> None:
    with pytest.raises(RuleError) as raised:
        compiled(text)
    messages = raised.value.messages
    assert [(each.place.file, each.place.line, each.place.column) for each in messages] == [
        ("rule.yaml", line, column) for line, column, _ in expected
    ]
    for message, (_, _, part) in zip(messages, expected, strict=True):
        assert part in message.text
    errors: list[Message] = []
    compiled(text, errors)
    assert tuple(errors) == messages


RUN_ERRORS: list[tuple[str, int, int, str]] = [
    ("${ t.zz }", 1, 1, "t.zz is absent; keys here: `name`, `n`, `list`"),
    ("a: ${ t.zz }\n", 1, 7, "t.zz is absent"),
    ("a: x${ t.zz }\n", 1, 8, "t.zz is absent"),
    ("a:\n- b: ['${ t.zz | upper }']\n", 2, 11, "t.zz is absent"),
    ("a: x${ t.list }\n", 1, 8, "only text, numbers and booleans can be text; found a list"),
    ("a: x${ null }\n", 1, 8, "found null"),
    ("a: x${ omit }\n", 1, 8, "`omit` may only be"),
    ("a: ${ 'x' ~ 1 / 0 }\n", 1, 13, "division by zero"),
    ("${ t.list }: 1\n", 1, 4, "found a list"),
    ("x ${ omit }: 1\n", 1, 6, "`omit` may only be"),
    ("a-b: 1\n${ t.name }: 2\n", 1, 1, "two entries of the mapping have the key `a-b`"),
]


@pytest.mark.parametrize(("text", "line", "column", "part"), RUN_ERRORS)
def test_refused_at_run(text: str, line: int, column: int, part: str) -> None:
    template = compiled(text)
    for use in (template.render, template.build):
        with pytest.raises(ExpressionError) as raised:
            use(FRAME)
        assert part in raised.value.message
        place = raised.value.place
        assert place is not None
        assert (place.file, place.line) == ("rule.yaml", line)
        assert place.column == column or text == "${ t.zz }"


COMMENTED: list[tuple[str, dict[str, tuple[str | None, str | None]]]] = [
    ("a: 1  ## one\nb: 2  # not\n", {"a": (None, "one")}),
    ("x: 0\n## above\na: 1\n", {"a": ("above", None)}),
    ("x: 0\n## first\n# own\n## second\na: 1\n", {"a": ("first\nsecond", None)}),
    ("x: 0\n## apart\n\na: 1\n", {}),
    ("x:\n  y: 0\n  ## deeper\na: 1\n", {}),
    ("x: |\n  text\n  ## text\na: 1\n", {}),
    ("x: |\n  text\n## comment\na: 1\n", {"a": ("comment", None)}),
    ("a:  ## on the key\n  b: 1\n", {"a": (None, "on the key")}),
    ("a:\n## item\n- 1  ## one\n- 2\n", {"a/0": ("item", "one")}),
    ("a:\n- b: 1\n  ## c\n  c: 2\n", {"a/0/c": ("c", None)}),
    ("a: {b: 1}  ## flow\n", {"a": (None, "flow")}),
    ("a: [\n  1,  ## one\n  2  ## two\n]\n", {"a/0": (None, "one"), "a/1": (None, "two")}),
    ("a: ${ t.n }  ## typed\n", {"a": (None, "typed")}),
    ("a: x${ t.n }  ##tight\n", {"a": (None, "tight")}),
    ("a: '## no comment'\n", {}),
    ("a: ${ omit }  ## gone\nb: 1\n", {}),
    ("x: 0\r\n## above\r\na: 1  ## one\r\n", {"a": ("above", "one")}),
]


@pytest.mark.parametrize(("text", "expected"), COMMENTED)
def test_comments(text: str, expected: dict[str, tuple[str | None, str | None]]) -> None:
    node = compiled(text).build(FRAME)
    assert isinstance(node, Node)
    found = {}
    stack = [("", node)]
    while stack:
        path, each = stack.pop()
        if each.comment_above is not None or each.comment_line is not None:
            found[path.lstrip("/")] = (each.comment_above, each.comment_line)
        pairs = enumerate(each.value) if each.kind == 2 else each.value.items() if each.kind == 1 else ()
        stack.extend((f"{path}/{key}", child) for key, child in pairs)
    assert found == expected
