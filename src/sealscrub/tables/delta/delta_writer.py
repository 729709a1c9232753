"""A new Delta table: one commit, whose files, names and statistics are a function of the rows that it holds."""

from __future__ import annotations

import bisect
import hashlib
import json
import os
import secrets
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, unquote

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from sealscrub.errors import WriteFailed
from sealscrub.file_system import reason_of

from ..changes import TableChange
from ..part_replacement import changes_of_parts
from .delta_features import refuse_unwritten
from .delta_log import LOG, log_actions
from .delta_part import DeltaPart
from .delta_partitions import partition_folder
from .delta_schema import new_metadata
from .delta_snapshot import DeltaSnapshot

__all__ = ["WrittenFile", "file_statistics", "place_file", "write_delta", "write_delta_rows"]

_PREFIX, _DIGITS, _SUFFIX = "part-", 32, ".parquet"  # of the name of a file, which is the digest of its content
_MOST = 1 << 40  # files of one content
_INDEXED = 32  # columns that Delta keeps minima and maxima of, by default
_LONGEST = 32  # characters of a text that is kept whole among them
_SAFE_SIGNS = "/=-_.~+,;@!()&"


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file of a table that was written here before.

    Attributes
    ----------
    path : Path
        Where it is.
    action : mapping
        The action of that table's log that adds it.
    """

    path: Path
    action: Mapping[str, Any]

    @classmethod
    def of(cls, folder: Path, names: Sequence[str | None]) -> dict[int, WrittenFile]:
        """Give the files of a table by their positions in a list of names, as :func:`write_delta` returns it."""
        adds = [action["add"] for action in log_actions(folder / LOG / f"{0:020}.json") if "add" in action]
        known = {unquote(add["path"]): cls(folder / unquote(add["path"]), add) for add in adds}
        return {at: known[name] for at, name in enumerate(names) if name is not None and name in known}


def write_delta(
    parts: Sequence[DeltaPart],
    snapshot: DeltaSnapshot,
    change: TableChange,
    target: Path,
    keep_metadata: Collection[str] = (),
    linked: Mapping[int, WrittenFile] = MappingProxyType({}),
) -> list[str | None]:
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
    linked : mapping of int to WrittenFile
        Files by their positions that are linked from a table that was written before, with the same change.

    Returns
    -------
    list of (str or None)
        What each file was written as, below the folder.

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

    def add(at: int, part: DeltaPart, within: TableChange) -> dict[str, Any] | None:
        if at in linked:
            return _link(linked[at], target)
        return place_file(part, within, target) if within.keep.any() else None

    adds = (add(at, *pair) for at, pair in enumerate(changes_of_parts(parts, change)))
    return _write_table(protocol, schema.written(keep_metadata), adds, target)


def write_delta_rows(
    kinds: pa.Schema, files: Iterable[Iterable[pa.Table] | WrittenFile], target: Path
) -> list[str | None]:
    """Write rows as a table of its own, without partitions: one commit, and no file of no rows.

    Parameters
    ----------
    kinds : pyarrow.Schema
        The types of the columns, which Delta has.
    files : iterable of (iterable of pyarrow.Table, or WrittenFile)
        The rows of each, in these types, a row group each; or one that is linked from a table that was written before.
    target : Path
        A folder, new or empty.

    Returns
    -------
    list of (str or None)
        What each was written as, below the folder.

    Raises
    ------
    MissingExtra
        When deltalake is not installed.
    WriteFailed
        When the folder cannot be written.
    """
    from deltalake import Schema

    declared = json.loads(Schema.from_arrow(kinds).to_json())
    spelled = json.dumps(declared, ensure_ascii=False, separators=(",", ":"))
    protocol: dict[str, Any] = {"minReaderVersion": 1, "minWriterVersion": 2}
    if '"timestamp_ntz"' in spelled:
        protocol = {"minReaderVersion": 3, "minWriterVersion": 7}
        protocol |= {side: ["timestampNtz"] for side in ("readerFeatures", "writerFeatures")}
    adds = (_place_rows(rows, kinds, target) for rows in files)
    return _write_table(protocol, new_metadata(spelled), adds, target)


def _place_rows(rows: Iterable[pa.Table] | WrittenFile, kinds: pa.Schema, target: Path) -> dict[str, Any] | None:
    if isinstance(rows, WrittenFile):
        return _link(rows, target)
    raw, count = target / f".{secrets.token_hex(8)}.part", 0
    try:
        with pq.ParquetWriter(raw, kinds, compression="zstd", store_schema=False) as writer:
            for held in rows:
                writer.write_table(held.cast(kinds))
                count += held.num_rows
        return _place(raw, target, "", {}, 0, []) if count else None
    finally:
        raw.unlink(missing_ok=True)


def _write_table(
    protocol: Mapping[str, Any], metadata: dict[str, Any], added: Iterable[dict[str, Any] | None], target: Path
) -> list[str | None]:
    try:
        (target / LOG).mkdir(parents=True)
        made = list(added)
        adds = sorted((add for add in made if add is not None), key=lambda add: str(add["path"]))
        spelled = json.dumps([protocol, metadata, adds], sort_keys=True).encode()
        metadata = {"id": str(uuid.UUID(bytes=hashlib.sha256(spelled).digest()[:16], version=4)), **metadata}
        actions = [{"protocol": protocol}, {"metaData": metadata}, *({"add": add} for add in adds)]
        lines = (json.dumps(action, ensure_ascii=False, separators=(",", ":")) for action in actions)
        (target / LOG / f"{0:020}.json").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    except OSError as error:
        raise WriteFailed(
            f"cannot be written ({reason_of(error)})", where=str(target), hint="choose another place."
        ) from None
    return [None if add is None else unquote(add["path"]) for add in made]


def place_file(
    part: DeltaPart,
    change: TableChange,
    target: Path,
    *,
    time: int = 0,
    version: int | None = None,
    made: list[Path] | None = None,
) -> dict[str, Any]:
    """Write one file with its part of a change into its partition; give the log's action that adds it.

    It joins `made` before it is there, so that it can be deleted after an interrupt at any time.
    Its name is made of its content and of the version to which it is added, if one is given: by its content alone,
    a file of which no row was removed would get the name of the one before it, and a number after that.
    """
    raw = target / f".{secrets.token_hex(8)}.part"
    made = [] if made is None else made
    made.append(raw)
    try:
        part.changed(change, raw)
        return _place_part(part, raw, target, time, version, made)
    finally:
        raw.unlink(missing_ok=True)


def _place_part(
    part: DeltaPart, raw: Path, target: Path, time: int, version: int | None, made: list[Path]
) -> dict[str, Any]:
    schema = part.snapshot.schema
    values = {schema.physical[name]: _text(part, name) for name in schema.partitions}
    folder = partition_folder(schema.partitions, {name: values[schema.physical[name]] for name in schema.partitions})
    return _place(raw, target, folder, values, time, made, version)


def _place(
    raw: Path,
    target: Path,
    folder: str,
    values: Mapping[str, str | None],
    time: int,
    made: list[Path],
    version: int | None = None,
) -> dict[str, Any]:
    """Give a file its name, by its content and in its partition; give the log's action that adds it."""
    with raw.open("rb") as file:
        named = hashlib.file_digest(file, "sha256")
    if version is not None:
        named.update(b"of version %d" % version)
    digest = named.hexdigest()[:_DIGITS]
    statistics, size = file_statistics(raw), raw.stat().st_size
    path = _put(raw, target, folder, digest, made)
    return {
        "path": quote(path, safe=_SAFE_SIGNS),
        "partitionValues": values,
        "size": size,
        "modificationTime": time,
        "dataChange": True,
        "stats": json.dumps(statistics, ensure_ascii=False, separators=(",", ":")),
    }


