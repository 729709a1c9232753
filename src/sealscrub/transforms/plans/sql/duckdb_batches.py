"""Hand the batches of a table to DuckDB: in order, one at a time, numbered, in types that it takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from sealscrub.errors import ConfigError, UnreadableInput

from .sql_tree import ROW, words

__all__ = ["Feed", "duckdb_type", "quoted"]

_PLAIN = words(
    """BIGINT BIT BLOB BOOL BOOLEAN DATE DATETIME DOUBLE FLOAT HUGEINT INT INTEGER INTERVAL REAL SMALLINT TEXT TIME
    TIMESTAMP TIMESTAMPTZ TIMESTAMP_MS TIMESTAMP_NS TIMESTAMP_S TINYINT UBIGINT UHUGEINT UINTEGER USMALLINT
    UTINYINT UUID VARCHAR"""
)
_DECIMAL = re.compile(r"(?:DECIMAL|NUMERIC)(?:\(\d{1,2}(?:,\d{1,2})?\))?")


def quoted(name: str) -> str:
    """Quote a name for SQL.

    Examples
    --------
    >>> print(quoted("arrest no"))
    "arrest no"
    """
    return '"' + name.replace('"', '""') + '"'


def duckdb_type(declared: str, *, where: str = "") -> str:
    """Check the name of a type that a plan declares for a column.

    Raises
    ------
    ConfigError
        When it is not a plain type of DuckDB.

    Examples
    --------
    >>> duckdb_type("decimal(10, 2)"), duckdb_type("date")
    ('DECIMAL(10,2)', 'DATE')
    """
    name = re.sub(r"\s*([(),])\s*", r"\1", re.sub(r"\s+", " ", declared.strip().upper()))
    name = {"TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ", "DOUBLE PRECISION": "DOUBLE"}.get(name, name)
    if name not in _PLAIN and not _DECIMAL.fullmatch(name):
        hint = "use a plain type of DuckDB, such as DATE, TIMESTAMP, BIGINT, DOUBLE, DECIMAL(10, 2), BOOLEAN, VARCHAR."
        raise ConfigError("a declared type is unknown", where=where, hint=hint)
    return name


class Feed:
    """The batches of a table as a stream for DuckDB, with the number of each row.

    Parameters
    ----------
    batches : iterator of polars.DataFrame
        All of the same columns and types.
    where : str
        The table, for errors.

    Attributes
    ----------
    columns : list of str
        Of the first batch; empty if there is none.
    rows : int
        How many rows were handed over.
    nulls : dict of str to int
        How many nulls each column had.
    failure : BaseException or None
        What reading the batches raised: DuckDB would hide it behind an error of its own.
    """

    def __init__(self, batches: Iterator[pl.DataFrame], where: str) -> None:
        self._batches = batches
        self._where = where
        self._first = next(batches, None)
        self.columns = [] if self._first is None else self._first.columns
        self.rows = 0
        self.nulls = dict.fromkeys(self.columns, 0)
        self.failure: BaseException | None = None
        _check_names(self.columns, where)

    def reader(self) -> Any:
        """Give the stream, to be read once."""
        empty = pl.DataFrame() if self._first is None else self._first.clear()
        schema = _with_row_numbers(_with_duckdb_types(empty, self._where), 0).schema
        return pa.RecordBatchReader.from_batches(schema, self._stream(schema))

    def _stream(self, schema: pa.Schema) -> Iterator[Any]:
        try:
            batch, self._first = self._first, None
            while batch is not None:
                for column in self.columns:
                    self.nulls[column] += batch[column].null_count()
                table = _with_row_numbers(_with_duckdb_types(batch, self._where), self.rows)
                if table.schema != schema:
                    hint = "its files may differ in their types; make them one."
                    raise UnreadableInput("the types of columns change in conversion", where=self._where, hint=hint)
                self.rows += len(batch)
                yield from table.to_batches()
                batch = next(self._batches, None)
        except BaseException as error:
            self.failure = error
            raise


def _check_names(columns: list[str], where: str) -> None:
    folded = [name.casefold() for name in columns]
    if len(set(folded)) != len(folded):
        hint = "rename one of them: SQL does not distinguish them."
        raise ConfigError("names of columns differ only in case", where=where, hint=hint)
    if ROW in folded:
        raise ConfigError(f"a column has the name {ROW}", where=where, hint="rename it: sealscrub uses this name.")
    if any(name.startswith("this.") or "\0" in name or not name for name in folded):
        raise ConfigError("a column has a name that recipes cannot use", where=where, hint="rename it.")


def _with_duckdb_types(batch: pl.DataFrame, where: str) -> pl.DataFrame:
    """Change into types that DuckDB has: levels and nulls to text, 128 bits to decimals."""
    if any(kind == pl.Object for kind in batch.dtypes):
        hint = "recipes can use plain values, lists and structs."
        raise ConfigError("a column holds Python objects", where=where, hint=hint)
    text = [name for name, kind in batch.schema.items() if kind in (pl.Categorical, pl.Enum, pl.Null)]
    wide = [name for name, kind in batch.schema.items() if kind == pl.Int128]
    return batch.with_columns(pl.col(text).cast(pl.String), pl.col(wide).cast(pl.Decimal(38, 0)))


def _with_row_numbers(batch: pl.DataFrame, start: int) -> Any:
    return batch.to_arrow().append_column(ROW, pa.array(np.arange(start, start + len(batch), dtype=np.int64)))
