"""`retouch test`: what its files may say, every outcome of a case, coverage, and what is written."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from xml.etree import ElementTree as ET

import pytest
from installed_package import installed
from process import run

from retouch import load_text
from retouch.cli import command_test, junit, test_file, test_report  # noqa: F401 - imported here, so that no copy has to
from retouch.error import NOWHERE
from retouch.testing.case import Case, RuleTest
from retouch.testing.case_form import CASE, RULE_TEST
from retouch.testing.coverage import Coverage  # noqa: F401
from retouch.testing.outcome import Outcome
from retouch.testing.trial import try_case

ROOT = Path(__file__).resolve().parents[1]
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


MISTAKES = {
    "cases: []\n": "4:1: error: there is no case here, so nothing is tested; give at least one",
    "case: []\n": "4:1: error: a rule test has no key `case`; did you mean `cases`?",
    "cases:\n- name: a\n  inputt: b\n": "6:3: error: a case has no key `inputt`; did you mean `input`?",
    "cases:\n- name: a\n": "5:1: error: a case needs one of `input`, `inputFile`, `inputs`",
    "cases:\n- {name: a, input: b, inputs: {c: d}}\n": "5:23: error: a case has either `input` or `inputs`, not both",
    "cases:\n- {name: a, input: b, output: c, unchanged: true}\n": (
        "5:34: error: a case has either `output` or `unchanged`, not both"
    ),
    "cases:\n- {name: a, input: b, unchanged: false}\n": (
        "5:34: error: `unchanged` can only be `true`; found the boolean `false`, so leave it out"
    ),
    "cases:\n- {name: a, input: b, error: c, output: d}\n": (
        "5:33: error: a text of which an error is told stays as it is: leave `output` out, or `error`"
    ),
    "cases:\n- {name: a, inputs: {b: c}, output: d}\n": (
        "5:29: error: `output` is for a case with one input: use `outputs`"
    ),
    "cases:\n- {name: a, inputs: {b: c}, outputs: {d: c}}\n": (
        "5:39: error: `outputs` has `d`, which is none of the inputs: `b`"
    ),
    "cases:\n- {name: a, input: b, patch: [c]}\n": (
        "5:31: error: an operation is a mapping such as `{op: replace, path: /spec/replicas, value: 3}`; "
        "found the text `c`"
    ),
    "cases:\n- {name: a, inputFile: b.yaml}\n": (
        "5:24: error: there is no file `b.yaml` (names are relative to the test file)"
    ),
    "cases:\n- {name: a, input: b, outputFile: ../c}\n": (
        "5:35: error: `outputFile` names a file in the test file's folder or below it; found `../c`"
    ),
    "cases:\n- {name: a, input: b}\n- {name: a, input: c}\n": (
        "6:10: error: the name `a` is taken by the case on line 5; names are unique in a file"
    ),
    "params: {hots: b}\ncases:\n- {name: a, input: b, unchanged: true}\n": ("6:10: error: unexpected error: a"),
}


@pytest.mark.parametrize("cases", MISTAKES)
def test_mistakes_in_test_files(test: Test, cases: str) -> None:
    done = test(cases, head="apiVersion: retouch/v1\nkind: RuleTest\nruleset: ./mirror.yaml\n")
    assert f"mirror.test.yaml:{MISTAKES[cases]}\n" in done.stdout
    assert done.returncode == (1 if "unexpected" in MISTAKES[cases] else 2)


def test_all_mistakes_are_told_together(test: Test) -> None:
    done = test("cases:\n- {}\n", head="apiVersion: retouch/v2\nkind: RuleTest\nruleset: ./miror.yaml\n")
    assert "`apiVersion` must be `retouch/v1`" in done.stdout
    done = test("cases:\n- {}\n", head="apiVersion: retouch/v1\nkind: RuleTest\nruleset: ./miror.yaml\n")
    assert [line.split(":")[1] for line in done.stdout.splitlines() if line.startswith("mirror")] == ["3", "5"]
    assert "did you mean `./mirror.yaml`?" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ([], "there is nothing to run: no file in this folder has a name that ends in .test.yaml"),
        (["argo/artifact-to-volume"], "did you mean `argo/artifacts-to-volume`?"),
        (["nowhere"], "there is no such file or folder"),
        (["-"], "rule tests are not read from standard input"),
        (["--filter", "a", "--require-coverage", "rules"], "does not go with --filter"),
    ],
)
def test_nothing_to_run_is_an_error(tmp_path: Path, arguments: list[str], text: str) -> None:
    done = run(tmp_path, "test", *arguments)
    assert done.returncode == 2
    assert text in done.stderr


def test_filter_chooses_cases(test: Test) -> None:
    cases = case("good one", "m.local/b", "unchanged: true") + case("bad", "b", "unchanged: true")
    done = test(cases, "--filter", "good", "-v")
    assert (done.returncode, done.stdout) == (0, "mirror.test.yaml:8:9: passed: good one\n")
    done = test(cases, "--filter", "ugly")
    assert (done.returncode, done.stderr) == (
        2,
        "error: there is nothing to run: no case has a name with `ugly` in it\n",
    )


ALL = (
    case("mirrors", "b", "patch: [{op: replace, path: /spec/containers/0/image, value: m.local/b}]")
    + case("leaves", "m.local/b", "unchanged: true")
    + case("local", "local", "unchanged: true")
    + case("warns", "odd", "warning: odd")
    + case("refuses", "evil", "error: evil")
)


@pytest.mark.parametrize(("level", "code"), [("rules", 1), ("actions", 1), ("conditions", 1)])
def test_coverage_can_be_required(test: Test, level: str, code: int) -> None:
    grows = "- name: grows\n  input: '{grow: []}'\n  output: '{grow: [0]}'\n  stable: false\n"
    done = test(ALL, "--require-coverage", level)
    assert done.returncode == code
    assert "mirror.yaml:22:1: error: no case makes the rule `grow` apply [acme/mirror/grow]\n" in done.stdout
    done = test(ALL + grows, "--require-coverage", level)
    assert done.returncode == 0
    assert done.stdout == "coverage of acme/mirror: 4/4 rules, 4/4 actions, 2/2 conditions\n"


def test_coverage_counts_each_way_of_a_condition(test: Test) -> None:
    without = ALL.replace(case("leaves", "m.local/b", "unchanged: true"), "")
    done = test(without, "--require-coverage", "actions")
    assert "mirror.yaml:17:9: warning: this `when` holds in every case [acme/mirror/mirror-image]" in done.stdout


def test_coverage_counts_conditions_of_facts(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(
        "apiVersion: retouch/v1\nkind: RuleSet\nmetadata: {name: f}\nfacts:\n  big:\n"
        "    match: {n: '$.list[*]'}\n    when: n > 0\n    from:\n    - is: {n: '${ n }'}\n      when: n > 5\n"
        "rules:\n- id: r\n  match: {b: facts.big}\n  actions: [{set: $.found, value: '${ b.n }'}]\n"
    )
    head = "apiVersion: retouch/v1\nkind: RuleTest\nruleset: rules.yaml\ncases:\n"
    first = "- name: one\n  input: '{list: [7]}'\n  output: '{list: [7], found: 7}'\n"
    (tmp_path / "rules.test.yaml").write_text(head + first)
    done = run(tmp_path, "test", "--coverage")
    assert done.stdout.splitlines()[1:] == [
        "rules.yaml:7:11: warning: this `when` holds in every case [f/facts.big]",
        "rules.yaml:10:13: warning: this `when` holds in every case [f/facts.big]",
    ]
    (tmp_path / "rules.test.yaml").write_text(
        head + first + "- {name: two, input: '{list: [0, 3]}', unchanged: true}\n"
    )
    assert run(tmp_path, "test", "--require-coverage", "conditions").returncode == 0


def test_update_writes_what_came_out_and_nothing_else(test: Test, tmp_path: Path) -> None:
    cases = """\
