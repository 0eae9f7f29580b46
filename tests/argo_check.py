"""Checks that the parts of Argo workflows meet: what is referred to, given, mounted and declared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from argo_flow import SOURCES, clean, folder, is_below, problems_between
from argo_model import Call, Model, Reference, Template, all_references, at, items, named, pods

import retouch

_KINDS = ("parameters", "artifacts")
# An input with one of these has its data without a caller.
_OWN = {
    "parameters": ("value", "default", "valueFrom"),
    "artifacts": (*SOURCES, "from", "fromExpression"),
}
_SUBMITTED = ("Workflow", "CronWorkflow")


def check_result(text: str, result: retouch.Rewrite, rules: retouch.Rules) -> None:
    """The documents fit together as well as they did, files are found where they are written, and a second run finds
    nothing to do."""
    before, after = (list(yaml.load_all(each, Loader=yaml.CSafeLoader)) for each in (text, result.text))
    assert {*problems(*after)} - {*problems(*before)} == set()
    assert problems_between(before, after) == []
    again = retouch.rewrite(result.text, rules)
    assert again.text == result.text
    assert not any(document.patch for document in again.documents)


def problems(*documents: Any) -> list[str]:
    """What does not fit together in the documents of a run, each with its template; of the kinds that have some."""
    model = Model([*documents])
    found: list[str] = []
    for number, kind, spec in model.specs:
        found += (f"spec: {text}" for text in _spec_problems(spec, kind, model.templates[number, ""], model))
    specs = {number: spec for number, _kind, spec in model.specs}
    for key, template in model.templates.items():
        found += (f"template {key[1]}: {text}" for text in _template_problems(template, specs[key[0]], specs, model))
    return found


def _spec_problems(spec: Mapping[str, Any], kind: str, whole: Template, model: Model) -> Iterator[str]:
    yield from _repeated([*items(spec, "volumes"), *(_claims(spec))], "name", "volumes")
    yield from _repeated(items(spec, "templates"), "name", "templates")
    for place in _KINDS:
        yield from _repeated(items(spec, "arguments", place), "name", f"arguments.{place}")
    for reference in all_references([at(spec, key) for key in ("hooks", "arguments", "volumes", "templateDefaults")]):
        if not _resolves(reference, whole, model):
            yield f"nothing is called {reference.text}"
    for call in whole.hooks:
        yield from _call_problems(call)
    first = model.templates.get((whole.document, str(spec.get("entrypoint"))))
    if kind in _SUBMITTED and first:
        for place in _KINDS:
            for wanted in items(first.data, "inputs", place):
                given = named(items(spec, "arguments", place), at(wanted, "name"))
                if _needs(wanted, place) and given is None:
                    yield f"nobody gives {place} {at(wanted, 'name')} to {first.key[1]}"


def _claims(spec: Mapping[str, Any]) -> list[Any]:
    return [at(claim, "metadata") for claim in items(spec, "volumeClaimTemplates")]


def _template_problems(
    template: Template, spec: Mapping[str, Any], specs: Mapping[int, Mapping[str, Any]], model: Model
) -> Iterator[str]:
    data = template.data
    for side in ("inputs", "outputs"):
        for place in _KINDS:
            yield from _repeated(items(data, side, place), "name", f"{side}.{place}")
    yield from _repeated(items(data, "volumes"), "name", "volumes")
    declared = [spec, *(specs[number] for number in _callers(template))]
    for name, pod in pods(data):
        mounts = [*(items(data, "containerSet", "volumeMounts") if name.startswith("containers ") else [])]
        mounts += items(pod, "volumeMounts")
        yield from (f"{name}: {text}" for text in _mount_problems(mounts))
        for text in _undeclared(mounts, data, declared):
            yield f"{name}: {text}"
    yield from _loaded_into_mounts(data)
    for call in [*template.calls.values(), *template.hooks]:
        yield from _call_problems(call)
    if template.outer is not None:
        yield from _covered_by_outer(template)
    for reference in all_references(data):
        if not _resolves(reference, template, model):
            yield f"nothing is called {reference.text}"
    yield from _without_value(template)


def _without_value(template: Template) -> Iterator[str]:
    for output in items(template.data, "outputs", "parameters"):
        set_later = template.is_leaf and ("value" in output or "suspend" in template.data)
        if "valueFrom" not in output and not set_later:
            yield f"outputs.parameters: {at(output, 'name')} has no value"


def _callers(template: Template) -> set[int]:
    """The documents whose volumes a pod of the template may get instead of its own: those that start the run."""
    seen, waiting, found = {template}, [template], set()
    while waiting:
        current = waiting.pop()
        for call in current.called:
            if call.owner not in seen:
                seen.add(call.owner)
                waiting.append(call.owner)
            if call.owner.document != template.document:
                found.add(call.owner.document)
        if current.outer and current.outer not in seen:
            seen.add(current.outer)
            waiting.append(current.outer)
    return found


def _mount_problems(mounts: list[Any]) -> Iterator[str]:
    paths = Counter(folder(mount) for mount in mounts)
    yield from (f"mountPath: {path} is there {count} times" for path, count in paths.items() if count > 1)
    closed = [folder(mount) for mount in mounts if at(mount, "readOnly") is True]
    for mount in mounts:
        path, inner = str(at(mount, "mountPath")), at(mount, "subPath")
        if not path.startswith("/") or ":" in path or folder(mount) == "/":
            yield f"{path!r} cannot be mounted at"
        if inner == "" or (isinstance(inner, str) and (inner.startswith("/") or ".." in inner.split("/"))):
            yield f"{path} has the subPath {inner!r}"
        for above in closed:
            if above != folder(mount) and is_below(folder(mount), above):
                yield f"{path} is mounted below {above}, which is read-only"


def _undeclared(mounts: list[Any], template: Any, specs: list[Mapping[str, Any]]) -> Iterator[str]:
    own = {at(volume, "name") for volume in items(template, "volumes")}
    for spec in specs:
        declared = own | {at(volume, "name") for volume in [*items(spec, "volumes"), *_claims(spec)]}
        for mount in mounts:
            if at(mount, "name") not in declared:
                yield f"volume {at(mount, 'name')} is not declared"


def _loaded_into_mounts(template: Any) -> Iterator[str]:
    """Argo loads an artifact into the volume that is mounted there, be it the directory that another step wrote."""
    for _name, pod in pods(template):
        for mount in items(pod, "volumeMounts"):
            for artifact in items(template, "inputs", "artifacts"):
                path = clean(at(artifact, "path"))
                elsewhere = "{{inputs." in str(at(mount, "subPath"))
                if path == folder(mount) or (elsewhere and is_below(path, folder(mount))):
                    yield f"artifact {at(artifact, 'name')} is loaded into the mount {folder(mount)}"


def _covered_by_outer(template: Template) -> Iterator[str]:
    assert template.outer is not None
    for place in _KINDS:
        for mine in items(template.data, "inputs", place):
            if template.outer.find_input(place, at(mine, "name")):
                yield f"inputs.{place}: {at(mine, 'name')} is an input of the template around it too"


def _call_problems(call: Call) -> Iterator[str]:
    for place in _KINDS:
        given = items(call.data, "arguments", place)
        yield from _repeated(given, "name", f"{call.name}: arguments.{place}")
        wanted = items(call.target.data, "inputs", place) if call.target else []
        for one in wanted:
            if _needs(one, place) and named(given, at(one, "name")) is None:
                yield f"{call.name} does not give {place} {at(one, 'name')}"
        for argument in given:
            if call.target and place == "artifacts" and named(wanted, at(argument, "name")) is None:
                yield f"{call.name} gives {place} {at(argument, 'name')}, which nobody takes"
            if (
                call.target
                and place == "parameters"
                and named(wanted, at(argument, "name")) is None
                and _is_ours(argument)
            ):
                yield f"{call.name} gives {place} {at(argument, 'name')}, which nobody takes"


def _is_ours(argument: Any) -> bool:
    """Argo does not mind a parameter that nobody takes; a place on the volume that nobody takes is a mistake."""
    return any(each.name.endswith("-subpath") for each in all_references({"value": at(argument, "value")}))


def _needs(wanted: Any, place: str) -> bool:
    return at(wanted, "optional") is not True and not any(key in wanted for key in _OWN[place])


def _resolves(reference: Reference, template: Template, model: Model) -> bool:
    if reference.side == "inputs":
        return template.find_input(reference.kind, reference.name) is not None
    if reference.side == "outputs":
        return named(items(template.data, "outputs", reference.kind), reference.name) is not None
    if reference.side == "workflow":
        return any(
            at(output, "globalName") == reference.name
            for each in model.templates.values()
            for output in items(each.data, "outputs", reference.kind)
        )
    call = template.find_call(reference.call or "")
    if call is None:
        return False
    if call.is_loop and reference.kind == "artifacts":
        return False  # Argo collects parameters of a loop, no artifacts
    made = items(call.target.data, "outputs", reference.kind) if call.target else []
    return call.target is None or named(made, reference.name) is not None


def _repeated(things: list[Any], key: str, place: str) -> Iterator[str]:
    counts = Counter(str(at(thing, key)) for thing in things)
    yield from (f"{place}: {value} is there {count} times" for value, count in counts.items() if count > 1)
