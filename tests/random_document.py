"""Random documents in random styles: text made of known data, in every way of writing it that YAML has."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

from hypothesis import strategies as st

from retouch.reading.plain_text import plain_safe

_Choice = TypeVar("_Choice")

words = st.sampled_from(["a", "b", "c", "name", "on", "1", "x y", "k:v", "- z", "", "é", "it's", "~", "0o7"])
prose = st.sampled_from(["a bb ccc", 'it\'s a "q"', "x:y - z", "long words: one #1", "a #1 é \\ b", "1 2", "no # c"])
lines = st.sampled_from(["a", "bb cc", "", " in", "\tt", "- x", "k: v", "# no", "a b c d e"])
blocks = st.tuples(st.lists(lines, min_size=1, max_size=4).map("\n".join), st.sampled_from(["", "\n", "\n\n"]))
odd = st.text(st.sampled_from("ab: -#'\"\n\t{}[],&*!|>%@\\é\u2028\x85"), max_size=12)
texts = words | prose | blocks.map("".join) | odd
numbers = st.sampled_from([0, 1, -3, 8, 255, 1 << 70, 1.5, -0.25, 1e300, 2.0, math.inf])
scalars = st.none() | st.booleans() | numbers | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)
containers = st.dictionaries(words, values, min_size=1, max_size=4) | st.lists(values, min_size=1, max_size=4)
finite_containers = containers.filter(lambda value: "inf" not in repr(value))
resources = st.builds(
    lambda kind, items, members: {"apiVersion": "v1", "kind": kind, **members, **({"items": items} if items else {})},
    st.sampled_from(["Pod", "List"]),
    st.lists(st.dictionaries(words, values, max_size=2), max_size=3),
    st.dictionaries(words, values, max_size=3),
)
documents = containers | containers | resources | values

_SPELLED = {
    "null": ["null", "~", "Null", "NULL"],
    "true": ["true", "True", "TRUE"],
    "false": ["false", "False", "FALSE"],
    "inf": [".inf", "+.Inf", ".INF"],
}


class Dice:
    """Decides by bytes, one for each decision and 0 when they are used up: what fails is shrunk to first choices."""

    def __init__(self, rolls: bytes) -> None:
        self.rolls = iter(rolls)

    def one_in(self, number: int) -> bool:
        """True in one of `number` cases."""
        return next(self.rolls, 0) % number == number - 1

    def pick(self, choices: Sequence[_Choice]) -> _Choice:
        """One of the choices."""
        return choices[next(self.rolls, 0) % len(choices)]


dice = st.binary(min_size=200, max_size=400).map(Dice)


class Text(NamedTuple):
    """A stream of documents, and the data of each if every reader must find that; None if it depends."""

    text: str
    data: list[Any] | None


@st.composite
def streams(draw: st.DrawFn, *, most: int = 3, references: bool = False) -> Text:
    """A stream of up to `most` documents, in YAML or JSON; with `references` with anchors, aliases and merge keys."""
    rolls = draw(dice)
    count = rolls.pick([*[1] * most, *range(1, most + 1)])
    if rolls.one_in(8):
        return _json_stream(rolls, draw(st.lists(finite_containers, min_size=count, max_size=count)))
    lines: list[str] = []
    data: list[Any] = []
    exact = True
    for number in range(count):
        value = draw(documents)
        writer = Writer(rolls, references=references)
        body = writer.document(value)
        lines += _head(rolls, body, first=number == 0)
        lines += body
        open_ended = writer.open_ended
        lines += rolls.pick(
            [[], [], ["..."]] if open_ended else [[], [], ["# end"], ["", "# end"], ["... # end", ""], [""]]
        )
        exact = exact and writer.exact and "apiVersion" not in (value if isinstance(value, dict) else ())
        data.append(value)
    text = _join_lines(rolls, lines)
    if rolls.one_in(4) and text.endswith(("\n", "\r")):
        exact = exact and not open_ended
        text = text.removesuffix("\n").removesuffix("\r")
    return Text(("\ufeff" if rolls.one_in(10) else "") + text, data if exact else None)


def _head(rolls: Dice, body: list[str], *, first: bool) -> list[str]:
    """The lines above a document; its first line, if it begins with NUL, may move up behind the marker."""
    head = rolls.pick([["---"], ["--- # start"], ["# between", "---"], ["---", "# start", ""]])
    if first:
        top = rolls.pick([[], [], ["# top"], ["# top", ""], ["%YAML 1.2"], ["", "# far", "", "# top"]])
        head = [*top, *(head if top == ["%YAML 1.2"] or rolls.one_in(2) else [])]
    beside = body[0].startswith("\0")
    body[0] = body[0].removeprefix("\0")
    if beside and head and head[-1] == "---" and rolls.one_in(2):
        body[0] = f"--- {body[0]}"
        return head[:-1]
    return head


def _json_stream(rolls: Dice, values: list[Any]) -> Text:
    """JSON values, on one line or many, with a line break between them or nothing."""
    found = []
    for value in values:
        indent = rolls.pick([None, None, 2, "\t", 4])
        separators = rolls.pick([None, (",", ":"), (" , ", " : ")])
        text = json.dumps(value, indent=indent, separators=separators, ensure_ascii=rolls.one_in(2))
        found.append(text.replace("\n", rolls.pick(["\n", "\r\n"])))
    text = rolls.pick(["\n", "\n\n", "", " "]).join(found)
    return Text(rolls.pick(["", "", "\n", "\ufeff"]) + text + rolls.pick(["", "\n"]), values)


def _join_lines(rolls: Dice, lines: Sequence[str]) -> str:
    style = rolls.pick(["\n", "\n", "\n", "\r\n", "\r", "mixed"])
    return "".join(line + (rolls.pick(["\n", "\r\n"]) if style == "mixed" else style) for line in lines)


class Writer:
    """Writes one document, each value in a style drawn for it."""

    def __init__(self, dice: Dice, *, references: bool) -> None:
        self.one_in, self.pick = dice.one_in, dice.pick
        self.references = references
        self.anchors: list[tuple[str, Any]] = []
        self.exact = True  # whether the text says exactly what it was made of, to every reader
        self.room: int | None = None  # behind a block scalar: comments must stand to the left of this column
        self.open_ended = False  # whether the last line is one of a block scalar
        self.keeps = False  # whether blank lines here belong to the block scalar above

    def document(self, value: Any) -> list[str]:
        """The lines of a whole document; a first line that begins with NUL may stand behind `---`."""
        if isinstance(value, (dict, list)) and value and not self.one_in(6):
            return self.block(value, "")
        first, *rest = self.value("", value, "", "")
        return ["\0" + first.lstrip(" "), *rest]

    def block(self, value: dict[str, Any] | list[Any], pad: str) -> list[str]:
        """The lines of a block collection, all with their indentation."""
        apart = self.one_in(4)
        found: list[str] = []
        pairs = list(value.items()) if isinstance(value, dict) else [(None, item) for item in value]
        for key, item in pairs:
            if found:
                found += self.between(pad, apart=apart)
            elif self.one_in(8):
                found += [f"{pad}# first"]
            self.room, self.open_ended, self.keeps = None, False, False
            found += self.entry(key, item, pad)
        if isinstance(value, dict) and self.references and self.anchors and self.one_in(3):
            name, merged = self.pick(self.anchors)
            if isinstance(merged, dict):
                found += [f"{pad}<<: *{name}"]
                self.room, self.open_ended, self.keeps, self.exact = None, False, False, False
        return found

    def between(self, pad: str, *, apart: bool) -> list[str]:
        """Blank lines and comments between two entries at `pad`."""
        found: list[str] = []
        if (apart or self.one_in(8)) and not self.keeps:
            found += [self.pick(["", "", " "])] if self.room is None else [""]
        column = self.pick([0, 0, 0, 2, 1, -1]) if self.one_in(3) else None
        if column is not None:
            place = max(len(pad) + column, 0)
            if self.room is None or place < self.room:
                found += [" " * place + self.pick(["# about it", "#", "#: [x", "# a\tb"])]
        if found and not self.keeps and self.one_in(6):
            found += [""]
        return found

    def entry(self, key: str | None, item: Any, pad: str) -> list[str]:
        """The lines of one entry."""
        if key is None:
            return self.value(pad, item, "-", pad)
        name = self.scalar(key, flow=False, key=True)
        if self.one_in(7):
            comment = self.pick(["", "  # key"])
            rest = self.value(pad, item, ":", pad)
            return [f"{pad}{self.pick(['? ', '?   '])}{name}{comment}", *rest]
        return self.value(pad, item, name + self.pick([":", ":", ":", " :"]), pad)

    def value(self, pad: str, item: Any, lead: str, parent: str) -> list[str]:
        """The lines of `lead` (a key with its colon, a dash, nothing for the root) and the value behind it."""
        properties = self.properties(item)
        if self.references and not properties and self.anchors and self.one_in(4):
            name, _value = self.pick(self.anchors)
            self.exact = False
            return [f"{pad}{lead} *{name}{self.tail()}"]
        head = f"{lead} {properties}".strip(" ") if properties else lead
        if isinstance(item, (dict, list)) and item and (lead or properties) and not self.one_in(4):
            return self.collection(pad, item, lead, head, compact=not properties)
        if isinstance(item, str) and self.one_in(2):
            found = self.block_scalar(item, len(pad) if lead else -1)
            if found:
                return [f"{pad}{head} {found[0]}".lstrip(" " if not head else ""), *found[1:]]
        if isinstance(item, (dict, list)):
            text = self.flow(item, parent)
        elif item is None and not properties and lead and self.one_in(2):
            text = ""
        else:
            text = self.scalar(item, flow=False, parent=parent)
        gap = self.pick([" ", " ", "   ", "\t"]) if lead not in ("-", ":") else self.pick([" ", " ", "   "])
        if lead and text and self.one_in(12) and not properties:
            gap = f"{self.tail()}\n{pad} {self.pick(['', ' '])}"
        written = f"{pad}{head}{gap if text and head else ''}{text}{self.tail()}"
        return written.split("\n")

    def collection(self, pad: str, item: Any, lead: str, head: str, *, compact: bool) -> list[str]:
        step = self.pick(["  ", "  ", "    ", " ", "   "])
        keyed = lead not in ("-", ":", "")
        if keyed and isinstance(item, list) and self.one_in(2):
            step = ""
        comment = self.tail()
        if compact and not keyed and lead:
            inner = self.block(item, pad + " " + step)
            if not inner[0].strip().startswith("#") and not self.one_in(4):
                return [pad + lead + step + inner[0].lstrip(" "), *inner[1:]]
            return [f"{pad}{lead}{comment}", *inner]
        if not lead:
            return [f"{head}{comment}", *self.block(item, pad)]
        return [f"{pad}{head}{comment}", *self.block(item, pad + step)]

    def properties(self, item: Any) -> str:
        """A tag, an anchor, or nothing."""
        found = ""
        if self.one_in(12):
            found = self.tag(item)
        if self.references and self.one_in(3):
            name = f"a{len(self.anchors)}"
            self.anchors.append((name, item))
            found = f"{found} &{name}".strip()
        return found

    def tag(self, item: Any) -> str:
        if isinstance(item, (dict, list)):
            return self.pick(["!local", "!!map" if isinstance(item, dict) else "!!seq", "!<tag:example.com,2000:x>"])
        if isinstance(item, str):
            return self.pick(["!!str", "!"])
        return "!local" if item is not None else ""

    def tail(self) -> str:
        """What stands behind a value on its line."""
        return self.pick(["", "", "", "", "  # c", " # c: [x", "  ", " #"])

    def scalar(self, value: Any, *, flow: bool, key: bool = False, parent: str | None = None) -> str:
        """A scalar; on several lines if `parent`, the indentation of its entry, is given."""
        if not isinstance(value, str):
            return self.word(value)
        broken = parent is not None and self.one_in(3)
        pad = f"\n{parent or ''} {self.pick(['', ' ', '   '])}"
        style = self.pick(["plain", '"', "'"])
        special = any((ord(each) < 32 and each != "\n") or each in "\x85\u2028\u2029\ufeff" for each in value)
        if style == "plain" and "\n" not in value and plain_safe(value, flow=flow, key=key):
            return self.fold(value, pad) if broken else value
        if style == "'" and not special and ("\n" not in value or (broken and self.foldable(value))):
            text = value.replace("'", "''")
            return "'" + (self.fold(text, pad) if broken else text) + "'"
        if broken and not special and self.foldable(value) and "\\" not in value:
            return '"' + self.fold(value.replace('"', '\\"'), pad) + '"'
        return self.double(value)

    def double(self, value: str) -> str:
        text = json.dumps(value, ensure_ascii=self.one_in(3))
        return text.replace("\x85", "\\N").replace("\u2028", "\\L").replace("\x7f", "\\x7f")

    def word(self, value: Any) -> str:
        text = repr(value).lower().replace("none", "null")
        if text in _SPELLED:
            return self.pick(_SPELLED[text])
        if isinstance(value, int) and value >= 0:
            return self.pick([text, text, text, f"+{text}", f"0x{value:X}", f"0o{value:o}", f"{text}.0", f"{text}e0"])
        return text

    def foldable(self, text: str) -> bool:
        """Whether lines can be broken at the blanks and line breaks of `text` alone."""
        return all(line == line.strip(" \t") and line for line in text.split("\n"))

    def fold(self, text: str, pad: str) -> str:
        """`text` with line breaks for some of its blanks, and two for each of its line breaks."""
        if not self.foldable(text):
            return text
        found = ""
        for number, word in enumerate(text.split(" ")):
            gap = pad if number and self.one_in(2) and word and not found.endswith(" ") else " "
            safe = not word.startswith(("#", "---", "...")) and number and not found.endswith(" ")
            found += (gap if safe else " " if number else "") + word
        if "\n\n" in found.replace(pad, ""):
            return found.replace("\n", "\n\n") if pad not in found else text.replace("\n", "\n\n")
        return self.fold_breaks(found, pad)

    def fold_breaks(self, found: str, pad: str) -> str:
        """A line break of the value, which is not one of those that stand for a blank, is written as a blank line."""
        marked = found.replace(pad, "\0")
        return marked.replace("\n", "\n" + pad).replace("\0", pad)

    def block_scalar(self, value: str, parent: int) -> list[str] | None:
        """The lines of a literal or folded scalar below an entry at column `parent`, its header first."""
        body = value.rstrip("\n")
        ending = len(value) - len(body)
        if not body.strip(" \t\n") or any(each in "\x85\u2028\u2029\ufeff\r" or ord(each) < 9 for each in value):
            return None
        rows = body.split("\n")
        if not all(row.strip(" \t") or not row for row in rows):
            return None
        step = self.pick([2, 2, 1, 4, 3])
        column = max(parent, 0) + step if parent >= 0 else self.pick([0, step])
        explicit = rows[0][:1] in (" ", "\t", "") or self.one_in(6)
        if explicit and column == max(parent, 0):
            column += 1
        digit = str(column - max(parent, 0)) if explicit else ""
        chomp = "-" if not ending else "" if ending == 1 and not self.one_in(5) else "+"
        folds = not any(row[:1] in (" ", "\t") for row in rows) and self.one_in(3)
        made = self.folded_rows(rows) if folds else rows
        indicators = self.pick([digit + chomp, chomp + digit])
        pad = " " * column
        written = [pad + row if row else "" for row in made]
        if column == 0 and any(row.startswith(("---", "...", "%", "#", "\ufeff")) for row in written):
            return None
        self.room, self.open_ended, self.keeps = column, True, chomp == "+"
        comment = self.pick(["", "", "  # header"])
        return [f"{'>' if folds else '|'}{indicators}{comment}", *written, *[""] * max(ending - 1, 0)]

    def folded_rows(self, rows: list[str]) -> list[str]:
        """Rows for a folded scalar: words on lines of their own, an empty line for each line break."""
        found: list[str] = []
        for number, row in enumerate(rows):
            if row and any(rows[:number]):
                found.append("")
            parts = row.split(" ") if row and not row.endswith(" ") and "  " not in row and self.one_in(2) else [row]
            found += parts
        return found

    def flow(self, value: Any, parent: str, depth: int = 0) -> str:
        """A value in flow style, on one line or on many, with comments where there can be some."""
        if not isinstance(value, (dict, list)):
            return self.scalar(value, flow=True)
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        if not value:
            return opening + self.pick(["", " "]) + closing
        many = self.one_in(3)
        pad = f"\n{parent}{'  ' * (depth + 1)}"
        separator = self.pick([", ", ",", " , "])
        if many:
            separator = f",{self.pick(['', '  # c'])}{pad}"
        if isinstance(value, dict):
            entries = [self.member(key, item, parent, depth) for key, item in value.items()]
        else:
            entries = [self.item(item, parent, depth) for item in value]
        comma = "," if self.one_in(6) else ""
        if many:
            start = pad if self.one_in(2) or parent == "" else f"  # o{pad}"
            end = f"{comma}{self.pick(['', '  # c'])}\n{parent}{'  ' * depth or ' '}"
            return opening + start + separator.join(entries) + end + closing
        blank = self.pick(["", "", " "])
        return opening + blank + separator.join(entries) + comma + blank + closing

    def member(self, key: str, item: Any, parent: str, depth: int) -> str:
        name = self.scalar(key, flow=True, key=True)
        if item is None and self.one_in(2):
            return name + self.pick([": ", ""])
        colon = self.pick([": ", ": ", " : ", ":  "])
        if name[0] in "\"'" and self.one_in(6):
            colon = ":"
        return ("? " if self.one_in(12) else "") + name + colon + self.flow(item, parent, depth + 1)

    def item(self, item: Any, parent: str, depth: int) -> str:
        if isinstance(item, dict) and len(item) == 1 and self.one_in(4):
            ((key, inner),) = item.items()
            return (
                self.member(key, inner, parent, depth) if inner is not None else f"{self.scalar(key, flow=True)}: null"
            )
        return self.flow(item, parent, depth + 1)
