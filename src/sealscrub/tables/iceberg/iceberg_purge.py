"""Delete all that is in an Iceberg table's folder and its current version does not need."""

from __future__ import annotations

import itertools
import math
from typing import Any

from sealscrub.errors import SealscrubError, UnreadableInput, WriteFailed
from sealscrub.file_system import reason_of

from ..table_leftovers import Leftovers, remove_empty_folders
from ..value_free_errors import raise_own
from .iceberg_catalog import asked, opened_catalog
from .iceberg_commit import refuse_in_place
from .iceberg_features import DATA
from .iceberg_folder import leftovers, named_files, needed_files, refuse_purge
from .iceberg_snapshot import IcebergSnapshot
from .iceberg_version import NewVersion, existing_entry

__all__ = ["found_purged", "purge_iceberg"]


def purge_iceberg(snapshot: IcebergSnapshot, committed: str | None, orphans_before: float = math.inf) -> Leftovers:
    """Delete the history of a table: what can be reached from its current version stays.

    A version that changes no row is committed, whose manifests name the files that it has and none that was removed;
    the same commit expires all others, with their statistics and with schemas and partition specs that are not used.
    Before that, nothing is deleted; so the table can be read whenever this ends, and what is left is deleted by the
    next run. It is committed whenever there is something to delete: a writer with files ready for a version that
    follows an earlier one cannot commit them unnoticed.

    Parameters
    ----------
    snapshot : IcebergSnapshot
        The current version, of which no row is hidden by a file of deletes.
    committed : str or None
        The metadata file of the version that was judged or written; of another one nothing is deleted.
    orphans_before : float
        When a file that no version names was last written at the latest, in seconds since 1970, to be deleted.

    Returns
    -------
    Leftovers
        What was deleted.

    Raises
    ------
    UsageError
        When the table's history cannot be deleted; nothing was changed.
    UnreadableInput
        When somebody else writes to the table, or the folder holds a symbolic link.
    WriteFailed
        When a file cannot be written or deleted.
    """
    if snapshot.metadata_location != committed:
        raise _another_writer(snapshot)
    refuse_in_place(snapshot)
    refuse_purge(snapshot)
    if any(task.delete_files for task in snapshot.tasks) or snapshot.deleted:
        raise _another_writer(snapshot)
    where, address = str(snapshot.address), snapshot.address
    with opened_catalog(address, address.catalog_of_loaded) as catalog:
        try:
            named = named_files(snapshot)
            known = leftovers(snapshot, [], named)
            if (nothing := found_purged(snapshot, orphans_before)) is not None:
                remove_empty_folders(snapshot.folder)  # which a run that was cut off left
                return nothing
            table = _commit_alone(snapshot, catalog).newest()
            if table is None:
                raise _another_writer(snapshot)
            goes = leftovers(snapshot, needed_files(table, where), named)
            if not goes.files.keys() <= known.files.keys():
                raise _another_writer(snapshot)
            goes = goes.without_young(orphans_before)
            _delete(snapshot, goes, catalog, table.metadata_location)
        except OSError as error:
            raise WriteFailed(
                f"a file cannot be written or deleted ({reason_of(error)}); the current version can be read",
                where=where,
                hint="run it again when files of the folder can be written and deleted.",
            ) from None
        except SealscrubError:
            raise
        except Exception as error:  # of pyiceberg or what it calls; it may show values
            raise_own(error)
            raise WriteFailed(
                "pyiceberg failed",
                where=where,
                hint="run it again when the catalog can be opened.",
            ) from None
    return goes


def found_purged(snapshot: IcebergSnapshot, orphans_before: float) -> Leftovers | None:
    """Give what a purge would delete if that is nothing: one before it has, or there was no file; otherwise None."""
    if not _stands_alone(snapshot):
        return None
    needed, named = needed_files(snapshot, str(snapshot.address)), named_files(snapshot)
    goes = leftovers(snapshot, needed, named).without_young(orphans_before)
    return None if goes.files else goes


