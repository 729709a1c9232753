"""Which SQL a recipe may be: one SELECT or expression over tables of the plan, the same whenever it is run."""

from __future__ import annotations

import pytest

from sealscrub.errors import ConfigError
from sealscrub.transforms.plans.sql.recipe import RecipeSQL, read_recipe

CANARY = "KANARIENVOGEL"
TABLES = ("arrests", "Charges", "features", "people")


def read(sql: str, *, query: bool = False) -> RecipeSQL:
    return read_recipe(sql, where="tables.features.derived.x", query=query, tables=TABLES)


BEYOND_THE_PLAN = [
    f"select * from '{CANARY}.parquet'",
    f"select * from '/etc/{CANARY}'",
    f'select * from "{CANARY}.csv"',
    f"select * from read_csv('{CANARY}')",
    f"select * from read_parquet('{CANARY}')",
    f"select * from read_text('{CANARY}')",
    f"select * from read_blob('{CANARY}')",
    f"select * from read_json_auto('{CANARY}')",
    f"select * from read_duckdb('{CANARY}')",
    f"select * from parquet_metadata('{CANARY}')",
    f"select * from sniff_csv('{CANARY}')",
    f"select * from glob('{CANARY}*')",
    f"select * from query('select 1 as {CANARY}')",
    "select * from query_table('arrests')",
    f"select * from sqlite_scan('{CANARY}', 't')",
    f"select * from postgres_query('{CANARY}', 'select 1')",
    f"select * from json_execute_serialized_sql('{CANARY}')",
    "select * from duckdb_tables()",
    "select * from duckdb_settings()",
    "select * from pragma_table_info('arrests')",
    "select * from information_schema.tables",
    "select * from pg_catalog.pg_class",
    "select * from pg_class",
    "select * from sqlite_master",
    "select * from main.arrests",
    "select * from memory.main.arrests",
    "select * from frame",
    "select * from arrests, arrests.items",
    "select * from (select * from arrests), nowhere",
    "select 1 where exists (select 1 from nowhere)",
    "with t as (select * from nowhere) select * from t",
    "select (select max(x) from nowhere)",
    "select list_transform([1], lambda x: (select max(y) from nowhere))",
    "select case when (select true from nowhere) then 1 end from arrests",
    "select sum(x) over (order by (select 1 from nowhere)) from arrests",
    "select * from arrests order by (select 1 from nowhere)",
    "select * from arrests order by x limit (select 1 from nowhere)",
    "select * from unnest((select list_value(1) from nowhere))",
    "select * from arrests a join people p on a.x = (select 1 from nowhere)",
    "select count(*) filter (where (select true from nowhere)) from arrests",
    "values ((select 1 from nowhere))",
    "select 1 union all select 1 from nowhere",
    "select * from arrests at (version => 1)",
    f"select json_serialize_plan('select * from read_csv(''{CANARY}'')')",
    f"select getenv('{CANARY}')",
    f"select getvariable('{CANARY}')",
    f"select current_setting('{CANARY}')",
    f"select write_log('{CANARY}')",
    "select nextval('s')",
    "select version()",
    "select st_read('x')",
    "select pg_catalog.upper('x')",
    "select main.upper('x')",
    "select x.upper() from arrests",
    "select get_block_size('memory')",
    "select current_database()",
    "select current_user",
    "select rowid from arrests",
    "select __row from arrests",
    "select a.rowid from arrests a",
    'select "this.x" from arrests',
    "select max(rowid) from arrests",
    "select * from arrests join people using (rowid)",
]

NOT_ONE_SELECT = [
    "",
    "select",
    f"selec '{CANARY}'",
    "select 1; select 2",
    "select 1;",
    "select 1 -- harmless\n; drop table arrests",
    "select 1 /* ; */ ; select 2",
    "select 1) union (select 2",
    f"copy arrests to '{CANARY}'",
    f"copy (select 1) to '{CANARY}'",
    f"attach '{CANARY}'",
    "detach memory",
    "pragma database_list",
    "pragma enable_external_access",
    "set enable_external_access = true",
    "reset all",
    "use main",
    "install httpfs",
    "load httpfs",
    "call duckdb_tables()",
    "checkpoint",
    f"export database '{CANARY}'",
    "create table t as select 1",
    "create macro f() as 1",
    "insert into arrests select 1",
    "delete from arrests",
    "update arrests set x = 1",
    "truncate arrests",
    "drop table arrests",
    "with x as (insert into arrests select 1 returning *) select * from x",
    "with x as (delete from arrests returning *) select * from x",
    "explain select 1",
    "explain analyze select 1",
    "describe arrests",
    "describe select 1",
    "summarize arrests",
    "select * from (describe arrests)",
    "select * from (summarize arrests)",
    "show tables",
    "pivot arrests on x using count(*)",
    "select * from (pivot arrests on x using count(*))",
    "select * from arrests unpivot (a for b in (c, d))",
    "select $1",
    "select ?",
    "select #1",
    "select default",
    "prepare p as select 1",
    "execute p",
    "begin",
    "select \0",
    "select '" + "x" * 100_001 + "'",
    "select " + "(" * 5_000 + "1" + ")" * 5_000,
    "select " + "-" * 900 + "1" + " + 1" * 900,
]

