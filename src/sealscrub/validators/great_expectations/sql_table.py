"""A table or query of a database: its columns come in batches, and nothing of ours goes into a statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import polars as pl
import sqlalchemy as sa

from sealscrub.frames import frame_adapter
from sealscrub.frames.pandas_keys import pandas_key_series
from sealscrub.frames.unquoted import unquoted

from .tables import BATCH_ROWS, BatchTable

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

    def keys(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Give columns of record keys, in batches."""
        return self._batches(columns, keys=True)

    def values(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Give columns as they are, in batches."""
        return self._batches(columns, keys=False)

    def _selectable(self) -> Any:
        data = self._data()
        return data if isinstance(data, sa.sql.expression.FromClause) else data.subquery()

    def _batches(self, columns: Sequence[str], *, keys: bool) -> Iterator[pl.DataFrame]:
        query: Any = sa.select(*(sa.column(column) for column in columns)).select_from(self._selectable())
        with unquoted(self.name), self._engine.get_connection() as connection:
            if connection.dialect.name == "duckdb":
                yield from _by_arrow(connection, query, columns, keys=keys)
                return
            streamed = connection.execution_options(stream_results=True, yield_per=BATCH_ROWS)
            rows = 0
            for part in streamed.execute(query).partitions():
                rows += len(part)
                yield _frame(columns, list(zip(*part, strict=True)), keys=keys)
            if not rows:
                yield _frame(columns, [() for _ in columns], keys=keys)


def _by_arrow(connection: Any, query: Any, columns: Sequence[str], *, keys: bool) -> Iterator[pl.DataFrame]:
    text = str(query.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True}))
    rows = 0
    for batch in connection.connection.driver_connection.sql(text).to_arrow_reader(BATCH_ROWS):
        rows += batch.num_rows
        adapter = frame_adapter(batch)
        yield adapter.key_batch(columns) if keys else adapter.values(columns)
    if not rows:
        yield _frame(columns, [() for _ in columns], keys=keys)


def _frame(columns: Sequence[str], values: Sequence[Sequence[Any]], *, keys: bool) -> pl.DataFrame:
    made = []
    for name, each in zip(columns, values, strict=True):
        if keys:
            objects = np.empty(len(each), object)
            objects[:] = each
            made.append(pandas_key_series(objects, name))
        else:
            made.append(pl.Series(name, list(each), strict=False))
    return pl.DataFrame(made)
