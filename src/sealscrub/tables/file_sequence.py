"""What versions of lake tables and their histories have in common: their files one after the other."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import ColumnError, UnreadableInput, UsageError

from .changes import TableChange
from .levels import LevelRules, Suspect
from .named_file import NamedFile
from .row_verdicts import Remaining
from .table import Table, Wanted

__all__ = ["FileSequence", "PartedTable", "TableHistory"]


class _Version(Protocol):
    """By whose schema columns are named."""

    @property
    def dtypes(self) -> Mapping[str, pl.DataType]: ...

    @property
    def folder(self) -> Path: ...


class _Rows(Protocol):
    """Rows of one file."""

    rows: int

    def batches(self, columns: Sequence[str], /) -> Iterator[pl.DataFrame]: ...


class FileSequence(Table):
    """Rows of files that are read one after the other, under the names and types of one version.

    Attributes
    ----------
    snapshot : object
        The version.
    parts : sequence of object
        The files.
    """

    snapshot: _Version
    parts: Sequence[_Rows]

    @property
    def place(self) -> Path:
        """The table's folder."""
        return self.snapshot.folder

    @property
    def columns(self) -> list[str]:
        """Names of the version's columns in their order."""
        return list(self.snapshot.dtypes)

    @property
    def rows(self) -> int:
        """Number of rows of all files."""
        return sum(part.rows for part in self.parts)

    def types(self, columns: Sequence[str]) -> list[Any]:
        """Types in which columns are handed out."""
        return [self.snapshot.dtypes[name] for name in columns]

    def batches(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Give some columns of every row, file by file; at least one frame. A column that a file lacks is null."""
        names = list(dict.fromkeys(columns))
        ColumnError.require(names, self.columns, where=self.name)
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

    def check_change(self, change: TableChange) -> None:
        """Refuse a change of another number of rows.

        Raises
        ------
        UsageError
        """
        if len(change.keep) != self.rows:
            raise UsageError(f"a change of {len(change.keep)} rows does not fit {self.rows}", where=self.name)


class PartedTable(FileSequence):
    """Files that are opened one by one, with their lists of levels and all that no column names."""

    parts: Sequence[NamedFile]

    def knowing(self, levels: LevelRules) -> None:
        """Learn which columns are keys, and which levels may be in no list."""
        super().knowing(levels)
        for part in self.parts:
            part.knowing(levels)

    def unused_levels(self, suspect: Suspect) -> list[tuple[str, pl.Series]]:
        """Give the levels that no row uses and are of interest, of every list that a file holds."""
        return _unused_levels(self.parts, suspect)

    def texts_beside(self, said: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
        """Give what the table says in texts, by their names, and what the metadata of its files say."""
        found = {name: list(texts) for name, texts in said.items()}
        for part in self.parts:
            for name, texts in part.asked(lambda file: file.metadata).items():
                found.setdefault(name, []).extend(texts)
        return found

    def undeclared(
        self, remaining: Remaining, declared: Collection[str], wanted: Wanted
    ) -> Iterator[tuple[str, pl.Series | None]]:
        """Give the columns that are not declared, of the rows that stay; None if one cannot be read."""
        for part in self.parts:
            yield from part.judged(remaining, declared, wanted)


class TableHistory(PartedTable):
    """Every row of every version that is still in a table's folder. It is read only."""

    def changed(self, change: TableChange, target: Any) -> Any:
        """Refuse: what was is not written."""
        raise UsageError("cannot write a history", where=self.name)

    def replaced(self, rows: pl.DataFrame, target: Any) -> Any:
        """Refuse: what was is not written."""
        raise UsageError("cannot write a history", where=self.name)


def _unused_levels(parts: Sequence[NamedFile], suspect: Suspect) -> list[tuple[str, pl.Series]]:
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
