"""The checker of workflows finds each kind of problem, and none where there is none."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from argo_check import problems
from argo_flow import problems_between
from corpus import files, needs_corpus

BEFORE = """
apiVersion: argoproj.io/v1alpha1
kind: Workflow
spec:
  entrypoint: main
  templates:
  - name: main
    dag:
      tasks:
      - {name: gen, template: gen}
      - {name: other, template: gen}
      - name: use
        template: use
        arguments:
          artifacts: [{name: text, from: "{{tasks.gen.outputs.artifacts.file}}"}]
        hooks:
          exit: {template: use, arguments: {artifacts: [{name: text, from: "{{tasks.gen.outputs.artifacts.file}}"}]}}
  - name: gen
    container: {image: busybox}
    outputs: {artifacts: [{name: file, path: /mnt/out/data}]}
  - name: use
    container: {image: busybox}
    inputs: {artifacts: [{name: text, path: /mnt/in/data}]}
"""
AFTER = """
apiVersion: argoproj.io/v1alpha1
kind: Workflow
spec:
  entrypoint: main
  templates:
  - name: main
    dag:
      tasks:
      - {name: gen, template: gen}
      - {name: other, template: gen}
      - name: use
        template: use
        arguments:
          parameters: [{name: text-subpath, value: "{{tasks.gen.outputs.parameters.file-subpath}}"}]
        hooks:
          exit:
            template: use
            arguments: {parameters: [{name: text-subpath, value: "{{tasks.gen.outputs.parameters.file-subpath}}"}]}
  - name: gen
    container: {image: busybox, volumeMounts: [{name: data, mountPath: /mnt/out, subPath: "p/{{pod.name}}/file"}]}
    outputs: {parameters: [{name: file-subpath, value: "p/{{pod.name}}/file"}]}
  - name: use
    container:
      image: busybox
      volumeMounts: [{name: data, mountPath: /mnt/in, subPath: "{{inputs.parameters.text-subpath}}", readOnly: true}]
    inputs: {parameters: [{name: text-subpath}]}
  volumes: [{name: data, nfs: {}}]
