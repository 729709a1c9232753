"""What becomes of a pair depends on that pair and the model: no other seal and no other row moves it."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from sealscrub.custodian.linkage import LinkModel, best_rows, link, starting_model
from sealscrub.datasets import NamedArrests

from .conftest import SEAL, records

_DAYS = [(date(2019, 3, 1) + timedelta(days=at)).isoformat() for at in range(5)]
_NAMES = ["SMITH", "SMYTH", "SMITH JONES", "ANN", "A", "UNKNOWN", "Łukasz", "李", "", None]
_ODD_NAMES = [
    *_NAMES,
    "smith, ann",
    "O'Nuñez-Smith",
    "ONUNEZ SMITH",
    "o\u2019nunez_smith jr.",
    "Straße",
    "STRASSE",
    " -- ",
]
_RECORD = st.fixed_dictionaries(
    {
        "last_name": st.sampled_from(_NAMES),
        "first_name": st.sampled_from(_NAMES),
        "middle_name": st.sampled_from(["A", "ANN", None]),
        "birth_date": st.sampled_from(["1984-07-31", "7/31/1984", "1984-01-01", "1900-01-01", "x", None]),
        "arrest_date": st.sampled_from([*_DAYS, "0000", None]),
        "charge": st.sampled_from(["PETIT LARCENY", "ASSAULT 3", None]),
        "sex": st.sampled_from(["M", "F", None]),
        "nysid": st.sampled_from(["12345678Q", "12345679Q", "NONE", None]),
    }
)


@settings(max_examples=60, deadline=None)
@given(
    seals=st.lists(_RECORD, max_size=6),
    rows=st.lists(_RECORD, max_size=8),
    data=st.data(),
)
def test_links_of_the_rows_that_stay_are_what_they_were(
    seals: list[dict[str, str | None]], rows: list[dict[str, str | None]], data: st.DataObject
) -> None:
    model = LinkModel.from_json(starting_model().to_json().replace('"lower":-1.0', '"lower":-30.0'))
    its, theirs = records(*seals), records(*rows)
    whole = link(its, theirs, model).pairs
    order = data.draw(st.permutations(range(len(rows))))
    stay = sorted(order[: data.draw(st.integers(0, len(rows)))])
    left = theirs[[at for at in order if at in stay]]

    without = link(its, left, model).pairs

    assert_frame_equal(without, whole.filter(pl.col("row").is_in(left["id"].implode())))


_ODD_RECORD = st.fixed_dictionaries(
    {
        "last_name": st.sampled_from(_ODD_NAMES),
        "first_name": st.sampled_from(_ODD_NAMES),
        "birth_date": st.sampled_from(["1984-07-31", "31-JUL-1984", "31.07.1984", "19840731.0", "1984", None]),
        "arrest_date": st.sampled_from([*_DAYS, "1-Mar-2019", "2019-03-01T23:00Z", "\u0661.3.2019", None]),
        "charge": st.sampled_from(["PETIT LARCENY", "petit-larceny", "N/A", None]),
        "sex": st.sampled_from(["Male", "m", "U", None]),
        "race": st.sampled_from(["W", "unk", None]),
    }
)
_OTHERS = records(*({"id": f"other {at}", "last_name": f"Q{at}", "arrest_date": "2001-01-01"} for at in range(201)))


@settings(max_examples=40, deadline=None)
@given(seals=st.lists(_ODD_RECORD, min_size=1, max_size=4), rows=st.lists(_ODD_RECORD, min_size=1, max_size=6))
def test_few_records_are_read_as_many_are(
    seals: list[dict[str, str | None]], rows: list[dict[str, str | None]]
) -> None:
    """Few are read text by text, and many by what is different in a column."""
    model = LinkModel.from_json(starting_model().to_json().replace('"lower":-1.0', '"lower":-30.0'))
    its, theirs = records(*seals), records(*rows)
    many = link(its, pl.concat([theirs, _OTHERS]), model).pairs

    assert_frame_equal(link(its, theirs, model).pairs, many.filter(~pl.col("row").str.starts_with("other")))


@settings(max_examples=60, deadline=None)
@given(
    seals=st.lists(_RECORD, max_size=6),
    rows=st.lists(_RECORD, max_size=8),
    cut=st.integers(0, 6),
)
def test_new_seals_beside_old_rows_add_the_difference_alone(
    seals: list[dict[str, str | None]], rows: list[dict[str, str | None]], cut: int
) -> None:
    model = LinkModel.from_json(starting_model().to_json().replace('"lower":-1.0', '"lower":-30.0'))
    its, theirs = records(*seals), records(*rows)
    parts = [link(its[:cut], theirs, model).pairs, link(its[cut:], theirs, model).pairs]

    assert_frame_equal(pl.concat(parts).sort("seal", "row"), link(its, theirs, model).pairs)


def test_a_city_without_its_sealed_rows_has_the_other_links_to_the_bit(city: NamedArrests, eager: LinkModel) -> None:
    whole = link(city.seals, city.rows, eager).pairs
    gone = whole.filter(pl.col("band") == "sealed")["row"]
    left = city.rows.filter(~pl.col("id").is_in(gone.implode())).sample(fraction=1, shuffle=True, seed=1)

    pairs = link(city.seals, left, eager).pairs

    assert pairs.height > 100
    assert_frame_equal(pairs, whole.filter(~pl.col("row").is_in(gone.implode())))


def test_pieces_do_not_move_a_link(city: NamedArrests, model: LinkModel, monkeypatch: pytest.MonkeyPatch) -> None:
    seals, rows = city.seals[:300], city.rows
    whole = link(seals, rows, model).pairs
    monkeypatch.setattr("sealscrub.custodian.linkage.candidate_pairs.PIECE", 500)

    assert_frame_equal(link(seals, rows, model).pairs, whole)


def test_known_pairs_are_not_listed_again(city: NamedArrests, model: LinkModel) -> None:
    seals = city.seals[:300]
    whole = link(seals, city.rows, model).pairs
    known = whole[:50].select("seal", "row")

    assert_frame_equal(link(seals, city.rows, model, known=known).pairs, whole[50:])


def test_best_rows_weigh_as_links_do_and_see_what_blocking_loses(city: NamedArrests, eager: LinkModel) -> None:
    seals = city.seals[:60]
    best = best_rows(seals, city.rows, eager, n=city.rows.height)
    links = link(seals, city.rows, eager).pairs

    both = links.join(best, on=["seal", "row"], how="left", suffix="_best")

    assert both.height > 60
    assert both["weight_best"].null_count() == 0
    assert (both["weight"] == both["weight_best"]).all()
    assert best.group_by("seal").len()["len"].unique().to_list() == [city.rows.height]


def test_the_best_rows_are_the_first_of_all_in_weight(city: NamedArrests, model: LinkModel) -> None:
    seals, rows = city.seals[:20], city.rows[:500]

    every = best_rows(seals, rows, model, n=rows.height)

    assert_frame_equal(best_rows(seals, rows.reverse(), model, n=5), every.filter(pl.col("rank") <= 5))


@pytest.mark.parametrize("many", [1, 3, 40, 700])
def test_no_block_is_cut_for_its_size(many: int, model: LinkModel) -> None:
    rows = records(*[SEAL] * many)

    assert link(records(SEAL), rows, model).pairs["band"].to_list() == ["sealed"] * many
