"""The Pod Security Standard restricted, checked on data, and what a pod is allowed; written apart from the rule set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_VOLUMES = {
    *("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected"),
    "secret",
}
_SYSCTLS = {
    *("kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start"),
    *("net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_local_reserved_ports"),
    *("net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl"),
    *("net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"),
}
_SELINUX_TYPES = {None, "", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"}
_PROFILES = {"RuntimeDefault", "Localhost"}
_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/"
_KINDS = ("initContainers", "containers", "ephemeralContainers")
_DEFAULT_CAPABILITIES = {"CHOWN", "KILL", "NET_RAW", "SETUID"}  # some of those that a runtime gives


def at(data: Any, *keys: str) -> Any:
    for key in keys:
        data = data.get(key) if isinstance(data, Mapping) else None
    return data


def pod_of(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """What has the metadata and the spec of the document's pod."""
    if document["kind"] == "Pod":
        return document
    if document["kind"] == "PodTemplate":
        return at(document, "template")
    if document["kind"] == "CronJob":
        return at(document, "spec", "jobTemplate", "spec", "template")
    if document["kind"] == "JobSet":
        return at(at(document, "spec", "replicatedJobs")[0], "template", "spec", "template")
    return at(document, "spec", "template")


def containers(spec: Mapping[str, Any]) -> list[Any]:
    return [container for kind in _KINDS for container in at(spec, kind) or []]


def said(pod: Mapping[str, Any], *, relaxed: bool = False) -> set[str]:
    """The controls that what the pod says breaks, by the ids of the rules that stand for them."""
    spec = pod["spec"]
    every = containers(spec)
    contexts = [at(level, "securityContext") or {} for level in (spec, *every)]
    windows = at(spec, "os", "name") == "windows"
    own_users = relaxed and at(spec, "hostUsers") is False
    broken = {
        "host-namespaces": any(at(spec, key) for key in ("hostNetwork", "hostPID", "hostIPC")),
        "privileged": any(at(each, "privileged") for each in contexts),
        "host-path": any(at(volume, "hostPath") is not None for volume in at(spec, "volumes") or []),
        "volume-types": any(_bad_sources(volume) for volume in at(spec, "volumes") or []),
        "host-ports": any(at(port, "hostPort") for each in every for port in at(each, "ports") or []),
        "host-probes": any(_hosts(each) for each in every),
        "host-process": any(at(each, "windowsOptions", "hostProcess") for each in contexts),
        "proc-mount": any(at(each, "procMount") not in {None, "Default"} for each in contexts),
        "sysctls": any(each["name"] not in _SYSCTLS for each in at(contexts[0], "sysctls") or []),
        "selinux": any(_bad_labels(at(each, "seLinuxOptions")) for each in contexts),
        "apparmor": any(_bad_profile(at(each, "appArmorProfile")) for each in contexts),
        "apparmor-annotations": any(_bad_annotations(at(pod, "metadata", "annotations") or {})),
        "seccomp-profile": any(_bad_profile(at(each, "seccompProfile")) for each in contexts),
        "run-as-non-root": not own_users and any(at(each, "runAsNonRoot") is False for each in contexts),
        "run-as-user": not own_users and any(at(each, "runAsUser") == 0 for each in contexts),
        "capabilities": not windows
        and any({*(at(each, "capabilities", "add") or [])} - {"NET_BIND_SERVICE"} for each in contexts[1:]),
        "privilege-escalation": not windows and any(at(each, "allowPrivilegeEscalation") for each in contexts[1:]),
    }
    return {control for control, is_broken in broken.items() if is_broken}


def unsaid(pod: Mapping[str, Any], *, relaxed: bool = False) -> set[str]:
    """The controls that the pod breaks by what it does not say."""
    spec = pod["spec"]
    every = [at(each, "securityContext") for each in containers(spec)]
    whole = at(spec, "securityContext")
    windows = at(spec, "os", "name") == "windows"
    own_users = relaxed and at(spec, "hostUsers") is False
    broken = {
        "set-run-as-non-root": not own_users
        and at(whole, "runAsNonRoot") is None
        and any(at(each, "runAsNonRoot") is None for each in every),
        "set-seccomp-profile": not windows
        and at(whole, "seccompProfile") is None
        and any(at(each, "seccompProfile") is None for each in every),
        "set-privilege-escalation": not windows and any(at(each, "allowPrivilegeEscalation") is None for each in every),
        "drop-capabilities": not windows
        and any("ALL" not in (at(each, "capabilities", "drop") or []) for each in every),
    }
    return {control for control, is_broken in broken.items() if is_broken}


