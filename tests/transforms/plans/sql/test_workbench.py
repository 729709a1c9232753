"""Recipes as they run: what they give, what they cannot reach, and what they say when they fail."""

from __future__ import annotations

import datetime as dt
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.errors import ColumnError, ConfigError, SealscrubError, UnreadableInput, UsageError
from sealscrub.tables.changes import Patch
from sealscrub.transforms.plans.sql.database import RecipeDatabase
from sealscrub.transforms.plans.sql.recipe import RecipeSQL, read_recipe
from sealscrub.transforms.plans.sql.workbench import Workbench

CANARY = "KANARIENVOGEL"
TABLES = ("arrests", "features")
WHERE = "tables.features.derived.x"

ARRESTS = pl.DataFrame(
    {
        "id": [1, 2, 3, 4, 5],
        "p": ["a", "b", "a", None, "a"],
        "d": [dt.date(2020, 1, day) for day in (1, 2, 3, 4, 5)],
        "n": [10, 20, None, 40, 50],
    }
)


def read(sql: str, *, query: bool = False) -> RecipeSQL:
    return read_recipe(sql, where=WHERE, query=query, tables=TABLES)


def values(bench: Workbench, sql: str, world: Any = "before", table: str = "arrests") -> list[Any]:
    found: list[Any] = bench.scalar(world, table, {"x": read(sql)})["x"].to_pylist()
    return found


@pytest.fixture
def bench() -> Iterator[Workbench]:
    with Workbench() as opened:
        opened.load("before", "arrests", iter([ARRESTS[:2], ARRESTS[2:]]), {})
        yield opened


# what recipes give


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select count(*) from arrests a where a.p = this.p and a.d < this.d", [0, 0, 1, 0, 2]),
        ("n + 1", [11, 21, None, 41, 51]),
        ("this.n > 15", [False, True, None, True, True]),
        ("coalesce((select max(a.n) from arrests a where a.p = this.p), 0)", [50, 20, 50, 0, 50]),
        ("row_number() over (partition by this.p order by this.d)", [1, 1, 2, 1, 3]),
        ("lag(n) over (order by d desc)", [20, None, 40, 50, None]),
        ("exists (select * from arrests a where a.p = this.p and a.d > this.d)", [True, False, True, False, False]),
        ("(select a.n from arrests a where a.p = this.p order by a.d desc limit 1)", [50, 20, 50, None, 50]),
        ("with mine as (select * from arrests a where a.p = this.p) select count(*) from mine", [3, 1, 3, 0, 3]),
        ("with arrests as (select * from arrests where id > 2) select count(*) from arrests", [3, 3, 3, 3, 3]),
        (
            "select sum(t.c) from (select a.p, count(*) c from arrests a where a.d <= this.d group by a.p) t",
            [1, 2, 3, 4, 5],
        ),
        (
            "select count(*) from arrests a where a.p = this.p and exists "
            "(select 1 from arrests b where b.p = a.p and b.d > a.d and b.d < this.d)",
            [0, 0, 0, 0, 1],
        ),
        ("select max(u.x) from (select unnest([this.n, this.id]) as x) u", [10, 20, 3, 40, 50]),
        ("list_transform([1, 2], lambda x: x * this.id)", [[1, 2], [2, 4], [3, 6], [4, 8], [5, 10]]),
        ("[x for x in [1, 2, 3] if x > this.id]", [[2, 3], [3], [], [], []]),
        ("date_diff('day', date '2020-01-01', this.d)", [0, 1, 2, 3, 4]),
        ("this.D + interval 1 day = THIS.d + 1", [True] * 5),
        ("try_cast(this.p as integer)", [None] * 5),
        ("'it''s ' || coalesce(p, '—')", ["it's a", "it's b", "it's a", "it's —", "it's a"]),
        ("select count(*) from generate_series(1, 3) t(i) where t.i <= this.id", [1, 2, 3, 3, 3]),
        ("this.id in (select a.n // 10 from arrests a where a.n is not null)", [True, True, False, True, True]),
    ],
)
def test_a_value_for_every_row(bench: Workbench, sql: str, expected: list[Any]) -> None:
    assert values(bench, sql) == expected


