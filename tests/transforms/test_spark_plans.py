"""Plans whose tables Spark reads and writes: the estate that comes out is that of the local engine, value by value."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import sealscrub as ss
from sealscrub.datasets import example_index, make_estate
from sealscrub.datasets.estate_recipes import compute_derived
from sealscrub.errors import (
    ConfigError,
    SealedElsewhere,
    SealscrubError,
    UncheckedKeys,
    UnreadableInput,
    UsageError,
)
from sealscrub.transforms.plans import Plan

from ..spark_sessions import other_version, since_now

pytestmark = [pytest.mark.spark, pytest.mark.filterwarnings("ignore")]  # Spark's own

pytest.importorskip("sqlglot")
SEALED = [f"K146{at:05}" for at in range(10_000, 10_006)]
OTHER = [f"M140{at:05}" for at in range(10_000, 10_024)]
ARRESTS = [*OTHER[:3], *SEALED[:4], *OTHER[3:], *SEALED[4:]]
Frames = Mapping[str, pl.DataFrame]


@pytest.fixture(autouse=True)
def logged(spark: Any, spark_log: Path) -> Iterator[Callable[[], bytes]]:
    """What a test writes to Spark's log, where no record is named."""
    since = since_now(spark, spark_log)
    yield since
    assert not [each for each in ARRESTS if each.encode() in since()]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> ss.Index:
    return example_index(SEALED, folder=tmp_path_factory.mktemp("index"))


def estate(*, sealed: bool = True) -> dict[str, pl.DataFrame]:
    """Make events, people, edges, lists and features of some arrests; without the sealed ones, of what is left."""
    arrests = pl.DataFrame(
        {
            "arrest_no": ARRESTS,
            "person": [at % 7 if at % 7 else None for at in range(len(ARRESTS))],
            "day": [date(2024, 1, 1) + timedelta(at * 5 % 31) for at in range(len(ARRESTS))],
            "bail": [None if at % 4 == 1 else at * 10 % 70 for at in range(len(ARRESTS))],
        },
        schema_overrides={"bail": pl.Int32},
    )
    stays = arrests.filter(~pl.col("arrest_no").is_in([] if sealed else SEALED))
    held = stays["arrest_no"].to_list()
    lists = [[each for each in ARRESTS[at : at + 3] if each in held] for at in range(0, len(ARRESTS), 2)]
    people = sorted(stays["person"].drop_nulls().unique())
    pairs = [(a, b) for a, b in pairwise(ARRESTS) if a in held and b in held]
    edges = sorted({ARRESTS.index(a) % 9 for a, _ in pairs})
    events = {
        "arrests": stays,
        "charges": pl.DataFrame({"arrest_no": [*held, *held], "law": ["a"] * len(held) + ["b"] * len(held)}),
        "cases": pl.DataFrame({"case": range(len(lists)), "arrests": lists, "size": [len(each) for each in lists]}),
        "people": pl.DataFrame({"person": people}),
        "edges": pl.DataFrame(
            {"edge": edges, "events": [sum(ARRESTS.index(a) % 9 == edge for a, _ in pairs) for edge in edges]}
        ),
        "support": pl.DataFrame(
            {"edge": [ARRESTS.index(a) % 9 for a, _ in pairs], "a": [a for a, _ in pairs], "b": [b for _, b in pairs]}
        ),
        "features": stays,
    }
    events["cases"] = events["cases"].filter((pl.col("size") > 0) | sealed)
    made = compute_derived(events, PLAN)
    return made | {"days": made["days"].sort("day", "arrests")}


