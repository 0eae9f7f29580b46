"""`retouch rules`: what there is, what is in it, and a rule set to start from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from installed_package import installed

import retouch
from retouch.cli.command import main
from retouch.loader import read_rule_sets, show
from retouch.rule_text import built_in

Run = Callable[..., tuple[int, str, str]]

HEAD = "apiVersion: retouch/v1\nkind: RuleSet\nmetadata: {name: acme/base, version: 1.2.0}\n"
BASE = f"{HEAD}description: What all share. And more.\nrules:\n- id: one\n  actions:\n  - set: $.a\n    value: 1\n"
POINTS = "[retouch.rulesets]\nacme = acme_sets\n"


@pytest.fixture
def run(capsys, tmp_path, monkeypatch) -> Run:
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str, str]:
        code = main(list(arguments))
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def test_list_has_built_in_and_installed_rule_sets(run, tmp_path):
    files = {"base.yaml": BASE, "deep/broken.yaml": f"{HEAD}ruels: []\n", "base.test.yaml": "ruleset: no RuleSet\n"}
    with installed(tmp_path / "site", "acme_sets", files, POINTS):
        code, out, err = run("rules", "list")
    assert code == 2
    lines = [line.split(maxsplit=2) for line in out.splitlines()]
    assert [line[0] for line in lines] == [*(each.name for each in read_rule_sets(built_in().values())), "acme:base"]
    assert lines[-1] == ["acme:base", "1.2.0", "What all share."]
    assert "broken.yaml:4:1: error: a rule set has no key `ruels`; did you mean `rules`?" in err


def test_package_that_cannot_be_imported_is_told_once(run, tmp_path):
    with installed(tmp_path / "site", "acme_sets", {"__init__.py": "import nothing_of_that_name"}, POINTS):
        code, out, err = run("rules", "list")
    assert (code, err.count("error:")) == (2, 1)
    assert "argo/artifacts-to-volume" in out


def test_show_what_extends_a_package(run, tmp_path):
    (tmp_path / "team.yaml").write_text(f"{HEAD}extends: ['acme:base']\nrules: []\n")
    with installed(tmp_path / "site", "acme_sets", {"base.yaml": BASE}, POINTS):
        code, out, _ = run("rules", "show", "team.yaml")
    assert (code, out.partition("rules:\n")[2].partition("\n")[0]) == (0, "- id: one   # acme:base.yaml:6")


def test_show_origins_of_what_extends_nothing(run):
    code, out, _ = run("rules", "show", "--origins", "argo/artifacts-to-volume")
    assert code == 0
    assert "  volumeName:   # retouch:argo/artifacts-to-volume.yaml:" in out
    volume = {"persistentVolumeClaim": {"claimName": "data"}}
    (rule_set,) = retouch.load_text(out, params={"volume": volume})
    (same,) = retouch.load("argo/artifacts-to-volume", params={"volume": volume})
    assert [rule.id for rule in rule_set.rules] == [rule.id for rule in same.rules]
    assert rule_set.parameters == same.parameters


def test_show_of_what_extends_nothing_is_the_text(run, tmp_path):
    (tmp_path / "base.yaml").write_text(BASE)
    assert run("rules", "show", "base.yaml") == (0, BASE, "")
    assert show(str(tmp_path / "base.yaml")) == BASE


def test_new_rule_set_works_and_has_a_test(run, tmp_path):
    assert run("rules", "new", "acme/owner") == (0, "acme/owner.yaml\nacme/owner.test.yaml\n", "")
    (rule_set,) = retouch.load(tmp_path / "acme", params={"team": "shop"})
    assert (rule_set.name, [rule.id for rule in rule_set.rules]) == ("acme/owner", ["label-owner"])
    assert "ruleset: ./owner.yaml\n" in (tmp_path / "acme" / "owner.test.yaml").read_text()


@pytest.mark.parametrize("there", ["owner.yaml", "owner.test.yaml"])
def test_new_rule_set_overwrites_nothing(run, tmp_path, there):
    (tmp_path / there).write_text("mine")
    code, out, err = run("rules", "new", "owner.yaml")
    assert (code, out) == (2, "")
    assert err == f"{there}: error: is there already, and nothing was written: choose another name\n"
    assert [path.name for path in tmp_path.iterdir()] == [there]
    assert (tmp_path / there).read_text() == "mine"


def test_new_rule_set_has_a_name_that_can_be_one(run, tmp_path):
    code, _, err = run("rules", "new", "Acme Labels")
    assert code == 2
    assert "the name of a rule set has lower-case letters, digits and `-`" in err
    assert not list(tmp_path.iterdir())
    assert run("rules", "new", str(tmp_path / "labels"))[0] == 0
    assert "name: labels\n" in Path("labels.yaml").read_text()


def test_show_and_list_in_a_project(run, tmp_path, monkeypatch):
    (tmp_path / "base.yaml").write_text(BASE.replace("rules:", "params: {size: {type: integer, default: 1}}\nrules:"))
    (tmp_path / "team.yaml").write_text(f"{HEAD.replace('base', 'team')}extends: [./base.yaml]\n")
    (tmp_path / "retouch.yaml").write_text(
        "apiVersion: retouch/v1\nkind: Config\nrulesets:\n- use: ./team.yaml\n  params: {size: 2}\n"
        "  rules:\n    one: {severity: warning}\n"
    )
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    code, out, err = run("rules", "show", "acme/team")
    assert (code, err) == (0, "")
    assert out.endswith(
        "- id: one   # ../base.yaml:7\n  actions:\n  - set: $.a\n    value: 1\n\n# Used by ../retouch.yaml:4\n"
        "#   params.size: 2  # ../retouch.yaml:5\n#   rules.one.severity: warning  # ../retouch.yaml:7\n"
    )
    assert retouch.load_text(out)
    assert run("rules", "show") == (0, out, "")
    assert run("rules", "list")[1].splitlines()[0].split() == ["acme/team", "1.2.0"]


def test_show_nothing(run):
    code, out, err = run("rules", "show")
    assert (code, out) == (2, "")
    assert "name a rule set" in err


def test_new_rule_set_passes_its_own_test(run):
    assert run("rules", "new", "acme/owner")[0] == 0
    code, out, err = run("test", "acme")
    assert (code, "2 passed" in err) == (0, True), out + err
    assert "1/1 rules, 1/1 actions, 1/1 conditions" in out + err
