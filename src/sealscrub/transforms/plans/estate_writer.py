"""Writing an estate: the whole output appears in one step, or none of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl

from sealscrub.atomic_write import is_the_custodians
from sealscrub.errors import ConfigError, Spelled, UsageError
from sealscrub.index import Index
from sealscrub.tables.changes import TableChange
from sealscrub.tables.database import DatabaseTable
from sealscrub.tables.delta.delta_address import DeltaAddress
from sealscrub.tables.delta.delta_table import DeltaTable
from sealscrub.tables.files_table import FilesTable
from sealscrub.tables.table import Table

from ..options import Progress
from .estate.estate_search import Estate
from .open_tables import inside
from .plan_rules import TableRules

__all__ = ["check_output", "check_quarantine", "copy_files", "place_of", "write_tables"]


def check_output(
    output: Path, tables: Mapping[str, Table], index: Index, *, replace: bool, others: Iterable[Path] = ()
) -> None:
    """Refuse an output that is in the way of the input, of the custodian's files, or of something else.

    Parameters
    ----------
    output : Path
    tables : mapping of str to Table
    index : Index
    replace : bool
        Whether it may hold an earlier output, which is moved aside as a whole.
    others : iterable of Path
        What is read other than the tables.

    Raises
    ------
    UsageError
    """
    if output.is_symlink():
        raise UsageError("is a symbolic link", where=str(output), hint="name the folder that it points to.")
    if DeltaAddress.names_one(output):
        raise UsageError(
            "the output of a plan must be a folder", where=str(output), hint="its Delta tables are written below it."
        )
    whole = output.resolve()
    roots = [root.resolve() for table in tables.values() for root in table.roots]
    read = [*others, *(path for table in tables.values() for path in table.files), *roots]
    if any(place == whole or whole in place.parents for place in (path.resolve() for path in read)):
        raise UsageError("the output would replace the input", where=str(output), hint="choose a new folder.")
    if any(root in whole.parents for root in roots):
        raise UsageError(
            "the output would be in the input's folder, and would be read with it next time",
            where=str(output),
            hint="choose a folder next to it.",
        )
    if any(kept.exists() and whole in kept.resolve().parents for kept in index.files):
        raise UsageError(
            "the output would replace the index or its key", where=str(output), hint="choose another place."
        )
    if not output.exists():
        if not output.parent.is_dir():
            raise UsageError("its folder does not exist", where=str(output), hint=f"mkdir -p {output.parent}")
        return
    if not output.is_dir() or is_the_custodians(output):
        raise UsageError("is not a folder", where=str(output), hint="choose a folder.")
    if any(output.iterdir()) and not replace:
        raise UsageError(
            "the output's folder is not empty",
            where=str(output),
            hint=Spelled(
                "choose a new one; or replace=True replaces an earlier output of this plan.",
                "choose a new one; or --replace replaces an earlier output of this plan.",
            ),
        )


def check_quarantine(quarantine: Path, output: Path, tables: Mapping[str, Table]) -> None:
    """Refuse a folder for rows set aside that is in the way of something, or would be read with the input.

    Raises
    ------
    UsageError
    """
    where, place, whole = str(quarantine), quarantine.resolve(), output.resolve()
    if place == whole or whole in place.parents or place in whole.parents:
        raise UsageError(
            "quarantined rows cannot be in the output's folder", where=where, hint="choose a folder outside of it."
        )
    roots = [root.resolve() for table in tables.values() for root in table.roots]
    if any(root == place or root in place.parents for root in roots):
        raise UsageError("would be read with the input the next time", where=where, hint="choose a folder next to it.")
    if quarantine.is_symlink() or (quarantine.exists() and (not quarantine.is_dir() or any(quarantine.iterdir()))):
        raise UsageError("is not new or empty", where=where, hint="choose another folder.")
    if not quarantine.parent.is_dir():
        raise UsageError("its folder does not exist", where=where, hint=f"mkdir -p {quarantine.parent}")


def write_tables(
    tables: Mapping[str, Table],
    changes: Mapping[str, TableChange],
    whole: Mapping[str, pl.DataFrame],
    root: Path,
    part: Path,
    *,
    jobs: int = 1,
    progress: Progress | None = None,
    linked: Mapping[str, Mapping[Path, Path]] | None = None,
) -> None:
    """Write every table below a folder, each at its place; files that are `linked` are not written again."""

    def write(name: str) -> None:
        table = tables[name]
        if isinstance(table, DatabaseTable):
            return
        if not isinstance(table, FilesTable | DeltaTable):
            raise ConfigError(f"{name} is not a table of files", hint="return frames instead of writing them.")
        links = (linked or {}).get(name) or {}
        _write_files(table, changes.get(name), whole.get(name), part / place_of(table, root), links)
        if progress is not None:
            progress(name, table.rows or 0, 1.0)

    with ThreadPoolExecutor(max(1, jobs)) as pool:
        for done in [pool.submit(write, name) for name in tables]:
            done.result()


def _write_files(
    table: FilesTable | DeltaTable,
    change: TableChange | None,
    rows: pl.DataFrame | None,
    target: Path,
    links: Mapping[Path, Path],
) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(table, FilesTable) and links and change is None:
        table.linked(links, target)
    elif isinstance(table, FilesTable) and change is not None:
        table.changed(change, target, linked=links)
    elif change is not None:
        table.changed(change, target)
    elif rows is not None:
        table.replaced(rows, target)


def place_of(table: FilesTable | DeltaTable, root: Path) -> Path:
    """Where a table goes below the output: its path below the plan's root."""
    if isinstance(table, DeltaTable):
        return Path(os.path.normpath(table.place)).relative_to(root)
    first = table.files[0]
    if not table.folder:
        return first.relative_to(root).with_name(table.relative[0].name)
    return Path(*first.parts[: -len(table.relative[0].parts)]).relative_to(root)


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