# first
- name: wrong  # one
  input: |
    spec: {containers: [{image: b}]}  # c
  output: |  # old
    spec: {}
- name: wrong patch
  input: 'spec: {containers: [{image: b}]}'
  patch:
  - {op: replace, path: /spec/containers/0/image, value: c}   # note
# between
- name: not the same
  input: |
    spec: {containers: [{image: b}]}
  unchanged: true
- name: open
  input: "spec: {containers: [{image: b}]}\\r\\n"
- name: open and the same
  input: 'a: b'
- name: file
  inputFile: in.yaml
  outputFile: out.yaml
- name: several
  inputs: {a.yaml: 'grow: [0]', b.yaml: '{}', c.yaml: 'grow: [0]'}
  outputs: {a.yaml: ''}
  stable: false
- name: refused
  input: 'spec: {containers: [{image: evil, name: x}]}'
  unchanged: true
"""
    (tmp_path / "in.yaml").write_text("spec: {containers: [{image: in}]}\n")
    done = test(cases, "--update")
    assert (done.returncode, done.stderr) == (1, "1 file, 8 cases: 1 failed, 7 updated\n"), done.stdout
    assert (tmp_path / "out.yaml").read_text() == "spec: {containers: [{image: m.local/in}]}\n"
    assert (
        (tmp_path / "mirror.test.yaml").read_text()
        == HEAD
        + """\
