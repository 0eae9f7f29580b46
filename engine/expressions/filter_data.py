"""Filters that write data as text and read it back, and `combine`, which merges mappings."""

# ruff: noqa: FBT001, FBT002 - the arguments of filters and their order are those of Jinja2 and Ansible

from __future__ import annotations

import base64
import binascii
import json
from typing import Any, NoReturn

from ..limit import MAX_BITS, MAX_DEPTH
from ..stack import is_whole, on_whole_stack
from ..value import Value, equal
from .bound import check_count, spend
from .filter import declare
from .operand import check_written, describe, settle
from .scope import ExpressionError

_LIST_MERGES = ("replace", "keep", "append", "prepend", "append_rp", "prepend_rp")
_MOST_DIGITS = 1_234  # of an integer within the bound
_WIDEST_INDENT = 100
_YAML_INDENT = 2


@declare()
def to_json(value: Value, indent: int | None = None, sort_keys: bool = False) -> Value:
    if indent is not None and not 0 <= indent <= _WIDEST_INDENT:
        raise ExpressionError(f"the indentation is not between 0 and {_WIDEST_INDENT}")
    check_written(value, indent or 0)
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent, sort_keys=sort_keys)


@declare()
def from_json(value: str) -> Value:
    return settle(_decode(value))


@on_whole_stack
def _decode(text: str) -> Value:
    try:
        return json.loads(text, parse_constant=_refuse_constant, parse_int=_integer)
    except RecursionError:
        if not is_whole():
            raise
        raise ExpressionError(f"the value would be nested more than {MAX_DEPTH} deep") from None


def _integer(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise ExpressionError(f"the number would be longer than {MAX_BITS:,} bits")
    return int(text)


def _refuse_constant(name: str) -> NoReturn:
    raise ExpressionError(f"`{name}` is not JSON")


@declare()
def to_yaml(value: Value) -> Value:
    from ..editing.yaml_writer import dump  # few expressions need the writer

    check_written(value, _YAML_INDENT)
    return dump(value)


@declare()
def b64encode(value: str) -> Value:
    return base64.b64encode(value.encode()).decode("ascii")


@declare()
def b64decode(value: str) -> Value:
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ExpressionError(f"{describe(value)} is not the Base64 of a text: {error}") from None


@declare()
def sha256(value: str) -> Value:
    from hashlib import sha256  # slow to import

    return sha256(value.encode()).hexdigest()


@declare()
def combine(value: Value, *others: Value, recursive: bool = False, list_merge: str = "replace") -> Value:
    if list_merge not in _LIST_MERGES:
        raise ExpressionError(f"`list_merge` is one of {', '.join(_LIST_MERGES)}; found {describe(list_merge)}")
    mappings = [each for part in (value, *others) for each in (part if isinstance(part, list) else [part])]
    for each in mappings:
        if not isinstance(each, dict):
            raise ExpressionError(f"`combine` merges mappings; found {describe(each)}")
    result: dict[str, Value] = {}
    for each in mappings:
        result = _merge(result, each, recursive, list_merge)
    return result


def _merge(old: dict[str, Value], new: dict[str, Value], recursive: bool, list_merge: str) -> dict[str, Value]:
    spend(len(old) + len(new))
    merged = dict(old)
    for key, value in new.items():
        before = old.get(key)
        if recursive and isinstance(before, dict) and isinstance(value, dict):
            merged[key] = _merge(before, value, recursive, list_merge)
        elif isinstance(before, list) and isinstance(value, list):
            merged[key] = _merge_lists(before, value, list_merge)
        else:
            merged[key] = value
    return merged


def _merge_lists(old: list[Any], new: list[Any], how: str) -> list[Any]:
    if how in {"replace", "keep"}:
        return new if how == "replace" else old
    check_count(len(old) + len(new))
    if how.endswith("_rp"):  # items that are in both stand once, where the new list has them
        spend(len(old) * len(new))
        old = [item for item in old if not any(equal(item, other) for other in new)]
    return new + old if how.startswith("prepend") else old + new