"""
MOUNT = "{name: data, mountPath: /mnt/in,"
IMAGE = "{image: busybox,"

# A text in AFTER, what stands there instead, and the problem.
BROKEN = {
    "tag": ("parameters.file-subpath}}", "parameters.nothing}}", "nothing is called tasks.gen.outputs.parameters.noth"),
    "blanks": ("{{tasks.gen.outputs.parameters.file-", "{{ tasks.gen.outputs.artifacts.file-", "is called tasks.gen"),
    "expression": (
        "{{tasks.gen.outputs.p",
        "{{=tasks.gen.outputs.p",
        "nothing is called tasks.gen.outputs.parameters.file",
    ),
    "index": (
        "{{tasks.gen.outputs.parameters.file-subpath}}",
        "{{=tasks['gen'].outputs.parameters['x']}}",
        "called tasks['gen']",
    ),
    "task": ("{{tasks.gen.outputs", "{{tasks.nobody.outputs", "nothing is called tasks.nobody.outputs"),
    "input": ("{{inputs.parameters.text-s", "{{inputs.parameters.s", "nothing is called inputs.parameters.subpath"),
    "path": ("image: busybox,", "image: '{{outputs.artifacts.file.path}}',", "called outputs.artifacts.file.path"),
    "global": (
        "{{tasks.gen.outputs.parameters.file-subpath}}",
        "{{workflow.outputs.parameters.g}}",
        "nothing is called workflow.outputs.parameters.g",
    ),
    "no braces": (
        'parameters: [{name: text-subpath, value: "{{tasks.gen.outputs.parameters.file-subpath}}"}]\n        hooks',
        "artifacts: [{name: text, from: tasks.gen.outputs.artifacts.file}]\n        hooks",
        "nothing is called tasks.gen.outputs.artifacts.file",
    ),
    "no argument": (
        "[{name: text-subpath, value:",
        "[{name: other, value:",
        "use does not give parameters text-subpath",
    ),
    "nobody takes": ("[{name: text-subpath}]", "[]", "use gives parameters text-subpath, which nobody takes"),
    "declared twice": ("[{name: text-subpath}]", "[{name: text-subpath}, {name: text-subpath}]", "is there 2 times"),
    "given twice": (
        "[{name: text-subpath, value:",
        "[{name: text-subpath, value: a}, {name: text-subpath, value:",
        "use: arguments.parameters: text-subpath is there 2 times",
    ),
    "output twice": (
        "[{name: file-subpath,",
        "[{name: file-subpath, value: a}, {name: file-subpath,",
        "is there 2 times",
    ),
    "output without value": (
        '[{name: file-subpath, value: "p/{{pod.name}}/file"}]',
        "[{name: file-subpath}]",
        "no value",
    ),
    "mounted twice": (MOUNT, f"{{name: data, mountPath: /mnt/in/}}, {MOUNT}", "mountPath: /mnt/in is there 2 times"),
    "below read-only": (MOUNT, f"{{name: data, mountPath: /mnt/in/x}}, {MOUNT}", "/mnt/in/x is mounted below /mnt/in"),
    "relative mount": ("mountPath: /mnt/in", "mountPath: ''", "'' cannot be mounted at"),
    "mount at the root": ("mountPath: /mnt/in", "mountPath: //", "'//' cannot be mounted at"),
    "root of the volume": ('subPath: "{{inputs.parameters.text-subpath}}"', "subPath: ''", "has the subPath ''"),
    "outside of the volume": ('subPath: "{{inputs.parameters.text-subpath}}"', "subPath: a/../..", "subPath 'a/../..'"),
    "volume twice": ("volumes: [", "volumes: [{name: data}, ", "volumes: data is there 2 times"),
    "volume and claim": (
        "  volumes:",
        "  volumeClaimTemplates: [{metadata: {name: data}}]\n  volumes:",
        "data is there 2",
    ),
    "undeclared": ("volumes: [{name: data", "volumes: [{name: date", "container: volume data is not declared"),
    "sidecar": (
        "  volumes:",
        "    sidecars: [{name: s, volumeMounts: [{name: o, mountPath: /a}]}]\n  volumes:",
        "sidecars s: volume o is not declared",
    ),
    "container set": (
        "  volumes:",
        (
            "  - name: set\n    containerSet:\n      volumeMounts: [{name: data, mountPath: /a}]\n"
            "      containers: [{name: main, volumeMounts: [{name: data, mountPath: /a}]}]\n  volumes:"
        ),
        "containers main: mountPath: /a is there 2 times",
    ),
    "hook of the workflow": (
        "  entrypoint: main",
        "  entrypoint: main\n  hooks: {exit: {template: use}}",
        "exit does not give parameters text-subpath",
    ),
    "nobody starts it": ("entrypoint: main", "entrypoint: use", "spec: nobody gives parameters text-subpath to use"),
    "loaded into": (
        "[{name: text-subpath}]",
        "[{name: text-subpath}]\n      artifacts: [{name: a, path: /mnt/in/x, raw: {data: b}}]".replace(
            "      ", ", ", 1
        ),
        "artifact a is loaded into the mount /mnt/in",
    ),
    "loop": (
        "- {name: gen, template: gen}",
        (
            "- {name: loop, template: gen, withItems: [1]}\n      - {name: gen, template: gen, "
            "arguments: {artifacts: [{name: a, from: '{{tasks.loop.outputs.artifacts.file}}'}]}}"
        ),
        "nothing is called tasks.loop.outputs.artifacts.file",
    ),
    "inline": (
        "  - name: gen\n",
        (
            "  - name: sub\n    inputs: {parameters: [{name: a, value: b}]}\n    dag:\n      tasks:\n      - name: in\n"
            "        inline: {inputs: {parameters: [{name: a, value: c}]}, container: {}}\n  - name: gen\n"
        ),
        "template sub/in: inputs.parameters: a is an input of the template around it too",
    ),
    "template defaults": (
        "  entrypoint: main",
        (
            "  entrypoint: main\n  templateDefaults: {container: {env: [{value: '{{=outputs.x}}'}, "
            "{value: '{{tasks.a.outputs.artifacts.b}}'}]}}"
        ),
        "spec: nothing is called tasks.a.outputs.artifacts.b",
    ),
    "template twice": ("  volumes:", "  - {name: use, container: {}}\n  volumes:", "templates: use is there 2 times"),
}

# The same, for what only shows beside the workflow as it was.
MISSED = {
    "another producer": (
        '"{{tasks.gen.outputs.parameters.file-subpath}}"}]\n        hooks',
        '"{{tasks.none.outputs.parameters.file-subpath}}"}]\n        hooks',
        "template main: use gets text from elsewhere than (0, 'gen')",
    ),
    "another directory": (
        'value: "p/{{pod.name}}/file"',
        'value: "p/{{pod.name}}/f"',
        "is looked for at (0, 'gen') p/",
    ),
    "another file": ("mountPath: /mnt/in,", "mountPath: /mnt/in/data,", "input text is looked for at"),
    "another mount": ("mountPath: /mnt/out", "mountPath: /mnt/o", "output file is written beside the volume"),
    "no mount": ("mountPath: /mnt/in", "mountPath: /mnt/i", "input text is looked for at None"),
    "a place of its own": (
        "{{inputs.parameters.text-subpath}}",
        "p/{{pod.name}}/file",
        "is looked for at p/{{pod.name}}",
    ),
    "a part of it": ("file-subpath}}", "file-subpath}}/part", "file/part/data, but written to (0, 'gen') p/"),
    "a loop": ("{name: gen, template: gen}", "{name: gen, template: gen, withItems: [1]}", "None/data, but written"),
    "artifact without producer": (
        "inputs: {parameters: [{name: text-subpath}]}",
        "inputs: {artifacts: [{name: text, path: /mnt/in/data}]}",
        "input text stays, but comes from nowhere, not (0, 'gen') file",
    ),
    "lost template": ("- name: gen\n", "- name: gone\n", "template gen is gone"),
}


def load(text: str) -> list[Any]:
    return list(yaml.load_all(text, Loader=yaml.CSafeLoader))


def broken(old: str, new: str) -> list[Any]:
    assert old in AFTER
    return load(AFTER.replace(old, new))


def test_nothing_is_wrong() -> None:
    assert problems(*load(BEFORE)) == []
    assert problems(*load(AFTER)) == []
    assert problems_between(load(BEFORE), load(AFTER)) == []
    assert problems_between(load(BEFORE), load(BEFORE)) == []


@pytest.mark.parametrize(("old", "new", "expected"), BROKEN.values(), ids=BROKEN)
def test_what_does_not_fit_is_found(old: str, new: str, expected: str) -> None:
    found = problems(*broken(old, new))
    assert any(expected in text for text in found), found


@pytest.mark.parametrize(("old", "new", "expected"), MISSED.values(), ids=MISSED)
def test_files_that_do_not_meet_are_found(old: str, new: str, expected: str) -> None:
    found = problems_between(load(BEFORE), broken(old, new))
    assert any(expected in text for text in found), found


TEMPLATE = """
kind: WorkflowTemplate
metadata: {name: lib}
spec:
  templates:
  - name: use
    inputs: {parameters: [{name: text-subpath}]}
    container: {volumeMounts: [{name: data, mountPath: /in, subPath: "{{inputs.parameters.text-subpath}}"}]}
  volumes: [{name: data, nfs: {}}]
