"""What is asked of a table, wherever it is kept: a frame, files, or a table of a database."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self, TypeAlias

import numpy as np
import polars as pl

from sealscrub.errors import UnreadableInput

from .changes import Patch, RowEdit, TableChange
from .edited_table import EditedTable
from .levels import LevelRules, Suspect
from .row_verdicts import Matcher, Remaining, RemainingRows, RowMask, RowVerdicts

__all__ = [
    "COLUMN_NAMES",
    "DECLARATION",
    "FILE_NAME",
    "METADATA",
    "FoundRows",
    "Table",
    "TableProgress",
    "Wanted",
    "Written",
]

COLUMN_NAMES, FILE_NAME, DECLARATION, METADATA = "(column names)", "(file name)", "(declaration)", "(metadata)"

TableProgress: TypeAlias = Callable[[int, float], None]
"""Called with the rows so far and the share of the table that is done."""

Wanted: TypeAlias = Callable[[pl.DataType], bool]
"""From the type of a column to whether its values are of interest; an ``Enum`` may list all that some rows can have."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Written:
    """How a table was written, for the report.

    Attributes
    ----------
    rows : int
        That stay.
    slow_columns : tuple of str
    positions : tuple of int, optional
        Of the rows that matched.
    data : object
        What its writer returned.
    found : FoundRows, optional
        Which rows stay, if the pass that wrote them knows each.
    patches : mapping of str to Patch
        New values of columns that no edit changes.
    """

    rows: int
    slow_columns: tuple[str, ...] = ()
    positions: tuple[int, ...] | None = None
    data: Any = None
    found: FoundRows | None = None
    patches: Mapping[str, Patch] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FoundRows:
    """Which rows of a table stay, match, and could not be checked."""

    keep: RowMask
    matched: RowMask
    unchecked: RowMask

    @classmethod
    def of(cls, verdicts: Sequence[RowVerdicts]) -> Self:
        """Put together what was said about batches of rows, in their order."""
        nothing = [np.zeros(0, dtype=np.bool_)]
        return cls(
            keep=np.concatenate([*nothing, *(each.keep for each in verdicts)]),
            matched=np.concatenate([*nothing, *(each.matched for each in verdicts)]),
            unchecked=np.concatenate([*nothing, *(each.unchecked for each in verdicts)]),
        )

    @classmethod
    def aside(cls, rows: RowMask) -> Self:
        """Take some rows for those that could not be checked."""
        return cls(keep=~rows, matched=np.zeros_like(rows), unchecked=rows)

    @property
    def positions(self) -> tuple[int, ...]:
        """Positions of the rows that match."""
        return tuple(np.flatnonzero(self.matched).tolist())

    def remaining(self, edit: RowEdit | None = None) -> RemainingRows:
        """Say which rows stay, and which of them an edit gives another value."""
        return RemainingRows(self.keep, dict.fromkeys(() if edit is None else edit.columns, self.matched))


