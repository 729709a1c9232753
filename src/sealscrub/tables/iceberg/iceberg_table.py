"""The current version of an Iceberg table as a table: its data files one after the other."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from sealscrub.errors import ConfigError

from ..changes import TableChange
from ..file import Opening
from ..lake_table import LakeTable
from ..part_replacement import Renewed, changes_of_parts, kept_parts
from ..table import DECLARATION, FILE_NAME, FoundRows
from ..table_leftovers import Leftovers
from .iceberg_address import IcebergAddress
from .iceberg_catalog import table_folders
from .iceberg_commit import check_newest, commit_iceberg, refuse_in_place
from .iceberg_folder import leftovers, named_files, refuse_purge
from .iceberg_part import IcebergPart
from .iceberg_purge import found_purged, purge_iceberg
from .iceberg_schema import declarations, field_names, kept_properties, texts
from .iceberg_snapshot import IcebergSnapshot

__all__ = ["IcebergTable"]


class IcebergTable(LakeTable):
    """The current version of an Iceberg table.

    Parameters
    ----------
    snapshot : IcebergSnapshot
        The version.
    opening : Opening, optional
        Which entries of metadata stay.
    name : str, optional
        What a plan calls it; by default its address.

    Attributes
    ----------
    with_history : bool
        Whether all that other branches and earlier versions hold is read as a table of its own.

    Raises
    ------
    UnreadableInput
        When a file of it does not exist or cannot be read.
    """

    snapshot: IcebergSnapshot
    parts: list[IcebergPart]
    with_history = False
    _committed: str | None = None

    def __init__(self, snapshot: IcebergSnapshot, opening: Opening | None = None, name: str | None = None) -> None:
        self.name, self.snapshot = name or str(snapshot.address), snapshot
        self.opening = opening or Opening()
        self.parts = [IcebergPart(snapshot, task) for task in snapshot.tasks]

    @classmethod
    def open(cls, address: IcebergAddress, opening: Opening | None = None, name: str | None = None) -> IcebergTable:
        """Open the table of an address."""
        return cls(IcebergSnapshot.open(address), opening, name)

    @property
    def files(self) -> tuple[Path, ...]:
        """The files of the version."""
        return tuple(part.path for part in self.parts)

    @property
    def roots(self) -> tuple[Path, ...]:
        """The table's folder, and those outside of it in which its files are put: no output may be there."""
        return table_folders(self.snapshot.metadata, self.name)

    @property
    def state(self) -> list[str]:
        """The table's id, the id of its version, and digests of its metadata and of the files that they name."""
        metadata = self.snapshot.metadata
        said = [metadata.model_dump_json(), json.dumps([str(part.path) for part in self.parts])]
        digests = [hashlib.sha256(each.encode()).hexdigest() for each in said]
        return [str(metadata.table_uuid), str(metadata.current_snapshot_id), *digests]

    @property
    def shape(self) -> list[str]:
        """Partitions, sort order and properties."""
        metadata = self.snapshot.metadata
        fields = [field for field in metadata.spec().fields if str(field.transform) != "void"]
        columns = ", ".join(metadata.schema().find_column_name(field.source_id) or field.name for field in fields)
        ordered = bool(metadata.sort_order_by_id(metadata.default_sort_order_id).fields)
        properties = [name for name in kept_properties(metadata, ()) if name != "format-version"]
        return [*([f"partitions by {columns}"] if fields else []), *(["sort order"] if ordered else []), *properties]

    @property
    def marks(self) -> list[str]:
        """Names under which the mark of an aggregate report can be."""
        metadata = self.snapshot.metadata
        return list(dict.fromkeys([*field_names(metadata), *metadata.properties, *texts(metadata)]))

    @property
    def metadata(self) -> Mapping[str, list[str]]:
        """What properties and descriptions of columns say in texts, by their names."""
        return texts(self.snapshot.metadata)

    @property
    def lost_metadata(self) -> tuple[str, ...]:
        """Names of the entries of metadata that are not written."""
        return () if self.in_place else tuple(sorted(set(self.metadata) - set(self.opening.keep_metadata)))

    def names(self) -> Iterator[tuple[str, list[str]]]:
        """Give the names of columns and files, and what declares the table."""
        for place, _ in super().names():
            yield place, field_names(self.snapshot.metadata)
        refs = () if self.written else self.snapshot.metadata.refs  # a new table has main alone
        yield DECLARATION, [*declarations(self.snapshot.metadata), *refs]
        if not self.written:
            yield FILE_NAME, list(dict.fromkeys(self._file_names()))

    def _file_names(self) -> Iterator[str]:
        yield from self.snapshot.address.identifier
        yield self.snapshot.folder.name
        for part in self.parts:
            inside = part.path.is_relative_to(self.snapshot.folder)
            *folders, name = (part.path.relative_to(self.snapshot.folder) if inside else part.path).parts
            yield name
            for folder in folders:
                if "=" not in folder or not part.rows:  # a partition says what its rows say
                    yield from (folder, *unquote(folder).split("=", 1))

    def unread_parts(self) -> tuple[str, ...]:
        """Say that there are branches other than main, whose rows are not read."""
        apart = bool(self.snapshot.branches) and not self.with_history
        return ("branches other than main were not read (a scan of the history reads them)",) if apart else ()

    def holds_null(self, column: str) -> bool:
        """Say whether a column can hold a null."""
        return bool(self.snapshot.kinds.field(column).nullable)

    def check_aside(self, aside: Path | None) -> None:
        """Refuse a name of another format for rows that are set aside."""
        self.check_file(aside)

    def check_places(self, output: Path, aside: Path | None) -> None:
        """Refuse both, as files of another format than Parquet."""
        self.check_file(output, aside)

    def check_file(self, *places: Path | None) -> None:
        """Refuse a name of another format than Parquet for a file that is written.

        Raises
        ------
        ConfigError
        """
        for place in places:
            if place is not None and place.suffix.lower() != ".parquet":
                raise ConfigError(
                    "rows of an Iceberg table are written to a new table of a catalog, or to a file of Parquet",
                    where=str(place),
                    hint="name iceberg:CATALOG/NAMESPACE.NEW, or clean.parquet.",
                )

    def set_aside(self, found: FoundRows, target: Any) -> Any:
        """Give the rows that could not be checked, or write them as Parquet."""
        if target is None:
            return self.frame().filter(pl.Series(found.unchecked))
        return self._write_file(TableChange(found.unchecked), target)

    def changed(self, change: TableChange, target: Any) -> Any:
        """Write a file of Parquet with a change, or return the change, to be written as a new table.

        Without a target an Arrow table is returned.

        Raises
        ------
        UsageError
            When the change is of another number of rows, or a column would hold nulls that must not.
        """
        self.check_change(change)
        if self.deferred:
            return change
        if target is None:
            empty = pa.Table.from_batches([], schema=self.snapshot.kinds)
            return pa.concat_tables([empty, *self.changed_parts(change)])
        return self._write_file(change, target)

    def changed_parts(self, change: TableChange) -> Iterator[pa.Table]:
        """Give the rows that stay of each file that keeps any, with what changes in them.

        Raises
        ------
        UsageError
            When a column would hold nulls that must not.
        """
        for part, within in changes_of_parts(self.parts, change):
            if within.keep.any():
                yield part.changed_rows(within)

    def _refuse_in_place(self, keys: Collection[str]) -> None:
        refuse_in_place(self.snapshot, keys)

    def _refuse_purge(self) -> Leftovers:
        return refuse_purge(self.snapshot)

    def check_newest(self) -> None:
        """Refuse a version that is not the newest; see :func:`check_newest`."""
        check_newest(self.snapshot)

    def committed(self, change: TableChange, renewed: Renewed | None = None) -> None:
        """Commit a version with a change to the table itself; see :func:`commit_iceberg`."""

        def done(version: str) -> None:
            self.added = version

        self._committed = commit_iceberg(self.parts, self.snapshot, change, renewed, done)

    def left_by(self, change: TableChange, renewed: Renewed) -> Leftovers:
        """Say what is in the folder that the version would not need which :meth:`committed` makes."""
        kept = [part.path for part in kept_parts(self.parts, change, renewed)]
        nothing = found_purged(self.snapshot, self.orphans_before) if len(kept) == len(self.parts) else None
        if nothing is not None:
            return nothing
        return leftovers(self.snapshot, kept, named_files(self.snapshot)).without_young(self.orphans_before)

    def _purged(self) -> tuple[IcebergAddress, Leftovers]:
        """Delete the history of the version that was committed; see :func:`purge_iceberg`."""
        newest = IcebergSnapshot.open(self.snapshot.address.newest())
        goes = purge_iceberg(newest, self._committed, self.orphans_before)
        return self.snapshot.address.newest(), goes  # another one: a table that was handed in is as it was loaded

    def _write_file(self, change: TableChange, target: Path) -> None:
        kinds = pa.schema([field.remove_metadata() for field in self.snapshot.kinds])
        with pq.ParquetWriter(target, kinds, compression="zstd") as writer:
            for made in self.changed_parts(change):
                writer.write_table(made.cast(kinds))
