"""Measures what docs/comparison.md says: what tools do to a text besides the change that was asked for.

    python tests/benchmarks/compare.py [FOLDER]

FOLDER holds YAML files (default: `shared/corpus/argo-examples` beside the repository, the examples of Argo
Workflows). Needs ruamel.yaml and PyYAML; kustomize is measured where `kubectl` is installed.
"""

from __future__ import annotations

import difflib
import io
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError as RuamelError

import retouch

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "argo-examples"
RULE = """
apiVersion: retouch/v1
kind: RuleSet
metadata: {name: example}
rules:
- id: only
  actions: [{set: "%s", value: "%s"}]
"""
LABEL = retouch.load_text(RULE % ("$.metadata.labels.team", "shop"))
IMAGE = retouch.load_text(RULE % ("$.spec.template.spec.containers[0].image", "nginx:1.28"))
MANIFEST = """\
# The shop's front end.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web}  # the Service selects by this
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: web
        image: nginx:1.27  # pinned
        args: ["-g", "daemon off;"]
"""
KUSTOMIZATION = """\
resources: [web.yaml]
patches:
- target: {kind: Deployment, name: web}
  patch: '[{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "nginx:1.28"}]'
"""


@dataclass
class Noise:
    """What became of texts: how many have other lines, how many of their lines and comments are gone or changed."""

    texts: int = 0
    lines: int = 0
    comments: int = 0
    refused: int = 0


def main() -> None:
    """Print the tables."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else CORPUS
    texts = [path.read_bytes().decode() for path in sorted(folder.rglob("*.y*ml"))]
    lines, remarks = sum(len(text.splitlines()) for text in texts), sum(map(comments, texts))
    print(f"{len(texts)} files, {lines} lines, {remarks} comments; old lines gone or changed")
    print(f"{'':46}{'files':>7}{'lines':>7}{'comments lost':>15}{'refused':>9}")
    for title, rewrite in TOOLS.items():
        noise = measure(texts, rewrite)
        print(f"{title:46}{noise.texts:7}{noise.lines:7}{noise.comments:15}{noise.refused:9}")
    print(f"\none image changed in a manifest of {len(MANIFEST.splitlines())} lines; old lines gone or changed")
    print(f"{'retouch':46}{lost_lines(MANIFEST, retouch.rewrite(MANIFEST, IMAGE).text):14}")
    if shutil.which("kubectl"):
        print(f"{'kubectl kustomize, JSON 6902 patch':46}{lost_lines(MANIFEST, kustomize()):14}")


def measure(texts: list[str], rewrite: Callable[[str], str]) -> Noise:
    """Rewrite every text and count."""
    noise = Noise()
    for text in texts:
        try:
            new = rewrite(text)
        except (retouch.RetouchError, RuamelError, yaml.YAMLError):
            noise.refused += 1
            continue
        lost = lost_lines(text, new)
        noise.texts += lost > 0
        noise.lines += lost
        noise.comments += comments(text) - comments(new)
    return noise


def lost_lines(old: str, new: str) -> int:
    """How many lines of the old text a diff shows as gone or changed."""
    lines = list(difflib.unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm=""))[2:]
    return sum(line.startswith("-") for line in lines)


def comments(text: str) -> int:
    """How many comments there are; what looks like one inside a scalar is none."""
    rest, end = "", 0
    for token in yaml.scan(text):
        if isinstance(token, yaml.ScalarToken):
            rest += text[end : token.start_mark.index] + "x"
            end = token.end_mark.index
    return len(re.findall(r"(?:^|\s)#", rest + text[end:], re.MULTILINE))


def by_retouch(text: str) -> str:
    """A rule that sets a label."""
    return retouch.rewrite(text, LABEL).text


def by_ruamel(text: str, edit: Callable[[Any], None]) -> str:
    """The round trip of ruamel.yaml, asked to keep quotes and long lines, with the indentation that fits better."""
    results = []
    for indent in ({"sequence": 2, "offset": 0}, {"sequence": 4, "offset": 2}):
        tool = YAML()
        tool.preserve_quotes = True
        tool.width = sys.maxsize
        tool.indent(mapping=2, **indent)
        documents = list(tool.load_all(text))
        edit(documents)
        out = io.StringIO()
        tool.dump_all(documents, out)
        results.append(out.getvalue())
    return min(results, key=lambda result: lost_lines(text, result))


def by_pyyaml(text: str, edit: Callable[[Any], None]) -> str:
    """Load and dump with PyYAML, asked to keep the order of keys and long lines."""
    documents = list(yaml.safe_load_all(text))
    edit(documents)
    return yaml.safe_dump_all(documents, sort_keys=False, allow_unicode=True, width=sys.maxsize)


def label(documents: list[Any]) -> None:
    """Set the label that the rule sets."""
    for document in documents:
        if document is not None:
            document.setdefault("metadata", {}).setdefault("labels", {})["team"] = "shop"


def leave(_documents: list[Any]) -> None:
    """Edit nothing."""


def kustomize() -> str:
    """The manifest with its patch, as `kubectl kustomize` prints it."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "web.yaml").write_text(MANIFEST)
        (Path(folder) / "kustomization.yaml").write_text(KUSTOMIZATION)
        return subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True, check=True).stdout


RUAMEL, PYYAML = f"ruamel.yaml {version('ruamel.yaml')}", f"PyYAML {version('PyYAML')}"
TOOLS: dict[str, Callable[[str], str]] = {
    f"{RUAMEL} round trip, no edit": lambda text: by_ruamel(text, leave),
    f"{PYYAML} load and dump, no edit": lambda text: by_pyyaml(text, leave),
    "retouch, one label set": by_retouch,
    f"{RUAMEL} round trip, one label set": lambda text: by_ruamel(text, label),
    f"{PYYAML} load and dump, one label set": lambda text: by_pyyaml(text, label),
}

if __name__ == "__main__":
    main()