def test_several_recipes_of_a_table_come_in_its_order(bench: Workbench) -> None:
    found = bench.scalar("before", "arrests", {"one": read("id"), "other": read("id * 2")})

    assert found.to_pydict() == {"__row": [0, 1, 2, 3, 4], "one": [1, 2, 3, 4, 5], "other": [2, 4, 6, 8, 10]}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select p, count(*) as c from arrests group by all order by p", [("a", 3), ("b", 1), (None, 1)]),
        ("select p, count(*) as c from arrests group by all", [("a", 3), ("b", 1), (None, 1)]),
        ("select id from arrests order by d desc limit 2", [(5,), (4,)]),
        ("select distinct on (p) p, id from arrests where p is not null order by p, d desc", [("a", 5), ("b", 2)]),
        (
            "select a.id, b.id as prior from arrests a asof join arrests b on a.p = b.p and a.d > b.d order by a.id",
            [(3, 1), (5, 3)],
        ),
        (
            "select id from arrests qualify row_number() over (partition by p order by d desc, id) = 1",
            [(2,), (4,), (5,)],
        ),
        (
            "with recursive t(i) as (select 1 union all select i + 1 from t where i < 3) "
            "select i, count(*) as c from t, arrests where n >= 10 * i group by i order by i",
            [(1, 4), (2, 3), (3, 2)],
        ),
        (
            "select * exclude (d, n) from arrests where n > (select avg(n) from arrests) order by id",
            [(4, None), (5, "a")],
        ),
    ],
)
def test_a_whole_table(bench: Workbench, sql: str, expected: list[Any]) -> None:
    found = bench.query("before", read(sql, query=True))

    assert [tuple(row.values()) for row in found.to_pylist()] == expected


def test_recipes_do_not_see_the_numbers_of_rows(bench: Workbench) -> None:
    assert bench.query("before", read("select * from arrests", query=True)).column_names == ["id", "p", "d", "n"]
    assert list(bench.types_of("before", "arrests")) == ["id", "p", "d", "n"]


DAYS = st.one_of(st.none(), st.integers(0, 5))
PERSONS = st.one_of(st.none(), st.sampled_from("abc"))
ROWS = st.lists(st.tuples(PERSONS, DAYS), max_size=12)
NAIVE = {
    "select count(*) from arrests a where a.p = this.p and a.d < this.d": lambda rows, p, d: len(
        [1 for q, e in rows if None not in (p, q, d, e) and q == p and e < d]
    ),
    "select max(a.d) from arrests a where a.p = this.p and a.d < this.d": lambda rows, p, d: max(
        (e for q, e in rows if None not in (p, q, d, e) and q == p and e < d), default=None
    ),
    "coalesce((select sum(a.d) from arrests a where a.p is distinct from this.p), 0) - coalesce(this.d, 0)": (
        lambda rows, p, d: sum(e for q, e in rows if q != p and e is not None) - (d or 0)
    ),
    "exists (select * from arrests a where a.p = this.p and a.d > this.d)": lambda rows, p, d: any(
        q == p and e > d for q, e in rows if None not in (p, q, d, e)
    ),
    "count(*) over (partition by this.p)": lambda rows, p, d: len([1 for q, _ in rows if q == p]),
}


@settings(max_examples=15, deadline=None)
@given(rows=ROWS, keep=st.data())
def test_recipes_give_what_a_naive_evaluation_gives(rows: list[Any], keep: st.DataObject) -> None:
    mask = np.array([keep.draw(st.booleans()) for _ in rows], dtype=bool)
    stays = [row for row, kept in zip(rows, mask, strict=True) if kept]
    frame = pl.DataFrame(rows, schema={"p": pl.String, "d": pl.Int64}, orient="row")
    recipes = {f"r{number}": read(sql) for number, sql in enumerate(NAIVE)}

    with Workbench() as bench:
        bench.load("before", "arrests", iter([frame]), {})
        bench.keep("arrests", mask, {})
        found = {
            "before": bench.scalar("before", "arrests", recipes),
            "after": bench.scalar("after", "arrests", recipes),
        }

    assert found["after"]["__row"].to_pylist() == np.flatnonzero(mask).tolist()
    for world, expected in (("before", rows), ("after", stays)):
        for number, naive in enumerate(NAIVE.values()):
            assert found[world][f"r{number}"].to_pylist() == [naive(expected, p, d) for p, d in expected]


