"""Finds the documents of a text that need reading, and passes over what lies between them without cutting it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ..dataclass import dataclass
from ..late_pattern import late_pattern
from .split import first_border, has_plain_markers, marker_before, marker_behind, split

_BREAK = r"(?:\r\n?+|\n|\Z)"
_REST = rf"(?:[ \t]++(?:#[^\r\n]*+)?+)?+{_BREAK}"  # of the line of a marker
_BARE = late_pattern(  # a piece of a stream without any content: there may be an empty document in it
    rf"\ufeff?(?:(?:[ \t]*+(?:#[^\r\n]*+)?+|%[^\r\n]*+){_BREAK})*+(?P<marker>---{_REST})?+"
    rf"(?:[ \t]*+(?:#[^\r\n]*+)?+{_BREAK})*+(?:\.\.\.{_REST})?+\Z"
)
_BEHIND = r"(?:[ \t]++(?:#[^\n]*+)?+)?+\r?+\n"  # a marker, to the end of its line
_BEGIN = r"(?:#[^\n]*+\n)*+[A-Za-z]"  # of a document that is not empty, as nearly all do
_FIRST = late_pattern(rf"(?:---{_BEHIND})?+{_BEGIN}")
_NEXT = late_pattern(rf"\n---(?:{_BEHIND}{_BEGIN}|([\s\S]))")  # with a group where it is of another kind


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for: one of `signs` stands in every document that `is_wanted`."""

    signs: tuple[str, ...]
    is_wanted: Callable[[str], bool]


@dataclass(slots=True)
class Stretch:
    """A document that needs reading, or several in a row that do not.

    These are `documents` in number, and take so many `places` in the stream, as empty ones do, too.
    """

    text: str
    places: int | None = None
    documents: int = 0


def search(text: str, pieces: Iterable[str], sought: Sought) -> Iterator[Stretch]:
    """The stretches of a text of YAML, of which `pieces` are the documents; joined, they are the text.

    What is not wanted costs some passes over the text and is not cut, unless markers are of an unusual kind.
    """
    if not text or not has_plain_markers(text):
        yield from search_pieces(pieces, sought)
        return
    start = 0
    for begin, end in _find_wanted(text, sought):
        if begin > start:
            yield _pass_over(text[start:begin])
        yield Stretch(text[begin:end])
        start = end
    if start < len(text):
        yield _pass_over(text[start:])


def search_pieces(pieces: Iterable[str], sought: Sought, *, is_json: bool = False) -> Iterator[Stretch]:
    """The stretches of a text that is cut."""
    count = _count_each if is_json else _count_pieces
    passed: list[str] = []
    for piece in pieces:
        if not sought.is_wanted(piece):
            passed.append(piece)
            continue
        if passed:
            yield Stretch("".join(passed), *count(passed))
            passed = []
        yield Stretch(piece)
    if passed:
        yield Stretch("".join(passed), *count(passed))


def _find_wanted(text: str, sought: Sought) -> Iterator[tuple[int, int]]:
    """Where the documents that are wanted begin and end, in a text with plain markers."""
    following = {sign: place for sign in sought.signs if (place := text.find(sign)) >= 0}
    border = first_border(text) if following else 0
    done = 0
    while following:
        hit = min(following.values())
        if hit < border:
            begin, end = 0, border
        else:
            least = max(done, border)
            begin, end = max(marker_before(text, least, hit), least), marker_behind(text, hit)
        if sought.is_wanted(text[begin:end]):
            yield begin, end
        done = end
        for sign in [sign for sign, place in following.items() if place < end]:
            following[sign] = text.find(sign, end)
            if following[sign] < 0:
                del following[sign]


def _pass_over(text: str) -> Stretch:
    found = _NEXT.findall(text)
    if _FIRST.match(text) and not any(found) and not text.endswith("\n---"):
        number = len(found) + 1
        return Stretch(text, number, number)
    return Stretch(text, *_count_pieces([*split(text)]))


def _count_each(pieces: list[str]) -> tuple[int, int]:
    return len(pieces), len(pieces)


def _count_pieces(pieces: list[str]) -> tuple[int, int]:
    """How many places in the stream some documents take, and how many are not empty."""
    bare = [_BARE.match(piece) for piece in pieces if not _FIRST.match(piece)]
    empty = [match for match in bare if match is not None]
    return len(pieces) - sum(1 for match in empty if not match["marker"]), len(pieces) - len(empty)
