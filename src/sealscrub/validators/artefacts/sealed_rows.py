"""The sealed feature rows that are looked for, less those that a retained row equals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from sealscrub.errors import ConfigError, UsageError
from sealscrub.index import Index
from sealscrub.matching import Policy, TableMatcher, parse_on
from sealscrub.matching.key_columns import On
from sealscrub.tables.opener import read_frame

from .row_bits import equal_rows
from .row_search import Stage
from .witnesses import sampled

__all__ = ["SealedRows", "read_sealed_rows"]

_MOST_BESIDE = 5_000  # rows that are kept at each stage, by which chance is judged


@dataclass(frozen=True, eq=False)
class SealedRows:
    """Rows to look for.

    Attributes
    ----------
    stage : Stage
        Those that no other row equals, as they are in the file.
    given : int
        How many sealed rows the file holds.
    retained : Stage or None
        Rows that are not sealed, if the file holds such.
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
        """How many equal a row that isn't sealed, and aren't looked for."""
        return self.given - len(self.stage.rows)


def read_sealed_rows(path: str | Path, index: Index, on: On | None = None) -> SealedRows:
    """Read sealed feature rows.

    Parameters
    ----------
    path : str or Path
        A data file with the features that the model was trained on as columns. Columns that are
        neither numbers nor truth values are passed over.
    index : Index
    on : mapping or iterable of str, optional
        Which columns are keys: the file then holds sealed and other rows, the index says which is which, and a
        sealed row that another one equals isn't looked for. Without it every row is a sealed one.

    Raises
    ------
    UsageError
        When the file does not exist, or it holds no features or no sealed row.
    UnreadableInput
        When it can't be read.
    """
    path = Path(path)
    named = parse_on(on, where=path.name) if on else ()
    frame = read_frame(path, typed=True, texts=[column for key in named for column in key.columns])
    sealed, other = np.ones(frame.height, bool), np.zeros(frame.height, bool)
    keys: list[str] = []
    if on:
        matcher = TableMatcher(
            index, parse_on(on, frame.columns, where=path.name), Policy().accepting("null"), path.name
        )
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
    columns = tuple(features)
    stage = Stage("raw", rows, columns, table=numbers[other] if other.any() else None).judged()
    kept = ~equal_rows(rows, numbers[other])
    retained = Stage("raw", sampled(numbers[other]), columns) if other.any() else None
    few = sampled(numbers[other], _MOST_BESIDE) if other.any() else None
    return SealedRows(replace(stage.only(kept), table=few), len(rows), retained)
