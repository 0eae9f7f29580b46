"""The built-in rule set argo/artifacts-to-volume, on workflows of the KFP compiler, of Argo and of our own."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from argo_check import problems

import retouch

HERE = Path(__file__).resolve().parent
CORPUS = HERE.parents[1] / "shared" / "corpus"
MANIFESTS = HERE / "manifests"
VOLUME = {"persistentVolumeClaim": {"claimName": "my-pvc"}}
RULES = retouch.load("argo/artifacts-to-volume", params={"volume": VOLUME})
KEEPING = retouch.load("argo/artifacts-to-volume", params={"volume": VOLUME, "unsupported": "keep"})

needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpora are not on this machine")

PAIRS = [HERE / "data" / f"kfp-{name}.in.yaml" for name in ("chain_files", "lightweight", "ui_metadata")]
KFP = sorted((CORPUS / "kfp").glob("*.in.yaml"))
EXAMPLES = sorted((CORPUS / "argo-examples").rglob("*.yaml"))
CASES = sorted((CORPUS / "artifacts-to-volume" / "cases").glob("*.in.yaml"))

# What Argo's examples with artifacts come to; all the others are left alone.
CONVERTED_EXAMPLES = {
    *("artifact-passing-explicit-plugin", "artifact-passing-subpath", "artifact-passing", "artifact-path-placeholders"),
    *("artifact-repository-ref", "artifactory-artifact", "global-outputs", "handle-large-output-results"),
    *("hdfs-artifact", "nested-workflow", "variables-showcase"),
}
CONVERTED_WITH_KEEP = CONVERTED_EXAMPLES | {"artifact-disable-archive", "influxdb-ci"}
REFUSED_EXAMPLES = {  # six write to the root, two into a directory that is mounted
    *("artifact-disable-archive", "ci-output-artifact", "conditional-artifacts", "dag-conditional-artifacts"),
    *("exit-handler-with-artifacts", "influxdb-ci", "workspace-workflow", "fun-with-gifs"),
}

# What each line that changes has a word of.
ABOUT_ARTIFACTS = re.compile(
    r"artifacts|artifact_data|-subpath|data-storage|mountPath|subPath|volumeMounts|readOnly: true"
    r"|inputs:|outputs:|parameters:|valueFrom|volumes:|persistentVolumeClaim|claimName"
    r"|[-{ ]name: |[{ ]path: |[{ ]from: |\.path}}|/data\b|#"
)

LEFT_ALONE = {
    "no artifacts": "templates: [{name: a, container: {image: b}}]",
    "volume name taken, no artifacts": "volumes: [{name: data-storage, emptyDir: {}}]\n  templates: []",
    "null templates": "templates: null",
    "no templates": "workflowTemplateRef: {name: a}",
    "empty spec": "{}",
    "null blocks": "templates: [{name: a, inputs: null, outputs: null, script: null}, null]",
    "null lists": "templates: [{name: a, inputs: {artifacts: null, parameters: null}, container: {image: b}}]",
    "empty lists": "templates: [{name: a, outputs: {artifacts: []}, dag: {tasks: [{arguments: {artifacts: []}}]}}]",
    "flat steps, no artifacts": "templates: [{name: a, steps: [{name: b, template: c}]}]",
    "other templates": "templates: [{name: a, suspend: {}}, {name: b, http: {url: c}}, {name: d, plugin: {}}]",
    "the word in a text": "templates: [{name: a, script: {source: 'ls {{workflow.name}}/artifacts.x # artifacts'}}]",
}

BAD_PARAMETERS = [
    ({}, "volume"),
    ({"volume": {}}, "volume"),
    ({"volume": {"name": "only"}}, "volume"),
    ({"volume": {"emptyDir": {}}}, "emptyDir"),
    ({"volume": {"configMap": {"name": "a"}}}, "configMap"),
    ({"volume": {"ephemeral": {}}}, "ephemeral"),
    ({"volume": {"nfs": {}, "csi": {}}}, "volume"),
    ({"volume": VOLUME, "pathPrefix": "/abs/"}, "pathPrefix"),
    ({"volume": VOLUME, "pathPrefix": "../up/"}, "pathPrefix"),
    ({"volume": VOLUME, "pathPrefix": "a/../b/"}, "pathPrefix"),
    ({"volume": VOLUME, "pathPrefix": "no-slash"}, "pathPrefix"),
    ({"volume": VOLUME, "runDir": "{{workflow.uid}}/"}, "runDir"),
    ({"volume": VOLUME, "runDir": "{{pod.name}}/"}, "runDir"),
    ({"volume": VOLUME, "runDir": "{{workflow.uid}}{{pod.name}}"}, "runDir"),
    ({"volume": VOLUME, "suffix": ".place"}, "suffix"),
    ({"volume": VOLUME, "suffix": ""}, "suffix"),
    ({"volume": VOLUME, "volumeName": "Data"}, "volumeName"),
    ({"volume": VOLUME, "volumeName": "argo-staging"}, "volumeName"),
    ({"volume": VOLUME, "keepArtifacts": "one"}, "keepArtifacts"),
    ({"volume": {"volumeClaimTemplate": {}, "nfs": {}}}, "volume"),
    ({"volume": {"volumeClaimTemplate": 3}}, "volumeClaimTemplate"),
    ({"volume": {"persistentVolumeClame": {}}}, "persistentVolumeClame"),
    ({"volume": VOLUME, "layout": "files"}, "layout"),
    ({"volume": VOLUME, "external": "drop"}, "external"),
    ({"volume": VOLUME, "unsupported": "warn"}, "unsupported"),
    ({"volume": VOLUME, "templateRefs": True}, "templateRefs"),
    ({"volume": VOLUME, "volumeScope": "all"}, "volumeScope"),
    ({"volume": VOLUME, "readOnlyInputs": "no"}, "readOnlyInputs"),
    ({"volume": VOLUME, "mode": 420}, "mode"),
    ({"volume": VOLUME, "protectedDirs": ["tmp"]}, "protectedDirs"),
]

SMALL = """\
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {generateName: small-}
spec:
  templates:
  - name: make
    container: {image: busybox}
    outputs: {artifacts: [{name: file, path: /mnt/file/data}]}
