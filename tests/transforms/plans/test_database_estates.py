"""Estates in databases: a plan over DuckDB, SQLite and PostgreSQL gives what it gives over frames."""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb
import polars as pl
import pytest

from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError, UsageError
from sealscrub.tables.database.stores import kept_schemas
from sealscrub.transforms.plans import Plan

NUMBERS = [f"K14{at:06d}" for at in range(1, 61)]
SEALED = NUMBERS[::3]
ARRESTS = pl.DataFrame(
    {
        "arrest_id": range(60),
        "arrest_no": NUMBERS,
        "person": [at % 9 for at in range(60)],
        "day": [dt.date(2014, 1, 1) + dt.timedelta(at * 7 % 31) for at in range(60)],
    },
    schema_overrides={"arrest_id": pl.Int64, "person": pl.Int64},
)
CHARGES = pl.DataFrame(
    {"charge_id": range(120), "arrest_id": [at % 60 for at in range(120)], "law": ["PL 155.25"] * 120},
    schema_overrides={"charge_id": pl.Int64, "arrest_id": pl.Int64},
)


def people_of(arrests: pl.DataFrame) -> pl.DataFrame:
    counts = arrests.group_by("person").agg(arrests=pl.len().cast(pl.Int64), first=pl.col("day").min())
    return counts.sort("person")


def tables(arrests: str, charges: str, people: str) -> dict[str, Any]:
    return {
        "version": 1,
        "tables": {
            "arrests": {"source": arrests, "keys": {"arrest_number": "arrest_no"}},
            "charges": {"source": charges, "link": {"arrest_id": "arrests.arrest_id"}},
            "people": {
                "source": people,
                "orphan_of": {"person": "arrests.person"},
                "derived": {
                    "arrests": "select count(*) from arrests a where a.person = this.person",
                    "first": "select min(a.day) from arrests a where a.person = this.person",
                },
            },
        },
    }


def expected() -> dict[str, pl.DataFrame]:
    arrests = ARRESTS.filter(~pl.col("arrest_no").is_in(SEALED))
    charges = CHARGES.filter(pl.col("arrest_id").is_in(arrests["arrest_id"].to_list()))
    return {"arrests": arrests, "charges": charges, "people": people_of(arrests)}


def test_the_frames_are_the_measure() -> None:
    plan = Plan.from_dict(tables("a", "c", "p"))
    frames = {"arrests": ARRESTS, "charges": CHARGES, "people": people_of(ARRESTS)}
    scrubbed = plan.scrub(frames, example_index(SEALED))

    for name, frame in expected().items():
        assert scrubbed[name].equals(frame)


@pytest.fixture
def mixed(tmp_path: Path) -> Plan:
    """Arrests and people in a DuckDB file, charges in an SQLite file."""
    people = people_of(ARRESTS)  # noqa: F841 - DuckDB finds it by its name
    with duckdb.connect(tmp_path / "estate.duckdb") as database:
        database.execute("CREATE TABLE arrests AS SELECT * FROM ARRESTS")
        database.execute("CREATE TABLE people AS SELECT * FROM people")
        database.execute("CREATE TABLE other AS SELECT 1 AS one")
    with sqlite3.connect(tmp_path / "charges.sqlite") as charges:
        charges.execute("CREATE TABLE charges (charge_id INTEGER PRIMARY KEY, arrest_id INTEGER, law TEXT)")
        charges.executemany("INSERT INTO charges VALUES (?, ?, ?)", CHARGES.rows())
    charges.close()
    parsed = tables("estate.duckdb#arrests", "charges.sqlite#charges", "estate.duckdb#people")
    return Plan.from_dict(parsed, root=tmp_path)


def test_files_of_databases_are_written_anew(mixed: Plan, tmp_path: Path) -> None:
    assert mixed.check().ok
    report = mixed.scrub(index=example_index(SEALED), output=tmp_path / "clean")
    with duckdb.connect(tmp_path / "clean" / "estate.duckdb", read_only=True) as database:
        found = {name: database.sql(f"SELECT * FROM {name} ORDER BY 1").pl() for name in ("arrests", "people")}
    with sqlite3.connect(tmp_path / "clean" / "charges.sqlite") as charges:
        rows = charges.execute("SELECT * FROM charges ORDER BY rowid").fetchall()
    charges.close()

    assert found["arrests"].equals(expected()["arrests"])
    assert found["people"].equals(expected()["people"])
    assert rows == expected()["charges"].rows()
    assert any("other" in warning for warning in report.warnings)
    written = b"".join(path.read_bytes() for path in (tmp_path / "clean").rglob("*") if path.is_file())
    assert not any(number.encode() in written for number in SEALED)


