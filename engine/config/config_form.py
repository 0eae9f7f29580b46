"""Reads a `retouch.yaml` and finds all that is wrong with it but for what only its rule sets can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..error import ConfigError, Message, Place, in_order
from ..node import MAPPING, Node
from ..rule import API_VERSION
from ..rulefile.form import Fields, Form
from ..rulefile.parameter import from_node
from ..rulefile.strict_yaml import read_forms
from ..rulefile.switch import SWITCH, Switch, read_switch
from .config import Config, Override, Use
from .config_text import ConfigText
from .file_choice import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterable

KIND = "Config"

CONFIG = Fields("the configuration", ("apiVersion", "kind"), ("rulesets", "files", "overrides", "filters"))
USE = Fields("an entry of `rulesets`", ("use",), ("params", "rules"))
FILES = Fields("`files`", optional=("include", "exclude"))
OVERRIDE = Fields("an entry of `overrides`", ("files",), ("params", "rules"))
OVERRIDE_SWITCH = Fields(SWITCH.noun, optional=tuple(key for key in SWITCH.optional if key != "expect"))

_SHAPE = f"it starts with `apiVersion: {API_VERSION}` and `kind: {KIND}`"


def read_config(source: ConfigText) -> Config:
    """The configuration in a text. Raises `ConfigError` with all its mistakes."""
    forms, messages = read_forms(source.text, source.file)
    if not forms and not messages:
        messages.append(Message("error", f"this configuration is empty; {_SHAPE}", Place(source.file, 1, 1)))
    for form in forms[1:]:
        form.wrong(form.document.root, "a configuration is one YAML document, and this is another one")
    config = _read(forms[0], source) if forms else None
    messages += [message for form in forms for message in form.messages]
    if messages or config is None:
        raise ConfigError.of(in_order(messages))
    return config


def _read(form: Form, source: ConfigText) -> Config:
    root = form.document.root
    fields = form.fields(root, CONFIG) if form.has_head("a configuration", KIND, _other_kind) else {}
    files = form.fields(fields["files"], FILES) if "files" in fields else {}
    return Config(
        source,
        form,
        uses=tuple(_read_use(form, each) for each in _items(form, fields, "rulesets")),
        include=_read_patterns(form, files["include"], "`include`") if "include" in files else (),
        exclude=_read_exclude(form, files["exclude"]) if "exclude" in files else (),
        overrides=tuple(_read_override(form, each) for each in _items(form, fields, "overrides")),
        filters=tuple(
            (form.text(each, "a filter package"), form.place(each)) for each in _items(form, fields, "filters")
        ),
    )


def _items(form: Form, fields: dict[str, Node], key: str) -> Iterable[Node]:
    return form.items(fields[key], f"`{key}`") if key in fields else ()


def _other_kind(_: Node) -> str:
    return "; a file of this name is the configuration of a project"


def _read_use(form: Form, node: Node) -> Use:
    if node.kind != MAPPING and isinstance(node.value, str):
        form.wrong(node, f"{USE.noun} is a mapping: write `use: {node.value}`")
        return Use("")
    fields = form.fields(node, USE)
    name = fields.get("use")
    return Use(
        form.text(name, "`use`") if name is not None else "",
        tuple(from_node(form, fields["params"], "`params`")) if "params" in fields else (),
        _read_switches(form, fields["rules"], SWITCH) if "rules" in fields else (),
        form.place(name if name is not None else node),
    )


def _read_override(form: Form, node: Node) -> Override:
    fields = form.fields(node, OVERRIDE)
    files = fields.get("files")
    if not {"params", "rules"} & fields.keys() and files is not None:
        form.wrong(node, f"{OVERRIDE.noun} has `params`, `rules` or both; this one changes nothing")
    return Override(
        _read_patterns(form, files, "`files`") if files is not None else (),
        tuple(from_node(form, fields["params"], "`params`")) if "params" in fields else (),
        _read_switches(form, fields["rules"], OVERRIDE_SWITCH) if "rules" in fields else (),
        form.place(node),
    )


def _read_switches(form: Form, node: Node, fields: Fields) -> tuple[Switch, ...]:
    found = []
    for key, child in form.entries(node, "`rules`"):
        if child.kind == MAPPING and "expect" in child.value and "expect" not in fields.all:
            text = "`expect` counts over all files of a run: it stands below `rulesets`, and not in an override"
            form.wrong_key(child.value.pop("expect"), text)
        found.append(read_switch(form, key, child, fields))
    return tuple(found)


def _read_exclude(form: Form, node: Node) -> tuple[Pattern, ...]:
    if node.value == []:
        return ()
    found = _read_patterns(form, node, "`exclude`")
    for each, pattern in zip(form.one_or_more(node, "`exclude`"), found, strict=False):
        if pattern.text.startswith("!"):
            form.wrong(each, f"`!` excludes, and this stands below `exclude` already: write `{pattern.text[1:]}`")
    return found


def _read_patterns(form: Form, node: Node, what: str) -> tuple[Pattern, ...]:
    found = []
    for each in form.one_or_more(node, what):
        text = form.text(each, what)
        if text:
            found.append(Pattern(_check_pattern(form, each, text), form.place(each)))
    return tuple(found)


def _check_pattern(form: Form, node: Node, text: str) -> str:
    """The glob without `./` in front; `charts/` is `charts/**`. Globs that can match no file here are mistakes."""
    mark = "!" if text.startswith("!") else ""
    path = text.removeprefix("!").removeprefix("./")
    if path.startswith("/"):
        better = mark + path.lstrip("/")
        form.wrong(node, f"paths of files start at the folder of the configuration: write `{better}`")
    elif ".." in path.split("/"):
        form.wrong(node, f"`{text}` leads out of the folder of the configuration, where no file is looked for")
    return mark + (f"{path}**" if path.endswith("/") else path)
