"""What scalars say, checked against what kubectl and PyYAML say.

`data/kubectl_scalars.json` holds kubectl's answers. To add a scalar, add a line with its text there;
`pytest --accept tests/test_scalar.py` asks the installed kubectl for all answers and writes them.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kubectl_oracle import needs_kubectl, read_list, version

from retouch.reading.scalar import (
    ScalarError,
    ambiguous,
    key_kubernetes,
    resolve_core,
    resolve_kubernetes,
    resolve_tagged,
)
from retouch.value import Float, Integer, equal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TABLE_FILE = Path(__file__).parent / "data" / "kubectl_scalars.json"
TABLE = json.loads(TABLE_FILE.read_text("utf-8"))
SECTIONS = ("plain", "keys", "tagged")
Entry = dict[str, Any]


def name(entry: Entry) -> str:
    return ascii(entry.get("tag", "") + " " + entry["text"])[1:-1].strip() or "empty"


def same(left: Any, right: Any) -> bool:
    if isinstance(left, float) and isinstance(right, float) and math.isnan(left):
        return math.isnan(right)
    return equal(left, right)


@pytest.mark.parametrize("entry", TABLE["plain"], ids=name)
def test_plain_scalar_is_what_kubectl_reads(entry: Entry) -> None:
    value = resolve_kubernetes(entry["text"])
    if "error" in entry:
        assert "unsupported value" in entry["error"]
        assert not math.isfinite(value)
    else:
        assert equal(value, entry["value"])
        assert isinstance(value, type(entry["value"]))


@pytest.mark.parametrize("entry", TABLE["keys"], ids=name)
def test_plain_key_is_what_kubectl_makes_of_it(entry: Entry) -> None:
    assert key_kubernetes(entry["text"]) == entry.get("value")


@pytest.mark.parametrize("entry", TABLE["tagged"], ids=name)
@pytest.mark.parametrize("plain", [True, False])
def test_tagged_scalar_is_what_kubectl_reads(entry: Entry, plain: bool) -> None:
    tag = entry["tag"].removeprefix("!<").removesuffix(">")
    if "unsupported value" in entry.get("error", ""):
        assert math.isinf(resolve_tagged(entry["text"], tag, True, plain=plain))
    elif "error" in entry:
        with pytest.raises(ScalarError) as caught:
            resolve_tagged(entry["text"], tag, True, plain=plain)
        assert entry["text"] in caught.value.message
    else:
        value = resolve_tagged(entry["text"], tag, True, plain=plain)
        assert equal(value, entry["value"])
        assert isinstance(value, type(entry["value"]))


def test_table_is_large_enough() -> None:
    assert len({entry["text"] for entry in TABLE["plain"]}) >= 250
    assert len(TABLE["keys"]) >= 50
    assert len(TABLE["tagged"]) >= 50


@needs_kubectl
def test_table_is_what_the_installed_kubectl_says(request: pytest.FixtureRequest) -> None:
    accept = request.config.getoption("accept", default=False)
    found = {section: answers(section, TABLE[section]) for section in SECTIONS}
    if accept:
        write_table(found)
        return
    for section in SECTIONS:
        for entry, answer in zip(TABLE[section], found[section], strict=True):
            assert ("error" in entry) == ("error" in answer), (entry, answer)
            assert equal(entry.get("value"), answer.get("value")), (entry, answer)


def answers(section: str, entries: list[Entry]) -> list[Entry]:
    """The entries with kubectl's answers: those that it is known to refuse are asked for one by one."""
    single = [entry for entry in entries if "error" in entry]
    found = {id(entry): answer for entry, answer in ask(section, [entry for entry in entries if entry not in single])}
    for entry in single:
        found.update((id(entry), answer) for entry, answer in ask(section, [entry]))
    question = ("tag", "text")
    return [{key: entry[key] for key in question if key in entry} | found[id(entry)] for entry in entries]


