"""Where the C parser is missing the pure one reads the same, and `-v` says that it is slow."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HIDE = (
    "import sys; sys.modules['_ruamel_yaml'] = None; from retouch.cli.command import main; sys.exit(main(sys.argv[1:]))"
)


def run(folder: Path, *arguments: str) -> tuple[str, str]:
    (folder / "a.yaml").write_text("a: 1  # one\nb:\n- x\n")
    command = [sys.executable, "-c", HIDE, *arguments, "--set", "$.a=2", "a.yaml"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout, done.stderr


def test_the_pure_parser_reads_the_same(tmp_path: Path) -> None:
    assert run(tmp_path, "apply") == ("a: 2  # one\nb:\n- x\n", "")


def test_verbose_says_that_the_c_parser_is_missing(tmp_path: Path) -> None:
    assert "ruamel.yaml.clib is not installed" in run(tmp_path, "apply", "-v")[1]
