from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from sealscrub.datasets import City, make_city, write_city
from sealscrub.errors import UsageError, WriteFailed


def as_read(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(folder / f"{name}.parquet")


@pytest.mark.parametrize("chunk", [1, 20_000, 10**9])
def test_a_city_written_in_pieces_is_the_city_made_whole(tmp_path: Path, messy: City, chunk: int) -> None:
    paths = write_city(tmp_path, 23_000, seed=11, mess=0.1, chunk=chunk)
    assert sorted(paths) == sorted(path for path in tmp_path.rglob("*") if path.is_file())
    for name, table in messy.tables.items():
        assert as_read(tmp_path, name).equals(table)
    truth = messy.truth
    for name, table in {"arrests": truth.arrests, "dockets": truth.dockets, "spellings": truth.spellings,
                        "mentions": truth.mentions}.items():  # fmt: skip
        assert as_read(tmp_path / "truth", name).equals(table)
    for name, table in truth.rows.items():
        assert as_read(tmp_path / "truth/rows", name).equals(table)


def test_csv_holds_the_same(tmp_path: Path) -> None:
    write_city(tmp_path, 300, seed=1, format="csv")
    city = make_city(300, seed=1)
    for name, table in city.tables.items():
        assert (tmp_path / f"{name}.csv").read_text() == table.write_csv()


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    write_city(tmp_path, 41_000, chunk=20_000, progress=lambda *done: told.append(done))
    assert told == [(20_000, 41_000), (40_000, 41_000), (41_000, 41_000)]


def test_an_interrupted_city_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "arrests.parquet").write_text("before")

    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_city(tmp_path, 100, progress=interrupt)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["arrests.parquet"]
    assert (tmp_path / "arrests.parquet").read_text() == "before"


def test_a_folder_that_cannot_be_is_an_error_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WriteFailed, match="Hint"):
        write_city(tmp_path / "file", 10)


@pytest.mark.parametrize("arguments", [{"chunk": 0}, {"format": "xlsx"}, {"arrests": -1}])
def test_wrong_use_writes_nothing(tmp_path: Path, arguments: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        write_city(tmp_path / "city", **{"arrests": 10, **arguments})
    assert not list(tmp_path.iterdir())
