"""What of Iceberg's features is read, and what is refused by name."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from typing import Any

from sealscrub.errors import UnreadableInput, UsageError

__all__ = ["DATA", "refuse_file", "refuse_unread", "refuse_unwritten"]

DATA, _POSITION_DELETES, _EQUALITY_DELETES = 0, 1, 2  # as manifests number what a file holds; version 1 has data only
_READ = (1, 2)
_BY_CORE = ("bucket", "day", "hour", "month", "truncate", "year")  # which pyiceberg-core computes


def refuse_unread(metadata: Any, where: str) -> None:
    """Refuse a table of a format version that cannot be read without a wrong answer.

    Raises
    ------
    UnreadableInput
    """
    if metadata.format_version not in _READ:
        raise _unread(f"format version {int(metadata.format_version)}", where)
    if getattr(metadata, "current_schema_id", None) not in {schema.schema_id for schema in metadata.schemas}:
        raise UnreadableInput("the metadata name no schema that can be read", where=where)
    if not metadata.schema().fields:
        raise UnreadableInput("the table has no columns", where=where)


def refuse_file(file: Any, where: str) -> None:
    """Refuse a data file, or a file of deletes, that is not read.

    Raises
    ------
    UnreadableInput
    """
    held = str(getattr(file.file_format, "value", file.file_format)).upper()
    if file.content == _EQUALITY_DELETES:
        raise _unread("equality deletes", where)
    if file.content not in (DATA, _POSITION_DELETES):
        raise _unread("an unknown kind of file", where)
    if held == "PUFFIN":
        raise _unread("deletion vectors", where)
    if held != "PARQUET":
        raise _unread(f"files of {held}" if held in ("ORC", "AVRO") else "an unknown format of files", where)
    if file.key_metadata:
        raise _unread("encryption", where)


def refuse_unwritten(transforms: Iterable[str], where: str) -> None:
    """Refuse a table with partitions that pyiceberg does not write as it is installed.

    Raises
    ------
    UsageError
    """
    others = {name.partition("[")[0] for name in transforms} - {"identity"}
    unknown = others - set(_BY_CORE)
    if not others or (not unknown and importlib.util.find_spec("pyiceberg_core") is not None):
        return
    shown = "an unknown transform" if unknown else ", ".join(sorted(others))
    raise UsageError(
        f"the table is partitioned by what is not written: {shown}",
        where=where,
        hint="pip install 'pyiceberg[pyiceberg-core]', or write a file of Parquet: -o clean.parquet.",
    )


def _unread(feature: str, where: str) -> UnreadableInput:
    return UnreadableInput(
        f"the table uses what is not read: {feature}",
        where=where,
        hint="write it with its own engine as a plain table of format version 2, and scan that.",
    )
