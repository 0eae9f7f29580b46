"""Filters that run over a list and give a list, an item or a number: Jinja2's own, by our equality and absence."""

# ruff: noqa: FBT001, FBT002 - the arguments of filters and their order are those of Jinja2 and Ansible

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import Any

from ..fact import Row, same
from ..node import Node
from ..value import Absent, Value, identity
from .arithmetic import add, sort_key
from .bound import check_count, check_length, spend
from .filter import Items, Raw, declare, find_filter
from .filter_text import borrow
from .operand import describe, explain, items_of, look_at, reach, reach_path, settle, text_of, truth
from .predicate import find_test
from .scope import ExpressionError

Key = Callable[[Value], Any]


@declare("default", "d")
def default(value: Raw, default_value: Raw = "", boolean: bool = False) -> Value:
    missing = isinstance(value, Absent) or (boolean and not truth(value))
    return default_value if missing else value


@declare("length", "count")
def length(value: Raw) -> Value:
    content = value.value if isinstance(value, Node) else value
    if isinstance(content, (list, dict, str)):
        return len(content)
    return len(items_of(content))


@declare("list")
def to_list(value: Items) -> Value:
    return value


@declare()
def first(value: Items) -> Value:
    return value[0] if value else Absent("the first item of an empty list")


@declare()
def last(value: Items) -> Value:
    return value[-1] if value else Absent("the last item of an empty list")


@declare()
def reverse(value: Raw) -> Value:
    return value[::-1] if isinstance(value, str) else items_of(value)[::-1]


@declare()
def contains(value: Raw, item: Raw) -> Value:
    return find_test("contains").bind(1)(value, item)


@declare("map")
def map_items(value: Items, *arguments: Raw, **named: Raw) -> Value:
    if not arguments and "attribute" in named:
        attribute = named.pop("attribute")
        fallback = named.pop("default", None)
        if named:
            raise ExpressionError(f"`map` does not take `{next(iter(named))}`")
        found = [reach_path(item, attribute) for item in value]
        return found if fallback is None else [fallback if isinstance(item, Absent) else item for item in found]
    if not arguments:
        raise ExpressionError("`map` needs the name of a filter, or `attribute=`")
    name, *rest = arguments
    apply = find_filter(_name(name)).bind(len(rest), list(named))
    return [apply(item, *rest, **named) for item in value]


@declare()
def select(value: Items, *arguments: Raw, **named: Raw) -> Value:
    passes = _condition(arguments, named)
    return list(filter(passes, value))


@declare()
def reject(value: Items, *arguments: Raw, **named: Raw) -> Value:
    passes = _condition(arguments, named)
    return [item for item in value if not passes(item)]


@declare()
def selectattr(value: Items, attribute: Value, *arguments: Raw, **named: Raw) -> Value:
    passes = _condition(arguments, named)
    return [item for item in value if passes(reach_path(item, attribute))]


@declare()
def rejectattr(value: Items, attribute: Value, *arguments: Raw, **named: Raw) -> Value:
    passes = _condition(arguments, named)
    return [item for item in value if not passes(reach_path(item, attribute))]


def _condition(arguments: tuple[Value, ...], named: dict[str, Value]) -> Callable[[Value], bool]:
    if not arguments:
        return truth
    name, *rest = arguments
    if name == "in" and len(rest) == 1 and type(rest[0]) is list and all(type(each) is str for each in rest[0]):
        texts = frozenset(rest[0])
        return lambda item: type(item) is str and item in texts
    test = _test(_name(name), len(rest), tuple(named))

    def passes(item: Value) -> bool:
        spend(1)
        return test(item, *rest, **named)

    return passes


@lru_cache(maxsize=256)
def _test(name: str, count: int, named: tuple[str, ...]) -> Callable[..., bool]:
    return find_test(name).bind(count, named)


def _name(value: Value) -> str:
    if not isinstance(value, str):
        raise ExpressionError(f"the name of a filter or test is needed first; found {describe(value)}")
    return value


def _key(attribute: Value, case_sensitive: bool) -> Key:
    def key(item: Value) -> Value:
        found = settle(item if attribute is None else reach_path(item, attribute))
        spend(1)
        look_at(found)
        return found if case_sensitive or not isinstance(found, str) else found.lower()

    return key


