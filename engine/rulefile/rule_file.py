"""Reads a rule file: every RuleSet document in it, checked, compiled, and all mistakes reported together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from ..error import Message, Place, RuleError
from ..expressions.expression import compile_expression
from ..expressions.scope import Function, Scope
from ..jsonpath.path import Dialect, compile_path
from ..node import MAPPING, Node
from ..rule import Rule, RuleSet
from ..suggest import nearest
from .compiler import Compiler
from .dialect import read_dialect
from .fact_form import Head, check_names, know, read_facts, read_heads
from .form import Fields, Form, describe
from .fragment import Fragments, compile_paths, define
from .parameter import Schema, declare
from .part import OpenPart, first_seen, is_part, read_parts
from .rule_form import read_filter, read_lets, read_rule
from .strict_yaml import read_forms

if TYPE_CHECKING:
    from collections.abc import Sequence

API_VERSION = "retouch/v1"
KIND = "RuleSet"

RULE_SET = Fields(
    "a rule set",
    ("apiVersion", "kind", "metadata", "rules"),
    ("description", "jsonpath", "params", "documents", "define", "functions", "facts", "let", "atomic", "parts"),
)
IN_PARTS = Fields("a rule set", RULE_SET.needed[:-1], (*RULE_SET.optional, "rules"))
METADATA = Fields("`metadata`", ("name",), ("version",))

Piece: TypeAlias = tuple[Form, Mapping[str, Node]]
"""One document of a rule set, the first or a part, with its fields."""

NAME = re.compile(r"[a-z0-9-]+(/[a-z0-9-]+)*")
"""What a rule set may be called."""

_CALL = re.compile(r"\b([A-Za-z_]\w*)\(", re.ASCII)
_SIGNATURE = re.compile(r"(?P<name>[A-Za-z_]\w*)\((?P<parameters>[\w\s,]*)\)", re.ASCII)


def read_rule_file(text: str, file: str | None = None, open_part: OpenPart | None = None) -> tuple[RuleSet, ...]:
    """The rule sets in `text`, in order, their parameters still without values.

    `open_part` opens the files that `parts:` names. Documents that are parts themselves are left to those who name
    them. Raises `RuleError` with a message for every mistake there is, each at its place. Linear in the text.
    """
    forms, messages = read_forms(text, file)
    if not forms and not messages:
        messages.append(Message("error", "there is no rule set here, the text is empty", Place(file, 1, 1)))
    found = []
    for form in forms:
        if not is_part(form.document.root):
            rule_set, own = read_rule_set(form, open_part)
            found.append(rule_set)
            messages += own
    if messages:
        raise RuleError.of(sorted(dict.fromkeys(messages), key=_order))
    return tuple(found)


def read_rule_set(form: Form, open_part: OpenPart | None = None) -> tuple[RuleSet, list[Message]]:
    """The rule set in one document with its parts, and all mistakes; it is of use only if there are none."""
    root = form.document.root
    expected = IN_PARTS if root.kind == MAPPING and "parts" in root.value else RULE_SET
    fields = form.fields(root, expected) if _is_rule_set(form, root) else {}
    name, version = _metadata(form, fields["metadata"]) if "metadata" in fields else ("", None)
    pieces: list[Piece] = [(form, fields)]
    messages: list[Message] = []
    if "parts" in fields:
        try:
            pieces += read_parts(form, fields["parts"], open_part)
        except RuleError as error:
            messages += error.messages
    parameters = declare(form, fields["params"]) if "params" in fields else {}
    heads = [head for own, each in pieces if "facts" in each for head in read_heads(own, each["facts"])]
    check_names(heads)
    dialect = read_dialect(form, fields["jsonpath"]) if "jsonpath" in fields else compile_path
    compiler = _compiler(pieces, parameters, heads, dialect)
    documents = read_filter(compiler, fields["documents"]) if "documents" in fields else None
    named = fields["let"].value if "let" in fields and fields["let"].kind == MAPPING else ()
    facts = read_facts(compiler, heads, named)
    compiler, lets = read_lets(compiler, fields["let"]) if "let" in fields else (compiler, ())
    compiler = replace(compiler, scope=replace(compiler.scope, local=compiler.scope.local | compiler.scope.lets))
    atomic = "atomic" in fields and form.choice(fields["atomic"], "`atomic`", ("run",)) == "run"
    rule_set = RuleSet(
        name=name,
        version=version,
        description=form.text(fields["description"], "`description`", empty=True) if "description" in fields else None,
        parameters=parameters,
        values={},
        documents=documents,
        lets=lets,
        rules=_rules(compiler, pieces),
        atomic=atomic,
        place=form.place(root),
        text=form.source.text,
        facts=facts,
    )
    return rule_set, messages + [message for own, _ in pieces for message in own.messages]


def _is_rule_set(form: Form, root: Node) -> bool:
    """Whether the document says that it is a rule set of a version known here; a mistake if not."""
    if root.kind != MAPPING:
        expected = f"a rule set is a mapping that starts with `apiVersion: {API_VERSION}`"
        form.wrong(root, f"{expected}; found {describe(root)}")
        return False
    version, kind = root.value.get("apiVersion"), root.value.get("kind")
    if version is not None and version.value != API_VERSION:
        form.wrong(version, f"`apiVersion` must be `{API_VERSION}`; found {describe(version)}")
        return False
    if kind is not None and kind.value != KIND:
        form.wrong(kind, f"`kind` must be `{KIND}`; found {describe(kind)}")
        return isinstance(kind.value, str) and nearest(kind.value, [KIND]) is not None
    return True


def _metadata(form: Form, node: Node) -> tuple[str, str | None]:
    fields = form.fields(node, METADATA)
    name = form.text(fields["name"], "`name`") if "name" in fields else ""
    if name and not NAME.fullmatch(name):
        allowed = "lower-case letters, digits and `-` in parts joined by `/`"
        form.wrong(fields["name"], f"a name has {allowed}; found `{name}`")
    return name, form.text(fields["version"], "`version`") if "version" in fields else None


def _compiler(
    pieces: Sequence[Piece], parameters: Mapping[str, Schema], heads: Sequence[Head], dialect: Dialect
) -> Compiler:
    """A compiler that knows the rule set's parameters, fragments, tables and functions."""
    fragments: Fragments = {}
    for form, fields in pieces:
        fragments = define(form, fields["define"], fragments, dialect) if "define" in fields else fragments
    scope = Scope(parameters=frozenset(parameters), paths=lambda text: compile_paths(text, fragments, dialect))
    known = know(Compiler(pieces[0][0], scope), heads).scope
    declared = [
        (form, *entry)
        for form, fields in pieces
        if "functions" in fields
        for entry in form.entries(fields["functions"], "`functions`")
    ]
    names = [signature.partition("(")[0] for _, signature, _ in declared]
    functions: dict[str, Function] = {}
    for position, (form, signature, node) in enumerate(declared):
        scope = replace(known, names=frozenset({"params"}), functions=dict(functions))
        functions[names[position]] = _function(Compiler(form, scope), signature, node, names[position:])
    return Compiler(pieces[0][0], replace(known, functions=functions), fragments, dialect)


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


def _rules(compiler: Compiler, pieces: Sequence[Piece]) -> tuple[Rule, ...]:
    rules = []
    seen: dict[str, tuple[Form, Node]] = {}
    nodes = [
        (form, each) for form, fields in pieces if "rules" in fields for each in form.items(fields["rules"], "`rules`")
    ]
    for form, node in nodes:
        rule = read_rule(replace(compiler, form=form), node)
        if rule.id in seen:
            first = first_seen(*seen[rule.id])
            text = f"the id `{rule.id}` is taken by the rule on line {first.place.line}; ids are unique in a rule set"
            form.wrong(node.value["id"], text, notes=[first])
        elif rule.id:
            seen[rule.id] = form, node.value["id"]
        rules.append(rule)
    return tuple(rules)


def _order(message: Message) -> tuple[str, int, int]:
    return (message.place.file or "", message.place.line or 0, message.place.column or 0)
