"""Tables of facts: what they hold, what they cost, which documents they are about, and what they refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import retouch
from retouch.evaluation.component import components
from retouch.evaluation.evaluate import evaluate, evaluate_all
from retouch.evaluation.evaluation import Evaluation
from retouch.expressions.expression import Expression
from retouch.fact import Row, Table
from retouch.jsonpath.path import compile_path
from retouch.node import plain
from retouch.reading.document import read
from retouch.rewriter import rewrite_together
from retouch.rulefile.action_form import needs_document

HEADER = "apiVersion: retouch/v1\nkind: RuleSet\nmetadata: {name: test}\n"


def load(rules: str, name: str = "test") -> retouch.Rules:
    rules = rules if re.search("^rules:", rules, re.MULTILINE) else f"{rules}\nrules: []\n"
    return retouch.load_text(HEADER.replace("test", name) + rules, "rules.yaml")


def tables(facts: str, *texts: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of all tables, a capture as its pointer."""
    found = retouch.derive_facts([(f"{n}.yaml", text) for n, text in enumerate(texts)], load(facts))
    return {
        table.name: [
            {
                name: value.pointer if isinstance(value, retouch.Location) else value
                for name, value in row.columns.items()
            }
            for row in table.rows
        ]
        for table in found
    }


def run(rules: str, *texts: str) -> list[str]:
    """The new texts."""
    given = [(f"{n}.yaml", text) for n, text in enumerate(texts)]
    return [result.text for result in retouch.rewrite_all(given, load(rules))]


def refused(rules: str, *texts: str) -> retouch.RetouchError:
    with pytest.raises(retouch.RetouchError) as caught:
        run(rules, *texts)
    return caught.value


# ---- rows --------------------------------------------------------------------------------------------------------

ROWS = {
    "one row per combination": (
        "t: {match: {x: $.a.*, y: x.b.*}, is: {x: '${ key(x) }', y: '${ y }'}}",
        "a: {p: {b: [1, 2]}, q: {b: [3]}}",
        [{"x": "p", "y": "/a/p/b/0"}, {"x": "p", "y": "/a/p/b/1"}, {"x": "q", "y": "/a/q/b/0"}],
    ),
    "equal rows once": (
        "t: {match: {x: $.a.*}, is: {n: '${ x.n }'}}",
        "a: [{n: 1}, {n: 1.0}, {n: true}, {n: '1'}, {n: [1]}, {n: [1.0]}]",
        [{"n": 1}, {"n": True}, {"n": "1"}, {"n": [1]}],
    ),
    "captures are different if their nodes are": (
        "t: {match: {x: $.a.*}, is: {x: '${ x }'}}",
        "a: [{n: 1}, {n: 1}, 2, 2]",
        [{"x": "/a/0"}, {"x": "/a/1"}, {"x": "/a/2"}, {"x": "/a/3"}],
    ),
    "the key of a scalar is its value": (
        "t: {match: {x: $.a.*}, is: {id: '${ x }'}}",
        "a: [p, q, p]",
        [{"id": "p"}, {"id": "q"}],
    ),
    "no match, one row a document": ("t: {is: {n: '${ doc.n }'}}", "n: 1\n---\nn: 2\n", [{"n": 1}, {"n": 2}]),
    "no document, one row": ("t: {is: {n: 1}}", "n: 1\n---\nn: 2\n", [{"n": 1}]),
    "a column left out": (
        "t: {match: {x: $.a.*}, is: {k: '${ key(x) }', n: '${ x.n | default(omit) }'}}",
        "a: {p: {n: 1}, q: {}}",
        [{"k": "p", "n": 1}, {"k": "q"}],
    ),
    "let and when": (
        "t: {match: {x: $.a.*}, let: {n: '${ x.n * 2 }'}, when: n > 2, is: {n: '${ n }'}}",
        "a: [{n: 1}, {n: 2}]",
        [{"n": 4}],
    ),
    "a column goes on holding the capture of a row": (
        """s: {match: {x: $.a.*}, is: {x: '${ x }'}}
  t: {match: {r: facts.s, y: r.x.b}, is: {x: '${ r.x }', y: '${ y }'}}""",
        "a: [{b: {c: 1}}, {}]",
        [{"x": "/a/0", "y": "/a/0/b"}],
    ),
    "a let that is a row": (
        """s: {match: {x: $.a.*}, is: {id: '${ x.n }', x: '${ x }'}}
  t: {match: {y: $.b.*}, let: {r: '${ facts.s[y] }'}, is: {x: '${ r.x }', n: '${ r.x.n }'}}""",
        "a: [{n: 1}, {n: 2}]\nb: [2]",
        [{"x": "/a/1", "n": 2}],
    ),
    "shared parts": (
        """t:
    match: {x: $.a.*}
    let: {n: '${ x.n }'}
    when: n > 1
    is: {n: '${ n }'}
    from:
    - {is: {by: one}}
    - {match: {y: '${ range(n) }'}, let: {m: '${ n * y }'}, is: {by: '${ m }'}}""",
        "a: [{n: 1}, {n: 2}]",
        [{"n": 2, "by": "one"}, {"n": 2, "by": 0}, {"n": 2, "by": 2}],
    ),
    "derivation by derivation": (
        "t: {match: {x: $.a.*}, from: [{is: {n: '${ x }', by: 1}}, {is: {n: '${ x }', by: 2}}]}",
        "a: [p, q]",
        [{"n": "/a/0", "by": 1}, {"n": "/a/1", "by": 1}, {"n": "/a/0", "by": 2}, {"n": "/a/1", "by": 2}],
    ),
    "a row as the source of a capture": (
        """s: {match: {x: $.a.*}, is: {id: '${ x }'}}
  t: {match: {y: $.b.*, r: '${ facts.s[y] }'}, is: {id: '${ r.id }'}}""",
        "a: [p, q]\nb: [q, nothing]",
        [{"id": "q"}],
    ),
    "filters keep rows": (
        """s: {match: {x: $.a.*}, is: {n: '${ x.n }', x: '${ x }'}}
  t:
    match: {r: "${ (rows('s', n=1) + rows('s', n=2)) | rejectattr('n', 'eq', 1) | list }"}
    is: {x: '${ r.x }'}""",
        "a: [{n: 1}, {n: 2}]",
        [{"x": "/a/1"}],
    ),
}


