"""PostgreSQL: a whole schema made again and given a name, unless somebody wrote meanwhile."""

from __future__ import annotations

import numpy as np
import polars as pl
import psycopg
import pytest

from sealscrub.errors import UnreadableInput, UsageError
from sealscrub.tables.changes import Patch, TableChange

from .changes import all_stay, without
from .postgres_estate import SCHEMA, Estate, wanted

pytestmark = pytest.mark.postgres


def test_the_schema_is_made_again_and_put_in_place(postgres: Estate) -> None:
    postgres.run(*SCHEMA)
    placed = f"{postgres.schema} placed"
    with postgres.opened() as store:
        table = store.open_table("arrests", postgres.named("arrests"))
        numbers = pl.concat(table.batches(["n", "note"]))
        assert numbers.rows() == [(1, "x"), (3, None), (2, "yy")]
        gone = numbers["n"].to_numpy() != 1
        patch = Patch(np.array([2]), pl.Series(["new"]))
        written = store.write(
            wanted(postgres, people=without(3, 0), arrests=TableChange(gone, {"note": patch})), f"{postgres.schema} new"
        )
        assert written.left_out == ("function nothing", "table unplanned", "trigger lost", "view reaching")
        assert not store.place_schema(written, placed, None)
    assert postgres.schemas() == [postgres.schema, placed]
    postgres.run(f'DROP SCHEMA "{postgres.schema}" CASCADE')  # nothing depends on it any more
    postgres.run(f'ALTER SCHEMA "{placed}" RENAME TO "{postgres.schema}"')
    assert postgres.rows("arrests") == [(3, None, None, None), (2, 2, 4, "new")]
    assert postgres.rows("arrests", shown="ctid::text") == [("(0,1)",), ("(0,2)",)]
    assert postgres.connection.execute("SELECT * FROM busy").fetchall() == [(2, "b")]
    assert postgres.connection.execute("SELECT * FROM a_busier").fetchall() == [(1,)]
    assert postgres.connection.execute("SELECT * FROM counted").fetchall() == [(2,)]
    postgres.run("INSERT INTO people (name) VALUES ('new')", "INSERT INTO arrests (person) VALUES (2)")
    assert postgres.rows("people", shown="id") == [(2,), (3,), (4,)]
    assert postgres.rows("arrests", shown="n, note")[-1] == (4, "none")
    for broken in (
        "INSERT INTO arrests (person) VALUES (77)",
        "INSERT INTO arrests (note) VALUES ('')",
        "INSERT INTO people (name) VALUES ('b')",
    ):
        with pytest.raises(psycopg.errors.IntegrityError):
            postgres.run(broken)
    names = "SELECT indexname FROM pg_indexes WHERE schemaname = %s ORDER BY 1"
    assert [name for (name,) in postgres.connection.execute(names, [postgres.schema]).fetchall()] == [
        "arrests_pkey",
        "by_note",
        "people_name_key",
        "people_pkey",
    ]
    facts = "SELECT obj_description('arrests'::regclass), has_table_privilege('pg_monitor', 'arrests', 'SELECT')"
    assert postgres.connection.execute(facts).fetchall() == [(None, True)]


def test_a_writer_between_reading_and_writing_is_noticed(postgres: Estate) -> None:
    for statement in (
        "INSERT INTO arrests (note) VALUES ('late')",
        "UPDATE arrests SET note = note",
        "DELETE FROM arrests WHERE n = 3",
    ):
        postgres.run("DROP TABLE IF EXISTS arrests, people CASCADE", *SCHEMA[:3], *SCHEMA[-5:])
        with postgres.opened() as store:
            table = store.open_table("arrests", postgres.named("arrests"))
            store.open_table("people", postgres.named("people"))
            assert table.rows == 3
            postgres.run(statement)
            assert table.changed(all_stay(3), None).height == 3  # one snapshot
            with pytest.raises(UnreadableInput, match="changed since"):
                store.write(wanted(postgres), f"{postgres.schema} new")
            with pytest.raises(UsageError, match="again"):
                list(table.batches(["n"]))
        assert postgres.schemas() == [postgres.schema]


def test_a_writer_between_writing_and_placing_is_noticed(postgres: Estate) -> None:
    postgres.run(*SCHEMA)
    with postgres.opened() as store:
        written = store.write(wanted(postgres), f"{postgres.schema} new")
        assert "state" not in repr(written)  # it counts the rows
        postgres.run("UPDATE people SET boss = NULL WHERE id = 2")
        with pytest.raises(UnreadableInput, match="people"):
            store.place_schema(written, f"{postgres.schema} placed", None)
    assert postgres.schemas() == [postgres.schema, f"{postgres.schema} new"]
