"""What the benchmarks compare does the same work: the floors, the scrubs and the anti-joins write the same rows."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from benchmarks.contenders import CONTENDERS, KEY, SHARES
from benchmarks.material import make_material

pytest.importorskip("duckdb")

ROWS, SEALS = 2_000, 500
WRITERS = ("floor", "scrub", "swept_scrub", "antijoin_polars", "antijoin_duckdb")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("material")
    make_material(made, ROWS, {"7m": SEALS})
    return made


def written(folder: Path, name: str) -> pl.DataFrame:
    """Run a contender, and read what it has written; of CSV the texts."""
    CONTENDERS[name](folder)
    (file,) = (folder / "out").iterdir()
    frame = pl.read_parquet(file) if file.suffix == ".parquet" else pl.read_csv(file, infer_schema=False)
    file.unlink()
    return frame


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("format", ["parquet", "csv"])
def test_all_write_the_rows_that_are_not_sealed(folder: Path, format: str, share: str) -> None:
    rows = pl.read_parquet(folder / f"{share}.parquet")
    sealed = rows[KEY].is_in(pl.read_parquet(folder / "7m.parquet")["arrest_number"].implode())
    if format == "csv":
        rows = pl.read_csv(folder / f"{share}.csv", infer_schema=False)
    names = [name for name in CONTENDERS if name in {f"{format}_{each}_{share}" for each in WRITERS}]

    found = {name: written(folder, name) for name in names}

    assert abs(sealed.mean() - SHARES[share]) < 0.03
    assert len(names) == {"parquet": 5, "csv": 3}[format]
    assert [name for name, frame in found.items() if not frame.equals(rows.filter(~sealed))] == []


@pytest.mark.parametrize("name", ["parquet_antimerge_pandas", "parquet_isin_pandas"])
def test_pandas_writes_as_many_rows(folder: Path, name: str) -> None:
    pytest.importorskip("pandas")

    assert written(folder, name)[KEY].equals(written(folder, "parquet_floor_many")[KEY])