FEATURES = {
    "priors": "select count(*) from arrests a where a.person = this.person and a.day < this.day",
    "since": "select this.day - max(a.day) from arrests a where a.person = this.person and a.day < this.day",
    "weekday": "extract(dow from this.day)",
    "middle": "coalesce(bail, quantile_disc(bail, 0.5) over (partition by person), 0)",
    "digits": "log(this.priors + 10)",
    "again": "exists (select 1 from arrests a where a.person = this.person and a.day > this.day)",
    "busy": "coalesce((select max(d.arrests) from days d where d.day = this.day), 0)",
    "share": "count(*) over (partition by again) / count(*) over ()",
}
PLAN: dict[str, Any] = {
    "arrests": {"keys": {"arrest_number": "arrest_no"}},
    "charges": {"link": {"arrest_no": "arrests.arrest_no"}},
    "cases": {"edges": {"support": "arrests", "link": "arrests.arrest_no", "count": "size"}},
    "people": {"orphan_of": {"person": "arrests.person"}},
    "support": {"link": {"a": "arrests.arrest_no", "b": "arrests.arrest_no"}},
    "edges": {"edges": {"support": "support.edge", "id": "edge", "count": "events"}, "rekey": ["edge"]},
    "days": {"derived_from": "select day, count(*)::int as arrests from arrests group by all"},
    "features": {
        "keys": {"arrest_number": "arrest_no"},
        "derived": FEATURES,
        "independent": {"person": "the arrest itself", "day": "the arrest itself", "bail": "the arrest itself"},
    },
}


def put(root: Path, frames: Frames) -> Path:
    root.mkdir(parents=True)
    for name, frame in frames.items():
        frame.write_parquet(root / f"{name}.parquet")
    return root


def planned(root: Path, tables: Mapping[str, Mapping[str, Any]]) -> Plan:
    return Plan.from_dict(
        {"version": 1, "tables": {name: {"source": f"{name}.parquet", **said} for name, said in tables.items()}},
        root=root,
    )


def read(folder: Path) -> dict[str, pl.DataFrame]:
    return {str(file.relative_to(folder)): pl.read_parquet(file) for file in sorted(folder.rglob("*.parquet"))}


def differing(one: Path, other: Path) -> list[str]:
    """Name the tables, and columns of them, in which two folders differ."""
    first, second = read(one), read(other)
    assert first.keys() == second.keys()
    return [
        f"{name}: {[c for c in frame.columns if not frame[c].equals(second[name][c], check_dtypes=True)]}"
        for name, frame in first.items()
        if frame.schema != second[name].schema or not frame.equals(second[name])
    ]


def test_an_estate_is_that_of_the_local_engine_and_of_the_world_without(
    spark: Any, index: ss.Index, tmp_path: Path, logged: Callable[[], bytes]
) -> None:
    strict = ss.Policy(accept={"null"})
    root, without = put(tmp_path / "in", estate()), put(tmp_path / "without", estate(sealed=False))
    for folder in ("local", "spark", "same"):
        (tmp_path / folder).mkdir()
    local = planned(root, PLAN).scrub(index=index, output=tmp_path / "local" / "out", policy=strict)
    report = planned(root, PLAN).scrub(index=index, output=tmp_path / "spark" / "out", policy=strict, engine=spark)
    planned(without, PLAN).scrub(index=index, output=tmp_path / "same" / "out", policy=strict, engine=spark)

    # the logarithm is Spark's own in every row, and may differ in its last bit
    made, wanted = read(tmp_path / "spark" / "out"), read(tmp_path / "local" / "out")
    digits = made["features.parquet"]["digits"] - wanted["features.parquet"]["digits"]
    assert (digits.abs() < 1e-12).all()
    assert not digits.null_count()
    assert differing(tmp_path / "local" / "out", tmp_path / "spark" / "out") in ([], ["features.parquet: ['digits']"])
    assert differing(tmp_path / "same" / "out", tmp_path / "spark" / "out") == []
    counts = ("rows", "removed", "linked", "changed", "unchecked", "coverage", "reach")
    for mine, others in zip(report.tables, local.tables, strict=True):
        assert [getattr(mine, each) for each in counts] == [getattr(others, each) for each in counts], mine.name
    assert [*tmp_path.glob("spark/*")] == [tmp_path / "spark" / "out"]
    assert b"sealscrub_before" in logged()  # recipes stand there


