"""The content digest of a dataset: the same for the same rows, whatever holds them and in whatever order."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet as pq

from sealscrub.errors import UnreadableInput, UsageError
from sealscrub.frames import frame_adapter
from sealscrub.frames.unquoted import unquoted

from .cells import Bytes, Cells, cells_of, spread
from .container_types import meant, plain_arrow
from .merkle import HASH_BYTES, Tree, sort_digests
from .parquet_folder import is_parquet, parquet_files

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
    """

    value: str
    rows: int
    columns: tuple[str, ...]

    def __str__(self) -> str:
        return f"{ALGORITHM}:{self.value}"


def content_digest(data: Any, *, schema: Mapping[str, pl.DataType] | None = None) -> ContentDigest:
    """Digest the content of a dataset.

    Two datasets have one digest if and only if they hold the same multiset of rows, up to a collision of SHA-256.
    The order of rows and of columns, compression, row groups, integer width, unit of time, a dictionary's coding and
    the container do not count; NaN is null, -0 is 0, and text is compared in Unicode's form NFC. An integer and a
    float are never equal: pandas makes floats of integers with nulls, so read such a file with
    ``dtype_backend="pyarrow"``. There is no salt, or two worlds with the same clean data would differ.

    Parameters
    ----------
    data : frame, str or Path
        A frame (pandas, polars, pyarrow, DuckDB), a Parquet file or a folder of them; a CSV or JSON Lines file under
        a named `schema`.
    schema : mapping of str to polars.DataType, optional
        The types in which a text format is read.

    Raises
    ------
    UsageError
        When a column name is there twice, a type has no canonical form, a pandas index is data, or a text format has
        no schema.
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
    for batch in batches(data, schema):
        batch = batch.rename(_normal)
        columns = tuple(sorted(batch.columns))
        if names is not None and columns != names:
            raise UsageError("the parts of the dataset have different columns", hint="digest them one by one.")
        names = columns
        hashed += [_row_hashes(batch.slice(at, _SLAB), columns) for at in range(0, batch.height, _SLAB)]
    leaves = np.frombuffer(b"".join(hashed), np.uint8).reshape(-1, HASH_BYTES)
    root = Tree(sort_digests(leaves)).root
    head = json.dumps([ALGORITHM, list(names or ()), len(leaves)], ensure_ascii=False, separators=(",", ":"))
    return ContentDigest(hashlib.sha256(head.encode() + b"\x00" + root).hexdigest(), len(leaves), names or ())


def _row_hashes(batch: pl.DataFrame, columns: Iterable[str]) -> bytes:
    cells = [cells_of(batch.get_column(name)) for name in columns]
    data, ends = _joined(cells, batch.height)
    whole, begin, sha = data.tobytes(), 0, hashlib.sha256
    hashes = []
    for end in ends:
        hashes.append(sha(whole[begin:end]).digest())
        begin = end
    return b"".join(hashes)


def _joined(cells: list[Cells], rows: int) -> tuple[Bytes, list[int]]:
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
    """Give the rows of a dataset, a batch at a time, as :func:`content_digest` reads them."""
    if not isinstance(data, str | Path):
        yield _frame(data)
        return
    path = Path(data)
    for file in parquet_files(path) if path.is_dir() else [path]:
        if is_parquet(file):
            yield from _parquet(file)
        else:
            yield _text_file(file, schema)


def _frame(data: Any) -> pl.DataFrame:
    index = getattr(data, "index", None)
    if type(data).__module__.partition(".")[0] == "pandas" and not _counts(index):
        raise UsageError("the index of the frame holds data", hint="call reset_index() first.")
    with unquoted("the frame"):
        adapter = frame_adapter(_plain(data))
        return meant(adapter.values(_distinct(adapter.columns)), data)


def _plain(data: Any) -> Any:
    if isinstance(data, pa.dataset.Dataset):
        data = data.to_table()
    if isinstance(data, pa.RecordBatchReader):
        data = data.read_all()
    if not isinstance(data, pa.Table | pa.RecordBatch):
        return data
    _distinct(data.schema.names)
    return plain_arrow(data)


def _normal(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _counts(index: Any) -> bool:
    return type(index).__name__ == "RangeIndex" and index.start == 0 and index.step == 1


def _distinct(columns: list[str]) -> list[str]:
    normal = set(map(_normal, columns))
    if len(normal) < len(columns):
        raise UsageError("two columns have one name", hint="rename one of them.")
    return columns


def _parquet(path: Path) -> Iterator[pl.DataFrame]:
    try:
        with pq.ParquetFile(path) as file:
            names = _distinct(file.schema_arrow.names)
            for batch in file.iter_batches(batch_size=_SLAB * 4):
                yield pl.DataFrame(pl.from_arrow(plain_arrow(batch)))
            if not file.metadata.num_rows:
                yield pl.DataFrame(schema=dict.fromkeys(names, pl.Null))
    except pl.exceptions.PanicException:
        raise UsageError(
            "the file holds values of a type that has no content digest", where=str(path), hint="decimals of 38 digits."
        ) from None
    except UsageError:
        raise
    except (OSError, ValueError, pl.exceptions.PolarsError):
        raise UnreadableInput("the file cannot be read as Parquet", where=str(path)) from None


def _text_file(path: Path, schema: Mapping[str, pl.DataType] | None) -> pl.DataFrame:
    if schema is None:
        raise UsageError(
            "a file of text has a content digest only under a named schema",
            where=str(path),
            hint="pass schema={column: type}, or write it as Parquet first.",
        )
    try:
        if path.suffix.lower() in (".jsonl", ".ndjson"):
            return pl.read_ndjson(path, schema=dict(schema))
        return pl.read_csv(path, schema=dict(schema))
    except (OSError, pl.exceptions.PolarsError):
        raise UnreadableInput("the file cannot be read under this schema", where=str(path)) from None
