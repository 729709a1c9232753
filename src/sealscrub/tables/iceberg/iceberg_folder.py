"""What of an Iceberg table's folder one version needs, and what else is there."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sealscrub.errors import UnreadableInput, UsageError

from ..table_leftovers import FolderKinds, Leftovers, find_leftovers
from .iceberg_catalog import local_path
from .iceberg_metadata import MetadataTexts
from .iceberg_snapshot import IcebergSnapshot

__all__ = ["leftovers", "needed_files", "refuse_purge"]

_METADATA = "metadata"
_KINDS = (  # in the order in which they are deleted
    ("metadata file", re.compile(r"(.*/)?[^/]+\.metadata\.json(\.gz)?")),
    ("statistics file", re.compile(r"(.*/)?[^/]+\.(puffin|stats)|metadata/[^/]+\.parquet")),
    ("manifest list", re.compile(r"(.*/)?snap-[^/]+\.avro")),
    ("manifest", re.compile(r"metadata/[^/]+\.avro")),
    ("data file", re.compile(r".*\.(parquet|orc|avro)")),
    ("checksum", re.compile(r"(.*/)?\.[^/]+\.crc")),
)
_LETTERS = re.compile(r"[A-Za-z]{1,20}([_-][A-Za-z]{1,20}){0,3}")


def refuse_purge(snapshot: IcebergSnapshot) -> None:
    """Refuse a table whose history cannot be deleted.

    Parameters
    ----------
    snapshot : IcebergSnapshot
        The current version.

    Raises
    ------
    UsageError
        When branches or tags keep versions, or when files of the table are outside of its folder, or files in it are
        another table's or unknown.
    UnreadableInput
        When the folder holds a symbolic link, or cannot be listed.
    """
    where = str(snapshot.address)
    others = sorted(name for name in snapshot.metadata.refs if name != "main")
    if others:
        plain = [name for name in others if _LETTERS.fullmatch(name)]
        more = len(others) - len(plain)
        shown = ", ".join([*plain, *([f"{more} whose names are not of letters alone"] if more else [])])
        raise UsageError(
            f"the table has branches or tags, which keep versions: {shown}",
            where=where,
            hint="remove them with pyiceberg (manage_snapshots().remove_tag), and run it again.",
        )
    if snapshot.folder.is_symlink() or not snapshot.folder.is_dir():
        raise UsageError("the table's folder is a symbolic link, or does not exist", where=where)
    leftovers(snapshot.folder, ())
    if _of_other_tables(snapshot):
        raise UsageError(
            "the table's folder holds metadata of another table, whose files would be deleted",
            where=where,
            hint="scrub it into a new table.",
        )
    outside = sum(not _is_inside(path, snapshot.folder) for path in _named_files(snapshot))
    if outside:
        raise UsageError(
            f"{outside:,} files of the table are outside of its folder, and would not be deleted",
            where=where,
            hint="scrub it into a new table, and delete the files of the old one.",
        )


def leftovers(folder: Path, needed: Iterable[Path]) -> Leftovers:
    """Find what a version does not need.

    Parameters
    ----------
    folder : Path
        The table's.
    needed : iterable of Path
        The files that the version consists of.

    Raises
    ------
    UsageError
        When there are files that are not known as those of an Iceberg table.
    UnreadableInput
        When the folder holds a symbolic link, or cannot be listed.
    """
    hint = folder / _METADATA / "version-hint.text"  # a number, which Hadoop's catalogs need
    found = [hint] if hint.is_file() else []
    return find_leftovers(folder, [*needed, *found], FolderKinds("Iceberg", _METADATA, _kind))


def needed_files(table: Any, where: str) -> list[Path]:
    """Give the files of which the current version of a table consists, its metadata file among them.

    Parameters
    ----------
    table : pyiceberg.table.Table
        As its catalog has it.
    where : str
        What it is called in errors.
    """
    found = [table.metadata_location]
    current = table.metadata.current_snapshot()
    if current is not None:
        found.append(current.manifest_list)
        for manifest in current.manifests(table.io):
            entries = manifest.fetch_manifest_entry(table.io, discard_deleted=True)
            found += [manifest.manifest_path, *(entry.data_file.file_path for entry in entries)]
    return [local_path(place, where) for place in found]


def _kind(name: str) -> tuple[int, str] | None:
    """Give the kind of a file by its name below the table's folder, and when it is deleted; None of an unknown one."""
    for rank, (kind, pattern) in enumerate(_KINDS):
        if pattern.fullmatch(name):
            return rank, kind
    return None


def _of_other_tables(snapshot: IcebergSnapshot) -> bool:
    """Whether a metadata file in the folder is of another table."""
    for path in snapshot.folder.rglob("*.metadata.json*"):
        try:
            held = path.read_bytes()
            document = json.loads(gzip.decompress(held) if held[:2] == b"\x1f\x8b" else held)
            known = document.get("table-uuid")
        except (OSError, ValueError, EOFError, AttributeError):
            continue  # of a run that was cut off
        if known not in (None, str(snapshot.metadata.table_uuid)):
            return True
    return False


def _named_files(snapshot: IcebergSnapshot) -> Iterator[Path]:
    """Give the files that the metadata names, of earlier versions as well."""
    metadata, where = snapshot.metadata, str(snapshot.address)
    said = MetadataTexts({}, where)
    for path in snapshot.folder.rglob("*.avro"):
        try:
            said.read_avro(path)
        except UnreadableInput:
            continue  # of a run that was cut off
    places = [
        *said.named,
        *(held.manifest_list for held in metadata.snapshots),
        *(entry.metadata_file for entry in metadata.metadata_log),
        *(file.statistics_path for file in (*metadata.statistics, *metadata.partition_statistics)),
    ]
    for place in places:
        path = local_path(place, where)
        if path.exists():
            yield path


def _is_inside(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())
