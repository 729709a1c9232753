"""A new version of an Iceberg table: its manifests, the list of these, and the commit to its catalog."""

from __future__ import annotations

import contextlib
import itertools
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from sealscrub.errors import SealscrubError, UnreadableInput, WriteFailed

from ..value_free_errors import raise_own
from .iceberg_catalog import asked, local_path
from .iceberg_snapshot import IcebergSnapshot

__all__ = ["NewVersion", "existing_entry"]


class NewVersion:
    """A version that follows the one that was read, or is not committed.

    Parameters
    ----------
    snapshot : IcebergSnapshot
        The version that was read.
    catalog : pyiceberg.catalog.Catalog
        The table's, open.
    undone : str
        What an error says about a version that was not committed.
    """

    def __init__(self, snapshot: IcebergSnapshot, catalog: Any, undone: str = "nothing was written") -> None:
        from pyiceberg.table import TableProperties
        from pyiceberg.table.locations import load_location_provider

        self._catalog, self._identifier, self._read = catalog, snapshot.address.identifier, snapshot
        self._undone = undone
        self._where, self._folder = str(snapshot.address), snapshot.folder
        self.metadata, self.io = snapshot.metadata, snapshot.io
        self.id, self.commit_id = self.metadata.new_snapshot_id(), uuid.uuid4()
        self._places = load_location_provider(self.metadata.location, self.metadata.properties)
        self._codec = self.metadata.properties.get(
            TableProperties.WRITE_AVRO_COMPRESSION, TableProperties.WRITE_AVRO_COMPRESSION_DEFAULT
        )
        self._numbers = itertools.count()
        self.is_there = False  # whether it was committed

    def manifest(self, spec: int, entries: Sequence[Any]) -> list[Any]:
        """Write a manifest of files that were written under one partition spec. Without files, write none."""
        from pyiceberg.manifest import write_manifest

        if not entries:
            return []
        place = self._places.new_metadata_location(f"{self.commit_id}-m{next(self._numbers)}.avro")
        with write_manifest(
            format_version=self.metadata.format_version,
            spec=self.metadata.specs()[spec],
            schema=self.metadata.schema(),
            output_file=self.io.new_output(place),
            snapshot_id=self.id,
            avro_compression=self._codec,
        ) as writer:
            for entry in entries:
                writer.add_entry(entry)
        return [writer.to_manifest_file()]

    def added(self, file: Any) -> Any:
        """Give the entry that adds a file."""
        from pyiceberg.manifest import ManifestEntry, ManifestEntryStatus

        return ManifestEntry.from_args(status=ManifestEntryStatus.ADDED, snapshot_id=self.id, data_file=file)

    def deleted(self, entry: Any) -> Any:
        """Give the entry that deletes the file of another, without the bounds of its columns."""
        from pyiceberg.manifest import DataFile, ManifestEntry, ManifestEntryStatus

        held = entry.data_file
        names = ("content", "file_path", "file_format", "partition", "record_count", "file_size_in_bytes")
        stated = {name: getattr(held, name) for name in names}
        return ManifestEntry.from_args(
            status=ManifestEntryStatus.DELETED,
            snapshot_id=self.id,
            sequence_number=entry.sequence_number,
            file_sequence_number=entry.file_sequence_number,
            data_file=DataFile.from_args(**stated, column_sizes={}),  # which pyiceberg's inspection asks for
        )

    def check_newest(self) -> Any:
        """Give the table as its catalog has it.

        Raises
        ------
        UnreadableInput
            When it is not as it was read.
        """
        table = self._catalog.load_table(self._identifier)
        if not self._read.is_of(table):
            raise self._changed()
        return table

    def commit(self, manifests: Sequence[Any], summary: Any, updates: Sequence[Any] = ()) -> None:
        """Write the list of manifests, and commit, if the table is still as it was read.

        Raises
        ------
        UnreadableInput
            When the table changed meanwhile; nothing was changed.
        WriteFailed
            When pyiceberg fails; nothing was changed, or it cannot be known.
        """
        from pyiceberg.table.update import (
            AddSnapshotUpdate,
            AssertCurrentSchemaId,
            AssertDefaultSortOrderId,
            AssertDefaultSpecId,
            AssertRefSnapshotId,
            AssertTableUUID,
            SetSnapshotRefUpdate,
        )

        held = self.metadata
        table = self.check_newest()
        changes = (
            AddSnapshotUpdate(snapshot=self._listed(manifests, summary)),
            SetSnapshotRefUpdate(ref_name="main", type="branch", snapshot_id=self.id),
            *updates,
        )
        requirements = (
            AssertTableUUID(uuid=held.table_uuid),
            AssertRefSnapshotId(ref="main", snapshot_id=held.current_snapshot_id),
            *(AssertRefSnapshotId(ref=name, snapshot_id=ref.snapshot_id) for name, ref in held.refs.items()),
            AssertCurrentSchemaId(current_schema_id=held.current_schema_id),
            AssertDefaultSpecId(default_spec_id=held.default_spec_id),
            AssertDefaultSortOrderId(default_sort_order_id=held.default_sort_order_id),
        )
        # tried once: a retry would stand upon files that were not judged
        self._catalog.commit_table(table, requirements, changes)
        self.is_there = True

    def newest(self) -> Any | None:
        """Give the table whose newest version is this one, and nothing was committed since it was read; else None."""
        table = asked(lambda: self._catalog.load_table(self._identifier))
        if table is None:
            return None
        before = [entry.metadata_file for entry in table.metadata.metadata_log[-1:]]
        names = ("table_uuid", "location")
        same = all(getattr(table.metadata, name) == getattr(self.metadata, name) for name in names)
        follows = before == [self._read.metadata_location] and table.metadata.current_snapshot_id == self.id
        return table if same and follows else None

    def _listed(self, manifests: Sequence[Any], summary: Any) -> Any:
        """Write the list of manifests, and give the snapshot."""
        from pyiceberg.manifest import write_manifest_list
        from pyiceberg.table.snapshots import Snapshot

        place = self._places.new_metadata_location(f"snap-{self.id}-0-{self.commit_id}.avro")
        parent, sequence = self.metadata.current_snapshot_id, self.metadata.next_sequence_number()
        with write_manifest_list(
            format_version=self.metadata.format_version,
            output_file=self.io.new_output(place),
            snapshot_id=self.id,
            parent_snapshot_id=parent,
            sequence_number=sequence,
            avro_compression=self._codec,
        ) as writer:
            writer.add_manifests(list(manifests))
        return Snapshot(
            snapshot_id=self.id,
            parent_snapshot_id=parent,
            sequence_number=sequence,
            manifest_list=place,
            summary=summary,
            schema_id=self.metadata.current_schema_id,
        )

    @contextlib.contextmanager
    def settled(self) -> Iterator[None]:
        """After an error see whether the version was committed all the same; if not, remove its files.

        Raises
        ------
        UnreadableInput
            When the table changed meanwhile; nothing was changed.
        WriteFailed
            When pyiceberg fails; nothing was changed, or it cannot be known.
        """
        try:
            yield
        except BaseException as error:
            done = asked(self._is_committed)
            self.is_there = bool(done)
            if done is False:
                self._remove_files()
            if isinstance(error, SealscrubError) or not isinstance(error, Exception):
                raise
            raise_own(error)
            if not done:
                raise self._failed(done) from None  # of pyiceberg or what it calls; it may show values

    def _is_committed(self) -> bool:
        return self._catalog.load_table(self._identifier).metadata.snapshot_by_id(self.id) is not None

    def _is_changed(self) -> bool:
        return not self._read.is_of(self._catalog.load_table(self._identifier))

    def _failed(self, done: bool | None) -> Exception:
        if done is None:
            return WriteFailed(
                "pyiceberg failed, and the catalog cannot be asked whether the version was committed",
                where=self._where,
                hint="run it again when the catalog can be opened: a version that is there is not made twice.",
            )
        if asked(self._is_changed):
            return self._changed()
        return WriteFailed(
            f"pyiceberg cannot commit a version; {self._undone}",
            where=self._where,
            hint="see that the warehouse can be written, and what the catalog says.",
        )

    def _changed(self) -> UnreadableInput:
        return UnreadableInput(
            f"the table changed meanwhile; {self._undone}",
            where=self._where,
            hint="name or load the newest version, and run it again when no one writes to the table.",
        )

    def _remove_files(self) -> None:
        """Remove what was written, by its id."""
        places = (self._places.data_path, self._places.metadata_path)
        with contextlib.suppress(OSError, SealscrubError):
            roots = {self._folder, *(local_path(place, self._where) for place in places)}
            for path in {each for root in roots for each in root.rglob(f"*{self.commit_id}*")}:
                path.unlink(missing_ok=True)


def existing_entry(entry: Any) -> Any:
    """Give the entry of a file that stays in the version."""
    from pyiceberg.manifest import ManifestEntry, ManifestEntryStatus

    return ManifestEntry.from_args(
        status=ManifestEntryStatus.EXISTING,
        snapshot_id=entry.snapshot_id,
        sequence_number=entry.sequence_number,
        file_sequence_number=entry.file_sequence_number,
        data_file=entry.data_file,
    )