# first
- name: wrong  # one
  input: |
    spec: {containers: [{image: b}]}  # c
  output: |  # old
    spec: {containers: [{image: m.local/b}]}  # c
- name: wrong patch
  input: 'spec: {containers: [{image: b}]}'
  patch:
  - {op: replace, path: /spec/containers/0/image, value: m.local/b}   # note
# between
- name: not the same
  input: |
    spec: {containers: [{image: b}]}
  output: |
    spec: {containers: [{image: m.local/b}]}
- name: open
  input: "spec: {containers: [{image: b}]}\\r\\n"
  output: "spec: {containers: [{image: m.local/b}]}\\r\\n"
- name: open and the same
  input: 'a: b'
  unchanged: true
- name: file
  inputFile: in.yaml
  outputFile: out.yaml
- name: several
  inputs: {a.yaml: 'grow: [0]', b.yaml: '{}', c.yaml: 'grow: [0]'}
  outputs: {a.yaml: 'grow: [0, 1]', c.yaml: 'grow: [0, 1]'}
  stable: false
- name: refused
  input: 'spec: {containers: [{image: evil, name: x}]}'
  unchanged: true
"""
    )
    again = (tmp_path / "mirror.test.yaml").read_bytes()
    assert run(tmp_path, "test", "--update").stderr == "1 file, 8 cases: 7 passed, 1 failed\n"
    assert (tmp_path / "mirror.test.yaml").read_bytes() == again


def test_update_does_not_follow_links_out_of_the_folder(test: Test, tmp_path: Path) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-outside.yaml"
    outside.write_text("precious: true\n")
    (tmp_path / "out.yaml").symlink_to(outside)
    done = test("- {name: a, input: 'a: b', outputFile: out.yaml}\n", "--update")
    assert done.returncode == 2
    assert "out.yaml: error: this is a link to a file elsewhere" in done.stdout
    assert outside.read_text() == "precious: true\n"


def test_junit(test: Test, tmp_path: Path) -> None:
    (tmp_path / "broken.test.yaml").write_text("kind: [")
    done = test(
        ALL + case("fails\\e", "b", "unchanged: true").replace("name: fails\\e", 'name: "fails \\e"'),
        "--junit",
        "out/x.xml",
    )
    assert done.returncode == 2
    suites = ET.parse(tmp_path / "out" / "x.xml").getroot()
    assert [(each.get("name"), each.get("tests"), each.get("failures")) for each in suites] == [
        ("mirror.test.yaml", "6", "1"),
        ("errors", "1", "0"),
    ]
    failure = suites[0].find("testcase/failure")
    assert failure is not None
    assert failure.get("type") == "unexpected change"
    assert "+spec: {containers: [{image: m.local/b, name: x}]}" in str(failure.text)


def test_built_in_rule_sets_are_covered_by_their_tests() -> None:
    done = run(ROOT, "test", "--built-in", "--require-coverage", "actions", "-q")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    done = run(ROOT, "test", "argo/artifacts-to-volume", "--require-coverage", "conditions", "-q")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_built_in_rule_sets_are_tested_by_name(tmp_path: Path) -> None:
    done = run(tmp_path, "test", "argo/artifacts-to-volume", "--filter", "task to task", "-v")
    assert done.stdout.endswith("artifacts-to-volume.test.yaml:9:9: passed: a file goes from task to task\n")
    assert (done.returncode, done.stderr) == (0, "4 files, 1 case: 1 passed\n")


def test_coverage_leaves_out_what_is_extended_from_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "org").mkdir()
    (tmp_path / "base" / "mirror.yaml").write_text(RULES)
    (tmp_path / "org" / "mirror.yaml").write_text(
        "apiVersion: retouch/v1\nkind: RuleSet\nmetadata: {name: org/mirror}\nextends: [../base/mirror.yaml]\n"
        "rules:\n- id: label\n  actions: [{set: $.labeled, value: true}]\n"
    )
    (tmp_path / "org" / "mirror.test.yaml").write_text(
        HEAD + "- {name: labels, input: '{a: 1}', output: '{a: 1, labeled: true}'}\n"
    )
    done = run(tmp_path, "test", "org", "--require-coverage", "conditions")
    assert (done.returncode, done.stdout) == (0, "coverage of org/mirror: 1/1 rules, 1/1 actions\n")


PAGE = (ROOT / "docs" / "testing-rules.md").read_text("utf-8")
WORDS = [*RULE_TEST.all, *CASE.all, *Outcome]


@pytest.mark.parametrize("word", WORDS)
def test_the_page_has_a_row_for_every_key_and_outcome(word: str) -> None:
    assert re.search(rf"^\| `{word}` \|", PAGE, re.MULTILINE)


def test_the_page_has_a_row_for_every_option() -> None:
    said = run(ROOT, "test", "--help").stdout.partition("options:")[2].partition("general:")[0]
    options = set(re.findall(r"--[a-z-]+", said)) - {"--help"}
    assert options == set(re.findall(r"^\| `(--[a-z-]+)", PAGE, re.MULTILINE))


def test_other_files_run_where_one_has_a_mistake(test: Test, tmp_path: Path) -> None:
    broken = HEAD.replace("./mirror.yaml", "broken.yaml") + "- {name: a, input: b, unchanged: true}\n"
    (tmp_path / "broken.yaml").write_text(RULES.replace("rules:", "ruless:"))
    (tmp_path / "a.test.yaml").write_text(broken)
    (tmp_path / "b.test.yaml").write_text(broken)
    done = test(PASSING["unchanged"] + "---\n" + HEAD + PASSING["unchanged"], "-v")
    assert done.stdout.startswith("broken.yaml:6:1: error: a rule set has no key `ruless`; did you mean `rules`?\n")
    assert done.stdout.count("ruless:") == 1  # the line, told once for both
    assert done.stdout.count(": passed: a\n") == 2
    assert (done.returncode, done.stderr) == (2, "3 files, 2 cases: 2 passed, 1 error\n")


def test_update_leaves_files_that_cannot_be_written(test: Test, tmp_path: Path) -> None:
    (tmp_path / "linked.test.yaml").write_text(HEAD + FAILING["wrong output"])
    (tmp_path / "other name").hardlink_to(tmp_path / "linked.test.yaml")
    done = test(FAILING["wrong output"], "--update")
    assert (done.returncode, done.stderr) == (2, "2 files, 2 cases: 1 failed, 1 updated, 1 error\n")
    assert "linked.test.yaml: error: the file has 2 names (hard links)" in done.stdout
    assert (tmp_path / "linked.test.yaml").read_text() == HEAD + FAILING["wrong output"]


def test_atomic_rule_sets_keep_all_inputs(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULES.replace("rules:", "atomic: run\nrules:"))
    (tmp_path / "rules.test.yaml").write_text(
        HEAD.replace("./mirror.yaml", "rules.yaml") + "- name: a\n  error: evil\n  unchanged: true\n  inputs:\n"
        f"    a.yaml: '{pod('evil').strip()}'\n    b.yaml: '{pod('b').strip()}'\n"
    )
    assert run(tmp_path, "test").stderr == "1 file, 1 case: 1 passed\n"


def test_input_files_and_names(test: Test, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "pod.yaml").write_bytes(pod("b").encode() + b"# end\r\n")
    (tmp_path / "out.yaml").write_bytes(pod("m.local/b").encode() + b"# end\r\n")
    done = test(
        "- {name: files, inputFile: in/pod.yaml, outputFile: out.yaml}\n"
        "- {name: its name, inputFile: in/pod.yaml, params: {host: 1}, error: host}\n"
        "- {name: another name, file: x/y.yaml, input: '[', error: 'x/y.yaml:1:2: error'}\n"
    )
    assert (done.returncode, done.stderr) == (0, "1 file, 3 cases: 3 passed\n"), done.stdout
    (tmp_path / "out.yaml").write_bytes(pod("m.local/b").encode() + b"# end\n")
    said = run(tmp_path, "test").stdout
    assert said.startswith("mirror.test.yaml:6:10: error: wrong output: files\n  they differ in line ends only\n")


def test_a_configured_project_is_tested_as_a_whole_with_its_filters(tmp_path: Path) -> None:
    (tmp_path / "retouch.yaml").write_text("apiVersion: retouch/v1\nkind: Config\nfilters: [acme:team_of]\n")
    for folder in ("rules", "tests/deep"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "rules" / "team.yaml").write_text(
        "apiVersion: retouch/v1\nkind: RuleSet\nmetadata: {name: team}\n"
        "rules: [{id: team, actions: [{set: $.team, value: '${ doc.name | team_of }'}]}]\n"
    )
    (tmp_path / "tests" / "team.test.yaml").write_text(
        "apiVersion: retouch/v1\nkind: RuleTest\nruleset: ../rules/team.yaml\n"
        "cases: [{name: a, input: '{name: web}', output: '{name: web, team: shop}'}]\n"
    )
    code = "def team_of(name):\n    return 'shop'\n"
    with installed(tmp_path / "site", "acme_filters", {"of.py": code}, "[retouch.filters]\nacme = acme_filters.of\n"):
        done = run(tmp_path / "tests" / "deep", "test", "-v")
    assert done.stdout.startswith("../team.test.yaml:4:16: passed: a\n"), done.stdout
    assert (done.returncode, done.stderr) == (0, "1 file, 1 case: 1 passed\n")


def test_gaps_are_listed_as_far_as_they_help(test: Test) -> None:
    gaps = [line for line in test(PASSING["unchanged"]).stdout.splitlines() if ": warning: " in line]
    assert len(gaps) == 5
    assert test(PASSING["unchanged"], "mirror.test.yaml").stdout == (
        "coverage of acme/mirror: 0/4 rules, 0/4 actions, 0/2 conditions\n"
    )
    assert test(PASSING["unchanged"], "mirror.test.yaml", "--coverage").stdout.splitlines()[1:] == gaps
    assert json.loads(test(PASSING["unchanged"], "--format", "json").stdout) == []
    told = json.loads(test(PASSING["unchanged"], "--format", "json", "--require-coverage", "rules").stdout)
    assert [(each["severity"], each["line"]) for each in told] == [("error", line) for line in (7, 11, 15, 22)]
