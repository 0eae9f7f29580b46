"""Reads a file of rule tests: every RuleTest document in it, checked, and all mistakes reported together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from ..error import FileError, InputError, Message, Place, RuleError, UsageError, in_order
from ..node import MAPPING, SCALAR, plain
from ..rulefile.form import Fields, Form, describe
from ..rulefile.library import KIND as RULES
from ..rulefile.strict_yaml import read_forms
from ..suggest import listing, nearest
from .case import Case, Expected, RuleTest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..node import Node
    from ..rule_text import RuleText
    from ..value import Value

KIND = "RuleTest"

RULE_TEST = Fields("a rule test", ("apiVersion", "kind", "ruleset", "cases"), ("description", "params"))
CASE = Fields(
    "a case",
    ("name",),
    (
        "description",
        "params",
        "file",
        "input",
        "inputFile",
        "inputs",
        "output",
        "outputFile",
        "outputs",
        "unchanged",
        "error",
        "warning",
        "patch",
        "stable",
    ),
)

INPUTS = ("input", "inputFile", "inputs")
TEXTS = ("output", "outputFile", "outputs", "unchanged")
DEFAULT_NAME = "input.yaml"
"""What an input without a name is called in messages, and what rules see as its `file`."""

OpenFile: TypeAlias = "Callable[[str], str | None]"
"""Gives the text of the file of that name, relative to the test file; None if there is none.

