"""Derived columns and tables of an estate, computed by the very recipes that its plan names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

__all__ = ["compute_derived"]

Tables = dict[str, pl.DataFrame]

# What each derived column is stored as; those of other types are stored as DuckDB gives them.
_TYPES: dict[str, Any] = {
    "arrests": pl.Int32,
    "felonies": pl.Int32,
    "priors_count": pl.Int32,
    "days_since_last": pl.Int32,
    "n_coarrest": pl.Int16,
    "cell_count": pl.Int32,
    "heat": pl.Int32,
    "age_bin": pl.Int8,
    "bail_filled": pl.Int32,
    "ties": pl.Int16,
}


def compute_derived(events: Tables, plan: Mapping[str, Any]) -> Tables:
    """Run a plan's recipes in the order in which it names them; a recipe may read what those before it gave.

    Parameters
    ----------
    events : dict of str to polars.DataFrame
        The other tables, and those with derived columns less these.
    plan : mapping
        The plan's tables, as its TOML says.

    Returns
    -------
    dict of str to polars.DataFrame
        All tables of the plan, in its order.

    Raises
    ------
    MissingExtra
        When DuckDB is not installed.
    """
    import duckdb

    tables: Tables = {}
    with duckdb.connect(":memory:") as connection:
        for name, table in events.items():
            _store(connection, name, table)
        for name, part in plan.items():
            if "derived_from" in part:
                tables[name] = _cast_columns(connection.sql(part["derived_from"]).pl())
                _store(connection, name, tables[name])
                continue
            tables[name] = events[name]
            for column, recipe in part.get("derived", {}).items():
                value = f"({recipe})" if recipe.split(maxsplit=1)[0] == "select" else recipe
                query = f"SELECT {value} AS {column} FROM {name} AS this ORDER BY this.__row"  # noqa: S608 - the plan's own
                tables[name] = tables[name].with_columns(_cast_columns(connection.sql(query).pl()).to_series())
                _store(connection, name, tables[name])
    return tables


def _store(connection: Any, name: str, table: pl.DataFrame) -> None:
    connection.register("fresh", table.with_row_index("__row"))
    connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM fresh")  # noqa: S608 - a table of the plan
    connection.unregister("fresh")


def _cast_columns(table: pl.DataFrame) -> pl.DataFrame:
    return table.cast({name: kind for name, kind in _TYPES.items() if name in table.columns})
