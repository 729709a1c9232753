"""A schema of a real server that one test has for itself."""

from __future__ import annotations

import os
from typing import Any

import psycopg
import pytest

from sealscrub.tables.database import DatabaseSource, open_store
from sealscrub.tables.postgres.postgres_store import PostgresStore

from .changes import Row, all_stay

CANARY = "CANARY-K14612345"
SCHEMA = [
    "CREATE TABLE people (id serial PRIMARY KEY, boss int REFERENCES people, name text NOT NULL UNIQUE)",
    "CREATE TABLE arrests (n int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, person int, twice int GENERATED ALWAYS AS "
    "(person * 2) STORED, note text DEFAULT 'none' COLLATE \"C\", CONSTRAINT noted CHECK (note <> ''))",
    "ALTER TABLE arrests ADD CONSTRAINT of_person FOREIGN KEY (person) REFERENCES people ON DELETE CASCADE",
    "CREATE TABLE unplanned (x text)",
    "CREATE INDEX by_note ON arrests (lower(note)) WHERE person > 0",
    "CREATE VIEW a_busier AS SELECT 1 AS one",
    "CREATE VIEW busy AS SELECT n, name FROM arrests JOIN people ON person = id",
    "CREATE OR REPLACE VIEW a_busier AS SELECT count(*)::int AS one FROM busy",
    "CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM arrests",
    "CREATE VIEW reaching AS SELECT x FROM unplanned",
    "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "CREATE TRIGGER suppressing BEFORE UPDATE ON arrests FOR EACH ROW "
    "EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "CREATE TRIGGER lost BEFORE UPDATE ON arrests FOR EACH ROW EXECUTE FUNCTION nothing()",
    "COMMENT ON TABLE arrests IS 'it''s'",
    "GRANT SELECT ON arrests TO PUBLIC",
    f"INSERT INTO people (name) VALUES ('{CANARY}'), ('b'), ('c')",
    "UPDATE people SET boss = 2 WHERE id = 3",
    "INSERT INTO arrests (person, note) VALUES (1, 'x'), (2, 'y'), (NULL, NULL), (3, 'z')",
    "UPDATE arrests SET note = 'yy' WHERE n = 2",
    "DELETE FROM arrests WHERE n = 4",
]


def server() -> str:
    url = os.environ.get("SEALSCRUB_POSTGRES_URL")
    if not url:
        pytest.skip("SEALSCRUB_POSTGRES_URL names no server")
    return url.replace("+psycopg", "")


class Estate:
    """A schema of its own, and those whose names begin with its name."""

    def __init__(self, connection: psycopg.Connection[Any], schema: str) -> None:
        self.connection = connection
        self.schema = schema

    def run(self, *statements: str) -> None:
        for statement in statements:
            self.connection.execute(statement)

    def opened(self) -> PostgresStore:
        store = open_store(DatabaseSource.parse(f"{server()}#public.arrests", "."))
        assert isinstance(store, PostgresStore)
        return store

    def named(self, table: str, schema: str = "") -> str:
        return f'"{schema or self.schema}".{table}'

    def rows(self, table: str, schema: str = "", shown: str = "*") -> list[Row]:
        return self.connection.execute(f"SELECT {shown} FROM {self.named(table, schema)} ORDER BY ctid").fetchall()

    def schemas(self) -> list[str]:
        found = self.connection.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE %s", [f"{self.schema}%"])
        return sorted(name for (name,) in found.fetchall())


def wanted(estate: Estate, **given: Any) -> dict[str, Any]:
    return {estate.named(table): given.get(table, all_stay(3)) for table in ("people", "arrests")}
