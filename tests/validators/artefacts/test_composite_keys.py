"""Keys made of a person and a day are found where both stand together, and never passed over where they stand apart."""

from __future__ import annotations

import datetime as dt
import json
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from sealscrub.datasets import example_index
from sealscrub.index import Index
from sealscrub.validators.artefacts import ModelAudit, audit_model

SEALED = ("01234567Q@2014-01-15", "07654321K@2015-03-02")
PEOPLE = ["1234567Q", "02222222L", "07654321K", "03333333M"]
DAYS = ["2014-01-15", "2016-05-06", "2015-03-02", "2017-07-08"]


@pytest.fixture(scope="module")
def index() -> Index:
    return example_index({"person_arrest": SEALED})


def frame(people: list[str], days: list[str]) -> pl.DataFrame:
    return pl.DataFrame({"nysid": people, "age": [30 + at for at in range(len(people))], "day": days})


def _parquet(folder: Path, people: list[str], days: list[str]) -> None:
    frame(people, days).with_columns(pl.col("day").str.to_date()).write_parquet(folder / "a.parquet")


def _texts_in_parquet(folder: Path, people: list[str], days: list[str]) -> None:
    frame(people, [f"{day} 00:00:00" for day in days]).write_parquet(folder / "a.parquet")


def _csv(folder: Path, people: list[str], days: list[str]) -> None:
    frame(people, [f"{day[5:7]}/{day[8:]}/{day[:4]}" for day in days]).write_csv(folder / "a.csv")


def _records(folder: Path, people: list[str], days: list[str]) -> None:
    (folder / "records.json").write_text(frame(people, days).select("nysid", "day").write_json())


def _split(folder: Path, people: list[str], days: list[str]) -> None:
    table = frame(people, days).drop("age")
    held = {"columns": table.columns, "data": [list(row) for row in table.iter_rows()]}
    (folder / "rows.json").write_text(json.dumps(held))


def _joined(folder: Path, people: list[str], days: list[str]) -> None:
    names = [f"id_{person}_{day}" for person, day in zip(people, days, strict=True)]
    (folder / "a.pkl").write_bytes(pickle.dumps({"vocabulary_": {name: at for at, name in enumerate(names)}}))


def _columns(folder: Path, people: list[str], days: list[str]) -> None:
    dates = [dt.date.fromisoformat(day) for day in days]
    (folder / "a.pkl").write_bytes(pickle.dumps({"nysid": np.array(people), "day": np.array(dates, "datetime64[ns]")}))


TOGETHER: dict[str, Callable[[Path, list[str], list[str]], None]] = {
    "Parquet": _parquet,
    "texts in Parquet": _texts_in_parquet,
    "CSV": _csv,
    "records": _records,
    "rows": _split,
    "in one text": _joined,
    "arrays": _columns,
}


def written(folder: Path, days: list[str]) -> Path:
    """A folder with a folder for each way of writing."""
    for name, write in TOGETHER.items():
        (folder / name).mkdir()
        write(folder / name, PEOPLE, days)
    return folder


def test_both_together_are_found(index: Index, tmp_path: Path) -> None:
    done = audit_model(written(tmp_path, DAYS), index)

    assert done.exit_code == 1
    assert {each.detail for each in done.findings} == {"person_arrest"}
    counts = {name: [each.count for each in done.findings if Path(each.file).parts[0] == name] for name in TOGETHER}
    assert [name for name, found in counts.items() if 2 not in found and len(found) < 2] == []
    assert done.not_checked == ()
    shown = done.to_text() + done.to_json() + repr(done)
    assert [part for part in (*PEOPLE, *DAYS) if part in shown] == []


def test_the_same_people_on_other_days_are_clean(index: Index, tmp_path: Path) -> None:
    done = audit_model(written(tmp_path, ["2014-01-16", "2016-05-06", "2015-03-03", "2017-07-08"]), index)

    assert (done.exit_code, done.findings, done.not_checked) == (0, (), ())


def test_parts_that_stand_apart_are_not_checked(index: Index, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(f"<html>{' '.join(PEOPLE)} {'and then ' * 20} {' '.join(reversed(DAYS))}</html>")
    done = audit_model(tmp_path, index)

    assert (done.exit_code, done.findings) == (3, ())
    assert {each.reason.partition(" that")[0] for each in done.not_checked} == {"parts of a key of person_arrest"}


def test_days_in_another_order_are_not_checked(index: Index, tmp_path: Path) -> None:
    _parquet(tmp_path, PEOPLE, DAYS[::-1])
    done = audit_model(tmp_path, index)

    assert (done.exit_code, done.findings) == (3, ())


def test_a_frame_in_a_pickle_is_at_least_not_checked(index: Index, tmp_path: Path) -> None:
    table = pd.DataFrame({"nysid": PEOPLE, "age": [1.0, 2.0, 3.0, 4.0], "day": pd.to_datetime(DAYS)})
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(table))

    assert audit_model(tmp_path, index).exit_code in (1, 3)


def test_a_file_name_made_of_both_is_not_shown(index: Index, tmp_path: Path) -> None:
    (tmp_path / "1234567Q_2014-01-15.txt").write_text("nothing")
    done: ModelAudit = audit_model(tmp_path, index)

    assert done.exit_code == 1
    assert "1234567Q" not in done.to_text() + done.to_json()


def test_with_a_scheme_of_one_column_both_count_as_covered(tmp_path: Path) -> None:
    both = example_index({"arrest_number": ["K14612345"], "person_arrest": SEALED})
    (tmp_path / "a.txt").write_text("nothing")
    done = audit_model(tmp_path / "a.txt", both)

    assert done.schemes == ("arrest_number", "person_arrest")
    assert done.coverage == 1.0
