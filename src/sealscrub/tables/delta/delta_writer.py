"""A new Delta table: one commit, whose files, names and statistics are a function of the rows that it holds."""

from __future__ import annotations

import hashlib
import json
import secrets
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from sealscrub.errors import MissingExtra, WriteFailed

from ..changes import TableChange
from ..part_replacement import changes_of_parts
from .delta_features import refuse_unwritten
from .delta_log import LOG
from .delta_part import DeltaPart
from .delta_partitions import partition_folder
from .delta_schema import new_metadata
from .delta_snapshot import DeltaSnapshot

__all__ = ["file_statistics", "place_file", "write_delta", "write_delta_rows"]

_SUFFIX = ".parquet"
_INDEXED = 32  # columns that Delta keeps minima and maxima of, by default
_LONGEST = 32  # characters of a text that is kept whole among them
_SAFE_SIGNS = "/=-_.~+,;@!()&"


def write_delta(
    parts: Sequence[DeltaPart],
    snapshot: DeltaSnapshot,
    change: TableChange,
    target: Path,
    keep_metadata: Collection[str] = (),
) -> dict[str, Any]:
    """Write a version with a change as a table of its own.

    The files are those of the version, each less the removed rows, and none if no row is left. They are called by
    their content, so the whole table is the same whether or not rows were removed.

    Parameters
    ----------
    parts : sequence of DeltaPart
        The files of the version.
    snapshot : DeltaSnapshot
        The version.
    change : TableChange
        Which rows stay, and what changes in them.
    target : Path
        A folder, new or empty.
    keep_metadata : collection of str
        Entries of metadata that stay.

    Returns
    -------
    dict
        The metadata of the new table.

    Raises
    ------
    UsageError
        When the table uses what is not written.
    WriteFailed
        When the folder cannot be written.
    """
    schema = snapshot.schema
    protocol = {name: value for name, value in snapshot.state.protocol.items() if value is not None}
    refuse_unwritten(protocol, schema.configuration, snapshot.declared, snapshot.folder.name)
    staying = ((part, within) for part, within in changes_of_parts(parts, change) if within.keep.any())
    adds = (place_file(part, within, target)[1] for part, within in staying)
    return _write_table(protocol, schema.written(keep_metadata), adds, target)


def write_delta_rows(kinds: pa.Schema, tables: Iterable[pa.Table], target: Path) -> None:
    """Write rows as a table of its own, without partitions: one commit, and a file of each Arrow table.

    Parameters
    ----------
    kinds : pyarrow.Schema
        The types of the columns, which Delta has.
    tables : iterable of pyarrow.Table
        The rows, in these types.
    target : Path
        A folder, new or empty.

    Raises
    ------
    MissingExtra
        When deltalake is not installed.
    WriteFailed
        When the folder cannot be written.
    """
    try:
        from deltalake import Schema
    except ImportError:
        raise MissingExtra.of("deltalake", "delta") from None
    declared = json.loads(Schema.from_arrow(kinds).to_json())
    spelled = json.dumps(declared, ensure_ascii=False, separators=(",", ":"))
    protocol: dict[str, Any] = {"minReaderVersion": 1, "minWriterVersion": 2}
    if '"timestamp_ntz"' in spelled:
        protocol = {"minReaderVersion": 3, "minWriterVersion": 7}
        protocol |= {side: ["timestampNtz"] for side in ("readerFeatures", "writerFeatures")}
    adds = (_place_rows(rows, kinds, target) for rows in tables)
    _write_table(protocol, new_metadata(spelled), adds, target)


def _place_rows(rows: pa.Table, kinds: pa.Schema, target: Path) -> dict[str, Any]:
    raw = target / f".{secrets.token_hex(8)}.part"
    try:
        pq.write_table(rows.cast(kinds), raw, compression="zstd", store_schema=False)
        return _place(raw, target, "", {}, 0)[1]
    finally:
        raw.unlink(missing_ok=True)


