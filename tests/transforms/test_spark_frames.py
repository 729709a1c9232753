"""Spark DataFrames: verdicts and counts are those of frames in memory, and Spark's log names no record."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.errors import (
    ColumnError,
    ConfigError,
    SealedElsewhere,
    SealscrubError,
    UnreadableInput,
    UsageError,
)
from sealscrub.identifiers import Level, Scheme, Spelling, register_scheme

pytestmark = [pytest.mark.spark, pytest.mark.filterwarnings("ignore")]  # Spark's own

SEALED = [f"K146{at:05}" for at in range(10_000, 10_040)]
OTHER = [f"M140{at:05}" for at in range(10_000, 10_200)]
NEAR, UNPARSABLE, WITHHELD = "K146IOO0O", "no arrest", "Q15012345"
ON = {"arrest_number": "arrest no"}
NULLS = ss.Policy(accept={"null"})
SCHEMA = "`arrest no` string, `a.b` int, `ti``ck` string, boro string, tags array<string>, who struct<seen string>"
Row = tuple[Any, ...]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("events")


@pytest.fixture(scope="module")
def spark(log: Path) -> Iterator[Any]:
    session = pytest.importorskip("pyspark.sql").SparkSession
    os.environ["PYSPARK_PYTHON"] = sys.executable
    settings = {
        "spark.driver.host": "127.0.0.1",
        "spark.eventLog.dir": str(log),
        "spark.eventLog.compress": "false",
        "spark.eventLog.enabled": "true",
        "spark.eventLog.rolling.enabled": "false",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "64",
        "spark.sql.execution.arrow.pyspark.enabled": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": f"{log}-warehouse",
        "spark.ui.enabled": "false",
    }
    builder = session.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    made = builder.getOrCreate()
    made.sparkContext.setLogLevel("OFF")
    yield made
    made.stop()


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> ss.Index:
    numbers = {"arrest_number": SEALED, "opaque:court": ["123456789012"]}
    return example_index(numbers, withheld=[WITHHELD], folder=tmp_path_factory.mktemp("index"))


def row(id: str | None, at: int) -> Row:
    return id, at, f"text {at % 7}", "KQ"[at % 2], [f"t{at % 3}", None], (f"seen {at % 5}",)


ROWS = [row(id, at) for at, id in enumerate([*OTHER, *SEALED, *SEALED[:10], None, WITHHELD])]
CLEAN = [each for each in ROWS if each[0] not in (*SEALED, WITHHELD)]


def frame(spark: Any, rows: list[Row], schema: str = SCHEMA) -> Any:
    return spark.createDataFrame(rows, schema)


def in_memory(rows: list[Row]) -> pl.DataFrame:
    names = ["arrest no", "a.b", "ti`ck", "boro", "tags", "who"]
    frame = pl.DataFrame(rows, orient="row", schema=dict.fromkeys(names, pl.Object) | {"a.b": pl.Int32})
    return frame.with_columns(
        pl.Series(
            name, [({"seen": each[at][0]} if name == "who" and each[at] else each[at]) for each in rows], strict=False
        )
        for at, name in enumerate(names)
        if name != "a.b"
    )


def outcome(call: Any, data: Any) -> Any:
    """What a call says: its report, or its error with that."""
    try:
        return asdict(call(data))
    except SealscrubError as error:
        report = getattr(error, "report", None)
        return type(error), str(error), report and asdict(report)


def test_survivors_are_those_of_a_frame_that_never_had_the_others(spark: Any, index: ss.Index) -> None:
    data = frame(spark, ROWS)
    made = ss.scrub(data, index, ON, policy=NULLS)

    assert made.schema == data.schema
    assert made.collect() == frame(spark, CLEAN).collect()
    assert ss.scrub(frame(spark, CLEAN), index, ON, policy=NULLS).collect() == made.collect()


@pytest.mark.parametrize(
    "more",
    [
        [],
        [row(NEAR, 1)],
        [row(UNPARSABLE, 1)] * 3,
        [row(f"{OTHER[0]}; {SEALED[0]}", 1)] * 3,
        [row(None, 1)] * 5,
        [row(UNPARSABLE, 1)] * 300,
        [(OTHER[0], 1, f"see {SEALED[0]}", "K", [], None)],
        [(OTHER[0], 1, "K146IOO0O", "K", [], None)],
        [(OTHER[0], 1, "text", "K", [SEALED[3]], None)],
        [(OTHER[0], 1, "text", "K", [], (SEALED[4],))],
        [(SEALED[0], 1, SEALED[0], "K", [SEALED[0]], (SEALED[0],))],
        [(SEALED[0], 1, "text", "K", [], None)] * 150,
    ],
    ids=[
        "as-is",
        "near",
        "unparsable",
        "listed",
        "null",
        "wrong",
        "text",
        "alike",
        "list",
        "struct",
        "repeated",
        "crowded",
    ],
)
def test_it_reports_and_refuses_what_a_frame_in_memory_does(spark: Any, index: ss.Index, more: list[Row]) -> None:
    rows = ROWS[:150] + ROWS[200:] + more
    data, same = frame(spark, rows), in_memory(rows)
    lenient = ss.Policy(accept={"null", "near"}, allow={"withheld"})
    for call in (
        lambda given: ss.scan(given, index, ON),
        lambda given: ss.scrub(given, index, ON, policy=lenient, dry_run=True),
    ):
        assert outcome(call, data) == outcome(call, same)


def test_rows_are_set_aside_lazily(spark: Any, index: ss.Index) -> None:
    rows = [*ROWS[:100], row(NEAR, 1), row(UNPARSABLE, 2), row(None, 3), row(SEALED[0], 4)]
    done = ss.scrub(frame(spark, rows), index, ON, policy=ss.Policy(quarantine=True), detail=True)

    assert done.data.collect() == frame(spark, ROWS[:100]).collect()
    assert done.quarantined.collect() == frame(spark, rows[100:103]).collect()
    assert done.report.tables[0].quarantined == 3


@pytest.mark.parametrize(
    ("kind", "sealed", "other"),
    [
        ("bigint", 123456789012, 123456789013),
        ("decimal(14,0)", Decimal(123456789012), Decimal(123456789013)),
        ("string", "123456789012", "123456789013"),
        ("string collate UTF8_LCASE", "123456789012", "123456789013"),
        ("char(14)", "123456789012", "123456789013"),
        ("varchar(14)", "123456789012", "123456789013"),
        ("binary", b"123456789012", b"123456789013"),
    ],
)
def test_keys_of_every_type(spark: Any, index: ss.Index, kind: str, sealed: Any, other: Any) -> None:
    typed = kind.startswith(("char", "varchar"))
    data = frame(spark, [(sealed, 1), (other, 2), (sealed, 3)], f"id {'string' if typed else kind}, n int")
    if typed:  # Spark has them in tables alone
        spark.sql("drop table if exists typed")
        spark.sql(f"create table typed (id {kind}, n int) using parquet")
        data.write.insertInto("typed")
        data = spark.table("typed")
    made = ss.scrub(data, index, {"opaque:court": "id"}, policy=ss.Policy(min_coverage=0))

    assert [each.n for each in made.collect()] == [2]
    assert made.schema == data.schema


def test_dates_are_those_of_the_time_zone_in_which_the_data_was_read(spark: Any) -> None:
    composite = example_index({"person_arrest": ["12345678A@2014-01-05"]})
    spark.conf.set("spark.sql.session.timeZone", "America/New_York")
    try:
        data = spark.sql(
            "select n, '12345678A' as person, timestamp'2014-01-05 22:00:00' + make_interval(0, 0, 0, n) as at "
            "from values (0), (1) as t(n)"
        )
        made = ss.scrub(data, composite, {"person_arrest": ["person+at"]})
        spark.conf.set("spark.sql.session.timeZone", "Asia/Tokyo")

        assert [each.n for each in made.collect()] == [1]
    finally:
        spark.conf.set("spark.sql.session.timeZone", "UTC")
    days = frame(spark, [("12345678A", date(2014, 1, 5)), ("12345678A", date(2014, 1, 6))], "p string, d date")
    assert ss.scrub(days, composite, {"person_arrest": ["p+d"]}).count() == 1


@pytest.mark.parametrize(
    "parts", [("spark_county", "spark_case"), ("spark_case", "spark_county"), ("spark_case", "date")]
)
def test_keys_of_several_columns_that_somebody_defined_are_known_to_the_workers(spark: Any, parts: Any) -> None:
    register_scheme(Scheme(name="spark_county", level=Level.EVENT, spellings=(Spelling("[A-Z]+"),)))
    register_scheme(Scheme(name="spark_case", level=Level.EVENT, spellings=(Spelling(r"(?P<n>\d{1,6})", "{n:0>6}"),)))
    scheme = register_scheme(Scheme(name="_".join(("spark", *parts)), level=Level.ACTION, parts=parts)).name
    values = {
        "spark_county": ["KINGS", "QUEENS"],
        "spark_case": ["000001", "000002"],
        "date": ["2020-01-01", "2020-01-02"],
    }
    rows = [(n, *each) for n, each in enumerate(product(*(values[part] for part in parts)))]
    data = frame(spark, rows, "n int, a string, b string")
    index = example_index({scheme: ["@".join(rows[0][1:])]})

    assert [each.n for each in ss.scrub(data, index, {scheme: "a+b"}).collect()] == [1, 2, 3]
    assert ss.scan(data, index, {scheme: "a+b"}).tables[0].keys[0].sealed == 1


def test_columns_that_differ_by_case_alone(spark: Any, index: ss.Index) -> None:
    data = frame(spark, [(OTHER[0], "text"), (SEALED[0], "text")], "arrest_no string, ARREST_NO string")
    made = ss.scrub(data, index, {"arrest_number": "arrest_no"})

    assert made.columns == ["arrest_no", "ARREST_NO"]
    assert made.toDF("a", "b").collect() == [(OTHER[0], "text")]
    with pytest.raises(SealedElsewhere):
        ss.scrub(data.toDF("ARREST_NO", "arrest_no"), index, {"arrest_number": "arrest_no"}, policy=LENIENT)
    with pytest.raises(ColumnError, match="Arrest_No"):
        ss.scan(data, index, {"arrest_number": "Arrest_No"})


LENIENT = ss.Policy(accept={"unparsable"}, max_unparsable=1.0)


def test_no_rows_and_partitions_without_rows(spark: Any, index: ss.Index) -> None:
    empty = frame(spark, [])
    assert asdict(ss.scan(empty, index, ON)) == asdict(ss.scan(in_memory(ROWS[:1]).clear(), index, ON))
    assert ss.scrub(empty, index, ON).collect() == []
    spread = frame(spark, ROWS[200:204]).repartition(7, "arrest no").filter("`arrest no` is not null")
    assert ss.scan(spread, index, ON).tables[0].keys[0].sealed == 4
    assert ss.scrub(spread, index, ON).collect() == []


def test_metadata_of_fields_goes_and_is_looked_at(spark: Any, index: ss.Index) -> None:
    from pyspark.sql import functions as make

    data = frame(spark, ROWS[:5]).withColumn(
        "boro", make.col("boro").alias("boro", metadata={"ml_attr": {"vals": [SEALED[0]]}, "unit": "name"})
    )
    assert not ss.scan(data, index, ON).clean
    made = ss.scrub(data, index, ON, keep_metadata=["unit"])
    assert made.schema["boro"].metadata == {"unit": "name"}
    with pytest.raises(SealedElsewhere):
        ss.scrub(data, index, ON, keep_metadata=["ml_attr"])


def test_a_source_that_changes_between_the_passes(spark: Any, index: ss.Index, tmp_path: Path) -> None:
    source = tmp_path / "arrests.csv"
    source.write_text(f"{OTHER[0]}\n{OTHER[1]}\n")
    data = spark.read.schema("`arrest no` string").csv(str(source))
    made = ss.scrub(data, index, ON)
    source.write_text(f"{OTHER[0]}\n{SEALED[1]}\n")
    assert made.collect() == [(OTHER[0],)]

    source.write_text(f"{OTHER[0]}\n{NEAR}\n")
    with pytest.raises(Exception, match="a key cannot be checked that could be when the data was first read") as failed:
        made.collect()
    assert NEAR not in str(failed.value)


def test_rows_that_the_plan_below_removes_are_not_judged(spark: Any, index: ss.Index) -> None:
    left = frame(spark, [(OTHER[0], 1), (UNPARSABLE, 2)], "`arrest no` string, n int")
    data = left.join(frame(spark, [(1,)], "n int"), "n")
    assert ss.scrub(data, index, ON).count() == 1


@pytest.mark.parametrize("lost", ["key", "index", "version"])
def test_a_worker_without_the_index_fails(spark: Any, tmp_path: Path, lost: str, monkeypatch: Any) -> None:
    from sealscrub.transforms import worker_judge

    own = example_index(SEALED, folder=tmp_path)
    data = frame(spark, ROWS[200:220])
    if lost == "version":
        monkeypatch.setattr(worker_judge.WorkerJudge, "of", _of_another_version(worker_judge.WorkerJudge))
    else:
        next(tmp_path.glob("*.sealindex" if lost == "index" else "example.key")).unlink()
    with pytest.raises(UnreadableInput, match="another version" if lost == "version" else "cannot be opened"):
        ss.scrub(data, own, ON)


def _of_another_version(kind: Any) -> Any:
    made = kind.of
    return classmethod(lambda cls, *given: replace(made(*given), version="0.0.0"))


def test_what_spark_cannot_do_is_refused_by_name(spark: Any, index: ss.Index) -> None:
    data = frame(spark, ROWS[:5])
    for options in ({"null_columns": ["boro"]}, {"narrative": ["boro"]}, {"positions": True}):
        with pytest.raises(ConfigError, match="Spark DataFrame"):
            ss.scrub(data, index, ON, **options)
    with pytest.raises(UsageError, match="cannot be record keys"):
        ss.scan(data, index, {"arrest_number": "who"})
    with pytest.raises(UsageError, match="stream"):
        ss.scan(spark.readStream.format("rate").load(), index, {"arrest_number": "value"})
    with pytest.raises(ConfigError, match="output and quarantine are for files"):
        ss.scrub(data, index, ON, output="clean.parquet")


def test_only_key_columns_go_to_python_and_nothing_of_a_record_into_the_log(
    spark: Any, index: ss.Index, log: Path, tmp_path: Path
) -> None:
    (tmp_path / "arrests.csv").write_text(f"{OTHER[0]}\n")
    changing = ss.scrub(spark.read.schema("`arrest no` string").csv(str(tmp_path / "arrests.csv")), index, ON)
    (tmp_path / "arrests.csv").write_text(f"{NEAR}\n")
    with pytest.raises(Exception, match="the source changed"):
        changing.collect()
    made = ss.scrub(frame(spark, ROWS), index, ON, policy=NULLS)
    assert made.count() == len(CLEAN)
    for wrong in ([row(NEAR, 1)], [row(UNPARSABLE, 1)] * 300, [(OTHER[0], 1, SEALED[0], "K", [], None)]):
        with pytest.raises(SealscrubError) as refused:
            ss.scrub(frame(spark, ROWS[:150] + wrong), index, ON, policy=NULLS)
        assert not any(id in str(refused.value) for id in (NEAR, UNPARSABLE, *SEALED))

    plan = made._jdf.queryExecution().executedPlan().toString()
    (node,) = [line for line in plan.splitlines() if "ArrowEvalPython" in line]
    assert node.count("#") == 3  # the key column, the function and its result
    assert "arrest no" in node
    spark.sparkContext._jsc.sc().listenerBus().waitUntilEmpty()
    written = b"".join(path.read_bytes() for path in log.rglob("*") if path.is_file())
    assert b"ArrowEvalPython" in written
    secret = index._key
    for part in (*SEALED, *OTHER, NEAR, UNPARSABLE, WITHHELD, "BEGIN"):
        assert part.encode() not in written
    assert str(secret.path).encode() not in written
