"""The schema and the properties of an Iceberg table: what is structure, what declares, and what is metadata."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

__all__ = ["declarations", "field_names", "kept_properties", "partition_transforms", "plain_schema", "texts"]

DOC = "doc"
_STRUCTURE = ("commit.", "history.", "read.", "write.")
_PLACES = frozenset(
    {
        "write.data.path",
        "write.metadata.path",
        "write.folder-storage.path",
        "write.object-storage.path",
        "write.location-provider.impl",
        "write.py-location-provider.impl",
    }
)


def _is_structure(name: str) -> bool:
    return name.startswith(_STRUCTURE) and name not in _PLACES


def texts(metadata: Any) -> dict[str, list[str]]:
    """Give the entries of metadata that are not structure: what they say, by their names."""
    found: dict[str, list[str]] = {}
    for name, value in metadata.properties.items():
        if not _is_structure(name):
            found.setdefault(name, []).append(str(value))
    for field in _fields(metadata.schema().fields):
        if field.doc:
            found.setdefault(DOC, []).append(str(field.doc))
    return found


def declarations(metadata: Any) -> list[str]:
    """What declares the table: properties that are structure, and names of partitions."""
    stated = [text for name, value in metadata.properties.items() if _is_structure(name) for text in (name, str(value))]
    return [*stated, *(field.name for field in metadata.spec().fields)]


def field_names(metadata: Any) -> list[str]:
    """Names of the columns, and of the fields inside of them."""
    return list(dict.fromkeys(field.name for field in _fields(metadata.schema().fields)))


def kept_properties(metadata: Any, kept: Collection[str]) -> dict[str, str]:
    """Give the properties of a new table: structure but for places, and entries that are kept."""
    properties = {
        name: str(value)
        for name, value in metadata.properties.items()
        if _is_structure(name) or (name in kept and name not in _PLACES)
    }
    return dict(sorted({**properties, "format-version": str(int(metadata.format_version))}.items()))


def partition_transforms(metadata: Any) -> list[str]:
    """Give the transforms by which rows are put into partitions."""
    return [str(field.transform) for field in metadata.spec().fields if str(field.transform) != "void"]


def plain_schema(metadata: Any, kept: Collection[str]) -> Any:
    """Give the schema of a new table: without what describes columns, unless that is kept."""
    from pyiceberg.schema import Schema

    schema = metadata.schema()
    fields = list(schema.fields) if DOC in kept else [_plain(field) for field in schema.fields]
    return Schema(*fields, identifier_field_ids=list(schema.identifier_field_ids))


def _plain(field: Any) -> Any:
    from pyiceberg.types import NestedField

    return NestedField(field.field_id, field.name, _plain_type(field.field_type), field.required)


def _plain_type(kind: Any) -> Any:
    from pyiceberg.types import ListType, MapType, StructType

    if isinstance(kind, StructType):
        return StructType(*(_plain(field) for field in kind.fields))
    if isinstance(kind, ListType):
        return ListType(kind.element_id, _plain_type(kind.element_type), kind.element_required)
    if isinstance(kind, MapType):
        key, value = _plain_type(kind.key_type), _plain_type(kind.value_type)
        return MapType(kind.key_id, key, kind.value_id, value, kind.value_required)
    return kind


def _fields(fields: Any) -> Iterator[Any]:
    """Give the fields of a schema at every depth, but for elements of lists and maps, which have no names."""
    for field in fields:
        yield field
        yield from _fields(_inner(field.field_type))


def _inner(kind: Any) -> list[Any]:
    if hasattr(kind, "fields"):
        return list(kind.fields)
    parts = (getattr(kind, name, None) for name in ("element_type", "key_type", "value_type"))
    return [field for part in parts if part is not None for field in _inner(part)]
