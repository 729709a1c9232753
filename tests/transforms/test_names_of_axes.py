"""Names of the index and of the column axis are data: a scan finds a sealed id there, and a scrub removes it."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

import sealscrub as ss
from sealscrub.transforms.plans import Plan

from .arrests import CLEAR, ON, SEALED, WITHHELD, index

Name = Callable[[pd.DataFrame, Any], pd.DataFrame]


def frame(keys: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"arrest_no": keys, "n": range(len(keys))})


def multi(data: pd.DataFrame, name: Any) -> pd.DataFrame:
    data.index = pd.MultiIndex.from_arrays([["x"] * len(data), data["arrest_no"].str.len()], names=["a", name])
    return data


def columns(data: pd.DataFrame, name: Any) -> pd.DataFrame:
    return data.rename_axis(columns=name)


def index_of_texts(data: pd.DataFrame, name: Any) -> pd.DataFrame:
    return data.set_axis(pd.Index([f"row {key}" for key in data["arrest_no"].str.len()], name=name))


def categorical(data: pd.DataFrame, name: Any) -> pd.DataFrame:
    return data.set_axis(pd.CategoricalIndex(["r"] * len(data), name=name))


PLACES: dict[str, Name] = {
    "index": index_of_texts,
    "range": lambda data, name: data.rename_axis(index=name),
    "categorical": categorical,
    "multi": multi,
    "columns": columns,
}
places = pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)


def names_of(data: pd.DataFrame) -> list[Any]:
    return [*data.index.names, *data.columns.names]


@pytest.mark.thinned(together=1)
@places
@pytest.mark.parametrize("name", [SEALED[0], SEALED[0].lower(), WITHHELD[0]])
@pytest.mark.parametrize("through", ["verb", "plan"])
def test_a_sealed_id_that_an_axis_is_called_is_found_and_removed(place: Name, name: str, through: str) -> None:
    data = place(frame([*CLEAR[:3], SEALED[1]]), name)
    clean_rows = place(frame(CLEAR[:3]), name)
    plan = Plan.from_dict({"version": 1, "tables": {"a": {"source": "a.csv", "keys": ON, "independent": "own"}}})

    report = ss.scan(clean_rows, index(), ON) if through == "verb" else plan.scan({"a": clean_rows}, index())
    if through == "verb":
        clean, other = ss.scrub(data, index(), ON), ss.scrub(clean_rows, index(), ON)
    else:
        clean, other = plan.scrub({"a": data}, index())["a"], plan.scrub({"a": clean_rows}, index())["a"]

    assert report.exit_code == 1
    assert name not in names_of(clean)
    assert name.encode() not in pickle.dumps(clean)
    pd.testing.assert_frame_equal(clean, other)
    assert names_of(clean) == names_of(other)
    assert name in names_of(data)
    assert ss.scan(clean, index(), ON).clean


@pytest.mark.thinned(together=1)
@places
@pytest.mark.parametrize("name", ["person", CLEAR[5], 7, None])
def test_any_other_name_stays(place: Name, name: Any) -> None:
    data = place(frame(CLEAR[:3]), name)

    assert ss.scan(data, index(), ON).clean
    assert names_of(ss.scrub(data, index(), ON)) == names_of(data)
