"""Reads what a rule says: which documents, which captures and values, under which condition, which actions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..dataclass import replace
from ..expressions.scope import Scope
from ..late_pattern import late_pattern
from ..node import MAPPING, SCALAR, Node
from ..rule import DocumentFilter, Expect, Globs, Let, Rule
from .action_form import read_action, read_captures
from .compiler import Compiler
from .form import Fields, Form

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..expressions.expression import Expression

RULE = Fields("a rule", ("id", "actions"), ("description", "documents", "match", "let", "when", "expect"))
EXPECT = Fields("`expect`", ("matches",))
FILTER = Fields(
    "`documents`",
    optional=("apiVersion", "kind", "name", "namespace", "labels", "annotations", "file", "when"),
)

_ID = late_pattern(r"[a-z0-9-]+")
_RANGE = late_pattern(r"(?P<least>\d*)(?P<open>\.\.)?(?P<most>\d*)")


def read_rule(compiler: Compiler, node: Node) -> Rule:
    """The rule at `node`, in the order in which its parts see each other: captures, values, condition, actions."""
    form = compiler.form
    fields = form.fields(node, RULE)
    rule_id = read_id(form, fields["id"]) if "id" in fields else ""
    documents = read_filter(compiler, fields["documents"]) if "documents" in fields else None
    inner, captures = read_captures(compiler, fields["match"], "`match`") if "match" in fields else (compiler, ())
    inner, lets = read_lets(inner, fields["let"]) if "let" in fields else (inner, ())
    actions = form.items(fields["actions"], "`actions`") if "actions" in fields else []
    if "actions" in fields and fields["actions"].value == []:
        form.wrong(fields["actions"], "a rule needs at least one action")
    return Rule(
        id=rule_id,
        description=form.text(fields["description"], "`description`", empty=True) if "description" in fields else None,
        documents=documents,
        captures=captures,
        lets=lets,
        when=inner.expression(fields["when"], "`when`") if "when" in fields else None,
        actions=tuple(action for each in actions if (action := read_action(inner, each)) is not None),
        expect=read_expect(form, fields["expect"]) if "expect" in fields else None,
        place=form.place(node),
        compile_when=lambda other, condition: replace(inner, form=other).expression(condition, "`when`"),
    )


def read_id(form: Form, node: Node) -> str:
    """The id of a rule."""
    text = form.text(node, "`id`")
    if text and not _ID.fullmatch(text):
        better = re.sub(r"[^a-z0-9]+", "-", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", text).lower()).strip("-")
        hint = f"; write `{better}`" if better else ""
        form.wrong(node, f"an id has lower-case letters, digits and `-` only; found `{text}`{hint}")
    return text


def read_lets(compiler: Compiler, node: Node) -> tuple[Compiler, tuple[Let, ...]]:
    """The values under `let`, each seeing those before it, and a compiler that knows them all."""
    lets: list[Let] = []
    for name, child in compiler.form.entries(node, "`let`"):
        compiler, let = read_let(compiler, name, child)
        lets += [let] if let is not None else []
    return compiler, tuple(lets)


def read_let(compiler: Compiler, name: str, node: Node) -> tuple[Compiler, Let | None]:
    """One value, and a compiler that knows it too."""
    compiler.check_name(node, name, "a `let`")
    value = compiler.template(node)
    expression = value.expression if value is not None else None
    inner = compiler.within(lets=[name], shapes={name: expression.shape if expression is not None else None})
    return inner, Let(name, value, compiler.form.key_place(node)) if value is not None else None


def read_filter(compiler: Compiler, node: Node) -> DocumentFilter:
    """What `documents` asks for."""
    return make_filter({key: (compiler, child) for key, child in compiler.form.fields(node, FILTER).items()})


def make_filter(fields: Mapping[str, tuple[Compiler, Node]]) -> DocumentFilter:
    """What the keys of a `documents` ask for, each with the compiler of the document that it stands in."""
    maps = ("labels", "annotations")
    texts = {key: each for key, each in fields.items() if key not in (*maps, "when")}
    labels, annotations = (_glob_map(*fields[key], f"`{key}`") if key in fields else {} for key in maps)
    return DocumentFilter(
        fields={key: _globs(compiler.form, node, f"`{key}`") for key, (compiler, node) in texts.items()},
        labels=labels,
        annotations=annotations,
        when=_filter_condition(*fields["when"]) if "when" in fields else None,
    )


def _filter_condition(compiler: Compiler, node: Node) -> Expression | None:
    reason = "`documents` is asked before there are facts; put it into `when`"
    scope = replace(
        compiler.scope,
        captures=frozenset(),
        lets=frozenset(),
        names=Scope().names,
        shapes={},
        tables={name: replace(table, problem=reason) for name, table in compiler.scope.tables.items()},
    )
    return Compiler(compiler.form, scope).expression(node, "`when`")


def read_expect(form: Form, node: Node) -> Expect | None:
    """How often a rule may match: `1`, `1..`, `..5` or `1..5`."""
    if node.kind != MAPPING and node.value is not None:
        form.wrong(node, '`expect` must be a mapping: write `expect: {matches: "1.."}`')
        return None
    matches = form.fields(node, EXPECT).get("matches")
    if matches is None:
        return None
    text = str(matches.value) if matches.kind == SCALAR and not isinstance(matches.value, (bool, float)) else ""
    found = _RANGE.fullmatch(text)
    if not found or not (found["least"] or found["most"]):
        form.wrong(matches, '`matches` must be a count or a range such as `1`, `"1.."`, `"..5"` or `"1..5"`')
        return None
    least = int(found["least"] or 0)
    most = int(found["most"]) if found["most"] else None if found["open"] else least
    if most is not None and most < least:
        form.wrong(matches, f"`matches` must go from the lower to the upper bound; found `{text}`")
    return Expect(least, most, form.place(node))


def _globs(form: Form, node: Node, what: str) -> Globs:
    return Globs(tuple(form.text(each, what) for each in form.one_or_more(node, what)))


def _glob_map(compiler: Compiler, node: Node, what: str) -> dict[str, Globs]:
    form = compiler.form
    return {name: _globs(form, child, f"`{name}`") for name, child in form.entries(node, what)}
