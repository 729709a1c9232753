"""What the engine answers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from .reasons import Reason

__all__ = ["Answer", "Decision"]


class Answer(StrEnum):
    """Whether the law seals an action."""

    SEALED = "sealed"
    NOT_SEALED = "not_sealed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The answer about one action, as of one day and as known on another. It is not legal advice.

    Attributes
    ----------
    answer : Answer
    regimes : tuple of str
        That seal it; of an unknown, those in play.
    paragraph, effect : str
        Of the rule that seals; empty otherwise.
    copies : tuple of str
        Whose copies it reaches.
    uses : tuple of (str, tuple of str)
        For each audience, the uses that are barred.
    legal_from, duty_from : datetime.date or None
        When the law began to seal it; when an agency's duty began: on receipt of a notice, if one is known.
    eligible_from : datetime.date or None
        Under a regime that needs proof of the sealing: the first day on which its clock has run.
    may_apply_from : datetime.date or None
        Under a regime that only an order seals: the first day on which a court may be asked, as far as the file shows.
    next_change : datetime.date or None
        The next day on which the answer changes automatically.
    changes : tuple of (datetime.date, Answer)
        All such days, in order, and the answer from each on.
    withheld : bool
        Not proven sealed, and not to be used: unknown, or it will seal automatically.
    rules : tuple of (str, str)
        Identity and version of each rule that it rests on.
    missing : tuple of str
        Facts that would settle an unknown, and regimes whose rules are not written. Of what is not sealed and has no
        day of eligibility or from which a court may be asked: blank facts that may leave it without one; and of what
        will be sealed automatically, those without which it is not known from when.
    governed_on : tuple of datetime.date
        For each of those rules, the day that it governs: it was in force then.
    map_version : str
        Of the phrases that read the dispositions.
    charges : tuple of (str, str)
        Charges that the law deals with on their own, and the regime, if it was asked to explain and the action as a
        whole is not sealed.
    charge_days : tuple of (str, datetime.date or None)
        If every regime of the place deals with charges on their own, it was asked to explain and the charges stand
        differently: those that are not sealed, and the first day on which a court may be asked or the clock has run.
    part_sealed : bool
        Whether the action as a whole is not sealed, and a charge of it is, on its own.
    part_unknown : bool
        Whether the action as a whole is not sealed, and it is unknown of a charge of it whether it is, on its own.
    reasons : Reason or None
        The tree, if it was asked for.

    Examples
    --------
    >>> import datetime as dt
    >>> from sealscrub.custodian.law import Action, Event, decide
    >>> acquitted = Event(event_date=dt.date(2014, 5, 1), text="ACQUITTED")
    >>> decision = decide(Action(), [acquitted], dt.date(2026, 11, 25))
    >>> decision.regimes, decision.legal_from
    (('us-ny/cpl-160.50',), datetime.date(2014, 5, 1))
    """

    answer: Answer
    regimes: tuple[str, ...] = ()
    paragraph: str = ""
    effect: str = ""
    copies: tuple[str, ...] = ()
    uses: tuple[tuple[str, tuple[str, ...]], ...] = ()
    legal_from: dt.date | None = None
    duty_from: dt.date | None = None
    eligible_from: dt.date | None = None
    may_apply_from: dt.date | None = None
    next_change: dt.date | None = None
    changes: tuple[tuple[dt.date, Answer], ...] = ()
    withheld: bool = False
    rules: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()
    governed_on: tuple[dt.date, ...] = ()
    map_version: str
    charges: tuple[tuple[str, str], ...] = ()
    charge_days: tuple[tuple[str, dt.date | None], ...] = ()
    part_sealed: bool = False
    part_unknown: bool = False
    reasons: Reason | None = None
