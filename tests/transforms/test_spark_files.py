"""Files that Spark reads and writes: each under its own name, the same bytes as if the sealed rows had never been."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.errors import ColumnError, ConfigError, SealedElsewhere, UncheckedKeys, UnreadableInput, UsageError

pytestmark = [pytest.mark.spark, pytest.mark.filterwarnings("ignore")]  # Spark's own

SEALED = [f"K146{at:05}" for at in range(10_000, 10_040)]
OTHER = [f"M140{at:05}" for at in range(10_000, 10_200)]
ON = {"arrest_number": "arrest_no"}
FILES = {
    "one.parquet": (OTHER[:60], SEALED[:20]),
    "y=1/a b/50%, ü#1.parquet": (OTHER[60:70], SEALED[20:] * 40),
    "y=2/all.parquet": ([], SEALED),
    "zwei.parquet": (OTHER[70:], []),
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> ss.Index:
    return example_index(SEALED, folder=tmp_path_factory.mktemp("index"))


def write(root: Path, files: dict[str, tuple[list[str], list[str]]], *, sealed: bool = True, **more: Any) -> Path:
    """Write a folder of files, the sealed rows between the others."""
    for name, (others, held) in files.items():
        ids = [*others[:5], *(held if sealed else ()), *others[5:]]
        place = root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        at = [OTHER.index(id) if id in OTHER else -1 for id in ids]
        columns = {"arrest_no": ids, "at": at, "when": [datetime(2020, 1, 1 + each % 28) for each in at]}
        schema = {"arrest_no": pl.String, "at": pl.Int64, "when": pl.Datetime("us")}
        pl.DataFrame(columns, schema=schema).with_columns(**more).write_parquet(place)
    return root


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_files_are_those_of_the_world_without(spark: Any, index: ss.Index, tmp_path: Path) -> None:
    report = ss.scrub(write(tmp_path / "in", FILES), index, ON, output=tmp_path / "out", engine=spark)
    without = write(tmp_path / "without", FILES, sealed=False)
    ss.scrub(without, index, ON, output=tmp_path / "same", engine=spark)

    assert (report.tables[0].rows, report.tables[0].removed) == (1_060, 860)
    made = contents(tmp_path / "out")
    assert sorted(made) == sorted(name for name, (others, _) in FILES.items() if others)
    assert made == contents(tmp_path / "same")
    for name in made:
        assert pl.read_parquet(tmp_path / "out" / name, hive_partitioning=False).equals(
            pl.read_parquet(without / name, hive_partitioning=False)
        )


def test_the_session_keeps_its_own_settings(spark: Any, index: ss.Index, tmp_path: Path) -> None:
    spark.conf.set("spark.sql.files.openCostInBytes", "12345")
    before = spark.conf.getAll

    ss.scrub(write(tmp_path / "in", FILES), index, ON, output=tmp_path / "out", engine=spark)

    assert spark.conf.getAll == before
    spark.conf.unset("spark.sql.files.openCostInBytes")


@pytest.mark.parametrize(
    ("change", "options", "error"),
    [
        ({}, {"on": {"arrest_number": "absent"}}, ColumnError),
        ({}, {"quarantine": "aside"}, ConfigError),
        ({}, {"null_columns": ["at"]}, ConfigError),
        ({"note": pl.lit(SEALED[3])}, {}, SealedElsewhere),
        ({"who": pl.struct(seen=pl.lit(SEALED[3]))}, {}, SealedElsewhere),
        ({"who": pl.struct(seen="arrest_no")}, {"on": {"arrest_number": "who.seen"}}, (ColumnError, UsageError)),
        ({"arrest_no": pl.lit("no arrest")}, {}, Exception),
    ],
)
def test_what_cannot_be_done_leaves_nothing(
    spark: Any, index: ss.Index, tmp_path: Path, change: Any, options: dict[str, Any], error: type[Exception]
) -> None:
    place = write(tmp_path / "in", FILES, sealed=not change, **change)
    with pytest.raises(error):
        ss.scrub(place, index, **{"on": ON, "output": tmp_path / "out", "engine": spark} | options)
    assert [*tmp_path.iterdir()] == [place]


@pytest.mark.parametrize("name", [f"{SEALED[0]}.parquet", f"case={SEALED[0]}/part.parquet"])
def test_an_id_in_the_name_of_a_file_or_folder_is_met(spark: Any, index: ss.Index, tmp_path: Path, name: str) -> None:
    place = write(tmp_path / "in", {name: (OTHER[:20], [])})
    with pytest.raises(SealedElsewhere) as refused:
        ss.scrub(place, index, ON, output=tmp_path / "out", engine=spark)
    assert SEALED[0] not in str(refused.value)


def test_files_of_other_columns_kinds_or_names_are_refused(spark: Any, index: ss.Index, tmp_path: Path) -> None:
    place = write(tmp_path / "in", FILES)
    pl.read_parquet(place / "zwei.parquet").with_columns(more=1).write_parquet(place / "zwei.parquet")
    with pytest.raises(UsageError, match="other columns than the first"):
        ss.scrub(place, index, ON, output=tmp_path / "out", engine=spark)
    with pytest.raises(UsageError, match="a pattern"):
        ss.scrub(write(tmp_path / "in2", {"a[1].parquet": (OTHER, [])}), index, ON, output=tmp_path / "o", engine=spark)
    (tmp_path / "in3").mkdir()
    pl.DataFrame({"arrest_no": OTHER}).write_csv(tmp_path / "in3" / "a.csv")
    with pytest.raises(UsageError, match="Parquet only"):
        ss.scrub(tmp_path / "in3", index, ON, output=tmp_path / "o", engine=spark)
    with pytest.raises(ConfigError, match="engine"):
        ss.scrub(pl.DataFrame({"arrest_no": OTHER}), index, ON, engine=spark)


CHANGES: dict[str, tuple[list[str], list[str], str]] = {
    "sealed rows more": (OTHER[:60], SEALED[:30], "text"),
    "rows fewer": (OTHER[:50], SEALED[:20], "text"),
    "a text that was swept": (OTHER[:60], SEALED[:20], SEALED[0]),
    "a key that cannot be checked": ([*OTHER[:59], "K146IOO0O"], SEALED[:20], "text"),
    "no file": ([], [], ""),
}


@pytest.mark.parametrize("change", CHANGES)
def test_files_that_change_meanwhile_leave_nothing(spark: Any, index: ss.Index, tmp_path: Path, change: str) -> None:
    place = write(tmp_path / "in", FILES, note=pl.lit("text"))

    def meanwhile(*_: Any) -> None:
        others, held, note = CHANGES[change]
        if others:
            write(place, {"one.parquet": (others, held)}, note=pl.lit(note))
        else:
            (place / "one.parquet").unlink()

    with pytest.raises(UnreadableInput) as refused:
        ss.scrub(place, index, ON, output=tmp_path / "out", engine=spark, progress=meanwhile)
    assert not any(id in str(refused.value) for id in (*SEALED, "K146IOO0O"))
    assert [*tmp_path.iterdir()] == [place]


@pytest.mark.parametrize(("was", "now"), [(OTHER[3], SEALED[0]), (SEALED[3], OTHER[70])])
def test_rows_that_spark_writes_are_counted(spark: Any, index: ss.Index, tmp_path: Path, was: str, now: str) -> None:
    file = tmp_path / "in" / "a.parquet"
    file.parent.mkdir()
    pl.DataFrame({"arrest_no": [*OTHER[:60], *SEALED]}).write_parquet(
        file, compression="uncompressed", statistics=False
    )

    def meanwhile(*_: Any) -> None:  # nothing but its bytes shows that it changed
        held, state = file.read_bytes(), file.stat()
        assert held.count(was.encode()) == 1
        file.write_bytes(held.replace(was.encode(), now.encode()))
        os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))

    with pytest.raises(UnreadableInput, match="other rows than those that stay"):
        ss.scrub(file.parent, index, ON, output=tmp_path / "out", engine=spark, progress=meanwhile)
    assert [*tmp_path.iterdir()] == [file.parent]


@pytest.mark.parametrize("step", ["counted", "written"])
def test_a_job_that_is_killed_leaves_nothing(spark: Any, index: ss.Index, tmp_path: Path, step: str) -> None:
    place, context = write(tmp_path / "in", FILES), spark.sparkContext

    def kill(*_: Any) -> None:
        context._jsc.sc().cancelJobGroupAndFutureJobs(f"killed at {step}")

    context.setJobGroup(f"killed at {step}", step)
    if step == "counted":
        kill()
    try:
        with pytest.raises(UnreadableInput, match="cannot run its plan"):
            ss.scrub(place, index, ON, output=tmp_path / "out", engine=spark, progress=kill)
    finally:
        context.setLocalProperty("spark.jobGroup.id", None)
    assert [*tmp_path.iterdir()] == [place]


def test_a_job_that_is_killed_while_it_writes_leaves_nothing(
    spark: Any, index: ss.Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, waits, context = write(tmp_path / "in", FILES), tmp_path / "waits", spark.sparkContext
    waits.mkdir()
    started, over = waits / "started", waits / "over"
    touches, there = f"open({str(started)!r}, 'w').close()", f"os.path.exists({str(over)!r})"
    (waits / "sitecustomize.py").write_text(f"import os, time\n{touches}\nwhile not {there}: time.sleep(0.1)\n")

    def written(*_: Any) -> None:  # Python on the workers starts again, and waits
        monkeypatch.setitem(context.environment, "PYTHONPATH", str(waits))

    def kill() -> None:
        while not started.exists() and not over.exists():
            time.sleep(0.1)
        context._jsc.sc().cancelJobGroupAndFutureJobs("killed while it writes")

    killer = threading.Thread(target=kill)
    context.setJobGroup("killed while it writes", "")
    killer.start()
    try:
        with pytest.raises(UnreadableInput, match="cannot run its plan"):
            ss.scrub(place, index, ON, output=tmp_path / "out", engine=spark, progress=written)
        assert started.exists()
        assert sorted(tmp_path.iterdir()) == [place, waits]
    finally:
        over.touch()
        killer.join()
        context.setLocalProperty("spark.jobGroup.id", None)
    monkeypatch.undo()
    context.parallelize(range(2), 2).barrier().mapPartitions(list).collect()  # when none of its tasks runs
    left = [each for each in tmp_path.rglob("*") if each.is_file() and not {place, waits} & {*each.parents}]
    assert left == []  # a task that notices late makes its folder again
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("step", ["judged", "written"])
def test_a_driver_that_is_killed_leaves_no_output_and_the_next_run_is_whole(
    index: ss.Index, tmp_path: Path, step: str
) -> None:
    write(tmp_path / "in", FILES)
    waits, started, over = tmp_path / "waits", tmp_path / "started", tmp_path / "over"
    waits.mkdir()
    stop = f"open({str(started)!r}, 'w').close()\n    while not os.path.exists({str(over)!r}): time.sleep(0.1)"
    (waits / "sitecustomize.py").write_text(
        f"import os, sys, time\nif 'pyspark.daemon' in sys.orig_argv:\n    {stop}\n"  # Python on the workers
    )
    held, key = map(str, index.files)
    said = ["scrub", "in", "--engine", "spark", "--master", "local[1]", "--index", held, "--key-file", key]
    command = [sys.executable, "-m", "sealscrub", *said, "--on", "arrest_number=arrest_no", "-o", "clean"]
    known = dict(os.environ)
    if step == "judged":
        known["PYTHONPATH"] = os.pathsep.join([str(waits), *filter(None, [known.get("PYTHONPATH")])])
    driver = subprocess.Popen(command, cwd=tmp_path, env=known, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while driver.poll() is None and not (started.exists() or [*tmp_path.glob(".clean*")]):
            time.sleep(0.02)
    finally:
        driver.kill()
        driver.wait()
        over.touch()
    if step == "judged":
        assert started.exists()
        assert not (tmp_path / "clean").exists()
    if not (tmp_path / "clean").exists():
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr
    for name, (others, _) in FILES.items():
        made = tmp_path / "clean" / name
        assert made.exists() == bool(others)
        if others:
            assert pl.read_parquet(made, hive_partitioning=False)["arrest_no"].to_list() == others
    assert all(each.suffix == ".part" for each in tmp_path.glob(".clean*"))  # may remain of the first run


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York"])
def test_points_in_time_are_those_of_the_local_engine_in_any_time_zone(spark: Any, tmp_path: Path, zone: str) -> None:
    composite = example_index({"person_arrest": ["12345678A@2014-01-05"]})
    at = [datetime(2014, 1, 5, hour) for hour in (1, 12, 22)]
    rows = pl.DataFrame({"person": ["12345678A"] * 3, "at": at})
    policy, on = ss.Policy(max_unparsable=1.0), {"person_arrest": ["person+at"]}
    said = []
    for name, frame in (("wall", rows), ("utc", rows.with_columns(pl.col("at").dt.replace_time_zone("UTC")))):
        (tmp_path / name).mkdir()
        frame.write_parquet(tmp_path / name / "a.parquet")
        for engine in (None, spark):
            spark.conf.set("spark.sql.session.timeZone", zone)
            try:
                report = ss.scrub(tmp_path / name, composite, on, policy=policy, dry_run=True, engine=engine)
                said.append((name, report.tables[0].removed))
            except UncheckedKeys as refused:
                said.append((name, refused.report.tables[0].keys[0].unparsable))
            finally:
                spark.conf.set("spark.sql.session.timeZone", "UTC")
    assert said == [("wall", 3), ("wall", 3), ("utc", 3), ("utc", 3)]


def test_a_connected_session_writes_the_same(spark: Any, connected: Any, index: ss.Index, tmp_path: Path) -> None:
    place = write(tmp_path / "in", FILES)
    report = ss.scrub(place, index, ON, output=tmp_path / "out", engine=connected)
    assert (report.tables[0].rows, report.tables[0].removed) == (1_060, 860)
    for name, (others, _) in FILES.items():
        made = tmp_path / "out" / name
        assert made.exists() == bool(others)
        if others:
            assert pl.read_parquet(made, hive_partitioning=False)["arrest_no"].to_list() == others


def test_unchecked_keys_are_refused_or_accepted_by_name(spark: Any, index: ss.Index, tmp_path: Path) -> None:
    place = write(tmp_path / "in", {"a.parquet": ([*OTHER[:30]], SEALED)})
    frame = pl.read_parquet(place / "a.parquet")
    frame.with_columns(arrest_no=pl.when(pl.col("at") == 7).then(None).otherwise("arrest_no")).write_parquet(
        place / "a.parquet"
    )
    with pytest.raises(UncheckedKeys):
        ss.scrub(place, index, ON, output=tmp_path / "out", engine=spark)
    accepted = ss.Policy(accept={"null"})
    ss.scrub(place, index, ON, output=tmp_path / "out", engine=spark, policy=accepted)
    assert pl.read_parquet(tmp_path / "out" / "a.parquet").height == 30
    assert ss.scrub(place, index, ON, dry_run=True, engine=spark, policy=accepted).tables[0].removed == 40


def test_the_command_writes_what_the_library_writes(spark: Any, index: ss.Index, tmp_path: Path) -> None:
    write(tmp_path / "in", FILES)
    ss.scrub(tmp_path / "in", index, ON, output=tmp_path / "out", engine=spark)
    held, key = map(str, index.files)
    said = ["scrub", "in", "--engine", "spark", "--master", "local[1]", "--index", held, "--key-file", key]
    command = [sys.executable, "-m", "sealscrub", *said, "--on", "arrest_number=arrest_no", "-o", "clean"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)

    assert done.returncode == 0, done.stderr
    assert "860 of 1,060 rows were removed" in " ".join(done.stdout.split())
    made = {
        name: pl.read_parquet(tmp_path / "clean" / name, hive_partitioning=False) for name in contents(tmp_path / "out")
    }
    for name, frame in made.items():
        assert frame.equals(pl.read_parquet(tmp_path / "out" / name, hive_partitioning=False))
    assert sorted(contents(tmp_path / "clean")) == sorted(made)
