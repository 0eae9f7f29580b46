"""Reads `jsonpath:`, the dialect in which a rule set and its parts write paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..error import Message, RuleError
from ..jsonpath.path import Dialect, compile_path, compile_standard_path
from ..node import SCALAR
from ..suggest import nearest
from .form import describe

if TYPE_CHECKING:
    from ..node import Node
    from .form import Form

STANDARD = "rfc9535"
"""What `jsonpath:` may say; where it is left out, paths are in the default dialect."""


def read_dialect(form: Form, node: Node) -> Dialect:
    """The dialect that the text at `node` names.

    Raises `RuleError` where its library is not installed: then no path of the rule set can be read.
    """
    if node.value != STANDARD:
        word = str(node.value) if node.kind == SCALAR else ""
        meant = nearest(word, [STANDARD]) is not None
        hint = f"; did you mean `{STANDARD}`?" if meant else ""
        expected = f"`jsonpath` must be `{STANDARD}`, or be left out for the default dialect"
        form.wrong(node, f"{expected}; found {describe(node)}{hint}")
        return compile_standard_path if meant and _has_library() else compile_path
    if not _has_library():
        need = "needs version 1 of the package `jsonpath-rfc9535`"
        text = f"`jsonpath: {STANDARD}` {need}: run `pip install 'retouch[{STANDARD}]'`"
        raise RuleError.of([Message("error", text, form.place(node))])
    return compile_standard_path


def _has_library() -> bool:
    """Whether the library is installed, in a version whose parser can be asked for what it makes."""
    try:
        from ..jsonpath import standard_tree  # noqa: F401 - few rule sets are in this dialect
    except ImportError:
        return False
    return True
