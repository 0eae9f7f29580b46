"""The Python API from end to end: what goes in, what comes out, what is raised, and what stays as it was."""

from __future__ import annotations

import copy
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jsonpatch
import pytest

import retouch

RULES = """\
apiVersion: retouch/v1
kind: RuleSet
metadata: {name: shop/images}
params:
  mirror: {type: string, default: mirror.example.com}
rules:
- id: mirror
  match: {container: $.spec.containers.*}
  when: (container.image | image).registry == 'docker.io'
  actions:
  - set: container.image
    value: ${ params.mirror }/${ container.image }
- id: pull
  match: {container: $.spec.containers.*}
  actions:
  - default: container.imagePullPolicy
    value: Always
- id: privileged
  match: {container: $.spec.containers.*}
  actions:
  - fail: '`${ container.name }` is privileged'
    node: container.securityContext.privileged
    when: container.securityContext.privileged
- id: latest
  match: {container: $.spec.containers.*}
  actions:
  - warn: '`${ container.name }` has no tag'
    node: container.image
    when: (container.image | image).tag is not defined
"""

STREAM = """\
# two pods and one that rules do not touch
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  containers:
  - name: web
    image: nginx:1.27  # pinned
---
---
apiVersion: v1
kind: Service
metadata: {name: web}
---
apiVersion: batch/v1
kind: Job
metadata: {generateName: job-}
spec: {containers: [{name: job, image: 'quay.io/job'}]}
"""

LIST = """\
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Pod
  metadata: {name: one}
  spec:
    containers:
    - name: one
      image: one:1 # first
      imagePullPolicy: IfNotPresent
- apiVersion: v1
  kind: Pod
  metadata: {name: two}
  spec: {containers: [{name: two, image: quay.io/two:2, imagePullPolicy: Never}]} # second
"""


@pytest.fixture(scope="module")
def rules() -> retouch.Rules:
    return retouch.load_text(RULES, "images.yaml")


def pod(**container: Any) -> dict[str, Any]:
    return {"spec": {"containers": [{"name": "web", "image": "nginx:1.27", **container}]}}


# rewrite


def test_stream(rules: retouch.Rules) -> None:
    result = retouch.rewrite(STREAM, rules, file="stream.yaml")
    assert result.changed
    assert result.original == STREAM
    assert result.text == STREAM.replace(
        "    image: nginx:1.27  # pinned\n",
        "    image: mirror.example.com/nginx:1.27  # pinned\n    imagePullPolicy: Always\n",
    ).replace("'quay.io/job'}", "'quay.io/job', imagePullPolicy: Always}")
    assert result.matches["shop/images/mirror"] == 1
    assert result.matches["shop/images/pull"] == 2


def test_documents_of_a_stream(rules: retouch.Rules) -> None:
    web, service, job = retouch.rewrite(STREAM, rules, file="stream.yaml").documents
    assert [(each.index, each.item, each.changed) for each in (web, service, job)] == [
        (0, None, True),
        (2, None, False),  # the empty document between the markers counts
        (3, None, True),
    ]
    assert web.resource == retouch.Resource("v1", "Pod", "shop", "web")
    assert job.resource == retouch.Resource("batch/v1", "Job", None, None, "job-")
    assert str(service.place) == "stream.yaml:11:1"
    assert web.rules == [("shop/images/mirror",), ("shop/images/pull",)]
    assert [operation["op"] for operation in web.patch] == ["replace", "add"]
    assert service.patch == []
    assert service.data is None
    assert job.data["spec"] == {"containers": [{"name": "job", "image": "quay.io/job"}]}


def test_patches_say_what_the_text_says(rules: retouch.Rules) -> None:
    result = retouch.rewrite(STREAM, rules)
    again = retouch.rewrite(result.text, rules)
    assert not again.changed
    text = STREAM
    for document in result.documents:
        text = retouch.apply_patch(text, document.patch, document.index)
    assert text == result.text


