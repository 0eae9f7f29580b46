"""Values of a rule file with expressions in them: compiled from its nodes, rendered as plain data or as new nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeAlias

from ..dataclass import dataclass
from ..error import Message, Place, RuleError
from ..late_pattern import late_pattern
from ..node import MAPPING, SCALAR, SEQUENCE, Node, build
from ..reading.scalar_text import character
from ..source import Source
from ..value import Absent, Value
from .bound import begin
from .expression import Expression, ExpressionError, closing_brace, compile_expression
from .operand import explain, join_text, text_of
from .remark import comment_above, last_offset, line_comment
from .scope import Frame, Omit, Scope

_INSIDE = late_pattern(r"\$\{([^{}'\\\n]*)\}")  # what can be written in quotes
_OPENING = late_pattern(r"\$\$\{ |\$\{ |(?<!\$)\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)")

Locate: TypeAlias = Callable[[int], Place | None]
"""The place of a character of a scalar's value."""


@dataclass(frozen=True, slots=True)
class Template:
    """A value with expressions in it. `expression` is the one of a text that is exactly one `${ }`, else None.

    `names` are those that its expressions use.
    """

    part: Part
    expression: Expression | None = None
    names: frozenset[str] = frozenset()

    @property
    def constant(self) -> bool:
        """Whether there is no expression in it."""
        return self.part.constant

    def evaluate(self, frame: Frame) -> Value:
        """As `render`, but a text that is a single expression may give an `Absent` (for `let`)."""
        return self.part.evaluate(frame)

    @property
    def keep(self) -> Callable[[Frame], Value]:
        """As `evaluate`, but rows of tables in what a single expression gives stay what they are."""
        return self.part.keep if isinstance(self.part, _Single) else self.part.evaluate

    def render(self, frame: Frame) -> Value:
        """The value in `frame`, as fresh plain data, or `OMIT`.

        Raises `ExpressionError`, its `place` set, where an expression fails or gives something absent.
        """
        return _render(self.part, frame)

    def renderer(self) -> Callable[[Frame], Value]:
        """A function that does what `render` does, for those who render often."""
        part = self.part
        if isinstance(part, _Scalar):
            value = part.value
            return lambda _frame: value
        if not isinstance(part, _Single):
            return partial(_render, part)
        evaluate = part.expression.evaluate

        def render(frame: Frame) -> Value:
            try:
                value = evaluate(frame)
            except ExpressionError:
                return _render(part, frame)  # which says where
            return _render(part, frame) if isinstance(value, Absent) else value

        return render

    def build(self, frame: Frame) -> Node | Omit:
        """The value in `frame` as a new tree of nodes, with the rule file's `##` comments on them, or `OMIT`.

        Errors are those of `render`.
        """
        return self.part.build(frame)


def compile_template(node: Node, source: Source, scope: Scope, errors: list[Message] | None = None) -> Template:
    """The template at `node` of the rule file `source`.

    Mistakes are added to `errors` if it is given; otherwise a `RuleError` with all of them is raised.
    """
    compiler = _Compiler(source, scope, [], set())
    part = compiler.compile(node)
    if errors is not None:
        errors.extend(compiler.errors)
    elif compiler.errors:
        raise RuleError.of(compiler.errors)
    return Template(part, part.expression if isinstance(part, _Single) else None, frozenset(compiler.names))


@dataclass(frozen=True, slots=True)
class _Remarked:
    """A part whose node carries comments."""

    part: Part
    above: str | None
    line: str | None
    constant: bool

    def evaluate(self, frame: Frame) -> Value:
        return self.part.evaluate(frame)

    def build(self, frame: Frame) -> Node | Omit:
        node = self.part.build(frame)
        if isinstance(node, Node):
            node.comment_above, node.comment_line = self.above, self.line
        return node


@dataclass(frozen=True, slots=True)
class _Scalar:
    """A scalar without expressions."""

    value: Value
    constant: bool = True

    def evaluate(self, _frame: Frame) -> Value:
        return self.value

    def build(self, _frame: Frame) -> Node:
        return Node(SCALAR, self.value)


