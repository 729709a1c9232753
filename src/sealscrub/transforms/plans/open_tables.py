"""Where a plan's tables are: files below the plan's root, tables of databases, or frames that are handed in."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from sealscrub.errors import ConfigError, MarkedAggregate, SealscrubError, Spelled, UsageError
from sealscrub.tables.aggregate_mark import refuse_marked
from sealscrub.tables.database import DatabaseSource, DatabaseStore, DatabaseTable
from sealscrub.tables.database.stores import open_database_table, open_table_in
from sealscrub.tables.delta.delta_address import DeltaAddress, delta_address
from sealscrub.tables.delta.delta_table import DeltaTable
from sealscrub.tables.file import Opening
from sealscrub.tables.files_table import FilesTable
from sealscrub.tables.frame_table import FrameTable
from sealscrub.tables.iceberg.iceberg_address import IcebergAddress, iceberg_address
from sealscrub.tables.iceberg.iceberg_table import IcebergTable
from sealscrub.tables.reading_options import ReadAs
from sealscrub.tables.table import Table

from .plan_rules import TableRules

__all__ = ["open_frames", "open_sources"]


def open_sources(
    rules: Mapping[str, TableRules], root: Path, allow_database: Collection[str] = (), *, use: str
) -> dict[str, Table]:
    """Open every table where the plan says that it is, for a use: figures of an aggregate report are for their own.

    Raises
    ------
    ConfigError
        When a source is outside of the plan's root, or two tables share a file.
    UsageError, UnreadableInput
        When a source does not exist, or is not what it should be; figures of an aggregate report are not.
    """
    tables: dict[str, Table] = {}
    owners: dict[tuple[int, int], str] = {}  # by what a file is, whatever its names
    stores: dict[str, tuple[DatabaseSource, DatabaseStore]] = {}
    for name, rule in rules.items():
        where = f"{rule.where}.source"
        if DatabaseSource.names_one(rule.spec.source, root):
            table = open_database_table(name, rule.spec.source, root, where, stores, allow_database)
            tables[name] = _ruled(table, rule)
            continue
        if IcebergAddress.names_one(rule.spec.source):
            tables[name] = held = _iceberg(name, IcebergAddress.parse(rule.spec.source), rule)
            if not all(path.resolve().is_relative_to(root) for path in (held.place, *held.files)):
                raise _outside_folder(where)
            continue
        if DeltaAddress.names_one(rule.spec.source):
            address = DeltaAddress.parse(rule.spec.source)
            place = inside(str(address.path), root, where)
            if not place.resolve().is_relative_to(root):
                raise _outside_folder(where)
            tables[name] = _delta(name, DeltaAddress(place, address.version), rule)
            continue
        place = inside(rule.spec.source, root, where)
        tables[name] = _files(name, place, rule, root, use)
        for path in tables[name].files:
            whole = path.resolve()
            if not whole.is_relative_to(root):
                raise _outside_folder(where)
            state = whole.stat()
            owner = owners.setdefault((state.st_dev, state.st_ino), name)
            if owner != name:
                raise ConfigError(
                    f"holds a file that tables.{owner} has as well", where=where, hint="one file, one table."
                )
    for name, opened in tables.items():
        _refuse_marked(opened, use, f"tables.{name}")
    return tables


def _ruled(table: DatabaseTable, rule: TableRules) -> DatabaseTable:
    keys = {name for key in rule.keys for name in key.key.columns}
    table.refuse_listed(rule.structural() - (set(rule.spec.keep_levels) - keys), rule.where)
    if "comment" in rule.spec.keep_metadata:
        table.store.commented.add(table.layout.name)
    return table


def inside(written: str, root: Path, where: str) -> Path:
    """Give the path that a plan writes, which must be below the plan's root."""
    if not written or "\0" in written:
        raise ConfigError("names nothing", where=where, hint="name a file, a folder or a glob.")
    place = Path(os.path.normpath(root / written))
    if not place.is_relative_to(root):
        raise _outside_folder(where)
    return place


def _outside_folder(where: str) -> ConfigError:
    return ConfigError(
        "is outside of the plan's folder",
        where=where,
        hint=Spelled(
            "put the plan above its data, or name the folder above both: root=.",
            "put the plan above its data, or name the folder above both with --root.",
        ),
    )


def open_frames(rules: Mapping[str, TableRules], data: Mapping[str, Any], *, use: str) -> dict[str, Table]:
    """Take frames, or the names of files and addresses in databases, as the plan's tables.

    Raises
    ------
    ConfigError
        When a table of the plan is not given, or one is given that it has not.
    """
    for name in data:
        if name not in rules:
            raise ConfigError(f"the plan has no table {name!r}", hint=f"its tables: {', '.join(rules)}.")
    missing = [name for name in rules if name not in data]
    if missing:
        raise ConfigError(
            f"these tables of the plan were not given: {', '.join(missing)}",
            hint="another table may be computed from a missing one.",
        )
    tables: dict[str, Table] = {}
    stores: dict[str, tuple[DatabaseSource, DatabaseStore]] = {}
    for name, rule in rules.items():
        lake = delta_address(data[name]) or iceberg_address(data[name]) or data[name]
        if IcebergAddress.names_one(lake):
            tables[name] = _iceberg(name, IcebergAddress.parse(lake), rule)
        elif DeltaAddress.names_one(lake):
            tables[name] = _delta(name, DeltaAddress.parse(lake), rule)
        elif DatabaseSource.names_one(str(data[name]) if isinstance(data[name], str | os.PathLike) else ""):
            tables[name] = _ruled(open_table_in(DatabaseSource.parse(str(data[name])), name, stores), rule)
        elif isinstance(data[name], str | os.PathLike):
            path = Path(data[name]).absolute()
            tables[name] = _files(name, path, rule, path.parent, use)
        else:
            tables[name] = FrameTable(
                name, data[name], keep_levels=rule.spec.keep_levels, keep_metadata=rule.spec.keep_metadata
            )
        _refuse_marked(tables[name], use, f"tables.{name}")
    return tables


def _refuse_marked(table: Table, use: str, where: str) -> None:
    try:
        refuse_marked(table.marks, use, where=where)
    except MarkedAggregate as error:  # of lines, by the file in which they are
        error.where = where
        raise


def _delta(name: str, address: DeltaAddress, rule: TableRules) -> DeltaTable:
    table = DeltaTable.open(address, _opening(rule), name)
    table.renamed = True
    return table


def _iceberg(name: str, address: IcebergAddress, rule: TableRules) -> IcebergTable:
    table = IcebergTable.open(address, _opening(rule), name)
    table.written = True
    return table


def _opening(rule: TableRules) -> Opening:
    return Opening(keep_levels=tuple(rule.spec.keep_levels), keep_metadata=tuple(rule.spec.keep_metadata))


def _files(name: str, place: Path, rule: TableRules, root: Path, use: str) -> FilesTable:
    spec = rule.spec
    read_as = ReadAs(format=spec.format, delimiter=spec.delimiter, encoding=spec.encoding, quoting=spec.quoting)
    try:
        kept = {"keep_levels": spec.keep_levels, "keep_metadata": spec.keep_metadata}
        return FilesTable(name, place, root=root, read_as=read_as, use=use, **kept)
    except SealscrubError as error:
        if isinstance(error, UsageError) and not error.where:
            error.where = f"{rule.where}.source"
        raise
