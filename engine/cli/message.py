"""Messages in the forms that people and programs read: text with a caret, JSON, GitHub commands, SARIF."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .terminal import BOLD, CYAN, GREEN, RED, YELLOW, paint, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ..error import Message, Place

_COLOURS = {"error": RED, "warning": YELLOW, "note": CYAN}
_WIDTH = 120  # characters of a source line that are shown
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_text(message: Message, *, colour: bool = False, indent: str = "") -> str:
    """`FILE:LINE:COL: severity: text [rule]`, the source line with a caret, then the notes in the same form."""
    place = message.place
    where = paint(f"{printable(str(place))}:", BOLD, enabled=colour) + " " if place.file or place.line else ""
    severity = paint(f"{message.severity}:", BOLD, _COLOURS[message.severity], enabled=colour)
    rule = f" [{message.rule}]" if message.rule else ""
    text = printable(message.text, keep="\n\t")
    lines = [f"{where}{severity} {text}{rule}", *_excerpt(place, colour=colour)]
    notes = [as_text(note, colour=colour, indent="  ") for note in message.notes]
    return "\n".join([indent + line for part in lines for line in part.split("\n")] + notes)


def as_json(messages: Iterable[Message]) -> str:
    """One JSON array with an object per message."""
    import json  # most messages are for people

    return json.dumps([_record(message) for message in messages], ensure_ascii=False, indent=2)


def as_github(messages: Iterable[Message]) -> str:
    """A workflow command per message, which GitHub Actions shows beside the line it is about."""
    return "\n".join(map(_command, messages))


def as_sarif(messages: Iterable[Message], version: str) -> str:
    """A SARIF 2.1.0 log with one run."""
    import json

    listed = list(messages)
    rules = [{"id": rule} for rule in dict.fromkeys(each.rule for each in listed if each.rule)]
    run = {
        "tool": {"driver": {"name": "retouch", "version": version, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(message) for message in listed],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2)


FORMS: Mapping[str, Callable[[Iterable[Message], str], str]] = {
    "json": lambda messages, _version: as_json(messages),
    "github": lambda messages, _version: as_github(messages),
    "sarif": as_sarif,
}
"""The forms for programs: all messages of a run and our version in, the whole text out."""


def _excerpt(place: Place, *, colour: bool) -> list[str]:
    if place.excerpt is None or place.column is None:
        return []
    start = max(0, place.column - 1 - _WIDTH // 2) if len(place.excerpt) > _WIDTH else 0
    shown = "".join(_printable(char) for char in place.excerpt[start : start + _WIDTH])
    more = "…" if start + _WIDTH < len(place.excerpt) else ""
    lead = "…" if start else ""
    before = lead + shown[: place.column - 1 - start]
    padding = "".join("\t" if char == "\t" else " " * _columns(char) for char in before)
    return [f"  {lead}{shown}{more}", f"  {padding}{paint('^', BOLD, GREEN, enabled=colour)}"]


def _printable(char: str) -> str:
    return char if char == "\t" or char.isprintable() else "\ufffd"


def _columns(char: str) -> int:
    """How many columns of a terminal a character takes."""
    import unicodedata  # only what is wrong has columns

    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _record(message: Message) -> dict[str, Any]:
    place = message.place
    return {
        "severity": message.severity,
        "message": message.text,
        "rule": message.rule,
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "notes": [_record(note) for note in message.notes],
    }


def _command(message: Message) -> str:
    place = message.place
    named = {"file": place.file, "line": place.line, "col": place.column, "title": message.rule}
    properties = ",".join(f"{key}={_property(str(value))}" for key, value in named.items() if value is not None)
    text = "\n".join([message.text, *map(str, message.notes)])
    kind = "notice" if message.severity == "note" else message.severity
    return f"::{kind}{' ' if properties else ''}{properties}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _result(message: Message) -> dict[str, Any]:
    result: dict[str, Any] = {"level": message.severity, "message": {"text": message.text}}
    if message.rule:
        result["ruleId"] = message.rule
    if message.place.file:
        result["locations"] = [_location(message.place)]
    related = [{**_location(note.place), "message": {"text": note.text}} for note in message.notes if note.place.file]
    if related:
        result["relatedLocations"] = related
    return result


def _location(place: Place) -> dict[str, Any]:
    from urllib.parse import quote

    name = (place.file or "").encode("utf-8", "surrogateescape")
    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(name, safe="/<>")}}
    if place.line is not None:
        physical["region"] = {"startLine": place.line, **({"startColumn": place.column} if place.column else {})}
    return {"physicalLocation": physical}