@pytest.mark.parametrize("case", ROWS)
def test_rows(case: str) -> None:
    facts, text, expected = ROWS[case]
    assert tables(f"facts:\n  {facts}\n", text)["t"] == expected


LOOKUPS = {
    "rows('t', k='p') | length": 2,
    "rows('t', k='p', n=1) | map(attribute='n') | list": [1],
    "rows('t', n=1.0) | length": 1,
    "rows('t', n=true) | length": 1,
    "rows('t', n='1') | length": 0,
    "rows('t', k=doc.nothing.here) | length": 0,
    "rows('t') | length": 4,
    "rows('t', node=x) | map(attribute='n') | list": [1],
    "rows('t', node=x.same) | length": 0,
    "rows('t', name=x.name) | map(attribute='n') | list": [1, True],
    "rows('t', name='one') | length": 2,
    "facts.key['p'].n": 1,
    "facts.key[doc.k].n": 2,
    "facts.key['nothing'].n is defined": False,
    "facts.key.p.n": 1,
    "'k' in facts.key and facts.key['n'] is not defined": False,
    "facts.key[doc.nothing].n is defined": False,
    "'p' in facts.key and 'nothing' not in facts.key": True,
    "doc.nothing in facts.key": False,
    "doc.nothing not in facts.key": True,
    "facts.node[x].n": 1,
    "x in facts.node": True,
    "named('q')": 2,
    "(rows('t') | first) in rows('t', n=1)": True,
    "(rows('t') | last) in rows('t', n=1)": False,
    "(rows('t') + rows('t')) | unique | list | length": 4,
    "id(row.node) == id(x)": True,
    "pointer(row.node) ~ ' ' ~ key(row.node)": "/a/0 0",
    "select('$.name', row.node)": ["one"],
    "select('row.node.name')": ["one"],
}


@pytest.mark.parametrize("expression", LOOKUPS)
def test_lookup(expression: str) -> None:
    (found,) = run(
        f"""
functions:
  named(key): facts.key[key].n
facts:
  t:
    match: {{x: $.a.*, name: x.name}}
    is: {{k: "${{ x.k }}", n: "${{ x.n }}", node: "${{ x }}", name: "${{ name }}"}}
  key: {{match: {{r: facts.t}}, is: {{id: "${{ r.k }}", n: "${{ r.n }}"}}, unique: first}}
  node: {{match: {{r: facts.t}}, is: {{id: "${{ r.node }}", n: "${{ r.n }}"}}}}
rules:
- id: look
  match: {{x: '$.a[0]'}}
  let: {{row: "${{ rows('t') | first }}"}}
  actions:
  - set: $.found
    value: "${{ {expression} }}"
""",
        """
k: q
a:
- {k: p, n: 1, name: one}
- {k: q, n: 2, name: two}
- {k: p, n: true, name: one}
- {k: r, n: 9, name: x}
""",
    )
    value = plain(read(found)[0].root)["found"]
    assert value == LOOKUPS[expression]
    assert type(value) is type(LOOKUPS[expression])


def test_what_is_looked_up_stays_what_it_was_though_rules_change_it() -> None:
    (found,) = run(
        """
facts:
  item: {match: {i: $.items.*, name: i.name}, is: {node: "${ i }", name: "${ name }"}}
rules:
- id: rename
  match: {i: $.items.*}
  actions: [{set: i.name, value: "new ${ i.name }"}]
- id: look
  match: {r: "${ rows('item', name='a') }"}
  actions: [{set: r.node.found, value: "${ r.name }"}]
""",
        "items: [{name: a}, {name: b}]\n",
    )
    assert found == "items: [{name: new a, found: new a}, {name: new b}]\n"


# ---- recursion ---------------------------------------------------------------------------------------------------

CLOSURE = """
facts:
  edge: {match: {e: $.edges.*}, is: {a: "${ e[0] }", b: "${ e[1] }"}}
  left:
    from:
    - {match: {e: facts.edge}, is: {a: "${ e.a }", b: "${ e.b }"}}
    - {match: {r: facts.left, e: "${ rows('edge', b=r.a) }"}, is: {a: "${ e.a }", b: "${ r.b }"}}
  right:
    from:
    - {match: {e: facts.edge}, is: {a: "${ e.a }", b: "${ e.b }"}}
    - {match: {e: facts.edge, r: facts.right}, when: r.a == e.b, is: {a: "${ e.a }", b: "${ r.b }"}}
  both:
    from:
    - {match: {e: facts.edge}, is: {a: "${ e.a }", b: "${ e.b }"}}
    - {match: {r: facts.both, s: facts.both}, when: r.b == s.a, is: {a: "${ r.a }", b: "${ s.b }"}}
"""


