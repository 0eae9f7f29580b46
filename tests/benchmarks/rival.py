"""What retouch is compared with in speed: each does the job of J1 or J2 to a stream, as a whole process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml
from material import MIRROR
from peer import _said
from sample import Command

PYYAML = f"""
import sys, yaml
documents = list(yaml.load_all(sys.stdin, Loader=yaml.CSafeLoader))
for document in documents:
    if document["kind"] == "Deployment":
        for container in document["spec"]["template"]["spec"]["containers"]:
            if not container["image"].startswith("{MIRROR}"):
                container["image"] = "{MIRROR}" + container["image"]
yaml.dump_all(documents, sys.stdout, Dumper=yaml.CSafeDumper, sort_keys=False)
"""
PYYAML_LOAD = """
import sys, yaml
for document in yaml.load_all(sys.stdin, Loader=yaml.CSafeLoader):
    pass
"""
RUAMEL = f"""
import sys
from ruamel.yaml import YAML
tool = YAML()
documents = list(tool.load_all(sys.stdin))
for document in documents:
    if document["kind"] == "Deployment":
        for container in document["spec"]["template"]["spec"]["containers"]:
            if not container["image"].startswith("{MIRROR}"):
                container["image"] = "{MIRROR}" + container["image"]
tool.dump_all(documents, sys.stdout)
"""
NODE = f"""
const {{parseAllDocuments}} = require('yaml');
const documents = parseAllDocuments(require('fs').readFileSync(0, 'utf8'));
for (const document of documents) if (document.get('kind') === 'Deployment')
  for (const container of document.getIn(['spec', 'template', 'spec', 'containers']).items)
    if (!container.get('image').startsWith('{MIRROR}')) container.set('image', '{MIRROR}' + container.get('image'));
process.stdout.write(documents.map(document => document.toString()).join(''));
"""
AST_GREP = f"""
id: mirror
language: yaml
rule: {{pattern: 'image: $IMAGE', not: {{regex: '{MIRROR}'}}}}
fix: 'image: {MIRROR}$IMAGE'
"""


def ast_grep() -> str | None:
    """The command; `sg` is another one on many systems."""
    beside = Path(sys.executable).with_name("ast-grep")
    return str(beside) if beside.exists() else "ast-grep" if _said(["ast-grep", "--version"]) else None


def find_rivals(stream: Path, folder: Path, node: Path | None) -> dict[str, Command]:
    """The commands for J1 on one stream, by tool and version; those that are not installed are not there."""

    def python(name: str, script: str) -> Command:
        return Command([sys.executable, "-c", script], stream, folder / f"{name}.out")

    found = {
        f"PyYAML {version('PyYAML')}, C": python("pyyaml", PYYAML),
        f"ruamel.yaml {version('ruamel.yaml')}": python("ruamel", RUAMEL),
    }
    command = ast_grep()
    if command is not None:
        (folder / "ast-grep.yaml").write_text(AST_GREP)
        (folder / "ast-grep-in").mkdir(exist_ok=True)
        (folder / "ast-grep-in" / "x.yaml").write_bytes(stream.read_bytes())
        target = folder / "ast-grep-work"
        change = [command, "scan", "--rule", str(folder / "ast-grep.yaml"), "-U", str(target / "x.yaml")]
        name = f"ast-grep {_said([command, '--version'])}"
        found[name] = Command(change, codes=(0, 1), before=(folder / "ast-grep-in", target))
    kubectl = _said(["kubectl", "version", "--client"])
    if kubectl is not None:
        _write_kustomization(folder / "kustomize", stream)
        found[f"kubectl kustomize {kubectl}"] = Command(
            ["kubectl", "kustomize", str(folder / "kustomize")], None, folder / "kustomize.out"
        )
    yaml_version = _node_version(node)
    if yaml_version is not None:
        found[f"yaml (npm) {yaml_version}"] = Command(["node", "-e", NODE], stream, folder / "node.out", node)
    return found


def _node_version(folder: Path | None) -> str | None:
    try:
        said = subprocess.run(
            ["node", "-p", "require('yaml/package.json').version"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return None
    return said.stdout.strip() if said.returncode == 0 else None


def _write_kustomization(folder: Path, stream: Path) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "in.yaml").write_bytes(stream.read_bytes())
    images = [{"name": "nginx", "newName": f"{MIRROR}nginx"}]
    (folder / "kustomization.yaml").write_text(json.dumps({"resources": ["in.yaml"], "images": images}))


def output_of(command: Command) -> Path:
    """The file that a command wrote."""
    if command.writes is not None:
        return command.writes
    assert command.before is not None
    return command.before[1] / "x.yaml"


def is_right(stream: Path, output: Path) -> bool:
    """Whether `output` says what J1 should make of `stream`; in which order its documents stand does not matter."""
    try:
        found = _load(output)
    except yaml.YAMLError:
        return False
    wanted = _load(stream)
    for document in wanted:
        if document["kind"] == "Deployment":
            for container in document["spec"]["template"]["spec"]["containers"]:
                container["image"] = MIRROR + container["image"].removeprefix(MIRROR)
    return sorted(found, key=_name) == sorted(wanted, key=_name)


def _load(path: Path) -> list[Any]:
    with path.open("rb") as stream:
        return [each for each in yaml.load_all(stream, Loader=yaml.CSafeLoader) if each is not None]


_name: Callable[[Any], tuple[str, str]] = lambda document: (document["kind"], document["metadata"]["name"])  # noqa: E731
