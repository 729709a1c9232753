"""The estate that plans are measured on: arrests, charges in part files, people, and features derived from them.

It is made once, from seeded chance; the features are what the plan's own recipes give.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from sealscrub.datasets import make_notices
from sealscrub.identifiers import digest_column, generate_keys, load_key, load_publisher
from sealscrub.index import IndexFacts, SchemeEntries, write_index

CHARGE_FILES = 64
SEALED_SHARE = 0.45
ROW_GROUP = 1 << 17
CODEC = "zstd"

#: By column: its recipe, and the type in which it is stored.
RECIPES = {
    "priors_count": (
        "select count(*) from arrests a where a.person_id = this.person_id and a.arrest_date < this.arrest_date",
        "INTEGER",
    ),
    "priors_felony": (
        "select count(*) from arrests a where a.person_id = this.person_id and a.arrest_date < this.arrest_date "
        "and a.law_category = 'F'",
        "INTEGER",
    ),
    "priors_3y": (
        "select count(*) from arrests a where a.person_id = this.person_id and a.arrest_date < this.arrest_date "
        "and a.arrest_date >= this.arrest_date - 1095",
        "INTEGER",
    ),
    "days_since_last": (
        "select this.arrest_date - max(a.arrest_date) from arrests a where a.person_id = this.person_id "
        "and a.arrest_date < this.arrest_date",
        "BIGINT",
    ),
    "arrest_seq": ("row_number() over (partition by person_id order by arrest_date, arrest_id)", "BIGINT"),
    "charges_count": ("select count(*) from charges c where c.arrest_id = this.arrest_id", "INTEGER"),
    "felony_share": (
        "select avg(case when c.law_category = 'F' then 1 else 0 end) from charges c "
        "where c.arrest_id = this.arrest_id",
        "DOUBLE",
    ),
    "precinct_30d": (
        "count(*) over (partition by precinct order by arrest_date "
        "range between interval 30 day preceding and interval 1 day preceding)",
        "INTEGER",
    ),
    "precinct_felony_rate": (
        "select avg(case when a.law_category = 'F' then 1 else 0 end) from arrests a "
        "where a.precinct = this.precinct and a.month = this.month_before",
        "DOUBLE",
    ),
    "rearrested_2y": (
        "select coalesce(max(a.arrest_date <= this.arrest_date + 730), false) from arrests a "
        "where a.person_id = this.person_id and a.arrest_date > this.arrest_date",
        "BOOLEAN",
    ),
}
OWN = ("arrest_id", "person_id", "arrest_date", "month_before", "precinct", "age")

_PLAN = """version = 1
index = "../seals.sealindex"
key_file = "../seal.key"

[tables.arrests]
source = "arrests.parquet"
keys = {{ arrest_number = "arrest_no" }}

[tables.charges]
source = "charges"
link = {{ arrest_id = "arrests.arrest_id" }}

[tables.people]
source = "people.parquet"
orphan_of = {{ person_id = "arrests.person_id" }}
accept_null = "witnesses, who were never arrested"

