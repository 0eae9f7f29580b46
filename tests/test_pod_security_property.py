"""Pods made by chance: what kubernetes/pod-security converts fits the standard, what it refuses does not."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
import yaml
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from pod_check import pod_of, rights, said, unsaid

import retouch

STRICT = retouch.load("kubernetes/pod-security")
RELAXED = retouch.load("kubernetes/pod-security", params={"userNamespaces": "relaxed"})
FIXING = retouch.load("kubernetes/pod-security", params={"fix": ["all"]})
NAMING = retouch.load("kubernetes/pod-security", params={"fix": ["all"], "user": 65532})
NEVER_FIXED = {"host-path", "volume-types"}

chances = st.randoms(use_true_random=False)


class Maker:
    """`wrong` says how often, of a hundred times, a value is one that the standard does not allow."""

    def __init__(self, chance: Random, wrong: int) -> None:
        self.chance = chance
        self.wrong = wrong

    def one(self, right: list[Any], wrong: list[Any]) -> Any:
        return self.chance.choice(wrong if self.chance.randrange(100) < self.wrong else right)

    def some(self, entries: dict[str, Any]) -> dict[str, Any]:
        """A part of the entries, in any order; some with null."""
        keys = [key for key in entries if self.chance.randrange(5) < 3]
        self.chance.shuffle(keys)
        return {key: None if self.chance.randrange(12) == 0 else entries[key] for key in keys}

    def profile(self) -> dict[str, Any]:
        local = {"type": "Localhost", "localhostProfile": "mine.json"}
        return self.one([{"type": "RuntimeDefault"}, local], [{"type": "Unconfined"}, {}])

    def context(self) -> dict[str, Any]:
        return {
            "runAsNonRoot": self.one([True], [False]),
            "runAsUser": self.one([1000], [0]),
            "runAsGroup": 0,
            "seccompProfile": self.profile(),
            "appArmorProfile": self.profile(),
            "seLinuxOptions": self.some(
                {
                    "level": "s0:c1",
                    "type": self.one(["container_t", ""], ["spc_t"]),
                    "user": self.one([""], ["root"]),
                    "role": self.one([""], ["system_r"]),
                }
            ),
            "windowsOptions": self.some({"hostProcess": self.one([False], [True]), "runAsUserName": "me"}),
        }

    def container(self, name: str) -> dict[str, Any]:
        capabilities = {
            "drop": self.one([["ALL"], ["NET_RAW"], [], ["NET_RAW", "ALL"]], [["all"]]),
            "add": self.one(
                [[], ["NET_BIND_SERVICE"]], [["NET_BIND_SERVICE", "SYS_TIME", "NET_RAW"], ["CAP_SYS_ADMIN"]]
            ),
        }
        own = {
            "privileged": self.one([False], [True]),
            "procMount": self.one(["Default"], ["Unmasked"]),
            "allowPrivilegeEscalation": self.one([False], [True]),
            "readOnlyRootFilesystem": True,
            "capabilities": self.some(capabilities),
        }
        request = {"port": 80, "host": self.one([""], ["db.example.com"])}
        rest = {
            "securityContext": self.some(self.context() | own),
            "ports": [{"containerPort": 80, "hostPort": self.one([0], [80])}, {"containerPort": 81}],
            "livenessProbe": {"httpGet": request},
            "lifecycle": {"preStop": {self.chance.choice(["httpGet", "tcpSocket"]): request}},
        }
        return {"name": name, "image": "a", **self.some(rest)}

    def template(self) -> dict[str, Any]:
        sources = [{"emptyDir": {}}, {"secret": {"secretName": "s"}}, {}, {"image": {"reference": "a"}, "nfs": None}]
        bad = [{"hostPath": {"path": "/"}}, {"nfs": {"server": "a", "path": "/"}}, {"hostPath": {}}]
        sysctls = [{"name": self.one(["net.ipv4.tcp_syncookies"], ["kernel.msgmax"]), "value": "1"} for _ in "ab"]
        spec = {
            "securityContext": self.some({**self.context(), "sysctls": sysctls, "fsGroup": 1}),
            "initContainers": [self.container("first")],
            "ephemeralContainers": [self.container("late")],
            "volumes": [{"name": f"v{number}", **self.one(sources, bad)} for number in range(2)],
            "os": {"name": self.chance.choice(["linux", "windows"])},
            "hostUsers": self.chance.choice([True, False]),
            **{key: self.one([False], [True]) for key in ("hostNetwork", "hostPID", "hostIPC")},
        }
        key = "container.apparmor.security.beta.kubernetes.io/main"
        annotations = {key: self.one(["runtime/default", "localhost/mine", ""], ["unconfined"]), "a": "b"}
        metadata = self.some({"annotations": self.some(annotations), "labels": {"a": "b"}})
        return {"metadata": metadata, "spec": {**self.some(spec), "containers": [self.container("main")]}}

    def document(self) -> dict[str, Any]:
        template = self.template()
        kind = self.chance.choice(["Pod", "PodTemplate", "Deployment", "StatefulSet", "Job", "CronJob", "JobSet"])
        head = {"apiVersion": "v1", "kind": kind}
        if kind == "Pod":
            return head | template
        if kind == "PodTemplate":
            return head | {"template": template}
        if kind == "CronJob":
            return head | {"spec": {"jobTemplate": {"spec": {"template": template}}}}
        if kind == "JobSet":
            return head | {"spec": {"replicatedJobs": [{"template": {"spec": {"template": template}}}]}}
        return head | {"spec": {"template": template}}


def write(document: dict[str, Any], chance: Random) -> str:
    if chance.randrange(4) == 0:
        return json.dumps(document, indent=2)
    return yaml.safe_dump(document, sort_keys=False, default_flow_style=chance.choice([False, None]))


@pytest.mark.parametrize("wrong", [0, 2, 20])
@pytest.mark.parametrize("relaxed", [False, True])
@examples(20)
@given(chances)
def test_what_is_converted_fits_and_what_is_refused_does_not(wrong: int, relaxed: bool, chance: Random) -> None:
    document = Maker(chance, wrong).document()
    before = pod_of(document)
    rules = RELAXED if relaxed else STRICT
    text = write(document, chance)
    try:
        result = retouch.rewrite(text, rules)
    except retouch.RefusedError as error:
        refusing = {message.rule.rpartition("/")[2] for message in error.messages if message.rule}
        assert refusing == said(before, relaxed=relaxed)
        return
    after = pod_of(yaml.safe_load(result.text))
    assert said(before, relaxed=relaxed) == set()
    assert said(after, relaxed=relaxed) | unsaid(after, relaxed=relaxed) == set()
    assert rights(after) <= rights(before)
    assert (result.text != text) == bool(unsaid(before, relaxed=relaxed))
    assert retouch.rewrite(result.text, rules).text == result.text


@pytest.mark.parametrize("rules", [FIXING, NAMING], ids=["fix", "user"])
@pytest.mark.parametrize("wrong", [2, 30])
@examples(20)
@given(chances)
def test_what_can_be_fixed_is_fixed_and_nothing_is_weakened(rules: retouch.Rules, wrong: int, chance: Random) -> None:
    document = Maker(chance, wrong).document()
    before = pod_of(document)
    try:
        result = retouch.rewrite(write(document, chance), rules)
    except retouch.RefusedError as error:
        refusing = {message.rule.rpartition("/")[2] for message in error.messages if message.rule}
        assert refusing == said(before) & NEVER_FIXED
        return
    after = pod_of(yaml.safe_load(result.text))
    assert said(after) | unsaid(after) == set()
    assert rights(after) <= rights(before)
    assert retouch.rewrite(result.text, rules).text == result.text
