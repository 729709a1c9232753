"""Which versions a Delta or Iceberg table in a folder still has, as its library reads them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from sealscrub.errors import UnreadableInput, UsageError

from .delta.delta_log import versions_logged
from .iceberg.iceberg_catalog import local_path
from .lake_folders import DELTA, ICEBERG, iceberg_metadata_files, lake_format
from .value_free_errors import raise_own

__all__ = ["lake_versions"]


def lake_versions(folder: Path) -> list[dt.datetime]:
    """Give when each version of the table in a folder was made, in order; of a folder that holds none, nothing.

    A commit of Delta that does not say when it was made is as old as its file. Of Iceberg they are those of every
    metadata file in the folder, whichever of them is a catalog's, if their lists of manifests are there: versions that
    were expired can be read until these are deleted.

    Raises
    ------
    MissingExtra
        When deltalake or pyiceberg is not installed.
    UnreadableInput
        When the library cannot read the table, or the folder cannot be listed.
    """
    format = lake_format(folder)
    try:
        if format == DELTA:
            return _versions_of_delta(folder)
        return _versions_of_iceberg(folder) if format == ICEBERG else []
    except ModuleNotFoundError:
        raise
    except Exception as error:  # of the library or what it calls; it may show values
        raise_own(error)
        raise UnreadableInput(
            f"the library of {format} cannot read its versions",
            where=str(folder),
            hint="see that the folder was copied whole; until it can be read, no one knows what it keeps.",
        ) from None


def _versions_of_delta(folder: Path) -> list[dt.datetime]:
    from deltalake import DeltaTable

    said = {each["version"]: each["timestamp"] / 1000 for each in DeltaTable(str(folder.absolute())).history()}
    logged = {version: path.stat().st_mtime for version, path in versions_logged(folder).items()}
    return _days({**logged, **said}.values())


def _versions_of_iceberg(folder: Path) -> list[dt.datetime]:
    from pyiceberg.table import StaticTable

    found: dict[int, float] = {}
    for path in iceberg_metadata_files(folder):
        for each in StaticTable.from_metadata(str(path)).snapshots():
            if _may_be_read(str(each.manifest_list), folder):
                found[each.snapshot_id] = each.timestamp_ms / 1000
    return _days(found.values())


def _may_be_read(manifests: str, folder: Path) -> bool:
    """Whether a list of manifests is where it was written, or where it is now that its table was moved."""
    if (folder / "metadata" / manifests.rpartition("/")[2]).exists():
        return True
    try:
        return local_path(manifests, str(folder)).exists()
    except UsageError:  # in a store, which is not asked
        return True


def _days(seconds: Any) -> list[dt.datetime]:
    return sorted(dt.datetime.fromtimestamp(each, dt.UTC) for each in seconds)
