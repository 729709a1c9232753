"""Where a table of a lake is written: to the folder of a Delta table, the name of an Iceberg table, or a file."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import pyarrow as pa

from sealscrub.atomic_write import placed_folder
from sealscrub.errors import ConfigError
from sealscrub.tables.delta.delta_address import DeltaAddress
from sealscrub.tables.iceberg.iceberg_address import IcebergAddress
from sealscrub.tables.lake_folders import DELTA
from sealscrub.tables.lake_rows import LakeRows
from sealscrub.tables.lake_table import ChangedTable, LakeTable
from sealscrub.tables.opener import DataSource
from sealscrub.tables.part_replacement import changes_of_parts

if TYPE_CHECKING:
    from sealscrub.tables.delta.delta_writer import WrittenFile

__all__ = ["LakeAddress", "check_lake_table", "lake_output", "not_carried", "write_lake_table"]

LakeAddress = DeltaAddress | IcebergAddress
_LEFT = "not carried to a table of another kind: "


def lake_output(source: DataSource, output: Path | None) -> Path | LakeAddress | None:
    """Give what a table of a lake is written to, which the output of another source does not name.

    Parameters
    ----------
    source : DataSource
        What is read.
    output : Path or None
        As it was named.

    Returns
    -------
    Path, DeltaAddress, IcebergAddress or None
        The address of a new table that is written when all is checked; the folder of a Delta table, which is written
        as it is read from one; or the output as it was named.

    Raises
    ------
    ConfigError
        When the output is of another kind than the input.
    UnreadableInput
        When deltalake would misread its name.
    """
    if output is None:
        return None
    lakes = bool(source.lakes or source.icebergs)
    files = bool(source.files) and all(file.format == "parquet" for file in source.files)
    if IcebergAddress.names_one(output):
        address: LakeAddress = IcebergAddress.parse(output)
        other = not source.icebergs
    elif DeltaAddress.names_one(output):
        address, other = DeltaAddress.parse(output), not source.lakes
        if address.version is not None:
            raise ConfigError("a new table has no version yet", where=str(output), hint="leave @vN out of the output.")
        address.check_name()
    elif source.lakes:
        hint = f"choose a new one: delta:{output}; or iceberg:CATALOG/NAMESPACE.TABLE."
        raise ConfigError("the output must be a Delta or Iceberg table, like the input", where=str(output), hint=hint)
    else:
        return output
    if not lakes and not files:
        raise ConfigError(
            "only a Delta or Iceberg table, or files of Parquet, can be written as one of these",
            where=str(output),
            hint="name a file; or write Parquet first, and scrub that.",
        )
    if any("=" in each for file in source.files for each in file.relative.parent.parts):
        raise ConfigError(
            "the files are in folders that are named by partitions, whose values would not be in the table",
            where=str(output),
            hint="write them with the values as a column first.",
        )
    if other and source.opening.keep_metadata:
        raise ConfigError(
            "entries of metadata are kept only in a table of the same kind",
            where=str(output),
            hint="keep none, or name an output of the input's kind.",
        )
    return address.path if isinstance(address, DeltaAddress) and not other else address


def check_lake_table(
    table: LakeTable | LakeRows, target: LakeAddress, *, replace: bool = False, read: Collection[str] = ()
) -> None:
    """Refuse a new table that cannot be written, or that is there and not to be replaced.

    Raises
    ------
    ConfigError
        When its kind does not have a type or name of the table's columns.
    UsageError
        When it is in the way of another one.
    """
    if isinstance(target, IcebergAddress):
        from sealscrub.tables.iceberg.iceberg_writer import check_new_table

        check_new_table(table, target, replace=replace, read=read)
    elif not _is_delta(table):
        from sealscrub.tables.lake_types import held_schema

        held_schema(table.kinds, DELTA, table.name)


def write_lake_table(
    rows: LakeRows | ChangedTable,
    target: LakeAddress,
    place: Path | None = None,
    linked: Mapping[int, WrittenFile] = MappingProxyType({}),
) -> None:
    """Write a new table, which is there when all of it is written, or not at all.

    Parameters
    ----------
    rows : LakeRows or ChangedTable
        Rows of files as they are, or a table with a change.
    target : DeltaAddress or IcebergAddress
        The new table.
    place : Path, optional
        The folder in which a Delta table is written now, if that is moved to its place later.
    linked : mapping of int to WrittenFile
        What files of the table are linked as, by their positions, when it is written as a Delta table.

    Raises
    ------
    UsageError
        When a new value does not fit, or something is in the way.
    WriteFailed
        When it cannot be written.
    """
    if isinstance(target, IcebergAddress):
        from sealscrub.tables.iceberg.iceberg_writer import write_iceberg

        write_iceberg(rows, target)
        return
    from sealscrub.tables.delta.delta_table import DeltaTable
    from sealscrub.tables.delta.delta_writer import write_delta_rows
    from sealscrub.tables.lake_types import held_schema

    if isinstance(rows, ChangedTable) and isinstance(rows.table, DeltaTable):
        rows.table.changed(rows.change, target.path if place is None else place, linked=linked)
        return
    source = rows.table if isinstance(rows, ChangedTable) else rows
    with placed_folder(target.path) if place is None else nullcontext(place) as folder:
        kinds = held_schema(source.kinds, DELTA, source.name)
        placed = write_delta_rows(kinds, _rows_for_delta(rows, kinds, linked), folder)
    if isinstance(rows, ChangedTable):
        rows.table.placed = placed


def _rows_for_delta(
    rows: LakeRows | ChangedTable, kinds: pa.Schema, linked: Mapping[int, WrittenFile]
) -> Iterator[Iterable[pa.Table] | WrittenFile]:
    """Give the rows that stay of each file, or what it is linked as."""
    from sealscrub.tables.lake_types import fitted

    if isinstance(rows, LakeRows):
        for blocks in rows.changed_parts():
            yield (fitted(block, kinds) for block in blocks)
        return
    for at, (part, within) in enumerate(changes_of_parts(rows.table.parts, rows.change)):
        if at in linked:
            yield linked[at]
        else:
            yield [fitted(part.changed_rows(within), kinds)] if within.keep.any() else []


def not_carried(table: object, target: object) -> list[str]:
    """Say what a new table does not have of the table that it was made from, for the operator's copy of a report."""
    if not isinstance(table, LakeTable):
        return []
    other = isinstance(target, IcebergAddress if _is_delta(table) else DeltaAddress)
    return [_LEFT + ", ".join(table.shape)] if other and table.shape else []


def _is_delta(table: LakeTable | LakeRows) -> bool:
    from sealscrub.tables.delta.delta_table import DeltaTable  # loaded with the first one

    return isinstance(table, DeltaTable)
