"""What the gate runs of Spark: rows of the world without, a log that names no record, and no pass for what fails."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.errors import SealscrubError, UnreadableInput, UsageError
from sealscrub.index import Reason

from ..index.custodian import Custodian
from ..spark_sessions import other_version, pages_since_now, since_now
from .spark_rows import CLEAN, NEAR, NULLS, ON, OTHER, ROWS, SEALED, UNPARSABLE, WITHHELD, frame, in_memory, row

pytestmark = [pytest.mark.spark, pytest.mark.filterwarnings("ignore")]  # Spark's own


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> ss.Index:
    return example_index(SEALED, withheld=[WITHHELD], folder=tmp_path_factory.mktemp("index"))


@pytest.fixture(params=["classic", "connect"])
def session(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue("spark" if request.param == "classic" else "connected")


def test_survivors_are_those_of_a_frame_that_never_had_the_others(session: Any, index: ss.Index) -> None:
    data = frame(session, ROWS)
    done = ss.scrub(data, index, ON, policy=NULLS, detail=True)

    assert type(done.data) is type(data)
    assert done.data.schema == data.schema
    assert done.data.collect() == frame(session, CLEAN).collect()
    assert ss.scrub(frame(session, CLEAN), index, ON, policy=NULLS).collect() == done.data.collect()
    assert asdict(done.report) == asdict(ss.scrub(in_memory(ROWS), index, ON, policy=NULLS, dry_run=True)) | {
        "dry_run": False
    }


def test_only_key_columns_go_to_python_and_nothing_of_a_record_into_log_and_pages(
    spark: Any, session: Any, index: ss.Index, spark_log: Path, tmp_path: Path
) -> None:
    logged, shown = since_now(spark, spark_log), pages_since_now(spark)
    (tmp_path / "arrests.csv").write_text(f"{OTHER[0]}\n")
    changing = ss.scrub(session.read.schema("`arrest no` string").csv(str(tmp_path / "arrests.csv")), index, ON)
    (tmp_path / "arrests.csv").write_text(f"{NEAR}\n")
    with pytest.raises(Exception, match="the source changed") as failed:
        changing.collect()
    assert NEAR not in str(failed.value)
    made = ss.scrub(frame(session, ROWS), index, ON, policy=NULLS)
    assert made.count() == len(CLEAN)
    for wrong in ([row(NEAR, 1)], [row(UNPARSABLE, 1)] * 300, [(OTHER[0], 1, SEALED[0], "K", [], None)]):
        with pytest.raises(SealscrubError) as refused:
            ss.scrub(frame(session, ROWS[:150] + wrong), index, ON, policy=NULLS)
        assert not any(id in str(refused.value) for id in (NEAR, UNPARSABLE, *SEALED))

    if session is spark:
        plan = made._jdf.queryExecution().executedPlan().toString()
        (node,) = [line for line in plan.splitlines() if "ArrowEvalPython" in line]
        assert node.count("#") == 3  # the key column, the function and its result
        assert "arrest no" in node
    written, pages = logged(), shown()
    assert b"ArrowEvalPython" in written
    assert "the source changed" in "".join(pages.values())  # so they are those of these jobs
    secrets = [each for each in json.loads(index.files[1].read_text()).values() if len(str(each)) > 20]
    for part in (*SEALED, *OTHER, NEAR, UNPARSABLE, WITHHELD, "BEGIN", *secrets, *map(str, index.files)):
        assert part.encode() not in written
        assert [address for address, page in pages.items() if part in page] == []


@pytest.mark.parametrize("lost", ["key", "index", "version"])
def test_a_worker_without_the_index_fails(spark: Any, tmp_path: Path, lost: str, monkeypatch: Any) -> None:
    own = example_index(SEALED, folder=tmp_path)
    data = frame(spark, ROWS[200:220])
    if lost == "version":
        monkeypatch.setitem(spark.sparkContext.environment, "PYTHONPATH", str(other_version(tmp_path / "other")))
    else:
        next(tmp_path.glob("*.sealindex" if lost == "index" else "example.key")).unlink()
    with pytest.raises(UnreadableInput, match="another version" if lost == "version" else "cannot be opened"):
        ss.scrub(data, own, ON)


@pytest.mark.parametrize("times", ["once", "always"])
def test_a_task_that_dies_is_tried_again_and_counted_once(
    spark: Any, index: ss.Index, tmp_path: Path, times: str
) -> None:
    from pyspark.sql.functions import udf

    died, seen = tmp_path / "died", OTHER[7]

    def die(id: str | None) -> str | None:
        if id == seen and (times == "always" or not died.exists()):
            died.touch()
            os._exit(1)
        return id

    data = frame(spark, ROWS).withColumn("arrest no", udf(die, "string")("`arrest no`"))
    if times == "always":
        with pytest.raises(UnreadableInput, match="cannot run its plan"):
            ss.scrub(data, index, ON, policy=NULLS)
        return
    done = ss.scrub(data, index, ON, policy=NULLS, detail=True)
    assert died.exists()
    assert done.report.tables == ss.scrub(in_memory(ROWS), index, ON, policy=NULLS, dry_run=True).tables
    assert done.data.collect() == frame(spark, CLEAN).collect()


def test_a_record_sealed_between_two_micro_batches_is_out_of_the_second(
    spark: Any, tmp_path: Path, custodian: Custodian
) -> None:
    place = custodian.folder / "training.sealindex"
    publish(custodian, place, SEALED, epoch=5)
    index, later = ss.open_index(place, custodian.key_file), OTHER[0]
    query = _query(spark, index, tmp_path / "in", "kept")
    try:
        _arrive(tmp_path / "in", 1, [OTHER[1], later, SEALED[0]])
        query.processAllAvailable()
        assert _ids(spark, "kept") == [OTHER[1], later]

        publish(custodian, place, [*SEALED, later], epoch=6)
        _arrive(tmp_path / "in", 2, [OTHER[2], later, SEALED[1]])
        query.processAllAvailable()
        assert _ids(spark, "kept") == [OTHER[1], later, OTHER[2]]

        place.unlink()
        _arrive(tmp_path / "in", 3, [OTHER[3], later, SEALED[2]])
        with pytest.raises(Exception, match="cannot be opened on a worker") as failed:
            query.processAllAvailable()
        assert not any(id in str(failed.value) for id in (OTHER[3], later, SEALED[2]))
        assert _ids(spark, "kept") == [OTHER[1], later, OTHER[2]]
    finally:
        query.stop()


def test_a_key_that_cannot_be_checked_ends_a_stream(spark: Any, index: ss.Index, tmp_path: Path) -> None:
    query = _query(spark, index, tmp_path / "in", "checked")
    try:
        _arrive(tmp_path / "in", 1, [OTHER[1], NEAR])
        with pytest.raises(Exception, match="a key cannot be checked") as failed:
            query.processAllAvailable()
        assert NEAR not in str(failed.value)
        assert _ids(spark, "checked") == []
    finally:
        query.stop()


def test_what_needs_an_end_is_refused_of_a_stream(spark: Any, index: ss.Index) -> None:
    stream = spark.readStream.format("rate").load().selectExpr("cast(value as string) as `arrest no`")
    with pytest.raises(UsageError, match="cannot be scanned"):
        ss.scan(stream, index, ON)
    for options, why in (
        ({}, "be swept"),
        ({"sweep": False, "dry_run": True}, "be scanned"),
        ({"sweep": False, "policy": ss.Policy(quarantine=True)}, "set aside"),
        ({"sweep": False, "policy": ss.Policy(accept={"unparsable"})}, "do not parse"),
    ):
        with pytest.raises(UsageError, match=why):
            ss.scrub(stream, index, ON, **options)
    done = ss.scrub(stream, index, ON, sweep=False, detail=True)
    assert done.data.isStreaming
    assert not done.report.complete


@pytest.fixture
def custodian(tmp_path_factory: pytest.TempPathFactory) -> Custodian:
    return Custodian(tmp_path_factory.mktemp("custodian"))


def publish(custodian: Custodian, place: Path, sealed: list[str], *, epoch: int) -> None:
    coverage = {("arrest_number",): len(sealed)}
    held = {"arrest_number": dict.fromkeys(sealed, Reason.SEALED)}
    custodian.publish(place, held, epoch=epoch, seals=len(sealed), coverage=coverage)


def _query(spark: Any, index: ss.Index, incoming: Path, name: str) -> Any:
    incoming.mkdir()
    stream = spark.readStream.schema("`arrest no` string").csv(str(incoming))
    return ss.scrub(stream, index, ON, sweep=False).writeStream.format("memory").queryName(name).start()


def _arrive(folder: Path, number: int, ids: list[str]) -> None:
    part = folder.with_name(f"{number}.part")
    part.write_text("\n".join(ids))
    part.rename(folder / f"{number}.csv")


def _ids(spark: Any, name: str) -> list[str]:
    return [id for (id,) in spark.table(name).collect()]
