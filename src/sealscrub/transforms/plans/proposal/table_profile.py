"""A table as a proposal sees it: what its columns may be, and sketches of its ids. No value leaves it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from sealscrub.errors import UnreadableInput
from sealscrub.tables.formats import file_formats

from .column_sketches import Sketch, first_rows, plain_ids, sketch_columns
from .folder_tables import FoundTable, is_value
from .key_guesses import AGREES, ColumnGuess, guess_column, guess_pair, is_date_name, is_id_name, is_person_name

__all__ = ["TableProfile", "profile_table"]

_FIRST = 20_000
_NOTICE = frozenset({"regime", "effective_from"})  # columns of a notice file, see registry
_STRONG = frozenset({"arrest_number", "cjtn", "person_arrest"})


@dataclass(eq=False, repr=False)
class TableProfile:
    """What is known of a table.

    Attributes
    ----------
    table : FoundTable
        Where it is.
    first : polars.DataFrame
        Its first rows.
    guesses : dict of str to ColumnGuess
        What each column may be a key of.
    sketches : dict of str to Sketch
        Sketches of the columns that are called like ids.
    pair : tuple of (str, str, float), optional
        Columns with NYSID and arrest date, and which share of rows they name an arrest in.
    hidden : int
        How many columns are not spoken of, since their names look like values.
    shared : tuple of str
        Names that several columns have.
    all_first, all_rows : bool
        Whether the first rows, and the sketches, are of all rows.
    """

    table: FoundTable
    first: pl.DataFrame
    guesses: dict[str, ColumnGuess]
    sketches: dict[str, Sketch]
    pair: tuple[str, str, float] | None
    hidden: int
    shared: tuple[str, ...]
    all_first: bool

    @property
    def name(self) -> str:
        """What the plan calls it."""
        return self.table.name

    @property
    def columns(self) -> list[str]:
        """Names of the columns that are spoken of."""
        return self.first.columns

    @property
    def text(self) -> bool:
        """Whether its format is one of text."""
        return file_formats()[self.table.files[0].format].text

    @cached_property
    def keys(self) -> list[ColumnGuess]:
        """Columns that are record keys by name and by values."""
        return [guess for guess in self.guesses.values() if guess.sure and guess.published]

    @property
    def paired(self) -> bool:
        """Whether a NYSID and a date together are its key."""
        return self.pair is not None and self.pair[2] >= AGREES and not any(key.scheme in _STRONG for key in self.keys)

    @property
    def strong(self) -> bool:
        """Whether keys name the arrest of nearly every row, so no link is needed."""
        return self.paired or any(key.scheme in _STRONG and key.nulls < 0.5 for key in self.keys)

    @cached_property
    def people(self) -> list[str]:
        """Columns that name a person."""
        return [
            name
            for name, guess in self.guesses.items()
            if name in self.sketches and ((guess.person and guess.sure) or (not guess.sure and is_person_name(name)))
        ]

    def is_key(self, column: str) -> bool:
        """Whether a column is a record key itself."""
        return any(key.name == column for key in self.keys)

    def compared(self, column: str) -> str:
        """The scheme in whose canonical values a column's ids are compared; nothing for values as they are."""
        guess = self.guesses[column]
        return guess.scheme if guess.sure else ""

    def lettered(self, column: str) -> bool:
        """Whether a column's ids have letters: serial numbers of two tables are equal by chance."""
        ids = plain_ids(self.first[column]).drop_nulls()
        return int(ids.str.contains(r"\p{L}").sum()) * 2 > len(ids)

    def counts_up(self, column: str) -> bool:
        """Whether a column holds a serial number, in its order and without many gaps."""
        ids = plain_ids(self.first[column])
        if len(ids) < 3 or ids.null_count() or not ids.str.contains(r"^[0-9]{1,18}$").all():
            return False
        steps = ids.cast(pl.Int64).diff().drop_nulls()
        return bool((steps > 0).all()) and bool(steps.median() == 1)


def profile_table(table: FoundTable, rows: int) -> TableProfile:
    """Look at a table.

    Parameters
    ----------
    table : FoundTable
        Where it is.
    rows : int
        The most rows to read.

    Raises
    ------
    UnreadableInput
        When it cannot be read so far, or its header seems to be a row.
    """
    counts = Counter(name for name in table.columns if not _unspeakable(name))
    shown = [name for name, count in counts.items() if count == 1]
    if not shown:
        raise UnreadableInput("none of its column names can be shown")
    first = first_rows(table, shown, min(_FIRST, rows) + 1)
    more, first = first.height > _FIRST, first.head(_FIRST)
    if _NOTICE.issubset(name.lower() for name in shown):
        raise UnreadableInput("it looks like notices of seals, which belong to the custodian and to no model")
    if table.files[0].format == "csv" and _is_row(first):
        raise UnreadableInput("its header looks like a row")
    guesses = {column.name: guess_column(column) for column in first}
    ids = {name: guesses[name].scheme if guesses[name].sure else "" for name in shown if is_id_name(name)}
    return TableProfile(
        table,
        first,
        guesses,
        sketch_columns(table, ids, rows),
        _pair(first, guesses.values()),
        len(table.columns) - counts.total(),
        tuple(name for name, count in counts.items() if count > 1),
        not more,
    )


def _unspeakable(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return True
    return is_value(name)


def _is_row(first: pl.DataFrame) -> bool:
    """Whether each name in the header is also a value below it, as it is if a file has no header."""
    return first.height > 1 and all((column == column.name).any() for column in first)


def _pair(first: pl.DataFrame, guesses: Iterable[ColumnGuess]) -> tuple[str, str, float] | None:
    person = next((guess.name for guess in guesses if guess.scheme == "nysid" and guess.sure), None)
    date = next((name for name in first.columns if is_date_name(name)), None)
    if person is None or date is None:
        return None
    return person, date, guess_pair(first[person], first[date])
