"""What a version of a Delta table and its history have in common: their files one after the other."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import ColumnError, UnreadableInput

from ..levels import LevelRules, Suspect
from ..row_verdicts import Remaining
from ..table import Table, Wanted
from .delta_part import DeltaPart
from .delta_snapshot import DeltaSnapshot

__all__ = ["PartedTable"]


class PartedTable(Table):
    """Files that are read one after the other, under the names and types of one version."""

    snapshot: DeltaSnapshot
    parts: list[DeltaPart]

    @property
    def columns(self) -> list[str]:
        """Names of the version's columns in their order."""
        return self.snapshot.schema.columns

    @property
    def rows(self) -> int:
        """Number of rows of all files."""
        return sum(part.rows for part in self.parts)

    def knowing(self, levels: LevelRules) -> None:
        """Learn which columns are keys, and which levels may be in no list."""
        super().knowing(levels)
        for part in self.parts:
            part.knowing(levels)

    def unused_levels(self, suspect: Suspect) -> list[tuple[str, pl.Series]]:
        """Give the levels that no row uses and are of interest, of every list that a file holds."""
        return _unused_levels(self.parts, suspect)

    def types(self, columns: Sequence[str]) -> list[Any]:
        """Types in which columns are handed out."""
        return [self.snapshot.dtypes[name] for name in columns]

    def batches(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Give some columns of every row, file by file; at least one frame. A column that a file lacks is null."""
        names = list(dict.fromkeys(columns))
        for name in names:
            if name not in self.columns:
                raise ColumnError.absent(name, self.columns, where=self.name)
        yield pl.DataFrame(schema=dict(zip(names, self.types(names), strict=True)))
        for part in self.parts:
            try:
                yield from part.batches(names)
            except pl.exceptions.PolarsError:
                raise UnreadableInput(
                    "a file holds a column in another type than the table's",
                    where=self.name,
                    hint="rewrite the table with its own engine first.",
                ) from None

    def undeclared(
        self, remaining: Remaining, declared: Collection[str], wanted: Wanted
    ) -> Iterator[tuple[str, pl.Series | None]]:
        """Give the columns that are not declared, of the rows that stay; None if one cannot be read."""
        for part in self.parts:
            yield from part.judged(remaining, declared, wanted)


def _unused_levels(parts: Sequence[DeltaPart], suspect: Suspect) -> list[tuple[str, pl.Series]]:
    """Give the levels that no row of their file uses and are of interest; each is judged once."""
    seen: dict[str, list[pl.Series]] = {}

    def noted(column: str, levels: pl.Series) -> npt.NDArray[np.bool_]:
        seen.setdefault(column, []).append(levels.cast(pl.String))
        return np.zeros(len(levels), dtype=np.bool_)

    for part in parts:
        part.unused_levels(noted)
    barred = {}
    for column, lists in seen.items():
        levels = pl.concat(lists).unique(maintain_order=True)
        barred[column] = levels.filter(pl.Series(suspect(column, levels), dtype=pl.Boolean))

    def known(column: str, levels: pl.Series) -> npt.NDArray[np.bool_]:
        return levels.cast(pl.String).is_in(barred[column].implode()).fill_null(False).to_numpy()

    found = any(len(levels) for levels in barred.values())
    return [each for part in parts for each in part.unused_levels(known)] if found else []