ANOTHER_RESULT_EACH_TIME = [
    "select random()",
    "select RANDOM() from arrests",
    "select * from arrests order by random()",
    "select uuid()",
    "select gen_random_uuid()",
    "select setseed(0.5)",
    "select now()",
    "select today()",
    "select current_date",
    "select current_timestamp",
    "select CURRENT_TIME",
    "select localtimestamp",
    "select get_current_timestamp()",
    "select transaction_timestamp()",
    "select txid_current()",
    "select ago(interval 1 day)",
    "select age(born) from people",
    "select * from arrests tablesample 10%",
    "select * from arrests using sample 3",
    "select * from (select * from arrests using sample reservoir(5 rows))",
    "select first(x) from arrests",
    "select last(x) from arrests",
    "select any_value(x) from arrests",
    "select arbitrary(x) from arrests",
    "select list(x) from arrests",
    "select list(distinct x) from arrests",
    "select array_agg(x) from arrests",
    "select array(select x from arrests)",
    "select string_agg(x, ',') from arrests",
    "select group_concat(x) from arrests",
    "select listagg(x, ',') from arrests",
    "select histogram(x) from arrests",
    "select mode(x) from arrests",
    "select arg_min(x, y) from arrests",
    "select max_by(x, y) from arrests",
    "select first(x order by 1) from arrests",
    "select first(x order by 'x') from arrests",
    "select first(x) filter (where y) from arrests",
    "select json_group_array(x) from arrests",
    "select approx_count_distinct(x) from arrests",
    "select approx_quantile(x, 0.5) from arrests",
    "select approx_top_k(x, 3) from arrests",
    "select reservoir_quantile(x, 0.5) from arrests",
    "select list_approx_count_distinct([1])",
    "select list_aggregate([1], 'approx_count_distinct')",
    "select list_aggregate([1], x) from arrests",
    "select row_number() over () from arrests",
    "select row_number() over (partition by x) from arrests",
    "select lag(x) over (partition by y) from arrests",
    "select lead(x) over () from arrests",
    "select first_value(x) over (partition by y) from arrests",
    "select last_value(x) over w from arrests window w as (partition by y)",
    "select nth_value(x, 2) over () from arrests",
    "select ntile(4) over () from arrests",
    "select cume_dist() over () from arrests",
    "select row_number() over (order by 1) from arrests",
    "select sum(x) over (rows 3 preceding) from arrests",
    "select * from arrests qualify row_number() over (partition by x) = 1",
    "select list(x) over (partition by y) from arrests",
    "select * from arrests limit 5",
    "select * from (select * from arrests limit 5) order by x",
    "select * from arrests limit 5%",
    "select * from arrests offset 3",
    "select distinct on (x) * from arrests",
    "select * from arrests positional join people",
    "with recursive t(a, b) using key (a) as (select 1, 2 union select a, b + 1 from t where b < 9) select * from t",
]


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("sql", [*BEYOND_THE_PLAN, *NOT_ONE_SELECT, *ANOTHER_RESULT_EACH_TIME])
@pytest.mark.parametrize("query", [True, False])
def test_what_is_not_known_to_be_harmless_is_refused(sql: str, query: bool) -> None:
    with pytest.raises(ConfigError) as refused:
        read(sql, query=query)

    assert refused.value.where == "tables.features.derived.x"
    assert refused.value.hint
    assert CANARY.lower() not in str(refused.value).lower()
    assert refused.value.__cause__ is None


ONLY_FOR_A_ROW = [
    "count(*)",
    "max(this.x)",
    "unnest(this.x)",
    "this",
    "select this",
    "select this.* from arrests",
    "*",
    "columns('x')",
    "count(this)",
    "select count(*) from arrests this",
    "with this as (select 1 as x) select x from this",
    "1 from arrests",
    "1 where true",
    "1 order by 1",
    "1, 2 from arrests",
    "1) from arrests --",
    "1 -- \n from nowhere",
    "lag(x)",
    "row_number() over ()",
]