def rights(pod: Mapping[str, Any]) -> set[tuple[str, ...]]:
    """What the pod and its containers may do, each right with its holder; a stricter pod has fewer of them."""
    spec = pod["spec"]
    whole = at(spec, "securityContext")
    found: set[tuple[str, ...]] = {("pod", key) for key in ("hostNetwork", "hostPID", "hostIPC") if at(spec, key)}
    found |= {("pod", "sysctl", each["name"]) for each in at(whole, "sysctls") or []}
    found |= {("pod", "volume", str(sorted(each))) for each in at(spec, "volumes") or []}
    annotations = at(pod, "metadata", "annotations") or {}
    for number, container in enumerate(containers(spec)):
        holder = f"container {number}"
        own = at(container, "securityContext")
        found |= {(holder, *right) for right in _rights(container, own, whole)}
        profile = annotations.get(_ANNOTATION + str(at(container, "name")))
        found |= {(holder, "old apparmor", *right) for right in _profile_rights(_written(profile))}
    return found


def _rights(container: Any, own: Any, whole: Any) -> Iterator[tuple[str, ...]]:
    def effective(key: str) -> Any:
        return at(own, key) if at(own, key) is not None else at(whole, key)

    held = {
        "root": not effective("runAsNonRoot"),
        "user 0": effective("runAsUser") == 0,
        "privileged": at(own, "privileged"),
        "mask": at(own, "procMount") not in {None, "Default"},
        "escalation": at(own, "allowPrivilegeEscalation") is not False,
        "process of the node": at(effective("windowsOptions"), "hostProcess"),
    }
    yield from ((right,) for right, is_held in held.items() if is_held)
    drop, add = at(own, "capabilities", "drop") or [], at(own, "capabilities", "add") or []
    kept = set() if "ALL" in drop else _DEFAULT_CAPABILITIES - {*drop}
    yield from (("capability", each) for each in kept | {*add})
    for key in ("seccompProfile", "appArmorProfile"):
        yield from ((key, *right) for right in _profile_rights(effective(key)))
    yield from (("port", str(port["hostPort"])) for port in at(container, "ports") or [] if at(port, "hostPort"))
    yield from (("host", host) for host in _hosts(container))
    yield from (("label", key, str(label)) for key, label in (effective("seLinuxOptions") or {}).items())


def _profile_rights(profile: Any) -> Iterator[tuple[str, ...]]:
    """That of the runtime has fewer than none; one of the node is another thing altogether."""
    if at(profile, "type") == "Localhost":
        yield ("local", str(at(profile, "localhostProfile")))
    else:
        yield ("runtime",)
        if at(profile, "type") != "RuntimeDefault":
            yield ("all",)


def _written(annotation: str | None) -> Any:
    kind, _, name = (annotation or "").partition("/")
    types = {"runtime": "RuntimeDefault", "localhost": "Localhost"}
    return {"type": types.get(kind), "localhostProfile": name}


def _bad_sources(volume: Mapping[str, Any]) -> set[str]:
    return {key for key, value in volume.items() if value is not None} - {"name", "hostPath"} - _VOLUMES


def _hosts(container: Any) -> list[str]:
    handlers = [at(container, f"{kind}Probe") for kind in ("liveness", "readiness", "startup")]
    handlers += [at(container, "lifecycle", hook) for hook in ("postStart", "preStop")]
    found = [at(handler, kind, "host") for handler in handlers for kind in ("httpGet", "tcpSocket")]
    return [host for host in found if host]


def _bad_labels(options: Any) -> bool:
    return bool(at(options, "user") or at(options, "role") or at(options, "type") not in _SELINUX_TYPES)


def _bad_profile(profile: Any) -> bool:
    return profile is not None and at(profile, "type") not in _PROFILES


def _bad_annotations(annotations: Mapping[str, str]) -> Iterator[bool]:
    for key, value in annotations.items():
        if key.startswith(_ANNOTATION):
            yield bool(value) and value != "runtime/default" and not value.startswith("localhost/")