def ask(section: str, entries: list[Entry]) -> Iterator[tuple[Entry, Entry]]:
    result = read_list("".join(line(section, entry) for entry in entries))
    if isinstance(result, list):
        for entry, item in zip(entries, result, strict=True):
            yield entry, {"value": next(iter(item)) if section == "keys" else item["x"]}
    elif len(entries) == 1:
        yield entries[0], {"error": result.rpartition(" JSON: ")[2].strip()}
    else:
        half = len(entries) // 2
        yield from ask(section, entries[:half])
        yield from ask(section, entries[half:])


def line(section: str, entry: Entry) -> str:
    if section == "keys":
        return f"- {entry['text']}: x\n"
    if section == "tagged":
        return f"- x: {entry['tag']} {json.dumps(entry['text'])}\n"
    return f"- x: {entry['text']}\n"


def write_table(found: dict[str, list[Entry]]) -> None:
    parts = [f'"kubectl": {json.dumps(version())}']
    for section, entries in found.items():
        lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries)
        parts.append(f'"{section}": [\n{lines}\n]')
    TABLE_FILE.write_text("{\n" + ",\n".join(parts) + "\n}\n", "utf-8")


@given(st.floats(allow_nan=False, allow_infinity=False))
@settings(max_examples=300, deadline=None)
@example(9223372036854774784.0)
@example(-9223372036854775808.0)
@example(1e21)
def test_every_float_is_read_as_a_number_that_go_holds(number: float) -> None:
    value = resolve_kubernetes(repr(number))
    assert float(value) == number
    assert isinstance(value, int) == (number.is_integer() and abs(number) < 2**63 and -(2**63) <= int(value) < 2**63)


# --- YAML 1.2 --------------------------------------------------------------------------------------------------

CORE: dict[str, Any] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None, "nUll": "nUll",
    "true": True, "True": True, "TRUE": True, "false": False, "yes": "yes", "on": "on", "y": "y", "off": "off",
    "0": 0, "12": 12, "-12": -12, "+12": 12, "0644": 644, "-0": 0, "0o17": 15, "0x1F": 31,
    "-0o17": "-0o17", "-0x1F": "-0x1F", "0O17": "0O17", "0X1F": "0X1F", "0b11": "0b11", "0o8": "0o8", "1_000": "1_000",
    "18446744073709551616": 18446744073709551616,
    "1.5": 1.5, "1.50": 1.5, "1.": 1.0, ".5": 0.5, "-.5": -0.5, "1e3": 1000.0, "1E+3": 1000.0, "1.e-2": 0.01,
    ".": ".", "-": "-", "+": "+", "1e": "1e", "e1": "e1", ".e1": ".e1", "1.2.3": "1.2.3",
    ".inf": math.inf, "-.Inf": -math.inf, "+.INF": math.inf, ".nan": math.nan, "-.nan": "-.nan", ".iNF": ".iNF",
    "12:30": "12:30", "2024-01-01": "2024-01-01", "=": "=", "<<": "<<", "\u0661": "\u0661", "1\n": "1\n",
    "1e400": math.inf, "9" * 5000: math.inf, "-" + "9" * 5000: -math.inf,
}  # fmt: skip


@pytest.mark.parametrize("text", CORE, ids=lambda text: ascii(text)[1:20] or "empty")
def test_core_schema(text: str) -> None:
    value = resolve_core(text)
    assert same(value, CORE[text])
    assert isinstance(value, type(CORE[text]))


@pytest.mark.parametrize("resolve", [resolve_core, resolve_kubernetes])
@pytest.mark.parametrize("text", ["0x1F", "+5", "1.50", "1e3", "-0", "0644", ".5", ".inf"])
def test_number_remembers_a_spelling_that_is_not_its_own(resolve: Callable[[str], Any], text: str) -> None:
    value = resolve(text)
    assert isinstance(value, (Integer, Float))
    assert value.text == text
    copy = pickle.loads(pickle.dumps(value))
    assert (type(copy), copy, copy.text) == (type(value), value, text)


