"""Rule sets that extend others: a case is a folder; what its `rules.yaml` is in effect, or the mistakes in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from retouch import RuleError, load, make_patch
from retouch.effective import effective_text
from retouch.loader import show
from retouch.node import plain
from retouch.rule_text import RuleText, locate
from retouch.rulefile.entry import SECTIONS
from retouch.rulefile.rule_file import read_whole

CASES = Path(__file__).resolve().parent / "cases" / "extends"
FOLDERS = sorted(path.parent for path in CASES.glob("*/rules.yaml"))
HEAD = "apiVersion: retouch/v1\nkind: RuleSet\nmetadata: {name: acme/base}\n"


def case(folder: Path):
    return pytest.param(folder, id=folder.name)


def test_there_are_cases():
    assert len([folder for folder in FOLDERS if (folder / "error.txt").exists()]) >= 20


@pytest.mark.parametrize("folder", [case(folder) for folder in FOLDERS])
def test_case(folder: Path, request, monkeypatch):
    monkeypatch.chdir(folder)
    try:
        load("rules.yaml", params={})
    except RuleError as error:
        found = {"error.txt": "".join(told(message) for message in error.messages)}
    else:
        found = {"effective.yaml": show("rules.yaml")}
    if request.config.getoption("--accept"):
        for name in ("error.txt", "effective.yaml"):
            (folder / name).unlink(missing_ok=True)
        for name, content in found.items():
            (folder / name).write_text(content, "utf-8")
    given = {
        name: (folder / name).read_text("utf-8") for name in ("error.txt", "effective.yaml") if (folder / name).exists()
    }
    assert found == given


def says(whole) -> dict[str, list]:
    return {section: [(each.name, plain(each.node)) for each in whole.sections[section]] for section in SECTIONS}


def test_every_rule_set_can_be_written_down_as_it_is_in_effect():
    paths = [*CASES.parent.rglob("rules.yaml"), *(CASES.parents[2] / "rules").rglob("*.yaml")]
    seen = 0
    for path in paths:
        text = RuleText(path.read_bytes().decode(), str(path), path.parent)
        try:
            found = read_whole(text)
        except RuleError:
            continue
        for whole, rule_set in found:
            if not whole.bases:
                ((again, _),) = read_whole(RuleText(effective_text(whole, rule_set), "effective.yaml"))
                assert says(again) == says(whole), path
                seen += 1
    assert seen > 200


def test_rule_sets_that_extend_each_other_too_often(tmp_path):
    for number in range(60):
        (tmp_path / f"{number}.yaml").write_text(f"{HEAD}extends: [./{number + 1}.yaml]\n")
    (tmp_path / "60.yaml").write_text(f"{HEAD}rules: []\n")
    assert len(load(tmp_path / "15.yaml")) == 1
    with pytest.raises(RuleError) as caught:
        load(tmp_path / "0.yaml")
    (message,) = caught.value.messages
    assert message.text == "rule sets extend each other more than 50 deep here"


def test_diamonds_upon_diamonds_are_read_once(tmp_path):
    for number in range(30):
        extends = f"extends: [./{number + 1}a.yaml, ./{number + 1}b.yaml]"
        for letter in "ab":
            (tmp_path / f"{number}{letter}.yaml").write_text(f"{HEAD}{extends}\n")
    for letter in "ab":
        rule = f"- id: {letter}\n  actions:\n  - set: $.{letter}\n    value: 1\n"
        (tmp_path / f"30{letter}.yaml").write_text(f"{HEAD}rules:\n{rule}")
    (rule_set,) = load(tmp_path / "0a.yaml")
    assert [rule.id for rule in rule_set.rules] == ["a", "b"]


def test_paths_stay_in_the_project_or_in_the_folder_that_was_named(tmp_path, monkeypatch):
    (tmp_path / "project" / "rules").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    base = f"{HEAD}rules: []\n"
    for folder in ("project", "other"):
        (tmp_path / folder / "base.yaml").write_text(base)
    (tmp_path / "project" / "rules" / "team.yaml").write_text(f"{HEAD}extends: [../base.yaml]\n")
    (tmp_path / "other" / "near.yaml").write_text(f"{HEAD}extends: [./base.yaml]\n")
    (tmp_path / "other" / "far.yaml").write_text(f"{HEAD}extends: [../project/base.yaml]\n")
    monkeypatch.chdir(tmp_path / "project")
    assert load("rules/team.yaml")
    assert load("../other/near.yaml")
    with pytest.raises(RuleError, match=r"far\.yaml:4:11: error: `\.\./project/base\.yaml` is outside of the folder"):
        load("../other/far.yaml")
    monkeypatch.chdir(tmp_path / "project" / "rules")
    with pytest.raises(RuleError, match=r"is outside of the folder `\.`"):
        load("team.yaml")
    assert load("team.yaml", root="..")
    assert load(tmp_path / "other" / "far.yaml", root=tmp_path)


def test_what_is_extended_acts(tmp_path):
    (tmp_path / "base.yaml").write_text(
        f"{HEAD}params: {{host: {{type: string, default: a}}}}\nlet: {{prefix: '${{ params.host }}/'}}\n"
        "define: {pods: .spec}\n"
        "facts:\n  c: {match: {c: '$.<pods>.containers.*'}, is: {id: '${ id(c) }', node: '${ c }'}}\n"
        "rules:\n- id: one\n  match: {c: facts.c}\n"
        "  actions:\n  - set: c.node.image\n    value: ${ prefix }${ c.node.image }\n"
    )
    (tmp_path / "team.yaml").write_text(
        f"{HEAD.replace('base', 'team')}extends: [./base.yaml]\nparams: {{host: {{default: b}}}}\n"
        "define: {pods: .spec.template.spec}\n"
    )
    document = {"spec": {"template": {"spec": {"containers": [{"image": "x"}]}}}}
    assert make_patch(document, load(tmp_path / "base.yaml")) == []
    path = "/spec/template/spec/containers/0/image"
    assert make_patch(document, load(tmp_path / "team.yaml")) == [{"op": "replace", "path": path, "value": "b/x"}]
    given = load(tmp_path / "base.yaml", tmp_path / "team.yaml", params={"acme/team:host": "c"})
    assert make_patch(document, given)[0]["value"] == "c/x"


def told(message) -> str:
    folder = str(Path.cwd())
    lines = [str(message), *(f"  {note}" for note in message.notes)]
    return "".join(f"{line}\n" for line in lines).replace(folder, "FOLDER")


@pytest.mark.parametrize("path", [case(folder) for folder in FOLDERS if (folder / "effective.yaml").exists()])
def test_effective_text_says_the_same(path: Path):
    (text,) = locate("./rules.yaml", folder=path)
    ((whole, rule_set),) = read_whole(text)
    ((again, same),) = read_whole(RuleText((path / "effective.yaml").read_text("utf-8"), "effective.yaml"))
    assert same.parameters == rule_set.parameters
    for section in SECTIONS[1:]:
        was, now = ([(each.name, plain(each.node)) for each in one.sections[section]] for one in (whole, again))
        assert now == was, section