def _stands_alone(snapshot: IcebergSnapshot) -> bool:
    """Whether a run before this one has committed the version, and no other is there."""
    held, current = snapshot.metadata, snapshot.metadata.current_snapshot()
    if current is None:
        return len(held.snapshots) + len(held.schemas) < 2
    own = _summary([])
    made = current.summary is not None and (current.summary.operation, set(current.summary.additional_properties)) == (
        own.operation,
        set(own.additional_properties),
    )
    others = len(held.snapshots) + len(held.schemas) > 2 or held.statistics or held.partition_statistics
    return made and not others


def _commit_alone(snapshot: IcebergSnapshot, catalog: Any) -> NewVersion:
    """Commit a version of the same files, and expire all others."""
    from pyiceberg.table.update import (
        RemovePartitionSpecsUpdate,
        RemovePartitionStatisticsUpdate,
        RemoveSchemasUpdate,
        RemoveSnapshotsUpdate,
        RemoveStatisticsUpdate,
    )

    version = NewVersion(snapshot, catalog, "no history was deleted")
    held, current = snapshot.metadata, snapshot.metadata.current_snapshot()
    gone = [each.snapshot_id for each in held.snapshots]
    updates: list[Any] = [
        *(RemoveStatisticsUpdate(snapshot_id=each.snapshot_id) for each in held.statistics),
        *(RemovePartitionStatisticsUpdate(snapshot_id=each.snapshot_id) for each in held.partition_statistics),
    ]
    updates += [RemoveSnapshotsUpdate(snapshot_ids=gone)] if gone else []
    with version.settled():
        manifests: list[Any] = []
        live: list[Any] = []
        specs = {held.default_spec_id}
        for manifest in current.manifests(snapshot.checked) if current is not None else []:
            found = manifest.fetch_manifest_entry(snapshot.checked, discard_deleted=True)
            entries = [existing_entry(entry) for entry in found if entry.data_file.content == DATA]
            manifests += version.manifest(manifest.partition_spec_id, entries)
            live += [entry.data_file for entry in entries]
            specs |= {manifest.partition_spec_id} if entries else set()
        schemas = [each.schema_id for each in held.schemas if each.schema_id != held.current_schema_id]
        unused = [each.spec_id for each in held.partition_specs if each.spec_id not in specs]
        updates += [RemoveSchemasUpdate(schema_ids=schemas)] if schemas else []
        updates += [RemovePartitionSpecsUpdate(spec_ids=unused)] if unused else []
        version.commit(manifests, _summary(live), updates)
    return version


def _summary(live: list[Any]) -> Any:
    from pyiceberg.table.snapshots import Operation, Summary

    totals = {
        "total-data-files": len(live),
        "total-records": sum(file.record_count for file in live),
        "total-files-size": sum(file.file_size_in_bytes for file in live),
        "total-delete-files": 0,
        "total-position-deletes": 0,
        "total-equality-deletes": 0,
    }
    return Summary(Operation.REPLACE, **{name: str(count) for name, count in totals.items()})


def _delete(snapshot: IcebergSnapshot, goes: Leftovers, catalog: Any, place: str) -> None:
    """Delete files, metadata of earlier versions last; stop as soon as somebody else commits."""
    for _, files in itertools.groupby(goes.files, key=lambda path: goes.files[path]):
        if not asked(lambda: catalog.load_table(snapshot.address.identifier).metadata_location == place):
            raise _another_writer(snapshot)
        for path in files:
            path.unlink(missing_ok=True)
    remove_empty_folders(snapshot.folder)


def _another_writer(snapshot: IcebergSnapshot) -> UnreadableInput:
    return UnreadableInput(
        "somebody else writes to the table",
        where=str(snapshot.address),
        hint="run it again when no one writes to the table.",
    )
