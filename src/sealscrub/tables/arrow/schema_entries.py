"""Which metadata of an Arrow schema are kept when rows are removed: structure, and what is kept by name.

Anyone who wrote an entry of metadata had all rows before them, so an entry can hold anything of them. What a
reader needs to read the columns is structure, and its grammar is known: field ids, extension types, what pandas and
GeoParquet note, which :mod:`.pandas_metadata` and :mod:`.geo_metadata` make again from the columns. No more.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

import pyarrow as pa

from ..aggregate_mark import MARK
from .enum_fields import ENUM_LISTS
from .extension_types import EXTENSION, PARAMETERS, parameters
from .nested_types import with_fields_within
from .pandas_metadata import attribute_names, kept_attributes

__all__ = ["entry_name", "marked", "stripped_schema"]

_CATEGORICAL = b"_PL_CATEGORICAL"
_ATTRS = b"PANDAS_ATTRS"
_RELEASE = re.compile(r"[0-9a-f]{1,64}")


def stripped_schema(schema: pa.Schema, keep: Collection[str] = ()) -> tuple[pa.Schema, tuple[str, ...]]:
    """Take from a schema every entry that is neither structure nor kept by name, at any depth.

    Parameters
    ----------
    schema : pyarrow.Schema
    keep : collection of str
        Names of entries that stay, wherever they are; of an extension type, its name.

    Returns
    -------
    schema : pyarrow.Schema
        An extension type that has parameters of an unknown grammar is its storage.
    lost : tuple of str
        Names of the removed entries, sorted.

    Examples
    --------
    >>> schema = pa.schema([pa.field("n", pa.int8(), metadata={"unit": "years"})], metadata={"source": "a"})
    >>> bare, lost = stripped_schema(schema, keep=["unit"])
    >>> bare.metadata, bare.field("n").metadata, lost
    (None, {b'unit': b'years'}, ('source',))
    """
    entries = _Entries(frozenset(keep))
    fields = [entries.field(field) for field in schema]
    return pa.schema(fields, entries.of_schema(schema.metadata)), tuple(sorted(entries.lost))


def entry_name(key: bytes) -> str:
    r"""Read the name of an entry; bytes that are not text are spelled out.

    >>> entry_name(b"unit"), entry_name(b"\xff")
    ('unit', '\\xff')
    """
    return key.decode("utf-8", "backslashreplace")


def marked(value: object) -> str:
    """Give the value of the mark of aggregate figures: a release's id, or nothing."""
    text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    return text if _RELEASE.fullmatch(text) else ""


class _Entries:
    """Walks through a schema, and notes the names of what it removes."""

    def __init__(self, keep: frozenset[str]) -> None:
        self.keep = keep
        self.lost: set[str] = set()

    def of_schema(self, metadata: Mapping[bytes, bytes] | None) -> dict[bytes, bytes] | None:
        stays: dict[bytes, bytes] = {}
        for key, value in (metadata or {}).items():
            name = entry_name(key)
            if key in (b"pandas", b"geo") or name in self.keep:
                stays[key] = value  # the first two are made again when the columns are known
            elif key == MARK.encode():
                stays[key] = marked(value).encode()
            elif key == _ATTRS:
                self._attributes(stays, value)
            else:
                self.lost.add(name)
            if key == b"pandas":
                self.lost.update(attribute_names(value, self.keep))
        return stays or None

    def _attributes(self, stays: dict[bytes, bytes], value: bytes) -> None:
        kept, lost = kept_attributes(value, self.keep)
        self.lost.update(lost)
        if kept:
            stays[_ATTRS] = json.dumps(kept).encode()

    def field(self, field: pa.Field) -> pa.Field:
        kind, stays = self.kind(field.type), {}
        for key, value in (field.metadata or {}).items():
            name = entry_name(key)
            if key in (EXTENSION, PARAMETERS):
                continue
            if name in self.keep or _is_structure(key, value, listed=pa.types.is_dictionary(kind)):
                stays[key] = value
            else:
                self.lost.add(name)
        return pa.field(field.name, kind, field.nullable, {**stays, **self._extension(field.metadata or {})} or None)

    def _extension(self, metadata: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
        """The entries of an extension type that this process does not know."""
        if EXTENSION not in metadata:
            return {}
        name, value = entry_name(metadata[EXTENSION]), metadata.get(PARAMETERS)
        if name in self.keep:
            made = value or b""
        else:
            found = parameters(name, value or b"")
            if found is None:
                self.lost.add(name)
                return {}
            made = found
        return {EXTENSION: metadata[EXTENSION]} | ({} if value is None else {PARAMETERS: made})

    def kind(self, kind: Any) -> Any:
        """Give a type with the metadata of its fields stripped."""
        types = pa.types
        if isinstance(kind, pa.BaseExtensionType):
            return self._extension_type(kind)
        if types.is_dictionary(kind):
            return pa.dictionary(kind.index_type, self.kind(kind.value_type), kind.ordered)
        if types.is_run_end_encoded(kind):
            return pa.run_end_encoded(kind.run_end_type, self.kind(kind.value_type))
        if types.is_union(kind):
            return pa.union([self.field(field) for field in kind], kind.mode, kind.type_codes)
        return with_fields_within(kind, self.field)

    def _extension_type(self, kind: Any) -> Any:
        name = kind.extension_name
        if name in self.keep:
            return kind
        storage = self.kind(kind.storage_type)
        if storage.equals(kind.storage_type, check_metadata=True) and _is_known(kind):
            return kind
        self.lost.add(name)
        return storage


def _is_known(kind: Any) -> bool:
    """Whether a registered type has no parameters, or such as are known."""
    if isinstance(kind, pa.UuidType | pa.JsonType | pa.Bool8Type):
        return True
    if isinstance(kind, pa.FixedShapeTensorType):
        return not kind.dim_names
    if not isinstance(kind, pa.ExtensionType):
        return False
    told = kind.__arrow_ext_serialize__()
    return not told or parameters(kind.extension_name, told) == told


def _is_structure(key: bytes, value: bytes, *, listed: bool) -> bool:
    if key == b"PARQUET:field_id":
        return re.fullmatch(rb"-?\d{1,10}", value) is not None
    if key.startswith(_CATEGORICAL):
        return re.fullmatch(rb"0;0;u(8|16|32);", value) is not None
    return listed and key in ENUM_LISTS  # made to fit the rows when these are known
