"""Filters from Python: only those that are asked for, plain data in and out, errors with the place of the rule."""

from __future__ import annotations

import collections
import enum
import re

import pytest
from installed_package import installed

from retouch import InputError, RetouchError, RuleError, UsageError, load, load_text, make_patch, rewrite
from retouch.error import NOWHERE, Place
from retouch.loader import show
from retouch.package_filter import find_filters

HEAD = "apiVersion: retouch/v1\nkind: RuleSet\nmetadata: {name: acme/example}\n"
MODULE = """
import json, os
TEAMS = {"web": "shop"}

def team_of(name, fallback="none"):
    return TEAMS.get(name, fallback)

def upper(value):
    return value

class Thing: pass
"""
POINTS = "[retouch.filters]\nacme = acme_filters.of_names\n"


@pytest.fixture
def package(tmp_path):
    with installed(tmp_path / "site", "acme_filters", {"of_names.py": MODULE}, POINTS):
        yield


def rules(expression: str) -> str:
    return f"{HEAD}rules:\n- id: one\n  actions:\n  - set: $.out\n    value: ${{ {expression} }}\n"


def result(expression: str, *filters, **document):
    (operation,) = make_patch(document, load_text(rules(expression), "rules.yaml", filters=filters))
    return operation["value"]


def failure(expression: str, *filters, **document) -> str:
    with pytest.raises(RetouchError) as caught:
        result(expression, *filters, **document)
    return str(caught.value)


def test_filter_of_a_package(package, tmp_path):
    (tmp_path / "rules.yaml").write_text(rules("doc.name | team_of('nobody')"))
    loaded = load(tmp_path / "rules.yaml", filters=["acme:team_of"])
    assert rewrite("name: web\n", loaded).text == "name: web\nout: shop\n"
    assert rewrite("name: db\n", loaded).text == "name: db\nout: nobody\n"


def test_filter_in_functions_let_and_map(package):
    text = f"""{HEAD}functions:
  all_teams(names): names | map('team_of', fallback='x') | list
let: {{teams: "${{ all_teams(doc.names) }}"}}
documents: {{when: (doc.names | first | team_of) == 'shop'}}
rules:
- id: one
  actions:
  - set: $.out
    value: ${{ teams }}
"""
    (operation,) = make_patch({"names": ["web", "db"]}, load_text(text, filters=["acme:team_of"]))
    assert operation["value"] == ["shop", "x"]


def test_filter_is_unknown_unless_asked_for(package):
    assert "rules.yaml:8:26: error: unknown filter `team_of`" in failure("doc.name | team_of", name="web")
    with pytest.raises(RuleError, match="unknown filter `team_fo`; did you mean `team_of`"):
        load_text(rules("doc.name | team_fo"), filters=["acme:team_of"])


def test_filter_of_what_is_extended(package, tmp_path):
    (tmp_path / "base.yaml").write_text(rules("doc.name | team_of"))
    (tmp_path / "team.yaml").write_text(f"{HEAD}extends: [./base.yaml]\n")
    assert load(tmp_path / "team.yaml", filters=["acme:team_of"])
    assert "| team_of" in show(str(tmp_path / "team.yaml"), filters=find_filters([("acme:team_of", NOWHERE)]))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("team_of", "a filter of a package is named PACKAGE:NAME; found `team_of`"),
        ("amce:team_of", "brings filters as `amce` (entry point group `retouch.filters`); did you mean `acme`?"),
        ("acme:team_off", "has no function `team_off`; did you mean `team_of`?"),
        ("acme:json", "has no function `json`; its functions are `team_of`, `upper`"),
        ("acme:Thing", "has no function `Thing`"),
        ("acme:upper", "`acme_filters.of_names` cannot bring a filter `upper`: it is the name of a filter"),
        (lambda value: value, "`<lambda>` cannot name a filter"),
    ],
)
def test_filters_that_cannot_be_had(package, asked, said):
    with pytest.raises(UsageError) as caught:
        find_filters([(asked, Place("retouch.yaml", 4, 5))])
    assert said in str(caught.value)
    assert str(caught.value).startswith("retouch.yaml:4:5: error: ")


def test_every_filter_that_cannot_be_had_is_told(package):
    with pytest.raises(UsageError) as caught:
        find_filters((each, NOWHERE) for each in ("acme:team_of", "acme:team_of", "acme:nothing"))
    assert [message.text.partition(";")[0] for message in caught.value.messages] == [
        "the filter `team_of` is asked for twice",
        "the module `acme_filters.of_names` has no function `nothing`",
    ]


def no_input():
    return 1


def only_named(*, value):
    return value


@pytest.mark.parametrize("function", [no_input, only_named])
def test_function_that_takes_no_value(function):
    with pytest.raises(UsageError, match=f"the filter `{function.__name__}` takes no value"):
        load_text(rules("1"), filters=[function])


class Colour(enum.IntEnum):
    RED = 3


class Name(str):
    __slots__ = ()


GIVES = {
    "tuple": ((1, (2,)), [1, [2]]),
    "enum": (Colour.RED, 3),
    "text": (Name("x"), "x"),
    "ordered": (collections.OrderedDict(b=1, a=None), {"b": 1, "a": None}),
    "nothing": (None, None),
    "truth": (True, True),
}


@pytest.mark.parametrize(("given", "value"), GIVES.values(), ids=GIVES)
def test_results_are_made_plain(given, value):
    def give(_value):
        return given

    found = result("doc.a | give", give, a=1)
    assert (found, type(found)) == (value, type(value))


def endless():
    found: list = []
    found.append(found)
    return found


WRONG = {
    "set": ({1}, "gave a `set`; plain data is made of dict, list, str, int, float, bool and None"),
    "inside": ([{"a": object()}], "gave a `object`"),
    "keys": ({1: 2}, "gave a mapping with keys that are no text"),
    "endless": (endless(), "gave data that is nested more than 200 deep"),
    "infinite": (float("inf"), "the result is not a finite real number"),
    "bytes": (b"x", "gave a `bytes`"),
}


@pytest.mark.parametrize(("given", "said"), WRONG.values(), ids=WRONG)
def test_results_that_are_no_plain_data(given, said):
    def give(_value):
        return given

    found = failure("doc.a | give", give, a=1)
    assert said in found
    assert re.search(r"rules\.yaml:8:\d+", found)


def test_what_a_filter_raises_is_an_error_of_the_rule():
    def divide(value):
        return 1 / value

    with pytest.raises((InputError, RuleError)) as caught:
        result("doc.a | divide", divide, a=0)
    assert "the filter `divide` failed: ZeroDivisionError: division by zero" in str(caught.value)
    assert "rules.yaml:8:2" in "".join(str(each.place) for one in caught.value.messages for each in (one, *one.notes))


def test_a_filter_cannot_change_the_document():
    def spoil(value):
        value["a"].append(3)
        return len(value["a"])

    document = {"m": {"a": [1, 2]}}
    assert result("doc.m | spoil", spoil, **document) == 3
    assert document == {"m": {"a": [1, 2]}}


def test_arguments_are_checked_when_the_file_is_loaded():
    def pad(value, width):
        return value.ljust(width)

    assert "the filter `pad` cannot be called so: missing a required argument: 'width'" in failure("doc.a | pad", pad)
    assert "missing a required argument: 'width'" in failure("doc.a | map('pad') | list", pad)
    assert "absent" in failure("doc.nothing | pad(3)", pad, a=1) or "no key" in failure("doc.no | pad(3)", pad, a=1)