@dataclass(frozen=True, slots=True)
class _Single:
    """A text that is exactly one expression, or an expression among other text."""

    expression: Expression
    locate: Locate
    constant: bool = False

    def evaluate(self, frame: Frame) -> Value:
        try:
            return self.expression.evaluate(frame)
        except ExpressionError as error:
            raise self._located(error) from None

    def keep(self, frame: Frame) -> Value:
        """The value, in which rows of tables stay what they are."""
        try:
            return self.expression.keep(frame)
        except ExpressionError as error:
            raise self._located(error) from None

    def _located(self, error: ExpressionError) -> ExpressionError:
        if error.place is None:
            error.place = self.locate(error.offset)
        return error

    def build(self, frame: Frame) -> Node | Omit:
        value = _render(self, frame)
        return value if isinstance(value, Omit) else build(value)

    def text(self, frame: Frame) -> str:
        """The result as text to be joined with others."""
        try:
            return text_of(self.evaluate(frame))
        except ExpressionError as error:
            if error.place is None:
                error.place = self.locate(0)
            raise


@dataclass(frozen=True, slots=True)
class _Text:
    """Texts and expressions that are joined."""

    pieces: tuple[str | _Single, ...]
    constant: bool = False

    def evaluate(self, frame: Frame) -> Value:
        return self.text(frame)

    def text(self, frame: Frame) -> str:
        """The pieces, joined."""
        pieces = [piece if isinstance(piece, str) else piece.text(frame) for piece in self.pieces]
        begin()
        return join_text(pieces)

    def build(self, frame: Frame) -> Node:
        return Node(SCALAR, self.text(frame))


@dataclass(frozen=True, slots=True)
class _Mapping:
    """A mapping; a key is a text or a part that gives one."""

    entries: tuple[tuple[str | _Single | _Text, Part], ...]
    place: Place | None
    constant: bool

    def evaluate(self, frame: Frame) -> Value:
        found: dict[str, Value] = {}
        for key, part in self.entries:
            value = _render(part, frame)
            if not isinstance(value, Omit):
                found[self._key(key, found, frame)] = value
        return found

    def build(self, frame: Frame) -> Node:
        node = Node(MAPPING, {})
        for key, part in self.entries:
            child = part.build(frame)
            if isinstance(child, Node):
                name = self._key(key, node.value, frame)
                child.parent, child.key = node, name
                node.value[name] = child
        return node

    def _key(self, key: str | _Single | _Text, found: dict[str, Value], frame: Frame) -> str:
        name = key if isinstance(key, str) else key.text(frame)
        if name in found:
            error = ExpressionError(f"two entries of the mapping have the key `{name}`")
            error.place = self.place
            raise error
        return name


@dataclass(frozen=True, slots=True)
class _List:
    """A list."""

    items: tuple[Part, ...]
    constant: bool

    def evaluate(self, frame: Frame) -> Value:
        values = (_render(part, frame) for part in self.items)
        return [value for value in values if not isinstance(value, Omit)]

    def build(self, frame: Frame) -> Node:
        node = Node(SEQUENCE, [])
        for part in self.items:
            child = part.build(frame)
            if isinstance(child, Node):
                child.parent, child.key = node, len(node.value)
                node.value.append(child)
        return node


Part: TypeAlias = _Remarked | _Scalar | _Single | _Text | _Mapping | _List
"""A piece of a template: `evaluate` gives fresh plain data, `OMIT`, or the `Absent` of a single expression; `build`
the same as a new node, or an error where it is absent."""


def _render(part: Part, frame: Frame) -> Value:
    value = part.evaluate(frame)
    if isinstance(value, Absent):
        error = ExpressionError(explain(value))
        inner = part.part if isinstance(part, _Remarked) else part
        error.place = inner.locate(0) if isinstance(inner, _Single) else None
        raise error
    return value