def test_the_seventeen_tables_of_the_demo_are_those_of_the_local_engine(spark: Any, tmp_path: Path) -> None:
    city = make_estate(300, seed=0)
    root = put(tmp_path / "in", city.tables)
    (root / "sealscrub.toml").write_text(re.sub(r'(source = "\w+)\.(csv|jsonl)"', r'\1.parquet"', city.plan))
    for name in city.tables["photos"]["path"]:
        (root / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "photos" / name).write_bytes(b"P5")
    arrests = city.tables["arrests"].sample(fraction=0.4, seed=1)
    held = {"arrest_number": "arrest_number", "cjtn": "cjtn", "photo": "photo_id"}
    keys = {scheme: arrests[column].drop_nulls().to_list() for scheme, column in held.items()}
    keys |= {
        scheme: city.tables[table].join(arrests, on="arrest_id", how="semi")[scheme].to_list()
        for scheme, table in (("docket", "dockets"), ("voucher", "vouchers"))
    }
    index = example_index(keys, folder=tmp_path)
    plan, strict = Plan.from_toml(root / "sealscrub.toml"), ss.Policy(min_coverage=0.1)
    for folder, engine in (("local", None), ("spark", spark)):
        (tmp_path / folder).mkdir()
        plan.scrub(index=index, output=tmp_path / folder / "out", policy=strict, engine=engine)

    made = read(tmp_path / "spark" / "out")
    assert sorted(made) == sorted(f"{name}.parquet" for name in city.tables)
    assert differing(tmp_path / "local" / "out", tmp_path / "spark" / "out") == []
    assert made["features.parquet"].height < city.tables["features"].height
    photos = {file.name for file in (tmp_path / "spark" / "out" / "photos").iterdir()}
    assert photos == {file.name for file in (tmp_path / "local" / "out" / "photos").iterdir()}


def test_the_command_writes_what_the_local_engine_writes(index: ss.Index, tmp_path: Path) -> None:
    pytest.importorskip("pyspark")
    tables = {"arrests": estate()["arrests"], "stops": estate()["features"].select("arrest_no", "day", "bail")}
    root = tmp_path / "in"
    for name in ("spark/1 ü.parquet", "2.parquet", "none.parquet"):
        (root / "stops" / name).parent.mkdir(parents=True, exist_ok=True)
        tables["stops"].head(0 if name == "none.parquet" else 20).write_parquet(root / "stops" / name)
    tables["arrests"].write_parquet(root / "arrests.parquet")
    held, key = map(str, index.files)
    (root / "sealscrub.toml").write_text(
        f"""version = 1
index = "{os.path.relpath(held, root)}"
key_file = "{os.path.relpath(key, root)}"
[tables.arrests]
source = "arrests.parquet"
keys = {{ arrest_number = "arrest_no" }}
[tables.stops]
source = "stops"
keys = {{ arrest_number = "arrest_no" }}
on_match = "null"
null = ["arrest_no", "bail"]
accept_null = "a stop without an arrest"
accept_marks = ["arrest_no"]
"""
    )
    Plan.from_toml(root / "sealscrub.toml").scrub(index=index, output=tmp_path / "local")
    said = ["scrub", "--plan", "in/sealscrub.toml", "--engine", "spark", "--master", "local[1]", "-o", "clean"]
    command = [sys.executable, "-m", "sealscrub", *said]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=500, check=False)

    assert done.returncode == 0, done.stderr
    assert differing(tmp_path / "local", tmp_path / "clean") == []
    assert sorted(each.name for each in tmp_path.iterdir()) == [".local.sealscrub.json", "clean", "in", "local"]
    assert not [each for each in SEALED if each in done.stdout + done.stderr]


RECIPE = "select count(*) from arrests a where a.person = this.person"


