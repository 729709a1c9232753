"""What a monitor is given other than the accesses: seals that were not applied in time, and what is found elsewhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sealscrub.reports import counted

from .audit_log import AuditLog
from .entries import Kind

__all__ = ["Concern", "Finding", "Recorded", "late_seals"]


class Concern(StrEnum):
    """What a finding is about."""

    NOT_APPLIED = "seals not applied in time"
    INDEX_OUTDATED = "index in use past its date"
    NOT_RERUN = "scrub not rerun"
    NOT_COVERED = "never covered, or not proven"
    SERVED_TAINTED = "tainted model served"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that stands out, in words that name no record.

    Attributes
    ----------
    concern : Concern
    what : str
        The epoch, the data set, the model or the index.
    since : datetime.date or None
        Since when it is so, if that is known.
    said : str
        A sentence.

    Examples
    --------
    >>> Finding(concern=Concern.INDEX_OUTDATED, what="training", said="expired on 2026-11-01").said
    'expired on 2026-11-01'
    """

    concern: Concern
    what: str
    said: str
    since: dt.date | None = None


@dataclass(frozen=True)
class Recorded:
    """An epoch of the registry, and when it was recorded, UTC.

    Examples
    --------
    >>> Recorded(3, dt.datetime(2026, 11, 1, tzinfo=dt.UTC)).epoch
    3
    """

    epoch: int
    at: dt.datetime


def late_seals(
    log: AuditLog, epochs: Iterable[Recorded], *, days: int, since: dt.date, until: dt.date
) -> tuple[Finding, ...]:
    """Find the epochs that were not published, or not scrubbed with, within some days of their recording.

    What counts is the first index published, and the first scrub done, at the epoch or a later one. Scrubs count where
    the log has any: they are in it where anyone who scrubs says ``--audit-log``.

    Parameters
    ----------
    log : AuditLog
    epochs : iterable of Recorded
        The registry's, in order (:meth:`sealscrub.custodian.registry.Registry.epochs`).
    days : int
        For how many days a notice may wait.
    since, until : datetime.date
        The period, in UTC: what was late in it, and what still waits at its end.

    Returns
    -------
    tuple of Finding

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> log = AuditLog.create(Path(tempfile.mkdtemp()) / "audit.log", who="r.alvarez")
    >>> recorded = Recorded(1, dt.datetime(2026, 11, 1, tzinfo=dt.UTC))
    >>> late = late_seals(log, [recorded], days=7, since=dt.date(2026, 11, 1), until=dt.date(2026, 11, 30))
    >>> [each.said for each in late]
    ['epoch 1, recorded on 2026-11-01, is not published yet, 29 days later']
    """
    published, scrubbed = _publications_and_scrubs(log, until)
    recorded = [each for each in epochs if each.at.date() <= until]
    found = _late(recorded, published, "published", days, since, until)
    if scrubbed:
        found += _late(recorded, scrubbed, "used by a scrub", days, since, until)
    return tuple(found)


def _publications_and_scrubs(log: AuditLog, until: dt.date) -> tuple[list[Recorded], list[Recorded]]:
    """Give what was published and what was scrubbed with: epoch and moment, as the log has it."""
    published: list[Recorded] = []
    scrubbed: list[Recorded] = []
    for act, outcome in log.done(Kind.PUBLICATION, Kind.SCRUB):
        if outcome.at is None or outcome.at.date() > until:
            continue
        epoch = outcome.epoch if act.kind is Kind.PUBLICATION else act.epoch
        if epoch is not None and not act.what.endswith("dry-run"):
            (published if act.kind is Kind.PUBLICATION else scrubbed).append(Recorded(epoch, outcome.at))
    return published, scrubbed


def _late(
    recorded: Sequence[Recorded], applied: Sequence[Recorded], how: str, days: int, since: dt.date, until: dt.date
) -> list[Finding]:
    found, waiting = [], []
    for each in recorded:
        first = min((other.at for other in applied if other.epoch >= each.epoch), default=None)
        due = each.at.date() + dt.timedelta(days=days)
        if first is None:
            waiting += [each] if due < until else []
        elif first.date() > due and first.date() >= since:
            took = (first.date() - each.at.date()).days
            found.append(_finding(f"epoch {each.epoch}", each.at.date(), f"was {how} {counted(took, 'day')} later"))
    if waiting:
        first_day = waiting[0].at.date()
        several = len(waiting) > 1
        what = f"epochs {waiting[0].epoch} to {waiting[-1].epoch}" if several else f"epoch {waiting[0].epoch}"
        verb = "are" if several else "is"
        found.append(
            _finding(what, first_day, f"{verb} not {how} yet, {counted((until - first_day).days, 'day')} later")
        )
    return found


def _finding(what: str, recorded: dt.date, said: str) -> Finding:
    return Finding(
        concern=Concern.NOT_APPLIED, what=what, since=recorded, said=f"{what}, recorded on {recorded}, {said}"
    )
