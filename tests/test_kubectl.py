"""kubectl applies our patches: for each document in a file of its own it makes what we make."""

from __future__ import annotations

import json
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import retouch
from retouch.encode import encode
from retouch.node import plain
from retouch.reading.document import Chunk, read_stream
from retouch.value import equal

HERE = Path(__file__).resolve().parent
CORPUS = HERE.parents[1] / "shared" / "corpus"
KFP = [*sorted((HERE / "data").glob("kfp-*.in.yaml")), *sorted((CORPUS / "kfp").glob("*.in.yaml"))]
CASES = sorted((CORPUS / "artifacts-to-volume" / "cases").glob("*.in.yaml"))
EXAMPLES = sorted((CORPUS / "argo-examples").rglob("*.yaml"))
WITH_ARTIFACTS = [path for path in EXAMPLES if b"artifacts" in path.read_bytes()]
OURS = sorted((HERE / "manifests").glob("*.yaml"))

VOLUME = {"persistentVolumeClaim": {"claimName": "my-pvc"}}
TO_VOLUME = retouch.load("argo/artifacts-to-volume", params={"volume": VOLUME})
PARTLY = retouch.load("argo/artifacts-to-volume", params={"volume": VOLUME, "unsupported": "keep"})
SIMPLE = retouch.load_text(
    """
apiVersion: retouch/v1
kind: RuleSet
metadata: {name: simple}
rules:
- id: label
  match: {metadata: $.metadata}
  actions:
  - set: metadata.labels['example.com/team']
    value: "<growth> & yes"
- id: add-template
  match: {templates: $.spec.templates}
  actions:
  - append: templates
    value: {name: added, container: {image: busybox, command: [sh, -c, "echo 'é' \\"1\\" | cat"]}}
- id: remove-entrypoint
  match: {entrypoint: $.spec.entrypoint}
  actions:
  - remove: entrypoint
- id: first-image
  match: {template: "$.spec.templates[0]", found: template.container.image}
  actions:
  - rename: template.container.image
    to: picture
"""
)


@dataclass(frozen=True)
class Patched:
    """A document of its own, the patch for it, and what should come out."""

    name: str
    text: str
    patch: str
    expected: Any


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
@pytest.mark.parametrize(
    ("files", "rules", "least"),
    [
        pytest.param(OURS, TO_VOLUME, 3, id="ours"),
        pytest.param(OURS, SIMPLE, 3, id="ours-simple"),
        pytest.param(KFP, TO_VOLUME, 3, id="kfp"),
        pytest.param(CASES, PARTLY, 12, id="cases"),
        pytest.param(KFP, SIMPLE, 6, id="kfp-simple"),
        pytest.param(WITH_ARTIFACTS, TO_VOLUME, 11, id="argo"),
        pytest.param(WITH_ARTIFACTS, PARTLY, 13, id="argo-partly"),
        pytest.param(EXAMPLES, SIMPLE, 200, id="argo-simple"),
    ],
)
def test_kubectl_makes_what_we_make(files: list[Path], rules: retouch.Rules, least: int, tmp_path: Path) -> None:
    if not files:
        pytest.skip("the corpora are not on this machine")
    patched = [one for file in files for one in changed_documents(file, rules)]
    assert len(patched) >= least
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda item: kubectl_patch(item[1], tmp_path / str(item[0])), enumerate(patched)))
    different = [one.name for one, result in zip(patched, results, strict=True) if not equal(result, one.expected)]
    assert different == []


def changed_documents(file: Path, rules: retouch.Rules) -> list[Patched]:
    """The documents that the rules change, but for the items of lists, which have no text of their own."""
    text = file.read_bytes().decode()
    try:
        result = retouch.rewrite(text, rules, file=file.name)
    except (retouch.RefusedError, retouch.InputError):
        return []
    before, after = by_index(text), by_index(result.text)
    return [
        Patched(
            f"{file.name}:{document.index}",
            before[document.index].source.text,
            encode(document.patch, kubernetes=document.kubernetes),
            plain(after[document.index].documents[0].root),
        )
        for document in result.documents
        if document.changed and document.item is None
    ]


def by_index(text: str) -> dict[int, Chunk]:
    return {chunk.documents[0].index: chunk for chunk in read_stream(text) if chunk.documents}


def kubectl_patch(one: Patched, folder: Path) -> Any:
    """What kubectl makes of the document and the patch; what it says, if it refuses."""
    folder.mkdir()
    (folder / "document.yaml").write_bytes(one.text.encode())
    (folder / "patch.json").write_bytes(one.patch.encode())
    command = ["kubectl", "patch", "--local", "-f", "document.yaml", "--type=json", "--patch-file", "patch.json"]
    run = subprocess.run([*command, "-o", "json"], cwd=folder, capture_output=True, check=False)
    return json.loads(run.stdout) if run.returncode == 0 else run.stderr.decode()
