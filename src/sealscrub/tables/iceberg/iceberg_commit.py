"""A new version of an Iceberg table in its own folder: only files of which rows are removed are written again."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from sealscrub.errors import UnreadableInput, UsageError, WriteFailed

from ..changes import TableChange
from ..part_replacement import Renewed, replaced_parts
from .iceberg_catalog import opened_catalog
from .iceberg_data_files import data_files
from .iceberg_features import DATA, refuse_unwritten
from .iceberg_neighbours import shown_names
from .iceberg_part import IcebergPart
from .iceberg_schema import partition_transforms
from .iceberg_snapshot import IcebergSnapshot
from .iceberg_version import NewVersion, existing_entry

__all__ = ["check_newest", "commit_iceberg", "refuse_in_place"]


def refuse_in_place(snapshot: IcebergSnapshot, keys: Collection[str] = ()) -> None:
    """Refuse a table to which a version cannot be added truly, whichever rows it holds.

    Parameters
    ----------
    snapshot : IcebergSnapshot
        The version.
    keys : collection of str
        The key columns: a commit names each file that it removes, and its path may hold the value of a partition.

    Raises
    ------
    UsageError
    """
    where, metadata = str(snapshot.address), snapshot.metadata
    if snapshot.address.is_static:
        raise UsageError(
            "the table was opened from a file of metadata, without a catalog, and no version can be added",
            where=where,
            hint="load it from its catalog.",
        )
    if snapshot.branches:
        raise UsageError(
            f"the table has branches other than main, which would keep the rows: {shown_names(snapshot.branches)}",
            where=where,
            hint="remove them with pyiceberg (manage_snapshots().remove_branch), or scrub it into a new table.",
        )
    refuse_unwritten(partition_transforms(metadata), where)
    schema, specs = metadata.schema(), metadata.specs()
    for number in _used_specs(snapshot):
        for field in (each for each in specs[number].fields if str(each.transform) != "void"):
            name = schema.find_column_name(field.source_id)
            if name is None:
                raise UsageError(
                    "the table is partitioned by a column that was dropped",
                    where=where,
                    hint="rewrite the table with its own engine first, or scrub it into a new table.",
                )
            if {name, name.partition(".")[0]} & set(keys):
                raise UsageError(
                    "the table is partitioned by a key column, and a commit would show the ids of removed rows",
                    where=where,
                    hint="scrub it into a new table.",
                )


def _used_specs(snapshot: IcebergSnapshot) -> set[int]:
    current, default = snapshot.metadata.current_snapshot(), snapshot.metadata.default_spec_id
    manifests = [] if current is None else current.manifests(snapshot.checked)
    return {default, *(manifest.partition_spec_id for manifest in manifests)}


def check_newest(snapshot: IcebergSnapshot) -> None:
    """Refuse a version that is not the newest.

    Raises
    ------
    UnreadableInput
    """
    with opened_catalog(snapshot.address, snapshot.address.catalog_of_loaded) as catalog:
        version = NewVersion(snapshot, catalog)
        with version.settled():
            version.check_newest()


def commit_iceberg(
    parts: Sequence[IcebergPart],
    snapshot: IcebergSnapshot,
    change: TableChange,
    renewed: Renewed | None = None,
    done: Callable[[str], object] = str,
) -> str | None:
    """Commit one version in which each file that a change reaches is replaced by one of the rows that stay.

    The commit is the one that follows the version that was read: if another writer was first, nothing is committed.
    It names the files that it removes, without the bounds of their columns.

    Parameters
    ----------
    parts : sequence of IcebergPart
        The files of the version.
    snapshot : IcebergSnapshot
        The version.
    change : TableChange
        Which rows stay, and what changes in them.
    renewed : callable, optional
        Says whether a file of which no row is removed is replaced all the same.
    done : callable
        Called with the id of the version when it was committed, also when an error follows.

    Returns
    -------
    str or None
        The metadata file of the version; that which was read if the change reaches nothing. None if somebody else
        committed next to it, so that it is not known.

    Raises
    ------
    UsageError
        When the table uses what is not committed truly, or a column would hold nulls that must not.
    UnreadableInput
        When the table has another version by now; nothing was changed.
    WriteFailed
        When pyiceberg fails; nothing was changed, or the message says that it cannot be known.
    """
    refuse_in_place(snapshot)
    replaced = replaced_parts(parts, change, renewed)
    with opened_catalog(snapshot.address, snapshot.address.catalog_of_loaded) as catalog:
        version = NewVersion(snapshot, catalog)
        try:
            with version.settled():
                if not replaced:
                    return str(version.check_newest().metadata_location)
                added = list(_new_files(replaced, version))
                manifests, gone = _manifests(snapshot, version, {part.task.file.file_path for part, _ in replaced})
                spec = version.metadata.default_spec_id
                manifests = [*version.manifest(spec, [version.added(file) for file in added]), *manifests]
                version.commit(manifests, _summary(version, added, gone))
            newest = version.newest()
        finally:
            if version.is_there:
                done(str(version.id))
    return None if newest is None else str(newest.metadata_location)


def _new_files(replaced: Sequence[tuple[IcebergPart, TableChange]], version: NewVersion) -> Iterator[Any]:
    counter = itertools.count()
    for part, within in replaced:
        rows = part.changed_rows(within)
        if rows.num_rows:
            made = list(data_files(rows, version.metadata, version.io, version.commit_id, counter))
            if sum(file.record_count for file in made) != rows.num_rows:
                raise WriteFailed("pyiceberg did not write every row; nothing was changed", where=part.where)
            yield from made


def _manifests(
    snapshot: IcebergSnapshot, version: NewVersion, replaced: Collection[str]
) -> tuple[list[Any], list[Any]]:
    """Give the manifests of the files that stay and of those that are deleted, and the entries of these."""
    kept: list[Any] = []
    deleted: list[Any] = []
    gone: list[Any] = []
    for manifest in version.metadata.current_snapshot().manifests(snapshot.checked):
        entries = manifest.fetch_manifest_entry(snapshot.checked, discard_deleted=True)
        stay = [each for each in entries if each.data_file.content != DATA or each.data_file.file_path not in replaced]
        found = [each for each in entries if each.data_file.content == DATA and each.data_file.file_path in replaced]
        if not found:
            kept += [manifest] if entries else []
            continue
        spec, gone = manifest.partition_spec_id, [*gone, *found]
        kept += version.manifest(spec, list(map(existing_entry, stay)))
        deleted += version.manifest(spec, [version.deleted(each) for each in found])
    if len(gone) != len(replaced):
        raise UnreadableInput("the manifests do not name the files that were read", where=str(snapshot.address))
    return [*deleted, *kept], gone


def _summary(version: NewVersion, added: Sequence[Any], gone: Sequence[Any]) -> Any:
    from pyiceberg.table.snapshots import Operation, Summary, UpdateMetrics, update_snapshot_summaries

    counts = UpdateMetrics()
    for file in added:
        counts.add_file(file)
    for entry in gone:
        counts.remove_file(entry.data_file)
    operation = Operation.OVERWRITE if added else Operation.DELETE
    before = version.metadata.current_snapshot().summary
    return update_snapshot_summaries(Summary(operation, **counts.to_dict()), before)
