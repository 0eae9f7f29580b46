"""What argo/artifacts-to-volume makes of each construct of a workflow, or why it refuses it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from argo_check import problems

import retouch

VOLUME = {"persistentVolumeClaim": {"claimName": "my-pvc"}}
HEAD = "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {generateName: t-}\nspec:\n  entrypoint: main\n"
FROM = "{name: in, from: '{{tasks.gen.outputs.artifacts.x}}'}"
GEN = """\
  - name: gen
    container: {image: b}
    outputs: {artifacts: [{name: x, path: /tmp/o/data}]}
"""
USE = """\
  - name: use
    inputs: {artifacts: [{name: in, path: /tmp/i/data}]}
    container: {image: b}
"""
SHARED = "---\napiVersion: argoproj.io/v1alpha1\nkind: WorkflowTemplate\nmetadata: {name: wt}\nspec:\n  templates:\n"
TO_SHARED = "templateRef: {name: wt, template: use}"
RUN = "artifact_data/{{workflow.uid}}_{{pod.name}}/"
CLAIM = {"volumeClaimTemplate": {"accessModes": ["ReadWriteMany"]}}


def flow(argument: str = FROM, calls: str = "template: use", rest: str = GEN + USE, more: str = "") -> str:
    """A dag with the task gen and a task that reads what it wrote."""
    tasks = f"{{name: gen, template: gen}}, {{name: use, {calls}, arguments: {{artifacts: [{argument}]}}}}"
    return f"{HEAD}  templates:\n  - name: main\n    dag: {{tasks: [{tasks}]}}\n{more}{rest}"


def one(artifacts: str, more: str = "container: {image: b}", side: str = "outputs") -> str:
    """A workflow of one template."""
    return f"{HEAD}  templates:\n  - name: main\n    {more}\n    {side}: {{artifacts: [{artifacts}]}}\n"


def rewritten(text: str, params: dict[str, Any]) -> tuple[list[Any], list[str]]:
    """The documents that come out, and the notes; they fit together, and a second run changes nothing."""
    rules = retouch.load("argo/artifacts-to-volume", params={"volume": VOLUME, **params})
    result = retouch.rewrite(text, rules)
    assert retouch.rewrite(result.text, rules).text == result.text
    documents = list(yaml.safe_load_all(result.text))
    if params.get("templateRefs") is None:
        assert problems(*documents) == []
    return documents, [message.text for message in result.warnings]


def found(documents: list[Any], name: str) -> dict[str, Any]:
    """The template of a name, or the one call of a dag with that name."""
    for document in documents:
        spec = document["spec"].get("workflowSpec", document["spec"])
        for template in spec.get("templates") or ():
            for thing in (template, *template.get("dag", {}).get("tasks", ())):
                if thing.get("name") == name and "dag" not in thing and "template" not in thing:
                    return dict(thing)
    raise AssertionError(name)


def argument(documents: list[Any]) -> Any:
    """What the task `use` is given."""
    return next(
        task["arguments"]
        for template in documents[0]["spec"]["templates"]
        for task in template.get("dag", {}).get("tasks", ())
        if task["name"] == "use"
    )


REFUSED = {
    "a file in the root": (
        one("{name: a, path: /a}"),
        {},
        "main: output artifact 'a': mounting the volume at '/' would",
    ),
    "a protected file": (
        flow(rest=GEN + USE.replace("/tmp/i/data", "/etc")),
        {},
        "mounting the volume at '/etc' would",
    ),
    "an output in a mount": (
        one("{name: a, path: /w/a}", "container: {image: b, volumeMounts: [{name: w, mountPath: /w/}]}"),
        {},
        "output artifact 'a': '/w' is mounted already (volume 'w')",
    ),
    "below a read-only mount": (
        one(
            "{name: a, path: /w/a/b}", "container: {image: b, volumeMounts: [{name: w, mountPath: /w, readOnly: true}]}"
        ),
        {},
        "'/w/a' lies below the read-only mount '/w' (volume 'w')",
    ),
    "a member's mount": (
        one(
            "{name: a, path: /w/a}",
            "containerSet: {containers: [{name: main, volumeMounts: [{name: w, mountPath: /w}]}]}",
        ),
        {},
        "'/w' is mounted already (volume 'w')",
    ),
    "no main": (
        one("{name: a, path: /w/a}", "containerSet: {containers: [{name: other}]}"),
        {},
        "template main: a containerSet with artifacts needs a container 'main' (artifact 'a')",
    ),
    "no path": (one("{name: a}"), {}, "template main: artifact 'a' has no path"),
    "a global name that varies": (
        one("{name: a, path: /w/a, globalName: 'g-{{workflow.name}}'}"),
        {},
        "output artifact 'a': the globalName 'g-{{workflow.name}}' is a variable",
    ),
    "a global name of nobody": (
        flow("{name: in, from: '{{workflow.outputs.artifacts.g}}'}"),
        {},
        "workflow.outputs.artifacts.g: no output of this workflow has globalName 'g'",
    ),
    "from in spec.arguments": (
        HEAD + "  arguments: {artifacts: [{name: in, from: '{{a}}'}]}\n  templates:\n" + USE,
        {},
        "spec.arguments: artifact 'in': from has nothing to refer to at this place",
    ),
    "another volume": (
        flow() + "  volumes: [{name: data-storage, emptyDir: {}}]\n",
        {},
        "spec: another volume is named 'data-storage': choose another volumeName",
    ),
    "another volume in a template": (
        flow(rest=GEN + USE + "    volumes: [{name: data-storage, emptyDir: {}}]\n"),
        {},
        "spec: another volume is named 'data-storage'",
    ),
    "another claim": (
        flow() + "  volumeClaimTemplates: [{metadata: {name: data-storage}, spec: {}}]\n",
        {},
        "spec: another volume is named 'data-storage'",
    ),
    "a memoized step and a claim": (
        flow(rest=GEN + "    memoize: {key: k}\n" + USE),
        {"volume": CLAIM},
        "template gen: memoized: the cache outlives a volume that is made for one workflow",
    ),
    "template defaults": (
        flow() + "  templateDefaults: {inputs: {artifacts: [{name: z, path: /z}]}}\n",
        {},
        "spec.templateDefaults: artifact 'z' would come back into every template",
    ),
    "a template elsewhere": (
        flow(calls=TO_SHARED, rest=GEN),
        {},
        "template main task use argument in: gives artifact 'in' to template wt/use, which is not in this input",
    ),
    "layout directory": (
        flow(rest=GEN + USE.replace("/tmp/i/data", "/tmp/i/msg")),
        {"layout": "directory"},
        "layout directory: file names or directories of one flow do not fit: /tmp/i/msg, /tmp/o/data",
    ),
    "external: error": (
        flow("{name: in, raw: {data: a}}"),
        {"external": "error"},
        "template main task use argument in: a constant (raw), not from the volume (external: error)",
    ),
    "recurseMode": (
        flow(rest=GEN + USE.replace("/tmp/i/data", "/tmp/i/data, recurseMode: true")),
        {},
        "input artifact 'in': recurseMode cannot be set on a mounted file",
    ),
    "a subPath that leads out": (
        flow(FROM.replace("}'}", "}', subPath: ../a}")),
        {},
        "template main task use argument in: the subPath '../a' leads out of the artifact",
    ),
    "an input that stays below": (
        flow(rest=GEN + USE.replace("data}", "data}, {name: k, path: /tmp/i/data/k, raw: {data: a}}")),
        {},
        "input artifact 'in': an artifact that stays one is loaded at or below '/tmp/i/data'",
    ),
    "an input below another": (
        flow(
            FROM + ", " + FROM.replace("name: in", "name: k"),
            rest=GEN + USE.replace("data}", "data}, {name: k, path: /tmp/i/data/k}"),
        ),
        {},
        "input artifact 'k': '/tmp/i/data/k' lies below the read-only mount '/tmp/i/data' (input artifact 'in')",
    ),
    "a mention": (
        flow(calls="template: use, when: '{{=tasks.gen.outputs.artifacts.x != nil}}'"),
        {},
        "template main: cannot convert the reference to an artifact in '{{=tasks.gen.outputs.artifacts.x != nil}}'",
    ),
    "a task that is not there": (
        flow(FROM.replace("gen", "none")),
        {},
        "template main task use argument in: there is no tasks.none.outputs.artifacts.x",
    ),
    "too many parameters": (
        one(", ".join(f"{{name: i{number}, path: /i/{number}}}" for number in range(501)), side="inputs"),
        {},
        "template main: more than 500 input parameters, which Argo does not take",
    ),
    "a template name that varies": (
        flow(calls="template: '{{workflow.parameters.t}}'"),
        {},
        "template main task use argument in: the name of the template is a variable",
    ),
}


@pytest.mark.parametrize(("text", "params", "reason"), REFUSED.values(), ids=REFUSED)
def test_refused(text: str, params: dict[str, Any], reason: str) -> None:
    rules = retouch.load("argo/artifacts-to-volume", params={"volume": VOLUME, **params})
    with pytest.raises(retouch.RefusedError) as caught:
        retouch.rewrite(text, rules)
    (message,) = caught.value.messages
    assert reason in message.text
    assert message.place.line
    assert message.place.column


LEFT = {
    "a source of its own": (
        one("{name: in, path: /a/b, git: {repo: a}}", side="inputs"),
        {},
        "template main: input artifact 'in' has a source of its own (git): stays an artifact",
    ),
    "a data template": (
        one("{name: f, path: /f}", "data: {source: {}, transformation: []}"),
        {},
        "template main: the output 'f' of a data template has no consumer: left",
    ),
    "a template elsewhere that keeps artifacts": (
        flow(calls=TO_SHARED, rest=GEN),
        {"templateRefs": "keep"},
        "template main task use argument in: gives artifact 'in' to template wt/use, which is not converted: stays",
    ),
    "unsupported: keep": (
        one("{name: a, path: /a}"),
        {"unsupported": "keep"},
        "template main: output artifact 'a': mounting the volume at '/' would hide files of the image: use a directory",
    ),
    "a template that mounts the volume": (
        one("{name: a, path: /a/b}", "container: {image: b, volumeMounts: [{name: data-storage, mountPath: /w}]}")
        + "  volumes: [{name: data-storage, emptyDir: {}}]\n",
        {"unsupported": "keep"},
        "template main: output artifact 'a': the template mounts the volume already: left",
    ),
    "workflow arguments": (
        HEAD.replace("main", "use") + "  arguments: {artifacts: [{name: in, raw: {data: a}}]}\n  templates:\n" + USE,
        {},
        "spec.arguments: artifact 'in' comes from outside the workflow: stays an artifact",
    ),
}


@pytest.mark.parametrize(("text", "params", "note"), LEFT.values(), ids=LEFT)
def test_left(text: str, params: dict[str, Any], note: str) -> None:
    rules = retouch.load("argo/artifacts-to-volume", params={"volume": VOLUME, **params})
    result = retouch.rewrite(text, rules)
    assert result.text == text
    assert [message.text[: len(note)] for message in result.warnings] == [note]


def test_files_of_one_directory_share_a_mount() -> None:
    documents, _ = rewritten(
        one("{name: a, path: /tmp/w/a}, {name: c, path: /tmp/w/c/d}, {name: e, path: /tmp/w/e/}"), {}
    )
    main = found(documents, "main")
    assert main["container"]["volumeMounts"] == [{"mountPath": "/tmp/w", "name": "data-storage", "subPath": f"{RUN}a"}]
    values = [each["value"] for each in main["outputs"]["parameters"]]
    assert values == [f"{RUN}a/a", f"{RUN}a/c/d", f"{RUN}a/e"]


@pytest.mark.parametrize(
    ("written", "given"),
    [
        ("from: '{{ tasks.gen.outputs.artifacts.x }}'", "{{tasks.gen.outputs.parameters.x-subpath}}"),
        ("from: '{{=tasks.gen.outputs.artifacts.x}}'", "{{=tasks.gen.outputs.parameters['x-subpath']}}"),
        ("from: tasks.gen.outputs.artifacts.x, subPath: a/b/", "{{tasks.gen.outputs.parameters.x-subpath}}/a/b"),
        (
            "fromExpression: \"tasks['gen'].outputs.artifacts['x']\"",
            "{{=tasks['gen'].outputs.parameters['x-subpath']}}",
        ),
    ],
)
def test_arguments(written: str, given: str) -> None:
    documents, _ = rewritten(flow(f"{{name: in, {written}}}"), {})
    assert argument(documents) == {"parameters": [{"name": "in-subpath", "value": given}]}


def test_the_directory_of_the_volume_that_nobody_writes() -> None:
    documents, notes = rewritten(flow(rest=GEN + USE.replace("data}", "other, optional: true}")), {})
    (parameter,) = found(documents, "use")["inputs"]["parameters"]
    assert parameter == {"name": "in-subpath", "default": "artifact_data/{{workflow.uid}}_none/in"}
    assert notes == [
        "template use: input artifact 'in': optional: without data '/tmp/i/other' is there, as an empty directory"
    ]


def test_a_source_that_every_call_replaces_is_dropped() -> None:
    documents, notes = rewritten(flow(rest=GEN + USE.replace("data}", "data, raw: {data: a}}")), {})
    assert found(documents, "use")["inputs"] == {"parameters": [{"name": "in-subpath"}]}
    assert notes == [
        "template use: input artifact 'in' has a source of its own (raw), and every call gives another: dropped"
    ]


def test_an_export_with_a_consumer_stays_too() -> None:
    documents, notes = rewritten(
        flow(rest=GEN.replace("data}", "data, s3: {key: k}, artifactGC: {strategy: Never}}") + USE), {}
    )
    outputs = found(documents, "gen")["outputs"]
    assert [each["name"] for each in outputs["artifacts"]] == ["x"]
    assert outputs["parameters"] == [{"name": "x-subpath", "value": f"{RUN}x"}]
    assert notes == ["template gen: output artifact 'x': artifactGC does not clean the volume"]


def test_templates_of_other_documents() -> None:
    documents, _ = rewritten(flow(calls=TO_SHARED, rest=GEN) + SHARED + USE, {})
    assert documents[0]["spec"]["volumes"] == [{**VOLUME, "name": "data-storage"}]
    assert documents[1]["spec"]["templates"][0]["volumes"] == [{**VOLUME, "name": "data-storage"}]
    assert "volumes" not in documents[1]["spec"]
    documents, _ = rewritten(flow(calls=TO_SHARED, rest=GEN), {"templateRefs": "converted"})
    assert argument(documents)["parameters"][0]["name"] == "in-subpath"


def test_what_starts_a_template_gives_it_artifacts_from_outside() -> None:
    shared = SHARED.replace("spec:\n", "spec:\n  entrypoint: use\n") + USE + GEN
    binding = (
        "apiVersion: argoproj.io/v1alpha1\nkind: WorkflowEventBinding\nmetadata: {name: e}\nspec:\n  submit:\n"
        "    workflowTemplateRef: {name: wt}\n    arguments: {artifacts: [{name: in, s3: {key: k}}]}\n"
    )
    documents, notes = rewritten(binding + shared, {})
    assert notes == ["spec.submit.arguments: artifact 'in' comes from outside the workflow: stays an artifact"]
    assert "artifacts" in found(documents[1:], "use")["inputs"]
    assert "artifacts" not in found(documents[1:], "gen")["outputs"]


def test_scopes_and_claims() -> None:
    documents, _ = rewritten(flow(), {"readOnlyInputs": False, "volumeScope": "template"})
    assert "volumes" not in documents[0]["spec"]
    assert found(documents, "use")["volumes"] == [{**VOLUME, "name": "data-storage"}]
    assert "readOnly" not in found(documents, "use")["container"]["volumeMounts"][0]
    documents, _ = rewritten(flow(), {"volume": CLAIM})
    claim = {"metadata": {"name": "data-storage"}, "spec": CLAIM["volumeClaimTemplate"]}
    assert documents[0]["spec"]["volumeClaimTemplates"] == [claim]


def test_paths_with_variables() -> None:
    path = "/tmp/{{inputs.parameters.a.b}}/{{=p.x + ':/..'}}/f"
    text = one(f'{{name: a, path: "{path}"}}', "container: {image: b, args: ['{{outputs.artifacts.a.path}}']}")
    result = retouch.rewrite(text, retouch.load("argo/artifacts-to-volume", params={"volume": VOLUME}))
    main = found([yaml.safe_load(result.text)], "main")["container"]
    assert main["volumeMounts"][0]["mountPath"] == path.removesuffix("/f")
    assert main["args"] == [path]


def test_parameters_that_are_taken_whole() -> None:
    text = flow(rest=GEN + USE.replace("image: b", "image: b, args: ['{{inputs.parameters}}']"))
    assert rewritten(text, {})[1] == ["template use: {{inputs.parameters}} now holds the parameters of artifacts too"]
