"""Leaks of a frame's form: order, labels, types, levels, columns, metadata, positions."""

from __future__ import annotations

import pandas as pd
import polars as pl
import pyarrow as pa

from .case import leak, pair
from .data import scrubbed

__all__: list[str] = []


@leak("row ids", "polars", "row", data="polars")
def row_ids(arrests: pl.DataFrame) -> pl.DataFrame:
    return arrests.select("arrest_no", "age").with_row_index("row")


def index_gaps_leaky(arrests: pd.DataFrame) -> pd.DataFrame:
    kept = arrests["arrest_no"].isin(scrubbed(arrests)["arrest_no"])
    arrests = arrests[kept]
    return arrests[["age", "charge"]]


def index_gaps(arrests: pd.DataFrame) -> pd.DataFrame:
    arrests = scrubbed(arrests)
    kept = arrests["arrest_no"].notna()
    return arrests[kept][["age", "charge"]]


pair("index gaps", "pandas", index_gaps_leaky, index_gaps, "(index)", only=False)


def category_levels_leaky(arrests: pd.DataFrame) -> pd.DataFrame:
    charges = pd.CategoricalDtype(sorted(arrests["charge"].unique()))
    arrests = scrubbed(arrests)
    return arrests[["age"]].assign(charge=arrests["charge"].astype(charges))


def category_levels(arrests: pd.DataFrame) -> pd.DataFrame:
    arrests = scrubbed(arrests)
    charges = pd.CategoricalDtype(sorted(arrests["charge"].unique()))
    return arrests[["age"]].assign(charge=arrests["charge"].astype(charges))


pair("category levels", "pandas", category_levels_leaky, category_levels, "charge")


def enum_levels_leaky(arrests: pl.DataFrame) -> pl.DataFrame:
    charges = pl.Enum(arrests["charge"].unique().sort())
    arrests = scrubbed(arrests)
    return arrests.select("age", pl.col("charge").cast(charges))


def enum_levels(arrests: pl.DataFrame) -> pl.DataFrame:
    arrests = scrubbed(arrests)
    charges = pl.Enum(arrests["charge"].unique().sort())
    return arrests.select("age", pl.col("charge").cast(charges))


pair("enumerated type", "polars", enum_levels_leaky, enum_levels, "charge", data="polars")


def dictionary_levels_leaky(arrests: pd.DataFrame) -> pa.Table:
    charges = pa.array(arrests["charge"].tolist()).dictionary_encode()
    kept = arrests["arrest_no"].isin(scrubbed(arrests)["arrest_no"])
    return pa.table({"charge": charges.filter(pa.array(kept))})


def dictionary_levels(arrests: pd.DataFrame) -> pa.Table:
    arrests = scrubbed(arrests)
    charges = pa.array(arrests["charge"].tolist()).dictionary_encode()
    kept = arrests["arrest_no"].notna()
    return pa.table({"charge": charges.filter(pa.array(kept))})


pair("dictionary of a column", "pyarrow", dictionary_levels_leaky, dictionary_levels, "charge")


def metadata_leaky(arrests: pd.DataFrame) -> pd.DataFrame:
    mean = float(arrests["age"].mean())
    arrests = scrubbed(arrests)
    found = arrests[["age", "charge"]].copy()
    found.attrs["mean_age"] = mean
    return found


def metadata(arrests: pd.DataFrame) -> pd.DataFrame:
    arrests = scrubbed(arrests)
    mean = float(arrests["age"].mean())
    found = arrests[["age", "charge"]].copy()
    found.attrs["mean_age"] = mean
    return found


pair("metadata", "pandas", metadata_leaky, metadata, "(attrs)")


@leak("column there or not", "pandas", "unit", only=False)
def columns_in_use(arrests: pd.DataFrame) -> pd.DataFrame:
    return arrests.dropna(axis="columns", how="all")


def dummies_leaky(arrests: pd.DataFrame) -> pd.DataFrame:
    flags = pd.get_dummies(arrests["charge"])
    kept = arrests["arrest_no"].isin(scrubbed(arrests)["arrest_no"])
    return flags[kept].reset_index(drop=True)


def dummies(arrests: pd.DataFrame) -> pd.DataFrame:
    arrests = scrubbed(arrests)
    flags = pd.get_dummies(arrests["charge"])
    kept = arrests["arrest_no"].notna()
    return flags[kept].reset_index(drop=True)


pair("one-hot columns", "pandas", dummies_leaky, dummies, "unlicensed vending")


def type_by_content_leaky(arrests: pd.DataFrame) -> pd.DataFrame:
    highest = arrests["person"].shift(0).where(arrests["unit"].isna())
    arrests = scrubbed(arrests.assign(person=highest))
    return arrests[["person", "age"]]


def type_by_content(arrests: pd.DataFrame) -> pd.DataFrame:
    arrests = scrubbed(arrests)
    highest = arrests["person"].shift(0).where(arrests["unit"].isna())
    return arrests.assign(person=highest)[["person", "age"]]


pair("type by content", "pandas", type_by_content_leaky, type_by_content, "person")


def column_order_leaky(arrests: pd.DataFrame) -> pd.DataFrame:
    """A dictionary remembers in which order it met its keys: the first arrests are sealed."""
    wide = dict.fromkeys(arrests["precinct"].head(8), 0)
    arrests = scrubbed(arrests)
    return pd.DataFrame({str(precinct): arrests["precinct"].eq(precinct) for precinct in [*wide]})


def column_order(arrests: pd.DataFrame) -> pd.DataFrame:
    arrests = scrubbed(arrests)
    wide = dict.fromkeys(arrests["precinct"].head(8), 0)
    return pd.DataFrame({str(precinct): arrests["precinct"].eq(precinct) for precinct in [*wide]})


pair("dictionary order", "plain Python", column_order_leaky, column_order, "(columns)")


def row_order_leaky(arrests: pd.DataFrame) -> pd.DataFrame:
    busiest = arrests.groupby("precinct")["bail"].sum().sort_values(ascending=False, kind="stable").index
    ranked = {precinct: rank for rank, precinct in enumerate(busiest)}
    arrests = scrubbed(arrests)
    return arrests.sort_values("precinct", key=lambda found: found.map(ranked), kind="stable")[["arrest_no", "age"]]


def row_order(arrests: pd.DataFrame) -> pd.DataFrame:
    arrests = scrubbed(arrests)
    busiest = arrests.groupby("precinct")["bail"].sum().sort_values(ascending=False, kind="stable").index
    ranked = {precinct: rank for rank, precinct in enumerate(busiest)}
    return arrests.sort_values("precinct", key=lambda found: found.map(ranked), kind="stable")[["arrest_no", "age"]]


pair("row order", "pandas", row_order_leaky, row_order, "(order)", only=False, options={"key": "arrest_no"})
