"""Superseded copies to delete, and why: earlier outputs, old indexes, caches, table snapshots and model versions.

Two days' outputs side by side name the new seals: what the first holds and the second does not. Nothing is deleted
here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sealscrub.errors import ConfigError
from sealscrub.index import Index
from sealscrub.index.fitness import the_day
from sealscrub.matching.hidden_names import hide_names
from sealscrub.reports import Column, CsvReport, Document, Kind, Number, State, Table

from ..tracked_models import read_store
from .inventory import MOST_DAYS, Inventory
from .last_checks import Standing
from .models_in_use import superseded
from .old_files import Found, old_caches, old_indexes, old_outputs, old_parts
from .old_schemas import old_schemas
from .snapshots import old_snapshots

__all__ = ["Copies", "Copy", "CopyKind", "find_copies"]


class CopyKind(StrEnum):
    """What was superseded."""

    OUTPUT = "output"
    SCHEMA = "schema"
    PART = "unfinished output"
    INDEX = "index"
    CACHE = "cache"
    SNAPSHOT = "table snapshot"
    MODEL = "model version"


_REASONS_TO_DELETE = {
    CopyKind.OUTPUT: "comparing it with the next output reveals the new seals",
    CopyKind.SCHEMA: "comparing it with the next schema reveals the new seals",
    CopyKind.PART: "left by a killed run; it may hold rows that were to be removed",
    CopyKind.INDEX: "comparing it with the next index reveals the new seals",
    CopyKind.CACHE: "it holds data older than the newest state",
    CopyKind.SNAPSHOT: "removed rows can still be read by version or by time",
    CopyKind.MODEL: "anyone who names its version still loads it",
}


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A superseded copy.

    Attributes
    ----------
    kind : CopyKind
    place : str
    superseded : datetime.date
        When something newer took its place.
    due : datetime.date
        The day by which it is to be deleted.
    overdue : bool
    why : str
        Why it must be deleted, in words.
    """

    kind: CopyKind
    place: str
    superseded: dt.date
    due: dt.date
    overdue: bool
    why: str


@dataclass(frozen=True, kw_only=True)
class Copies(CsvReport):
    """Superseded copies that still exist. It names no record.

    Attributes
    ----------
    keep_days : int
        For how many days a superseded copy may be kept.
    today : datetime.date
    items : tuple of Copy
        Those due first.
    unasked : tuple of str
        What could not be looked at, and why.

    Examples
    --------
    >>> Copies(keep_days=7, today=dt.date(2026, 11, 25), items=(), unasked=("a server was not asked",)).exit_code
    3
    """

    keep_days: int
    today: dt.date
    items: tuple[Copy, ...] = field(repr=False)
    unasked: tuple[str, ...] = ()

    @property
    def overdue(self) -> tuple[Copy, ...]:
        """Those that should be deleted."""
        return tuple(item for item in self.items if item.overdue)

    @property
    def exit_code(self) -> int:
        """1 if something is overdue, 3 if something could not be looked at, else 0."""
        return 1 if self.overdue else 3 if self.unasked else 0

    def _document(self) -> Document:
        kinds: dict[int, tuple[Kind, str]] = {
            0: ("good", "Nothing is overdue"),
            1: ("bad", "OVERDUE: delete superseded copies"),
            3: ("warn", "Not everything could be checked"),
        }
        kind, headline = kinds[self.exit_code]
        columns = (Column("state"), Column("due"), Column("kind"), Column("place"), Column("why"))
        rows = [
            (State("bad", "OVERDUE") if item.overdue else "due", item.due, item.kind.value, item.place, item.why)
            for item in self.items
        ]
        parts = [Table(title="Superseded copies", columns=columns, rows=tuple(rows))] if rows else []
        if self.unasked:
            unasked = tuple((f"not looked at: {each}",) for each in self.unasked)
            parts.append(Table(title="Not checked", columns=(Column("what, and why"),), rows=unasked))
        return Document(
            tool="copies",
            kind=kind,
            headline=headline,
            lede="Superseded copies that still exist. Nothing was deleted.",
            facts={
                "Superseded copies": Number(len(self.items)),
                "Overdue for deletion": Number(len(self.overdue)),
                "Days allowed": Number(self.keep_days),
                "Day": self.today,
            },
            parts=tuple(parts),
            steps=("Delete overdue copies, and all copies made of them.",) if self.overdue else (),
        )

    def _rows(self) -> tuple[Sequence[str], Iterable[Mapping[str, object]]]:
        return ["kind", "place", "superseded", "due", "overdue", "why"], map(_row, self.items)

    def _facts(self) -> Mapping[str, Any]:
        return {
            "today": self.today.isoformat(),
            "keep_days": self.keep_days,
            "copies": [_row(item) for item in self.items],
            "unasked": list(self.unasked),
        }


