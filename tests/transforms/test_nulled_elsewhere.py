"""Values of any type that name a sealed record become null, or their rows go, where a column is said to hold some."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.errors import ColumnError, SealedElsewhere, UncheckedKeys, UsageError
from sealscrub.transforms import scrub_text

from .arrests import CLEAR, ON, SEALED, index

HOLDING: dict[str, tuple[list[Any], Any]] = {
    "text": ([SEALED[0], "x", None], pl.String),
    "categorical": ([SEALED[0], "x", None], pl.Categorical),
    "enum": ([SEALED[0], "x", None], pl.Enum([SEALED[0], "x"])),
    "lists": ([[SEALED[0], "x"], ["x"], None], pl.List(pl.String)),
    "empty lists": ([["x", SEALED[0]], [], None], pl.List(pl.String)),
    "structs": ([{"id": SEALED[0]}, {"id": "x"}, None], pl.Struct({"id": pl.String})),
    "lists of structs": ([[{"id": SEALED[0]}], [], None], pl.List(pl.Struct({"id": pl.String}))),
    "bytes": ([SEALED[0].encode(), b"x", None], pl.Binary),
}


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("kind", HOLDING)
@pytest.mark.parametrize("way", ["polars", "lazy", "arrow", "parquet"])
def test_a_value_that_names_a_sealed_record_becomes_null(kind: str, way: str, tmp_path: Path) -> None:
    values, dtype = HOLDING[kind]
    data = pl.DataFrame({"arrest_no": CLEAR[:3], "other": pl.Series(values, dtype=dtype, strict=False)})
    given: Any = {"polars": data, "lazy": data.lazy(), "arrow": data.to_arrow()}.get(way)
    how: dict[str, Any] = {"narrative": {"other": "null"}}
    if way == "parquet":
        data.write_parquet(tmp_path / "a.parquet")
        ss.scrub(tmp_path / "a.parquet", index(), ON, output=tmp_path / "b.parquet", **how)
        made = pl.read_parquet(tmp_path / "b.parquet")
    else:
        with pytest.raises(SealedElsewhere):
            ss.scrub(given, index(), ON)
        made = ss.scrub(given, index(), ON, **how)
        made = pl.DataFrame(pl.from_arrow(made)) if way == "arrow" else made.lazy().collect()
    assert made["other"].is_null().to_list() == [True, False, True]
    assert made["other"].cast(dtype)[1] == pl.Series(values, dtype=dtype, strict=False)[1] if kind == "text" else True
    assert ss.scan(made, index(), ON).clean


def test_numbers_become_null_and_their_rows_go() -> None:
    both = example_index({"arrest_number": SEALED, "opaque:case": ["90000002"]})
    data = pl.DataFrame({"arrest_no": CLEAR[:4], "case": [90000001, 90000002, None, 90000005]})
    how: dict[str, Any] = {"policy": ss.Policy(min_coverage=0.5)}
    with pytest.raises(SealedElsewhere, match="case"):
        ss.scrub(data, both, ON, **how)
    nulled = ss.scrub(data, both, ON, narrative={"case": "null"}, **how)
    assert nulled["case"].to_list() == [90000001, None, None, 90000005]
    assert ss.scrub(data, both, ON, narrative={"case": "drop"}, **how)["case"].to_list() == [90000001, None, 90000005]


def test_a_null_that_would_mark_the_row_is_refused() -> None:
    data = pl.DataFrame({"arrest_no": CLEAR[:2], "other": [[SEALED[0]], []]})
    with pytest.raises(UsageError, match="other"):
        ss.scrub(data, index(), ON, narrative={"other": "null"})
    made = ss.scrub(data, index(), ON, narrative={"other": "null"}, accept_marks=["other"])
    assert made["other"].to_list() == [None, []]


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([*SEALED[:2], *CLEAR[:3]]),
            st.one_of(st.none(), st.lists(st.sampled_from([SEALED[2], CLEAR[4], "x"]), max_size=2)),
        ),
        max_size=8,
    ),
    st.sampled_from(["null", "drop"]),
)
def test_the_sealed_rows_have_no_part_in_it(rows: list[tuple[str, list[str] | None]], handling: str) -> None:
    data = pl.DataFrame(rows, schema={"arrest_no": pl.String, "other": pl.List(pl.String)}, orient="row")
    how: dict[str, Any] = {"narrative": {"other": handling}, "accept_marks": ["other"]}
    made = ss.scrub(data, index(), ON, **how)
    without = ss.scrub(data.filter(~pl.col("arrest_no").is_in(SEALED)), index(), ON, **how)
    event("something was sealed" if made.height < data.height else "nothing was")
    assert made.equals(without)
    assert ss.scan(made, index(), ON).clean


def test_texts_alone_are_swept_where_they_alone_are_asked_about() -> None:
    data = pd.DataFrame({"case": [SEALED[0]], "text": [f"See {SEALED[1]}. No force."], SEALED[2]: 1}, index=[SEALED[3]])
    made = scrub_text(data, "text", index())
    assert made["text"].tolist() == ["No force."]
    assert made["case"].tolist() == [SEALED[0]]


def test_sentences_are_those_of_texts() -> None:
    data = pd.DataFrame({"arrest_no": CLEAR[:1], "n": [1]})
    with pytest.raises(UsageError, match="sentences"):
        ss.scrub(data, index(), ON, narrative="n")


class Thing:
    """An object that no library knows."""


UNSURE: dict[str, pl.Series] = {
    "near texts": pl.Series(["K146O0000", "x", None]),
    "near in sentences": pl.Series(["See arrest K146O0000.", "x", None]),
    "near in lists": pl.Series([["K146O0000"], [], None]),
    "objects": pl.Series([Thing(), "x", None], dtype=pl.Object),
}


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("kind", UNSURE)
@pytest.mark.parametrize("handling", ["sentence", "null", "drop"])
def test_what_could_not_be_told_from_ids_is_not_checked_in_such_a_column_either(kind: str, handling: str) -> None:
    data = pl.DataFrame({"arrest_no": CLEAR[:3], "other": UNSURE[kind]})
    how: dict[str, Any] = {"narrative": {"other": handling}, "accept_marks": ["other"]}
    not_read = ColumnError if handling == "sentence" and kind in ("near in lists", "objects") else UncheckedKeys
    with pytest.raises((not_read, UsageError) if kind == "objects" else not_read, match="other"):
        ss.scrub(data, index(), ON, **how)
    with pytest.raises((not_read, UsageError) if kind == "objects" else not_read, match="other"):
        scrub_text(data, {"other": handling}, index(), accept_marks=["other"])
    plan = {"source": "a", "keys": ON, "narrative": {"other": handling}, "accept_marks": ["other"], "independent": "so"}
    with pytest.raises((not_read, UsageError) if kind == "objects" else not_read, match="other"):
        ss.Plan.from_dict({"version": 1, "tables": {"arrests": plan}}).scrub({"arrests": data}, index())
    if kind != "objects":
        assert ss.scan(data, index(), ON, narrative={"other": "null"}).exit_code == 3
        near = ss.Policy(accept={"near"})
        assert ss.scrub(data, index(), ON, policy=near, narrative={"other": "null"}).height == 3