def test_edits_are_against_the_original(rules: retouch.Rules) -> None:
    result = retouch.rewrite(STREAM, rules)
    text, end = "", 0
    for edit in result.edits:
        assert edit.start >= end
        text += result.original[end : edit.start] + edit.text
        end = edit.end
    assert text + result.original[end:] == result.text


def test_diff_names_the_file_and_the_rules(rules: retouch.Rules) -> None:
    result = retouch.rewrite(STREAM, rules, file="stream.yaml")
    assert result.diff().startswith("--- a/stream.yaml\n+++ b/stream.yaml\n@@ ")
    assert "shop/images/mirror" in result.diff(annotate=True)
    assert retouch.rewrite("a: 1\n", rules).diff() == ""


def test_list_items_are_documents(rules: retouch.Rules) -> None:
    result = retouch.rewrite(LIST, rules)
    assert [(each.index, each.item, each.changed) for each in result.documents] == [(0, 0, True), (0, 1, False)]
    first = result.documents[0]
    assert first.resource == retouch.Resource("v1", "Pod", None, "one")
    assert first.patch[0]["path"] == "/spec/containers/0/image"  # from the item, not from the list
    assert result.text == LIST.replace("image: one:1", "image: mirror.example.com/one:1")
    assert retouch.apply_patch(LIST, first.patch, item=0) == result.text


def test_json_stays_json(rules: retouch.Rules) -> None:
    text = '{"spec":\t{"containers": [\n  {"name": "web", "image": "nginx:1"}\n]}}'
    result = retouch.rewrite(text, rules, file="pod.json")
    assert json.loads(result.text) == retouch.rewrite_object(json.loads(text), rules)
    assert result.text.startswith('{"spec":\t{"containers": [\n  {"name": "web", "image": "mirror.example.com/nginx:1"')
    assert not result.text.endswith("\n")


def test_json_values_one_after_the_other(rules: retouch.Rules) -> None:
    text = '{"a": 1}\n{"spec": {"containers": [{"name": "b", "image": "b:1", "imagePullPolicy": "Never"}]}}\n'
    result = retouch.rewrite(text, rules)
    assert result.text == text.replace('"b:1"', '"mirror.example.com/b:1"')
    assert [each.index for each in result.documents] == [0, 1]


@pytest.mark.parametrize("text", ["", "\n", "# only this\n", "---\n", "a: 1", "a: 1\r\n", "\ufeffa: 1\n", "null\n"])
def test_what_no_rule_touches_is_the_same(text: str, rules: retouch.Rules) -> None:
    result = retouch.rewrite(text, rules)
    assert not result.changed
    assert result.text == text


def test_warnings(rules: retouch.Rules) -> None:
    (warning,) = retouch.rewrite(STREAM, rules, file="stream.yaml").warnings
    assert str(warning) == "stream.yaml:18:40: warning: `job` has no tag [shop/images/latest]"
    assert warning.place.excerpt == "spec: {containers: [{name: job, image: 'quay.io/job'}]}"


def test_without_verification_the_text_is_the_same(rules: retouch.Rules) -> None:
    assert retouch.rewrite(STREAM, rules, verify=False).text == retouch.rewrite(STREAM, rules).text


# errors


def test_a_refusal_refuses_the_whole_text_and_tells_all(rules: retouch.Rules) -> None:
    text = STREAM + "---\nspec:\n  containers:\n  - {name: a, image: a:1, securityContext: {privileged: true}}\n"
    text += "  - name: b\n    image: b:1\n    securityContext:\n      privileged: true\n"
    column = text.splitlines()[21].index("true") + 1
    with pytest.raises(retouch.RefusedError) as caught:
        retouch.rewrite(text, rules, file="bad.yaml")
    error = caught.value
    assert (error.file, error.line, error.column) == ("bad.yaml", 22, column)
    assert error.rule == "shop/images/privileged"
    assert [(message.text, message.place.line) for message in error.messages] == [
        ("`a` is privileged", 22),
        ("`b` is privileged", 26),
    ]
    assert str(error).count("\n") == 1


