"""A DuckDB that reaches one file to read, perhaps one to write, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sealscrub.errors import UnreadableInput

__all__ = ["SOURCE", "TARGET", "connect"]

SOURCE = "sealscrub_source"
TARGET = "sealscrub_target"


def connect(file: Path, *, target: Path | None = None) -> Any:
    """Attach a file read-only, and a new one to write; after that nothing else can be reached.

    Nothing is spilled to disk: a spilled batch would hold rows that are removed.
    """
    import duckdb

    threads = {} if target is None else {"threads": 1}  # more of them cut the row groups by chance
    settings: dict[str, Any] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "temp_directory": "",
    }
    connection = duckdb.connect(config={**settings, **threads, "python_enable_replacements": False})
    try:
        connection.execute(f"ATTACH {_literal(file)} AS {SOURCE} (READ_ONLY)")
        if target is not None:
            connection.execute(f"ATTACH {_literal(target)} AS {TARGET}")
        for setting in ("enable_external_access = false", "GLOBAL TimeZone = 'UTC'", "lock_configuration = true"):
            connection.execute(f"SET {setting}")
    except (duckdb.Error, OSError):
        connection.close()
        raise UnreadableInput(
            "can't be opened as a DuckDB database",
            where=str(file),
            hint="close programs that have it open for writing; a newer DuckDB may be needed.",
        ) from None
    return connection


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
