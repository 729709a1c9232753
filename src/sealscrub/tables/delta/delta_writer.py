"""A new Delta table: one commit, whose files, names and statistics are a function of the rows that it holds."""

from __future__ import annotations

import hashlib
import json
import secrets
import uuid
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import polars as pl

from sealscrub.errors import WriteFailed

from ..changes import TableChange
from ..part_replacement import changes_of_parts
from .delta_features import refuse_unwritten
from .delta_log import LOG
from .delta_part import DeltaPart
from .delta_partitions import partition_folder
from .delta_snapshot import DeltaSnapshot

__all__ = ["file_statistics", "place_file", "write_delta"]

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
    metadata = schema.written(keep_metadata)
    adds = []
    try:
        (target / LOG).mkdir(parents=True)
        for part, within in changes_of_parts(parts, change):
            if within.keep.any():
                adds.append(place_file(part, within, target)[1])
        adds.sort(key=lambda add: str(add["path"]))
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