@pytest.mark.parametrize(
    ("tables", "options", "error", "said"),
    [
        (
            {"arrests": {"leave": {}, "narrative": {"note": "sentence"}}},
            {},
            ConfigError,
            "narrative: is not supported on Spark",
        ),
        ({"arrests": {"types": {"arrest_no": "VARCHAR"}}}, {}, ConfigError, "texts are not read as another type"),
        ({"arrests": {"source": "sqlite:a.db#t"}}, {}, ConfigError, "source: is not supported on Spark"),
        ({"arrests": {"source": "arrests.csv"}}, {}, UsageError, "files of Parquet only"),
        ({"arrests": {"derived": {"bail": {"python": "a:b"}}}}, {}, SealscrubError, ""),
        ({"arrests": {"derived": {"bail": "first(bail) over (order by day)"}}}, {}, ConfigError, "may tie"),
        ({"arrests": {"derived": {"bail": "sum(bail::double) over ()"}}}, {}, ConfigError, "sums floating-point"),
        ({}, {"quarantine": "aside"}, ConfigError, "quarantine is not supported in plans on Spark"),
        ({}, {"jobs": 2}, ConfigError, "jobs is not supported in plans on Spark"),
        ({}, {"data": {}}, ConfigError, "data is not supported in plans on Spark"),
        ({}, {"output": None}, ConfigError, "no output given"),
        ({}, {"policy": ss.Policy()}, UncheckedKeys, "1 row has a key"),
        ({"arrests": {"leave": {}}}, {"policy": ss.Policy(accept={"unparsable"})}, SealedElsewhere, "note"),
        (
            {"arrests": {"derived": {"bail": "this.bail + 1"}}},
            {},
            ConfigError,
            "on Spark the recipe reproduces 7 of 29",
        ),
        ({"arrests": {"derived": {"bail": "unnest([1, 2])"}}}, {}, SealscrubError, ""),
    ],
)
def test_what_is_not_supported_is_refused_by_name_and_leaves_nothing(
    spark: Any,
    index: ss.Index,
    tmp_path: Path,
    tables: dict[str, dict[str, Any]],
    options: dict[str, Any],
    error: type[Exception],
    said: str,
) -> None:
    arrests = estate()["arrests"].head(29).with_columns(note=pl.lit(f"see {SEALED[0]}"))
    arrests = arrests.with_columns(
        arrest_no=pl.when(pl.col("arrest_no") == OTHER[5]).then(pl.lit("x")).otherwise("arrest_no")
    )
    root = put(tmp_path / "in", {"arrests": arrests})
    arrests.write_csv(root / "arrests.csv")
    others = (
        dict.fromkeys(("person", "day", "note"), "said at booking") if "derived" in tables.get("arrests", {}) else {}
    )
    whole = {
        "arrests": {"keys": {"arrest_number": "arrest_no"}, "leave": {"note": "cited"}, "independent": others}
        | tables.get("arrests", {})
    }
    given: dict[str, Any] = {"output": tmp_path / "out", "policy": ss.Policy(accept={"unparsable"})} | options
    with pytest.raises(error, match=re.escape(said) or None) as refused:
        planned(root, whole).scrub(index=index, engine=spark, **given)
    assert [*tmp_path.iterdir()] == [root]
    assert not [each for each in ARRESTS if each in str(refused.value)]


@pytest.mark.parametrize("key", ["who.seen", "arrest_no"])
def test_keys_within_structs_are_refused_and_met(spark: Any, index: ss.Index, tmp_path: Path, key: str) -> None:
    arrests = estate()["arrests"].filter(~pl.col("arrest_no").is_in(SEALED))
    root = put(tmp_path / "in", {"arrests": arrests.with_columns(who=pl.struct(seen=pl.lit(SEALED[0])))})
    with pytest.raises((UsageError, SealedElsewhere)) as refused:
        planned(root, {"arrests": {"keys": {"arrest_number": key}}}).scrub(
            index=index, engine=spark, output=tmp_path / "out"
        )
    assert isinstance(refused.value, SealedElsewhere) == (key == "arrest_no")
    assert [*tmp_path.iterdir()] == [root]
    assert not [each for each in ARRESTS if each in str(refused.value)]


def test_a_connected_session_is_refused(connected: Any, index: ss.Index, tmp_path: Path) -> None:
    root = put(tmp_path / "in", {"arrests": estate()["arrests"]})
    with pytest.raises(ConfigError, match="a connected session does not run plans"):
        planned(root, {"arrests": PLAN["arrests"]}).scrub(index=index, output=tmp_path / "out", engine=connected)
    assert [*tmp_path.iterdir()] == [root]


@pytest.mark.parametrize("exceptions", ["null", "keep", "recompute"])
def test_values_that_a_recipe_does_not_return_are_as_on_the_local_engine(
    spark: Any, index: ss.Index, tmp_path: Path, exceptions: str
) -> None:
    frames = {"arrests": estate()["arrests"], "people": estate()["people"]}
    counts = frames["arrests"].group_by("person").agg(pl.len().cast(pl.Int64).alias("n"))
    frames["people"] = frames["people"].join(counts, on="person", how="left").sort("person")
    frames["people"] = frames["people"].with_columns(n=pl.when(pl.col("person") == 3).then(99).otherwise(pl.col("n")))
    recipe = {"sql": RECIPE, "reproduces": 0.5, "exceptions": exceptions}
    recipe |= {} if exceptions == "null" else {"reason": "by hand"}
    plan = {"arrests": PLAN["arrests"], "people": {"orphan_of": {"person": "arrests.person"}, "derived": {"n": recipe}}}
    root = put(tmp_path / "in", frames)
    for folder, engine in (("local", None), ("spark", spark)):
        report = planned(root, plan).scrub(index=index, output=tmp_path / folder, engine=engine)
        assert [each.exceptions for each in report.tables[1].columns] == [1]
    assert differing(tmp_path / "local", tmp_path / "spark") == []