@declare()
def sort(value: Items, reverse: bool = False, case_sensitive: bool = False, attribute: Value = None) -> Value:
    keys: list[Key] = [_key(None, case_sensitive)]
    if attribute is not None:
        parts = attribute.split(",") if isinstance(attribute, str) else [attribute]
        keys = [_key(part, case_sensitive) for part in parts]
    return sorted(value, key=lambda item: [sort_key(key(item)) for key in keys], reverse=reverse)


@declare("min")
def least(value: Items, case_sensitive: bool = False, attribute: Value = None) -> Value:
    key = _key(attribute, case_sensitive)
    return min(value, key=lambda item: sort_key(key(item)), default=Absent("the least item of an empty list"))


@declare("max")
def greatest(value: Items, case_sensitive: bool = False, attribute: Value = None) -> Value:
    key = _key(attribute, case_sensitive)
    return max(value, key=lambda item: sort_key(key(item)), default=Absent("the greatest item of an empty list"))


@declare()
def unique(value: Items, case_sensitive: bool = False, attribute: Value = None) -> Value:
    key = _key(attribute, case_sensitive)
    found: dict[Any, Value] = {}
    for item in value:
        whole = attribute is None and type(item) is Row
        found.setdefault(same(item) if whole else identity(key(item)), item)
    return list(found.values())


@declare()
def groupby(value: Items, attribute: Value, default: Value = None, case_sensitive: bool = False) -> Value:
    groups: dict[Any, tuple[Value, list[Value]]] = {}
    for item in value:
        reached = reach_path(item, attribute)
        found = default if isinstance(reached, Absent) and default is not None else settle(reached)
        look_at(found)
        key = found.lower() if isinstance(found, str) and not case_sensitive else found
        groups.setdefault(identity(key), (found, []))[1].append(item)
    return [list(group) for group in sorted(groups.values(), key=lambda group: _fold(group[0], case_sensitive))]


def _fold(value: Value, case_sensitive: bool) -> tuple[int, Value]:
    return sort_key(value.lower() if isinstance(value, str) and not case_sensitive else value)


@declare("sum")
def total(value: Items, attribute: Value = None, start: Value = 0) -> Value:
    found = [settle(item if attribute is None else reach_path(item, attribute)) for item in value]
    if isinstance(start, list) and all(isinstance(item, list) for item in found):
        check_count(len(start) + sum(map(len, found)))
        return [*start, *(entry for item in found for entry in item)]
    result = start
    for item in found:
        result = add(result, item)
    return result


@declare()
def join(value: Items, d: str = "", attribute: Value = None) -> Value:
    parts = [text_of(item if attribute is None else reach_path(item, attribute)) for item in value]
    check_length(len(d) * len(parts) + sum(map(len, parts)))
    return d.join(parts)


@declare()
def batch(value: list[Value], linecount: int, fill_with: Value = None) -> Value:
    if linecount < 1:
        raise ExpressionError("a batch has 1 item or more")
    if fill_with is not None:
        check_count(linecount)
    return list(borrow("batch", value, linecount, fill_with))


@declare("slice")
def slices(value: list[Value], slices: int, fill_with: Value = None) -> Value:
    if slices < 1:
        raise ExpressionError("a list is cut into 1 slice or more")
    check_count(slices)
    length, longer = divmod(len(value), slices)
    cuts = [length * place + min(place, longer) for place in range(slices + 1)]
    parts = [value[start:end] for start, end in pairwise(cuts)]
    return parts if fill_with is None else [*parts[:longer], *([*part, fill_with] for part in parts[longer:])]


@declare("items")
def pairs(value: Raw) -> Value:
    content = value.value if isinstance(value, Node) else value
    if isinstance(content, Absent):
        raise ExpressionError(explain(content))
    if not isinstance(content, dict):
        raise ExpressionError(f"a mapping is needed here; found {describe(content)}")
    spend(len(content))
    return [[key, reach(value, key, key)] for key in content]


@declare()
def dictsort(value: Raw, case_sensitive: bool = False, by: str = "key", reverse: bool = False) -> Value:
    if by not in {"key", "value"}:
        raise ExpressionError("sort by 'key' or by 'value'")
    place = 1 if by == "value" else 0
    return sorted(pairs(value), key=lambda pair: _fold(settle(pair[place]), case_sensitive), reverse=reverse)
