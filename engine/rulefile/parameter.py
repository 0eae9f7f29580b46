"""Parameters of rule sets: what they declare, which values are given, and how to pass one that is missing."""

from __future__ import annotations

import copy
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..dataclass import dataclass
from ..error import NOWHERE, Message, Place, UsageError
from ..late_pattern import late_pattern
from ..node import MAPPING, plain
from ..reading.scalar import ambiguous
from ..suggest import listing, nearest, suggest
from .form import IDENTIFIER
from .narrowing import narrow, widenings
from .schema import check_schema, mismatches, type_names, type_words
from .strict_yaml import read_forms

if TYPE_CHECKING:
    from ..node import Node
    from ..rule import RuleSet
    from ..value import Value
    from .entry import Entry
    from .form import Form

Schema = Mapping[str, Any]

_SAFE = late_pattern(r"[A-Za-z][A-Za-z0-9_./-]*")
_PLACEHOLDERS = {
    "string": "TEXT",
    "number": "1.5",
    "integer": "1",
    "boolean": "true",
    "object": "{KEY: VALUE}",
    "array": "[VALUE, VALUE]",
}


@dataclass(frozen=True, slots=True)
class Given:
    """A value given for the parameter `name`, of the one rule set `only` or of all that declare it.

    `text` is a value still to be read: as text if the parameter's type is string, else as YAML.
    """

    name: str
    only: str | None
    value: Value = None
    text: str | None = None
    place: Place = NOWHERE


def declare(entries: Iterable[Entry]) -> dict[str, Schema]:
    """The schemas of the parameters by name; mistakes in them, and defaults that do not fit, go to their forms."""
    found = ((each.name, _declared(each)) for each in entries)
    return {name: schema for name, schema in found if schema is not None}


def _declared(entry: Entry) -> Schema | None:
    """The schema of a parameter, with those that it narrows; None if it is none."""
    form, node, name = entry.piece.form, entry.node, entry.name
    wider = [(each, wide) for each in entry.over if (wide := _declared(each)) is not None]
    if not IDENTIFIER.fullmatch(name):
        form.wrong_key(node, f"`{name}` is no parameter name: use letters, digits and `_`, no digit first")
    if node.kind != MAPPING:
        form.wrong(node, f"parameter `{name}` must be a mapping such as `{{type: string, default: x}}`")
        return None
    schema: Schema = plain(node)
    before = len(form.messages)
    check_schema(form, node, standard(schema))
    if len(form.messages) > before:
        return schema
    for each, wide in wider:
        _check_narrower(entry, schema, each, wide)
    is_sound = len(form.messages) == before
    for _, wide in reversed(wider):
        schema = narrow(wide, schema)
    if "default" in schema and is_sound:
        _check_default(entry, schema)
    return schema


def _check_narrower(entry: Entry, schema: Schema, over: Entry, wide: Schema) -> None:
    """Record where a parameter would allow what the one that it narrows does not."""
    note = Message("note", f"`{entry.name}` is declared here", over.place)
    for key, said in widenings(wide, schema):
        text = f"`{entry.name}` can only be narrowed: its `{key}` is {said} in the rule set that is extended"
        entry.piece.form.wrong(entry.node.value[key], text, notes=[note])


def _check_default(entry: Entry, schema: Schema) -> None:
    form, own = entry.piece.form, entry.node.value.get("default")
    notes = [Message("note", f"`{entry.name}` is declared here", each.place) for each in entry.over]
    for text in mismatches(schema["default"], standard(schema)):
        if own is not None:
            form.wrong(own, f"the default of `{entry.name}` does not fit: {text}", notes=notes)
        else:
            lost = f"the default that `{entry.name}` has does not fit what it is narrowed to: {text}; give another one"
            form.wrong_key(entry.node, lost, notes=notes)


def standard(schema: Schema) -> Schema:
    """The schema without `required: true`, which says that a value must be given and is no JSON Schema."""
    return {key: value for key, value in schema.items() if key != "required" or not isinstance(value, bool)}


