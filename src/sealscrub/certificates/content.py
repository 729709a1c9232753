"""The content digest of a dataset: the same for the same rows, whatever holds them and in whatever order."""

from __future__ import annotations

import hashlib
import json
import os
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from sealscrub.errors import SealscrubError, Spelled, UnreadableInput, UsageError
from sealscrub.identifiers.texts_of_bytes import uuid_texts
from sealscrub.tables import frame_adapter
from sealscrub.tables.arrow.arrow_keys import is_uuid
from sealscrub.tables.database import DatabaseSource
from sealscrub.tables.delta.delta_address import DeltaAddress
from sealscrub.tables.file import FileTable
from sealscrub.tables.iceberg.iceberg_address import IcebergAddress
from sealscrub.tables.opener import DataSource, lake_named, read_frame
from sealscrub.tables.value_free_errors import unquoted

from .cell_bytes import Bytes, Cells, cells_of, spread
from .container_types import is_pandas, meant, plain_arrow, whole_table
from .merkle import HASH_BYTES, Tree, sort_digests
from .parquet_folder import arrow_file, opened_file, parquet_files

__all__ = ["ALGORITHM", "ContentDigest", "batches", "content_digest"]

ALGORITHM = "sealscrubContentV1"
"""Name of the algorithm in the subjects of certificates."""
_SLAB = 1 << 16  # rows written at a time


@dataclass(frozen=True, slots=True)
class ContentDigest:
    """What a dataset holds, in 64 hex digits.

    Attributes
    ----------
    value : str
        SHA-256 over the column names, the number of rows and the Merkle root of the rows.
    rows : int
        Number of rows.
    columns : tuple of str
        Column names, sorted.

    Examples
    --------
    >>> digest = content_digest(pl.DataFrame({"b": [1, 2], "a": ["x", "y"]}))
    >>> digest.rows, digest.columns
    (2, ('a', 'b'))
    """

    value: str
    rows: int
    columns: tuple[str, ...]

    def __str__(self) -> str:
        return f"{ALGORITHM}:{self.value}"

    def check_rows(self, rows: int, where: str) -> None:
        """Refuse data that had another number of rows when it was read before, as a reader has, which is then empty.

        Raises
        ------
        UnreadableInput
        """
        if self.rows != rows:
            raise UnreadableInput(
                "the data gave other rows when it was read again", where=where, hint="read it into a table first."
            )


def content_digest(data: Any, *, schema: Mapping[str, pl.DataType] | None = None) -> ContentDigest:
    """Digest the content of a dataset.

    Two datasets have one digest if and only if they hold the same multiset of rows, up to a collision of SHA-256.
    The order of rows and of columns, compression, row groups, integer width, unit of time, a dictionary's coding and
    the container do not count; NaN is null, -0 is 0, and text is compared in Unicode's form NFC. An integer and a
    float are never equal: pandas makes floats of integers with nulls, so read such a file with
    ``dtype_backend="pyarrow"``. Of columns that have one name, their order counts. A salt is not added, or two worlds
    with the same clean data would differ.

    Parameters
    ----------
    data : frame, str or Path
        A frame (pandas, polars, pyarrow, DuckDB), a Parquet file or a folder of them; a table of a database by its
        address; a Delta or Iceberg table by its address, or as its library has opened it; a CSV or JSON Lines file
        under a named `schema`.
    schema : mapping of str to polars.DataType, optional
        The types in which a text format is read.

    Raises
    ------
    UsageError
        When a type has no canonical form, a pandas index is data, a text format has no schema, or a path is of a
        Delta table, which is named by its address.
    UnreadableInput
        When a file cannot be read.

    Examples
    --------
    >>> one = pl.DataFrame({"a": [1, 2], "b": ["x", None]})
    >>> other = pl.DataFrame({"b": [None, "x"], "a": [2, 1]}, schema={"b": pl.Categorical, "a": pl.Int8})
    >>> content_digest(one) == content_digest(other)
    True
    >>> len(content_digest(one).value)
    64
    """
    names: tuple[str, ...] | None = None
    hashed: list[bytes] = []
    for batch in _batches(data, schema):
        columns, order = batch.ordered()
        if names is not None and columns != names:
            raise UsageError("the parts of the dataset have different columns", hint="digest them one by one.")
        names = columns
        rows = batch.rows
        hashed += [_row_hashes(rows.slice(at, _SLAB), order) for at in range(0, rows.height, _SLAB)]
    leaves = np.frombuffer(b"".join(hashed), np.uint8).reshape(-1, HASH_BYTES)
    root = Tree(sort_digests(leaves)).root
    head = json.dumps([ALGORITHM, list(names or ()), len(leaves)], ensure_ascii=False, separators=(",", ":"))
    return ContentDigest(hashlib.sha256(head.encode() + b"\x00" + root).hexdigest(), len(leaves), names or ())


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Batch:
    """Some rows of a dataset.

    Attributes
    ----------
    names : tuple of str
        Names of the columns; a name can be there more than once.
    rows : polars.DataFrame
        As many columns, in this order; those whose name is not unique, or holds what polars takes for its end,
        are called otherwise.
    """

    names: tuple[str, ...]
    rows: pl.DataFrame

    @classmethod
    def of(cls, names: Iterable[str], columns: Iterable[pl.Series], height: int = 0) -> Batch:
        """Put columns together; of none there are so many rows. Normal forms of names are compared."""
        normal = tuple(map(_normal, names))
        count = Counter(normal)
        told = [
            name if count[name] == 1 and "\x00" not in name else name.replace("\x00", "") + f"\x1f{at}"
            for at, name in enumerate(normal)
        ]
        made = [column.alias(name) for name, column in zip(told, columns, strict=True)]
        return cls(normal, pl.DataFrame(made) if made else pl.DataFrame(height=height))

    def ordered(self) -> tuple[tuple[str, ...], list[int]]:
        """Names, sorted, and the places of the columns in this order; of one name, that of the columns."""
        order = sorted(range(len(self.names)), key=lambda at: self.names[at])
        return tuple(self.names[at] for at in order), order


