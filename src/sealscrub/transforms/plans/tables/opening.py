"""Where a plan's tables are: files below the plan's root, tables of databases, or frames that are handed in."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from sealscrub.errors import ConfigError, SealscrubError, UsageError
from sealscrub.frames.aggregate_mark import refuse_marked

from ...options import ReadAs
from ..rules import TableRules
from .database import DatabaseSource, DatabaseStore, DatabaseTable
from .file_table import FilesTable
from .frame_table import FrameTable
from .stores import open_database_table
from .table import PlanTable

__all__ = ["open_frames", "open_sources"]


def open_sources(
    rules: Mapping[str, TableRules], root: Path, allow_database: Collection[str] = ()
) -> dict[str, PlanTable]:
    """Open every table where the plan says that it is.

    Raises
    ------
    ConfigError
        When a source lies outside of the plan's root, or two tables share a file.
    UsageError, UnreadableInput
        When a source is not there, or is not what it should be; figures of an aggregate report are not.
    """
    tables: dict[str, PlanTable] = {}
    owners: dict[tuple[int, int], str] = {}  # by what a file is, whatever its names
    stores: dict[str, tuple[DatabaseSource, DatabaseStore]] = {}
    for name, rule in rules.items():
        where = f"{rule.where}.source"
        if DatabaseSource.names_one(rule.spec.source):
            table = open_database_table(name, rule.spec.source, root, where, stores, allow_database)
            _refuse_listed_ids(table, rule)
            tables[name] = table
            continue
        place = inside(rule.spec.source, root, where)
        tables[name] = _files(name, place, rule, root)
        for path in tables[name].files:  # type: ignore[attr-defined]  # files have some
            whole = path.resolve()
            if not whole.is_relative_to(root):
                raise _outside(where)
            state = whole.stat()
            owner = owners.setdefault((state.st_dev, state.st_ino), name)
            if owner != name:
                raise ConfigError(
                    f"holds a file that tables.{owner} has as well", where=where, hint="one file, one table."
                )
    for name, opened in tables.items():
        refuse_marked(opened.marks, "training", where=f"tables.{name}")
    return tables


def _refuse_listed_ids(table: DatabaseTable, rule: TableRules) -> None:
    """Refuse ids of a type that lists its values: the list is part of the table, and names what went."""
    for column in table.layout.columns:
        listed = column.declared.upper().startswith("ENUM")
        if listed and column.name in rule.structural() and column.name not in rule.spec.keep_levels:
            raise ConfigError(
                f"the type of {column.name!r} lists its values, and keeps those of rows that went",
                where=rule.where,
                hint="make it a text column at its source.",
            )


def inside(written: str, root: Path, where: str) -> Path:
    """Give the path that a plan writes, which must lie below the plan's root."""
    if not written or "\0" in written:
        raise ConfigError("names nothing", where=where, hint="name a file, a folder or a glob.")
    place = Path(os.path.normpath(root / written))
    if not place.is_relative_to(root):
        raise _outside(where)
    return place


def _outside(where: str) -> ConfigError:
    return ConfigError(
        "lies outside of the plan's folder",
        where=where,
        hint="put the plan above its data, or name the folder above both with --root.",
    )


def open_frames(rules: Mapping[str, TableRules], data: Mapping[str, Any]) -> dict[str, PlanTable]:
    """Take frames, or the names of files, as the plan's tables.

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
            hint="a table that is left out may be what another one is computed from.",
        )
    tables: dict[str, PlanTable] = {}
    for name, rule in rules.items():
        if isinstance(data[name], str | os.PathLike):
            path = Path(data[name]).absolute()
            tables[name] = _files(name, path, rule, path.parent)
        else:
            tables[name] = FrameTable(name, data[name], keep_levels=rule.spec.keep_levels)
        refuse_marked(tables[name].marks, "training", where=f"tables.{name}")
    return tables


def _files(name: str, place: Path, rule: TableRules, root: Path) -> FilesTable:
    spec = rule.spec
    read_as = ReadAs(format=spec.format, delimiter=spec.delimiter, encoding=spec.encoding, quoting=spec.quoting)
    try:
        return FilesTable(name, place, root=root, read_as=read_as, keep_levels=spec.keep_levels)
    except SealscrubError as error:
        if isinstance(error, UsageError) and not error.where:
            error.where = f"{rule.where}.source"
        raise
