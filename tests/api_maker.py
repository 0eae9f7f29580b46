"""Makes objects of removed apiVersions, as strategies of hypothesis: complete, valid, and with fields left out."""

from __future__ import annotations

from typing import Any

from api_model import ALL_PODS, KEEP_ZERO
from hypothesis import strategies as st


def maybe(**fields: Any) -> Any:
    """A mapping that has some of these fields."""
    return st.fixed_dictionaries({}, optional=fields)


def made(api: Any, kind: Any, **fields: Any) -> Any:
    name = fields.pop("metadata", st.just({"name": "web"}))
    return st.fixed_dictionaries({"apiVersion": api, "kind": kind, "metadata": name, **fields})


LABELS = st.just({"app": "web"})
TEMPLATE = st.just({"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "a", "image": "b"}]}})
METADATA = st.sampled_from([{"name": "web"}, {"name": "web", "labels": {}}, {"name": "web", "labels": {"a": "b"}}])
ROLLING = maybe(maxSurge=st.sampled_from([0, 2, "10%"]), maxUnavailable=st.sampled_from([1, "50%"]))
STRATEGY = st.one_of(
    st.just({"type": "Recreate"}), maybe(type=st.just("RollingUpdate"), rollingUpdate=ROLLING), st.just({})
)
SELECTOR = st.just({"matchLabels": {"app": "web"}})


def workload(api: str, kind: str, **fields: Any) -> Any:
    always: dict[str, Any] = {"template": TEMPLATE}
    if api == "apps/v1beta2":
        always["selector"] = SELECTOR
    else:
        fields["selector"] = SELECTOR
    if kind != "DaemonSet":
        fields["replicas"] = st.integers(0, 3)
    if kind == "StatefulSet":
        always["serviceName"] = st.just("web")
    spec = st.fixed_dictionaries(always, optional=fields)
    return made(st.just(api), st.just(kind), metadata=METADATA, spec=spec)


NUMBER = st.integers(0, 9)
DEPLOYMENT = {"strategy": STRATEGY, "progressDeadlineSeconds": NUMBER, "revisionHistoryLimit": NUMBER}
UPDATE = {"updateStrategy": st.sampled_from([{}, {"type": "OnDelete"}, {"type": "RollingUpdate"}])}
WORKLOADS = st.one_of(
    *(workload(api, "Deployment", **DEPLOYMENT) for api in ("extensions/v1beta1", "apps/v1beta1", "apps/v1beta2")),
    workload("extensions/v1beta1", "DaemonSet", templateGeneration=NUMBER, **UPDATE),
    workload("apps/v1beta2", "DaemonSet", **UPDATE),
    *(workload(api, "StatefulSet", **UPDATE) for api in ("apps/v1beta1", "apps/v1beta2")),
    *(workload(api, "ReplicaSet") for api in ("extensions/v1beta1", "apps/v1beta2")),
)

BACKEND = st.one_of(
    st.fixed_dictionaries({"serviceName": st.just("web"), "servicePort": st.sampled_from([80, "http"])}),
    st.just({"resource": {"kind": "Bucket", "name": "b"}}),
)
PATHS = st.lists(
    st.fixed_dictionaries(
        {"backend": BACKEND}, optional={"path": st.just("/"), "pathType": st.sampled_from(["Exact", "Prefix"])}
    ),
    max_size=3,
)
INGRESSES = made(
    st.sampled_from(["extensions/v1beta1", "networking.k8s.io/v1beta1"]),
    st.just("Ingress"),
    spec=maybe(backend=BACKEND, rules=st.lists(PATHS.map(lambda paths: {"http": {"paths": paths}}), max_size=2)),
)

QUANTITY = st.sampled_from([0, 5, "1k", "200m"])


def source(needed: dict[str, Any], *targets: dict[str, Any], **optional: Any) -> Any:
    return st.one_of(*(st.fixed_dictionaries({**needed, **each}, optional=optional) for each in targets))


DESCRIBED = st.just({"apiVersion": "v1", "kind": "Service", "name": "queue"})
USE = {"targetAverageUtilization": NUMBER}
AVERAGE = {"targetAverageValue": QUANTITY}
VALUE = {"targetValue": QUANTITY}
METRICS = {
    "Resource": source({"name": st.just("cpu")}, USE, AVERAGE),
    "ContainerResource": source({"name": st.just("cpu"), "container": st.just("main")}, USE, AVERAGE),
    "Pods": source({"metricName": st.just("hits")}, AVERAGE, selector=SELECTOR),
    "Object": source(
        {"metricName": st.just("hits"), "target": DESCRIBED},
        VALUE,
        {**VALUE, "averageValue": QUANTITY},
        selector=SELECTOR,
    ),
    "External": source({"metricName": st.just("lag")}, AVERAGE, VALUE, metricSelector=SELECTOR),
}
NOW = {"currentAverageValue": QUANTITY}
STATES = {
    "Resource": source({"name": st.just("cpu")}, NOW, {**NOW, "currentAverageUtilization": NUMBER}),
    "Pods": source({"metricName": st.just("hits")}, NOW, selector=SELECTOR),
    "Object": source(
        {"metricName": st.just("hits"), "target": DESCRIBED, "currentValue": QUANTITY}, {}, {"averageValue": QUANTITY}
    ),
    "External": source({"metricName": st.just("lag"), "currentValue": QUANTITY}, {}, NOW, metricSelector=SELECTOR),
}


def typed(sources: dict[str, Any]) -> Any:
    keys = {kind: kind[0].lower() + kind[1:] for kind in sources}
    return st.one_of(
        *(own.map(lambda value, kind=kind: {"type": kind, keys[kind]: value}) for kind, own in sources.items())
    )


SCALED = st.sampled_from(
    [{"kind": "Deployment", "name": "web", "apiVersion": api} for api in ("apps/v1", "extensions/v1beta1")]
)
AUTOSCALERS = made(
    st.just("autoscaling/v2beta1"),
    st.just("HorizontalPodAutoscaler"),
    spec=st.fixed_dictionaries(
        {"scaleTargetRef": SCALED, "maxReplicas": st.just(5)},
        optional={"metrics": st.lists(typed(METRICS), max_size=3)},
    ),
    status=st.fixed_dictionaries(
        {"desiredReplicas": st.just(2)}, optional={"currentMetrics": st.lists(typed(STATES), max_size=3)}
    ),
)

WEBHOOKS = made(
    st.just("admissionregistration.k8s.io/v1beta1"),
    st.sampled_from(["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"]),
    webhooks=st.lists(
        st.fixed_dictionaries(
            {
                "clientConfig": st.just({"url": "https://webhook.example.com"}),
                "sideEffects": st.sampled_from(["None", "NoneOnDryRun"]),
            },
            optional={
                "failurePolicy": st.sampled_from(["Ignore", "Fail"]),
                "matchPolicy": st.sampled_from(["Exact", "Equivalent"]),
                "timeoutSeconds": NUMBER,
                "admissionReviewVersions": st.sampled_from([["v1"], ["v1", "v1beta1"]]),
            },
        ),
        max_size=3,
    ).map(lambda found: [{"name": f"{number}.example.com", **each} for number, each in enumerate(found)]),
)

STRICT = st.sampled_from(
    [{"type": "string"}, {"type": "object"}, {"type": "object", "additionalProperties": {"type": "string"}}]
)
LOOSE = st.one_of(STRICT, st.sampled_from([{}, {"description": "anything"}, {"type": "array"}]))


def below(kinds: list[dict[str, str]]) -> Any:
    """Schemas around smaller ones."""
    fields = st.sampled_from(["a", "items", "type", "properties"])
    around = st.sampled_from(kinds)
    return lambda inner: st.one_of(
        st.tuples(around, st.dictionaries(fields, inner, max_size=2)).map(lambda two: {**two[0], "properties": two[1]}),
        inner.map(lambda found: {"type": "array", "items": found}),
        st.tuples(around, inner).map(lambda two: {**two[0], "additionalProperties": two[1]}),
    )


def validation(schema: Any) -> Any:
    root = st.dictionaries(st.sampled_from(["spec", "status"]), schema, min_size=1)
    found = root.flatmap(lambda own: st.sampled_from([{"properties": own}, {"type": "object", "properties": own}]))
    return found.map(lambda own: {"openAPIV3Schema": own})


STRUCTURAL = validation(st.recursive(STRICT, below([{"type": "object"}]), max_leaves=6))
ANY_SCHEMA = validation(st.recursive(LOOSE, below([{"type": "object"}, {}]), max_leaves=6))
COLUMNS = st.just([{"name": "Age", "type": "date", "JSONPath": ".metadata.creationTimestamp"}])
SUBRESOURCES = st.just({"status": {}})
CONVERSION = st.one_of(
    st.just({"strategy": "None"}),
    st.fixed_dictionaries(
        {"strategy": st.just("Webhook"), "webhookClientConfig": st.just({"url": "https://c.example.com"})},
        optional={"conversionReviewVersions": st.just(["v1", "v1beta1"])},
    ),
)


def versions(*names: str, **fields: Any) -> Any:
    own = [
        st.fixed_dictionaries(
            {"name": st.just(name), "served": st.just(True), "storage": st.just(name == names[0])}, optional=fields
        )
        for name in names
    ]
    return st.tuples(*own).map(list)


def specs(schema: Any, *, keeps: Any) -> Any:
    views = {"subresources": SUBRESOURCES, "additionalPrinterColumns": COLUMNS}
    names = {"group": st.just("example.com"), "names": st.just({"kind": "Note", "plural": "notes"})}
    general = {"scope": st.sampled_from(["Cluster", "Namespaced"]), "conversion": CONVERSION, **keeps}
    common = {**general, **views, "validation": schema}
    return st.one_of(
        st.fixed_dictionaries({**names, "version": st.just("v1")}, optional=common),
        st.fixed_dictionaries(
            {**names, "versions": versions("v1", "v2")}, optional={"version": st.just("v1"), **common}
        ),
        st.fixed_dictionaries({**names, "versions": versions("v1", "v2", **views, schema=schema)}, optional=general),
    )


SPECS = st.one_of(
    specs(STRUCTURAL, keeps={"preserveUnknownFields": st.booleans()}),
    specs(ANY_SCHEMA, keeps={"preserveUnknownFields": st.just(True)}),
)
DEFINITIONS = made(st.just("apiextensions.k8s.io/v1beta1"), st.just("CustomResourceDefinition"), spec=SPECS)

BUDGETS = made(
    st.just("policy/v1beta1"),
    st.just("PodDisruptionBudget"),
    spec=maybe(
        selector=st.sampled_from(
            [{}, {"matchLabels": {}}, {"matchLabels": {"a": "b"}}, {"matchExpressions": [ALL_PODS]}]
        )
    ),
)
LIMITED = st.one_of(
    st.tuples(st.sampled_from(["v1beta1", "v1beta2"]), maybe(assuredConcurrencyShares=NUMBER), st.just({})),
    st.tuples(
        st.just("v1beta3"),
        maybe(nominalConcurrencyShares=NUMBER),
        st.sampled_from([{}, {"annotations": {KEEP_ZERO: ""}}]),
    ),
)
LEVELS = LIMITED.map(
    lambda found: {
        "apiVersion": f"flowcontrol.apiserver.k8s.io/{found[0]}",
        "kind": "PriorityLevelConfiguration",
        "metadata": {"name": "a", **found[2]},
        "spec": {"type": "Limited", "limited": found[1]},
    }
)
TOPOLOGY = {"kubernetes.io/hostname": st.just("node-1"), "topology.kubernetes.io/zone": st.just("zone-a")}
SLICES = made(
    st.just("discovery.k8s.io/v1beta1"),
    st.just("EndpointSlice"),
    addressType=st.just("IPv4"),
    endpoints=st.lists(
        st.fixed_dictionaries(
            {"addresses": st.just(["10.0.0.1"])},
            optional={"topology": maybe(**TOPOLOGY), "nodeName": st.just("node-1")},
        ),
        max_size=2,
    ),
)
