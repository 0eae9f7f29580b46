"""`retouch test`: what its files may say, every outcome of a case, coverage, and what is written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from process import run

from retouch import load_text
from retouch.cli import command_test, test_file, test_report  # noqa: F401 - imported here, so that no copy has to
from retouch.error import NOWHERE
from retouch.testing.case import Case, RuleTest
from retouch.testing.coverage import Coverage  # noqa: F401
from retouch.testing.trial import try_case

RULES = """\
apiVersion: retouch/v1
kind: RuleSet
metadata: {name: acme/mirror}
params:
  host: {type: string, description: The mirror's host., required: true}
rules:
- id: refuse
  match: {container: '$..containers[?(@.image == "evil")]'}
  actions:
  - fail: evil image in ${ container.name }
- id: notice
  match: {container: '$..containers[?(@.image == "odd")]'}
  actions:
  - warn: odd image
- id: mirror-image
  match: {container: '$..containers[*]'}
  when: not container.image is match('^' ~ params.host ~ '/')
  actions:
  - set: container.image
    value: ${ params.host }/${ container.image }
    when: container.image != 'local'
- id: grow
  match: {grown: $.grow}
  when: true
  actions:
  - append: grown
    value: ${ grown | length }
"""

HEAD = """\
apiVersion: retouch/v1
kind: RuleTest
ruleset: ./mirror.yaml
params: {host: m.local}
cases:
"""


def pod(image: str) -> str:
    return f"spec: {{containers: [{{image: {image}, name: x}}]}}\n"


def case(name: str, image: str, *expected: str) -> str:
    return "".join(f"  {line}\n" for line in [f"input: '{pod(image).strip()}'", *expected]).replace("  ", "- ", 1) + (
        f"  name: {name}\n"
    )


try_case(  # and what the imports of this import when it is used
    RuleTest("", 0, (), ()),
    Case("", 0, NOWHERE, {"host": "m.local"}, {"input.yaml": pod("b")}, patch=[]),
    load_text(RULES, params={"host": "m.local"}).rulesets,
)

Test = Callable[..., CompletedProcess[str]]


@pytest.fixture
def test(tmp_path: Path) -> Test:
    """Runs `retouch test` on a test file of these cases."""

    def test(cases: str, *options: str, head: str = HEAD) -> CompletedProcess[str]:
        (tmp_path / "mirror.yaml").write_text(RULES)
        (tmp_path / "mirror.test.yaml").write_text(head + cases)
        return run(tmp_path, "test", *options)

    return test


PASSING = {
    "output": case("a", "nginx", "output: '" + pod("m.local/nginx").strip() + "'"),
    "unchanged": case("a", "m.local/nginx", "unchanged: true"),
    "error": case("a", "evil", "error: evil image in x"),
    "error with place and rule": case(
        "a", "evil", "error: 'input.yaml:1:21: error: evil image in x [acme/mirror/refuse]'"
    ),
    "warning": case("a", "odd", "warning: odd image"),
    "warning and output": case("a", "odd", "warning: [odd]", "output: '" + pod("m.local/odd").strip() + "'"),
    "patch": case("a", "b", "patch: [{op: replace, path: /spec/containers/0/image, value: m.local/b}]"),
    "no patch": case("a", "m.local/b", "patch: []"),
    "parameters of the case": case("a", "b", "params: {host: h}", "output: '" + pod("h/b").strip() + "'"),
    "wrong parameter": case("a", "b", "params: {host: 3}", "error: host"),
    "unreadable input": case("a", "'['", "error: x").replace("'['", "[").replace("error: x", "error: '1:'"),
    "several": "- name: a\n  inputs: {a.yaml: 'grow: [0]', b.yaml: '{}'}\n  outputs: {a.yaml: 'grow: [0, 1]'}\n"
    "  stable: false\n",
}


@pytest.mark.parametrize("cases", PASSING.values(), ids=PASSING)
def test_passes(test: Test, cases: str) -> None:
    done = test(cases)
    assert (done.returncode, done.stderr) == (0, "1 file, 1 case: 1 passed\n"), done.stdout


FAILING = {
    "wrong output": case("a", "b", "output: '" + pod("c").strip() + "'"),
    "unexpected change": case("a", "b", "unchanged: true"),
    "wrong patch": case("a", "b", "patch: []"),
    "missing error": case("a", "m.local/b", "error: evil"),
    "missing warning": case("a", "m.local/b", "warning: odd"),
    "unexpected error": case("a", "evil", "unchanged: true"),
    "unexpected warning": case("a", "odd", "output: '" + pod("m.local/odd").strip() + "'"),
    "nothing expected": case("a", "m.local/b"),
    "not stable": "- name: a\n  input: '{grow: []}'\n  output: '{grow: [0]}'\n",
}


@pytest.mark.parametrize("outcome", FAILING)
def test_fails(test: Test, outcome: str) -> None:
    done = test(FAILING[outcome])
    told = [line for line in done.stdout.splitlines() if line.startswith("mirror.test.yaml:") and ": error: " in line]
    assert [line.partition(": error: ")[2] for line in told] == [f"{outcome}: a"], done.stdout
    assert (done.returncode, done.stderr) == (1, "1 file, 1 case: 1 failed\n")


def test_a_failure_shows_the_difference(test: Test) -> None:
    done = test(FAILING["wrong output"], "--coverage")
    assert (
        done.stdout
        == """\
mirror.test.yaml:8:9: error: wrong output: a
--- expected
+++ actual
@@ -1 +1 @@
-spec: {containers: [{image: c, name: x}]}
\\ No newline at end of file
+spec: {containers: [{image: m.local/b, name: x}]}
\\ No newline at end of file
coverage of acme/mirror: 1/4 rules, 1/4 actions, 0/2 conditions
mirror.yaml:7:1: warning: no case makes the rule `refuse` apply [acme/mirror/refuse]
mirror.yaml:11:1: warning: no case makes the rule `notice` apply [acme/mirror/notice]
mirror.yaml:17:9: warning: this `when` holds in every case [acme/mirror/mirror-image]
mirror.yaml:21:11: warning: this `when` holds in every case [acme/mirror/mirror-image]
mirror.yaml:22:1: warning: no case makes the rule `grow` apply [acme/mirror/grow]
"""
    )


def test_messages_for_programs(test: Test) -> None:
    (message,) = json.loads(test(FAILING["unexpected error"], "--format", "json").stdout)
    assert (message["file"], message["line"]) == ("mirror.test.yaml", 8)
    assert message["message"].startswith("unexpected error: a\n  input.yaml:1:21: error: evil image in x")
