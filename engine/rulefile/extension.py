"""Rule sets that build on others: what `extends` brings in, what replaces it, and what `disable` drops."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from ..dataclass import dataclass, replace
from ..error import Message
from ..suggest import listing, suggest
from .entry import SECTIONS, Entry, Piece, Sections, gather

if TYPE_CHECKING:
    from ..node import Node
    from .form import Form

_NOUNS = {
    "params": "a parameter",
    "documents": "`documents` with",
    "define": "a fragment",
    "functions": "a function",
    "facts": "a table",
    "let": "a `let`",
    "rules": "a rule",
}


@dataclass(frozen=True, slots=True)
class Whole:
    """A rule set with all that it extends: its entries by section, in the order in which they see each other.

    `pieces` are its own documents; `gone` are the entries, by the identity of their nodes, that were replaced or
    dropped on the way here. With `missing`, something that it names could not be had, so it is not all there.
    """

    pieces: tuple[Piece, ...]
    sections: Sections
    bases: tuple[Base, ...] = ()
    gone: frozenset[int] = frozenset()
    missing: bool = False

    @property
    def form(self) -> Form:
        """The document that it starts with."""
        return self.pieces[0].form

    def field(self, key: str) -> Entry | None:
        """Its entry `key` that is no section, else that of the first rule set that it extends and that has one."""
        pieces = (piece for piece in self.all_pieces() if key in piece.fields)
        return next((Entry(key, piece.fields[key], piece) for piece in pieces), None)

    def all_pieces(self) -> Iterator[Piece]:
        """The documents that it is made of, its own first, each once."""
        seen: set[int] = set()
        waiting = [self]
        while waiting:
            whole = waiting.pop()
            if id(whole) not in seen:
                seen.add(id(whole))
                yield from whole.pieces
                waiting += [base.whole for base in reversed(whole.bases)]


@dataclass(frozen=True, slots=True)
class Base:
    """A rule set that another one extends, and the node that names it there."""

    node: Node
    whole: Whole


def extend(pieces: Sequence[Piece], bases: Sequence[Base], *, missing: bool = False) -> Whole:
    """The rule set that `pieces` and `bases` make together.

    An entry of `pieces` takes the place of the one of its name in the bases. New rules come behind theirs; other new
    entries too, or before the next one that takes a place, so that it can see them. An entry that several bases have
    from one rule set is one; where one of them replaced or dropped it, that counts. Mistakes go to the first form;
    with some bases `missing`, only those that have nothing to do with them.
    """
    own = gather(pieces)
    piece = pieces[0]
    gone = set().union(*(base.whole.gone for base in bases))
    dropped = _dropped(piece, None if missing else bases, own["rules"])
    sections: dict[str, Sequence[Entry]] = {}
    for section in SECTIONS:
        theirs = _inherited(bases, section, gone)
        if section == "rules":
            gone |= {id(entry.node) for name in dropped for entry in theirs.pop(name, ())}
        _check_clashes(piece, section, theirs, {entry.name for entry in own[section]})
        sections[section], replaced = _overlaid(section, theirs, own[section])
        gone |= replaced
    _check_filters(piece, bases, own["documents"])
    return Whole(tuple(pieces), sections, tuple(bases), frozenset(gone), missing)


def _inherited(bases: Iterable[Base], section: str, gone: Collection[int]) -> dict[str, list[Entry]]:
    """The entries of the bases by name; several under one name clash."""
    found: dict[str, list[Entry]] = {}
    for base in bases:
        for entry in base.whole.sections[section]:
            same = found.setdefault(entry.name, [])
            if id(entry.node) not in gone and all(entry.node is not each.node for each in same):
                same.append(entry)
    return {name: entries for name, entries in found.items() if entries}


def _overlaid(section: str, theirs: dict[str, list[Entry]], own: Sequence[Entry]) -> tuple[list[Entry], set[int]]:
    """The entries of a section in their order, and the nodes of those that were replaced."""
    result = [entries[0] for entries in theirs.values()]
    waiting: list[Entry] = []
    replaced: set[int] = set()
    for entry in own:
        over = tuple(theirs.pop(entry.name, ()))
        if not over:
            waiting.append(entry)
            continue
        replaced |= {id(each.node) for each in over}
        place = next(place for place, each in enumerate(result) if each.node is over[0].node)
        before = [] if section == "rules" else waiting
        result[place : place + 1] = [*before, replace(entry, over=over)]
        waiting = waiting if section == "rules" else []
    return result + waiting, replaced


def _dropped(piece: Piece, bases: Sequence[Base] | None, own: Sequence[Entry]) -> list[str]:
    """The ids under `disable`."""
    form, fields = piece.form, piece.fields
    if "disable" not in fields:
        return []
    if "extends" not in fields:
        form.wrong_key(fields["disable"], "`disable` drops rules that come from `extends`, and there is no `extends`")
        return []
    known = dict.fromkeys(entry.name for base in bases or () for entry in base.whole.sections["rules"])
    written = {entry.name for entry in own}
    dropped: list[str] = []
    for node in form.items(fields["disable"], "`disable`"):
        name = form.text(node, "the id of a rule to drop")
        if name and bases is not None and name not in known:
            hint = suggest(name, known) or (f"; its rules are {listing(known)}" if len(known) <= 16 else "")
            form.wrong(node, f"no rule of the extended rule sets has the id `{name}`{hint}")
        elif name in written:
            form.wrong(
                node, f"the rule `{name}` is dropped and defined here; what is defined replaces theirs by itself"
            )
        elif name in dropped:
            form.wrong(node, f"the rule `{name}` is dropped twice")
        dropped.append(name)
    return dropped


def _check_clashes(piece: Piece, section: str, theirs: dict[str, list[Entry]], own: Collection[str]) -> None:
    for name, entries in theirs.items():
        if len(entries) > 1 and name not in own:
            ways = "define it here, or drop it with `disable`" if section == "rules" else "define it here"
            text = f"two of the rule sets that are extended have {_NOUNS[section]} `{name}`: {ways}"
            _clash(piece, text, entries)


def _check_filters(piece: Piece, bases: Sequence[Base], own: Sequence[Entry]) -> None:
    """Refuse that a base narrows which documents the rules of another one see."""
    active = [base for base in bases if base.whole.sections["rules"] or base.whole.sections["facts"]]
    given = {entry.name for entry in own}
    for base in active:
        for entry in base.whole.sections["documents"]:
            others = [each for each in active if all(it.name != entry.name for it in each.whole.sections["documents"])]
            if others and entry.name not in given:
                given.add(entry.name)
                names = _name(base.whole), _name(others[0].whole)
                text = f"`{names[0]}` narrows its documents by `{entry.name}`, and `{names[1]}` does not"
                hint = f"say here for both with `documents: {{{entry.name}: ...}}`, or use them as two rule sets"
                _clash(piece, f"{text}; {hint}", [entry])


def _name(whole: Whole) -> str:
    metadata = whole.pieces[0].fields.get("metadata")
    name = metadata.value.get("name") if metadata is not None and isinstance(metadata.value, dict) else None
    return str(name.value) if name is not None else str(whole.form.source.file)


def _clash(piece: Piece, text: str, entries: Iterable[Entry]) -> None:
    """Record a mistake about what `extends` brings together, with the places of all that it is about."""
    notes = [Message("note", f"`{each.name}` is given here", each.place) for each in entries]
    form = piece.form
    form.messages.append(Message("error", text, form.key_place(piece.fields["extends"]), notes=tuple(notes)))