def from_mapping(values: Mapping[str, Value]) -> list[Given]:
    """Values given in Python, by `NAME` or `RULESET:NAME`; they are copied."""
    return [Given(*_split_name(key), value=copy.deepcopy(value)) for key, value in values.items()]


def from_texts(texts: Iterable[str]) -> list[Given]:
    """Values given on the command line as `NAME=VALUE` or `RULESET:NAME=VALUE`. Raises `UsageError`."""
    given, messages = [], []
    for text in texts:
        name, equals, value = text.partition("=")
        if equals and name:
            given.append(Given(*_split_name(name), text=value))
        else:
            messages.append(Message("error", f"-p {text}: expected NAME=VALUE, for example -p {name or 'name'}=VALUE"))
    if messages:
        raise UsageError.of(messages)
    return given


def from_file(text: str, file: str) -> list[Given]:
    """Values given in a YAML file, a mapping by `NAME` or `RULESET:NAME`. Raises `UsageError`."""
    forms, messages = read_forms(text, file)
    given = []
    for form in forms:
        given += from_node(form, form.document.root, "a file of parameters")
        messages += form.messages
    if messages:
        raise UsageError.of(messages)
    return given


def from_node(form: Form, node: Node, what: str) -> list[Given]:
    """Values given in a mapping by `NAME` or `RULESET:NAME`, each with the place of its key."""
    entries = form.entries(node, what)
    return [Given(*_split_name(key), value=plain(child), place=form.key_place(child)) for key, child in entries]


def resolve(rule_sets: Sequence[RuleSet], given: Sequence[Given]) -> list[dict[str, Value]]:
    """The parameter values of each rule set: what is given, the last one counting, else the default.

    A value that names one rule set comes before one that does not. Raises one `UsageError` that says all that is
    unknown, missing or of the wrong type.
    """
    messages = list(unknown(given, rule_sets))
    values = []
    for rule_set in rule_sets:
        found, origins, wrong = fill(rule_set, [given])
        messages += (*wrong, *missing(rule_set, origins))
        values.append(found)
    if messages:
        raise UsageError.of(dict.fromkeys(messages))
    return values


def unknown(given: Iterable[Given], rule_sets: Sequence[RuleSet]) -> Iterator[Message]:
    """What is wrong with the names of values: the parameters and the rule sets that are none of `rule_sets`."""
    return (message for each in given for message in _unknown(each, rule_sets))


def fill(
    rule_set: RuleSet, layers: Iterable[Sequence[Given]]
) -> tuple[dict[str, Value], dict[str, Given | None], list[Message]]:
    """The parameter values of a rule set, by name; what gave each (None: its default); what is wrong with them.

    A later layer comes before an earlier one; within one, a value that names the rule set before one that does not,
    and then the later.
    """
    found = _defaults(rule_set)
    origins: dict[str, Given | None] = dict.fromkeys(found)
    messages: list[Message] = []
    for layer in layers:
        for each in sorted(layer, key=lambda each: each.only is not None):
            if each.name in rule_set.parameters and each.only in (None, rule_set.name):
                messages += _take(rule_set, each, found)
                origins[each.name] = each
    return found, origins, messages


def missing(rule_set: RuleSet, given: Collection[str], place: Place = NOWHERE) -> Iterator[Message]:
    """What the rule set asks for and is not among the names `given`; a place is that of a file that may name it."""
    for name, schema in rule_set.parameters.items():
        if schema.get("required") is True and name not in given:
            words = type_words(schema)
            kind = f" ({words})" if words else ""
            about = f": {_about(schema)}" if _about(schema) else ""
            text = f"`{rule_set.name}` needs the parameter `{name}`{kind}{about}"
            bare = (other for other, schema in rule_set.parameters.items() if set(schema) == {"default"})
            near = nearest(name, bare)  # of a rule set that narrows a parameter of another, and misspells it
            if near is not None:
                text += f"\n  it gives a default to `{near}`, which is another one: is `{name}` meant there?"
            yield Message("error", f"{text}\n  {_hint(name, schema, place)}", place)


def example(name: str, schema: Schema) -> str:
    """How to pass the parameter on a command line, by the schema's example, else its default, else its type."""
    from shlex import quote

    return f"-p {name}={quote(_example(schema))}"


