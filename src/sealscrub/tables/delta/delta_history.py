"""All that earlier versions of a Delta table left in its folder: rows of every file, and the texts of the log."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import polars as pl

from sealscrub.errors import SealscrubError, UnreadableInput

from ..file import Opening, SourceFile
from ..file_sequence import TableHistory
from ..json_texts import json_texts
from ..row_verdicts import RowMask
from ..sources import open_file
from ..table import DECLARATION, FILE_NAME
from .delta_checkpoint import cut_length
from .delta_log import LOG, DataFile, is_outside, log_actions
from .delta_part import DeltaPart
from .delta_partitions import beside_partitions, hive_values
from .delta_snapshot import DeltaSnapshot

__all__ = ["DeltaHistory"]

_CHECKSUM = b"crc\x00"  # of Hadoop, next to a file: of its bytes, and none of them
_LISTS = ("minValues", "maxValues")
_VERSION = re.compile(r"\.?\d{20}(\.checkpoint(\.\d{10}\.\d{10}|\.[0-9a-f-]{36})?)?\.(json|parquet|crc)(\.crc)?")


class DeltaHistory(TableHistory):
    """Every row that is in a Delta table's folder, whichever versions name its file, and the texts of the log.

    Rows of the newest version are among them, and so are those that deletion vectors hide. It is read only.

    Parameters
    ----------
    name : str
        What it is called in errors and reports.
    snapshot : DeltaSnapshot
        A version, by whose schema columns are named.
    opening : Opening, optional
        How files are opened.

    Raises
    ------
    UnreadableInput
        When a file of the folder is not what its name says.
    """

    snapshot: DeltaSnapshot
    parts: list[DeltaPart]

    def __init__(self, name: str, snapshot: DeltaSnapshot, opening: Opening | None = None) -> None:
        self.name = name
        self.snapshot = replace(snapshot, live={})
        self._texts: dict[str, dict[str, None]] = {}
        self._logged: dict[str, DataFile] = {}
        self._bounds: dict[str, float] = {}
        self._cut = cut_length(None)
        self._foreign: list[str] = []
        self._unread: list[str] = []
        found: list[str] = []
        named: dict[str, None] = {}
        for path in sorted(snapshot.folder.rglob("*")):
            relative = path.relative_to(snapshot.folder)
            if path.is_symlink():
                raise UnreadableInput("a symbolic link is not followed", where=name, hint="copy what it names.")
            if path.is_file() and relative.parts[0] == LOG and _of_log(path):
                self._read_log(path)
            elif path.is_file() and path.suffix == ".parquet":
                found.append(relative.as_posix())
            elif path.is_file() and not _says_nothing(path):
                self._foreign.append(relative.as_posix())
            if path.suffix != ".parquet" or relative.parts[0] == LOG:
                named[relative.as_posix()] = None
        how = opening or Opening()
        self.parts = [DeltaPart(self.snapshot, self._file(path), how) for path in found]
        self.names_held = found
        above = {folder.as_posix() for path in found for folder in Path(path).parents}
        self._named = [
            part for path in named if path not in above for part in path.split("/") if not _VERSION.fullmatch(part)
        ]

    def _file(self, path: str) -> DataFile:
        return self._logged.get(path) or DataFile(path, path, hive_values(path), None, (0, 0, path))

    def _read_of(self, path: str) -> dict[str, str | None]:
        """Give the values of a file's partition that its rows show; folders may also be named by other columns."""
        schema = self.snapshot.schema
        shown = {each for name in schema.partitions for each in (name, schema.physical[name])}
        return {name: text for name, text in self._file(path).partition.items() if name in shown}

    def _read_log(self, path: Path) -> None:
        if path.suffix == ".crc" and path.read_bytes()[:4] == _CHECKSUM:
            return
        for action in log_actions(path):
            for kind, body in action.items():
                if isinstance(body, dict) and kind in ("add", "remove", "cdc") and "path" in body:
                    held = unquote(body["path"])
                    if "partitionValues" in body or held not in self._logged:
                        values = dict(body["partitionValues"] or {}) if "partitionValues" in body else hive_values(held)
                        self._logged[held] = DataFile(held, body["path"], values, None, (0, 0, held))
                    self._bounds[held] = max(self._bounds.get(held, 0), _longest_bound(body.get("stats")))
                if isinstance(body, dict) and kind == "metaData":
                    self._cut = min(self._cut, cut_length(body.get("configuration")))
                self._note(kind, body)
        if path.suffix == ".parquet":
            self._read_beside_rows(path)

    def _read_beside_rows(self, path: Path) -> None:
        """Read what a checkpoint or a sidecar holds other than its actions, as that of a data file is read."""
        try:
            file = open_file(SourceFile(path, Path(path.name), "parquet"), Opening())
            for name, texts in file.metadata.items():
                self._note(name, texts)
            for name, levels in file.unused_levels(_all):
                self._note(name, levels.to_list())
            self._unread += file.unread_parts()
        except SealscrubError as error:
            error.where = self.name
            raise

    def _note(self, name: str, said: Any) -> None:
        self._texts.setdefault(name, {}).update(dict.fromkeys(json_texts(said)))

    @property
    def metadata(self) -> Mapping[str, list[str]]:
        """What the log says, by the kinds of its actions, and the metadata of the files."""
        return self.texts_beside(self._texts)

    def names(self) -> Iterator[tuple[str, list[str]]]:
        """Give the names of columns of all files, and of the files and folders, those among them that are not read."""
        for place, names in super().names():
            yield (
                place,
                list(
                    dict.fromkeys(
                        [*names, *(each for part in self.parts for each in part.asked(lambda file: file.columns))]
                    )
                ),
            )
        yield DECLARATION, self.snapshot.schema.declarations
        held = [name for path in self.names_held for name in beside_partitions(path, self._read_of(path))]
        yield FILE_NAME, list(dict.fromkeys([*held, *self._named]))

    def unread_parts(self) -> tuple[str, ...]:
        """Say what the folder holds that is neither data nor log, and where the log may hold a part of an id."""
        parts = [*self._unread]
        parts += [each for part in self.parts for each in part.asked(lambda file: file.unread_parts())]
        if self._foreign:
            parts.append(f"files of the folder are neither data nor log, and were not read: {len(self._foreign)}")
        here = set(self.names_held)
        if any(longest >= self._cut for path, longest in self._bounds.items() if path not in here):
            parts.append("the log holds bounds of files that do not exist any more, which may be cut within an id")
        if any(map(is_outside, self._bounds)):
            parts.append("earlier versions name files outside of the table's folder, which were not read")
        return tuple(dict.fromkeys(parts))


def _all(column: str, levels: pl.Series) -> RowMask:
    return np.ones(len(levels), dtype=np.bool_)


def _of_log(path: Path) -> bool:
    return path.suffix in (".json", ".parquet", ".crc") or path.name == "_last_checkpoint"


def _says_nothing(path: Path) -> bool:
    """Whether a file holds only positions and checksums: deletion vectors, and Hadoop's files next to others."""
    if path.name.startswith("deletion_vector_") and path.suffix == ".bin":
        return True
    with path.open("rb") as file:
        return path.suffix == ".crc" and file.read(4) == _CHECKSUM


def _longest_bound(statistics: Any) -> float:
    """Give the number of characters of the longest bound of a file; of one that cannot be read, more than any."""
    try:
        read = json.loads(statistics or "{}")
        bounds = [text for name in _LISTS for text in json_texts(read.get(name) or {})]
    except (TypeError, ValueError, AttributeError):
        return math.inf
    return max(map(len, bounds), default=0)
