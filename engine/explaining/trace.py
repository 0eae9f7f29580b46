"""What a condition saw: its parts, what each of them came to, and the values that it read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ..expressions.bound import begin
from ..expressions.closure import Compiler, parse
from ..expressions.expression import Code, Expression
from ..expressions.operand import explain, settle, truth
from ..expressions.scope import ExpressionError, Frame, Omit, Scope
from ..expressions.spelling import spell
from ..expressions.syntax import (
    Arguments,
    Binary,
    Choice,
    Comparison,
    Concatenation,
    Constant,
    FilterCall,
    FunctionCall,
    Item,
    ListOf,
    Name,
    Slice,
    Syntax,
    TestCall,
    Unary,
)
from ..fact import Row
from ..node import MAPPING, SEQUENCE, Node
from ..value import Absent, Value, is_number

_LONGEST = 60  # characters of a value that is shown whole
_KEYS = 8
_VALUES = 40  # that a value holds which is shown whole


@dataclass(frozen=True, slots=True)
class Reading:
    """A part of an expression and the value it had, as text; `absent` says that it had none, and `value` why."""

    text: str
    value: str
    absent: bool = False

    def __str__(self) -> str:
        return self.value if self.absent else f"{self.text} = {self.value}"


@dataclass(frozen=True, slots=True)
class Clause:
    """One of the parts of a condition that `and`, `or` and `not` join.

    `outcome` is true or false, or None where it was not asked as the others decided, or where it failed: then `hint`
    says why. Otherwise `hint` says what is near, where a comparison failed narrowly.
    """

    text: str
    outcome: bool | None
    readings: tuple[Reading, ...] = ()
    hint: str = ""


class Tracer:
    """Evaluates the parts of one condition again, to show them; `lets` are the expressions behind names."""

    def __init__(self, expression: Expression, lets: Mapping[str, Expression] = MappingProxyType({})) -> None:
        self._tree = parse(expression.text)
        self._lets = lets
        self._scope = expression.scope or Scope()
        self._codes: dict[int, Code | None] = {}

    def trace(self, frame: Frame) -> tuple[Clause, ...]:
        """What the condition saw in `frame`, clause by clause. Costs what evaluating it costs, a few times."""
        clauses: list[Clause] = []
        self._judge(self._tree, frame, clauses)
        return tuple(clauses)

    def read(self, frame: Frame) -> tuple[Reading, ...]:
        """The values that the expression read, each once, and its own."""
        return tuple(dict.fromkeys(self._readings(self._tree, frame)))

    def _judge(self, tree: Syntax, frame: Frame, clauses: list[Clause]) -> bool:
        if isinstance(tree, Unary) and tree.operator == "not" and isinstance(tree.operand, Binary):
            return not self._judge(tree.operand, frame, clauses)
        if isinstance(tree, Binary) and tree.operator in {"and", "or"}:
            left = self._judge(tree.left, frame, clauses)
            if left is (tree.operator == "or"):
                clauses += (Clause(spell(each), None) for each in _leaves(tree.right))
                return left
            return self._judge(tree.right, frame, clauses)
        clause = self._clause(tree, frame)
        clauses.append(clause)
        return bool(clause.outcome)

    def _clause(self, tree: Syntax, frame: Frame) -> Clause:
        readings = tuple(dict.fromkeys(each for part in _operands(tree) for each in self._readings(part, frame)))
        try:
            outcome = truth(self._value(tree, frame))
        except ExpressionError as error:
            return Clause(spell(tree), None, readings, f"fails: {error.message}")
        hint = self._hint(tree, frame) if isinstance(tree, Comparison) and not outcome else ""
        return Clause(spell(tree), outcome, readings, hint)

    def _readings(self, tree: Syntax, frame: Frame) -> Iterator[Reading]:
        for part in _reads(tree):
            if self._code(part) is None:
                continue
            let = self._lets.get(_base(part))
            if let is not None:
                behind = Tracer(let, {name: each for name, each in self._lets.items() if each is not let})
                yield from (each for each in behind.read(frame) if each.text != spell(behind._tree))
            text = spell(part)
            try:
                value = self._value(part, frame)
            except ExpressionError as error:
                yield Reading(text, f"{text} fails: {error.message}", absent=True)
                continue
            absent = isinstance(value, Absent)
            yield Reading(text, explain(value) if isinstance(value, Absent) else show(value), absent)

    def _hint(self, tree: Comparison, frame: Frame) -> str:
        if len(tree.steps) > 1 or tree.steps[0][0] not in {"eq", "in"}:
            return ""
        operator, right = tree.steps[0]
        if self._code(tree.left) is None or self._code(right) is None:
            return ""
        try:
            left, other = settle(self._value(tree.left, frame)), settle(self._value(right, frame))
        except ExpressionError:
            return ""
        candidates = other if operator == "in" and isinstance(other, list) else [other]
        return next((said for each in candidates if (said := nearly(left, each))), "")

    def _code(self, tree: Syntax) -> Code | None:
        key = id(tree)
        if key not in self._codes:
            try:
                self._codes[key] = Compiler(self._scope).compile(tree)
            except ExpressionError:
                self._codes[key] = None  # a part that is no expression by itself: a table of facts
        return self._codes[key]

    def _value(self, tree: Syntax, frame: Frame) -> Value:
        code = self._code(tree)
        if code is None:
            raise ExpressionError("it cannot be shown")
        begin()
        return code.run(frame)


def nearly(left: Value, right: Value) -> str:
    """Why two scalars that look alike are not equal; "" if they do not."""
    if isinstance(left, str) and isinstance(right, str) and left != right:
        if left.strip() == right.strip():
            return "they differ in blanks only"
        if left.lower() == right.lower():
            return "they differ in upper and lower case only"
    for one, other in ((left, right), (right, left)):
        if isinstance(other, str) and (is_number(one) or isinstance(one, bool)):
            written = json.dumps(one) if isinstance(one, bool) else getattr(one, "text", repr(one))
            if other.strip().lower() == written.lower():
                kind = "boolean" if isinstance(one, bool) else "number"
                text = json.dumps(other, ensure_ascii=False)
                return f"{written} is a {kind} and {text} a text, which are never equal"
    return ""


def show(value: Any) -> str:
    """A value as one line of an explanation: JSON if it is short, else what it is."""
    if isinstance(value, (Absent, Omit)):
        return "absent" if isinstance(value, Absent) else "omit"
    content = value.value if isinstance(value, Node) else value
    if type(value) is Row:
        return "a row" + "".join(f" with {name} = {show(held)}" for name, held in list(value.items())[:1])
    if isinstance(content, (list, dict)):
        return _show_collection(value, content)
    if isinstance(content, str):
        text = json.dumps(content, ensure_ascii=False)
        return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + '..."'
    if content is None or isinstance(content, bool):
        return json.dumps(content)
    return str(getattr(content, "text", repr(content)))


def _show_collection(value: Any, content: list[Any] | dict[str, Any]) -> str:
    short = len(content) <= _KEYS
    try:
        text = json.dumps(settle(value), ensure_ascii=False, default=str) if _is_small(value) else ""
    except ExpressionError:
        text = ""
    if text and len(text) <= _LONGEST:
        return text
    if isinstance(content, list):
        return f"a list of {len(content)}"
    keys = ", ".join(list(content)[:_KEYS]) + (", ..." if not short else "")
    return f"a mapping with {keys}"


def _is_small(value: Any) -> bool:
    """Whether a value holds few others at any depth: what is shown for every combination must not be copied whole."""
    waiting, seen = [value], 0
    while waiting and seen <= _VALUES:
        current = waiting.pop()
        content = current.value if isinstance(current, Node) else current
        seen += 1 + (len(content) if isinstance(content, (list, dict)) else 0)
        if isinstance(content, (list, dict)) and seen <= _VALUES:
            waiting += content.values() if isinstance(content, dict) else content
    return seen <= _VALUES


def kind_of(node: Node) -> str:
    """What kind of value a node holds, with its size or, if it is a scalar, its value."""
    if node.kind == SEQUENCE:
        return f"a list of {len(node.value)}" if node.value else "an empty list"
    if node.kind == MAPPING:
        return "a mapping" if node.value else "an empty mapping"
    if node.value is None:
        return "null"
    kind = "boolean" if isinstance(node.value, bool) else "number" if is_number(node.value) else "text"
    return f"the {kind} {show(node)}"


def _leaves(tree: Syntax) -> Sequence[Syntax]:
    if isinstance(tree, Binary) and tree.operator in {"and", "or"}:
        return [*_leaves(tree.left), *_leaves(tree.right)]
    return [tree]


def _operands(tree: Syntax) -> Sequence[Syntax]:
    """The parts of a clause whose values say how it came to what it came to."""
    if isinstance(tree, (Comparison, TestCall)):
        return _parts(tree)
    return _operands(tree.operand) if isinstance(tree, Unary) else [tree]


def _reads(tree: Syntax) -> Iterator[Syntax]:
    """The names and members that a part reads, then the part itself where it is more than that."""
    if isinstance(tree, Constant):
        return
    if isinstance(tree, ListOf):
        for item in tree.items:
            yield from _reads(item)
        return
    if _is_chain(tree):
        yield tree
        return
    for part in _parts(tree):
        yield from _reads(part)
    yield tree


def _is_chain(tree: Syntax) -> bool:
    return bool(_base(tree))


def _base(tree: Syntax) -> str:
    """The name that a chain of members starts at; "" for anything else."""
    while isinstance(tree, Item):
        tree = tree.base
    return tree.name if isinstance(tree, Name) else ""


def _parts(tree: Syntax) -> Sequence[Syntax]:
    """What a part is made of, as far as it reads values."""
    if isinstance(tree, Item) and isinstance(tree.base, FilterCall):
        return _parts(tree.base)  # `(x | image)` says nothing beside `(x | image).registry`
    spread = _SPREAD.get(type(tree))
    return [] if spread is None else spread(tree)


def _arguments(arguments: Arguments) -> list[Syntax]:
    return [*arguments.positional, *(value for _, value in arguments.named)]


_SPREAD: dict[type[Any], Callable[[Any], Sequence[Syntax]]] = {
    Item: lambda tree: [tree.base],
    Slice: lambda tree: [tree.base],
    FilterCall: lambda tree: [tree.subject, *_arguments(tree.arguments)],
    TestCall: lambda tree: [tree.subject, *_arguments(tree.arguments)],
    FunctionCall: lambda tree: _arguments(tree.arguments),
    Comparison: lambda tree: [tree.left, *(right for _, right in tree.steps)],
    Binary: lambda tree: [tree.left, tree.right],
    Unary: lambda tree: [tree.operand],
    Choice: lambda tree: [tree.condition],
    Concatenation: lambda tree: tree.parts,
}
