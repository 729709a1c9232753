"""The sweep of one table: everything that no one declared a key, of the rows that stay."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from sealscrub.errors import IncompleteError, SealedElsewhere, UncheckedKeys
from sealscrub.matching import KeyTally, Sweep, SweepTally, TableMatcher
from sealscrub.matching.key_columns import unparsed_values
from sealscrub.tables import RowEdit
from sealscrub.tables.row_verdicts import KnownRows, Remaining, RemainingRows
from sealscrub.tables.table import COLUMN_NAMES, DECLARATION, FILE_NAME, METADATA, FoundRows, Table, Wanted

from .elsewhere_remedies import Asker, remedy
from .options import Options
from .table_outcomes import NAMELESS_FILE, elsewhere_problem

__all__ = ["Judged", "check_elsewhere", "elsewhere_faults", "may_not_parse", "sweep_keys", "sweep_table", "swept"]


class Sweepable(Protocol):
    """What can be swept: a table, or a batch of data that is read as one."""

    def undeclared(
        self, remaining: Remaining, declared: Collection[str], wanted: Wanted
    ) -> Iterator[tuple[str, pl.Series | None]]:
        """Give the columns that are not declared, of the rows that stay; see :meth:`Table.undeclared`."""

    def names(self) -> Iterator[tuple[str, list[str]]]:
        """Give the names that it holds, by what they name."""

    @property
    def metadata(self) -> Mapping[str, list[str]]:
        """What entries of metadata say in texts, by their names."""


def sweep_table(
    table: Table,
    matcher: TableMatcher,
    options: Options,
    *,
    written: bool = False,
    found: FoundRows | None = None,
    rows: RemainingRows | None = None,
    made: Iterable[tuple[str, pl.Series]] = (),
) -> tuple[SweepTally, ...]:
    """Compare a table with an index wherever no key column is declared, and values of key columns that do not parse.

    Rows that are removed for a key of their own are not looked at: they may repeat it. Those that are edited stay, and
    are looked at in the columns that keep their values.

    Parameters
    ----------
    table : Table
        Opened, and read through any number of times.
    matcher : TableMatcher
        What its rows were matched by.
    options : Options
        Whether there is a sweep, and which columns are left out of it.
    written : bool
        Whether the table is scrubbed: metadata that a scrub removes is then not looked at.
    found : FoundRows, optional
        What is known of its rows; by default they are matched again.
    rows : RemainingRows, optional
        Rows that stay, if more changes in them than `options` say.
    made : iterable of (str, polars.Series)
        New values of a column, in the place of those that change.

    Returns
    -------
    tuple of SweepTally
        Places where something was met, or could not be read. A file whose name is an id is not named by the matcher
        any more.
    """
    if not options.sweep:
        return ()
    if rows is None and found is not None:
        rows = found.remaining(options.edit)
    leave = set(options.leave)
    if options.only is not None:
        leave |= {*table.columns, "(index)", COLUMN_NAMES, DECLARATION, FILE_NAME, METADATA} - set(options.only)
    sweep = Sweep(matcher.index, options.policy, leave=leave, declared=matcher.columns)
    kept = options.keep_metadata if written else None
    for place, values in made:
        sweep.add(place, values)
    keys = matcher.tally().keys
    sweep_keys(
        table.judged_batches(matcher.columns),
        keys,
        _remaining_rows(matcher, options, rows),
        sweep,
        where=matcher.name,
    )
    places = swept(table, _remaining_rows(matcher, options, rows), matcher.columns, sweep, kept=kept)
    files = [name for place, names in table.names() if place == FILE_NAME for name in names]
    if files and sweep.names_held(files):  # also if it is left: reports travel
        matcher.name = NAMELESS_FILE
    return places


def _remaining_rows(matcher: TableMatcher, options: Options, rows: RemainingRows | None) -> Remaining:
    """Return which rows stay, once from the first to the last."""
    if rows is not None:
        return KnownRows(rows)
    edits = options.edit is not None
    again = TableMatcher(matcher.index, matcher.keys, options.policy, matcher.name, keep_matched=edits)
    return Judged(again, options.edit)


def sweep_keys(
    batches: Iterable[pl.DataFrame], keys: Sequence[KeyTally], remaining: Remaining, sweep: Sweep, *, where: str
) -> None:
    """Let a sweep take the values of key columns that do not parse, of the rows that stay.

    Parameters
    ----------
    batches : iterable of polars.DataFrame
        The key columns of every row, in the order of rows. Not read if every value parsed.
    keys : sequence of KeyTally
        All keys of the table, and what was counted of them.
    remaining : Remaining
        Says which rows stay.
    sweep : Sweep
    where : str
        What the table is called in errors.
    """
    if not any(map(may_not_parse, keys)):
        return
    for batch in batches:
        stays = remaining.judge(batch)
        for column, rows in unparsed_values(batch, [each.key for each in keys], where=where):
            left = pl.Series(rows & stays.as_they_were(column))
            sweep.add(column, batch.get_column(column).filter(left))


def may_not_parse(key: KeyTally) -> bool:
    """Say whether a key column may hold values that do not parse, as far as its rows were judged."""
    incomplete = key.null if len(key.key.columns) > 1 else 0  # a part is null, and others are not
    return not key.rows or bool(key.unparsable or incomplete)


def swept(
    table: Sweepable,
    remaining: Remaining,
    declared: Collection[str],
    sweep: Sweep,
    *,
    kept: Collection[str] | None = None,
    parts: Sequence[Sweepable] | None = None,
) -> tuple[SweepTally, ...]:
    """Let a sweep take everything of a table but declared columns, removed rows, and metadata that is not `kept`.

    Names and metadata are those of its `parts` that are written; by default of the whole table.
    """
    sweep_columns(table, remaining, declared, sweep)
    sweep_names([table] if parts is None else parts, sweep, kept)
    return sweep.tally()


def sweep_columns(table: Sweepable, remaining: Remaining, declared: Collection[str], sweep: Sweep) -> None:
    """Let a sweep take the values of columns that are not declared, of the rows that stay."""
    for place, values in table.undeclared(remaining, declared, sweep.reads):
        if values is None:
            sweep.unread(place, 1)
        elif place == COLUMN_NAMES:
            sweep.add_names(place, values)
        else:
            try:
                sweep.add(place, values)
            except (pl.exceptions.PolarsError, pl.exceptions.PanicException):  # a nested type that polars does not take
                sweep.unread(place, len(values))


def sweep_names(parts: Iterable[Sweepable], sweep: Sweep, kept: Collection[str] | None) -> None:
    """Let a sweep take names, and metadata unless it is not `kept`."""
    for part in parts:
        for place, names in part.names():
            sweep.add_names(place, names)
        for entry, texts in part.metadata.items():
            if kept is None or entry in kept:
                sweep.add_names(METADATA, [entry, *texts])


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Which rows a matcher leaves, and which values an edit leaves in them."""

    matcher: TableMatcher
    edit: RowEdit | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The key columns."""
        return self.matcher.columns

    def judge(self, batch: pl.DataFrame) -> RemainingRows:
        """Judge the rows of a batch."""
        verdicts = self.matcher.judge(batch)
        edited = () if self.edit is None else self.edit.columns
        return RemainingRows(verdicts.keep, dict.fromkeys(edited, verdicts.matched))


def check_elsewhere(table: str, places: Sequence[SweepTally]) -> None:
    """Refuse to write what holds ids of records that may not be used, or what could not be distinguished from them.

    Raises
    ------
    SealedElsewhere
        When a place that is not a key column names such a record.
    UncheckedKeys
        When values of one could not be distinguished from ids.
    """
    for error, message, hint in elsewhere_faults(places, asker="check"):
        raise error(message, where=table, hint=hint)


def elsewhere_faults(
    places: Sequence[SweepTally], *, asker: Asker = "scrub", narratives: Collection[str] = ()
) -> list[tuple[type[IncompleteError], str, str]]:
    """Say why a table with such places is not written: kind of error, message and hint of each, the found first."""
    first = sorted(places, key=lambda each: not each.found)
    kinds = [SealedElsewhere if each.found else UncheckedKeys for each in first]
    return [
        (kind, elsewhere_problem(each), remedy(each, asker=asker, narratives=narratives))
        for kind, each in zip(kinds, first, strict=True)
    ]