def _hint(name: str, schema: Schema, place: Place) -> str:
    """How to pass the parameter on a command line, or how to write it in the file of `place`."""
    if place.file is None:
        return f"pass it like this: {example(name, schema)}"
    return f"write it like this: `{name}: {_example(schema, inside=True)}`"


def _example(schema: Schema, *, inside: bool = False) -> str:
    if schema.get("examples"):
        return flow(schema["examples"][0], inside=inside)
    if schema.get("default") is not None:
        return flow(schema["default"], inside=inside)
    if schema.get("enum"):
        return flow(schema["enum"][0], inside=inside)
    return next((_PLACEHOLDERS[each] for each in type_names(schema) if each in _PLACEHOLDERS), "VALUE")


def _split_name(key: str) -> tuple[str, str | None]:
    only, _, name = key.rpartition(":")
    return name, only or None


def _unknown(given: Given, rule_sets: Sequence[RuleSet]) -> Iterator[Message]:
    names = [each.name for each in rule_sets]
    if given.only is not None and given.only not in names:
        hint = suggest(given.only, names) or f"; in use: {listing(names)}"
        yield Message(
            "error", f"no rule set `{given.only}` is in use to take the parameter `{given.name}`{hint}", given.place
        )
        return
    takers = [each for each in rule_sets if given.only in (None, each.name)]
    known = list(dict.fromkeys(name for each in takers for name in each.parameters))
    if given.name not in known:
        who = listing(dict.fromkeys(each.name for each in takers)) or "no rule set"
        there = f"; parameters: {listing(known)}" if known else "; there are none"
        hint = suggest(given.name, known)
        yield Message("error", f"unknown parameter `{given.name}` of {who}{hint or there}", given.place)


def _defaults(rule_set: RuleSet) -> dict[str, Value]:
    declared = rule_set.parameters.items()
    return {name: copy.deepcopy(schema["default"]) for name, schema in declared if "default" in schema}


def _take(rule_set: RuleSet, given: Given, found: dict[str, Value]) -> list[Message]:
    schema = rule_set.parameters[given.name]
    value = given.value
    wrong: list[str] = []
    if given.text is not None:
        value, wrong = _read(given.text, schema)
    if not wrong:
        found[given.name] = value
        wrong = mismatches(value, standard(schema))
    return [Message("error", _sentence(rule_set, given, each), given.place) for each in wrong]


def _read(text: str, schema: Schema) -> tuple[Value, list[str]]:
    if type_names(schema) == ["string"]:
        return text, []
    forms, messages = read_forms(text, None)
    messages = messages + [message for form in forms for message in form.messages]
    if messages:
        return None, [message.text for message in messages]
    if len(forms) > 1:
        return None, ["found several YAML documents; expected one value"]
    return (plain(forms[0].document.root) if forms else None), []


def _sentence(rule_set: RuleSet, given: Given, problem: str) -> str:
    name, schema = given.name, rule_set.parameters[given.name]
    words = type_words(schema)
    expected = [f"  expected: {'. '.join(filter(None, (words, _about(schema))))}"] if words or _about(schema) else []
    lines = [f"parameter `{name}` of `{rule_set.name}`: {problem}", *expected]
    return "\n".join([*lines, f"  {_hint(name, schema, given.place)}"])


def _about(schema: Schema) -> str:
    """The description on one line."""
    return " ".join(str(schema.get("description", "")).split())


def flow(value: Value, *, inside: bool = False) -> str:
    """A value as short YAML on one line; a text at the top stands as it is, for a parameter of type string."""
    if isinstance(value, dict):
        entries = (f"{flow(key, inside=True)}: {flow(item, inside=True)}" for key, item in value.items())
        return "{" + ", ".join(entries) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(flow(item, inside=True) for item in value) + "]"
    if isinstance(value, str):
        safe = _SAFE.fullmatch(value) and ambiguous(value) is None and value not in ("true", "false", "null")
        return value if safe or not inside else json.dumps(value)
    return json.dumps(value)
