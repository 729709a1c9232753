"""What a survey found, as a value and its renderings. It holds no identifiers and no counts of records: it travels."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sealscrub.reports import Document

from .coverage_document import coverage_document
from .coverage_values import CoverageValues
from .last_checks import Item

__all__ = ["Coverage", "due_of"]

_COLUMNS = ("standing", "kind", "name", "place", "last", "epoch", "as_of", "not_after", "proof", "source", "served",
            "taint", "why")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Coverage(CoverageValues):
    """In which state everything is, judged by an index.

    Attributes
    ----------
    epoch, as_of, index
        The newest state: what is older is stale; and the index's id.
    use : str
    today : datetime.date
    items : tuple of Item
        The worst first.

    Examples
    --------
    >>> import datetime as dt
    >>> day = dt.date(2026, 11, 25)
    >>> Coverage(epoch=4, as_of=day, index="7c1e", use="training", today=day, items=()).exit_code
    0
    """

    def _document(self) -> Document:
        return coverage_document(self)

    def _rows(self) -> tuple[Sequence[str], Iterable[Mapping[str, object]]]:
        return _COLUMNS, map(_row, self.items)

    def _facts(self) -> Mapping[str, Any]:
        return {
            "index": self.index,
            "epoch": self.epoch,
            "as_of": self.as_of.isoformat(),
            "use": self.use,
            "today": self.today.isoformat(),
            "counts": dict(self.counts),
            "items": [_row(item) | {"served": list(item.served)} for item in self.items],
        }


def due_of(coverage: Coverage) -> tuple[tuple[dt.date, str], ...]:
    """Give the last days of what is covered: by then it is to be published or scrubbed again.

    Parameters
    ----------
    coverage : Coverage
        From :func:`survey`.

    Returns
    -------
    tuple of (datetime.date, str)
        The day, and which item it is of.
    """
    return tuple(
        (item.evidence.not_after, f"{item.kind} {item.name}: its last day is {item.evidence.not_after}")
        for item in coverage.items
        if item.evidence is not None and item.evidence.not_after is not None
    )


def _row(item: Item) -> dict[str, Any]:
    last = item.evidence
    return {
        "standing": item.standing.value,
        "kind": item.kind.value,
        "name": item.name,
        "place": item.place,
        "last": _day(last.made) if last else None,
        "epoch": last.epoch if last else None,
        "as_of": _day(last.as_of) if last else None,
        "not_after": _day(last.not_after) if last else None,
        "proof": last.proof.value if last else None,
        "source": last.source if last else None,
        "served": " ".join(item.served),
        "taint": item.taint,
        "why": item.why,
    }


def _day(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()
