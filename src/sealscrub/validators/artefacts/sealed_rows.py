"""The sealed feature rows that are looked for, less those that a retained row equals."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from sealscrub.errors import ConfigError, UnreadableInput, UsageError
from sealscrub.index import Index
from sealscrub.matching import Policy, TableMatcher, parse_on
from sealscrub.matching.key_columns import On

from .row_search import Stage, distinctive, equal_rows
from .witnesses import sampled

__all__ = ["SealedRows", "read_sealed_rows"]


@dataclass(frozen=True, eq=False)
class SealedRows:
    """Rows to look for.

    Attributes
    ----------
    stage : Stage
        The distinctive ones, as they are in the file.
    given : int
        How many sealed rows the file holds.
    retained : Stage or None
        Rows that are not sealed, where the file holds such.
    """

    stage: Stage
    given: int
    retained: Stage | None

    @property
    def compared(self) -> bool:
        """Whether retained rows were known, and sealed ones that equal one left out."""
        return self.retained is not None

    @property
    def left_out(self) -> int:
        """How many are too common to be looked for."""
        return self.given - len(self.stage.rows)


def read_sealed_rows(path: str | Path, index: Index, on: On | None = None) -> SealedRows:
    """Read sealed feature rows.

    Parameters
    ----------
    path : str or Path
        Parquet, CSV or JSON Lines with the features that the model was trained on as columns. Columns that are
        neither numbers nor truth values are passed over.
    index : Index
    on : mapping or iterable of str, optional
        Which columns are keys: the file then holds sealed and other rows, the index tells which is which, and a
        sealed row that another one equals isn't looked for. Without it every row is a sealed one.

    Raises
    ------
    UsageError
        When there is no such file, or it holds no features or no sealed row.
    UnreadableInput
        When it can't be read.
    """
    path = Path(path)
    frame = _read(path)
    sealed, other = np.ones(frame.height, bool), np.zeros(frame.height, bool)
    keys: list[str] = []
    if on:
        matcher = TableMatcher(index, parse_on(on, frame.columns, where=path.name), Policy(), path.name)
        verdicts = matcher.judge(frame.select(matcher.columns))
        matcher.check_columns()
        sealed, other, keys = verdicts.matched, ~verdicts.matched & ~verdicts.unchecked, list(matcher.columns)
    features = [
        name for name, dtype in frame.schema.items() if name not in keys and (dtype.is_numeric() or dtype == pl.Boolean)
    ]
    if not features:
        raise ConfigError("it has no column of numbers", where=path.name, hint="give the features as numbers.")
    if not sealed.any():
        raise UsageError("it holds no sealed row", where=path.name, hint="give the table before it was scrubbed.")
    numbers = frame.select(pl.col(features).cast(pl.Float64)).to_numpy()
    rows = np.ascontiguousarray(numbers[sealed], np.float64)
    kept = distinctive(rows)
    if other.any():
        kept &= ~equal_rows(rows, numbers[other])
    columns = tuple(features)
    retained = Stage("raw", sampled(numbers[other]), columns) if other.any() else None
    return SealedRows(Stage("raw", rows[kept], columns), len(rows), retained)


def _read(path: Path) -> pl.DataFrame:
    if not path.is_file():
        raise UsageError("there is no such file", where=str(path), hint="--rows names Parquet, CSV or JSON Lines.")
    suffix = path.suffix.lower()
    try:
        if suffix in (".parquet", ".pq"):
            return pl.read_parquet(path)
        if suffix == ".csv":
            return pl.read_csv(path, infer_schema_length=None)
        if suffix in (".jsonl", ".ndjson"):
            return pl.read_ndjson(path, infer_schema_length=None)
    except (pl.exceptions.PolarsError, OSError):
        raise UnreadableInput(f"it can't be read as {suffix[1:]}", where=str(path)) from None
    raise ConfigError("the suffix of --rows names no format", where=str(path), hint=".parquet, .csv or .jsonl.")
