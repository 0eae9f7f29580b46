"""Cuts the text of a path into tokens that know their place, and refuses what can be part of no path."""

from __future__ import annotations

import re

from ..dataclass import dataclass
from ..wide_pattern import WidePattern

BLANKS = " \t\n\r"  # RFC 9535, section 2.1.1
_NEST_LIMIT = 64

_BEYOND_ASCII = r"\x80-\uD7FF\uE000-\U0010FFFF"
_TOKEN = WidePattern(
    lambda more: (
        rf"""
      (?P<blank>  [{BLANKS}]+ )
    | (?P<quoted> '(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*" )
    | (?P<number> -?[0-9][0-9A-Za-z_.+-]* )
    | (?P<word>   [A-Za-z_{more}][A-Za-z_{more}0-9-]* )  # RFC 9535, section 2.5.1.1; the hyphen in names is ours
    | (?P<operator> ==(?!=) | != | <= | >= | =~ | < | > )
    | (?P<mark>   \.\. | && | \|\| | [$@.\[\](),:?*!] )
    """
    ),
    _BEYOND_ASCII,
    re.VERBOSE | re.DOTALL,
)
_CHARACTER = re.compile(r"\\.|.", re.DOTALL)

_ARITHMETIC = "a path does not compute; write the computation in `when`, a number as `1`, `-1` or `1.5`"
_ADVICE = {
    "&": "write `&&` between conditions",
    "|": "write `||` between conditions; a list of paths is their union",
    "=": "write `==`",
    "`": "functions in backticks are not part of paths; compute in `when` or in a `${ ... }`",
    "~": "for the name of a member write `key(capture)` in an expression",
    "\\": "a path does not sort; sort in an expression",
    "/": "a path neither computes nor sorts; do it in an expression, or quote a name: `['a/b']`",
    "+": _ARITHMETIC,
    "-": _ARITHMETIC,
    "%": _ARITHMETIC,
    "{": "write the path itself; `${ ... }` is only for a key at the end of an action's path",
}


class PathError(Exception):
    """A path cannot be used: `message` says why and what to write, `offset` is the character (from 0) it is about."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the path's text; `kind` is "quoted", "number", "word", "operator", "end" or the mark itself."""

    kind: str
    text: str
    offset: int

    @property
    def end(self) -> int:
        """The offset of the character behind the token."""
        return self.offset + len(self.text)


def tokenise(text: str) -> list[Token]:
    """The tokens of `text` without its blanks, the last of kind "end".

    Raises PathError for blanks at either end, characters no path has, and brackets nested too deeply.
    """
    _refuse_outer_blanks(text)
    tokens: list[Token] = []
    depth = offset = 0
    pattern = _TOKEN.fitting(text)
    while offset < len(text):
        match = pattern.match(text, offset)
        if match is None:
            raise _unknown(text, offset)
        kind = match.lastgroup or ""
        token = Token(match.group() if kind == "mark" else kind, match.group(), offset)
        depth += (token.kind in {"[", "("}) - (token.kind in {"]", ")"})
        if depth > _NEST_LIMIT:
            raise PathError(f"brackets are nested more than {_NEST_LIMIT} deep: split the path over captures", offset)
        if kind != "blank":
            tokens.append(token)
        offset = match.end()
    tokens.append(Token("end", "", offset))
    return tokens


def unquote(token: Token) -> str:
    r"""What the text in quotes says; its escapes are `\\` and a backslash before its own quote.

    Raises PathError for every other backslash, since libraries read them differently, and for control characters.
    """
    quote = token.text[0]
    said = []
    for match in _CHARACTER.finditer(token.text, 1, len(token.text) - 1):
        character = match.group()[-1]
        if character < " " or "\ud800" <= character <= "\udfff":
            message = f"the character {character!a} cannot be written in quotes: use `*`, or a JSON Pointer"
            raise PathError(message, token.offset + match.start())
        if len(match.group()) == 2 and character not in ("\\", quote):
            raise _escape(match.group(), quote, token.offset + match.start())
        said.append(character)
    return "".join(said)


def quoted_offset(quoted: str, index: int) -> int:
    """Where in `quoted`, quotes and escapes included, the character number `index` of what it says stands."""
    starts = [match.start() for match in _CHARACTER.finditer(quoted, 1, len(quoted) - 1)]
    return starts[index] if index < len(starts) else len(quoted) - 1


def _refuse_outer_blanks(text: str) -> None:
    if not text.strip(BLANKS):
        raise PathError("the path is empty: write `$` for the document, or the name of a capture", 0)
    if text[0] in BLANKS:
        raise PathError("a path cannot start with a blank: remove it", 0)
    if text[-1] in BLANKS:
        raise PathError("a path cannot end with a blank: remove it", len(text.rstrip(BLANKS)))


def _unknown(text: str, offset: int) -> PathError:
    character = text[offset]
    if character in "'\"":
        return PathError(f"the quote {character} is not closed: end the text with {character}", offset)
    advice = _ADVICE.get(character, f"a name that holds it is written in quotes: `['a{character}b']`")
    shown = f"`{character}`" if character != "`" else "a backtick"
    return PathError(f"{shown} cannot stand in a path: {advice}", offset)


def _escape(escape: str, quote: str, offset: int) -> PathError:
    if escape[1] in "'\"":
        return PathError(f"`{escape}` is not an escape between {quote} quotes: write {escape[1]} alone", offset)
    return PathError(
        f"`{escape}` is not an escape here, only `\\\\` and `\\{quote}` are: write a character as itself, "
        f"`[.]` for a dot in a pattern, `\\{escape}` for a pattern's `{escape}`",
        offset,
    )
