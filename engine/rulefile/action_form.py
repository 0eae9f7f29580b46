"""Reads what an action says: its verb, where it acts, its other keys by the verb's table; and captures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..evaluation.verb import VERBS, Verb
from ..expressions.shape import one_of, row_of
from ..fact import PREFIX
from ..late_pattern import late_pattern
from ..node import MAPPING, SCALAR, SEQUENCE, Node
from ..rule import Action, Capture
from ..suggest import listing, suggest
from .compiler import Compiler
from .form import Fields, describe

if TYPE_CHECKING:
    from ..evaluation.call import Kind
    from ..jsonpath.path import Path

COMMON_KEYS = ("when", "each")
"""The keys that every action may have."""

_QUOTED = late_pattern(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_SHORT_NAME = "node"  # what `match: $..image` calls its capture


def read_captures(compiler: Compiler, node: Node, what: str) -> tuple[Compiler, tuple[Capture, ...]]:
    """The captures under `match` or `each`, each seeing those before it, and a compiler that knows them all."""
    if what == "`match`" and (node.kind == SEQUENCE or (node.kind == SCALAR and isinstance(node.value, str))):
        compiler, capture = _capture(compiler, _SHORT_NAME, node)
        return compiler, (capture,)
    captures: list[Capture] = []
    for name, child in compiler.form.entries(node, what):
        compiler.check_capture(child, name)
        compiler, capture = _capture(compiler, name, child)
        captures.append(capture)
    return compiler, tuple(captures)


def read_action(compiler: Compiler, node: Node) -> Action | None:
    """The action at `node`; None, and messages, if it has no known verb."""
    verb = _verb(compiler, node)
    if verb is None:
        return None
    form = compiler.form
    needed = tuple(key for key, key_form in verb.keys.items() if key_form.required)
    optional = tuple(key for key in verb.keys if key not in needed) + COMMON_KEYS
    fields = form.fields(node, Fields(f"`{verb.name}`", (verb.name, *needed), optional))
    compiler, each = read_captures(compiler, fields["each"], "`each`") if "each" in fields else (compiler, ())
    arguments = {key: _argument(compiler, verb, key, fields[key]) for key in verb.keys if key in fields}
    target = None
    if verb.message:
        arguments["message"] = _text(compiler, fields[verb.name], f"the message of `{verb.name}`", verb)
    else:
        target = compiler.target(fields[verb.name], f"the target of `{verb.name}`", pointers=verb.pointer)
    return Action(
        verb=verb.name,
        target=target,
        arguments=arguments,
        when=compiler.expression(fields["when"], "`when`") if "when" in fields else None,
        each=each,
        place=form.key_place(fields[verb.name]),
    )


def _capture(compiler: Compiler, name: str, node: Node) -> tuple[Compiler, Capture]:
    """The capture, and a compiler that knows it: as a location, as a row of a table, or as a value."""
    what, place = f"the capture `{name}`", compiler.form.key_place(node)
    text = node.value if node.kind == SCALAR and isinstance(node.value, str) else ""
    if "${" in text:
        items = compiler.single_expression(node, what)
        known = compiler.within(names=[name], shapes={name: one_of(items.shape if items is not None else None)})
        needs = items is not None and bool(items.names & compiler.scope.local)
        return known, Capture(name, items=items, place=place, document=needs)
    if text.startswith(PREFIX):
        table = compiler.table(node, text.removeprefix(PREFIX))
        known = compiler.within(names=[name], shapes={name: row_of(table) if table else None})
        return known, Capture(name, table=table, place=place, document=False)
    if node.kind == MAPPING:
        compiler.form.wrong(node, f"{what} must be a path, a list of paths or one `${{ ... }}`; found {describe(node)}")
        return compiler.within(captures=[name]), Capture(name, place=place)
    paths = compiler.path_list(node, what)
    needs = any(needs_document(path) for path in paths)
    return compiler.within(captures=[name]), Capture(name, paths, place=place, document=needs)


def needs_document(path: Path) -> bool:
    """Whether a path, or a filter in it, starts at the document."""
    return "$" in _QUOTED.sub("", path.text)


def _verb(compiler: Compiler, node: Node) -> Verb | None:
    """The verb that the first key of an action names; a mistake if it names none, or if there is another one."""
    form = compiler.form
    if node.kind != MAPPING or not node.value:
        expected = "an action is a mapping whose first key is its verb, as in `remove: $.a`"
        form.wrong(node, f"{expected}; found {describe(node)}")
        return None
    name = next(iter(node.value))
    others = [key for key in node.value if key in VERBS and key != name and key not in _keys(name)]
    if name not in VERBS:
        if others:
            text = f"the first key of an action is its verb: write `{others[0]}` before `{name}`"
        else:
            text = f"there is no verb `{name}`{suggest(name, VERBS) or f'; verbs are {listing(VERBS)}'}"
        form.wrong_key(node.value[name], text)
        return None
    if others:
        text = f"an action has one verb, and this one is `{name}`: start another action (`- {others[0]}: ...`) for this"
        form.wrong_key(node.value[others[0]], text)
        return None
    return VERBS[name]


def _keys(name: str) -> tuple[str, ...]:
    return (*VERBS[name].keys, *COMMON_KEYS) if name in VERBS else COMMON_KEYS


def _argument(compiler: Compiler, verb: Verb, key: str, node: Node) -> Any:
    return _READERS[verb.keys[key].kind](compiler, node, f"`{key}` of `{verb.name}`", verb)


def _text(compiler: Compiler, node: Node, what: str, verb: Verb) -> Any:  # noqa: ARG001 - one signature for all readers
    return compiler.template(node) if compiler.form.text(node, what) else None


def _flag(compiler: Compiler, node: Node, what: str, verb: Verb) -> bool:  # noqa: ARG001 - as above
    if node.kind == SCALAR and node.value == "ok":
        return True
    return compiler.form.flag(node, what, also="`ok`, ")


def _choice(compiler: Compiler, node: Node, what: str, verb: Verb) -> str:
    return compiler.form.choice(node, what, verb.keys[str(node.key)].choices)


def _target(compiler: Compiler, node: Node, what: str, verb: Verb) -> Any:
    return compiler.target(node, what, pointers=verb.pointer)


def _pattern(compiler: Compiler, node: Node, what: str, verb: Verb) -> Any:  # noqa: ARG001 - as above
    from ..jsonpath.pattern import Pattern, PatternError  # brings in the package `regex`

    text = compiler.form.text(node, what)
    if "${ " in text:
        compiler.form.wrong(node, f"{what} cannot hold expressions: it is compiled when the rule file is loaded")
        return None
    reason = f"{what} is no regular expression: "
    return compiler.form.attempt(node, lambda: Pattern(text), PatternError, reason) if text else None


_Reader = Callable[[Compiler, Node, str, Verb], Any]

_READERS: Mapping[Kind, _Reader] = {
    "template": lambda compiler, node, _what, _verb: compiler.template(node),
    "text": _text,
    "target": _target,
    "path": lambda compiler, node, what, _verb: compiler.path(node, what),
    "paths": lambda compiler, node, what, _verb: compiler.path_list(node, what),
    "flag": _flag,
    "choice": _choice,
    "pattern": _pattern,
    "integer": lambda compiler, node, what, _verb: compiler.form.whole(node, what),
    "replacement": lambda compiler, node, _what, _verb: compiler.within(names=["match"]).template(node),
    "map-value": lambda compiler, node, _what, _verb: compiler.within(names=["it"]).template(node),
    "string list": lambda compiler, node, what, _verb: tuple(
        compiler.form.text(each, what) for each in compiler.form.one_or_more(node, what)
    ),
}
"""How each kind of key is read."""
