"""DuckDB's container: a relation, scrubbed on its own connection in its own types."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, ClassVar
from uuid import uuid4

import numpy as np
import polars as pl
import pyarrow as pa

from sealscrub.errors import UnreadableInput, UsageError

from .arrow_buffers import integers
from .arrow_keys import key_series
from .arrow_values import value_series
from .interface import Change, Changes, FrameAdapter, Patches, RowMask, unfit_constant
from .values import exactly, unfit_patch

__all__ = ["DuckDBFrame"]


class DuckDBFrame(FrameAdapter):
    """A ``duckdb.DuckDBPyRelation``; a relation on the same connection comes back, in DuckDB's own types.

    A relation is a query that runs anew, and perhaps otherwise, each time it is read. So it is run once and
    its rows held by the client; what comes back holds the survivors likewise, and leaves nothing in the
    catalog. The list of an ``ENUM`` is declared by its type and stays.
    """

    library: ClassVar[str] = "duckdb"

    def __init__(self, data: Any) -> None:
        import duckdb

        if not hasattr(data, "materialize"):
            raise UsageError("relations need DuckDB 2 or later", hint="upgrade duckdb, or pass rel.to_arrow_table().")
        try:
            self._data = data.materialize()
        except duckdb.Error:
            raise UnreadableInput("the relation's query could not be run", hint="run it alone.") from None

    @property
    def columns(self) -> list[str]:
        return list(self._data.columns)

    @property
    def rows(self) -> int:
        return int(self._data.shape[0])

    def _keys(self, position: int) -> pl.Series:
        return key_series(self._arrow(position), self.columns[position])

    def _arrow(self, position: int) -> Any:
        return self._data.select(_quoted(self.columns[position])).to_arrow_table().column(0)

    def _values(self, position: int) -> pl.Series:
        return value_series(self._arrow(position), self.columns[position])

    def _fitted(self, position: int, values: pl.Series) -> Any:
        import duckdb

        name, view = self.columns[position], _name()
        exact = exactly(values, self._values(position).dtype, name)
        made = pa.table({"value": exact.to_arrow(compat_level=pl.CompatLevel.oldest())})
        # DuckDB finds the table by the name of this variable
        fitted = made.append_column("place", pa.array(np.arange(len(values))))  # noqa: F841 - read by SQL
        kind = self._data.types[position]
        statement = f"SELECT CAST(value AS {kind}) AS value FROM fitted ORDER BY fitted.place"  # noqa: S608 - ours
        try:
            read = self._data.query(view, statement).to_arrow_table().column(0)
        except duckdb.Error:
            raise unfit_patch(name) from None
        if not value_series(read, name).equals(exact, null_equal=True):
            raise unfit_patch(name)
        return made.column(0)

    def _assembled(self, columns: list[Any], rows: int, keep_levels: frozenset[int]) -> Any:
        facts = zip(self.columns, self._data.types, strict=True)
        casts = [f"CAST(c{at} AS {kind}) AS {_quoted(name)}" for at, (name, kind) in enumerate(facts)]
        assembled = pa.table({f"c{at}": column for at, column in enumerate(columns)} | {"place": np.arange(rows)})  # noqa: F841 - read by SQL
        statement = f"SELECT {', '.join(casts)} FROM assembled ORDER BY assembled.place"  # noqa: S608 - ours
        return self._data.query(_name(), statement).materialize()

    def _constant(self, position: int, value: object) -> str:
        """Write the constant as SQL, once DuckDB has read it as the column's type."""
        import duckdb

        literal = "'" + str(value).replace("'", "''") + "'"
        constant = f"CAST({literal} AS {self._data.types[position]})"
        try:
            if value is not None and self._data.query(_name(), f"SELECT {constant}").fetchall()[0][0] is not None:
                return constant
        except duckdb.Error:
            pass
        raise unfit_constant(self.columns[position])

    def _holds_null(self, position: int) -> bool:
        return True

    def _shows(self, position: int, change: Change, rows: RowMask) -> bool:
        column = _quoted(self.columns[position])
        wanted = "NULL" if change.is_null else change.value
        found = self._data.select(f"{column} IS NOT DISTINCT FROM {wanted}").to_arrow_table().column(0)
        return bool((found.to_numpy() & rows).any())

    def _survivors(
        self,
        mask: RowMask,
        edited: RowMask,
        changes: Changes,
        keep_index: bool,
        keep_levels: frozenset[int],
        patches: Patches = MappingProxyType({}),
    ) -> Any:
        source, columns = _name(), self.columns
        edits = [
            f"CASE WHEN judged.hit THEN {'NULL' if change.is_null else change.value} "
            f"ELSE {source}.{_quoted(columns[position])} END AS {_quoted(columns[position])}"
            for position, change in changes.items()
        ]
        edits += [
            f"CASE WHEN judged.hit{at} THEN CAST(judged.value{at} AS {self._data.types[at]}) "
            f"ELSE {source}.{_quoted(columns[at])} END AS {_quoted(columns[at])}"
            for at in patches
        ]
        star = f"{source}.* REPLACE ({', '.join(edits)})" if edits else f"{source}.*"
        # DuckDB finds the table by the name of this variable
        judged = pa.table(  # noqa: F841 - read by SQL
            {"kept": mask, "hit": edited, "place": np.arange(len(mask))} | _spread(patches, len(mask))
        )
        joined = f"{source} POSITIONAL JOIN judged WHERE judged.kept ORDER BY judged.place"
        statement = f"SELECT {star} FROM {joined}"  # noqa: S608 - ours
        return self._data.query(source, statement).materialize()


def _spread(patches: Patches, rows: int) -> dict[str, Any]:
    """Give each patched column two: which rows get a value, and these."""
    columns: dict[str, Any] = {}
    for at, new in patches.items():
        hit = np.zeros(rows, dtype=np.bool_)
        hit[new.rows] = True
        columns[f"hit{at}"] = hit
        columns[f"value{at}"] = new.values.take(integers(np.where(hit, np.cumsum(hit) - 1, 0), ~hit))
    return columns


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _name() -> str:
    return f"sealscrub_{uuid4().hex}"
