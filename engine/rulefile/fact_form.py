"""Reads the tables under `facts:`: what each is derived from, and which columns its rows have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from ..dataclass import dataclass, replace
from ..expressions.closure_fact import is_value
from ..expressions.scope import KnownTable
from ..fact import PREFIX
from ..node import MAPPING, SEQUENCE, Node
from ..rule import Column, Derivation, FactTable
from ..suggest import listing, suggest
from .action_form import needs_document, read_captures
from .compiler import Compiler
from .form import IDENTIFIER, Fields, Form
from .rule_form import read_filter, read_lets

if TYPE_CHECKING:
    from ..error import Severity
    from ..expressions.template import Template
    from .entry import Entry, Piece

_PARTS = ("documents", "match", "let", "when", "is")
_MESSAGES: Mapping[str, Severity] = {"fail": "error", "warn": "warning"}
_KINDS = ("scope", "unique", "until")

TABLE = Fields("a table", optional=("description", *_PARTS, "fail", "warn", "node", "from", *_KINDS))
COMPONENTS = Fields("a table of components", ("components",), ("description", "of", "scope"))
DERIVATION = Fields("a derivation", optional=("description", *_PARTS, "fail", "warn", "node"))

GROUP_COLUMNS = ("id", "members")
"""The columns of a table of components."""


@dataclass(frozen=True, slots=True)
class Head:
    """What the other tables have to know of a table before it is read."""

    name: str
    piece: Piece
    node: Node
    columns: tuple[str, ...]
    per_document: bool
    stable: bool


def read_heads(entries: Iterable[Entry]) -> list[Head]:
    """The names of the tables, in order, and their columns."""
    heads = []
    for entry in entries:
        form, name, node = entry.piece.form, entry.name, entry.node
        if not IDENTIFIER.fullmatch(name):
            form.wrong_key(node, f"`{name}` cannot name a table: use letters, digits and `_`, no digit first")
        fields = node.value if node.kind == MAPPING else {}
        columns = GROUP_COLUMNS if "components" in fields else tuple(_column_names(node))
        heads.append(
            Head(name, entry.piece, node, columns, _is(fields, "scope", "document"), _is(fields, "until", "stable"))
        )
    return heads


def check_names(heads: Iterable[Head]) -> None:
    """Record where a part of a rule set names a table that is there already."""
    seen: set[str] = set()
    for head in heads:
        if head.name in seen:
            head.piece.form.wrong_key(head.node, f"the table `{head.name}` is there already, in an earlier part")
        seen.add(head.name)


def know(compiler: Compiler, heads: Iterable[Head]) -> Compiler:
    """A compiler that knows all tables."""
    heads = list(heads)
    tables = {head.name: KnownTable(head.columns, _emptiness(head)) for head in heads}
    local = {PREFIX + head.name for head in heads if head.per_document}
    return replace(compiler, scope=replace(compiler.scope, tables=tables, local=compiler.scope.local | local))


def read_facts(compiler: Compiler, heads: Sequence[Head], lets: Iterable[str]) -> tuple[FactTable, ...]:
    """The tables, each seeing those before it; `compiler` knows them all, and none of the rule set's `lets`."""
    reason = "the rule set's `let` is computed after its facts; write a function, or a `let` of the table"
    compiler = replace(compiler, scope=replace(compiler.scope, unready=dict.fromkeys(lets, reason)))
    tables = []
    for place, head in enumerate(heads):
        known = dict(compiler.scope.tables)
        for other in heads[place:]:
            if other is head:
                text = f"`{head.name}` sees itself only as a capture (`match: {{row: facts.{head.name}}}`)"
                known[head.name] = KnownTable(head.columns, text, own=True)
            elif not other.stable:
                text = f"the table `{other.name}` is declared below; a table sees those before it"
                known[other.name] = KnownTable(other.columns, text)
        scope = replace(compiler.scope, tables=known)
        tables.append(_table(replace(compiler, scope=scope).at(head.piece), head))
    return tuple(tables)


def _table(compiler: Compiler, head: Head) -> FactTable:
    form, node = compiler.form, head.node
    if node.kind == MAPPING and "components" in node.value:
        return _components(compiler, head)
    fields = form.fields(node, TABLE)
    if not fields and node.kind == MAPPING:
        form.wrong(node, "a table needs `match` and `is`, or `from`, or `components`")
    if "from" in fields:
        inner, shared = _derivation(compiler, node, {key: fields[key] for key in _PARTS if key in fields}, 0)
        derivations = _alternatives(inner, fields, shared)
    else:
        whole = {key: child for key, child in fields.items() if key in (*_PARTS, "fail", "warn", "node")}
        _, only = _derivation(compiler, node, whole, 1)
        shared, derivations = Derivation(0, place=only.place), [only]
        _check_result(form, node, whole, frozenset())
    table = FactTable(
        name=head.name,
        columns=head.columns,
        shared=shared,
        derivations=tuple(derivations),
        per_document="scope" in fields and form.choice(fields["scope"], "`scope`", ("run", "document")) == "document",
        first="unique" in fields and form.choice(fields["unique"], "`unique`", ("first",)) == "first",
        stable="until" in fields and form.choice(fields["until"], "`until`", ("stable",)) == "stable",
        needs=_needs(shared, *derivations),
        place=form.key_place(node),
    )
    _check_table(form, fields, table)
    return table


