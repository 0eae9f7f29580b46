"""The unified diff made from edits: `git apply` and `patch -p1` turn the old text into the new one with it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retouch.cli.highlight import highlight
from retouch.diff import count, unified
from retouch.editing.edit import Edit, splice

texts = st.text(alphabet="ab \n\r\x85é", max_size=60)


@st.composite
def edited(draw: Any) -> tuple[str, list[Edit]]:
    old = draw(texts) if draw(st.booleans()) else "".join(f"line {number}\n" for number in range(40))
    edits, at = [], 0
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(at, len(old)))
        end = draw(st.integers(start, min(len(old), start + 12)))
        edits.append(Edit(start, end, draw(st.sampled_from(["", "x", "\n", "x\n", "é\r\n", "a\nb\nc"])), ("s/r",)))
        at = end + 1
        if at > len(old):
            break
    return old, edits


def patched(old: str, diff: str, folder: Path, tool: list[str]) -> str:
    path = folder / "f.yaml"
    path.write_bytes(old.encode())
    subprocess.run(tool, cwd=folder, input=diff.encode(), check=True, capture_output=True)
    return path.read_bytes().decode() if path.exists() else ""


@pytest.mark.parametrize("tool", [["git", "apply", "--unidiff-zero"], ["patch", "-p1", "--binary", "-s"]])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=edited())
def test_tools_apply_the_diff(tool: list[str], case: tuple[str, list[Edit]], tmp_path: Path) -> None:
    if shutil.which(tool[0]) is None:
        pytest.skip(f"{tool[0]} is not installed")
    old, edits = case
    new = splice(old, edits)
    diff = unified(old, edits, "f.yaml")
    assert bool(diff) is (old != new)
    assert re.sub(r"\x1b\[[0-9;]*m", "", highlight(diff)) == diff
    if diff:
        assert patched(old, diff, tmp_path, tool) == new


def test_only_lines_that_differ_are_marked() -> None:
    old = "".join(f"{number}\n" for number in range(30))
    edits = [Edit(0, len(old), old.replace("5\n", "five\n", 1).replace("28\n", ""))]
    diff = unified(old, edits, "a b.yaml")
    assert diff.startswith("--- a/a b.yaml\t\n+++ b/a b.yaml\t\n@@ -3,7 +3,7 @@\n")
    assert [line for line in diff.split("\n")[2:] if line.startswith(("-", "+"))] == ["-5", "+five", "-28"]
    assert count(diff) == (1, 2)


def test_a_missing_last_line_end_is_told() -> None:
    assert unified("a", [Edit(0, 1, "b\n")], "f") == (
        "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n"
    )


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("d/f.yaml", "--- a/d/f.yaml"),
        ("/d/f", "--- a/d/f"),
        ("./d//f", "--- a/d/f"),
        ("../f", "--- a/../f"),
        ('q"\n', '--- "a/q\\"\\n"'),
        ("é", "--- a/é"),
        ("\udcff\x1b", '--- "a/\\377\\033"'),
    ],
)
def test_file_names(name: str, header: str) -> None:
    assert unified("a\n", [Edit(0, 1, "b")], name).split("\n")[0] == header


def test_rules_stand_behind_the_header_of_their_hunk() -> None:
    old = "".join(f"{number}\n" for number in range(40))
    edits = [Edit(0, 1, "x", ("s/one", "s/two")), Edit(4, 5, "y", ("s/one",)), Edit(90, 91, "z", ("s/three",))]
    headers = [line for line in unified(old, edits, "f", annotate=True).split("\n") if line.startswith("@@")]
    assert [header.split("@@ ")[2] for header in headers] == ["s/one, s/two", "s/three"]


def test_words_that_differ_are_emphasised() -> None:
    diff = unified("image: nginx # x\n", [Edit(7, 12, "m/nginx")], "f")
    assert "\x1b[32;7mm/\x1b[0m" in highlight(diff)
    assert "\x1b[32;7m" not in highlight(unified("abc def\n", [Edit(0, 7, "something else")], "f"))
