"""What of an Iceberg table's folder one version needs, and what else is there."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any

from sealscrub.errors import UsageError

from ..table_leftovers import ORPHANED, FolderKinds, Leftovers, find_leftovers
from .iceberg_catalog import PATHS, checked_manifests, is_inside, local_path
from .iceberg_named import NamedFiles, metadata_document
from .iceberg_neighbours import refuse_shared, shown_names
from .iceberg_snapshot import IcebergSnapshot

__all__ = ["leftovers", "named_files", "needed_files", "refuse_purge"]

_METADATA = "metadata"
_HINT = "metadata/version-hint.text"  # a number, which Hadoop's catalogs need
_ID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_KINDS = (
    ("metadata file", re.compile(r"(.*/)?[^/]+\.metadata\.json(\.gz)?")),
    ("statistics file", re.compile(r"(.*/)?[^/]+\.(puffin|stats)|metadata/[^/]+\.parquet")),
    ("manifest list", re.compile(r"(.*/)?snap-[^/]+\.avro")),
    ("manifest", re.compile(r"(.*/)?([^/]*-m\d+|optimized-m-[^/]+)\.avro|metadata/[^/]+\.avro")),
    ("data file", re.compile(r".*\.(parquet|orc|avro)")),
)
# what names a file is deleted after it: if a run is cut off, the next one knows by name what is left
_ORDER = ("data file", "manifest", "manifest list", "statistics file", "checksum", "metadata file")
_BY_WRITERS = re.compile(  # names that writers give what is in the folder of metadata
    rf"(v\d+|\d+-{_ID})(\.gz)?\.metadata\.json(\.gz)?|snap-\d+-\d+-{_ID}\.avro|(optimized-m-)?{_ID}(-m\d+)?\.avro"
    rf"|([\w\-]*{_ID}|\d{{10,}})\.(stats|puffin)|partition-stats-\d+(-{_ID})?\.parquet"
)
_DATA_BY_WRITERS = re.compile(  # folders of partitions or of the layout for object stores, and the id of a commit
    rf"([^/=]+=[^/]*/|[01]{{4,}}/|[0-9a-f]{{8}}/)*(\d[\w\-]*-)?{_ID}[\w.\-]*\.(parquet|orc|avro)"
)


def refuse_purge(snapshot: IcebergSnapshot) -> Leftovers:
    """Refuse a table whose history cannot be deleted.

    Parameters
    ----------
    snapshot : IcebergSnapshot
        The current version.

    Returns
    -------
    Leftovers
        All that is in the folder.

    Raises
    ------
    UsageError
        When branches, tags or a property keep versions, or when files of the table are outside of its folder, or files
        in it are another table's or unknown.
    UnreadableInput
        When the folder holds a symbolic link, or cannot be listed.
    """
    where = str(snapshot.address)
    others = sorted(name for name in snapshot.metadata.refs if name != "main")
    if others:
        raise UsageError(
            f"the table has branches or tags, which keep versions: {shown_names(others)}",
            where=where,
            hint="remove them with pyiceberg (manage_snapshots().remove_tag), and run it again.",
        )
    if str(snapshot.metadata.properties.get("gc.enabled", "")).lower() == "false":
        raise UsageError(
            "no file of the table may be deleted (gc.enabled is false): others may use them",
            where=where,
            hint="scrub it into a new table, or remove the property if no one else does.",
        )
    if snapshot.folder.is_symlink() or not snapshot.folder.is_dir():
        raise UsageError("the table's folder is a symbolic link, or does not exist", where=where)
    named = named_files(snapshot)
    if _of_other_tables(snapshot, named):
        raise UsageError(
            "the table's folder holds metadata of another table, whose files would be deleted",
            where=where,
            hint="scrub it into a new table.",
        )
    refuse_shared(snapshot)
    found = leftovers(snapshot, (), named)
    outside = sum(path.exists() and not is_inside(path, snapshot.folder) for path in named)
    if outside:
        raise UsageError(
            f"files of the table are outside of its folder, and would not be deleted: {outside:,}",
            where=where,
            hint="scrub it into a new table, and delete the files of the old one.",
        )
    for name in PATHS:
        place = snapshot.metadata.properties.get(name)
        if place and not is_inside(local_path(place, where), snapshot.folder):
            raise UsageError(
                f"the table's files are put outside of its folder ({name}), and would not be deleted",
                where=where,
                hint="remove the property, or scrub it into a new table.",
            )
    return found


def named_files(snapshot: IcebergSnapshot) -> Collection[Path]:
    """Give the files that the table's metadata names, of all its versions."""
    return NamedFiles(snapshot, str(snapshot.address), snapshot.folder).files


