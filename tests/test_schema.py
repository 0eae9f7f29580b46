"""The JSON Schemas for editors: every file that loads fits them, and wrong files do not."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import jsonschema
import pytest

from retouch.cli.command import main
from retouch.cli.command_schema import KINDS
from retouch.config.config_form import read_config
from retouch.config.config_text import ConfigText
from retouch.error import RetouchError
from retouch.node import plain
from retouch.reading.document import read_stream
from retouch.rule_text import RuleText
from retouch.rulefile.rule_file import read_rule_file
from retouch.schemas.schema import SCHEMAS, schema_text
from retouch.testing.case_form import read_rule_tests

ROOT = Path(__file__).resolve().parents[1]
CASES = ROOT / "tests" / "cases"
ERRORS = CASES / "errors"
SHIPPED = ROOT / "engine" / "schemas"
STRUCTURE = re.compile(
    r"has no key `|needs `|must be (?:a mapping|a list|text|one of|`|a whole)|there is no verb|has one verb"
)
DEEPER = {  # mistakes with such words that a schema of keys and types cannot know
    "params-default-of-wrong-type",
    "params-invalid-schema",
    "params-unknown-keyword",
    "match-not-one-expression",
}
KIND_OF = {"RuleSet": "ruleset", "RuleSetPart": "ruleset", "Config": "config", "RuleTest": "test"}
WRONG_CONFIGS = {  # the others are wrong in what only the rule sets can tell, or no YAML
    "a-list",
    "exclude-of-exclude",
    "override-of-expect",
    "override-that-does-nothing",
    "unknown-keys",
    "use-is-a-text",
    "wrong-kind",
    "wrong-switches",
    "wrong-version",
}
NOT_READ = {"empty", "not-yaml", "globs-outside", "two-documents", "two-readings", "rules"}


@cache
def validator(kind: str) -> jsonschema.Draft202012Validator:
    schema = json.loads((SHIPPED / f"{kind}.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def documents(text: str) -> list[object]:
    return [plain(each.root) for chunk in read_stream(text, "x.yaml", core=True) for each in chunk.documents]


def mistakes(kind: str, text: str) -> list[str]:
    return [
        f"{list(error.absolute_path)}: {error.message}"
        for document in documents(text)
        for error in validator(kind).iter_errors(document)
    ]


@pytest.mark.parametrize("kind", SCHEMAS)
def test_the_file_is_what_is_made(kind: str, request: pytest.FixtureRequest) -> None:
    file = SHIPPED / f"{kind}.json"
    if request.config.getoption("--accept"):
        file.write_text(schema_text(kind), "utf-8")
    assert file.read_text("utf-8") == schema_text(kind)


def test_every_kind_is_there() -> None:
    assert list(KINDS) == list(SCHEMAS)
    assert sorted(path.stem for path in SHIPPED.glob("*.json")) == sorted(KINDS)


def test_rule_files_that_load_fit() -> None:
    cases = [path for path in CASES.rglob("rules.yaml") if not (path.parent / "error.txt").exists()]
    built_in = [path for path in (ROOT / "rules").rglob("*.yaml") if not path.name.endswith(".test.yaml")]
    assert len(cases) > 100
    assert len(built_in) > 10
    for path in (*cases, *built_in):
        assert mistakes("ruleset", path.read_text("utf-8")) == [], path


def test_rule_tests_that_load_fit() -> None:
    paths = [*(ROOT / "rules").rglob("*.test.yaml"), *CASES.rglob("*.test.yaml")]
    assert len(paths) > 10
    for path in paths:
        assert mistakes("test", path.read_text("utf-8")) == [], path


def blocks() -> Iterator[tuple[str, str, str]]:
    """The blocks in the pages that are files of retouch: the page, the schema for it, the text."""
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        for block in re.findall(r"^```yaml[^\n]*\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL):
            kind = re.search(r"^kind: (\w+)$", block, re.MULTILINE)
            if block.count("apiVersion: retouch/v1") == 1 and kind is not None and kind[1] in KIND_OF:
                yield page.name, KIND_OF[kind[1]], block


def loads(kind: str, text: str) -> bool:
    """Whether a block is right as far as one can tell without the files that it names."""
    try:
        if kind == "config":
            read_config(ConfigText(text, "retouch.yaml", "."))
        elif kind == "ruleset":
            read_rule_file(RuleText(text, "rules.yaml"))
        else:
            read_rule_tests(text, "x.test.yaml", lambda _name: "", lambda _name, _place: ())
    except RetouchError as error:
        return all("there is no rule set `" in each.text or "parts" in each.text for each in error.messages)
    return True


def test_blocks_of_the_pages_fit_if_they_load() -> None:
    seen = dict.fromkeys(KINDS, 0)
    for page, kind, block in blocks():
        if loads(kind, block):
            seen[kind] += 1
            assert mistakes(kind, block) == [], f"{page}:\n{block}"
    assert all(seen.values()), seen


def test_wrong_rule_files_do_not_fit() -> None:
    seen = 0
    for folder in sorted(ERRORS.iterdir()):
        message = (folder / "error.txt").read_text("utf-8").partition("\n")[0]
        if STRUCTURE.search(message) and message.startswith("rules.yaml") and folder.name not in DEEPER:
            assert mistakes("ruleset", (folder / "rules.yaml").read_text("utf-8")), f"{folder.name}: {message}"
            seen += 1
    assert seen >= 20


def test_configurations_of_cases() -> None:
    folders = [folder for folder in sorted((CASES / "config").iterdir()) if folder.name not in NOT_READ]
    assert len(folders) > 20
    for folder in folders:
        found = mistakes("config", (folder / "retouch.yaml").read_text("utf-8"))
        assert bool(found) is (folder.name in WRONG_CONFIGS), f"{folder.name}: {found}"


CONFIG = "apiVersion: retouch/v1\nkind: Config\n"
TEST = "apiVersion: retouch/v1\nkind: RuleTest\nruleset: ./a.yaml\n"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("config", f"{CONFIG}rulesets: ./rules"),
        ("config", f"{CONFIG}rulesets: [{{params: {{}}}}]"),
        ("config", f"{CONFIG}rulesets: [{{use: a/b, rules: {{x: {{severity: info}}}}}}]"),
        ("config", f"{CONFIG}rulesets: [{{use: a/b, rules: {{x: {{expect: {{matches: some}}}}}}}}]"),
        ("config", f"{CONFIG}files: {{include: []}}"),
        ("config", f"{CONFIG}files: {{include: /app/**}}"),
        ("config", f"{CONFIG}files: {{include: app/../x}}"),
        ("config", f"{CONFIG}overrides: [{{params: {{a: 1}}}}]"),
        ("config", f"{CONFIG}filters: [1]"),
        ("config", "apiVersion: retouch/v1\nrulesets: []"),
        ("test", TEST),
        ("test", f"{TEST}cases: []"),
        ("test", f"{TEST}case: [{{name: a, input: ''}}]"),
        ("test", f"{TEST}cases: [{{input: a, unchanged: true}}]"),
        ("test", f"{TEST}cases: [{{name: a, unchanged: true}}]"),
        ("test", f"{TEST}cases: [{{name: a, input: b, inputFile: c}}]"),
        ("test", f"{TEST}cases: [{{name: a, input: b, output: c, unchanged: true}}]"),
        ("test", f"{TEST}cases: [{{name: a, input: b, outputs: {{c: d}}}}]"),
        ("test", f"{TEST}cases: [{{name: a, inputs: {{b: c}}, output: c}}]"),
        ("test", f"{TEST}cases: [{{name: a, inputs: {{b: c}}, file: c, unchanged: true}}]"),
        ("test", f"{TEST}cases: [{{name: a, inputs: {{}}, unchanged: true}}]"),
        ("test", f"{TEST}cases: [{{name: a, input: b, error: c, output: d}}]"),
        ("test", f"{TEST}cases: [{{name: a, input: b, unchanged: false}}]"),
        ("test", f"{TEST}cases: [{{name: a, input: b, stable: true, output: c}}]"),
        ("test", f"{TEST}cases: [{{name: a, input: b, patch: [{{op: add}}]}}]"),
        ("test", f"{TEST}cases: [{{name: a, input: 3, unchanged: true}}]"),
        ("test", TEST.replace("./a.yaml", "[]") + "cases: [{name: a, input: b, unchanged: true}]"),
    ],
)
def test_wrong_files_are_wrong_to_both(kind: str, text: str) -> None:
    assert not loads(kind, text)
    assert mistakes(kind, text)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("config", CONFIG),
        ("config", f"{CONFIG}files: {{include: '!a/**', exclude: []}}\nfilters: []\noverrides: []\nrulesets: []"),
        ("config", f"{CONFIG}overrides: [{{files: a/**, rules: {{a/b: {{when: true}}}}}}]"),
        ("config", f"{CONFIG}rulesets: [{{use: a/b, rules: {{x: {{enabled: true, expect: {{matches: 1..}}}}}}}}]"),
        ("test", f"{TEST}cases: [{{name: a, input: ''}}]"),
        ("test", f"{TEST}cases: [{{name: a, inputs: {{b: c}}, error: [d, e], outputs: {{b: c}}}}]"),
        ("test", f"{TEST}cases: [{{name: a, input: b, output: '', patch: [], warning: c, stable: false}}]"),
        ("test", f"{TEST}cases: [{{name: a, input: b, unchanged: true, error: c}}]"),
    ],
)
def test_right_files_are_right_to_both(kind: str, text: str) -> None:
    assert mistakes(kind, text) == []
    if not text.endswith("[]") and "use:" not in text:
        assert loads(kind, text)


@pytest.mark.parametrize("kind", KINDS)
def test_the_command_prints_it(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", kind]) == 0
    assert capsys.readouterr().out == schema_text(kind)


def test_the_command_imports_little() -> None:
    """What is printed is a file: no rule language, no library."""
    code = (
        "import sys\nfrom retouch.cli.command import main\nmain(['schema', 'config'])\n"
        "heavy = ('jinja2', 'jsonpath_ng', 'jsonschema', 'ruamel', 'retouch.rulefile', 'retouch.evaluation')\n"
        "sys.exit([each for each in sys.modules if each.startswith(heavy)] or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
