"""A proposal is a plan, says what it goes by, guesses nothing silently, and shows no value."""

from __future__ import annotations

import csv
import datetime as dt
import json
import random
import re
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.datasets import City, write_city
from sealscrub.errors import UsageError
from sealscrub.identifiers import Level, Scheme, Spelling, register_scheme
from sealscrub.transforms.plans.estate_plan import Plan
from sealscrub.transforms.plans.plan_file import parse_plan
from sealscrub.transforms.plans.plan_proposal import propose
from sealscrub.transforms.plans.plan_rules import read_rules
from sealscrub.transforms.plans.plan_spec import PlanSpec

GOLDENS = Path(__file__).parent / "goldens"
CITY_KEYS = {
    "arrests": {"arrest_number": "arrest_number", "cjtn": "cjtn", "photo": "photo_id"},
    "charges": {"arrest_number": "arrest_number"},
    "co_arrests": {"arrest_number": ("arrest_number_a", "arrest_number_b")},
    "dockets": {"docket": "docket", "arrest_number": "arrest_number", "cjtn": "cjtn"},
    "photos": {"photo": "photo_id", "arrest_number": "arrest_number"},
    "stops": {"arrest_number": "arrest_number"},
    "training": {"arrest_number": "arrest_no"},
    "vouchers": {"voucher": "voucher", "arrest_number": "arrest_number"},
}


def plan_of(text: str) -> PlanSpec:
    """Read a proposal as the program reads a plan."""
    spec = parse_plan(tomllib.loads(text))
    read_rules(spec)
    return spec


def questions(text: str, table: str) -> list[str]:
    """Give what is to be decided about a table, each with the proposal that is switched off below it."""
    part = re.split(r"^\[tables\.(?=\w+\]$)", text, flags=re.MULTILINE)
    mine = next(each for each in part if each.startswith(f"{table}]"))
    return re.split(r"^# DECIDE: ", mine, flags=re.MULTILINE)[1:]


def arrest_numbers(count: int, seed: int = 0) -> list[str]:
    drawn = random.Random(seed).sample(range(1, 1_000_000), count)
    return [f"K14{number:06d}" for number in drawn]


def write_estate(folder: Path, format: str = "parquet") -> None:
    """Write the estate of the issue, small: arrests, charges, people, features and a table of counts."""
    draw = random.Random(5)
    count, day = 600, dt.date(2014, 1, 1)
    people = [f"P{number:05d}x" for number in range(200)]
    arrests = pl.DataFrame(
        {
            "arrest_id": range(1000, 1000 + count),
            "arrest_no": arrest_numbers(count),
            "person_id": [draw.choice(people) for _ in range(count)],
            "arrest_date": [day + dt.timedelta(days=draw.randrange(900)) for _ in range(count)],
        }
    )
    charges = pl.DataFrame(
        {
            "charge_id": [f"C{number}" for number in range(count)],
            "arrest_id": [1000 + draw.randrange(count) for _ in range(count)],
        }
    )
    tables = {
        "arrests": arrests,
        "charges": charges,
        "hearings": charges.select("charge_id", hearing=pl.lit("trial")),
        "people": pl.DataFrame({"person_id": people, "born": [1980 + number % 20 for number in range(200)]}),
        "features": features_of(arrests),
        "precinct_month": pl.DataFrame({"precinct": [1, 2], "arrests": [7, 9]}),
    }
    for name, frame in tables.items():
        write(frame, folder / f"{name}.{format}")


def features_of(arrests: pl.DataFrame) -> pl.DataFrame:
    before = (pl.col("arrest_date") < pl.col("arrest_date_right")).sum().alias("priors_count")
    pairs = arrests.join(arrests, on="person_id").group_by("arrest_id_right").agg(before)
    counted = arrests.join(pairs, left_on="arrest_id", right_on="arrest_id_right", maintain_order="left")
    return counted.select("arrest_id", "person_id", "arrest_date", "priors_count", age=30, rearrested=True)


