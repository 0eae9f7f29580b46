"""The tools that compare.py measures: each rewrites one YAML text for one job, or refuses it."""

from __future__ import annotations

import functools
import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError as RuamelError

import retouch

LABEL = ("team", "shop")
RULES = """
apiVersion: retouch/v1
kind: RuleSet
metadata: {name: example}
rules:
- id: only
  match: {node: %s}
  actions: [{set: node%s, value: %s}]
"""
NODE_SCRIPT = """
const {parseAllDocuments, visit} = require('yaml');
const {texts, images, label} = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const write = (text, number, indentSeq) => parseAllDocuments(text).map(document => {
  if (document.errors.length) throw document.errors[0];
  if (label && document.contents) document.setIn(['metadata', 'labels', label[0]], label[1]);
  if (images) visit(document, {Pair(_, pair) {
    if (pair.key.value === 'image' && pair.value.value === images[number]) pair.value.value = 'nginx:1.28';
  }});
  return document.toString({lineWidth: 0, flowCollectionPadding: false, indentSeq});
}).join('');
const results = texts.map((text, number) => {
  try { return [true, false].map(indentSeq => write(text, number, indentSeq)); } catch (error) { return null; }
});
process.stdout.write(JSON.stringify(results));
"""


class RefusedError(Exception):
    """The tool does not rewrite this text."""


@dataclass(frozen=True)
class Job:
    """What is to be done: nothing, or a label to set in every document, or every image `old` to become another."""

    name: str
    label: tuple[str, str] | None = None
    image: str | None = None

    def edit(self, document: Any) -> None:
        """Do the job on the data of a document, of whatever library."""
        if self.label and document is not None:
            document.setdefault("metadata", {}).setdefault("labels", {})[self.label[0]] = self.label[1]
        if self.image:
            for mapping in holders(document):
                if mapping["image"] == self.image:
                    mapping["image"] = "nginx:1.28"


Rewriter = Callable[[str, Job], str]


def holders(value: Any) -> Iterator[Any]:
    """The mappings that have an `image`."""
    if isinstance(value, dict):
        if isinstance(value.get("image"), str):
            yield value
        for child in value.values():
            yield from holders(child)
    elif isinstance(value, list):
        for child in value:
            yield from holders(child)


def by_retouch(text: str, job: Job) -> str:
    """One rule."""
    rules = []
    if job.label:
        rules = retouch.load_text(RULES % ("$", f".metadata.labels.{job.label[0]}", job.label[1]))
    elif job.image:
        path = json.dumps(f"$..[?@.image == {json.dumps(job.image)}]")
        rules = retouch.load_text(RULES % (path, ".image", "nginx:1.28"))
    try:
        return retouch.rewrite(text, rules).text
    except retouch.RetouchError as error:
        raise RefusedError from error


def by_ruamel(text: str, job: Job) -> str:
    """The round trip of ruamel.yaml as it comes."""
    return _round_trip(text, job, lambda _tool: None)


def by_ruamel_tuned(text: str, job: Job) -> str:
    """The same, told to keep quotes and long lines, with the indentation that fits better."""

    def tune(tool: YAML, sequence: int, offset: int) -> None:
        tool.preserve_quotes = True
        tool.width = sys.maxsize
        tool.indent(mapping=2, sequence=sequence, offset=offset)

    results = [_round_trip(text, job, functools.partial(tune, sequence=2, offset=0))]
    results.append(_round_trip(text, job, functools.partial(tune, sequence=4, offset=2)))
    return closest(text, results)


def closest(text: str, results: list[str]) -> str:
    """The result that keeps most lines of the text."""
    old = set(text.splitlines())
    return min(results, key=lambda result: len(old - set(result.splitlines())))


def _round_trip(text: str, job: Job, tune: Callable[[YAML], None]) -> str:
    tool, out = YAML(), io.StringIO()
    tune(tool)
    try:
        documents = list(tool.load_all(text))
        for document in documents:
            job.edit(document)
        tool.dump_all(documents, out)
    except RuamelError as error:
        raise RefusedError from error
    return out.getvalue()


def by_pyyaml(text: str, job: Job) -> str:
    """Load and dump with PyYAML, told to keep the order of keys and long lines."""
    documents = list(yaml.safe_load_all(text))
    for document in documents:
        job.edit(document)
    return yaml.safe_dump_all(documents, sort_keys=False, allow_unicode=True, width=sys.maxsize)


def by_sed(text: str, job: Job) -> str:
    """One substitution, in the lines that look like the member."""
    if job.label:
        raise RefusedError
    pattern = re.sub(r"([.*\[\]^$|\\])", r"\\\1", job.image or "")
    return run(["sed", "-E", f"s|image: {pattern}( *$)|image: nginx:1.28\\1|"], text) if job.image else text


def by_python_yq(text: str, job: Job, option: str = "-y") -> str:
    """jq's language over YAML; the output is YAML again."""
    program = "."
    if job.label:
        program = f'if . == null then . else .metadata.labels.{job.label[0]}="{job.label[1]}" end'
    if job.image:
        program = f'(.. | objects | select(.image? == {json.dumps(job.image)}).image) |= "nginx:1.28"'
    return run(["yq", option, "-w", "10000", program], text)