class Table(EditedTable, ABC):
    """One table, read and never changed.

    A source names itself, its columns, hands rows out and writes them: :attr:`columns`, :attr:`rows`, :meth:`batches`,
    :meth:`changed` and :meth:`replaced`. It overrides :meth:`scrub` if it can do with one pass.

    Attributes
    ----------
    name : str
        What the plan calls it.
    returned : bool
        Whether what is written is returned, and needs no place.
    empty_texts : bool
        Whether a text in which nothing is written differs from no text.
    """

    name: str
    returned: bool = False
    empty_texts: bool = True
    levels: LevelRules = LevelRules()

    def knowing(self, levels: LevelRules) -> None:
        """Learn which columns are keys, and which levels may be in no list."""
        self.levels = levels

    def unused_levels(self, suspect: Suspect) -> list[tuple[str, pl.Series]]:
        """Give the levels that no row uses and are of interest, of every list that the table holds."""
        return []

    @property
    @abstractmethod
    def columns(self) -> list[str]:
        """Names of the columns in their order."""

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that are read, which no output may replace."""
        return ()

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders that are read with all that is in them, in which no output may be."""
        return ()

    @property
    def unread(self) -> tuple[Path, ...]:
        """Files in these folders that are not read, since their names are not those of data files."""
        return ()

    @property
    def header(self) -> list[str] | None:
        """Names of the columns; None if only reading every row shows them."""
        return self.columns

    @property
    def known_columns(self) -> list[str] | None:
        """Names of the columns; None if every row is to be read for them, and was not yet."""
        return self.columns

    @property
    def row_numbers(self) -> tuple[str, ...]:
        """What may number the rows next to the columns, by the names that leave has for it."""
        return ()

    @property
    def place(self) -> Path | None:
        """The file or folder that holds it; None if none does."""
        return None

    @property
    def marks(self) -> list[str]:
        """Names under which the mark of an aggregate report can be."""
        return self.columns

    @property
    def lost_metadata(self) -> tuple[str, ...]:
        """Names of the entries of metadata that are not written."""
        return ()

    @property
    def metadata(self) -> Mapping[str, list[str]]:
        """What entries of metadata say in texts, by their names."""
        return {}

    @property
    @abstractmethod
    def rows(self) -> int | None:
        """Number of rows; None if only reading shows it."""

    @abstractmethod
    def batches(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Give some columns of every row, in the table's order.

        A null, and in formats of text an empty field, is null. In JSON Lines a string is its text, and any other
        value its JSON. The types of the columns are the same in every batch.

        Raises
        ------
        ColumnError
            When a column does not exist.
        UnreadableInput
            When the table cannot be read to its end.
        """

    def key_batches(self, columns: Sequence[str], keys: Collection[str]) -> Iterator[pl.DataFrame]:
        """Give columns as :meth:`batches` does, and refuse what can be no key in those that are `keys`.

        Raises
        ------
        UnreadableInput
            When such a column of JSON holds a list, an object, true or false.
        """
        return self.batches(columns)

    def judged_batches(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Give some key columns of every row as they are judged."""
        return self.key_batches(columns, columns)

    @abstractmethod
    def changed(self, change: TableChange, target: Any) -> Any:
        """Give the table with a change, as if the removed rows had never been in it.

        A file is written to the path `target`; a frame is returned, and needs none.
        """

    @abstractmethod
    def replaced(self, rows: pl.DataFrame, target: Any) -> Any:
        """Give the table with other rows altogether, in the format, schema and dialect that it has.

        `rows` has the table's columns, in the types in which :meth:`batches` hands them out.
        """

    def find(self, matcher: Matcher, progress: TableProgress = lambda rows, share: None) -> FoundRows:
        """Judge every row."""
        done, verdicts = 0, []
        for batch in self.key_batches(matcher.columns, matcher.columns):
            verdicts.append(matcher.judge(batch))
            done += batch.height
            progress(done, done / max(1, self.rows or done))
        if done != self.rows:
            raise UnreadableInput("not every row was judged exactly once", where=self.name)
        return FoundRows.of(verdicts)

    def find_to_edit(self, matcher: Matcher, edit: RowEdit, progress: TableProgress) -> FoundRows:
        """Judge every row, and notice in the same reading what an edit of those that match has to know, if one can."""
        return self.find(matcher, progress)

    def kept(
        self, found: FoundRows, edit: RowEdit | None, target: Any, patches: Mapping[str, Patch] = MappingProxyType({})
    ) -> Any:
        """Give, or write, the rows that stay; an edit that would mark one is refused, whether written or not.

        Parameters
        ----------
        found : FoundRows
        edit : RowEdit, optional
            What happens to matched rows that stay.
        target : Path, str or None
            As of :meth:`scrub`.
        patches : mapping of str to Patch
            New values of columns that the edit does not change.
        """
        if edit is not None:
            columns = self._edited_columns(edit)
            said = {"where": self.name}
            new = self.new_values([(found.matched, edit)], found.keep, columns, edit.accept_marks, **said)
            patches = {**patches, **new}
        change = TableChange(found.keep, patches)
        self.check_change(change)
        return self.changed(change, target) if target is not None or self.returned else None

    def _edited_columns(self, edit: RowEdit) -> dict[str, pl.Series]:
        """Give the columns that an edit changes; of text those alone in which true or false has a word."""
        names = [name for name in edit.columns if not self.text or isinstance(edit.set.get(name), bool)]
        batches = list(self.batches(names)) if names else []
        return {name: pl.concat([batch.get_column(name) for batch in batches]) for name in names}

    def set_aside(self, found: FoundRows, target: Any) -> Any:
        """Give, or write, the rows that could not be checked for a person to look at."""
        return self.changed(TableChange(found.unchecked), target)

    def scrub(
        self,
        matcher: Matcher,
        target: Any,
        aside: Any = None,
        *,
        edit: RowEdit | None = None,
        positions: bool = False,
        progress: TableProgress = lambda rows, share: None,
    ) -> Written:
        """Judge every row, and write those that stay, and those that are set aside.

        Parameters
        ----------
        matcher : Matcher
            Judges the rows.
        target : Path, str or None
            Where the rows that stay go; None to find only.
        aside : Path, optional
            Where the rows go that could not be checked; written only if there are any.
        edit : RowEdit, optional
            What happens to matched rows that stay; one that would mark them is refused, whether written or not.
        positions : bool
            Whether to give the positions of the rows that matched.
        progress : callable, optional
            Called with the rows so far and the share of the table that is done.
        """
        found = self.find(matcher, progress) if edit is None else self.find_to_edit(matcher, edit, progress)
        return self.write_found(found, target, aside, edit=edit, positions=positions)

    def write_found(
        self,
        found: FoundRows,
        target: Any,
        aside: Any = None,
        *,
        edit: RowEdit | None = None,
        patches: Mapping[str, Patch] = MappingProxyType({}),
        positions: bool = False,
    ) -> Written:
        """Write the rows that stay, and those that are set aside; `patches` as of :meth:`kept`."""
        if aside is not None and found.unchecked.any():
            self.set_aside(found, aside)
        data = self.kept(found, edit, target, patches)
        where = found.positions if positions else None
        return Written(int(found.keep.sum()), positions=where, data=data, found=found, patches=patches)

    def undeclared(
        self, remaining: Remaining, declared: Collection[str], wanted: Wanted
    ) -> Iterator[tuple[str, pl.Series | None]]:
        """Give the columns that are not declared, batch by batch, of the rows that stay; None if one cannot be read.

        Parameters
        ----------
        remaining : Remaining
            Judges which rows stay, batch by batch in their order.
        declared : collection of str
            Columns that are left out: keys, and what else is compared otherwise.
        wanted : callable
            Decides by the type of a column whether it is of interest; others are not read.
        """
        keys = remaining.columns
        others = [name for name in self.columns if name not in declared]
        kinds = dict(zip(others, self.types(others), strict=True))
        yield from ((name, None) for name, kind in kinds.items() if kind is None)
        others = [name for name, kind in kinds.items() if kind is not None and wanted(kind)]
        if not others:
            return
        for batch in self.batches(list(dict.fromkeys((*keys, *others)))):
            stays = remaining.judge(batch)
            for name in others:
                yield name, batch.get_column(name).filter(pl.Series(stays.as_they_were(name)))

    def names(self) -> Iterator[tuple[str, list[str]]]:
        """Give the names that the table holds, by what they name."""
        yield COLUMN_NAMES, self.columns

    def unread_parts(self) -> tuple[str, ...]:
        """Say what the source holds that reading its rows, names and lists does not meet."""
        return ()

    def frame(
        self,
        *,
        typed: bool = False,
        schema: Mapping[str, pl.DataType] | None = None,
        texts: Collection[str] = (),
    ) -> pl.DataFrame:
        """Give every row in one frame.

        Parameters
        ----------
        typed : bool
            Whether values of a format of text are what they look like, over all rows; by default they are text.
        schema : mapping of str to polars.DataType, optional
            The types that they have, if `typed`; an empty field in quotes is then a text.
        texts : collection of str
            Columns of a format of text that are text also if `typed`: an id may begin with zeros.
        """
        names = self.columns
        frames = list(self.batches(names))
        return pl.concat(frames) if frames else pl.DataFrame(schema=dict(zip(names, self.types(names), strict=True)))

    def pandas_frame(self, *, typed: bool = False, texts: Collection[str] = ()) -> Any:
        """Give every row in one frame of pandas: as its own reader gives a file, for :meth:`frame`'s arguments."""
        return self.frame(typed=typed, texts=texts).to_pandas()

    def limits_texts(self, column: str) -> bool:
        """Say whether the type of a column holds not every text: it lists its values, or is JSON."""
        return False

    def types(self, columns: Sequence[str]) -> list[Any]:
        """Types in which columns are handed out; text unless the source has others."""
        return [pl.String()] * len(columns)
