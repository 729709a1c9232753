"""Spark DataFrames: verdicts and counts are those of frames in memory, and Spark's log names no record."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
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
from sealscrub.tables.spark.spark_table import SparkTable
from sealscrub.transforms.worker_judge import WorkerJudge

from .spark_rows import CLEAN, NEAR, NULLS, ON, OTHER, ROWS, SEALED, UNPARSABLE, WITHHELD, Row, frame, in_memory, row

pytestmark = [pytest.mark.spark, pytest.mark.filterwarnings("ignore")]  # Spark's own


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> ss.Index:
    numbers = {"arrest_number": SEALED, "opaque:court": ["123456789012"]}
    return example_index(numbers, withheld=[WITHHELD], folder=tmp_path_factory.mktemp("index"))


def outcome(call: Any, data: Any) -> Any:
    """What a call says: its report, or its error with that."""
    try:
        return asdict(call(data))
    except SealscrubError as error:
        report = getattr(error, "report", None)
        return type(error), str(error), report and asdict(report)


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
    on, middle = {"person_arrest": ["person+at"]}, "select '12345678A' as person, timestamp'2014-01-05 12:00:00' as at"
    try:
        for zone, offset in (("America/New_York", -5), ("Asia/Tokyo", 9), ("+05:00", 5)):
            spark.conf.set("spark.sql.session.timeZone", zone)
            data = spark.sql(
                "select hours, '12345678A' as person, timestamp_seconds(1388880000) + make_interval(0, 0, 0, 0, hours) "
                "as at from values (-6), (-4), (4), (6), (14), (16), (18), (20), (28), (30) as t(hours)"
            )
            made = ss.scrub(data, composite, on)
            spark.conf.set("spark.sql.session.timeZone", "UTC")
            hours = [each.hours for each in made.collect()]
            assert hours == [at for at in (-6, -4, 4, 6, 14, 16, 18, 20, 28, 30) if not 0 <= at + offset < 24]
        for zone in ("Z", "GMT+2", "+05:30"):
            spark.conf.set("spark.sql.session.timeZone", zone)
            with pytest.raises(ConfigError, match="time zone is not the name of a region"):
                ss.scan(spark.sql(middle), composite, on)
            assert ss.scrub(spark.sql(middle).selectExpr("person", "date(at) as at"), composite, on).count() == 0
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


def test_no_rows_partitions_without_rows_and_a_partition_with_nearly_all(spark: Any, index: ss.Index) -> None:
    empty = frame(spark, [])
    assert asdict(ss.scan(empty, index, ON)) == asdict(ss.scan(in_memory(ROWS[:1]).clear(), index, ON))
    assert ss.scrub(empty, index, ON).collect() == []
    skewed = frame(spark, [*ROWS[:9], *[row(SEALED[0], at) for at in range(900)]]).repartition(4, "arrest no")
    assert ss.scan(skewed, index, ON).tables[0].keys[0].sealed == 900
    assert sorted(each[0] for each in ss.scrub(skewed, index, ON).collect()) == OTHER[:9]
    spread = frame(spark, ROWS[200:204]).repartition(7, "arrest no").filter("`arrest no` is not null")
    assert ss.scan(spread, index, ON).tables[0].keys[0].sealed == 4
    assert ss.scrub(spread, index, ON).collect() == []


@pytest.mark.parametrize("many", [OTHER[0], SEALED[0]], ids=["kept", "sealed"])
def test_one_key_in_nine_tenths_of_the_rows(spark: Any, index: ss.Index, many: str) -> None:
    rows = [*ROWS[:45], *ROWS[200:245], *[row(many, at) for at in range(810)]]
    data = frame(spark, rows).repartition(4, "arrest no")
    done, same = ss.scrub(data, index, ON, detail=True), ss.scrub(in_memory(rows), index, ON, detail=True)

    assert asdict(done.report) == asdict(same.report)
    kept = sorted(each[:4] for each in rows if each[0] not in SEALED)
    assert sorted(each[:4] for each in done.data.collect()) == kept


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("spark.sql.execution.arrow.pyspark.enabled", "false"),
        ("spark.sql.execution.arrow.pyspark.enabled", "true"),
        ("spark.sql.execution.arrow.useLargeVarTypes", "true"),
        ("spark.sql.execution.arrow.maxRecordsPerBatch", "0"),
        ("spark.sql.codegen.wholeStage", "false"),
        ("spark.sql.adaptive.enabled", "false"),
        ("spark.sql.ansi.enabled", "false"),
        ("spark.sql.caseSensitive", "true"),
    ],
)
def test_settings_of_the_session_change_nothing(spark: Any, index: ss.Index, name: str, value: str) -> None:
    before = spark.conf.get(name, None)
    spark.conf.set(name, value)
    try:
        done = ss.scrub(frame(spark, ROWS), index, ON, policy=ss.Policy(accept={"null"}), detail=True)
        assert done.data.collect() == frame(spark, CLEAN).collect()
    finally:
        spark.conf.unset(name) if before is None else spark.conf.set(name, before)
    assert done.report.tables[0].removed == len(ROWS) - len(CLEAN)


def test_keys_within_structs_are_refused_and_met(spark: Any, index: ss.Index) -> None:
    data = frame(spark, [*ROWS[:3], (OTHER[3], 1, "text", "K", [], (SEALED[0],))])
    deep = data.selectExpr("struct(struct(who.seen as id) as inner) as `outer`", "`arrest no` as `outer.inner.id`")
    for column in ("outer", "outer.inner", "`outer`.`inner`.`id`"):
        with pytest.raises((ColumnError, UsageError)):
            ss.scrub(deep, index, {"arrest_number": column})
    with pytest.raises(SealedElsewhere):  # the key is the column of that name
        ss.scrub(deep, index, {"arrest_number": "outer.inner.id"})
    flat = deep.selectExpr("`outer`.inner.id as id", "`outer.inner.id` as other")
    left = ss.scrub(flat, index, {"arrest_number": "id"}, policy=LENIENT)
    assert [each.other for each in left.collect()] == OTHER[:3]


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


@pytest.mark.parametrize("said", [True, False])
def test_a_row_without_a_verdict_fails_the_job(spark: Any, said: bool) -> None:
    data, without = frame(spark, [(id, "text") for id in OTHER[:9]], "id string, words string"), OTHER[4]

    def choose(columns: Any) -> Any:
        return np.array([None if id == without else said for id in columns[0].to_pylist()], object)

    table = SparkTable("arrests", data)
    with pytest.raises(Exception, match="a row has no verdict"):
        table.filtered(["id"], choose).collect()
    with pytest.raises(UnreadableInput, match="a row has no verdict"):
        list(table.counted_in(["id"], choose, ["words"], lambda _: lambda: None))
    judge = WorkerJudge(reference=b"", keys=(), policy=NULLS, zone="UTC", run="")
    with pytest.raises(UnreadableInput, match="a row has no verdict"):
        judge.decoded([bytes([said, 0]), None])


def test_rows_that_the_plan_below_removes_are_not_judged(spark: Any, index: ss.Index) -> None:
    left = frame(spark, [(OTHER[0], 1), (UNPARSABLE, 2)], "`arrest no` string, n int")
    data = left.join(frame(spark, [(1,)], "n int"), "n")
    assert ss.scrub(data, index, ON).count() == 1


def test_what_spark_cannot_do_is_refused_by_name(spark: Any, index: ss.Index) -> None:
    data = frame(spark, ROWS[:5])
    for options in ({"null_columns": ["boro"]}, {"narrative": ["boro"]}, {"positions": True}):
        with pytest.raises(ConfigError, match="Spark DataFrame"):
            ss.scrub(data, index, ON, **options)
    with pytest.raises(UsageError, match="cannot be record keys"):
        ss.scan(data, index, {"arrest_number": "who"})
    with pytest.raises(ColumnError, match=r"who\.seen"):
        ss.scan(data, index, {"arrest_number": "who.seen"})
    field = ss.scan(data.selectExpr("who.seen"), index, {"arrest_number": "seen"}, policy=LENIENT)
    assert field.tables[0].keys[0].column == "seen"
    with pytest.raises(ConfigError, match="quarantine and engine are for files"):
        ss.scrub(data, index, ON, output="clean.parquet")
