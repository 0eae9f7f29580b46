"""Rule files: every mistake of an author has its message, every rule set in the docs loads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from retouch.error import FileError, RuleError, UsageError
from retouch.loader import load, load_text, read_rule_sets, show
from retouch.rule_text import built_in

TESTS = Path(__file__).resolve().parent
DOCS = TESTS.parent / "docs"
MISTAKES = sorted((TESTS / "cases" / "errors").glob("*/rules.yaml"))

HEAD = "apiVersion: retouch/v1\nkind: RuleSet\nmetadata: {name: acme/example}\n"
RULES = f"{HEAD}rules:\n- id: one\n"


def messages(text: str) -> str:
    with pytest.raises(RuleError) as caught:
        load_text(text, "rules.yaml")
    return str(caught.value)


def test_there_are_mistakes():
    assert len(MISTAKES) >= 40


@pytest.mark.parametrize("path", MISTAKES, ids=lambda path: path.parent.name)
def test_mistake(path, request):
    said = messages(path.read_text("utf-8")) + "\n"
    expected = path.with_name("error.txt")
    if request.config.getoption("--accept", default=False):
        expected.write_text(said, "utf-8")
    assert said == expected.read_text("utf-8")


def test_what_is_loaded():
    (rule_set,) = load_text(
        f"""{HEAD}
description: What it is for.
atomic: run
params:
  mirror: {{type: string, default: m.example.com}}
documents:
  kind: [Deployment, '!Job']
  labels: {{app: web*}}
  when: doc.spec is defined
define:
  containers: [.containers.*, .initContainers.*]
functions:
  mirrored(image): params.mirror ~ '/' ~ image
  twice(image): mirrored(mirrored(image))
let:
  prefix: ${{ params.mirror }}/
rules:
- id: mirror-image
  match:
    pod: $..spec
    container: pod.<containers>
    word:
      ${{ container.image | split('/') }}
  let: {{new: '${{ twice(word) }}'}}
  when: word != new
  expect: {{matches: 1..5}}
  actions:
  - set: container.image
    value: ${{ prefix }}${{ new }}
  - remove: mount.readOnly
    each: {{mount: container.volumeMounts.*}}
    when: mount.name == word
    missing: ok
  - add: /metadata/labels/${{ word }}
    value: 1.50
  - set: $.metadata.annotations['${{ word }}']
    value: yes please
  - warn: look at ${{ word }}
    node: container
