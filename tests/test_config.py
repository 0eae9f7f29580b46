"""`retouch.yaml`: where it is found, what it says, which files it means, and what is wrong with it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from installed_package import installed
from process import run

import retouch
from retouch.config import config_form
from retouch.config.origin import find_origins
from retouch.rulefile.form import Fields
from retouch.rulefile.switch import SWITCH

RULES = """\
apiVersion: retouch/v1
kind: RuleSet
metadata: {name: acme/mirror}
params:
  host: {type: string, required: true, description: Host of the mirror.}
  tries: {type: integer, default: 3}
rules:
- id: evil
  match: {c: '$..containers[?(@.image == "evil")]'}
  actions: [{fail: "an evil image"}]
- id: image
  match: {c: $..containers.*}
  when: not c.image is match('^' ~ params.host)
  actions: [{set: c.image, value: "${ params.host }/${ c.image }"}]
- id: mark
  match: {c: $..containers.*}
  actions: [{set: c.path, value: "${ file.path }"}]
"""
HEAD = "apiVersion: retouch/v1\nkind: Config\n"
USE = "rulesets:\n- use: ./rules/mirror.yaml\n  params: {host: m.local}\n"
POD = "spec:\n  containers:\n  - image: a\n"


def make(folder: Path, texts: dict[str, str]) -> Path:
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with two files, in a folder of its own."""
    root = tmp_path / "project"
    return make(root, {"rules/mirror.yaml": RULES, "deploy/a.yaml": POD, "deploy/prod/b.yaml": POD})


def configure(root: Path, text: str = USE) -> None:
    (root / "retouch.yaml").write_text(HEAD + text)


def images(root: Path) -> dict[str, str]:
    """The image of every file below `deploy`."""
    found = {}
    for path in sorted((root / "deploy").rglob("[a-z].yaml")):
        found[path.relative_to(root / "deploy").as_posix()] = path.read_text().split("image: ")[1].split("\n")[0]
    return found


# Where it is found


def test_a_configured_project_needs_no_flag(project: Path) -> None:
    configure(project, USE + "files: {include: [deploy/**]}\n")
    result = run(project, "diff")
    assert result.returncode == 1
    assert "+++ b/deploy/a.yaml" in result.stdout
    assert "+++ b/deploy/prod/b.yaml" in result.stdout
    assert "+  - image: m.local/a" in result.stdout
    assert result.stderr == "2 files, 2 documents, 2 rewritten by 2 rules\n"
    assert run(project, "apply", "-i").returncode == 0
    assert images(project) == {"a.yaml": "m.local/a", "prod/b.yaml": "m.local/a"}
    assert run(project, "diff").returncode == 0


def test_names_start_at_the_working_directory(project: Path) -> None:
    configure(project, USE + "files: {include: [deploy/**]}\n")
    result = run(project / "deploy" / "prod", "diff")
    assert "+++ b/deploy/prod/b.yaml" in result.stdout
    assert "../a.yaml" in run(project / "deploy" / "prod", "diff", "--stat").stdout
    assert "+    path: deploy/prod/b.yaml" in result.stdout  # and rules see the path from the project root


def test_the_nearest_one_counts(project: Path) -> None:
    configure(project)
    make(project, {"deploy/prod/retouch.yaml": HEAD + USE.replace("./rules", "./own").replace("m.local", "near.local")})
    make(project, {"deploy/prod/own/mirror.yaml": RULES})
    assert run(project / "deploy" / "prod", "apply", "-i").returncode == 0
    assert images(project)["a.yaml"] == "a"
    assert images(project)["prod/b.yaml"] == "near.local/a"


def test_a_repository_below_is_no_bound(project: Path) -> None:
    configure(project)
    (project / "deploy" / ".git").mkdir()
    assert run(project / "deploy" / "prod", "apply", "-i").returncode == 0
    assert images(project) == {"a.yaml": "m.local/a", "prod/b.yaml": "m.local/a"}


