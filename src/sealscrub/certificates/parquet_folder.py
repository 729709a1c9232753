"""What a path holds: the files of a folder that are its rows, or a file that is read as a table of Arrow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sealscrub.errors import UnreadableInput, UsageError
from sealscrub.file_system import readable
from sealscrub.tables.file import SourceFile
from sealscrub.tables.formats import format_named, known_format
from sealscrub.tables.lake_folders import refuse_lake_parts

__all__ = ["arrow_file", "is_parquet", "parquet_files"]


def is_parquet(path: Path) -> bool:
    """Whether a file is Parquet, by its name or, if that says no format, by how it begins."""
    with readable(path):
        kind = known_format(path)
    return kind is not None and kind.format == "parquet"


def arrow_file(data: Any) -> Any:
    """Give a file that is read whole as its pyarrow Table; anything else as it is."""
    if not isinstance(data, str | Path):
        return data
    path = Path(data)
    kind = known_format(path)
    if kind is None or kind.text or kind.format == "parquet" or not path.is_file():
        return data
    return kind(SourceFile(path, Path(path.name), kind.format)).arrow()


def parquet_files(folder: Path) -> list[Path]:
    """Give the files of a folder of Parquet, in the order of their names.

    Raises
    ------
    UsageError
        When it holds something else, a link to a folder, or partitions: their values are in no file; or when it
        is of a Delta table.
    UnreadableInput
        When it holds no Parquet file.
    """
    files = []
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith(".") or (part.startswith("_") and "=" not in part) for part in parts)
        if path.is_dir():
            refuse_lake_parts(path)
            if not hidden and (path.is_symlink() or "=" in path.name):
                raise UsageError(
                    "the folder holds partitions or links to folders, which no digest covers",
                    where=str(folder),
                    hint="write the table as one Parquet file, or without partitions.",
                )
        elif hidden and format_named(path) is None:
            continue
        elif hidden or not is_parquet(path):
            raise UsageError(
                "the folder holds hidden files, or files other than Parquet",
                where=str(folder),
                hint="keep only the dataset's Parquet files in it.",
            )
        else:
            files.append(path)
    if not files:
        raise UnreadableInput("there is no Parquet file in it", where=str(folder))
    return files
