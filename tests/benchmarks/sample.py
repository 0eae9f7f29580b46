"""Runs commands side by side and measures each: processor time, time on the clock, peak memory."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


class FailedError(Exception):
    """A command ended with an exit code that it should not have."""


@dataclass(frozen=True)
class Command:
    """What to run: in which folder, with which standard input; `writes` is where its standard output goes.

    `before` is a folder that is made a fresh copy of another one each time.
    """

    arguments: Sequence[str]
    reads: Path | None = None
    writes: Path | None = None
    folder: Path | None = None
    codes: tuple[int, ...] = (0,)
    before: tuple[Path, Path] | None = None


@dataclass(frozen=True)
class Sample:
    """One run: seconds of the processor and on the clock, and kilobytes at the peak."""

    processor: float
    clock: float
    memory: int

    @property
    def seconds(self) -> float:
        """What counts: the machine may be shared, and a command may use several processors."""
        return min(self.processor, self.clock)


def measure(command: Command) -> Sample:
    """Run it once."""
    if command.before is not None:
        source, target = command.before
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target)
    reads = command.reads.open("rb") if command.reads else subprocess.DEVNULL
    writes = command.writes.open("wb") if command.writes else subprocess.DEVNULL
    begin = time.perf_counter()
    process = subprocess.Popen(
        command.arguments,
        stdin=reads,
        stdout=writes,
        stderr=subprocess.DEVNULL,
        cwd=command.folder,
        env={name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
    )  # bytecode is kept, as it is of all that pip installs
    _, status, used = os.wait4(process.pid, 0)
    clock = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in command.codes:
        raise FailedError(f"exit code {process.returncode}: {' '.join(command.arguments)[:200]}")
    return Sample(used.ru_utime + used.ru_stime, clock, used.ru_maxrss)


@dataclass(frozen=True)
class Result:
    """What several runs of one command came to."""

    samples: list[Sample]
    clock: bool = False  # what counts is the clock

    @property
    def times(self) -> list[float]:
        return [each.clock if self.clock else each.seconds for each in self.samples]

    @property
    def median(self) -> float:
        return statistics.median(self.times)

    @property
    def spread(self) -> float:
        """The distance between the fastest and the slowest run, as a part of the median."""
        return (max(self.times) - min(self.times)) / self.median

    @property
    def memory(self) -> float:
        """Megabytes."""
        return max(each.memory for each in self.samples) / 1024


def compare(commands: dict[str, Command], rounds: dict[str, int], *, clock: bool = False) -> dict[str, Result]:
    """Run all commands in turn, round after round, each as often as `rounds` says."""
    samples: dict[str, list[Sample]] = {name: [] for name in commands}
    for number in range(max(rounds.values())):
        for name, command in commands.items():
            if number < rounds[name]:
                samples[name].append(measure(command))
    return {name: Result(found, clock) for name, found in samples.items()}
