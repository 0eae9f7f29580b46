"""Makes the JSON Schema of `retouch.yaml`."""

from __future__ import annotations

from collections.abc import Mapping

from ..config.config_form import CONFIG, FILES, KIND, OVERRIDE, OVERRIDE_SWITCH, USE
from ..rule import API_VERSION
from ..rulefile.rule_form import EXPECT
from ..rulefile.switch import SEVERITIES, SWITCH
from .piece import (
    EXPRESSION,
    MATCHES,
    PARAMS,
    TEXT,
    Schema,
    choice,
    defined,
    described,
    file_of,
    list_of,
    made_of,
    mapping_of,
    one_or_more,
)

_PATTERN: Schema = {**TEXT, "pattern": r"^!?(?!/)(?!(.*/)?\.\.(/|$))"}
_PATTERNS = described(one_or_more(_PATTERN), "A glob from the project's folder on, or several; `!glob` excludes.")
_WITHOUT_MARK: Schema = {"allOf": [_PATTERN, {"pattern": "^[^!]"}]}
_EXCLUDED = described({"anyOf": [_WITHOUT_MARK, list_of(_WITHOUT_MARK)]}, "Files that are left out.")

_SWITCH: Mapping[str, Schema] = {
    "enabled": described({"type": "boolean"}, "Whether the rule runs."),
    "severity": described(choice(*SEVERITIES), "With `warning`, its `fail` warns and skips the combination."),
    "when": described(EXPRESSION, "One more condition, in the names that the rule's own sees."),
    "expect": made_of(EXPECT, {"matches": MATCHES}),
}

_KEYS: Mapping[str, Schema] = {
    "apiVersion": choice(API_VERSION),
    "kind": choice(KIND),
    "rulesets": described(list_of(defined("use")), "The rule sets that run, in this order."),
    "files": described(made_of(FILES, {"include": _PATTERNS, "exclude": _EXCLUDED}), "Which files are read."),
    "overrides": described(list_of(defined("override")), "Other parameters and switches for some of the files."),
    "filters": described(list_of(TEXT), "Filters of installed packages for expressions: `PACKAGE:NAME`."),
}


def config() -> Schema:
    """The schema of a configuration."""
    use = {
        "use": described(TEXT, "A built-in rule set, a file or folder (`./rules`), or `PACKAGE:NAME`."),
        "params": PARAMS,
        "rules": _switches("switch"),
    }
    override = {"files": _PATTERNS, "params": PARAMS, "rules": _switches("overrideSwitch")}
    changes = {"anyOf": [{"required": [key]} for key in override if key != "files"]}
    return file_of(
        "retouch configuration",
        made_of(CONFIG, _KEYS),
        {
            "use": made_of(USE, use),
            "override": {**made_of(OVERRIDE, override), **changes},
            "switch": made_of(SWITCH, _SWITCH),
            "overrideSwitch": made_of(OVERRIDE_SWITCH, _SWITCH),
        },
    )


def _switches(name: str) -> Schema:
    return described(mapping_of(defined(name), None), "Switches of rules, by `ID` or `RULESET/ID`.")