# tables and worlds


def test_the_world_after_is_as_if_its_rows_alone_had_been_loaded(tmp_path: Path) -> None:
    random = np.random.default_rng(7)
    frame = pl.DataFrame({"p": random.integers(0, 50, 300_000), "v": random.normal(size=300_000)})
    keep = random.random(300_000) < 0.9
    sums = read("select p, sum(v) as s, avg(v) as m from arrests group by p order by p", query=True)

    with Workbench(tmp_path) as whole, Workbench() as without:
        whole.load("before", "arrests", frame.iter_slices(10_000), {})
        whole.keep("arrests", keep, {})
        without.load("before", "arrests", frame.filter(keep).iter_slices(7_001), {})

        assert whole.query("after", sums).equals(without.query("before", sums))


def test_new_values_take_the_place_of_old_ones(bench: Workbench) -> None:
    patches = {
        "p": Patch(np.array([0, 3]), pl.Series([None, "z"])),
        "d": Patch(np.array([1]), pl.Series(["2021-02-03"])),
        "n": Patch(np.array([2, 4]), pl.Series([7, None])),
        "not loaded": Patch(np.array([2]), pl.Series([7])),
    }

    bench.keep("arrests", np.array([True, True, True, False, True]), patches)

    found = bench.query("after", read("select * from arrests order by id", query=True)).to_pydict()
    assert found == {
        "id": [1, 2, 3, 5],
        "p": [None, "b", "a", "a"],
        "d": [dt.date(2020, 1, 1), dt.date(2021, 2, 3), dt.date(2020, 1, 3), dt.date(2020, 1, 5)],
        "n": [10, 20, 7, None],
    }
    assert values(bench, "id") == [1, 2, 3, 4, 5]


def test_a_recomputed_column_is_there_for_later_recipes(bench: Workbench) -> None:
    bench.keep("arrests", np.ones(5, dtype=bool), {})

    bench.put("after", "arrests", "N", pa.array([1, 2, 3, 4, 5]))
    bench.put("after", "arrests", "new", pa.array(["v", "w", "x", "y", None]))

    assert values(bench, "n || new", "after") == ["1v", "2w", "3x", "4y", None]
    assert list(bench.types_of("after", "arrests")) == ["id", "p", "d", "n", "new"]
    assert values(bench, "n") == [10, 20, None, 40, 50]


def test_a_recomputed_table_is_there_for_later_recipes(bench: Workbench) -> None:
    bench.put("after", "features", None, pa.table({"k": ["x", "y"], "rows": [3, 4]}))

    assert values(bench, "k || this.rows", "after", "features") == ["x3", "y4"]


def test_a_table_that_is_loaded_again_leaves_the_other_world_as_it_was(bench: Workbench) -> None:
    bench.keep("arrests", np.ones(5, dtype=bool), {})
    bench.load("before", "arrests", iter([pl.DataFrame({"id": [9]})]), {})

    assert values(bench, "id") == [9]
    assert values(bench, "id", "after") == [1, 2, 3, 4, 5]


