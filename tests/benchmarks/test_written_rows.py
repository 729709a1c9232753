"""What the benchmarks compare does the same work: the floors, the scrubs and the anti-joins write the same rows."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from benchmarks.contenders import CONTENDERS, KEY, SEALS, SHARES
from benchmarks.estate import make_estate
from benchmarks.material import make_material
from benchmarks.plan_contenders import plan_check, plan_check_no_recipes, plan_duckdb, plan_scrub_checked

pytest.importorskip("duckdb")

ROWS, COUNT = 2_000, 500
WRITERS = ("floor", "scrub", "swept_scrub", "command", "antijoin_polars", "antijoin_duckdb")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("material")
    make_material(made, ROWS, COUNT)
    return made


def written(folder: Path, name: str) -> pl.DataFrame:
    """Run a contender, and read what it has written; of CSV the texts."""
    CONTENDERS[name](folder)
    (file,) = (folder / "out").iterdir()
    frame = pl.read_parquet(file) if file.suffix == ".parquet" else pl.read_csv(file, infer_schema=False)
    file.unlink()
    return frame


@pytest.mark.parametrize(
    ("format", "table", "contenders"),
    [*(("parquet", table, 5) for table in SHARES), *(("csv", table, 3) for table in SHARES),
     ("parquet", "tenth", 5), ("parquet", "numeric", 4)],
)  # fmt: skip
def test_all_write_the_rows_that_are_not_sealed(folder: Path, format: str, table: str, contenders: int) -> None:
    rows = pl.read_parquet(folder / f"{table}.parquet")
    sealed = rows[KEY].is_in(pl.read_parquet(folder / f"{SEALS[table]}.parquet")["arrest_number"].implode())
    if format == "csv":
        rows = pl.read_csv(folder / f"{table}.csv", infer_schema=False)
    names = [name for name in CONTENDERS if name in {f"{format}_{each}_{table}" for each in WRITERS}]

    found = {name: written(folder, name) for name in names}

    assert abs(sealed.mean() - {**SHARES, "tenth": 0.45, "numeric": 0.05}[table]) < 0.06
    assert len(names) == contenders
    assert [name for name, frame in found.items() if not frame.equals(rows.filter(~sealed))] == []


@pytest.mark.parametrize("name", ["parquet_antimerge_pandas", "parquet_isin_pandas"])
def test_pandas_writes_as_many_rows(folder: Path, name: str) -> None:
    pytest.importorskip("pandas")

    assert written(folder, name)[KEY].equals(written(folder, "parquet_floor_many")[KEY])


def test_a_plan_and_its_peer_write_the_same_rows(tmp_path: Path) -> None:
    make_estate(tmp_path, ROWS)
    plan_check_no_recipes(tmp_path)
    plan_check(tmp_path)
    plan_scrub_checked(tmp_path)
    plan_duckdb(tmp_path)
    clean, peer = tmp_path / "out" / "clean", tmp_path / "out" / "duckdb"

    for name in ("arrests", "charges", "people", "features"):
        ours = pl.read_parquet(clean / name if name == "charges" else clean / f"{name}.parquet")
        theirs = pl.read_parquet(peer / f"{name}.parquet").select(ours.columns).cast(dict(ours.schema))
        order = ours.columns[0]
        assert len(ours) < len(
            pl.read_parquet(tmp_path / "estate" / (f"{name}/*.parquet" if name == "charges" else f"{name}.parquet"))
        )
        assert ours.sort(order).equals(theirs.sort(order)), name
