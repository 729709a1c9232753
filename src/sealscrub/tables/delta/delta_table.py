"""A version of a Delta table as a table: its files one after the other, less what deletion vectors hide."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl
import pyarrow as pa

from sealscrub.errors import ConfigError

from ..changes import RowEdit, TableChange
from ..file import Opening
from ..file_sequence import PartedTable
from ..lake_table import LakeTable
from ..part_replacement import Renewed, changes_of_parts, kept_parts
from ..table import DECLARATION, FILE_NAME, FoundRows
from ..table_leftovers import Leftovers
from .delta_address import DeltaAddress
from .delta_commit import check_newest, commit_delta, refuse_in_place
from .delta_features import refuse_unwritten
from .delta_folder import leftovers, named_files
from .delta_part import DeltaPart, refuse_edited, without_place
from .delta_partitions import beside_partitions
from .delta_purge import found_purged, purge_delta
from .delta_snapshot import DeltaSnapshot
from .delta_writer import WrittenFile, write_delta

__all__ = ["DeltaTable"]


class DeltaTable(PartedTable, LakeTable):
    """One version of a Delta table.

    Parameters
    ----------
    name : str
        What the plan calls it.
    snapshot : DeltaSnapshot
        The version.
    opening : Opening, optional
        How its files are opened.

    Raises
    ------
    UnreadableInput
        When a file of it does not exist or cannot be read.
    """

    snapshot: DeltaSnapshot
    parts: list[DeltaPart]
    _committed: str | None = None

    def __init__(self, name: str, snapshot: DeltaSnapshot, opening: Opening | None = None) -> None:
        self.name, self.snapshot = name, snapshot
        self.opening = opening or Opening()
        self.parts = [DeltaPart(snapshot, logged, self.opening) for logged in snapshot.state.ordered]

    @classmethod
    def open(cls, address: DeltaAddress, opening: Opening | None = None, name: str | None = None) -> DeltaTable:
        """Open the table of an address."""
        return cls(name or address.shown, DeltaSnapshot.open(address), opening)

    @property
    def files(self) -> tuple[Path, ...]:
        """The files of the version."""
        return tuple(part.file.path for part in self.parts)

    @property
    def state(self) -> list[str]:
        """The table's id, its version, and digests of what the log says about the table and its files."""
        state = self.snapshot.state
        said = [[state.protocol, state.metadata], [[part.logged.logged, part.logged.vector] for part in self.parts]]
        digests = [hashlib.sha256(json.dumps(each, sort_keys=True, default=str).encode()).hexdigest() for each in said]
        return [self.snapshot.table_id, str(self.snapshot.version), *digests]

    @property
    def shape(self) -> list[str]:
        """Partitions, and properties with constraints."""
        schema = self.snapshot.schema
        columns = [f"partitions by {', '.join(schema.partitions)}"] if schema.partitions else []
        return [*columns, *sorted(name for name in schema.configuration if name.startswith("delta."))]

    @property
    def marks(self) -> list[str]:
        """Names under which the mark of an aggregate report can be."""
        named = [*self.snapshot.schema.names, *self.snapshot.schema.configuration, *self.snapshot.schema.texts]
        return list(
            dict.fromkeys([*named, *(mark for part in self.parts for mark in part.asked(lambda file: file.marks))])
        )

    @property
    def metadata(self) -> Mapping[str, list[str]]:
        """What entries of metadata say in texts, of the table, its columns and its files, by their names."""
        applications = list(self.snapshot.state.transactions)  # they stay with the table, and with it alone
        stays = {} if self.written and not self.in_place else {"appId": applications}
        return self.texts_beside({**self.snapshot.schema.texts, **stays})

    @property
    def lost_metadata(self) -> tuple[str, ...]:
        """Names of the entries of metadata that are not written."""
        kept = self.snapshot.schema.texts if self.in_place else self.opening.keep_metadata
        own = {name for name in self.snapshot.schema.texts if name not in kept}
        return tuple(sorted(own.union(*(part.asked(lambda file: file.lost_metadata) for part in self.parts))))

    def names(self) -> Iterator[tuple[str, list[str]]]:
        """Give the names of columns and files, and what declares the table."""
        for place, _ in super().names():
            yield place, self.snapshot.schema.names
        yield DECLARATION, self.snapshot.schema.declarations
        if not self.written:
            files = [name for part in self.parts for name in beside_partitions(part.logged.path, part.logged.partition)]
            yield FILE_NAME, list(dict.fromkeys([self.place.resolve().name, *files]))

    def unread_parts(self) -> tuple[str, ...]:
        """Say what the files hold that reading them does not meet."""
        return tuple(
            dict.fromkeys(each for part in self.parts for each in part.asked(lambda file: file.unread_parts()))
        )

    def holds_null(self, column: str) -> bool:
        """Say whether a column can hold a null."""
        return self.snapshot.schema.nullable[column]

    def check_edit(self, edit: RowEdit) -> None:
        """Refuse an edit of partitions, of a table with constraints, or of what a file has no place for."""
        super().check_edit(edit)
        for name in edit.columns:
            refuse_edited(self.snapshot, name, self.name)
        for name in edit.set:
            if name in self.columns and any(name not in part.names for part in self.parts):
                raise without_place(name, self.name)

    def check_change(self, change: TableChange) -> None:
        """Refuse a change of another number of rows, and new values that a file cannot hold."""
        super().check_change(change)
        for part, within in changes_of_parts(self.parts, change):
            part.check_patches(within)

    def check_aside(self, aside: Path | None) -> None:
        """Refuse a name of another format for rows that are set aside.

        Raises
        ------
        ConfigError
        """
        if aside is not None and aside.suffix.lower() != ".parquet":
            raise ConfigError(
                "the quarantine of a Delta table must be a Parquet file", where=str(aside), hint="aside.parquet"
            )

    def check_places(self, output: Path, aside: Path | None) -> None:
        """Refuse a table of which no copy can be written, and what every table refuses."""
        super().check_places(output, aside)
        snapshot = self.snapshot
        properties = snapshot.schema.configuration
        refuse_unwritten(snapshot.state.protocol, properties, snapshot.declared, snapshot.folder.name)

    def set_aside(self, found: FoundRows, target: Any) -> Any:
        """Give the rows that could not be checked, or write them as Parquet."""
        rows = self.frame().filter(pl.Series(found.unchecked))
        return rows if target is None else rows.write_parquet(target)

    def changed(
        self, change: TableChange, target: Any, *, linked: Mapping[int, WrittenFile] = MappingProxyType({})
    ) -> Any:
        """Write a new table of this version with a change: one commit, and nothing of earlier ones.

        Without a target an Arrow table is returned. What is `linked` is not written again; see :func:`write_delta`.

        Raises
        ------
        UsageError
            When the change is of another number of rows, or the table uses what is not written.
        """
        self.check_change(change)
        if self.deferred:
            return change
        if target is None:
            return pa.concat_tables([self.kinds.empty_table(), *self.changed_parts(change)])
        keep = self.opening.keep_metadata
        self.placed = write_delta(self.parts, self.snapshot, change, Path(target), keep, linked)
        return self.placed

    def changed_parts(self, change: TableChange) -> Iterator[pa.Table]:
        """Give the rows that stay of each file that keeps any, with what changes in them."""
        pairs = changes_of_parts(self.parts, change)
        for part, within in sorted(pairs, key=lambda pair: pair[0].by_partition):
            if within.keep.any():
                yield part.changed_rows(within)

    def _refuse_in_place(self, keys: Collection[str]) -> None:
        refuse_in_place(self.snapshot, keys)

    def _refuse_purge(self) -> Leftovers:
        return leftovers(self.place, (), named_files(self.place))

    def check_newest(self) -> None:
        """Refuse a version that is not the newest; see :func:`check_newest`."""
        check_newest(self.snapshot)

    def committed(self, change: TableChange, renewed: Renewed | None = None) -> None:
        """Commit a version with a change to the table itself; see :func:`commit_delta`."""

        def done(head: str) -> None:
            self._committed = head
            self.added = str(self.snapshot.version + 1) if head != self.snapshot.head else None

        commit_delta(self.parts, self.snapshot, change, renewed, done)

    def left_by(self, change: TableChange, renewed: Renewed) -> Leftovers:
        """Say what is in the folder that the version would not need which :meth:`committed` makes."""
        kept = [part.file.path for part in kept_parts(self.parts, change, renewed)]
        nothing = found_purged(self.snapshot, self.orphans_before) if len(kept) == len(self.parts) else None
        if nothing is not None:
            return nothing
        return leftovers(self.place, kept, named_files(self.place)).without_young(self.orphans_before)

    def _purged(self) -> tuple[DeltaAddress, Leftovers]:
        """Delete the history of the version that was committed; see :func:`purge_delta`."""
        newest = DeltaAddress(self.place)
        return newest, purge_delta(DeltaSnapshot.open(newest), self._committed, self.orphans_before)
