"""What an Arrow schema says in texts: names of fields, and entries of metadata, at any depth."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa

from .enum_fields import ENUM_LISTS
from .schema_entries import entry_name

__all__ = ["entries", "field_names", "metadata_texts", "texts_within"]


def entries(metadata: Mapping[bytes, bytes] | None) -> list[list[str]]:
    """Give entries of metadata as texts, sorted."""
    return sorted([_text(key), _text(value)] for key, value in (metadata or {}).items())


def field_names(schema: Iterable[pa.Field]) -> list[str]:
    """Give the names of fields, at any depth.

    Examples
    --------
    >>> field_names(pa.schema([("case", pa.struct([("id", pa.string())]))]))
    ['case', 'id']
    """
    names = []
    for field in schema:
        names += [field.name, *field_names([field.type.field(at) for at in range(field.type.num_fields)])]
    return names


def metadata_texts(schema: Iterable[pa.Field]) -> dict[str, list[str]]:
    """Give what entries of metadata say, by the names under which a scrub keeps or removes them.

    Examples
    --------
    >>> metadata_texts(pa.schema([("n", pa.int8())], metadata={"source": '{"by": "NYPD"}'}))
    {'source': ['by', 'NYPD']}
    """
    found: dict[str, list[str]] = {}
    _gather(schema, found)
    return found


def texts_within(text: str) -> Iterator[str]:
    """Give the texts in an entry: of JSON its names and texts, without numbers, which count; else the whole."""
    try:
        yield from _strings(json.loads(text))
    except (ValueError, RecursionError):
        yield text.encode("utf-8", "replace").decode("utf-8", "replace")


def _gather(schema: Iterable[pa.Field], found: dict[str, list[str]]) -> None:
    _add(getattr(schema, "metadata", None), found)
    for field in schema:
        kind = field.type
        _add(field.metadata, found)
        _gather([kind.field(at) for at in range(kind.num_fields)], found)
        if isinstance(kind, pa.ExtensionType):
            found.setdefault(kind.extension_name, []).extend(texts_within(_text(kind.__arrow_ext_serialize__())))


def _add(metadata: Mapping[bytes, bytes] | None, found: dict[str, list[str]]) -> None:
    for key, value in (metadata or {}).items():
        if key in ENUM_LISTS:  # levels, which are looked at as such
            continue
        found.setdefault(entry_name(key), []).extend(texts_within(_text(value)))


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for each in [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _strings(each)
