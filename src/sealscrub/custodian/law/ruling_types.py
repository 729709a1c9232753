"""What a line of the table is: who is barred from what, under which regime, since when, read where."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

__all__ = ["Mark", "Regime", "Ruling"]


class Mark(StrEnum):
    """Where a rule comes from.

    ``FOUND``: read in a bill, an opinion or an official page that prints the text; a rule has the words that decide.
    ``RETOLD``: a rule after a copy of the statute or a summary that was read, and without its words. ``OWN``: known to
    the author and not verified against the statute in force. ``INFERENCE``: a reading of the text, not a holding.
    ``DEFAULT``: the table has no rule, so the answer is the strict one.
    """

    FOUND = "found"
    RETOLD = "retold"
    OWN = "own"
    INFERENCE = "inference"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    """One law under which records are sealed.

    Attributes
    ----------
    name : str
        As it is in notices: ``us-ny/cpl-160.50``.
    citation : str
        The statute.
    title : str
        What people call it.
    in_force_from : datetime.date or None
        First day in force; None if no source names one, which is read as "always".
    mark : Mark
        Where the date comes from.
    note : str
        What a reader must know before relying on it.
    reviewed_by : str
        The lawyer who reviewed it; empty until one has.
    prints_alone : bool
        Whether it reaches fingerprints, palmprints and photographs, and no other record.

    Examples
    --------
    >>> from sealscrub.custodian.law import known_regimes
    >>> known_regimes()[0].citation
    'CPL 160.50'
    """

    name: str
    citation: str
    title: str
    in_force_from: dt.date | None = None
    mark: Mark = Mark.FOUND
    note: str = ""
    reviewed_by: str = ""
    prints_alone: bool = False

    def rulings(
        self,
        audiences: Iterable[str],
        uses: Iterable[str],
        *,
        barred: bool,
        citation: str,
        mark: Mark = Mark.INFERENCE,
        note: str = "",
        within_duties: bool = False,
        unknown: bool = False,
    ) -> tuple[Ruling, ...]:
        """Give a line of the table for each of some audiences and uses, from the regime's first day.

        Examples
        --------
        >>> regime = Regime(name="us-xx/a", citation="X 1", title="sealing")
        >>> [line.use for line in regime.rulings(["police"], ["training", "output"], barred=True, citation="X 2")]
        ['training', 'output']
        """
        return tuple(
            Ruling(
                regime=self.name,
                audience=audience,
                use=use,
                barred=barred,
                citation=citation,
                mark=mark,
                in_force_from=self.in_force_from,
                note=note,
                within_duties=within_duties,
                unknown=unknown,
            )
            for audience, use in product(audiences, uses)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """One line of the table: whether a regime bars a use to an audience, in a span of days.

    Attributes
    ----------
    regime, audience, use : str
        What it is about.
    barred : bool
        Whether the use is barred.
    citation : str
        Where the law says so; empty for the strict default.
    mark : Mark
        How well that is known.
    in_force_from, in_force_to : datetime.date or None
        First day, and the day after the last; None is open.
    note : str
        A condition or doubt that the answer yes or no leaves out.
    within_duties : bool
        Whether it is open only to law enforcement within its duties: a publish policy says whether that is relied on.
    unknown : bool
        Whether no source says: it is barred until one does.
    reviewed_by : str
        The lawyer who reviewed it; empty until one has.

    Examples
    --------
    >>> import datetime as dt
    >>> from sealscrub.custodian.law import ruling
    >>> found = ruling("us-ny/cpl-160.50", use="training", audience="police", on=dt.date(2026, 11, 25))
    >>> found.barred, found.reviewed_by
    (True, '')
    """

    regime: str
    audience: str
    use: str
    barred: bool
    citation: str
    mark: Mark
    in_force_from: dt.date | None = None
    in_force_to: dt.date | None = None
    note: str = ""
    within_duties: bool = False
    unknown: bool = False
    reviewed_by: str = ""

    def in_force(self, on: dt.date) -> bool:
        """Whether the line applies on a day."""
        begun = self.in_force_from is None or self.in_force_from <= on
        return begun and (self.in_force_to is None or on < self.in_force_to)