def _components(compiler: Compiler, head: Head) -> FactTable:
    form = compiler.form
    fields = form.fields(head.node, COMPONENTS)
    pairs = compiler.table(fields["components"], form.text(fields["components"], "`components`"), ("a", "b"))
    vertices = compiler.table(fields["of"], form.text(fields["of"], "`of`"), ("id",)) if "of" in fields else None
    place = form.key_place(head.node)
    return FactTable(
        name=head.name,
        columns=head.columns,
        shared=Derivation(0, place=place),
        derivations=(Derivation(1, place=place),),
        pairs=pairs,
        vertices=vertices,
        per_document="scope" in fields and form.choice(fields["scope"], "`scope`", ("run", "document")) == "document",
        needs=frozenset(each for each in (pairs, vertices) if each),
        place=place,
    )


def _alternatives(inner: Compiler, fields: Mapping[str, Node], shared: Derivation) -> list[Derivation]:
    """The derivations under `from`, which know what stands beside it."""
    form = inner.form
    for key in ("fail", "warn", "node"):
        if key in fields:
            form.wrong_key(fields[key], f"`{key}` belongs into a derivation under `from`, not beside it")
    columns = frozenset(column.name for column in shared.columns)
    derivations = []
    for number, each in enumerate(form.items(fields["from"], "`from`"), start=1):
        own = form.fields(each, DERIVATION)
        _check_result(form, each, own, columns)
        for name, child in _entries(own.get("is")):
            if name in columns:
                form.wrong_key(child, f"the column `{name}` stands beside `from` already")
        _, derivation = _derivation(inner, each, own, number)
        derivations.append(derivation)
    if not derivations:
        form.wrong(fields["from"], "`from` needs at least one derivation")
    return derivations


def _derivation(compiler: Compiler, node: Node, fields: Mapping[str, Node], number: int) -> tuple[Compiler, Derivation]:
    """The derivation that `fields` describe, and a compiler that knows its captures and values."""
    form = compiler.form
    documents = read_filter(compiler, fields["documents"]) if "documents" in fields else None
    inner, captures = read_captures(compiler, fields["match"], "`match`") if "match" in fields else (compiler, ())
    inner, lets = read_lets(inner, fields["let"]) if "let" in fields else (inner, ())
    when = inner.expression(fields["when"], "`when`") if "when" in fields else None
    columns = _columns(inner, fields["is"]) if "is" in fields else ()
    severity, message = _message(inner, fields)
    target = inner.path(fields["node"], "`node`") if "node" in fields else None
    derivation = Derivation(
        number,
        documents,
        captures,
        lets,
        when,
        columns,
        severity,
        message,
        target,
        place=form.place(node) if number else form.key_place(node),
    )
    return inner, replace(derivation, document=_is_local(inner, derivation))


def _columns(compiler: Compiler, node: Node) -> tuple[Column, ...]:
    columns = []
    if node.kind == MAPPING and not node.value:
        compiler.form.wrong(node, "`is` needs at least one column, as in `is: {id: ..., node: ...}`")
    for name, child in compiler.form.entries(node, "`is`"):
        if not IDENTIFIER.fullmatch(name):
            compiler.form.wrong_key(
                child, f"`{name}` cannot name a column: use letters, digits and `_`, no digit first"
            )
        value = compiler.template(child)
        if value is not None:
            _refuse_rows(compiler, child, value)
            row = value.expression.row if value.expression is not None else None
            columns.append(Column(name, value, _source(compiler, value), row, compiler.form.place(child)))
    return tuple(columns)


def _source(compiler: Compiler, value: Template) -> tuple[str, ...] | None:
    """The capture, or the row and the column, that a column's value stands for, if it is nothing else."""
    source = value.expression.source if value.expression is not None else None
    if source is None:
        return None
    if len(source) == 1:
        return source if source[0] in compiler.scope.captures | {"doc"} else None
    return source if len(source) == 2 and is_value(compiler.scope, source[0]) else None


def _refuse_rows(compiler: Compiler, node: Node, value: Template) -> None:
    if value.expression is not None and value.expression.shape is not None:
        what = "rows" if value.expression.shape.many else "a row"
        hint = "`rows(...) | map(attribute='id') | list`" if value.expression.shape.many else "`row.id`"
        compiler.form.wrong(node, f"a column holds plain values and captures, and this is {what}: take columns, {hint}")


def _message(compiler: Compiler, fields: Mapping[str, Node]) -> tuple[Severity | None, Template | None]:
    for key, severity in _MESSAGES.items():
        if key in fields:
            text = compiler.form.text(fields[key], f"the message of `{key}`")
            return severity, compiler.template(fields[key]) if text else None
    return None, None


