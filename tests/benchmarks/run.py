"""Measures every goal of docs/performance.md, with every peer that is installed, side by side.

    python tests/benchmarks/run.py [--jobs J1,J2] [--quick] [--rounds N] [--json FILE] [--node FOLDER] [--kfp PYTHON]

`--quick` takes smaller inputs and fewer runs. `--node` is a folder with `node_modules/yaml`, `--kfp` the Python of an
environment with `kfp==1.8.22`. A ratio is printed only for a peer whose output is right. Seconds are those of the
processor or on the clock, whichever are fewer, so that a machine that others use as well does less harm; J4 and J6 are
on the clock. Every figure is the median of runs that took turns; `spread` is from the fastest to the slowest.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path

from material import (
    ITEM_RULES,
    PLAIN_RULES,
    RULES,
    alike,
    alternating,
    deployment,
    rare,
    write_folder,
    write_items,
    write_stream,
    write_workflow,
)
from object_speed import measure_objects
from rival import PYYAML, PYYAML_LOAD, find_rivals, is_right, output_of
from sample import Command, FailedError, Result, compare, measure

RETOUCH = [sys.executable, "-m", "retouch"]
OURS = "retouch"
WORKFLOW_OPTIONS = ["-r", "argo/artifacts-to-volume", "-p", "volume={persistentVolumeClaim: {claimName: data}}"]


@dataclass
class Row:
    """One line of the table. `ratio` is that which the goal is about; None where there is none."""

    job: str
    what: str
    seconds: float | None = None
    spread: float | None = None
    memory: float | None = None
    ratio: float | None = None
    goal: str = ""
    met: bool | None = None
    note: str = ""


@dataclass
class Bench:
    """Where inputs are made, and how much is measured."""

    folder: Path
    quick: bool = False
    rounds: int = 5
    node: Path | None = None
    kfp: str | None = None
    rules: Path = field(init=False)

    def __post_init__(self) -> None:
        self.rules = self.file("rules.yaml", RULES)

    def file(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text)
        return path

    def apply(self, reads: Path, rules: Path | None = None, *, name: str = "out.yaml") -> Command:
        """From standard input to standard output, which goes to a file."""
        return Command([*RETOUCH, "apply", "-r", str(rules or self.rules)], reads, self.folder / name)


def row(job: str, what: str, result: Result, **more: object) -> Row:
    return Row(job, what, result.median, result.spread, result.memory, **more)  # type: ignore[arg-type]


def job_1(bench: Bench) -> Iterator[Row]:
    """2,000 documents, every second one rewritten; and the same where all have to be read."""
    goals = {"PyYAML": (0.9, "at most 0.9"), "ruamel": (1 / 12, "at most 1/12")}
    for title, document in (("every second", alternating), ("every second, all read", alike)):
        stream = bench.folder / "j1.yaml"
        number = write_stream(stream, document, documents=2000)
        commands = {OURS: bench.apply(stream), **find_rivals(stream, bench.folder, bench.node)}
        slow = {name: 1 if "ruamel" in name or "kubectl" in name else bench.rounds for name in commands}
        results = compare(commands, slow)
        if not is_right(stream, output_of(commands[OURS])):
            raise FailedError("the output of retouch is wrong")
        size = stream.stat().st_size // 1000
        yield row("J1", f"{title}: {number} documents, {size} KB: {OURS}", results[OURS])
        for name, result in results.items():
            if name == OURS:
                continue
            right = is_right(stream, output_of(commands[name]))
            most, goal = goals.get(name.split(" ")[0].split(".")[0], (1, "faster"))
            if document is alike:
                goal = ""
            ratio = results[OURS].median / result.median if right else None
            met = ratio <= most if ratio is not None and goal else None
            yield row("J1", name, result, ratio=ratio, goal=goal, met=met, note="" if right else "its output is wrong")


def job_2(bench: Bench) -> Iterator[Row]:
    """A stream in which one document in a hundred can match, against reading it with PyYAML."""
    stream = bench.folder / "j2.yaml"
    number = write_stream(stream, rare, size=5_000_000 if bench.quick else 50_000_000)
    load = f"PyYAML {version('PyYAML')}, C: loading alone"
    commands = {OURS: bench.apply(stream), load: Command([sys.executable, "-c", PYYAML_LOAD], stream)}
    results = compare(commands, {OURS: bench.rounds, load: 1})
    yield row("J2", f"{number} documents, {stream.stat().st_size // 10**6} MB: {OURS}", results[OURS])
    ratio = results[load].median / results[OURS].median
    yield row("J2", load, results[load], ratio=ratio, goal="at least 30", met=ratio >= 30)
    stream.unlink()


def job_3(bench: Bench) -> Iterator[Row]:
    """A workflow of 1,000 steps, against the KFP SDK's own command line."""
    path = bench.folder / "workflow.yaml"
    write_workflow(path, 1000)
    commands = {OURS: Command([*RETOUCH, "apply", *WORKFLOW_OPTIONS], path, bench.folder / "workflow.out")}
    if bench.kfp is not None:
        volume = "{persistentVolumeClaim: {claimName: data}}"
        script = [bench.kfp, "-m", "kfp.compiler._data_passing_using_volume", "--input", str(path), "--volume", volume]
        commands["kfp 1.8.22"] = Command([*script, "--output", str(bench.folder / "kfp.out")])
    results = compare(commands, dict.fromkeys(commands, bench.rounds))
    yield row("J3", f"1000 steps, {path.stat().st_size // 1000} KB: {OURS}", results[OURS])
    if bench.kfp is not None:
        ratio = results["kfp 1.8.22"].median / results[OURS].median
        yield row("J3", "kfp 1.8.22", results["kfp 1.8.22"], ratio=ratio, goal="at least 4", met=ratio >= 4)


