"""Rows whose key could not be checked are never lost by a plan: they go to a place, or come back with the frames."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError
from sealscrub.transforms.plans import Plan

from ..arrests import CLEAR, ON, SEALED, index

NEAR, BAD = "K14-60O001", "K14"
KEYS = st.sampled_from([*SEALED[:2], *CLEAR[:3], NEAR, BAD, None])
STRICT = ss.Policy(quarantine=True, max_unparsable=1)
TABLES = {"version": 1, "tables": {"arrests": {"source": "arrests.csv", "keys": {"arrest_number": "arrest_no"}}}}
TABLES["tables"]["arrests"]["independent"] = "the arrest itself"  # type: ignore[index]  # a literal
MAKERS: dict[str, Callable[[pl.DataFrame], Any]] = {
    "polars": lambda frame: frame,
    "pandas": lambda frame: frame.to_pandas(),
    "pandas with levels": lambda frame: frame.to_pandas().astype({"note": "category"}),
    "arrow": lambda frame: frame.to_arrow(),
}


def rows(keys: list[str | None]) -> pl.DataFrame:
    frame = pl.DataFrame({"arrest_no": keys, "note": [f"row {at}" for at in range(len(keys))]})
    return frame.cast({"arrest_no": pl.String, "note": pl.String})


def same(one: Any, other: Any) -> None:
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other)
    else:
        assert one.equals(other)


@settings(max_examples=40, deadline=None)
@given(st.lists(KEYS, min_size=1, max_size=8), st.sampled_from(list(MAKERS)))
def test_frames_come_back_with_what_was_set_aside_as_from_a_scrub(keys: list[str | None], kind: str) -> None:
    data, plan = MAKERS[kind](rows(keys)), Plan.from_dict(TABLES)
    expected = ss.scrub(data, index(), ON, policy=STRICT, detail=True)
    found = plan.scrub({"arrests": data}, index(), policy=STRICT, detail=True)
    same(found.data["arrests"], expected.data)
    assert found.quarantined is not None
    assert set(found.quarantined) == ({"arrests"} if len(expected.quarantined) else set())
    for aside in found.quarantined.values():
        same(aside, expected.quarantined)


def test_without_being_asked_for_nothing_is_set_aside() -> None:
    plan, data = Plan.from_dict(TABLES), {"arrests": rows(CLEAR[:3])}
    assert plan.scrub(data, index(), detail=True).quarantined is None
    assert plan.scrub(data, index(), policy=STRICT, detail=True).quarantined == {}


@pytest.mark.parametrize("keys", [[SEALED[0], CLEAR[0], NEAR], CLEAR[:2]])
def test_files_are_not_written_where_no_place_is_named(keys: list[str | None], tmp_path: Path) -> None:
    """Whether or not there is a row to set aside, so that the answer does not depend on the data."""
    rows(keys).write_csv(tmp_path / "arrests.csv")
    plan = Plan.from_dict(TABLES, root=tmp_path)
    for run in (
        lambda: plan.scrub(index=index(), policy=STRICT, output=tmp_path / "clean"),
        lambda: ss.scrub(tmp_path / "arrests.csv", index(), ON, policy=STRICT, output=tmp_path / "clean.csv"),
    ):
        with pytest.raises(ConfigError, match="no place given") as caught:
            run()
        assert "quarantine=" in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["arrests.csv"]
    assert plan.scrub(index=index(), policy=STRICT, dry_run=True).complete


def test_no_row_is_lost_where_a_place_is_named(tmp_path: Path) -> None:
    data = rows([SEALED[0], CLEAR[0], NEAR, None])
    data.write_csv(tmp_path / "arrests.csv")
    plan = Plan.from_dict(TABLES, root=tmp_path)
    plan.scrub(index=index(), policy=STRICT, output=tmp_path / "clean", quarantine=tmp_path / "aside")
    kept, aside = (pl.read_csv(tmp_path / place / "arrests.csv") for place in ("clean", "aside"))
    assert (kept["note"].to_list(), aside["note"].to_list()) == (["row 1"], ["row 2", "row 3"])


def test_a_place_is_for_files() -> None:
    with pytest.raises(ConfigError, match="needs files"):
        Plan.from_dict(TABLES).scrub({"arrests": rows([NEAR])}, example_index(SEALED), quarantine="aside")