---
kind: Workflow
spec:
  templates:
  - name: main
    steps:
    - - {name: use, templateRef: {name: lib, template: use}}
"""


def test_a_template_elsewhere_gets_its_arguments_and_volumes() -> None:
    assert problems(*load(TEMPLATE)) == [
        "template use: container: volume data is not declared",  # the caller's spec counts, not its own
        "template main: use does not give parameters text-subpath",
    ]


def test_what_goes_outside_must_still_go_there() -> None:
    before = BEFORE.replace("path: /mnt/out/data", "path: /mnt/out/data, s3: {key: a}")
    lost = "template gen: output file does not reach its place outside any more"
    assert problems_between(load(before), load(AFTER)) == [lost]
    kept = AFTER.replace("outputs: {", "outputs: {artifacts: [{name: file, path: /mnt/out/data, s3: {key: a}}], ")
    assert problems_between(load(before), load(kept)) == []


def test_a_global_output_is_followed() -> None:
    before, after = BEFORE, AFTER
    for kind, name in (("artifacts", "g"), ("parameters", "g-subpath")):
        old = f"{{{{tasks.gen.outputs.{kind}.file{name[1:]}}}}}"
        before, after = (text.replace(old, f"{{{{workflow.outputs.{kind}.{name}}}}}") for text in (before, after))
    before = before.replace("{name: file,", "{name: file, globalName: g,")
    nowhere = "template use: input text is looked for at nowhere, but written to (0, 'gen') p/{{pod.name}}/file/data"
    assert nowhere in problems_between(load(before), load(after))
    after = after.replace("[{name: file-subpath,", "[{name: file-subpath, globalName: g-subpath,")
    assert problems(*load(before)) == problems(*load(after)) == problems_between(load(before), load(after)) == []


@needs_corpus
def test_nothing_is_wrong_with_what_others_made() -> None:
    for path in files("kfp", "*.out.yaml"):
        before = path.with_name(path.name.replace(".out.", ".in."))
        assert problems(*load(path.read_text("utf-8"))) == []
        assert problems_between(load(before.read_text("utf-8")), load(path.read_text("utf-8"))) == []
    found = [path.name for path in files("argo-examples", "*.yaml") if problems(*load(path.read_text("utf-8")))]
    assert found == []
