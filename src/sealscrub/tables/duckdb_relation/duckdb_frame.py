"""DuckDB's container: a relation, scrubbed on its own connection in its own types."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import uuid4

import numpy as np
import polars as pl
import pyarrow as pa

from sealscrub.errors import UnreadableInput, UsageError

from ..arrow.arrow_buffers import integers
from ..arrow.arrow_keys import key_series
from ..arrow.arrow_lists import suspects_unused
from ..arrow.arrow_values import value_series
from ..changes import Patches
from ..interface import FrameAdapter
from ..levels import Suspect
from ..row_verdicts import RowMask
from ..values import exactly, unfit_patch
from .duckdb_lists import lists_levels, relisted_type

__all__ = ["DuckDBFrame"]


class DuckDBFrame(FrameAdapter):
    """A ``duckdb.DuckDBPyRelation``; a relation on the same connection comes back, in DuckDB's own types.

    A relation is a query that runs again, and perhaps otherwise, each time it is read. So it is run once and
    its rows held by the client; what comes back holds the survivors likewise, and leaves nothing in the
    catalog. The list of an ``ENUM`` is declared by its type and stays, less the levels that are barred; of a key
    column those in use stay.
    """

    library: ClassVar[str] = "duckdb"

    def __init__(self, data: Any) -> None:
        import duckdb

        if not hasattr(data, "materialize"):
            raise UsageError("relations need DuckDB 2 or later", hint="upgrade duckdb, or pass rel.to_arrow_table().")
        try:
            self._data = data.materialize()
            ((ordered,),) = self._data.query(_name(), "SELECT current_setting('preserve_insertion_order')").fetchall()
        except duckdb.Error:
            raise UnreadableInput("the relation's query could not be run", hint="run it on its own.") from None
        if not ordered:
            raise UsageError(
                "rows have no order on this connection, and cannot be distinguished",
                hint="SET preserve_insertion_order = true.",
            )

    @property
    def relation(self) -> Any:
        """The relation whose rows are held."""
        return self._data

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

    def _fitted_column(self, position: int, values: pl.Series, stays: RowMask | None = None) -> Any:
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

    def limits_texts(self, column: str) -> bool:
        """Say whether a column is an ENUM."""
        return bool(self._data.types[self.position(column)].id == "enum")

    def unused_levels(self, suspect: Suspect) -> list[tuple[str, pl.Series]]:
        found = []
        for position, kind in enumerate(self._data.types):
            if lists_levels(kind):
                unused = suspects_unused(self._arrow(position), suspect, self.columns[position])
                found += [] if unused is None else [(self.columns[position], unused)]
        return found

    def _relist_levels(self, made: Any, keep_levels: frozenset[int]) -> Any:
        """Let the types of a relation of survivors list the levels that stay."""
        after, casts = DuckDBFrame(made), []
        for position, (name, kind) in enumerate(zip(made.columns, made.types, strict=True)):
            if not lists_levels(kind):
                continue
            own = self._staying_levels(position, keep_levels, declared=True)
            listed = relisted_type(kind, after._arrow(position), own, self.levels.stays_in(name))
            if listed != str(kind):
                casts.append(f"CAST({_quoted(name)} AS {listed}) AS {_quoted(name)}")
        return made.select(f"* REPLACE ({', '.join(casts)})").materialize() if casts else made

    def _assemble_container(self, columns: list[Any], rows: int, keep_levels: frozenset[int]) -> Any:
        facts = zip(self.columns, self._data.types, strict=True)
        casts = [f"CAST(c{at} AS {kind}) AS {_quoted(name)}" for at, (name, kind) in enumerate(facts)]
        assembled = pa.table({f"c{at}": column for at, column in enumerate(columns)} | {"place": np.arange(rows)})  # noqa: F841 - read by SQL
        statement = f"SELECT {', '.join(casts)} FROM assembled ORDER BY assembled.place"  # noqa: S608 - ours
        return self._relist_levels(self._data.query(_name(), statement).materialize(), keep_levels)

    def _holds_null(self, position: int) -> bool:
        return True

    def _presence(self, position: int) -> pl.Series:
        present = f"CASE WHEN {_quoted(self.columns[position])} IS NOT NULL THEN TRUE END"
        return pl.Series(pl.from_arrow(self._data.select(present).to_arrow_table().column(0)))

    def _survivors(self, mask: RowMask, patches: Patches, keep_index: bool, keep_levels: frozenset[int]) -> Any:
        source, columns = _name(), self.columns
        edits = []
        for at, patch in patches.items():
            value = "NULL" if patch.values is None else f"CAST(judged.value{at} AS {self._data.types[at]})"
            column = _quoted(columns[at])
            edits.append(f"CASE WHEN judged.hit{at} THEN {value} ELSE {source}.{column} END AS {column}")
        star = f"{source}.* REPLACE ({', '.join(edits)})" if edits else f"{source}.*"
        # DuckDB finds the table by the name of this variable
        judged = pa.table(  # noqa: F841 - read by SQL
            {"kept": mask, "place": np.arange(len(mask))} | _patch_columns(patches, len(mask))
        )
        joined = f"{source} POSITIONAL JOIN judged WHERE judged.kept ORDER BY judged.place"
        statement = f"SELECT {star} FROM {joined}"  # noqa: S608 - ours
        return self._relist_levels(self._data.query(source, statement).materialize(), keep_levels)


def _patch_columns(patches: Patches, rows: int) -> dict[str, Any]:
    """Give each patched column two: which rows get a value, and these."""
    columns: dict[str, Any] = {}
    for at, new in patches.items():
        hit = np.zeros(rows, dtype=np.bool_)
        hit[new.rows] = True
        columns[f"hit{at}"] = hit
        if new.values is not None:
            columns[f"value{at}"] = new.values.take(integers(np.where(hit, np.cumsum(hit) - 1, 0), ~hit))
    return columns


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _name() -> str:
    return f"sealscrub_{uuid4().hex}"
