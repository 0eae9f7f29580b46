"""Reads one YAML document with ruamel.yaml's parsers: the one in C, and where that refuses, the one in Python."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scanner import Scanner

from ..error import InputError
from ..source import Source
from .yaml_builder import Builder, YamlReading

try:
    from _ruamel_yaml import CParser
except ImportError:  # no wheel for this interpreter: the pure parser reads the same, slower
    CParser = None

HAS_C_PARSER = CParser is not None


def read_yaml(source: Source, *, core: bool = False) -> YamlReading | None:
    """The one document in `source`, or None where there is none (blank text, comments only).

    A document with `apiVersion` and `kind` is read as kubectl reads it, unless `core` is given; all others by the
    core schema of YAML 1.2. An anchor that no alias refers to is not noted.

    The C parser reads; what it refuses the pure parser tries again. Raises `InputError` with the place and the C
    parser's words if neither can. Linear in the text; nesting and alias expansion are bounded.
    """
    lead = 1 if source.text.startswith("\ufeff") else 0
    if CParser is None:
        return _read_pure(source, lead, core=core)
    try:
        return Builder(source, lead).read(_c_events(source.text[lead:]), core=core)
    except YAMLError as refusal:
        return _read_pure(source, lead, core=core, refusal=refusal)
    except UnicodeEncodeError as error:
        raise _no_unicode(error, source, lead) from None


def parse(text: str) -> Iterator[Any]:
    """The events of a text, without a byte-order mark, from the C parser if it is there. Raises as it does."""
    return _pure_events(text) if CParser is None else _c_events(text)


def _read_pure(source: Source, lead: int, *, core: bool, refusal: YAMLError | None = None) -> YamlReading | None:
    try:
        return Builder(source, lead).read(_pure_events(source.text[lead:]), core=core)
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001 - on odd input it fails in ways of its own, such as AssertionError
        raise _input_error(refusal or error, source, lead) from None


def _c_events(text: str) -> Iterator[Any]:
    return iter(CParser(text).get_event, None)


def _pure_events(text: str) -> Iterator[Any]:
    yaml = YAML(typ="safe", pure=True)
    yaml.Scanner = _Scanner
    return iter(yaml.parse(text))


class _Scanner(Scanner):
    """The pure parser's scanner, which takes keys of several lines in `{...}` too (YAML 1.2.2, 7.4.2)."""

    def stale_possible_simple_keys(self) -> None:
        """Forgets what cannot be a key any more because it is too long or on another line."""
        kept = {}
        if self.flow_level:
            waiting = self.possible_simple_keys.items()
            kept = {level: key for level, key in waiting if level and self.flow_context[level - 1] == "{"}
        super().stale_possible_simple_keys()
        self.possible_simple_keys.update(kept)


def _input_error(error: Exception, source: Source, lead: int) -> InputError:
    """The parser's words as an error of ours, with the place."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is not None:
        words = [getattr(error, "context", None), getattr(error, "problem", None)]
        text = ", ".join(word.strip() for word in words if word)
        return InputError(f"this is no YAML: {text}", source.place(min(mark.index + lead, len(source.text))))
    position = getattr(error, "position", None)  # of a reader error: in bytes if it is the C parser's
    if position is None:
        return InputError(f"this is no YAML: {' '.join(str(error).split())}", source.place(0))
    text = source.text[lead:]
    if getattr(error, "encoding", None) != "unicode":
        position = len(text.encode()[:position].decode(errors="ignore"))
    return InputError(f"this is no YAML: {str(error).splitlines()[0]}", source.place(position + lead))


def _no_unicode(error: UnicodeEncodeError, source: Source, lead: int) -> InputError:
    character = ord(error.object[error.start])
    message = f"this is no YAML: half of a surrogate pair (U+{character:04X}) stands for no character"
    return InputError(message, source.place(error.start + lead))