def by_yaml_set(text: str, job: Job) -> str:
    """yamlpath's command."""
    if job.label:
        return run(["yaml-set", "-g", f"metadata.labels.{job.label[0]}", "-a", job.label[1]], text)
    if job.image:
        return run(["yaml-set", "-g", f"**.image[.={json.dumps(job.image)}]", "-a", "nginx:1.28"], text)
    raise RefusedError


def by_kubectl_label(text: str, job: Job) -> str:
    """`kubectl label --local`."""
    if not job.label:
        raise RefusedError
    return run(["kubectl", "label", "--local", "-f", "-", "=".join(job.label), "-o", "yaml"], text)


def by_kustomize(text: str, job: Job) -> str:
    """`kubectl kustomize` with its labels and images transformers."""
    transformers: dict[str, Any] = {"resources": ["file.yaml"]}
    if job.label:
        transformers["labels"] = [{"pairs": dict([job.label])}]
    if job.image:
        name = re.split("[:@]", job.image)[0]
        transformers["images"] = [{"name": name, "newName": "nginx", "newTag": "1.28"}]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "file.yaml").write_text(text, "utf-8")
        Path(folder, "kustomization.yaml").write_text(yaml.safe_dump(transformers), "utf-8")
        return run(["kubectl", "kustomize", folder], "")


def by_ast_grep(text: str, job: Job) -> str:
    """A pattern and what replaces it."""
    if not job.image:
        raise RefusedError
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file.yaml")
        path.write_text(text, "utf-8")
        change = ["-p", f"image: {job.image}", "-r", "image: nginx:1.28"]
        run([_ast_grep(), "run", "-l", "yaml", "-U", *change, str(path)], "", fine=(0, 1))
        return path.read_text("utf-8")


def by_node_yaml(texts: list[str], jobs: list[Job]) -> list[str | None]:
    """eemeli's `yaml` for JavaScript, told to keep long lines, with the indentation that fits better. One process."""
    images = [job.image for job in jobs]
    order = {"texts": texts, "label": jobs[0].label, "images": images if any(images) else None}
    results: list[list[str] | None] = json.loads(run(["node", "-e", NODE_SCRIPT], json.dumps(order)))
    return [made and closest(text, made) for text, made in zip(texts, results, strict=True)]


def run(command: list[str], text: str, fine: tuple[int, ...] = (0,)) -> str:
    """What a command prints, given `text`; refused if it fails."""
    done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=120, check=False)
    if done.returncode not in fine:
        raise RefusedError
    return done.stdout.decode()


def _ast_grep() -> str:
    local = Path("node_modules", ".bin", "ast-grep")
    return str(local) if local.exists() else "ast-grep"


def _said(command: list[str]) -> str | None:
    """The version that a command tells; None if there is no such command."""
    if not (shutil.which(command[0]) or Path(command[0]).exists()):
        return None
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    match = re.search(r"v?\d+(?:\.\d+)+", done.stdout + done.stderr)
    return match[0] if match and done.returncode == 0 else None


def find_peers() -> Mapping[str, Rewriter | None]:
    """The tools with their versions, in the order of the table; None for one that is not installed."""
    yq = _said(["yq", "--version"]) if "jq wrapper" in _help("yq") else None
    yq = _said(["dpkg-query", "-W", "yq"]) if yq == "0.0.0" else yq
    kubectl = _said(["kubectl", "version", "--client"])
    yaml_set, ast_grep = _said(["yaml-set", "--version"]), _said([_ast_grep(), "--version"])
    found: dict[str, tuple[str | None, Rewriter]] = {
        "retouch": (version("retouch"), by_retouch),
        "ruamel.yaml": (version("ruamel.yaml"), by_ruamel),
        "ruamel.yaml, tuned": (version("ruamel.yaml"), by_ruamel_tuned),
        "PyYAML": (version("PyYAML"), by_pyyaml),
        "yaml-set (yamlpath)": (yaml_set, by_yaml_set),
        "yq -y (Python)": (yq, by_python_yq),
        "yq -Y (Python)": (yq, functools.partial(by_python_yq, option="-Y")),
        "kubectl label --local": (kubectl, by_kubectl_label),
        "kubectl kustomize": (kubectl, by_kustomize),
        "ast-grep": (ast_grep, by_ast_grep),
        "sed": (_said(["sed", "--version"]), by_sed),
    }
    return {f"{name} {said or ''}".strip(): tool if said else None for name, (said, tool) in found.items()}


def node_yaml_version() -> str | None:
    """The version of the npm package `yaml`, if node finds it from this folder."""
    return _said(["node", "-p", "require('yaml/package.json').version"])


def _help(command: str) -> str:
    if not shutil.which(command):
        return ""
    return subprocess.run([command, "--help"], capture_output=True, text=True, check=False).stdout