Raises `FileError` or `InputError` if it cannot be read.
"""

FindRules: TypeAlias = "Callable[[str, Place], Sequence[RuleText]]"
"""Gives the rule files that a name in the test file stands for. Raises `UsageError` or `FileError`."""


def read_rule_tests(text: str, file: str, open_file: OpenFile, find_rules: FindRules) -> tuple[RuleTest, ...]:
    """The rule tests in `text`, in order.

    Raises `RuleError` with a message for every mistake there is, each at its place. Linear in the text and the files
    that it names.
    """
    forms, messages = read_forms(text, file)
    if not forms and not messages:
        messages.append(Message("error", "there is no rule test here, the text is empty", Place(file, 1, 1)))
    found = []
    for form in forms:
        found.append(_read_test(form, file, open_file, find_rules))
        messages += form.messages
    if messages:
        raise RuleError.of(in_order(messages))
    return tuple(found)


def _read_test(form: Form, file: str, open_file: OpenFile, find_rules: FindRules) -> RuleTest:
    root = form.document.root
    fields = form.fields(root, RULE_TEST) if form.has_head("a rule test", KIND, _other_kind) else {}
    texts: tuple[RuleText, ...] = ()
    if "description" in fields:
        form.text(fields["description"], "`description`", empty=True)
    if "ruleset" in fields:
        nodes = form.one_or_more(fields["ruleset"], "`ruleset`")
        texts = tuple(text for each in nodes for text in _rule_texts(form, each, find_rules))
    params = _params(form, fields["params"]) if "params" in fields else {}
    nodes = form.items(fields["cases"], "`cases`") if "cases" in fields else []
    if "cases" in fields and fields["cases"].value == []:
        form.wrong(fields["cases"], "there is no case here, so nothing is tested; give at least one")
    cases = []
    seen: dict[str, Node] = {}
    for number, node in enumerate(nodes):
        case = _CaseForm(form, node, open_file).read(number, params)
        if case.name in seen:
            first = Message("note", "first given here", form.place(seen[case.name]))
            text = f"the name `{case.name}` is taken by the case on line {first.place.line}; names are unique in a file"
            form.wrong(node.value["name"], text, notes=[first])
        elif case.name:
            seen[case.name] = node.value["name"]
        cases.append(case)
    return RuleTest(file, form.document.index, texts, tuple(cases))


def _rule_texts(form: Form, node: Node, find_rules: FindRules) -> Sequence[RuleText]:
    name = form.text(node, "the name of a rule set")
    try:
        return find_rules(name, form.place(node)) if name else ()
    except (UsageError, FileError) as error:
        form.wrong(node, error.messages[0].text)
        return ()


def _other_kind(kind: Node) -> str:
    return "; the tests of a rule set stand in a file of their own, NAME.test.yaml" if kind.value == RULES else ""


def _params(form: Form, node: Node) -> dict[str, Value]:
    return {name: plain(child) for name, child in form.entries(node, "`params`")}


class _CaseForm:
    """Reads one case."""

    def __init__(self, form: Form, node: Node, open_file: OpenFile) -> None:
        self.form = form
        self.node = node
        self.fields = form.fields(node, CASE)
        self.open_file = open_file

    def read(self, number: int, params: Mapping[str, Value]) -> Case:
        """The case; `params` are the values that all cases have."""
        form, fields = self.form, self.fields
        self.check_choices()
        if "description" in fields:
            form.text(fields["description"], "`description`", empty=True)
        own = _params(form, fields["params"]) if "params" in fields else {}
        inputs = self.inputs()
        return Case(
            name=form.text(fields["name"], "`name`") if "name" in fields else "",
            number=number,
            place=form.place(fields.get("name", self.node)),
            params={**params, **own},
            inputs=inputs,
            outputs=self.outputs(inputs),
            unchanged="unchanged" in fields and self.must_be("unchanged", value=True),
            errors=self.messages("error"),
            warnings=self.messages("warning"),
            patch=self.patch(),
            stable="stable" not in fields or not self.must_be("stable", value=False),
            has_names="inputs" in fields,
        )

    def check_choices(self) -> None:
        """Record keys that exclude each other, and that no input is there."""
        given = [key for key in INPUTS if key in self.fields]
        meant = self.node.kind == MAPPING and any(nearest(key, CASE.all) in INPUTS for key in self.node.value)
        if not given and not meant:
            self.form.wrong(self.node, f"a case needs one of {listing(INPUTS)}")
        self.exclude(given)
        self.exclude([key for key in TEXTS if key in self.fields])
        if "inputs" in self.fields:
            for key in ("file", "output", "outputFile", "patch"):
                if key in self.fields:
                    hint = "the names of `inputs` say that" if key == "file" else "use `outputs`"
                    self.form.wrong_key(self.fields[key], f"`{key}` is for a case with one input: {hint}")
        elif "outputs" in self.fields:
            self.form.wrong_key(self.fields["outputs"], "`outputs` goes with `inputs`; here it is `output`")
        elif "error" in self.fields:
            for key in ("output", "outputFile", "patch"):
                if key in self.fields:
                    text = f"a text of which an error is told stays as it is: leave `{key}` out, or `error`"
                    self.form.wrong_key(self.fields[key], text)

    def exclude(self, given: list[str]) -> None:
        """Record that only one of some keys may be there."""
        for key in given[1:]:
            self.form.wrong_key(self.fields[key], f"a case has either `{given[0]}` or `{key}`, not both")

    def must_be(self, key: str, *, value: bool) -> bool:
        """Whether a flag that has one value only is given; any other value is a mistake."""
        node = self.fields[key]
        if node.kind == SCALAR and node.value is value:
            return True
        self.form.wrong(node, f"`{key}` can only be `{str(value).lower()}`; found {describe(node)}, so leave it out")
        return False

    def inputs(self) -> dict[str, str]:
        """The texts to rewrite by name."""
        form, fields = self.form, self.fields
        if "inputs" in fields:
            texts = {
                name: form.text(child, f"the input `{name}`", empty=True)
                for name, child in form.entries(fields["inputs"], "`inputs`")
            }
            if fields["inputs"].value == {}:
                form.wrong(fields["inputs"], "`inputs` is empty; give at least one text")
            return texts
        text, name = "", DEFAULT_NAME
        if "input" in fields:
            text = form.text(fields["input"], "`input`", empty=True)
        elif "inputFile" in fields:
            name = form.text(fields["inputFile"], "`inputFile`") or name
            found = self.open("inputFile", name)
            if found is None:
                form.wrong(fields["inputFile"], f"there is no file `{name}` (names are relative to the test file)")
            text = found or ""
        return {(form.text(fields["file"], "`file`") if "file" in fields else "") or name: text}

    def outputs(self, inputs: Mapping[str, str]) -> dict[str, Expected] | None:
        """The expected texts by name."""
        form, fields = self.form, self.fields
        if "outputs" in fields:
            found = {}
            for name, child in form.entries(fields["outputs"], "`outputs`"):
                if name not in inputs:
                    form.wrong_key(child, f"`outputs` has `{name}`, which is none of the inputs: {listing(inputs)}")
                text = form.text(child, f"the output `{name}`", empty=True)
                found[name] = Expected(text, form.place(child), ("outputs", name))
            return found
        for key in ("output", "outputFile"):
            if key in fields:
                node = fields[key]
                text = form.text(node, f"`{key}`", empty=key == "output")
                file = text if key == "outputFile" else None
                expected = self.open(key, file) if file else text
                return {next(iter(inputs)): Expected(expected, form.place(node), (key,), file)}
        return None

    def open(self, key: str, name: str) -> str | None:
        """The text of a file that the case names; "" and a message if it cannot be read, None if it is not there."""
        node = self.fields[key]
        if name.startswith("/") or (key == "outputFile" and ".." in name.split("/")):
            where = "in the test file's folder or below it" if key == "outputFile" else "relative to the test file"
            self.form.wrong(node, f"`{key}` names a file {where}; found `{name}`")
            return ""
        try:
            return self.open_file(name)
        except FileError as error:
            self.form.wrong(node, f"the file `{name}`: {error.messages[0].text}")
        except InputError as error:
            self.form.wrong(node, f"the file `{name}` cannot be read: {error.messages[0].text}")
        return ""

    def messages(self, key: str) -> tuple[Expected, ...]:
        """The texts that messages must contain."""
        if key not in self.fields:
            return ()
        nodes = self.form.one_or_more(self.fields[key], f"`{key}`")
        return tuple(Expected(self.form.text(each, f"`{key}`"), self.form.place(each)) for each in nodes)

    def patch(self) -> list[dict[str, Any]] | None:
        """The expected operations."""
        if "patch" not in self.fields:
            return None
        nodes = self.form.items(self.fields["patch"], "`patch`")
        for each in nodes:
            if each.kind != MAPPING or not {"op", "path"} <= each.value.keys():
                example = "{op: replace, path: /spec/replicas, value: 3}"
                self.form.wrong(each, f"an operation is a mapping such as `{example}`; found {describe(each)}")
        return [plain(each) for each in nodes]
