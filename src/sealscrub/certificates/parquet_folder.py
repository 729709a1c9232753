"""What a path holds: the files of a folder that are its rows, or a file that is read as a table of Arrow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sealscrub.errors import UnreadableInput, UsageError
from sealscrub.tables.file import FileTable
from sealscrub.tables.formats import known_format
from sealscrub.tables.sources import find_sources, open_file

__all__ = ["arrow_file", "opened_file", "parquet_files"]


def opened_file(place: str | Path) -> FileTable:
    """Open a file, or one of several tables of it.

    Raises
    ------
    UsageError
        When it does not exist.
    UnreadableInput
        When it is not of its format.
    """
    (file,) = find_sources(place).files
    return open_file(file)


def arrow_file(data: Any) -> Any:
    """Give a file that is read whole as its pyarrow Table; anything else as it is."""
    if not isinstance(data, str | Path):
        return data
    path = Path(data)
    kind = known_format(path.with_name(path.name.partition("#")[0]) if not path.exists() else path)
    if kind is None or kind.text or kind.format == "parquet" or path.is_dir():
        return data
    return opened_file(path).arrow()


def parquet_files(folder: Path) -> list[Path]:
    """Give the files of a folder of Parquet, in the order of their names.

    Raises
    ------
    UsageError
        When it holds something else, a link to a folder, or partitions: their values are in no file; or when it
        is of a Delta table.
    UnreadableInput
        When it is empty.
    """
    if not any(path.is_file() for path in folder.rglob("*")):
        raise UnreadableInput("there is no Parquet file in it", where=str(folder))
    found = find_sources(folder)
    if found.unread or any(file.format != "parquet" for file in found.files):
        raise UsageError(
            "the folder holds hidden files, or files other than Parquet",
            where=str(folder),
            hint="keep only the dataset's Parquet files in it.",
        )
    if any("=" in above for file in found.files for above in file.relative.parts[:-1]):
        raise UsageError(
            "the folder holds partitions, which no digest covers",
            where=str(folder),
            hint="write the table as one Parquet file, or without partitions.",
        )
    return [file.path for file in found.files]