def job_4(bench: Bench) -> Iterator[Row]:
    """Start-up: one small file, on the clock."""
    small = bench.file("small.yaml", deployment(1))
    plain = bench.file("plain.yaml", PLAIN_RULES)
    script = PYYAML.replace("list(", "list(", 1)
    expression, without = f"{OURS}, rule with an expression", f"{OURS}, rule without"
    commands = {
        expression: bench.apply(small),
        without: bench.apply(small, plain),
        "PyYAML": Command([sys.executable, "-c", script], small, bench.folder / "small.out"),
        f"{OURS} --version": Command([*RETOUCH, "--version"]),
        "python -c pass": Command([sys.executable, "-c", "pass"]),
    }
    results = compare(commands, dict.fromkeys(commands, bench.rounds * 4), clock=True)
    for name, most in ((expression, 4.0), (without, 2.5)):
        ratio = results[name].median / results["PyYAML"].median
        yield row("J4", name, results[name], ratio=ratio, goal=f"at most {most:g}", met=ratio <= most)
    yield row("J4", "PyYAML", results["PyYAML"])
    told, bare = results[f"{OURS} --version"], results["python -c pass"]
    met = told.median <= 1.5 * bare.median + 0.06
    yield row("J4", f"{OURS} --version", told, ratio=told.median / bare.median, goal="1.5 + 60 ms", met=met)
    yield row("J4", "python -c pass", bare)


