"""The same rows in every container, in pandas' three kinds of columns."""

from __future__ import annotations

import datetime as dt
import io
import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from sealscrub.tables import RowEdit
from sealscrub.tables.frame_table import FrameTable
from sealscrub.tables.row_verdicts import RowMask
from sealscrub.tables.table import FoundRows

CANARY = "CANARY-7f3a9c-long-enough-to-live-outside-a-string-view"

SCHEMA = pa.schema(
    [
        pa.field("key", pa.string()),
        pa.field("n", pa.int64(), nullable=False),
        pa.field("score", pa.float64()),
        pa.field("offense", pa.dictionary(pa.int16(), pa.string())),
        pa.field("made", pa.bool_()),
        pa.field("day", pa.date32()),
        pa.field("notes", pa.list_(pa.string())),
        pa.field("place", pa.struct([pa.field("name", pa.string()), pa.field("x", pa.int32(), nullable=False)])),
    ]
)
Row = tuple[Any, ...]


def arrow(rows: Sequence[Row]) -> pa.Table:
    """Build a table as somebody would who has only these rows: levels stand by first appearance."""
    columns = []
    for place, field in enumerate(SCHEMA):
        values = [row[place] for row in rows]
        if pa.types.is_dictionary(field.type):
            plain = pa.array(values, type=field.type.value_type).dictionary_encode()
            columns.append(plain.cast(field.type))
        else:
            columns.append(pa.array(values, type=field.type))
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def polars_frame(rows: Sequence[Row]) -> pl.DataFrame:
    place = pl.Struct({"name": pl.String, "x": pl.Int32})
    types = [pl.String, pl.Int64, pl.Float64, pl.Categorical, pl.Boolean, pl.Date, pl.List(pl.String), place]
    return pl.DataFrame(list(rows), schema=dict(zip(SCHEMA.names, types, strict=True)), orient="row")


def pandas_numpy(rows: Sequence[Row]) -> pd.DataFrame:
    columns = dict(zip(SCHEMA.names, zip(*rows, strict=True) if rows else [()] * len(SCHEMA), strict=True))
    types = ["str", "int64", "float64", "category", "object", "datetime64[s]", "object", "object"]
    series = {}
    for (name, values), kind in zip(columns.items(), types, strict=True):
        as_text = object if pd.__version__ < "3" else "str"  # pandas 2 makes the text "None" of None
        made = pd.Series(list(values), dtype=as_text if kind in ("str", "category") else kind)
        series[name] = made.astype(as_text if kind == "str" else kind)
    return pd.DataFrame(series)


def pandas_nullable(rows: Sequence[Row]) -> pd.DataFrame:
    types = {"key": "string", "n": "Int64", "score": "Float64", "made": "boolean"}
    return pandas_numpy(rows).astype(types)


def pandas_arrow(rows: Sequence[Row]) -> pd.DataFrame:
    return arrow(rows).to_pandas(types_mapper=pd.ArrowDtype)


@dataclass(frozen=True)
class Constructor:
    """A container: how it is built from rows, read back as an Arrow table, and made into bytes.

    `written` by a writer that sees the values alone, `pickled` with all that its buffers hold.
    """

    name: str
    build: Callable[[Sequence[Row]], Any]
    read: Callable[[Any], pa.Table]
    written: Callable[[Any], bytes]
    pickled: Callable[[Any], bytes]

    def __repr__(self) -> str:
        return self.name