def test_a_rule_that_fails_on_a_document(rules: retouch.Rules) -> None:
    with pytest.raises(retouch.RuleError) as caught:
        retouch.rewrite("spec:\n  containers:\n  - name: web\n", rules, file="pod.yaml")
    error = caught.value
    assert (error.file, error.rule) == ("images.yaml", "shop/images/mirror")
    assert "container.image is absent; keys here: `name`" in str(error)
    assert [(note.text, str(note.place)) for note in error.messages[0].notes] == [("in this document", "pod.yaml:3:3")]


def test_what_is_no_yaml() -> None:
    with pytest.raises(retouch.InputError) as caught:
        retouch.rewrite("a: 1\n---\nb: [\n", (), file="pod.yaml")
    assert caught.value.file == "pod.yaml"
    assert caught.value.line is not None
    assert caught.value.line >= 3
    assert caught.value.rule is None


def test_a_rule_file_tells_all_its_mistakes() -> None:
    text = RULES.replace("  when:", "  whem:", 1).replace("set: container", "sett: container")
    with pytest.raises(retouch.RuleError) as caught:
        retouch.load_text(text, "images.yaml")
    assert [(message.place.file, message.place.line) for message in caught.value.messages] == [
        ("images.yaml", 9),
        ("images.yaml", 11),
    ]


