"""Other tables of a catalog that have files in the folder of a table."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from sealscrub.errors import SealscrubError, UsageError

from .iceberg_catalog import asked, local_path
from .iceberg_snapshot import IcebergSnapshot

__all__ = ["refuse_files_of_others"]

_PLACES = ("write.data.path", "write.metadata.path")


def refuse_files_of_others(snapshot: IcebergSnapshot, catalog: Any) -> None:
    """Refuse to delete files of a table's folder if another table of its catalog has files, or writes, there.

    Raises
    ------
    UsageError
    """
    own, folder = snapshot.metadata.table_uuid, snapshot.folder.resolve()
    for identifier in _tables(catalog, ()):
        other = asked(partial(catalog.load_table, identifier))  # one that cannot be loaded has nothing to lose
        if other is None:
            continue
        if other.metadata.table_uuid != own and any(_is_inside(each, folder) for each in _places(other)):
            raise UsageError(
                "another table of the catalog has files in the table's folder, which would be deleted",
                where=str(snapshot.address),
                hint="scrub it into a new table.",
            )


def _tables(catalog: Any, namespace: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for inner in catalog.list_namespaces(namespace):
        if len(inner) > len(namespace):
            yield from catalog.list_tables(inner)
            yield from _tables(catalog, inner)


def _places(table: Any) -> Iterator[str]:
    """Give the folders that a table writes to, and the files that its versions have."""
    metadata = table.metadata
    yield metadata.location
    yield from (metadata.properties[name] for name in _PLACES if name in metadata.properties)
    for version in metadata.snapshots:
        yield version.manifest_list
        for manifest in version.manifests(table.io):
            yield manifest.manifest_path
            yield from (entry.data_file.file_path for entry in manifest.fetch_manifest_entry(table.io))


def _is_inside(place: str, folder: Path) -> bool:
    try:
        return local_path(place, "").resolve().is_relative_to(folder)
    except SealscrubError:  # in a store
        return False
