"""Has YAML read by one of its two parsers, where the reader would take the other for what the first refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest

from retouch.error import InputError
from retouch.reading import document, yaml_reader
from retouch.reading.document import read

PARSERS = [
    pytest.param("C", marks=pytest.mark.skipif(not yaml_reader.HAS_C_PARSER, reason="ruamel.yaml.clib is missing")),
    "pure",
]


@contextmanager
def only(parser: str) -> Iterator[None]:
    """Until the end of the `with` block documents are read by the `C` parser alone, or by the `pure` one."""
    change: Any = {"CParser": None} if parser == "pure" else {"_read_pure": _refuse}
    with patch.multiple(yaml_reader, **change), patch.object(document, "read_lines", lambda _text, **_options: None):
        yield


def _refuse(source: Any, lead: int, *, core: bool, refusal: Any = None) -> None:
    raise yaml_reader._input_error(refusal, source, lead)


def reads(parser: str, text: str) -> bool:
    """Whether one parser alone reads all documents of a text."""
    try:
        with only(parser):
            read(text)
    except InputError:
        return False
    return True
