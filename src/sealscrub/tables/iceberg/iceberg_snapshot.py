"""The current version of an Iceberg table: its files in their order, as its manifests and pyiceberg have them."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from sealscrub.errors import SealscrubError, UnreadableInput

from ..arrow.arrow_values import value_series
from ..value_free_errors import raise_own
from .iceberg_address import IcebergAddress
from .iceberg_catalog import checked_manifests, loaded_table, local_path
from .iceberg_deletes import deleted_rows
from .iceberg_features import DATA, refuse_file, refuse_unread

__all__ = ["IcebergSnapshot"]

_NAME = re.compile(r"(\d{1,9})-(\d{1,9})-[0-9a-f\-]{36}(?:-(\d{1,9}))?\.parquet")


@dataclass(frozen=True, slots=True, eq=False)
class IcebergSnapshot:
    """The current version of a table.

    Attributes
    ----------
    address : IcebergAddress
        Its name.
    metadata : pyiceberg.table.metadata.TableMetadata
        As the catalog, or the table that was handed in, had it.
    metadata_location : str
        The file that it was read from.
    io : pyiceberg.io.FileIO
        What pyiceberg reads its files with.
    checked : CheckedManifests
        What it reads manifests and their lists with.
    folder : Path
        The table's folder.
    tasks : tuple of pyiceberg.table.FileScanTask
        Its files with the files of deletes that reach them, in the order in which they were committed.
    deleted : dict of str to ndarray
        Of the files of which rows are deleted, the positions of these.
    kinds : pyarrow.Schema
        Types of the columns.
    dtypes : dict of str to polars.DataType
        The same, of polars.
    """

    address: IcebergAddress
    metadata: Any
    metadata_location: str
    io: Any
    checked: Any
    folder: Path
    tasks: tuple[Any, ...]
    deleted: dict[str, npt.NDArray[np.int64]]
    kinds: pa.Schema
    dtypes: dict[str, pl.DataType]

    @classmethod
    def open(cls, address: IcebergAddress) -> IcebergSnapshot:
        """Open the current version.

        Raises
        ------
        MissingExtra, ConfigError
            When the catalog cannot be opened.
        UsageError
            When the table is not on this machine.
        UnreadableInput
            When the table does not exist, or it cannot be read without a wrong answer.
        """
        where = str(address)
        table = loaded_table(address)
        metadata, io, checked = table.metadata, table.io, checked_manifests(table.io)
        within = copy.copy(table)
        within.io = checked
        folder = local_path(metadata.location, where)
        refuse_unread(metadata, where)
        try:
            listed, deletes = _listed(metadata, checked, where)
            planned = {} if metadata.current_snapshot() is None else _by_path(within.scan().plan_files(), where)
            if set(listed) != set(planned) - {path for path, task in planned.items() if not task.file.record_count}:
                raise UnreadableInput("pyiceberg and the manifests do not name the same files", where=where)
            for task in planned.values():
                local_path(task.file.file_path, where)
            deleted = deleted_rows(listed, deletes, where)
            kinds = _arrow_schema(metadata.schema())
            empty = {field.name: pa.chunked_array([], type=field.type) for field in kinds}
            dtypes = {name: value_series(column, name).dtype for name, column in empty.items()}
        except SealscrubError:
            raise
        except Exception as error:  # of pyiceberg or what it calls; it may show values
            raise_own(error)
            raise UnreadableInput(
                "pyiceberg cannot read this version", where=where, hint="see that the folder was copied whole."
            ) from None
        tasks = tuple(planned[path] for path in listed)
        return cls(address, metadata, table.metadata_location, io, checked, folder, tasks, deleted, kinds, dtypes)

    @property
    def branches(self) -> list[str]:
        """Names of the branches other than main."""
        refs = self.metadata.refs.items()
        return sorted(name for name, ref in refs if name != "main" and ref.snapshot_ref_type == "branch")

    def is_of(self, table: Any) -> bool:
        """Whether a table is as it was read: the same one and place, with the same versions, branches and tags."""
        return bool((table.metadata_location, table.metadata) == (self.metadata_location, self.metadata))


def _arrow_schema(schema: Any) -> pa.Schema:
    from pyiceberg.io.pyarrow import schema_to_pyarrow

    return schema_to_pyarrow(schema, include_field_ids=False)


def _listed(metadata: Any, io: Any, where: str) -> tuple[dict[str, int], list[tuple[Any, int]]]:
    """Give the data files that hold rows, in the order in which they were committed, and the files of deletes.

    Each with its number in the sequence of commits.
    """
    snapshot = metadata.current_snapshot()
    deletes: list[tuple[Any, int]] = []
    if snapshot is None:
        return {}, deletes
    commits = {each.snapshot_id: at for at, each in enumerate(metadata.snapshots)}
    found: list[tuple[tuple[int, int, list[str], tuple[int, ...], int, int], str]] = []
    manifests = list(snapshot.manifests(io))
    for at, manifest in enumerate(manifests):
        local_path(manifest.manifest_path, where)
        for place, entry in enumerate(_live_entries(manifest, io, where)):
            file = entry.data_file
            refuse_file(file, where)
            if file.content != DATA:
                deletes.append((file, entry.sequence_number or 0))
            elif file.record_count:
                commit = entry.sequence_number or 0, commits.get(entry.snapshot_id, -1)
                order = (*commit, _partition_of(file), _numbers_in_name(file.file_path), at, place)
                found.append((order, file.file_path))
    stated = None if snapshot.summary is None else snapshot.summary.get("total-data-files")
    if not manifests and int(stated or 0):
        raise UnreadableInput("the list of manifests names none, and the version has files", where=where)
    listed = {path: order[0] for order, path in sorted(found)}
    if len(listed) < len(found):
        raise UnreadableInput("the manifests name a file twice", where=where)
    return listed, deletes


def _live_entries(manifest: Any, io: Any, where: str) -> list[Any]:
    """Give the entries of files that the version has, if a manifest has as many as the list of manifests says."""
    from pyiceberg.manifest import ManifestEntryStatus

    entries = manifest.fetch_manifest_entry(io, discard_deleted=False)
    counts = manifest.added_files_count, manifest.existing_files_count, manifest.deleted_files_count
    if None not in counts and sum(counts) != len(entries):
        raise UnreadableInput("a manifest has other entries than the list of manifests says", where=where)
    return [entry for entry in entries if entry.status != ManifestEntryStatus.DELETED]


def _partition_of(file: Any) -> list[str]:
    """Give the values of a file's partition: writers count partitions as rows meet them, which may be sealed ones."""
    return [str(file.partition[at]) for at in range(len(file.partition))]


def _numbers_in_name(path: str) -> tuple[int, ...]:
    """Give the numbers that writers count the files of a commit by: manifests that were written again mix them."""
    found = _NAME.fullmatch(path.rpartition("/")[2])
    return () if found is None else tuple(int(number or 0) for number in found.groups())


def _by_path(tasks: Iterator[Any], where: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for task in tasks:
        if task.file.file_path in found:
            raise UnreadableInput("pyiceberg names a file twice", where=where)
        found[task.file.file_path] = task
    return found