def test_a_database_outside_of_the_folder_is_refused(mixed: Plan, tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    parsed = tables("../estate.duckdb#arrests", "../charges.sqlite#charges", "../estate.duckdb#people")
    with pytest.raises(ConfigError, match="outside"):
        Plan.from_dict(parsed, root=tmp_path / "inside").check()


def test_ids_of_a_type_that_lists_them_are_refused(tmp_path: Path) -> None:
    with duckdb.connect(tmp_path / "listed.duckdb") as database:
        database.execute(f"CREATE TABLE arrests (arrest_no ENUM('{NUMBERS[0]}', '{NUMBERS[1]}'), person INT)")
    arrests = {"source": "listed.duckdb#arrests", "keys": {"arrest_number": "arrest_no"}}
    with pytest.raises(ConfigError, match="lists its values") as refused:
        Plan.from_dict({"version": 1, "tables": {"arrests": arrests}}, root=tmp_path).check()

    assert NUMBERS[0] not in str(refused.value)


@pytest.fixture
def schema() -> Iterator[str]:
    """A schema of a PostgreSQL server, with the tables."""
    import psycopg

    url = os.environ["SEALSCRUB_POSTGRES_URL"].replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as server:
        for name in ("estate_in", "estate_clean"):
            server.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")
        server.execute("CREATE SCHEMA estate_in")
        server.execute("CREATE TABLE estate_in.arrests (arrest_id bigint, arrest_no text, person bigint, day date)")
        server.execute("CREATE TABLE estate_in.charges (charge_id bigint PRIMARY KEY, arrest_id bigint, law text)")
        server.execute("CREATE TABLE estate_in.people (person bigint, arrests bigint, first date)")
        for name, frame in (("arrests", ARRESTS), ("charges", CHARGES), ("people", people_of(ARRESTS))):
            slots = ", ".join(["%s"] * frame.width)
            with server.cursor() as cursor:
                cursor.executemany(f"INSERT INTO estate_in.{name} VALUES ({slots})", frame.rows())
        yield url
        for (name,) in server.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'estate%'").fetchall():
            server.execute(f'DROP SCHEMA "{name}" CASCADE')


def parsed_sources(plan: dict[str, Any]) -> list[str]:
    return [table["source"] for table in plan["tables"].values()]


@pytest.mark.postgres
def test_a_schema_is_written_beside_the_one_that_is_read(
    schema: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg

    monkeypatch.setenv("ESTATE_URL", schema)
    host = urlsplit(schema).hostname or ""
    parsed = tables(*(f"${{ESTATE_URL}}#estate_in.{name}" for name in ("arrests", "charges", "people")))
    plan = Plan.from_dict(parsed, root=tmp_path)
    with pytest.raises(ConfigError, match="not allowed"):
        plan.check()
    hosts = [host]
    assert plan.check(allow_database=hosts).ok
    plan.scrub(index=example_index([]), output=tmp_path / "estate_clean", allow_database=hosts)
    with pytest.raises(UsageError, match="schema of this name"):
        plan.scrub(index=example_index(SEALED), output=tmp_path / "estate_clean", allow_database=hosts)
    report = plan.scrub(
        index=example_index(SEALED), output=tmp_path / "estate_clean", replace=True, allow_database=hosts
    )
    with pytest.raises(UsageError, match="replace the input"):
        plan.scrub(index=example_index(SEALED), output=tmp_path / "estate_in", replace=True, allow_database=hosts)
    with psycopg.connect(schema) as server:
        for name, frame in expected().items():
            assert server.execute(f"SELECT * FROM estate_clean.{name} ORDER BY 1").fetchall() == frame.rows()
        names = [
            row[0] for row in server.execute("SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_'").fetchall()
        ]
        (rows,) = server.execute("SELECT count(*) FROM estate_in.arrests").fetchone() or (0,)

    assert rows == 60
    assert sorted(name.split("_2")[0] for name in names if name.startswith(("estate", "sealscrub"))) == [
        "estate_clean",
        "estate_clean_earlier",
        "estate_in",
    ]
    assert any("estate_clean_earlier" in warning for warning in report.warnings)
    kept, unasked = kept_schemas(parsed_sources(parsed), tmp_path, "estate_clean", hosts)
    assert [name.rpartition("_")[0] for _, name in kept] == ["estate_clean_earlier"]
    assert unasked == []
    refused, unasked = kept_schemas(parsed_sources(parsed), tmp_path, "estate_clean", [])
    assert (refused, len(unasked)) == ([], 1)
    assert not (tmp_path / "estate_clean").exists()
