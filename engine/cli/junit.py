"""The results of rule tests in the XML that CI systems read, as JUnit's reports have it."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from .message import as_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..error import Message
    from ..testing.outcome import Result

_NOT_OF_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(results: Iterable[Result], errors: Sequence[Message]) -> str:
    """A test suite for each file with a test case for each case, and one for `errors` that kept tests from running."""
    suites = ET.Element("testsuites", name="retouch test")
    for file, group in groupby(results, lambda each: each.test.file):
        cases = list(group)
        failed = sum(not each.passed for each in cases)
        suite = _suite(suites, file, tests=len(cases), failures=failed)
        suite.set("time", f"{sum(each.seconds for each in cases):.3f}")
        for each in cases:
            _add_case(suite, file, each)
    if errors:
        suite = _suite(suites, "errors", tests=len(errors), errors=len(errors))
        for message in errors:
            case = ET.SubElement(
                suite, "testcase", classname=_clean(message.place.file or ""), name=_clean(message.text)
            )
            ET.SubElement(case, "error", message=_clean(message.text)).text = _clean(as_text(message))
    ET.indent(suites)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def _suite(suites: ET.Element, name: str, *, tests: int, failures: int = 0, errors: int = 0) -> ET.Element:
    counts = {"tests": str(tests), "failures": str(failures), "errors": str(errors)}
    return ET.SubElement(suites, "testsuite", {"name": _clean(name), **counts})


def _add_case(suite: ET.Element, file: str, result: Result) -> None:
    case = ET.SubElement(
        suite,
        "testcase",
        {
            "classname": _clean(file),
            "name": _clean(result.case.name),
            "file": _clean(file),
            "line": str(result.case.place.line),
            "time": f"{result.seconds:.3f}",
        },
    )
    if result.findings:
        outcomes = ", ".join(dict.fromkeys(each.outcome for each in result.findings))
        text = "\n".join(as_text(each.message(result.case)) for each in result.findings)
        ET.SubElement(case, "failure", type=outcomes, message=outcomes).text = _clean(text)


def _clean(text: str) -> str:
    """`text` without characters that XML cannot hold."""
    return _NOT_OF_XML.sub("\ufffd", text)
