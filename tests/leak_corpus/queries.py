"""Leaks of queries: windows and joins in DuckDB SQL, in polars, over two tables."""

from __future__ import annotations

from typing import Any

import pandas as pd
import polars as pl

from .case import leak, pair
from .data import scrubbed

__all__: list[str] = []


def _asked(statement: str, **frames: Any) -> pl.DataFrame:
    import duckdb

    with duckdb.connect() as connection:
        for name, frame in frames.items():
            connection.register(name, frame.to_arrow() if isinstance(frame, pl.DataFrame) else frame)
        return connection.sql(statement).pl()


@leak("count, in a window", "DuckDB SQL", "priors", data="polars")
def window_count(arrests: pl.DataFrame) -> pl.DataFrame:
    return _asked(
        "SELECT arrest_no, person, count(*) OVER (PARTITION BY person ORDER BY day, arrest_no) - 1 AS priors"
        " FROM arrests ORDER BY arrest_no",
        arrests=arrests,
    )


@leak("rate, in a subquery", "DuckDB SQL", "felony_rate", data="polars")
def subquery_rate(arrests: pl.DataFrame) -> pl.DataFrame:
    return _asked(
        "SELECT arrest_no, charge, felony_rate FROM arrests JOIN (SELECT charge, avg((level = 'F')::INT) AS"
        " felony_rate FROM arrests GROUP BY charge) USING (charge) ORDER BY arrest_no",
        arrests=arrests,
    )


@leak("percentile, in SQL", "DuckDB SQL", "above_median", data="polars")
def sql_percentile(arrests: pl.DataFrame) -> pl.DataFrame:
    return _asked(
        "SELECT arrest_no, bail, bail > (SELECT median(bail) FROM arrests) AS above_median FROM arrests"
        " ORDER BY arrest_no",
        arrests=arrests,
    )


@leak("existence, in SQL", "DuckDB SQL", "known_before", data="polars")
def sql_exists(arrests: pl.DataFrame) -> pl.DataFrame:
    return _asked(
        "SELECT arrest_no, EXISTS (SELECT 1 FROM arrests b WHERE b.person = a.person AND b.day < a.day) AS known_before"
        " FROM arrests a ORDER BY arrest_no",
        arrests=arrests,
    )


@leak("recency, in an as-of join", "polars", "last_day", data="polars")
def as_of_join(arrests: pl.DataFrame) -> pl.DataFrame:
    events = arrests.select("person", pl.col("day") + 1, last_day="day").sort("day")
    return arrests.select("arrest_no", "person", "day").join_asof(events, on="day", by="person", check_sortedness=False)


@leak("rate, in a window", "polars", "rate", data="polars")
def polars_rate(arrests: pl.DataFrame) -> pl.DataFrame:
    rate = (pl.col("level") == "F").mean().over("precinct", "charge")
    return arrests.select("arrest_no", "precinct", "charge", rate=rate)


@leak("fill from the row before", "polars", "bail", data="polars")
def forward_fill(arrests: pl.DataFrame) -> pl.DataFrame:
    return arrests.select("arrest_no", pl.col("bail").fill_nan(None).forward_fill())


def people_table_leaky(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    totals = tables["arrests"].groupby("person").size().rename("arrests")
    return tables["people"].merge(totals, on="person", how="left")


def people_table(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    arrests = scrubbed(tables["arrests"])
    totals = arrests.groupby("person").size().rename("arrests")
    return tables["people"].merge(totals, on="person", how="left")


pair("total in another table", "pandas", people_table_leaky, people_table, "arrests", data="tables")


def orphans_leaky(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    seen = tables["people"]["person"].isin(tables["arrests"]["person"])
    last = tables["people"].assign(
        last_seen=tables["people"]["person"].map(tables["arrests"].groupby("person")["day"].max())
    )
    return {"people": last[seen].reset_index(drop=True), "arrests": scrubbed(tables["arrests"])}


def orphans(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    arrests = scrubbed(tables["arrests"])
    seen = tables["people"]["person"].isin(arrests["person"])
    last = tables["people"].assign(last_seen=tables["people"]["person"].map(arrests.groupby("person")["day"].max()))
    return {"people": last[seen].reset_index(drop=True), "arrests": arrests}


pair("orphan row", "pandas", orphans_leaky, orphans, "people.last_seen", only=False, data="tables")