def test_types_are_those_of_the_batches_or_declared() -> None:
    frame = pl.DataFrame(
        {
            "text": ["2020-01-02", None],
            "category": pl.Series(["x", "y"], dtype=pl.Categorical),
            "nothing": pl.Series([None, None]),
            "items": [[1, 2], None],
            "pair": [{"a": 1}, {"a": 2}],
            "money": ["1.50", "2"],
            "time": ["2020-01-02 03:04:05", "2020-01-02"],
        }
    )
    types = {"text": "date", "money": "decimal(6, 2)", "time": "TIMESTAMP", "elsewhere": "DATE"}
    with Workbench() as bench:
        bench.load("before", "arrests", iter([frame]), types)

        assert bench.types_of("before", "arrests") == {
            "text": "DATE",
            "category": "VARCHAR",
            "nothing": "VARCHAR",
            "items": "BIGINT[]",
            "pair": "STRUCT(a BIGINT)",
            "money": "DECIMAL(6,2)",
            "time": "TIMESTAMP",
        }
        assert values(bench, "pair.a + len(this.items)") == [3, None]


def test_levels_that_differ_from_batch_to_batch_are_text() -> None:
    batches = [pl.DataFrame({"x": pl.Series([name], dtype=pl.Categorical)}) for name in ("a", "b")]
    with Workbench() as bench:
        bench.load("before", "arrests", iter(batches), {})

        assert values(bench, "x") == ["a", "b"]


@pytest.mark.parametrize("batches", [[], [pl.DataFrame(schema={"d": pl.String, "e": pl.String})]])
def test_an_empty_table(batches: list[pl.DataFrame]) -> None:
    with Workbench() as bench:
        bench.load("before", "arrests", iter(batches), {"d": "DATE"}, columns=["d", "e"])
        bench.keep("arrests", np.ones(0, dtype=bool), {})

        assert bench.types_of("after", "arrests") == {"d": "DATE", "e": "VARCHAR"}
        assert values(bench, "d", "after") == []


@pytest.mark.parametrize("kind", ["DATE; DROP TABLE x", "INT) AS x, (1", "nonsense", "", "ENUM('a')", "DECIMAL(1,2,3)"])
def test_a_type_is_a_plain_one(kind: str) -> None:
    with Workbench() as bench, pytest.raises(ConfigError, match="a declared type is unknown") as refused:
        bench.load("before", "arrests", iter([pl.DataFrame({"x": ["1"]})]), {"x": kind})

    assert refused.value.where == "tables.arrests.types.x"


def test_values_of_another_type_are_counted_and_not_shown() -> None:
    batches = [pl.DataFrame({"x": ["1", CANARY]}), pl.DataFrame({"x": [None, "3 " + CANARY]})]
    with Workbench() as bench, pytest.raises(UnreadableInput, match="2 of 4 values are not INTEGER") as refused:
        bench.load("before", "arrests", iter(batches), {"x": "INTEGER"})

    assert refused.value.where == "tables.arrests.types.x"
    assert CANARY not in str(refused.value)


@pytest.mark.parametrize("columns", [["x", "X"], ["__row"], ["__ROW"], ["this.x"]])
def test_columns_that_recipes_could_not_tell_apart(columns: list[str]) -> None:
    with Workbench() as bench, pytest.raises(ConfigError):
        bench.load("before", "arrests", iter([pl.DataFrame({name: [1] for name in columns})]), {})


def test_tables_that_recipes_could_not_tell_apart(bench: Workbench) -> None:
    with pytest.raises(ConfigError, match="differ only in case"):
        bench.load("before", "ARRESTS", iter([ARRESTS]), {})


def test_what_reading_a_table_raises_comes_through() -> None:
    def batches() -> Iterator[pl.DataFrame]:
        yield ARRESTS
        raise UnreadableInput("the file ends in the middle of a row", where="line 7")

    with Workbench() as bench, pytest.raises(UnreadableInput, match="the file ends in the middle of a row"):
        bench.load("before", "arrests", batches(), {})


def test_types_that_change_on_the_way_are_an_error() -> None:
    with Workbench() as bench, pytest.raises(UnreadableInput, match="the types of columns change"):
        bench.load("before", "arrests", iter([pl.DataFrame({"x": [1]}), pl.DataFrame({"x": [CANARY]})]), {})