def test_through_a_link_to_the_project(project: Path) -> None:
    configure(project, USE + "overrides: [{files: [deploy/prod/**], params: {host: p.local}}]\n")
    (project.parent / "link").symlink_to(project)
    result = run(project.parent / "link" / "deploy", "apply", "-i", f"{project.parent}/link/deploy/prod/b.yaml")
    assert result.returncode == 0, result.stderr
    assert images(project) == {"a.yaml": "a", "prod/b.yaml": "p.local/a"}
    assert "path: deploy/prod/b.yaml" in (project / "deploy/prod/b.yaml").read_text()


def test_a_link_is_where_it_stands(project: Path) -> None:
    configure(project, USE + "overrides: [{files: [deploy/prod/**], params: {host: p.local}}]\n")
    outside = make(project.parent / "outside", {"c.yaml": POD})
    (project / "deploy" / "prod" / "c.yaml").symlink_to(outside / "c.yaml")
    (project / "deploy" / "more").symlink_to(outside)  # links to folders are not followed
    result = run(project, "diff")
    assert "+++ b/deploy/prod/c.yaml" in result.stdout
    assert result.stdout.count("+  - image: p.local/a") == 2
    assert "more" not in result.stdout


def test_a_config_that_cannot_be_read(project: Path) -> None:
    (project / "retouch.yaml").symlink_to("nowhere")
    result = run(project, "diff")
    assert (result.returncode, result.stderr) == (2, "retouch.yaml: error: cannot be read: No such file or directory\n")
    (project / "retouch.yaml").unlink()
    (project / "retouch.yaml").write_bytes(b"kind: \xff\n")
    assert run(project, "diff").stderr == "retouch.yaml: error: is no UTF-8 text (byte 6)\n"


def test_without_one_rules_have_to_be_named(project: Path) -> None:
    (project / "retouch.yml").write_text(HEAD)
    result = run(project, "diff", "deploy")
    assert result.returncode == 2
    assert result.stderr.startswith("error: no rules given: ")
    assert "retouch.yml is no configuration: rename it to retouch.yaml" in result.stderr


# Files


def test_files_that_are_named_are_read_whatever_the_config_says(project: Path) -> None:
    configure(project, USE + "files: {include: [deploy/**], exclude: [deploy/prod/]}\n")
    make(project, {"deploy/x.tmpl": POD})
    assert run(project, "diff").stdout.count("+++") == 1
    assert run(project, "diff", "deploy").stdout.count("+++") == 1
    assert run(project, "diff", "deploy/prod").stderr == (
        "deploy/prod: warning: no file in this folder is one that `files` of the configuration names\n"
    )
    assert run(project, "diff", "deploy/prod/b.yaml", "deploy/x.tmpl").stdout.count("+++") == 2


def test_globs(project: Path) -> None:
    names = ["a.yaml", "a.json", "a.txt", "b/a.yaml", "b/c/a.yml", "b/c/a.tmpl", "d/a.yaml", "d/e/a.yaml"]
    make(project / "deploy", dict.fromkeys(names, POD))

    def found(include: str, exclude: str = "[]") -> list[str]:
        configure(project / "deploy", USE + f"files: {{include: {include}, exclude: {exclude}}}\n")
        config = retouch.load_config(project / "deploy").config
        choice = config.file_choice()
        return [name for name in names if choice.takes(str(project / "deploy" / name))]

    make(project / "deploy", {"rules/mirror.yaml": RULES})
    every = [name for name in names if not name.endswith((".txt", ".tmpl"))]
    assert found("['**']") == every
    assert found("['**/*']") == every
    assert found("['*']") == ["a.yaml", "a.json"]
    assert found("['**/*.yaml']") == ["a.yaml", "b/a.yaml", "d/a.yaml", "d/e/a.yaml"]
    assert found("['*.t*t', '**/*.tmpl']") == ["a.txt", "b/c/a.tmpl"]  # patterns that say how a name ends
    assert found("[b, d/]") == ["b/a.yaml", "b/c/a.yml", "d/a.yaml", "d/e/a.yaml"]
    assert found("['*/']") == ["b/a.yaml", "b/c/a.yml", "d/a.yaml", "d/e/a.yaml"]
    assert found("[b/*]") == ["b/a.yaml"]
    assert found("[./b/**]", "[b/c]") == ["b/a.yaml"]
    assert found("['**', '!b']") == ["a.yaml", "a.json", "d/a.yaml", "d/e/a.yaml"]
    assert found("['!b']") == ["a.yaml", "a.json", "d/a.yaml", "d/e/a.yaml"]
    assert found("['**']", "['**/*.json', '**/e']") == ["a.yaml", "b/a.yaml", "b/c/a.yml", "d/a.yaml"]
    configure(project / "deploy", USE + "files: {exclude: [b]}\n")
    choice = retouch.load_config(project / "deploy").config.file_choice()
    assert [name for name in names if choice.takes(str(project / "deploy" / name))] == [
        "a.yaml",
        "a.json",
        "d/a.yaml",
        "d/e/a.yaml",
    ]


