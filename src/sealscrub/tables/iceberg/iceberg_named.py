"""Which files an Iceberg table's metadata names, of all versions, through lists and manifests."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sealscrub.errors import UnreadableInput, UsageError

from .iceberg_catalog import PATHS, local_path
from .iceberg_metadata import MetadataTexts

__all__ = ["NamedFiles", "metadata_document"]


class NamedFiles:
    """What metadata files name: each other, lists of manifests, manifests, files of data and deletes, statistics.

    Parameters
    ----------
    table : pyiceberg.table.Table or IcebergSnapshot
        The table.
    where : str
        What it is called in errors.
    folder : Path, optional
        Its folder, in which metadata files with its id are its own although no other names them.
    said : MetadataTexts, optional
        What reads lists and manifests, so that no other reads them again.
    foreign : bool
        Whether it is another table, of which places in a store count for nothing. A list or manifest of it that cannot
        be read is an error; one of the table itself is of a run that was cut off.

    Attributes
    ----------
    files : dict of Path to None
        The files, whether they are there or not.
    folders : dict of Path to None
        Places that a version gave as the table's, or as that of its data or metadata.
    """

    def __init__(
        self,
        table: Any,
        where: str,
        folder: Path | None = None,
        *,
        said: MetadataTexts | None = None,
        foreign: bool = False,
    ) -> None:
        self._where, self._foreign, self._id = where, foreign, str(table.metadata.table_uuid)
        self._said = MetadataTexts({}, where) if said is None else said
        self.files: dict[Path, None] = {}
        self.folders: dict[Path, None] = {}
        lists = self._of_metadata(json.loads(table.metadata.model_dump_json()))
        metadata = [table.metadata_location, *(entry.metadata_file for entry in table.metadata.metadata_log)]
        found = [self._place(place) for place in metadata]
        found += [] if folder is None else [path for path in folder.rglob("*.metadata.json*") if self._is_own(path)]
        while found:
            path = found.pop()
            if path is not None and path not in self.files:
                self.files[path] = None
                document = metadata_document(path)
                if document is not None:
                    lists += self._of_metadata(document)
                    found += [self._place(entry.get("metadata-file")) for entry in _entries(document, "metadata-log")]
        self.files.update({local_path(place, where): None for place in self._follow(self._follow(lists))})

    def _is_own(self, path: Path) -> bool:
        document = metadata_document(path)
        return document is not None and document.get("table-uuid") == self._id

    def _of_metadata(self, document: Mapping[str, Any]) -> list[str]:
        """Take the places that a version names; give its lists of manifests, or its manifests."""
        properties = document.get("properties")
        said = [document.get("location"), *(properties.get(name) for name in PATHS if isinstance(properties, dict))]
        self.folders.update(dict.fromkeys(place for each in said if (place := self._place(each)) is not None))
        for name in ("statistics", "partition-statistics"):
            for entry in _entries(document, name):
                if (place := self._place(entry.get("statistics-path"))) is not None:
                    self.files[place] = None
        listed = [entry.get("manifest-list") for entry in _entries(document, "snapshots")]
        old = [each for entry in _entries(document, "snapshots") for each in entry.get("manifests") or ()]
        return [each for each in (*listed, *old) if isinstance(each, str)]

    def _follow(self, places: Iterable[str]) -> list[str]:
        """Read lists or manifests; give what they name."""
        found: list[str] = []
        for place in dict.fromkeys(places):
            path = self._place(place)
            if path is None:
                continue
            known = path in self.files
            self.files[path] = None
            if path.suffix == ".avro" and path.is_file() and not known:
                try:
                    self._said.read_avro(path, found)
                except UnreadableInput:
                    if self._foreign:
                        raise
        for place in dict.fromkeys(found):
            if not place.endswith(".avro") and (path := self._place(place)) is not None:
                self.files[path] = None
        return [place for place in found if place.endswith(".avro")]

    def _place(self, place: Any) -> Path | None:
        if not isinstance(place, str) or not place:
            return None
        try:
            return local_path(place, self._where)
        except UsageError:
            if self._foreign:
                return None
            raise


def metadata_document(path: Path) -> dict[str, Any] | None:
    """Read a metadata file, compressed or not; None of one that does not exist or was cut off."""
    try:
        held = path.read_bytes()
        document = json.loads(gzip.decompress(held) if held[:2] == b"\x1f\x8b" else held)
    except (OSError, ValueError, EOFError):
        return None
    return document if isinstance(document, dict) else None


def _entries(document: Mapping[str, Any], name: str) -> Iterator[dict[str, Any]]:
    held = document.get(name)
    yield from (entry for entry in held or () if isinstance(entry, dict))