@pytest.mark.parametrize(
    "column",
    [
        "facts.item[key].node",
        "facts.item['b'].node",
        "(facts.item[key] | default(none)).node",
        "(rows('item', id=key) | first).node",
        "(facts.item[key] if true else facts.item['a'])['node']",
    ],
)
def test_a_column_of_a_row_that_is_looked_up_is_a_location(column: str) -> None:
    facts = f"""
facts:
  item: {{match: {{i: $.items.*}}, is: {{id: "${{ i.name }}", node: "${{ i }}"}}}}
  use:
    match: {{u: $.uses.*}}
    let: {{key: "${{ u }}"}}
    is: {{id: "${{ u }}", node: "${{ {column} }}"}}
rules:
- id: one
  match: {{u: facts.use}}
  actions:
  - set: u.node.used
    value: true
"""
    text = "items: [{name: a}, {name: b}]\nuses: [b]\n"
    assert tables(facts, text)["use"] == [{"id": "b", "node": "/items/1"}]
    assert run(facts, text) == ["items: [{name: a}, {name: b, used: true}]\nuses: [b]\n"]


def test_a_column_of_a_row_that_is_not_there_is_absent() -> None:
    facts = """
facts:
  item: {match: {i: $.items.*}, is: {id: "${ i.name }", node: "${ i }"}}
  use: {match: {u: $.uses.*}, is: {id: "${ u }", node: "${ facts.item[u].node }"}}
"""
    assert "facts.item[...] is absent" in str(refused(facts, "items: [{name: a}]\nuses: [b]\n"))


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=9))
@example([(1, 2), (2, 3), (3, 4), (4, 5)])
@example([(4, 5), (3, 4), (2, 3), (1, 2)])
@example([(1, 2), (2, 3), (3, 1), (3, 4), (1, 1)])
@settings(max_examples=40, deadline=None)
def test_closure_in_three_ways(edges: list[tuple[int, int]]) -> None:
    found = tables(CLOSURE, f"edges: {[list(edge) for edge in edges]}\n")
    expected = set(edges)
    while more := {(a, d) for a, b in expected for c, d in edges if b == c} - expected:
        expected |= more
    for name in ("left", "right", "both"):
        pairs = [(row["a"], row["b"]) for row in found[name]]
        assert len(pairs) == len(set(pairs))
        assert set(pairs) == expected


def test_recursion_goes_down_paths() -> None:
    facts = """
facts:
  level:
    from:
    - {match: {n: $.a}, is: {id: "${ id(n) }", node: "${ n }", depth: 1}}
    - {match: {l: facts.level, n: l.node.a}, is: {id: "${ id(n) }", node: "${ n }", depth: "${ l.depth + 1 }"}}
"""
    found = tables(facts, "{a: " * 50 + "{}" + "}" * 50)["level"]
    assert [row["depth"] for row in found] == list(range(1, 51))
    assert found[-1]["node"] == "/a" * 50


def test_recursion_with_shared_parts() -> None:
    facts = """
facts:
  count:
    let: {step: 2}
    from:
    - is: {n: 0}
    - {match: {c: facts.count}, when: c.n < 6, is: {n: "${ c.n + step }"}}
"""
    assert tables(facts, "a: 1")["count"] == [{"n": 0}, {"n": 2}, {"n": 4}, {"n": 6}]


def test_new_values_each_time_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retouch.evaluation.derive.ROUND_LIMIT", 100)
    facts = "facts:\n  n: {from: [{is: {n: 0}}, {match: {r: facts.n}, is: {n: '${ r.n + 1 }'}}]}\n"
    error = refused(facts, "a: 1")
    assert "the table `n` still finds new rows after 100 rounds" in str(error)
    assert (error.file, error.line, error.rule) == ("rules.yaml", 5, "test/facts.n")


def test_too_many_rows_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retouch.evaluation.derivation.ROW_LIMIT", 100)
    facts = "facts:\n  n: {match: {a: '${ range(11) }', b: '${ range(11) }'}, is: {a: '${ a }', b: '${ b }'}}\n"
    assert "the table `n` has more than 100 rows" in str(refused(facts, "a: 1"))


# ---- cost --------------------------------------------------------------------------------------------------------


class Counts(dict[str, int]):
    """How often rows were added and expressions evaluated."""


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counts]:
    found = Counts(add=0, evaluate=0)
    add, evaluate_it = Table.add, Expression._run

    def count_add(self: Table, row: Row) -> Row | None:
        found["add"] += 1
        return add(self, row)

    def count_evaluate(self: Expression, frame: Any) -> Any:
        found["evaluate"] += 1
        return evaluate_it(self, frame)

    monkeypatch.setattr(Table, "add", count_add)
    monkeypatch.setattr(Expression, "_run", count_evaluate)
    return found


def cost(counts: Counts, rules: retouch.Rules, text: str) -> tuple[int, int]:
    counts.update(add=0, evaluate=0)
    documents = read(text)
    assert not [each.error for each in evaluate_all(documents, rules) if each.error]
    return counts["add"], counts["evaluate"]


