"""`retouch explain`: why rules did or did not match; every folder of tests/explain is one question and its answer."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from retouch import RetouchError, load_text, rewrite
from retouch.cli import rule_choice
from retouch.cli.command import main
from retouch.diff import changes
from retouch.explaining.explanation import explain_lines
from retouch.explaining.line import Line
from retouch.expressions.jinja import parse
from retouch.expressions.spelling import spell

QUESTIONS = Path(__file__).resolve().parent / "explain"
FOLDERS = sorted(path.parent for path in QUESTIONS.rglob("rules.yaml"))


def explain(capture: pytest.CaptureFixture[bytes], *arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    rule_choice._load_named.cache_clear()  # what is loaded is kept, and the tests write other rules to one name
    code = main(["explain", *arguments])
    said = capture.readouterr()
    return code, said.out.decode(), said.err.decode()


def test_there_are_questions() -> None:
    assert len(FOLDERS) >= 35


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_answer(
    folder: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    monkeypatch.chdir(folder)
    code, out, error = explain(capsysbinary, "-r", "rules.yaml", "input.yaml")
    assert (code, error) == (0, "")
    if request.config.getoption("--accept"):
        (folder / "explain.txt").write_text(out, "utf-8")
    assert out == (folder / "explain.txt").read_text("utf-8")
    assert len(out.splitlines()) <= 40, "more than a screen"
    coloured = explain(capsysbinary, "-r", "rules.yaml", "--color", "always", "input.yaml")[1]
    assert "\x1b[" in coloured
    for sequence in ("\x1b[0m", "\x1b[1m", *(f"\x1b[{number}m" for number in range(31, 37))):
        coloured = coloured.replace(sequence, "")
    assert coloured == out


CASES = Path(__file__).resolve().parent / "cases"


def test_every_change_of_every_case_has_a_cause() -> None:
    found = 0
    for path in sorted(CASES.rglob("before.*")):
        text = path.read_bytes().decode()
        try:
            rules = load_text((path.parent / "rules.yaml").read_text("utf-8"), "rules.yaml")
            changed = changes(text, rewrite(text, rules, file=path.name).edits)
        except RetouchError:
            continue
        lines = [Line(path.name, change.start + 1) for change in changed if change.end > change.start]
        grown = 0
        for change in changed:
            lines += [Line(path.name, change.start + grown + 1, "+")] if change.lines else []
            grown += len(change.lines) - (change.end - change.start)
        for account in explain_lines([(path.name, text)], rules, lines):
            assert account.changed, (path, account.line)
            assert account.causes or not account.rules, (path, account.line)
            assert not account.rules or {cause.rule.name for cause in account.causes} <= set(account.rules)
            found += 1
    assert found > 400


WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  template:
    spec:
      containers:
      - name: main
        image: nginx:1.27
      - name: logs
        image: quay.io/acme/logs:3
"""

RULES = """\
apiVersion: retouch/v1
kind: RuleSet
metadata: {name: acme/web}
documents: {kind: Deployment}
rules:
- id: mirror
  match: {container: $..containers.*}
  when: (container.image | image).registry == 'docker.io'
  actions:
  - set: container.image
    value: m.local/${ container.image }
- id: team
  actions:
  - set: $.metadata.labels.team
    value: shop
- id: sidecar
  match: {containers: $..containers}
  actions:
  - upsert: containers
    value: {name: proxy, image: proxy:1}
- id: logs
  match: {container: '$..containers[?@.name == "logs"]'}
  actions:
  - remove: container
"""


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "rules.yaml").write_text(RULES)
    (tmp_path / "web.yaml").write_text(WEB)
    monkeypatch.chdir(tmp_path)
    return tmp_path


Capture = pytest.CaptureFixture[bytes]


def cause_of(capsysbinary: Capture, line: str) -> tuple[list[str], list[dict[str, Any]]]:
    """The rules that changed a line, and the causes."""
    code, out, error = explain(capsysbinary, "-r", "rules.yaml", "--format", "json", line)
    assert (code, error) == (0, "")
    (record,) = json.loads(out)
    return record["rules"], record["causes"]


@pytest.mark.parametrize(
    ("line", "rule", "path"),
    [
        ("web.yaml:11", "mirror", "/spec/template/spec/containers/0/image"),
        ("web.yaml:12", "logs", "/spec/template/spec/containers/1"),
        ("web.yaml:13", "logs", "/spec/template/spec/containers/1"),
        ("web.yaml:+5", "team", "/metadata/labels"),
        ("web.yaml:+6", "team", "/metadata/labels"),
        ("web.yaml:+13", "mirror", "/spec/template/spec/containers/0/image"),
        ("web.yaml:+14:9", "sidecar", "/spec/template/spec/containers/-"),
        ("web.yaml:+15", "sidecar", "/spec/template/spec/containers/-"),
    ],
)
def test_who_changed_a_line(files: Path, capsysbinary: Capture, line: str, rule: str, path: str) -> None:
    _, causes = cause_of(capsysbinary, line)
    assert [cause["rule"] for cause in causes] == [f"acme/web/{rule}"]
    assert path in [operation["path"] for operation in causes[0]["operations"]]