def arrow_buffers(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue() + pickle.dumps(table)


def parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def polars_bytes(frame: pl.DataFrame) -> bytes:
    sink = io.BytesIO()
    frame.write_parquet(sink)
    return sink.getvalue()


def polars_buffers(frame: pl.DataFrame) -> bytes:
    files = [io.BytesIO(), io.BytesIO()]
    frame.write_ipc(files[0])
    frame.write_ipc(files[1], compat_level=pl.CompatLevel.oldest())
    return pickle.dumps(frame) + b"".join(file.getvalue() for file in files)


def pandas_bytes(frame: pd.DataFrame) -> bytes:
    sink = io.BytesIO()
    frame.to_parquet(sink)
    return sink.getvalue()


def pickled_by_value(value: Any) -> bytes:
    """Pickle without the memo: which dtype objects are one and the same depends on what pandas has cached."""
    sink = io.BytesIO()
    pickler = pickle.Pickler(sink)
    pickler.fast = True
    for array in value._mgr.arrays:
        getattr(array, "unit", None)  # which pandas 2 caches, and pickles, once somebody asked
    pickler.dump(value)
    return sink.getvalue()


def relation(rows: Sequence[Row]) -> Any:
    connection = duckdb.connect()
    connection.register("rows", arrow(rows))
    return connection.sql("SELECT * FROM rows")


def of_table(value: Any) -> pa.Table:
    if isinstance(value, pa.RecordBatch):
        return pa.Table.from_batches([value])
    if isinstance(value, pa.RecordBatchReader):
        return value.read_all()
    return value.to_table() if isinstance(value, ds.Dataset) else value


def of_pandas(frame: pd.DataFrame) -> pa.Table:
    return pa.Table.from_pandas(frame)


CONSTRUCTORS = [
    *(
        Constructor(f"pandas[{kind}]", build, of_pandas, pandas_bytes, pickled_by_value)
        for kind, build in {
            "numpy": pandas_numpy,
            "nullable": pandas_nullable,
            "pyarrow": pandas_arrow,
        }.items()
    ),
    Constructor("polars", polars_frame, pl.DataFrame.to_arrow, polars_bytes, polars_buffers),
    Constructor(
        "polars[lazy]",
        lambda rows: polars_frame(rows).lazy(),
        lambda lazy: lazy.collect().to_arrow(),
        lambda lazy: polars_bytes(lazy.collect()),
        lambda lazy: polars_buffers(lazy.collect()),
    ),
    Constructor("pyarrow", arrow, of_table, parquet, arrow_buffers),
    Constructor(
        "pyarrow[batch]",
        lambda rows: pa.RecordBatch.from_arrays(
            [column.combine_chunks() for column in arrow(rows).columns], schema=SCHEMA
        ),
        of_table,
        lambda batch: parquet(of_table(batch)),
        lambda batch: arrow_buffers(of_table(batch)),
    ),
    Constructor(
        "pyarrow[dataset]",
        lambda rows: ds.dataset(arrow(rows)),
        of_table,
        lambda dataset: parquet(of_table(dataset)),
        lambda dataset: arrow_buffers(of_table(dataset)),
    ),
    Constructor(
        "duckdb",
        relation,
        lambda rel: rel.to_arrow_table(),
        lambda rel: repr((rel.columns, rel.types, rel.fetchall())).encode(),
        lambda rel: pickle.dumps((rel.columns, [str(kind) for kind in rel.types], rel.fetchall())),
    ),
]


@pytest.fixture(params=CONSTRUCTORS, ids=repr)
def constructor(request: pytest.FixtureRequest) -> Constructor:
    return request.param


def row(key: str | None, n: int, **other: Any) -> Row:
    """Build a row; what is not given is plain."""
    plain = {
        "score": n / 2,
        "offense": "theft",
        "made": True,
        "day": dt.date(2020, 1, 1 + n % 28),
        "notes": ["a note"],
        "place": {"name": "Queens", "x": n},
    }
    values = {"key": key, "n": n, **plain, **other}
    return tuple(values[name] for name in SCHEMA.names)


def edited(data: Any, edit: RowEdit, matched: RowMask, mask: RowMask | None = None) -> Any:
    """Edit the matched rows of those that stay, by default all."""
    keep = np.ones(len(matched), dtype=np.bool_) if mask is None else mask
    return FrameTable("data", data).kept(FoundRows(keep, matched, np.zeros_like(keep)), edit, None)