JOIN = """
facts:
  left: {match: {x: $.left.*}, is: {id: "${ id(x) }", node: "${ x }", key: "${ x.key }"}}
  right: {match: {x: $.right.*}, is: {id: "${ id(x) }", node: "${ x }", key: "${ x.key }"}}
  pair:
    match: {l: facts.left, r: "${ rows('right', key=l.key) }"}
    is: {a: "${ l.id }", b: "${ r.id }", node: "${ l.node }"}
  group: {components: pair, of: left}
  verdict:
    unique: first
    match: {g: facts.group}
    is: {id: "${ g.id }"}
    from:
    - {when: "rows('pair', a=g.id) | length > 1", is: {state: many}}
    - {is: {state: one}}
rules:
- id: mark
  match: {p: facts.pair, v: "${ facts.verdict[facts.group[p.a].id] }"}
  when: v.state == 'one'
  actions: [{set: p.node.state, value: "${ v.state }"}]
"""


def test_joins_cost_what_they_find(counts: Counts) -> None:
    def text(number: int) -> str:
        items = "".join(f"- {{key: {each}}}\n" for each in range(number))
        return f"left:\n{items}right:\n{items}"

    rules = load(JOIN)
    small, large = (cost(counts, rules, text(number)) for number in (500, 1000))
    assert large[0] == 2 * small[0] == 4 * 1000
    assert large[1] <= 2 * small[1]
    assert large[1] < 25 * 1000


def test_closure_costs_what_it_finds(counts: Counts) -> None:
    def text(number: int) -> str:
        return "edges:\n" + "".join(f"- [{each}, {each + 1}]\n" for each in range(number))

    rules = load(CLOSURE[: CLOSURE.index("  right:")])
    adds, evaluations = cost(counts, rules, text(200))
    pairs = 200 * 201 // 2
    assert adds == 200 + pairs
    assert evaluations < 4 * pairs


def test_a_long_chain_costs_its_length(counts: Counts) -> None:
    rules = load(
        """
facts:
  next: {match: {e: $.edges.*}, is: {id: "${ e[0] }", to: "${ e[1] }"}}
  reached:
    from:
    - {is: {id: 0}}
    - {match: {r: facts.reached}, let: {n: "${ facts.next[r.id] }"}, when: n is defined, is: {id: "${ n.to }"}}
"""
    )
    texts = ["edges:\n" + "".join(f"- [{each}, {each + 1}]\n" for each in range(number)) for number in (1000, 2000)]
    small, large = (cost(counts, rules, text) for text in texts)
    assert large[0] <= 2 * small[0]
    assert large[1] <= 2 * small[1]


def test_documents_cost_what_they_hold(counts: Counts) -> None:
    rules = load(
        """
facts:
  item: {match: {i: $.items.*}, is: {id: "${ id(i) }", node: "${ i }"}}
  again: {match: {i: facts.item}, is: {id: "${ i.id }", document: "${ id(doc) }"}}
rules:
- id: mark
  match: {i: facts.item}
  when: facts.again[i.id].document == id(doc)
  actions: [{set: i.node.x, value: 1}]
"""
    )
    small, large = (cost(counts, rules, "---\nitems: [{}, {}]\n" * number) for number in (100, 200))
    assert large[0] == 2 * small[0] == 2 * 400
    assert large[1] <= 2 * small[1]


def test_what_stands_beside_from_is_matched_once(counts: Counts) -> None:
    from_ = "".join(f"    - {{when: x.n == {number}, is: {{by: {number}}}}}\n" for number in range(20))
    rules = load(
        "facts:\n  t:\n    unique: first\n    match: {x: '${ doc.a }', y: '${ [1] }'}\n    let: {n: '${ x.n }'}\n"
        f"    when: n is defined\n    is: {{id: '${{ x.n }}'}}\n    from:\n{from_}"
    )
    _, evaluations = cost(counts, rules, f"a: {[{'n': number} for number in range(20)]}\n")
    assert evaluations < 20 * 20 * 2 + 20 * 5


# ---- components --------------------------------------------------------------------------------------------------


def test_components_in_the_order_of_their_members() -> None:
    assert list(components("xabc", [("c", "b"), ("d", "d"), ("b", "a"), ("e", "x")])) == [
        ["x", "e"],
        ["a", "b", "c"],
        ["d"],
    ]


def test_a_long_chain_is_one_component() -> None:
    chain = list(range(20_000))
    (one,) = components([], ((later, earlier) for earlier, later in pairwise(chain)))
    assert one[:2] == [1, 0]
    assert list(components(chain, pairwise(chain))) == [chain]


def test_components_of_a_document_each() -> None:
    facts = """
facts:
  pair: {scope: document, match: {p: $.pairs.*}, is: {a: "${ p[0] }", b: "${ p[1] }"}}
  group: {scope: document, components: pair}
  whole: {components: pair}
  found: {match: {g: facts.group}, is: {document: "${ id(doc) }", members: "${ g.members }"}}
"""
    found = tables(facts, "pairs: [[1, 2]]\n---\npairs: [[2, 3]]\n")
    assert [row["members"] for row in found["group"]] == [[1, 2], [2, 3]]
    assert [row["members"] for row in found["whole"]] == [[1, 2, 3]]
    assert [row["document"] for row in found["found"]] == ["0.yaml#0", "0.yaml#1"]


# ---- a choice that feeds back ------------------------------------------------------------------------------------