@pytest.mark.parametrize("name", ['quo"te', "select", "two words", "semi;colon", "ünïcode", "file.parquet", "feed"])
def test_any_name_will_do_for_a_table_and_a_column(name: str) -> None:
    mark = '"' + name.replace('"', '""') + '"'
    sql = f"select max(t.{mark}) from {mark} t where t.{mark} < this.{mark}"
    recipe = read_recipe(sql, where=WHERE, query=False, tables=[name])
    with Workbench() as bench:
        bench.load("before", name, iter([pl.DataFrame({name: [1, 2, 3]})]), {})
        bench.keep(name, np.array([True, False, True]), {name: Patch(np.array([2]), pl.Series([4]))})
        bench.put("before", name, name, pa.array([5, 6, 7]))

        assert bench.scalar("before", name, {name: recipe})[name].to_pylist() == [None, 5, 6]
        assert bench.scalar("after", name, {name: recipe})[name].to_pylist() == [None, 1]


def test_what_is_not_loaded_or_of_another_length_is_an_error(bench: Workbench) -> None:
    with pytest.raises(UsageError, match="not loaded"):
        bench.scalar("after", "arrests", {"x": read("1")})
    with pytest.raises(UsageError, match="number of verdicts"):
        bench.keep("arrests", np.ones(3, dtype=bool), {})
    with pytest.raises(UsageError, match="number of values"):
        bench.put("before", "arrests", "n", pa.array([1]))


def test_a_closed_workbench_says_so() -> None:
    with pytest.raises(UsageError, match="the workbench is closed"):
        Workbench().types_of("before", "arrests")


# determinism


TIES = [
    ("select a.id from arrests a where a.p = this.p order by a.n limit 1", 3),
    ("select first(a.id order by a.n) from arrests a where a.p = this.p", 3),
    ("row_number() over (partition by this.p order by this.n)", 2),
    ("sum(id) over (partition by this.p order by this.n rows unbounded preceding)", 2),
]
TIED = pl.DataFrame({"id": [1, 2, 3, 4], "p": ["a", "a", "b", "a"], "n": [5, 5, 5, 6]})


@pytest.mark.parametrize(("sql", "rows"), TIES)
@pytest.mark.parametrize("threads", [1, 2])
def test_rows_in_a_tie_are_found(sql: str, rows: int, threads: int) -> None:
    with Workbench(threads=threads) as bench:
        bench.load("before", "arrests", iter([TIED]), {})

        with pytest.raises(ConfigError, match=f"another result when run again, in {rows} of 4 rows") as refused:
            bench.check_deterministic("before", read(sql), "arrests")

        assert refused.value.where == WHERE


@pytest.mark.parametrize(
    "sql", [sql.replace("a.n", "a.n, a.id").replace("this.n", "this.n, this.id") for sql, _ in TIES]
)
def test_without_a_tie_there_is_nothing_to_find(sql: str) -> None:
    with Workbench() as bench:
        bench.load("before", "arrests", iter([TIED]), {})

        bench.check_deterministic("before", read(sql), "arrests")


def test_rows_in_a_tie_are_found_in_a_whole_table() -> None:
    with Workbench() as bench:
        bench.load("before", "arrests", iter([TIED]), {})

        bench.check_deterministic("before", read("select * from arrests", query=True))
        bench.check_deterministic("before", read("select * from arrests order by n, id", query=True))
        with pytest.raises(ConfigError, match=r"in \d of 4 rows"):
            bench.check_deterministic("before", read("select * from arrests order by n", query=True))


def test_sums_of_floating_point_numbers_are_the_same_at_every_run() -> None:
    values_ = np.random.default_rng(3).normal(size=200_000) * 10.0 ** np.random.default_rng(4).integers(0, 12, 200_000)
    recipe = read("select sum(v) as s, avg(v) as m, stddev(v) as d from arrests", query=True)
    with Workbench(threads=4) as bench:
        bench.load("before", "arrests", iter([pl.DataFrame({"v": values_})]), {})
        bench.load("after", "arrests", iter(pl.DataFrame({"v": values_}).iter_slices(999)), {})

        results = [bench.query(world, recipe) for world in ("before", "after") * 3]

    assert all(result.equals(results[0]) for result in results)


