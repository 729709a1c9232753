from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.datasets import City, Mess, make_city
from sealscrub.errors import UsageError

SHAPES = {
    ("people", "nysid"): r"^\d{8}[A-Z]$",
    ("arrests", "nysid"): r"^\d{8}[A-Z]$",
    ("arrests", "arrest_number"): r"^[MBKQS](1[4-9]|2[0-3])\d{6}$",
    ("arrests", "cjtn"): r"^\d{8}[A-Z]$",
    ("arrests", "complaint_number"): r"^20(1[4-9]|2[0-3])-\d{3}-\d{6}$",
    ("arrests", "photo_id"): r"^PH\d{9}$",
    ("arrests", "law_code"): r"^(PL |VTL)\d{7}$",
    ("dockets", "docket"): r"^(20(1[4-9]|20)(NY|BX|KN|QN|RI)\d{6}|CR-\d{6}-2[1-3](NY|BX|KN|QN|RI))$",
    ("vouchers", "voucher"): r"^\d{10}$",
    ("training", "arrest_no"): r"^[MBKQS]\d{8}$",
    ("notices", "seal_id"): r"^S\d{8}-[123]$",
    ("notices", "regime"): r"^us-ny/cpl-(160\.50|160\.55|160\.57|720\.35)$",
    ("notices", "event"): r"^(sealed|vacated|withheld|released)$",
}


def fingerprint(city: City) -> str:
    digest = hashlib.sha256()
    frames = [
        *city.tables.values(),
        city.truth.arrests,
        city.truth.dockets,
        city.truth.spellings,
        city.truth.mentions,
    ]
    for frame in [*frames, *city.truth.rows.values()]:
        digest.update(frame.write_csv().encode())
    return digest.hexdigest()


def test_the_same_seed_gives_the_same_city_and_another_seed_another() -> None:
    one, other = make_city(700, seed=5), make_city(700, seed=6)
    assert fingerprint(make_city(700, seed=5)) == fingerprint(one) != fingerprint(other)


def test_the_number_of_threads_changes_nothing() -> None:
    code = (
        "from sealscrub.datasets import make_city; c = make_city(900, seed=3); import hashlib;"
        "print(hashlib.sha256(''.join(t.write_csv() for t in c.tables.values()).encode()).hexdigest())"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "POLARS_MAX_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for threads in ("1", "4")
    }
    assert len(answers) == 1


@pytest.mark.parametrize(("table", "column"), SHAPES)
def test_identifiers_have_the_shapes_of_new_york(clean: City, table: str, column: str) -> None:
    values = clean.tables[table][column].drop_nulls()
    assert len(values)
    assert values.str.contains(SHAPES[table, column]).all()


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("arrests", "arrest_number"),
        ("arrests", "cjtn"),
        ("arrests", "photo_id"),
        ("people", "nysid"),
        ("dockets", "docket"),
        ("complaints", "complaint_number"),
        ("vouchers", "voucher"),
    ],
)
def test_an_identifier_names_one_thing(clean: City, table: str, column: str) -> None:
    assert clean.tables[table][column].drop_nulls().is_unique().all()


def test_nothing_looks_like_a_sentinel(clean: City) -> None:
    arrests = clean.tables["arrests"]
    assert not arrests["nysid"].str.contains(r"^(0{7}|9{8})").any()
    assert not arrests["arrest_number"].str.ends_with("000000").any()


def test_a_person_is_arrested_at_most_once_a_day(clean: City) -> None:
    assert clean.tables["arrests"].select("nysid", "arrest_date").is_unique().all()


def test_arrest_numbers_tell_borough_and_year_and_rise_with_the_date(clean: City) -> None:
    arrests = clean.tables["arrests"]
    number, date = pl.col("arrest_number"), pl.col("arrest_date")
    told = arrests.select(
        ((number.str.head(1) == pl.col("borough")) & (number.str.slice(1, 2) == date.dt.to_string("%y"))).all()
    )
    assert told.item()
    in_order = arrests.sort("borough", "arrest_number").select(
        (date.diff().over("borough") >= pl.duration(days=0)).fill_null(True).all()
    )
    assert in_order.item()
    serials = arrests.group_by("borough", date.dt.year()).agg(
        number.str.tail(6).cast(pl.Int64).max().alias("last"), pl.len()
    )
    assert (serials["last"] == serials["len"]).all()


def test_a_complaint_counts_its_arrests(clean: City) -> None:
    counted = clean.tables["arrests"].group_by("complaint_number").len()
    complaints = clean.tables["complaints"].join(counted, on="complaint_number", how="left")
    assert (complaints["len"].fill_null(0) == complaints["arrests"]).all()
    assert complaints["arrests"].max() > 5


def test_pairs_were_arrested_on_one_complaint(clean: City) -> None:
    complaint = dict(clean.tables["arrests"].select("arrest_number", "complaint_number").iter_rows())
    pairs = clean.tables["co_arrests"]
    for side in ("arrest_number_a", "arrest_number_b"):
        assert pairs[side].replace_strict(complaint).equals(pairs["complaint_number"], check_names=False)
    size = clean.tables["complaints"]["arrests"].cast(pl.Int64)
    assert pairs.height == int((size * (size - 1) // 2).sum())


def test_a_stop_has_an_arrest_number_when_it_ended_in_an_arrest(clean: City) -> None:
    stops = clean.tables["stops"]
    assert ((stops["arrested"] == "Y") == stops["arrest_number"].is_not_null()).all()
    assert stops["arrest_number"].drop_nulls().is_in(clean.tables["arrests"]["arrest_number"].implode()).all()


def test_narratives_name_whom_the_truth_says(clean: City) -> None:
    last_name = dict(clean.tables["people"].select("nysid", "last_name").iter_rows())
    nysid = dict(clean.truth.arrests.select("arrest_id", "nysid").iter_rows())
    mentions = clean.truth.mentions
    named = mentions["arrest_id"].replace_strict(nysid).replace_strict(last_name)
    text = clean.tables["narratives"]["text"].gather(mentions["row"])
    frame = pl.DataFrame({"text": text, "name": named})
    assert frame.select(pl.col("text").str.contains(pl.col("name"), literal=True).all()).item()


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 60), st.integers(-(2**70), 2**70), st.floats(0, 0.4), st.floats(0, 1))
def test_any_small_city_can_be_made(arrests: int, seed: int, mess: float, share: float) -> None:
    city = make_city(arrests, seed=seed, mess=mess, sealed_share=share)
    assert city.tables["training"].height == city.truth.arrests.height == arrests
    assert all(rows.height == city.tables[table].height for table, rows in city.truth.rows.items())


@pytest.mark.parametrize(
    "arguments",
    [
        {"arrests": 0},
        {"arrests": 10**9},
        {"sealed_share": 1.1},
        {"mess": -0.1},
        {"mess": 2},
        {"mess": float("nan")},
    ],
)
def test_arguments_that_make_no_sense_are_refused(arguments: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        make_city(**{"arrests": 10, **arguments})


def test_each_kind_of_mess_can_be_had_alone() -> None:
    for kind in ("spelling", "sentinel", "typo", "missing"):
        cells = make_city(400, mess=Mess(**{kind: 0.3})).truth.spellings
        assert set(cells["kind"]) == {kind}
    doubled = make_city(400, mess=Mess(duplicate=0.3))
    assert doubled.truth.spellings.is_empty()
    assert doubled.tables["arrests"].height > 450
