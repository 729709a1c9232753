"""What happened to an action: what the engine reads, whatever file it came from."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Action", "Event", "EventKind"]


class EventKind(StrEnum):
    """Kinds of event, as files name them."""

    DISPOSITION = "disposition"
    SENTENCE = "sentence"
    RELEASE = "release"
    SUPERVISION_START = "supervision_start"
    SUPERVISION_END = "supervision_end"
    REINCARCERATED = "reincarcerated"
    RESTORED = "restored"
    WARRANT = "warrant"
    APPEAL_FILED = "appeal_filed"
    APPEAL_DECIDED = "appeal_decided"
    VACATED = "vacated"
    NO_SEAL_ORDER = "no_seal_order"
    SEAL_ORDER = "seal_order"
    NEW_CHARGE = "new_charge"

    @classmethod
    def named(cls, name: str) -> str:
        """A kind by its name; one of a state's own is its name.

        Examples
        --------
        >>> EventKind.named("sentence"), EventKind.named("revoked")
        (<EventKind.SENTENCE: 'sentence'>, 'revoked')
        """
        try:
            return cls(name)
        except ValueError:
            return name


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened to an action, and the facts that its row holds.

    Attributes
    ----------
    event_date : datetime.date
        The day it happened (valid time).
    event : str
        An :class:`EventKind`, or a kind of the state's own.
    text : str
        Of a disposition, what the court wrote; of an order, its statute; of an appeal, whose or how decided.
    charge : str
        Number of the charge; empty for the whole instrument.
    indictment : str
        If it is filled the row is of the superior court's stage.
    recorded_at : datetime.date or None
        The day the row was recorded; None for one known from the beginning.
    law_code, severity, offense_class, court : str or None
        Of the offence disposed of in that row; None is not known.
    notified_on : datetime.date or None
    more : tuple of (str, object) or None
        What the row holds in columns of the state's own: a name and a text, flag or day each. A column that is
        left out is blank.

    Examples
    --------
    >>> event = Event(event_date=dt.date(2014, 5, 1), text="ACQUITTED")
    >>> str(event.event), event.charge
    ('disposition', '')
    """

    event_date: dt.date
    event: str = EventKind.DISPOSITION
    text: str = ""
    charge: str = ""
    indictment: str = ""
    recorded_at: dt.date | None = None
    law_code: str | None = None
    severity: str | None = None
    offense_class: str | None = None
    court: str | None = None
    notified_on: dt.date | None = None
    more: tuple[tuple[str, object], ...] | None = None

    def __repr__(self) -> str:  # a text may name another docket
        return f"Event({self.event})"

    def said(self, column: str) -> object:
        """What the row holds in a column of the state's own; None if it is blank.

        Examples
        --------
        >>> Event(event_date=dt.date(2014, 5, 1), more=(("certified", True),)).said("certified")
        True
        """
        return dict(self.more).get(column) if self.more else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One accusatory instrument against one defendant.

    Attributes
    ----------
    docket, defendant_id, arrest_number, indictment : str
        As given; an empty docket if no instrument was filed.
    tracking_number : str
        Number of the arrest's cycle: it links as an arrest number does.
    person : str
        Who the defendant is throughout the file, if several ids are one person's; empty is `defendant_id`.
    arrest : str
        Which arrest it is of throughout the file, if several numbers are one arrest's.
    arrest_date, crime_date, birth_date : datetime.date or None

    Examples
    --------
    >>> Action(docket="2014KN000001", defendant_id="7")
    Action(filed)
    >>> Action(arrest_number="K14612345").docket
    ''
    """

    docket: str = ""
    defendant_id: str = ""
    arrest_number: str = ""
    indictment: str = ""
    tracking_number: str = ""
    person: str = ""
    arrest: str = ""
    arrest_date: dt.date | None = None
    crime_date: dt.date | None = None
    birth_date: dt.date | None = None

    @property
    def who(self) -> str:
        """The person; empty if nothing says who it is."""
        return self.person or self.defendant_id

    def arrests(self) -> frozenset[tuple[str, str]]:
        """Numbers of the arrests that it belongs to."""
        named = {"number": self.arrest_number, "tracking": self.tracking_number, "file": self.arrest}
        return frozenset((kind, number) for kind, number in named.items() if number)

    def __repr__(self) -> str:  # an action's numbers are identifiers
        return f"Action({'filed' if self.docket else 'not filed'})"