@pytest.mark.parametrize(
    ("exclude", "over"),
    [
        ("vendor/**", ["vendor", "vendor/x"]),
        ("vendor", ["vendor", "vendor/x"]),
        ("**/vendor/", ["vendor", "vendor/x", "a/vendor"]),
        ("vendor/*.yaml", []),
        ("vendor/*", []),
        ("*/", ["vendor", "vendor/x", "a", "a/vendor"]),
        ("**", ["vendor", "vendor/x", "a", "a/vendor"]),
        ("a/**/x", []),
    ],
)
def test_folders_that_are_excluded_are_not_looked_into(project: Path, exclude: str, over: list[str]) -> None:
    configure(project, USE + f"files: {{exclude: ['{exclude}']}}\n")
    choice = retouch.load_config(project).config.file_choice()
    folders = ["vendor", "vendor/x", "a", "a/vendor"]
    assert [each for each in folders if choice.passes_over(str(project / each))] == over
    assert not choice.passes_over(str(project.parent))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_excluded_folder_need_not_be_readable(project: Path) -> None:
    configure(project, USE + "files: {exclude: [secret]}\n")
    (project / "secret").mkdir(mode=0)
    assert run(project, "diff").returncode == 1


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_what_git_ignores_is_left_out(project: Path) -> None:
    configure(project, USE + "files: {include: ['**/*.yaml']}\n")
    make(project, {".gitignore": "build/\n", "build/x.yaml": POD})
    subprocess.run(["git", "init", "-q", project], check=True)
    assert run(project / "deploy", "apply", "-i").returncode == 0
    assert (project / "build/x.yaml").read_text() == POD
    assert images(project) == {"a.yaml": "m.local/a", "prod/b.yaml": "m.local/a"}


def test_files_of_retouch_are_left_out_of_walks(project: Path) -> None:
    configure(project)
    make(project, {"rules/mirror.test.yaml": "# a test\napiVersion: 'retouch/v1'  # this\nkind: RuleTest\n"})
    make(project, {"deploy/map.yaml": f"data:\n  rules: |\n    {RULES.replace(chr(10), chr(10) + '    ')}\n"})
    result = run(project, "diff", "-v")
    assert result.stdout.count("+++") == 2
    assert "rules/mirror.test.yaml: skipped: " in result.stderr
    assert "3 files, 3 documents, 2 rewritten by 2 rules" in result.stderr
    assert "5 documents" not in result.stderr
    assert "rules/mirror.yaml" in run(project, "diff", "--set", "$.a=1", "rules/mirror.yaml").stdout


def test_files_outside_of_the_project(project: Path) -> None:
    configure(project, USE + "files: {include: [deploy/**]}\noverrides: [{files: ['**'], params: {host: p.local}}]\n")
    outside = make(project.parent / "outside", {"c.yaml": POD, "d.yml": POD, "e.txt": POD})
    result = run(project, "diff", str(outside))
    assert result.stdout.count("+  - image: m.local/a") == 2  # no override is for them
    assert "+    path: ../outside/c.yaml" in result.stdout
    assert run(project, "apply", "-i", "../outside/c.yaml").returncode == 0
    assert "image: m.local/a" in (outside / "c.yaml").read_text()


def test_named_rules_see_the_project_but_not_its_rule_sets(project: Path) -> None:
    configure(project, USE + "files: {include: [deploy/**], exclude: [deploy/prod]}\n")
    result = run(project / "deploy", "diff", "-r", "../rules/mirror.yaml", "-p", "host=n.local", ".")
    assert "+  - image: n.local/a" in result.stdout
    assert "+    path: deploy/a.yaml" in result.stdout
    assert "prod" not in result.stdout
    result = run(project, "diff", "--set", "$.x=1", "deploy")
    assert "m.local" not in result.stdout
    assert result.stdout.count("+++") == 1
    assert "is empty" in run(project, "diff", "--set", "$.x=1").stderr  # no path: standard input


