"""Reads expressions with Jinja2's own lexer and parser, and lends its filters; the only module that imports jinja2."""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.filters import FILTERS
from jinja2.lexer import TOKEN_EOF, Token, TokenStream, operators
from jinja2.parser import Parser

from ..limit import MAX_BITS, MAX_BRACKETS, MAX_OPERATIONS
from ..stack import is_whole
from .literal import unescape
from .scope import ExpressionError
from .syntax import (
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
    MappingOf,
    Name,
    Slice,
    Syntax,
    TestCall,
    Unary,
)

_ENVIRONMENT = Environment(variable_start_string="${", variable_end_string="}")  # noqa: S701 - makes no HTML
_UNKNOWN_CHARACTER = re.compile(r"unexpected char .* at (\d+)\Z", re.DOTALL)
_INSTEAD = {
    "&": "; write `and`",
    "|": "; a filter's name follows `|`, and the operator is `or`",
    "!": "; write `not`",
    "?": "; write `a if condition else b`",
    "=": "; to compare, write `==`",
    "$": "; names stand without `$` inside an expression",
    "'": "; this text is not closed",
    '"': "; this text is not closed",
}


def find_end(text: str, start: int) -> int:
    """Where the `}` stands that ends the expression that begins at `start`. `ExpressionError` if there is none."""
    for offset, kind, spelling in _lex(text, start):
        if kind == "variable_end":
            return offset + len(spelling) - 1
    raise ExpressionError("`${ ` has no `}` that ends it", max(start - 3, 0))


def parse(text: str) -> Syntax:
    """The syntax tree of `text`, which is one expression. `ExpressionError` if it is not."""
    try:
        parser = Parser(_ENVIRONMENT, "", state="variable")
        parser.stream = TokenStream(_tokens(text), None, None)
        if parser.stream.current.type == TOKEN_EOF:
            raise ExpressionError("an expression is missing here", 0)
        tree = parser.parse_expression()
        rest = parser.stream.current
        if rest.type != TOKEN_EOF:
            raise _unexpected(text, rest.lineno)
        _check_depth(tree)
        return _convert(tree)
    except TemplateSyntaxError as error:
        raise _syntax_error(text, error) from None
    except RecursionError:
        if not is_whole():
            raise
        raise ExpressionError("the expression is nested too deeply", 0) from None


def lend(name: str) -> Callable[..., Any]:
    """Jinja2's own filter `name`, as a function of plain values."""
    function = FILTERS[name]
    return partial(function, _ENVIRONMENT) if name in {"truncate", "wordwrap"} else function


def _lex(text: str, start: int) -> Iterator[tuple[int, str, str]]:
    """Jinja2's tokens from `start` on, blanks included, each with its offset (which Jinja2 does not give)."""
    source = re.sub(r"\r", " ", text[start:])  # Jinja2 joins CR and LF into one, which would shift the offsets
    offset = start
    try:
        for _, kind, spelling in _ENVIRONMENT.lexer.tokeniter(source, None, state="variable"):
            yield offset, kind, text[offset : offset + len(spelling)]
            offset += len(spelling)
    except TemplateSyntaxError as error:
        found = _UNKNOWN_CHARACTER.match(error.message or "")
        raise _unexpected(text, start + int(found[1]) if found else offset) from None


