"""What is in a table's columns, as far as a proposal needs it: the first rows, and sketches of ids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from sealscrub.identifiers import Status, canonicalise
from sealscrub.tables.sources import open_file

from .folder_tables import FoundTable

__all__ = ["Sketch", "first_rows", "plain_ids", "sketch_columns"]

_SKETCH = 4096
_SEED = 7


@dataclass(slots=True, eq=False, repr=False)
class Sketch:
    """The ids of a column whose hashes are the smallest, and how many rows have each.

    Two sketches hold the same ids wherever the columns do, so the share of one column's rows whose id is
    in the other is exact for a sample of ids (k minimum values: Bar-Yossef and others 2002).
    """

    counts: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema={"id": pl.UInt64, "rows": pl.UInt64}))
    limit: int = (1 << 64) - 1

    def add(self, ids: pl.Series) -> None:
        """Take ids in; null does not count."""
        hashes = ids.drop_nulls().hash(_SEED)
        found = hashes.filter(hashes <= self.limit).rename("id")
        more = found.to_frame().group_by("id").agg(rows=pl.len().cast(pl.UInt64))
        self.counts = pl.concat([self.counts, more]).group_by("id").agg(pl.col("rows").sum()).sort("id")
        if self.counts.height > _SKETCH:
            self.counts = self.counts.head(_SKETCH)
            self.limit = int(self.counts["id"][-1])

    @property
    def empty(self) -> bool:
        """Whether the column has no ids."""
        return self.counts.is_empty()

    @property
    def unique(self) -> float:
        """How near the column is to having each id once: ids by rows."""
        rows = int(self.counts["rows"].sum())
        return self.counts.height / rows if rows else 0.0

    def found_in(self, other: Sketch) -> float:
        """Share of rows that have an id whose id the other column has too."""
        limit = min(self.limit, other.limit)
        mine = self.counts.filter(pl.col("id") <= limit)
        rows = int(mine["rows"].sum())
        shared = mine.join(other.counts, on="id", how="semi")
        return int(shared["rows"].sum()) / rows if rows else 0.0


def first_rows(table: FoundTable, columns: Sequence[str], rows: int) -> pl.DataFrame:
    """Read the first rows of a table, values as text if the format is text.

    Raises
    ------
    UnreadableInput
        When it cannot be read so far.
    """
    frames = list(_read(table, columns, rows))
    return pl.concat(frames) if frames else pl.DataFrame({name: pl.Series([], dtype=pl.String) for name in columns})


def sketch_columns(table: FoundTable, schemes: dict[str, str], rows: int) -> dict[str, Sketch]:
    """Sketch columns over so many rows of a table.

    Parameters
    ----------
    table : FoundTable
        The table.
    schemes : dict of str to str
        The columns, each with the scheme whose canonical values are compared, or nothing for values as they are.
    rows : int
        The most rows to read.

    Raises
    ------
    UnreadableInput
        When the table cannot be read so far.
    """
    sketches = {name: Sketch() for name in schemes}
    if schemes:
        for frame in _read(table, list(schemes), rows):
            for name, scheme in schemes.items():
                sketches[name].add(canonicalise(frame[name], scheme).values if scheme else plain_ids(frame[name]))
    return sketches


def plain_ids(column: pl.Series) -> pl.Series:
    """Read ids as text; words for none are null, and whole numbers in a float column are what they were."""
    if column.dtype.is_float():
        whole = column.is_finite() & (column == column.round(0)) & (column.abs() < 2**53)
        column = pl.DataFrame({"id": column, "whole": whole}).select(pl.when("whole").then("id")).to_series()
        column = column.cast(pl.Int64)
    elif column.dtype in (pl.Date, pl.Datetime, pl.Time, pl.Duration, pl.Boolean) or column.dtype.is_nested():
        return pl.Series(column.name, [], dtype=pl.String)
    found = canonicalise(column, "opaque:any")
    text = column.cast(pl.String) if column.dtype != pl.Binary else found.values
    frame = pl.DataFrame({"id": text, "good": found.status == Status.OK})
    return frame.select(pl.when("good").then("id")).to_series()


def _read(table: FoundTable, columns: Sequence[str], rows: int) -> Iterator[pl.DataFrame]:
    """Give columns of a table until so many rows are read."""
    left = rows
    for file in table.files:
        for frame in open_file(file.source).batches(columns):
            yield frame.head(left)
            left -= min(left, frame.height)
            if not left:
                return
