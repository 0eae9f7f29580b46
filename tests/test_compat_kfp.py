"""The function and the command that stand in for those of the KFP SDK."""

from __future__ import annotations

import copy
import inspect
import json
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
import yaml
from corpus import CORPUS

import retouch
from retouch.compat.kfp import PARAMETERS, UnsupportedError, main, rewrite_data_passing_to_use_volumes

HERE = Path(__file__).resolve().parent
VOLUME = {"persistentVolumeClaim": {"claimName": "my-pvc"}}
TEXT = "persistentVolumeClaim: {claimName: my-pvc}"
PAIRS = [*sorted((HERE / "data").glob("kfp-*.in.yaml")), *sorted((CORPUS / "kfp").glob("*.in.yaml"))]
REFUSED = {"shared_dir": "one flow do not fit", "raw_param": "spec.arguments: artifact 'p'"}
# KFP mounts the volume at `/` for this one, which no container survives.
BETTER = {"legacy_ui_paths"}

SMALL = """\
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {generateName: small-}   # by hand
spec:
  entrypoint: make
  templates:
  - name: make
    container: {image: busybox}
    outputs:
      artifacts:
      - {name: file, path: /mnt/file/data}
"""
PLACE = "artifact_data/{{workflow.uid}}_{{pod.name}}/file"
CONSTANT = (
    SMALL
    + """\
  - name: main
    dag:
      tasks:
      - {name: use, template: use, arguments: {artifacts: [{name: text, raw: {data: hello}}]}}
  - name: use
    container: {image: busybox}
    inputs: {artifacts: [{name: text, path: /mnt/in/data}]}
"""
)


def read(path: Path) -> Any:
    return load(path.read_bytes().decode())


def load(text: str) -> Any:
    return yaml.load(text, Loader=yaml.CSafeLoader)


def case_id(path: Path) -> str:
    return path.name.removesuffix(".in.yaml").removeprefix("kfp-")


