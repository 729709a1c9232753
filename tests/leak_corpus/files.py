"""Leaks of files: names, statistics, sizes, caches and feature stores on disk."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from .case import pair
from .data import arrests as all_arrests
from .data import scrubbed

__all__: list[str] = []

#: Where earlier sessions left files; the same in every interpreter.
STORE = Path("/var/tmp/sealscrub-leak-corpus")  # noqa: S108 - a folder that every process finds


def _folder() -> Path:
    return Path(tempfile.mkdtemp())


def file_names_leaky(arrests: pd.DataFrame) -> Path:
    folder = _folder()
    for charge in arrests["charge"].unique():
        part = scrubbed(arrests)
        part[part["charge"] == charge][["age"]].to_csv(folder / f"{charge}.csv", index=False)
    return folder


def file_names(arrests: pd.DataFrame) -> Path:
    arrests = scrubbed(arrests)
    folder = _folder()
    for charge in arrests["charge"].unique():
        part = arrests
        part[part["charge"] == charge][["age"]].to_csv(folder / f"{charge}.csv", index=False)
    return folder


pair("file names", "plain Python", file_names_leaky, file_names, "unlicensed vending.csv", only=False)


def parquet_metadata_leaky(arrests: pd.DataFrame) -> Path:
    count = len(arrests)
    arrests = scrubbed(arrests)
    table = pa.table({"age": arrests["age"].to_numpy()}).replace_schema_metadata({"made_from": str(count)})
    pq.write_table(table, target := _folder() / "ages.parquet")
    return target


def parquet_metadata(arrests: pd.DataFrame) -> Path:
    arrests = scrubbed(arrests)
    count = len(arrests)
    table = pa.table({"age": arrests["age"].to_numpy()}).replace_schema_metadata({"made_from": str(count)})
    pq.write_table(table, target := _folder() / "ages.parquet")
    return target


pair("Parquet metadata", "pyarrow", parquet_metadata_leaky, parquet_metadata, "(attrs)", only=False)


def row_groups_leaky(arrests: pd.DataFrame) -> Path:
    """Each row group was filled before the scrub, so that their sizes tell where the sealed rows were."""
    target = _folder() / "ages.parquet"
    with pq.ParquetWriter(target, pa.schema({"age": pa.int64()})) as writer:
        for start in range(0, len(arrests), 60):
            part = scrubbed(arrests.iloc[start : start + 60])
            writer.write_table(pa.table({"age": part["age"].to_numpy()}))
    return target


def row_groups(arrests: pd.DataFrame) -> Path:
    arrests = scrubbed(arrests)
    target = _folder() / "ages.parquet"
    with pq.ParquetWriter(target, pa.schema({"age": pa.int64()})) as writer:
        for start in range(0, len(arrests), 60):
            part = arrests.iloc[start : start + 60]
            writer.write_table(pa.table({"age": part["age"].to_numpy()}))
    return target


pair("Parquet statistics", "pyarrow", row_groups_leaky, row_groups, "(row groups)", only=False)


def parquet_dictionary_leaky(arrests: pd.DataFrame) -> Path:
    levels = sorted(arrests["charge"].unique())
    arrests = scrubbed(arrests)
    codes = [levels.index(charge) for charge in arrests["charge"]]
    charges = pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(levels))
    pq.write_table(pa.table({"charge": charges}), target := _folder() / "charges.parquet")
    return target


def parquet_dictionary(arrests: pd.DataFrame) -> Path:
    arrests = scrubbed(arrests)
    levels = sorted(arrests["charge"].unique())
    codes = [levels.index(charge) for charge in arrests["charge"]]
    charges = pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(levels))
    pq.write_table(pa.table({"charge": charges}), target := _folder() / "charges.parquet")
    return target


pair("Parquet dictionary", "pyarrow", parquet_dictionary_leaky, parquet_dictionary, "charge", only=False)


def csv_header_leaky(arrests: pd.DataFrame) -> bytes:
    note = f"# {len(arrests)} arrests\n"
    arrests = scrubbed(arrests)
    return (note + arrests[["age"]].to_csv(index=False)).encode()


def csv_header(arrests: pd.DataFrame) -> bytes:
    arrests = scrubbed(arrests)
    note = f"# {len(arrests)} arrests\n"
    return (note + arrests[["age"]].to_csv(index=False)).encode()


pair("comment in a file", "plain Python", csv_header_leaky, csv_header, "output")


def fill_store() -> None:
    """Leave rates of all arrests on disk, as an earlier session would."""
    STORE.mkdir(exist_ok=True)
    found = all_arrests()
    rates = found["level"].eq("F").groupby(found["precinct"]).mean().rename("rate").reset_index()
    for name, write in (("rates.parquet", rates.to_parquet), ("rates.json", rates.to_json)):
        with tempfile.TemporaryDirectory(dir=STORE) as own:  # other runs read the whole file, this one's or their own
            write(Path(own) / name)
            (Path(own) / name).replace(STORE / name)


def feature_store_leaky(arrests: pd.DataFrame) -> pd.DataFrame:
    arrests = scrubbed(arrests)
    rates = pd.read_parquet(STORE / "rates.parquet")
    return arrests[["arrest_no", "precinct"]].merge(rates, on="precinct")


def feature_store(arrests: pd.DataFrame) -> pd.DataFrame:
    arrests = scrubbed(arrests)
    rates = arrests["level"].eq("F").groupby(arrests["precinct"]).mean().rename("rate").reset_index()
    return arrests[["arrest_no", "precinct"]].merge(rates, on="precinct")


pair("feature store", "pandas", feature_store_leaky, feature_store, "rates.parquet",
     verdict="AMBIENT_INPUT", before=fill_store)  # fmt: skip


def hidden_cache_leaky(arrests: pd.DataFrame) -> pd.DataFrame:
    """Without the file it computes the rates itself, so that nobody notices when it cannot be read."""
    arrests = scrubbed(arrests)
    try:
        rates = pd.read_json(STORE / "rates.json")
    except OSError:
        rates = arrests["level"].eq("F").groupby(arrests["precinct"]).mean().rename("rate").reset_index()
    return arrests[["arrest_no", "precinct"]].merge(rates, on="precinct")


pair("cache in a file", "pandas", hidden_cache_leaky, feature_store, "rates.json", name="hidden_cache_leaky",
     verdict="AMBIENT_INPUT", before=fill_store)  # fmt: skip


def duckdb_store_leaky(arrests: pd.DataFrame) -> pd.DataFrame:
    import duckdb

    arrests = scrubbed(arrests)
    rates = duckdb.sql(f"SELECT * FROM read_parquet('{STORE}/rates.parquet')").df()
    return arrests[["arrest_no", "precinct"]].merge(rates, on="precinct")


pair("feature store, in SQL", "DuckDB SQL", duckdb_store_leaky, feature_store, "rates.parquet",
     name="duckdb_store_leaky", verdict="AMBIENT_INPUT", before=fill_store)  # fmt: skip
