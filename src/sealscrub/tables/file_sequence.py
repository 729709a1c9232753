"""What versions of lake tables and their histories have in common: their files one after the other."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import ColumnError, UnreadableInput

from .levels import LevelRules, Suspect
from .row_verdicts import Remaining
from .table import Table, Wanted

__all__ = ["PartedTable"]


class _Part(Protocol):
    """One file."""

    rows: int

    def knowing(self, levels: LevelRules) -> None: ...

    def unused_levels(self, suspect: Suspect) -> list[tuple[str, pl.Series]]: ...

    def batches(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]: ...

    def judged(
        self, remaining: Remaining, declared: Collection[str], wanted: Wanted
    ) -> Iterator[tuple[str, pl.Series | None]]: ...


class PartedTable(Table):
    """Files that are read one after the other, under the names and types of one version."""

    @property
    @abstractmethod
    def dtypes(self) -> Mapping[str, pl.DataType]:
        """Types of the version's columns."""

    @property
    @abstractmethod
    def sequence(self) -> Sequence[_Part]:
        """The files."""

    @property
    def columns(self) -> list[str]:
        """Names of the version's columns in their order."""
        return list(self.dtypes)

    @property
    def rows(self) -> int:
        """Number of rows of all files."""
        return sum(part.rows for part in self.sequence)

    def knowing(self, levels: LevelRules) -> None:
        """Learn which columns are keys, and which levels may be in no list."""
        super().knowing(levels)
        for part in self.sequence:
            part.knowing(levels)

    def unused_levels(self, suspect: Suspect) -> list[tuple[str, pl.Series]]:
        """Give the levels that no row uses and are of interest, of every list that a file holds."""
        return _unused_levels(self.sequence, suspect)

    def types(self, columns: Sequence[str]) -> list[Any]:
        """Types in which columns are handed out."""
        return [self.dtypes[name] for name in columns]

    def batches(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Give some columns of every row, file by file; at least one frame. A column that a file lacks is null."""
        names = list(dict.fromkeys(columns))
        for name in names:
            if name not in self.columns:
                raise ColumnError.absent(name, self.columns, where=self.name)
        yield pl.DataFrame(schema=dict(zip(names, self.types(names), strict=True)))
        for part in self.sequence:
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
        for part in self.sequence:
            yield from part.judged(remaining, declared, wanted)


def _unused_levels(parts: Sequence[_Part], suspect: Suspect) -> list[tuple[str, pl.Series]]:
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
