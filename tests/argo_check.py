"""Checks that the parts of an Argo workflow meet: what is referred to, given, mounted and declared."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_TAG = re.compile(r"\{\{\s*([^{}=][^{}]*?)\s*\}\}")
_OUTPUT = re.compile(r"(?:tasks|steps)\.([-\w]+)\.outputs\.(parameters|artifacts)\.([-\w]+)$")
_INPUT = re.compile(r"inputs\.(parameters|artifacts)\.([-\w]+)(?:\.path)?$")
_OWN_PATH = re.compile(r"outputs\.(artifacts)\.([-\w]+)\.path$")


def problems(document: Any) -> list[str]:
    """What does not fit together in a Workflow, CronWorkflow or (Cluster)WorkflowTemplate; each with its template."""
    spec = _at(document, "spec")
    spec = _at(spec, "workflowSpec") or spec
    templates = {_at(template, "name"): template for template in _items(spec, "templates")}
    found = [f"spec: {text}" for text in _repeated(spec, "name", "volumes")]
    for name, template in templates.items():
        found += [f"template {name}: {text}" for text in _problems_of(template, spec, templates)]
    return found


def _problems_of(template: Any, spec: Any, templates: Mapping[Any, Any]) -> Iterator[str]:
    for side in ("inputs", "outputs"):
        for kind in ("parameters", "artifacts"):
            yield from _repeated(template, "name", side, kind)
    for pod in (_at(template, "container"), _at(template, "script")):
        yield from _pod_problems(pod, template, spec)
    calls = list(_calls(template))
    for call in calls:
        yield from _call_problems(call, templates)
    makers = {_at(call, "name"): call for call in calls}
    for text in _strings(template):
        for tag in _TAG.findall(text):
            if not _resolves(tag, template, makers, templates):
                yield f"nothing is called {tag}"


def _pod_problems(pod: Any, template: Any, spec: Any) -> Iterator[str]:
    declared = {_at(volume, "name") for volume in [*_items(spec, "volumes"), *_items(template, "volumes")]}
    declared |= {_at(claim, "metadata", "name") for claim in _items(spec, "volumeClaimTemplates")}
    yield from _repeated(pod, "mountPath", "volumeMounts")
    for mount in _items(pod, "volumeMounts"):
        if _at(mount, "name") not in declared:
            yield f"volume {_at(mount, 'name')} is not declared"
        if not str(_at(mount, "mountPath")).startswith("/"):
            yield f"{_at(mount, 'mountPath')!r} cannot be mounted at"
        if _at(mount, "subPath") == "":
            yield f"{_at(mount, 'mountPath')} is the root of the volume"


def _call_problems(call: Any, templates: Mapping[Any, Any]) -> Iterator[str]:
    called = templates.get(_at(call, "template")) or _at(call, "inline")
    for kind in ("parameters", "artifacts"):
        given = {_at(argument, "name") for argument in _items(call, "arguments", kind)}
        yield from _repeated(call, "name", "arguments", kind)
        for wanted in _items(called, "inputs", kind):
            if set(wanted) <= {"name", "path", "description"} and wanted["name"] not in given:
                yield f"{_at(call, 'name')} does not give {kind} {wanted['name']} to {_at(call, 'template')}"


def _resolves(tag: str, template: Any, makers: Mapping[Any, Any], templates: Mapping[Any, Any]) -> bool:
    if match := _OUTPUT.match(tag):
        maker, kind, name = match.groups()
        made = templates.get(_at(makers.get(maker), "template"))
        elsewhere = _at(makers.get(maker), "templateRef") or _at(makers.get(maker), "inline")
        return bool(elsewhere) or name in _names(made, "outputs", kind) or (kind, name) == ("parameters", "result")
    if match := _INPUT.match(tag):
        return match[2] in _names(template, "inputs", match[1]) or bool(_inline(template))
    if match := _OWN_PATH.match(tag):
        return match[2] in _names(template, "outputs", match[1])
    return True


def _calls(template: Any) -> Iterator[Any]:
    for call in [*_items(template, "dag", "tasks"), *(step for group in _items(template, "steps") for step in group)]:
        yield call
        hooks = _at(call, "hooks")
        if isinstance(hooks, Mapping):
            yield from hooks.values()


def _inline(template: Any) -> list[Any]:
    return [call for call in _calls(template) if _at(call, "inline")]


def _names(thing: Any, *path: str) -> set[Any]:
    return {_at(item, "name") for item in _items(thing, *path)}


def _repeated(thing: Any, key: str, *path: str) -> Iterator[str]:
    counts = Counter(_at(item, key) for item in _items(thing, *path))
    yield from (f"{'.'.join(path)}: {value} is there {count} times" for value, count in counts.items() if count > 1)


def _at(thing: Any, *path: str) -> Any:
    for key in path:
        thing = thing.get(key) if isinstance(thing, Mapping) else None
    return thing


def _items(thing: Any, *path: str) -> list[Any]:
    found = _at(thing, *path)
    return found if isinstance(found, list) else []


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        children: Iterable[Any] = value.values() if isinstance(value, Mapping) else value
        for child in children:
            yield from _strings(child)