def rewrite(workflow: Any, **options: Any) -> Any:
    """Without warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return rewrite_data_passing_to_use_volumes(workflow, VOLUME, **options)


def test_it_is_called_as_kfp_calls_it() -> None:
    signature = inspect.signature(rewrite_data_passing_to_use_volumes)
    assert [*signature.parameters] == ["workflow", "volume", "path_prefix"]
    assert signature.parameters["path_prefix"].default == "artifact_data/"
    assert rewrite(load(SMALL), path_prefix="") == rewrite_data_passing_to_use_volumes(load(SMALL), VOLUME, "")


@pytest.mark.parametrize("path", PAIRS, ids=lambda path: f"{path.parent.name}-{case_id(path)}")
def test_what_kfp_makes_of_its_workflows(path: Path) -> None:
    workflow, expected = read(path), path.with_name(path.name.replace(".in.", ".out."))
    if case_id(path) in REFUSED:
        with pytest.raises(NotImplementedError, match=REFUSED[case_id(path)]):
            rewrite(workflow)
    elif case_id(path) in BETTER:
        with pytest.warns(UserWarning, match="has no consumer and cannot be mounted: left"):
            result = rewrite_data_passing_to_use_volumes(workflow, VOLUME)
        assert without_volume(result) == without_volume(read(expected))
    else:
        assert without_volume(rewrite(workflow)) == without_volume(read(expected))


def without_volume(workflow: Any) -> Any:
    """KFP adds its volume where nothing needs it, too; the results of the corpus do not."""
    spec = {key: value for key, value in workflow["spec"].items() if key != "volumes"}
    return {**workflow, "spec": spec}


def test_the_volume_is_added_always() -> None:
    for text in (SMALL, "{spec: {templates: []}}", "{spec: {templates: [], volumes: [{name: a, emptyDir: {}}]}}"):
        workflow = load(text)
        volumes = workflow["spec"].get("volumes", [])
        assert rewrite(workflow)["spec"]["volumes"] == [*volumes, {**VOLUME, "name": "data-storage"}]


def test_nothing_is_changed_or_shared() -> None:
    workflow, volume = load(SMALL), {**VOLUME, "name": "mine"}
    before = copy.deepcopy((workflow, volume))
    result = rewrite_data_passing_to_use_volumes(workflow, volume)
    assert (workflow, volume) == before
    assert [each["name"] for each in result["spec"]["volumes"]] == ["data-storage"]
    result["spec"]["volumes"][0]["persistentVolumeClaim"]["claimName"] = "other"
    result["spec"]["templates"][0]["container"]["image"] = "other"
    assert (workflow, volume) == before


def test_a_workflow_needs_no_kind() -> None:
    workflow = {"spec": load(SMALL)["spec"]}
    assert rewrite(workflow) == {"spec": rewrite(load(SMALL))["spec"]}
    assert rewrite(workflow)["spec"]["templates"][0]["outputs"] == {
        "parameters": [{"name": "file-subpath", "value": PLACE}]
    }
    pod = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": []}}
    assert rewrite(pod) == pod


def test_the_prefix_is_put_before() -> None:
    (template,) = rewrite(load(SMALL), path_prefix="team/a/")["spec"]["templates"]
    assert template["outputs"]["parameters"][0]["value"] == "team/a/{{workflow.uid}}_{{pod.name}}/file"
    with pytest.raises(retouch.UsageError, match="pathPrefix"):
        rewrite(load(SMALL), path_prefix="no-slash")


def test_a_constant_is_not_supported() -> None:
    with pytest.raises(NotImplementedError, match="argument text: a constant") as caught:
        rewrite(load(CONSTANT))
    assert isinstance(caught.value, UnsupportedError)
    assert isinstance(caught.value, retouch.RefusedError)
    assert [message.text for message in caught.value.messages] == [
        "template main task use argument text: a constant (raw), not from the volume (external: error)"
    ]


@pytest.mark.parametrize("volume", [{}, {"emptyDir": {}}, {"nfs": {}, "csi": {}}], ids=str)
def test_a_volume_that_cannot_be_shared_is_an_error(volume: dict[str, Any]) -> None:
    with pytest.raises(retouch.UsageError, match="volume"):
        rewrite_data_passing_to_use_volumes(load(SMALL), volume)


def test_what_should_be_known_is_a_warning() -> None:
    workflow = load(SMALL)
    workflow["spec"]["templates"][0]["memoize"] = {"key": "a"}
    with pytest.warns(UserWarning, match="template make: memoized") as caught:
        rewrite_data_passing_to_use_volumes(workflow, VOLUME)
    assert [each.filename for each in caught] == [__file__]


def test_mode_is_dropped_as_kfp_drops_it() -> None:
    workflow = load(SMALL)
    workflow["spec"]["templates"][0]["outputs"]["artifacts"][0]["mode"] = 0o755
    assert rewrite(workflow) == rewrite(load(SMALL))


def test_a_second_run_changes_nothing() -> None:
    result = rewrite(load(SMALL))
    assert rewrite(result) == result


@pytest.fixture
def given(tmp_path: Path) -> Path:
    path = tmp_path / "in.yaml"
    path.write_bytes(SMALL.replace("\n", "\r\n").encode())
    return path


def command(*arguments: str, folder: Path, text: str = "") -> subprocess.CompletedProcess[bytes]:
    line = [sys.executable, "-m", "retouch.compat.kfp", *arguments]
    return subprocess.run(line, cwd=folder, input=text.encode(), capture_output=True, check=False)


def test_the_command_keeps_every_other_byte(given: Path, tmp_path: Path) -> None:
    done = command("--input", "in.yaml", "--output", "out.yaml", "--volume", TEXT, folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, b""), done.stderr
    text = (tmp_path / "out.yaml").read_bytes().decode()
    assert text.startswith(SMALL[: SMALL.index("    container")].replace("\n", "\r\n"))
    assert text.count("\r\n") == text.count("\n")
    assert load(text) == rewrite(load(SMALL))
    assert given.read_bytes().decode() == SMALL.replace("\n", "\r\n")


def test_the_command_reads_and_writes_the_standard_streams(tmp_path: Path) -> None:
    done = command("--input", "-", "--output", "-", "--volume", TEXT, folder=tmp_path, text=SMALL)
    assert load(done.stdout.decode()) == rewrite(load(SMALL))


def test_the_command_may_write_over_its_input(given: Path) -> None:
    assert main(["--input", str(given), "--output", str(given), "--volume", TEXT]) == 0
    assert load(given.read_bytes().decode()) == rewrite(load(SMALL))


def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "in.yaml").write_text(CONSTANT)
    done = command("--input", "in.yaml", "--output", "out.yaml", "--volume", TEXT, folder=tmp_path)
    assert done.returncode == 2
    assert b"in.yaml:15:60: error: template main task use argument text: a constant (raw)" in done.stderr
    assert not (tmp_path / "out.yaml").exists()


def test_the_parameters_are_those_of_the_rule_set() -> None:
    rules = retouch.load("argo/artifacts-to-volume", params={"volume": VOLUME, **PARAMETERS})
    result = retouch.rewrite_object(load(SMALL), rules)
    assert json.dumps(result) == json.dumps(rewrite(load(SMALL)))