def job_5(bench: Bench) -> Iterator[Row]:
    """Memory on a long stream from standard input to standard output."""
    whole = 100_000_000 if bench.quick else 1_000_000_000
    peaks = []
    for size, document in ((whole // 10, alternating), (whole // 4, rare), (whole, rare)):
        stream = bench.folder / "j5.yaml"
        write_stream(stream, document, size=size)
        result = Result([measure(bench.apply(stream, name="j5.out"))])
        stream.unlink()
        peaks.append(result.memory)
        what = f"{size // 10**6} MB, {'half' if document is alternating else 'one in 200'} rewritten"
        yield row("J5", what, result, goal="under 150 MB", met=result.memory < 150)
    (bench.folder / "j5.out").unlink()
    yield Row(
        "J5", "memory at four times the size", ratio=peaks[2] / peaks[1], goal="flat", met=peaks[2] < 1.1 * peaks[1]
    )


def job_6(bench: Bench) -> Iterator[Row]:
    """Two processes on many files, on the clock."""
    folder = bench.folder / "j6"
    write_folder(folder, 1000 if bench.quick else 5000)

    def diff(jobs: int) -> Command:
        command = [*RETOUCH, "diff", "-q", "-r", str(bench.rules), "--jobs", str(jobs), str(folder)]
        return Command(command, writes=bench.folder / f"j6-{jobs}.diff", codes=(1,))

    results = compare({"1": diff(1), "2": diff(2)}, {"1": bench.rounds, "2": bench.rounds}, clock=True)
    if (bench.folder / "j6-1.diff").read_bytes() != (bench.folder / "j6-2.diff").read_bytes():
        raise FailedError("two processes do not say what one does")
    yield row("J6", "diff, --jobs 1", results["1"])
    ratio = results["1"].median / results["2"].median
    yield row("J6", "diff, --jobs 2", results["2"], ratio=ratio, goal="at least 1.7", met=ratio >= 1.7)


def job_7(bench: Bench) -> Iterator[Row]:
    """Plain data in one process, against Python written by hand."""
    ours, theirs = measure_objects(1000 if bench.quick else 10_000, bench.rounds)
    ratio = ours / theirs
    yield Row("J7", "rewrite_object on 3 KB", ours, ratio=ratio, goal="at most 5", met=ratio <= 5)
    yield Row("J7", "by hand, and copy.deepcopy", theirs)


def growth(bench: Bench) -> Iterator[Row]:
    """Time for one unit of work as the work grows, start-up taken off."""
    scale = 10 if bench.quick else 1
    stream, items, workflow = (bench.folder / f"{name}.yaml" for name in ("stream", "items", "workflow"))
    rules = bench.file("items-rules.yaml", ITEM_RULES)
    nothing = Result([measure(bench.apply(bench.file("small.yaml", deployment(1)))) for _ in range(3)]).median

    def documents(number: int) -> Command:
        write_stream(stream, alternating, documents=number)
        return bench.apply(stream)

    def listed(number: int) -> Command:
        write_items(items, number)
        return bench.apply(items, rules)

    def steps(number: int) -> Command:
        write_workflow(workflow, number)
        return Command([*RETOUCH, "apply", *WORKFLOW_OPTIONS], workflow, bench.folder / "workflow.out")

    series: tuple[tuple[str, Callable[[int], Command], tuple[int, ...]], ...] = (
        ("documents of J1", documents, (1000, 30_000 // scale)),
        ("items of one list, a tenth edited", listed, (10_000, 100_000 // (scale // 2 or 1))),
        ("steps of J3", steps, (100, 1000, 5000 // (scale // 2 or 1))),
    )
    for title, make, sizes in series:
        first: float | None = None
        for number in sizes:
            command = make(number)
            result = Result([measure(command) for _ in range(3)])
            unit = (result.median - nothing) / number
            ratio = unit / first if first is not None else None
            first = first or unit
            met = ratio <= 1.3 if ratio is not None else None
            goal = "at most 1.3" if ratio is not None else ""
            yield row("growth", f"{number} {title}", result, ratio=ratio, goal=goal, met=met)


JOBS: dict[str, Callable[[Bench], Iterator[Row]]] = {
    "J1": job_1,
    "J2": job_2,
    "J3": job_3,
    "J4": job_4,
    "J5": job_5,
    "J6": job_6,
    "J7": job_7,
    "growth": growth,
}


def show(line: Row) -> str:
    """One line of the table."""
    seconds = f"{line.seconds:9.3f}" if line.seconds is not None else " " * 9
    spread = f"{line.spread:6.0%}" if line.spread else " " * 6
    memory = f"{line.memory:7.0f}" if line.memory is not None else " " * 7
    ratio = f"{line.ratio:8.2f}" if line.ratio is not None else " " * 8
    met = {True: "met", False: "NOT MET", None: ""}[line.met]
    text = f"{line.job:7}{line.what[:62]:63}{seconds}{spread}{memory}{ratio}  {line.goal:13}{met}"
    return f"{text} {line.note}".rstrip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", metavar="NAMES", default=",".join(JOBS), help=f"which, of {', '.join(JOBS)}")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int, default=0)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--node", type=Path)
    parser.add_argument("--kfp")
    options = parser.parse_args()
    python = f"{platform.python_implementation()} {platform.python_version()}, {platform.machine()}"
    libraries = ", ".join(f"{name} {version(name)}" for name in ("retouch", "ruamel.yaml", "PyYAML"))
    print(f"{python}; {libraries}")
    print(f"{'job':7}{'what':63}{'seconds':>9}{'+/-':>6}{'MB':>7}{'ratio':>8}  goal")
    lines = []
    with tempfile.TemporaryDirectory(prefix="retouch-speed-") as name:
        rounds = options.rounds or (3 if options.quick else 5)
        bench = Bench(Path(name), options.quick, rounds, options.node, options.kfp)
        for job in options.jobs.split(","):
            for line in JOBS[job](bench):
                print(show(line), flush=True)
                lines.append(line)
    if options.json:
        said = {"python": python, "libraries": libraries, "rows": [asdict(line) for line in lines]}
        options.json.write_text(json.dumps(said, indent=1) + "\n")


if __name__ == "__main__":
    main()
