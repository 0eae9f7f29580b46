"""Makes workflows of all kinds by chance: valid ones, with everything that Argo can do with artifacts."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

import yaml

_NAMES = ("x", "model", "my-file", "a_b", "artifacts")
_SAFE = ("- name: t", "- name: leaf", "- name: part", "- name: main", "image:", "template:", "entrypoint:", "kind:")


@dataclass
class Maker:
    """`chance` decides everything; `plain` keeps to what the KFP compiler emits."""

    chance: Random
    plain: bool = False
    leaves: list[dict[str, Any]] = field(default_factory=list)
    parts: list[dict[str, Any]] = field(default_factory=list)
    elsewhere: list[dict[str, Any]] = field(default_factory=list)
    globals: list[str] = field(default_factory=list)

    def often(self, percent: int) -> bool:
        return self.chance.randrange(100) < percent

    def rarely(self, percent: int) -> bool:
        return not self.plain and self.often(percent)

    def documents(self) -> list[dict[str, Any]]:
        """A workflow, and sometimes a template that it refers to, in either order."""
        self.leaves = [self.leaf(f"leaf{number}", first=not number) for number in range(self.chance.randint(2, 4))]
        if self.rarely(20):
            self.elsewhere = [self.leaf(f"leaf{number}", first=False) for number in range(7, 9)]
        for number in range(self.chance.randrange(3)):
            self.parts.append(self.part(f"part{number}"))
        main = self.part("main")
        found = [self.workflow([main, *self.parts, *self.leaves])]
        if self.elsewhere:
            found.append(self.library())
        if self.rarely(40):
            found.reverse()
        return found

    def workflow(self, templates: list[dict[str, Any]]) -> dict[str, Any]:
        spec: dict[str, Any] = {"entrypoint": "main", "templates": templates}
        if self.often(30):
            self.chance.shuffle(templates)
        if any("volumeMounts" in str(template) for template in templates):
            spec["volumes"] = [{"name": "w", "emptyDir": {}}]
        readers = [leaf for leaf in self.leaves if len(_wanted(leaf)) == 1]
        if self.globals and readers and self.rarely(40):
            name = self.chance.choice(self.globals)
            given = {"name": _wanted(readers[0])[0], "from": f"{{{{workflow.outputs.artifacts.{name}}}}}"}
            spec["hooks"] = {"exit": {"template": readers[0]["name"], "arguments": {"artifacts": [given]}}}
        kind = (
            "Workflow"
            if self.plain
            else self.chance.choice(["Workflow", "Workflow", "CronWorkflow", "WorkflowTemplate"])
        )
        head = {"apiVersion": "argoproj.io/v1alpha1", "kind": kind, "metadata": {"name": "w"}}
        if kind == "CronWorkflow":
            return {**head, "spec": {"schedules": ["0 4 * * *"], "workflowSpec": spec}}
        return {**head, "spec": spec}

    def library(self) -> dict[str, Any]:
        spec: dict[str, Any] = {"templates": self.elsewhere}
        for template in self.elsewhere:
            if "volumeMounts" in str(template):
                template["volumes"] = [{"name": "w", "emptyDir": {}}]
        return {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "WorkflowTemplate",
            "metadata": {"name": "lib"},
            "spec": spec,
        }

    # ---- leaf templates

    def leaf(self, name: str, *, first: bool) -> dict[str, Any]:
        names = self.chance.sample(_NAMES, 4)
        inputs = [
            self.input(each, number) for number, each in enumerate(names[: 0 if first else self.chance.randrange(3)])
        ]
        outputs = [self.output(each) for each in names[2 : 2 + (1 if first else self.chance.randrange(3))]]
        kind = "container" if self.plain else self.chance.choice(["container", "container", "script", "containerSet"])
        template: dict[str, Any] = {"name": name, **self.pod(kind, inputs, outputs)}
        if inputs:
            template["inputs"] = {"artifacts": inputs}
            if self.often(20):
                template["inputs"]["parameters"] = [{"name": "p", "value": "1"}]
        if outputs:
            template["outputs"] = {"artifacts": outputs}
        if self.rarely(5):
            template["retryStrategy"] = {"limit": 2}
        if self.rarely(3):
            template["memoize"] = {"key": "k", "cache": {"configMap": {"name": "c"}}}
        if self.rarely(5):
            template["sidecars"] = [{"name": "s", "image": "busybox", "mirrorVolumeMounts": True}]
        return template

    def pod(self, kind: str, inputs: list[Any], outputs: list[Any]) -> dict[str, Any]:
        words = [
            *(f"{{{{inputs.artifacts.{each['name']}.path}}}}" for each in inputs if self.rarely(40)),
            *(f"{{{{outputs.artifacts.{each['name']}.path}}}}" for each in outputs if self.rarely(40)),
            *(f"{{{{=inputs.artifacts['{each['name']}'].path}}}}" for each in inputs if self.rarely(5)),
        ]
        pod: dict[str, Any] = {"image": "busybox"}
        if kind == "script":
            pod |= {"command": ["sh"], "source": f"work {' '.join(words)}\nexit 0\n"}
        else:
            pod |= {"command": ["sh", "-c", f"work {' '.join(words)}"]}
        if self.rarely(10):
            pod["volumeMounts"] = [{"name": "w", "mountPath": self.chance.choice(["/work", "/cfg", "/tmp"])}]
        if kind != "containerSet":
            return {kind: pod}
        mounts = {"volumeMounts": pod.pop("volumeMounts")} if "volumeMounts" in pod else {}
        return {kind: {"containers": [{"name": "main", **pod}, {"name": "b", "image": "busybox"}], **mounts}}

    def input(self, name: str, number: int) -> dict[str, Any]:
        path = f"/tmp/inputs/{name}/data"
        if not self.plain and self.often(30):
            path = self.chance.choice(
                [f"/work/{name}.txt", f"/in/{number}/x.csv", f"/in/{number}/", f"/in//{name}/data"]
            )
        if self.rarely(3):
            path = self.chance.choice(["/x", "rel/x", "/bin/x", "/in/../x"])
        found: dict[str, Any] = {"name": name, "path": path}
        if self.rarely(7):
            found["optional"] = True
        if self.rarely(4):
            found["raw"] = {"data": "own"}
        if self.rarely(2):
            found["mode"] = 0o644
        return found

    def output(self, name: str) -> dict[str, Any]:
        path = f"/tmp/outputs/{name}/data"
        if not self.plain and self.often(30):
            path = self.chance.choice([f"/out/{name}.txt", f"/out/{name}/x.csv", f"/out/{name}/", f"/work/{name}.txt"])
        if self.rarely(3):
            path = self.chance.choice(["/x", "rel/x", "/bin/x"])
        found: dict[str, Any] = {"name": name, "path": path}
        if self.rarely(6):
            found["s3"] = {"key": "place"}
        if self.rarely(8):
            found["archive"] = {"none": {}}
        if self.rarely(8):
            found["globalName"] = f"g{len(self.globals)}"
            self.globals.append(found["globalName"])
        if self.rarely(3):
            found["artifactGC"] = {"strategy": "Never"}
        return found

    # ---- templates that call others

    def part(self, name: str) -> dict[str, Any]:
        side = "tasks" if self.plain else self.chance.choice(["tasks", "steps"])
        inputs = (
            [] if name == "main" else [{"name": each} for each in self.chance.sample(_NAMES, self.chance.randrange(3))]
        )
        ways = [f"inputs.artifacts.{each['name']}" for each in inputs]
        made: list[str] = []
        calls = []
        for number in range(self.chance.randint(2, 5)):
            call, outputs = self.call(f"t{number}", side, ways + made, {each["name"] for each in inputs})
            calls.append(call)
            made += outputs
        if self.rarely(6):
            given = [self.argument(each["name"], ways + made) for each in inputs]
            again: dict[str, Any] = {"name": "t9", "template": name, "when": "false"}
            calls.append({**again, "arguments": {"artifacts": given}} if given else again)
        template: dict[str, Any] = {"name": name, **({"inputs": {"artifacts": inputs}} if inputs else {})}
        template |= {"dag": {"tasks": calls}} if side == "tasks" else {"steps": [[call] for call in calls]}
        if made and name != "main":
            names = self.chance.sample(_NAMES, self.chance.randint(0, 2))
            outputs = [self.passed(each, made) for each in names]
            template |= {"outputs": {"artifacts": outputs}} if outputs else {}
        return template

    def call(self, name: str, side: str, ways: list[str], taken: set[str]) -> tuple[dict[str, Any], list[str]]:
        target = self.chance.choice([*self.leaves, *self.parts, *self.elsewhere])
        if not ways and not self.rarely(5):
            target = self.leaves[0]
        call: dict[str, Any] = {"name": name}
        if target in self.elsewhere:
            call["templateRef"] = {"name": "lib", "template": target["name"]}
        elif target in self.leaves and self.rarely(8) and not taken & {*_names(target, "inputs")}:
            target = copy.deepcopy(target)
            del target["name"]
            for output in target.get("outputs", {}).get("artifacts", []):
                output.pop("globalName", None)
            call["inline"] = target
        else:
            call["template"] = target["name"]
        given = [each for each in _inputs(target) if _is_wanted(each) or self.often(50)]
        arguments = [self.argument(each["name"], ways) for each in given]
        if arguments:
            call["arguments"] = {"artifacts": arguments}
        made = [f"{side}.{name}.outputs.artifacts.{each}" for each in _names(target, "outputs")]
        if self.rarely(8):
            key, value = self.chance.choice(
                [("withItems", [1, 2]), ("withParam", "[1]"), ("withSequence", {"count": "2"})]
            )
            call[key] = value
            return call, []
        readers = [leaf for leaf in self.leaves if len(_wanted(leaf)) == 1]
        if made and readers and self.rarely(8):
            given = {"name": _wanted(readers[0])[0], "from": f"{{{{{made[0]}}}}}"}
            call["hooks"] = {"exit": {"template": readers[0]["name"], "arguments": {"artifacts": [given]}}}
        return call, made

    def argument(self, name: str, ways: list[str]) -> dict[str, Any]:
        if self.globals and self.rarely(4):
            ways = [*ways, f"workflow.outputs.artifacts.{self.chance.choice(self.globals)}"]
        if not ways or self.rarely(1):
            return {"name": name, "raw": {"data": "constant"}}
        return self.passed(name, ways, part=self.rarely(3))

    def passed(self, name: str, ways: list[str], *, part: bool = False) -> dict[str, Any]:
        """An argument or output that comes by one of the ways, written in one of the forms."""
        way = self.chance.choice(ways)
        forms = (
            [f"{{{{{way}}}}}"]
            if self.plain or self.often(70)
            else [f"{{{{ {way} }}}}", way, f"{{{{={_indexed(way)}}}}}"]
        )
        found = {"name": name, "from": self.chance.choice(forms)}
        if self.rarely(6):
            other = _indexed(self.chance.choice(ways))
            found = {"name": name, "fromExpression": f"1 == 1 ? {_indexed(way)} : {other}"}
        return found | ({"subPath": "inner"} if part else {})


def _inputs(template: dict[str, Any]) -> list[dict[str, Any]]:
    return template.get("inputs", {}).get("artifacts", [])


def _names(template: dict[str, Any], side: str) -> list[str]:
    return [each["name"] for each in template.get(side, {}).get("artifacts", [])]


def _is_wanted(artifact: dict[str, Any]) -> bool:
    return not artifact.get("optional") and "raw" not in artifact


def _wanted(template: dict[str, Any]) -> list[str]:
    return [each["name"] for each in _inputs(template) if _is_wanted(each)]


def _indexed(way: str) -> str:
    """The reference as an expression takes it: a name with a dash in brackets."""
    parts = way.split(".")
    return parts[0] + "".join(f"['{part}']" if "-" in part else f".{part}" for part in parts[1:])


def without_artifacts(document: Any) -> Any:
    """The same with parameters of those names instead."""
    if isinstance(document, list):
        return [without_artifacts(each) for each in document]
    if not isinstance(document, dict):
        return document
    return {key: without_artifacts(value) for key, value in document.items() if key != "artifacts"}


def write(documents: list[dict[str, Any]], chance: Random) -> str:
    """The stream as somebody might write it: in blocks or with flow in it, with comments that have nothing to do with
    artifacts."""
    flow = chance.choice([False, False, None])
    text = yaml.dump_all(documents, Dumper=yaml.CSafeDumper, sort_keys=False, default_flow_style=flow, width=1000)
    return "".join(f"{line}\n" for line in _commented(text.splitlines(), chance))


def _commented(lines: list[str], chance: Random) -> Iterator[str]:
    for number, line in enumerate(lines):
        body = line.lstrip(" -")
        safe = any(line.lstrip().startswith(start) or body.startswith(start) for start in _SAFE)
        if safe and chance.randrange(6) == 0 and line.lstrip().startswith("- name"):
            yield f"{line[: len(line) - len(line.lstrip())]}# above {number}"
        yield line + (f"  # beside {number}" if safe and chance.randrange(6) == 0 and "{" not in line else "")


def comments(text: str) -> list[str]:
    return [line.partition("# ")[2] for line in text.splitlines() if "# above" in line or "# beside" in line]