def leftovers(snapshot: IcebergSnapshot, needed: Iterable[Path], named: Collection[Path]) -> Leftovers:
    """Find what a version does not need: what the table's metadata names, and orphans that its writers left.

    An orphan is a file that no version names. It is of the table if it lies where its writers put files, under a name
    that they give.

    Parameters
    ----------
    snapshot : IcebergSnapshot
        The table.
    needed : iterable of Path
        The files that the version consists of.
    named : collection of Path
        What :func:`named_files` gives.

    Raises
    ------
    UsageError
        When there are files that are not known as those of the table.
    UnreadableInput
        When the folder holds a symbolic link, or cannot be listed.
    """
    folder = snapshot.folder
    hint = folder / _HINT
    found = [hint] if hint.is_file() else []
    inside = {path.resolve().relative_to(folder.resolve()).as_posix() for path in named if is_inside(path, folder)}
    return find_leftovers(folder, [*needed, *found], FolderKinds("Iceberg", _METADATA, _kinds(inside, snapshot)))


def needed_files(table: Any, where: str) -> list[Path]:
    """Give the files of which the current version of a table consists, its metadata file among them.

    Parameters
    ----------
    table : pyiceberg.table.Table or IcebergSnapshot
        As its catalog has it.
    where : str
        What it is called in errors.
    """
    found = [table.metadata_location]
    current = table.metadata.current_snapshot()
    if current is not None:
        found.append(current.manifest_list)
        io = checked_manifests(table.io)
        for manifest in current.manifests(io):
            entries = manifest.fetch_manifest_entry(io, discard_deleted=True)
            found += [manifest.manifest_path, *(entry.data_file.file_path for entry in entries)]
    return [local_path(place, where) for place in found]


def _kinds(named: Collection[str], snapshot: IcebergSnapshot) -> Callable[[str], tuple[int, str] | None]:
    data, metadata = (_roots(snapshot, default, name) for default, name in zip(("data", _METADATA), PATHS, strict=True))

    def kind(name: str) -> tuple[int, str] | None:
        """Give the kind of a file by its name below the table's folder, and when it is deleted; None if not known."""
        folder, _, last = name.rpartition("/")
        if last.startswith(".") and last.endswith(".crc"):
            beside = f"{folder}/" * bool(folder) + last[1:].removesuffix(".crc")
            known = beside == _HINT or kind(beside) is not None
            return (_ORDER.index("checksum"), "checksum") if known else None
        found = next((kind for kind, pattern in _KINDS if pattern.fullmatch(name)), None)
        if name in named:
            return _ORDER.index(found or "data file"), found or "data file"
        if found is None:
            return None
        if found == "data file":
            own = any(name.startswith(root) and _DATA_BY_WRITERS.fullmatch(name.removeprefix(root)) for root in data)
        else:
            own = any(name.startswith(root) and _BY_WRITERS.fullmatch(name.removeprefix(root)) for root in metadata)
        return (_ORDER.index(found), f"{ORPHANED}{found}") if own else None

    return kind


def _roots(snapshot: IcebergSnapshot, default: str, name: str) -> list[str]:
    """Give the folders below the table's in which its writers put files, each with a slash at its end."""
    found = [snapshot.folder / default]
    if snapshot.metadata.properties.get(name):
        found.append(local_path(snapshot.metadata.properties[name], str(snapshot.address)))
    inside = [path.resolve() for path in found if is_inside(path, snapshot.folder)]
    return [f"{path.relative_to(snapshot.folder.resolve()).as_posix()}/".removeprefix("./") for path in inside]


def _of_other_tables(snapshot: IcebergSnapshot, named: Collection[Path]) -> bool:
    """Whether a metadata file in the folder is of another table, or does not say of which."""
    own = {path.resolve() for path in named}
    others = [path for path in snapshot.folder.rglob("*.metadata.json*") if path.resolve() not in own]
    found = [metadata_document(path) or {} for path in others]  # one of this table was written since these were named
    table = str(snapshot.metadata.table_uuid)
    return any("format-version" in each and each.get("table-uuid") != table for each in found)