def find_copies(
    inventory: Inventory,
    index: Index,
    *,
    tracking_uri: str | None = None,
    use: str = "training",
    keep_days: int | None = None,
    allow_database: Collection[str] = (),
    today: dt.date | None = None,
) -> Copies:
    """List what was superseded and is still there.

    Parameters
    ----------
    inventory : Inventory
        Whose outputs, indexes, caches and tables are looked at, and what is next to them.
    index : Index
        The newest.
    tracking_uri : str, optional
        Of MLflow's tracking store: versions that are neither deployed nor the newest, and were not checked against
        the newest state.
    use : str
        What the models are for.
    keep_days : int, optional
        For how many days a superseded copy may be kept; by default what the inventory says.
    allow_database : collection of str
        Servers that may be asked for earlier schemas; others are said not to be looked at.
    today : datetime.date, optional

    Returns
    -------
    Copies
        Nothing is deleted.

    Raises
    ------
    ConfigError
        When a pattern of earlier outputs or a number of days is invalid.
    IncompleteError
        When the tracking store refuses.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> print(find_copies(Inventory(version=1), example_index(["K14612345"])).to_text().splitlines()[0])
    Nothing is overdue. Superseded copies that still exist. Nothing was deleted.
    """
    today = today or the_day()
    keep = inventory.keep_days if keep_days is None else keep_days
    if not 0 <= keep <= MOST_DAYS:
        raise ConfigError("keep_days is too large", hint="keep_days = 7")
    schemas, unasked = old_schemas(inventory, allow_database)
    snapshots, unread = old_snapshots(inventory)
    found = [
        *((CopyKind.SCHEMA, each) for each in schemas),
        *((CopyKind.SNAPSHOT, each) for each in snapshots),
        *_find_old_copies(inventory, index, tracking_uri, use, today),
    ]
    items = [
        Copy(
            kind=kind,
            place=each.place,
            superseded=each.superseded,
            due=(due := each.superseded + dt.timedelta(days=keep)),
            overdue=due < today,
            why=each.why or _REASONS_TO_DELETE[kind],
        )
        for kind, each in found
    ]
    copies = Copies(
        keep_days=keep,
        today=today,
        items=tuple(sorted(items, key=lambda item: (item.due, item.kind, item.place))),
        unasked=(*unasked, *unread),
    )
    return hide_names(copies, index)


def _find_old_copies(
    inventory: Inventory, index: Index, tracking_uri: str | None, use: str, today: dt.date
) -> Iterator[tuple[CopyKind, Found]]:
    sources: list[tuple[CopyKind, Iterable[Found]]] = [
        (CopyKind.OUTPUT, old_outputs(inventory)),
        (CopyKind.PART, old_parts(inventory)),
        (CopyKind.INDEX, old_indexes(inventory, index)),
        (CopyKind.CACHE, old_caches(inventory, index)),
    ]
    for kind, each in sources:
        yield from ((kind, found) for found in each)
    if tracking_uri is not None:
        for model, day, standing, why in superseded(read_store(tracking_uri), index, use=use, today=today):
            if standing is not Standing.COVERED:
                yield CopyKind.MODEL, Found(model.uri, day, f"{_REASONS_TO_DELETE[CopyKind.MODEL]}; {why}")


def _row(item: Copy) -> dict[str, str | bool]:
    return {
        "kind": item.kind.value,
        "place": item.place,
        "superseded": item.superseded.isoformat(),
        "due": item.due.isoformat(),
        "overdue": item.overdue,
        "why": item.why,
    }
