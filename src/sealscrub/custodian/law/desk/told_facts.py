"""Where a file would tell a fact that an answer misses: columns of the charge, rows of a kind, the other cases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from ..disposition_columns import COLUMNS
from ..events import EventKind
from ..rules import Jurisdiction
from ..state_declarations import ColumnKind
from .deciding_facts import in_words
from .what_if import ADDED_ROWS, supposable

__all__ = ["Told", "columns_that_tell", "said_fact", "said_sources", "told_by"]

#: Facts that the core reads from a row, and the columns that give them.
_TOLD_BY = {
    **dict.fromkeys(("law", "article", "subdivision", "attempt"), ("law_code",)),
    **dict.fromkeys(("ending", "adjourned_under", "statute", "refers_to", "removed"), ("disposition",)),
    **dict.fromkeys(("ended_on", "known_from", "begun_on", "removed_on"), ("event_date",)),
    "juvenile_court": ("court",),
}
#: And those that it reads from rows of another kind than dispositions.
_EVENTS = {
    **ADDED_ROWS,
    "held": EventKind.RELEASE,
    "supervised": EventKind.SUPERVISION_END,
    "appeal": EventKind.APPEAL_FILED,
    **dict.fromkeys(("ordered", "ordered_on", "said_sealed"), EventKind.SEAL_ORDER),
    "no_seal_order": EventKind.NO_SEAL_ORDER,
    **dict.fromkeys(("new_charged", "new_charge_on", "new_charge_severity"), EventKind.NEW_CHARGE),
}
_OTHER_CASES = ("disposition", "event_date", "severity", "law_code")
_NOT_CELLS = frozenset({"disposition", "event_date"})


class Told(NamedTuple):
    """What would tell a fact.

    Attributes
    ----------
    columns : tuple of str
        Of the charge's own rows, or of its docket's.
    events : tuple of str
        Kinds of row.
    elsewhere : tuple of str
        Columns of the person's other cases.
    """

    columns: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()

    def __str__(self) -> str:
        own = ", ".join(self.columns)
        rows = " or ".join(f"a row whose event is {kind}" for kind in self.events)
        other = f"{', '.join(self.elsewhere)} of the person's other cases" if self.elsewhere else ""
        return "; ".join(each for each in (own, rows, other) if each)


@lru_cache(maxsize=4096)
def told_by(place: Jurisdiction, fact: str) -> Told:
    """Say where a file would tell a fact; of one that nothing is said about, nowhere.

    Examples
    --------
    >>> from sealscrub.custodian.law import jurisdiction
    >>> [str(told_by(jurisdiction("us-ny"), fact)) for fact in ("offense_class", "article", "sentenced_on")]
    ['offense_class', 'law_code', 'a row whose event is sentence']
    """
    read = {column.name for column in place.columns if column.kind is not ColumnKind.FOUND}
    events = _EVENTS | dict(place.event_facts)
    if fact in place.facts:
        found = place.facts[fact]
        each = [told_by(place, name) for name in sorted(found.reads - {fact, "ordered"}) if name not in place.begins]
        each.append(Told(found.told_by) if found.of_action else Told(elsewhere=found.told_by or _OTHER_CASES))
        each += [Told((fact,))] if fact in read or fact in COLUMNS else []
        return Told(*(tuple(dict.fromkeys(name for one in each for name in one[at])) for at in range(3)))
    if fact in events:
        return Told(events=(str(events[fact]),))
    return Told((fact,)) if fact in read or fact in COLUMNS else Told(_TOLD_BY.get(fact, ()))


def columns_that_tell(place: Jurisdiction, fact: str) -> tuple[str, ...]:
    """The columns whose blank cells may be filled in to tell a fact; its own name if there are none."""
    return tuple(name for name in told_by(place, fact).columns if name not in _NOT_CELLS) or (fact,)


def said_fact(place: Jurisdiction, fact: str) -> str:
    """Name what is missing: by the name under which a clerk can give it, and if there is none, in words.

    Examples
    --------
    >>> from sealscrub.custodian.law import jurisdiction
    >>> [said_fact(jurisdiction("us-ny"), fact) for fact in ("sentenced_on", "pending_crime")]
    ['sentenced_on', 'pending crime']
    """
    return fact if fact in supposable(place) else in_words(fact, place)


def said_sources(place: Jurisdiction, facts: Iterable[str]) -> Iterator[str]:
    """For what is missing and is not a column of its own name, say what would tell it: alike ones in one sentence."""
    alike: dict[Told, list[str]] = {}
    for fact in facts:
        told = told_by(place, fact)
        if told != Told((fact,)):
            alike.setdefault(told, []).append(fact)
    for told, facts_of_it in alike.items():
        names = ", ".join(said_fact(place, fact) for fact in facts_of_it)
        yield f"{names}: told by {told}." if any(told) else f"{names}: ask at the court."
