"""Databases and Spark: the same verdicts, and statements that hold nothing of ours."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import great_expectations as gx
import pytest

from sealscrub.index import Index

from .conftest import CLEAN, SEALED

ON = {"arrest_number": "ARREST_NO"}


def rows(engine: str, *numbers: str) -> str:
    listed = {"duckdb": "['{0}']", "postgresql": "ARRAY['{0}']"}[engine]
    values = ", ".join(f"('{each}', {listed.format(each)}, 'of {each}')" for each in numbers)
    return f'CREATE TABLE arrests AS SELECT * FROM (VALUES {values}) AS t("ARREST_NO", suspects, notes)'


def batches(datasource: Any) -> tuple[Any, Any]:
    table = datasource.add_table_asset("arrests", table_name="arrests").add_batch_definition_whole_table("all")
    text = f"SELECT \"ARREST_NO\", suspects, notes FROM arrests WHERE notes <> 'of {SEALED}'"
    query = datasource.add_query_asset("some", query=text).add_batch_definition_whole_table("all")
    return table, query


def expectations() -> list[Any]:
    from sealscrub.gx import ExpectKeysParsable, ExpectNoSealedElements, ExpectNoSealedRecords

    return [
        ExpectKeysParsable(on=ON),
        ExpectNoSealedRecords(on=ON),
        ExpectNoSealedElements(column="suspects", scheme="arrest_number"),
        ExpectNoSealedElements(column="notes", text=True),
    ]


def verdicts(batch: Any, index: Index) -> list[str]:
    from sealscrub.gx import run_suite

    return sorted(each.verdict.value for each in run_suite(expectations(), batch, index=index).results)


@pytest.fixture
def duckdb(tmp_path: Path) -> Iterator[Any]:
    pytest.importorskip("duckdb_engine", reason="DuckDB speaks to SQLAlchemy through it")
    driver = pytest.importorskip("duckdb")
    with driver.connect(tmp_path / "estate.duckdb") as connection:
        connection.execute(rows("duckdb", *CLEAN, SEALED))
    context = gx.get_context(mode="ephemeral")
    source = context.data_sources.add_sql("db", connection_string=f"duckdb:///{tmp_path / 'estate.duckdb'}")
    yield source
    source.get_engine().dispose()


@pytest.fixture
def postgres() -> Iterator[Any]:
    sqlalchemy = pytest.importorskip("sqlalchemy")
    url = os.environ["SEALSCRUB_POSTGRES_URL"]
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("DROP TABLE IF EXISTS arrests"))
        connection.execute(sqlalchemy.text(rows("postgresql", *CLEAN, SEALED)))
    source = gx.get_context(mode="ephemeral").data_sources.add_postgres("db", connection_string=url)
    yield source
    source.get_execution_engine().close()
    source.get_engine().dispose()
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("DROP TABLE arrests"))
    engine.dispose()


def check(datasource: Any, index: Index) -> None:
    from sqlalchemy import event

    statements: list[str] = []
    engine = datasource.get_engine()
    event.listen(engine, "before_cursor_execute", lambda *said: statements.append(f"{said[2]} {said[3]}"))
    table, query = batches(datasource)

    assert verdicts(table, index) == ["clean", "found", "found", "found"]
    assert verdicts(query, index) == ["clean"] * 4
    ours = [each for each in statements if "notes <>" not in each]  # which the test wrote itself
    assert [each for each in ours if any(number in each for number in (*CLEAN, SEALED))] == []


def test_duckdb(duckdb: Any, index: Index) -> None:
    check(duckdb, index)


def test_an_empty_table_is_clean(duckdb: Any, index: Index) -> None:
    text = 'SELECT "ARREST_NO", suspects, notes FROM arrests WHERE false'
    batch = duckdb.add_query_asset("none", query=text).add_batch_definition_whole_table("all")

    assert verdicts(batch, index) == ["clean", "clean", "clean", "found"]


@pytest.mark.postgres
def test_postgresql(postgres: Any, index: Index) -> None:
    check(postgres, index)


@pytest.mark.spark
def test_spark(spark: Any, index: Index) -> None:
    frame = spark.createDataFrame(
        [(each, [each], f"of {each}") for each in (*CLEAN, SEALED)],
        "ARREST_NO string, suspects array<string>, notes string",
    )
    asset = gx.get_context(mode="ephemeral").data_sources.add_spark("spark").add_dataframe_asset("arrests")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})

    assert verdicts(batch, index) == ["clean", "found", "found", "found"]
