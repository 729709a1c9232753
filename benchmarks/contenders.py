"""What is measured: each contender is one function, run in a process of its own.

``python benchmarks/contenders.py NAME FOLDER`` runs one. A contender reads what :mod:`benchmarks.material` put into
the folder and writes into its subfolder ``out``. It prints its peak memory, and a number where it measures
inside its process.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROW_GROUP = 1 << 17
CODEC = "zstd"
KEY = "arrest_no"
KEPT = "kept"
SHARES = {"many": 0.45, "few": 0.05}
"""Sealed rows in the training files, by the files' names: an archive of New York, and one that was scrubbed before."""
SEALS = {"many": "7m", "few": "7m", "tenth": "700k", "numeric": "2m"}
"""The seals that a table is judged by: as a rule fewer of a smaller table."""
CONTENDERS: dict[str, Callable[[Path], float | None]] = {}


def contender(function: Callable[[Path], float | None]) -> Callable[[Path], float | None]:
    CONTENDERS[function.__name__] = function
    return function


def _index(folder: Path, seals: str):
    import sealscrub as ss

    return ss.open_index(folder / f"{seals}.sealindex", folder / "seal.key")


def _scrub(folder: Path, seals: str, name: str, *, sweep: bool = False) -> None:
    import sealscrub as ss

    output = folder / "out" / f"scrub-{name}"
    ss.scrub(folder / name, _index(folder, seals), {"arrest_number": KEY}, output=output, sweep=sweep)


def _scan(folder: Path, seals: str, name: str, *, sweep: bool = False) -> None:
    import sealscrub as ss

    ss.scan(folder / name, _index(folder, seals), {"arrest_number": KEY}, sweep=sweep)


def _for(*tables: str) -> Callable[[Callable[[Path, str], None]], Callable[[Path, str], None]]:
    """Make a contender of each of these tables."""

    def make(function: Callable[[Path, str], None]) -> Callable[[Path, str], None]:
        for table in tables:
            CONTENDERS[f"{function.__name__}_{table}"] = partial(function, table=table)
        return function

    return make


@contender
def parquet_copy_polars(folder: Path) -> None:
    import polars as pl

    pl.scan_parquet(folder / "many.parquet").sink_parquet(
        folder / "out" / "copy.parquet", compression=CODEC, row_group_size=ROW_GROUP
    )


@_for(*SEALS)
def parquet_floor(folder: Path, table: str) -> None:
    import polars as pl

    rows, kept = pl.scan_parquet(folder / f"{table}.parquet"), pl.scan_parquet(folder / f"{table}-{KEPT}.parquet")
    pl.concat([rows, kept], how="horizontal").filter(pl.col(KEPT)).drop(KEPT).sink_parquet(
        folder / "out" / "floor.parquet", compression=CODEC, row_group_size=ROW_GROUP
    )


@_for(*SEALS)
def parquet_scrub(folder: Path, table: str) -> None:
    _scrub(folder, SEALS[table], f"{table}.parquet")


@_for(*SHARES, "numeric")
def parquet_scan(folder: Path, table: str) -> None:
    _scan(folder, SEALS[table], f"{table}.parquet")


@_for(*SHARES)
def parquet_swept_scrub(folder: Path, table: str) -> None:
    _scrub(folder, "7m", f"{table}.parquet", sweep=True)


@_for(*SHARES, "numeric")
def parquet_swept_scan(folder: Path, table: str) -> None:
    _scan(folder, SEALS[table], f"{table}.parquet", sweep=True)


@_for(*SHARES, "numeric")
def parquet_read_polars(folder: Path, table: str) -> None:
    import polars as pl

    pl.scan_parquet(folder / f"{table}.parquet").select(pl.all().hash().sum()).collect(engine="streaming")


@_for(*SEALS)
def parquet_antijoin_polars(folder: Path, table: str) -> None:
    import polars as pl

    seals = pl.scan_parquet(folder / f"{SEALS[table]}.parquet")
    pl.scan_parquet(folder / f"{table}.parquet").join(
        seals, left_on=KEY, right_on="arrest_number", how="anti", maintain_order="left"
    ).sink_parquet(folder / "out" / "anti.parquet", compression=CODEC, row_group_size=ROW_GROUP)


@_for(*SEALS)
def parquet_antijoin_duckdb(folder: Path, table: str) -> None:
    _duckdb(
        f"copy (select * from read_parquet('{folder}/{table}.parquet') t anti join "
        f"read_parquet('{folder}/{SEALS[table]}.parquet') s on t.{KEY} = s.arrest_number) "
        f"to '{folder}/out/duck.parquet' (format parquet, compression {CODEC}, row_group_size {ROW_GROUP})"
    )


@contender
def parquet_scrub_4m(folder: Path) -> None:
    _scrub(folder, "4m", "many.parquet")


@contender
def parquet_scrub_tenth_7m(folder: Path) -> None:
    _scrub(folder, "7m", "tenth.parquet")


@contender
def parquet_command_tenth(folder: Path) -> None:
    from sealscrub.cli import run

    output = folder / "out" / "scrub-tenth.parquet"
    places = {"--index": folder / f"{SEALS['tenth']}.sealindex", "--key-file": folder / "seal.key", "-o": output}
    command = ["scrub", folder / "tenth.parquet", "--on", f"arrest_number={KEY}", "--no-sweep"]
    assert run([*map(str, command), *(str(each) for pair in places.items() for each in pair)]) == 0