@pytest.mark.parametrize("sql", ONLY_FOR_A_ROW)
def test_a_value_by_row_is_one_expression_of_the_row_or_one_select(sql: str) -> None:
    with pytest.raises(ConfigError):
        read(sql)


def test_a_whole_table_has_no_row() -> None:
    with pytest.raises(ConfigError):
        read("this.x + 1", query=True)


ACCEPTED = [
    "select count(*) from arrests a where a.person_id = this.person_id and a.arrest_date < this.arrest_date",
    "select coalesce(max(a.d <= this.d + interval 365 day), false) from arrests a where a.p = this.p and a.d > this.d",
    "this.age >= 18 and this.age < 65",
    "age >= 18",
    "coalesce((select min(a.d) from arrests a where a.p = this.p), this.d)",
    "exists (select * from arrests a where a.p = this.p)",
    "date_diff('day', this.born, this.d) // 365",
    "date_trunc('month', this.d)",
    "this.d + interval 1 month",
    "extract(year from this.d)",
    "age(this.d, this.born)",
    "case this.x when 'M' then 1 else 0 end",
    "try_cast(this.x as date)",
    "this.doc ->> 'a'",
    "list_filter(this.items, lambda x: x > this.x)",
    "[x for x in this.items if x > 1]",
    "list_aggregate(this.items, 'max')",
    "nullif(this.x, '')",
    "split_part(this.x, '-', 1)",
    "regexp_matches(this.x, '^A')",
    "this.x in (select p from people)",
    "row_number() over (partition by this.p order by this.d, this.id)",
    "lag(this.d) over (partition by p order by d)",
    "select a.d from arrests a where a.p = this.p order by a.d desc, a.id limit 1",
    "select arg_max(a.x, a.d order by a.d, a.id) from arrests a where a.p = this.p",
    "select string_agg(distinct a.x, ',' order by a.x) from arrests a where a.p = this.p",
    "with mine as (select * from arrests a where a.p = this.p) select count(*) from mine",
    "with arrests as (select * from arrests where x) select count(*) from arrests",
    "select sum(n) from (select count(*) n from arrests a where a.p = this.p group by a.precinct) t",
    "select count(*) from arrests a where exists (select 1 from charges c where c.a = a.id and c.p = this.p)",
    "select count(*) from generate_series(1, 3) t(i) where t.i < this.x",
    "select max(u.x) from (select unnest(this.items) as x) u",
]


@pytest.mark.parametrize("sql", ACCEPTED)
def test_what_depends_on_the_tables_alone_is_accepted(sql: str) -> None:
    recipe = read(sql)

    assert not recipe.query
    assert recipe.text == sql
    assert recipe.sql("x")


ACCEPTED_QUERIES = [
    "select precinct, date_trunc('month', d) as month, count(*) as n from arrests group by all order by all",
    "from arrests",
    "select * from arrests a asof join charges c on a.p = c.p and a.d >= c.d",
    "select distinct on (p) * from arrests order by p, d, id",
    "select a.*, rank() over (partition by p order by d) as r from arrests a",
    "select *, sum(n) over (partition by p order by d rows between 3 preceding and current row) from arrests",
    "select * from arrests qualify row_number() over (partition by p order by d, id) = 1",
    "with recursive t(n) as (select 1 union all select n + 1 from t where n < 9) select n, count(*) from t, arrests a "
    "where a.x = t.n group by n",
    "select * from arrests union all by name select * from charges",
    "select * from arrests a left join lateral (select max(c.d) m from charges c where c.a = a.id) on true",
    "select * exclude (x) replace (upper(y) as y) from arrests",
    "select columns('^n') from arrests",
    "select median(x), quantile_cont(x, 0.9), stddev(x) from arrests",
    "values (1, 'a'), (2, 'b')",
    "select p, count(*) from arrests group by grouping sets ((p), ()) having count(*) > 1",
    "select * from arrests natural join people",
    "select * from arrests where p in (select p from people) and d = any(select d from charges)",
]


@pytest.mark.parametrize("sql", ACCEPTED_QUERIES)
def test_what_gives_a_table_is_accepted(sql: str) -> None:
    assert read(sql, query=True).query


