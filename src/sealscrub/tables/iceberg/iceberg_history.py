"""All that versions of an Iceberg table left in its folders: rows of every file, and the texts of its metadata."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq

from sealscrub.errors import UnreadableInput

from ..file import Opening
from ..file_sequence import TableHistory
from ..table import DECLARATION, FILE_NAME
from .iceberg_catalog import local_path
from .iceberg_file import IcebergFile, field_ids
from .iceberg_metadata import MetadataTexts
from .iceberg_named import NamedFiles
from .iceberg_schema import declarations, field_names
from .iceberg_snapshot import IcebergSnapshot

__all__ = ["IcebergHistory"]

_PATH_OF_DELETES, _ROW_OF_DELETES = 2147483546, 2147483544  # reserved ids of fields
_CHECKSUM = b"crc\x00"


class IcebergHistory(TableHistory):
    """Every row that is in an Iceberg table's folders, whichever versions name its file, and the texts of its metadata.

    Rows of the current version are among them, and so are those that files of deletes name. It is read only.

    Parameters
    ----------
    name : str
        What it is called in errors and reports.
    snapshot : IcebergSnapshot
        The version, by whose schema columns are named.
    opening : Opening, optional
        How files are opened.

    Raises
    ------
    UnreadableInput
        When a file is not what its name says.
    """

    snapshot: IcebergSnapshot
    parts: list[IcebergFile]

    def __init__(self, name: str, snapshot: IcebergSnapshot, opening: Opening | None = None) -> None:
        self.name, self.snapshot = name, snapshot
        metadata = snapshot.metadata
        kinds = {number: str(kind) for schema in metadata.schemas for number, kind in _kinds(schema)}
        self._said = MetadataTexts(kinds, name)
        self._ids = {field.name: field.field_id for field in metadata.schema().fields}
        self._opening = opening or Opening()
        self._foreign = 0
        self._rows_in_deletes = False
        self._paths: dict[Path, None] = {}
        self.parts = []
        if not snapshot.folder.is_dir():
            raise UnreadableInput(
                "the table's folder does not exist", where=name, hint="see that the warehouse was copied whole."
            )
        named = NamedFiles(snapshot, name, snapshot.folder, said=self._said)
        self._named = named.files
        for root in (snapshot.folder, *named.folders):
            self._look_through(root)
        while outside := {path for path in self._outside() if path not in self._paths and path.exists()}:
            for path in sorted(outside):
                self._look_at(path)

    def _outside(self) -> Iterator[Path]:
        """Give the files that metadata name; those of the folders were looked at."""
        yield from self._named
        yield from (local_path(each, self.name) for each in self._said.named)

    def _look_through(self, root: Path) -> None:
        for path in sorted(root.rglob("*")):
            if path.is_symlink():
                raise UnreadableInput("a symbolic link is not followed", where=self.name, hint="copy what it names.")
            if path.is_file() and path not in self._paths:
                self._look_at(path)
            else:
                self._paths[path] = None  # of a folder or special file its name alone

    def _look_at(self, path: Path) -> None:
        self._paths[path] = None
        if path.name.endswith((".metadata.json", ".metadata.json.gz")):
            self._said.read_json(path)
        elif path.suffix == ".avro" and (path.parent.name == "metadata" or path in self._named):
            self._said.read_avro(path)
        elif path.suffix == ".parquet":
            self._look_at_parquet(path)
        elif not _says_nothing(path):
            self._foreign += 1

    def _look_at_parquet(self, path: Path) -> None:
        try:
            ids = {number: name for name, number in field_ids(path).items()}
            if _PATH_OF_DELETES in ids:
                held = pq.read_table(path, columns=[ids[_PATH_OF_DELETES]]).column(0)
                self._said.texts.setdefault("deletes", {}).update(
                    dict.fromkeys(held.cast(pa.string()).unique().to_pylist())
                )
                self._rows_in_deletes = self._rows_in_deletes or _ROW_OF_DELETES in ids
                return
        except (OSError, pa.ArrowException):
            raise UnreadableInput("a file cannot be read", where=self.name) from None
        self.parts.append(IcebergFile(path, self._ids, self.snapshot.dtypes, self._opening, self.name))

    @property
    def metadata(self) -> Mapping[str, list[str]]:
        """What the metadata say, by the kinds of their files, and the metadata of the files of data."""
        return self.texts_beside(self._said.texts)

    def names(self) -> Iterator[tuple[str, list[str]]]:
        """Give the names of columns of all files, and of files and folders, those among them that are not read."""
        for place, names in super().names():
            held = [each for part in self.parts for each in part.asked(lambda file: file.columns)]
            yield place, list(dict.fromkeys([*names, *field_names(self.snapshot.metadata), *held]))
        yield DECLARATION, declarations(self.snapshot.metadata)
        yield FILE_NAME, list(dict.fromkeys(each for path in self._paths for each in self._names_of(path)))

    def _names_of(self, path: Path) -> Iterator[str]:
        folder = self.snapshot.folder
        for name in (path.relative_to(folder) if path.is_relative_to(folder) else path).parts:
            text = os.fsencode(name).decode("utf-8", "replace")
            yield from (text, *unquote(text).split("=", 1))

    def unread_parts(self) -> tuple[str, ...]:
        """Say what the folders hold that is neither data nor metadata, and where there may be a part of an id."""
        parts = [each for part in self.parts for each in part.asked(lambda file: file.unread_parts())]
        if self._foreign:
            parts.append(f"files of the folder are neither data nor metadata, and were not read: {self._foreign}")
        if self._rows_in_deletes:
            parts.append("files of deletes hold copies of rows, which were not read")
        here = {str(part.path) for part in self.parts}
        long = [path for path, longest in self._said.named.items() if longest >= self._said.cut]
        if any(str(local_path(path, self.name)) not in here for path in long):
            parts.append("manifests hold bounds of files that do not exist any more, which may be cut within an id")
        return tuple(dict.fromkeys(parts))


def _kinds(schema: Any) -> Iterator[tuple[int, Any]]:
    for number in schema.field_ids:
        yield number, schema.find_type(number)


def _says_nothing(path: Path) -> bool:
    """Whether a file holds only numbers: the hint of the newest version, and Hadoop's checksums next to others."""
    if path.name == "version-hint.text":
        return True
    with path.open("rb") as file:
        return path.suffix == ".crc" and file.read(4) == _CHECKSUM