NAMES = ["a b", "d.t", "ti`ck", "quo'te", 'dou"ble', "semi;", "-- comment", "/* open", "back\\", "select", "v0", "__v0"]


def test_names_and_texts_of_any_kind_stay_names_and_texts(spark: Any, index: ss.Index, tmp_path: Path) -> None:
    table, other, sums, texts = "order", "table", "sum;`", [*NAMES, "\\' or 1=1 --", "`; drop"]
    rows = pl.DataFrame({name: range(len(ARRESTS)) for name in NAMES}, schema=dict.fromkeys(NAMES, pl.Int64))
    frames = {
        table: rows.with_columns(
            (pl.sum_horizontal(NAMES) + len("".join(texts))).alias(sums), pl.Series("arrest_no", ARRESTS)
        ),
        other: rows.select(pl.col("quo'te").alias("`x`;")),
    }

    def sql(name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    said = " || ".join("'" + text.replace("'", "''") + "'" for text in texts)
    recipe = f"{' + '.join(f'this.{sql(name)}' for name in NAMES)} + length({said})"
    rules: dict[str, Any] = {
        table: {
            "keys": {"arrest_number": "arrest_no"},
            "derived": {sums: recipe},
            "independent": dict.fromkeys(NAMES, "drawn"),
        },
        other: {"derived_from": f"select {sql(NAMES[3])} as {sql('`x`;')} from {sql(table)}"},
    }
    root = put(tmp_path / "in", {str(at): frame for at, frame in enumerate(frames.values())})
    tables = {name: {"source": f"{at}.parquet", **rules[name]} for at, name in enumerate(frames)}
    for folder, engine in (("local", None), ("spark", spark)):
        plan = Plan.from_dict({"version": 1, "tables": tables}, root=root)
        plan.scrub(index=index, output=tmp_path / folder, engine=engine)
    assert differing(tmp_path / "local", tmp_path / "spark") == []
    assert read(tmp_path / "spark")["0.parquet"].height == len(OTHER)
    for name in NAMES[:9]:
        with pytest.raises(ConfigError):  # so views and folders have words in their names
            Plan.from_dict({"version": 1, "tables": {name: rules[table] | {"source": "0.parquet"}}}, root=root)


def test_points_in_time_are_those_of_the_local_engine_in_any_time_zone(
    spark: Any, index: ss.Index, tmp_path: Path
) -> None:
    when = [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=at) for at in range(len(ARRESTS))]
    frame = pl.DataFrame({"arrest_no": ARRESTS, "at": when, "wall": [each.replace(tzinfo=None) for each in when]})
    frame = frame.with_columns(
        hour=pl.col("at").dt.hour().cast(pl.Int64), day=pl.col("at").dt.date(), there=pl.col("wall").dt.date()
    )
    root = put(tmp_path / "in", {"visits": frame})
    plan = {
        "visits": {
            "keys": {"arrest_number": "arrest_no"},
            "derived": {"hour": "extract(hour from this.at)", "day": "this.at::date", "there": "this.wall::date"},
            "independent": {"at": "the clock", "wall": "the clock"},
        }
    }
    settings = spark.sparkContext._jsc.sc().conf()  # those of an application, which new sessions have
    settings.set("spark.sql.session.timeZone", "Asia/Tokyo")
    try:
        for folder, engine in (("local", None), ("spark", spark)):
            planned(root, plan).scrub(index=index, output=tmp_path / folder, engine=engine)
    finally:
        settings.remove("spark.sql.session.timeZone")
    assert differing(tmp_path / "local", tmp_path / "spark") == []
    assert read(tmp_path / "spark")["visits.parquet"].height == len(OTHER)


