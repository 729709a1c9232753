"""Names that look derived, by their words; and names of real files and of the city that do not."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealscrub.datasets import City
from sealscrub.transforms.plans.column_names import looks_derived, words_of

DERIVED = {
    "count": "count",
    "priors_count": "priors",
    "priors_count.1": "priors",
    "juv_fel_count": "count",
    "arrestCount": "count",
    "ARREST_COUNTS": "counts",
    "Arrest Count": "count",
    "arrest-count": "count",
    "count2014": "count",
    "NYSIDCount": "count",
    "écolesCount": "count",
    "ＣＯＵＮＴ": "count",
    "num_arrests": "num",
    "numPriors": "num",
    "ser_num": "num",
    "n": "n",
    "n_coarrest": "n",
    "nArrests": "n",
    "N_ARRESTS": "n",
    "n2": "n",
    "days_since_last": "days",
    "c_days_from_compas": "days",
    "days_b_screening_arrest": "days",
    "prior_felony": "prior",
    "is_recid": "recid",
    "two_year_recid": "recid",
    "RecidivistFlag": "recidivist",
    "precinct_rate": "rate",
    "score_text": "score",
    "v_decile_score": "decile",
    "last_arrest": "last",
    "last_arrest_date": "last",
    "lastKnownFelonyArrest": "last",
    "date_of_last_arrest": "last",
    "arrests_last_year": "last",
    "first_offense": "first",
    "first_date": "first",
    "FIRST_SEEN": "first",
}
PLAIN = [
    "county",
    "account_id",
    "discount",
    "country",
    "number",
    "arrest_number",
    "Month Number",
    "custody_numeric",
    "addrnum",
    "ny",
    "name",
    "nysid",
    "sex_n",
    "in_n",
    "day",
    "birthday",
    "priority",
    "prioritised",
    "recidivism",
    "generated",
    "corporate",
    "rated",
    "underscore",
    "scored_by",
    "last_name",
    "first_name",
    "LastName",
    "firstname",
    "LAST_NM",
    "first_initial",
    "last_name_on_arrest",
    "first_names_at_booking",
    "last",
    "first",
    "arrest_last",
    "last_four",
    "first_line",
    "",
    "_",
    "123",
]


@pytest.mark.parametrize(("name", "word"), DERIVED.items())
def test_a_derived_name_is_told_by_its_word(name: str, word: str) -> None:
    assert looks_derived(name) == word


@pytest.mark.parametrize("name", PLAIN)
def test_a_plain_name_is_left_alone(name: str) -> None:
    assert looks_derived(name) == ""


def test_the_city_has_derived_names_in_its_training_file_only(city: City) -> None:
    found = {table: [name for name in frame.columns if looks_derived(name)] for table, frame in city.tables.items()}

    assert {table: names for table, names in found.items() if names} == {
        "training": ["priors_count", "days_since_last", "precinct_rate"]
    }


@pytest.mark.real
@pytest.mark.skipif(not os.environ.get("SEALSCRUB_REAL_DATA"), reason="SEALSCRUB_REAL_DATA names no folder")
def test_real_files_raise_no_false_alarm() -> None:
    folder = Path(os.environ["SEALSCRUB_REAL_DATA"])
    found = {path.stem: sum(map(bool, map(looks_derived, header(path)))) for path in sorted(folder.iterdir())}
    found = {name: count for name, count in found.items() if count}

    # ``ser_num`` of the stops is a serial number: by its words it can't be told from ``num_arrests``
    assert found == {"compas_two_years": 17, "nypd_stops_2014": 1, "nypd_stops_2015": 1}


def header(path: Path) -> list[str]:
    if path.suffix == ".parquet":
        return pl.read_parquet_schema(path).names()
    if path.suffix == ".csv":
        with path.open(encoding="latin-1", newline="") as file:
            return next(csv.reader(file))
    return []


@given(st.text())
def test_words_are_parts_of_any_name(name: str) -> None:
    words = words_of(name)

    assert all(words)
    assert words == tuple(word.lower() for word in words)


@given(st.lists(st.sampled_from(["arrest", "count", "county", "prior", "name", "last"]), min_size=1, max_size=4))
def test_every_way_to_join_words_is_read_alike(words: list[str]) -> None:
    camel = words[0] + "".join(word.capitalize() for word in words[1:])
    ways = ["_".join(words), "-".join(words), " ".join(words), ".".join(words), camel, "_".join(words).upper()]

    assert {words_of(way) for way in ways} == {tuple(words)}
    assert len({looks_derived(way) for way in ways}) == 1
