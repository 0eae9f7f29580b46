"""kubectl takes the patches: applied to a document by kubectl, each gives what the rewritten text says."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import retouch
from retouch.document import read, read_stream
from retouch.encode import encode
from retouch.node import plain
from retouch.patch import guard, reverse
from retouch.value import equal

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"

pytestmark = [
    pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed"),
    pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not on this machine"),
]

EDITS = """\
apiVersion: retouch/v1
kind: RuleSet
metadata: {name: test/edits}
documents: {apiVersion: argoproj.io/*}
rules:
- id: label
  actions:
  - set: $.metadata.labels.x
    value: "é <&> \\U0001f600 \\x7f"
- id: number
  actions:
  - set: $.spec.numbers
    value: {big: 9223372036854775807, float: 1.50, exponent: 1.0e+21, small: 1.0e-7}
- id: template
  match: {t: '$.spec.templates[?(@.name)]'}
  actions:
  - rename: t.name
    to: label
  - set: t.name
    value: ${ t.label }
"""


def documents(path: Path) -> Iterator[str]:
    """The texts of a file's documents."""
    for chunk in read_stream(path.read_text("utf-8"), str(path)):
        if chunk.documents and not chunk.duplicates:
            yield chunk.source.text


def by_kubectl(text: str, patch: list[dict[str, Any]], folder: Path) -> Any:
    (folder / "in.yaml").write_text(text, "utf-8")
    (folder / "p.json").write_text(encode(patch), "utf-8")
    command = ["kubectl", "patch", "--local", "-f", "in.yaml", "--type=json", "--patch-file", "p.json", "-o", "json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def check(text: str, rules: retouch.Rules, folder: Path) -> bool:
    """Compare kubectl's result with ours, guarded and the other way round too; whether the text changes."""
    result = retouch.rewrite(text, rules)
    [document] = result.documents
    if not document.changed:
        return False
    ours = plain(read(result.text)[0].root)
    assert equal(by_kubectl(text, document.patch, folder), ours)
    assert equal(by_kubectl(text, guard(document.data, document.patch), folder), ours)
    undo = guard(ours, reverse(document.data, document.patch))
    assert equal(by_kubectl(result.text, undo, folder), document.data)
    return True


@pytest.mark.parametrize(
    "path",
    sorted(CORPUS.glob("argo-examples/**/*.yaml")),
    ids=lambda path: str(path.relative_to(CORPUS / "argo-examples")),
)
def test_argo_examples(path: Path, tmp_path: Path) -> None:
    rules = retouch.load_text(EDITS)
    for text in documents(path):
        assert check(text, rules, tmp_path) is ("apiVersion: argoproj.io/" in text)


def test_kfp_workflows(tmp_path: Path) -> None:
    rules = retouch.load(
        "argo/artifacts-to-volume", params={"volume": {"persistentVolumeClaim": {"claimName": "data"}}}
    )
    changed = 0
    for path in sorted(CORPUS.glob("kfp/*.in.yaml")):
        for text in documents(path):
            try:
                changed += check(text, rules, tmp_path)
            except retouch.RefusedError:
                continue
    assert changed >= 7