@pytest.mark.parametrize("resolve", [resolve_core, resolve_kubernetes])
@pytest.mark.parametrize("text", ["0", "5", "-5", "1.5", "123456789012345678", "-0.25"])
def test_number_in_its_own_spelling_is_a_bare_number(resolve: Callable[[str], Any], text: str) -> None:
    assert type(resolve(text)) in (int, float)


@pytest.mark.parametrize(
    ("text", "tag", "plain", "value"),
    [
        ("1", "!!str", True, "1"),
        ("1", "!", True, "1"),
        ("", "!!str", True, ""),
        ("1", "!!int", False, 1),
        ("0x1F", "tag:yaml.org,2002:int", False, 31),
        ("1", "!!float", True, 1.0),
        ("1.5", "!!float", True, 1.5),
        ("1.5", "!!int", True, "1.5"),
        ("true", "!!bool", False, True),
        ("1", "!!bool", True, "1"),
        ("true", "!!int", True, "true"),
        ("true", "!!float", True, "true"),
        ("yes", "!!bool", True, "yes"),
        ("", "!!null", False, None),
        ("x", "!!null", False, "x"),
        ("aGk=", "!!binary", True, "aGk="),
        ("2024-01-01", "!!timestamp", True, "2024-01-01"),
        ("1 - 3", "!!int", True, "1 - 3"),
        ("1", "!local", True, 1),
        ("1", "!local", False, "1"),
        ("1", "tag:example.org,2000:x", True, 1),
        ("9" * 400, "!!float", True, "9" * 400),
    ],
)
def test_tagged_scalar_of_yaml_1_2(text: str, tag: str, plain: bool, value: Any) -> None:
    found = resolve_tagged(text, tag, False, plain=plain)
    assert equal(found, value)
    assert isinstance(found, type(value))


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("yes", (True, "yes")),
        ("y", (True, "y")),
        ("Off", (False, "Off")),
        ("0644", (420, 644)),
        ("08", ("08", 8)),
        ("0o17", ("0o17", 15)),
        ("-0x1F", (-31, "-0x1F")),
        ("0b11", (3, "0b11")),
        ("1_000", (1000, "1_000")),
        ("1_0.5", (10.5, "1_0.5")),
        ("1e3", ("1e3", 1000.0)),
        ("12:30:45", (45045, "12:30:45")),
        ("-1:30", (-90, "-1:30")),
        ("1:30.5", (90.5, "1:30.5")),
        ("2024-01-01", ("timestamp 2024-01-01", "2024-01-01")),
        ("2024-1-1 1:00:00", ("timestamp 2024-1-1 1:00:00", "2024-1-1 1:00:00")),
    ],
)
def test_ambiguous(text: str, readings: tuple[Any, Any]) -> None:
    found = ambiguous(text)
    assert found is not None
    assert all(equal(one, other) for one, other in zip(found, readings, strict=True)), found


@pytest.mark.parametrize(
    "text", ["", "~", "true", "x", "0", "07", "-7", "+5", "1.5", "0x1F", ".inf", ".nan", "99:99", "8080:80", "=", "<<",
             "1.2.3", "10Mi", "-", ".", "_1", "0x_", "1" * 5000]
)  # fmt: skip
def test_unambiguous(text: str) -> None:
    assert ambiguous(text) is None


def test_ambiguous_knows_what_pyyaml_reads() -> None:
    checked = 0
    for entry in TABLE["plain"]:
        text = entry["text"]
        try:
            old = yaml.safe_load(f"- {text}")[0]
        except (yaml.YAMLError, ValueError):
            continue  # `=`, `<<`, `2024-13-45`, `0x_`
        if text in ("y", "Y", "n", "N"):
            continue  # booleans in the specification, not in PyYAML
        if isinstance(old, (dt.date, dt.datetime)):
            old = f"timestamp {text}"
        found = ambiguous(text)
        assert same(found[0] if found else resolve_core(text), old), text
        checked += 1
    assert checked > 200
