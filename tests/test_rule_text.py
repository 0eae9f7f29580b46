"""Names of rule sets: built in, files, folders and packages, found from where they are written and not outside."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from installed_package import installed

from retouch.error import Place, RuleError, UsageError
from retouch.loader import load, locate

RULES = """apiVersion: retouch/v1
kind: RuleSet
metadata: {name: NAME}
rules:
- id: one
  actions:
  - remove: $.a
    missing: ok
"""
HERE = Place("retouch.yaml", 3, 8)
POINTS = "[retouch.rulesets]\nacme_rules = acme_rules.data\n"


def rules(name: str) -> str:
    return RULES.replace("NAME", name)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for path in ("rules/base.yaml", "rules/deep/one.yaml", "rules/base.test.yaml", "../other.yaml"):
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(rules(path.strip("./").removesuffix(".yaml").replace(".", "-")))
    return root


@pytest.fixture
def package(tmp_path: Path):
    files = {
        "data/__init__.py": "",
        "data/base.yaml": rules("acme/base"),
        "data/base.test.yaml": "kind: RuleTest\nruleset: is no RuleSet\n",
        "data/strict/one.yaml": rules("acme/strict-one"),
        "data/strict/two.yml": rules("acme/strict-two"),
    }
    with installed(tmp_path / "site", "acme_rules", files, POINTS) as folder:
        yield folder


def refusal(name: str, **given) -> str:
    with pytest.raises(UsageError) as caught:
        locate(name, place=HERE, **given)
    return str(caught.value)


def test_built_in_anywhere():
    (text,) = locate("argo/artifacts-to-volume")
    assert "name: argo/artifacts-to-volume" in text.text
    assert "kind: RuleSetPart" in text.part("artifacts-to-volume/model.yaml")[0]


def test_parts_of_built_in_rule_sets_are_called_the_same_everywhere(monkeypatch):
    """Also where the working directory is the folder above the built-in rule sets."""
    monkeypatch.chdir(Path(__file__).resolve().parents[1])
    (rule_set,) = load("kubernetes/api-migrations")
    places = {rule.place.file for rule in rule_set.rules}
    assert "retouch:kubernetes/api-migrations/apps.yaml" in places
    assert all(each.startswith("retouch:kubernetes/api-migrations/") for each in places)


def test_file_and_folder_from_where_they_are_named(project):
    (file,) = locate("../rules/base.yaml", folder=project / "charts", root=project)
    assert file.file == str(project / "rules/base.yaml")
    found = locate("./rules", folder=project, root=project)
    assert [Path(each.file).name for each in found] == ["base.yaml", "one.yaml"]
    assert [each.root for each in found] == [project, project]


def test_outside_of_the_project(project):
    said = refusal("../other.yaml", folder=project, root=project)
    assert said == (
        f"retouch.yaml:3:8: error: `../other.yaml` is outside of the folder `{project}`, which no "
        "name that stands here may leave; rule sets that lie elsewhere are named with -r"
    )
    assert len(locate("../other.yaml", folder=project)) == 1


def test_outside_through_a_link(project):
    (project / "link.yaml").symlink_to(project.parent / "other.yaml")
    assert "is outside of" in refusal("./link.yaml", folder=project, root=project)
    (project / "rules" / "link.yaml").symlink_to(project.parent / "other.yaml")
    assert "`link.yaml` in the folder" in refusal("./rules", folder=project, root=project)


def test_nothing_there(project):
    said = refusal("./rules/bsae.yaml", folder=project, root=project)
    assert said.startswith("retouch.yaml:3:8: error: there is no rule set `./rules/bsae.yaml`; did you mean `./rules/b")
    assert "did you mean `argo/artifacts-to-volume`?" in refusal("argo/artifact-to-volume")
    assert "no file has no folder" in refusal("./base.yaml")


def test_package(package):
    (text,) = locate("acme_rules:base")
    assert (text.file, text.text) == ("acme_rules:base.yaml", rules("acme/base"))
    assert text.identity == str(package / "data/base.yaml")
    assert [Path(each.file).name for each in locate("acme_rules:strict")] == ["one.yaml", "two.yml"]
    assert [each.name for each in load("acme_rules:strict/two", "acme_rules:base")] == ["acme/strict-two", "acme/base"]


def test_package_whose_folder_has_no_init_file(tmp_path):
    extending = f"{rules('acme/strict').partition('rules:')[0]}extends: [../base.yaml, ./more.yaml]\n"
    more = rules("acme/more").replace("- id: one", "- id: more")
    files = {"data/base.yaml": rules("acme/base"), "data/strict/pods.yaml": extending, "data/strict/more.yaml": more}
    with installed(tmp_path, "acme_bare", files, POINTS.replace("acme_rules.data", "acme_bare.data")):
        (rule_set,) = load("acme_rules:strict/pods")
        assert [rule.id for rule in rule_set.rules] == ["one", "more"]


def test_rule_sets_of_a_package_stay_in_it(package, project):
    extending = rules("acme/out").replace("rules:", "extends: [../../../../project/rules/base.yaml]\nrules:")
    (package / "data" / "strict" / "one.yaml").write_text(extending)
    with pytest.raises(RuleError, match="is outside of the package `acme_rules`"):
        load("acme_rules:strict/one")


def test_package_has_no_such_rule_set(package):
    assert refusal("acme_rules:baze").endswith("has no rule set `baze`; did you mean `base`?")
    assert refusal("acme_rules:").endswith("it has `acme_rules:base`, `acme_rules:strict/one`, `acme_rules:strict/two`")
    assert "did you mean `acme_rules`?" in refusal("acme-rules:base")


def test_no_such_package():
    said = refusal("nowhere:base")
    assert "no installed package brings rule sets as `nowhere` (entry point group `retouch.rulesets`)" in said


def test_package_that_cannot_be_imported(tmp_path):
    files = {"data/__init__.py": "raise RuntimeError('not today')"}
    with installed(tmp_path, "acme_broken", files, POINTS.replace("acme_rules", "acme_broken")):
        said = refusal("acme_broken:base")
    assert re.search(r"must name a Python package; `acme_broken.data` cannot be imported: not today", said)


def test_two_packages_of_one_name(package, tmp_path):
    with installed(tmp_path / "more", "acme_more", {}, "[retouch.rulesets]\nacme_rules = acme_more\n"):
        assert "several installed packages bring rule sets as `acme_rules`" in refusal("acme_rules:base")
