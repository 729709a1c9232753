"""Folders whose files are not their rows: a log or list of snapshots says which of them count."""

from __future__ import annotations

import os
import re
from pathlib import Path

from sealscrub.errors import ConfigError, UnreadableInput, UsageError

__all__ = [
    "DELTA",
    "HUDI",
    "ICEBERG",
    "LAKES",
    "LOG_FOLDERS",
    "begins_with",
    "behind_prefix",
    "iceberg_metadata_files",
    "lake_format",
    "lake_hint",
    "refuse_lake_parts",
    "refuse_output_in_lake",
]

DELTA, ICEBERG, HUDI = "Delta", "Iceberg", "Hudi"
LAKES = {DELTA: "a Delta table", ICEBERG: "an Iceberg table", HUDI: "a Hudi table"}
LOG_FOLDERS = {"_delta_log": DELTA, ".hoodie": HUDI}
"""By whose names a folder is that of a table."""
_HINT = "version-hint.text"
_ICEBERG_METADATA = re.compile(
    r"version-hint\.text|(v\d+|\d{5,}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})(\.gz)?\.metadata\.json(\.gz)?",
    re.IGNORECASE,
)
_BY_CATALOG = "name the table by its catalog, iceberg:CATALOG/NAMESPACE.TABLE; or "
_NOT_READ = "use its engine to write the current version to Parquet files in another folder, and name that folder."


def lake_format(folder: Path) -> str | None:
    """Give the format of the table that a folder holds, ``Delta``, ``Iceberg`` or ``Hudi``; None of any other folder.

    The layouts are those of the Delta protocol ("Delta Log Entries"), of the Iceberg table spec ("File System Tables",
    and a catalog's ``metadata`` folder) and of Hudi's "Storage Layouts". Data files that an Iceberg table keeps outside
    its own folder (``write.data.path``) do not show that they are of one.

    Raises
    ------
    UnreadableInput
        When a ``metadata`` folder cannot be listed, so that nothing says whether the table is Iceberg's.
    """
    for name, format in LOG_FOLDERS.items():
        if (folder / name).is_dir():
            return format
    return ICEBERG if _has_iceberg_metadata(folder / "metadata") else None


def iceberg_metadata_files(folder: Path) -> list[Path]:
    """Give the metadata files of the versions of an Iceberg table, in the order of their names."""
    found = sorted((folder / "metadata").iterdir())
    return [path for path in found if path.name != _HINT and _ICEBERG_METADATA.fullmatch(path.name)]


def begins_with(prefix: str, text: object) -> bool:
    """Whether a name is meant as an address with this prefix, in whichever letters that is written."""
    return isinstance(text, str | os.PathLike) and str(os.fspath(text))[: len(prefix)].lower() == prefix


def behind_prefix(prefix: str, text: str | os.PathLike[str]) -> str:
    """Give what an address says behind its prefix.

    Raises
    ------
    ConfigError
        When the prefix is not in small letters. The rest is not shown, which may hold a password.
    """
    whole = os.fspath(text)
    if not whole.startswith(prefix):
        raise ConfigError("an address begins with small letters", hint=f"write {prefix}")
    return whole.removeprefix(prefix)


def lake_hint(format: str, folder: str) -> str:
    """Say how the rows of a table of that format can be read."""
    if format == DELTA:
        return f"name the table: delta:{folder}; keep other files out of its folder."
    return _BY_CATALOG + _NOT_READ if format == ICEBERG else _NOT_READ


def refuse_lake_parts(path: Path) -> None:
    """Refuse a place that is, or is in, the folder of a Delta, Iceberg or Hudi table.

    Its files are not its rows: rows that were deleted stand in older files, and lists of deletions beside newer ones.

    Raises
    ------
    UsageError
    UnreadableInput
        When a ``metadata`` folder cannot be listed.
    """
    if (found := _lake_above(path)) is not None:
        folder, format = found
        raise UsageError(
            f"this is the folder of {LAKES[format]}, whose metadata says which files and rows are current",
            where=str(folder),
            hint=lake_hint(format, str(folder)),
        )


def refuse_output_in_lake(place: Path) -> None:
    """Refuse a place for an output that is in the folder of a Delta, Iceberg or Hudi table, or would make one of it.

    It would be a file that is not the table's, or is taken for one that a writer left.

    Raises
    ------
    UsageError
    UnreadableInput
        When a ``metadata`` folder cannot be listed.
    """
    logs = [LOG_FOLDERS[name] for name in place.parts if name in LOG_FOLDERS]
    found = _lake_above(place.parent)
    if found is None and logs:
        raise UsageError(
            f"the output would make the folder that it is in look like that of {LAKES[logs[0]]}",
            where=str(place),
            hint="choose another name.",
        )
    if found is not None:
        raise UsageError(
            f"the output would be in the folder of {LAKES[found[1]]}",
            where=str(place),
            hint="choose a place next to that folder.",
        )


def _lake_above(path: Path) -> tuple[Path, str] | None:
    """Give the table's folder that a place is, or is in, and its format."""
    for folder in dict.fromkeys((path, *path.absolute().parents, *Path(os.path.realpath(path)).parents)):
        if (format := lake_format(folder)) is not None:
            return folder, format
    return None


def _has_iceberg_metadata(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            return any(_ICEBERG_METADATA.fullmatch(entry.name) for entry in entries)
    except (NotADirectoryError, FileNotFoundError):
        return False
    except OSError as error:
        raise UnreadableInput(
            f"cannot be listed ({error.strerror}), and may hold the metadata of an Iceberg table", where=str(folder)
        ) from None