def _row_hashes(batch: pl.DataFrame, order: Iterable[int]) -> bytes:
    cells = [cells_of(batch.to_series(at)) for at in order]
    data, ends = _leaf_bytes(cells, batch.height)
    whole, begin, sha = data.tobytes(), 0, hashlib.sha256
    hashes = []
    for end in ends:
        hashes.append(sha(whole[begin:end]).digest())
        begin = end
    return b"".join(hashes)


def _leaf_bytes(cells: list[Cells], rows: int) -> tuple[Bytes, list[int]]:
    """The rows one after the other, each with 0x00 before it (a leaf), and where each ends."""
    sizes = np.ones(rows, np.int64)
    for each in cells:
        sizes += each.lengths
    ends = np.cumsum(sizes)
    data = np.zeros(int(ends[-1]) if rows else 0, np.uint8)
    places = ends - sizes + 1
    for each in cells:
        spread(each.data, each.starts, each.lengths, data, places)
        places = places + each.lengths
    return data, ends.tolist()


def batches(data: Any, schema: Mapping[str, pl.DataType] | None) -> Iterator[pl.DataFrame]:
    """Give the rows of a dataset, a batch at a time, as :func:`content_digest` reads them.

    Columns whose name is not unique are called otherwise.
    """
    for batch in _batches(data, schema):
        yield batch.rows


def _batches(data: Any, schema: Mapping[str, pl.DataType] | None) -> Iterator[Batch]:
    data = arrow_file(lake_named(data))
    if not isinstance(data, str | os.PathLike):
        yield _frame(data)
        return
    lake = DeltaAddress.names_one(data) or IcebergAddress.names_one(data)
    if lake or DatabaseSource.names_one(str(data)):
        with DataSource(data) as source:
            for table in source.tables():
                for rows in table.batches(table.columns):
                    yield Batch.of(rows.columns, rows.get_columns())
        return
    for file in parquet_files(Path(data)) if Path(data).is_dir() else [Path(data)]:
        table = opened_file(file)
        if table.text:
            read = _text_file(table, schema)
            yield Batch.of(read.columns, read.get_columns())
        else:
            yield from _parquet(table)


def _frame(data: Any) -> Batch:
    if is_pandas(data) and not _counts(data.index):
        raise UsageError("the index of the frame holds data", hint="call reset_index() first.")
    with unquoted("the frame"):
        adapter = frame_adapter(_as_plain_arrow(data))
        return Batch.of(adapter.columns, meant(adapter.columns_in_order(), adapter.columns, data), adapter.rows)


def _as_plain_arrow(data: Any) -> Any:
    data = whole_table(data)
    return plain_arrow(data) if isinstance(data, pa.Table | pa.RecordBatch) else data


def _normal(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _counts(index: Any) -> bool:
    return type(index).__name__ == "RangeIndex" and index.start == 0 and index.step == 1


def _parquet(table: FileTable) -> Iterator[Batch]:
    try:
        for batch in table.arrow_batches(_SLAB * 4):
            names, rows = batch.schema.names, plain_arrow(batch)
            if not batch.num_rows:
                yield Batch.of(names, [pl.Series(dtype=pl.Null) for _ in names])
                continue
            read = pl.DataFrame(pl.from_arrow(rows.rename_columns([str(at) for at in range(len(names))])))
            columns = zip(rows.schema.types, read.get_columns(), strict=True)
            yield Batch.of(names, [uuid_texts(column) if is_uuid(kind) else column for kind, column in columns])
    except pl.exceptions.PanicException:
        raise UsageError(
            "the file holds values of a type that has no content digest",
            where=str(table.path),
            hint="decimals of 38 digits.",
        ) from None
    except SealscrubError:
        raise
    except (OSError, ValueError, pl.exceptions.PolarsError):
        raise UnreadableInput("the file cannot be read as Parquet", where=str(table.path)) from None


def _text_file(table: FileTable, schema: Mapping[str, pl.DataType] | None) -> pl.DataFrame:
    if schema is None:
        raise UsageError(
            "the content digest of a text file needs a schema",
            where=str(table.path),
            hint=Spelled("pass schema={column: type}, or write it as Parquet first.", "write it as Parquet first."),
        )
    return read_frame(table.path, typed=True, schema=schema)
