"""A checkpoint of a Delta table that says what its version is, and nothing of what it was."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sealscrub.atomic_write import placed_path

from .delta_folder import checkpoint_of
from .delta_log import LOG, LoggedState

__all__ = ["cut_length", "cut_short", "place_checkpoint"]

_CUT_LENGTH = 32  # characters at which a text is cut by default
_CUT_PROPERTY = "delta.dataSkippingStringPrefixLength"
_TEXTS = pa.map_(pa.string(), pa.string())
_VECTOR = pa.struct(
    [
        ("storageType", pa.string()),
        ("pathOrInlineDv", pa.string()),
        ("offset", pa.int32()),
        ("sizeInBytes", pa.int32()),
        ("cardinality", pa.int64()),
    ]
)
_ADD = pa.struct(
    [
        ("path", pa.string()),
        ("partitionValues", _TEXTS),
        ("size", pa.int64()),
        ("modificationTime", pa.int64()),
        ("dataChange", pa.bool_()),
        ("stats", pa.string()),
        ("tags", _TEXTS),
        ("deletionVector", _VECTOR),
    ]
)
_REMOVE = pa.struct(
    [
        ("path", pa.string()),
        ("deletionTimestamp", pa.int64()),
        ("dataChange", pa.bool_()),
        ("extendedFileMetadata", pa.bool_()),
        ("partitionValues", _TEXTS),
        ("size", pa.int64()),
        ("tags", _TEXTS),
        ("deletionVector", _VECTOR),
    ]
)
_METADATA = pa.struct(
    [
        ("id", pa.string()),
        ("name", pa.string()),
        ("description", pa.string()),
        ("format", pa.struct([("provider", pa.string()), ("options", _TEXTS)])),
        ("schemaString", pa.string()),
        ("partitionColumns", pa.list_(pa.string())),
        ("createdTime", pa.int64()),
        ("configuration", _TEXTS),
    ]
)
_PROTOCOL = pa.struct(
    [
        ("minReaderVersion", pa.int32()),
        ("minWriterVersion", pa.int32()),
        ("readerFeatures", pa.list_(pa.string())),
        ("writerFeatures", pa.list_(pa.string())),
    ]
)
_TRANSACTION = pa.struct([("appId", pa.string()), ("version", pa.int64()), ("lastUpdated", pa.int64())])
_SCHEMA = pa.schema(
    [
        ("txn", _TRANSACTION),
        ("add", _ADD),
        ("remove", _REMOVE),
        ("metaData", _METADATA),
        ("protocol", _PROTOCOL),
    ]
)


def place_checkpoint(folder: Path, state: LoggedState) -> None:
    """Write the checkpoint of a version, and let the log point to it.

    Raises
    ------
    WriteFailed
        When it cannot be written; what was there is as it was.
    """
    rows = list(_actions(state))
    made = pa.Table.from_pylist(rows, schema=_SCHEMA)
    place = checkpoint_of(folder, state.version)
    with placed_path(place) as part:
        pq.write_table(made, part, write_statistics=False, use_dictionary=False)
    said = {"version": state.version, "size": len(rows), "sizeInBytes": place.stat().st_size}
    said |= {"numOfAddFiles": len(state.files)}
    with placed_path(folder / LOG / "_last_checkpoint") as part:
        part.write_text(json.dumps(said), encoding="utf-8")


def _actions(state: LoggedState) -> Iterator[dict[str, Any]]:
    yield {"protocol": state.protocol}
    metadata = dict(state.metadata)
    held = metadata.get("format") or {}
    metadata["format"] = {"provider": held.get("provider", "parquet"), "options": _pairs(held.get("options"))}
    metadata["configuration"] = _pairs(metadata.get("configuration"))
    yield {"metaData": metadata}
    for transaction in state.transactions.values():
        yield {"txn": transaction}
    cut = cut_length(state.metadata.get("configuration"))
    for file in state.ordered:
        action = dict(file.action)
        action |= {"dataChange": False, "partitionValues": _pairs(file.partition)}
        tags = action.get("tags")
        action |= {"stats": cut_short(action.get("stats"), cut), "tags": None if tags is None else _pairs(tags)}
        yield {"add": action}


def _pairs(values: Mapping[str, Any] | None) -> list[tuple[str, Any]]:
    return list((values or {}).items())


def cut_length(properties: Mapping[str, Any] | None) -> int:
    """Give the number of characters from which a bound of a text may have been cut, by what a table declares.

    Examples
    --------
    >>> cut_length({}), cut_length({"delta.dataSkippingStringPrefixLength": "16"})
    (32, 16)
    """
    said = str((properties or {}).get(_CUT_PROPERTY, ""))
    return min(_CUT_LENGTH, int(said)) if said.isdecimal() else _CUT_LENGTH


def cut_short(statistics: str | None, cut: int = _CUT_LENGTH) -> str | None:
    """Give statistics of a file without bounds of texts that may have been cut, or that no row may have.

    Examples
    --------
    >>> cut_short('{"numRecords": 2, "minValues": {"note": "a text of more than thirty-two characters", "day": 3}}')
    '{"numRecords":2,"minValues":{"day":3}}'
    >>> cut_short('{"minValues": {"note": "sixteen letters!"}}', 16)
    '{"minValues":{}}'
    >>> cut_short('{"tightBounds": false, "minValues": {"note": "of a deleted row", "day": 3}}')
    '{"tightBounds":false,"minValues":{"day":3}}'
    """
    if not statistics:
        return None
    read = json.loads(statistics)
    for name in ("minValues", "maxValues"):
        if isinstance(read.get(name), dict):
            read[name] = _uncut_bounds(read[name], 0 if read.get("tightBounds") is False else cut)
    return json.dumps(read, ensure_ascii=False, separators=(",", ":"))


def _uncut_bounds(bounds: Mapping[str, Any], cut: int) -> dict[str, Any]:
    found = {name: _uncut_bounds(bound, cut) if isinstance(bound, dict) else bound for name, bound in bounds.items()}
    return {name: bound for name, bound in found.items() if not (isinstance(bound, str) and len(bound) >= cut)}
