"""Text that is a little wrong: lines and characters dropped, doubled, swapped, shifted, or put in."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

ODD = [
    "-",
    ":",
    "#",
    "'",
    '"',
    "{",
    "}",
    "[",
    "]",
    "&a ",
    "*a",
    "!x ",
    "|",
    ">",
    "%",
    "@",
    "\t",
    " ",
    "? ",
    ",",
    "\\",
    "${ ",
]
ODD += ["---\n", "...\n", "\r", "\n", "\ufeff", "\x85", "\x00", "<<: ", "- ", ": ", "é", "\U0001f600", "|-\n", "null"]


@st.composite
def mutations(draw: st.DrawFn, text: str, most: int = 3) -> str:
    """`text` with one to `most` random changes."""
    for _number in range(draw(st.integers(1, most))):
        text = draw(st.sampled_from(_CHANGES))(draw, text)
    return text


def _lines(draw: st.DrawFn, text: str) -> tuple[list[str], int]:
    lines = text.splitlines(keepends=True) or [""]
    return lines, draw(st.integers(0, len(lines) - 1))


def _drop_line(draw: st.DrawFn, text: str) -> str:
    lines, at = _lines(draw, text)
    return "".join([*lines[:at], *lines[at + 1 :]])


def _double_line(draw: st.DrawFn, text: str) -> str:
    lines, at = _lines(draw, text)
    return "".join([*lines[: at + 1], *lines[at:]])


def _move_line(draw: st.DrawFn, text: str) -> str:
    lines, at = _lines(draw, text)
    lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(at))
    return "".join(lines)


def _shift_line(draw: st.DrawFn, text: str) -> str:
    lines, at = _lines(draw, text)
    lines[at] = draw(
        st.sampled_from([lines[at].removeprefix(" "), " " + lines[at], "  " + lines[at], lines[at].lstrip()])
    )
    return "".join(lines)


def _drop_character(draw: st.DrawFn, text: str) -> str:
    at = draw(st.integers(0, max(len(text) - 1, 0)))
    return text[:at] + text[at + 1 :]


def _put_in(draw: st.DrawFn, text: str) -> str:
    at = draw(st.integers(0, len(text)))
    return text[:at] + draw(st.sampled_from(ODD)) + text[at:]


def _cut_off(draw: st.DrawFn, text: str) -> str:
    return text[: draw(st.integers(0, len(text)))]


_CHANGES: list[Callable[[st.DrawFn, str], str]] = [
    *(_drop_line, _double_line, _move_line, _shift_line, _shift_line),
    *(_drop_character, _drop_character, _put_in, _put_in, _put_in, _cut_off),
]