def test_until_stable_computes_what_it_feeds_again() -> None:
    facts = """
facts:
  item: {match: {i: $.items.*}, is: {id: "${ i.name }", needs: "${ i.needs | default([]) }"}}
  other: {match: {i: facts.item}, is: {id: "${ i.id }"}}
  missing:
    match: {i: facts.item, n: "${ i.needs }"}
    when: n not in facts.item or n in facts.gone
    is: {id: "${ i.id }"}
  noted: {match: {m: facts.missing}, warn: "${ m.id } cannot be"}
  gone: {until: stable, match: {m: facts.missing}, is: {id: "${ m.id }"}}
  kept: {match: {i: facts.item}, when: i.id not in facts.gone, is: {id: "${ i.id }"}}
"""
    text = "items: [{name: a, needs: [b]}, {name: b, needs: [c]}, {name: c, needs: [x]}, {name: d}]\n"
    found = tables(facts, text)
    assert [row["id"] for row in found["gone"]] == ["c", "b", "a"]
    assert [row["id"] for row in found["missing"]] == ["a", "b", "c"]
    assert [row["id"] for row in found["kept"]] == ["d"]
    (result,) = retouch.rewrite_all([("a.yaml", text)], load(facts))
    assert [message.text for message in result.warnings] == ["a cannot be", "b cannot be", "c cannot be"]


def test_what_was_chosen_stays_with_its_row() -> None:
    facts = """
facts:
  item: {match: {i: $.items.*}, is: {id: "${ i }"}}
  round: {is: {n: "${ rows('chosen') | length }"}}
  chosen:
    until: stable
    match: {i: facts.item}
    let: {n: "${ (rows('round') | first).n }"}
    when: n >= i.id
    is: {id: "${ i.id }", round: "${ n }"}
"""
    found = tables(facts, "items: [0, 1, 2, 5]\n")
    assert found["chosen"] == [{"id": 0, "round": 0}, {"id": 1, "round": 1}, {"id": 2, "round": 2}]
    assert found["round"] == [{"n": 3}]


def test_two_choices_that_feed_back() -> None:
    facts = """
facts:
  item: {match: {i: $.items.*}, is: {id: "${ i }"}}
  even: {match: {i: facts.item}, when: i.id == 0 or (i.id - 1) in facts.odd, is: {id: "${ i.id }"}}
  chosen: {until: stable, match: {e: facts.even}, is: {id: "${ e.id }"}}
  odd: {until: stable, match: {i: facts.item}, when: (i.id - 1) in facts.chosen, is: {id: "${ i.id }"}}
"""
    found = tables(facts, "items: [0, 1, 2, 3, 4, 5, 9]\n")
    assert [row["id"] for row in found["chosen"]] == [0, 2, 4]
    assert [row["id"] for row in found["odd"]] == [1, 3, 5]


# ---- documents ---------------------------------------------------------------------------------------------------

PODS = "facts:\n  pod: {documents: {kind: Pod}, is: {id: '${ id(doc) }', node: '${ doc }', name: '${ doc.name }'}}\n"


def test_a_rule_over_a_table_runs_once_a_row() -> None:
    rules = (
        PODS + "rules:\n- id: r\n  match: {p: facts.pod}\n  actions: [{append: p.node.seen, value: '${ doc.name }'}]\n"
    )
    found = run(rules, "{kind: Pod, name: a}\n---\n{kind: Job, name: b}\n", "{kind: Pod, name: c}\n")
    assert found == [
        "{kind: Pod, name: a, seen: [a]}\n---\n{kind: Job, name: b}\n",
        "{kind: Pod, name: c, seen: [c]}\n",
    ]


def test_the_document_is_that_of_the_first_capture() -> None:
    rules = (
        PODS
        + """
rules:
- id: r
  match: {x: $.spec, p: facts.pod}
  actions: [{append: $.seen, value: "${ p.name }"}]
"""
    )
    found = run(rules, "{kind: Pod, name: a}\n---\n{kind: Job, spec: {}}\n", "{kind: Pod, name: c}\n")
    assert found[0].endswith("{kind: Job, spec: {}, seen: [a, c]}\n")


def test_a_rule_s_documents_are_those_of_its_rows() -> None:
    rule = "- id: r\n  documents: {file: 1.yaml}\n  match: {p: facts.pod}\n  actions: [{set: p.node.x, value: 1}]\n"
    rules = f"{PODS}rules:\n{rule}"
    found = run(rules, "{kind: Pod, name: a}\n", "{kind: Pod, name: c}\n")
    assert found == ["{kind: Pod, name: a}\n", "{kind: Pod, name: c, x: 1}\n"]


def test_tables_read_what_the_rule_set_sees() -> None:
    rules = "documents: {kind: Pod}\nfacts:\n  all: {is: {id: '${ id(doc) }'}}\n"
    assert tables(rules, "kind: Pod\n---\nkind: Job\n")["all"] == [{"id": "0.yaml#0"}]


def test_what_has_no_document_is_looked_at_in_each() -> None:
    rules = """
facts:
  setting: {is: {id: x, value: 1}}
rules:
- id: r
  match: {s: facts.setting}
  actions: [{set: $.value, value: "${ s.value }"}]
"""
    assert run(rules, "a: 1\n---\nb: 1\n", "c: 1\n") == ["a: 1\nvalue: 1\n---\nb: 1\nvalue: 1\n", "c: 1\nvalue: 1\n"]


def test_a_derivation_without_document_is_evaluated_in_each_if_it_asks_for_one() -> None:
    facts = """
facts:
  name: {match: {n: "${ ['a', 'b'] }"}, is: {n: "${ n }"}}
  both: {match: {n: facts.name}, is: {n: "${ n.n }", d: "${ doc.d }"}}
  later: {match: {n: facts.name, x: $.d}, is: {n: "${ n.n }", d: "${ key(x) }"}}
  narrow: {match: {n: facts.name}, documents: {when: doc.d == 2}, is: {n: "${ n.n }"}}
"""
    found = tables(facts, "d: 1\n---\nd: 2\n")
    assert [(row["n"], row["d"]) for row in found["both"]] == [("a", 1), ("a", 2), ("b", 1), ("b", 2)]
    assert found["later"] == [{"n": "a", "d": "d"}, {"n": "b", "d": "d"}]
    assert found["narrow"] == [{"n": "a"}, {"n": "b"}]


