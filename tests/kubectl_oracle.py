"""Asks the installed kubectl what it reads in YAML; no cluster is needed."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest

needs_kubectl = pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")

OBJECT = "apiVersion: retouch.example/v1\nkind: Thing\nmetadata: {name: x}\n"


def read_list(items: str) -> list[Any] | str:
    """What kubectl reads in the lines of a YAML list, or its complaint; integers beyond int64 as the float they are."""
    command = ["kubectl", "patch", "--local", "-f", "-", "--type=json", "-p", "[]", "-o", "json"]
    run = subprocess.run(command, input=f"{OBJECT}spec:\n{items}".encode(), capture_output=True, check=False)
    if run.returncode:
        return run.stderr.decode()
    spec: list[Any] = json.loads(run.stdout, parse_int=_held_integer)["spec"]
    return spec


def version() -> str:
    command = ["kubectl", "version", "--client"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[2]


def _held_integer(digits: str) -> int | float:
    number = int(digits)
    return number if -(2**63) <= number < 2**63 else float(digits)
