"""Files that a clerk fills in: a line for each pair, on its own, with an answer to be written."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Final

import polars as pl

from sealscrub.atomic_write import placed_file
from sealscrub.extracts import FIELDS
from sealscrub.reports.csv import guarded_cell

__all__ = [
    "COLUMNS",
    "DRAWN",
    "OTHER_SEALS",
    "REVIEW",
    "ROWS",
    "RUN",
    "SAMPLE",
    "SEEN",
    "WRITTEN",
    "write_review",
    "write_sample",
]

REVIEW, SAMPLE = "review", "sample"
COLUMNS: Final = ("kind", "namespace", "model", "seal", "row", "weight", "answer")
"""What is read back; the clerk writes the last one: ``same``, ``not`` or ``cannot tell``."""
OTHER_SEALS: Final = "other seals"
"""Of how many other seals a row may be the record: a hint, since a row is of one arrest."""
SEEN: Final = "seen"
"""A keyed mark of what a pair says: an answer holds while it says that."""
ROWS: Final = "opaque:extract"
"""The scheme by which the ids of rows are read."""
WRITTEN: Final = "written"
"""The day on which a file was written: it is overdue for deletion by that, though it was saved again."""
DRAWN: Final = "drawn epoch"
"""Of a sample only: the epoch of the registry at which the draw is recorded, which knows the lines that were drawn."""
RUN: Final = "run epoch"
"""Of a review only: the epoch of the registry at which the run that wrote it, or the one before, was recorded."""


def write_review(
    path: str | Path,
    pairs: pl.DataFrame,
    seals: pl.DataFrame,
    rows: pl.DataFrame,
    *,
    namespace: str,
    model: str,
    epoch: int = 0,
) -> None:
    """Write pairs for a clerk to decide, in a file of mode 0600.

    Parameters
    ----------
    path : str or Path
        Where it goes (CSV); a text that a spreadsheet would run as a formula gets an apostrophe in front.
    pairs : polars.DataFrame
        ``seal``, ``row`` and ``weight``, :data:`OTHER_SEALS` if the clerk is to see how many there are, and ``seen``
        (:func:`sealscrub.custodian.linkage.pair_marks`), without which an answer is asked for again by the next run.
    seals, rows : polars.DataFrame
        ``id`` and what linkage compares; a seal may have several rows.
    namespace : str
        The system that the rows are of.
    model : str
        The digest of the model that chose them.
    epoch : int
        Of the registry, at which the last run of the system is recorded (:meth:`Registry.proposed_pairs`); 0 without
        one.

    Raises
    ------
    WriteFailed
        When it cannot be written; what was there is as it was.

    Examples
    --------
    >>> import tempfile
    >>> names = pl.DataFrame({"id": ["S1", "r1"], "last_name": ["DOE", "DOE"]})
    >>> pairs = pl.DataFrame({"seal": ["S1"], "row": ["r1"], "weight": [9.5]})
    >>> path = Path(tempfile.mkdtemp()) / "review.csv"
    >>> write_review(path, pairs, names, names, namespace="vendor", model="0" * 64)
    >>> path.read_text().splitlines()[1][:20]
    'review,vendor,000000'
    """
    _write(
        path,
        pairs.sort("weight", "seal", "row", descending=[True, False, False]),
        seals,
        rows,
        REVIEW,
        namespace,
        model,
        {RUN: str(epoch)},
    )


def write_sample(
    path: str | Path,
    best: pl.DataFrame,
    seals: pl.DataFrame,
    rows: pl.DataFrame,
    *,
    namespace: str,
    model: str,
    epoch: int,
) -> None:
    """Write seals that were drawn, each with its best rows, in a file of mode 0600.

    Parameters
    ----------
    path : str or Path
        Where it goes (CSV).
    best : polars.DataFrame
        ``seal``, ``row`` and ``weight``; a seal to which no row comes near has one line without a row.
    seals, rows, namespace, model
        As of :func:`write_review`.
    epoch : int
        Of the registry, at which the draw is recorded (:meth:`Registry.record_draw`).

    Raises
    ------
    WriteFailed
        When it cannot be written; what was there is as it was.

    Examples
    --------
    >>> import tempfile
    >>> names = pl.DataFrame({"id": ["S1", "r1"], "last_name": ["DOE", "DOE"]})
    >>> pairs = pl.DataFrame({"seal": ["S1"], "row": ["r1"], "weight": [9.5]})
    >>> path = Path(tempfile.mkdtemp()) / "review.csv"
    >>> write_sample(path, pairs, names, names, namespace="vendor", model="0" * 64, epoch=3)
    >>> path.read_text().splitlines()[1][:20]
    'sample,vendor,000000'
    """
    lines = best.sort("seal", "weight", descending=[False, True])
    _write(path, lines, seals, rows, SAMPLE, namespace, model, {DRAWN: str(epoch)})


def _write(
    path: str | Path,
    pairs: pl.DataFrame,
    seals: pl.DataFrame,
    rows: pl.DataFrame,
    kind: str,
    namespace: str,
    model: str,
    stated: dict[str, str],
) -> None:
    said = pairs.select(
        kind=pl.lit(kind),
        namespace=pl.lit(namespace),
        model=pl.lit(model),
        seal="seal",
        row="row",
        weight=pl.col("weight").round(2),
        answer=pl.lit(""),
        **{name: name for name in (OTHER_SEALS, SEEN) if name in pairs.columns},
    )
    shown = said.join(_side(seals, "seal"), on="seal", how="left", maintain_order="left")
    shown = shown.join(_side(rows, "row"), on="row", how="left", maintain_order="left")
    shown = shown.with_columns(pl.lit(said).alias(name) for name, said in stated.items())
    named = (OTHER_SEALS, *(f"{side} {field}" for field in FIELDS for side in ("seal", "row")))
    beside = [name for name in named if name in shown.columns]
    held = [name for name in beside if shown[name].null_count() < len(shown)]
    shown = shown.with_columns(pl.lit(dt.datetime.now(dt.UTC).date().isoformat()).alias(WRITTEN))
    shown = shown.select(*COLUMNS, *held, WRITTEN, *(name for name in (SEEN,) if name in shown.columns), *stated)
    content = shown.with_columns(pl.col(pl.String).map_elements(guarded_cell, pl.String)).write_csv()
    with placed_file(path, mode=0o600) as file:
        file.write(content.encode())


def _side(records: pl.DataFrame, side: str) -> pl.DataFrame:
    """One line for each id, with all that a field says about it."""
    fields = [name for name in FIELDS if name in records.columns]
    said = [
        pl.col(name).drop_nulls().unique(maintain_order=True).str.join(" / ").alias(f"{side} {name}") for name in fields
    ]
    found = records.rename({"id": side}).group_by(side, maintain_order=True).agg(said)
    return found.with_columns(pl.when(pl.col(pl.String) != "").then(pl.col(pl.String)))
