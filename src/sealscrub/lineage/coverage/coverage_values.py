"""What a survey found, as values."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from sealscrub.reports import CsvReport

from .last_checks import Item, ItemKind, Standing

__all__ = ["CoverageValues"]

_CLEAN = ("", "untainted")


@dataclass(frozen=True, kw_only=True)
class CoverageValues(CsvReport):
    """What :class:`.coverage.Coverage` holds."""

    epoch: int
    as_of: dt.date
    index: str
    use: str
    today: dt.date
    items: tuple[Item, ...] = field(repr=False)

    def of(self, standing: Standing) -> tuple[Item, ...]:
        """Give the items in one state."""
        return tuple(item for item in self.items if item.standing is standing)

    @property
    def past_their_date(self) -> tuple[Item, ...]:
        """The indexes in use whose last day is past."""
        return tuple(
            item
            for item in self.items
            if item.kind is ItemKind.INDEX
            and item.evidence is not None
            and item.evidence.not_after is not None
            and item.evidence.not_after < self.today
        )

    @property
    def served_tainted(self) -> tuple[Item, ...]:
        """The models that are served although their tag does not say that they are untainted."""
        return tuple(
            item for item in self.items if item.kind is ItemKind.MODEL and item.served and item.taint not in _CLEAN
        )

    @property
    def exit_code(self) -> int:
        """1 if something is stale, unproven, never covered or served tainted; 3 if it was not checked; else 0."""
        bad = {Standing.NEVER, Standing.UNPROVEN, Standing.STALE}
        if any(item.standing in bad for item in self.items) or self.served_tainted:
            return 1
        return 3 if self.of(Standing.UNCHECKED) else 0

    @property
    def counts(self) -> Mapping[str, int]:
        """How many items are in each state."""
        found = Counter(item.standing for item in self.items)
        return {standing.value: found[standing] for standing in Standing if found[standing]}