def test_rows_of_several_documents_meet() -> None:
    facts = """
facts:
  user: {match: {u: $.users.*}, is: {id: "${ u.name }", group: "${ u.group }"}}
  group: {match: {g: $.groups.*}, is: {id: "${ key(g) }", title: "${ g }"}}
  pair: {match: {u: facts.user, g: facts.group}, when: g.id == u.group, is: {user: "${ u.id }", title: "${ g.title }"}}
"""
    found = tables(
        facts, "users: [{name: ann, group: x}]\n", "groups: {x: X, y: Y}\n---\nusers: [{name: bob, group: y}]\n"
    )
    assert found["pair"] == [{"user": "ann", "title": "/groups/x"}, {"user": "bob", "title": "/groups/y"}]


def test_names_of_nodes_are_unique_though_files_have_the_same_name() -> None:
    facts = "facts:\n  a: {match: {x: $.x}, is: {id: '${ id(x) }'}}\n"
    given = [("same.yaml", "x: {}\n"), ("same.yaml", "x: {}\n"), (None, "x: {}\n"), (None, "x: {}\n")]
    (table,) = retouch.derive_facts(given, load(facts))
    found = [row.columns["id"] for row in table.rows]
    assert found == ["same.yaml#0/x", "same.yaml#0(2)/x", "#0/x", "#0(2)/x"]


def test_facts_are_those_of_what_earlier_rule_sets_left() -> None:
    first = load("rules:\n- id: r\n  actions: [{set: $.added, value: {m: 1}}]\n", "first")
    second = load(
        "facts:\n  t: {match: {n: $.*.m}, is: {node: '${ n }'}}\n"
        "rules:\n- id: r\n  match: {t: facts.t}\n  actions: [{replace: t.node, value: 2}]\n",
        "second",
    )
    (result,) = retouch.rewrite_all([(None, "a: {m: 0}\n---\nb: {c: 1}\n")], [*first, *second])
    assert result.text == "a: {m: 2}\nadded: {m: 2}\n---\nb: {c: 1}\nadded: {m: 2}\n"


def test_a_document_by_itself() -> None:
    rules = load(
        "facts:\n  n: {match: {x: $.a.*}, is: {id: '${ x }'}}\n"
        "rules:\n- id: r\n  when: 2 in facts.n\n  actions: [{set: $.found, value: true}]\n"
    )
    assert retouch.rewrite_object({"a": [1, 2.0]}, rules) == {"a": [1, 2.0], "found": True}
    assert retouch.make_patch({"a": [1]}, rules) == []


def test_no_documents_no_facts() -> None:
    rules = "facts:\n  a: {is: {x: 1}}\n  b: {fail: never}\n"
    assert run(rules, "", "# nothing\n") == ["", "# nothing\n"]


# ---- actions in other documents ----------------------------------------------------------------------------------

OTHER = (
    PODS
    + """
rules:
- id: r
  documents: {kind: Job}
  match: {p: "${ rows('pod', name=doc.pod) }"}
  actions:
"""
)


def test_an_action_changes_one_document() -> None:
    error = refused(
        OTHER + "  - move: p.node.x\n    to: $.x\n", "{kind: Pod, name: a, x: 1}\n", "{kind: Job, pod: a}\n"
    )
    assert "in another document" in str(error)
    assert (error.file, error.line) == ("rules.yaml", 12)


def test_what_failed_half_way_is_kept_in_all_its_documents() -> None:
    given = [
        ("pod.yaml", "{kind: Pod, name: a}\n"),
        ("job.yaml", "{kind: Job, pod: a}\n"),
        ("other.yaml", "{kind: X}\n"),
    ]
    rules = load(OTHER + "  - set: p.node.x\n    value: 1\n  - remove: $.nothing\n")
    pod, job, other = rewrite_together(given, rules)
    assert pod is None
    assert isinstance(job, retouch.RuleError)
    assert isinstance(other, retouch.Rewrite)


def test_a_removed_row_is_an_error_to_act_on_and_no_place_to_match_from() -> None:
    rules = """
facts:
  item: {match: {i: $.items.*}, is: {node: "${ i }"}}
rules:
- id: drop
  match: {r: facts.item}
  when: r.node.size == 1
  actions: [{remove: r.node}]
- id: below
  match: {r: facts.item, size: r.node.size}
  actions: [{replace: size, value: 3}]
"""
    assert run(rules, "items: [{size: 1}, {size: 2}]\n") == ["items: [{size: 3}]\n"]
    again = "- id: again\n  match: {r: facts.item}\n  actions: [{set: r.node.x, value: 1}]\n"
    assert "`r.node` is not in the document any more" in str(refused(rules + again, "items: [{size: 1}, {size: 2}]\n"))


# ---- refusals and failures ---------------------------------------------------------------------------------------