def test_a_cause_has_the_combination(files: Path, capsysbinary: Capture) -> None:
    rules, (cause) = cause_of(capsysbinary, "web.yaml:11")
    assert rules == ["acme/web/mirror"]
    assert [(each["name"], each["place"]["line"]) for each in cause[0]["captures"]] == [("container", 10)]
    assert cause[0]["clauses"][0]["read"][-1] == {"text": "(container.image | image).registry", "value": '"docker.io"'}


@pytest.mark.parametrize("line", ["web.yaml:1", "web.yaml:6", "web.yaml:10", "web.yaml:+8"])
def test_lines_that_no_rule_changes(files: Path, capsysbinary: Capture, line: str) -> None:
    assert cause_of(capsysbinary, line) == ([], [])
    assert "no rule changes this line" in explain(capsysbinary, "-r", "rules.yaml", line)[1]


def test_what_a_rule_had_against_a_line(files: Path, capsysbinary: Capture) -> None:
    (files / "rules.yaml").write_text(RULES[: RULES.index("- id: logs")])
    out = explain(capsysbinary, "-r", "rules.yaml", "web.yaml:13")[1]
    assert "acme/web/mirror (rules.yaml:6:1) does not match here" in out
    assert '(container.image | image).registry = "quay.io"' in out


def test_a_line_of_a_document_that_the_rules_do_not_see(files: Path, capsysbinary: Capture) -> None:
    (files / "web.yaml").write_text(WEB.replace("kind: Deployment", "kind: Job"))
    out = explain(capsysbinary, "-r", "rules.yaml", "web.yaml:11")[1]
    assert "acme/web/mirror (rules.yaml:6:1) does not see the document" in out
    assert 'web.yaml:2:7: `kind` is "Job", wanted `Deployment`' in out


def test_a_line_that_is_not_there(files: Path, capsysbinary: Capture) -> None:
    out = explain(capsysbinary, "-r", "rules.yaml", "web.yaml:99", "web.yaml:+99")[1]
    assert out == "web.yaml:99: there is no such line\n\nweb.yaml:+99: there is no such line in the result\n"


def test_lines_of_later_documents_and_of_items(files: Path, capsysbinary: Capture) -> None:
    items = "".join(f"- {line}" if not number else f"  {line}" for number, line in enumerate(WEB.splitlines(True)))
    (files / "web.yaml").write_text(f"{WEB}---\n{WEB}---\napiVersion: v1\nkind: List\nitems:\n{items}")
    for line in ("web.yaml:25", "web.yaml:42"):
        rules, causes = cause_of(capsysbinary, line)
        assert (rules, len(causes)) == (["acme/web/mirror"], 1), line
        assert causes[0]["captures"][0]["place"]["line"] == int(line.rpartition(":")[2]) - 1


def test_only_one_rule(files: Path, capsysbinary: Capture) -> None:
    for name in ("mirror", "acme/web/mirror"):
        out = explain(capsysbinary, "-r", "rules.yaml", "--rule", name, "web.yaml")[1]
        assert out.startswith("acme/web/mirror (rules.yaml:6:1) matches once: 1 operation\n")
        assert "acme/web/team" not in out
    code, out, error = explain(capsysbinary, "-r", "rules.yaml", "--rule", "miror", "web.yaml")
    assert (code, out, error) == (2, "", "error: there is no rule `miror`; did you mean `mirror`?\n")


def test_only_one_document(files: Path, capsysbinary: Capture) -> None:
    (files / "web.yaml").write_text(WEB + "---\n" + WEB.replace("name: web", "name: api"))
    out = explain(capsysbinary, "-r", "rules.yaml", "--select", "Deployment/api", "--rule", "team", "web.yaml")[1]
    assert "Deployment api" in out
    assert "Deployment web" not in out
    code, _, error = explain(capsysbinary, "-r", "rules.yaml", "--select", "Deployment/nobody", "web.yaml")
    assert code == 2
    assert "no document is `Deployment/nobody`" in error


def test_what_cannot_be_read_is_told_and_the_rest_explained(files: Path, capsysbinary: Capture) -> None:
    (files / "bad.yaml").write_text("a: [\n")
    code, out, error = explain(capsysbinary, "-r", "rules.yaml", "bad.yaml", "web.yaml")
    assert code == 2
    assert "bad.yaml:" in error
    assert "acme/web/mirror (rules.yaml:6:1) matches once" in out


