"""Expressions: what each gives, what each refuses at load, what each refuses on its data, and how they are bounded."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from retouch.expressions.expression import (
    OMIT,
    ExpressionError,
    Frame,
    Function,
    Scope,
    closing_brace,
    compile_expression,
    reserved_names,
)
from retouch.expressions.filter import FILTERS, REFUSED_FILTERS
from retouch.expressions.function import FUNCTION_NAMES, REFUSED_FUNCTIONS
from retouch.expressions.predicate import TESTS
from retouch.node import Node, build
from retouch.value import Absent, Float, Integer

DATA: dict[str, Any] = {
    "name": "a-b",
    "n": 3,
    "f": 1.5,
    "yes": True,
    "nul": None,
    "empty": "",
    "inputs": {"artifacts": [{"name": "x", "path": "/a/b.txt"}, {"name": "y"}], "items": {"keys": 1, "get": "g"}},
    "labels": {"x/y": "z", "with space": 1},
    "args": ["p", "q", "r"],
    "port": Integer(31, "0x1F"),
    "ratio": Float(1.5, "1.50"),
}
ROOT = build({"t": DATA, "kind": "Workflow"})
DIGEST = "sha256:" + "0a" * 32


def _functions() -> dict[str, Function]:
    inner = Scope(names=frozenset({"params", "image"}))
    mirrored = Function(("image",), compile_expression("params.mirror ~ '/' ~ image", inner))
    bare = Scope(names=frozenset({"params", "x", "y"}), functions={"mirrored": mirrored})
    return {
        "mirrored": mirrored,
        "either": Function(("x", "y"), compile_expression("x if x is defined else y", bare)),
        "twice": Function(("x",), compile_expression("mirrored(mirrored(x))", bare)),
        "loose": Function(("x",), compile_expression("x.name | upper", bare)),
    }


FUNCTIONS = _functions()
SCOPE = Scope(
    captures=frozenset({"t", "a", "word"}),
    lets=frozenset({"prefix", "gone"}),
    names=frozenset({"params", "doc", "file", "match"}),
    functions=FUNCTIONS,
    parameters=frozenset({"mirror", "registries", "volume"}),
)


def _frame(**more: Any) -> Frame:
    template = ROOT.value["t"]
    values = {
        "t": template,
        "a": template.value["inputs"].value["artifacts"].value[1],
        "word": "w",
        "doc": ROOT,
        "file": {"path": "d/w.yaml", "name": "w.yaml"},
        "match": ["ab", "b"],
        "params": {"mirror": "m.local", "registries": ["docker.io", "quay.io"], "volume": {"emptyDir": {}}},
    }
    lets = {"prefix": compile_expression("params.mirror ~ '/'", SCOPE), "gone": compile_expression("t.nope.x", SCOPE)}
    return Frame(values | more, lets, root=ROOT, identify=lambda node: f"id-{node.key}")


def run(text: str) -> Any:
    return compile_expression(text, SCOPE).evaluate(_frame())


def same(left: Any, right: Any) -> bool:
    """Equal and of the same types at every depth: 1 is neither 1.0 nor true."""
    if isinstance(left, dict) and isinstance(right, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and left == right


VALUES: list[tuple[str, Any]] = [
    # literals
    ("1", 1),
    ("1.5", 1.5),
    ("1e3", 1000.0),
    ("0x1F", 31),
    ("1_000", 1000),
    ("true", True),
    ("false", False),
    ("null", None),
    ("none", None),
    ("'a' 'b'", "ab"),
    ("[1, 'a', null]", [1, "a", None]),
    ("(1, 2)", [1, 2]),
    ("(1)", 1),
    ("()", []),
    ("{'a': 1, 'b': [2]}", {"a": 1, "b": [2]}),
    ("{}", {}),
    ('"x"', "x"),
    # escapes
    (r"'\d+\.'", r"\d+\."),
    (r"'\1'", r"\1"),
    (r"'\n\t\r'", "\n\t\r"),
    (r"'\\'", "\\"),
    (r"'\''", "'"),
    (r"'\"'", '"'),
    (r"'\x41\u00e9'", "Aé"),
    (r"'\ud83d\ude00'", "\U0001f600"),
    (r"'\xZZ'", r"\xZZ"),
    (r"'\\n'", r"\n"),
    (r"'\w\s\b'", r"\w\s\b"),
    ("'é'", "é"),
    ("'a\rb'", "a\rb"),
    ("'a\nb'", "a\nb"),
    # names and reaching
    ("t.name", "a-b"),
    ("t['name']", "a-b"),
    ("t.labels['x/y']", "z"),
    ("t.inputs.items.keys", 1),
    ("t.inputs.items.get", "g"),
    ("t.inputs.artifacts[0].name", "x"),
    ("t.inputs.artifacts[-1].name", "y"),
    ("t.inputs.artifacts.1.name", "y"),
    ("t.args", ["p", "q", "r"]),
    ("t.args[1:]", ["q", "r"]),
    ("t.args[::-1]", ["r", "q", "p"]),
    ("t.args[:-1]", ["p", "q"]),
    ("t.args[t.n - 1]", "r"),
    ("t.name[0]", "a"),
    ("t.name[2:]", "b"),
    ("t.nul", None),
    ("a", {"name": "y"}),
    ("word", "w"),
    ("params.mirror", "m.local"),
    ("params['mirror']", "m.local"),
    ("file.name", "w.yaml"),
    ("prefix", "m.local/"),
    ("match[0] ~ match[1]", "abb"),
    ("doc.kind", "Workflow"),
    ("t.labels[('x/' ~ 'y')]", "z"),
    ("{'keys': 1}.keys", 1),
    ("{'a': {'items': 2}}.a['items']", 2),
    ("[1, 2, 3][1:][0]", 2),
    ("t.port", Integer(31, "0x1F")),
    ("t.inputs", {"artifacts": [{"name": "x", "path": "/a/b.txt"}, {"name": "y"}], "items": {"keys": 1, "get": "g"}}),
    # arithmetic
    ("1 + 2", 3),
    ("1 + 2.0", 3.0),
    ("'a' + 'b'", "ab"),
    ("[1] + [2]", [1, 2]),
    ("5 - 7", -2),
    ("2 * 3", 6),
    ("'ab' * 2", "abab"),
    ("2 * 'ab'", "abab"),
    ("[0] * 3", [0, 0, 0]),
    ("'a' * -1", ""),
    ("7 / 2", 3.5),
    ("7 // 2", 3),
    ("-7 // 2", -4),
    ("7 % 3", 1),
    ("-7 % 3", 2),
    ("2 ** 10", 1024),
    ("2 ** -1", 0.5),
    ("2 ** 3 ** 2", 64),
    ("-2", -2),
    ("+2", 2),
    ("- t.n", -3),
    ("1 + 2 * 3", 7),
    ("(1 + 2) * 3", 9),
    ("'%s-%03d' % ('a', 7)", "a-007"),
    ("'%s' % t.yes", "true"),
    ("t.port + 1", 32),
    ("10 ** 10 ** 2", 10**20),
    # text
    ("'a' ~ 1 ~ true ~ 1.5", "a1true1.5"),
    ("t.port ~ ''", "0x1F"),
    ("t.ratio ~ ''", "1.50"),
    ("t.name ~ ':' ~ t.n", "a-b:3"),
    # comparison
    ("1 == 1.0", True),
    ("true == 1", False),
    ("1 == true", False),
    ("false == 0", False),
    ("0 != false", True),
    ("null == null", True),
    ("[1, {'a': 1}] == [1.0, {'a': 1.0}]", True),
    ("[true] == [1]", False),
    ("{'a': 1, 'b': 2} == {'b': 2, 'a': 1}", True),
    ("'1' == 1", False),
    ("t.args == ['p', 'q', 'r']", True),
    ("t.inputs.items == {'get': 'g', 'keys': 1}", True),
    ("t.name == 'a-b'", True),
    ("t.name != 'a-b'", False),
    ("t.n == '3'", False),
    ("1 < 2", True),
    ("'a' < 'b'", True),
    ("2 <= 2.0", True),
    ("1 < 2 < 3", True),
    ("1 < 2 > 3", False),
    ("3 > 2 >= 2 == 2.0", True),
    ("t.port == 31", True),
    ("t == t", True),
    ("t == doc.t", True),
    ("1 in [1.0]", True),
    ("true in [1]", False),
    ("1 in [true]", False),
    ("'a' in ['a', 'b']", True),
    ("t.name in ['a-b']", True),
    ("t.n in ['3']", False),
    ("'q' in t.args", True),
    ("{'name': 'y'} in t.inputs.artifacts", True),
    ("'x/y' in t.labels", True),
    ("'zz' not in t.labels", True),
    ("'b' in 'abc'", True),
    ("'' in 'abc'", True),
    ("1 in t.labels", False),
    ("[1] in [[1.0]]", True),
    ("null in [null]", True),
    # logic
    ("1 and 'x'", "x"),
    ("0 or 'x'", "x"),
    ("'' or null", None),
    ("not 1", False),
    ("not t.inputs", False),
    ("not []", True),
    ("t.nope and t.nope.x ~ ''", None),
    ("true or t.nope ~ ''", True),
    ("'y' if t.yes else 'n'", "y"),
    ("'y' if t.empty else 'n'", "n"),
    ("1 if false else 2 if false else 3", 3),
    ("not t.n == 3", False),
    ("t.inputs and 1", 1),
    # absence
    ("t.nope is defined", False),
    ("t.nope.a.b is undefined", True),
    ("t.nul is defined", True),
    ("t.nul.x is defined", False),
    ("t.nope == t.nope", False),
    ("t.nope != t.nope", True),
    ("t.nope == null", False),
    ("t.nope in [null]", False),
    ("1 in t.nope", False),
    ("1 not in t.nope", True),
    ("1 in t.nul", False),
    ("not t.nope", True),
    ("t.nope or 1", 1),
    ("t.nope | default('d')", "d"),
    ("t.nope.x | d", ""),
    ("t.nul | default('d')", None),
    ("t.nul | default('d', true)", "d"),
    ("t.empty | default('d', boolean=true)", "d"),
    ("t.name | default(t.nope | upper)", "a-b"),
    ("t.n.x is defined", False),
    ("t.args.x is defined", False),
    ("t.args[9] is defined", False),
    ("t.labels[0] is defined", False),
    ("t[t.nope] is defined", False),
    ("t.nope[1:] is defined", False),
    ("t.nul[1:] is defined", False),
    ("(1 if false) is defined", False),
    ("gone is defined", False),
    ("gone | default(1)", 1),
    ("t.nope == 'x'", False),
    ("t.nope != 'x'", True),
    ("t.nope in ['x']", False),
    ("t.nope not in ['x']", True),
    ("t.nope is none", False),
    ("t.nope is string", False),
    ("t.inputs.artifacts | map(attribute='path') | select('defined') | list", ["/a/b.txt"]),
    ("t.inputs.artifacts | map(attribute='path') | map('default', 'none')", ["/a/b.txt", "none"]),
    ("t.inputs.artifacts | map(attribute='path', default='-')", ["/a/b.txt", "-"]),
    ("[t.nope, 1] | last", 1),
    ("t.inputs.artifacts | map(attribute='path') | list | length", 2),
    ("[] | first | default('none')", "none"),
    # omit
    ("omit", OMIT),
    ("t.nope | default(omit)", OMIT),
    ("[1, omit, {'a': omit, 'b': 2}]", [1, {"b": 2}]),
    ("t.nope if t.nope else omit", OMIT),
    # text filters
    ("'hello' | capitalize", "Hello"),
    ("'Ab' | lower", "ab"),
    ("'Ab' | upper", "AB"),
    ("5 | upper", "5"),
    ("true | upper", "TRUE"),
    ("'a b-c' | title", "A B-C"),
    ("' a ' | trim", "a"),
    ("'xax' | trim('x')", "a"),
    ("'a' | center(3)", " a "),
    ("'foo bar baz qux' | truncate(9)", "foo..."),
    ("'foo bar baz qux' | truncate(9, true)", "foo ba..."),
    ("'a b' | wordcount", 2),
    ("'aa bb' | wordwrap(2)", "aa\nbb"),
    ("'a b/c' | urlencode", "a%20b/c"),
    ("{'a': 'b c'} | urlencode", "a=b+c"),
    ("'a\nb' | indent(2)", "a\n  b"),
    ("'a\nb' | indent('> ', first=true)", "> a\n> b"),
    ("'aXbX' | replace('X', '-')", "a-b-"),
    ("'aXbX' | replace('X', 1, 1)", "a1bX"),
    ("'%s=%d' | format('a', 2)", "a=2"),
    ("'%(k)s' | format(k='v')", "v"),
    ("'%.2f' | format(1.5)", "1.50"),
    ("'%5s|%-3s|' | format('a', 'b')", "    a|b  |"),
    ("'100%%' | format", "100%"),
    ("3 | string", "3"),
    ("false | string", "false"),
    ("t.port | string", "0x1F"),
    ("'a,b' | split(',')", ["a", "b"]),
    ("' a  b ' | split", ["a", "b"]),
    ("'a,b,c' | split(',', 1)", ["a", "b,c"]),
    ("'abc' | startswith('a')", True),
    ("'abc' | endswith('x')", False),
    ("'abc' | contains('b')", True),
    ("t.args | contains('q')", True),
    ("t.labels | contains('x/y')", True),
    ("'abc' | reverse", "cba"),
    # number filters
    ("-3 | abs", 3),
    ("-(3 | abs)", -3),
    ("2.567 | round(2)", 2.57),
    ("2.5 | round | int", 2),
    ("2.1 | round(0, 'ceil')", 3.0),
    ("42 | round", 42),
    ("'42' | int", 42),
    ("'42.9' | int", 42),
    ("'x' | int", 0),
    ("'x' | int(7)", 7),
    ("'ff' | int(base=16)", 255),
    ("true | int", 1),
    ("null | int", 0),
    ("'1.5' | float", 1.5),
    ("'x' | float(2.0)", 2.0),
    ("'inf' | float", 0.0),
    ("1500 | filesizeformat", "1.5 kB"),
    ("1536 | filesizeformat(true)", "1.5 KiB"),
    ("'500m' | quantity", 0.5),
    ("'1Gi' | quantity", 1073741824),
    ("'1.5Ki' | quantity", 1536),
    ("'2e3' | quantity", 2000),
    ("'2E' | quantity", 2 * 10**18),
    ("'100k' | quantity", 100000),
    ("2 | quantity", 2),
    ("'-1' | quantity", -1),
    ("'.5' | quantity", 0.5),
    ("'1n' | quantity", 1e-09),
    ("'1Gi' | quantity > '900Mi' | quantity", True),
    # list filters
    ("t.args | first", "p"),
    ("t.args | last", "r"),
    ("t.args | length", 3),
    ("t.args | count", 3),
    ("'abc' | length", 3),
    ("t.labels | length", 2),
    ("t | length", len(DATA)),
    ("t.args | join('-')", "p-q-r"),
    ("[1, true, 'a'] | join", "1truea"),
    ("t.inputs.artifacts | join(',', 'name')", "x,y"),
    ("t.args | reverse", ["r", "q", "p"]),
    ("t.args | reverse | list", ["r", "q", "p"]),
    ("t.labels | list", ["x/y", "with space"]),
    ("'abc' | list", ["a", "b", "c"]),
    ("[3, 1, 2] | sort", [1, 2, 3]),
    ("['b', 'A'] | sort", ["A", "b"]),
    ("['b', 'A', 'a'] | sort(case_sensitive=true)", ["A", "a", "b"]),
    ("[1, 2] | sort(reverse=true)", [2, 1]),
    ("['b', 1, null, true] | sort", [None, True, 1, "b"]),
    ("[{'a': 2}, {'a': 1}] | sort(attribute='a')", [{"a": 1}, {"a": 2}]),
    ("[{'a': 1, 'b': 2}, {'a': 1, 'b': 1}] | sort(attribute='a,b') | map(attribute='b')", [1, 2]),
    ("[1, true, 1.0, 'a', 'A', true, null, null] | unique", [1, True, "a", None]),
    ("['a', 'A'] | unique(true)", ["a", "A"]),
    ("[{'k': 1}, {'k': 1.0}] | unique(attribute='k') | length", 1),
    ("[[1], [true], [1.0]] | unique", [[1], [True]]),
    ("[3, 1] | min", 1),
    ("['b', 'A'] | max", "b"),
    ("[{'a': 1}, {'a': 5}] | max(attribute='a')", {"a": 5}),
    ("[] | min | default(0)", 0),
    ("[1, 2.5] | sum", 3.5),
    ("[{'a': 1}, {'a': 2}] | sum(attribute='a')", 3),
    ("[[1], [2, 3]] | sum(start=[])", [1, 2, 3]),
    ("[] | sum", 0),
    ("['a', 'b'] | sum(start='')", "ab"),
    ("['a', 'b'] | map('upper') | list", ["A", "B"]),
    ("['a'] | map('replace', 'a', 'b')", ["b"]),
    ("['a', 'b'] | map('center', width=3)", [" a ", " b "]),
    ("t.inputs.artifacts | map(attribute='name')", ["x", "y"]),
    ("[[1, 2]] | map(attribute=1)", [2]),
    ("[[1, 2]] | map(attribute='1')", [2]),
    ("[{'a': {'b': 1}}] | map(attribute='a.b')", [1]),
    ("[1, 0, null, 'a'] | select", [1, "a"]),
    ("[1, 2, 3] | select('odd')", [1, 3]),
    ("[1, 2, 3] | reject('odd')", [2]),
    ("[1, true] | select('eq', 1)", [1]),
    ("[1, true, 2] | select('in', [1])", [1]),
    ("[1, 2, 3] | select('>', 1)", [2, 3]),
    ("t.inputs.artifacts | selectattr('path', 'defined') | map(attribute='name')", ["x"]),
    ("t.inputs.artifacts | rejectattr('path') | map(attribute='name')", ["y"]),
    ("t.inputs.artifacts | selectattr('name', 'equalto', 'y') | first", {"name": "y"}),
    ("t.inputs.artifacts | selectattr('path', 'eq', 'q')", []),
    ("['Ab', 'cd'] | select('match', 'a', ignorecase=true)", ["Ab"]),
    ("[1, 2, 3] | batch(2)", [[1, 2], [3]]),
    ("[1, 2, 3] | batch(2, 0)", [[1, 2], [3, 0]]),
    ("[1, 2, 3] | slice(2)", [[1, 2], [3]]),
    ("[1, 2, 3] | slice(2, 0)", [[1, 2], [3, 0]]),
    ("{'b': 1, 'a': 2} | dictsort", [["a", 2], ["b", 1]]),
    ("{'b': 1, 'a': 2} | dictsort(by='value')", [["b", 1], ["a", 2]]),
    ("t.labels | items", [["x/y", "z"], ["with space", 1]]),
    ("t.labels | items | map('last')", ["z", 1]),
    (
        (
            "[{'g': 'x', 'v': 1}, {'g': 'y', 'v': 2}, {'g': 'X', 'v': 3}]"
            " | groupby('g') | map('last') | map('map', attribute='v')"
        ),
        [[1, 3], [2]],
    ),
    ("[{'g': 1}, {'g': true}] | groupby('g') | length", 2),
    ("[{'g': 'a'}, {}] | groupby('g', default='0') | map('first')", ["0", "a"]),
    # paths, patterns, data
    ("'/a/b.txt' | dirname", "/a"),
    ("'/a/b.txt' | basename", "b.txt"),
    ("'/a/b.txt' | splitext", ["/a/b", ".txt"]),
    ("'/a/../b//c' | normpath", "/b/c"),
    ("'/a/b' | relpath('/a/c')", "../b"),
    ("'a' | relpath", "a"),
    ("'../a' | relpath('b')", "../../a"),
    ("'/a' | relpath('/a')", "."),
    ("'aXbXc' | regex_replace('x', '-', ignorecase=true)", "a-b-c"),
    (r"'abc' | regex_replace('(b)', '<\1>')", "a<b>c"),
    ("'aaa' | regex_replace('a', 'b', count=1)", "baa"),
    (r"'abc' | regex_replace('(?P<n>b)', '\g<n>\g<n>')", "abbc"),
    ("'a\nb' | regex_replace('^b', 'c', multiline=true)", "a\nc"),
    ("'ab1' | regex_search('[0-9]')", "1"),
    ("'ab' | regex_search('[0-9]')", None),
    (r"'k=v' | regex_search('(\w)=(\w)', '\2', '\1')", ["v", "k"]),
    (r"'k=v' | regex_search('(?P<x>k)', '\g<x>')", ["k"]),
    ("'a1b2' | regex_findall('[0-9]')", ["1", "2"]),
    (r"'a1b2' | regex_findall('(\w)(\d)')", [["a", "1"], ["b", "2"]]),
    ("'a.b' | regex_escape", r"a\.b"),
    ("'ABC' is match('ab', ignorecase=true)", True),
    ("'abc' is match('b')", False),
    ("'abc' is search('b')", True),
    ("'ab' is match 'a'", True),
    ("{'a': 1} | combine({'b': 2})", {"a": 1, "b": 2}),
    ("{'a': {'x': 1}} | combine({'a': {'y': 2}})", {"a": {"y": 2}}),
    ("{'a': {'x': 1}} | combine({'a': {'y': 2}}, recursive=true)", {"a": {"x": 1, "y": 2}}),
    ("[{'a': 1}, {'a': 2}] | combine", {"a": 2}),
    ("{'a': [1, 2]} | combine({'a': [2, 3]}, list_merge='append')", {"a": [1, 2, 2, 3]}),
    ("{'a': [1, 2]} | combine({'a': [2, 3]}, list_merge='append_rp')", {"a": [1, 2, 3]}),
    ("{'a': [1, 2]} | combine({'a': [2, 3]}, list_merge='prepend_rp')", {"a": [2, 3, 1]}),
    ("{'a': [1]} | combine({'a': [2]}, list_merge='keep')", {"a": [1]}),
    ("{'a': [1, true, null, 'é']} | to_json", '{"a": [1, true, null, "é"]}'),
    ("[1] | to_json(indent=1)", "[\n 1\n]"),
    ("t.port | to_json", "31"),
    ("'{\"a\": [1, 1.5, true, null]}' | from_json", {"a": [1, 1.5, True, None]}),
    ("{'a': [1]} | to_yaml", "a:\n- 1\n"),
    ("'é' | b64encode", "w6k="),
    ("'w6k=' | b64decode", "é"),
    ("'a' | sha256", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"),
    ("'a/b:1' is image", True),
    ("'A' is image", False),
    ("1 is image", False),
    ("'nginx' | image", {"registry": "docker.io", "repository": "library/nginx", "name": "nginx"}),
    ("'nginx:1.2' | image", {"registry": "docker.io", "repository": "library/nginx", "name": "nginx", "tag": "1.2"}),
    ("'a/b' | image", {"registry": "docker.io", "repository": "a/b", "name": "b"}),
    ("('index.docker.io/b' | image).repository", "library/b"),
    ("'localhost/a' | image", {"registry": "localhost", "repository": "a", "name": "a"}),
    ("'h:5000/a/b:t' | image", {"registry": "h:5000", "repository": "a/b", "name": "b", "tag": "t"}),
    (f"'quay.io/a/b@{DIGEST}' | image", {"registry": "quay.io", "repository": "a/b", "name": "b", "digest": DIGEST}),
    (f"('a:t@{DIGEST}' | image).tag", "t"),
    ("('a' | image).tag | default('latest')", "latest"),
    ("('quay.io/a' | image).registry in params.registries", True),
    # tests
    ("3 is odd", True),
    ("3 is even", False),
    ("4 is divisibleby 2", True),
    ("4 is divisibleby(3)", False),
    ("'a' is string", True),
    ("1 is string", False),
    ("1 is number", True),
    ("true is number", False),
    ("1.5 is number", True),
    ("1 is integer", True),
    ("true is integer", False),
    ("1.0 is float", True),
    ("true is boolean", True),
    ("1 is boolean", False),
    ("true is true", True),
    ("1 is true", False),
    ("false is false", True),
    ("null is none", True),
    ("t is mapping", True),
    ("t.args is mapping", False),
    ("t.args is sequence", True),
    ("'a' is sequence", True),
    ("1 is iterable", False),
    ("t is iterable", True),
    ("'ab' is lower", True),
    ("'Ab' is upper", False),
    ("1 is sameas true", False),
    ("1 is eq 1.0", True),
    ("1 is ne true", True),
    ("1 is lt 2", True),
    ("2 is ge 2", True),
    ("1 is in [1]", True),
    ("t.args is contains('p')", True),
    ("'ab' is startswith('a')", True),
    ("'ab' is endswith 'b'", True),
    ("1 is not defined", False),
    ("1 is callable", False),
    ("'a' is escaped", False),
    # functions
    ("range(3)", [0, 1, 2]),
    ("range(1, 3)", [1, 2]),
    ("range(3, 0, -2)", [3, 1]),
    ("range(0)", []),
    ("dict(a=1)", {"a": 1}),
    ("dict({'a': 1}, b=2)", {"a": 1, "b": 2}),
    ("dict([['a', 1]])", {"a": 1}),
    ("dict()", {}),
    ("pointer(t)", "/t"),
    ("pointer(a)", "/t/inputs/artifacts/1"),
    ("pointer(doc)", ""),
    ("key(t)", "t"),
    ("key(a)", 1),
    ("id(t)", "id-t"),
    ("select('$.t.args[*]')", ["p", "q", "r"]),
    ("select('$.artifacts[*].name', t.inputs)", ["x", "y"]),
    ("select('$.name', start=a)", ["y"]),
    ("select('a.name')", ["y"]),
    ("select('$..name')", ["a-b", "x", "y"]),
    ("select('$.x')", []),
    ("select('$.x', t.nope)", []),
    ("select('$.b', {'b': [1]})", [[1]]),
    ("mirrored('nginx')", "m.local/nginx"),
    ("mirrored(image='x')", "m.local/x"),
    ("twice('x')", "m.local/m.local/x"),
    ("either(t.nope, 2)", 2),
    ("either(y=2, x=1)", 1),
    ("['a'] | map('upper') | first ~ mirrored('b')", "Am.local/b"),
    ("loose(t)", "A-B"),
]

LOAD_ERRORS: list[tuple[str, str, int]] = [
    ("", "an expression is missing", 0),
    ("  ", "an expression is missing", 0),
    ("foo", "unknown name `foo`; names here: ", 0),
    ("wrod", "did you mean `word`?", 0),
    ("1 + tt.x", "unknown name `tt`", 4),
    ("params.miror", "unknown parameter `miror`; did you mean `mirror`?", 7),
    ("params['zzz'].a", "parameters: `mirror`, `registries`, `volume`", 7),
    ("t.name.split('-')", "values have no methods; write it as a filter: `... | split(...)`", 6),
    ("t.args.append(1)", "values have no methods", 6),
    ("'a'.upper()", "values have no methods", 3),
    ("(1)(2)", "only functions can be called", 3),
    ("t.name | lenght", "unknown filter `lenght`; did you mean `length`?", 9),
    ("t.name is startswit('a')", "unknown test `startswit`; did you mean `startswith`?", 0),
    ("rnge(1)", "unknown function `rnge`; did you mean `range`?", 0),
    ("upper(t.name)", "`upper` is a filter: write `... | upper`", 0),
    ("mirored('x')", "did you mean `mirrored`?", 0),
    ("range", "`range` is a function: write `range(...)`", 0),
    ("rows('t')", "unknown table `t`; the rule set has no `facts`", 5),
    ("a && b", "`&` is unexpected here; write `and`", 2),
    ("a || b", "the operator is `or`", 3),
    ("!a", "`!` is unexpected here; write `not`", 0),
    ("t.a ? 1 : 2", "write `a if condition else b`", 4),
    ("t.n = 3", "to compare, write `==`", 4),
    ("$x", "names stand without `$`", 0),
    ("'abc", "this text is not closed", 0),
    ("t.name |", "the expression ends too early", 8),
    ("t.", "the expression ends too early", 2),
    ("(1", "the expression ends too early", 2),
    ("1 2", "`2` is unexpected here", 2),
    ("t }", "`}` is unexpected here", 2),
    ("t.name | center(1, 2)", "the filter `center` cannot be called so: too many positional", 9),
    ("t.name | center(x=1)", "got an unexpected keyword argument 'x'", 9),
    ("t.name | replace('a')", "missing a required argument: 'new'", 9),
    ("t is divisibleby", "the test `divisibleby` cannot be used so", 0),
    ("range()", "the function `range` cannot be called so", 0),
    ("mirrored()", "`mirrored(image)` cannot be called so: missing a required argument: 'image'", 0),
    ("mirrored(1, 2)", "too many positional arguments", 0),
    ("f(*t.args)", "arguments cannot be spread", 1),
    ("t.name | replace(**t)", "arguments cannot be spread", 9),
    ("t[1, 2]", "one key or index", 1),
    ("[1] | map('uper')", "unknown filter `uper`; did you mean `upper`?", 10),
    ("[1] | map('random')", "not part of the language", 10),
    ("[1] | select('od')", "unknown test `od`; did you mean `odd`?", 13),
    ("[1] | selectattr('a', 'equals', 1)", "unknown test `equals`", 22),
    ("[1] | map('replace', 'a')", "missing a required argument: 'new'", 10),
    ("'a' | regex_replace('(', '')", "the regular expression is wrong", 20),
    ("'a' is match('[')", "the regular expression is wrong", 13),
    ("pointer('x')", "takes one argument, the bare name of a capture", 0),
    ("pointer(t.inputs)", "takes one argument, the bare name of a capture", 0),
    ("id()", "takes one argument, the bare name of a capture", 0),
    ("key(params)", "`params` is a value without a location", 4),
    ("pointer(prefix)", "`prefix` is a value without a location", 8),
    ("pointer(zz)", "unknown name `zz`", 8),
    ("select(t.name)", "`select` takes a path as a literal text", 0),
    ("select()", "`select` takes a path as a literal text", 0),
    ("select('$.a[')", "in the path `$.a[`", 12),
    ("select('zz.a')", "unknown name `zz`", 7),
    (r"'\ud800'", "half of a surrogate pair", 0),
    ("9" * 5000, "the number is longer than 4,096 bits", 0),
    ("0x" + "f" * 1025, "the number is longer than 4,096 bits", 0),
    ("(" * 5000 + "1" + ")" * 5000, "brackets are nested more than 40 deep", 40),
    ("1" + " + 1" * 5000, "more than 200 operators, filters and members follow each other", 0),
    ("not " * 5000 + "1", "nested too deeply", 0),
    ("{% if x %}", "unexpected `%`", 1),
    ("{{ t }}", "expected token `:`, got `}`", 5),
    ("t | default(1) if", "the expression ends too early", 17),
]

RUN_ERRORS: list[tuple[str, str, int]] = [
    ("t.inputs.itms ~ 'x'", "t.inputs.itms is absent; keys here: `artifacts`, `items`; did you mean `items`?", 0),
    ("'x' ~ t.nope", "t.nope is absent; keys here: `name`, `n`", 6),
    ("t.nope.a.b | upper", "t.nope is absent", 0),
    ("t['no pe'] | upper", "t['no pe'] is absent", 0),
    ("1 < t.nope", "t.nope is absent", 4),
    ("t.nope >= 1", "t.nope is absent", 0),
    ("t.nope + 1", "t.nope is absent", 0),
    ("1 - t.nope", "t.nope is absent", 4),
    ("-t.nope", "t.nope is absent", 0),
    ("t.args[7] | upper", "t.args[7] is absent", 0),
    ("t.nope | length", "t.nope is absent", 0),
    ("t.nope | map('upper')", "t.nope is absent", 0),
    ("t.nope is odd", "t.nope is absent", 0),
    ("t.nope is match('a')", "t.nope is absent", 0),
    ("t.nope is lt 1", "t.nope is absent", 0),
    ("'a' | replace(t.nope, 'b')", "t.nope is absent", 6),
    ("[1, t.nope]", "t.nope is absent", 0),
    ("{'a': {'b': t.nope}}", "t.nope is absent", 0),
    ("t.inputs.artifacts | map(attribute='path')", "path is absent; keys here: `name`", 0),
    ("t.inputs.artifacts | map(attribute='path') | join", "path is absent", 45),
    ("t.inputs.artifacts | sort(attribute='path')", "path is absent", 21),
    ("t.inputs.artifacts | sum(attribute='n')", "n is absent", 21),
    ("[t.nope] | to_json", "t.nope is absent", 11),
    ("[] | first ~ ''", "the first item of an empty list is absent", 5),
    ("(1 if false) ~ ''", "the value of an `if` without `else` is absent", 1),
    ("gone ~ ''", "t.nope is absent", 0),
    ("null ~ 'a'", "only text, numbers and booleans can be text; found null", 0),
    ("'a' ~ t.args", "found a list", 6),
    ("t | upper", "found a mapping", 4),
    ("null | upper", "found null", 7),
    ("omit ~ 'a'", "`omit` may only be", 0),
    ("omit | upper", "`omit` may only be", 7),
    ("1 + true", "`+` needs two numbers, two texts or two lists; found the number 1 and true", 0),
    ("1 + 'a'", "found the number 1 and the text 'a'", 0),
    ("{} + {}", "found a mapping and a mapping", 0),
    ("true * 2", "`*` needs", 0),
    ("'a' * 1.5", "`*` needs", 0),
    ("'a' - 'b'", "`-` needs two numbers", 0),
    ("1 / 0", "division by zero", 0),
    ("1 // 0", "division by zero", 0),
    ("1 % 0", "division by zero", 0),
    ("0 ** -1", "division by zero", 0),
    ("(-8) ** 0.5", "not a finite real number", 1),
    ("1e308 * 10", "not a finite real number", 0),
    ("10.0 ** 400", "not a finite real number", 0),
    ("10 ** 400 + 0.5", "not a finite real number", 0),
    ("-'a'", "`-` needs a number; found the text 'a'", 0),
    ("1 < 'a'", "`<` needs two numbers or two texts", 0),
    ("true < 2", "`<` needs two numbers or two texts", 0),
    ("null > 1", "`>` needs two numbers or two texts", 0),
    ("1 < 2 < 'a'", "`<` needs two numbers or two texts", 0),
    ("t < t", "found a mapping and a mapping", 0),
    ("1 in 'a1'", "only a text can be in a text", 0),
    ("1 in 5", "`in` needs a list, a mapping or a text on its right; found the number 5", 0),
    ("{1: 2}", "a mapping's key is a text; found the number 1", 1),
    ("t.labels[1:]", "only lists and texts have slices", 0),
    ("t.args['a':]", "the bounds of a slice are integers", 0),
    ("t.args[::0]", "the step of a slice cannot be 0", 0),
    ("'a' | abs", "a number is needed here; found the text 'a'", 6),
    ("true | abs", "a number is needed here; found true", 7),
    ("'a' | center('x')", "an integer is needed here", 6),
    ("'a' | center(true)", "an integer is needed here", 6),
    ("'a' | indent(2, 1)", "true or false is needed here", 6),
    ("'a' | indent(1.5)", "the width is a number of blanks", 6),
    ("'abc' | truncate(2)", "needs a length of 3", 8),
    ("'a' | wordwrap(0)", "the filter `wordwrap` failed", 6),
    ("'a' | split('')", "the separator is empty", 6),
    ("'%d' | format('a')", "the text cannot be filled in", 7),
    ("'%s %s' | format(1)", "the text cannot be filled in", 10),
    ("'%s' | format(1, a=2)", "in order or by name", 7),
    ("'%*d' | format(5, 1)", "a width or precision", 8),
    ("'%s' % t", "", 0),
    ("5 | first", "a list is needed here; found the number 5", 4),
    ("null | length", "a list is needed here; found null", 7),
    ("[{}] | sort", "only numbers, texts, booleans and null can be sorted; found a mapping", 7),
    ("[1, 'a'] | sum", "`+` needs", 11),
    ("[[1]] | join", "found a list", 8),
    ("[1] | batch(0)", "a batch has 1 item or more", 6),
    ("[1] | slice(0)", "1 slice or more", 6),
    ("[1] | map", "`map` needs the name of a filter", 6),
    ("[1] | map(t.n)", "the name of a filter or test is needed first", 6),
    ("[1] | map(word)", "unknown filter `w`", 6),
    ("[1] | map(attribute='a', x=1)", "`map` does not take `x`", 6),
    ("[1] | map(attribute=true)", "an attribute is a text or an index", 6),
    ("1 | items", "a mapping is needed here", 4),
    ("{'a': 1} | dictsort(by='x')", "sort by 'key' or by 'value'", 11),
    ("{'a': {}, 'b': 1} | dictsort(by='value')", "found a mapping", 20),
    ("1.5 | round(2, 'up')", "the method is one of common, ceil, floor; found the text 'up'", 6),
    ("1.5 | round(10**9)", "the precision is not between", 6),
    ("'1x' | quantity", "a Kubernetes quantity such as `500m`, `1Gi` or `2` is needed; found the text '1x'", 7),
    ("'1e9999999' | quantity", "a Kubernetes quantity", 14),
    ("'A/b:' | image", "is no image reference", 9),
    ("'' | image", "is no image reference", 5),
    ("'a b' | image", "is no image reference", 8),
    ("'/a' | relpath('b')", "both paths must start with `/`, or neither", 7),
    ("'a' | relpath('../b')", "folders whose names are unknown", 6),
    (r"'a' | regex_replace('a', '\2')", "has no group `2`", 6),
    ("'a' | regex_replace('a', 'b', mandatory_count=2)", "should match 2 times, but matches 1 times", 6),
    (r"'a' | regex_search('a', '\1')", "is no group of `a`", 6),
    ("'a' | regex_search(word ~ '(')", "the regular expression is wrong", 6),
    ("{} | combine([1])", "`combine` merges mappings; found the number 1", 5),
    ("{} | combine({}, list_merge='x')", "`list_merge` is one of replace", 5),
    ("'{' | from_json", "the filter `from_json` failed", 6),
    ("'NaN' | from_json", "`NaN` is not JSON", 8),
    ("('[' * 100000) | from_json", "nested more than 200 deep", 17),
    ("('[' * 201 ~ ']' * 201) | from_json", "nested more than 200 deep", 26),
    ("'!' | b64decode", "is not the Base64 of a text", 6),
    ("'/w==' | b64decode", "is not the Base64 of a text", 9),
    ("[1] | to_json(indent=1000)", "the indentation is not between", 6),
    ("range('a')", "`range` needs integers; found the text 'a'", 0),
    ("range(0, 5, 0)", "the step of a range cannot be 0", 0),
    ("dict([1])", "`dict` needs pairs", 0),
    ("dict(1)", "`dict` needs a mapping or a list of pairs", 0),
    ("key(doc)", "the document itself has no key", 0),
    ("pointer(word)", "`word` is the text 'w' without a location", 0),
    ("mirrored(t.nope)", "in `mirrored`: t.nope is absent", 0),
    ("twice(t)", "in `twice`: in `mirrored`: only text", 0),
]

BLOW_UPS = [
    "'a' * 10**9",
    "[1] * 10**9",
    "[1]|batch(10**8, 0)",
    "[1]|slice(10**8)",
    "[[[[1]*999]*999]*999]*999",
    "10**(10**10)",
    "2**5000",
    "(10**1000) * (10**1000)",
    "'%1000000000d'|format(1)",
    "'%.1000000000f' % 1.5",
    "'%1000s' * 9999999 | format('a')",
    "'a'|center(10**9)",
    "'a\nb'|indent(10**9)",
    "('a\n' * 10**6)|indent(10**3)",
    "('a' * 10**6)|replace('a', 'b' * 10**6)",
    "'a'|replace('', 'b' * 10**7 ~ 'b')",
    "('a' * 10**7)|regex_replace('a', 'bbb')",
    "range(10**9)",
    "range(10**6)|map('center', 10**6)|list",
    "range(10**5)|select('in', range(10**5))|list",
    "range(0, 10**9, 3)|list",
    "range(10**5)|map('format', 'x' * 1000)|join('y' * 1000)",
    "('a' * 10**6)|wordwrap(1, wrapstring='b' * 100)",
    "['a' * 10**6] * 100 | join",
    "('a' * 10**6)|list|map('center', 1000)|list",
    "['a' * 10**7, 'b'] | join",
    "('a' * 10**7) ~ 'b'",
    "('a' * 10**7) + 'b'",
    "[range(10**5)] * 100 | sum(start=[])",
    "[range(10**5)] * 100 == 1",
    "1.5|round(10**9, 'floor')",
    "{'a': [range(10**5)] * 100} | to_json",
    "('(' * 10**6) | from_json",
    "('%s' * 10**6) % ('a' * 10**6)",
    "('a' * 60 ~ 'b') is match('(a|aa)+$')",
    "('%(k)s' * 10**5)|format(k='a' * 10**6)",
]


@pytest.mark.parametrize(("text", "expected"), VALUES)
def test_value(text: str, expected: Any) -> None:
    found = run(text)
    if text == "t.nope and t.nope.x ~ ''":
        assert isinstance(found, Absent)
    elif isinstance(expected, Integer):
        assert isinstance(found, Integer)
        assert found.text == expected.text
    else:
        assert same(found, expected), found


@pytest.mark.parametrize(("text", "message", "offset"), LOAD_ERRORS)
def test_refused_at_load(text: str, message: str, offset: int) -> None:
    with pytest.raises(ExpressionError) as raised:
        compile_expression(text, SCOPE)
    assert message in raised.value.message
    assert raised.value.offset == offset


@pytest.mark.parametrize(("text", "message", "offset"), RUN_ERRORS)
def test_refused_at_run(text: str, message: str, offset: int) -> None:
    expression = compile_expression(text, SCOPE)
    with pytest.raises(ExpressionError) as raised:
        expression.evaluate(_frame())
    assert message in raised.value.message
    assert raised.value.offset == offset


@pytest.mark.parametrize("text", BLOW_UPS)
def test_bounded(text: str) -> None:
    begin = time.perf_counter()
    expression = compile_expression(text, SCOPE)
    with pytest.raises(ExpressionError):
        expression.evaluate(_frame())
    assert time.perf_counter() - begin < 20


@pytest.mark.parametrize("name", [*REFUSED_FILTERS])
def test_refused_filter(name: str) -> None:
    with pytest.raises(ExpressionError, match=f"the filter `{name}` is not part of the language: "):
        compile_expression(f"t.name | {name}", SCOPE)


@pytest.mark.parametrize("name", [*REFUSED_FUNCTIONS])
def test_refused_function(name: str) -> None:
    with pytest.raises(ExpressionError, match=f"the function `{name}` is not part of the language: "):
        compile_expression(f"{name}()", SCOPE)


TRUTH = [
    ("t.nope", False),
    ("null", False),
    ("false", False),
    ("0", False),
    ("0.0", False),
    ("''", False),
    ("[]", False),
    ("{}", False),
    ("t.nul", False),
    ("t", True),
    ("'0'", True),
    ("'false'", True),
    ("[0]", True),
    ("1", True),
    ("t.inputs", True),
    ("t.empty", False),
    ("t.n > 2", True),
    ("not t", False),
]


@pytest.mark.parametrize(("text", "expected"), TRUTH)
def test_truth(text: str, expected: bool) -> None:
    assert compile_expression(text, SCOPE).test(_frame()) is expected


NAMES = [
    ("1", set()),
    ("t.name ~ a", {"t", "a"}),
    ("omit", set()),
    ("params.mirror", {"params"}),
    ("prefix", {"prefix"}),
    ("pointer(t)", {"t"}),
    ("mirrored(word)", {"params", "word"}),
    ("select('$.a')", {"doc"}),
    ("select('a.b', t)", {"a", "t"}),
    ("t | map(word)", {"t", "word"}),
]


@pytest.mark.parametrize(("text", "names"), NAMES)
def test_names(text: str, names: set[str]) -> None:
    assert compile_expression(text, SCOPE).names == names


def test_a_capture_comes_out_as_its_data() -> None:
    scalar = Frame({"t": ROOT.value["kind"]})
    assert compile_expression("t", SCOPE).evaluate(scalar) == "Workflow"


def test_results_are_fresh() -> None:
    for text in ("[1, [2]]", "t.args", "params.volume", "t.inputs.artifacts | selectattr('path') | list"):
        expression, frame = compile_expression(text, SCOPE), _frame()
        first = expression.evaluate(frame)
        (first.append if isinstance(first, list) else first.setdefault)("changed")
        assert "changed" not in expression.evaluate(frame)


def test_results_hold_no_nodes() -> None:
    found = run("[t, {'a': t.inputs, 'b': t.args | list}, t.inputs.artifacts | groupby('name')]")
    stack = [found]
    while stack:
        value = stack.pop()
        assert not isinstance(value, (Node, tuple))
        stack.extend(value.values() if isinstance(value, dict) else value if isinstance(value, list) else ())


class _Counter:
    def __init__(self, value: Any) -> None:
        self.calls = 0
        self.value = value

    def evaluate(self, _frame: Frame) -> Any:
        self.calls += 1
        return self.value


def test_lets_are_computed_once_and_only_when_used() -> None:
    used, unused = _Counter(1), _Counter(2)
    frame = Frame({}, {"used": used, "unused": unused})
    children = [frame.child({"t": number}) for number in range(3)]
    assert [child["used"] for child in children] == [1, 1, 1]
    assert (used.calls, unused.calls) == (1, 0)
    assert [child["t"] for child in children] == [0, 1, 2]
    with pytest.raises(KeyError):
        frame["t"]


def test_a_child_sees_its_own_lets_first() -> None:
    frame = Frame({}, {"x": _Counter(1)}).child({}, {"x": _Counter(2)})
    assert frame["x"] == 2


def test_functions_do_not_see_captures() -> None:
    with pytest.raises(ExpressionError, match="unknown name `t`"):
        compile_expression("t.name", Scope(names=frozenset({"params", "x"})))


ENDS = [
    ("${ a }x", 5),
    ("${ {'a': '}'} }", 14),
    ("${ '}' }", 7),
    ('${ "}" }', 7),
    ("${ [{}] }", 8),
    ("${ a } }", 5),
    ("${ x['}'] }", 10),
]


@pytest.mark.parametrize(("text", "end"), ENDS)
def test_closing_brace(text: str, end: int) -> None:
    found = closing_brace(text, 3)
    assert text[found] == "}"
    assert found == end


def test_unclosed() -> None:
    with pytest.raises(ExpressionError, match="has no `}` that ends it") as raised:
        closing_brace("ab ${ x", 6)
    assert raised.value.offset == 3


def test_reserved_names() -> None:
    assert {"doc", "params", "omit", "match", "it", "upper", "map", "pointer", "range"} <= reserved_names()
    assert not {"d", "e", "name", "template"} & reserved_names()


def _documented(heading: str) -> list[str]:
    text = (Path(__file__).resolve().parents[1] / "docs" / "expressions.md").read_text(encoding="utf-8")
    section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    cells = [re.split(r"(?<!\\)\|", line)[1] for line in section.splitlines() if line.startswith("| ")][1:]
    return [
        re.split(r"[(]", name)[0] for cell in cells for name in re.findall(r"`([^`]+)`", cell) if cell.strip()[0] == "`"
    ]


def test_documentation_is_complete() -> None:
    assert sorted(set(_documented("Filters"))) == sorted(FILTERS)
    assert sorted(_documented("Tests")) == sorted(TESTS)
    assert set(_documented("Functions")) == FUNCTION_NAMES


def test_documented_arguments() -> None:
    text = (Path(__file__).resolve().parents[1] / "docs" / "expressions.md").read_text(encoding="utf-8")
    for name, found in FILTERS.items():
        parameters = list(found.signature.parameters.values())[1:]
        row = next(line for line in text.splitlines() if re.match(rf"\| `{name}[`(]", line))
        if row.startswith(f"| `{name}`") and name not in {"count", "format", "map"}:
            assert not parameters or name == "d", name
        for parameter in parameters:
            if parameter.kind == parameter.POSITIONAL_OR_KEYWORD and name not in {"count", "map"}:
                assert re.search(rf"[( ]{parameter.name}\b", row), (name, parameter.name)


def test_jinja_is_not_imported_without_expressions() -> None:
    code = "import sys, retouch.expressions.expression, retouch.expressions.template; sys.exit('jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
