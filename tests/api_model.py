"""What the API server makes of an object, in any apiVersion that it served: defaults filled in, one shape for all.

Written from the defaults and conversions of the API server, apart from the rules: an object and what
kubernetes/api-migrations makes of it must come out equal.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

Object = dict[str, Any]
MOST = 2**31 - 1
READERS: dict[str, Callable[[Object, str], None]] = {}


def meaning(thing: Object) -> Object:
    """The object as the server keeps it, without its apiVersion; its kind and name say what it is."""
    found = json.loads(json.dumps(thing))  # a copy in which nothing is shared
    group, _, version = found.pop("apiVersion").rpartition("/")
    READERS[found["kind"]](found, f"{group}/{version}")
    return found


def of(*kinds: str) -> Callable[[Callable[[Object, str], None]], Callable[[Object, str], None]]:
    def note(function: Callable[[Object, str], None]) -> Callable[[Object, str], None]:
        READERS.update(dict.fromkeys(kinds, function))
        return function

    return note


@of("Deployment", "DaemonSet", "StatefulSet", "ReplicaSet")
def workload(thing: Object, api: str) -> None:
    kind, spec = thing["kind"], thing["spec"]
    if api in {"extensions/v1beta1", "apps/v1beta1"}:
        labels = spec["template"]["metadata"]["labels"]
        spec.setdefault("selector", {"matchLabels": labels})
        if not thing["metadata"].get("labels"):
            thing["metadata"]["labels"] = labels
    assert spec["selector"], "a selector is required"
    assert "rollbackTo" not in spec
    if kind == "Deployment":
        deployment(spec, old=api == "extensions/v1beta1", history=2 if api == "apps/v1beta1" else 10)
    elif kind != "ReplicaSet":
        by_hand = (kind, api) in {("DaemonSet", "extensions/v1beta1"), ("StatefulSet", "apps/v1beta1")}
        spec.setdefault("updateStrategy", {}).setdefault("type", "OnDelete" if by_hand else "RollingUpdate")
    if api == "extensions/v1beta1" and kind == "DaemonSet":
        spec.pop("templateGeneration", None)


def deployment(spec: Object, *, old: bool, history: int) -> None:
    strategy = spec.setdefault("strategy", {})
    if strategy.setdefault("type", "RollingUpdate") == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxUnavailable", 1 if old else "25%")
        rolling.setdefault("maxSurge", 1 if old else "25%")
    spec.setdefault("progressDeadlineSeconds", MOST if old else 600)
    spec.setdefault("revisionHistoryLimit", MOST if old else history)


@of("Ingress")
def ingress(thing: Object, api: str) -> None:
    spec = thing["spec"]
    old = api != "networking.k8s.io/v1"
    if old and "backend" in spec:
        spec["defaultBackend"] = spec.pop("backend")
    places = [spec] if "defaultBackend" in spec else []
    for path in [path for rule in spec.get("rules", ()) for path in rule["http"]["paths"]]:
        if old:
            path.setdefault("pathType", "ImplementationSpecific")
        assert path["pathType"] in {"Exact", "Prefix", "ImplementationSpecific"}
        places.append(path)
    for place in places:
        key = "defaultBackend" if place is spec else "backend"
        place[key] = backend(place[key], old=old)


def backend(value: Object, *, old: bool) -> Object:
    if "resource" in value:
        assert set(value) == {"resource"}
        return value
    if old:
        port = value["servicePort"]
        assert set(value) == {"serviceName", "servicePort"}
        return {"service": {"name": value["serviceName"], "port": {"number" if type(port) is int else "name": port}}}
    assert set(value) == {"service"}
    assert set(value["service"]) == {"name", "port"}
    ((kind, port),) = value["service"]["port"].items()
    assert kind == ("number" if type(port) is int else "name")
    return value


@of("HorizontalPodAutoscaler")
def autoscaler(thing: Object, api: str) -> None:
    spec = thing["spec"]
    spec["scaleTargetRef"].pop("apiVersion", None)  # rewritten on purpose: the old group has no scale any more
    spec["metrics"] = [metric(each, old=api == "autoscaling/v2beta1") for each in spec.get("metrics", ())]
    status = thing.get("status", {})
    if "currentMetrics" in status:
        status["currentMetrics"] = [
            current(each, old=api == "autoscaling/v2beta1") for each in status["currentMetrics"]
        ]


SOURCES = {
    "Resource": "resource",
    "ContainerResource": "containerResource",
    "Pods": "pods",
    "Object": "object",
    "External": "external",
}


def metric(value: Object, *, old: bool) -> Object:
    source = value[SOURCES[value["type"]]]
    found = identity(value["type"], source, old=old)
    if old:
        average = source.get("averageValue" if value["type"] == "Object" else "targetAverageValue")
        if "targetAverageUtilization" in source:
            target = {"type": "Utilization", "averageUtilization": source["targetAverageUtilization"]}
        elif average is not None:
            target = {"type": "AverageValue", "averageValue": average}
        else:
            target = {"type": "Value", "value": source["targetValue"]}
    else:
        target = source["target"]
        assert set(target) == {"type", target["type"][0].lower() + target["type"][1:]} or (
            set(target) == {"type", "averageUtilization"} and target["type"] == "Utilization"
        )
        assert not {key for key in source if key not in {*found, "target"}}, "fields that v2 does not know"
    return {"type": value["type"], **found, "target": target}


def current(value: Object, *, old: bool) -> Object:
    source = value[SOURCES[value["type"]]]
    found = identity(value["type"], source, old=old)
    names = {"currentAverageUtilization": "averageUtilization", "currentAverageValue": "averageValue"}
    names |= {"averageValue": "averageValue", "currentValue": "value"}
    seen = {name: source[key] for key, name in names.items() if key in source} if old else source["current"]
    return {"type": value["type"], **found, "current": seen}


def identity(kind: str, source: Object, *, old: bool) -> Object:
    """What is measured, in the words of v2."""
    if kind in {"Resource", "ContainerResource"}:
        return {key: source[key] for key in ("name", "container") if key in source}
    if not old:
        found = {"metric": source["metric"]}
        return {**found, "describedObject": source["describedObject"]} if kind == "Object" else found
    selector = source.get("metricSelector" if kind == "External" else "selector")
    named = {"name": source["metricName"], **({"selector": selector} if selector is not None else {})}
    return {"metric": named, "describedObject": source["target"]} if kind == "Object" else {"metric": named}


@of("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
def webhooks(thing: Object, api: str) -> None:
    old = api.endswith("/v1beta1")
    for each in thing["webhooks"]:
        each.setdefault("failurePolicy", "Ignore" if old else "Fail")
        each.setdefault("matchPolicy", "Exact" if old else "Equivalent")
        each.setdefault("timeoutSeconds", 30 if old else 10)
        if old:
            each.setdefault("admissionReviewVersions", ["v1beta1"])
        assert each["admissionReviewVersions"]
        assert each["sideEffects"] in {"None", "NoneOnDryRun"}


@of("CustomResourceDefinition")
def definition(thing: Object, api: str) -> None:
    spec = thing["spec"]
    if api.endswith("/v1beta1"):
        spec.setdefault("scope", "Namespaced")
        version = spec.pop("version", None)
        spec.setdefault("versions", [{"name": version, "served": True, "storage": True}])
        for key, own in (("validation", "schema"), ("subresources", None), ("additionalPrinterColumns", None)):
            common = spec.pop(key, None)
            for each in spec["versions"]:
                if common is not None:
                    each.setdefault(own or key, deepcopy(common))
        keeps = spec.pop("preserveUnknownFields", True)
        for each in spec["versions"]:
            for column in each.get("additionalPrinterColumns", ()):
                column["jsonPath"] = column.pop("JSONPath")
            schema = each.get("schema", {}).get("openAPIV3Schema")
            each["schema"] = kept(schema, keeps=keeps) if schema else "anything"
        conversion(spec)
    else:
        assert not {"version", "validation", "subresources", "additionalPrinterColumns"} & set(spec)
        assert spec.pop("preserveUnknownFields", False) is False
        for each in spec["versions"]:
            schema = each["schema"]["openAPIV3Schema"]
            assert schema["type"] == "object"
            bare = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
            each["schema"] = "anything" if schema == bare else kept(schema, keeps=False)


def conversion(spec: Object) -> None:
    own = spec.get("conversion", {})
    if own.get("strategy") == "Webhook":
        own["webhook"] = {
            "clientConfig": own.pop("webhookClientConfig"),
            "conversionReviewVersions": own.pop("conversionReviewVersions", ["v1beta1"]),
        }
    own.pop("conversionReviewVersions", None)


def kept(schema: Object, *, keeps: bool) -> Object:
    """A schema as the paths of its fields: of what type each is, and whether fields unknown to it are kept there."""
    found: Object = {}

    def visit(part: Object, path: str) -> None:
        kind = part.get("type", "object" if path == "" else None)
        own = bool(keeps or part.get("x-kubernetes-preserve-unknown-fields", False))
        assert kind or own, "a structural schema has types"
        found[path] = (kind, own if not kind or (kind == "object" and "additionalProperties" not in part) else None)
        if kind == "array" and keeps:
            part.setdefault("items", {})
        assert kind != "array" or "items" in part, "a structural schema says what is in a list"
        for name, child in part.get("properties", {}).items():
            visit(child, f"{path}/{name}")
        for name in ("items", "additionalProperties"):
            if name in part:
                visit(part[name], f"{path}/{name}")

    visit(schema, "")
    return found


@of("PodDisruptionBudget")
def budget(thing: Object, api: str) -> None:
    selector = thing["spec"].pop("selector", None)
    if selector is not None and not selector.get("matchLabels") and not selector.get("matchExpressions"):
        selector = None if api.endswith("/v1beta1") else "all"
    elif selector is not None and selector.get("matchExpressions") == [ALL_PODS] and api.endswith("/v1beta1"):
        selector = "all"
    thing["spec"]["selects"] = selector


ALL_PODS = {"key": "pdb.kubernetes.io/deprecated-v1beta1-empty-selector-match", "operator": "DoesNotExist"}
KEEP_ZERO = "flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares"


@of("PriorityLevelConfiguration")
def level(thing: Object, api: str) -> None:
    limited = thing["spec"]["limited"]
    annotations = thing["metadata"].pop("annotations", {})
    if api.endswith(("/v1beta1", "/v1beta2")):
        shares = limited.pop("assuredConcurrencyShares", 0) or 30
    elif api.endswith("/v1beta3"):
        shares = limited.pop("nominalConcurrencyShares", 0)
        if KEEP_ZERO not in annotations:
            shares = shares or 30
    else:
        assert KEEP_ZERO not in annotations
        assert "assuredConcurrencyShares" not in limited
        shares = limited.pop("nominalConcurrencyShares", 30)
    limited["shares"] = shares


@of("EndpointSlice")
def slices(thing: Object, api: str) -> None:
    for each in thing["endpoints"]:
        topology = each.pop("topology", {})
        assert not topology or api.endswith("/v1beta1")
        for key, label in (("nodeName", "kubernetes.io/hostname"), ("zone", "topology.kubernetes.io/zone")):
            if label in topology:
                each.setdefault(key, topology[label])