"""
    )
    (rule,) = rule_set.rules
    assert (rule_set.name, rule_set.atomic, rule_set.values) == ("acme/example", True, {"mirror": "m.example.com"})
    assert rule_set.documents.fields["kind"].patterns == ("Deployment", "!Job")
    assert rule_set.documents.labels["app"].patterns == ("web*",)
    assert [let.name for let in rule_set.lets] == ["prefix"]
    pod, container, word = rule.captures
    assert [path.text for path in container.paths] == ["pod.containers.*", "pod.initContainers.*"]
    assert (pod.paths[0].start, word.paths, word.items.text.strip()) == ("$", (), "container.image | split('/')")
    assert (rule.expect.least, rule.expect.most) == (1, 5)
    put, remove, add, label, warn = rule.actions
    assert (put.verb, put.target.path.start, put.place.line) == ("set", "container", 31)
    assert (remove.arguments, remove.each[0].name, remove.when.text) == (
        {"missing": True},
        "mount",
        "mount.name == word",
    )
    assert add.target.pointer is not None
    assert add.target.path is None
    assert (label.target.path.text, label.target.key.expression.text.strip()) == ("$.metadata.annotations", "word")
    assert (warn.target, warn.arguments["node"].text) == (None, "container")


def test_match_without_a_name():
    (rule_set,) = load_text(f"{RULES}  match: $..image\n  actions:\n  - remove: node\n")
    assert [(each.name, each.paths[0].text) for each in rule_set.rules[0].captures] == [("node", "$..image")]


@pytest.mark.parametrize(
    ("text", "bounds"),
    [("1", (1, 1)), ("0..", (0, None)), ("1..", (1, None)), ("..5", (0, 5)), ('"2..3"', (2, 3)), ("0", (0, 0))],
)
def test_expect(text, bounds):
    (rule_set,) = load_text(f"{RULES}  expect: {{matches: {text}}}\n  actions:\n  - remove: $.a\n")
    expect = rule_set.rules[0].expect
    assert (expect.least, expect.most) == bounds


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$.<one>", ["$.a.b"]),
        ("$.x.<one>.y", ["$.x.a.b.y"]),
        ("$..<one>", ["$..a.b"]),
        ("$..<bracket>", ["$..[0]"]),
        ("$.<two>.<two>", ["$.a.a", "$.a[0]", "$[0].a", "$[0][0]"]),
        ("$.<nested>", ["$.a.b.c"]),
        ("$['.<one>']", ["$['.<one>']"]),
        ("$.c[?(@.<one> == 'x')]", ["$.c[?(@.a.b == 'x')]"]),
    ],
)
def test_fragments(path, found):
    define = "define: {one: .a.b, two: [.a, '[0]'], bracket: '[0]', nested: .<one>.c}\n"
    (rule_set,) = load_text(
        f'{HEAD}{define}rules:\n- id: one\n  match:\n    c: "{path}"\n  actions:\n  - warn: found\n'
    )
    assert [each.text for each in rule_set.rules[0].captures[0].paths] == found


def test_scalars_are_those_of_yaml_1_2_and_keys_their_own_text():
    (rule_set,) = load_text(f"{RULES}  actions:\n  - set: $.a\n    value: {{y: 1.50, no: 0x10, 012: .5, null: x}}\n")
    value = rule_set.rules[0].actions[0].arguments["value"].render({})
    assert list(value) == ["y", "no", "012", "null"]
    assert (value["y"].text, value["no"].text) == ("1.50", "0x10")


def test_rule_sets_keep_their_own_text_and_place():
    first, second = load_text(f"{RULES}  actions:\n  - remove: $.a\n---\n{HEAD}rules: []\n", "two.yaml")
    assert (first.place.line, second.place.line) == (1, 9)
    assert first.text.startswith("apiVersion")
    assert "remove" not in second.text


PARAMETERS = f"""{HEAD}
params:
  volume:
    type: object
    description: The volume to mount.
    required: true
    examples: [{{persistentVolumeClaim: {{claimName: my-pvc}}}}]
  mirror: {{type: string, default: m.example.com}}
  sizes: {{type: array, items: {{type: integer}}}}
  level: {{enum: [low, high]}}
  strict: {{type: boolean, default: false}}
rules: []
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "rules.yaml"
    path.write_text(PARAMETERS, "utf-8")
    return path