def _put(raw: Path, target: Path, folder: str, digest: str, made: list[Path]) -> str:
    """Give a file the next free name of its content, which a run that writes the same at once cannot get as well."""
    while True:
        path = _free_name(target, folder, digest)
        made.append(target / path)
        try:
            os.link(raw, target / path)
        except FileExistsError:
            made.pop()
        else:
            return path


def _link(written: WrittenFile, target: Path) -> dict[str, Any]:
    """Link a file, under the name that its content gets here; give the log's action that adds it."""
    folder, _, name = unquote(written.action["path"]).rpartition("/")
    path = _free_name(target, folder, name.removeprefix(_PREFIX)[:_DIGITS])
    os.link(written.path, target / path)
    return {**written.action, "path": quote(path, safe=_SAFE_SIGNS)}


def _free_name(target: Path, folder: str, digest: str) -> str:
    """Give the next name of a content in a folder: files of one content are several all the same."""
    (target / folder).mkdir(parents=True, exist_ok=True)

    def name(again: int) -> str:
        return f"{folder}/{_PREFIX}{digest}{f'-{again}' * bool(again)}{_SUFFIX}".removeprefix("/")

    def is_free(again: int) -> bool:
        return not (target / name(again)).exists()

    return name(0 if is_free(0) else bisect.bisect_left(range(_MOST), True, lo=1, key=is_free))


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
    found = frame.select(queries).collect(engine="streaming").row(0, named=True)
    low, high = {}, {}
    for at, name in enumerate(bounded):
        bounds = found[f"low {at}"], found[f"high {at}"]
        if all(bound is not None and len(str(bound)) <= _LONGEST for bound in bounds):
            low[name], high[name] = (bound if isinstance(bound, int) else str(bound) for bound in bounds)
    nulls = {name: found[f"nulls {at}"] for at, name in enumerate(names)}
    return {"numRecords": found["rows"], "minValues": low, "maxValues": high, "nullCount": nulls}
