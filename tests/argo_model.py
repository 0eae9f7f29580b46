"""Argo workflows as templates and calls: who calls whom, with what, and what a text refers to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Key = tuple[int, str]

_NAME = r"[-\w]+"
_DOT = rf"\.({_NAME})"
_INDEX = r"\[\s*['\"]([^'\"]+)['\"]\s*\]"
_FIELD = r"(?:\.{0}|\[\s*['\"]{0}['\"]\s*\])"
_KIND = r"(?:\.(parameters|artifacts)|\[\s*['\"](parameters|artifacts)['\"]\s*\])"
_TAG = re.compile(r"\{\{\s*(.*?)\s*\}\}", re.DOTALL)


def _reference(plain: str) -> re.Pattern[str]:
    """References in which `.NAME` is written as `plain` says: a tag takes dashes there, an expression subtracts."""
    step = rf"(?:\.({plain})|{_INDEX})"
    outputs = _FIELD.format("outputs")
    return re.compile(
        rf"(?<![-\w.'\"])(?:(?P<made>tasks|steps){step}{outputs}|(?P<given>inputs)|(?P<world>workflow){outputs})"
        rf"{_KIND}{step}(?P<path>\.path\b)?"
    )


_IN_TAG = _reference(_NAME)
_IN_EXPRESSION = _reference(r"\w+")
_OWN = re.compile(rf"outputs\.(artifacts)\.({_NAME})\.path$")


@dataclass(frozen=True)
class Reference:
    """`side` is tasks, steps, inputs, workflow or outputs; `call` the task or step it names."""

    side: str
    call: str | None
    kind: str
    name: str
    text: str


@dataclass(eq=False)
class Call:
    """A task, a step, or a hook: of `owner`, to `target` (None: it stands elsewhere)."""

    owner: Template
    name: str
    data: Mapping[str, Any]
    target: Template | None = None
    is_hook: bool = False

    @property
    def is_loop(self) -> bool:
        return any(self.data.get(key) is not None for key in ("withItems", "withParam", "withSequence"))

    def argument(self, kind: str, name: str) -> Any:
        return named(items(self.data, "arguments", kind), name)


@dataclass(eq=False)
class Template:
    """A template, or what stands for the whole spec and its hooks; `outer` is the one around an inline template."""

    key: Key
    data: Mapping[str, Any]
    document: int
    outer: Template | None = None
    calls: dict[str, Call] = field(default_factory=dict)
    hooks: list[Call] = field(default_factory=list)
    called: list[Call] = field(default_factory=list)

    @property
    def is_leaf(self) -> bool:
        return not any(key in self.data for key in ("dag", "steps"))

    def find_call(self, name: str) -> Call | None:
        found = self.calls.get(name)
        return self.outer.find_call(name) if found is None and self.outer else found

    def find_input(self, kind: str, name: str) -> Template | None:
        """The template, this one or one around it, that has the input."""
        if named(items(self.data, "inputs", kind), name) is not None:
            return self
        return self.outer.find_input(kind, name) if self.outer else None


class Model:
    """The templates and calls of all `documents` of a run."""

    def __init__(self, documents: list[Any]) -> None:
        self.templates: dict[Key, Template] = {}
        self.specs: list[tuple[int, str, Mapping[str, Any]]] = []
        self._by_reference: dict[tuple[bool, str], int] = {}
        for number, document in enumerate(documents):
            kind = at(document, "kind")
            spec = at(document, "spec", "workflowSpec") if kind == "CronWorkflow" else at(document, "spec")
            if kind in _KINDS and isinstance(spec, Mapping):
                self.specs.append((number, kind, spec))
                self._by_reference[kind == "ClusterWorkflowTemplate", at(document, "metadata", "name")] = number
                self._read(number, spec)
        for template in [*self.templates.values()]:
            for call in [*template.calls.values(), *template.hooks]:
                self._connect(call)

    def _read(self, number: int, spec: Mapping[str, Any]) -> None:
        whole = Template((number, ""), {}, number)
        whole.hooks = [Call(whole, name, hook, is_hook=True) for name, hook in mapping(spec, "hooks").items()]
        self.templates[whole.key] = whole
        for data in items(spec, "templates"):
            if isinstance(data, Mapping):
                self._add(Template((number, str(data.get("name"))), data, number))

    def _add(self, template: Template) -> None:
        self.templates[template.key] = template
        for data in steps(template.data):
            name = str(data.get("name"))
            call = Call(template, name, data)
            template.calls[name] = call
            template.hooks += [Call(template, name, hook, is_hook=True) for hook in mapping(data, "hooks").values()]
            if isinstance(data.get("inline"), Mapping):
                key = (template.document, f"{template.key[1]}/{name}")
                call.target = Template(key, data["inline"], template.document, template)
                self._add(call.target)

    def _connect(self, call: Call) -> None:
        reference = call.data.get("templateRef")
        if isinstance(reference, Mapping):
            wanted = (bool(reference.get("clusterScope")), reference.get("name"))
            number, name = self._by_reference.get(wanted), reference.get("template")
        else:
            number, name = call.owner.document, call.data.get("template")
        if call.target is None and number is not None:
            call.target = self.templates.get((number, str(name)))
        if call.target is not None:
            call.target.called.append(call)


_KINDS = ("Workflow", "WorkflowTemplate", "ClusterWorkflowTemplate", "CronWorkflow")


def references(text: str, *, expression: bool = False, bare: bool = False) -> Iterator[Reference]:
    """What a text refers to: in its tags; in all of it where it is an expression; `bare` where it needs no braces."""
    if expression:
        yield from _found(_IN_EXPRESSION, _TAG.sub("", text))
    if bare and "{{" not in text:
        text = f"{{{{{text}}}}}"
    for tag in _TAG.findall(text):
        if tag.startswith("="):
            yield from _found(_IN_EXPRESSION, tag)
        elif own := _OWN.match(tag):
            yield Reference("outputs", None, own[1], own[2], tag)
        else:
            yield from (each for each in _found(_IN_TAG, tag) if tag.startswith(each.text))


def _found(pattern: re.Pattern[str], text: str) -> Iterator[Reference]:
    for match in pattern.finditer(text):
        groups = match.groups()
        side = match["made"] or match["given"] or match["world"]
        kind, name = groups[5] or groups[6], groups[7] or groups[8]
        yield Reference(side, groups[1] or groups[2], kind, name, match[0])


_EXPRESSIONS = ("fromExpression", "expression")
_BARE = ("from", "parameter")


def texts(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Every text in `value`, with the key it stands at; not those of inline templates: they are templates too."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, Mapping):
        for name, child in value.items():
            if name != "inline":
                yield from texts(child, str(name))
    elif isinstance(value, list):
        for child in value:
            yield from texts(child, key)


def all_references(value: Any) -> Iterator[Reference]:
    for key, text in texts(value):
        yield from references(text, expression=key in _EXPRESSIONS, bare=key in _BARE)


def steps(template: Any) -> list[Mapping[str, Any]]:
    groups = [items(template, "dag", "tasks"), *(one for one in items(template, "steps") if isinstance(one, list))]
    return [call for group in groups for call in group if isinstance(call, Mapping)]


def pods(template: Any) -> Iterator[tuple[str, Any]]:
    """The containers of a template, with what to call them."""
    for key in ("container", "script", "containerSet"):
        if isinstance(at(template, key), Mapping):
            yield key, template[key]
    for place in (("containerSet", "containers"), ("initContainers",), ("sidecars",)):
        yield from ((f"{place[-1]} {at(one, 'name')}", one) for one in items(template, *place))


def main_mounts(template: Any) -> list[Any]:
    """The mounts of the container that Argo takes artifacts from."""
    main = named(items(template, "containerSet", "containers"), "main")
    places = [at(template, "container"), at(template, "script"), at(template, "containerSet"), main]
    return [mount for place in places for mount in items(place, "volumeMounts")]


def at(thing: Any, *path: str) -> Any:
    for key in path:
        thing = thing.get(key) if isinstance(thing, Mapping) else None
    return thing


def items(thing: Any, *path: str) -> list[Any]:
    found = at(thing, *path)
    return found if isinstance(found, list) else []


def mapping(thing: Any, *path: str) -> Mapping[str, Any]:
    found = at(thing, *path)
    return {key: value for key, value in found.items() if isinstance(value, Mapping)} if found else {}


def named(things: list[Any], name: str | None) -> Any:
    return next((thing for thing in things if at(thing, "name") == name), None)
