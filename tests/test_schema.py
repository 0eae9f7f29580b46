"""The JSON Schemas for editors: every file that loads fits them, and wrong files do not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from retouch.cli.command import main
from retouch.schema import SCHEMAS

ROOT = Path(__file__).resolve().parents[1]
ERRORS = ROOT / "tests" / "cases" / "errors"
STRUCTURE = re.compile(
    r"has no key `|needs `|must be (?:a mapping|a list|text|one of|`|a whole)|there is no verb|has one verb"
)
DEEPER = {  # mistakes with such words that a schema of keys and types cannot know
    "params-default-of-wrong-type",
    "params-invalid-schema",
    "params-unknown-keyword",
    "match-not-one-expression",
}


def validator(kind: str) -> jsonschema.Draft202012Validator:
    schema = SCHEMAS[kind]()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def documents(path: Path) -> list[object]:
    return list(yaml.load_all(path.read_text("utf-8"), Loader=yaml.CSafeLoader))


def test_files_that_load_fit() -> None:
    check = validator("ruleset")
    cases = [
        path for path in (ROOT / "tests" / "cases").rglob("rules.yaml") if not (path.parent / "error.txt").exists()
    ]
    built_in = [path for path in (ROOT / "rules").rglob("*.yaml") if not path.name.endswith(".test.yaml")]
    assert len(cases) > 100
    assert built_in
    for path in (*cases, *built_in):
        for document in documents(path):
            found = [f"{path}: {list(error.absolute_path)}: {error.message}" for error in check.iter_errors(document)]
            assert found == []


def test_wrong_files_do_not() -> None:
    check = validator("ruleset")
    seen = 0
    for folder in sorted(ERRORS.iterdir()):
        message = (folder / "error.txt").read_text("utf-8").partition("\n")[0]
        if STRUCTURE.search(message) and message.startswith("rules.yaml") and folder.name not in DEEPER:
            found = [error for document in documents(folder / "rules.yaml") for error in check.iter_errors(document)]
            assert found, f"{folder.name}: {message}"
            seen += 1
    assert seen >= 20


@pytest.mark.parametrize("kind", SCHEMAS)
def test_the_command_prints_it(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", kind]) == 0
    assert json.loads(capsys.readouterr().out) == SCHEMAS[kind]()
