"""What the rows of a table are matched by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sealscrub.errors import ColumnError, ConfigError
from sealscrub.index import Index
from sealscrub.matching import KeyColumn, TableMatcher, parse_on
from sealscrub.matching.key_columns import On
from sealscrub.tables.aggregate_mark import refuse_marked
from sealscrub.tables.file import FileTable
from sealscrub.tables.sources import refuse_partition_keys
from sealscrub.tables.table import Table

from .edited_keys import refuse_edited
from .level_rules import level_rules
from .narrative_columns import NarrativeColumns
from .options import Options

__all__ = ["table_matcher"]


def table_matcher(table: Table, index: Index, on: On, options: Options) -> TableMatcher:
    """Read which columns of a table are keys, and give what matches its rows by them.

    Raises
    ------
    ColumnError, SchemeError
        When a key or another column that the options name does not exist, or cannot be a key.
    ConfigError
        When it is not known what is to happen to a narrative, or an edit leaves rows whose keys could not be checked,
        and that is not accepted.
    MarkedAggregate
        When these are figures of an aggregate report.
    """
    refuse_marked(table.marks, options.use, where=table.name)
    header = table.header
    if isinstance(table, FileTable):
        named = [column for key in _keys(on, options) for column in key.columns]
        refuse_partition_keys(table.source, named, header)
        _refuse_values_as_header(named, header or [], table.name)
    keys = _keys(on, options, header, where=table.name)
    for column in options.named:
        if column not in table.columns:
            narrative, equals, _ = column.rpartition("=")
            if equals and column in options.narratives and narrative in table.columns:
                raise NarrativeColumns.unknown_handling(narrative)
            raise ColumnError.absent(column, table.columns, where=table.name)
    for place in options.leave:
        column = place.split(".")[0].split("[]")[0]
        if not {place, column} & set(table.columns) and not place.startswith("("):
            raise ColumnError.absent(place, table.columns, where=table.name)
    own = {column for key in keys for column in key.columns}
    if left := own & options.leave.keys():
        raise ConfigError(
            f"the column {min(left)!r} is declared as a key, and is left out", where=table.name, hint="choose one."
        )
    both = own & set(options.narratives)
    if both:
        raise ConfigError(
            f"the column {min(both)!r} is declared as a key and as a narrative",
            where=table.name,
            hint="choose one.",
        )
    if options.edit is not None:
        refuse_edited(keys, options.edit, options.policy, table.name)
        table.check_edit(options.edit)
    table.knowing(level_rules(index, keys, options.policy, options.narratives, options.leave))
    policy = options.policy if keys else replace(options.policy, min_coverage=0.0)  # coverage is that of keys
    return TableMatcher(index, keys, policy, table.name, keep_matched=options.edit is not None)


def _keys(on: On, options: Options, columns: Sequence[str] | None = None, *, where: str = "") -> tuple[KeyColumn, ...]:
    """Read which columns are keys; a table of narratives may have none."""
    return () if options.narratives and not on else parse_on(on, columns, where=where)


def _refuse_values_as_header(named: Sequence[str], columns: Sequence[str], where: str) -> None:
    """Say which columns share a name where a key is missing: the first row may be in a header's place."""
    twice = next((column for column in columns if column and columns.count(column) > 1), None)
    if twice is not None and not set(named) <= set(columns):
        raise ColumnError.twice(twice, columns, where=where)
