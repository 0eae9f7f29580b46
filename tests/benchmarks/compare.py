"""Measures what docs/comparison.md says: what tools do to a text besides the change that was asked for.

    python tests/benchmarks/compare.py [FOLDER]

FOLDER holds YAML files (default: `shared/corpus/argo-examples` beside the repository, the examples of Argo Workflows).
Tools that are not installed are named and left out; npm packages are looked for from the working folder.
"""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from peer import LABEL, Job, RefusedError, by_node_yaml, find_peers, holders, node_yaml_version

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "argo-examples"


@dataclass
class Noise:
    """What became of texts: how many are as they should be, what they lost beyond that, how many were not done."""

    clean: int = 0
    lines: int = 0
    comments: int = 0
    wrong: int = 0
    refused: int = 0

    def count(self, old: str, new: str | None, job: Job) -> None:
        """Add one text; its lines count only if it says what it should."""
        if new is None:
            self.refused += 1
        elif not is_right(old, new, job):
            self.wrong += 1
        else:
            needed = lines_to_change(old, job)
            lines, lost = lost_lines(old, new), comments(old) - comments(new)
            self.clean += lines <= needed and not lost
            self.lines += max(lines - needed, 0)
            self.comments += max(lost, 0)


def main() -> None:
    """Print a table for each job."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else CORPUS
    texts = [path.read_bytes().decode() for path in sorted(folder.rglob("*.y*ml"))]
    lines, remarks = sum(len(text.splitlines()) for text in texts), sum(map(comments, texts))
    print(f"{len(texts)} files, {lines} lines, {remarks} comments")
    for name in ("nothing to change", "one label set", "one image replaced"):
        jobs = [job_for(name, text) for text in texts]
        chosen = [(text, job) for text, job in zip(texts, jobs, strict=True) if job is not None]
        print()
        print(row(f"{name} ({len(chosen)} files)", ("clean", "lines", "comments", "wrong", "refused")))
        for tool, noise in measure(chosen):
            if noise.refused < len(chosen):  # a tool that refuses all is not for this job
                print(row(tool, (noise.clean, noise.lines, noise.comments, noise.wrong, noise.refused)))


def row(title: str, cells: Iterable[object]) -> str:
    """One line of a table."""
    return f"{title:36}" + "".join(f"{cell:>9}" for cell in cells)


def job_for(name: str, text: str) -> Job | None:
    """The job for one text; None if it has no image to replace."""
    if name == "one label set":
        return Job(name, label=LABEL)
    if name == "nothing to change":
        return Job(name)
    first = next((holder["image"] for document in yaml.safe_load_all(text) for holder in holders(document)), None)
    return Job(name, image=first) if first else None


def measure(chosen: list[tuple[str, Job]]) -> Iterable[tuple[str, Noise]]:
    """Every tool and what it does."""
    for tool, rewrite in find_peers().items():
        if rewrite is None:
            print(f"{tool:36} not installed")
            continue
        noise = Noise()
        for text, job in chosen:
            try:
                new = rewrite(text, job)
            except RefusedError:
                new = None
            noise.count(text, new, job)
        yield tool, noise
    version = node_yaml_version()
    if version is None:
        print(f"{'yaml (npm), tuned':36} not installed")
        return
    noise = Noise()
    results = by_node_yaml([text for text, _ in chosen], [job for _, job in chosen])
    for (text, job), new in zip(chosen, results, strict=True):
        noise.count(text, new, job)
    yield f"yaml (npm), tuned {version}", noise


def lines_to_change(text: str, job: Job) -> int:
    """How many lines must change: each image stands on its own."""
    found = (holder["image"] for document in yaml.safe_load_all(text) for holder in holders(document))
    return sum(image == job.image for image in found)


def is_right(old: str, new: str, job: Job) -> bool:
    """Whether the new text says what the old one says after the job, as PyYAML reads both."""
    try:
        found = list(yaml.safe_load_all(new))
    except yaml.YAMLError:
        return False
    wanted = list(yaml.safe_load_all(old))
    for document in wanted:
        job.edit(document)
    return [one for one in found if one is not None] == [one for one in wanted if one is not None]


def lost_lines(old: str, new: str) -> int:
    """How many lines of the old text a diff shows as gone or changed."""
    lines = list(difflib.unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm=""))[2:]
    return sum(line.startswith("-") for line in lines)


def comments(text: str) -> int:
    """How many comments there are; what looks like one inside a scalar is none."""
    rest, end = "", 0
    tokens: Iterable[Any] = yaml.scan(text)
    for token in tokens:
        if isinstance(token, yaml.ScalarToken):
            rest += text[end : token.start_mark.index] + "x"
            end = token.end_mark.index
    return len(re.findall(r"(?:^|\s)#", rest + text[end:], re.MULTILINE))


if __name__ == "__main__":
    main()
