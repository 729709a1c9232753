from __future__ import annotations

import re

import polars as pl
import pytest

from sealscrub.datasets import City, Truth
from sealscrub.errors import UsageError

FAVOURABLE = {
    "DISMISSED_ENTIRE",
    "ACD_DISMISSED",
    "ACQUITTED_COMPLETE",
    "NO_TRUE_BILL",
    "TRIAL_ORDER_DISMISSAL",
    "DECLINED_PROSECUTION",
    "POLICE_DECLINED_VOIDED",
}


def restored(city: City, table: str) -> pl.DataFrame:
    """The table with every messy cell written as it should be."""
    frame = city.tables[table].with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    cells = city.truth.spellings.filter(pl.col("table") == table)
    for column in cells["column"].unique():
        clean = cells.filter(pl.col("column") == column).select("row", "clean")
        frame = (
            frame.join(clean, on="row", how="left", maintain_order="left")
            .with_columns(pl.coalesce("clean", column).alias(column))
            .drop("clean")
        )
    return frame.drop("row")


@pytest.mark.parametrize("table", ["arrests", "dockets", "stops", "notices", "vouchers", "charges", "photos", "people"])
def test_a_messy_table_put_right_is_the_clean_one(clean: City, messy: City, table: str) -> None:
    whole = restored(messy, table)
    if "disposition_date" in whole.columns:  # dates went with their dispositions
        whole, expected = whole.drop("disposition_date"), clean.tables[table].drop("disposition_date")
    else:
        expected = clean.tables[table]
    assert not messy.tables[table].equals(clean.tables[table])
    assert whole.unique(maintain_order=True).equals(expected.unique(maintain_order=True))


def test_a_clean_city_has_nothing_to_put_right(clean: City) -> None:
    assert clean.truth.spellings.is_empty()
    assert clean.tables["arrests"]["arrest_id"].is_unique().all()


def test_mess_changes_no_truth(clean: City, messy: City) -> None:
    assert clean.truth.arrests.equals(messy.truth.arrests)
    assert clean.truth.dockets.equals(messy.truth.dockets)


def test_every_spelling_of_an_arrest_number_is_the_same_number(messy: City) -> None:
    cells = messy.truth.spellings.filter(
        (pl.col("table") == "arrests") & (pl.col("column") == "arrest_number") & (pl.col("kind") == "spelling")
    )
    written = messy.tables["arrests"]["arrest_number"].gather(cells["row"])
    assert written.n_unique() > 100
    for raw, number in zip(written, cells["clean"], strict=True):
        bare = re.sub(r"[^A-Z0-9]", "", raw.upper().replace("ARREST#", ""))
        assert re.sub(r"^([A-Z])20(\d{8})$", r"\1\2", bare) == number


def test_a_typo_is_a_letter_for_a_digit(messy: City) -> None:
    cells = messy.truth.spellings.filter(
        (pl.col("table") == "arrests") & (pl.col("column") == "cjtn") & (pl.col("kind") == "typo")
    )
    written = messy.tables["arrests"]["cjtn"].gather(cells["row"])
    assert len(written)
    repaired = written.str.head(8).str.replace_all("O", "0").str.replace_all("I", "1") + written.str.tail(1)
    assert repaired.equals(cells["clean"], check_names=False)
    assert (written != cells["clean"]).all()


@pytest.mark.parametrize(("table", "column"), [("arrests", "arrest_number"), ("charges", "arrest_number"),
                                               ("stops", "arrest_number"), ("training", "arrest_no"),
                                               ("vouchers", "arrest_number"), ("dockets", "arrest_number"),
                                               ("photos", "arrest_number")])  # fmt: skip
def test_rows_say_whose_each_row_is(clean: City, table: str, column: str) -> None:
    number = dict(clean.truth.arrests.select("arrest_id", "arrest_number").iter_rows())
    owners = clean.truth.rows[table]["arrest_id"].replace_strict(number)
    assert owners.equals(clean.tables[table][column], check_names=False)


def test_a_sealed_arrest_has_only_sealed_dockets(clean: City) -> None:
    truth = clean.truth
    both = truth.dockets.join(truth.arrests, on="arrest_id", suffix="_arrest")
    of_sealed = both.filter(pl.col("status_arrest") == "sealed")
    assert (of_sealed["status"] == "sealed").all()
    assert (of_sealed["regime"] == of_sealed["regime_arrest"]).all()
    by_regime = {name: set(frame["outcome"]) for (name,), frame in of_sealed.group_by("regime_arrest")}
    assert by_regime["us-ny/cpl-160.50"] == FAVOURABLE
    assert by_regime["us-ny/cpl-160.55"] == {"CONV_VIOLATION"}
    others = both.filter(pl.col("status_arrest") == "clear").group_by("arrest_id").agg(pl.col("status"))
    assert others.select((pl.col("status").list.unique() != ["sealed"]).all()).item()