def test_rounding_is_no_tie() -> None:
    frame = pl.DataFrame({"v": [0.1, 0.2, 0.3, 1e16, -1e16 + 2], "n": [1, 2, 3, 4, 5]})
    recipe = read("select sum(v) as s from arrests order by s", query=True)
    with Workbench() as bench:
        bench.load("before", "arrests", iter([frame[:3]]), {})

        bench.check_deterministic("before", recipe)


# what a recipe cannot reach


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM '{file}'",
        "SELECT * FROM read_csv('{file}')",
        "SELECT * FROM read_text('{file}')",
        "SELECT * FROM read_blob('{file}')",
        "SELECT * FROM read_json_auto('{file}')",
        "SELECT * FROM read_parquet('{file}')",
        "SELECT * FROM sniff_csv('{file}')",
        "SELECT * FROM query('SELECT * FROM ''{file}''')",
        "COPY (SELECT 1) TO '{new}'",
        "COPY numbered.table1 FROM '{file}'",
        "ATTACH '{new}'",
        "ATTACH '{file}' AS other",
        "EXPORT DATABASE '{new}'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "LOAD '{file}'",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "SET allowed_configs = ['enable_external_access']",
        "SET allowed_directories = ['/']",
        "SET temp_directory = '{new}'",
        "SET TimeZone = 'America/New_York'",
        "SET python_enable_replacements = true",
        "SET memory_limit = '1GB'",
        "SET autoload_known_extensions = true",
        "PRAGMA enable_external_access",
        "SELECT * FROM in_this_frame",
        "SELECT * FROM ARRESTS",
    ],
)
def test_the_database_reaches_nothing_but_its_own_tables(tmp_path: Path, statement: str) -> None:
    in_this_frame = pl.DataFrame({"x": [1]})
    file = tmp_path / "there.csv"
    file.write_text(f"x\n{CANARY}\n")
    (tmp_path / "own").mkdir()
    database = RecipeDatabase(tmp_path / "own", "1GB", None)
    try:
        database.store("before", "x", "SELECT * FROM feed", {"feed": in_this_frame.with_columns(__row=0).to_arrow()})
        with pytest.raises(SealscrubError) as refused:
            database.run(statement.format(file=file, new=tmp_path / "new"), WHERE)
    finally:
        database.close()

    assert CANARY not in str(refused.value)
    assert str(tmp_path) not in str(refused.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["own", "there.csv"]


def test_the_folder_is_private_and_goes(tmp_path: Path) -> None:
    with Workbench(tmp_path, memory_limit="200MB") as bench:
        bench.load("before", "arrests", iter([ARRESTS]), {})
        (folder,) = tmp_path.iterdir()

        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert values(bench, "id") == [1, 2, 3, 4, 5]

    assert list(tmp_path.iterdir()) == []


def test_the_folder_goes_when_a_recipe_fails(tmp_path: Path) -> None:
    def run() -> None:
        with Workbench(tmp_path) as bench:
            bench.load("before", "arrests", iter([ARRESTS]), {})
            values(bench, "nowhere")

    with pytest.raises(ColumnError):
        run()

    assert list(tmp_path.iterdir()) == []


def test_a_result_beyond_memory_spills_into_the_folder(tmp_path: Path) -> None:
    frame = pl.DataFrame({"x": np.arange(1_500_000), "t": np.arange(1_500_000)[::-1]}).cast({"t": pl.String})
    with Workbench(tmp_path, memory_limit="80MB", threads=2) as bench:
        bench.load("before", "arrests", frame.iter_slices(100_000), {})
        largest = bench.query("before", read("select x, t from arrests order by t || x desc limit 1", query=True))

    assert largest.to_pydict() == {"x": [500_000], "t": ["999999"]}


# what is said when a recipe fails


SECRET = pl.DataFrame({"name": [CANARY, "b"], "n": [1, 2], "big": [2**62, 2**62]})


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("cast(name as integer)", UnreadableInput),
        ("cast(name as date)", UnreadableInput),
        ("name::timestamp", UnreadableInput),
        (f"'{CANARY}'::date", UnreadableInput),
        (f"this.n + '{CANARY}'", UnreadableInput),
        ("strptime(name, '%Y-%m-%d')", UnreadableInput),
        ("name::json", UnreadableInput),
        ("json_extract(name, '$.a')", UnreadableInput),
        ("big * 4", UnreadableInput),
        ("(big % 1000)::tinyint", UnreadableInput),
        ("big::tinyint", UnreadableInput),
        ("n % 0", UnreadableInput),
        ("chr((-n)::integer)", UnreadableInput),
        ("select a.name from arrests a", ConfigError),
        (f"name + '{CANARY}'", ConfigError),
        (f"upper(name, '{CANARY}')", ConfigError),
        (f"select max(a.{CANARY}) from arrests a", ConfigError),
        (f'select max(a."{CANARY}_123") from arrests a', ConfigError),
        ("select count(*) from arrests a where a.name = nowhere.name", ConfigError),
        ("select count(*) from arrests a group by a.n having a.name > ''", ConfigError),
        ("this.nowhere", ColumnError),
        (f"name = '{CANARY}' and nowhere", ColumnError),
        ("select count(*) from arrests a where a.name = nam", ColumnError),
    ],
)
def test_a_failure_says_where_and_no_value(sql: str, error: type[SealscrubError]) -> None:
    with Workbench() as bench:
        bench.load("before", "arrests", iter([SECRET]), {})

        with pytest.raises(SealscrubError) as failed:
            values(bench, sql)

    told = str(failed.value).replace(f"the column {CANARY} that", "")  # a name that the recipe gives to a column
    assert isinstance(failed.value, error | ColumnError if error is ConfigError else error)
    assert failed.value.where == WHERE
    assert failed.value.hint
    assert CANARY not in told
    assert failed.value.__cause__ is None
    assert failed.value.__suppress_context__ or failed.value.__context__ is None