def test_standard_input_of_a_project(project: Path) -> None:
    configure(project, USE + "overrides: [{files: ['**'], params: {host: p.local}}]\n")
    assert run(project, "apply", "-").stderr == "<stdin>: warning: standard input is empty\n"


def test_rule_files_are_no_input(project: Path) -> None:
    configure(project, USE + "files: {exclude: [deploy/prod]}\n")
    result = run(project, "apply")
    assert (result.returncode, result.stdout) == (
        0,
        "spec:\n  containers:\n  - image: m.local/a\n    path: deploy/a.yaml\n",
    )


def test_apply_wants_one_input_or_a_place_to_write(project: Path, tmp_path: Path) -> None:
    configure(project, USE + "files: {include: [deploy/**]}\n")
    assert "standard output takes the text of one input, and there are 2" in run(project, "apply").stderr
    assert run(project / "deploy", "apply", "-o", str(tmp_path / "out")).returncode == 0
    assert "m.local" in (tmp_path / "out/deploy/prod/b.yaml").read_text()


# Parameters, switches, overrides

OVERRIDES = """\
overrides:
- files: [deploy/prod/**]
  params: {host: p.local}
- files: deploy/**/b.yaml
  params: {acme/mirror:host: later.local}
  rules: {mark: {enabled: false}}
"""


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_overrides_hold_for_their_files_and_later_ones_win(project: Path, jobs: str) -> None:
    configure(project, USE + "files: {include: [deploy/**]}\n" + OVERRIDES)
    make(project, {"deploy/prod/c.yaml": POD})
    result = run(project, "apply", "-i", "-v", "--jobs", jobs)
    assert images(project) == {"a.yaml": "m.local/a", "prod/b.yaml": "later.local/a", "prod/c.yaml": "p.local/a"}
    assert "path" not in (project / "deploy/prod/b.yaml").read_text()
    assert "acme/mirror/mark: 2 matches" in result.stderr
    assert "acme/mirror/image: 3 matches" in result.stderr


def test_the_command_line_comes_before_everything(project: Path) -> None:
    configure(project, USE + OVERRIDES)
    make(project, {"params.yaml": "host: file.local\ntries: 1\n"})
    run(project, "apply", "-i", "--params", "params.yaml")
    assert set(images(project).values()) == {"file.local/a"}
    run(project, "apply", "-i", "--params", "params.yaml", "-p", "host=cli.local")
    assert set(images(project).values()) == {"cli.local/file.local/a"}
    result = run(project, "diff", "-p", "hots=x")
    assert (result.returncode, result.stderr) == (
        2,
        "error: unknown parameter `hots` of `acme/mirror`; did you mean `host`?\n",
    )


def test_a_parameter_that_only_overrides_give(project: Path) -> None:
    configure(project, "rulesets: [{use: rules/mirror.yaml}]\nfiles: {include: [deploy/prod]}\n" + OVERRIDES)
    assert run(project, "diff").returncode == 1
    result = run(project, "diff", "deploy/a.yaml")
    assert result.returncode == 2
    assert "retouch.yaml:3:18: error: `acme/mirror` needs the parameter `host`" in result.stderr


def test_one_set_twice(project: Path) -> None:
    configure(project, USE + "- use: ./rules/mirror.yaml\n  params: {host: twice}\n  rules: {mark: {enabled: false}}\n")
    result = run(project, "apply", "-i", "-v", "deploy/a.yaml")
    assert images(project)["a.yaml"] == "twice/m.local/a"
    assert "acme/mirror/image: 2 matches" in result.stderr


def test_a_folder_of_sets(project: Path) -> None:
    make(project, {"rules/other.yaml": RULES.replace("acme/mirror", "acme/other")})
    configure(
        project,
        "rulesets:\n- use: rules\n  params: {host: m.local, acme/other:host: o.local}\n"
        "  rules: {acme/other/evil: {enabled: false}, mark: {enabled: false}}\n",
    )
    (project / "deploy/a.yaml").write_text(POD.replace("a\n", "evil\n"))
    result = run(project, "diff", "deploy/prod")
    assert "+  - image: o.local/m.local/a" in result.stdout
    assert "path" not in result.stdout
    assert run(project, "diff", "deploy/a.yaml").stderr.count("error: an evil image") == 1