def _check_depth(tree: nodes.Node) -> None:
    """Refuse a tree that is too high, before anything goes down it step by step."""
    waiting = [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        if depth > MAX_OPERATIONS:
            text = f"more than {MAX_OPERATIONS} operators, filters and members follow each other: use `let` for a part"
            raise ExpressionError(text, 0)
        waiting.extend((child, depth + 1) for child in node.iter_child_nodes())


def _tokens(text: str) -> Iterator[Token]:
    """The tokens for Jinja2's parser. Their `lineno` is the offset in `text`, which the tree and errors then show."""
    depth = 0
    for offset, kind, spelling in _lex(text, 0):
        if kind == "variable_end":
            raise _unexpected(text, offset)
        if kind == "operator":
            depth += (spelling in "([{") - (spelling in ")]}")
            if depth > MAX_BRACKETS:
                message = f"brackets are nested more than {MAX_BRACKETS} deep: use `let` for a part"
                raise ExpressionError(message, offset)
        if kind != "whitespace":
            yield _token(offset, kind, spelling)
    yield Token(len(text), TOKEN_EOF, "")


def _token(offset: int, kind: str, spelling: str) -> Token:
    if kind == "operator":
        return Token(offset, operators[spelling], spelling)
    if kind == "string":
        return Token(offset, kind, unescape(spelling[1:-1], offset))
    if kind == "integer":
        return Token(offset, kind, _integer(spelling, offset))  # type: ignore[arg-type] # as Jinja2's lexer
    if kind == "float":
        return Token(offset, kind, literal_eval(spelling.replace("_", "")))
    return Token(offset, kind, spelling)


def _integer(spelling: str, offset: int) -> int:
    try:
        number = int(spelling.replace("_", ""), 0)
    except ValueError:
        number = None
    if number is None or number.bit_length() > MAX_BITS:
        raise ExpressionError(f"the number is longer than {MAX_BITS:,} bits", offset)
    return number


def _unexpected(text: str, offset: int) -> ExpressionError:
    if offset >= len(text):
        return ExpressionError("the expression ends too early", offset)
    return ExpressionError(f"`{text[offset]}` is unexpected here{_INSTEAD.get(text[offset], '')}", offset)


def _syntax_error(text: str, error: TemplateSyntaxError) -> ExpressionError:
    if error.lineno >= len(text):
        return ExpressionError("the expression ends too early", len(text))
    if text[error.lineno] in _INSTEAD:
        return _unexpected(text, error.lineno)
    message = (error.message or "syntax error").replace("'", "`")
    return ExpressionError(message.replace("end of template", "the end"), error.lineno)


def _convert(node: nodes.Node) -> Syntax:
    convert = _CONVERTERS.get(type(node))
    if convert is None:
        raise ExpressionError(f"{type(node).__name__} is not part of the expression language", node.lineno)
    return convert(node)


def _start(node: nodes.Node) -> int:
    """The offset of the first character of `node`."""
    while True:
        if isinstance(node, (nodes.Getattr, nodes.Getitem, nodes.Filter, nodes.Test, nodes.Call)) and node.node:
            node = node.node
        elif isinstance(node, nodes.BinExpr):
            node = node.left
        elif isinstance(node, nodes.Compare):
            node = node.expr
        elif isinstance(node, nodes.CondExpr):
            node = node.expr1
        elif isinstance(node, nodes.Concat):
            node = node.nodes[0]
        else:
            return node.lineno


def _constant(node: nodes.Const) -> Syntax:
    return Constant(node.lineno, node.value)


def _name(node: nodes.Name) -> Syntax:
    return Constant(node.lineno, None) if node.name == "null" else Name(node.lineno, node.name)


def _attribute(node: nodes.Getattr) -> Syntax:
    return Item(_start(node), _convert(node.node), Constant(node.lineno + 1, node.attr), dotted=True)  # behind the dot


def _item(node: nodes.Getitem) -> Syntax:
    base, key = _convert(node.node), node.arg
    if isinstance(key, nodes.Slice):
        start, stop, step = (_convert(part) if part is not None else None for part in (key.start, key.stop, key.step))
        return Slice(_start(node), base, start, stop, step)
    if isinstance(key, nodes.Tuple):
        raise ExpressionError("one key or index may stand in `[ ]`", node.lineno)
    return Item(_start(node), base, _convert(key))


def _list(node: nodes.List | nodes.Tuple) -> Syntax:
    return ListOf(node.lineno, tuple(map(_convert, node.items)))


def _mapping(node: nodes.Dict) -> Syntax:
    return MappingOf(node.lineno, tuple((_convert(pair.key), _convert(pair.value)) for pair in node.items))


def _unary(node: nodes.UnaryExpr) -> Syntax:
    return Unary(node.lineno, node.operator, _convert(node.node))


def _binary(node: nodes.BinExpr) -> Syntax:
    return Binary(_start(node), node.operator, _convert(node.left), _convert(node.right))


def _concatenation(node: nodes.Concat) -> Syntax:
    return Concatenation(_start(node), tuple(map(_convert, node.nodes)))


def _comparison(node: nodes.Compare) -> Syntax:
    return Comparison(_start(node), _convert(node.expr), tuple((step.op, _convert(step.expr)) for step in node.ops))


def _choice(node: nodes.CondExpr) -> Syntax:
    otherwise = _convert(node.expr2) if node.expr2 is not None else None
    return Choice(_start(node), _convert(node.test), _convert(node.expr1), otherwise)


def _filter(node: nodes.Filter) -> Syntax:
    if node.node is None:  # the filter of a filter block, which is a statement
        raise ExpressionError("a filter needs something before it", node.lineno)
    return FilterCall(node.lineno, _convert(node.node), node.name, _arguments(node))


def _test(node: nodes.Test) -> Syntax:
    return TestCall(_start(node), _convert(node.node), node.name, _arguments(node))


def _call(node: nodes.Call) -> Syntax:
    called = node.node
    if isinstance(called, nodes.Getattr):
        name = called.attr
        raise ExpressionError(f"values have no methods; write it as a filter: `... | {name}(...)`", called.lineno)
    if not isinstance(called, nodes.Name):
        raise ExpressionError("only functions can be called", node.lineno)
    return FunctionCall(called.lineno, called.name, _arguments(node))


def _arguments(node: nodes.Filter | nodes.Test | nodes.Call) -> Arguments:
    if node.dyn_args is not None or node.dyn_kwargs is not None:
        raise ExpressionError("arguments cannot be spread with `*` or `**`", node.lineno)
    named = tuple((pair.key, _convert(pair.value)) for pair in node.kwargs if isinstance(pair, nodes.Keyword))
    if len({name for name, _ in named}) < len(named):
        raise ExpressionError("an argument is given twice", node.lineno)
    return Arguments(tuple(map(_convert, node.args)), named)


_CONVERTERS: dict[type[nodes.Node], Callable[[Any], Syntax]] = {
    nodes.Const: _constant,
    nodes.Name: _name,
    nodes.Getattr: _attribute,
    nodes.Getitem: _item,
    nodes.List: _list,
    nodes.Tuple: _list,
    nodes.Dict: _mapping,
    nodes.CondExpr: _choice,
    nodes.Compare: _comparison,
    nodes.Concat: _concatenation,
    nodes.Filter: _filter,
    nodes.Test: _test,
    nodes.Call: _call,
    **dict.fromkeys((nodes.Neg, nodes.Pos, nodes.Not), _unary),
    **dict.fromkeys(
        (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow, nodes.And, nodes.Or),
        _binary,
    ),
}