"""


def read(path: Path) -> str:
    return path.read_bytes().decode()


def documents(text: str) -> list[Any]:
    return list(yaml.load_all(text, Loader=yaml.CSafeLoader))


def as_data(text: str) -> list[Any]:
    """The documents, compared as JSON: so a boolean is no number."""
    return [json.dumps(document, sort_keys=True, default=str) for document in documents(text)]


def outcome(text: str) -> retouch.Rewrite | list[str]:
    """The rewrite, or the refusals. Any other error is one."""
    try:
        return retouch.rewrite(text, RULES)
    except retouch.RefusedError as error:
        messages = error.messages
    assert all(message.rule == "argo/artifacts-to-volume/facts.refused" for message in messages)
    return [message.text for message in messages]


def texts(messages: Sequence[retouch.Message]) -> list[str]:
    return sorted(message.text for message in messages)


def lines(path: Path) -> list[str]:
    """The lines of a file, sorted; none if it is not there."""
    return sorted(line for line in read(path).splitlines() if line.strip()) if path.exists() else []


def converted(path: Path) -> str:
    result = outcome(read(path))
    assert isinstance(result, retouch.Rewrite), result
    return result.text


def case_id(path: Path) -> str:
    return path.name.removesuffix(".in.yaml")


CONVERTED = [*PAIRS, *(path for path in KFP if case_id(path) != "raw_param"), MANIFESTS / "training-pipeline.yaml"]


@pytest.mark.parametrize("path", [*PAIRS, *KFP], ids=lambda path: f"{path.parent.name}-{case_id(path)}")
def test_kfp_pairs(path: Path) -> None:
    result = outcome(read(path))
    assert isinstance(result, retouch.Rewrite), result
    assert as_data(result.text) == as_data(read(path.with_name(path.name.replace(".in.", ".out."))))
    assert texts(result.warnings) == lines(path.with_name(path.name.replace(".in.yaml", ".notes.txt")))


@pytest.mark.parametrize("path", [*PAIRS, *KFP, *MANIFESTS.glob("*.yaml")], ids=lambda path: path.name)
def test_a_second_run_changes_nothing(path: Path) -> None:
    result = outcome(read(path))
    if isinstance(result, list):
        assert result
    else:
        again = retouch.rewrite(result.text, RULES)
        assert again.text == result.text
        assert not any(document.patch for document in again.documents)


@pytest.mark.parametrize("name", ["training-pipeline", "nightly-cron", "shared-template"])
def test_our_manifests_byte_for_byte(name: str) -> None:
    text = converted(MANIFESTS / f"{name}.yaml")
    assert text == read(MANIFESTS / f"{name}.expected.yaml")
    assert problems(*documents(text)) == []


@pytest.mark.parametrize("path", CONVERTED, ids=lambda path: f"{path.parent.name}-{case_id(path)}")
def test_only_lines_about_artifacts_change(path: Path) -> None:
    old, new = read(path).splitlines(), converted(path).splitlines()
    changes = [line for line in difflib.ndiff(old, new) if line[0] in "+-"]
    assert changes
    assert [line for line in changes if not ABOUT_ARTIFACTS.search(line)] == []
    # A comment goes only with what it is about.
    kept = {line.strip() for line in new if line.lstrip().startswith("#")}
    lost = {line.strip() for line in old if line.lstrip().startswith("#")} - kept
    assert lost <= {"# the table as the warehouse exports it", "# in the order of --first and --rest"}


def test_windows_line_ends_stay() -> None:
    result = retouch.rewrite(SMALL.replace("\n", "\r\n"), RULES)
    assert result.text == retouch.rewrite(SMALL, RULES).text.replace("\n", "\r\n")


def test_all_reasons_are_reported_at_their_places(request: pytest.FixtureRequest) -> None:
    found = ""
    for name in ("many-reasons", "flat-steps"):
        with pytest.raises(retouch.RefusedError) as caught:
            retouch.rewrite(read(MANIFESTS / f"{name}.yaml"), RULES, file=f"{name}.yaml")
        found += "".join(f"{message}\n" for message in caught.value.messages)
    found = found.replace(" [argo/artifacts-to-volume/facts.refused]", "")
    if request.config.getoption("--accept", default=False):
        (MANIFESTS / "many-reasons.refused.txt").write_text(found, "utf-8")
    assert found == read(MANIFESTS / "many-reasons.refused.txt")


def test_one_reason_is_told_once() -> None:
    for path in ("data", "/mnt/../data", "/mnt/a:b/data", "{{workflow.name}}/data", "/mnt/..", "C:\\data"):
        assert outcome(SMALL.replace("/mnt/file/data", f"'{path}'")) == [
            f"template make: output artifact 'file': the path '{path}' is no absolute path of a file in a directory"
        ]
    for path in ("/data", "/", "//data", "/usr/bin/data"):
        (reason,) = outcome(SMALL.replace("/mnt/file/data", path))
        assert "would hide files of the image" in reason


@pytest.mark.parametrize("spec", LEFT_ALONE.values(), ids=LEFT_ALONE)
@pytest.mark.parametrize("kind", ["Workflow", "WorkflowTemplate", "ClusterWorkflowTemplate", "CronWorkflow"])
def test_documents_without_artifacts_are_left_alone(kind: str, spec: str) -> None:
    text = f"apiVersion: argoproj.io/v1alpha1\nkind: {kind}\nmetadata: {{name: a}}\n"
    text += f"spec:\n  {spec}\n" if kind != "CronWorkflow" else f"spec:\n workflowSpec:\n  {spec}\n"
    text += "status: {phase: Running}\n"
    result = outcome(text)
    assert isinstance(result, retouch.Rewrite), result
    assert result.text == text


@pytest.mark.parametrize(("params", "named"), BAD_PARAMETERS, ids=lambda value: str(value)[:50])
def test_wrong_parameters(params: dict[str, Any], named: str) -> None:
    with pytest.raises(retouch.UsageError, match=named):
        retouch.load("argo/artifacts-to-volume", params=params)


def test_parameters_reach_the_result() -> None:
    params = {
        "volume": {"nfs": {"server": "a", "path": "/b"}, "name": "x"},
        "volumeName": "team",
        "pathPrefix": "",
        "runDir": "{{workflow.uid}}/{{pod.name}}/",
        "suffix": "_place",
        "keepArtifacts": ["file"],
    }
    rules = retouch.load("argo/artifacts-to-volume", params=params)
    text = retouch.rewrite(SMALL, rules).text
    place = "{{workflow.uid}}/{{pod.name}}/file"
    (document,) = documents(text)
    (template,) = document["spec"]["templates"]
    assert document["spec"]["volumes"] == [{"nfs": {"server": "a", "path": "/b"}, "name": "team"}]
    assert template["container"]["volumeMounts"] == [{"mountPath": "/mnt/file", "name": "team", "subPath": place}]
    assert template["outputs"] == {
        "artifacts": [{"name": "file", "path": "/mnt/file/data"}],
        "parameters": [{"name": "file_place", "value": place}],
    }
    assert not retouch.rewrite(text, rules).changed
    with pytest.raises(retouch.RefusedError, match="output parameter 'file_place' exists already"):
        retouch.rewrite(text, retouch.load("argo/artifacts-to-volume", params={**params, "pathPrefix": "other/"}))


def test_a_suffix_may_start_with_a_digit() -> None:
    rules = retouch.load("argo/artifacts-to-volume", params={"volume": VOLUME, "suffix": "1"})
    assert "'{{tasks.t0.outputs.parameters.file1}}'" in retouch.rewrite(_chain(2), rules).text


def test_the_volume_may_be_there_already() -> None:
    text = f"{SMALL}  volumes:\n  - {{name: data-storage, persistentVolumeClaim: {{claimName: my-pvc}}}}\n"
    result = retouch.rewrite(text, RULES)
    assert [operation["path"] for operation in result.documents[0].patch if "/volumes" in operation["path"]] == []


@needs_corpus
def test_the_corpora_are_whole() -> None:
    assert len(KFP) == 11
    assert len(EXAMPLES) == 217
    assert len(CASES) == 55


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_argo_examples(path: Path) -> None:
    text = read(path)
    result = outcome(text)
    if isinstance(result, list):
        assert path.stem in REFUSED_EXAMPLES
    else:
        assert result.changed == (path.stem in CONVERTED_EXAMPLES)
        assert result.changed or result.text == text
    if path.stem in CONVERTED_WITH_KEEP | REFUSED_EXAMPLES:
        left = retouch.rewrite(text, KEEPING)
        assert left.changed == (path.stem in CONVERTED_WITH_KEEP)
        assert retouch.rewrite(left.text, KEEPING).text == left.text


@pytest.mark.parametrize("path", CASES, ids=case_id)
def test_cases(path: Path) -> None:
    """Many cases name an artifact `y`, which YAML 1.1, and so kubectl, reads as true: they are meant as texts."""
    text = re.sub(r"name: y(?=[,}\n])", "name: 'y'", read(path))
    parameters, refused, expected, notes = (
        path.with_name(f"{case_id(path)}.{end}") for end in ("params.yaml", "refused.txt", "out.yaml", "notes.txt")
    )
    if parameters.exists():  # the one case about a parameter
        with pytest.raises(retouch.UsageError, match=r"`emptyDir` is not allowed: .* is not shared between pods"):
            retouch.load("argo/artifacts-to-volume", params=documents(read(parameters))[0])
        return
    result = outcome(text)
    if isinstance(result, list):
        assert sorted(result) == lines(refused)
        return
    assert as_data(result.text) == as_data(read(expected))
    assert texts(result.warnings) == lines(notes)
    again = retouch.rewrite(result.text, RULES)
    assert again.text == result.text


def test_a_name_that_is_read_as_a_boolean_is_taken_as_it_is_written() -> None:
    result = outcome(SMALL.replace("name: file", "name: y"))
    assert isinstance(result, retouch.Rewrite), result
    assert "name: y-subpath" in result.text


def test_twice_the_tasks_take_about_twice_the_combinations() -> None:
    counts = [sum(retouch.rewrite(_chain(length), RULES).matches.values()) for length in (20, 40)]
    assert counts[1] <= 2.1 * counts[0]


def _chain(length: int) -> str:
    """A dag in which every task reads what the one before it wrote."""
    lines = [SMALL.rstrip("\n"), "  - name: main", "    dag:", "      tasks:", "      - {name: t0, template: make}"]
    for number in range(1, length):
        source = f"{{{{tasks.t{number - 1}.outputs.artifacts.file}}}}"
        arguments = f"{{artifacts: [{{name: file, from: '{source}'}}]}}"
        lines.append(f"      - {{name: t{number}, template: t{number}, arguments: {arguments}}}")
    for number in range(1, length):
        lines += [f"  - name: t{number}", "    container: {image: busybox}"]
        lines.append("    inputs: {artifacts: [{name: file, path: /mnt/in/data}]}")
        lines.append("    outputs: {artifacts: [{name: file, path: /mnt/file/data}]}")
    return "\n".join(lines) + "\n"