def test_rules_that_are_off_are_not_listed(project: Path) -> None:
    configure(project, USE + "  rules: {image: {enabled: false}}\n")
    result = run(project, "diff", "-v", "deploy")
    assert "acme/mirror/mark: 2 matches" in result.stderr
    assert "acme/mirror/image" not in result.stderr
    assert "m.local" not in result.stdout


def test_a_condition_is_added_in_the_names_of_the_rule(project: Path) -> None:
    configure(project, USE + "  rules: {image: {when: file.name == 'b.yaml' and c.image != params.host}}\n")
    assert run(project, "apply", "-i", "deploy").returncode == 0
    assert images(project) == {"a.yaml": "a", "prod/b.yaml": "m.local/a"}
    assert run(project, "diff", "deploy").returncode == 0  # the rule's own condition still holds


def test_conditions_of_overrides_are_added_too(project: Path) -> None:
    configure(
        project,
        USE
        + "  rules: {image: {when: c.image != 'x'}}\noverrides:\n- files: [deploy/prod]\n"
        + "  rules: {image: {when: c.image != 'a'}}\n",
    )
    make(project, {"deploy/x.yaml": POD.replace("a\n", "x\n"), "deploy/prod/x.yaml": POD.replace("a\n", "x\n")})
    assert run(project, "apply", "-i", "deploy").returncode == 0
    assert images(project) == {"a.yaml": "m.local/a", "prod/b.yaml": "a", "prod/x.yaml": "x", "x.yaml": "x"}


def test_a_condition_that_fails_says_where_it_is(project: Path) -> None:
    configure(project, USE + "  rules: {image: {when: c.tag + 1 > 2}}\n")
    result = run(project, "diff", "deploy/a.yaml")
    assert result.returncode == 2
    assert result.stderr.startswith("retouch.yaml:6:25: error: in `when: c.tag + 1 > 2`: ")


def test_expect_counts_all_files_of_the_run(project: Path) -> None:
    configure(project, USE + "  rules: {image: {expect: {matches: 3}}}\n" + OVERRIDES)
    result = run(project, "diff", "deploy")
    assert result.returncode == 2
    assert "retouch.yaml:6:19: error: the rule had 2 matches in this run, and `expect` wants exactly 3" in result.stderr
    assert result.stderr.count("`expect`") == 1
    make(project, {"deploy/prod/c.yaml": POD})
    assert run(project, "diff", "deploy").returncode == 1


# Severity

SEVERE = """\
apiVersion: retouch/v1
kind: RuleSet
metadata: {name: acme/severe}
rules:
- id: first
  match: {c: $.list.*}
  actions:
  - {fail: "${ c.n } is bad", when: c.bad}
  - {set: c.done, value: 1}
  - {fail: "${ c.n } is worse", when: c.worse}
  - {warn: "${ c.n } is odd", when: c.bad}
- id: then
  match: {c: $.list.*}
  actions: [{set: c.then, value: 1}]
"""


def test_fail_of_a_warning_skips_its_combination(tmp_path: Path) -> None:
    make(tmp_path, {"severe.yaml": SEVERE, "a.yaml": "list:\n- {n: one, bad: true}\n- {n: two}\n"})
    configure(tmp_path, "rulesets:\n- use: ./severe.yaml\n  rules: {first: {severity: warning}}\n")
    result = run(tmp_path, "apply", "-i", "a.yaml")
    assert result.returncode == 0, result.stderr
    said = [line for line in result.stderr.splitlines() if line.startswith("a.yaml:2")]
    assert said == [
        "a.yaml:2:1: warning: one is bad [acme/severe/first]",
        "a.yaml:2:1: warning: one is odd [acme/severe/first]",
    ]
    assert (tmp_path / "a.yaml").read_text() == "list:\n- {n: one, bad: true, then: 1}\n- {n: two, done: 1, then: 1}\n"


