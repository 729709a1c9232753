"""Whether an index is fit for a use on a day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol

from sealscrub.errors import ExpiredIndex, FutureIndex, Spelled, UnsuitableIndex

from .header import IndexFacts

__all__: list[str] = []


class Stated(Protocol):
    """What a publisher states facts of: the header of an index, a file of names."""

    @property
    def facts(self) -> IndexFacts:
        """The facts."""


def the_day() -> date:
    """The day it is, UTC or local, whichever is later: an index expires no later than either says."""
    return max(date.today(), datetime.now(UTC).date())


def check_use(path: Path, header: Stated, use: str | None) -> None:
    """Raise :class:`UnsuitableIndex` if it was not published for the use."""
    if use is not None and use not in header.facts.uses:
        raise UnsuitableIndex(
            f"it was published for {', '.join(header.facts.uses)}, not for {use}",
            where=str(path),
            hint=Spelled(
                f"publish one for {use}, or set use={header.facts.uses[0]!r} if that is your use.",
                f"publish one with --use {use}, or pass --use {header.facts.uses[0]} if that is your use.",
            ),
        )


def check_dates(path: Path, header: Stated, today: date) -> None:
    """Raise if the day is before its as-of date or past its last."""
    if header.facts.as_of > today:
        raise FutureIndex(
            f"it is as of {header.facts.as_of}, and today is {today}",
            where=str(path),
            hint="check this machine's clock, or use the index that is in force today.",
        )
    if header.facts.not_after < today:
        raise ExpiredIndex(
            f"it expired on {header.facts.not_after}, and today is {today}",
            where=str(path),
            hint="ask the custodian for a new one.",
        )