[tables.features]
source = "features.parquet"
link = {{ arrest_id = "arrests.arrest_id" }}
[tables.features.independent]
person_id = "identity"
arrest_date = "the arrest itself"
month_before = "the arrest itself"
precinct = "place of the arrest"
age = "booking form"
[tables.features.derived]
{recipes}
"""


def make_estate(folder: Path, arrests: int) -> None:
    """Make the estate, its plan, the index and the list of seals in plain text, where they are not there."""
    estate = folder / "estate"
    (folder / "out").mkdir(parents=True, exist_ok=True)
    if (estate / "sealscrub.toml").exists():
        return
    (estate / "charges").mkdir(parents=True, exist_ok=True)
    chance = np.random.default_rng(20_240_601)
    numbers = make_notices(arrests)["arrest_number"]
    _make_index(folder, numbers.filter(pl.Series(chance.random(arrests) < SEALED_SHARE)))
    _written(_arrests(numbers, chance), estate / "arrests.parquet")
    for place, charges in _charges(arrests, chance):
        _written(charges, estate / "charges" / f"part-{place:02d}.parquet")
    _written(_people(arrests * 2 // 5, chance), estate / "people.parquet")
    _make_features(estate)
    recipes = "\n".join(f'{name} = "{sql}"' for name, (sql, _) in RECIPES.items())
    (estate / "sealscrub.toml").write_text(_PLAN.format(recipes=recipes), "utf-8")


def features_sql(arrests: str, charges: str, rows: str) -> str:
    """Write the SELECT that computes every feature over `rows`, from tables of these names."""
    columns = [f"this.{name}" for name in OWN]
    for name, (sql, kind) in RECIPES.items():
        value = sql.replace(" arrests a", f" {arrests} a").replace(" charges c", f" {charges} c")
        columns.append(f"CAST({f'({value})' if value.startswith('select') else value} AS {kind}) AS {name}")
    return f"SELECT {', '.join(columns)} FROM {rows} AS this"


def _written(frame: pl.DataFrame, place: Path) -> None:
    frame.write_parquet(place, compression=CODEC, row_group_size=ROW_GROUP)


def _arrests(numbers: pl.Series, chance: np.random.Generator) -> pl.DataFrame:
    rows = len(numbers)
    day = np.sort(chance.integers(0, 3652, rows)).astype(np.int32)
    # some people are arrested often, and some of the estate never: witnesses
    person = (rows * 2 // 5 * chance.random(rows) ** 1.3).astype(np.int64)
    return pl.DataFrame(
        {
            "arrest_id": np.arange(1, rows + 1),
            "arrest_no": numbers,
            "person_id": chance.permutation(rows * 2 // 5)[person] + 1,
            "arrest_date": _dates(day),
            "precinct": chance.integers(1, 78, rows).astype(np.int16),
            "law_category": _picked(["F", "M", "V"], chance, rows),
            "offense": _picked([f"OFFENSE {number}" for number in range(60)], chance, rows),
            "age": chance.integers(16, 70, rows).astype(np.int16),
            "latitude": np.round(40.5 + chance.random(rows) * 0.4, 5),
            "longitude": np.round(-74.2 + chance.random(rows) * 0.4, 5),
        }
    ).with_columns(month=pl.col("arrest_date").dt.truncate("1mo"))


def _charges(arrests: int, chance: np.random.Generator) -> Iterator[tuple[int, pl.DataFrame]]:
    of = np.sort(chance.integers(1, arrests + 1, 3 * arrests))
    start = 0
    for place, ids in enumerate(np.array_split(of, CHARGE_FILES)):
        rows = len(ids)
        yield (
            place,
            pl.DataFrame(
                {
                    "charge_id": np.arange(start, start + rows),
                    "arrest_id": ids,
                    "law_code": _picked([f"PL {number}" for number in range(400)], chance, rows),
                    "law_category": _picked(["F", "M", "V"], chance, rows),
                    "attempted": chance.random(rows) < 0.1,
                    "fine": chance.integers(0, 5000, rows).astype(np.int32),
                }
            ),
        )
        start += rows


def _people(rows: int, chance: np.random.Generator) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "person_id": np.arange(1, rows + 1),
            "born": _dates(chance.integers(-22_000, -2_000, rows).astype(np.int32)),
            "sex": _picked(["F", "M"], chance, rows),
            "zip": chance.integers(10_001, 11_700, rows).astype(np.int32),
            "nickname": _picked([f"NAME {number}" for number in range(5_000)], chance, rows),
        }
    )


def _picked(values: list[str], chance: np.random.Generator, rows: int) -> pl.Series:
    return pl.Series(values).gather(chance.integers(0, len(values), rows))


def _dates(days: np.ndarray) -> pl.Series:
    """Days since 2014 as dates."""
    return pl.Series(days + 16_071, dtype=pl.Int32).cast(pl.Date)


def _make_features(estate: Path) -> None:
    import duckdb

    connection = duckdb.connect(str(estate / "making.duckdb"))
    try:
        connection.execute("SET threads = 2")
        connection.execute("SET enable_progress_bar = false; SET memory_limit = '6GB'")
        connection.execute(f"CREATE TABLE arrests AS FROM read_parquet('{estate}/arrests.parquet')")
        connection.execute(f"CREATE TABLE charges AS FROM read_parquet('{estate}/charges/*.parquet')")
        connection.execute(
            "CREATE VIEW base AS SELECT *, (month - INTERVAL 1 MONTH)::DATE AS month_before FROM arrests"
        )
        connection.execute(
            f"COPY ({features_sql('arrests', 'charges', 'base')} ORDER BY this.arrest_id) "
            f"TO '{estate}/features.parquet' (FORMAT parquet, COMPRESSION {CODEC}, ROW_GROUP_SIZE {ROW_GROUP})"
        )
    finally:
        connection.close()
        (estate / "making.duckdb").unlink()


def _make_index(folder: Path, sealed: pl.Series) -> None:
    if not (folder / "seal.key").exists():
        generate_keys(folder / "seal.key")
    pl.DataFrame({"arrest_number": sealed}).write_parquet(folder / "seals.parquet")
    key = load_key(folder / "seal.key").for_audience("police")
    today = date.today()
    facts = IndexFacts(
        uses=("training",),
        audience="police",
        registry="benchmark",
        epoch=1,
        as_of=today,
        known_at=today.isoformat(),
        not_after=today + timedelta(days=3650),
        seals=len(sealed),
        coverage={("arrest_number",): len(sealed)},
    )
    digests = digest_column(sealed, key.scheme_key("arrest_number"))
    entries = [SchemeEntries("arrest_number", digests, np.ones(len(digests), np.uint8))]
    write_index(
        folder / "seals.sealindex", entries, facts, load_publisher(folder / "seal.key.publisher"), audience_key=key
    )
