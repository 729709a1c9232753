"""What real files hold where a name or a date should stand."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from sealscrub.custodian.linkage import FIELDS, LinkModel, best_rows, link, starting_model
from sealscrub.errors import ColumnError, SealscrubError, UsageError

from .conftest import SEAL, records


def band(row: dict[str, str | None], model: LinkModel, seal: dict[str, str | None] = SEAL) -> str | None:
    """What becomes of a row that differs from the seal in these fields."""
    pairs = link(records(seal), records({**seal, **row}), model).pairs
    return pairs["band"][0] if pairs.height else None


@pytest.mark.parametrize(
    "row",
    [
        {"last_name": "Kelmagánt"},
        {"last_name": "KELMAGNAT", "first_name": "B"},
        {"last_name": "KELMAGANT-MARSH"},
        {"last_name": "MARSH"},
        {"last_name": "BELORA", "first_name": "KELMAGANT"},
        {"last_name": "KELMAGANT JR"},
        {"last_name": "KELMAGANT, BELORA", "first_name": None},
        {"last_name": "UNKNOWN"},
        {"last_name": None},
        {"birth_date": "31/07/1984", "charge": None},
        {"birth_date": "1984-07-13"},
        {"birth_date": "1984-01-01"},
        {"arrest_date": "2019-03-06"},
        {"arrest_date": "03/04/2019", "charge": "ASSAULT 3"},
        {"charge": None, "sex": None},
        {"nysid": "UNKNOWN"},
    ],
)
def test_one_error_does_not_lose_a_record(row: dict[str, str | None], model: LinkModel) -> None:
    assert band(row, model) == "sealed"


@pytest.mark.parametrize(
    "row",
    [
        {"arrest_date": "2019-03-07"},
        {"arrest_date": "2021-08-01"},
        {"first_name": "TORVEN", "birth_date": "1951-02-11", "sex": "M"},
        {"first_name": "TORVEN", "last_name": "MARSH", "charge": None},
        {"last_name": "DOE", "first_name": "JANE", "birth_date": "1900-01-01"},
    ],
)
def test_another_arrest_or_another_person_is_nothing(row: dict[str, str | None], model: LinkModel) -> None:
    assert band(row, model) is None


@pytest.mark.parametrize(
    "date",
    [
        "2019-03-04T23:50:00Z",
        "2019-03-04 23:50:00.125+00:00",
        "2019-03-04T23:50-0500",
        "20190304.0",
        "4-Mar-2019",
        "04MAR2019",
        "04.03.2019",
        "4.3.2019",
        "04.03.2019 23:50",
    ],
)
def test_a_day_that_can_be_meant_in_one_way_alone_is_read(date: str, model: LinkModel) -> None:
    row = {**SEAL, "arrest_date": date, "birth_date": date}
    whole = {**SEAL, "arrest_date": "2019-03-04", "birth_date": "2019-03-04"}

    levels = {field: level for field, level, _ in model.waterfall(whole, row)}

    assert (levels["arrest_date"], levels["birth_date"]) == ("same_day", "exact")


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize(
    "date",
    [
        *(None, "", "UNKNOWN", "2019", "0000-00-00", "1900-01-01", "13/45/2019"),
        *("3/4/19", "43528", "43528.0", "1551657600", "03.13.2019", "4-Mrz-2019", "20191345.0", "4.3.19", "04.03.9999"),
    ],
)
@pytest.mark.parametrize("side", ["seal", "row"])
def test_without_a_day_a_person_is_reviewed_and_never_sealed(date: str | None, side: str, model: LinkModel) -> None:
    damaged = {**SEAL, "nysid": "41961777A", "arrest_date": date}
    whole = {**SEAL, "nysid": "41961777A"}
    seal, row = (damaged, whole) if side == "seal" else (whole, damaged)

    assert link(records(seal), records(row), model).pairs["band"].to_list() == ["review"]


@pytest.mark.parametrize("name", ["UNKNOWN", "BABY BOY", "DOE", "N/A", "--", "123", "", " "])
def test_a_stand_in_for_a_name_links_nobody(name: str, model: LinkModel) -> None:
    eager = replace(model, lower=-40.0)
    nobody = {"last_name": name, "first_name": name, "arrest_date": "2019-03-04", "birth_date": "1984-07-31"}
    found = best_rows(records(nobody), records(nobody), eager)

    assert found["weight"].item() == pytest.approx(model.prior + model.weights["birth_date"]["exact"])


def test_a_twin_is_not_taken_for_the_other_one(model: LinkModel) -> None:
    assert band({"first_name": "TORVEN", "charge": "ASSAULT 3"}, model) in (None, "review")


@pytest.mark.parametrize(("one", "other"), [("TYRELL", "TYRESE"), ("SHANICE", "SHANIQUA"), ("MARCUS", "MARQUIS")])
def test_twins_with_similar_names_are_for_a_clerk_unless_one_number_is_common(
    one: str, other: str, model: LinkModel
) -> None:
    assert band({"first_name": other}, model, {**SEAL, "first_name": one}) == "review"
    number = {"nysid": "41961777A"}
    assert band({"first_name": other, **number}, model, {**SEAL, "first_name": one, **number}) == "sealed"


@pytest.mark.parametrize(
    ("seal", "row", "level"),
    [
        ("1984-07-08", "1984-08-07", "exchanged"),
        ("1984-01-01", "1984-01-01", "year_alone"),
        ("1984-07-31", "1984-01-01", "year_alone"),
        ("1900-01-01", "1900-01-01", None),
        ("1900-07-31", "1900-07-31", None),
    ],
)
def test_a_birth_date_that_is_written_where_none_is_known_is_not_one(
    seal: str, row: str, level: str | None, model: LinkModel
) -> None:
    levels = {field: name for field, name, _ in model.waterfall({"birth_date": seal}, {"birth_date": row})}

    assert levels.get("birth_date") == level
    assert band({"birth_date": row}, model, {**SEAL, "birth_date": seal}) == "sealed"


@pytest.mark.parametrize(
    ("seal", "row", "expected"),
    [
        ({}, {"last_name": "KELMAGANT BELORA", "first_name": None}, "sealed"),
        ({}, {"last_name": None, "first_name": "BELORA KELMAGANT"}, "sealed"),
        ({}, {"last_name": "BELORA KELMAGANT", "first_name": None}, "sealed"),
        ({"first_name": None}, {}, "sealed"),
        ({"first_name": None, "birth_date": None}, {}, "review"),
    ],
)
def test_one_word_for_a_name_or_both_in_one_column(
    seal: dict[str, str | None], row: dict[str, str | None], expected: str, model: LinkModel
) -> None:
    assert band(row, model, {**SEAL, **seal}) == expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"birth_date": None}, "review"),
        ({"birth_date": "1955-02-11"}, "review"),
        ({"birth_date": "1984-02-11"}, "review"),
        ({}, "sealed"),
        ({"birth_date": None, "nysid": "41961777A"}, "sealed"),
    ],
)
def test_a_senior_and_a_junior_who_were_arrested_together_are_for_a_clerk(
    more: dict[str, str | None], expected: str, model: LinkModel
) -> None:
    junior = {**SEAL, "last_name": "KELMAGANT JR", "nysid": more.get("nysid")}

    assert band({"last_name": "KELMAGANT SR", **more}, model, junior) == expected
    assert band({"last_name": "KELMAGANT", "first_name": "BELORA, SR", **more}, model, junior) == expected


def test_of_two_arrests_on_a_day_both_are_found_and_the_one_of_the_charge_weighs_more(model: LinkModel) -> None:
    pairs = link(records(SEAL), records(SEAL, {**SEAL, "charge": "ASSAULT 3"}), model).pairs
    two_seals = link(records(SEAL, {**SEAL, "charge": "ASSAULT 3"}), records(SEAL), model).pairs

    assert pairs["band"].to_list() == two_seals["band"].to_list() == ["sealed", "sealed"]
    assert pairs["weight"][0] > pairs["weight"][1]


def test_a_name_in_another_script_is_not_the_same_in_latin_letters_without_an_alias(model: LinkModel) -> None:
    cyrillic = {**SEAL, "last_name": "Шевченко", "first_name": "Юлия"}
    latin = {**cyrillic, "last_name": "SHEVCHENKO", "first_name": "YULIA"}
    assert band(latin, model, cyrillic) != "sealed"
    pairs = link(records({**cyrillic, "id": "s"}, {**latin, "id": "s"}), records(latin), model).pairs
    assert pairs["band"].to_list() == ["sealed"]


def test_a_number_of_two_people_seals_neither_against_their_names(model: LinkModel) -> None:
    seal = {**SEAL, "nysid": "41961777A"}
    other = {"last_name": "MARSH", "first_name": "TORVEN", "birth_date": "1951-02-11", "sex": "M", "charge": None}

    assert band(other, model, seal) != "sealed"


def test_two_numbers_of_one_person_do_not_lose_the_record(model: LinkModel) -> None:
    assert band({"nysid": "90232786H"}, model, {**SEAL, "nysid": "41961777A"}) == "sealed"


def test_an_alias_that_is_somebody_elses_name_does_not_seal_them(model: LinkModel) -> None:
    seals = records({**SEAL, "id": "s"}, {**SEAL, "id": "s", "last_name": "MARSH", "first_name": "TORVEN"})
    namesake = {**SEAL, "last_name": "MARSH", "first_name": "TORVEN", "birth_date": "1951-02-11", "sex": "M"}

    pairs = link(seals, records(SEAL, namesake, {**SEAL, "last_name": "MARSH", "first_name": "TORVEN"}), model).pairs

    assert pairs.filter(pl.col("band") == "sealed")["row"].to_list() == ["0", "2"]
    assert pairs["seal"].to_list() == ["s"] * pairs.height


def test_other_scripts_compare_letter_by_letter(model: LinkModel) -> None:
    seal = {**SEAL, "last_name": "Иванов", "first_name": "李小龙"}

    assert band({}, model, seal) == "sealed"
    assert band({"last_name": "李", "first_name": "Мария", "birth_date": "1951-02-11"}, model, seal) is None


_LETTERS = st.text(st.characters(categories=("Lu", "Lo")), min_size=1, max_size=4)


@settings(max_examples=150, deadline=None)
@given(last=_LETTERS, first=_LETTERS | st.none(), day=st.sampled_from(["2019-03-04", None]))
@example(last="LI", first="BO", day="2019-03-04")
@example(last="李", first="波", day=None)
@example(last="O", first=None, day="2019-03-04")
def test_records_of_equal_names_and_day_are_compared_however_short_their_names(
    last: str, first: str | None, day: str | None
) -> None:
    model = replace(starting_model(), lower=-100.0)
    record = {"last_name": last, "first_name": first, "arrest_date": day}
    named = {field for field, *_ in model.waterfall(record, record)} & {"last_name", "first_name"}
    assume(len(named) == 2 or (named and day))  # a person of one name and no day is nobody

    assert link(records(record), records(record), model).pairs.height == 1


@pytest.mark.parametrize(("last", "first"), [("LI", "BO"), ("WU", "YI"), ("李", "波"), ("O", "Y")])
def test_short_names_seal_as_long_ones_do(last: str, first: str, model: LinkModel) -> None:
    seal = {**SEAL, "last_name": last, "first_name": first, "birth_date": None}

    assert band({}, model, seal) == "sealed"
    assert band({"first_name": last, "last_name": first}, model, seal) == "sealed"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"arrest_date": "2019-03-06", "charge": "MURDER"}, "review"),
        ({"arrest_date": "2019-03-05", "charge": "MURDER", "nysid": "41961777A"}, "review"),
        ({"arrest_date": "2019-03-04", "charge": "MURDER"}, "sealed"),
        ({"arrest_date": "2019-03-06", "charge": "PETIT LARCENY"}, "sealed"),
        ({"arrest_date": "2019-03-06", "charge": "PETIT LARCENEY"}, "sealed"),
        ({"arrest_date": "2019-03-06", "charge": None}, "sealed"),
    ],
)
def test_another_day_with_another_charge_is_reviewed(
    row: dict[str, str | None], expected: str, model: LinkModel
) -> None:
    assert band(row, model, {**SEAL, "nysid": "41961777A"}) == expected


def test_a_constant_column_and_one_giant_block_are_compared_whole(model: LinkModel) -> None:
    rows = records(*({"last_name": "SMITH", "first_name": "ANN", "arrest_date": "2019-03-04"} for _ in range(3000)))
    seals = records(*({"last_name": "SMITH", "first_name": "ANN", "arrest_date": "2019-03-04"} for _ in range(3)))

    assert link(seals, rows, model).pairs.height == 9000


@pytest.mark.parametrize(("seals", "rows"), [(0, 5), (5, 0), (0, 0), (1, 1)])
def test_empty_sides_link_nothing(seals: int, rows: int, model: LinkModel) -> None:
    pairs = link(records(*[SEAL] * seals), records(*[SEAL] * rows), model).pairs
    best = best_rows(records(*[SEAL] * seals), records(*[SEAL] * rows), model)

    assert pairs.height == best.height == seals * rows
    assert pairs.schema == {"seal": pl.String, "row": pl.String, "weight": pl.Float64, "band": pl.String}
    assert best.columns == ["seal", "rank", "row", "weight"]


def test_fields_that_nobody_has_are_left_out(model: LinkModel) -> None:
    narrow = records(SEAL).select("id", "last_name", "first_name", "birth_date", "arrest_date")

    assert link(narrow, narrow, model).pairs["band"].to_list() == ["sealed"]
    assert link(narrow.select("id"), narrow.select("id"), model).pairs.is_empty()


@pytest.mark.parametrize(
    ("change", "kind", "says"),
    [
        (lambda rows: rows.drop("id"), ColumnError, "there is no column 'id'"),
        (lambda rows: pl.concat([rows, rows]), UsageError, "an id appears twice"),
        (lambda rows: rows.with_columns(id=pl.lit(None, pl.String)), UsageError, "has no id"),
        (lambda rows: rows.with_columns(sex=pl.lit(1)), UsageError, "reads text, not Int32"),
        (lambda rows: rows.with_columns(height=pl.lit("5")), ColumnError, "does not compare"),
        (lambda rows: rows.to_pandas(), UsageError, "reads a polars.DataFrame, not pandas.DataFrame"),
    ],
)
def test_a_frame_that_is_not_of_records_is_refused_without_its_values(
    change: Callable[[pl.DataFrame], pl.DataFrame], kind: type[SealscrubError], says: str, model: LinkModel
) -> None:
    rows = change(records(SEAL))

    with pytest.raises(kind, match=says) as caught:
        link(records(SEAL), rows, model)

    assert "KELMAGANT" not in str(caught.value)
    assert len(FIELDS) == 9


def test_linking_does_not_load_pandas() -> None:
    program = (
        "import sys, polars as pl\n"
        "from sealscrub.custodian.linkage import link, starting_model\n"
        "one = pl.DataFrame({'id': ['1'], 'last_name': ['QUILL'], 'arrest_date': ['2019-03-04']})\n"
        "link(one, one, starting_model())\n"
        "sys.exit('pandas' in sys.modules)"
    )

    subprocess.run([sys.executable, "-c", program], check=True)
