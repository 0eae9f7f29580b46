"""Reads a rule file: every RuleSet document in it, checked, compiled, and all mistakes reported together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..error import Message, Place, RuleError, in_order
from ..expressions.expression import compile_expression
from ..expressions.scope import NO_FILTERS, Function, Scope
from ..rule import Let, Rule, RuleSet
from .compiler import Compiler
from .fact_form import Head, check_names, know, read_facts, read_heads
from .form import Fields, Form
from .fragment import define
from .library import KIND, Library, RuleFile, read_fields
from .parameter import Schema, declare
from .part import first_seen, is_part
from .rule_form import make_filter, read_let, read_rule
from .strict_yaml import read_forms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..expressions.filter import Filter
    from ..node import Node
    from .entry import Entry
    from .extension import Whole

__all__ = ["KIND", "NAME", "Title", "read_rule_file", "read_rule_set", "read_titles", "read_whole"]

METADATA = Fields("`metadata`", ("name",), ("version",))

NAME = re.compile(r"[a-z0-9-]+(/[a-z0-9-]+)*")
"""What a rule set may be called."""

_CALL = re.compile(r"\b([A-Za-z_]\w*)\(", re.ASCII)
_SIGNATURE = re.compile(r"(?P<name>[A-Za-z_]\w*)\((?P<parameters>[\w\s,]*)\)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Title:
    """What a rule set is called and what it says of itself."""

    name: str
    version: str | None
    description: str | None


def read_rule_file(file: RuleFile, filters: Mapping[str, Filter] = NO_FILTERS) -> tuple[RuleSet, ...]:
    """The rule sets in `file`, in order, their parameters still without values. Raises and costs as `read_whole`."""
    return tuple(rule_set for _, rule_set in read_whole(file, filters))


def read_whole(file: RuleFile, filters: Mapping[str, Filter] = NO_FILTERS) -> list[tuple[Whole, RuleSet]]:
    """The rule sets in `file`, in order: what their files say, and what that was compiled to.

    Documents that are parts themselves are left to those who name them. `filters` are those that expressions know
    besides the language's own. Raises `RuleError` with a message for every mistake there is, each at its place. Linear
    in the text, and in that of what is extended.
    """
    forms, messages = read_forms(file.text, file.file)
    if not forms and not messages:
        messages.append(Message("error", "there is no rule set here, the text is empty", Place(file.file, 1, 1)))
    found: list[tuple[Whole, RuleSet]] = []
    library = Library(filters)
    for form in forms:
        if not is_part(form.document.root):
            whole, rule_set = read_rule_set(form, file, library)
            found += [(whole, rule_set)] if rule_set is not None else []
            messages += _mistakes(whole)
    if messages or library.messages:
        raise RuleError.of(in_order([*messages, *library.messages]))
    return found


def read_titles(file: RuleFile) -> list[Title]:
    """What the rule sets in `file` are called. Raises `RuleError` for what keeps that from being read, and no more."""
    forms, messages = read_forms(file.text, file.file)
    forms = [form for form in forms if not is_part(form.document.root)]
    titles = [_title(form, read_fields(form)) for form in forms]
    messages += (message for form in forms for message in form.messages)
    if messages:
        raise RuleError.of(in_order(messages))
    return titles


def read_rule_set(form: Form, file: RuleFile, library: Library) -> tuple[Whole, RuleSet | None]:
    """The rule set in one document with its parts and what it extends; None if something that it extends is missing.

    It is of use only if there are no mistakes in the forms of its pieces and none in `library`.
    """
    whole = library.whole(form, file)
    return whole, None if whole.missing else _compile(whole, library.filters)


def _mistakes(whole: Whole) -> Iterator[Message]:
    """The mistakes in a rule set and in what it extends; those say who it is that extends it."""
    for base in whole.bases:
        note = Message("note", "extended here", whole.form.place(base.node))
        for piece in base.whole.all_pieces():
            for each in piece.form.messages:
                known = any(other.place == note.place for other in each.notes)
                yield each if known else replace(each, notes=(*each.notes, note))
    yield from (message for piece in whole.pieces for message in piece.form.messages)


def _compile(whole: Whole, filters: Mapping[str, Filter]) -> RuleSet:
    """The rule set that is ready to run once it has parameter values."""
    form, fields, sections = whole.form, whole.pieces[0].fields, whole.sections
    title = _title(form, fields)
    parameters = declare(sections["params"])
    heads = read_heads(sections["facts"])
    check_names(heads)
    compiler = _compiler(whole, parameters, heads, filters)
    narrowing = {each.name: (compiler.at(each.piece), each.node) for each in sections["documents"]}
    documents = make_filter(narrowing) if any("documents" in each.fields for each in whole.all_pieces()) else None
    facts = read_facts(compiler, heads, [each.name for each in sections["let"]])
    lets: list[Let] = []
    for each in sections["let"]:
        compiler, let = read_let(compiler.at(each.piece), each.name, each.node)
        lets += [let] if let is not None else []
    compiler = replace(compiler, scope=replace(compiler.scope, local=compiler.scope.local | compiler.scope.lets))
    return RuleSet(
        name=title.name,
        version=title.version,
        description=title.description,
        parameters=parameters,
        values={},
        documents=documents,
        lets=tuple(lets),
        rules=_rules(compiler, sections["rules"]),
        atomic=_is_atomic(whole),
        place=form.place(form.document.root),
        text=form.source.text,
        facts=facts,
    )


def _is_atomic(whole: Whole) -> bool:
    found = whole.field("atomic")
    return found is not None and found.piece.form.choice(found.node, "`atomic`", ("run",)) == "run"


def _title(form: Form, whole: Mapping[str, Node]) -> Title:
    fields = form.fields(whole["metadata"], METADATA) if "metadata" in whole else {}
    name = form.text(fields["name"], "`name`") if "name" in fields else ""
    if name and not NAME.fullmatch(name):
        allowed = "lower-case letters, digits and `-` in parts joined by `/`"
        form.wrong(fields["name"], f"a name has {allowed}; found `{name}`")
    return Title(
        name,
        form.text(fields["version"], "`version`") if "version" in fields else None,
        form.text(whole["description"], "`description`", empty=True) if "description" in whole else None,
    )


def _compiler(
    whole: Whole, parameters: Mapping[str, Schema], heads: Sequence[Head], filters: Mapping[str, Filter]
) -> Compiler:
    """A compiler that knows the rule set's parameters, fragments, tables and functions."""
    fragments = define(whole.sections["define"])
    scope = Scope(parameters=frozenset(parameters), filters=filters)
    compiler = know(Compiler(whole.form, scope, fragments), heads)
    declared = whole.sections["functions"]
    names = [each.name for each in declared]
    functions: dict[str, Function] = {}
    for position, each in enumerate(declared):
        at = compiler.at(each.piece)
        at = replace(at, scope=replace(at.scope, names=frozenset({"params"}), functions=dict(functions)))
        functions[each.name] = _function(at, str(each.node.key), each.node, names[position:])
    return replace(compiler, scope=replace(compiler.scope, functions=functions))