def test_parameters_from_everywhere(file, tmp_path):
    values = tmp_path / "values.yaml"
    values.write_text("volume: {emptyDir: {}}\nmirror: from.file\nlevel: low\n", "utf-8")
    rules = load(
        file,
        params_file=values,
        params={"mirror": "from.python", "acme/example:sizes": [1]},
        parameters=["mirror=1.5", "level=high", "strict=true"],
    )
    assert next(iter(rules)).values == {
        "volume": {"emptyDir": {}},
        "mirror": "1.5",
        "sizes": [1],
        "level": "high",
        "strict": True,
    }


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            [],
            (
                "error: `acme/example` needs the parameter `volume` (a mapping): The volume to mount.\n"
                "  pass it like this: -p volume='{persistentVolumeClaim: {claimName: my-pvc}}'"
            ),
        ),
        (
            ["volume=my-pvc"],
            (
                "error: parameter `volume` of `acme/example`: must be a mapping; found the text `my-pvc`\n"
                "  expected: a mapping. The volume to mount.\n"
                "  pass it like this: -p volume='{persistentVolumeClaim: {claimName: my-pvc}}'"
            ),
        ),
        (
            ["volume={}", "sizes=[1, two]"],
            (
                "error: parameter `sizes` of `acme/example`: item 1 must be a whole number; found the text `two`\n"
                "  expected: a list\n"
                "  pass it like this: -p sizes='[VALUE, VALUE]'"
            ),
        ),
        (
            ["volume={}", "level=medium"],
            (
                "error: parameter `level` of `acme/example`: must be one of `low`, `high`; found the text `medium`\n"
                "  pass it like this: -p level=low"
            ),
        ),
        (
            ["volume={}", "strict=yes"],
            (
                "error: parameter `strict` of `acme/example`: `yes` is `true` to YAML 1.1 and a text to YAML 1.2; "
                "write `true` or 'yes' for the text\n"
                "  expected: `true` or `false`\n"
                "  pass it like this: -p strict=false"
            ),
        ),
        (["volume={}", "miror=x"], "error: unknown parameter `miror` of `acme/example`; did you mean `mirror`?"),
        (
            ["volume={}", "acme/exampel:mirror=x"],
            "error: no rule set `acme/exampel` is in use to take the parameter `mirror`; did you mean `acme/example`?",
        ),
        (["volume={}", "mirror"], "error: -p mirror: expected NAME=VALUE, for example -p mirror=VALUE"),
    ],
)
def test_wrong_parameters(file, parameters, message):
    with pytest.raises(UsageError) as caught:
        load(file, parameters=parameters)
    assert str(caught.value) == message


def test_all_wrong_parameters_are_told_at_once(file):
    with pytest.raises(UsageError) as caught:
        load(file, params={"mirror": 1, "level": "x", "unknown": 1})
    assert len(caught.value.messages) == 4


def test_a_value_goes_to_every_rule_set_that_declares_it(file):
    other = f"{HEAD.replace('example', 'other')}params: {{volume: {{type: object}}}}\nrules: []\n"
    rules = load(file, "-", params={"volume": {}, "acme/other:volume": {"a": 1}}, standard_input=other)
    assert [each.values["volume"] for each in rules] == [{}, {"a": 1}]


def test_given_values_are_copied(file):
    volume = {"emptyDir": {}}
    rules = load(file, params={"volume": volume})
    volume.clear()
    assert next(iter(rules)).values["volume"] == {"emptyDir": {}}


def test_a_schema_cannot_fetch_anything(tmp_path):
    rules = f"{HEAD}params: {{a: {{$ref: 'http://127.0.0.1:9/schema.json'}}}}\nrules: []\n"
    with pytest.raises(UsageError, match=r"its schema refers to `http://127[.]0[.]0[.]1:9/schema[.]json`"):
        load_text(rules, params={"a": 1})


