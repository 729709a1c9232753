"""A table of a database is certified by its address: its rows, and what its declaration says."""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

import sealscrub as ss
from sealscrub.certificates import State, content_digest, structure_digest
from sealscrub.errors import SealedElsewhere
from sealscrub.validators.certification import verify
from sealscrub.validators.certification.certificate_issue import StillSealed

from .conftest import CLEAN, ON, SEALED, Office

ID = SEALED[0]


class Database:
    """A database with one table of clean rows."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind, self.file = kind, folder / f"city.{kind}"
        self.url = os.environ.get("SEALSCRUB_POSTGRES_URL", "").replace("+psycopg", "")
        self.schema = f"certified_{secrets.token_hex(4)}"
        self.table = f"{self.schema}.arrests" if kind == "postgresql" else "arrests"
        self.address = f"{self.url}#{self.table}" if kind == "postgresql" else f"{self.file}#{self.table}"

    def run(self, *statements: str) -> None:
        with contextlib.closing(self._connection()) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.commit()

    def _connection(self) -> Any:
        if self.kind != "postgresql":
            return (duckdb if self.kind == "duckdb" else sqlite3).connect(str(self.file))
        import psycopg

        return psycopg.connect(self.url)


@pytest.fixture(params=["duckdb", "sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def city(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    made = Database(request.param, tmp_path)
    if made.kind == "postgresql":
        made.run(f"CREATE SCHEMA {made.schema}")
    rows = ", ".join(f"('{number}', {at})" for at, number in enumerate(CLEAN))
    made.run(f"CREATE TABLE {made.table} (arrest_no VARCHAR, n BIGINT)", f"INSERT INTO {made.table} VALUES {rows}")
    yield made
    if made.kind == "postgresql":
        made.run(f"DROP SCHEMA {made.schema} CASCADE")


def test_a_table_is_certified_by_its_address(office: Office, city: Database) -> None:
    issued = office.issue(city.address, name="city#arrests", receipts=True)
    certificate = office.opened(issued.certificate)

    assert (
        issued.statement.content() == content_digest(pl.DataFrame({"arrest_no": CLEAN, "n": range(len(CLEAN))})).value
    )
    assert set(issued.statement.structures()) == {"database"}
    assert verify(certificate, data=city.address, index=office.index).levels[1].state is State.REACHED
    city.run(f"ALTER TABLE {city.table} ADD COLUMN more BIGINT DEFAULT 1")
    assert verify(certificate, data=city.address).levels[1].state is State.FAILED


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize(
    "statement",
    [
        f"ALTER TABLE %s ADD COLUMN more VARCHAR DEFAULT '{ID}'",
        f"CREATE INDEX {ID} ON %s (n)",
        f"COMMENT ON TABLE %s IS 'without {ID}'",
        f"COMMENT ON COLUMN %s.n IS 'without {ID}'",
        f"CREATE TRIGGER {ID} AFTER DELETE ON %s BEGIN SELECT 1; END",
    ],
    ids=["default", "index", "comment", "column comment", "trigger"],
)
def test_what_declares_the_table_names_no_sealed_record(office: Office, city: Database, statement: str) -> None:
    if statement.startswith("COMMENT" if city.kind == "sqlite" else "CREATE TRIGGER"):
        pytest.skip("the engine has no such statement")
    before = structure_digest(city.address)
    city.run(statement % city.table)
    if "DEFAULT" in statement:
        city.run(f"UPDATE {city.table} SET more = NULL")

    assert structure_digest(city.address) != before
    with pytest.raises(StillSealed):
        office.issue(city.address)
    report = ss.scan(city.address, office.index, ON)
    place = "(metadata)" if statement.startswith("COMMENT") else "(declaration)"
    assert [(each.place, each.found) for each in report.tables[0].elsewhere if each.place == place] == [(place, 1)]
    assert report.exit_code == 1
    assert ID not in report.to_text() + report.to_json()
    if city.kind != "postgresql":
        _check_scrub(office, city, comment=statement.startswith("COMMENT"))


def test_a_view_that_is_copied_with_the_table_names_no_sealed_record(office: Office, city: Database) -> None:
    city.run(f"CREATE VIEW {city.table}_seen AS SELECT * FROM {city.table} WHERE arrest_no <> '{ID}'")
    report = ss.scan(city.address, office.index, ON)
    assert [(each.place, each.found) for each in report.tables[0].elsewhere] == [("(declaration)", 1)]
    assert ID not in report.to_text() + report.to_json()
    if city.kind != "postgresql":
        _check_scrub(office, city, comment=False)


def _check_scrub(office: Office, city: Database, *, comment: bool) -> None:
    """What goes from the output does not hinder a scrub; what stays does."""
    output = city.file.with_name(f"clean.{city.kind}")
    if not comment:
        with pytest.raises(SealedElsewhere):
            ss.scrub(city.address, office.index, ON, output=output)
        assert not output.exists()
        return
    ss.scrub(city.address, office.index, ON, output=output)
    assert ss.scan(f"{output}#arrests", office.index, ON).exit_code == 0
    with pytest.raises(SealedElsewhere):
        ss.scrub(
            city.address, office.index, ON, output=output.with_name(f"kept.{city.kind}"), keep_metadata=["comment"]
        )


@pytest.mark.parametrize("city", ["duckdb"], indirect=True)
def test_levels_that_no_row_uses_are_refused(office: Office, city: Database) -> None:
    city.run(f"ALTER TABLE arrests ADD COLUMN kind ENUM('A', '{ID}')")

    with pytest.raises(StillSealed):
        office.issue(city.address)
