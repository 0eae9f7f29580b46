"""Compiles the paths, expressions and templates of a rule file, each in the names known where it stands."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..dataclass import dataclass, field, replace
from ..expressions.expression import Expression, compile_expression
from ..expressions.scope import RESERVED_NAMES, ExpressionError, Scope, Shape
from ..expressions.shape import enter_column
from ..expressions.template import Template, compile_template
from ..jsonpath.path import Dialect, Path, PathError, compile_path
from ..late_pattern import late_pattern
from ..node import SCALAR, Node
from ..rule import Target
from ..suggest import listing, suggest
from .form import IDENTIFIER, Form, describe
from .fragment import Fragments, compile_paths
from .reserved import KEYWORDS, meaning
from .yaml_trap import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..error import Message
    from .entry import Piece

_WRAPPED = late_pattern(r"\s*\$\{ (.*)\}\s*", re.DOTALL)
_KEY_AT_END = late_pattern(r"\[(?P<quote>['\"])(?P<key>(?:(?!(?P=quote)).)*\$\{ .*)(?P=quote)\]\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Compiler:
    """What is needed to compile at one place of a rule file.

    Paths may start at the captures of `scope`; a mistake is recorded in `form`, and None or nothing is returned.
    """

    form: Form
    scope: Scope
    fragments: Fragments = field(default_factory=dict)
    dialect: Dialect = compile_path

    def at(self, piece: Piece) -> Compiler:
        """A compiler for what stands in another document of the rule set, in the dialect of that one."""
        fragments, dialect = self.fragments, piece.dialect
        scope = replace(self.scope, paths=lambda text: compile_paths(text, fragments, dialect))
        return replace(self, form=piece.form, scope=scope, dialect=dialect)

    def within(
        self,
        captures: Iterable[str] = (),
        lets: Iterable[str] = (),
        names: Iterable[str] = (),
        shapes: Mapping[str, Shape | None] = MappingProxyType({}),
    ) -> Compiler:
        """A compiler that knows more names, and the shapes of those that stand for rows of tables."""
        return replace(self, scope=self.scope.extend(captures, lets, names, shapes))

    def check_capture(self, node: Node, name: str, what: str = "a capture") -> None:
        """As `check_name`, for captures and functions: the names of filters and functions are taken too."""
        meant = meaning(name)
        if meant is not None:
            self.form.wrong_key(node, f"`{name}` cannot name {what}: {meant}")
        else:
            self.check_name(node, name, what)

    def check_name(self, node: Node, name: str, what: str) -> None:
        """Record a mistake if `name`, the key of `node`, cannot name something new that expressions see."""
        if not IDENTIFIER.fullmatch(name):
            problem = "use letters, digits and `_`, no digit first"
        elif name in RESERVED_NAMES or name in KEYWORDS:
            problem = "the language keeps this name for itself"
        elif name in self.scope.functions:
            problem = "it is one of the `functions:`"
        elif name in self.scope.known:
            problem = "an earlier capture or `let` has this name"
        else:
            return
        self.form.wrong_key(node, f"`{name}` cannot name {what}: {problem}")

    def expression(self, node: Node, what: str) -> Expression | None:
        """The bare expression at `node` (`when`, `functions`)."""
        if node.kind == SCALAR and isinstance(node.value, (bool, int, float)):
            return self._compile(node, self.form.raw(node))
        text = self.form.text(node, what)
        wrapped = _WRAPPED.fullmatch(text)
        if wrapped:
            bare = wrapped[1].strip()
            self.form.wrong(node, f"{what} is a bare expression, without `${{ }}`: write `{bare}`")
            return None
        return self._compile(node, text) if text else None

    def single_expression(self, node: Node, what: str) -> Expression | None:
        """The expression of a text that is exactly one `${ ... }`."""
        template = self.template(node)
        if template is not None and template.expression is None:
            self.form.wrong(node, f"{what} must be exactly one `${{ ... }}`; found {describe(node)}")
        return template.expression if template is not None else None

    def template(self, node: Node) -> Template | None:
        """The value at `node` with the expressions in it."""
        errors: list[Message] = []
        template = compile_template(node, self.form.source, self.scope, errors)
        self.form.add(node, errors)
        return None if errors else template

    def paths(self, node: Node, what: str) -> tuple[Path, ...]:
        """The paths that the text at `node` stands for; several where it uses a fragment that is a union."""
        text = self.form.text(node, what)
        if not text:
            return ()
        found = self.form.attempt(node, lambda: compile_paths(text, self.fragments, self.dialect), PathError) or []
        known = [path for path in found if self._known_start(node, path)]
        return tuple(self.form.attempt(node, lambda: self._enter(known), ExpressionError) or ())

    def table(self, node: Node, name: str, columns: tuple[str, ...] = ()) -> str | None:
        """The table that `node` captures, by its `name`; it must have these columns."""
        tables = self.scope.tables
        known = tables.get(name)
        if known is None:
            near = suggest(name, tables) or (f"; tables: {listing(tables)}" if tables else "; there are no `facts`")
            self.form.wrong(node, f"unknown table `{name}`{near}")
            return None
        if known.problem and not known.own:
            self.form.wrong(node, known.problem)
            return None
        missing = [column for column in columns if column not in known.columns]
        if missing:
            has = f"its columns are {listing(known.columns)}"
            self.form.wrong(node, f"the table `{name}` has no column {listing(missing)}; {has}")
        return None if missing else name

    def path_list(self, node: Node, what: str) -> tuple[Path, ...]:
        """The paths of a text or a list of texts, in order."""
        return tuple(path for each in self.form.one_or_more(node, what) for path in self.paths(each, what))

    def path(self, node: Node, what: str) -> Path | None:
        """The one path that the text at `node` stands for."""
        return self._only(node, self.paths(node, what), what)

    def target(self, node: Node, what: str, *, pointers: bool = False) -> Target | None:
        """The target at `node`: a path that may end in `['${ ... }']`, or with `pointers` a JSON Pointer too."""
        text = self.form.text(node, what)
        place = self.form.place(node)
        if text.startswith("/"):
            if not pointers:
                self.form.wrong(node, f"{what} is a path, not a JSON Pointer: write {quote(_as_path(text))}")
                return None
            return Target(pointer=self.template(node), place=place)
        key = _KEY_AT_END.search(text)
        if key is None:
            return Target(path=self.path(node, what), place=place) if text else None
        template = self.template(self.form.part(node, key.start("key"), key.end("key")))
        path = self._only(node, self.paths(self.form.part(node, 0, key.start()), what), what)
        return Target(path=path, key=template, place=place)

    def _compile(self, node: Node, text: str) -> Expression | None:
        expression = self.form.attempt(node, lambda: compile_expression(text, self.scope), ExpressionError)
        if expression is not None:
            expression.locate = lambda at: self.form.place(node, at)
        return expression

    def _only(self, node: Node, paths: tuple[Path, ...], what: str) -> Path | None:
        if len(paths) > 1:
            hint = "capture them under `match` or `each` and name the capture here"
            self.form.wrong(node, f"{what} must be one path; with its fragments this is {len(paths)}: {hint}")
        return paths[0] if paths else None

    def _enter(self, paths: list[Path]) -> list[Path]:
        return [enter_column(path, self.scope) for path in paths]

    def _known_start(self, node: Node, path: Path) -> bool:
        start, captures = path.start, sorted(self.scope.captures | set(self.scope.shapes))
        if start == "$" or start in captures:
            return True
        if start in self.scope.known:
            self.form.wrong(node, f"`{start}` is a value without a location; a path starts at `$` or at a capture")
        else:
            known = f"; captures here: {listing(captures)}" if captures else "; start it at `$`, the document"
            hint = suggest(start, captures) or known
            self.form.wrong(node, f"the path starts at `{start}`, which is no capture{hint}", 0)
        return False


def _as_path(pointer: str) -> str:
    """The path that says what a JSON Pointer says, as far as its text tells."""
    path = "$"
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        path += f".{name}" if IDENTIFIER.fullmatch(name) else f"[{name}]" if name.isdigit() else f'["{name}"]'
    return path
