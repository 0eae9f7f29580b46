"""Decides which lines go with entries that are taken out: a blank line that set them apart goes too."""

from __future__ import annotations

from ..dataclass import dataclass
from .layout import Layout


@dataclass(frozen=True, slots=True)
class Span:
    """Whole lines of the text, from the first character to behind the last line break."""

    start: int
    end: int


def join_spans(layout: Layout, spans: list[Span]) -> list[Span]:
    """The spans in their order, those joined that only blank lines stand between."""
    joined: list[Span] = []
    for span in spans:
        if joined and not layout.text[joined[-1].end : span.start].strip():
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined


def with_blank_lines(layout: Layout, span: Span, *, top: int, first: bool, last: bool) -> Span:
    """`span` with the blank lines from `top` on that set its lines apart and would set apart nothing without them.

    Where they stand above and below, the shorter run goes (for the `last` entry of a collection that above). Where they
    stand on one side only, they go if the other side is the start of a list (`first`) or of the text, the end of the
    collection or of the text, and if no comment would come to stand beside what it was set apart from.
    """
    above, below = max(layout.blanks_start(span.start), top), layout.blanks_end(span.end)
    higher, lower = span.start - above, below - span.end
    if higher and lower:
        return Span(above, span.end) if last or higher < lower else Span(span.start, below)
    if lower and span.start > layout.begin:
        return Span(span.start, below) if first and not layout.is_comment(layout.line_above(span.start)) else span
    if lower or (higher and span.end == len(layout.text)):
        return Span(above, below)
    beside_comment = layout.is_comment(layout.line_above(above)) or layout.is_comment(span.end)
    return Span(above, span.end) if higher and last and not beside_comment else span
