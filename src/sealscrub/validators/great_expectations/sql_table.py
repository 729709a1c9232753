"""A table or query of a database: its columns come in batches, and nothing of ours goes into a statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import polars as pl
import sqlalchemy as sa

from sealscrub.tables import frame_adapter
from sealscrub.tables.frame_table import FrameTable
from sealscrub.tables.pandas.pandas_keys import pandas_key_series
from sealscrub.tables.value_free_errors import unquoted

from .batch_tables import BATCH_ROWS, BatchTable

__all__ = ["SQLTable"]


class SQLTable(BatchTable):
    """A table of a database.

    Columns are read by a statement that names them and nothing else; digests are computed and looked up here, batch
    by batch. DuckDB hands its batches over by Arrow, other databases through their driver's cursor on the server.
    """

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        with unquoted(self.name), self._engine.get_connection() as connection:
            query = sa.select(sa.text("*")).select_from(self._selectable()).limit(0)
            return [str(name) for name in connection.execute(query).keys()]  # noqa: SIM118 - no mapping

    def frames(self, keys: Sequence[str]) -> Iterator[FrameTable]:
        """Give the rows in batches."""
        columns = self.columns
        for batch in self._read(columns):
            if not isinstance(batch, list):
                yield FrameTable(self.name, batch)
                continue
            made = [_series(name, values, keys=name in keys) for name, values in zip(columns, batch, strict=True)]
            yield FrameTable(self.name, pl.DataFrame(made))

    def _selectable(self) -> Any:
        data = self._data()
        return data if isinstance(data, sa.sql.expression.FromClause) else data.subquery()

    def _batches(self, columns: Sequence[str], *, keys: bool) -> Iterator[pl.DataFrame]:
        for batch in self._read(columns):
            if isinstance(batch, list):
                yield pl.DataFrame(
                    [_series(name, values, keys=keys) for name, values in zip(columns, batch, strict=True)]
                )
            else:
                adapter = frame_adapter(batch)
                yield adapter.key_batch(columns) if keys else adapter.values(columns)

    def _read(self, columns: Sequence[str]) -> Iterator[Any]:
        """Give columns in batches, as Arrow has them or else as lists; at least one."""
        query: Any = sa.select(*(sa.column(column) for column in columns)).select_from(self._selectable())
        with unquoted(self.name), self._engine.get_connection() as connection:
            if connection.dialect.name == "duckdb":
                yield from _by_arrow(connection, query, columns)
                return
            streamed = connection.execution_options(stream_results=True, yield_per=BATCH_ROWS)
            rows = 0
            for part in streamed.execute(query).partitions():
                rows += len(part)
                yield list(zip(*part, strict=True))
            if not rows:
                yield [() for _ in columns]


def _by_arrow(connection: Any, query: Any, columns: Sequence[str]) -> Iterator[Any]:
    text = str(query.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True}))
    rows = 0
    for batch in connection.connection.driver_connection.sql(text).to_arrow_reader(BATCH_ROWS):
        rows += batch.num_rows
        yield batch
    if not rows:
        yield [() for _ in columns]


def _series(name: str, values: Sequence[Any], *, keys: bool) -> pl.Series:
    if not keys:
        return pl.Series(name, list(values), strict=False)
    objects = np.empty(len(values), object)
    objects[:] = values
    return pandas_key_series(objects, name)