def test_what_cannot_be_skipped_any_more_refuses(tmp_path: Path) -> None:
    make(tmp_path, {"severe.yaml": SEVERE, "a.yaml": "list:\n- {n: one, worse: true}\n"})
    configure(tmp_path, "rulesets:\n- use: ./severe.yaml\n  rules: {first: {severity: warning}}\n")
    result = run(tmp_path, "apply", "-i", "a.yaml")
    assert result.returncode == 2
    assert "a.yaml:2:1: error: one is worse [acme/severe/first]" in result.stderr
    assert "note: with `severity: warning` this would skip the combination" in result.stderr
    assert (tmp_path / "a.yaml").read_text() == "list:\n- {n: one, worse: true}\n"


# Facts

FACTS = """\
apiVersion: retouch/v1
kind: RuleSet
metadata: {name: acme/facts}
params: {suffix: {type: string, default: ""}}
facts:
  host: {match: {h: $.hosts.*}, is: {id: "${ h }"}}
rules:
- id: hosts
  match: {all: $.all}
  actions: [{set: all, value: "${ rows('host') | map(attribute='id') | join(' ') }${ params.suffix }"}]
"""


def test_facts_of_files_with_other_overrides_are_runs_of_their_own(tmp_path: Path) -> None:
    texts = {f"{folder}/{n}.yaml": f"hosts: [{folder}{n}]\nall: none\n" for folder in ("a", "b") for n in (1, 2)}
    make(tmp_path, {"facts.yaml": FACTS, **texts})
    configure(tmp_path, "rulesets: [{use: ./facts.yaml}]\noverrides: [{files: [b/**], params: {suffix: '!'}}]\n")
    result = run(tmp_path, "apply", "-i", "-v", "--jobs", "2")
    assert result.returncode == 0, result.stderr
    assert {name: (tmp_path / name).read_text().split("all: ")[1].strip() for name in texts} == {
        "a/1.yaml": "a1 a2",
        "a/2.yaml": "a1 a2",
        "b/1.yaml": "b1 b2!",
        "b/2.yaml": "b1 b2!",
    }


# Python