@pytest.mark.parametrize(
    ("names", "params", "said"),
    [
        (["argo/artifacts-to-volum"], {}, "did you mean `argo/artifacts-to-volume`"),
        (["rules.yaml"], {"miror": "x"}, "did you mean `mirror`"),
        (["rules.yaml"], {"mirror": 1}, "mirror"),
        (["folder"], {}, "holds no rule set"),
    ],
)
def test_wrong_calls(
    names: list[str], params: dict[str, Any], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rules.yaml").write_text(RULES)
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(retouch.UsageError) as caught:
        retouch.load(*names, params=params)
    assert said in str(caught.value)


def test_every_error_is_one_of_the_family() -> None:
    errors = [getattr(retouch, name) for name in retouch.__all__ if name.endswith("Error")]
    assert len(errors) == 9
    assert all(issubclass(error, retouch.RetouchError) for error in errors)


# loading


def test_files_folders_and_parameters(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(RULES)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "c.yml").write_text(RULES.replace("shop/images", "other"))
    (tmp_path / "b.test.yaml").write_text("kind: RuleSet, but not read")
    loaded = retouch.load(tmp_path, params={"mirror": "m.io", "other:mirror": "o.io"})
    assert len(loaded) == 2
    assert [(each.name, each.values["mirror"]) for each in loaded] == [("other", "o.io"), ("shop/images", "m.io")]


def test_rule_sets_run_in_the_order_of_their_names(tmp_path: Path) -> None:
    header = "apiVersion: retouch/v1\nkind: RuleSet\nmetadata: {name: %s}\nrules:\n- id: add\n  actions:\n"
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(header % name + f"  - append: $.seen\n    value: {name}\n")
    loaded = retouch.load(tmp_path / "two.yaml", tmp_path / "one.yaml")
    assert retouch.rewrite_object({}, loaded) == {"seen": ["two", "one"]}


# plain data


def test_data_goes_in_and_stays(rules: retouch.Rules) -> None:
    obj = pod(ports=[{"containerPort": 80}])
    before = copy.deepcopy(obj)
    patch = retouch.make_patch(obj, rules)
    new = retouch.rewrite_object(obj, rules)
    assert obj == before
    assert new == jsonpatch.apply_patch(obj, patch)
    assert new["spec"]["containers"][0]["image"] == "mirror.example.com/nginx:1.27"
    new["spec"]["containers"][0]["ports"][0]["containerPort"] = 81
    assert obj == before


def test_data_that_no_rule_touches_is_copied(rules: retouch.Rules) -> None:
    obj = {"a": [{"b": None}], "c": 1.5, "d": True}
    new = retouch.rewrite_object(obj, rules)
    assert new == obj
    assert new["a"] is not obj["a"]
    assert retouch.make_patch(obj, rules) == []


def test_values_of_a_patch_are_its_own(rules: retouch.Rules) -> None:
    text = "apiVersion: retouch/v1\nkind: RuleSet\nmetadata: {name: a}\nrules:\n- id: a\n  actions:\n"
    loaded = retouch.load_text(text + "  - set: $.copy\n    value: ${ doc.old }\n")
    obj = {"old": {"list": [1]}}
    (operation,) = retouch.make_patch(obj, loaded)
    operation["value"]["list"].append(2)
    assert obj == {"old": {"list": [1]}}
    assert retouch.make_patch(obj, loaded) == [{"op": "add", "path": "/copy", "value": {"list": [1]}}]


def test_data_that_is_refused(rules: retouch.Rules) -> None:
    obj = pod(securityContext={"privileged": True})
    for function in (retouch.make_patch, retouch.rewrite_object):
        with pytest.raises(retouch.RefusedError) as caught:
            function(obj, rules)
        assert (caught.value.file, caught.value.rule) == (None, "shop/images/privileged")


# patches


def test_a_patch_keeps_the_bytes_around() -> None:
    text = "a: 1   # one\nb:   [1, 2, 3]\n\n# end\n"
    patch = [{"op": "replace", "path": "/a", "value": "2"}, {"op": "remove", "path": "/b/1"}]
    assert retouch.apply_patch(text, patch) == "a: '2'   # one\nb:   [1, 3]\n\n# end\n"


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        ({"op": "replace", "path": "/nothing", "value": 1}, "nothing"),
        ({"op": "remove", "path": "/list/7"}, "7"),
        ({"op": "test", "path": "/a", "value": 2}, "expected 2"),
        ({"op": "add", "path": "a", "value": 2}, "did you mean `/a`"),
        ({"op": "add", "path": "/a"}, "no `value`"),
        ({"op": "put", "path": "/a", "value": 2}, "put"),
        ({"op": "move", "from": "/nothing", "path": "/a"}, "nothing"),
        ({"op": "move", "from": "/map", "path": "/map/in"}, "map"),
    ],
)
def test_a_patch_is_all_or_nothing(operation: dict[str, Any], said: str) -> None:
    text = "a: 1\nlist: [1]\nmap: {in: 1}\n"
    first = {"op": "replace", "path": "/a", "value": 1}
    assert retouch.apply_patch(text, [first]) == text
    with pytest.raises(retouch.PatchError) as caught:
        retouch.apply_patch(text, [first, operation], file="a.yaml")
    assert said in str(caught.value)
    assert "operation 1" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "place"), [(STREAM, {}), (STREAM, {"document": 1}), (STREAM, {"item": 0}), (LIST, {}), (LIST, {"item": 2})]
)
def test_a_patch_needs_one_document(text: str, place: dict[str, int]) -> None:
    with pytest.raises(retouch.InputError):
        retouch.apply_patch(text, [{"op": "add", "path": "/metadata/name", "value": "a"}], **place)


def test_a_patch_for_one_document_of_several() -> None:
    patch = [{"op": "replace", "path": "/a", "value": 3}]
    assert retouch.apply_patch("a: 1 # x\n---\na: 2 # y\n", patch, 1) == "a: 1 # x\n---\na: 3 # y\n"


# threads


def test_threads_share_rules(rules: retouch.Rules) -> None:
    texts = [STREAM.replace("nginx", f"nginx{number}") for number in range(40)]
    alone = [retouch.rewrite(text, rules) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda text: retouch.rewrite(text, rules), texts * 5))
    assert [each.text for each in together] == [each.text for each in alone] * 5
    assert [each.documents for each in together] == [each.documents for each in alone] * 5


def test_threads_load_rules() -> None:
    def work(number: int) -> object:
        own = retouch.load_text(RULES, params={"mirror": f"m{number}.io"})
        return retouch.rewrite_object(pod(), own)["spec"]["containers"][0]["image"]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(40))) == [f"m{number}.io/nginx:1.27" for number in range(40)]
