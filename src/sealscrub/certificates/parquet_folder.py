"""Which files of a folder are its rows: those that a scan reads, or the folder has no content digest."""

from __future__ import annotations

from pathlib import Path

from sealscrub.errors import UnreadableInput, UsageError

__all__ = ["is_parquet", "parquet_files"]

_PARQUET = (".parquet", ".pq")
_OTHER = (".csv", ".tsv", ".tab", ".txt", ".psv", ".jsonl", ".ndjson")


def is_parquet(path: Path) -> bool:
    """Whether a file is Parquet, by its suffix in any case, or where that is not known by how it begins."""
    suffix = path.suffix.lower()
    if suffix in _PARQUET or suffix in _OTHER or any(each.lower() in _OTHER for each in path.suffixes):
        return suffix in _PARQUET
    try:
        with path.open("rb") as file:
            return file.read(4) == b"PAR1"
    except OSError as error:
        raise UnreadableInput(f"cannot be read ({error.strerror})", where=str(path)) from None


def parquet_files(folder: Path) -> list[Path]:
    """Give the files of a folder of Parquet, in the order of their names.

    Raises
    ------
    UsageError
        When it holds something else, a link to a folder, or partitions: their values stand in no file.
    UnreadableInput
        When it holds no Parquet file.
    """
    files = []
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith(".") or (part.startswith("_") and "=" not in part) for part in parts)
        if path.is_dir():
            if not hidden and (path.is_symlink() or "=" in path.name):
                raise UsageError(
                    "the folder holds a partition or a link to a folder, which are in no file's rows",
                    where=str(folder),
                    hint="write the table as one Parquet file, or without partitions.",
                )
        elif hidden and path.suffix.lower() not in (*_PARQUET, *_OTHER):
            continue
        elif hidden or not is_parquet(path):
            raise UsageError(
                "the folder holds a file that is no Parquet, or a hidden one",
                where=str(folder),
                hint="keep the dataset's Parquet files alone in it.",
            )
        else:
            files.append(path)
    if not files:
        raise UnreadableInput("there is no Parquet file in it", where=str(folder))
    return files
