"""The plans of the how-to pages on real files, against a few lines of plain Python that do the same.

The plans are those that the pages show. As in the other tests on real files, only digests, counts and verdicts are
asserted, and nothing of the files is printed.
"""

from __future__ import annotations

import csv
import datetime as dt
import os
import random
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sealscrub.cli import run
from sealscrub.datasets import example_index

from ..contracts.page_runner import blocks_of

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(
        not os.environ.get("SEALSCRUB_REAL_DATA"), reason="SEALSCRUB_REAL_DATA names no folder of real files"
    ),
]

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"


def real(name: str) -> Path:
    path = Path(os.environ["SEALSCRUB_REAL_DATA"]) / name
    if not path.is_file():
        pytest.skip(f"{name} is not among the real files")
    return path


def lay_out(folder: Path, page: str, scheme: str, sealed: Iterable[str], custody: Path) -> list[str]:
    """Put a page's plan into a folder; give the options of a scrub by it."""
    blocks = blocks_of((HOW_TO / page).read_text("utf-8"))
    (plan,) = [block.text for block in blocks if block.about.get("file") == "sealscrub.toml"]
    (folder / "sealscrub.toml").write_text(plan, "utf-8")
    if not custody.exists():
        custody.mkdir()
        example_index({scheme: sealed}, folder=custody)
    index, key = custody / "example.sealindex", custody / "example.key"
    return ["--plan", str(folder / "sealscrub.toml"), "--index", str(index), "--key-file", str(key)]


R_CASE = ["case_number", "charge_degree", "days_from_arrest", "offense_date", "charge_desc", "jail_in", "jail_out"]
VR_CASE = ["case_number", "charge_degree", "offense_date", "charge_desc"]
UNKNOWN = [
    "priors_count",
    "priors_count.1",
    "juv_fel_count",
    "juv_misd_count",
    "juv_other_count",
    "decile_score",
    "decile_score.1",
    "score_text",
    "v_decile_score",
    "v_score_text",
    "in_custody",
    "out_custody",
    "start",
    "end",
    "event",
]