def _function(compiler: Compiler, signature: str, node: Node, not_yet: Sequence[str]) -> Function:
    """The function at `node`; it cannot call those of the names `not_yet`, its own and those declared behind it."""
    form = compiler.form
    match = _SIGNATURE.fullmatch(signature)
    if match is None:
        form.wrong_key(node, f"a function is written `name(argument, ...): expression`; found `{signature}`")
        return _broken(())
    name = match["name"]
    compiler.check_capture(node, name, "a function")
    before = len(form.messages)
    written = [each.strip() for each in match["parameters"].split(",")] if match["parameters"].strip() else []
    for parameter in written:
        compiler.check_name(node, parameter, "an argument")
        compiler = compiler.within(names=[parameter])
    parameters = (
        tuple(written) if len(form.messages) == before else tuple(f"argument{n}" for n, _ in enumerate(written))
    )
    text = node.value if isinstance(node.value, str) else ""
    unknown = frozenset(not_yet)
    call = next((each for each in _CALL.finditer(text) if each[1] in unknown), None)
    if call is not None:
        form.wrong(node, f"a function sees only those declared before it, so not `{call[1]}`", call.start())
        return _broken(parameters)
    expression = compiler.expression(node, f"the function `{name}`")
    return Function(parameters, expression) if expression is not None else _broken(parameters)


def _broken(parameters: tuple[str, ...]) -> Function:
    """What stands in for a function with a mistake, so that its calls are not reported as well."""
    return Function(parameters, compile_expression("null", Scope()))


def _rules(compiler: Compiler, entries: Iterable[Entry]) -> tuple[Rule, ...]:
    rules = []
    seen: dict[str, Entry] = {}
    for entry in entries:
        rule = read_rule(compiler.at(entry.piece), entry.node)
        first = seen.setdefault(rule.id, entry)
        if rule.id and first is not entry:
            line = first.place.line
            text = f"the id `{rule.id}` is taken by the rule on line {line}; ids are unique in a rule set"
            note = first_seen(first.piece.form, first.node.value["id"])
            entry.piece.form.wrong(entry.node.value["id"], text, notes=[note])
        rules.append(rule)
    return tuple(rules)
