"""An index for another use, or past its last day, checks nothing: scan and scrub refuse it, for frames and files."""

from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import sealscrub as ss
from sealscrub.errors import ExpiredIndex, UnsuitableIndex
from sealscrub.identifiers import digest_column, generate_keys, load_key, load_publisher
from sealscrub.index import Index, IndexFacts, Reason, SchemeEntries, open_index, write_index

from .arrests import CLEAR, ON, SEALED

Verb = Callable[[Any, Index, Path, str], Any]
VERBS: dict[str, Verb] = {
    "scan": lambda data, index, out, use: ss.scan(data, index, ON, use=use),
    "scrub": lambda data, index, out, use: ss.scrub(
        data, index, ON, use=use, output=out if isinstance(data, Path | str) else None
    ),
    "dry run": lambda data, index, out, use: ss.scrub(data, index, ON, use=use, dry_run=True),
}
ROWS = {"arrest_no": [SEALED[0], CLEAR[0]]}


def parquet(folder: Path) -> Path:
    pl.DataFrame(ROWS).write_parquet(folder / "train.parquet")
    return folder / "train.parquet"


def csv(folder: Path) -> Path:
    pl.DataFrame(ROWS).write_csv(folder / "train.csv")
    return folder / "train.csv"


def sqlite(folder: Path) -> str:
    with contextlib.closing(sqlite3.connect(folder / "city.sqlite")) as database, database:
        database.execute("CREATE TABLE arrests (arrest_no TEXT)")
        database.executemany("INSERT INTO arrests VALUES (?)", [(each,) for each in ROWS["arrest_no"]])
    return f"{folder / 'city.sqlite'}#arrests"


def duck(folder: Path) -> str:
    with duckdb.connect(folder / "city.duckdb") as database:
        database.execute("CREATE TABLE arrests AS SELECT unnest($1) AS arrest_no", [ROWS["arrest_no"]])
    return f"{folder / 'city.duckdb'}#arrests"


DATA: dict[str, Callable[[Path], Any]] = {
    "pandas": lambda folder: pd.DataFrame(ROWS),
    "polars": lambda folder: pl.DataFrame(ROWS),
    "lazy": lambda folder: pl.LazyFrame(ROWS),
    "pyarrow": lambda folder: pa.table(ROWS),
    "parquet": parquet,
    "csv": csv,
    "sqlite": sqlite,
    "duckdb": duck,
}


def index_until(folder: Path, last: dt.date) -> Index:
    """Give an index for training that may be trusted until a day, opened before that day was over."""
    generate_keys(folder / "seal.key")
    key = load_key(folder / "seal.key").for_audience("police")
    digests = digest_column(pl.Series([SEALED[0]]), key.scheme_key("arrest_number"))
    entries = SchemeEntries("arrest_number", digests, np.array([Reason.SEALED], np.uint8))
    facts = IndexFacts(
        uses=("training",),
        audience="police",
        registry="test",
        epoch=1,
        as_of=last - dt.timedelta(days=40),
        known_at="2026-01-01T00:00:00Z",
        not_after=last,
        seals=1,
        coverage={("arrest_number",): 1},
    )
    publisher = load_publisher(folder / "seal.key.publisher")
    write_index(folder / "x.sealindex", [entries], facts, publisher, audience_key=key)
    return open_index(folder / "x.sealindex", folder / "seal.key", today=last)


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("verb", VERBS)
def test_an_unfit_index_is_refused(verb: str, data: str, tmp_path: Path) -> None:
    rows, out = DATA[data](tmp_path), tmp_path / f"clean.{data}"
    for folder in ("fit", "expired"):
        (tmp_path / folder).mkdir()
    fit = index_until(tmp_path / "fit", dt.date.today() + dt.timedelta(days=30))
    expired = index_until(tmp_path / "expired", dt.date.today() - dt.timedelta(days=3))

    with pytest.raises(UnsuitableIndex, match="not for output"):
        VERBS[verb](rows, fit, out, "output")
    with pytest.raises(ExpiredIndex):
        VERBS[verb](rows, expired, out, "training")
    assert not out.exists()
    VERBS[verb](rows, fit, out, "training")
