"""What the metadata files of an Iceberg table say in texts: JSON of versions, manifests and their lists."""

from __future__ import annotations

import gzip
import json
import re
import uuid
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from sealscrub.errors import UnreadableInput

from ..json_texts import json_texts
from ..value_free_errors import raise_own

__all__ = ["MetadataTexts"]

_CUT_LENGTH = 16  # characters at which a bound of a text is cut by default
_METRICS = re.compile(r"write\.metadata\.metrics\.(default|column\..+)")
_CUT = re.compile(r"\s*truncate\((\d{1,9})\)\s*", re.IGNORECASE)
_DECIMAL = re.compile(r"decimal\(\d+, (\d+)\)")
_WIDEST = 16  # bytes of a decimal, and of a UUID
_BOUNDS = ("lower_bounds", "upper_bounds")
_WHOLE = ("lower_bound", "upper_bound")


class MetadataTexts:
    """What files say, in texts, and which files they name, with bounds that may be cut or without.

    Parameters
    ----------
    kinds : mapping of int to str
        Types of columns by the ids of their fields.
    where : str
        What the table is called in errors.
    """

    def __init__(self, kinds: Mapping[int, str], where: str) -> None:
        self._kinds, self._where = kinds, where
        self.texts: dict[str, dict[str, None]] = {}
        self.named: dict[str, int] = {}  # files, and the number of characters of their longest bound
        self._read: dict[Path, list[str]] = {}  # manifests and lists, and which files each names
        self.cut = _CUT_LENGTH  # from which a bound may have been cut, by what any version declares

    def read_json(self, path: Path) -> None:
        """Read a file of metadata of a version, compressed or not."""
        try:
            held = path.read_bytes()
            document = json.loads(gzip.decompress(held) if held[:2] == b"\x1f\x8b" else held)
        except (OSError, ValueError, EOFError):
            raise UnreadableInput("a file of metadata cannot be read", where=self._where) from None
        self._note("metadata of versions", json_texts(document))
        properties = document.get("properties") if isinstance(document, dict) else None
        for name, value in properties.items() if isinstance(properties, dict) else ():
            if _METRICS.fullmatch(name) and (found := _CUT.fullmatch(str(value))):
                self.cut = min(self.cut, int(found[1]))

    def read_avro(self, path: Path, named: list[str] | None = None) -> None:
        """Read a manifest, or a list of manifests, once; what it names joins `named`, also if the rest is damaged."""
        from .iceberg_avro import AvroRecords  # loads pyiceberg

        here = self._read.get(path, [])
        try:
            if path in self._read:
                return
            file = AvroRecords(path.read_bytes())
            fields = [field.name for field in file.schema.fields]
            self._note("manifests", json_texts(file.header))
            for record in file.read():
                held = dict(zip(fields, _values(record), strict=True))
                self._note("manifests", self._record(held, file.schema, here))
        except Exception as error:  # of pyiceberg or what it calls; it may show values
            raise_own(error)
            raise UnreadableInput("a manifest cannot be read", where=self._where) from None
        finally:
            if named is not None:
                named += here
        self._read[path] = here

    def _note(self, kind: str, texts: Iterator[str]) -> None:
        self.texts.setdefault(kind, {}).update(dict.fromkeys(texts))

    def _record(self, held: Mapping[str, Any], schema: Any, here: list[str]) -> Iterator[str]:
        """Give what a record says, names of fields in it by its schema; take the files that it names."""
        by_name = {field.name: field.field_type for field in schema.fields}
        longest = 0
        for name, value in held.items():
            kind = by_name[name]
            if name in _BOUNDS:
                for number, bound in (value or {}).items():
                    for text in self._bound(number, bound):
                        longest = max(longest, len(text))
                        yield text
            elif name in _WHOLE and value is not None:
                yield from _read_as_each(value)
            else:
                yield from self._value(value, kind, here)
        for path in (str(held[name]) for name in ("file_path", "manifest_path") if name in held):
            self.named[path] = max(self.named.get(path, 0), longest)
            here.append(path)

    def _value(self, value: Any, kind: Any, here: list[str]) -> Iterator[str]:
        if hasattr(value, "__len__") and hasattr(kind, "fields"):
            names = [field.name for field in kind.fields]
            yield from self._record(dict(zip(names, _values(value), strict=True)), kind, here)
        elif isinstance(value, list):
            for each in value:
                yield from self._value(each, getattr(kind, "element_type", None), here)
        elif isinstance(value, dict):
            yield from json_texts({str(key): each for key, each in value.items()})
        elif isinstance(value, bytes):
            yield from _read_as_each(value)
        else:
            yield from json_texts(value)

    def _bound(self, number: int, bound: bytes) -> Iterator[str]:
        """Read a bound by its column's type; one of a type that is not read here in every way."""
        kind = self._kinds.get(int(number), "")
        if kind in ("int", "long"):
            yield str(int.from_bytes(bound, "little", signed=True))
        elif found := _DECIMAL.fullmatch(kind):
            yield str(Decimal(int.from_bytes(bound, "big", signed=True)).scaleb(-int(found[1])))
        elif kind in ("", "string"):
            yield bound.decode("utf-8", "replace")
        else:
            yield from _read_as_each(bound)


def _values(record: Any) -> list[Any]:
    return [record[at] for at in range(len(record))]


def _read_as_each(value: bytes) -> Iterator[str]:
    """Read bytes of a type that is not known as text, as a whole number in either order, and as a UUID."""
    yield value.decode("utf-8", "replace")
    if len(value) in (4, 8):
        yield str(int.from_bytes(value, "little", signed=True))
    if 0 < len(value) <= _WIDEST:
        yield str(int.from_bytes(value, "big", signed=True))
    if len(value) == _WIDEST:
        yield str(uuid.UUID(bytes=value))