def counting() -> tuple[dict[str, pl.DataFrame], dict[str, Any]]:
    """Give arrests, and people with how many they have, with the plan."""
    frames = {"arrests": estate()["arrests"], "people": estate()["people"]}
    frames["people"] = frames["people"].join(frames["arrests"].group_by("person").agg(n=pl.len()), on="person")
    frames["people"] = frames["people"].with_columns(pl.col("n").cast(pl.Int64))
    plan = {"arrests": PLAN["arrests"], "people": {"orphan_of": {"person": "arrests.person"}, "derived": {"n": RECIPE}}}
    return frames, plan


STEPS = {"judged": None, "tried": ("people", 0.5), "written": ("arrests", 1.0)}


@pytest.mark.parametrize("step", STEPS)
def test_a_job_that_is_killed_leaves_nothing(spark: Any, index: ss.Index, tmp_path: Path, step: str) -> None:
    (frames, plan), context, reached = counting(), spark.sparkContext, []
    root = put(tmp_path / "in", frames)

    def kill() -> None:
        reached.append(step)
        context._jsc.sc().cancelJobGroupAndFutureJobs(f"plan killed at {step}")

    def kill_there(table: str, _: int, share: float) -> None:
        if (table, share) == STEPS[step]:
            kill()

    context.setJobGroup(f"plan killed at {step}", step)
    if step == "judged":
        kill()
    try:
        with pytest.raises(UnreadableInput, match="cannot run its plan"):
            planned(root, plan).scrub(index=index, output=tmp_path / "out", engine=spark, progress=kill_there)
    finally:
        context.setLocalProperty("spark.jobGroup.id", None)
    assert reached == [step]
    assert [*tmp_path.iterdir()] == [root]


@pytest.mark.parametrize("lost", ["key", "index", "version"])
def test_a_worker_without_the_index_leaves_nothing(
    spark: Any, tmp_path: Path, lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (frames, plan), own = counting(), tmp_path / "own"
    own.mkdir()
    index, root = example_index(SEALED, folder=own), put(tmp_path / "in", frames)
    if lost == "version":
        monkeypatch.setitem(spark.sparkContext.environment, "PYTHONPATH", str(other_version(own)))
    else:
        next(own.glob("*.sealindex" if lost == "index" else "example.key")).unlink()
    with pytest.raises(UnreadableInput, match="another version" if lost == "version" else "cannot be opened"):
        planned(root, plan).scrub(index=index, output=tmp_path / "out", engine=spark)
    assert sorted(tmp_path.iterdir()) == [root, own]


@pytest.mark.parametrize(
    ("change", "when"),
    [
        ("arrests", ("arrests", 0.5)),
        ("arrests", ("people", 0.5)),
        ("people", ("people", 0.5)),
        ("people", ("arrests", 1.0)),
    ],
)
def test_files_that_change_meanwhile_leave_nothing(
    spark: Any, index: ss.Index, tmp_path: Path, change: str, when: tuple[str, float]
) -> None:
    (frames, plan), reached = counting(), []
    root = put(tmp_path / "in", frames)

    def meanwhile(table: str, _: int, share: float) -> None:
        if (table, share) == when:
            reached.append(when)
            frames[change].reverse().write_parquet(root / f"{change}.parquet")

    with pytest.raises(UnreadableInput):
        planned(root, plan).scrub(index=index, output=tmp_path / "out", engine=spark, progress=meanwhile)
    assert reached == [when]
    assert [*tmp_path.iterdir()] == [root]


def test_a_link_by_which_nearly_all_rows_hang_together(spark: Any, index: ss.Index, tmp_path: Path) -> None:
    frames, plan = counting()
    more = pl.concat([frames["arrests"].with_columns(person=pl.lit(2, pl.Int64))] * 10)
    frames["arrests"] = pl.concat([frames["arrests"], more.with_columns(day=pl.col("day") + timedelta(1))])
    counts = frames["arrests"].group_by("person").agg(n=pl.len().cast(pl.Int64))
    frames["people"] = frames["people"].drop("n").join(counts, on="person", maintain_order="left")
    root = put(tmp_path / "in", frames)
    for folder, engine in (("local", None), ("spark", spark)):
        planned(root, plan).scrub(index=index, output=tmp_path / folder, engine=engine)
    assert differing(tmp_path / "local", tmp_path / "spark") == []