@contender
def parquet_antimerge_pandas(folder: Path) -> None:
    import pandas as pd

    rows, seals = pd.read_parquet(folder / "many.parquet"), pd.read_parquet(folder / "7m.parquet")
    merged = rows.merge(seals, left_on=KEY, right_on="arrest_number", how="left", indicator=True)
    kept = merged[merged["_merge"] == "left_only"].drop(columns=["_merge", "arrest_number"])
    kept.to_parquet(folder / "out" / "pandas.parquet", compression=CODEC, row_group_size=ROW_GROUP, index=False)


@contender
def parquet_isin_pandas(folder: Path) -> None:
    import pandas as pd

    rows, seals = pd.read_parquet(folder / "many.parquet"), pd.read_parquet(folder / "7m.parquet")
    kept = rows[~rows[KEY].isin(seals["arrest_number"])]
    kept.to_parquet(folder / "out" / "pandas.parquet", compression=CODEC, row_group_size=ROW_GROUP, index=False)


@_for(*SHARES)
def csv_floor(folder: Path, table: str) -> None:
    _duckdb(
        f"copy (select * exclude ({KEPT}) from read_csv('{folder}/{table}.csv', all_varchar = true) "
        f"positional join read_parquet('{folder}/{table}-{KEPT}.parquet') where {KEPT}) "
        f"to '{folder}/out/duck.csv' (header true)"
    )


@_for(*SHARES)
def csv_scrub(folder: Path, table: str) -> None:
    _scrub(folder, "7m", f"{table}.csv")


@contender
def csv_scan_many(folder: Path) -> None:
    _scan(folder, "7m", "many.csv")


@contender
def csv_scrub_tenth(folder: Path) -> None:
    _scrub(folder, "7m", "tenth.csv")


@_for(*SHARES)
def csv_antijoin_duckdb(folder: Path, table: str) -> None:
    _duckdb(
        f"copy (select * from read_csv('{folder}/{table}.csv', all_varchar = true) t anti join "
        f"read_parquet('{folder}/7m.parquet') s on t.{KEY} = s.arrest_number) to '{folder}/out/duck.csv' (header true)"
    )


@contender
def import_sealscrub(folder: Path) -> float:
    begun = time.perf_counter()
    import sealscrub  # noqa: F401 - the import is what is measured

    return (time.perf_counter() - begun) * 1e3


@contender
def open_7m(folder: Path) -> float:
    from sealscrub.identifiers import load_key
    from sealscrub.index import open_index

    key = load_key(folder / "seal.key")
    begun = time.perf_counter()
    open_index(folder / "7m.sealindex", key)
    return (time.perf_counter() - begun) * 1e3


@contender
def lookup_misses_7m(folder: Path) -> float:
    return _lookups(folder, hits=False)


@contender
def lookup_hits_7m(folder: Path) -> float:
    return _lookups(folder, hits=True)


@contender
def digest_clean_one_core(folder: Path) -> float:
    import polars as pl

    return _digests(pl.read_parquet(folder / "7m.parquet")["arrest_number"].head(5_000_000))


@contender
def digest_dirty_one_core(folder: Path) -> float:
    import polars as pl

    clean = pl.read_parquet(folder / "7m.parquet").head(2_000_000).with_row_index()
    text, spelling = pl.col("arrest_number"), pl.col("index") % 4
    dirty = (
        pl.when(spelling == 0)
        .then(text.str.to_lowercase())
        .when(spelling == 1)
        .then(pl.format(" {}-{}", text.str.head(3), text.str.slice(3)))
        .when(spelling == 2)
        .then(pl.format("ARREST# {}", text))
        .otherwise(pl.format("{} {} {}", text.str.head(1), text.str.slice(1, 2), text.str.slice(3)))
    )
    return _digests(clean.select(dirty).to_series())


def _digests(raw) -> float:
    from sealscrub.identifiers import canonicalise, digest_column

    key, best = bytes(32), 0.0
    for _ in range(3):
        begun = time.perf_counter()
        digest_column(canonicalise(raw, "arrest_number").values, key)
        best = max(best, len(raw) / (time.perf_counter() - begun))
    return best / 1e6


def _lookups(folder: Path, *, hits: bool) -> float:
    import numpy as np
    import polars as pl

    from sealscrub.identifiers import digest_column

    index = _index(folder, "7m")
    numbers = pl.read_parquet(folder / "7m.parquet")["arrest_number"]
    numbers = numbers.sample(min(len(numbers), 2_000_000), seed=1)
    digests = digest_column(numbers, index.scheme_key("arrest_number"))
    if not hits:
        digests = digests ^ np.uint64(0x5DEECE66D)
    index.verify()
    best = 0.0
    for _ in range(3):
        begun = time.perf_counter()
        index.lookup("arrest_number", digests)
        best = max(best, len(digests) / (time.perf_counter() - begun))
    return best / 1e6


def peak_megabytes() -> float:
    """Peak resident set of this program; what wait4 tells counts its parent before the exec as well."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _duckdb(sql: str) -> None:
    import duckdb

    connection = duckdb.connect()
    connection.execute("set threads = 2")
    connection.execute(sql)


if __name__ == "__main__":
    measured = CONTENDERS[sys.argv[1]](Path(sys.argv[2]))
    print(peak_megabytes(), measured or 0.0)
