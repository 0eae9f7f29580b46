"""The pages are true: their commands print what they show, their examples run, their links lead somewhere.

In a page, a fence ```` ```yaml web.yaml ```` is a file, and ```` ```console ```` a session with it: commands behind
`$ ` (continued behind `> `) and all they print. ```` ```console no-test ```` is only read.
"""

from __future__ import annotations

import doctest
import importlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import retouch

ROOT = Path(__file__).resolve().parents[1]
ENGINE = ROOT / "engine"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

_FENCE = re.compile(r"^```(?P<info>[^`\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^\$ .*(?:\n> .*)*", re.MULTILINE)
_KUBECTL = re.compile(r"(?:^\$|\|) kubectl\b", re.MULTILINE)
_LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)")


@dataclass(frozen=True)
class Block:
    info: list[str]
    body: str
    start: int  # of the body, in the page
    end: int


def blocks(page: Path) -> Iterator[Block]:
    for fence in _FENCE.finditer(page.read_text("utf-8")):
        yield Block(fence["info"].split(), fence["body"], fence.start("body"), fence.end("body"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def run(session: str, folder: Path) -> str:
    """The session again: its commands, each with what it prints, in one shell."""
    script = ["exec 2>&1", """show() { status=$?; printf '%s\\n' "$1"; return $status; }"""]  # for `echo $?`
    for shown in _COMMAND.findall(session):
        script += [f"show {shlex.quote(shown)}", re.sub(r"^(?:\$|>) ", "", shown, flags=re.MULTILINE)]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["sh", "-c", "\n".join(script)],
        cwd=folder,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        timeout=120,
        check=False,
    )
    return done.stdout.decode()


SESSIONS = [page for page in PAGES if any(block.info == ["console"] for block in blocks(page))]


@pytest.mark.parametrize("page", SESSIONS, ids=name_of)
def test_commands_print_what_the_page_shows(page: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    accept = request.config.getoption("--accept", default=False)
    text, end = "", 0
    for block in blocks(page):
        if block.info == ["console"]:
            if shutil.which("kubectl") or not _KUBECTL.search(block.body):
                printed = run(block.body, tmp_path)
                text += page.read_text("utf-8")[end : block.start] + printed
                end = block.end
                assert accept or printed == block.body
        elif len(block.info) == 2 and block.info[0] != "console":
            path = tmp_path / block.info[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.body, "utf-8")
    if accept:
        page.write_text(text + page.read_text("utf-8")[end:], "utf-8")


def test_sessions_are_found() -> None:
    assert ROOT / "docs" / "tutorial.md" in SESSIONS


def check_examples(test: doctest.DocTest) -> None:
    said: list[str] = []
    doctest.DocTestRunner(verbose=False).run(test, out=said.append)
    assert test.examples
    assert not said, "".join(said)


EXAMPLES = [page for page in PAGES if any(block.info == ["python"] and ">>> " in block.body for block in blocks(page))]


@pytest.mark.parametrize("page", EXAMPLES, ids=name_of)
def test_examples_of_the_page(page: Path) -> None:
    text = page.read_text("utf-8")
    code, end = "", 0
    for block in blocks(page):  # all but the code becomes blank lines, so that line numbers are the page's
        if block.info == ["python"]:
            code += "\n" * text.count("\n", end, block.start) + block.body
            end = block.end
    check_examples(doctest.DocTestParser().get_doctest(code, {}, name_of(page), str(page), 0))


MODULES = sorted(
    ".".join(path.relative_to(ENGINE).with_suffix("").parts)
    for path in ENGINE.rglob("*.py")
    if ">>> " in path.read_text("utf-8")
)


@pytest.mark.parametrize("module", MODULES)
def test_examples_of_the_module(module: str) -> None:
    for test in doctest.DocTestFinder(exclude_empty=True).find(importlib.import_module(f"retouch.{module}")):
        if test.examples:
            check_examples(test)


@pytest.mark.parametrize("name", retouch.__all__)
def test_the_python_page_has_every_public_name(name: str) -> None:
    page = (ROOT / "docs" / "python.md").read_text("utf-8")
    assert re.search(rf"^(?:#+|\|) `{name}[`(]", page, re.MULTILINE), f"no heading and no table row for `{name}`"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_to_files(page: Path) -> None:
    missing = [link for link in _LINK.findall(page.read_text("utf-8")) if not (page.parent / link).exists()]
    assert not missing
