"""What the registry answers: events, seals, and what changed. Representations show no identifier."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from sealscrub.identifiers import RecordKey

__all__ = ["Changes", "Event", "Person", "Seal"]


@dataclass(frozen=True, kw_only=True, repr=False)
class Person:
    """Whom a notice names, for text and linkage. Never published.

    Examples
    --------
    >>> Person(last_name="DOE", first_name="JANE")
    Person(…)
    """

    last_name: str | None = None
    first_name: str | None = None
    aliases: str | None = None
    birth_date: dt.date | None = None
    arrest_date: dt.date | None = None
    charge: str | None = None

    def __repr__(self) -> str:
        return "Person(…)"


@dataclass(frozen=True, kw_only=True)
class Event:
    """One recorded event of one seal.

    Attributes
    ----------
    seal_id : str
        The seal that it is about.
    event : str
        An :class:`EventKind`.
    regime : str or None
        Under which law.
    effective_from : datetime.date
        From when on it holds (valid time).
    notified_on : datetime.date or None
        When the notice came in.
    recorded_at : datetime.datetime
        When the registry recorded it, UTC, by the store's clock.
    epoch : int
        The change by which it was recorded.
    basis : str
        A :class:`Basis`.
    rule_version, source_document : str or None
        What a derived event, or a notice, rests on.
    reason : str or None
        Of a correction: a :class:`CorrectionReason`.
    source : str
        File and line that it came from.
    keys : tuple of RecordKey
        The keys that it named.
    person : Person or None
        Whom it named.

    Examples
    --------
    >>> now = dt.datetime(2026, 11, 25, tzinfo=dt.UTC)
    >>> event = Event(
    ...     seal_id="S1", event="sealed", regime="us-ny/cpl-160.50", effective_from=dt.date(2014, 5, 1),
    ...     notified_on=None, recorded_at=now, epoch=1, basis="notice", rule_version=None, source_document=None,
    ...     source="n.csv:2", keys=(),
    ... )
    >>> event.event, event.regime
    ('sealed', 'us-ny/cpl-160.50')
    """

    seal_id: str = field(repr=False)
    event: str
    regime: str | None
    effective_from: dt.date
    notified_on: dt.date | None
    recorded_at: dt.datetime
    epoch: int
    basis: str
    rule_version: str | None = field(repr=False)
    source_document: str | None = field(repr=False)
    source: str = field(repr=False)
    keys: tuple[RecordKey, ...]
    person: Person | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Seal:
    """One seal as it stands on a day, as known at an epoch.

    Attributes
    ----------
    seal_id : str
        Its id.
    state : str
        An :class:`EventKind`, ``sealed`` for one: that of the last event that has taken effect.
    regime : str or None
        Under which law.
    effective_from : datetime.date
        Since when.
    basis : str
        A :class:`Basis`.
    epoch : int
        The change by which this state was recorded.
    keys : tuple of RecordKey
        All the keys that its notices named.

    Examples
    --------
    >>> day = dt.date(2014, 5, 1)
    >>> seal = Seal(seal_id="S1", state="sealed", regime=None, effective_from=day, basis="notice", epoch=1, keys=())
    >>> seal.state, "S1" in repr(seal)
    ('sealed', False)
    """

    seal_id: str = field(repr=False)
    state: str
    regime: str | None
    effective_from: dt.date
    basis: str
    epoch: int
    keys: tuple[RecordKey, ...]


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What changed between two epochs.

    Attributes
    ----------
    since, until : int
        The epochs; what was recorded after the first, up to and with the second.
    as_of : datetime.date
        The day for which states are compared.
    events : tuple of Event
        What was recorded.
    states : mapping of str to (str or None, str or None)
        By seal id, the state on that day as known before and after, of the seals where they differ.

    Examples
    --------
    >>> states = {"S1": (None, "sealed")}
    >>> changed = Changes(since=1, until=2, as_of=dt.date(2026, 11, 25), events=(), states=states)
    >>> changed.states["S1"]
    (None, 'sealed')
    """

    since: int
    until: int
    as_of: dt.date
    events: tuple[Event, ...]
    states: Mapping[str, tuple[str | None, str | None]] = field(repr=False)
