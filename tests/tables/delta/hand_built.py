"""Delta tables that the library does not write, put together from the protocol's text."""

from __future__ import annotations

import json
import struct
import uuid
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyroaring import BitMap64

from ...contracts.test_every_format import Row, table

_Z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
_MAGIC = 1681511377
TYPES = {"arrest_no": "string", "precinct": "long", "note": "string"}


def z85(data: bytes) -> str:
    """Encode as ZeroMQ does; the protocol pads with zeros."""
    padded = data + bytes(-len(data) % 4)
    made = []
    for at in range(0, len(padded), 4):
        (value,) = struct.unpack(">I", padded[at : at + 4])
        made.append("".join(_Z85[value // 85**power % 85] for power in range(4, -1, -1)))
    return "".join(made)


def vector(rows: Sequence[int]) -> dict[str, Any]:
    """A deletion vector that stands in the log itself."""
    data = struct.pack("<I", _MAGIC) + BitMap64(rows).serialize()
    return {
        "storageType": "i",
        "pathOrInlineDv": z85(data),
        "sizeInBytes": len(data),
        "cardinality": len(set(rows)),
    }


def stored_vector(folder: Path, rows: Sequence[int]) -> dict[str, Any]:
    """A deletion vector in a file beside the data."""
    data = struct.pack("<I", _MAGIC) + BitMap64(rows).serialize()
    name = uuid.uuid4()
    framed = struct.pack(">I", len(data)) + data + struct.pack(">I", zlib.crc32(data))
    (folder / f"deletion_vector_{name}.bin").write_bytes(b"\x01" + framed)
    made = {"storageType": "u", "pathOrInlineDv": z85(name.bytes), "offset": 1}
    return made | {"sizeInBytes": len(data), "cardinality": len(set(rows))}


def field(name: str, kind: Any = None, **metadata: Any) -> dict[str, Any]:
    return {"name": name, "type": kind or TYPES[name], "nullable": True, "metadata": metadata}


def hand_built(
    folder: Path,
    files: Sequence[Sequence[Row] | pa.Table],
    *,
    vectors: Mapping[int, Sequence[int]] | None = None,
    fields: Sequence[dict[str, Any]] | None = None,
    reader: Sequence[str] = (),
    writer: Sequence[str] = (),
    properties: Mapping[str, str] | None = None,
    versions: tuple[int, int] | None = None,
    stored: bool = False,
    **metadata: Any,
) -> str:
    """Write a table of one commit, one file for each list of rows; give its address."""
    (folder / "_delta_log").mkdir(parents=True)
    features = {"readerFeatures": [*reader], "writerFeatures": [*reader, *writer]} if reader or writer else {}
    low, high = versions or ((3 if reader else 1, 7) if features else (1, 2))
    if low < 3:
        features.pop("readerFeatures", None)
    schema = {"type": "struct", "fields": list(fields or map(field, TYPES))}
    actions: list[dict[str, Any]] = [
        {"protocol": {"minReaderVersion": low, "minWriterVersion": high, **features}},
        {
            "metaData": {
                "id": "5b1a4a2c-1111-4222-8333-444455556666",
                "format": {"provider": "parquet", "options": {}},
                "schemaString": json.dumps(schema),
                "partitionColumns": [],
                "configuration": dict(properties or {}),
                "createdTime": 1,
                **metadata,
            }
        },
    ]
    for at, rows in enumerate(files):
        held = rows if isinstance(rows, pa.Table) else table(rows)
        path = folder / f"part-{at:05}.parquet"
        pq.write_table(held, path)
        add = {"path": path.name, "partitionValues": {}, "size": path.stat().st_size, "modificationTime": 1}
        add |= {"dataChange": True, "stats": json.dumps({"numRecords": held.num_rows})}
        if vectors and at in vectors:
            add["deletionVector"] = stored_vector(folder, vectors[at]) if stored else vector(vectors[at])
        actions.append({"add": add})
    log = "".join(json.dumps(action) + "\n" for action in actions)
    (folder / "_delta_log" / f"{0:020}.json").write_text(log)
    return f"delta:{folder}"
