"""Files and folders of a result as pieces: names, bytes, and what data files hold other than their rows."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq

from sealscrub.errors import SealscrubError
from sealscrub.tables.file import SourceFile
from sealscrub.tables.formats import known_format
from sealscrub.tables.sources import open_file

from .pieces import Incomparable, Piece, digest
from .result_tables import arrow_piece, table_piece

__all__ = ["made_here", "names_files", "path_pieces"]

_LONGEST_PATH = 4096


def path_pieces(value: Path, path: str) -> Iterator[Piece]:
    """Give what is at a path, file by file.

    Raises
    ------
    Incomparable
        When nothing is.
    """
    if value.is_dir():
        names = sorted(str(item.relative_to(value)) for item in value.rglob("*") if item.is_file())
        yield Piece(path, "value", (), {"(files)": digest(names)})
        for name in names:
            yield from path_pieces(value / name, f"{path}.{name}".lstrip("."))
        return
    if not value.is_file():
        raise Incomparable("the function returned a path at which there is nothing")
    yield Piece(path, "value", (), {"(bytes)": hashlib.sha256(value.read_bytes()).hexdigest()})
    with contextlib.suppress(SealscrubError, pl.exceptions.PolarsError, OSError, ValueError):
        kind = known_format(value)
        free_text = ".txt" in map(str.lower, value.suffixes)  # its first line is not names of columns
        if kind is not None and not free_text:
            yield _of_parquet(value, path) if kind.format == "parquet" else _of_rows(value, kind.format, path)


def _of_rows(value: Path, format: str, path: str) -> Piece:
    table = open_file(SourceFile(value, Path(value.name), format))
    rows = table.arrow()
    piece = table_piece(table.frame() if rows is None else rows, path)
    assert piece is not None  # noqa: S101 - a frame is one
    return Piece(path, "table", piece.columns, {"(type)": "file"})


def _of_parquet(value: Path, path: str) -> Piece:
    """The table, its metadata, the sizes of its row groups, and the statistics of each column."""
    file = pq.ParquetFile(value)
    found = file.metadata
    piece = arrow_piece(file.read(), path)
    groups = [found.row_group(at) for at in range(found.num_row_groups)]
    facts = {
        "(attrs)": digest(sorted((k, v) for k, v in (found.metadata or {}).items() if k != b"ARROW:schema")),
        "(row groups)": str([group.num_rows for group in groups]),
    }
    for at in range(found.num_columns):
        parts = [group.column(at) for group in groups]
        name = f"{parts[0].path_in_schema} (statistics)" if parts else ""
        said = [str(part.statistics.to_dict()) if part.statistics is not None else "" for part in parts]
        if name:
            facts[name] = digest(said)
    return Piece(path, "table", piece.columns, {"(type)": "file", **facts})


def made_here(value: Any) -> Path | None:
    """The file or folder that a text names, if it is in a place that a function may write."""
    if not isinstance(value, str) or not 0 < len(value) < _LONGEST_PATH:
        return None
    if not os.path.isabs(value) and not _has_moved():
        return None
    with contextlib.suppress(OSError, ValueError):
        found = Path(value).resolve()
        if any(map(found.is_relative_to, _places())) and found.exists():
            return found
    return None


def names_files(texts: Iterable[Any]) -> bool:
    """Whether one of many texts names a file that the function made."""
    moved = _has_moved()
    return any(made_here(text) for text in texts if isinstance(text, str) and (moved or text.startswith(os.sep)))


def _places() -> list[Path]:
    return [Path(place).resolve() for place in (tempfile.gettempdir(), "/dev/shm")]  # noqa: S108 - what it may write


def _has_moved() -> bool:
    """Whether the function went to a place that it may write: names may be relative to it."""
    here = Path.cwd()
    return any(map(here.is_relative_to, _places()))
