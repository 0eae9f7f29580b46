"""A package as `docs/organizations.md` describes it: built, installed, its rule sets and its filter at work."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from installed_package import importable

from retouch.cli.command import main

PAGE = Path(__file__).resolve().parents[1] / "docs" / "organizations.md"
HEAD = "apiVersion: retouch/v1\nkind: RuleSet\n"
BUILD = """
[build-system]
requires = ["setuptools>=80"]
build-backend = "setuptools.build_meta"

[tool.setuptools]
packages = ["acme_rules", "acme_rules.sets"]
"""
FILES = {
    "acme_rules/__init__.py": "",
    "acme_rules/sets/__init__.py": "",
    "acme_rules/sets/base.yaml": f"{HEAD}metadata: {{name: acme/base, version: 2.1.0}}\ndescription: What all share.\n"
    "rules:\n- id: team\n  actions:\n  - set: $.team\n    value: ${ doc.name | team_of }\n",
    "acme_rules/sets/strict/pods.yaml": f"{HEAD}metadata: {{name: acme/pods}}\nextends: [../base.yaml]\n"
    "rules:\n- id: strict\n  actions:\n  - set: $.strict\n    value: true\n",
}


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The package, installed into a folder by pip."""
    source, site = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("site")
    (function,) = [block for block in blocks("python") if "def team_of" in block]
    texts = {**FILES, "acme_rules/filters.py": function, "pyproject.toml": BUILD + "\n".join(blocks("toml"))}
    for name, text in texts.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text, "utf-8")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index"]
    command += ["--no-build-isolation", "--no-deps", "--target", str(site), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode and "No module named pip" in done.stderr:
        pytest.skip("pip is not installed")
    assert done.returncode == 0, done.stderr
    with importable(site, "acme_rules"):
        yield site


def test_package_as_the_page_describes_it(site, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["rules", "list"]) == 0  # what they need to run need not be there
    assert "acme:base" in capsys.readouterr().out
    assert main(["rules", "show", "--origins", "acme:base"]) == 2
    assert "unknown filter `team_of`; those of packages are named under `filters:`" in capsys.readouterr().err
    (tmp_path / "retouch.yaml").write_text(
        "apiVersion: retouch/v1\nkind: Config\nfilters: [acme:team_of]\n"
        "rulesets:\n- use: acme:strict\n- use: ./own.yaml\n"
    )
    (tmp_path / "own.yaml").write_text(
        f"{HEAD}metadata: {{name: own}}\nextends: ['acme:base']\n"
        "rules:\n- id: team\n  actions:\n  - set: $.owner\n    value: ${ 'db' | team_of }\n"
    )
    (tmp_path / "web.yaml").write_text("name: web\n")
    assert main(["rules", "list"]) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert listed[:2] == ["acme/pods", "own"]
    assert listed[-2:] == ["acme:base", "acme:strict/pods"]
    assert main(["apply", "-q", "web.yaml"]) == 0
    assert capsys.readouterr().out == "name: web\nteam: shop\nstrict: true\nowner: platform\n"
    assert main(["apply", "-q", "-r", "acme:base", "web.yaml"]) == 0
    assert capsys.readouterr().out == "name: web\nteam: shop\n"
