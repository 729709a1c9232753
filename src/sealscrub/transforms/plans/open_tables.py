"""Where a plan's tables are: files below the plan's root, tables of databases, or frames that are handed in."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from sealscrub.errors import ConfigError, SealscrubError, UsageError
from sealscrub.tables.aggregate_mark import refuse_marked
from sealscrub.tables.database import DatabaseSource, DatabaseTable
from sealscrub.tables.database.stores import check_confined, outside_plan
from sealscrub.tables.delta.delta_address import DeltaAddress
from sealscrub.tables.delta.delta_table import DeltaTable
from sealscrub.tables.file import Opening
from sealscrub.tables.files_table import FilesTable
from sealscrub.tables.iceberg.iceberg_address import IcebergAddress
from sealscrub.tables.iceberg.iceberg_table import IcebergTable
from sealscrub.tables.lake_folders import LOG_FOLDERS
from sealscrub.tables.lake_table import LakeTable
from sealscrub.tables.opener import Named, Stores, names_of, open_frame, open_named, source_named
from sealscrub.tables.reading_options import ReadAs
from sealscrub.tables.table import Table

from .plan_rules import TableRules
from .table_places import refuse_shared_places

__all__ = ["open_frames", "open_sources"]


def open_sources(
    rules: Mapping[str, TableRules], root: Path, allow_database: Collection[str] = (), *, use: str
) -> dict[str, Table]:
    """Open every table where the plan says that it is, for a use: figures of an aggregate report are for their own.

    Raises
    ------
    ConfigError
        When a source is outside of the plan's root, two tables share a file, are one Delta or Iceberg table, or would
        be written to one place.
    UsageError, UnreadableInput
        When a source does not exist, or is not what it should be; figures of an aggregate report are not.
    """
    tables: dict[str, Table] = {}
    owners: dict[tuple[int, int], str] = {}  # by what a file is, whatever its names
    stores: Stores = {}
    for name, rule in rules.items():
        where = f"{rule.where}.source"
        source = _confined(source_named(rule.spec.source, root), rule.spec.source, root, where, allow_database)
        tables[name] = held = _open(name, source, rule, stores, root, use)
        if rule.spec.output is not None:
            _set_target(held, rule.spec.output, f"{rule.where}.output")
        if isinstance(held, IcebergTable) and not all(
            path.resolve().is_relative_to(root) for path in (held.place, *held.files)
        ):
            raise outside_plan(where)
        if isinstance(held, LakeTable):
            state = held.place.stat()
            owner = owners.setdefault((state.st_dev, state.st_ino), name)
            if owner != name:
                raise ConfigError(f"is the same table as tables.{owner}", where=where, hint="one table, one entry.")
        for path in tables[name].files if isinstance(source, Path) else ():
            whole = path.resolve()
            if not whole.is_relative_to(root):
                raise outside_plan(where)
            state = whole.stat()
            owner = owners.setdefault((state.st_dev, state.st_ino), name)
            if owner != name:
                raise ConfigError(
                    f"holds a file that tables.{owner} has as well", where=where, hint="one file, one table."
                )
    for name, opened in tables.items():
        refuse_marked(opened.marks, use, where=f"tables.{name}")
    refuse_shared_places(tables, root)
    return tables


def _set_target(table: Table, written: str, where: str) -> None:
    """Note where a plan puts a Delta or Iceberg table."""
    target = source_named(written)
    if not isinstance(table, LakeTable) or not isinstance(target, DeltaAddress | IcebergAddress):
        raise ConfigError(
            "only a Delta or Iceberg table has an output of its own, which is one of these",
            where=where,
            hint="name delta:FOLDER or iceberg:CATALOG/NAMESPACE.TABLE; other tables go where their source says.",
        )
    if isinstance(target, DeltaAddress):
        place = Path(os.path.normpath(target.path))
        if target.version is not None or place.is_absolute() or place.parts[:1] in ((), ("..",)):
            raise ConfigError(
                "a Delta table goes to a folder below the plan's output", where=where, hint="name delta:FOLDER."
            )
        if set(place.parts) & set(LOG_FOLDERS):
            raise ConfigError(
                "other tables would be taken for parts of this one", where=where, hint="name delta:FOLDER."
            )
        target = DeltaAddress(place)
        target.check_name()
    if table.opening.keep_metadata and isinstance(target, DeltaAddress) != isinstance(table, DeltaTable):
        raise ConfigError(
            "entries of metadata are kept only in a table of the same kind", where=where, hint="keep none."
        )
    table.target = target


def _confined(source: Named, written: str, root: Path, where: str, allow_database: Collection[str]) -> Named:
    """Refuse a source that is outside of the plan's folder, or on a server that no one allowed."""
    if isinstance(source, DatabaseSource):
        check_confined(source, root, where, allow_database)
        return source
    if isinstance(source, DeltaAddress):
        place = inside(str(source.path), root, where)
        if not place.resolve().is_relative_to(root):
            raise outside_plan(where)
        return DeltaAddress(place, source.version)
    return source if isinstance(source, IcebergAddress) else inside(written, root, where)


def _open(name: str, source: Any, rule: TableRules, stores: Stores, root: Path | None, use: str) -> Table:
    """Open a table of the plan: what a name means, or a frame."""
    spec = rule.spec
    opening = Opening(keep_levels=tuple(spec.keep_levels), keep_metadata=tuple(spec.keep_metadata))
    if isinstance(source, Path):
        return _files(name, source, rule, root or source.parent, use)
    if not isinstance(source, DatabaseSource | DeltaAddress | IcebergAddress):
        return open_frame(name, source, opening)
    table = open_named(source, opening, stores, name)
    if isinstance(table, DatabaseTable):
        keys = {column for key in rule.keys for column in key.key.columns}
        table.refuse_listed(rule.structural() - (set(spec.keep_levels) - keys), rule.where)
    elif isinstance(table, LakeTable):
        table.written = True
    return table


def inside(written: str, root: Path, where: str) -> Path:
    """Give the path that a plan writes, which must be below the plan's root."""
    if not written or "\0" in written:
        raise ConfigError("names nothing", where=where, hint="name a file, a folder or a glob.")
    place = Path(os.path.normpath(root / written))
    if not place.is_relative_to(root):
        raise outside_plan(where)
    return place


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
    stores: Stores = {}
    for name, rule in rules.items():
        source, names = data[name], names_of(data[name])
        if names is not None and not isinstance(source, list | tuple):
            source = source_named(names[0])
        tables[name] = _open(name, source.absolute() if isinstance(source, Path) else source, rule, stores, None, use)
        refuse_marked(tables[name].marks, use, where=f"tables.{name}")
    return tables


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