def test_a_column_that_is_not_there_names_the_nearest() -> None:
    with Workbench() as bench:
        bench.load("before", "arrests", iter([ARRESTS.rename({"n": "number"})]), {})

        with pytest.raises(ColumnError, match="no column 'numbr'") as of_row:
            values(bench, "this.numbr")
        with pytest.raises(ColumnError, match="the column numbr that does not exist") as of_table:
            values(bench, "select max(numbr) from arrests a")

        with pytest.raises(ColumnError, match="a column of the table a that the recipe uses does not exist"):
            values(bench, "select max(a.numbr) from arrests a")

    assert "did you mean 'number'?" in of_row.value.hint
    assert "did you mean number?" in of_table.value.hint


def test_columns_of_one_name_are_an_error(bench: Workbench) -> None:
    with pytest.raises(ConfigError, match="equal column names"):
        bench.query("before", read("select id, n as ID from arrests order by 1", query=True))


@pytest.mark.parametrize(
    "sql",
    ["interval 1 day", "[interval 1 day]", "{'a': '101'::bit}", "id::uhugeint", "'09:00+02'::timetz", "id::bignum"],
)
def test_a_type_that_would_lose_something_is_an_error(bench: Workbench, sql: str) -> None:
    with pytest.raises(ConfigError, match="cannot be converted exactly"):
        values(bench, sql)


def test_a_sum_beyond_64_bits_is_exact() -> None:
    with Workbench() as bench:
        bench.load("before", "arrests", iter([pl.DataFrame({"x": [2**62, 2**62, 2**62, 1]})]), {})

        assert values(bench, "(select sum(x) from arrests)")[0] == 3 * 2**62 + 1


def test_a_patch_of_another_type_shows_no_value(bench: Workbench) -> None:
    with pytest.raises(UnreadableInput) as failed:
        bench.keep("arrests", np.ones(5, dtype=bool), {"n": Patch(np.array([0]), pl.Series([CANARY]))})

    assert CANARY not in str(failed.value)
    assert failed.value.where == "tables.arrests"