def test_a_table_refuses_all_documents_of_the_run() -> None:
    rules = """
facts:
  bad: {match: {b: $.bad}, SCOPEfail: "no ${ b }"}
rules:
- id: r
  actions: [{set: $.x, value: 1}]
"""
    given = [("a.yaml", "a: 1\n"), ("b.yaml", "bad: 1\n---\nbad: 2\n")]
    fine, error = rewrite_together(given, load(rules.replace("SCOPE", "")))
    assert fine is None
    assert str(error) == ("b.yaml:1:6: error: no 1 [test/facts.bad]\nb.yaml:3:6: error: no 2 [test/facts.bad]")
    assert isinstance(error, retouch.RefusedError)
    fine, error = rewrite_together(given, load(rules.replace("SCOPE", "scope: document, ")))
    assert isinstance(fine, retouch.Rewrite)
    assert isinstance(error, retouch.RefusedError)


def test_all_refusals_are_told_together() -> None:
    rules = """
facts:
  bad: {match: {b: $.bad}, fail: "no ${ b }"}
  broken: {match: {b: $.bad}, is: {x: "${ b / 0 }"}}
rules:
- id: r
  actions: [{fail: nor this}]
"""
    assert str(refused(rules, "bad: 1\n", "a: 1\n")) == "0.yaml:1:6: error: no 1 [test/facts.bad]"
    rules = rules.replace("b / 0", "b")
    assert str(refused(rules, "bad: 1\n", "a: 1\n")) == (
        "0.yaml:1:6: error: no 1 [test/facts.bad]\n"
        "0.yaml:1:1: error: nor this [test/r]\n"
        "1.yaml:1:1: error: nor this [test/r]"
    )


def test_where_messages_point() -> None:
    facts = """
facts:
  item: {match: {i: $.items.*}, is: {node: "${ i }", name: "${ i.name }"}}
  said:
    match: {r: facts.item}
    from:
    - {warn: row}
    - {match: {n: r.node.size}, warn: last capture}
    - {warn: path, node: r.node.name}
    - {warn: start of a path, node: r.node.nothing}
    - {match: {w: "${ [1] }"}, warn: once}
    - {match: {w: "${ [1, 2] }"}, warn: once}
    - {warn: "${ 'nothing' if r.name == 'x' else omit }"}
"""
    (result,) = retouch.rewrite_all([("a.yaml", "items:\n- {name: b, size: 3}\n")], load(facts))
    assert [str(message) for message in result.warnings] == [
        "a.yaml:2:1: warning: row [test/facts.said]",
        "a.yaml:2:1: warning: start of a path [test/facts.said]",
        "a.yaml:2:1: warning: once [test/facts.said]",
        "a.yaml:2:1: warning: once [test/facts.said]",
        "a.yaml:2:10: warning: path [test/facts.said]",
        "a.yaml:2:19: warning: last capture [test/facts.said]",
    ]
    notes = [message.notes[0] for message in result.warnings]
    assert [note.place.line for note in notes] == [10, 13, 14, 15, 12, 11]


FAILURES = {
    "in is": (
        "t: {match: {x: $.a.*}, is: {n: '${ x.n + 1 }'}}",
        "rules.yaml:5:38: error: x.n is absent; keys here: `m` [test/facts.t]",
        [("in the table `t`", "rules.yaml", 5), ("in this document", "0.yaml", 1)],
    ),
    "in when": (
        "t: {match: {x: $.a.*}, from: [{is: {n: 1}}, {when: x.m < 'a', is: {n: 2}}]}",
        (
            "rules.yaml:5:54: error: in `when: x.m < 'a'`: `<` needs two numbers or two texts; found a mapping "
            "and the text 'a' [test/facts.t]"
        ),
        [("in derivation 2 of the table `t`", "rules.yaml", 5), ("in this document", "0.yaml", 1)],
    ),
    "in a capture": (
        "t: {match: {x: $.a.*, y: '${ x.m.n | first }', z: '${ y + 1 }'}, is: {n: 1}}",
        (
            "rules.yaml:5:25: error: the capture `y` runs over the items of a list; the expression gives the number 1 "
            "[test/facts.t]"
        ),
        [("in the table `t`", "rules.yaml", 5), ("in this document", "0.yaml", 1)],
    ),
    "a path from a value": (
        "s: {match: {x: $.a.*}, is: {v: '${ x.m.n }'}}\n  t: {match: {r: facts.s, y: r.v.n}, is: {n: 1}}",
        (
            "rules.yaml:6:27: error: `r.v` is a value without a place in the document, so `r.v.n` leads nowhere "
            "[test/facts.t]"
        ),
        [("in the table `t`", "rules.yaml", 6), ("in this document", "0.yaml", 1)],
    ),
    "no key": (
        "t: {match: {x: $.a.*}, is: {id: '${ x.id | default(omit) }'}}",
        "rules.yaml:5:3: error: the column `id` is the row's key, so it cannot be left out [test/facts.t]",
        [("in the table `t`", "rules.yaml", 5), ("in this document", "0.yaml", 1)],
    ),
    "two rows for a key": (
        "t: {match: {x: $.a.*, y: x.*}, is: {id: 1, y: '${ key(y) }'}, from: [{is: {z: 1}}, {is: {z: 2}}]}",
        (
            "rules.yaml:5:86: error: the table `t` gets two rows for one key (the number 1), which differ in `z`; "
            "with `unique: first` the first one counts [test/facts.t]"
        ),
        [
            ("in this document", "0.yaml", 1),
            ("the first one comes from here", "rules.yaml", 5),
            ("in this document", "0.yaml", 1),
        ],
    ),
}


