"""What plans are measured against: the SQL that a careful engineer would write by hand, on seals in plain text.

``python -m benchmarks.plan_contenders NAME FOLDER`` runs one over what :mod:`benchmarks.estate` put into the folder.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from .contenders import peak_megabytes
from .estate import CODEC, ROW_GROUP, features_sql

CONTENDERS: dict[str, Callable[[Path], float | None]] = {}


def contender(function: Callable[[Path], float | None]) -> Callable[[Path], float | None]:
    CONTENDERS[function.__name__] = function
    return function


def _plan(folder: Path):
    from sealscrub.transforms.plans import Plan

    return Plan.from_toml(folder / "estate" / "sealscrub.toml")


def _scrub(folder: Path) -> None:
    import sealscrub as ss

    index = ss.open_index(folder / "seals.sealindex", folder / "seal.key")
    _plan(folder).scrub(index=index, output=folder / "out" / "clean")


def _record(folder: Path) -> Path:
    return folder / "estate" / ".sealscrub.toml.checked"


@contender
def plan_scrub(folder: Path) -> None:
    """Every recipe is first tried on the data as it is."""
    _record(folder).unlink(missing_ok=True)
    _scrub(folder)


@contender
def plan_check(folder: Path) -> None:
    assert _plan(folder).check().ok


@contender
def plan_scrub_checked(folder: Path) -> None:
    """The check of the same files is on record."""
    assert _record(folder).exists(), "plan_check comes first"
    _scrub(folder)


@contender
def plan_check_no_recipes(folder: Path) -> None:
    assert _plan(folder).check(recipes=False).ok


@contender
def plan_scan(folder: Path) -> None:
    import sealscrub as ss

    _plan(folder).scan(index=ss.open_index(folder / "seals.sealindex", folder / "seal.key"))


@contender
def plan_duckdb(folder: Path) -> None:
    """Each recipe once, on clean data: rows of the sealed go by anti-joins, and every table is written."""
    import duckdb

    estate, out = folder / "estate", folder / "out" / "duckdb"
    out.mkdir()
    spill = folder / "out" / "duckdb.db"
    connection = duckdb.connect(str(spill))
    run = connection.execute
    run("SET threads = 2")
    run("SET enable_progress_bar = false; SET memory_limit = '6GB'")
    options = f"(FORMAT parquet, COMPRESSION {CODEC}, ROW_GROUP_SIZE {ROW_GROUP})"
    run(f"CREATE TABLE seals AS FROM read_parquet('{folder}/seals.parquet')")

    def write(name: str, query: str) -> None:
        run(f"COPY ({query}) TO '{out}/{name}.parquet' {options}")
        run(f"CREATE VIEW {name} AS FROM read_parquet('{out}/{name}.parquet')")

    write(
        "arrests",
        f"SELECT a.* FROM read_parquet('{estate}/arrests.parquet') a "
        "ANTI JOIN seals s ON a.arrest_no = s.arrest_number",
    )
    run(
        f"CREATE TABLE gone AS SELECT a.arrest_id, a.person_id FROM read_parquet('{estate}/arrests.parquet') a "
        "SEMI JOIN seals s ON a.arrest_no = s.arrest_number"
    )
    write(
        "charges",
        f"SELECT c.* FROM read_parquet('{estate}/charges/*.parquet') c ANTI JOIN gone g ON c.arrest_id = g.arrest_id",
    )
    write(
        "people",
        f"SELECT p.* FROM read_parquet('{estate}/people.parquet') p WHERE person_id NOT IN "
        "(SELECT person_id FROM gone WHERE person_id NOT IN (SELECT person_id FROM arrests))",
    )
    run(
        f"CREATE VIEW rows AS SELECT f.arrest_id, f.person_id, f.arrest_date, f.month_before, f.precinct, f.age "
        f"FROM read_parquet('{estate}/features.parquet') f ANTI JOIN gone g ON f.arrest_id = g.arrest_id"
    )
    write("features", f"{features_sql('arrests', 'charges', 'rows')} ORDER BY this.arrest_id")
    connection.close()
    spill.unlink()


@contender
def command_start(folder: Path) -> float:
    """What `scrub --plan` needs before its first table: the imports, the plan, the index."""
    begun = time.perf_counter()
    import sealscrub as ss

    plan = _plan(folder)
    ss.open_index(folder / "seals.sealindex", folder / "seal.key")
    assert plan.rules
    return (time.perf_counter() - begun) * 1e3


if __name__ == "__main__":
    measured = CONTENDERS[sys.argv[1]](Path(sys.argv[2]))
    print(peak_megabytes(), measured or 0.0)