def _check_result(form: Form, node: Node, fields: Mapping[str, Node], shared: frozenset[str]) -> None:
    """Refuse a derivation that makes nothing, or two things."""
    if node.kind != MAPPING:
        return
    given = [key for key in ("is", *_MESSAGES) if key in fields]
    if not given and not shared:
        form.wrong(node, "a derivation needs `is` (the row it makes), `fail` or `warn`")
    if len(given) > 1:
        form.wrong_key(fields[given[1]], f"a derivation makes one thing, and this one has `{given[0]}` already")
    if "node" in fields and not any(key in fields for key in _MESSAGES):
        form.wrong_key(fields["node"], "`node` is the place of a `fail` or `warn`, and there is none here")


def _check_table(form: Form, fields: Mapping[str, Node], table: FactTable) -> None:
    """Refuse derivations that do not go together, and what a table without a key cannot be."""
    shared = {column.name for column in table.shared.columns}
    for derivation in table.derivations:
        if derivation.severity is None:
            _check_columns(form, fields, table, derivation, shared)
    for key in ("unique", "until"):
        if key in fields and "id" not in table.columns:
            form.wrong_key(fields[key], f"`{key}` is about the rows of one key, and the table has no column `id`")
    makers = [each for each in table.derivations if each.severity is None]
    if makers and (_sees(table.shared, table.name) or all(_sees(each, table.name) for each in makers)):
        text = f"every derivation of `{table.name}` runs over `{table.name}` itself, so there is no first row"
        form.wrong(fields.get("from", fields["match"]), text)


def _check_columns(
    form: Form, fields: Mapping[str, Node], table: FactTable, derivation: Derivation, shared: set[str]
) -> None:
    """Refuse a derivation whose rows have other columns than those of the first one."""
    own = shared | {column.name for column in derivation.columns}
    missing = [name for name in table.columns if name not in own]
    node = fields["from"].value[derivation.number - 1] if "from" in fields else None
    if node is None or node.kind != MAPPING:
        return
    same = "all rows of a table have the same columns"
    extra = [name for name in own if name not in table.columns]
    for name, child in _entries(node.value.get("is")):
        if name in extra:
            hint = suggest(name, missing) or f"; {same}, here {listing(table.columns)}"
            form.wrong_key(child, f"the rows of `{table.name}` have no column `{name}`{hint}")
    if missing and not extra:
        form.wrong(node.value.get("is", node), f"this derivation has no column {listing(missing)}; {same}")


def _needs(*derivations: Derivation) -> frozenset[str]:
    """The tables that derivations read."""
    found: set[str] = set()
    for each in derivations:
        found |= {capture.table for capture in each.captures if capture.table}
        found |= {name.removeprefix(PREFIX) for name in _names(each) if name.startswith(PREFIX)}
    return frozenset(found)


def _names(derivation: Derivation) -> set[str]:
    """The names that a derivation's expressions use."""
    expressions = [*(capture.items for capture in derivation.captures), derivation.when]
    templates = [*(let.value for let in derivation.lets), *(column.value for column in derivation.columns)]
    templates += [derivation.message] if derivation.message is not None else []
    used = [each.names for each in expressions if each is not None] + [each.names for each in templates]
    return set().union(*used)


def _is_local(compiler: Compiler, derivation: Derivation) -> bool:
    """Whether a derivation means something only in a document."""
    in_path = derivation.node is not None and needs_document(derivation.node)
    return in_path or derivation.documents is not None or bool(_names(derivation) & compiler.scope.local)


def _sees(derivation: Derivation, table: str) -> bool:
    return any(capture.table == table for capture in derivation.captures)


def _column_names(node: Node) -> list[str]:
    """The columns that the rows of a table have: those beside `from`, and those of the first derivation with rows."""
    shared = [name for name, _ in _entries(_member(node, "is"))]
    derivations = _member(node, "from")
    if derivations is None:
        return shared
    makers = [each for each in _items(derivations) if not any(_member(each, key) for key in _MESSAGES)]
    return list(dict.fromkeys((*shared, *(name for name, _ in _entries(_member(makers[0], "is")))))) if makers else []


def _member(node: Node, key: str) -> Node | None:
    return node.value.get(key) if node.kind == MAPPING else None


def _entries(node: Node | None) -> Iterable[tuple[str, Node]]:
    return node.value.items() if node is not None and node.kind == MAPPING else ()


def _items(node: Node | None) -> Sequence[Node]:
    return node.value if node is not None and node.kind == SEQUENCE else ()


def _is(fields: Mapping[str, Node], key: str, value: str) -> bool:
    return key in fields and fields[key].value == value


def _emptiness(head: Head) -> str:
    """Why a table cannot be read: nothing but refusals come of it."""
    return "" if head.columns else f"the table `{head.name}` has no rows: its derivations say `fail` or `warn`"
