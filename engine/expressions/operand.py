"""What operators, filters and tests make of a value: plain data, text, a list, true or false, or an error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import value as data
from ..error import shorten
from ..fact import Row, same
from ..limit import MAX_DEPTH, MAX_TEXT
from ..node import MAPPING, SEQUENCE, Node
from ..suggest import listing, suggest
from ..value import Absent, Float, Integer, Value, is_number
from .bound import check_length, look, spend
from .scope import ExpressionError, Omit

_PLAIN = frozenset({str, int, float, bool, type(None), Integer, Float})
_SHOWN_KEYS = 20
_SHOWN_TEXT = 40


def settle(value: Value, depth: int = 0) -> Value:
    """`value` as fresh plain data. An `ExpressionError` if it is absent or `omit`, or holds something that is.

    An error too if it is nested too deep, where it stands `depth` deep already.
    """
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Node):
        return _settle_node(value, depth)
    if isinstance(value, list):
        spend(len(value) + 1)
        inside = _deeper(depth)
        return [settle(item, inside) for item in value]
    if isinstance(value, dict):
        spend(len(value) + 1)
        inside = _deeper(depth)
        return {key: settle(item, inside) for key, item in value.items()}
    if isinstance(value, Absent):
        raise ExpressionError(explain(value))
    if isinstance(value, Omit):
        raise ExpressionError("`omit` may only be a whole value, a list's item or a mapping's value")
    return value


def settle_rows(value: Value, depth: int = 0) -> Value:
    """As `settle`, but rows of tables stay what they are, inside lists and mappings too."""
    kind = type(value)
    if kind is Row:
        return value
    if kind is list:
        spend(len(value) + 1)
        inside = _deeper(depth)
        return [settle_rows(item, inside) for item in value]
    if kind is dict:
        spend(len(value) + 1)
        inside = _deeper(depth)
        return {key: settle_rows(item, inside) for key, item in value.items()}
    return settle(value, depth)


def _settle_node(node: Node, depth: int) -> Value:
    if node.kind == MAPPING:
        spend(len(node.value) + 1)
        inside = _deeper(depth)
        return {key: _settle_node(child, inside) for key, child in node.value.items()}
    if node.kind == SEQUENCE:
        spend(len(node.value) + 1)
        inside = _deeper(depth)
        return [_settle_node(child, inside) for child in node.value]
    return node.value


def _deeper(depth: int) -> int:
    if depth >= MAX_DEPTH:
        raise ExpressionError(f"the value would be nested more than {MAX_DEPTH} deep")
    return depth + 1


def unwrap(node: Node) -> Value:
    """A scalar node's value; any other node itself."""
    return node if node.kind else node.value


def explain(absent: Absent) -> str:
    """The sentence that says what was reached for in vain, and which keys are there."""
    keys = list(absent.keys)
    if not keys:
        return f"{shorten(absent.name)} is absent"
    shown = listing(keys[:_SHOWN_KEYS]) + (", ..." if len(keys) > _SHOWN_KEYS else "")
    return f"{shorten(absent.name)} is absent; keys here: {shown}{suggest(_last_key(absent.name), keys)}"


def _last_key(name: str) -> str:
    return name.rpartition(".")[2].rstrip("]'").rpartition("['")[2]


def describe(value: Value) -> str:
    """A value as an error message names it: "the text 'abc'", "the number 3", "a mapping"."""
    if isinstance(value, Node):
        value = value.value
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if isinstance(value, str):
        return f"the text {value[:_SHOWN_TEXT]!r}" + ("..." if len(value) > _SHOWN_TEXT else "")
    if is_number(value):
        return f"the number {value!r}"
    if isinstance(value, Absent):
        return "something absent"
    return "a mapping" if isinstance(value, dict) else "a list" if isinstance(value, list) else "`omit`"


def truth(value: Value) -> bool:
    """Whether a condition holds: absent, null, false, 0, '' and empty containers are false."""
    if isinstance(value, Node):
        return bool(value.value)
    if isinstance(value, (Absent, Omit)):
        return False
    return bool(value)


def text_of(value: Value) -> str:
    """A scalar as text: numbers as they were written, `true`, `false`. An `ExpressionError` for null and containers."""
    if isinstance(value, str):
        return value
    value = settle(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (Integer, Float)):
        return value.text
    if is_number(value):
        return repr(value)
    if isinstance(value, str):
        return value
    raise ExpressionError(f"only text, numbers and booleans can be text; found {describe(value)}")


def join_text(parts: list[str]) -> str:
    """The texts one after the other, within the limit."""
    check_length(sum(map(len, parts)))
    return "".join(parts)