def test_an_arrest_can_have_sealed_and_open_dockets(clean: City) -> None:
    mixed = clean.truth.dockets.group_by("arrest_id").agg(pl.col("status").unique().sort())
    assert {("clear", "sealed"), ("clear", "withheld")} <= set(map(tuple, mixed["status"]))


def test_the_sealed_share_is_as_asked(clean: City) -> None:
    regimes = clean.truth.arrests.filter(pl.col("status") == "sealed")["regime"]
    classic = regimes.is_in(["us-ny/cpl-160.50", "us-ny/cpl-160.55"]).sum() / clean.truth.arrests.height
    assert abs(classic - 0.45) < 0.02


def replayed(city: City, key: str) -> dict[str, str]:
    """What the notices come to: the last event of each seal, by one of its keys."""
    state: dict[str, str] = {}
    for row in city.tables["notices"].sort("effective_from", "seal_id", maintain_order=True).iter_rows(named=True):
        if row[key] is not None:
            state[row[key]] = row["event"]
    return {value: event for value, event in state.items() if event in ("sealed", "withheld")}


def test_the_notices_come_to_what_is_true(clean: City) -> None:
    for key, frame in (("arrest_number", clean.truth.arrests), ("docket", clean.truth.dockets)):
        true = frame.filter((pl.col("status") != "clear") & pl.col(key).is_not_null())
        assert replayed(clean, key) == dict(true.select(key, "status").iter_rows())


def test_a_notice_carries_keys_of_its_own_arrest(clean: City) -> None:
    notices = pl.concat([clean.tables["notices"], clean.truth.rows["notices"]], how="horizontal")
    joined = notices.join(clean.truth.arrests, on="arrest_id", suffix="_true", maintain_order="left")
    whole = joined["arrest_number"].is_not_null()
    for key in ("arrest_number", "nysid", "cjtn", "photo", "voucher", "arrest_date"):
        given = joined.filter(whole)
        assert given[key].eq_missing(given[f"{key}_true"]).all()
        assert joined.filter(~whole)[key].null_count() == (~whole).sum() > 0


def test_dates_of_a_notice_are_in_order(clean: City) -> None:
    notices = pl.concat([clean.tables["notices"], clean.truth.rows["notices"]], how="horizontal")
    dates = notices.join(clean.truth.arrests.select("arrest_id", on := "arrest_date"), on="arrest_id", suffix="_true")
    assert (dates[f"{on}_true"] <= dates["effective_from"]).all()
    assert (dates["effective_from"] <= dates["notified_on"]).all()
    assert dates["notified_on"].max().isoformat() <= "2024-12-31"
    turns = notices.group_by("seal_id").agg("effective_from", "event").filter(pl.col("event").list.len() > 1)
    assert set(map(tuple, turns["event"])) == {("sealed", "vacated"), ("withheld", "released")}
    assert turns.select((pl.col("effective_from").list.first() < pl.col("effective_from").list.last()).all()).item()


def test_notices_keep_identifiers_that_can_be_read(messy: City) -> None:
    cells = messy.truth.spellings.filter(pl.col("table") == "notices")
    assert set(cells["kind"]) == {"spelling"}


@pytest.mark.parametrize("table", ["arrests", "charges", "co_arrests", "training", "dockets"])
def test_sealed_rows_agree_with_a_plain_loop(messy: City, table: str) -> None:
    truth: Truth = messy.truth
    arrests = set(truth.arrests.filter(pl.col("status") == "withheld")["arrest_id"])
    dockets = set(truth.dockets.filter(pl.col("status") == "withheld").select("arrest_id", "place").iter_rows())
    owners = truth.rows[table].iter_rows()
    expected = [row in dockets if table == "dockets" else bool(arrests & set(row)) for row in owners]
    assert truth.sealed_rows(table, status={"withheld"}).to_list() == expected
    assert any(expected)


def test_sealed_rows_can_be_asked_by_regime(clean: City) -> None:
    only = clean.truth.sealed_rows("arrests", regimes=["us-ny/cpl-160.55"])
    assert 0 < only.sum() < clean.truth.sealed_rows("arrests").sum()


def test_tables_about_people_have_no_sealed_rows(clean: City) -> None:
    with pytest.raises(UsageError, match="not about arrests"):
        clean.truth.sealed_rows("people")


def test_no_representation_shows_a_row(clean: City) -> None:
    shown = repr(clean) + repr(clean.truth)
    assert not re.search(r"[MBKQS]\d{8}|\d{8}[A-Z]", shown)
