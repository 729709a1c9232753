"""Writing an estate: the whole output appears in one step, or none of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from sealscrub.atomic_write import is_the_custodians
from sealscrub.errors import ConfigError, SealscrubError, UsageError
from sealscrub.index import Index
from sealscrub.tables.changes import TableChange
from sealscrub.tables.database import DatabaseTable
from sealscrub.tables.delta.delta_table import DeltaTable
from sealscrub.tables.delta.delta_writer import WrittenFile
from sealscrub.tables.files_table import FilesTable, link_file
from sealscrub.tables.iceberg.iceberg_address import IcebergAddress
from sealscrub.tables.iceberg.iceberg_placement import IcebergPlacement
from sealscrub.tables.iceberg.iceberg_table import IcebergTable
from sealscrub.tables.lake_table import ChangedTable, LakeTable
from sealscrub.tables.table import Table

from ..lake_output import check_lake_table, write_lake_table
from ..options import Progress
from ..output_places import ReadPlaces
from .estate.estate_search import Estate
from .open_tables import inside
from .plan_rules import TableRules
from .table_places import is_in_catalog, place_of, refuse_shared_places

__all__ = ["Links", "check_places", "copy_files", "place_in_catalogs", "write_tables", "written_files"]


@dataclass(frozen=True, slots=True)
class Links:
    """What of a table is taken from an earlier output.

    Attributes
    ----------
    files : mapping of Path to Path
        Files by their places below the table's own; all of a Delta or Iceberg table, if there are any.
    parts : mapping of int to WrittenFile
        Single files of a Delta or Iceberg table that is written as a Delta table, by their positions.
    """

    files: Mapping[Path, Path] = field(default_factory=dict)
    parts: Mapping[int, WrittenFile] = field(default_factory=dict)


def check_places(
    output: Path,
    quarantine: Path | None,
    tables: Mapping[str, Table],
    index: Index,
    *,
    replace: bool,
    others: Iterable[Path] = (),
) -> None:
    """Refuse an output, or a folder for rows set aside, that is in the way of the input, or of something else.

    Parameters
    ----------
    output : Path
    quarantine : Path or None
    tables : mapping of str to Table
    index : Index
    replace : bool
        Whether the output may hold an earlier one, which is moved aside as a whole.
    others : iterable of Path
        What is read other than the tables.

    Raises
    ------
    UsageError, WriteFailed
    """
    files = [*others, *(path for table in tables.values() for path in table.files)]
    roots = [root for table in tables.values() for root in table.roots]
    places = ReadPlaces(files=files, roots=roots, kept=index.files)
    places.check(output, folder_of="a plan", replace=replace)
    _check_targets(tables, replace=replace)
    if quarantine is not None:
        places.check_apart(output, quarantine)
        places.check(quarantine, folder_of="a plan")


def _check_targets(tables: Mapping[str, Table], *, replace: bool) -> None:
    """Refuse outputs that the plan names for single tables, and that cannot be written or are in the way."""
    read = [str(table.snapshot.metadata.table_uuid) for table in tables.values() if isinstance(table, IcebergTable)]
    for name, table in tables.items():
        if not isinstance(table, LakeTable) or table.target is None:
            continue
        where = f"tables.{name}.output"
        try:
            check_lake_table(table, table.target, replace=replace, read=read)
        except SealscrubError as error:
            error.where = f"{where}: {error.where}"
            raise


def write_tables(
    tables: Mapping[str, Table],
    changes: Mapping[str, TableChange],
    whole: Mapping[str, pl.DataFrame],
    root: Path,
    part: Path,
    *,
    jobs: int = 1,
    progress: Progress | None = None,
    linked: Mapping[str, Links] | None = None,
) -> None:
    """Write every table below a folder, each at its place; files that are `linked` are not written again."""
    refuse_shared_places(tables, root)

    def write(name: str) -> None:
        table = tables[name]
        if isinstance(table, DatabaseTable) or is_in_catalog(table):
            return
        if not isinstance(table, FilesTable | LakeTable):
            raise ConfigError(f"{name} is not a table of files", hint="return frames instead of writing them.")
        links = (linked or {}).get(name) or Links()
        _write_files(table, changes.get(name), whole.get(name), part / place_of(table, root), links)
        if progress is not None:
            progress(name, table.rows or 0, 1.0)

    with ThreadPoolExecutor(max(1, jobs)) as pool:
        for done in [pool.submit(write, name) for name in tables]:
            done.result()


def place_in_catalogs(
    tables: Mapping[str, Table], changes: Mapping[str, TableChange], catalogs: IcebergPlacement, kept_as: str | None
) -> list[str]:
    """Write the tables that go to catalogs; give what a person should know. See :meth:`IcebergPlacement.place`."""
    said = []
    for name, table in tables.items():
        if isinstance(table, LakeTable) and isinstance(table.target, IcebergAddress):
            said += [f"{name}: {each}" for each in catalogs.place(table, changes[name], table.target, kept_as)]
    return said


def _write_files(
    table: FilesTable | LakeTable,
    change: TableChange | None,
    rows: pl.DataFrame | None,
    target: Path,
    links: Links,
) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(table, LakeTable) and links.files:
        for relative, path in links.files.items():
            link_file(path, target / relative)
    elif isinstance(table, LakeTable) and table.target is not None and change is not None:
        if not isinstance(table, DeltaTable):
            target.mkdir()
        write_lake_table(ChangedTable(table, change), table.target, target, links.parts)
    elif isinstance(table, DeltaTable) and change is not None:
        table.changed(change, target, linked=links.parts)
    elif isinstance(table, FilesTable) and links.files and change is None:
        table.linked(links.files, target)
    elif isinstance(table, FilesTable) and change is not None:
        table.changed(change, target, linked=links.files)
    elif change is not None:
        table.changed(change, target)
    elif rows is not None:
        table.replaced(rows, target)


def written_files(place: Path) -> dict[Path, Path]:
    """Give the files that a Delta or Iceberg table was written as, by their places below its own."""
    found = sorted(path for path in place.rglob("*") if path.is_file()) if place.is_dir() else [place]
    return {path.relative_to(place): path for path in found}


def copy_files(
    tables: Mapping[str, Table],
    changes: Mapping[str, TableChange],
    estate: Estate,
    rules: Mapping[str, TableRules],
    root: Path,
    part: Path,
) -> list[str]:
    """Copy the files that rows name in the output; give warnings of those that no row names.

    Raises
    ------
    UsageError
        When a row names a file that does not exist, is outside of the manifest's folder, or is itself a table, a key
        or an index.
    """
    warnings = []
    own = {path.resolve() for table in tables.values() for path in table.files}
    for name, rule in rules.items():
        spec = rule.spec.files
        if spec is None:
            continue
        where = f"{rule.where}.files"
        folder = inside(spec.folder, root, where)
        stored = estate.gathered[name].columns[spec.column].cast(pl.String)
        patch = changes[name].patches.get(spec.column)
        column = stored if patch is None else stored.clone().scatter(patch.rows, patch.values.cast(pl.String))
        for written in column.filter(pl.Series(changes[name].keep)).drop_nulls().unique().sort().to_list():
            _copy(written, folder, root, part, where, own)
        named = set(stored.drop_nulls().to_list())
        there = sum(1 for path in folder.rglob("*") if path.is_file() and str(path.relative_to(folder)) not in named)
        if there:
            warnings.append(f"{name}: {there} files of {spec.folder} are named by no row, and were not copied")
    return warnings


def _copy(written: str, folder: Path, root: Path, part: Path, where: str, own: Collection[Path]) -> None:
    try:
        source = Path(os.path.normpath(folder / written))
        fits = source.is_relative_to(folder) and source.resolve().is_relative_to(folder.resolve())
        if not fits or not source.is_file():
            raise UsageError(
                "a row names a file that does not exist, or is outside of the manifest's folder",
                where=where,
                hint="fix the manifest; nothing was written.",
            )
    except (ValueError, OSError):  # a name that no file can have
        raise UsageError("a row names something that cannot be a file", where=where, hint="fix the manifest.") from None
    if source.resolve() in own or is_the_custodians(source):
        raise UsageError(
            "a row names a file that is a table of the plan, a key or an index",
            where=where,
            hint="keep the files that rows name in a folder of their own, and name it by files.folder.",
        )
    target = part / source.relative_to(root)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
