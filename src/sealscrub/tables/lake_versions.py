"""Which versions a Delta or Iceberg table in a folder still has, as its library reads them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from sealscrub.errors import MissingExtra, UnreadableInput

from .delta.delta_log import versions_logged
from .lake_folders import DELTA, ICEBERG, lake_format
from .value_free_errors import raise_own

__all__ = ["lake_versions"]


def lake_versions(folder: Path) -> list[dt.datetime]:
    """Give when each version of the table in a folder was made, in order; of a folder that holds none, nothing.

    A commit of Delta that does not say when it was made is as old as its file. Of Iceberg they are those of the newest
    metadata file.

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
    except MissingExtra:
        raise
    except Exception as error:  # of the library or what it calls; it may show values
        raise_own(error)
        raise UnreadableInput(
            f"the library of {format} cannot read its versions",
            where=str(folder),
            hint="see that the folder was copied whole; until it can be read, no one knows what it keeps.",
        ) from None


def _versions_of_delta(folder: Path) -> list[dt.datetime]:
    try:
        from deltalake import DeltaTable
    except ImportError:
        raise MissingExtra.of("deltalake", "delta") from None
    said = {each["version"]: each["timestamp"] / 1000 for each in DeltaTable(str(folder.absolute())).history()}
    logged = {version: path.stat().st_mtime for version, path in versions_logged(folder).items()}
    return _days({**logged, **said}.values())


def _versions_of_iceberg(folder: Path) -> list[dt.datetime]:
    try:
        from pyiceberg.table import StaticTable
    except ImportError:
        raise MissingExtra.of("pyiceberg", "iceberg") from None
    newest = max((folder / "metadata").glob("*.metadata.json*"), key=lambda path: (path.stat().st_mtime_ns, path.name))
    return _days(each.timestamp_ms / 1000 for each in StaticTable.from_metadata(str(newest)).snapshots())


def _days(seconds: Any) -> list[dt.datetime]:
    return sorted(dt.datetime.fromtimestamp(each, dt.UTC) for each in seconds)