def items_of(value: Value) -> list[Any]:
    """What a list filter runs over: a list's items, a mapping's keys, a text's characters.

    Items of a document's list stay nodes (scalars aside), so that filters look only at what they need.
    """
    if isinstance(value, Node):
        if value.kind == SEQUENCE:
            spend(len(value.value))
            return [unwrap(child) for child in value.value]
        value = list(value.value) if value.kind == MAPPING else value.value
    if isinstance(value, (list, dict, str)):
        spend(len(value))
        return list(value)
    if isinstance(value, Absent):
        raise ExpressionError(explain(value))
    raise ExpressionError(f"a list is needed here; found {describe(value)}")


def reach(value: Value, key: Value, name: str) -> Value:
    """What `value` has at `key`: a mapping's member, a list's item (negative from the end), a text's character.

    `name` is what an error message calls the result. `Absent` if there is nothing.
    """
    if isinstance(value, Absent):
        return value
    content = value.value if isinstance(value, Node) else value
    if isinstance(content, dict):
        found = content.get(key) if isinstance(key, str) else None
        if found is None and (not isinstance(key, str) or key not in content):
            return Absent(name, content)
    elif isinstance(content, (list, str)) and isinstance(key, int) and not isinstance(key, bool):
        if not -len(content) <= key < len(content):
            return Absent(name)
        found = content[key]
    else:
        return Absent(name)
    return unwrap(found) if isinstance(found, Node) else found


def reach_path(value: Value, attribute: Value) -> Value:
    """What a filter's `attribute=` finds in an item: `'a.b'`, `'a.0'`, `1`; absent as everywhere."""
    if isinstance(attribute, int) and not isinstance(attribute, bool):
        return reach(value, attribute, f"item {attribute}")
    if not isinstance(attribute, str):
        raise ExpressionError(f"an attribute is a text or an index; found {describe(attribute)}")
    look(attribute)
    for part in attribute.split("."):
        spend(1)
        at_list = isinstance(value.value if isinstance(value, Node) else value, list)
        value = reach(value, int(part) if at_list and part.isdecimal() else part, attribute)
    return value


def look_at(value: Value) -> None:
    """Take off the meter what it costs to read the long texts in plain data, besides its items."""
    if isinstance(value, str):
        look(value)
    if not isinstance(value, (list, dict)):
        return
    waiting = [value]
    while waiting:
        current = waiting.pop()
        if isinstance(current, str):
            look(current)
        elif isinstance(current, list):
            waiting += current
        elif isinstance(current, dict):
            waiting += current.values()


def check_written(value: Value, indent: int = 0) -> None:
    """Refuse plain data that would be too long a text, with each item on a line indented by its depth."""
    length = 0
    waiting = [(value, 0)]
    while waiting:
        current, depth = waiting.pop()
        length += indent * depth + 1
        if isinstance(current, str):
            length += len(current)
        elif isinstance(current, list):
            waiting += ((item, depth + 1) for item in current)
        elif isinstance(current, dict):
            length += sum(map(len, current))
            waiting += ((item, depth + 1) for item in current.values())
        if length > MAX_TEXT:
            break
    check_length(length)


def equal(left: Value, right: Value) -> bool:
    """Whether two values are the same data; what is absent equals nothing. Rows hold the same nodes, not like ones."""
    if isinstance(left, (Absent, Omit)) or isinstance(right, (Absent, Omit)):
        return False
    if type(left) is Row and type(right) is Row:
        return left is right or same(left) == same(right)
    left, right = _comparable(left), _comparable(right)
    look_at(left)
    return data.equal(left, right)


def _comparable(value: Value) -> Value:
    return value if type(value) in _PLAIN else settle(value)


def contains(container: Value, value: Value) -> bool:
    """The operator `in`: an equal item of a list, a mapping's key, a part of a text; false if either is absent."""
    content = container.value if isinstance(container, Node) else container
    if content is None or isinstance(content, (Absent, Omit)) or isinstance(value, (Absent, Omit)):
        return False
    if isinstance(content, Mapping):
        return isinstance(value, str) and value in content
    if isinstance(content, str):
        if not isinstance(value, str):
            raise ExpressionError(f"only a text can be in a text; found {describe(value)}")
        look(content)
        return value in content
    if not isinstance(content, list):
        raise ExpressionError(f"`in` needs a list, a mapping or a text on its right; found {describe(content)}")
    spend(len(content))
    if type(value) is str and value in content:  # a text equals no number, so this says what `equal` says
        return True
    return any(equal(item, value) for item in content if type(value) is not str or type(item) is not str)
