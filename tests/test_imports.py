"""The engine's parts import each other in one direction, the one of docs/design.md, but for what is listed here."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import retouch

if TYPE_CHECKING:
    from collections.abc import Iterator

ENGINE = Path(retouch.__file__).resolve().parent
WAYS_IN = {
    *("effective", "entry_point", "explain", "loader", "package_filter", "passage", "patcher", "plain_rewriter"),
    *("result", "rewriter", "rule_text", "stream_rewriter"),
}
"""The modules of the top folder that use the folders; the others are the vocabulary, which all use."""

LAYERS = (
    "vocabulary",
    "reading",
    "jsonpath",
    "expressions",
    "evaluation",
    "rulefile",
    "editing",
    "ways in",
    "config",
    "explaining",
    "testing",
    "linting",
    "schemas",
    "cli",
    "compat",
)
"""Each may import those before it."""

EXCEPTIONS = {
    ("jsonpath", "expressions.bound"): "the steps of paths are counted with those of expressions",
    ("expressions", "editing.yaml_writer"): "the filter `to_yaml`",
}


def layer(module: str) -> str:
    folder, dot, _ = module.partition(".")
    if dot or (ENGINE / folder).is_dir():
        return folder
    if folder.startswith("__"):
        return "compat"  # the package itself, which is above all
    return "ways in" if folder in WAYS_IN else "vocabulary"


def imports(path: Path) -> Iterator[str]:
    """The modules of the engine that a module imports, at once or later, but not only to name types."""
    package = path.relative_to(ENGINE).parts[:-1]
    waiting: list[ast.AST] = [ast.parse(path.read_text("utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.ImportFrom) and node.level:
            base = [*package[: len(package) + 1 - node.level], *((node.module or "").split(".") if node.module else ())]
            for name in node.names:
                whole = ".".join([*base, name.name])
                is_module = (ENGINE / Path(*whole.split("."))).with_suffix(".py").exists() or not base
                yield whole if is_module else ".".join(base)
        waiting += ast.iter_child_nodes(node)


def test_imports_go_in_one_direction() -> None:
    wrong, met = [], set()
    for path in sorted(ENGINE.rglob("*.py")):
        name = ".".join(path.relative_to(ENGINE).with_suffix("").parts)
        for target in imports(path):
            here, there = layer(name), layer(target)
            if (here, target) in EXCEPTIONS:
                met.add((here, target))
            elif LAYERS.index(there) > LAYERS.index(here):
                wrong.append(f"{name} ({here}) imports {target} ({there})")
    assert not wrong
    assert met == EXCEPTIONS.keys()
