"""An output is never put in the place of what is read: whatever kind of source it is, it stays where it was."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import deltalake
import duckdb
import polars as pl
import pytest

from sealscrub.datasets import example_index
from sealscrub.errors import UsageError
from sealscrub.transforms.plans import Plan

SEALED, OPEN = "K14612345", "M14000017"
ARRESTS = pl.DataFrame({"arrest_no": [SEALED, OPEN], "photo": ["1.jpg", "2.jpg"]})


def _duckdb(folder: Path) -> str:
    with duckdb.connect(folder / "estate.duckdb") as database:
        database.execute("CREATE TABLE arrests AS SELECT * FROM ARRESTS")
    return "estate.duckdb#arrests"


def _sqlite(folder: Path) -> str:
    database = sqlite3.connect(folder / "estate.sqlite")
    database.execute("CREATE TABLE arrests (arrest_no TEXT, photo TEXT)")
    database.executemany("INSERT INTO arrests VALUES (?, ?)", ARRESTS.rows())
    database.commit()
    database.close()
    return "estate.sqlite#arrests"


def _csv(folder: Path) -> str:
    ARRESTS.write_csv(folder / "arrests.csv")
    return "arrests.csv"


def _parts(folder: Path) -> str:
    (folder / "parts").mkdir()
    ARRESTS.write_parquet(folder / "parts" / "1.parquet")
    return "parts"


def _delta(folder: Path) -> str:
    deltalake.write_deltalake(folder / "lake", ARRESTS)
    return "lake"


def _empty_delta(folder: Path) -> str:
    deltalake.write_deltalake(folder / "lake", ARRESTS.clear())
    return "lake"


KINDS: dict[str, Callable[[Path], str]] = {
    "duckdb": _duckdb,
    "sqlite": _sqlite,
    "csv": _csv,
    "folder": _parts,
    "delta": _delta,
    "empty delta": _empty_delta,
}


def plan(root: Path, source: str, **more: Any) -> Plan:
    arrests = {"source": source, "keys": {"arrest_number": "arrest_no"}, "independent": "the arrest itself"}
    return Plan.from_dict({"version": 1, "tables": {"arrests": arrests | more}}, root=root)


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.thinned(together=2)
@pytest.mark.parametrize("replace", [False, True])
@pytest.mark.parametrize("place", ["estate/data", "estate", "link", "estate/data/../data"])
@pytest.mark.parametrize("kind", KINDS)
def test_an_output_does_not_replace_what_is_read(tmp_path: Path, kind: str, place: str, replace: bool) -> None:
    """Neither the folder in which it is, nor one above it, nor the same by another name."""
    data = tmp_path / "estate" / "data"
    data.mkdir(parents=True)
    (tmp_path / "link").symlink_to(data)
    source = f"{'delta:' if 'delta' in kind else ''}data/{KINDS[kind](data)}"
    before = contents(tmp_path)
    with pytest.raises(UsageError, match=r"replace the input|symbolic link"):
        plan(tmp_path / "estate", source).scrub(
            index=example_index([SEALED]), output=tmp_path / place, replace=replace, label="clean"
        )
    assert contents(tmp_path) == before
    assert len(list(tmp_path.iterdir())) == 2


def test_nor_the_files_that_rows_name_or_the_plan(tmp_path: Path) -> None:
    for name in ("estate/photos/1.jpg", "estate/photos/2.jpg", "estate/plans/sealscrub.toml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "estate" / "plans" / "sealscrub.toml").write_text(
        'version = 1\n[tables.arrests]\nsource = "arrests.csv"\nkeys = { arrest_number = "arrest_no" }\n'
        'independent = "the arrest itself"\nfiles = { column = "photo", folder = "photos" }\n'
    )
    _csv(tmp_path / "estate")
    before = contents(tmp_path)
    made = Plan.from_toml(tmp_path / "estate" / "plans" / "sealscrub.toml", root=tmp_path / "estate")
    for place in ("photos", "plans"):
        with pytest.raises(UsageError, match="replace the input"):
            made.scrub(index=example_index([SEALED]), output=tmp_path / "estate" / place, replace=True)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
def test_a_database_is_not_a_file_that_rows_name(tmp_path: Path, kind: str) -> None:
    named = {"duckdb": "estate.duckdb", "sqlite": "estate.sqlite"}[kind]
    source = KINDS[kind](tmp_path)
    pl.DataFrame({"photo": [named]}).write_csv(tmp_path / "photos.csv")
    tables = {
        "arrests": {"source": source, "keys": {"arrest_number": "arrest_no"}, "independent": "the arrest itself"},
        "photos": {"source": "photos.csv", "independent": "made up", "files": {"column": "photo"}},
    }
    made = Plan.from_dict({"version": 1, "tables": tables}, root=tmp_path)
    with pytest.raises(UsageError, match="table of the plan"):
        made.scrub(index=example_index([SEALED]), output=tmp_path / "clean")
