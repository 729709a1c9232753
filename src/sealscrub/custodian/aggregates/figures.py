"""Figures as they may be published."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow.parquet as pq

from sealscrub.atomic_write import placed_file
from sealscrub.errors import ConfigError
from sealscrub.filters.counts.frame_kinds import of_kind
from sealscrub.reports import Cell, Column, Document, Name, Number, Reported, Table
from sealscrub.reports.csv import guarded_cell
from sealscrub.tables.aggregate_mark import MARK

from .attacker import Ranges
from .cube import Totals

__all__ = ["BY", "COUNT", "FORMATS", "STATED", "Figures", "Measure", "framed", "named"]

BY, COUNT = "by", "count"
FORMATS = (".csv", ".jsonl", ".parquet")
STATED = ("dp_epsilon", "dp_delta", "dp_per_person")
"""Columns that say, next to figures with noise, what these may say about one person."""

_LEDES = {
    "suppress": "Figures that would identify a few people are suppressed.",
    "round": "Counts are rounded.",
    "noise": "Counts have noise.",
}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Measure:
    """One number for every total, null if it is suppressed."""

    name: str
    values: npt.NDArray[Any]
    hidden: npt.NDArray[np.bool_]
    dtype: Any = pl.Int64

    def series(self, start: int, height: int) -> pl.Series:
        """Give those of one group of totals."""
        at = slice(start, start + height)
        listed = [
            None if gone else value for value, gone in zip(self.values[at].tolist(), self.hidden[at], strict=True)
        ]
        return pl.Series(self.name, listed, self.dtype)


@dataclass(frozen=True, eq=False)
class Figures(Reported):
    """Counts, sums and shares as they may be published, cells and margins of all tables in one frame.

    Attributes
    ----------
    frame : frame
        Of the kind of the events: ``by``, which names the columns that a row is about (``total``: none), the columns,
        null where a row is not about them, ``count`` and what else was asked for, null where it is suppressed, and the
        mark ``sealscrub_aggregate_report``, by which scan and scrub know what this is. Keep that column: without it a
        merge of pandas, which drops ``attrs``, gives a table that nothing tells from other counts.
    release : str
        The release's id, as the mark says it.
    method : str
        ``suppress``, ``round`` or ``noise``.
    ranges : polars.DataFrame
        Of each figure suppressed: from where to where it may be at least, as the attacker found it from the published
        ones. Where that is wide enough it has not sought further, so these are not for publication.

    Examples
    --------
    >>> from sealscrub.custodian.aggregates import aggregate
    >>> figures = aggregate(pl.DataFrame({"precinct": [14] * 40 + [79] * 50}), "precinct")
    >>> figures.method, figures.table("precinct")["count"].to_list()
    ('suppress', [40, 50])
    """

    frame: Any
    release: str
    method: str
    ranges: pl.DataFrame = field(default_factory=pl.DataFrame)

    def table(self, *columns: str) -> Any:
        """Give the figures by only these columns; the grand total by none.

        Raises
        ------
        ConfigError
            When no table was asked for that has them.
        """
        frame = pl.DataFrame(self.frame)
        by = named(columns)
        order = {named(sorted(each.split(", "))): each for each in frame[BY].unique()}
        by = order.get(named(sorted(columns)), by)
        taken = frame.filter(pl.col(BY) == by)
        if not taken.height:
            raise ConfigError("no table has these columns", hint="give the columns of one table.")
        kept = [name for name in columns if name in frame.columns]
        numbers = frame.columns[frame.columns.index(COUNT) :]
        return of_kind(taken.select(*kept, *numbers), self.frame)

    def _document(self) -> Document:
        frame = pl.DataFrame(self.frame)
        start = frame.columns.index(COUNT)
        tables = (
            self._table(by, frame.filter(pl.col(BY) == by), start) for by in frame[BY].unique(maintain_order=True)
        )
        return replace(self._brief(), parts=tuple(tables))

    def _table(self, by: str, rows: pl.DataFrame, start: int) -> Table:
        labels = [name for name in rows.columns[1:start] if name in by]
        numbers = [name for name in rows.columns[start:] if name != MARK]
        columns = (*map(Column, labels), *(Column(name, number=True) for name in numbers))
        cells = (
            (*map(_label, row[: len(labels)]), *map(_published, row[len(labels) :]))
            for row in rows.select(*labels, *numbers).iter_rows()
        )
        return Table(title=by, columns=columns, rows=tuple(cells))

    def _brief(self) -> Document:
        return Document(
            tool="aggregate",
            kind="good",
            headline="Figures as they may be published",
            lede=_LEDES[self.method],
            facts={"Release": self.release},
            steps=("Publish them as they are. They are not input: scan and scrub refuse them.",),
        )

    def _facts(self) -> dict[str, Any]:
        rows = pl.DataFrame(self.frame).rows(named=True)
        return {"release": self.release, "method": self.method, "figures": rows}

    def write(self, path: str | Path) -> None:
        """Write them as CSV, JSON Lines or Parquet, as the name ends; each has the mark.

        In CSV a label that a spreadsheet would run as a formula gets an apostrophe in front.

        Raises
        ------
        ConfigError
            When it ends otherwise.
        WriteFailed
            When the file could not be completed; what was there is as it was.
        """
        path, frame = Path(path), pl.DataFrame(self.frame)
        if path.suffix not in FORMATS:
            raise ConfigError(
                "figures can be written as CSV, JSON Lines or Parquet", hint="choose a name such as figures.csv."
            )
        with placed_file(path) as file:
            if path.suffix == ".csv":
                _for_spreadsheets(frame).write_csv(file)
            elif path.suffix == ".jsonl":
                frame.write_ndjson(file)
            else:
                # polars would write metadata where Arrow does not find them, and drops them as it reads
                pq.write_table(frame.to_arrow().replace_schema_metadata({MARK: self.release}), file)


def _for_spreadsheets(frame: pl.DataFrame) -> pl.DataFrame:
    texts = pl.col(pl.String, pl.Categorical, pl.Enum).cast(pl.String)
    frame = frame.rename({name: str(guarded_cell(name)) for name in frame.columns})
    return frame.with_columns(texts.map_elements(guarded_cell, pl.String))


def named(columns: Sequence[str]) -> str:
    """Write which columns a row is about."""
    return ", ".join(columns) or "total"


def framed(
    totals: Totals,
    measures: Sequence[Measure],
    ranges: Ranges | None,
    method: str,
    events: Any,
    *,
    without: int | None = None,
    rare: Sequence[npt.NDArray[np.bool_]] = (),
) -> Figures:
    """Put measures into a frame, but those by the column number `without`, and rows of levels that are rare."""
    release = secrets.token_hex(8)
    parts, asked = [], []
    names = [name for at, name in enumerate(totals.cube.columns) if at != without]
    for axes, start in zip(totals.sets, totals.starts, strict=True):
        if totals.inner[start]:
            continue
        height = totals.height(axes)
        mark = pl.Series(MARK, [release] * height, pl.String)
        labels = totals.labels(axes)
        told = pl.Series(_without_rare_levels(totals, axes, rare))
        about = pl.Series(BY, [named([totals.cube.columns[axis] for axis in axes])] * height, pl.String)
        whole = [labels[name] if name in labels.columns else pl.Series(name, [None] * height) for name in names]
        if ranges is not None and measures:
            hidden = measures[0].hidden[start : start + height]
            bounds = [
                pl.Series(name, values[start : start + height], pl.Float64)
                for name, values in (("least", ranges.least), ("greatest", ranges.greatest))
            ]
            everything = [
                labels[n] if n in labels.columns else pl.Series(n, [None] * height) for n in totals.cube.columns
            ]
            asked.append(_cast_levels([about, *everything, *bounds, mark], totals).filter(pl.Series(hidden) & told))
        if without is None or without not in axes:
            numbers = [each.series(start, height) for each in measures]
            parts.append(_cast_levels([about, *whole, *numbers, mark], totals).filter(told))
    made = pl.concat(parts[::-1])
    return Figures(
        _with_mark(of_kind(made, events), release), release, method, pl.concat(asked[::-1]) if asked else pl.DataFrame()
    )


def _label(value: Any) -> Cell:
    return None if value is None else Name(str(value))


def _published(value: Any) -> Cell:
    """A figure was made so that it may be published, whatever it counts."""
    return "suppressed" if value is None else Number(value) if isinstance(value, int) else str(value)


def _with_mark(frame: Any, release: str) -> Any:
    """Put the mark next to the columns too, if the library has a place that outlasts their choice."""
    if isinstance(frame, pl.DataFrame):
        return frame
    if hasattr(frame, "attrs"):
        frame.attrs[MARK] = release
        return frame
    return frame.replace_schema_metadata({MARK: release})


def _cast_levels(columns: Sequence[pl.Series], totals: Totals) -> pl.DataFrame:
    types = dict(zip(totals.cube.columns, (axis.dtype for axis in totals.cube.levels), strict=True))
    return pl.DataFrame([each.cast(types[each.name]) if each.name in types else each for each in columns])


def _without_rare_levels(
    totals: Totals, axes: tuple[int, ...], rare: Sequence[npt.NDArray[np.bool_]]
) -> npt.NDArray[np.bool_]:
    """Which totals of a group have no level that is rare: that there is such a level identifies few people."""
    told = np.ones(totals.height(axes), bool)
    if rare and axes:
        places = np.unravel_index(np.arange(len(told)), [totals.cube.shape[axis] for axis in axes])
        for axis, place in zip(axes, places, strict=True):
            told &= ~rare[axis][place]
    return told
