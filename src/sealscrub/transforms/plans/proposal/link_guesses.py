"""Which tables depend on which: by equal ids, found in a table where each appears once, and by what they are called."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sealscrub.identifiers import Level, get_scheme

from ..column_names import words_of
from .key_guesses import AGREES
from .table_profile import TableProfile

__all__ = ["MAYBE", "LinkGuess", "guess_events", "guess_links", "guess_orphans", "guess_units"]

MAYBE = 0.5
"""Share of rows from which a link is worth a question."""
_ACTIONS = frozenset({"docket", "indictment"})


@dataclass(frozen=True, slots=True)
class LinkGuess:
    """A column whose ids are those of another table.

    Attributes
    ----------
    table, column : str
        Whose rows depend on others.
    parent, parent_column : str
        The others.
    scheme : str
        The scheme in whose canonical values they are compared, or nothing.
    share : float
        Which share of the rows with an id has one that the other table has too.
    unique : float
        How near the id is to being unique: in the other table, and for orphans in this one.
    named : bool
        Whether the columns are called alike.
    orphan : bool
        Whether rows are removed as orphans, when all the others were.
    back : float
        For orphans, which share of the other table's rows has an id of this one.
    also : tuple of str
        Further columns, called the same in both tables, that have to be equal.
    """

    table: str
    column: str
    parent: str
    parent_column: str
    scheme: str
    share: float
    unique: float
    named: bool
    orphan: bool = False
    back: float = 1.0
    also: tuple[str, ...] = ()

    @property
    def sure(self) -> bool:
        """Whether names and values agree."""
        found = self.back if self.orphan else self.share
        return self.named and found >= AGREES and self.unique >= AGREES


def guess_links(child: TableProfile, reached: Iterable[TableProfile]) -> list[LinkGuess]:
    """Guess what a table's rows depend on, the best first; a person's or an event's id does not count."""
    found = [
        (guess, parent)
        for parent in reached
        if parent is not child
        for column in child.sketches
        for other in parent.sketches
        if not child.is_key(column)
        if (guess := _link(child, column, parent, other)) is not None
    ]
    found.sort(key=lambda pair: (not pair[0].sure, not pair[0].named, -round(pair[0].share, 2), *_rank(pair[1])))
    best: dict[str, LinkGuess] = {}
    for guess, _ in found:
        best.setdefault(guess.column, guess)
    return list(best.values())


def guess_orphans(child: TableProfile, reached: Iterable[TableProfile]) -> list[LinkGuess]:
    """Guess whose records a table of people depends on: a person without any is removed; the best first."""
    found = [
        (guess, parent)
        for parent in reached
        if parent is not child
        for column in child.people
        for other in parent.people
        if (guess := _orphan(child, column, parent, other)) is not None
    ]
    found.sort(key=lambda pair: (not pair[0].sure, *_rank(pair[1]), -round(pair[0].share, 2)))
    return [guess for guess, _ in found[:1]]


def guess_events(profiles: Iterable[TableProfile]) -> TableProfile | None:
    """Guess which table has a row for each arrest, or is nearest to that."""
    return min((profile for profile in profiles if profile.keys or profile.paired), key=_rank, default=None)


def guess_units(profiles: Iterable[TableProfile]) -> list[LinkGuess]:
    """Guess which arrests go with all their dockets: the law seals an action, and an arrest may have several."""
    profiles = sorted(profiles, key=_rank)
    arrests = next((profile for profile in profiles if (once := _arrest_key(profile)) and not _actions(profile)), None)
    once = _arrest_key(arrests) if arrests else None
    if arrests is None or once is None:
        return []
    column, scheme = once
    mine, found = arrests.sketches[column], []
    for dockets in filter(_actions, profiles):
        for other in (key.name for key in dockets.keys if key.scheme == scheme):
            back = dockets.sketches[other].found_in(mine)
            share = mine.found_in(dockets.sketches[other])
            found.append(
                LinkGuess(arrests.name, column, dockets.name, other, scheme, share, mine.unique, True, True, back)
            )
    return [guess for guess in found if guess.sure]


def _actions(profile: TableProfile) -> bool:
    """Whether a table's keys name actions."""
    return not _ACTIONS.isdisjoint(key.scheme for key in profile.keys)


def _arrest_key(profile: TableProfile) -> tuple[str, str] | None:
    """The arrest number of a table that has a row for each arrest."""
    for key in profile.keys:
        if key.scheme in ("arrest_number", "cjtn") and profile.sketches[key.name].unique >= AGREES:
            return key.name, key.scheme
    return None


def _link(child: TableProfile, column: str, parent: TableProfile, other: str) -> LinkGuess | None:
    scheme = child.compared(column)
    if scheme != parent.compared(other) or column in child.people or other in parent.people:
        return None
    if scheme and get_scheme(scheme).level == Level.EVENT:
        return None
    mine, theirs = child.sketches[column], parent.sketches[other]
    if mine.empty or theirs.unique < AGREES:
        return None
    named = _names_agree(column, other, parent.name)
    share = mine.found_in(theirs)
    if share < (MAYBE if named else AGREES) or not (named or child.lettered(column)):
        return None
    return LinkGuess(child.name, column, parent.name, other, scheme, share, theirs.unique, named)


def _orphan(child: TableProfile, column: str, parent: TableProfile, other: str) -> LinkGuess | None:
    scheme = child.compared(column)
    if scheme != parent.compared(other):
        return None
    mine, theirs = child.sketches[column], parent.sketches[other]
    share, back = mine.found_in(theirs), theirs.found_in(mine)
    if max(share, back) < MAYBE:
        return None
    named = bool(scheme) or _names_agree(column, other, parent.name)
    return LinkGuess(child.name, column, parent.name, other, scheme, share, mine.unique, named, orphan=True, back=back)


def _names_agree(column: str, other: str, parent: str) -> bool:
    """Whether a column is called as the other is, or as the other table's id is: ``r_arrest_id``, ``arrests.id``."""
    mine, theirs = words_of(column), words_of(other)
    if len(theirs) == 1:
        table = words_of(parent)
        one = tuple(word.removesuffix("s") for word in table[-1:])
        return mine == theirs if theirs[0] not in ("id", "key", "no", "number") else mine[-2:] == (*one, *theirs)
    return any(mine[at : at + len(theirs)] == theirs for at in range(len(mine)))


def _rank(profile: TableProfile) -> tuple[bool, bool, int, int, str]:
    """Which of several tables is rather the one: that of arrests, in the top folder, with many columns."""
    once = _arrest_key(profile) is not None
    return (not once, not profile.strong, profile.table.source.count("/"), -len(profile.columns), profile.name)
