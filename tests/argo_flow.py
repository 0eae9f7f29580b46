"""Follows data through workflows: do consumers find, on the volume, the files that their producers write?

The workflow as it was says which outputs reach which input. The result must lead from the same outputs to the same
input, and the place where the one writes must be the place where the other looks.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import Any

from argo_model import Call, Key, Model, Reference, Template, at, items, main_mounts, named, references

_INPUT = re.compile(r"\{\{\s*inputs\.parameters\.([-\w]+)\s*\}\}")
SOURCES = ("s3", "git", "http", "artifactory", "hdfs", "raw", "oss", "gcs", "azure", "plugin")
_TOO_DEEP = 200  # a recursion that adds to the path each time would never end

Source = tuple[Key, str, str]  # the template and output that the data comes from, and the part of it
Step = tuple[str, Template, str, str]  # "in" or "out", a template, its input or output, and the part of it


def problems_between(before: list[Any], after: list[Any]) -> list[str]:
    """What the result reads or writes elsewhere than the workflow as it was."""
    old, new = Model(before), Model(after)
    found: list[str] = []
    for key, template in old.templates.items():
        result = new.templates.get(key)
        if result is None:
            found.append(f"template {key[1]} is gone")
        else:
            leaf = _problems_of(template, result, old, new) if template.is_leaf else ()
            found += (f"template {key[1]}: {text}" for text in [*leaf, *_given_otherwise(template, result, old, new)])
    return found


def _given_otherwise(template: Template, result: Template, old: Model, new: Model) -> Iterator[str]:
    """Calls that do not get from the same places what they got as artifacts."""
    for call, twin in zip(_calls(template), _calls(result), strict=True):
        for artifact in items(call.data, "arguments", "artifacts"):
            if not _references(artifact) or twin.argument("artifacts", at(artifact, "name")) is not None:
                continue
            added = [
                one
                for one in items(twin.data, "arguments", "parameters")
                if str(at(one, "name")).startswith(at(artifact, "name"))
            ]
            wanted = _origins(old, "artifacts", call, artifact)
            if not any(_origins(new, "parameters", twin, one) == wanted for one in added):
                yield f"{call.name} gets {at(artifact, 'name')} from elsewhere than {_shown(wanted)}"


def _calls(template: Template) -> list[Call]:
    return [*template.calls.values(), *template.hooks]


def _origins(model: Model, kind: str, call: Call, argument: Any) -> set[tuple[Key, str]]:
    start = _meant(model, kind, call.owner, _references(argument), _part(argument))
    return {(key, part) for key, _name, part in sources(model, kind, start)}


def _problems_of(template: Template, result: Template, old: Model, new: Model) -> Iterator[str]:
    for artifact in items(template.data, "outputs", "artifacts"):
        if _has(result, "outputs", artifact):
            continue
        if _place(result, artifact) is None:
            yield f"output {at(artifact, 'name')} is written beside the volume"
        if any(key in artifact for key in SOURCES):
            yield f"output {at(artifact, 'name')} does not reach its place outside any more"
    for artifact in items(template.data, "inputs", "artifacts"):
        wanted = sources(old, "artifacts", [("in", template, at(artifact, "name"), "")])
        if _has(result, "inputs", artifact):
            found = sources(new, "artifacts", [("in", result, at(artifact, "name"), "")])
            if found != wanted:
                yield f"input {at(artifact, 'name')} stays, but comes from {_shown(found)}, not {_shown(wanted)}"
        else:
            yield from _reads_elsewhere(artifact, result, wanted, old, new)


def _reads_elsewhere(artifact: Any, result: Template, wanted: set[Source], old: Model, new: Model) -> Iterator[str]:
    place = _place(result, artifact)
    parameter = place and _INPUT.match(place)
    if not parameter:
        yield f"input {at(artifact, 'name')} is looked for at {place}"
        return
    rest = place[parameter.end() :]
    files = {_file(old, new, source) for source in wanted}
    found = sources(new, "parameters", [("in", result, parameter[1], "")])
    looked = {_value(new, source, rest) for source in found}
    if files != looked:
        yield f"input {at(artifact, 'name')} is looked for at {_shown(looked)}, but written to {_shown(files)}"


def _file(old: Model, new: Model, source: Source) -> tuple[Key, str]:
    """Where on the volume the source is written."""
    key, name, part = source
    artifact = named(items(old.templates[key].data, "outputs", "artifacts"), name)
    place = _place(new.templates[key], artifact) if key in new.templates else None
    return key, "nowhere" if place is None else place + part


def _value(new: Model, source: Source, rest: str) -> tuple[Key, str]:
    key, name, part = source
    output = named(items(new.templates[key].data, "outputs", "parameters"), name) if key in new.templates else None
    return key, f"{at(output, 'value')}{part}{rest}"


def _place(template: Template, artifact: Any) -> str | None:
    """The path of the artifact, as the volume has it: by the mount nearest to it."""
    path = clean(at(artifact, "path"))
    above = [mount for mount in main_mounts(template.data) if is_below(path, folder(mount)) and at(mount, "subPath")]
    if not above:
        return None
    nearest = max(above, key=lambda mount: len(folder(mount)))
    return str(nearest["subPath"]) + path.removeprefix(folder(nearest).rstrip("/"))


def folder(mount: Any) -> str:
    return clean(at(mount, "mountPath"))


def clean(path: Any) -> str:
    """The path without `.` and `//`; a slash at its end means nothing here."""
    return posixpath.normpath(re.sub("^/+", "/", str(path)))


def is_below(path: str, above: str) -> bool:
    return path == above or path.startswith(above.rstrip("/") + "/")


def _has(template: Template, side: str, artifact: Any) -> bool:
    return named(items(template.data, side, "artifacts"), at(artifact, "name")) is not None


def sources(model: Model, kind: str, start: Iterable[Step]) -> set[Source]:
    """The outputs of leaf templates that data may come from, along all ways that lead to `start`."""
    found: set[Source] = set()
    seen: set[tuple[str, Key, str, str]] = set()
    waiting = [*start]
    while waiting:
        side, where, called, part = waiting.pop()
        if (side, where.key, called, part) in seen or len(part) > _TOO_DEEP:
            continue
        seen.add((side, where.key, called, part))
        if side == "in":
            for call in where.called:
                argument = call.argument(kind, called)
                waiting += _meant(model, kind, call.owner, _references(argument), _part(argument) + part)
        elif where.is_leaf:
            found.add((where.key, called, part))
        else:
            output = named(items(where.data, "outputs", kind), called)
            waiting += _meant(model, kind, where, _references(output), part)
    return found


def _part(argument: Any) -> str:
    """Which part of the data an argument gives."""
    inner = str(at(argument, "subPath") or "").strip("/")
    return f"/{inner}" if inner else _behind_tags(at(argument, "value"))


def _behind_tags(value: Any) -> str:
    return value.rpartition("}}")[2] if isinstance(value, str) and "{{" in value else ""


def _references(item: Any) -> list[Reference]:
    """What an argument or an output takes its data from."""
    expression = at(item, "fromExpression") or at(item, "valueFrom", "expression")
    if expression:
        return [*references(str(expression), expression=True)]
    text = at(item, "from") or at(item, "value") or at(item, "valueFrom", "parameter")
    return [*references(str(text), bare=at(item, "value") is None)] if text else []


def _meant(model: Model, kind: str, owner: Template, found: Iterable[Reference], part: str) -> Iterator[Step]:
    for reference in found:
        if reference.kind != kind:
            continue
        if reference.side == "inputs":
            holder = owner.find_input(kind, reference.name)
            if holder is not None:
                yield "in", holder, reference.name, part
        elif reference.side == "workflow":
            for template in model.templates.values():
                for output in items(template.data, "outputs", kind):
                    if at(output, "globalName") == reference.name:
                        yield "out", template, at(output, "name"), part
        else:
            call = owner.find_call(reference.call or "")
            if call is not None and call.target is not None:
                name = f"{reference.name} of a loop" if call.is_loop else reference.name
                yield "out", call.target, name, part


def _shown(found: Iterable[Any]) -> str:
    return ", ".join(sorted(" ".join(map(str, each)) for each in found)) or "nowhere"