@dataclass(frozen=True, slots=True)
class _Compiler:
    source: Source
    scope: Scope
    errors: list[Message]
    names: set[str]

    def compile(self, node: Node) -> Part:
        """The part at `node`, with the comment that stands on its own line."""
        part = self._bare(node)
        return self._remarked(part, None, line_comment(self.source.text, node))

    def _bare(self, node: Node) -> Part:
        if node.kind == MAPPING:
            return self._mapping(node)
        if node.kind == SEQUENCE:
            items = tuple(part for _, part in self._children(node, enumerate(node.value)))
            return _List(items, all(part.constant for part in items))
        if isinstance(node.value, str) and "${" in node.value:
            return self._text(node.value, self._locator(node))
        return _Scalar(node.value)

    def _mapping(self, node: Node) -> Part:
        entries = tuple(
            (self._key(str(name), node.value[name]), part) for name, part in self._children(node, node.value.items())
        )
        constant = all(isinstance(key, str) and part.constant for key, part in entries)
        place = self.source.place(node.start) if node.start >= 0 else None
        return _Mapping(entries, place, constant)

    def _children(self, node: Node, pairs: Iterator[tuple[object, Node]]) -> Iterator[tuple[object, Part]]:
        floor = max(node.key_end, 0)
        for name, child in pairs:
            text = self.source.text
            above = comment_above(text, child, floor) if child.start >= 0 else None
            yield name, self._remarked(self._bare(child), above, line_comment(text, child))
            floor = last_offset(child)

    def _remarked(self, part: Part, above: str | None, line: str | None) -> Part:
        return part if above is None and line is None else _Remarked(part, above, line, part.constant)

    def _key(self, name: str, child: Node) -> str | _Single | _Text:
        if "${" not in name:
            return name
        key = Node(SCALAR, name, child.key_start, child.key_end)
        raw = self.source.text[child.key_start : child.key_end]
        key.style = raw[0] if raw[:1] in {"'", '"'} else None
        part = self._text(name, self._locator(key))
        return str(part.value) if isinstance(part, _Scalar) else part

    def _locator(self, node: Node) -> Locate:
        source = self.source
        return lambda offset: source.place(character(source.text, node, offset)) if node.start >= 0 else None

    def _text(self, text: str, locate: Locate) -> _Scalar | _Single | _Text:
        try:
            pieces = list(self._pieces(text, locate))
        except ExpressionError as error:
            place = error.place or locate(error.offset) or Place(self.source.file)
            self.errors.append(Message("error", error.message, place))
            return _Scalar(text)
        if all(isinstance(piece, str) for piece in pieces):
            return _Scalar("".join(map(str, pieces)))
        if len(pieces) == 1 and isinstance(pieces[0], _Single):
            return pieces[0]
        return _Text(tuple(pieces))

    def _pieces(self, text: str, locate: Locate) -> Iterator[str | _Single]:
        """Texts and expressions in order; no text is empty. Offsets in errors are those of `text`."""
        done = position = 0
        while (opening := _OPENING.search(text, position)) is not None:
            position = opening.end()
            if opening["name"] is not None:
                self._refuse_known(opening["name"], text, opening.start())
                continue
            if opening.start() > done:
                yield text[done : opening.start()]
            if opening[0] == "$${ ":
                yield "${ "
            else:
                end = closing_brace(text, position)
                yield self._expression(text[position:end], position, locate)
                position = end + 1
            done = position
        if done < len(text):
            yield text[done:]

    def _expression(self, text: str, start: int, locate: Locate) -> _Single:
        try:
            expression = compile_expression(text, self.scope)
        except ExpressionError as error:
            raise ExpressionError(error.message, start + error.offset) from None
        self.names.update(expression.names)
        return _Single(expression, lambda offset: locate(start + offset))

    def _refuse_known(self, name: str, text: str, offset: int) -> None:
        """`${name}` is text; where `name` is known, it was hardly meant to be."""
        names = self.scope.captures | self.scope.lets
        if name in names or name in (self.scope.parameters or ()):
            inside = _INSIDE.match(text, offset)
            written = inside[1] if inside is not None else name
            meant = written if name in names else f"params.{written}"
            raise ExpressionError(
                f"`${{{written}{'}' if inside else ''}` is text: an expression has a blank after `${{`; "
                f"write `${{ {meant} }}`, or `${{ '${{{written}}}' }}` for the text itself",
                offset,
            )
