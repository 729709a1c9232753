"""What is published is true, and what is suppressed cannot be worked out."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.custodian.aggregates import Ledger, Rules, aggregate
from sealscrub.datasets import example_index
from sealscrub.errors import ColumnError, ConfigError, MarkedAggregate, Refused, UnreadableInput, UsageError
from sealscrub.filters.counts.complementary_suppression import exposed_cells

SMALL = Rules(minimum=3)


def events(table: list[list[int]]) -> pl.DataFrame:
    rows = [(a, b) for a, line in enumerate(table) for b, n in enumerate(line) for _ in range(n)]
    return pl.DataFrame(rows, {"a": pl.Int64, "b": pl.Int64}, orient="row")


def possible(published: np.ndarray, most: int) -> Iterator[np.ndarray]:
    """Every table of whole numbers, with its totals, that agrees: of those suppressed none is 0."""
    rows, columns = published.shape[0] - 1, published.shape[1] - 1
    inner = published[:-1, :-1]
    choices = []
    for at, value in np.ndenumerate(inner):
        known = [total for total in (published[at[0], -1], published[-1, at[1]], published[-1, -1]) if total == total]
        top = int(min([most, *known]))
        choices.append(range(1, top + 1) if np.isnan(value) else [int(value)])
    if np.prod([len(each) for each in choices]) > 20_000:
        return
    for cells in itertools.product(*choices):
        table = np.zeros((rows + 1, columns + 1), int)
        table[:-1, :-1] = np.reshape(cells, (rows, columns))
        table[:-1, -1], table[-1, :-1] = table[:-1, :-1].sum(1), table[:-1, :-1].sum(0)
        table[-1, -1] = table[:-1, -1].sum()
        if (np.isnan(published) | (published == table)).all():
            yield table


def as_table(frame: pl.DataFrame, a: int, b: int) -> np.ndarray:
    made = np.full((a + 1, b + 1), np.nan)
    for row in frame.iter_rows(named=True):
        at = (a if row["a"] is None else row["a"], b if row["b"] is None else row["b"])
        made[at] = np.nan if row["count"] is None else row["count"]
    return made


@pytest.mark.search
@settings(max_examples=20, deadline=None)
@given(st.lists(st.lists(st.integers(0, 6), min_size=2, max_size=3), min_size=2, max_size=3))
def test_by_every_table_that_agrees_no_figure_held_back_can_be_told(lines: list[list[int]]) -> None:
    width = min(map(len, lines))
    table = np.array([line[:width] for line in lines])
    levels = {"a": range(len(table)), "b": range(width)}
    try:
        frame = aggregate(events(table.tolist()), [["a", "b"]], rules=SMALL, levels=levels).frame
    except (Refused, UsageError):
        assert table.sum() < 12  # nothing can be said about so few
        return
    published = as_table(frame, *table.shape)
    truth = np.pad(table, ((0, 1), (0, 1)))
    truth[:-1, -1], truth[-1, :-1], truth[-1, -1] = table.sum(1), table.sum(0), table.sum()
    hidden = np.isnan(published)
    assert (hidden | (published == truth)).all()
    assert not ((truth > 0) & (truth < 3) & ~hidden).any()
    assert not exposed_cells(truth, hidden).any()
    others = np.array(list(possible(published, int(table.sum()) + 5)))
    if len(others):
        assert (others.min(0) < others.max(0))[hidden].all()
        small = hidden & (truth < 3)
        assert (others.max(0)[small] >= 3).all()


def test_two_small_cells_do_not_hide_each_other_alone() -> None:
    frame = aggregate(events([[1, 2, 40], [30, 40, 50], [60, 30, 20]]), [["a", "b"]]).frame
    row = frame.filter((pl.col("a") == 0) & pl.col("b").is_not_null())

    assert row["count"].null_count() == 3  # else 43 - 40 = 3 people are told of


def test_what_is_no_number_asks_for_nothing(tmp_path: Path) -> None:
    rows = pl.DataFrame({"a": ["x"] * 40 + ["y"] * 50, "v": [1e308] * 90})
    with pytest.raises(ConfigError, match="minimum"):
        Rules(minimum=float("nan"))
    with pytest.raises(UsageError, match="no number can hold"):
        aggregate(rows, "a", value="v")
    with pytest.raises(ConfigError, match="base"):
        aggregate(rows, "a", round_to=5.0)
    deep = tmp_path / "ledger"
    deep.write_text("[" * 100_000 + "\n")
    deep.chmod(0o600)
    with pytest.raises(UnreadableInput):
        Ledger(deep).entries()


def test_linked_tables_are_looked_at_together() -> None:
    cells = [("x", "k", "m", 4), ("x", "l", "m", 30), ("x", "k", "n", 20), ("y", "k", "m", 30), ("y", "l", "n", 3)]
    rows = pl.DataFrame([row for *row, n in cells for _ in range(n)], ["a", "b", "c"], orient="row")
    figures = aggregate(rows, [["a", "b"], ["b", "c"], ["a", "c"]])
    ranges = figures.ranges

    assert ranges.height > 0
    assert (ranges["greatest"] > ranges["least"]).all()
    for pair in (("a", "b"), ("b", "c"), ("c", "a")):
        held = figures.table(*pair).join(rows.group_by(pair).len(), on=pair, how="left").fill_null(strategy="zero")
        assert held.filter(pl.col("count") > 0).select((pl.col("count") == pl.col("len")).all()).item()


def test_a_figure_over_one_person_with_many_arrests_is_held_back() -> None:
    rows = pl.DataFrame({"a": ["x"] * 40 + ["y"] * 40, "who": ["P"] * 40 + [f"Q{n}" for n in range(40)]})

    assert aggregate(rows, "a").table("a")["count"].to_list() == [40, 40]
    with pytest.raises(Refused):  # 80 - 40 would tell it
        aggregate(rows.head(40), "a", person="who")
    by_who = aggregate(rows, "a", person="who", levels={"a": ["x", "y"]})
    assert by_who.table("a")["count"].to_list() == [None, None]
    assert aggregate(rows, "a", person="who").table("a")["a"].to_list() == ["y"]  # nor is x told to be there


@pytest.mark.parametrize("people", [1, 8, 9])
def test_a_sum_over_too_few_people_is_hidden_by_a_tenth_of_it(people: int) -> None:
    sums = {"x": [100.0] * people, "y": [5.0 * people / 12] * 12, "z": [100.0] * 30, "w": [100.0] * 40}
    rows = pl.DataFrame([(a, each) for a, every in sums.items() for each in every], ["a", "bail"], orient="row")
    by = aggregate(rows, "a", value="bail", levels={"a": list(sums)}).table("a")
    others = by.filter(pl.col("sum_bail").is_null() & (pl.col("a") != "x"))["a"]

    assert by.filter(a="x")["sum_bail"].to_list() == [None]
    assert sum(sum(sums[a]) for a in others) >= 0.1 * sum(sums["x"])  # a reader knows the sum of what is suppressed


def test_a_sum_that_one_person_dominates_is_held_back_with_another() -> None:
    money = [10_000.0, *[10.0] * 29] + [100.0] * 30 + [90.0] * 30
    rows = pl.DataFrame({"a": ["x"] * 30 + ["y"] * 30 + ["z"] * 30, "bail": money})
    figures = aggregate(rows, "a", value="bail")
    by = figures.table("a")
    held = by["sum_bail"].is_null()

    assert by["a"].filter(held).to_list() == ["x", "z"]
    assert by["count"].is_null().to_list() == held.to_list()
    assert figures.table()["sum_bail"].to_list() == [sum(money)]


def test_a_share_is_published_where_both_its_counts_are() -> None:
    rows = pl.DataFrame(
        {
            "a": ["x"] * 50 + ["y"] * 50 + ["z"] * 50,
            "sealed": [True] * 25 + [False] * 25 + [True] * 48 + [False] * 2 + [True, False] * 25,
        }
    )
    by = aggregate(rows, "a", share="sealed").table("a")

    assert by["count"].to_list() == [50, 50, 50]
    assert sorted(by["share_sealed"].to_list(), key=str) == [0.5, None, None]
    assert by.filter(pl.col("share_sealed").is_not_null())["count_sealed"].to_list() == [25]


def test_figures_come_in_the_kind_of_the_events_and_with_their_mark() -> None:
    rows = events([[20, 30], [30, 40]])
    figures = aggregate(rows.to_pandas(), [["a", "b"]])

    assert type(figures.frame).__module__.startswith("pandas")
    assert set(figures.frame["sealscrub_aggregate_report"]) == {figures.release}
    assert figures.table("b", "a")["count"].tolist() == [20, 30, 30, 40]
    assert repr(figures) == "<Figures: Figures as they may be published>"
    with pytest.raises(MarkedAggregate):
        aggregate(figures.frame, "a")


def test_figures_are_a_report_in_which_a_figure_held_back_is_said_to_be(tmp_path: Path) -> None:
    figures = aggregate(events([[20, 3], [30, 40]]), [["a", "b"]])
    figures.save(tmp_path / "figures.html")
    said, rows = figures.text(), json.loads(figures.to_json())["figures"]

    assert [row["count"] for row in rows] == figures.frame["count"].to_list()
    assert said.count("suppressed") - 1 == figures.frame["count"].null_count() > 0  # once in the verdict
    assert {"a, b", "a", "b", "total"} <= set(said.splitlines())

    assert "total" not in str(figures).splitlines()


def test_an_index_for_reports_leaves_out_what_it_bars() -> None:
    rows = pl.DataFrame({"id": [f"M14{at:06d}" for at in range(40)], "a": ["x", "y"] * 20})
    index = example_index(["M14000007"], uses=("aggregate_report",))

    assert aggregate(rows, "a", index=index, on={"arrest_number": "id"}).table()["count"].to_list() == [39]
    with pytest.raises(UsageError):
        aggregate(rows, "a", index=example_index(["M14000007"]), on={"arrest_number": "id"})
    with pytest.raises(ConfigError):
        aggregate(rows, "a", index=index)
    with pytest.raises(ConfigError):
        aggregate(rows, ["a", "id"], index=index, on={"arrest_number": "id"})


def test_bad_requests() -> None:
    rows = events([[20, 30], [30, 40]]).with_row_index("who")
    with pytest.raises(UsageError, match="no events"):
        aggregate(rows.head(0), "a")
    with pytest.raises(Refused):  # everything: a cell for each person
        aggregate(rows, "who")
    with pytest.raises(Refused, match="combinations"):
        aggregate(
            pl.concat([rows, rows]).with_row_index("also").with_columns(other="also", third="also"),
            [["also", "other", "third"]],
        )
    with pytest.raises(ConfigError, match="people"):
        aggregate(rows, [["a", "who"]], person="who")
    with pytest.raises(ColumnError):
        aggregate(rows, "absent")
    for tables in ([], [[]], [["a", "a"]], [["a", "b", "c", "d", "e"]]):
        with pytest.raises(ConfigError):
            aggregate(rows, tables)
    for options in ({"value": "a", "share": "b"}, {"share": "a"}):
        with pytest.raises(UsageError):
            aggregate(rows.select("a", "b", "who", v=pl.lit("text")), "who", **options)
    with pytest.raises(UsageError):
        aggregate(rows.with_columns(v=pl.lit(-1.0)), "a", value="v")
    for options in ({"minimum": 1}, {"dominance": (0, 80)}, {"p_percent": 0}):
        with pytest.raises(ConfigError):
            Rules(**options)
