"""Measures how the commands' processor time and memory grow with the text: by how much for twice the text.

    python tests/benchmarks/growth.py [SCALE]

A ratio near 2 is linear. SCALE (default 1) multiplies all sizes: at 1 the largest texts are one document of 200,000
lines, a stream of 30,000 documents, and a folder of 4,000 files.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

COMMANDS = {
    "diff": ["diff", "-q", "--color", "always"],
    "patch": ["patch", "-q", "--format", "jsonl", "--guard"],
    "apply": ["apply", "-q", "-i"],
}
RULES = """\
apiVersion: retouch/v1
kind: RuleSet
metadata: {name: growth}
rules:
- id: image
  match: {container: '$..containers[*]'}
  actions:
  - warn: an image
    node: container.image
  - set: container.image
    value: mirror/${ container.image }
  - set: container.extra
    value: {a: 1}
"""


def container(number: int) -> dict[str, str]:
    return {"name": f"c{number}", "image": f"nginx:{number}"}


def one_document(folder: Path, size: float) -> None:
    items = (f"  - name: c{number}\n    image: nginx:{number}  # pinned\n" for number in range(int(100_000 * size / 2)))
    (folder / "one.yaml").write_text("spec:\n  containers:\n" + "".join(items))


def many_documents(folder: Path, size: float) -> None:
    pods = (f"kind: Pod\nspec:\n  containers:\n  - image: nginx:{number}\n" for number in range(int(30_000 * size / 2)))
    (folder / "many.yaml").write_text("---\n".join(pods))


def indented_json(folder: Path, size: float) -> None:
    data = {"containers": [container(number) for number in range(int(40_000 * size / 2))]}
    (folder / "indented.json").write_text(json.dumps(data, indent=2) + "\n")


def one_line_json(folder: Path, size: float) -> None:
    data = {"containers": [container(number) for number in range(int(8_000 * size / 2))]}
    (folder / "line.json").write_text(json.dumps(data) + "\n")


def many_files(folder: Path, size: float) -> None:
    for number in range(int(4_000 * size / 2)):
        (folder / f"{number}.yaml").write_text(f"containers:\n- image: nginx:{number}\n")


TEXTS: dict[str, Callable[[Path, float], None]] = {
    "one document": one_document,
    "many documents": many_documents,
    "indented JSON": indented_json,
    "JSON in one line": one_line_json,
    "many files": many_files,
}


def measure(write: Callable[[Path, float], None], arguments: list[str], size: float) -> tuple[float, int]:
    """Processor seconds (of all processes) and kilobytes (of the largest) of one run."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "rules.yml").write_text(RULES)
        (folder / "in").mkdir()
        write(folder / "in", size)
        command = [sys.executable, "-m", "retouch", *arguments, "-r", "rules.yml", "in"]
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        assert os.waitstatus_to_exitcode(status) in (0, 1)
        return used.ru_utime + used.ru_stime, used.ru_maxrss


def main() -> None:
    scale = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    print(f"{'':34}  time x  memory x")
    for title, write in TEXTS.items():
        for label, arguments in COMMANDS.items():
            (time, memory), (twice_time, twice_memory) = (measure(write, arguments, size * scale) for size in (1, 2))
            print(f"{title + ': ' + label:34}  {twice_time / time:6.2f}  {twice_memory / memory:8.2f}", flush=True)


if __name__ == "__main__":
    main()