def _write_table(
    protocol: Mapping[str, Any], metadata: dict[str, Any], added: Iterable[dict[str, Any]], target: Path
) -> dict[str, Any]:
    try:
        (target / LOG).mkdir(parents=True)
        adds = sorted(added, key=lambda add: str(add["path"]))
        spelled = json.dumps([protocol, metadata, adds], sort_keys=True).encode()
        metadata = {"id": str(uuid.UUID(bytes=hashlib.sha256(spelled).digest()[:16], version=4)), **metadata}
        actions = [{"protocol": protocol}, {"metaData": metadata}, *({"add": add} for add in adds)]
        lines = (json.dumps(action, ensure_ascii=False, separators=(",", ":")) for action in actions)
        (target / LOG / f"{0:020}.json").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    except OSError as error:
        raise WriteFailed(
            f"cannot be written ({error.strerror})", where=str(target), hint="choose another place."
        ) from None
    return metadata


def place_file(part: DeltaPart, change: TableChange, target: Path, *, time: int = 0) -> tuple[Path, dict[str, Any]]:
    """Write one file with its part of a change into its partition; give it, and the log's action that adds it."""
    raw = target / f".{secrets.token_hex(8)}.part"
    try:
        part.changed(change, raw)
        return _place_part(part, raw, target, time)
    finally:
        raw.unlink(missing_ok=True)


def _place_part(part: DeltaPart, raw: Path, target: Path, time: int) -> tuple[Path, dict[str, Any]]:
    schema = part.snapshot.schema
    values = {schema.physical[name]: _text(part, name) for name in schema.partitions}
    folder = partition_folder(schema.partitions, {name: values[schema.physical[name]] for name in schema.partitions})
    return _place(raw, target, folder, values, time)


def _place(
    raw: Path, target: Path, folder: str, values: Mapping[str, str | None], time: int
) -> tuple[Path, dict[str, Any]]:
    """Give a file its name, by its content and in its partition; give it, and the log's action that adds it."""
    with raw.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:32]
    (target / folder).mkdir(parents=True, exist_ok=True)
    again = 0
    while True:  # files of one content are several all the same
        name = f"part-{digest}{f'-{again}' if again else ''}{_SUFFIX}"
        if not (target / folder / name).exists():
            break
        again += 1
    raw.rename(target / folder / name)
    path = f"{folder}/{name}" if folder else name
    statistics = file_statistics(target / path)
    return target / path, {
        "path": quote(path, safe=_SAFE_SIGNS),
        "partitionValues": values,
        "size": (target / path).stat().st_size,
        "modificationTime": time,
        "dataChange": True,
        "stats": json.dumps(statistics, ensure_ascii=False, separators=(",", ":")),
    }


def _text(part: DeltaPart, name: str) -> str | None:
    physical = part.snapshot.schema.physical[name]
    return part.logged.partition.get(physical, part.logged.partition.get(name))


def file_statistics(path: Path) -> Mapping[str, Any]:
    """Count rows and nulls of a file, and give minima and maxima of what is kept whole in the log."""
    frame = pl.scan_parquet(path, glob=False, hive_partitioning=False)
    schema = frame.collect_schema()
    names = [name for name in list(schema.names())[:_INDEXED] if not schema[name].is_nested()]
    bounded = [name for name in names if schema[name].is_integer() or schema[name] in (pl.String, pl.Date)]
    queries = [pl.len().alias("rows")]
    queries += [pl.col(name).null_count().alias(f"nulls {at}") for at, name in enumerate(names)]
    queries += [pl.col(name).min().alias(f"low {at}") for at, name in enumerate(bounded)]
    queries += [pl.col(name).max().alias(f"high {at}") for at, name in enumerate(bounded)]
    found = frame.select(queries).collect().row(0, named=True)
    low, high = {}, {}
    for at, name in enumerate(bounded):
        bounds = found[f"low {at}"], found[f"high {at}"]
        if all(bound is not None and len(str(bound)) <= _LONGEST for bound in bounds):
            low[name], high[name] = (bound if isinstance(bound, int) else str(bound) for bound in bounds)
    nulls = {name: found[f"nulls {at}"] for at, name in enumerate(names)}
    return {"numRecords": found["rows"], "minValues": low, "maxValues": high, "nullCount": nulls}