def test_from_python(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(project, USE + OVERRIDES)
    config = retouch.load_config(project / "deploy")
    file = project / "deploy/prod/b.yaml"
    assert retouch.rewrite(POD, config.rules_for(file), file=str(file)).text == POD.replace(" a\n", " later.local/a\n")
    assert config.rules_for(file) is config.rules_for(file)
    assert "path: deploy/a.yaml" in retouch.rewrite(POD, config.rules_for(), file=str(project / "deploy/a.yaml")).text
    monkeypatch.chdir(project / "deploy")
    assert config.rules_for("prod/b.yaml") is config.rules_for(file)
    mine = retouch.load_config(project / "retouch.yaml", params={"host": "x"})
    assert "x/a" in retouch.rewrite(POD, mine.rules_for("a.yaml"), file="a.yaml").text
    with pytest.raises(retouch.UsageError, match=r"there is no retouch\.yaml in"):
        retouch.load_config(project.parent)
    configure(project, "ruleset: []\n")
    with pytest.raises(retouch.ConfigError) as caught:
        retouch.load_config(".")
    assert (caught.value.file, caught.value.line, caught.value.column) == ("../retouch.yaml", 3, 1)


def test_rule_sets_are_below_the_project(project: Path) -> None:
    configure(project, "rulesets: [{use: ../mirror.yaml}]\n")
    make(project.parent, {"mirror.yaml": RULES})
    result = run(project, "diff")
    assert result.returncode == 2
    assert result.stderr.startswith("retouch.yaml:3:18: error: `../mirror.yaml` is outside of ")
    assert run(project, "diff", "-r", "../mirror.yaml", "-p", "host=x", "deploy").returncode == 1


# Filters

TEAM = """\
apiVersion: retouch/v1
kind: RuleSet
metadata: {name: acme/team}
rules:
- id: team
  actions: [{set: $.team, value: "${ 'web' | team_of }"}]
"""


def test_filters_of_packages(project: Path, tmp_path: Path) -> None:
    make(project, {"team.yaml": TEAM})
    files = {"names.py": "def team_of(name):\n    return f'team of {name}'\n"}
    with installed(tmp_path / "site", "acme_filters", files, "[retouch.filters]\nacme = acme_filters.names\n"):
        configure(project, "rulesets: [{use: ./team.yaml}]\n")
        assert "unknown filter `team_of`" in run(project, "diff", "deploy/a.yaml").stderr
        configure(project, "rulesets: [{use: ./team.yaml}]\nfilters: [acme:team_of]\n")
        assert "+team: team of web" in run(project, "diff", "deploy/a.yaml").stdout
        assert "+team: team of web" in run(project, "diff", "-r", "team.yaml", "deploy/a.yaml").stdout
        assert "+x: team of a" in run(project, "diff", "--set", "$.x=${ 'a' | team_of }", "deploy/a.yaml").stdout
        configure(project, "rulesets: [{use: ./team.yaml}]\nfilters: [acme:team_of, acme:team_off, acme:team_of]\n")
        said = run(project, "diff").stderr
        assert "retouch.yaml:4:25: error: the module `acme_filters.names` has no function `team_off`; did you" in said
        assert "retouch.yaml:4:40: error: the filter `team_of` is asked for twice; expressions tell" in said


# Origins


def test_every_value_has_an_origin(project: Path) -> None:
    configure(
        project,
        USE + "  rules: {mark: {expect: {matches: '1..'}, when: file.name}, acme/mirror/evil: {severity: warning}}\n"
        "overrides: [{files: [deploy/prod/**], params: {tries: 5}, rules: {image: {enabled: false}}}]\n",
    )
    config = retouch.load_config(project, params={"host": "x"})
    (pair,) = config.used
    file = config.config.file
    assert [str(each) for each in find_origins(config, *pair)] == [
        "params.tries: 3  # default of acme/mirror",
        "params.host: x  # -p",
        f"rules.evil.severity: warning  # {file}:6",
        f'rules.mark.expect: {{matches: "1.."}}  # {file}:6',
        f"rules.mark.when: file.name  # {file}:6",
        f"params.tries: 5  # {file}:7 in deploy/prod/**",
        f"rules.image.enabled: false  # {file}:7 in deploy/prod/**",
    ]
    ((use, rule_set),) = retouch.load_config(project).used
    assert str(find_origins(retouch.load_config(project), use, rule_set)[1]) == f"params.host: m.local  # {file}:5"


def test_a_wrong_config_does_not_hide_the_rules(project: Path) -> None:
    configure(project, USE.replace("host", "hots"))
    result = run(project, "rules", "show", "rules/mirror.yaml")
    assert (result.returncode, result.stdout) == (2, RULES)
    assert "did you mean `host`?" in result.stderr
    result = run(project, "rules", "list")
    assert result.returncode == 2
    assert result.stdout.startswith("argo/")


# Messages

CASES = Path(__file__).resolve().parent / "cases" / "config"
FOLDERS = sorted(path.parent for path in CASES.glob("*/retouch.yaml"))


def test_there_are_cases() -> None:
    assert len(FOLDERS) >= 25


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_message(folder: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """What a run says of a configuration, in a project with a rule file and two documents."""
    shutil.copytree(CASES / "rules", tmp_path / "rules")
    make(tmp_path, {"deploy/a.yaml": POD, "deploy/prod/b.yaml": POD})
    shutil.copy(folder / "retouch.yaml", tmp_path)
    result = run(tmp_path, "diff")
    said = result.stderr.replace(str(tmp_path), "/project").replace(str(tmp_path.parent), "")
    if request.config.getoption("--accept"):
        (folder / "error.txt").write_text(said)
    assert said == (folder / "error.txt").read_text()
    assert result.returncode == (2 if "error:" in said else 1 if result.stdout else 0)


@pytest.mark.parametrize(
    "fields",
    [config_form.CONFIG, config_form.USE, config_form.FILES, config_form.OVERRIDE, SWITCH],
    ids=lambda fields: fields.noun,
)
def test_the_page_has_every_key(fields: Fields) -> None:
    page = (Path(__file__).resolve().parents[1] / "docs" / "organizations.md").read_text("utf-8")
    missing = [key for key in fields.all if f"`{key}" not in page and key not in ("apiVersion", "kind")]
    assert not missing