def test_a_recipe_knows_what_it_reads() -> None:
    recipe = read(
        "with late as (select p, d from CHARGES where d > this.Day) "
        "select count(*) from arrests a join late l using (p) where a.s.f = 1 and exists (select * from people)"
    )

    assert recipe.tables == {"arrests", "Charges", "people"}
    assert recipe.this_columns == {"day"}
    assert recipe.columns == {"p", "d", "day", "s", "f"}


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        ("select count(*) from arrests", set()),
        ("select count(x) from arrests", {"x"}),
        ("select * from arrests", {"*"}),
        ("select a.* from arrests a", {"*"}),
        ("select count(a) from arrests a", {"a", "*"}),
        ("select x from arrests natural join people", {"x", "*"}),
        ("select x from arrests group by all order by all", {"x"}),
    ],
)
def test_the_columns_of_a_recipe(sql: str, columns: set[str]) -> None:
    assert read(sql, query=True).columns == columns


def test_a_name_alone_within_a_select_is_not_the_rows() -> None:
    recipe = read("(select count(*) from arrests a where a.p = p) + age")

    assert recipe.this_columns == {"age"}


@pytest.mark.parametrize(
    ("sql", "ties"),
    [
        ("this.x + 1", False),
        ("select count(*) from arrests a where a.p = this.p", False),
        ("select max(x) from arrests", False),
        ("rank() over (order by this.d)", False),
        ("row_number() over (order by this.d)", True),
        ("select x from arrests order by d limit 1", True),
        ("select first(x order by d) from arrests", True),
        ("select max(c.x) from arrests a asof join charges c on a.p = c.p and a.d >= c.d", True),
    ],
)
def test_where_rows_may_tie(sql: str, ties: bool) -> None:
    assert read(sql).may_tie is ties


@pytest.mark.parametrize(
    ("sql", "ordered", "ties"),
    [
        ("select x from arrests", False, False),
        ("select x from arrests order by x", True, True),
        ("select x from arrests group by all order by all", True, False),
        ("select * from (select x from arrests order by x)", False, False),
    ],
)
def test_whether_a_table_has_an_order(sql: str, ordered: bool, ties: bool) -> None:
    recipe = read(sql, query=True)

    assert (recipe.ordered, recipe.may_tie) == (ordered, ties)


@pytest.mark.parametrize(
    ("sql", "sums", "makes"),
    [
        ("select count(*) from arrests", False, False),
        ("select sum(x) from arrests", True, False),
        ("select sum(x) over (order by d) from arrests", True, False),
        ("select sum(x / 2) from arrests", True, True),
        ("select sum(x::double) from arrests", True, True),
        ("select sum(x * 0.5) from arrests", True, False),
        ("select sum(x * 5e-1) from arrests", True, True),
        ("select avg(x) from arrests", True, False),
        ("select sum(x) / count(*) from arrests", True, False),
        ("select sum(x)::double from arrests where x / 2 > 1.5", True, False),
        ("select avg(x) over (order by d) / 2 from arrests", True, False),
        ("select avg(x::uhugeint) from arrests", True, True),
        ("select avg(avg(x)) over () from arrests", True, True),
        ("select sum(x) filter (where x / 2 > 1) from arrests", True, True),
        ("select sum((select max(y / 2) from arrests)) from arrests", True, True),
        ("select sum(y) from (select x / 2 as y from arrests)", True, True),
        ("select avg(y) from (select avg(x) as y from arrests group by d)", True, True),
        ("with a as (select avg(x) as y from arrests group by d) select sum(y) from a", True, True),
        ("select x / 2 as y, sum(y) from arrests group by all", True, True),
        ("select stddev(x) from arrests", True, True),
        ("select product(x) from arrests", True, True),
        ("select max(sqrt(x)) from arrests", False, False),
    ],
)
def test_where_sums_are_rounded(sql: str, sums: bool, makes: bool) -> None:
    recipe = read(sql, query=True)

    assert (recipe.order_sensitive_floats, recipe.makes_floats) == (sums, makes)


def test_a_table_that_is_not_in_the_plan_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match="the table arrest, which the plan does not have") as refused:
        read("select * from arrest", query=True)

    assert refused.value.hint == "did you mean arrests?"


def test_a_literal_that_looks_like_a_schema_stays_a_literal() -> None:
    assert "'sealscrub world'" in read("select 'sealscrub world' from arrests", query=True).sql("other")


@pytest.mark.parametrize(
    ("sql", "character"),
    [("select 1 frm arrests", 14), ("this.x + * 2", 12), ("(select max(x) frm arrests)", 20)],
)
def test_where_it_is_not_valid_is_told(sql: str, character: int) -> None:
    with pytest.raises(ConfigError) as refused:
        read(sql)

    assert refused.value.message == f"the recipe is not valid SQL at character {character}"