def compas_without(rows: list[dict[str, str]], sealed: set[str]) -> list[dict[str, str]]:
    """The file as it would be, by the definitions of its columns."""
    kept = []
    for row in (dict(row) for row in rows if row["c_case_number"] not in sealed):
        for prefix, names in (("r", R_CASE), ("vr", VR_CASE)):
            if row[f"{prefix}_case_number"] in sealed:
                row |= {f"{prefix}_{name}": "" for name in names}
        offences = [row[name] for name in ("r_offense_date", "vr_offense_date") if row[name]]
        last = dt.date.fromisoformat(row["compas_screening_date"]) + dt.timedelta(days=730)
        row["is_recid"] = str(int(bool(row["r_case_number"] or row["vr_case_number"])))
        row["is_violent_recid"] = str(int(bool(row["vr_case_number"])))
        row["two_year_recid"] = str(int(any(dt.date.fromisoformat(day) <= last for day in offences)))
        kept.append(row)
    return kept


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write_csv(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        out.writeheader()
        out.writerows(rows)


def test_compas_by_the_plan_of_its_page(tmp_path: Path) -> None:
    stored = read_csv(real("compas_two_years.csv"))
    uncharged = [row["c_case_number"] for row in stored if row["c_charge_desc"] == "arrest case no charge"]
    rearrests = sorted({row["r_case_number"] for row in stored if row["r_case_number"]})
    sealed = {*uncharged, *random.Random(160).sample(rearrests, len(rearrests) // 10)}
    wanted = compas_without(stored, sealed)
    outputs: list[Path] = []
    for world, rows in (("with", stored), ("without", wanted)):
        folder = tmp_path / world
        folder.mkdir()
        write_csv(folder / "compas_two_years.csv", rows)
        options = lay_out(folder, "compas.md", "opaque:compas", sealed, tmp_path / "custody")
        assert run(["plan", "check", str(folder / "sealscrub.toml")]) == 0
        assert run(["scrub", *options, "-o", str(folder / "clean")]) == 0
        outputs.append(folder / "clean" / "compas_two_years.csv")

    same_bytes = outputs[0].read_bytes() == outputs[1].read_bytes()
    assert same_bytes
    got = read_csv(outputs[0])
    different = set()
    for one, other in zip(got, wanted, strict=True):
        other |= dict.fromkeys(UNKNOWN, "")
        different |= {name for name in one if one[name] != other[name]}
    assert different == {"id"}  # has a surrogate
    assert len({row["id"] for row in got}) == len(got)
    changed = sum(
        new["two_year_recid"] != old["two_year_recid"] for new, old in zip(got, left_of(stored, sealed), strict=True)
    )
    assert (len(stored) - len(got), changed) == (1137, 295)


def left_of(rows: list[dict[str, str]], sealed: set[str]) -> list[dict[str, str]]:
    return [row for row in rows if row["c_case_number"] not in sealed]


YEARS = (2014, 2015)


@pytest.fixture
def stops(tmp_path: Path) -> dict[int, pl.DataFrame]:
    """Stops with arrest numbers that are made up."""
    frames = {}
    for year in YEARS:
        frame = pl.read_parquet(real(f"nypd_stops_{year}.parquet"))
        numbers = pl.Series("arrest_no", [f"M{year % 100}{at:06d}" for at in range(1, frame.height + 1)])
        frames[year] = frame.with_columns(numbers.set(frame["arstmade"].cast(pl.String) != "Y", None))
    return frames


@pytest.mark.long
def test_stops_by_the_plan_of_their_page(stops: dict[int, pl.DataFrame], tmp_path: Path) -> None:
    numbers = pl.concat([frame["arrest_no"] for frame in stops.values()]).drop_nulls().to_list()
    sealed = set(random.Random(160).sample(numbers, len(numbers) // 2))
    hit = {
        year: frame["arrest_no"].is_in(pl.Series(list(sealed)).implode()).fill_null(False)
        for year, frame in stops.items()
    }
    edits: dict[str, Any] = {"arstmade": "N", "arstoffn": " ", "arrest_no": None}
    without = {
        year: frame.with_columns(
            pl.when(hit[year])
            .then(pl.lit(value))
            .otherwise(pl.col(name).cast(pl.String))
            .cast(frame[name].dtype)
            .alias(name)
            for name, value in edits.items()
        )
        for year, frame in stops.items()
    }
    for world, frames in (("with", stops), ("without", without)):
        folder = tmp_path / world
        (folder / "stops").mkdir(parents=True)
        for year, frame in frames.items():
            frame.write_parquet(folder / "stops" / f"{year}.parquet")
        by_month(frames).write_parquet(folder / "precinct_month.parquet")
        options = lay_out(folder, "stops.md", "arrest_number", sealed, tmp_path / "custody")
        assert run(["plan", "check", str(folder / "sealscrub.toml")]) == 0
        assert run(["scrub", *options, "-o", str(folder / "clean")]) == 0

    for year, wanted in without.items():
        got = pl.read_parquet(tmp_path / "with" / "clean" / "stops" / f"{year}.parquet")
        assert got.schema == wanted.schema
        wrong = [name for name in got.columns if not got[name].cast(pl.String).equals(wanted[name].cast(pl.String))]
        assert wrong == ["ser_num"]  # has surrogates
        assert int(hit[year].sum()) > 1000
    same_table = pl.read_parquet(tmp_path / "with" / "clean" / "precinct_month.parquet").equals(by_month(without))
    assert same_table
    for name in ("stops/2014.parquet", "stops/2015.parquet", "precinct_month.parquet"):
        same_bytes = len({(tmp_path / world / "clean" / name).read_bytes() for world in ("with", "without")}) == 1
        assert same_bytes, name
    shutil.rmtree(tmp_path / "with")


def by_month(frames: dict[int, pl.DataFrame]) -> pl.DataFrame:
    stops = pl.concat(
        [frame.select("pct", "year", "datestop", pl.col("arstmade").cast(pl.String)) for frame in frames.values()]
    )
    counted = stops.group_by("pct", "year", (pl.col("datestop") // 1_000_000).alias("month")).agg(
        pl.len().cast(pl.Int64).alias("stops"), (pl.col("arstmade") == "Y").sum().cast(pl.Int64).alias("arrests")
    )
    return counted.sort("pct", "year", "month")