def test_a_folder(tmp_path):
    for name in ("b.yaml", "a.yml", "deep/c.yaml", "a.test.yaml", ".hidden/d.yaml"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(HEAD.replace("example", path.stem.replace(".", "-")) + "rules: []\n", "utf-8")
    (tmp_path / "values.yaml").write_text("replicas: 1\n", "utf-8")
    assert [each.name for each in load(tmp_path)] == ["acme/a", "acme/b", "acme/c"]


def test_a_folder_without_rule_sets(tmp_path):
    with pytest.raises(UsageError, match="holds no rule set"):
        load(tmp_path)


def test_mistakes_of_several_files_are_told_at_once(tmp_path):
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(HEAD + "rule: []\n", "utf-8")
    with pytest.raises(RuleError) as caught:
        load(tmp_path)
    assert [Path(message.place.file).name for message in caught.value.messages] == ["a.yaml", "b.yaml"]


def test_a_file_that_is_no_text(tmp_path):
    (tmp_path / "rules.yaml").write_bytes(b"\xff\xff")
    with pytest.raises(FileError, match="is no UTF-8 text"):
        load(tmp_path / "rules.yaml")


def test_an_unknown_file(file, monkeypatch):
    pytest.importorskip("retouch.rules", reason="the package of built-in rule sets is not installed")
    monkeypatch.chdir(file.parent)
    with pytest.raises(UsageError) as caught:
        load("./rule.yaml")
    assert str(caught.value).endswith("did you mean `./rules.yaml`?")
    with pytest.raises(UsageError) as caught:
        load("./nothing-like-it.json")
    assert str(file.parent / "nothing-like-it.json") in str(caught.value)


def test_built_in_rule_sets():
    pytest.importorskip("retouch.rules", reason="the package of built-in rule sets is not installed")
    names = [each.name for each in read_rule_sets(built_in().values())]
    assert names
    assert names == sorted(names)
    for name in names:
        assert f"name: {name}" in show(name)
    with pytest.raises(UsageError, match=f"did you mean `{names[0]}`"):
        load(f"{names[0]}x")


def test_every_filter_and_function_is_reserved():
    import retouch.expressions.closure  # noqa: F401 - fills the table of filters
    from retouch.expressions.filter import FILTERS
    from retouch.rulefile.reserved import FILTER_NAMES

    assert set(FILTERS) == FILTER_NAMES


WRAPPED = {
    "match": "{rules}  {block}\n  actions:\n  - warn: found\n",
    "documents": "{head}{block}\nrules: []\n",
    "let": "{head}params: {{mirror: {{type: string}}}}\n{block}\nrules: []\n",
    "functions": "{head}params: {{mirror: {{type: string}}}}\n{block}\nrules: []\n",
    "define": "{head}{block}\nrules: []\n",
    "facts": "{head}{block}\nrules: []\n",
    "expect": "{rules}  {block}\n  actions:\n  - warn: found\n",
    "actions": "{head}params: {{label: {{type: string}}}}\nlet: {{prefix: x}}\n"
    "rules:\n- id: one\n  match: {{container: $..containers.*}}\n  {block}\n",
}
"""How a fragment of a rule set that stands alone in the docs becomes one."""


def blocks() -> list[tuple[str, str]]:
    found = []
    for page in sorted(DOCS.glob("**/*.md")):
        text = page.read_text("utf-8")
        for number, block in enumerate(re.findall(r"^```yaml\n(.*?)^```", text, re.DOTALL | re.MULTILINE)):
            found.append((f"{page.stem}-{number}", block))
    return found


def as_rule_set(block: str) -> str | None:
    if "kind: RuleSet" in block:
        return block
    if "\nrules:" in block:
        return HEAD + block
    wrapper = WRAPPED.get(re.match(r"\w*", block)[0])
    if wrapper is None:
        return None
    indented = block.replace("\n", "\n  ") if "  {block}" in wrapper else block
    return wrapper.format(head=HEAD, rules=RULES, block=indented.rstrip())


DOCUMENTED = [(name, text) for name, block in blocks() if (text := as_rule_set(block)) is not None]


def test_every_block_of_the_reference_is_loaded():
    prefixes = ("rule-language", "facts")
    pages = [[name for name, _ in found if name.startswith(prefixes)] for found in (blocks(), DOCUMENTED)]
    assert pages[0]
    assert pages[0] == pages[1]


@pytest.mark.parametrize("text", [text for _, text in DOCUMENTED], ids=[name for name, _ in DOCUMENTED])
def test_documented(text):
    volume = {"volume": {"emptyDir": {}}} if "\n  volume:\n" in text else {}
    assert load_text(text, "docs.yaml", params=volume)


PART = "apiVersion: retouch/v1\nkind: RuleSetPart\n"


def written(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    return folder / "main.yaml"


def test_a_rule_set_in_several_files(tmp_path):
    (tmp_path / "parts").mkdir()
    written(
        tmp_path / "parts", two=f"{PART}rules:\n- {{id: two, match: {{i: facts.item}}, actions: [{{remove: i.n}}]}}\n"
    )
    main = written(
        tmp_path,
        main=f"{HEAD}define: {{items: [.items.*]}}\nparts: [one.yaml, parts/two.yaml]\n"
        "rules:\n- {id: first, actions: [{set: $.done, value: true}]}\n",
        one=f"{PART}functions: {{size(x): x + 1}}\n"
        "facts:\n  item: {match: {i: '$.<items>'}, is: {n: '${ i }', size: '${ size(i) }'}}\n",
    )
    (rule_set,) = load(main)
    assert [rule.id for rule in rule_set.rules] == ["first", "two"]
    assert [(table.name, table.place.file) for table in rule_set.facts] == [("item", str(tmp_path / "one.yaml"))]
    assert len(load(tmp_path)) == 1  # the parts are no rule sets of their own
    assert show(str(main)).count(PART) == 2


@pytest.mark.parametrize(
    ("main", "one", "said"),
    [
        ("parts: [none.yaml]", PART, "main.yaml:4:9: error: the part `none.yaml` cannot be read: No such file"),
        (
            "parts: [../one.yaml]",
            PART,
            "a part is a YAML file in the rule file's folder or below it; found `../one.yaml`",
        ),
        ("parts: [one.yaml, one.yaml]", PART, "main.yaml:4:19: error: the part `one.yaml` is named twice"),
        (
            "parts: [one.yaml]",
            f"{HEAD}rules: []\n",
            "one.yaml:1:1: error: a part of a rule set has `kind: RuleSetPart`",
        ),
        ("parts: [one.yaml]", f"{PART}params: {{}}\n", "one.yaml:3:1: error: a part of a rule set has no key `params`"),
        ("parts: [one.yaml]", f"{PART}rules: [\n", "one.yaml:4:1: error: "),
        ("parts: [one.yaml]", "", "main.yaml:4:9: error: the part `one.yaml` is empty"),
        (
            "parts: [one.yaml]\nrules: [{id: a, actions: [{warn: b}]}]",
            f"{PART}rules: [{{id: a, actions: [{{warn: b}}]}}]",
            "one.yaml:3:14: error: the id `a` is taken by the rule on line 5",
        ),
        (
            "parts: [one.yaml]\nfacts: {t: {is: {a: 1}}}",
            f"{PART}facts: {{t: {{is: {{a: 1}}}}}}",
            "one.yaml:3:9: error: the table `t` is there already",
        ),
        (
            "parts: [one.yaml]\ndefine: {a: .b}",
            f"{PART}define: {{a: .c}}",
            "one.yaml:3:10: error: the fragment `a` is there already",
        ),
        (
            "parts: [one.yaml]\nfunctions: {f(): 1}",
            f"{PART}functions: {{f(): 2}}",
            "one.yaml:3:13: error: `f` cannot name a function: it is one of the `functions:`",
        ),
    ],
)
def test_mistakes_in_parts(tmp_path, main, one, said):
    path = written(tmp_path, main=f"{HEAD}{main}\n", one=one)
    with pytest.raises(RuleError) as caught:
        load(path)
    assert said in str(caught.value).replace(f"{tmp_path}/", "")
    assert len(caught.value.messages) == 1


def test_parts_are_no_links_to_what_is_elsewhere(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "secret.yaml").write_text("password: hidden\n")
    (tmp_path / "rules" / "part.yaml").symlink_to(tmp_path / "secret.yaml")
    (tmp_path / "rules" / "main.yaml").write_text(f"{HEAD}parts: [part.yaml]\n")
    with pytest.raises(RuleError) as caught:
        load(tmp_path / "rules" / "main.yaml")
    assert f"the part `part.yaml` is a link that leads out of `{tmp_path / 'rules'}`" in str(caught.value)


def test_a_text_has_no_parts():
    assert "a rule set that is no file has no parts" in messages(f"{HEAD}parts: [one.yaml]\n")
