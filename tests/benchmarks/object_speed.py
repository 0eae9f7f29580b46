"""J7: many calls of `rewrite_object`, against the same by hand."""

from __future__ import annotations

import copy
import statistics
import time
from collections.abc import Callable
from typing import Any

import yaml
from material import MIRROR, RULES, deployment

import retouch


def make_object() -> dict[str, Any]:
    """A Deployment of 3 KB as JSON."""
    data: dict[str, Any] = yaml.safe_load(deployment(1))
    containers = data["spec"]["template"]["spec"]["containers"]
    first = containers[0]
    containers += [{**copy.deepcopy(first), "name": f"side-{number}"} for number in range(4)]
    for container in containers:
        container["env"] = [{"name": f"SETTING_{number}", "value": f"value {number}"} for number in range(10)]
    return data


def by_hand(data: dict[str, Any]) -> dict[str, Any]:
    data = copy.deepcopy(data)
    if data["kind"] == "Deployment":
        for container in data["spec"]["template"]["spec"]["containers"]:
            if not container["image"].startswith(MIRROR):
                container["image"] = MIRROR + container["image"]
    return data


def measure_objects(calls: int, rounds: int) -> tuple[float, float]:
    """The median of the processor seconds of so many calls, ours and by hand, taken in turns."""
    data, rules = make_object(), retouch.load_text(RULES)
    assert retouch.rewrite_object(data, rules) == by_hand(data)
    times: list[tuple[float, float]] = []
    for _ in range(min(rounds, 3)):
        ours = _time(lambda: retouch.rewrite_object(data, rules), calls)
        times.append((ours, _time(lambda: by_hand(data), calls)))
    return statistics.median(one for one, _ in times), statistics.median(one for _, one in times)


def _time(call: Callable[[], object], calls: int) -> float:
    begin = time.process_time()
    for _ in range(calls):
        call()
    return time.process_time() - begin
