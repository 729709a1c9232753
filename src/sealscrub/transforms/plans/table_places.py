"""Where the tables of a plan are written: each below the output at a place of its own, or in a catalog."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TypeGuard

from sealscrub.errors import ConfigError
from sealscrub.tables.delta.delta_address import DeltaAddress
from sealscrub.tables.files_table import FilesTable
from sealscrub.tables.iceberg.iceberg_address import IcebergAddress
from sealscrub.tables.iceberg.iceberg_table import IcebergTable
from sealscrub.tables.lake_table import LakeTable
from sealscrub.tables.table import Table

__all__ = ["is_in_catalog", "place_of", "refuse_shared_places"]


def refuse_shared_places(tables: Mapping[str, Table], root: Path) -> None:
    """Refuse a place of a lake table that its source does not say, and that is, is in or holds another table's.

    Raises
    ------
    ConfigError
    """
    catalogs: dict[str, str] = {}
    places = {}
    for name, table in tables.items():
        if is_in_catalog(table):
            other = catalogs.setdefault(str(table.target), name)
            if other != name:
                raise ConfigError(
                    f"is the output of tables.{other} as well", where=f"tables.{name}.output", hint="name another one."
                )
        elif isinstance(table, FilesTable | LakeTable):
            places[name] = place_of(table, root)
    for name, place in places.items():
        table = tables[name]
        if not isinstance(table, LakeTable) or (table.target is None and not isinstance(table, IcebergTable)):
            continue
        for other, there in places.items():
            if other != name and (place == there or place in there.parents or there in place.parents):
                raise ConfigError(
                    f"would be written to {place}, where tables.{other} is written",
                    where=f"tables.{name}.{'source' if table.target is None else 'output'}",
                    hint="name another place: output = 'delta:FOLDER'.",
                )


def is_in_catalog(table: Table) -> TypeGuard[LakeTable]:
    """Say whether a plan puts a table into a catalog."""
    return isinstance(table, LakeTable) and isinstance(table.target, IcebergAddress)


def place_of(table: FilesTable | LakeTable, root: Path) -> Path:
    """Where a table goes below the output: where the plan says, or its path below the plan's root.

    An Iceberg table of which the plan says nothing is written as a file of Parquet, by its namespace and name: it
    would belong to a catalog, which is not put in place with the folder.
    """
    if isinstance(table, LakeTable) and isinstance(table.target, DeltaAddress):
        return table.target.path
    if isinstance(table, IcebergTable):
        *folders, last = table.snapshot.address.identifier
        return Path(*folders, f"{last}.parquet")
    if isinstance(table, LakeTable):
        return Path(os.path.normpath(table.place)).relative_to(root)
    first = table.files[0]
    if not table.folder:
        return first.relative_to(root).with_name(table.relative[0].name)
    return Path(*first.parts[: -len(table.relative[0].parts)]).relative_to(root)