def write(frame: pl.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        frame.write_parquet(path)
    elif path.suffix == ".csv":
        frame.write_csv(path)
    else:
        frame.write_ndjson(path)


@pytest.fixture(scope="module", params=["parquet", "csv"])
def city_text(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("city")
    write_city(folder, arrests=2_000, seed=3, format=request.param)
    for path in folder.glob("truth/**/*"):
        path.unlink() if path.is_file() else None
    return propose(folder)


def test_the_keys_of_the_city_are_found(city_text: str) -> None:
    spec = plan_of(city_text)

    assert {name: table.keys for name, table in spec.tables.items() if table.keys} == CITY_KEYS


def test_people_of_the_city_go_as_orphans(city_text: str) -> None:
    (orphan,) = plan_of(city_text).tables["people"].orphan_of

    assert not isinstance(orphan, str)
    assert (orphan.table, orphan.columns, orphan.scheme) == ("arrests", {"nysid": "nysid"}, "nysid")


def test_what_is_to_be_decided_makes_the_check_fail(tmp_path: Path) -> None:
    write_city(tmp_path, arrests=300, seed=3)
    plan = tmp_path / "sealscrub.toml"
    plan.write_text(propose(tmp_path), "utf-8")
    check = Plan.from_toml(plan).check(recipes=False)

    problems = {table.name: len(table.problems) for table in check.tables if table.problems}
    assert check.exit_code == 2
    assert problems["training"] == 3
    assert {"aliases", "complaints", "narratives"} <= set(problems)
    assert not {"arrests", "charges", "dockets", "people", "photos", "stops", "vouchers"} & set(problems)


def test_an_estate_is_in_order_once_it_is_decided(tmp_path: Path) -> None:
    write_estate(tmp_path)
    text = propose(tmp_path)
    for line in (
        'independent = ""',
        "[tables.features.independent]",
        "[tables.features.derived]",
        'priors_count = "sel',
    ):
        assert f"# {line}" in text
        text = text.replace(f"# {line}", line)
    text = re.sub(r'^(?:# )?(\w+) = ""$', r'\1 = "no other record has a part in it"', text, flags=re.MULTILINE)
    people = 'orphan_of = { person_id = "arrests.person_id" }'
    assert people in text
    text = text.replace(people, f'{people}\naccept_null = "a person who was never arrested"')
    plan = tmp_path / "sealscrub.toml"
    plan.write_text(text, "utf-8")
    assert any("DECIDE" in problem for problem in Plan.from_toml(plan).check(recipes=False).problems)
    plan.write_text(text.replace("# DECIDE:", "# Decided:"), "utf-8")
    check = Plan.from_toml(plan).check()

    assert check.problems == []
    assert [table.problems for table in check.tables if table.problems] == []
    assert check.exit_code == 0


def test_derived_columns_of_the_city_are_named(city_text: str) -> None:
    (question,) = (each for each in questions(city_text, "training") if "computed from other records" in each)

    assert all(f'# {name} = "null"' in question for name in ("priors_count", "days_since_last", "precinct_rate"))
    assert '# rearrested_within_1y = ""' in question


def test_what_nothing_reaches_in_the_city_is_left_to_decide(city_text: str) -> None:
    rules = read_rules(plan_of(city_text))
    unreached = {name for name, rule in rules.items() if not rule.reached}

    assert unreached == {"aliases", "complaints", "narratives"}
    for name in unreached:
        assert any(text.startswith("nothing reaches this table") for text in questions(city_text, name))
        assert not rules[name].spec.independent


def test_the_custodians_notices_are_no_table(city_text: str) -> None:
    assert "notices" not in plan_of(city_text).tables
    assert re.search(r'# DECIDE: "notices\.\w+" is in no table: it looks like notices of seals', city_text)


def test_the_city_raises_the_questions_that_matter(city_text: str) -> None:
    assert any('on_match = "null"' in text and "arrest_number" in text for text in questions(city_text, "stops"))
    assert any('files = { column = "path"' in text for text in questions(city_text, "photos"))
    assert any(
        "an arrest is removed when all its dockets are sealed" in text for text in questions(city_text, "arrests")
    )
    assert any('"arrest_number_a" or "arrest_number_b"' in text for text in questions(city_text, "co_arrests"))


@pytest.mark.parametrize("format", ["parquet", "csv", "jsonl"])
def test_links_are_found_by_inclusion(tmp_path: Path, format: str) -> None:
    write_estate(tmp_path, format)
    spec = plan_of(propose(tmp_path))

    assert spec.tables["arrests"].keys == {"arrest_number": "arrest_no"}
    assert spec.tables["charges"].link == {"arrest_id": "arrests.arrest_id"}
    assert spec.tables["features"].link == {"arrest_id": "arrests.arrest_id"}
    assert spec.tables["hearings"].link == {"charge_id": "charges.charge_id"}
    assert spec.tables["people"].orphan_of == {"person_id": "arrests.person_id"}
    assert not read_rules(spec)["precinct_month"].reached


@pytest.mark.parametrize("format", ["parquet", "csv"])
def test_a_proposal_reads_as_its_golden_does(tmp_path: Path, format: str) -> None:
    write_estate(tmp_path, format)

    assert propose(tmp_path) == (GOLDENS / f"proposal_{format}.toml").read_text("utf-8")


def test_text_gets_types_where_all_values_are_written_so(tmp_path: Path) -> None:
    write(
        pl.DataFrame(
            {
                "arrest_no": arrest_numbers(40),
                "arrest_date": ["2014-02-03"] * 40,
                "seen_at": ["2014-02-03 10:11:12"] * 40,
                "priors_count": ["3"] * 40,
                "hit_rate": ["0.25"] * 40,
                "is_recid": ["true"] * 40,
                "days_open": ["007"] * 40,  # a leading zero is not a number
                "filed": ["02/03/2014"] * 40,
                "heard": ["2014-02-03"] * 39 + ["none"],
                "precinct": ["14"] * 40,
            }
        ),
        tmp_path / "arrests.csv",
    )
    text = propose(tmp_path)

    assert plan_of(text).tables["arrests"].types == {
        "arrest_date": "DATE",
        "seen_at": "TIMESTAMP",
        "priors_count": "BIGINT",
        "hit_rate": "DOUBLE",
        "is_recid": "BOOLEAN",
    }
    assert any('# types.heard = "DATE"' in question for question in questions(text, "arrests"))
    assert '# "filed": dates, not as ISO 8601 writes them' in text


def test_parquet_has_types_of_its_own(tmp_path: Path) -> None:
    write(pl.DataFrame({"arrest_no": arrest_numbers(9), "day": ["2014-02-03"] * 9}), tmp_path / "arrests.parquet")

    assert plan_of(propose(tmp_path)).tables["arrests"].types == {}


def test_a_name_alone_is_left_to_decide(tmp_path: Path) -> None:
    write(pl.DataFrame({"arrest_number": [f"{number}-x" for number in range(50)]}), tmp_path / "arrests.csv")
    text = propose(tmp_path)

    assert plan_of(text).tables["arrests"].keys == {}
    (question, *_) = questions(text, "arrests")
    assert "has the name of arrest_number, and 0% of its values parse" in question
    assert '# keys = { "opaque:NAMESPACE" = "arrest_number" }' in question


@pytest.mark.parametrize("share", [0.5, 0.9, 0.94])
def test_values_that_only_mostly_parse_are_left_to_decide(tmp_path: Path, share: float) -> None:
    numbers = arrest_numbers(100)
    good = round(share * 100)
    mixed = [*numbers[:good], *(f"??{number}" for number in range(100 - good))]
    write(pl.DataFrame({"arrest_number": mixed}), tmp_path / "arrests.csv")
    text = propose(tmp_path)

    assert plan_of(text).tables["arrests"].keys == {}
    assert f"{good}% of its values parse as one" in text
    assert '# keys = { arrest_number = "arrest_number" }' in text


def test_values_alone_are_left_to_decide(tmp_path: Path) -> None:
    write(pl.DataFrame({"reference": arrest_numbers(50)}), tmp_path / "log.csv")
    text = propose(tmp_path)

    assert plan_of(text).tables["log"].keys == {}
    assert '"reference" has another name, but 100% of its values parse as arrest_number' in " ".join(text.split())
    assert '# keys = { arrest_number = "reference" }' in text


def test_a_scheme_of_ones_own_is_found_by_its_name(tmp_path: Path) -> None:
    register_scheme(
        Scheme(name="harbor_pass", level=Level.ARREST, spellings=[Spelling(r"HP-(?P<serial>\d{5})", "{serial}")])
    )
    passes = [f"HP-{number}" for number in range(10_000, 10_050)]
    write(pl.DataFrame({"harbor_pass_no": passes, "pass": passes}), tmp_path / "passes.csv")

    assert plan_of(propose(tmp_path)).tables["passes"].keys == {"harbor_pass": "harbor_pass_no"}


OWN = {
    "harbor_docket": (r"HD-(?P<serial>\d{2})", [f"HD-{number}" for number in range(10, 60)]),
    "river_file": (r"(?P<year>\d{4})-RF-(?P<serial>\d{3})", [f"2014-RF-{number}" for number in range(100, 150)]),
}


@pytest.mark.parametrize("scheme", OWN)
@pytest.mark.parametrize("format", ["parquet", "csv", "jsonl"])
def test_a_scheme_of_ones_own_is_proposed_by_its_values(tmp_path: Path, scheme: str, format: str) -> None:
    pattern, values = OWN[scheme]
    register_scheme(Scheme(name=scheme, level=Level.ARREST, spellings=[Spelling(pattern)]))
    write(pl.DataFrame({"reference": values, "offense": ["THEFT"] * 50}), tmp_path / f"log.{format}")
    text = propose(tmp_path)

    assert plan_of(text).tables["log"].keys == {}
    assert f'"reference" has another name, but 100% of its values parse as {scheme}' in " ".join(text.split())
    assert f'# keys = {{ {scheme} = "reference" }}' in text


LOOSE = {"loose_digits": r"(?P<n>\d{5})", "loose_any": r"(?P<n>[A-Z0-9]{2,12})", "loose_words": r"(?P<n>[A-Z]+)"}


@pytest.mark.parametrize(("scheme", "pattern"), LOOSE.items())
def test_a_scheme_that_takes_plain_numbers_or_words_is_not_proposed_by_values(
    tmp_path: Path, scheme: str, pattern: str
) -> None:
    register_scheme(Scheme(name=scheme, level=Level.ARREST, spellings=[Spelling(pattern)]))
    write(pl.DataFrame({"postcode": ["10001"] * 50, "offense": ["THEFT"] * 50}), tmp_path / "log.csv")

    assert scheme not in propose(tmp_path)


def county_cases(counties: int = 5, cases: int = 40) -> pl.DataFrame:
    """Cases whose numbers are unique within a county, and the arrest of each."""
    rows = [(f"C{county}", number) for county in range(counties) for number in range(1, cases + 1)]
    return pl.DataFrame(rows, schema=["county", "case_no"], orient="row").with_columns(
        arrest_no=pl.Series(arrest_numbers(counties * cases)), filed=dt.date(2014, 1, 2)
    )


@pytest.mark.parametrize("format", ["parquet", "csv", "jsonl"])
def test_a_link_over_the_columns_that_two_tables_share_is_proposed(tmp_path: Path, format: str) -> None:
    cases = county_cases()
    write(cases, tmp_path / f"cases.{format}")
    write(pl.concat([cases, cases]).select("case_no", "county", offense=pl.lit("x")), tmp_path / f"charges.{format}")
    text = propose(tmp_path)

    (link,) = plan_of(text).tables["charges"].link
    assert not isinstance(link, str)
    assert (link.table, link.columns) == ("cases", {"case_no": "case_no", "county": "county"})
    assert '"case_no" and "county": 100% of the rows have values that are together in "cases"' in " ".join(
        text.replace("#", "").split()
    )


@pytest.mark.parametrize(("share", "asked"), [(0.7, True), (0.3, False)])
def test_shared_columns_whose_values_agree_in_part_are_left_to_decide(
    tmp_path: Path, share: float, asked: bool
) -> None:
    cases = county_cases()
    known = pl.int_range(pl.len()) < share * pl.len()
    rows = cases.select("county", case_no=pl.when(known).then("case_no").otherwise(pl.col("case_no") + 900))
    write(cases, tmp_path / "cases.parquet")
    write(rows, tmp_path / "charges.parquet")
    text = propose(tmp_path)

    assert plan_of(text).tables["charges"].link == {}
    proposed = '# link = [{ table = "cases", columns = { case_no = "case_no", county = "county" } }]'
    assert (proposed in text) == asked


@pytest.mark.parametrize("columns", [["county", "filed"], ["case_no", "filed"]])
def test_shared_columns_that_tell_no_rows_apart_are_no_link(tmp_path: Path, columns: list[str]) -> None:
    write(county_cases(), tmp_path / "cases.parquet")
    write(county_cases().select(columns), tmp_path / "charges.parquet")

    assert plan_of(propose(tmp_path)).tables["charges"].link == {}


@pytest.mark.parametrize(("twice", "linked"), [(4, True), (20, False)])
def test_shared_columns_are_a_link_where_they_tell_all_but_a_few_rows_apart(
    tmp_path: Path, twice: int, linked: bool
) -> None:
    cases = county_cases()
    write(pl.concat([cases, cases.head(twice)]), tmp_path / "cases.parquet")
    write(pl.concat([cases, cases]).select("case_no", "county", offense=pl.lit("x")), tmp_path / "charges.parquet")

    assert (plan_of(propose(tmp_path)).tables["charges"].link != {}) == linked


def test_a_person_is_no_key_and_with_the_arrest_date_is_one(tmp_path: Path) -> None:
    people = [f"{number:08d}Q" for number in range(10_000_001, 10_000_061)]
    frame = pl.DataFrame({"NYSID": people, "ARREST_DATE": ["01/15/2014"] * 60})
    write(frame, tmp_path / "pairs.csv")
    write(frame.select("NYSID"), tmp_path / "persons.csv")
    spec = plan_of(propose(tmp_path))

    (key,) = spec.tables["pairs"].keys
    assert not isinstance(key, str)
    assert (key.scheme, key.columns) == ("person_arrest", {"nysid": "NYSID", "date": "ARREST_DATE"})
    assert spec.tables["persons"].keys == {}


def test_one_more_key_beside_a_pair_is_a_line_of_its_list(tmp_path: Path) -> None:
    people = [f"{number:08d}Q" for number in range(10_000_001, 10_000_061)]
    rows = {"NYSID": people, "ARREST_DATE": ["01/15/2014"] * 60, "Arrest #": arrest_numbers(60)}
    write(pl.DataFrame(rows), tmp_path / "arrests.parquet")
    text = propose(tmp_path)

    keys = [line.removeprefix("# ") for line in text.splitlines() if "one more line of the keys" in line]
    assert len(keys) == 1
    decided = tomllib.loads(text.replace("\n]\n", f"\n    {keys[0]}\n]\n", 1))
    assert {"scheme": "arrest_number", "column": "Arrest #"} in decided["tables"]["arrests"]["keys"]


def test_equal_serial_numbers_are_no_link(tmp_path: Path) -> None:
    write(pl.DataFrame({"arrest_id": range(100), "arrest_no": arrest_numbers(100)}), tmp_path / "arrests.parquet")
    write(pl.DataFrame({"vehicle_id": range(50)}), tmp_path / "vehicles.parquet")
    text = propose(tmp_path)

    assert plan_of(text).tables["vehicles"].link == {}
    assert not any("link" in line for line in text.splitlines() if "arrests." in line)


def test_equal_ids_of_another_name_are_left_to_decide(tmp_path: Path) -> None:
    ids = [f"A{number}" for number in range(100)]
    write(pl.DataFrame({"arrest_key": ids, "arrest_no": arrest_numbers(100)}), tmp_path / "arrests.parquet")
    write(pl.DataFrame({"file_id": ids[:50]}), tmp_path / "files.parquet")
    text = propose(tmp_path)

    assert plan_of(text).tables["files"].link == {}
    assert any('# link = { file_id = "arrests.arrest_key" }' in each for each in questions(text, "files"))


def test_a_link_to_ids_that_stand_often_is_none(tmp_path: Path) -> None:
    numbers = arrest_numbers(100)
    twice = pl.DataFrame({"batch_id": [f"B{number // 2}" for number in range(100)], "arrest_no": numbers})
    write(twice, tmp_path / "arrests.parquet")
    write(pl.DataFrame({"batch_id": [f"B{number}" for number in range(50)]}), tmp_path / "batches.parquet")

    assert plan_of(propose(tmp_path)).tables["batches"].link == {}


def test_people_who_stand_often_are_left_to_decide(tmp_path: Path) -> None:
    write_estate(tmp_path)
    people = pl.read_parquet(tmp_path / "people.parquet")
    write(pl.concat([people, people, people]), tmp_path / "stops.parquet")
    text = propose(tmp_path)

    assert plan_of(text).tables["stops"].orphan_of == {}
    assert any("# orphan_of = " in each for each in questions(text, "stops"))


def test_a_share_is_the_same_however_many_rows_share_ids(tmp_path: Path) -> None:
    count = 20_000  # more ids than a sketch holds
    ids = [f"A{number}" for number in range(count)]
    write(pl.DataFrame({"arrest_id": ids, "arrest_no": arrest_numbers(count)}), tmp_path / "arrests.parquet")
    half = [*ids[::4], *(f"Z{number}" for number in range(count // 4))]
    write(pl.DataFrame({"arrest_id": half}), tmp_path / "charges.parquet")
    text = propose(tmp_path)

    (share,) = re.findall(r'"arrest_id": ([0-9.]+)% of its values are in "arrests.arrest_id"', text)
    assert 46 < float(share) < 54 or plan_of(text).tables["charges"].link == {}
    assert plan_of(text).tables["charges"].link == {}


def test_a_folder_of_parts_is_one_table(tmp_path: Path) -> None:
    frame = pl.DataFrame({"arrest_no": arrest_numbers(60)})
    for year in range(3):
        write(frame[year * 20 : year * 20 + 20], tmp_path / "arrests" / f"year={2014 + year}" / "part-0.parquet")
        write(frame[year * 20 : year * 20 + 20], tmp_path / f"stops_{2014 + year}.csv")
    write(frame, tmp_path / "other" / "one.csv")
    text = propose(tmp_path)
    spec = plan_of(text)

    assert {name: table.source for name, table in spec.tables.items()} == {
        "arrests": "arrests",
        "stops": "stops_*.csv",
        "other_one": "other/one.csv",
    }
    assert any(each.startswith("3 files with the same columns") for each in questions(text, "arrests"))


def test_files_of_other_columns_are_kept_apart(tmp_path: Path) -> None:
    write(pl.DataFrame({"a": [1]}), tmp_path / "stops_2014.csv")
    write(pl.DataFrame({"b": [1]}), tmp_path / "stops_2015.csv")

    sources = {table.source for table in plan_of(propose(tmp_path)).tables.values()}
    assert sources == {"stops_2014.csv", "stops_2015.csv"}


def test_what_is_no_table_is_listed(tmp_path: Path) -> None:
    write(pl.DataFrame({"a": [1]}), tmp_path / "good.csv")
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "torn.parquet").write_bytes(b"PAR1 no more")
    (tmp_path / "twice.csv").write_bytes(b"a,a\n1,2\n")
    (tmp_path / "notes.txt").write_bytes(b"Remember to ask the court.\n")
    (tmp_path / "lines.jsonl").write_bytes(b"")
    (tmp_path / "estate.duckdb").write_bytes(b"DUCK")
    (tmp_path / "torn.xlsx").write_bytes(b"PK")
    (tmp_path / "sheet.xls").write_bytes(b"old")
    (tmp_path / "elsewhere").symlink_to(tmp_path)
    (tmp_path / ".hidden.csv").write_bytes(b"a\n1\n")
    text = propose(tmp_path)

    assert set(plan_of(text).tables) == {"good"}
    for name in ("empty.csv", "torn.parquet", "torn.xlsx", "twice.csv", "notes.txt", "lines.jsonl", "elsewhere"):
        assert f'# DECIDE: "{name}" is in no table' in text
    assert '# DECIDE: "estate.duckdb" is a database' in text
    assert "(1 .xls)" in text
    assert "hidden" not in text


def test_nothing_to_propose_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no data file"):
        propose(tmp_path)
    with pytest.raises(UsageError, match="is not a folder"):
        propose(tmp_path / "absent")
    with pytest.raises(UsageError, match="at least one row"):
        propose(tmp_path, rows=0)


def test_a_table_without_rows_is_a_table(tmp_path: Path) -> None:
    (tmp_path / "arrests.csv").write_text("arrest_number,priors_count\n")
    text = propose(tmp_path)

    assert plan_of(text).tables["arrests"].keys == {}
    assert '# priors_count = "null"' in text
    assert "the table has no rows" in text


@pytest.mark.parametrize(
    "header",
    [
        f"{arrest_numbers(1)[0]},Doe,Jane",
        "Doe,Jane,34",
        "Doe,Jane,2014-01-15",
        "Doe,Jane,10000001Q",
        "Doe,Jane,2014KN012345",
    ],
)
def test_a_file_without_a_header_shows_nothing(tmp_path: Path, header: str) -> None:
    write(pl.DataFrame({"a": [1]}), tmp_path / "good.csv")
    (tmp_path / "bare.csv").write_text(f"{header}\nRoe,Richard,35\n")
    text = propose(tmp_path)

    assert '# DECIDE: "bare.csv" is in no table' in text
    assert not [word for word in header.split(",") if word in text]


def test_names_that_are_identifiers_are_shown_nowhere(tmp_path: Path) -> None:
    number, other = arrest_numbers(2)
    write(pl.DataFrame({"arrest_no": [other], number: [1]}), tmp_path / "wide.parquet")
    write(pl.DataFrame({"arrest_no": [other]}), tmp_path / f"photos_{number}.csv")
    (tmp_path / "objects.jsonl").write_text(f'{{"{other}": 1, "{number}": 2}}\n')
    text = propose(tmp_path)

    assert number not in text
    assert other not in text
    assert "1 column has a name that looks like a value" in text
    assert plan_of(text).tables["photos_k"].source == "photos_K????????.csv"


@pytest.mark.parametrize("format", ["parquet", "csv", pytest.param("jsonl", marks=pytest.mark.long)])
def test_no_value_of_any_row_is_shown(tmp_path: Path, city: City, format: str) -> None:
    for name, frame in city.tables.items():
        write(frame.head(100), tmp_path / f"{name}.{format}")
    write(pl.DataFrame({"arrest_number": ["CANARY-77"] * 30, "note": ["CANARY"] * 30}), tmp_path / f"odd.{format}")
    text = propose(tmp_path)

    names = {*city.tables, *(column for frame in city.tables.values() for column in frame.columns)}
    seen = set(re.findall(r"[A-Za-z0-9_-]{5,}", text)) - names
    leaks = {value for frame in city.tables.values() for value in texts_of(frame.head(100)) if value in seen}
    assert leaks == set()
    assert "CANARY" not in text


def texts_of(frame: pl.DataFrame) -> Iterator[str]:
    for column in frame:
        if column.name not in ("text", "event", "basis"):  # words that the proposal may use as well
            yield from (value for value in column.cast(pl.String).drop_nulls().unique() if len(value) > 4)


def test_a_canary_in_a_damaged_file_is_not_shown(tmp_path: Path) -> None:
    write(pl.DataFrame({"a": [1]}), tmp_path / "good.csv")
    (tmp_path / "quote.csv").write_bytes(b'arrest_no,b\nCANARY,x"CANARY\n')
    (tmp_path / "wide.csv").write_bytes(b"arrest_no,b\nCANARY,1,CANARY\n")
    (tmp_path / "odd.jsonl").write_bytes(b'{"arrest_no": "CANARY"}\n{"arrest_no": CANARY}\n')
    (tmp_path / "latin.csv").write_bytes(b"arrest_no,b\nCANARY\xe9,1\n")
    text = propose(tmp_path)

    assert set(plan_of(text).tables) == {"good"}
    assert "CANARY" not in text


def test_every_line_that_is_switched_on_has_its_evidence_above(city_text: str) -> None:
    lines = city_text.splitlines()
    rules = [at for at, line in enumerate(lines) if line.startswith(("keys", "link", "orphan_of", "types"))]

    assert len(rules) > 8
    assert all(lines[at - 1].startswith("# ") and "DECIDE:" not in lines[at - 1] for at in rules)


def test_the_same_folder_gives_the_same_text(tmp_path: Path) -> None:
    write_estate(tmp_path)

    assert propose(str(tmp_path)) == propose(tmp_path)


def test_few_rows_are_enough_to_read(tmp_path: Path) -> None:
    write_estate(tmp_path)

    assert plan_of(propose(tmp_path, rows=1)).tables["arrests"].keys == {"arrest_number": "arrest_no"}


names = st.one_of(
    st.sampled_from(["arrest_no", "person_id", "priors_count", "last_arrest", "path", "a.b", "k=v", 'qu"ote', "[x]"]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12),
)


@st.composite
def tables(draw: st.DrawFn) -> dict[str, list[Any]]:
    columns = draw(st.lists(names, min_size=1, max_size=6, unique=True))
    rows = draw(st.integers(0, 4))
    values = st.one_of(st.integers(-5, 10**9), st.sampled_from(["K14612345", "x", "", "2014-01-02"]).map(str))
    return {column: draw(st.lists(values.map(str), min_size=rows, max_size=rows)) for column in columns}


@settings(max_examples=25, deadline=None)
@given(tables=st.lists(tables(), min_size=1, max_size=3), stems=st.lists(names, min_size=3, max_size=3, unique=True))
def test_a_proposal_for_any_files_is_a_plan(tables: Sequence[dict[str, list[Any]]], stems: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        pl.DataFrame({"a": [1]}).write_parquet(folder / "good.parquet")
        for number, (table, stem) in enumerate(zip(tables, stems, strict=False)):
            path = folder / f"{number}{stem.replace('/', '_')[:8]}"
            frame = pl.DataFrame(table, schema=dict.fromkeys(table, pl.String))
            frame.write_parquet(f"{path}.parquet")
            write_rows(Path(f"{path}.csv"), table)
            Path(f"{path}.jsonl").write_text("\n".join(map(json.dumps, frame.to_dicts())))
        text = propose(folder)
        plan = plan_of(text)

    assert len(plan.tables) >= 1 + len(tables)
    assert "K14612345" not in text
    assert text.isprintable() or set(filter(lambda char: not char.isprintable(), text)) == {"\n"}


def write_rows(path: Path, table: dict[str, list[Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([list(table), *zip(*table.values(), strict=True)])
