"""One file of Parquet of a lake table: under the names of the table's schema, whatever the file calls its columns."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TypeVar

import numpy as np
import polars as pl

from .file import FileTable
from .levels import LevelRules, Suspect
from .row_verdicts import KnownRows, Remaining, RemainingRows, RowMask
from .table import Wanted

__all__ = ["NamedFile"]

AnswerT = TypeVar("AnswerT")


class NamedFile(ABC):
    """A file under the names of a table's schema.

    Attributes
    ----------
    file : FileTable
        The file.
    names : mapping of str to str
        By the names of the schema, those in the file of the columns that it has.
    rows : int
        How many rows of it count.
    """

    file: FileTable
    names: Mapping[str, str]
    rows: int

    @abstractmethod
    def batches(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Give some columns of the rows that count; a column that the file lacks is null."""

    @abstractmethod
    def hide_path(self) -> AbstractContextManager[None]:
        """Name only the table in errors: the path of a file may hold values of partition columns."""

    def asked(self, question: Callable[[FileTable], AnswerT]) -> AnswerT:
        """Ask the file something."""
        with self.hide_path():
            return question(self.file)

    def knowing(self, levels: LevelRules) -> None:
        """Learn which columns are keys, and which levels may be in no list."""
        keys, left = (
            frozenset(self.names[name] for name in named if name in self.names) for named in (levels.keys, levels.left)
        )
        self.file.knowing(replace(levels, keys=keys, left=left))

    def unused_levels(self, suspect: Suspect) -> list[tuple[str, pl.Series]]:
        """Give the levels of the file that no row uses and are of interest."""
        return self.asked(lambda file: file.unused_levels(suspect))

    def judged(
        self, remaining: Remaining, declared: Collection[str], wanted: Wanted
    ) -> Iterator[tuple[str, pl.Series | None]]:
        """Judge the rows that count, and give what is not declared of those that stay, dropped columns among it."""
        judged = [remaining.judge(batch) for batch in self.batches(list(remaining.columns)) if batch.height]
        if judged:
            yield from self._undeclared(_join_judged(judged), declared, wanted)

    def _undeclared(
        self, stays: RemainingRows, declared: Collection[str], wanted: Wanted
    ) -> Iterator[tuple[str, pl.Series | None]]:
        changed = {
            self.names[name]: self._everywhere(rows) for name, rows in stays.changed.items() if name in self.names
        }
        known = KnownRows(RemainingRows(self._everywhere(stays.keep), changed))
        called = {physical: name for name, physical in self.names.items()}
        hidden = [self.names[name] for name in declared if name in self.names]
        with self.hide_path():
            for physical, values in self.file.undeclared(known, hidden, wanted):
                yield called.get(physical, physical), values

    def _everywhere(self, rows: RowMask) -> RowMask:
        """From rows that count to rows of the file."""
        return rows


def _join_judged(judged: list[RemainingRows]) -> RemainingRows:
    changed = {name: np.concatenate([each.changed[name] for each in judged]) for name in judged[0].changed}
    return RemainingRows(np.concatenate([each.keep for each in judged]), changed)