@pytest.mark.parametrize("case", FAILURES)
def test_failure(case: str) -> None:
    facts, expected, notes = FAILURES[case]
    error = refused(f"facts:\n  {facts}\n", "a: [{m: {n: [1]}}]\n")
    assert isinstance(error, retouch.RuleError)
    assert str(error) == expected
    assert [(note.text, note.place.file, note.place.line) for note in error.messages[0].notes] == notes


def test_a_failure_in_a_document_s_own_table_is_that_document_s() -> None:
    rules = load("facts:\n  t: {scope: document, match: {x: $.x}, is: {n: '${ 1 / x }'}}\n")
    given = [("a.yaml", "x: 0\n"), ("b.yaml", "x: 1\n")]
    found = [rewrite_together([each], rules)[0] for each in given]
    assert isinstance(found[0], retouch.RuleError)
    assert isinstance(found[1], retouch.Rewrite)


def test_an_unreadable_text_stops_what_depends_on_all() -> None:
    rule = "rules:\n- id: r\n  actions: [{set: $.x, value: 1}]\n"
    given = [("a.yaml", "a: 1\n"), ("b.yaml", "{a\n")]
    fine, error = rewrite_together(given, load(PODS + rule))
    assert fine is None
    assert isinstance(error, retouch.InputError)
    fine, error = rewrite_together(given, load(rule))
    assert isinstance(fine, retouch.Rewrite)
    fine, error = rewrite_together(given, load(PODS + rule), optional={1})
    assert isinstance(fine, retouch.Rewrite)
    with pytest.raises(retouch.InputError):
        retouch.rewrite_all(given, load(rule))


def test_documents_of_one_evaluation_fail_one_by_one() -> None:
    rules = load(
        "facts:\n  a: {is: {n: 1}}\nrules:\n- id: r\n  match: {x: $.x}\n  actions: [{set: $.y, value: '${ 1 / x }'}]\n"
    )
    found: list[Evaluation] = evaluate_all(read("x: 0\n---\nx: 1\n"), rules)
    assert found[0].error is not None
    assert found[1].error is None
    assert plain(found[1].tree.root) == {"x": 1, "y": 1.0}
    with pytest.raises(retouch.RuleError):
        evaluate(read("x: 0\n")[0], rules)


def test_a_condition_that_fails_on_a_row_is_its_document_s_failure() -> None:
    rules = load(
        "facts:\n  item: {match: {i: $.items.*}, is: {node: '${ i }'}}\n"
        "rules:\n- id: r\n  match: {r: facts.item}\n  when: 1 / r.node.n > 0\n  actions: [{set: r.node.x, value: 1}]\n"
    )
    found = evaluate_all(read("items: [{n: 1}, {n: 0}]\n---\nitems: [{n: 2}]\n"), rules)
    assert "division by zero" in str(found[0].error)
    assert not found[0].tree.operations()
    assert plain(found[1].tree.root) == {"items": [{"n": 2, "x": 1}]}
    assert not found[1].held


@pytest.mark.parametrize(
    ("path", "needed"),
    [("$.a", True), ("r.a", False), ("r['$ref']", False), ('r["$"].b', False), ("r.a[?(@.b == $.c)]", True)],
)
def test_which_paths_need_a_document(path: str, needed: bool) -> None:
    assert needs_document(compile_path(path)) is needed


# ---- where rows come from ----------------------------------------------------------------------------------------


def test_where_rows_come_from() -> None:
    facts = """
facts:
  item: {match: {i: $.items.*, n: "${ [7] }"}, is: {id: "${ i.name }", node: "${ i }"}}
  size:
    unique: first
    match: {r: facts.item}
    is: {id: "${ r.id }"}
    from:
    - {when: r.node.size > 5, is: {size: large}}
    - {is: {size: small}}
  pair: {match: {r: facts.item}, is: {a: "${ r.id }", b: "${ r.id }"}}
  group: {components: pair}
  said: {match: {r: facts.item}, warn: "${ r.id }"}
"""
    found = retouch.derive_facts(
        [("a.yaml", "a: 1\n---\nitems: [{name: x, size: 9}, {name: y, size: 1}]\n")], load(facts)
    )
    item, size, _, group, said = found
    assert [table.name for table in found] == ["item", "size", "pair", "group", "said"]
    assert (item.ruleset, item.columns) == ("test", ("id", "node"))
    location = retouch.Location("a.yaml", 1, None, "/items/0", item.rows[0].columns["node"].place)
    assert item.rows[0].columns == {"id": "x", "node": location}
    assert (location.place.line, location.place.column) == (3, 9)
    assert item.rows[0].captures == {"i": location, "n": 7}
    assert [(row.columns["size"], row.number, row.derivation.line) for row in size.rows] == [
        ("large", 1, 12),
        ("small", 2, 13),
    ]
    assert size.rows[1].captures == {"r": retouch.RowReference("item", 1)}
    assert group.rows[0].columns == {"id": "x", "members": ["x"]}
    assert group.rows[0].derivation.line == 15
    assert [message.text for message in said.messages] == ["x", "y"]


def test_derived_tables_are_those_before_rules_act() -> None:
    rules = load(
        "facts:\n  item: {match: {i: $.items.*}, is: {node: '${ i }', n: '${ i.n }'}}\n"
        "rules:\n- id: r\n  match: {r: facts.item}\n  actions: [{remove: r.node}]\n"
        "- id: f\n  actions: [{fail: never}]\n"
    )
    (table,) = retouch.derive_facts([(None, "items: [{n: 1}, {n: 2}]\n")], rules)
    assert [row.columns["node"].pointer for row in table.rows] == ["/items/0", "/items/1"]