FACTS = """\
apiVersion: retouch/v1
kind: RuleSet
metadata: {name: acme/facts}
facts:
  container:
    match: {c: $..containers.*}
    is: {id: "${ c.name }", node: "${ c }"}
  verdict:
    unique: first
    from:
    - {match: {c: facts.container}, when: c.id == 'logs', is: {id: "${ c.id }", state: keep}}
    - {match: {c: facts.container}, is: {id: "${ c.id }", state: mirror}}
  nothing:
    match: {c: $..initContainer.*}
    is: {id: "${ c.name }"}
rules: []
"""


def test_facts(files: Path, capsysbinary: Capture) -> None:
    (files / "rules.yaml").write_text(FACTS)
    out = explain(capsysbinary, "-r", "rules.yaml", "--facts", "web.yaml")[1]
    assert '0: id = "main", node = /spec/template/spec/containers/0 (web.yaml:10:7)' in out
    assert "by derivation 2 (rules.yaml:12:5) from c = row 0 of container" in out
    assert "`..initContainer` is nowhere below; did you mean `containers`?" in out
    records = json.loads(explain(capsysbinary, "-r", "rules.yaml", "--facts=verdict", "--format=json", "web.yaml")[1])
    assert [(row["columns"], row["derivation"]) for row in records[0]["rows"]] == [
        ({"id": "logs", "state": "keep"}, 1),
        ({"id": "main", "state": "mirror"}, 2),
    ]


def test_facts_that_are_not_there(files: Path, capsysbinary: Capture) -> None:
    said = explain(capsysbinary, "-r", "rules.yaml", "--facts", "verdict", "web.yaml")
    assert said == (2, "", "error: there is no table of facts `verdict`; the rules have no tables\n")
    (files / "rules.yaml").write_text(FACTS)
    said = explain(capsysbinary, "-r", "rules.yaml", "--facts", "verdikt", "web.yaml")
    assert said == (2, "", "error: there is no table of facts `verdikt`; did you mean `verdict`?\n")


def test_json_says_what_the_text_says(files: Path, capsysbinary: Capture) -> None:
    records = json.loads(explain(capsysbinary, "-r", "rules.yaml", "--format", "json", "web.yaml")[1])
    assert [record["rule"] for record in records] == [
        f"acme/web/{name}" for name in ("mirror", "team", "sidecar", "logs")
    ]
    (document,) = records[0]["documents"]
    assert document["resource"]["kind"] == "Deployment"
    assert [(each["name"], each["found"]) for each in document["captures"]] == [("container", 2)]
    assert [each["held"] for each in document["combinations"]] == [True, False]
    assert document["operations"][0]["place"] == {"file": "web.yaml", "line": 11, "column": 16}
    assert document["written"] is True


def test_nothing_is_written(files: Path, capsysbinary: Capture) -> None:
    explain(capsysbinary, "-r", "rules.yaml", "web.yaml")
    explain(capsysbinary, "-r", "rules.yaml", "web.yaml:11")
    assert (files / "web.yaml").read_text() == WEB


CONFIG = """\
apiVersion: retouch/v1
kind: Config
rulesets:
- use: ./rules.yaml
  rules:
    team: {enabled: false}
    mirror: {when: container.name != 'main'}
files:
  include: [web.yaml]
"""


def test_the_rules_of_the_project(files: Path, capsysbinary: Capture) -> None:
    (files / "retouch.yaml").write_text(CONFIG)
    code, out, error = explain(capsysbinary)
    assert (code, error) == (0, "")
    assert "acme/web/team (rules.yaml:12:1) is switched off by the configuration\n" in out
    assert "        false      container.name != 'main'\n" in out
    assert explain(capsysbinary, "--rule", "team")[1] == (
        "acme/web/team (rules.yaml:12:1) is switched off by the configuration\n"
    )
    (record,) = json.loads(explain(capsysbinary, "--rule", "team", "--format", "json")[1])
    assert record["enabled"] is False


EXPRESSIONS = [
    "a",
    "a.b['c-d'][0]",
    "a.b[1:2]",
    "(a | image).registry == 'docker.io'",
    "a | default([]) | map(attribute='id') | first",
    "not a",
    "not (a and b) or c",
    "a and (b or c) and not c",
    "a is defined and b is not defined",
    "a is match('^x') or not (a == b)",
    "not a == b",
    "a in ['x', 'y'] and a not in {'x': 1, 'y': none}",
    "a ~ '/' ~ (b + 1) * 2 - -c ** 2",
    "(a if b else c).d",
    "(a if b else c) | length > 2",
    "1 < a <= 3.5",
    "(a or b) == true",
    "a[b.c] // 2 % 3",
    "select('$.a', start=b) | length",
    "-a + +b",
    "(a ~ b) | upper",
    "(a == b) | string",
]


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_spelled_expressions_are_the_same(text: str) -> None:
    def plain(text: str) -> str:
        return re.sub(r"offset=\d+(, )?|dotted=\w+", "", repr(parse(text)))

    assert plain(spell(parse(text))) == plain(text)
